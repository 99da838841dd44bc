//! Subsets as tar shards, the way img2dataset writes them: `000000042.jpg`, `.txt` and `.json` stand
//! next to each other, ten thousand samples to a shard; beside each shard its metadata as Parquet, and its account.

use super::{
    Cut, Files, Picture, Source, Written,
    facts::{img2dataset_batch, img2dataset_schema, img2dataset_stats},
    img2dataset::{LIMITS, SAMPLES_PER_SHARD, key},
    parquet::Part,
};
use crate::Error;
use futures::TryStreamExt;
use object_store::{buffered::BufWriter, path::Path};
use schema::from_batch;
use shards::Store;
use tokio::io::AsyncWriteExt;

/// Tar knows blocks of this size only.
const BLOCK: usize = 512;

/// Writes `00000.tar`, `00000.parquet`, `00000_stats.json` and so on; nothing where there is no picture.
pub(super) async fn write(cut: Cut<'_>, store: &Store) -> Result<Files, Error> {
    let mut stream =
        cut.rows.select(cut.dataset, &Picture::columns(), Source::Pictures).await?.execute_stream().await?;
    let mut files = Files { written: Vec::new(), schema: Some(img2dataset_schema()) };
    let (mut open, mut number): (Option<Shard>, usize) = (None, 0);
    while let Some(batch) = stream.try_next().await? {
        for row in from_batch::<Picture>(&batch)? {
            let mut shard = match open.take() {
                Some(shard) => shard,
                None => Shard::create(store, number)?,
            };
            shard.add(row).await?;
            if shard.rows == SAMPLES_PER_SHARD {
                files.written.extend(shard.close(store).await?);
                number += 1;
            } else {
                open = Some(shard);
            }
        }
        if let Some(shard) = &mut open {
            shard.tell().await?;
        }
    }
    if let Some(shard) = open {
        files.written.extend(shard.close(store).await?);
    }
    Ok(files)
}

struct Shard {
    number: usize,
    name: String,
    rows: u64,
    file: BufWriter,
    facts: Part,
    /// Rows of the batch that are in the tar, and not yet in the Parquet.
    untold: Vec<(String, Picture)>,
}

impl Shard {
    fn create(store: &Store, number: usize) -> Result<Self, Error> {
        let name = format!("{number:05}.tar");
        let file = BufWriter::new(store.inner(), Path::from(name.as_str()));
        let facts = Part::create(store, format!("{number:05}.parquet"), &img2dataset_schema(), LIMITS)?;
        Ok(Self { number, name, rows: 0, file, facts, untold: Vec::new() })
    }

    async fn add(&mut self, row: Picture) -> Result<(), Error> {
        let key = key(self.number, self.rows);
        let image = row.image.as_deref().unwrap_or_default();
        self.put(&format!("{key}.{}", Picture::extension(image)), image).await?;
        self.put(&format!("{key}.txt"), row.text.as_bytes()).await?;
        self.put(&format!("{key}.json"), row.facts(&key).to_string().as_bytes()).await?;
        self.rows += 1;
        self.untold.push((key, row));
        Ok(())
    }

    /// Puts the rows since the last time into the Parquet.
    async fn tell(&mut self) -> Result<(), Error> {
        let untold = std::mem::take(&mut self.untold);
        let (keys, rows): (Vec<String>, Vec<Picture>) = untold.into_iter().unzip();
        let rows: Vec<&Picture> = rows.iter().collect();
        self.facts.write(&img2dataset_batch(&img2dataset_schema(), &keys, &rows)?).await
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

    async fn close(mut self, store: &Store) -> Result<[Written; 3], Error> {
        self.tell().await?;
        // Two empty blocks end an archive.
        self.file.write_all(&[0; 2 * BLOCK]).await.map_err(|error| self.failed(&error))?;
        self.file.shutdown().await.map_err(|error| self.failed(&error))?;
        let facts = self.facts.close().await?;
        let stats = format!("{:05}_stats.json", self.number);
        store.put(&stats, img2dataset_stats(self.rows)).await?;
        // The rows are in the tar; its companions stand beside them.
        let beside = |name| Written { name, rows: 0 };
        Ok([Written { name: self.name, rows: self.rows }, beside(facts.name), beside(stats)])
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        Error::Record { name: self.name.clone(), problem: error.to_string() }
    }
}
