//! CSV and TSV, quoted as RFC 4180 has it, the names of the columns in the first row.

use super::{Columns, Item, Row, Source, source};
use crate::Error;
use csv::{ByteRecord, ErrorKind, ReaderBuilder};

/// Reads a list whose fields are apart by `separator`.
pub(super) fn read(
    name: &str,
    source: Source,
    separator: u8,
    columns: &Columns,
    take: &mut impl FnMut(Item<'_>),
) -> Result<(), Error> {
    let row = source.row();
    let mut reader = ReaderBuilder::new().delimiter(separator).from_reader(source);
    let header = match reader.byte_headers() {
        Ok(header) => header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect::<Vec<_>>(),
        Err(error) => {
            take(lost(name, error)?);
            return Ok(());
        }
    };
    if header.is_empty() {
        return Ok(());
    }
    let places = columns.places(name, &header)?;
    let mut record = ByteRecord::new();
    loop {
        row.begins();
        match reader.read_byte_record(&mut record) {
            Ok(true) => take(item(&record, places)),
            Ok(false) => return Ok(()),
            Err(error) => {
                let may_go_on = matches!(error.kind(), ErrorKind::UnequalLengths { .. });
                take(lost(name, error)?);
                if !may_go_on {
                    return Ok(());
                }
            }
        }
    }
}

fn item(record: &ByteRecord, places: [Option<usize>; 3]) -> Item<'_> {
    let text = |place: Option<usize>| place.and_then(|place| record.get(place)).map(std::str::from_utf8).transpose();
    match (text(places[0]), text(places[1]), text(places[2])) {
        (Ok(url), Ok(text), Ok(page)) => Item::Row(Row { url, text, page }),
        _ => Item::damaged("is no UTF-8"),
    }
}

fn lost(name: &str, error: csv::Error) -> Result<Item<'static>, Error> {
    match error.into_kind() {
        ErrorKind::Io(error) => source::end(name, error),
        ErrorKind::UnequalLengths { len, expected_len, .. } => {
            Ok(Item::damaged(format!("has {len} fields, and the header {expected_len}")))
        }
        _ => Ok(Item::damaged("cannot be read: it and all that follows is lost")),
    }
}
