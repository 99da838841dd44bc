//! A later round of fetch: what failed for the moment, or was answered long ago, is asked for again.

use super::{Run, Task};
use crate::exit::Stop;
use crawler::fetch::{self, Again};
use schema::{Bucket, Stage};

impl Run {
    /// Opens fetch's tasks again for the pictures that `again` names; says how many they are. Killed half-way, some of
    /// them are open and the rest is as it was: once fetch is done again, the same call finds the rest.
    pub(crate) async fn retry(&mut self, again: Again) -> Result<u64, Stop> {
        let open = self.open_tasks(Stage::Fetch).await?.len();
        if open > 0 {
            let hint = "do `pinakes fetch CONFIG` first: it goes on where it stopped";
            return Err(Stop::yours(format!("nothing to try again yet: {open} tasks of `fetch` are open"), hint));
        }
        self.check_publish().await?;
        let mut total = 0;
        let mut buckets = Vec::new();
        for bucket in (0..self.config.output.buckets).map(Bucket) {
            let count = fetch::count(&self.store, bucket, again).await?;
            total += count;
            buckets.extend((count > 0).then_some(bucket));
        }
        if total > 0 {
            self.begin_round().await?;
        }
        for bucket in buckets {
            // Open first: a task that is done would not look at its ledgers again.
            self.store.delete_report(Stage::Fetch, &bucket.to_string()).await?;
            fetch::reopen(&self.store, bucket, self.identity.round, again).await?;
        }
        Ok(total)
    }

    /// Refuses a run whose publishing was begun and not ended: that round takes in nothing more.
    pub(super) async fn check_publish(&self) -> Result<(), Stop> {
        let publish = self.run_info();
        if self.report(&Task { stage: Stage::Publish, key: publish.id.clone() }).await?.is_none()
            && index::has_begun(&self.store, &publish).await?
        {
            let hint = "do `pinakes publish CONFIG` first: it ends what was begun";
            return Err(Stop::yours("publishing was interrupted, and what is changed now would be lost on it", hint));
        }
        Ok(())
    }

    /// What is published already makes room for another round; what is not is still the same one.
    pub(super) async fn begin_round(&mut self) -> Result<(), Stop> {
        let publish = Task { stage: Stage::Publish, key: self.identity.id.clone() };
        if self.report(&publish).await?.is_some() {
            self.identity.round += 1;
            self.identity.put(&self.store).await?;
            self.store.delete_report(publish.stage, &publish.key).await?;
        }
        Ok(())
    }
}
