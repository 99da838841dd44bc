//! Which rows have a stored picture, asked without reading the pictures where that can be known otherwise.

use crate::{Dataset, Error, table::ActiveFile};
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use parquet::{
    errors::ParquetError,
    file::metadata::{ParquetMetaData, ParquetMetaDataReader},
};

/// The end of a Parquet file: four bytes of length of what stands before, and four letters.
const TAIL: u64 = 8;

/// SQL for whether a row has a picture. The column is most of a dataset's bytes; that all rows have one, or none, is told by the
/// statistics of the files.
pub(super) async fn test(dataset: &Dataset) -> Result<&'static str, Error> {
    let (mut all, mut none) = (true, true);
    for file in dataset.samples().files()? {
        let metadata = footer(dataset.store().inner().as_ref(), &file).await?;
        let columns = metadata.file_metadata().schema_descr();
        let place = (0..columns.num_columns()).find(|place| columns.column(*place).path().string() == "image");
        for group in metadata.row_groups() {
            let rows = group.num_rows().unsigned_abs();
            let nulls = place.and_then(|place| group.column(place).statistics()?.null_count_opt());
            all &= nulls == Some(0);
            none &= place.is_none() || nulls == Some(rows);
        }
    }
    Ok(match (all, none) {
        (true, _) => "true",
        (_, true) => "false",
        _ => "image is not null",
    })
}

async fn footer(store: &dyn ObjectStore, file: &ActiveFile) -> Result<ParquetMetaData, Error> {
    let failed = |source| Error::Parquet { name: file.path.clone(), source };
    let short = || failed(ParquetError::General("it is shorter than its log says".to_owned()));
    let path = Path::from(file.path.as_str());
    let end = file.size.checked_sub(TAIL).ok_or_else(short)?;
    let tail = store.get_range(&path, end..file.size).await?;
    let length = tail.first_chunk().map(|length| u64::from(u32::from_le_bytes(*length))).ok_or_else(short)?;
    let begin = end.checked_sub(length).ok_or_else(short)?;
    let bytes = store.get_range(&path, begin..end).await?;
    ParquetMetaDataReader::decode_metadata(&bytes).map_err(failed)
}
