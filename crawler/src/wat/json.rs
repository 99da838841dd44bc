//! JSON read in place, once from front to back: what is asked for is handed out, all else is
//! stepped over without being judged. Nothing here recurses, so nesting costs nothing.

use super::Problem;
use memchr::memchr2;
use std::borrow::Cow;

/// So far a string is searched without a call.
const NEAR: usize = 16;

/// A place in a JSON text.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
}

/// A string, number or boolean as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'a> {
    /// Without quotes.
    written: &'a [u8],
    /// Twice the place, and one more if there are escapes in it: a block is no longer than
    /// [`super::MAX_BLOCK_BYTES`], and small values are handed on faster.
    place: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Reads an object; `field` must step over the value of the key it is given. Returns whether
    /// it was an object; anything else is stepped over.
    pub(super) fn object(
        &mut self,
        mut field: impl FnMut(&mut Self, &[u8]) -> Result<(), Problem>,
    ) -> Result<bool, Problem> {
        if self.peek() != Some(b'{') {
            return self.skip().map(|()| false);
        }
        self.at += 1;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(true);
        }
        loop {
            let key = self.key()?;
            let unescaped;
            let name = if key.is_escaped() {
                unescaped = key.text()?;
                unescaped.as_bytes()
            } else {
                key.written
            };
            field(self, name)?;
            if !self.goes_on(b'}')? {
                return Ok(true);
            }
        }
    }

    /// Reads an array; `item` must step over the value it is placed at. Anything else is stepped over.
    pub(super) fn array(&mut self, mut item: impl FnMut(&mut Self) -> Result<(), Problem>) -> Result<(), Problem> {
        if !self.opens_array()? {
            return Ok(());
        }
        loop {
            item(self)?;
            if !self.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    /// Steps to the first element of an array. Steps over an empty one, and over anything else.
    pub(super) fn opens_array(&mut self) -> Result<bool, Problem> {
        if self.peek() != Some(b'[') {
            return self.skip().map(|()| false);
        }
        self.at += 1;
        let is_empty = self.peek() == Some(b']');
        self.at += usize::from(is_empty);
        Ok(!is_empty)
    }

    /// Values of an object, each at the place that `place` gives its key; of several the last counts.
    #[inline]
    pub(super) fn fields<const N: usize>(
        &mut self,
        place: impl Fn(&[u8]) -> Option<usize>,
    ) -> Result<[Option<Raw<'a>>; N], Problem> {
        let mut found = [None; N];
        self.object(|cursor, key| {
            match place(key) {
                Some(place) => found[place] = cursor.scalar()?,
                None => cursor.skip()?,
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// A value that may be repeated: itself, or each of the array it stands in.
    pub(super) fn each(&mut self, mut value: impl FnMut(Raw<'a>) -> Result<(), Problem>) -> Result<(), Problem> {
        if self.peek() == Some(b'[') {
            return self.array(|cursor| cursor.scalar()?.map_or(Ok(()), &mut value));
        }
        self.scalar()?.map_or(Ok(()), value)
    }

    /// The first of a value that may be repeated.
    pub(super) fn first(&mut self) -> Result<Option<Raw<'a>>, Problem> {
        let mut first = None;
        self.each(|value| {
            first.get_or_insert(value);
            Ok(())
        })?;
        Ok(first)
    }

    /// A string, number or boolean. `null`, objects and arrays are stepped over.
    #[inline]
    pub(super) fn scalar(&mut self) -> Result<Option<Raw<'a>>, Problem> {
        match self.peek() {
            Some(b'"') => self.string().map(Some),
            Some(b'{' | b'[') | None => self.skip().map(|()| None),
            Some(_) => {
                let word = self.word()?;
                Ok((word.written != b"null").then_some(word))
            }
        }
    }

    /// Steps over a value, whatever it is.
    pub(super) fn skip(&mut self) -> Result<(), Problem> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'[') => self.leap([], Self::skip_element),
            Some(b'{') => self.skip_nested(),
            _ => self.word().map(drop),
        }
    }

    /// What follows the last value may be white space only.
    pub(super) fn end(&mut self) -> Result<(), Problem> {
        if self.peek().is_none() { Ok(()) } else { Err(self.problem()) }
    }

    /// Like `skip`, but without leaps, which would be nested as deep as arrays are.
    fn skip_element(&mut self) -> Result<(), Problem> {
        match self.peek() {
            Some(b'{' | b'[') => self.skip_nested(),
            _ => self.skip(),
        }
    }

    fn skip_nested(&mut self) -> Result<(), Problem> {
        let mut depth = 0_usize;
        loop {
            match self.text.get(self.at) {
                Some(b'"') => {
                    self.string()?;
                    continue;
                }
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => depth -= 1,
                // A quote after it would be taken for the beginning of a string.
                Some(b'\\') => return Err(self.problem()),
                Some(_) => {}
                None => return Err(self.problem()),
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A key and the colon after it.
    #[inline]
    fn key(&mut self) -> Result<Raw<'a>, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.problem());
        }
        let key = self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.problem());
        }
        self.at += 1;
        Ok(key)
    }

    /// Whether a comma follows rather than the end.
    #[inline]
    pub(super) fn goes_on(&mut self, end: u8) -> Result<bool, Problem> {
        let next = self.peek();
        if next != Some(b',') && next != Some(end) {
            return Err(self.problem());
        }
        self.at += 1;
        Ok(next == Some(b','))
    }

    /// A string, at its opening quote.
    #[inline]
    fn string(&mut self) -> Result<Raw<'a>, Problem> {
        let at = self.at;
        let rest = &self.text[at + 1..];
        match quote_or_escape(rest) {
            Some(length) if rest[length] == b'"' => {
                self.at = at + length + 2;
                Ok(Raw::new(&rest[..length], at, false))
            }
            found => self.string_with_escapes(found),
        }
    }

    /// The same, where the first escape is known.
    #[cold]
    fn string_with_escapes(&mut self, escape: Option<usize>) -> Result<Raw<'a>, Problem> {
        let at = self.at;
        let mut end = at + 1 + escape.ok_or(Problem::NotJson { at })?;
        while self.text[end] == b'\\' {
            end += 2;
            let rest = self.text.get(end..).ok_or(Problem::NotJson { at })?;
            end += quote_or_escape(rest).ok_or(Problem::NotJson { at })?;
        }
        self.at = end + 1;
        Ok(Raw::new(&self.text[at + 1..end], at, true))
    }

    /// A number, `true`, `false`, `null`, or what stands in their place.
    fn word(&mut self) -> Result<Raw<'a>, Problem> {
        let rest = &self.text[self.at..];
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = rest.iter().take_while(|byte| is_word(byte)).count();
        if length == 0 {
            return Err(self.problem());
        }
        let word = Raw::new(&rest[..length], self.at, false);
        self.at += length;
        Ok(word)
    }

    /// The next byte that is no white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn problem(&self) -> Problem {
        Problem::NotJson { at: self.at }
    }
}

/// Where a string ends or an escape begins. Most strings are so short that a call would cost more than the
/// look, which is for eight bytes at a time.
#[inline]
fn quote_or_escape(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < NEAR {
        let Some(eight) = text.get(at..).and_then(<[u8]>::first_chunk) else { break };
        let eight = u64::from_le_bytes(*eight);
        let found = has(eight, b'"') | has(eight, b'\\');
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr2(b'"', b'\\', &text[at..]).map(|far| far + at)
}

/// The high bit of each byte that is `byte`, and perhaps of some after the first of them.
#[inline]
fn has(eight: u64, byte: u8) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let differs = eight ^ (ONES * u64::from(byte));
    differs.wrapping_sub(ONES) & !differs & (ONES << 7)
}

impl<'a> Raw<'a> {
    #[inline]
    fn new(written: &'a [u8], at: usize, escaped: bool) -> Self {
        let at = u32::try_from(at).unwrap_or(u32::MAX >> 1);
        Self { written, place: at << 1 | u32::from(escaped) }
    }

    #[inline]
    fn is_escaped(self) -> bool {
        self.place & 1 == 1
    }

    /// What it says.
    pub(super) fn text(self) -> Result<Cow<'a, str>, Problem> {
        let unreadable = Problem::NotText { at: (self.place >> 1) as usize };
        if !self.is_escaped() {
            return std::str::from_utf8(self.written).map(Cow::Borrowed).map_err(|_| unreadable);
        }
        let quoted = [b"\"", self.written, b"\""].concat();
        serde_json::from_slice(&quoted).map(Cow::Owned).map_err(|_| unreadable)
    }

    pub(super) fn is_empty(self) -> bool {
        self.written.is_empty()
    }

    /// Whether it says just this.
    pub(super) fn is(self, text: &[u8]) -> Result<bool, Problem> {
        Ok(if self.is_escaped() { self.text()?.as_bytes() == text } else { self.written == text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Vec<String>, Problem> {
        let mut words = Vec::new();
        let mut cursor = Cursor::new(text.as_bytes());
        cursor.object(|cursor, key| {
            words.push(String::from_utf8_lossy(key).into_owned());
            cursor.each(|value| value.text().map(|text| words.push(text.into_owned())))
        })?;
        cursor.end()?;
        Ok(words)
    }

    #[test]
    fn values_are_handed_out_and_the_rest_is_stepped_over() {
        let text = r#" { "a" : "x\"\\" , "b":[1, true,null ,"y",{"z":[]}],"c\u0064":{"n":["}]\"",{}]}, "":-1.5e+3 } "#;
        assert_eq!(words(text).unwrap(), ["a", "x\"\\", "b", "1", "true", "y", "cd", "", "-1.5e+3"]);
        assert_eq!(words("{}").unwrap(), [""; 0]);
        assert_eq!(words("[1,{\"a\":2}]").unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_no_json_is_told_and_where() {
        for (text, at) in [
            ("", 0),
            ("{", 1),
            ("{\"a\"", 4),
            ("{\"a\":", 5),
            ("{\"a\":\"x", 5),
            ("{\"a\":\"x\\", 5),
            ("{\"a\":1", 6),
            ("{\"a\":1,}", 7),
            ("{\"a\":1}}", 7),
            ("{a:1}", 1),
            ("{\"a\":{\"b\":[}", 12),
            ("{\"a\":[1 2]}", 8),
        ] {
            assert!(
                matches!(words(text), Err(Problem::NotJson { at: found }) if found == at),
                "{text}: {:?}",
                words(text)
            );
        }
        assert!(matches!(words(r#"{"a":"\ud800"}"#), Err(Problem::NotText { at: 5 })));
    }

    #[test]
    fn nesting_costs_nothing() {
        let deep = format!("{{\"a\":{}{},\"b\":1}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(words(&deep).unwrap(), ["a", "b", "1"]);
    }
}
