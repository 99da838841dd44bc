//! Last resort of strict mode: the prohibition's own code anywhere in the file, whatever carries it.
//!
//! Photographs pass through many programs. A packet may be cut in two, lie behind the end of the
//! picture, or sit in a format nobody here reads; `DMI-PROHIBITED` does not come about by chance.

use crate::statement::Statement;
use memchr::memmem;
use schema::{Category, Verdict};

const CODE: &[u8] = b"DMI-PROHIBITED";

/// The first occurrence, in ASCII or UTF-16.
pub(super) fn statement(file: &[u8]) -> Option<Statement> {
    let wide = wide();
    // In big-endian UTF-16 the zeros stand before the letters; the pattern begins with a letter
    // and ends with one, so it fits both orders.
    let byte = memmem::find(file, CODE).or_else(|| memmem::find(file, &wide))?;
    let raw = String::from_utf8_lossy(CODE);
    Some(Statement::new("plus.dmi-bytes", Category::Train, Verdict::MalformedDeny, &raw).at(format!("byte {byte}")))
}

fn wide() -> Vec<u8> {
    let mut wide: Vec<u8> = CODE.iter().flat_map(|letter| [*letter, 0]).collect();
    wide.pop();
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_in_any_width() {
        let wide = |big: bool| -> Vec<u8> {
            CODE.iter().flat_map(|letter| if big { [0, *letter] } else { [*letter, 0] }).collect()
        };
        let place = |file: &[u8]| statement(file).map(|said| said.place);
        assert_eq!(place(b"...DMI-PROHIBITED-AIMLTRAINING").as_deref(), Some("byte 3"));
        assert_eq!(place(&wide(false)).as_deref(), Some("byte 0"));
        assert_eq!(place(&wide(true)).as_deref(), Some("byte 1"));
        assert_eq!(place(b"DMI-ALLOWED DMI-PROHIBITE"), None);
    }
}
