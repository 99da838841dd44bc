//! Parquet, a row group after the other, of each only the columns that are wanted. A damaged group is lost, the others
//! are not.

use super::{Columns, Item, Row};
use crate::Error;
use ::parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    basic::Compression,
};
use arrow_array::{Array, BinaryArray, RecordBatch, StringArray, cast::AsArray};
use arrow_schema::DataType;
use schema::DropReason;
use std::{
    fmt::Display,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Rows turned into columns at a time.
const ROWS_AT_A_TIME: usize = 1024;

/// More rows than one group can hold is what a damaged file says.
const MOST_ROWS: i64 = u32::MAX as i64;

/// Reads a list; gives its length in bytes.
pub(super) fn read(name: &str, file: &File, columns: &Columns, take: &mut impl FnMut(Item<'_>)) -> Result<u64, Error> {
    let hint = "Parquet is read from its end: is the file whole, and what its name says?";
    let refused = |problem: String| Error::archive(name, &format!("cannot be read as Parquet: {problem}"), hint);
    let bytes = file.metadata().map_err(|source| Error::Read { name: name.to_owned(), source })?.len();
    // Without the schema that Arrow left in it, a text is a text: it may have been written out of dictionaries, views
    // or large strings.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = guarded(|| ArrowReaderMetadata::load(file, options)).map_err(refused)?;
    let wanted = Wanted::of(name, &metadata, columns)?;
    for (group, facts) in metadata.metadata().row_groups().iter().enumerate() {
        let rows = facts.num_rows();
        if !(0..=MOST_ROWS).contains(&rows) {
            return Err(refused(format!("a row group of {rows} rows")));
        }
        let mut taken = 0;
        let problem = match read_group(file, &metadata, group, &wanted, take, &mut taken) {
            Ok(()) => "is not there".to_owned(),
            Err(problem) => format!("cannot be read, nor what follows in row group {group}: {problem}"),
        };
        let lost = rows.unsigned_abs().saturating_sub(taken);
        if lost > 0 {
            take(Item::Lost { rows: lost, reason: DropReason::DamagedRecord, problem });
        }
    }
    Ok(bytes)
}

/// Reads one row group, and counts the rows taken, of which there are no more than it says.
fn read_group(
    file: &File,
    metadata: &ArrowReaderMetadata,
    group: usize,
    wanted: &Wanted,
    take: &mut impl FnMut(Item<'_>),
    taken: &mut u64,
) -> Result<(), String> {
    let file = file.try_clone().map_err(|error| error.to_string())?;
    let mut reader = guarded(|| {
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
            .with_row_groups(vec![group])
            .with_projection(wanted.mask.clone())
            .with_batch_size(ROWS_AT_A_TIME)
            .build()
    })?;
    while let Some(batch) = guarded(|| reader.next().transpose())? {
        let columns = wanted.places.map(|place| place.and_then(|place| Texts::of(&batch, place)));
        for row in 0..batch.num_rows() {
            take(item(&columns, row));
        }
        *taken += batch.num_rows() as u64;
    }
    Ok(())
}

/// What a reader says, or that it gave up: some damage makes it panic.
fn guarded<T, E: Display>(read: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| error.to_string()),
        Err(_) => Err("it is damaged".into()),
    }
}

/// The columns that are read, and where they stand among themselves.
struct Wanted {
    mask: ProjectionMask,
    places: [Option<usize>; 3],
}

impl Wanted {
    fn of(name: &str, metadata: &ArrowReaderMetadata, columns: &Columns) -> Result<Self, Error> {
        let fields = metadata.schema().fields();
        let there: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let places = columns.places(name, &there)?;
        let mut chosen: Vec<usize> = places.into_iter().flatten().collect();
        chosen.sort_unstable();
        chosen.dedup();
        for field in chosen.iter().filter_map(|place| fields.get(*place)) {
            if !matches!(field.data_type(), DataType::Utf8 | DataType::Binary) {
                let problem = format!("holds no texts in its column `{}`, but {}", field.name(), field.data_type());
                let hint =
                    "name the columns of URL, text and page in `input.url_column`, `caption_column`, `page_column`";
                return Err(Error::archive(name, &problem, hint));
            }
        }
        check_compression(name, metadata, &chosen)?;
        let mask = ProjectionMask::roots(metadata.parquet_schema(), chosen.iter().copied());
        let among = |place: usize| chosen.iter().position(|chosen| *chosen == place);
        Ok(Self { mask, places: places.map(|place| place.and_then(among)) })
    }
}

/// Other codings than those of the stage files are not built in; those that lists mostly have are.
fn check_compression(name: &str, metadata: &ArrowReaderMetadata, chosen: &[usize]) -> Result<(), Error> {
    let schema = metadata.parquet_schema();
    for group in metadata.metadata().row_groups() {
        for (leaf, column) in group.columns().iter().enumerate() {
            let is_wanted = leaf < schema.num_columns() && chosen.contains(&schema.get_column_root_idx(leaf));
            let coding = column.compression();
            if is_wanted && !matches!(coding, Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_)) {
                let problem = format!("is compressed with {coding}, which is not read");
                return Err(Error::archive(name, &problem, "write it with `snappy`, `zstd` or no compression"));
            }
        }
    }
    Ok(())
}

/// A column of texts. Some writers do not say that their bytes are text.
enum Texts<'a> {
    Said(&'a StringArray),
    Unsaid(&'a BinaryArray),
}

impl<'a> Texts<'a> {
    fn of(batch: &'a RecordBatch, place: usize) -> Option<Self> {
        let column = batch.columns().get(place)?;
        let said = column.as_string_opt::<i32>().map(Self::Said);
        said.or_else(|| column.as_binary_opt::<i32>().map(Self::Unsaid))
    }

    fn text(&self, row: usize) -> Result<Option<&'a str>, std::str::Utf8Error> {
        match self {
            Self::Said(texts) => Ok(texts.is_valid(row).then(|| texts.value(row))),
            Self::Unsaid(bytes) => bytes.is_valid(row).then(|| bytes.value(row)).map(std::str::from_utf8).transpose(),
        }
    }
}

fn item<'a>(columns: &[Option<Texts<'a>>; 3], row: usize) -> Item<'a> {
    let text =
        |column: &Option<Texts<'a>>| column.as_ref().map(|texts| texts.text(row)).transpose().map(Option::flatten);
    match (text(&columns[0]), text(&columns[1]), text(&columns[2])) {
        (Ok(url), Ok(text), Ok(page)) => Item::Row(Row { url, text, page }),
        _ => Item::damaged("is no UTF-8"),
    }
}
