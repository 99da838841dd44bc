//! An index opened for searching.

use super::{Direction, damaged, files, manifest::Manifest, segment::Head};
use crate::{Error, table::ActiveFile};
use alike::nearest::{Best, Centres, scan};
use bytes::Bytes;
use shards::Store;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Lists are read and looked through in so many threads at a time.
const AT_A_TIME: usize = 4;

/// All that is held of an index while it is searched: heads, and whole segments where memory is given for them.
pub(super) struct Index {
    pub(super) manifest: Manifest,
    pub(super) centres: Centres,
    lists: Arc<Lists>,
}

/// Where lists lie.
struct Lists {
    store: Store,
    heads: Vec<Head>,
    /// The segment of each list, and its number in it.
    places: Vec<(usize, usize)>,
    /// Whole segments.
    kept: Vec<Option<Bytes>>,
}

/// What a row must be to be found.
pub(super) struct Allowed {
    /// Numbers of data files that the current version does not have, ascending.
    pub(super) gone: Vec<u32>,
    /// Ids, ascending.
    pub(super) ids: Option<Vec<i64>>,
}

impl Allowed {
    fn is(&self, id: i64, file: u32) -> bool {
        self.gone.binary_search(&file).is_err() && self.ids.as_ref().is_none_or(|ids| ids.binary_search(&id).is_ok())
    }
}

impl Index {
    /// Reads the heads of all segments.
    pub(super) async fn open(store: &Store, manifest: Manifest) -> Result<Self, Error> {
        let (mut heads, mut places, mut steps) = (Vec::new(), Vec::new(), Vec::new());
        for (number, file) in manifest.segments.iter().enumerate() {
            let head = files::head(store, file, manifest.dimension).await?;
            places.extend((0..head.count()).map(|list| (number, list)));
            steps.extend_from_slice(&head.centres);
            heads.push(head);
        }
        let kept = vec![None; heads.len()];
        let centres = Centres::new(manifest.dimension, steps);
        Ok(Self { manifest, centres, lists: Arc::new(Lists { store: store.clone(), heads, places, kept }) })
    }

    /// Reads all segments, for whoever has many questions. Checked once, here.
    pub(super) async fn keep(&mut self) -> Result<(), Error> {
        let mut kept = Vec::new();
        for (head, file) in self.lists.heads.iter().zip(&self.manifest.segments) {
            let bytes = files::read(&self.lists.store, &file.name, 0..file.bytes).await?;
            for list in 0..head.count() {
                head.check(list, piece_of(&bytes, head, list))?;
            }
            kept.push(Some(bytes));
        }
        let Lists { store, heads, places, .. } = &*self.lists;
        let (store, heads, places) = (store.clone(), heads.clone(), places.clone());
        self.lists = Arc::new(Lists { store, heads, places, kept });
        Ok(())
    }

    /// Numbers of the data files in it that are not among `files`, ascending.
    pub(super) fn gone(&self, files: &[ActiveFile]) -> Vec<u32> {
        self.manifest.clone().take_off_missing(files)
    }

    /// Looks through the `probes` lists nearest to `query`; what was found, and how many rows were looked at.
    pub(super) async fn search(
        &self,
        query: &Direction,
        probes: usize,
        most: usize,
        allowed: Allowed,
    ) -> Result<(Best, u64), Error> {
        let lists = self.centres.ranked(query.steps(), probes);
        let (allowed, query, lists) = (Arc::new(allowed), Arc::new(query.clone()), Arc::new(lists));
        let mut parts = Vec::new();
        for first in 0..AT_A_TIME.min(lists.len()) {
            let (of, allowed, query, numbers) =
                (Arc::clone(&self.lists), Arc::clone(&allowed), Arc::clone(&query), Arc::clone(&lists));
            parts.push(tokio::spawn(async move {
                let (mut best, mut rows) = (Best::new(most), 0);
                for number in numbers.iter().skip(first).step_by(AT_A_TIME) {
                    rows += of.search(*number, &query, &allowed, &mut best).await?;
                }
                Ok::<_, Error>((best, rows))
            }));
        }
        let (mut best, mut rows) = (Best::new(most), 0);
        for part in parts {
            let (other, more) = part.await.map_err(|error| damaged("", error.to_string()))??;
            best.merge(other);
            rows += more;
        }
        Ok((best, rows))
    }

    /// The list of each of these ids.
    pub(super) async fn lists_of(&self, wanted: &HashSet<i64>) -> Result<HashMap<i64, u32>, Error> {
        let mut found = HashMap::new();
        for (number, (segment, list)) in (0_u32..).zip(&self.lists.places) {
            let piece = self.lists.piece(*segment, *list).await?;
            let (ids, files, _) = self.lists.heads[*segment].parts(*list, &piece);
            for row in 0..files.count() {
                if wanted.contains(&ids.get(row)) {
                    found.insert(ids.get(row), number);
                }
            }
        }
        Ok(found)
    }
}

impl Lists {
    async fn search(&self, list: u32, query: &Direction, allowed: &Allowed, best: &mut Best) -> Result<u64, Error> {
        let (segment, number) = self.places[list as usize];
        let piece = self.piece(segment, number).await?;
        let (ids, files, directions) = self.heads[segment].parts(number, &piece);
        scan(query, directions, best, |row| {
            let id = ids.get(row);
            allowed.is(id, files.get(row)).then_some((id, list))
        });
        let gone = if allowed.gone.is_empty() {
            0
        } else {
            (0..files.count()).filter(|row| allowed.gone.binary_search(&files.get(*row)).is_ok()).count()
        };
        Ok((files.count() - gone) as u64)
    }

    /// A list's bytes, checked.
    async fn piece(&self, segment: usize, list: usize) -> Result<Bytes, Error> {
        let head = &self.heads[segment];
        if let Some(bytes) = &self.kept[segment] {
            let place = head.place(list);
            return Ok(bytes.slice(usize::try_from(place.start).unwrap_or(0)..usize::try_from(place.end).unwrap_or(0)));
        }
        let piece = files::read(&self.store, &head.name, head.place(list)).await?;
        head.check(list, &piece)?;
        Ok(piece)
    }
}

fn piece_of<'a>(bytes: &'a Bytes, head: &Head, list: usize) -> &'a [u8] {
    let place = head.place(list);
    bytes.get(usize::try_from(place.start).unwrap_or(0)..usize::try_from(place.end).unwrap_or(0)).unwrap_or_default()
}
