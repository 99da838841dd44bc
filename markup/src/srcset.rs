//! The `srcset` attribute (HTML standard, section 4.8.4.2.2, "parsing a srcset attribute").

/// An address of a source set and how large its picture is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate<'s> {
    pub(crate) url: &'s str,
    pub(crate) size: Size,
}

/// What a candidate says of its size. Any width is taken for more than any density: a page that gives widths
/// gives them for all candidates of a set, and of two sets the one with widths says more.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) enum Size {
    /// Pixels of the picture for one of the page: `2x`; 1 where nothing is said.
    Density(f64),
    /// Pixels across: `1280w`. `sizes` says how wide the picture is shown, not how wide it is.
    Width(f64),
}

/// The candidates, in order, without those that the standard drops.
pub(crate) fn candidates(srcset: &str) -> impl Iterator<Item = Candidate<'_>> {
    let mut rest = srcset;
    let all = std::iter::from_fn(move || {
        let (url, descriptors, after) = candidate(rest)?;
        rest = after;
        Some((url, descriptors))
    });
    all.filter_map(|(url, descriptors)| Some(Candidate { url, size: size(descriptors)? }))
}

/// The first candidate's address and descriptors, and what follows. An address may hold commas
/// inside, not at its ends.
fn candidate(text: &str) -> Option<(&str, &str, &str)> {
    let is_before = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
    let text = &text[text.bytes().take_while(is_before).count()..];
    if text.is_empty() {
        return None;
    }
    let end = text.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    let url = word.trim_end_matches(',');
    if url.len() < word.len() {
        return Some((url, "", after));
    }
    let (descriptors, after) = after.split_at(descriptors_end(after));
    Some((url, descriptors, after))
}

/// Where the comma after the descriptors stands. One in parentheses is none; they do not nest.
fn descriptors_end(text: &str) -> usize {
    let mut in_parentheses = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => in_parentheses = true,
            b')' => in_parentheses = false,
            b',' if !in_parentheses => return at,
            _ => {}
        }
    }
    text.len()
}

/// What the descriptors ask for; 1 where there are none, `None` where they are not valid.
fn size(descriptors: &str) -> Option<Size> {
    let (mut width, mut density, mut height) = (None, None, false);
    for descriptor in descriptors.split_ascii_whitespace() {
        let (number, unit) = descriptor.split_at_checked(descriptor.len() - 1)?;
        match unit {
            "w" if width.is_none() && density.is_none() => width = Some(integer(number)?),
            "x" if width.is_none() && density.is_none() && !height => density = Some(float(number)?),
            // Reserved for the future, and only beside a width.
            "h" if !height && density.is_none() => height = integer(number).is_some(),
            _ => return None,
        }
        if unit == "h" && !height {
            return None;
        }
    }
    match (width, density) {
        (Some(width), _) => Some(Size::Width(width)),
        (None, _) if height => None,
        (None, density) => Some(Size::Density(density.unwrap_or(1.0))),
    }
}

/// A valid integer above zero.
fn integer(text: &str) -> Option<f64> {
    let is_valid = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_valid && *number > 0.0)
}

/// A valid floating-point number, not below zero.
fn float(text: &str) -> Option<f64> {
    // Rust also reads `inf`, `nan`, `+1` and `1.`.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"-+.eE".contains(&byte));
    let is_valid =
        is_number && !text.starts_with('+') && !text.ends_with('.') && !text.contains(".e") && !text.contains(".E");
    text.parse().ok().filter(|number| is_valid && *number >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of web-platform-tests and ours: see the head of the table.
    #[test]
    fn candidates_are_read_as_browsers_read_them() {
        let mut count = 0;
        for case in crate::table::cases(include_str!("../tests/srcset.tsv")) {
            let (srcset, expected) = case.split_first().unwrap();
            let found: Vec<String> = candidates(srcset).map(shown).collect();
            assert_eq!(found, *expected, "{srcset:?}");
            count += 1;
        }
        assert!(count > 250, "{count}");
    }

    fn shown(candidate: Candidate<'_>) -> String {
        match candidate.size {
            Size::Density(density) => format!("{} {density}x", candidate.url),
            Size::Width(width) => format!("{} {width}w", candidate.url),
        }
    }
}
