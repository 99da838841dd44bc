//! Reads WARC archives: one gzip member a record (as Common Crawl writes them), one member for
//! all, or plain. ISO 28500:2017, and the 0.17 and 0.18 drafts that old crawls still lie in; ARC
//! 1.0 to 2.0, the format before WARC, too.

mod arc;
mod buffer;
mod digest;
mod gzip;
mod inflate;
mod item;
mod reader;
mod record;
mod stream;
mod window;

pub use digest::DigestCheck;
pub use item::{Damage, Item, Limits};
pub use reader::Reader;
pub use record::Record;
