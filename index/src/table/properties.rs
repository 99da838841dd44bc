//! How data files are written: what a query has to read for it, and what a takedown has to write anew.

use arrow_schema::Schema;
use parquet::{
    arrow::ArrowSchemaConverter,
    basic::{Compression, ZstdLevel},
    errors::Result,
    file::properties::{WriterProperties, WriterPropertiesBuilder},
    schema::types::ColumnPath,
};

/// Most rows in a row group.
pub const ROWS_PER_GROUP: usize = 8_192;

/// Largest row group in memory: rows with stored pictures are thousands of times larger than rows without.
pub(super) const BYTES_PER_GROUP: usize = 128 * 1024 * 1024;

/// Most rows in a page: so many are encoded anew where one goes.
const ROWS_PER_PAGE: usize = 2_048;

/// Columns of which hardly two rows have the same value. A dictionary of them would be as large as they are: it would take time
/// to make and to read, and when a row goes its value would stay in it until all of the row group is encoded anew.
const OF_MANY_VALUES: [&str; 23] = [
    "id",
    "url",
    "text",
    "alt",
    "title",
    "caption",
    "page_url",
    "archive_offset",
    "captured_at",
    "final_url",
    "fetched_at",
    "bytes",
    "sha256",
    "phash",
    "exif",
    "similarity",
    "aesthetic",
    "punsafe",
    "embedding",
    "image",
    "cluster",
    // Of the ledger.
    "seconds",
    "ended_at",
];

/// Columns that compression makes hardly smaller: hashes, pictures, and numbers of a dictionary, which lie in runs. Every column
/// chunk that is compressed costs its reader a context, which is more than reading such a chunk.
const AS_THEY_ARE: [&str; 24] = [
    "id",
    "text_source",
    "text_flags",
    "attempts",
    "width",
    "height",
    "mime",
    "phash",
    "language",
    "license",
    "license_url",
    "ai_generated",
    "scores",
    "tags",
    "model",
    "consent",
    "embedding",
    "image",
    "cluster",
    // Of the ledger.
    "stage",
    "kind",
    "reason",
    "signal",
    "status",
];

/// How a data file of these columns is written.
pub(super) fn properties(schema: &Schema) -> Result<WriterProperties> {
    let limited = columns(schema, true)?.set_max_row_group_row_count(Some(ROWS_PER_GROUP));
    Ok(limited.set_max_row_group_bytes(Some(BYTES_PER_GROUP)).build())
}

/// How columns of a row group are written whose rows somebody else has decided, with dictionaries or without any.
pub(super) fn properties_of_columns(schema: &Schema, dictionaries: bool) -> Result<WriterProperties> {
    let unlimited = columns(schema, dictionaries)?.set_max_row_group_row_count(None);
    Ok(unlimited.set_max_row_group_bytes(None).build())
}

fn columns(schema: &Schema, dictionaries: bool) -> Result<WriterPropertiesBuilder> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(dictionaries)
        .set_data_page_row_count_limit(ROWS_PER_PAGE)
        .set_created_by(concat!("pinakes ", env!("CARGO_PKG_VERSION")).to_owned());
    for name in OF_MANY_VALUES {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    // Of a list or a map its leaves are told.
    for leaf in ArrowSchemaConverter::new().convert(schema)?.columns() {
        let root = leaf.path().parts().first();
        if root.is_some_and(|root| AS_THEY_ARE.contains(&root.as_str())) {
            properties = properties.set_column_compression(leaf.path().clone(), Compression::UNCOMPRESSED);
        }
    }
    Ok(properties)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bench's table is written by Python, and shall be measured as ours are.
    #[test]
    fn the_bench_writes_as_we_do() {
        let script = include_str!("../../benches/table/make.py");
        let number = |name: &str| {
            let line = script.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = ")).unwrap();
            line.replace('_', "").parse::<usize>().unwrap()
        };
        assert_eq!((number("ROWS_PER_GROUP"), number("ROWS_PER_PAGE")), (ROWS_PER_GROUP, ROWS_PER_PAGE));
        let of_ledger = ["seconds", "ended_at", "stage", "kind", "reason", "signal", "status"];
        for (name, ours) in [("OF_MANY_VALUES", &OF_MANY_VALUES[..]), ("AS_THEY_ARE", &AS_THEY_ARE)] {
            let (_, behind) = script.split_once(&format!("{name} = (")).unwrap();
            let (list, _) = behind.split_once(").split()").unwrap();
            let theirs: Vec<&str> = list.split(['"', ' ', '\n']).filter(|word| !word.is_empty()).collect();
            let ours: Vec<&str> = ours.iter().copied().filter(|column| !of_ledger.contains(column)).collect();
            assert_eq!(theirs, ours, "{name}");
        }
    }
}
