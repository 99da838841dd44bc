//! The rows that were chosen, by their ids, and queries over them alone.
//!
//! They are read in the order of the table (bucket, file, row; within a file by image domain, URL and id), one file after the
//! other, so that nothing is sorted, pictures of a few rows are in memory at a time, and the same version gives the same bytes.

use super::layouts::Source;
use crate::{Dataset, Error};
use arrow_array::{BooleanArray, cast::AsArray, types::Int64Type};
use arrow_schema::DataType;
use datafusion::{
    error::DataFusionError,
    logical_expr::{ColumnarValue, Volatility, create_udf},
    prelude::{DataFrame, SessionConfig, SessionContext},
};
use std::sync::Arc;

/// Rows read at a time where pictures are among their columns, and where not.
const WITH_PICTURES: usize = 128;
const WITHOUT: usize = 8192;

/// Ids in order.
#[derive(Clone, Debug)]
pub(super) struct Chosen(Arc<Vec<i64>>);

impl Chosen {
    pub(super) fn new(mut ids: Vec<i64>) -> Self {
        ids.sort_unstable();
        Self(Arc::new(ids))
    }

    pub(super) fn ids(&self) -> &[i64] {
        &self.0
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
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
        let ids = Arc::clone(&self.0);
        let is_chosen = move |arguments: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(arguments)?;
            let [found] = arrays.as_slice() else {
                return Err(DataFusionError::Internal("a row has one id".to_owned()));
            };
            let found = found.as_primitive::<Int64Type>();
            let mask: BooleanArray = found.iter().map(|id| id.map(|id| ids.binary_search(&id).is_ok())).collect();
            Ok(ColumnarValue::Array(Arc::new(mask)))
        };
        let name = "pinakes_is_chosen";
        let function =
            create_udf(name, vec![DataType::Int64], DataType::Boolean, Volatility::Immutable, Arc::new(is_chosen));
        context.register_udf(function);
        Ok(context.sql(&format!("select {columns} from samples where {name}(id)")).await?)
    }
}
