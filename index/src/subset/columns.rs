//! The columns that a choice asks about: which they are, and those of a batch as arrays of one kind each.

use super::{
    pictures,
    recipes::Recipe,
    wanted::{Score, Wanted},
};
use crate::{Dataset, Error, subset::Layout};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringViewArray,
    cast::AsArray,
    types::{Float64Type, Int64Type},
};
use arrow_schema::DataType;
use datafusion::arrow::compute::cast;
use std::sync::Arc;

/// The columns to be read, as SQL names them: ids first, and then what decides.
pub(super) async fn asked(
    dataset: &Dataset,
    wanted: &Wanted,
    recipes: &[Recipe],
    layout: Layout,
) -> Result<Vec<String>, Error> {
    let mut columns = vec!["id".to_owned()];
    // Quoted: `cluster` is a word of SQL.
    let mut add = |wanted: bool, name: &str| {
        let name = format!("\"{name}\"");
        if wanted && !columns.contains(&name) {
            columns.push(name);
        }
    };
    add(wanted.urls.is_some() || wanted.exclude_urls.is_some(), "url");
    add(layout == Layout::Urls, "url");
    for name in ["image_host", "page_host"] {
        add(wanted.exclude_domains.is_some(), name);
    }
    for name in ["cluster", "width", "height"] {
        add(wanted.without_duplicates, name);
    }
    add(wanted.per_domain.is_some(), "image_domain");
    add(wanted.per_page_domain.is_some(), "page_domain");
    let of_domains = wanted.per_domain.or(wanted.per_page_domain).map(|_| wanted.by_score);
    let of_recipes = recipes.iter().filter(|recipe| recipe.top_fraction.is_some());
    let scores: Vec<Score> = of_recipes
        .map(|recipe| recipe.by.unwrap_or_default())
        .chain(wanted.top_fraction.map(|_| wanted.by))
        .chain(of_domains)
        .collect();
    for score in [Score::Similarity, Score::Aesthetic] {
        add(scores.contains(&score), score.column());
    }
    if let Some(stratify) = &wanted.stratify {
        columns.push(format!("\"{}\" as stratum", stratify.column));
    }
    if layout.needs_pictures() {
        columns.push(format!("{} as pictured", pictures::test(dataset).await?));
    }
    Ok(columns)
}

/// The columns of a batch, as far as they were asked for.
pub(super) struct Columns {
    pub(super) id: Option<Int64Array>,
    pub(super) url: Option<StringViewArray>,
    pub(super) image_host: Option<StringViewArray>,
    pub(super) page_host: Option<StringViewArray>,
    pub(super) image_domain: Option<StringViewArray>,
    pub(super) page_domain: Option<StringViewArray>,
    pub(super) cluster: Option<Int64Array>,
    width: Option<Int64Array>,
    height: Option<Int64Array>,
    pub(super) similarity: Option<Float64Array>,
    pub(super) aesthetic: Option<Float64Array>,
    pub(super) stratum: Option<Values>,
    pub(super) pictured: Option<BooleanArray>,
}

/// What strata are made of.
pub(super) enum Values {
    Texts(StringViewArray),
    Numbers(Float64Array),
}

impl Columns {
    pub(super) fn of(batch: &RecordBatch) -> Result<Self, Error> {
        // Whatever kind of text and of number the engine chose.
        let column = |name: &str, kind: &DataType| -> Result<Option<ArrayRef>, Error> {
            let Some(column) = batch.column_by_name(name) else { return Ok(None) };
            Ok(Some(if column.data_type() == kind { Arc::clone(column) } else { cast(column, kind)? }))
        };
        let text = |name: &str| -> Result<_, Error> {
            Ok(column(name, &DataType::Utf8View)?.map(|column| column.as_string_view().clone()))
        };
        let whole = |name: &str| -> Result<_, Error> {
            Ok(column(name, &DataType::Int64)?.map(|column| column.as_primitive::<Int64Type>().clone()))
        };
        let real = |name: &str| -> Result<_, Error> {
            Ok(column(name, &DataType::Float64)?.map(|column| column.as_primitive::<Float64Type>().clone()))
        };
        let stratum = match batch.column_by_name("stratum") {
            Some(column) if column.data_type().is_numeric() => real("stratum")?.map(Values::Numbers),
            _ => text("stratum")?.map(Values::Texts),
        };
        Ok(Self {
            id: whole("id")?,
            url: text("url")?,
            image_host: text("image_host")?,
            page_host: text("page_host")?,
            image_domain: text("image_domain")?,
            page_domain: text("page_domain")?,
            cluster: whole("cluster")?,
            width: whole("width")?,
            height: whole("height")?,
            similarity: real("similarity")?,
            aesthetic: real("aesthetic")?,
            stratum,
            pictured: batch.column_by_name("pictured").and_then(AsArray::as_boolean_opt).cloned(),
        })
    }

    pub(super) fn pixels(&self, row: usize) -> Option<i64> {
        Some(self.width.as_ref()?.value(row).saturating_mul(self.height.as_ref()?.value(row)))
    }
}

/// A column without which nothing can be said of a row.
pub(super) fn needed<'a, T>(column: Option<&'a T>, name: &str) -> Result<&'a T, Error> {
    column.ok_or_else(|| Error::Query { message: format!("the query gives no column `{name}`"), hint: None })
}
