//! The rows that were chosen, by their ids or by a condition, and queries over them alone.
//!
//! They are read in the order of the table (bucket, file, row; within a file by image domain, URL and id), one file after the
//! other, so that nothing is sorted, pictures of a few rows are in memory at a time, and the same version gives the same bytes.

use super::{
    conditions::{Condition, all_of},
    layouts::Source,
};
use crate::{Dataset, Error, sql};
use arrow_array::{BooleanArray, cast::AsArray, types::Int64Type};
use arrow_schema::DataType;
use datafusion::{
    error::DataFusionError,
    logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf},
    prelude::{DataFrame, SessionConfig, SessionContext},
};
use futures::TryStreamExt;
use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

/// Rows read at a time where pictures are among their columns, and where not.
const WITH_PICTURES: usize = 128;
const WITHOUT: usize = 8192;

/// The function of SQL that tells of an id whether it was chosen.
const IS_CHOSEN: &str = "pinakes_is_chosen";

/// Rows by their ids, or by a condition that holds for all of them, or by both.
#[derive(Clone)]
pub(super) struct Chosen {
    /// How many, where that is known before they are read.
    rows: Option<usize>,
    /// Put in order when they are first asked for. Where there are none, rows are those for which the condition holds.
    ids: Option<Arc<LazyLock<Ids, InOrder>>>,
    /// By it fewer ids are looked up.
    condition: Option<String>,
}

/// Puts ids in order, once.
type InOrder = Box<dyn FnOnce() -> Ids + Send>;

impl Chosen {
    /// Rows by their ids alone.
    pub(super) fn new(ids: Vec<i64>) -> Self {
        let rows = Some(ids.len());
        let in_order: InOrder = Box::new(move || Ids::of(ids));
        Self { rows, ids: Some(Arc::new(LazyLock::new(in_order))), condition: None }
    }

    /// Rows out of those for which `conditions` hold, at any time and in a session that has no table but `samples`.
    pub(super) fn of(conditions: &[Condition], ids: Vec<i64>) -> Self {
        Self { condition: (!conditions.is_empty()).then(|| all_of(conditions)), ..Self::new(ids) }
    }

    /// All rows for which `conditions` hold, at any time and in such a session; without any, the dataset's `seen` rows.
    pub(super) fn all(conditions: &[Condition], seen: u64) -> Self {
        if conditions.is_empty() {
            return Self { rows: usize::try_from(seen).ok(), ids: None, condition: None };
        }
        Self { rows: None, ids: None, condition: Some(all_of(conditions)) }
    }

    /// How many there are, where that is known before they are read.
    pub(super) fn len(&self) -> Option<usize> {
        self.rows
    }

    /// Their ids, in any order.
    pub(super) async fn ids(&self, dataset: &Dataset) -> Result<Cow<'_, [i64]>, Error> {
        if let Some(ids) = &self.ids {
            return Ok(Cow::Borrowed(ids.sorted.as_slice()));
        }
        let mut ids = Vec::new();
        let mut stream = self.select(dataset, "id", Source::Facts).await?.execute_stream().await?;
        while let Some(batch) = stream.try_next().await? {
            ids.extend_from_slice(batch.column(0).as_primitive::<Int64Type>().values());
        }
        Ok(Cow::Owned(ids))
    }

    /// `select COLUMNS from samples` for these rows alone. The condition is looked at before other columns are decoded, so that
    /// pages without any of these rows are skipped.
    pub(super) async fn select(&self, dataset: &Dataset, columns: &str, source: Source) -> Result<DataFrame, Error> {
        let rows = if source == Source::Pictures { WITH_PICTURES } else { WITHOUT };
        let config = SessionConfig::new()
            // One stream, or files would come in the order in which they are ready.
            .with_target_partitions(1)
            .with_batch_size(rows)
            .set_bool("datafusion.execution.parquet.pushdown_filters", true);
        let context = SessionContext::new_with_config_rt(config, dataset.context().runtime_env());
        context.register_table("samples", dataset.context().table_provider("samples").await?)?;
        let mut conditions: Vec<String> = self.condition.iter().cloned().collect();
        if let Some(ids) = &self.ids {
            context.register_udf(is_chosen(Arc::clone(ids)));
            conditions.push(format!("{IS_CHOSEN}(id)"));
        }
        let mut query = format!("select {columns} from samples");
        if !conditions.is_empty() {
            query = format!("{query} where {}", conditions.join(" and "));
        }
        sql::plan_in(&context, dataset, &query).await
    }
}

fn is_chosen(ids: Arc<LazyLock<Ids, InOrder>>) -> ScalarUDF {
    let is_chosen = move |arguments: &[ColumnarValue]| {
        let ids: &Ids = &ids;
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let [found] = arrays.as_slice() else {
            return Err(DataFusionError::Internal("a row has one id".to_owned()));
        };
        let found = found.as_primitive::<Int64Type>();
        let mask: BooleanArray = found.iter().map(|id| id.map(|id| ids.hold(id))).collect();
        Ok(ColumnarValue::Array(Arc::new(mask)))
    };
    create_udf(IS_CHOSEN, vec![DataType::Int64], DataType::Boolean, Volatility::Immutable, Arc::new(is_chosen))
}

/// Ids in order, and where those that begin with the same bits stand: ids are hashes, so that a few begin so.
struct Ids {
    sorted: Vec<i64>,
    starts: Vec<usize>,
    bits: u32,
}

impl Ids {
    fn of(mut ids: Vec<i64>) -> Self {
        ids.sort_unstable();
        let bits = (ids.len() / 4).max(2).ilog2();
        let mut starts = vec![0; (1 << bits) + 1];
        for id in &ids {
            starts[Self::beginning(*id, bits) + 1] += 1;
        }
        for place in 1..starts.len() {
            starts[place] += starts[place - 1];
        }
        Self { sorted: ids, starts, bits }
    }

    fn hold(&self, id: i64) -> bool {
        let place = Self::beginning(id, self.bits);
        self.sorted[self.starts[place]..self.starts[place + 1]].binary_search(&id).is_ok()
    }

    /// The first bits, in the order of signed numbers.
    fn beginning(id: i64, bits: u32) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "fewer bits than a list in memory has entries")]
        let beginning = ((id.cast_unsigned() ^ (1 << 63)) >> (64 - bits)) as usize;
        beginning
    }
}
