//! The demo's own world: a small web on loopback with real photographs, made-up sites and every
//! way to opt out that is read; an archive of its pages; and the settings of a run over it.

mod archive;
mod bodies;
mod pages;
mod photos;
mod reply;
mod sites;
mod web;

pub(crate) use archive::write as write_archive;
pub(crate) use web::{Web, start};

use schema::{DropReason, Kind};
use sites::{End, Found, Odd, host_and_path};
use std::{collections::BTreeSet, net::SocketAddr, path::Path};

/// The name under which the opt-out list is expected in the demo's folder.
pub(crate) const OPTOUT_FILE: &str = "optout.txt";

/// The settings of the demo's run: `dir` is its folder, `web` where all hosts are found.
pub(crate) fn config(dir: &Path, archive: &Path, web: SocketAddr) -> String {
    let quoted = |path: &Path| toml::Value::from(path.to_string_lossy().into_owned()).to_string();
    let (archive, list, dir) = (quoted(archive), quoted(&dir.join(OPTOUT_FILE)), quoted(dir));
    format!(
        r#"# The demo: a small web of made-up sites, served by this program itself on loopback.

[input]
archives = [{archive}]

[agent]
contact = "https://pinakes.example/bot"

[consent]
mode = "strict"
lists = [{list}]

[fetch]
max_connections = 64
# Fifty milliseconds are enough between two requests to oneself. Others are owed a second.
per_host_interval = "50ms"
timeout = "1s"
deadline = "3s"
max_body_bytes = 4194304
retries = 1
max_redirects = 5
host_patience = 3
# Every name leads to the little web, in plain HTTP.
resolve = ["*=http://{web}"]
store = "resized"
resize_to = 256

[score]
model = "demo"

[keep]
min_text_chars = 5
min_body_bytes = 5000
min_side = 64
max_aspect = 4.0

[output]
dir = {dir}
buckets = 4
"#
    )
}

/// The opt-out list that the run is given.
pub(crate) fn optout_list() -> &'static str {
    "# Opt-outs that reached us by mail: one domain or URL a line.\n\
     painter-said-no.example  # with all subdomains\n\
     https://img.print-shop.example/family/13-swan-family.jpg\n\
     https://img.print-shop.example/portraits/*\n"
}

/// The pairs that must not arrive, in the order of the archive: image URL and name of the reason.
/// A URL that two pages show stands here twice.
#[cfg_attr(not(test), expect(dead_code, reason = "for tests of the whole run"))]
pub(crate) fn expectations() -> Vec<(&'static str, &'static str)> {
    let shown = sites::pages().flat_map(|page| page.shows);
    shown
        .filter_map(|shown| match shown.end {
            End::Dropped(reason) => Some((shown.image, reason.name())),
            End::Kept | End::Scored => None,
        })
        .collect()
}

/// Host and path of every picture that somebody refused in a way that is known before it is asked
/// for. None of them may stand in the server's log.
pub(crate) fn never_requested() -> Vec<(String, String)> {
    let mut never = BTreeSet::new();
    for shown in sites::pages().flat_map(|page| page.shows) {
        let End::Dropped(reason) = shown.end else { continue };
        // What a response or a file says is heard only by asking.
        let heard_late = matches!(reason, DropReason::ImageHeader | DropReason::ImageFile | DropReason::AccessRefused);
        if reason.kind() != Kind::Refused || heard_late {
            continue;
        }
        let (host, path) = host_and_path(shown.image);
        // A redirect is asked for; where it leads is not.
        let (host, path) = match sites::find(host, path) {
            Found::Odd(Odd::Redirect(to), _) => host_and_path(to),
            _ => (host, path),
        };
        // Literal addresses are none of the little web's hosts.
        if host.ends_with(".example") {
            never.insert((host.to_owned(), path.to_owned()));
        }
    }
    never.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::Config;

    #[test]
    fn the_settings_are_valid_and_hold_what_they_are_given() {
        let address = "127.0.0.1:4711".parse().unwrap();
        let dir = Path::new("a folder/with \"quotes\"");
        let config = Config::parse(&config(dir, &dir.join("demo.warc.gz"), address), &[]).unwrap();
        config.validate().unwrap();
        assert_eq!(Path::new(&config.output.dir), dir);
        assert_eq!(Path::new(&config.consent.lists[0]), dir.join(OPTOUT_FILE));
        assert_eq!(config.fetch.resolve, ["*=http://127.0.0.1:4711"]);
        crawler::door::Rules::parse(&config.fetch.resolve).unwrap();
    }

    #[test]
    fn the_list_names_what_the_tables_say() {
        let list = consent::OptOutList::parse(OPTOUT_FILE, optout_list()).unwrap();
        assert_eq!(list.len(), 3);
        for (page, shown) in sites::pages().flat_map(|page| page.shows.iter().map(move |shown| (page, shown))) {
            let listed = |url: &str| list.find(&url.parse().unwrap()).is_some();
            let expected = matches!(shown.end, End::Dropped(DropReason::PageListed | DropReason::ImageListed));
            assert_eq!(listed(page.url) || listed(shown.image), expected, "{}", shown.image);
        }
    }

    #[test]
    fn nothing_that_is_kept_is_among_what_nobody_may_ask_for() {
        let never = never_requested();
        assert!(never.len() >= 50, "{}", never.len());
        for shown in sites::pages().flat_map(|page| page.shows) {
            if matches!(shown.end, End::Kept | End::Scored) {
                let (host, path) = host_and_path(shown.image);
                assert!(!never.iter().any(|(a, b)| a == host && b == path), "{}", shown.image);
            }
        }
        assert_eq!(expectations().iter().filter(|(_, reason)| *reason == "refused_elsewhere").count(), 2);
    }
}
