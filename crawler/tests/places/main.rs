//! Archives from where they live, against servers as they are: cut, slow, strict, changed.
#![allow(clippy::unwrap_used, reason = "tests")]

mod candidates;
mod listings;
mod manners;
mod robots;
mod s3;
mod transfers;
mod web;

use crawler::{
    Error,
    archives::{Archive, Courier, Patience, spell_out_with},
};
use schema::{Agent, Input};
use std::{io::Read, time::Duration};

/// Waits so short that a test with many of them takes less than a second.
const SOON: Patience = Patience {
    first_wait: Duration::from_millis(10),
    longest_wait: Duration::from_millis(40),
    longest_retry_after: Duration::from_secs(5),
    stall: Duration::from_secs(5),
    tries: 4,
    least_progress: 1,
};

fn agent() -> Agent {
    Agent { name: "reader".into(), contact: "https://reader.example/bot".into(), ..Agent::default() }
}

fn courier(patience: Patience, input: &Input, environment: &[(&str, &str)]) -> Courier {
    let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Courier::new(&agent(), input, patience, environment).unwrap()
}

/// What `archives` names, by one courier.
async fn spelled(patience: Patience, archives: &[String]) -> Vec<Archive> {
    let input = Input { archives: archives.to_vec(), ..Input::default() };
    spell_out_with(&courier(patience, &input, &[]), &input).await.unwrap()
}

/// All bytes of one archive, read as extract reads.
async fn read(archive: &Archive) -> Result<Vec<u8>, Error> {
    let archive = archive.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        match archive.open()?.read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(Error::reading(&archive.name, error)),
        }
    });
    reading.await.unwrap()
}

async fn read_url(patience: Patience, url: String) -> Result<Vec<u8>, Error> {
    read(&spelled(patience, &[url]).await[0]).await
}

/// Bytes among which no two stretches are alike.
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut random = Random(seed);
    std::iter::repeat_with(|| random.next().to_le_bytes()).flatten().take(count).collect()
}

/// Numbers for tests, the same each time (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}
