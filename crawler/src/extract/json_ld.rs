//! Images named in JSON-LD: schema.org's `ImageObject`s wherever they stand, and what other things
//! give as their `image`.
//!
//! The texts are the image's own. A headline, or a product's name, is not taken for a description of
//! its picture, as little as the title of a page.

use super::mentions::Named;
use markup::unescaped;
use schema::ImageSource;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Most objects looked at in one document; a megabyte may hold a hundred thousand.
const MOST_OBJECTS: usize = 20_000;
/// Most values taken of one property of an image.
const MOST_VALUES: usize = 16;

/// Properties whose value is an image or its address.
const IMAGE_PROPERTIES: [&str; 4] = ["image", "images", "primaryImageOfPage", "photo"];
/// Texts of an image, best first.
const TEXTS: [&str; 4] = ["caption", "description", "name", "alternateName"];

/// Hands on the images of `document`, in its order. The parser bounds its depth.
pub(super) fn read<'a>(document: &'a Value, sink: &mut impl FnMut(Named<'a>)) {
    let mut objects = 0;
    // With each value, whether it stands where an image is meant.
    let mut waiting = vec![(document, false)];
    while let Some((value, is_meant)) = waiting.pop() {
        let named = match value {
            Value::Array(items) => {
                waiting.extend(items.iter().rev().map(|item| (item, is_meant)));
                None
            }
            Value::String(address) if is_meant => address_alone(address),
            Value::Object(object) if objects < MOST_OBJECTS => {
                objects += 1;
                let inner = object.iter().rev().map(|(name, value)| (value, is_image_property(name)));
                waiting.extend(inner.filter(|(value, is_meant)| *is_meant || value.is_array() || value.is_object()));
                if is_meant || is_image(object) { image(object) } else { None }
            }
            _ => None,
        };
        if let Some(named) = named {
            sink(named);
        }
    }
}

fn is_image_property(name: &str) -> bool {
    IMAGE_PROPERTIES.contains(&local(name))
}

/// A name of schema.org without its address or prefix.
fn local(name: &str) -> &str {
    name.rsplit(['/', ':', '#']).next().unwrap_or_default()
}

fn is_image(object: &Map<String, Value>) -> bool {
    let is_one = |name: &Value| name.as_str().is_some_and(|name| matches!(local(name), "ImageObject" | "Photograph"));
    object.get("@type").is_some_and(|kind| each(kind).iter().any(is_one))
}

fn image(object: &Map<String, Value>) -> Option<Named<'_>> {
    let texts = TEXTS.iter().filter_map(|name| property(object, name));
    let texts = texts.flat_map(|value| each(value).iter().take(MOST_VALUES)).filter_map(words);
    let json_ld: Vec<_> = texts.map(unescaped).collect();
    let mut addresses = ["contentUrl", "url", "thumbnailUrl"].into_iter().flat_map(|name| {
        let values = property(object, name).map(each).unwrap_or_default();
        values.iter().take(MOST_VALUES).filter_map(address).map(move |address| (name, address))
    });
    // A thumbnail alone is not the picture.
    let (_, address) = addresses.by_ref().find(|(name, _)| *name != "thumbnailUrl")?;
    // Beside a `contentUrl`, `url` may be the page where the picture is shown.
    let others = addresses.filter(|(name, address)| *name != "url" || has_image_extension(address));
    let others = others.map(|(_, address)| address).filter(|other| *other != address);
    Some(Named { source: ImageSource::JsonLd, others: others.collect(), address, meta: None, json_ld })
}

fn address_alone(address: &str) -> Option<Named<'_>> {
    let address = plausible(address)?;
    Some(Named { source: ImageSource::JsonLd, address, others: Vec::new(), meta: None, json_ld: Vec::new() })
}

/// The address that a value is or holds.
fn address(value: &Value) -> Option<Cow<'_, str>> {
    let text = match value {
        Value::Object(object) => {
            ["@id", "@value", "url", "contentUrl"].iter().find_map(|name| object.get(*name)?.as_str())
        }
        value => value.as_str(),
    };
    plausible(text?)
}

/// Templates that were never filled and words in an address's place are none.
fn plausible(address: &str) -> Option<Cow<'_, str>> {
    let address = address.trim();
    let is_one = address.contains(['/', '.']) && !address.starts_with(['#', '{', '<']);
    is_one.then(|| unescaped(address))
}

fn has_image_extension(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let extension = path.rsplit('.').next().unwrap_or_default();
    ["jpg", "jpeg", "png", "webp", "gif", "avif"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// A property by its name, with schema.org's address or prefix before it too.
fn property<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    let with_prefix = || {
        let starts = ["schema:", "http://schema.org/", "https://schema.org/"];
        object.iter().find(|(key, _)| starts.iter().any(|start| key.strip_prefix(start) == Some(name)))
    };
    object.get(name).or_else(|| with_prefix().map(|(_, value)| value))
}

/// The items of an array; anything else is one.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn words(value: &Value) -> Option<&str> {
    let text = match value {
        Value::Object(object) => ["@value", "text", "name"].iter().find_map(|name| property(object, name)?.as_str()),
        value => value.as_str(),
    };
    text.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
