//! What a page's JSON-LD says of the rights in its images: schema.org's `ImageObject`, as search
//! engines read it for their "licensable" mark.

use super::Rights;
use crate::{findings::clip, lists::key::UrlKey, shortcut, words};
use schema::Evidence;
use serde_json::{Map, Value};
use std::{cell::OnceCell, collections::HashMap};
use url::Url;

/// Most objects looked at in one script; a megabyte may hold a hundred thousand.
const MOST_OBJECTS: usize = 20_000;
/// Most scripts read of one page.
const MOST_SCRIPTS: usize = 32;
/// Most addresses, or names of persons, taken of one object.
const MOST_VALUES: usize = 16;

/// Properties by which an object says which image it is.
const ADDRESSES: [&str; 5] = ["contentUrl", "url", "thumbnailUrl", "thumbnail", "@id"];

/// The rights in all images of one page. Read once for a page and asked for each image, since
/// both scripts and images may be many.
#[derive(Clone, Debug, Default)]
pub struct PageRights {
    by_image: HashMap<String, Rights>,
    /// What addresses on the page are resolved by.
    base: Option<Url>,
}

/// The JSON-LD of a page, a document for each script. Scripts that hold no JSON say nothing.
pub(crate) fn documents(markup: &markup::Page) -> Vec<Value> {
    let scripts = markup.scripts.iter().filter(|script| script.media_type == "application/ld+json");
    scripts.take(MOST_SCRIPTS).filter_map(|script| parsed(&script.text)).collect()
}

/// Search engines read line breaks within strings, which JSON forbids; outside of strings a blank
/// stands for them as well.
fn parsed(text: &str) -> Option<Value> {
    let text = unwrapped(text);
    serde_json::from_str(text).ok().or_else(|| {
        let is_control = |byte: u8| byte < b' ';
        let text = text.bytes().any(is_control).then(|| text.replace(|letter: char| letter < ' ', " "))?;
        serde_json::from_str(&text).ok()
    })
}

impl PageRights {
    /// Reads the JSON-LD of a page ([`PageView::json_ld`](crate::PageView::json_ld)), on which relative
    /// addresses begin at `base`.
    pub fn of_documents(documents: &[Value], base: Url) -> Self {
        let mut rights = Self::default();
        for root in documents {
            rights.add(root, &base);
        }
        if shortcut::is_taken() {
            rights.by_image.retain(|_, rights| may_be_heard(rights));
        }
        rights.base = Some(base);
        rights
    }

    /// The address of the licence of the image at `url`, where one is stated for it alone.
    pub fn license_of(&self, url: &Url) -> Option<&str> {
        if self.is_empty() {
            return None;
        }
        let license = self.of(url)?.license_url.as_deref()?;
        // What no address could be made of is kept as evidence, as written.
        ["http://", "https://"].iter().any(|scheme| license.starts_with(scheme)).then_some(license)
    }

    /// An address on the page, whole.
    pub(crate) fn resolve(&self, address: &str) -> Option<Url> {
        self.base.as_ref()?.join(address).ok()
    }

    /// Whether nothing is said of any image.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_image.is_empty()
    }

    /// What is said of the image at `url`.
    pub(crate) fn of(&self, url: &Url) -> Option<&Rights> {
        self.by_image.get(UrlKey::of(url)?.whole())
    }

    /// Reads a document. `base` is what addresses in it are resolved by.
    fn add(&mut self, root: &Value, base: &Url) {
        let objects = objects(root);
        let reading = Reading { objects: &objects, names: OnceCell::new(), base };
        for object in objects.iter().filter(|object| is_image(object)) {
            let rights = reading.rights(object);
            if rights.is_empty() {
                continue;
            }
            let mut images = reading.images(object);
            images.sort_unstable();
            images.dedup();
            for image in images {
                self.by_image.entry(image).or_default().add(rights.clone());
            }
        }
    }
}

/// Whether anything comes of what is said: a caption is no right and counts for the words in it.
fn may_be_heard(rights: &Rights) -> bool {
    rights.properties().next().is_some() || rights.texts().any(words::may_speak)
}

/// Without the comment marks with which scripts were once hidden from old browsers.
fn unwrapped(text: &str) -> &str {
    let mut text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    for start in ["//<![CDATA[", "<![CDATA[", "<!--", "/*<![CDATA[*/"] {
        text = text.strip_prefix(start).unwrap_or(text).trim_start();
    }
    for end in [";", "//]]>", "]]>", "//-->", "-->", "/*]]>*/", ";"] {
        text = text.strip_suffix(end).unwrap_or(text).trim_end();
    }
    text
}

/// All objects, however deep, in the order of the document. The parser bounds the depth.
fn objects(root: &Value) -> Vec<&Map<String, Value>> {
    let mut objects = Vec::new();
    let mut waiting = vec![root];
    while let Some(value) = waiting.pop().filter(|_| objects.len() < MOST_OBJECTS) {
        match value {
            Value::Array(items) => waiting.extend(items.iter().rev()),
            Value::Object(object) => {
                objects.push(object);
                waiting.extend(object.values().rev().filter(|value| value.is_array() || value.is_object()));
            }
            _ => {}
        }
    }
    objects
}

/// Names by `@id`: an image may name its creator by that alone.
fn names<'v>(objects: &[&'v Map<String, Value>]) -> HashMap<&'v str, &'v str> {
    let named = |object: &&'v Map<String, Value>| Some((object.get("@id")?.as_str()?, name_of(object)?));
    objects.iter().rev().filter_map(named).collect()
}

/// Whether an object can be an image: one of an image's types, or of none.
fn is_image(object: &Map<String, Value>) -> bool {
    match object.get("@type").or_else(|| object.get("type")) {
        Some(Value::String(name)) => is_image_type(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(is_image_type),
        Some(_) => false,
        None => true,
    }
}

/// Whether a type is an image's.
fn is_image_type(name: &str) -> bool {
    let name = name.rsplit(['/', ':', '#']).next().unwrap_or_default();
    ["ImageObject", "ImageObjectSnapshot", "Photograph", "MediaObject", "Barcode"].contains(&name)
}

/// A property by its name, with schema.org's address before it too.
fn property<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    const FORMS: [&str; 3] = ["schema:", "http://schema.org/", "https://schema.org/"];
    let with = |form: &str| {
        let is_it = |key: &String| key.strip_prefix(form).is_some_and(|rest| rest == name);
        object.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value)
    };
    object.get(name).or_else(|| {
        // Hardly anybody writes any of them.
        let is_any = object.keys().any(|key| key.len() > name.len() && key.ends_with(name));
        FORMS.iter().filter(|_| is_any).find_map(|form| with(form))
    })
}

struct Reading<'a> {
    objects: &'a [&'a Map<String, Value>],
    /// Gathered when first asked for: most images name nobody.
    names: OnceCell<HashMap<&'a str, &'a str>>,
    base: &'a Url,
}

impl Reading<'_> {
    /// The images that an object says it is, in the form in which URLs are compared.
    fn images(&self, object: &Map<String, Value>) -> Vec<String> {
        let values = ADDRESSES.iter().filter_map(|name| property(object, name));
        let addresses = values.flat_map(each).take(MOST_VALUES).filter_map(address_of);
        let urls = addresses.filter_map(|address| self.base.join(address).ok());
        urls.filter_map(|url| UrlKey::of(&url)).map(|key| key.whole().to_owned()).collect()
    }

    fn rights(&self, object: &Map<String, Value>) -> Rights {
        let link = |name: &str| property(object, name).and_then(|value| self.link(value));
        let text = |name: &str| property(object, name).and_then(|value| self.text(value));
        Rights {
            license_url: link("license"),
            acquire_license_page: link("acquireLicensePage"),
            creator: text("creator").or_else(|| text("author")),
            credit_text: text("creditText"),
            caption: self.description(object),
            copyright_notice: text("copyrightNotice"),
            usage_info: link("usageInfo"),
            conditions_of_access: text("conditionsOfAccess"),
        }
    }

    /// The texts that may become the image's own in a pair, so that an objection in any is heard. What
    /// does not say that it is an image has a name of its own.
    fn description(&self, object: &Map<String, Value>) -> Option<String> {
        let names = ["caption", "description", "name", "alternateName"];
        let names = if object.contains_key("@type") { &names[..] } else { &names[..1] };
        let values = names.iter().filter_map(|name| property(object, name)).flat_map(each).take(MOST_VALUES);
        let mut texts = String::new();
        for words in values.filter_map(|value| self.words(value)) {
            if !texts.contains(words) {
                texts.push_str(if texts.is_empty() { "" } else { "\n" });
                texts.push_str(words);
            }
        }
        (!texts.is_empty()).then(|| clip(&texts, Rights::MAX_TEXTS_BYTES))
    }

    /// An address, resolved; what cannot be one, as written.
    fn link(&self, value: &Value) -> Option<String> {
        let link = each(value).iter().find_map(address_of)?.trim();
        let is_address = link.contains("://") || (link.contains('/') && !link.contains(char::is_whitespace));
        let resolved = self.base.join(link).ok().filter(|_| is_address);
        kept(resolved.as_ref().map_or(link, Url::as_str))
    }

    /// Words: a text, an object's name, or those of several.
    fn text(&self, value: &Value) -> Option<String> {
        let words: Vec<&str> = each(value).iter().take(MOST_VALUES).filter_map(|one| self.words(one)).collect();
        kept(&words.join(", "))
    }

    fn words<'v>(&'v self, value: &'v Value) -> Option<&'v str> {
        let words = match value {
            Value::String(text) => Some(text.as_str()),
            Value::Object(object) => name_of(object).or_else(|| self.name_by_id(object.get("@id")?.as_str()?)),
            _ => None,
        };
        words.map(str::trim).filter(|words| !words.is_empty())
    }

    fn name_by_id(&self, id: &str) -> Option<&str> {
        self.names.get_or_init(|| names(self.objects)).get(id).copied()
    }
}

/// The items of an array; anything else is one.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// The address that a value is or holds.
fn address_of(value: &Value) -> Option<&str> {
    let text = match value {
        Value::String(text) => Some(text.as_str()),
        Value::Object(object) => {
            let names = ["@id", "@value", "url", "contentUrl", "text", "name"];
            names.iter().find_map(|name| property(object, name).and_then(Value::as_str))
        }
        _ => None,
    };
    text.filter(|text| !text.trim().is_empty())
}

fn name_of(object: &Map<String, Value>) -> Option<&str> {
    let mut texts = ["name", "@value", "text", "description"].iter().filter_map(|name| property(object, name));
    texts.find_map(|value| value.as_str().or_else(|| value.get("@value")?.as_str()))
}

fn kept(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| clip(text, Evidence::MAX_RAW_BYTES))
}

#[cfg(test)]
mod tests;
