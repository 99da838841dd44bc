//! Between what values a page and a column chunk lie, told anew from what is known of the pages.

use parquet::{
    basic::{BoundaryOrder, SortOrder, Type},
    data_type::{AsBytes, ByteArray},
    errors::Result,
    file::{
        metadata::ColumnIndexBuilder,
        page_index::column_index::ColumnIndexMetaData,
        statistics::{Statistics, ValueStatistics},
    },
    schema::types::ColumnDescriptor,
};

/// Of one page.
pub(super) struct Bounds {
    /// Whether it has no value.
    is_null: bool,
    /// Its least value or less, as Parquet writes it; nothing where there is no value.
    least: Vec<u8>,
    /// Its greatest value or more.
    most: Vec<u8>,
    nulls: i64,
}

impl Bounds {
    /// Of a page, by the index of its column.
    pub(super) fn of(index: &ColumnIndexMetaData, page: usize) -> Option<Self> {
        fn both<T: AsBytes + ?Sized>(least: Option<&T>, most: Option<&T>) -> Option<(Vec<u8>, Vec<u8>)> {
            Some((least?.as_bytes().to_vec(), most?.as_bytes().to_vec()))
        }
        if matches!(index, ColumnIndexMetaData::NONE) || page as u64 >= index.num_pages() {
            return None;
        }
        let nulls = index.null_count(page)?;
        if index.is_null_page(page) {
            return Some(Self { is_null: true, least: Vec::new(), most: Vec::new(), nulls });
        }
        let (least, most) = match index {
            ColumnIndexMetaData::BOOLEAN(of) => both(of.min_value(page), of.max_value(page)),
            ColumnIndexMetaData::INT32(of) => both(of.min_value(page), of.max_value(page)),
            ColumnIndexMetaData::INT64(of) => both(of.min_value(page), of.max_value(page)),
            ColumnIndexMetaData::FLOAT(of) => both(of.min_value(page), of.max_value(page)),
            ColumnIndexMetaData::DOUBLE(of) => both(of.min_value(page), of.max_value(page)),
            ColumnIndexMetaData::BYTE_ARRAY(of) => both(of.min_value(page), of.max_value(page)),
            // Of which we write none.
            ColumnIndexMetaData::NONE
            | ColumnIndexMetaData::INT96(_)
            | ColumnIndexMetaData::FIXED_LEN_BYTE_ARRAY(_) => None,
        }?;
        Some(Self { is_null: false, least, most, nulls })
    }
}

/// The index of a column chunk with such pages; `order` is the one that it had with more rows in them.
pub(super) fn index(
    column: &ColumnDescriptor,
    pages: &[Bounds],
    order: Option<&ColumnIndexMetaData>,
) -> Result<ColumnIndexMetaData> {
    let mut index = ColumnIndexBuilder::new(column.physical_type());
    for page in pages {
        index.append(page.is_null, page.least.clone(), page.most.clone(), page.nulls);
    }
    // Fewer rows lie between the same bounds or closer ones.
    let order = order.and_then(ColumnIndexMetaData::get_boundary_order);
    index.set_boundary_order(order.unwrap_or(BoundaryOrder::UNORDERED));
    index.build()
}

/// What is told of a column chunk with such pages. A text's bounds may be cut, and need not be values.
pub(super) fn statistics(column: &ColumnDescriptor, pages: &[Bounds]) -> Option<Statistics> {
    let nulls = pages.iter().map(|page| page.nulls).sum::<i64>().unsigned_abs();
    let pages: Vec<&Bounds> = pages.iter().filter(|page| !page.is_null).collect();
    let numbers = column.sort_order() == SortOrder::SIGNED;
    Some(match column.physical_type() {
        Type::INT32 if numbers => {
            let (least, most) = range(&pages, |bytes| Some(i32::from_le_bytes(bytes.try_into().ok()?)))?;
            Statistics::int32(least, most, None, Some(nulls), false)
        }
        Type::INT64 if numbers => {
            let (least, most) = range(&pages, |bytes| Some(i64::from_le_bytes(bytes.try_into().ok()?)))?;
            Statistics::int64(least, most, None, Some(nulls), false)
        }
        Type::FLOAT => {
            let (least, most) = range(&pages, |bytes| Some(f32::from_le_bytes(bytes.try_into().ok()?)))?;
            Statistics::float(least, most, None, Some(nulls), false)
        }
        Type::DOUBLE => {
            let (least, most) = range(&pages, |bytes| Some(f64::from_le_bytes(bytes.try_into().ok()?)))?;
            Statistics::double(least, most, None, Some(nulls), false)
        }
        Type::BYTE_ARRAY if column.sort_order() == SortOrder::UNSIGNED => {
            let (least, most) = range(&pages, Some)?;
            let [least, most] = [least, most].map(|bytes| Some(ByteArray::from(bytes?.to_vec())));
            let told = ValueStatistics::new(least, most, None, Some(nulls), false);
            Statistics::ByteArray(told.with_min_is_exact(false).with_max_is_exact(false))
        }
        _ => return None,
    })
}

/// The least and the greatest value of all pages, where they have any; `None` if one of them cannot be told.
fn range<'a, T: PartialOrd + Copy>(
    pages: &[&'a Bounds],
    read: impl Fn(&'a [u8]) -> Option<T>,
) -> Option<(Option<T>, Option<T>)> {
    let mut range: Option<(T, T)> = None;
    for page in pages {
        let (least, most) = (read(&page.least)?, read(&page.most)?);
        // Not a number.
        least.partial_cmp(&most)?;
        range = Some(match range {
            None => (least, most),
            Some((low, high)) => (if least < low { least } else { low }, if most > high { most } else { high }),
        });
    }
    Some(range.unzip())
}
