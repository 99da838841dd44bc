//! The metas and links of a page: objects of a few texts each, of which a WAT mostly consists.

use super::{
    Problem, blanks,
    json::Cursor,
    signs::{image_path, part_of_license},
    texts::Raw,
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

/// A meta as it is read: by which attribute it is named, the name, and the content.
type Named = (MetaAttribute, Raw, Option<Raw>);

/// `Metas` of the head.
pub(super) fn metas(cursor: &mut Cursor<'_>, page: &mut Page) -> Result<(), Problem> {
    page.metas.reserve(COMMON_COUNT);
    cursor.array(|cursor| match usual_meta(cursor) {
        Some(named) => meta(cursor, page, named),
        None => any_meta(cursor, page),
    })
}

/// A meta written as nearly all are. Of any other nothing is read.
fn usual_meta(cursor: &mut Cursor<'_>) -> Option<Named> {
    cursor.attempt(|cursor| {
        let (attribute, name, content) = if let Some(name) = cursor.after(br#"{"name":""#) {
            (MetaAttribute::Name, name, cursor.after(br#","content":""#)?)
        } else {
            let content = cursor.after(br#"{"content":""#)?;
            match cursor.after(br#","property":""#) {
                Some(property) => (MetaAttribute::Property, property, content),
                None => (MetaAttribute::HttpEquiv, cursor.after(br#","http-equiv":""#)?, content),
            }
        };
        (!name.is_empty()).then_some((attribute, name, Some(content)))
    })
}

fn any_meta(cursor: &mut Cursor<'_>, page: &mut Page) -> Result<(), Problem> {
    let [name, property, http_equiv, content] = cursor.fields(|key| match key {
        b"name" => Some(0),
        b"property" => Some(1),
        b"http-equiv" => Some(2),
        b"content" => Some(3),
        _ => None,
    })?;
    let keys =
        [(name, MetaAttribute::Name), (property, MetaAttribute::Property), (http_equiv, MetaAttribute::HttpEquiv)];
    let named = |(key, attribute): (Option<Raw>, _)| Some((attribute, key.filter(|key| !key.is_empty())?, content));
    keys.into_iter().find_map(named).map_or(Ok(()), |named| meta(cursor, page, named))
}

fn meta(cursor: &Cursor<'_>, page: &mut Page, (attribute, name, content): Named) -> Result<(), Problem> {
    let name = cursor.read(name)?;
    let of_root = name.strip_prefix(OF_ROOT).filter(|_| attribute == MetaAttribute::Name);
    if let Some(of_root) = of_root {
        if of_root == "lang" && page.language.is_none() {
            page.language = collapsed_or_none(cursor, content)?;
        }
    } else if page.metas.len() < MAX_METAS {
        let content = content.map(|content| cursor.read(content)).transpose()?.unwrap_or_default().into_owned();
        page.metas.push(Meta { attribute, name: name.into_owned(), content, at: Place::default() });
    }
    Ok(())
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
    license(cursor, page, url, rel, media_type)
}

/// `Links`: images, anchors, and much that is not asked for.
pub(super) fn body(cursor: &mut Cursor<'_>, page: &mut Page) -> Result<(), Problem> {
    page.images.reserve(COMMON_COUNT);
    cursor.leap([image_path, part_of_license], |cursor| body_link(cursor, page))
}

fn body_link(cursor: &mut Cursor<'_>, page: &mut Page) -> Result<(), Problem> {
    match usual_image(cursor) {
        Some([url, alt, title]) => image(cursor, page, url, alt, title),
        None => any_link(cursor, page),
    }
}

fn any_link(cursor: &mut Cursor<'_>, page: &mut Page) -> Result<(), Problem> {
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
    if cursor.says(path, b"IMG@/src")? {
        return image(cursor, page, url, alt, title);
    }
    if rel.is_some() && (cursor.says(path, b"A@/href")? || cursor.says(path, b"AREA@/href")?) {
        return license(cursor, page, url, rel, media_type);
    }
    Ok(())
}

/// An image written as nearly all are: its address, `alt` and `title`. Of any other element nothing is read.
fn usual_image(cursor: &mut Cursor<'_>) -> Option<[Option<Raw>; 3]> {
    cursor.attempt(|cursor| {
        let url = cursor.after(br#"{"path":"IMG@/src","url":""#)?;
        Some([Some(url), cursor.after(br#","alt":""#), cursor.after(br#","title":""#)])
    })
}

fn image(
    cursor: &Cursor<'_>,
    page: &mut Page,
    url: Option<Raw>,
    alt: Option<Raw>,
    title: Option<Raw>,
) -> Result<(), Problem> {
    if page.images.len() < MAX_IMAGES {
        page.images.push(Image {
            address: collapsed_or_none(cursor, url)?.map(|url| (url, AddressSource::Src)),
            alt: collapsed_or_none(cursor, alt)?,
            title: collapsed_or_none(cursor, title)?,
            ..Image::default()
        });
    }
    Ok(())
}

fn license(
    cursor: &Cursor<'_>,
    page: &mut Page,
    url: Option<Raw>,
    rel: Option<Raw>,
    media_type: Option<Raw>,
) -> Result<(), Problem> {
    let (Some(url), Some(rel)) = (url, rel) else { return Ok(()) };
    if !cursor.read(rel)?.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(LICENSE)) {
        return Ok(());
    }
    let href = cursor.read(url)?.trim().to_owned();
    if !href.is_empty() && page.licenses.len() < MAX_LICENSES {
        let media_type = media_type.map(|value| cursor.read(value).map(std::borrow::Cow::into_owned)).transpose()?;
        page.licenses.push(LicenseLink { href, media_type, at: Place::default() });
    }
    Ok(())
}

fn collapsed_or_none(cursor: &Cursor<'_>, value: Option<Raw>) -> Result<Option<String>, Problem> {
    value.map_or(Ok(None), |value| collapsed(cursor, value))
}

/// White space collapsed; `None` where nothing is left.
pub(super) fn collapsed(cursor: &Cursor<'_>, value: Raw) -> Result<Option<String>, Problem> {
    cursor.read(value).map(blanks::collapsed)
}

#[cfg(test)]
mod tests;
