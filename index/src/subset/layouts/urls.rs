//! Subsets as a plain list of URLs, sorted, each once.

use super::{Cut, Files, Source, Written};
use crate::Error;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;
use datafusion::{arrow::compute::cast, prelude::col};
use futures::TryStreamExt;
use object_store::{buffered::BufWriter, path::Path};
use shards::Store;
use tokio::io::AsyncWriteExt;

const NAME: &str = "urls.txt";

/// Writes `urls.txt`. Rows of one URL are one row already.
pub(super) async fn write(cut: Cut<'_>, store: &Store) -> Result<Files, Error> {
    let frame = cut.rows.select(cut.dataset, "url", Source::Facts).await?;
    let mut stream = frame.sort(vec![col("url").sort(true, false)])?.execute_stream().await?;
    let mut file = BufWriter::new(store.inner(), Path::from(NAME));
    let mut rows = 0;
    while let Some(batch) = stream.try_next().await? {
        let urls = cast(batch.column(0), &DataType::Utf8)?;
        let mut lines = String::new();
        for url in urls.as_string::<i32>().iter().flatten() {
            lines.push_str(url);
            lines.push('\n');
            rows += 1;
        }
        file.write_all(lines.as_bytes()).await.map_err(|error| failed(&error))?;
    }
    file.shutdown().await.map_err(|error| failed(&error))?;
    Ok(Files { written: vec![Written { name: NAME.to_owned(), rows }], schema: None })
}

fn failed(error: &std::io::Error) -> Error {
    Error::Record { name: NAME.to_owned(), problem: error.to_string() }
}
