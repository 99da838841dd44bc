//! The door and the names of hosts, against name servers and web servers on loopback. No query leaves
//! this machine.

mod name_server;
mod names;
mod secure;
mod sending;
mod web;
