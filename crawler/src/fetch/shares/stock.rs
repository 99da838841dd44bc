//! What an earlier attempt left on disk: how it counts, what need not be asked for again, and how its hosts behaved.

use super::{Shares, count_kept, count_lost};
use crate::{Error, fetch::queue::strains_patience};
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use schema::{DropReason, Fetched, LedgerRow};
use shards::{read_all, stream_bucket};

impl Shares {
    /// Takes stock of the next share, and counts it as written.
    pub(super) async fn take_stock(&mut self) -> Result<(), Error> {
        let names = self.names();
        let mut ends: Vec<(Option<DateTime<Utc>>, String, Said)> = Vec::new();
        let mut images = 0;
        let mut batches = Box::pin(stream_bucket::<Fetched>(&self.store, &names.rows, self.bucket).await?);
        while let Some(batch) = batches.try_next().await? {
            for row in batch {
                count_kept(&mut self.work, &row);
                self.live.keep(0);
                images += u64::try_from(row.attempts).unwrap_or(0);
                ends.push((Some(row.fetched_at), row.candidate.image_host, Said::Good));
                self.held.insert(row.candidate.url);
            }
        }
        for row in read_all::<LedgerRow>(&self.store, &names.ledger).await? {
            count_lost(&mut self.work, &row);
            self.live.lose(&row.reason);
            images += u64::try_from(row.attempts).unwrap_or(0);
            let is_bad = DropReason::named(&row.reason).is_some_and(strains_patience);
            let said = if is_bad { Said::Bad } else { Said::Neither };
            ends.push((row.ended_at, row.image_host, said));
            self.held.insert(row.url);
        }
        // Whether a host has failed us again and again is a matter of order.
        ends.sort_by_key(|(time, ..)| *time);
        for (_, host, said) in ends {
            let failures = self.failures.entry(host).or_default();
            match said {
                Said::Good => *failures = 0,
                Said::Bad => *failures += 1,
                Said::Neither => {}
            }
        }
        *self.work.counts.requests.entry("image".into()).or_default() += images;
        self.work.outputs.extend(names.all());
        self.written += 1;
        Ok(())
    }
}

/// What an end says of its host.
enum Said {
    Good,
    Bad,
    Neither,
}
