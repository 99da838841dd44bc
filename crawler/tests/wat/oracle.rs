//! The same reading over `serde_json`'s tree, as plain as can be: what the reader is held against.

use crawler::wat::{Capture, Outcome, Passed};
use markup::{AddressSource, Image, LicenseLink, Meta, MetaAttribute, Page, Place};
use serde_json::{Map, Value};

/// Reads `block`; `None` where it is no JSON object.
pub(crate) fn read(block: &[u8]) -> Option<Outcome> {
    let top: Value = serde_json::from_slice(block).ok()?;
    Some(outcome(top.as_object()?))
}

fn outcome(top: &Map<String, Value>) -> Outcome {
    let envelope = child(top, "Envelope");
    let record = envelope.and_then(|envelope| child(envelope, "WARC-Header-Metadata"));
    let http = envelope
        .and_then(|envelope| child(envelope, "Payload-Metadata"))
        .and_then(|payload| child(payload, "HTTP-Response-Metadata"));
    let of_record = |key| record.and_then(|record| texts(record.get(key)?).into_iter().next());
    let url = of_record("WARC-Target-URI");
    let status = http.and_then(|http| child(http, "Response-Message"));
    let status = status.and_then(|message| texts(message.get("Status")?).first()?.parse().ok());
    let (Some("response"), Some(url), Some(status)) = (of_record("WARC-Type").as_deref(), url, status) else {
        return Outcome::Passed(Passed::NotAResponse);
    };
    if status != 200 {
        return Outcome::Passed(Passed::NotOk(status));
    }
    let headers = http.and_then(|http| child(http, "Headers")).map(headers).unwrap_or_default();
    let media_type = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let media_type = media_type.map(|(_, value)| value.split(';').next().unwrap_or("").trim().to_ascii_lowercase());
    let is_html = matches!(media_type.as_deref(), None | Some("" | "text/html" | "application/xhtml+xml"));
    let (Some(html), true) = (http.and_then(|http| child(http, "HTML-Metadata")), is_html) else {
        return Outcome::Passed(Passed::NotHtml);
    };
    let container = child(top, "Container");
    let of_container = |key| container.and_then(|container| texts(container.get(key)?).into_iter().next());
    let url = url.trim();
    let url = if url.starts_with('<') && url.ends_with('>') && url.len() > 1 { &url[1..url.len() - 1] } else { url };
    Outcome::Page(Box::new(Capture {
        url: url.to_owned(),
        captured_at: of_record("WARC-Date").and_then(|date| moment(&date)),
        status,
        archive: of_container("Filename"),
        offset: of_container("Offset").and_then(|offset| offset.parse().ok()),
        headers,
        markup: page(html),
    }))
}

fn moment(date: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    Some(chrono::DateTime::parse_from_rfc3339(date).ok()?.to_utc())
}

fn headers(headers: &Map<String, Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, value) in headers {
        found.extend(texts(value).iter().map(|text| (trim(name), trim(text))));
    }
    found
}

fn page(html: &Map<String, Value>) -> Page {
    let head = child(html, "Head");
    let base = head.and_then(|head| collapsed(texts(head.get("Base")?).first()?));
    let mut page = Page { base, ..Page::default() };
    for meta in head.map(|head| objects(head, "Metas")).unwrap_or_default() {
        let content = text(meta, "content");
        let keys = [
            ("name", MetaAttribute::Name),
            ("property", MetaAttribute::Property),
            ("http-equiv", MetaAttribute::HttpEquiv),
        ];
        let named = keys
            .into_iter()
            .find_map(|(key, attribute)| Some((attribute, text(meta, key).filter(|name| !name.is_empty())?)));
        match named {
            Some((MetaAttribute::Name, name)) if name.starts_with("HTML@/") && name != "HTML@/lang" => {}
            Some((MetaAttribute::Name, name)) if name == "HTML@/lang" => {
                page.language = page.language.or(content.and_then(|content| collapsed(&content)));
            }
            Some((attribute, name)) => {
                let content = content.unwrap_or_default();
                page.metas.push(Meta { attribute, name, content, at: Place::default() });
            }
            None => {}
        }
    }
    page.licenses =
        head.map(|head| objects(head, "Link")).unwrap_or_default().into_iter().filter_map(license).collect();
    for link in objects(html, "Links") {
        match text(link, "path").as_deref() {
            Some("IMG@/src") => page.images.push(Image {
                address: collapsed_at(link, "url").map(|url| (url, AddressSource::Src)),
                alt: collapsed_at(link, "alt"),
                title: collapsed_at(link, "title"),
                ..Image::default()
            }),
            Some("A@/href" | "AREA@/href") => page.licenses.extend(license(link)),
            _ => {}
        }
    }
    page
}

fn license(link: &Map<String, Value>) -> Option<LicenseLink> {
    text(link, "rel")?.to_ascii_lowercase().split_ascii_whitespace().find(|word| *word == "license")?;
    let href = Some(trim(&text(link, "url")?)).filter(|href| !href.is_empty())?;
    Some(LicenseLink { href, media_type: text(link, "type"), at: Place::default() })
}

fn child<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Map<String, Value>> {
    object.get(key)?.as_object()
}

fn objects<'a>(object: &'a Map<String, Value>, key: &str) -> Vec<&'a Map<String, Value>> {
    object.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object).collect()
}

fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    scalar(object.get(key)?)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().filter_map(scalar).collect(),
        one => scalar(one).into_iter().collect(),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn collapsed_at(object: &Map<String, Value>, key: &str) -> Option<String> {
    collapsed(&text(object, key)?)
}

fn collapsed(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn trim(text: &str) -> String {
    text.trim().to_owned()
}
