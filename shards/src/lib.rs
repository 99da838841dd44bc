//! Where rows rest between stages.
//!
//! Every stage writes Parquet files whose row groups each hold rows of one bucket, so that the
//! next stage's task reads only its own groups out of every file: that is the whole shuffle.
//! Files appear whole under their final name or not at all, and a task's report is written
//! last: a task whose report exists is done.

mod pack;
mod pictures;
mod reader;
mod report;
mod store;
mod writer;

pub use pack::{PackWriter, read_pack};
pub use pictures::stream_pictures;
pub use reader::{buckets_of, read_all, read_bucket, stream_bucket};
pub use store::{Error, Store};
pub use writer::ShardWriter;
