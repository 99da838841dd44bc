//! Where lists lie, and how they are told from archives.

use crate::{
    Folder, gzip, parquet, strings,
    web::{Reply, Way, Web},
};
use schema::Format;

const LIST: &str =
    "url,caption\nhttp://a.example/1.jpg,a boat on the lake\nhttp://b.example/2.jpg,a ship at the quay\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_list_elsewhere_is_read_as_one_here_and_taken_up_where_it_broke() {
    let urls = [Some("http://a.example/1.jpg"), Some("http://b.example/2.jpg")];
    let texts = [Some("a boat on the lake"), Some("a ship at the quay")];
    let columns = parquet(vec![("url", strings(&urls)), ("caption", strings(&texts))], 10);
    for (name, bytes) in [("list.csv.gz", gzip(LIST)), ("list.csv", LIST.into()), ("list.parquet", columns)] {
        let (here, work) = Folder::with(name, &bytes).read().await;
        assert_eq!(here.len(), 2);
        let served = bytes.clone();
        let web = Web::serve(move |visit| {
            let reply = Reply::file(visit, "\"v1\"", &served);
            if visit.number == 0 { reply.way(Way::Cut(served.len() / 2)) } else { reply }
        })
        .await;
        let url = web.url(&format!("/lists/{name}?key=1"));
        let folder = Folder::of(tempfile::tempdir().unwrap(), &url);
        let (there, from_there) = folder.read().await;
        assert_eq!(web.visits().len(), 2, "{name}");
        assert_eq!(from_there.counts.bytes_in, work.counts.bytes_in, "{name}");
        for (here, mut there) in here.into_iter().zip(there) {
            assert_eq!(there.archive, url);
            there.archive.clone_from(&here.archive);
            assert_eq!(here, there, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_given_stops_its_task_by_name() {
    for name in ["list.csv", "list.parquet"] {
        let web = Web::serve(|_| Reply::status(404)).await;
        let folder = Folder::of(tempfile::tempdir().unwrap(), &web.url(&format!("/{name}")));
        let error = folder.run().await.unwrap_err();
        assert!(error.to_string().contains(name) && error.to_string().contains("404"), "{error}");
    }
}

#[tokio::test]
async fn the_setting_and_the_name_tell_a_list() {
    for (name, format, found) in [
        ("a.csv", Format::Auto, Some(Format::Urls)),
        ("a.csv", Format::Urls, Some(Format::Urls)),
        // Whoever says that it is an archive is believed.
        ("a.txt", Format::Warc, Some(Format::Warc)),
        ("a.warc.gz", Format::Auto, Some(Format::Warc)),
        ("a.warc.gz", Format::Urls, None),
        ("part-00000", Format::Urls, None),
        ("a.parquet.gz", Format::Urls, None),
    ] {
        let mut folder = Folder::with(name, LIST);
        folder.config.input.format = format;
        match (folder.archive().await, found) {
            (Ok(archive), Some(found)) => assert_eq!(archive.format, found, "{name}"),
            (Err(error), None) => {
                assert!(error.to_string().contains("no list of URLs") && error.hint().unwrap().contains(".parquet"));
            }
            (archive, _) => panic!("{name}: {archive:?}"),
        }
    }
}

#[tokio::test]
async fn a_listing_of_lists_stays_a_listing() {
    let folder = Folder::with("all.paths", "a.csv\nb.jsonl\n");
    for name in ["a.csv", "b.jsonl"] {
        std::fs::write(folder.path().with_file_name(name), "").unwrap();
    }
    let found = crawler::archives::spell_out(&folder.config).await.unwrap();
    let formats: Vec<_> = found.iter().map(|archive| (archive.place.file_name(), archive.format)).collect();
    assert_eq!(formats, [("a.csv", Format::Urls), ("b.jsonl", Format::Urls)]);
}
