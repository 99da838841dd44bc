//! Reads WARC archives: one gzip member a record (as Common Crawl writes them), one member for
//! all, or plain. ISO 28500:2017, and the 0.17 and 0.18 drafts that old crawls still lie in.

mod reader;
mod record;
mod stream;

pub use reader::{Damage, Item, Limits, Reader};
pub use record::Record;
