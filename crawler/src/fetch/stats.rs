//! The account of a share in the form of img2dataset's `…_stats.json`, for tools that read these.

use chrono::{DateTime, Utc};
use schema::LedgerRow;
use serde::Serialize;
use std::collections::BTreeMap;

/// What img2dataset writes of a shard, in its names. Pictures are decoded later here, so that none fails to be
/// resized; that nobody was asked counts as not downloaded, like every other end without a picture.
#[derive(Debug, Serialize)]
pub(super) struct Stats<'a> {
    count: usize,
    successes: usize,
    failed_to_download: usize,
    failed_to_resize: usize,
    /// Seconds.
    duration: f64,
    /// Seconds since 1970.
    start_time: f64,
    end_time: f64,
    /// Ends by their reason's name, and `success`.
    status_dict: BTreeMap<&'a str, usize>,
}

impl<'a> Stats<'a> {
    /// Of a share that keeps `kept` pictures and lost `lost`.
    pub(super) fn of(kept: usize, lost: &'a [LedgerRow], start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        let mut status_dict = BTreeMap::new();
        if kept > 0 {
            status_dict.insert("success", kept);
        }
        for row in lost {
            *status_dict.entry(row.reason.as_str()).or_default() += 1;
        }
        let seconds = |time: DateTime<Utc>| time.timestamp_micros() as f64 / 1e6;
        Self {
            count: kept + lost.len(),
            successes: kept,
            failed_to_download: lost.len(),
            failed_to_resize: 0,
            duration: seconds(end) - seconds(start),
            start_time: seconds(start),
            end_time: seconds(end),
            status_dict,
        }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::plan::tests::row;
    use schema::DropReason;
    use serde_json::{Value, json};

    #[test]
    fn a_share_is_told_of_in_img2datasets_names() {
        let lost = [DropReason::Gone, DropReason::ImageRobots, DropReason::Gone]
            .map(|reason| LedgerRow::of(&row("http://a.example/1", "http://p/", false).candidate, reason));
        let time = |seconds| DateTime::from_timestamp(seconds, 500_000_000).unwrap();
        let stats = Stats::of(2, &lost, time(1000), time(1007)).to_json();
        let expected = json!({
            "count": 5, "successes": 2, "failed_to_download": 3, "failed_to_resize": 0,
            "duration": 7.0, "start_time": 1000.5, "end_time": 1007.5,
            "status_dict": {"gone": 2, "image_robots": 1, "success": 2},
        });
        assert_eq!(serde_json::from_slice::<Value>(&stats).unwrap(), expected);
    }
}
