//! The files of one version of a table, as a table of `DataFusion`.

use crate::{
    Error,
    table::{ActiveFile, BUCKET_COLUMN, Range, Table},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::{ScalarValue, Statistics, stats::Precision},
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
use std::{collections::HashMap, sync::Arc};

/// Exactly these files and no others: what else lies in the folder belongs to other versions, or
/// to a publish that was killed.
#[derive(Debug)]
pub(crate) struct ActiveFiles {
    store: ObjectStoreUrl,
    schema: TableSchema,
    files: Vec<ActiveFile>,
    /// What the log tells of their columns; nothing for a single file, which is to be read anyway.
    ranges: HashMap<String, Vec<Range>>,
}

impl ActiveFiles {
    /// `files` of `table`. Its store becomes known to `context` under `name`.
    pub(crate) fn register(
        context: &SessionContext,
        name: &str,
        table: &Table,
        files: Vec<ActiveFile>,
    ) -> std::result::Result<Arc<Self>, Error> {
        Self::with_schema(context, name, table, files, table.file_schema()?)
    }

    /// The same with texts as views: grouping, comparing and filtering copy none. For whoever takes texts of either kind.
    pub(crate) fn register_views(
        context: &SessionContext,
        name: &str,
        table: &Table,
        files: Vec<ActiveFile>,
    ) -> std::result::Result<Arc<Self>, Error> {
        let file_schema = table.file_schema()?;
        let schema = viewed(&file_schema);
        Self::with_schema(context, name, table, files, schema)
    }

    fn with_schema(
        context: &SessionContext,
        name: &str,
        table: &Table,
        files: Vec<ActiveFile>,
        schema: SchemaRef,
    ) -> std::result::Result<Arc<Self>, Error> {
        let store = ObjectStoreUrl::parse(format!("pinakes://{name}"))?;
        context.register_object_store(store.as_ref(), table.store().inner());
        let all = table.schema()?;
        let partition = Arc::new(all.field_with_name(BUCKET_COLUMN)?.clone());
        let schema = TableSchema::builder(schema).with_table_partition_cols(vec![partition]).build();
        let ranges = if files.len() > 1 { table.ranges()? } else { HashMap::new() };
        Ok(Arc::new(Self { store, schema, files, ranges }))
    }

    /// A file with what the log tells of it, by which it is skipped before it is opened.
    fn partitioned(&self, file: &ActiveFile) -> PartitionedFile {
        let known = PartitionedFile::new(file.path.clone(), file.size)
            .with_partition_values(vec![ScalarValue::Int32(Some(file.bucket))]);
        let Some(ranges) = self.ranges.get(&file.path) else { return known };
        let schema = self.schema.file_schema();
        let mut statistics = Statistics::new_unknown(schema);
        statistics.num_rows = rows(file.rows);
        for range in ranges {
            let Ok(place) = schema.index_of(&range.column) else { continue };
            let kind = schema.field(place).data_type();
            // Times are texts in the log, and cut to milliseconds: their greatest may be less than a value.
            let is_told = match range.low {
                ScalarValue::Utf8(_) => matches!(kind, DataType::Utf8 | DataType::Utf8View),
                _ => kind.is_floating(),
            };
            let (true, Ok(low), Ok(high)) = (is_told, range.low.cast_to(kind), range.high.cast_to(kind)) else {
                continue;
            };
            let column = &mut statistics.column_statistics[place];
            // Bounds are enough to skip a file by, and nothing else is done with a single file's: see `scan`.
            column.min_value = Precision::Exact(low);
            column.max_value = Precision::Exact(high);
            column.null_count = Precision::Exact(0);
        }
        known.with_statistics(Arc::new(statistics))
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
    // which skips files by their bucket and their ranges, row groups by their statistics, pages by their index.
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
        let files: Vec<_> = self.files.iter().map(|file| self.partitioned(file)).collect();
        let groups = FileGroup::new(files).split_files(state.config().target_partitions());
        let source = Arc::new(ParquetSource::new(self.schema.clone()));
        // Of the whole only the number of rows: bounds that another tool shortened must not answer a `max`.
        let mut statistics = Statistics::new_unknown(self.schema.table_schema());
        statistics.num_rows = rows(self.files.iter().map(|file| file.rows).sum());
        let mut scan = FileScanConfigBuilder::new(self.store.clone(), source)
            .with_file_groups(groups)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit);
        if !self.ranges.is_empty() {
            scan = scan.with_statistics(statistics);
        }
        Ok(DataSourceExec::from_data_source(scan.build()))
    }
}

fn rows(count: u64) -> Precision<usize> {
    usize::try_from(count).map_or(Precision::Absent, Precision::Exact)
}

/// `schema` with views for texts. Texts within lists and groups stay as they are.
fn viewed(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 => Arc::new(Field::clone(field).with_data_type(DataType::Utf8View)),
        _ => Arc::clone(field),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A table of these columns without rows: stands for a ledger that was never written.
pub(crate) fn empty(schema: Schema) -> Arc<dyn TableProvider> {
    Arc::new(EmptyTable::new(Arc::new(schema)))
}
