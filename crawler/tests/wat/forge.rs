//! WAT archives made of WARC archives, as Common Crawl's writer makes them (`ia-web-commons`,
//! `ExtractingParseObserver` and `MetaData`): the same keys in the same order, the same attributes, the same
//! escapes. The page is read by html5ever's tree, so that nothing of ours tells our reader what to find.

use crawler::{http::Response, warc};
use flate2::{Compression, write::GzEncoder};
use html5ever::{driver, tendril::TendrilSink, tree_builder::TreeBuilderOpts};
use scraper::{ElementRef, Html, HtmlTreeSink, Node, node::Element};
use std::io::Write;

/// Longest text of an anchor.
const MAX_TEXT_CHARS: usize = 128;

/// The JSON about each record of `archive`.
pub(crate) fn blocks(archive: &[u8], name: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let Ok(mut reader) = warc::Reader::new(archive, warc::Limits::default()) else { return blocks };
    while let Ok(Some(item)) = reader.next_item() {
        if let warc::Item::Record(record) = item {
            blocks.push(block(name, record.offset, &fields(record.head), record.block));
        }
    }
    blocks
}

/// The WAT of `archive`: a member for each record.
#[allow(dead_code, reason = "the bench reads the blocks alone")]
pub(crate) fn archive(archive: &[u8], name: &str) -> Vec<u8> {
    let mut wat = Vec::new();
    for block in blocks(archive, name) {
        let mut member = GzEncoder::new(&mut wat, Compression::fast());
        let head = "WARC/1.0\r\nWARC-Type: metadata\r\nContent-Type: application/json";
        let _ = write!(member, "{head}\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n", block.len());
        let _ = member.finish();
    }
    wat
}

/// Names and values of a head, without its version.
fn fields(head: &[u8]) -> Vec<(String, String)> {
    let head = String::from_utf8_lossy(head);
    let pairs = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

fn block(name: &str, offset: u64, fields: &[(String, String)], block: &[u8]) -> String {
    let container = Json::default().text("Filename", name).raw("Compressed", "true");
    let container = container.text("Offset", &offset.to_string()).object();
    let kind = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case("WARC-Type")).map(|(_, value)| value.as_str());
    let payload = match (kind, Response::parse(block)) {
        (Some("response"), Ok(response)) => response_payload(&response),
        (Some("request"), _) => {
            let kind = "application/http; msgtype=request";
            Json::default().text("Actual-Content-Type", kind).raw("HTTP-Request-Metadata", "{}")
        }
        _ => Json::default().text("Actual-Content-Type", "application/warc-fields"),
    };
    let payload = payload.text("Actual-Content-Length", &block.len().to_string());
    let payload = payload.text("Block-Digest", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ");
    let envelope = Json::default().raw("Payload-Metadata", &payload.object()).text("Format", "WARC/1.0");
    let envelope = envelope.text("WARC-Header-Length", "500").raw("WARC-Header-Metadata", &multi_valued(fields));
    Json::default().raw("Container", &container).raw("Envelope", &envelope.object()).object()
}

fn response_payload(response: &Response<'_>) -> Json {
    let message = Json::default().text("Status", &response.status.to_string()).text("Version", "HTTP/1.1");
    let message = message.text("Reason", "OK").object();
    let mut http = Json::default().raw("Response-Message", &message).text("Headers-Length", "300");
    http = http.raw("Headers", &multi_valued(&response.headers));
    if response.media_type().contains("html") {
        http = http.raw("HTML-Metadata", &html(&String::from_utf8_lossy(&response.body)));
    }
    http = http.text("Entity-Length", &response.body.len().to_string());
    let kind = "application/http; msgtype=response";
    Json::default().text("Actual-Content-Type", kind).raw("HTTP-Response-Metadata", &http.object())
}

/// A name that stands there several times has an array, at the place of the first.
fn multi_valued(fields: &[(String, String)]) -> String {
    let mut json = Json::default();
    for (place, (name, _)) in fields.iter().enumerate() {
        if fields[..place].iter().any(|(earlier, _)| earlier == name) {
            continue;
        }
        let values: Vec<String> =
            fields.iter().filter(|(key, _)| key == name).map(|(_, value)| quoted(value)).collect();
        let value = if let [value] = &values[..] { value.clone() } else { format!("[{}]", values.join(",")) };
        json = json.raw(name, &value);
    }
    json.object()
}

/// `HTML-Metadata`.
fn html(source: &str) -> String {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = driver::ParseOpts { tree_builder, ..driver::ParseOpts::default() };
    let tree = driver::parse_document(HtmlTreeSink::new(Html::new_document()), options).one(source);
    let mut writer = Writer::default();
    for edge in tree.root_element().traverse() {
        match edge {
            ego_tree::iter::Edge::Open(node) => {
                if let Some(element) = ElementRef::wrap(node) {
                    writer.open(element);
                }
            }
            ego_tree::iter::Edge::Close(node) => {
                if let Node::Element(element) = node.value()
                    && element.name() == "a"
                    && let Some(anchor) = ElementRef::wrap(node)
                {
                    writer.anchor(anchor);
                }
            }
        }
    }
    writer.finish()
}

#[derive(Default)]
struct Writer {
    base: Option<String>,
    title: Option<String>,
    metas: Vec<String>,
    head_links: Vec<String>,
    scripts: Vec<String>,
    links: Vec<String>,
}

impl Writer {
    fn open(&mut self, element: ElementRef<'_>) {
        let tag = element.value();
        for name in ["background", "data-href", "data-uri"] {
            self.links.extend(link(tag, name, &[]));
        }
        match tag.name() {
            "html" => {
                for name in ["lang", "xml:lang"] {
                    let meta = |value| Json::default().text("name", &format!("HTML@/{name}")).text("content", value);
                    self.metas.extend(tag.attr(name).map(|value| meta(value).object()));
                }
            }
            "title" => self.title = self.title.take().or_else(|| Some(clipped(element))),
            "base" => self.base = tag.attr("href").map(str::to_owned).or(self.base.take()),
            "meta" => {
                let names = ["name", "rel", "content", "http-equiv", "property"];
                let found = names.into_iter().filter_map(|name| Some((name, tag.attr(name)?)));
                let found: Vec<_> = found.collect();
                if found.len() > 1 {
                    let json = found.into_iter().fold(Json::default(), |json, (name, value)| json.text(name, value));
                    self.metas.push(json.object());
                }
            }
            "link" => self.head_links.extend(link(tag, "href", &["rel", "type"])),
            "script" => self.scripts.extend(link(tag, "src", &["type"])),
            "img" => {
                self.links.extend(link(tag, "src", &["alt", "title"]));
                self.links.extend(link(tag, "longdesc", &[]));
            }
            "area" => self.links.extend(link(tag, "href", &["rel"])),
            "form" => self.links.extend(link(tag, "action", &["target", "method"])),
            "input" | "iframe" | "frame" | "embed" | "audio" | "source" | "track" => {
                self.links.extend(link(tag, "src", &[]));
            }
            "video" => self.links.extend(["src", "poster"].into_iter().filter_map(|name| link(tag, name, &[]))),
            "q" | "blockquote" | "del" | "ins" => self.links.extend(link(tag, "cite", &[])),
            _ => {}
        }
    }

    fn anchor(&mut self, anchor: ElementRef<'_>) {
        let json = link_json(anchor.value(), "href", &["target", "alt", "title", "rel", "hreflang", "type"]);
        let text = clipped(anchor);
        let with_text = |json: Json| if text.is_empty() { json } else { json.text("text", &text) };
        self.links.extend(json.map(|json| with_text(json).object()));
    }

    fn finish(self) -> String {
        let mut head = Json::default();
        let array = |items: Vec<String>| format!("[{}]", items.join(","));
        for (key, text) in [("Base", self.base), ("Title", self.title)] {
            head = text.iter().fold(head, |head, text| head.text(key, text));
        }
        for (key, items) in [("Metas", self.metas), ("Link", self.head_links), ("Scripts", self.scripts)] {
            head = if items.is_empty() { head } else { head.raw(key, &array(items)) };
        }
        let html = Json::default().raw("Head", &head.object());
        if self.links.is_empty() { html.object() } else { html.raw("Links", &array(self.links)).object() }
    }
}

fn link(tag: &Element, attribute: &str, others: &[&str]) -> Option<String> {
    link_json(tag, attribute, others).map(Json::object)
}

fn link_json(tag: &Element, attribute: &str, others: &[&str]) -> Option<Json> {
    let url = tag.attr(attribute)?;
    // Of a `data:` address the data is left out.
    let url = if url.starts_with("data:") { url.split_inclusive(',').next().unwrap_or(url) } else { url };
    let path = format!("{}@/{attribute}", tag.name().to_ascii_uppercase());
    let json = Json::default().text("path", &path).text("url", url);
    Some(
        others
            .iter()
            .filter_map(|name| Some((name, tag.attr(name)?)))
            .fold(json, |json, (name, value)| json.text(name, value)),
    )
}

fn clipped(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(MAX_TEXT_CHARS).collect()
}

/// An object being written, keys in the order they are given.
#[derive(Default)]
struct Json(String);

impl Json {
    fn text(self, key: &str, value: &str) -> Self {
        self.raw(key, &quoted(value))
    }

    fn raw(mut self, key: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        self.0 += &quoted(key);
        self.0.push(':');
        self.0 += value;
        self
    }

    fn object(self) -> String {
        format!("{{{}}}", self.0)
    }
}

/// `</` is escaped, so that the JSON could stand in a script.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace("</", "<\\/")
}
