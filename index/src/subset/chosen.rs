//! The rows that were chosen, by their ids, and queries over them alone.
//!
//! They are read in the order of the table (bucket, file, row; within a file by image domain, URL and id), one file after the
//! other, so that nothing is sorted, pictures of a few rows are in memory at a time, and the same version gives the same bytes.

use super::{choice::all_of, layouts::Source};
use crate::{Dataset, Error, sql};
use arrow_array::{BooleanArray, cast::AsArray, types::Int64Type};
use arrow_schema::DataType;
use datafusion::{
    error::DataFusionError,
    logical_expr::{ColumnarValue, Volatility, create_udf},
    prelude::{DataFrame, SessionConfig, SessionContext},
};
use std::sync::{Arc, LazyLock};

/// Rows read at a time where pictures are among their columns, and where not.
const WITH_PICTURES: usize = 128;
const WITHOUT: usize = 8192;

/// Their ids, and a condition that holds for all of them.
#[derive(Clone)]
pub(super) struct Chosen {
    rows: usize,
    /// Put in order when they are first asked for: who only counts does not wait for it.
    ids: Arc<LazyLock<Ids, InOrder>>,
    /// By it fewer ids are looked up.
    condition: Option<String>,
}

/// Puts ids in order, once.
type InOrder = Box<dyn FnOnce() -> Ids + Send>;

impl Chosen {
    pub(super) fn new(ids: Vec<i64>) -> Self {
        let rows = ids.len();
        let in_order: InOrder = Box::new(move || Ids::of(ids));
        Self { rows, ids: Arc::new(LazyLock::new(in_order)), condition: None }
    }

    /// Rows out of those for which `conditions` hold, at any time and in a session that has no table but `samples`.
    pub(super) fn of(conditions: &[(String, &str)], ids: Vec<i64>) -> Self {
        Self { condition: (!conditions.is_empty()).then(|| all_of(conditions)), ..Self::new(ids) }
    }

    /// In order.
    pub(super) fn ids(&self) -> &[i64] {
        &self.ids.sorted
    }

    pub(super) fn len(&self) -> usize {
        self.rows
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
        let ids = Arc::clone(&self.ids);
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
        let name = "pinakes_is_chosen";
        let function =
            create_udf(name, vec![DataType::Int64], DataType::Boolean, Volatility::Immutable, Arc::new(is_chosen));
        context.register_udf(function);
        let condition = self.condition.as_ref().map_or_else(String::new, |condition| format!("{condition} and "));
        let query = format!("select {columns} from samples where {condition}{name}(id)");
        sql::plan_in(&context, dataset, &query).await
    }
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
