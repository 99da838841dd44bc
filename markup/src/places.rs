//! Line numbers, found for all places of a page in one go.

use crate::page::{Page, Place};
use memchr::memchr_iter;

/// Fills in the line of every place.
pub(crate) fn number_lines(page: &mut Page, source: &str) {
    let mut places: Vec<&mut Place> = Vec::new();
    places.extend(page.metas.iter_mut().map(|meta| &mut meta.at));
    places.extend(page.licenses.iter_mut().map(|link| &mut link.at));
    places.extend(page.scripts.iter_mut().map(|script| &mut script.at));
    places.extend(page.notices.iter_mut().map(|notice| &mut notice.at));
    for image in &mut page.images {
        places.push(&mut image.at);
        places.extend(image.marks.iter_mut().map(|mark| &mut mark.at));
    }
    places.sort_unstable_by_key(|place| place.byte);
    let (mut line, mut counted) = (1_u32, 0);
    for place in places {
        let feeds = memchr_iter(b'\n', &source.as_bytes()[counted..place.byte]).count();
        line = line.saturating_add(u32::try_from(feeds).unwrap_or(u32::MAX));
        counted = place.byte;
        place.line = line;
    }
}
