//! Stage three: the hosts of the images are asked, and what nobody objects to is downloaded.
//!
//! A task takes one bucket of image hosts: every page that shows one of their pictures. Refusals
//! of any page stick to the URL. Each host has a queue of its own, asked at the host's pace; what
//! comes back is written in shares as they fill, so that a killed task goes on where it stopped and
//! asks no host twice for what is already here.

mod again;
mod download;
mod live;
mod plan;
mod queue;
mod shares;
mod stats;

pub use again::{Again, count, reopen};
pub use live::Live;

use crate::{Error, Sites, door::Door};
use consent::Policy;
use download::End;
use plan::Plan;
use schema::{Admitted, Bucket, Config, LedgerRow, Work};
use shards::{ShardWriter, Store, read_bucket};
use shares::Shares;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{sync::mpsc, task::JoinSet};

/// Hosts of one bucket that are asked at a time. Most of them are at rest between two requests, so
/// these are many more than there are connections.
const MOST_HOSTS: usize = 4096;

/// Pictures that wait to be put into a share.
const MOST_WAITING: usize = 32;

/// What the fetch stage works with, shared by its tasks.
#[derive(Clone, Debug)]
pub struct Tools {
    /// Where stage files are.
    pub store: Store,
    /// The run's settings.
    pub config: Arc<Config>,
    /// The rules of consent.
    pub policy: Arc<Policy>,
    /// The way out.
    pub door: Arc<Door>,
    /// What sites state.
    pub sites: Arc<Sites>,
    /// How far all this is.
    pub live: Arc<Live>,
}

/// Requests sent, by what for.
#[derive(Debug, Default)]
struct Requests {
    /// robots.txt and its kin, licence terms.
    site_files: AtomicU64,
    /// Redirects and retries among them.
    images: AtomicU64,
}

/// Runs the task of one bucket of image hosts.
pub async fn run(tools: &Tools, bucket: Bucket) -> Result<Work, Error> {
    let mut rows: Vec<Admitted> = Vec::new();
    for name in tools.store.list("admit").await? {
        rows.extend(read_bucket::<Admitted>(&tools.store, &name, bucket).await?);
    }
    let mut shares = Shares::open(&tools.store, bucket, Arc::clone(&tools.live)).await?;
    let plan = Plan::of(rows, tools.config.fetch.host_budget, |url| shares.holds(url));

    let name = format!("fetch/{bucket}.ledger.parquet");
    let unasked: Vec<LedgerRow> = plan.dropped.iter().map(|(row, reason)| LedgerRow::of(row, *reason)).collect();
    shares.count_unasked(&unasked, &name);
    ShardWriter::write_all(&tools.store, &name, unasked, |_| bucket).await?;

    let requests = Arc::new(Requests::default());
    download(tools, plan, &requests, &mut shares).await?;

    let mut work = shares.close().await?;
    let total =
        |what: &str, now: &AtomicU64| work.counts.requests.get(what).unwrap_or(&0) + now.load(Ordering::Relaxed);
    let (site_files, images) = (total("site files", &requests.site_files), total("image", &requests.images));
    work.counts.requests.insert("site files".into(), site_files);
    work.counts.requests.insert("image".into(), images);
    Ok(work)
}

/// Asks all hosts, many side by side, each at its own pace.
async fn download(tools: &Tools, plan: Plan, requests: &Arc<Requests>, shares: &mut Shares) -> Result<(), Error> {
    let (ends, mut arriving) = mpsc::channel::<End>(MOST_WAITING);
    let mut queues = plan.queues.into_iter();
    let mut hosts = JoinSet::new();
    loop {
        while hosts.len() < MOST_HOSTS
            && let Some(queue) = queues.next()
        {
            let failures = shares.failures(&queue.host);
            hosts.spawn(queue::ask_all(tools.clone(), queue, failures, Arc::clone(requests), ends.clone()));
        }
        if hosts.is_empty() {
            break;
        }
        tokio::select! {
            Some(end) = arriving.recv() => shares.add(end).await?,
            () = shares.is_due() => shares.write().await?,
            Some(done) = hosts.join_next() => done?,
        }
    }
    drop(ends);
    while let Some(end) = arriving.recv().await {
        shares.add(end).await?;
    }
    Ok(())
}
