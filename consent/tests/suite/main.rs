//! The crate from outside: examples, conformance, comparison with another parser, properties.

mod common;
mod conformance;
mod differential;
mod embedded;
mod files;
mod google;
mod matrix;
mod properties;
