//! The `srcset` attribute (HTML standard, section 4.8.4.2.2, "parsing a srcset attribute").

/// The candidate with the largest width or density, of equal ones the first. Candidates that the
/// standard drops are dropped, and those that hold the image itself.
pub(crate) fn largest(srcset: &str) -> Option<String> {
    let mut best: Option<(f64, &str)> = None;
    let mut rest = srcset;
    while let Some((url, descriptors, after)) = candidate(rest) {
        rest = after;
        if let Some(size) = size(descriptors)
            && !is_data(url)
            && best.is_none_or(|(largest, _)| size > largest)
        {
            best = Some((size, url));
        }
    }
    best.map(|(_, url)| url.to_owned())
}

/// The first candidate's address and descriptors, and what follows. An address may hold commas
/// inside, not at its ends.
fn candidate(text: &str) -> Option<(&str, &str, &str)> {
    let text = text.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || letter == ',');
    if text.is_empty() {
        return None;
    }
    let end = text.find(|letter: char| letter.is_ascii_whitespace()).unwrap_or(text.len());
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
fn size(descriptors: &str) -> Option<f64> {
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
    if height && width.is_none() { None } else { width.or(density).or(Some(1.0)) }
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

/// Whether an address holds the image itself.
pub(crate) fn is_data(url: &str) -> bool {
    url.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After the cases of web-platform-tests, `html/semantics/embedded-content/the-img-element/srcset`.
    #[test]
    fn candidates_are_read_as_browsers_read_them() {
        for (srcset, url) in [
            ("", None),
            (",", None),
            (",,,", None),
            ("a", Some("a")),
            (" a ", Some("a")),
            ("a,", Some("a")),
            (",a,,", Some("a")),
            ("a , b 2x", Some("b")),
            ("a,b", Some("a,b")),
            ("a, b", Some("a")),
            ("a,b 2x,c", Some("a,b")),
            ("a 1x,b 2x", Some("b")),
            ("a 2x,b 2x", Some("a")),
            ("s 320w, l 1280w, m 640w", Some("l")),
            ("a\t1.5x\n,\r\nb\x0c1.25x", Some("a")),
            ("a 100w 50h, b 90w", Some("a")),
            ("a 50h 100w, b 90w", Some("a")),
            // Dropped: what is no descriptor, twice, mixed, zero, signed or cut short.
            ("a 3, b", Some("b")),
            ("a foo 9x, b", Some("b")),
            ("a 9w 9w, b", Some("b")),
            ("a 9w 9x, b", Some("b")),
            ("a 9x 9x, b", Some("b")),
            ("a 9h, b", Some("b")),
            ("a 9h 9h 9w, b", Some("b")),
            ("a 9x 9h, b", Some("b")),
            ("a 0w, b", Some("b")),
            ("a +9w, b", Some("b")),
            ("a 9.0w, b", Some("b")),
            ("a 9e1w, b", Some("b")),
            ("a -1x, b 0.5x", Some("b")),
            ("a +9x, b", Some("b")),
            ("a 9.x, b", Some("b")),
            ("a infx, b", Some("b")),
            ("a NaNx, b", Some("b")),
            ("a 9X, b", Some("b")),
            ("a 9x x, b", Some("b")),
            ("a é, b", Some("b")),
            ("a 0x", Some("a")),
            ("a -0x", Some("a")),
            ("a .5e1x, b 4x", Some("a")),
            ("a 1e0x, b 2E0x", Some("b")),
            // Parentheses hide commas and make the candidate invalid, to the end if unclosed.
            ("a (1, 9x), b", Some("b")),
            ("a ((,),b 9x", Some("b")),
            ("a 9x (, b 9x", None),
            ("a( 2x, b", Some("a(")),
            // Addresses that hold the image itself.
            ("data:,a 9x, b", Some("b")),
            ("data:image/png;base64,AAAA 1x", None),
        ] {
            assert_eq!(largest(srcset).as_deref(), url, "{srcset:?}");
        }
    }
}
