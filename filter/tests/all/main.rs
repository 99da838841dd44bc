//! One binary for all tests from outside, since each would link the whole inference backend anew.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the answer")]

mod avif;
mod clean;
mod custom;
mod decode;
mod exif;
mod graph;
mod heads;
mod memory;
mod model;
mod parity;
mod phash;
mod preprocess;
mod profile;
mod retrieval;
mod scorer;
mod support;
mod tokenize;
mod towers;
