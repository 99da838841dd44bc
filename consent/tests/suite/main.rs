//! The crate from outside: examples, conformance, comparison with another parser, properties.

mod common;
mod differential;
mod google;
mod matrix;
mod properties;
