//! The files of one version of a table, as a table of `DataFusion`.

use crate::{
    Error,
    table::{ActiveFile, BUCKET_COLUMN, Table},
};
use arrow_schema::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::ScalarValue,
    datasource::{
        TableType,
        empty::EmptyTable,
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
        table_schema::TableSchema,
    },
    error::Result,
    execution::object_store::ObjectStoreUrl,
    logical_expr::Expr,
    physical_plan::{ExecutionPlan, empty::EmptyExec},
    prelude::SessionContext,
};
use std::sync::Arc;

/// Exactly these files and no others: what else lies in the folder belongs to other versions, or
/// to a publish that was killed.
#[derive(Debug)]
pub(crate) struct ActiveFiles {
    store: ObjectStoreUrl,
    schema: TableSchema,
    files: Vec<ActiveFile>,
}

impl ActiveFiles {
    /// `files` of `table`. Its store becomes known to `context` under `name`.
    pub(crate) fn register(
        context: &SessionContext,
        name: &str,
        table: &Table,
        files: Vec<ActiveFile>,
    ) -> std::result::Result<Arc<Self>, Error> {
        let store = ObjectStoreUrl::parse(format!("pinakes://{name}"))?;
        context.register_object_store(store.as_ref(), table.store().inner());
        let all = table.schema()?;
        let partition = Arc::new(all.field_with_name(BUCKET_COLUMN)?.clone());
        let schema = TableSchema::builder(table.file_schema()?).with_table_partition_cols(vec![partition]).build();
        Ok(Arc::new(Self { store, schema, files }))
    }
}

#[async_trait]
impl TableProvider for ActiveFiles {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.schema.table_schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    // Filters are not looked at here: the optimizer hands them to the Parquet source by itself,
    // which skips files by their bucket and row groups by their statistics.
    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if self.files.is_empty() {
            let schema = match projection {
                Some(columns) => Arc::new(self.schema().project(columns)?),
                None => self.schema(),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let files: Vec<_> = self.files.iter().map(partitioned).collect();
        let groups = FileGroup::new(files).split_files(state.config().target_partitions());
        let source = Arc::new(ParquetSource::new(self.schema.clone()));
        let scan = FileScanConfigBuilder::new(self.store.clone(), source)
            .with_file_groups(groups)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }
}

fn partitioned(file: &ActiveFile) -> PartitionedFile {
    PartitionedFile::new(file.path.clone(), file.size)
        .with_partition_values(vec![ScalarValue::Int32(Some(file.bucket))])
}

/// A table of these columns without rows: stands for a ledger that was never written.
pub(crate) fn empty(schema: Schema) -> Arc<dyn TableProvider> {
    Arc::new(EmptyTable::new(Arc::new(schema)))
}
