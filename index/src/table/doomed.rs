//! Which rows are to go.

use super::Groups;
use crate::Error;
use arrow_array::BooleanArray;

/// Which rows of a data file are to go. Looks at the columns that it needs and at no others; blocking, since it is asked off
/// the async threads.
pub(crate) trait Doomed: Send + Sync {
    /// Whether any row may be among them at all.
    fn is_empty(&self) -> bool {
        false
    }

    /// The marks of one row group; `None` where no row is marked.
    fn in_group(&self, file: &Groups, group: usize) -> Result<Option<BooleanArray>, Error>;
}
