//! What the outside tests share: a web on loopback, an archive forge, the command line.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod cli;
pub(crate) mod data;
pub(crate) mod forge;
pub(crate) mod gallery;
pub(crate) mod table;
pub(crate) mod web;
pub(crate) mod world;
