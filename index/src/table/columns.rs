//! Columns that a table did not have from the beginning: a dataset of an earlier version is published into as well.

use super::{Change, Table};
use crate::Error;
use arrow_schema::{Field, Schema};
use deltalake_core::{
    kernel::{Action, MetadataExt, StructField, StructType, engine::arrow_conversion::TryIntoKernel},
    protocol::DeltaOperation,
};
use schema::Row;

impl Table {
    /// The table with all columns of `T`: those that it lacks are added behind the others, and are null in its old files.
    pub(super) async fn grown<T: Row>(self, change: &Change) -> Result<Self, Error> {
        self.with_columns(T::fields(), change).await
    }

    /// The table with all of `columns`, likewise.
    pub(crate) async fn with_columns(self, columns: Vec<Field>, change: &Change) -> Result<Self, Error> {
        let known = self.schema()?;
        let missing: Vec<Field> =
            columns.into_iter().filter(|field| known.column_with_name(field.name()).is_none()).collect();
        if missing.is_empty() {
            return Ok(self);
        }
        let missing: StructType = (&Schema::new(missing)).try_into_kernel()?;
        let missing: Vec<StructField> = missing.fields().cloned().collect();
        let metadata = self.delta.snapshot()?.metadata().clone();
        let columns = metadata.parse_schema().map_err(deltalake_core::DeltaTableError::from)?;
        let columns = StructType::try_new(columns.fields().cloned().chain(missing.iter().cloned()))
            .map_err(deltalake_core::DeltaTableError::from)?;
        let mut change = change.clone();
        // Not the change that asks for it: that one is still to come.
        change.id.push_str(".columns");
        let actions =
            vec![Action::Metadata(metadata.with_schema(&columns).map_err(deltalake_core::DeltaTableError::from)?)];
        self.commit(actions, DeltaOperation::AddColumn { fields: missing }, &change).await?.ok_or(Error::Contended)?;
        let name = self.store.url().to_string();
        let gone = Error::Record { name, problem: "the table is gone".into() };
        Self::open(&self.store, None).await?.ok_or(gone)
    }
}
