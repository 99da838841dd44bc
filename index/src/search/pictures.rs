//! The pictures of a page of hits: those of the nearest, as far as there is room.

use super::listed;
use crate::{Dataset, Error, sql};
use arrow_array::{Array, cast::AsArray, types::Int64Type};
use futures::TryStreamExt;
use std::collections::{BTreeMap, HashMap};

/// A stored picture that is larger is told of and not shown.
pub(super) const PICTURE_BYTES: usize = 1 << 20;

/// Pictures of one page.
pub(super) const ALL_BYTES: usize = 32 << 20;

/// What there is of a row's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Picture {
    /// None is stored.
    Missing,
    /// There is no room for so many bytes.
    LeftOut(usize),
    /// The bytes that are stored.
    Shown(Vec<u8>),
}

/// The pictures of the rows `ids`, in their order. No more of them is in memory than is shown, and what is read at a time.
pub(super) async fn of(dataset: &Dataset, ids: &[i64]) -> Result<Vec<Picture>, Error> {
    let places: HashMap<i64, usize> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    let mut room = Room::new(ids.len());
    let query = format!("select id, image from samples where id in {}", listed(ids.iter().copied()));
    let mut stream = sql::plan(dataset, &query).await?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        let (ids, images) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_binary::<i32>());
        for row in (0..batch.num_rows()).filter(|row| images.is_valid(*row)) {
            if let Some(place) = places.get(&ids.value(row)) {
                room.add(*place, images.value(row));
            }
        }
    }
    Ok(room.pictures())
}

/// Pictures as they come, in whatever order.
struct Room {
    /// The length of each, where there is one.
    lengths: Vec<Option<usize>>,
    kept: BTreeMap<usize, Vec<u8>>,
    bytes: usize,
}

impl Room {
    fn new(rows: usize) -> Self {
        Self { lengths: vec![None; rows], kept: BTreeMap::new(), bytes: 0 }
    }

    fn add(&mut self, place: usize, image: &[u8]) {
        if self.lengths[place].replace(image.len()).is_some() || image.len() > PICTURE_BYTES {
            return;
        }
        self.kept.insert(place, image.to_vec());
        self.bytes += image.len();
        // The last is the one to go: with all that are kept before it there is no room for it.
        while self.bytes > ALL_BYTES
            && let Some((_, last)) = self.kept.pop_last()
        {
            self.bytes -= last.len();
        }
    }

    fn pictures(mut self) -> Vec<Picture> {
        let mut room = ALL_BYTES;
        let mut pictures = Vec::with_capacity(self.lengths.len());
        for (place, length) in self.lengths.into_iter().enumerate() {
            pictures.push(match length {
                None => Picture::Missing,
                Some(length) if length > PICTURE_BYTES => Picture::LeftOut(length),
                Some(length) => {
                    // Behind the first that does not fit none is shown, so that it does not matter in which order they came.
                    let fits = length <= room;
                    room = room.saturating_sub(length);
                    self.kept.remove(&place).filter(|_| fits).map_or(Picture::LeftOut(length), Picture::Shown)
                }
            });
        }
        pictures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_shown_whatever_the_order() {
        let rows = 80;
        // Every tenth has none, every tenth one that is too large; of the others about fifty have room.
        let image = |place: usize| match place % 10 {
            3 => None,
            7 => Some(vec![7_u8; PICTURE_BYTES + 1]),
            _ => Some(vec![1_u8; PICTURE_BYTES / 2 + place * 4096]),
        };
        let mut all: Vec<Vec<Picture>> = Vec::new();
        for step in [1, 79, 37] {
            let mut room = Room::new(rows);
            for place in (0..rows).map(|turn| turn * step % rows) {
                if let Some(image) = image(place) {
                    room.add(place, &image);
                }
                assert!(room.bytes <= ALL_BYTES);
            }
            all.push(room.pictures());
        }
        assert!(all[0] == all[1] && all[0] == all[2]);
        let (mut room, mut left_out) = (ALL_BYTES, 0);
        for (place, picture) in all[0].iter().enumerate() {
            match (image(place), picture) {
                (None, Picture::Missing) => {}
                (Some(image), Picture::Shown(shown)) => {
                    assert!(*shown == image && left_out == 0, "{place}");
                    room -= image.len();
                }
                (Some(image), Picture::LeftOut(bytes)) => {
                    assert_eq!(*bytes, image.len());
                    left_out += usize::from(image.len() <= PICTURE_BYTES);
                }
                (image, _) => panic!("{place}: {}", image.is_some()),
            }
        }
        assert!(room < PICTURE_BYTES && left_out > 0, "{room}, {left_out}");
    }
}
