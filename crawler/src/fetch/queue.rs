//! One host's queue: its pictures one after the other (or a few at a time, where the settings allow
//! several connections), until the host's patience or ours is at an end.

use super::{
    Requests, Tools,
    download::{Downloader, End},
    plan::{Queue, Wanted},
};
use chrono::Utc;
use futures::{StreamExt, stream::FuturesUnordered};
use schema::{DropReason, Kind, LedgerRow};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use tokio::sync::mpsc::Sender;

/// Asks for all of `queue`. `failures` is how often in a row the host has failed us before.
pub(super) async fn ask_all(tools: Tools, mut queue: Queue, failures: u32, requests: Arc<Requests>, ends: Sender<End>) {
    let _at_work = tools.live.host();
    let patience = tools.config.fetch.host_patience;
    let side_by_side = tools.config.fetch.per_host_connections.max(1);
    let failures = AtomicU32::new(failures);
    let downloader = Downloader { tools: &tools, requests: &requests, failures: &failures };
    let mut running = FuturesUnordered::new();
    loop {
        while failures.load(Ordering::Relaxed) < patience
            && running.len() < side_by_side
            && let Some(wanted) = queue.wanted.pop_front()
        {
            running.push(downloader.one(wanted));
        }
        let Some(end) = running.next().await else { break };
        // Nobody takes it where the task has failed, and tells so itself.
        if ends.send(end).await.is_err() {
            return;
        }
    }
    for Wanted { candidate, .. } in queue.wanted {
        let mut row = LedgerRow::of(&candidate, DropReason::HostLetAlone);
        row.ended_at = Some(Utc::now());
        let end = End::Lost(Box::new(row));
        if ends.send(end).await.is_err() {
            return;
        }
    }
}

/// Whether an end counts against its host's patience: it failed us, or it said no to one picture
/// after the other once we had asked.
pub(super) fn strains_patience(reason: DropReason) -> bool {
    use DropReason::{AccessRefused, Gone, ImageFile, ImageHeader, NotAnImage, TooManyPixels};
    let is_harmless = matches!(reason, Gone | NotAnImage | TooManyPixels);
    matches!(reason, AccessRefused | ImageHeader | ImageFile) || (reason.kind() == Kind::Failed && !is_harmless)
}
