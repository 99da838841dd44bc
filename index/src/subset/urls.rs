//! Subsets as a plain list of URLs.

use super::{Written, batches};
use crate::Error;
use arrow_array::cast::AsArray;
use datafusion::prelude::DataFrame;
use futures::TryStreamExt;
use object_store::{buffered::BufWriter, path::Path};
use shards::Store;
use tokio::io::AsyncWriteExt;

const NAME: &str = "urls.txt";

/// Writes `urls.txt`.
pub(super) async fn write(frame: DataFrame, store: &Store) -> Result<Vec<Written>, Error> {
    let mut stream = batches(frame).await?;
    let mut file = BufWriter::new(store.inner(), Path::from(NAME));
    let mut rows = 0;
    while let Some(batch) = stream.try_next().await? {
        let mut lines = String::new();
        for url in batch.column(0).as_string::<i32>().iter().flatten() {
            lines.push_str(url);
            lines.push('\n');
            rows += 1;
        }
        file.write_all(lines.as_bytes()).await.map_err(|error| failed(&error))?;
    }
    file.shutdown().await.map_err(|error| failed(&error))?;
    Ok(vec![Written { name: NAME.to_owned(), rows }])
}

fn failed(error: &std::io::Error) -> Error {
    Error::Record { name: NAME.to_owned(), problem: error.to_string() }
}
