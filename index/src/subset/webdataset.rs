//! Subsets as tar shards, the way img2dataset writes them: `000000042.jpg`, `.txt` and `.json` stand
//! next to each other, ten thousand samples to a shard.

use super::{Written, batches};
use crate::Error;
use datafusion::prelude::DataFrame;
use futures::TryStreamExt;
use imagesize::{Compression, ImageType};
use object_store::{buffered::BufWriter, path::Path};
use schema::{Sample, from_batch};
use serde_json::{Value, json};
use shards::Store;
use tokio::io::AsyncWriteExt;

/// Samples per shard: img2dataset's own number, and what leaves four digits for the key.
const SAMPLES_PER_SHARD: u64 = 10_000;

/// Tar knows blocks of this size only.
const BLOCK: usize = 512;

/// Writes `00000.tar` and so on; nothing where there is no picture.
pub(super) async fn write(frame: DataFrame, store: &Store) -> Result<Vec<Written>, Error> {
    let mut stream = batches(frame).await?;
    let mut shards = Vec::new();
    let mut open: Option<Shard> = None;
    while let Some(batch) = stream.try_next().await? {
        for sample in from_batch::<Sample>(&batch)? {
            let Some(image) = &sample.image else { continue };
            let mut shard = match open.take() {
                Some(shard) => shard,
                None => Shard::create(store, shards.len()),
            };
            shard.add(&sample, image).await?;
            if shard.rows == SAMPLES_PER_SHARD {
                shards.push(shard.close().await?);
            } else {
                open = Some(shard);
            }
        }
    }
    if let Some(shard) = open {
        shards.push(shard.close().await?);
    }
    Ok(shards)
}

struct Shard {
    number: usize,
    name: String,
    rows: u64,
    file: BufWriter,
}

impl Shard {
    fn create(store: &Store, number: usize) -> Self {
        let name = format!("{number:05}.tar");
        let file = BufWriter::new(store.inner(), Path::from(name.as_str()));
        Self { number, name, rows: 0, file }
    }

    async fn add(&mut self, sample: &Sample, image: &[u8]) -> Result<(), Error> {
        let key = format!("{:05}{:04}", self.number, self.rows);
        self.put(&format!("{key}.{}", extension(image)), image).await?;
        self.put(&format!("{key}.txt"), sample.text.as_bytes()).await?;
        self.put(&format!("{key}.json"), facts(&key, sample, image).to_string().as_bytes()).await?;
        self.rows += 1;
        Ok(())
    }

    async fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let mut header = tar::Header::new_ustar();
        header.set_path(name).map_err(|error| self.failed(&error))?;
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // No time of writing, so that the same subset is the same file.
        header.set_mtime(0);
        header.set_cksum();
        let padding = [0; BLOCK];
        let missing = bytes.len().next_multiple_of(BLOCK) - bytes.len();
        for piece in [header.as_bytes().as_slice(), bytes, &padding[..missing]] {
            self.file.write_all(piece).await.map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    async fn close(mut self) -> Result<Written, Error> {
        // Two empty blocks end an archive.
        self.file.write_all(&[0; 2 * BLOCK]).await.map_err(|error| self.failed(&error))?;
        self.file.shutdown().await.map_err(|error| self.failed(&error))?;
        Ok(Written { name: self.name, rows: self.rows })
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        Error::Record { name: self.name.clone(), problem: error.to_string() }
    }
}

fn extension(image: &[u8]) -> &'static str {
    match imagesize::image_type(image) {
        Ok(ImageType::Png) => "png",
        Ok(ImageType::Webp) => "webp",
        Ok(ImageType::Gif) => "gif",
        Ok(ImageType::Heif(Compression::Av1)) => "avif",
        _ => "jpg",
    }
}

/// img2dataset's keys, then those of ours that a training program may filter by.
fn facts(key: &str, sample: &Sample, image: &[u8]) -> Value {
    let size = imagesize::blob_size(image).ok();
    json!({
        "key": key,
        "url": sample.url,
        "caption": sample.text,
        "status": "success",
        "error_message": null,
        "width": size.map(|size| size.width),
        "height": size.map(|size| size.height),
        "original_width": sample.width,
        "original_height": sample.height,
        "exif": sample.exif,
        "sha256": sample.sha256,
        "id": sample.id.0,
        "page_url": sample.page_url,
        "language": sample.language,
        "license": sample.license,
        "license_url": sample.license_url,
        "similarity": sample.similarity,
        "aesthetic": sample.aesthetic,
        "punsafe": sample.punsafe,
        "model": sample.model,
    })
}
