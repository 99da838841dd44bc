//! Texts that stand with many pictures of one page host: names of shops, mottoes, what a template
//! puts into every `alt`. They describe none of their pictures.

use schema::{Admitted, Candidate, DropReason, TextFlag};
use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

/// The texts of a task that repeat, as hashes with that of their host: a task has millions of
/// candidates.
pub(super) struct RepeatedTexts(HashSet<u64>);

impl RepeatedTexts {
    /// Those that stand with at least `from` different pictures of a host; none where it is 0.
    pub(super) fn of(candidates: &[Candidate], from: usize) -> Self {
        if from == 0 {
            return Self(HashSet::new());
        }
        let mut pairs: Vec<(u64, u64)> =
            candidates.iter().filter(|row| has_host(row)).map(|row| (text(row), hash(&row.url))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let of_one_text = pairs.chunk_by(|(one, _), (other, _)| one == other);
        Self(of_one_text.filter(|pairs| pairs.len() >= from).filter_map(|pairs| Some(pairs.first()?.0)).collect())
    }

    /// Flags a row whose text repeats, and drops it where the settings want no such texts. A refusal
    /// that the row has already stands.
    pub(super) fn mark(&self, row: &mut Admitted, drop_texts: &[TextFlag]) {
        if self.0.is_empty() || !has_host(&row.candidate) || !self.0.contains(&text(&row.candidate)) {
            return;
        }
        row.candidate.text_flags.push(TextFlag::Repeated);
        if drop_texts.contains(&TextFlag::Repeated) {
            row.refused = row.refused.or(Some(DropReason::RepeatedText));
        }
    }
}

/// Whether its page is known: rows of lists that name none have nothing in common.
fn has_host(row: &Candidate) -> bool {
    !row.page_host.is_empty()
}

/// A text on its host, in any case. Extract has cleaned it.
fn text(row: &Candidate) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.page_host.hash(&mut hasher);
    row.text.chars().flat_map(char::to_lowercase).for_each(|character| character.hash(&mut hasher));
    hasher.finish()
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::{ImageSource, SampleId, TextSource};

    fn row(host: &str, url: &str, text: &str) -> Candidate {
        Candidate {
            id: SampleId::of(url, text),
            url: url.into(),
            text: text.into(),
            text_source: TextSource::Alt,
            text_flags: vec![TextFlag::Capitals],
            language: None,
            alt: None,
            title: None,
            caption: None,
            image_source: ImageSource::Src,
            other_urls: Vec::new(),
            page_url: format!("http://{host}/"),
            page_host: host.into(),
            image_host: "i.example".into(),
            archive: "a".into(),
            archive_offset: 0,
            captured_at: None,
            page_language: None,
            license_url: None,
            evidence: Vec::new(),
            checked: Vec::new(),
        }
    }

    /// Whether each row is flagged, and dropped.
    fn marked(
        rows: &[Candidate],
        from: usize,
        drop_texts: &[TextFlag],
        refused: Option<DropReason>,
    ) -> Vec<(bool, Option<DropReason>)> {
        let repeated = RepeatedTexts::of(rows, from);
        let rows = rows.iter().map(|row| {
            let mut row = Admitted { candidate: row.clone(), refused };
            repeated.mark(&mut row, drop_texts);
            assert_eq!(row.candidate.text_flags[0], TextFlag::Capitals);
            (row.candidate.text_flags.get(1) == Some(&TextFlag::Repeated), row.refused)
        });
        rows.collect()
    }

    #[test]
    fn a_text_repeats_with_different_pictures_of_one_host() {
        let rows = [
            row("a.example", "http://i.example/1", "Big Shop"),
            row("a.example", "http://i.example/2", "BIG SHOP"),
            // The same picture again, on whatever page.
            row("a.example", "http://i.example/2", "Big Shop"),
            row("a.example", "http://i.example/3", "big shop"),
            row("a.example", "http://i.example/4", "Größe"),
            row("a.example", "http://i.example/5", "A cat"),
            row("b.example", "http://i.example/6", "Big Shop"),
            row("b.example", "http://i.example/7", "Big Shop"),
        ];
        let flagged = |from| marked(&rows, from, &[], None).into_iter().map(|(flagged, _)| flagged).collect::<Vec<_>>();
        assert_eq!(flagged(3), [true, true, true, true, false, false, false, false]);
        assert_eq!(flagged(2), [true, true, true, true, false, false, true, true]);
        assert_eq!(flagged(4), [false; 8]);
        assert_eq!(flagged(0), [false; 8]);
        assert_eq!(flagged(1), [true; 8]);
    }

    #[test]
    fn what_repeats_is_dropped_only_where_the_settings_say_so() {
        let rows = [row("a.example", "http://i.example/1", "Shop"), row("a.example", "http://i.example/2", "SHOP")];
        let drop = [TextFlag::Generic, TextFlag::Repeated];
        assert_eq!(marked(&rows, 2, &drop[..1], None), [(true, None); 2]);
        assert_eq!(marked(&rows, 2, &drop, None), [(true, Some(DropReason::RepeatedText)); 2]);
        // Somebody's no is not told as our taste.
        let refused = Some(DropReason::PageRobots);
        assert_eq!(marked(&rows, 2, &drop, refused), [(true, refused); 2]);
        assert_eq!(marked(&rows, 3, &drop, None), [(false, None); 2]);
    }
}
