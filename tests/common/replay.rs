//! Serves what an archive holds, as if its web were still there.

use crate::common::web::{Answer, Routes};
use crawler::{
    http::Response,
    warc::{Item, Limits, Reader},
};
use std::{fs::File, path::Path};
use url::Url;

/// Headers that speak of how a body was sent then, not of what it is.
const OF_THE_WIRE: [&str; 5] = ["transfer-encoding", "content-encoding", "content-length", "connection", "keep-alive"];

/// The archived responses by URL, the first of each. What was not archived, robots.txt too, is
/// not found.
pub(crate) fn replay(archive: &Path) -> Routes {
    let mut reader = Reader::new(File::open(archive).unwrap(), Limits::default()).unwrap();
    let mut captures = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        let Item::Record(record) = item else { continue };
        let url = record.target().and_then(|target| Url::parse(&target).ok());
        if let (true, Some(url), Ok(response)) = (record.is("response"), url, Response::parse(record.block)) {
            captures.push((place(&url), answer(response)));
        }
    }
    let mut routes = Routes::default();
    // The last one added stays.
    for (place, answer) in captures.into_iter().rev() {
        routes.add(&place, answer);
    }
    routes
}

fn place(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{port}{}{query}", url.host_str().unwrap_or_default(), url.path())
}

fn answer(response: Response<'_>) -> Answer {
    let is_content = |name: &str| !OF_THE_WIRE.contains(&name.to_ascii_lowercase().as_str());
    let plain = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    let headers = response.headers.into_iter().filter(|(name, value)| is_content(name) && plain(value));
    Answer { status: response.status, headers: headers.collect(), body: response.body.into_owned(), held: false }
}
