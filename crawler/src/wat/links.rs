//! The metas and links of a page: objects of a few texts each, of which a WAT mostly consists.

use super::{
    Problem,
    json::{Cursor, Raw},
    signs::{image_path, part_of_license},
};
use markup::{AddressSource, Image, LicenseLink, Meta, MetaAttribute, Page, Place};

const MAX_IMAGES: usize = 100_000;
const MAX_METAS: usize = 10_000;
const MAX_LICENSES: usize = 1_000;

/// For so many metas and images room is made at once: pages have 22 of each in the mean.
const COMMON_COUNT: usize = 32;

/// What `rel` says of a link to a licence.
const LICENSE: &str = "license";

/// So begin the names under which a WAT tells attributes of the root among the metas: `lang`, `xml:lang`.
const OF_ROOT: &str = "HTML@/";

/// `Metas` of the head.
pub(super) fn metas(cursor: &mut Cursor<'_>, page: &mut Page) -> Result<(), Problem> {
    page.metas.reserve(COMMON_COUNT);
    cursor.array(|cursor| {
        let [name, property, http_equiv, content] = cursor.fields(|key| match key {
            b"name" => Some(0),
            b"property" => Some(1),
            b"http-equiv" => Some(2),
            b"content" => Some(3),
            _ => None,
        })?;
        let keys =
            [(name, MetaAttribute::Name), (property, MetaAttribute::Property), (http_equiv, MetaAttribute::HttpEquiv)];
        let named = keys.into_iter().find_map(|(key, attribute)| Some((key.filter(|key| !key.is_empty())?, attribute)));
        let Some((name, attribute)) = named else { return Ok(()) };
        let name = name.text()?.into_owned();
        let of_root = name.strip_prefix(OF_ROOT).filter(|_| attribute == MetaAttribute::Name);
        if let Some(of_root) = of_root {
            if of_root == "lang" && page.language.is_none() {
                page.language = content.map(collapsed).transpose()?.flatten();
            }
        } else if page.metas.len() < MAX_METAS {
            let content = content.map(Raw::text).transpose()?.unwrap_or_default().into_owned();
            page.metas.push(Meta { attribute, name, content, at: Place::default() });
        }
        Ok(())
    })
}

/// `Link` of the head: all `link` elements.
pub(super) fn head(cursor: &mut Cursor<'_>, page: &mut Page) -> Result<(), Problem> {
    cursor.leap([part_of_license], |cursor| head_link(cursor, page))
}

fn head_link(cursor: &mut Cursor<'_>, page: &mut Page) -> Result<(), Problem> {
    let [url, rel, media_type] = cursor.fields(|key| match key {
        b"url" => Some(0),
        b"rel" => Some(1),
        b"type" => Some(2),
        _ => None,
    })?;
    license(page, url, rel, media_type)
}

/// `Links`: images, anchors, and much that is not asked for.
pub(super) fn body(cursor: &mut Cursor<'_>, page: &mut Page) -> Result<(), Problem> {
    page.images.reserve(COMMON_COUNT);
    cursor.leap([image_path, part_of_license], |cursor| body_link(cursor, page))
}

fn body_link(cursor: &mut Cursor<'_>, page: &mut Page) -> Result<(), Problem> {
    let [path, url, alt, title, rel, media_type] = cursor.fields(|key| match key {
        b"path" => Some(0),
        b"url" => Some(1),
        b"alt" => Some(2),
        b"title" => Some(3),
        b"rel" => Some(4),
        b"type" => Some(5),
        _ => None,
    })?;
    let Some(path) = path else { return Ok(()) };
    if path.is(b"IMG@/src")? {
        return image(page, url, alt, title);
    }
    if rel.is_some() && (path.is(b"A@/href")? || path.is(b"AREA@/href")?) {
        return license(page, url, rel, media_type);
    }
    Ok(())
}

fn image(page: &mut Page, url: Option<Raw<'_>>, alt: Option<Raw<'_>>, title: Option<Raw<'_>>) -> Result<(), Problem> {
    if page.images.len() < MAX_IMAGES {
        page.images.push(Image {
            address: url.map(collapsed).transpose()?.flatten().map(|url| (url, AddressSource::Src)),
            alt: alt.map(collapsed).transpose()?.flatten(),
            title: title.map(collapsed).transpose()?.flatten(),
            ..Image::default()
        });
    }
    Ok(())
}

fn license(
    page: &mut Page,
    url: Option<Raw<'_>>,
    rel: Option<Raw<'_>>,
    media_type: Option<Raw<'_>>,
) -> Result<(), Problem> {
    let (Some(url), Some(rel)) = (url, rel) else { return Ok(()) };
    if !rel.text()?.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(LICENSE)) {
        return Ok(());
    }
    let href = url.text()?.trim().to_owned();
    if !href.is_empty() && page.licenses.len() < MAX_LICENSES {
        let media_type = media_type.map(|value| value.text().map(std::borrow::Cow::into_owned)).transpose()?;
        page.licenses.push(LicenseLink { href, media_type, at: Place::default() });
    }
    Ok(())
}

/// White space collapsed; `None` where nothing is left.
pub(super) fn collapsed(value: Raw<'_>) -> Result<Option<String>, Problem> {
    let text = value.text()?;
    if is_collapsed(text.as_bytes()) {
        return Ok(Some(text.into_owned()));
    }
    let mut words = text.split_whitespace();
    let Some(first) = words.next() else { return Ok(None) };
    let mut line = String::with_capacity(text.len());
    line.push_str(first);
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    Ok(Some(line))
}

/// Whether it is told at a glance that there is nothing to collapse: ASCII without white space but for single spaces
/// between words.
fn is_collapsed(text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first(), text.last()) else { return false };
    let mut is_odd = !first.is_ascii_graphic() | !last.is_ascii_graphic();
    // Without a way out between, so that it compiles to wide instructions.
    for (one, next) in text.iter().zip(&text[1..]) {
        is_odd |= !(0x20..0x7f).contains(one);
        is_odd |= (one ^ b' ') | (next ^ b' ') == 0;
    }
    !is_odd
}

#[cfg(test)]
mod tests;
