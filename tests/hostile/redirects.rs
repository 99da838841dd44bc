//! Redirects: in circles, too far, inwards, and to what is no web address.

use super::{
    behaviour::Behaviour,
    pictures::{photo_jpeg, poison},
};

/// Redirects once, to there.
fn to(name: &'static str, end: &'static str, location: impl Into<String>) -> Behaviour {
    let location = location.into();
    Behaviour::new(name, end, 1, move |peer| peer.redirect(&location))
}

pub(super) fn all(port: u16) -> Vec<Behaviour> {
    let mut all = circles();
    all.extend(inwards(port));
    all.extend(elsewhere());
    all
}

fn circles() -> Vec<Behaviour> {
    // 1 and 5 more: `fetch.max_redirects`.
    let chain = |name, end, requests, length: usize| {
        let first = Behaviour::new(name, end, requests, |peer| peer.redirect("/hop/1"));
        let hops = (1..length).fold(first, |row, hop| {
            row.serves(&format!("/hop/{hop}"), move |peer| peer.redirect(&format!("/hop/{}", hop + 1)))
        });
        hops.serves(&format!("/hop/{length}"), |peer| peer.picture("image/jpeg", photo_jpeg(6)))
    };
    vec![
        chain("five-redirects", "kept", 6, 5),
        chain("six-redirects", "too_many_redirects", 6, 6),
        to("redirect-to-itself", "too_many_redirects", "/picture"),
        to("redirect-to-another-fragment", "too_many_redirects", "/picture#elsewhere"),
        to("redirect-to-itself-with-credentials", "too_many_redirects", {
            "http://me:secret@redirect-to-itself-with-credentials.hostile.example/picture"
        }),
        to("redirect-to-nowhere", "too_many_redirects", ""),
        Behaviour::new("redirect-and-back", "too_many_redirects", 2, |peer| peer.redirect("/there"))
            .serves("/there", |peer| peer.redirect("/picture")),
        // Another address each time, and no end.
        Behaviour::new("redirect-to-ever-more", "too_many_redirects", 6, |peer| peer.redirect("/1"))
            .serves("/1", |peer| peer.redirect("/2"))
            .serves("/2", |peer| peer.redirect("/3"))
            .serves("/3", |peer| peer.redirect("/4"))
            .serves("/4", |peer| peer.redirect("/5"))
            .serves("/5", |peer| peer.redirect("/6"))
            .serves("/6", |peer| peer.picture("image/jpeg", poison())),
        // A redirect's own body is nobody's business.
        Behaviour::new("redirect-with-endless-body", "kept", 2, |peer| {
            peer.head(302, &["Location: /there"])?;
            peer.forever(&[b'x'; 64 * 1024])
        })
        .serves("/there", |peer| peer.picture("image/jpeg", photo_jpeg(7))),
    ]
}

/// Addresses off the public web, in every way to write them. Those of this machine lead to the web itself, which would
/// serve a picture there.
fn inwards(port: u16) -> Vec<Behaviour> {
    let inward = |name, host: &str| to(name, "private_address", format!("http://{host}/inside.jpg"));
    let here = |name, host: &str| inward(name, &format!("{host}:{port}"));
    // Shown by the page itself, and never asked for.
    let shown = |name, host: &str| {
        let row = Behaviour::new(name, "private_address", 0, |peer| peer.picture("image/jpeg", poison()));
        row.shown_as(format!("http://{host}:{port}/{name}.jpg")).asked_for_files(0)
    };
    vec![
        here("redirect-to-loopback", "127.0.0.1"),
        here("redirect-to-another-loopback", "127.255.255.254"),
        here("redirect-to-this-host", "0.0.0.0"),
        here("redirect-to-localhost", "localhost"),
        here("redirect-to-a-decimal-address", "2130706433"),
        here("redirect-to-an-octal-address", "0177.0.0.1"),
        here("redirect-to-a-hexadecimal-address", "0x7f.1"),
        here("redirect-to-a-short-address", "127.1"),
        here("redirect-to-an-address-of-wide-digits", "１２７.0.0.1"),
        here("redirect-to-an-escaped-address", "%31%32%37.0.0.1"),
        here("redirect-to-an-address-with-a-dot", "127.0.0.1."),
        here("redirect-to-loopback-6", "[::1]"),
        here("redirect-to-a-mapped-address", "[::ffff:127.0.0.1]"),
        here("redirect-to-a-compatible-address", "[::127.0.0.1]"),
        inward("redirect-to-a-translated-address", "[64:ff9b::7f00:1]"),
        inward("redirect-to-a-6to4-address", "[2002:7f00:1::]"),
        inward("redirect-to-10", "10.0.0.7"),
        inward("redirect-to-172.16", "172.16.0.1"),
        inward("redirect-to-192.168", "192.168.0.1"),
        inward("redirect-to-metadata", "169.254.169.254"),
        inward("redirect-to-metadata-6", "[fd00:ec2::254]"),
        inward("redirect-to-carrier-grade", "100.64.0.1"),
        inward("redirect-to-multicast", "224.0.0.1"),
        inward("redirect-to-broadcast", "255.255.255.255"),
        inward("redirect-to-link-local-6", "[fe80::1]"),
        Behaviour::new("redirects-that-end-inside", "private_address", 3, |peer| peer.redirect("/1"))
            .serves("/1", |peer| peer.redirect("/2"))
            .serves("/2", move |peer| peer.redirect(&format!("http://127.0.0.1:{port}/inside.jpg"))),
        shown("shown-on-loopback", "127.0.0.1"),
        shown("shown-at-a-decimal-address", "2130706433"),
        shown("shown-at-a-hexadecimal-address", "0x7f.1"),
        shown("shown-at-a-mapped-address", "[::ffff:127.0.0.1]"),
        shown("shown-at-localhost", "localhost"),
    ]
}

fn elsewhere() -> Vec<Behaviour> {
    vec![
        to("redirect-to-ftp", "http_error", "ftp://127.0.0.1/picture.jpg"),
        to("redirect-to-a-file", "http_error", "file:///etc/passwd"),
        to("redirect-to-data", "http_error", "data:image/gif;base64,R0lGODlhAQABAAAAACw="),
        to("redirect-to-a-script", "http_error", "javascript:alert(1)"),
        to("redirect-to-a-gopher", "http_error", "gopher://127.0.0.1:11211/_stats"),
        to("redirect-to-no-address", "http_error", "http://[::bad::]/picture.jpg"),
        to("redirect-to-no-host", "http_error", "http://"),
        to("redirect-to-a-port-of-6-digits", "http_error", "http://redirects.hostile.example:123456/"),
        Behaviour::new("redirect-without-location", "http_error", 1, |peer| peer.whole(302, &[], photo_jpeg(0))),
        // Credentials are neither sent nor kept (the test looks at requests and rows).
        Behaviour::new("redirect-with-credentials", "kept", 2, |peer| {
            peer.redirect("http://me:secret@redirect-with-credentials.hostile.example/there")
        })
        .serves("/there", |peer| peer.picture("image/jpeg", photo_jpeg(8))),
        // A host that talks mail, at the port where one does.
        Behaviour::new("redirect-to-a-mail-server", "connection", 2, |peer| {
            peer.redirect("http://redirect-to-a-mail-server.hostile.example:25/there")
        })
        .serves("/there", |peer| peer.send("220 hostile.example ESMTP\r\n"))
        .asked_for_files(12),
    ]
}
