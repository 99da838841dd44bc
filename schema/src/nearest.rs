//! The right word nearest to a wrong one, for hints.

/// The one of `known` that `wrong` was meant to be, if any is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.into_iter().min_by_key(|word| edit_distance(wrong, word))?;
    (edit_distance(wrong, near) <= 1 + near.len() / 3).then_some(near)
}

/// Levenshtein distance, one row at a time.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_mended_and_another_word_is_not() {
        let known = ["clip-vit-b-32", "clip-vit-l-14", "demo"];
        assert_eq!(nearest("clip-vit-b32", known), Some("clip-vit-b-32"));
        assert_eq!(nearest("dmeo", known), Some("demo"));
        assert_eq!(nearest("resnet50-imagenet", known), None);
        assert_eq!(nearest("demo", []), None);
    }
}
