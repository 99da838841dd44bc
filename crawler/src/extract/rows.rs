//! Rows on their way to disk: gathered up to a bound, then written as row groups, so that the memory of
//! an archive does not grow with what is found in it.

use super::Sink;
use crate::Error;
use schema::{ArchivedSiteFile, Bucket, CapturedImage, CapturedPage, Row};
use shards::{ShardWriter, Store};
use tokio::sync::mpsc::Sender;

/// Rows gathered before they are written, in bytes of text.
const MAX_GATHERED_BYTES: usize = 24 * 1024 * 1024;

/// What was gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pages: Vec<CapturedPage>,
    images: Vec<CapturedImage>,
    sites: Vec<ArchivedSiteFile>,
    bytes: usize,
}

impl Gathered {
    fn count(&mut self, bytes: usize) {
        self.bytes += bytes;
    }
}

/// Gathers what a reading thread finds, and hands it over full load by full load.
pub(super) struct Gatherer {
    gathered: Gathered,
    loads: Sender<Gathered>,
}

impl Gatherer {
    pub(super) fn new(loads: Sender<Gathered>) -> Self {
        Self { gathered: Gathered::default(), loads }
    }

    /// Hands over what is left.
    pub(super) fn finish(mut self) {
        self.hand_over();
    }

    fn counted(&mut self, bytes: usize) {
        self.gathered.count(bytes);
        if self.gathered.bytes >= MAX_GATHERED_BYTES {
            self.hand_over();
        }
    }

    /// Whoever writes has failed where nobody takes the load, and tells so itself.
    fn hand_over(&mut self) {
        let _ = self.loads.blocking_send(std::mem::take(&mut self.gathered));
    }
}

impl Sink for Gatherer {
    fn page(&mut self, page: CapturedPage) {
        let evidence: usize = page.evidence.iter().map(|piece| piece.raw.len() + piece.place.len() + 200).sum();
        let bytes = size_of::<CapturedPage>() + page.url.len() + evidence;
        self.gathered.pages.push(page);
        self.counted(bytes);
    }

    fn image(&mut self, image: CapturedImage) {
        let evidence: usize = image.evidence.iter().map(|piece| piece.raw.len() + piece.place.len() + 200).sum();
        let others: usize = image.other_urls.iter().map(|url| url.len() + 24).sum();
        let bytes = size_of::<CapturedImage>() + image.url.len() + 3 * image.text.len() + others + evidence;
        self.gathered.images.push(image);
        self.counted(bytes);
    }

    fn site_file(&mut self, file: ArchivedSiteFile) {
        let bytes = size_of::<ArchivedSiteFile>() + file.url.len() + file.body.len();
        self.gathered.sites.push(file);
        self.counted(bytes);
    }
}

/// The three files of one archive.
pub(super) struct Files {
    buckets: u32,
    names: [String; 3],
    pages: ShardWriter<CapturedPage>,
    images: ShardWriter<CapturedImage>,
    sites: ShardWriter<ArchivedSiteFile>,
}

impl Files {
    pub(super) fn create(store: &Store, key: &str, buckets: u32) -> Result<Self, Error> {
        let names = ["sites", "pages", "images"].map(|kind| format!("extract/{key}.{kind}.parquet"));
        Ok(Self {
            buckets,
            sites: ShardWriter::create(store, &names[0])?,
            pages: ShardWriter::create(store, &names[1])?,
            images: ShardWriter::create(store, &names[2])?,
            names,
        })
    }

    pub(super) async fn write(&mut self, load: Gathered) -> Result<(), Error> {
        let buckets = self.buckets;
        write(&mut self.sites, load.sites, |row| Bucket::of(&row.host, buckets)).await?;
        write(&mut self.pages, load.pages, |row| bucket_of_page(&row.host, row.number, buckets)).await?;
        write(&mut self.images, load.images, |row| bucket_of_page(&row.page_host, row.page, buckets)).await
    }

    /// Finishes the files; gives their names.
    pub(super) async fn close(self) -> Result<Vec<String>, Error> {
        self.sites.close().await?;
        self.pages.close().await?;
        self.images.close().await?;
        Ok(self.names.into())
    }
}

/// One host is only ever in one bucket. Pages that are not known have no host in common: they are dealt out, so
/// that no task has all rows of a list.
fn bucket_of_page(host: &str, number: i64, buckets: u32) -> Bucket {
    if host.is_empty() { Bucket::of(&number.to_string(), buckets) } else { Bucket::of(host, buckets) }
}

async fn write<T: Row>(
    writer: &mut ShardWriter<T>,
    rows: Vec<T>,
    bucket_of: impl Fn(&T) -> Bucket,
) -> Result<(), Error> {
    Ok(writer.write_sorted(rows, bucket_of).await?)
}
