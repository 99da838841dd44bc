//! The hostile web: what its servers do, and the table of what must become of each.

pub(crate) mod behaviour;
mod bodies;
mod bombs;
mod child;
mod codings;
mod heads;
mod peer;
mod pictures;
mod redirects;
mod server;
mod sites;
mod statuses;
pub(crate) mod tls;
mod types;

pub(crate) use behaviour::Behaviour;
pub(crate) use bodies::crowd;
pub(crate) use child::run;
pub(crate) use pictures::poison_sha256;
pub(crate) use server::{Server, Visit};

/// All behaviours, each on a host of its own. `port` is where the web is served: whoever is led astray
/// to an address of this machine would find something there.
pub(crate) fn all(port: u16) -> Vec<Behaviour> {
    let mut all = bodies::all();
    all.extend(codings::all());
    all.extend(heads::all());
    all.extend(statuses::all());
    all.extend(redirects::all(port));
    all.extend(types::all());
    all.extend(sites::all());
    all.extend(tls::all());
    all
}
