//! JSON read in place, once from front to back: what is asked for is handed out, all else is
//! stepped over without being judged. Nothing here recurses, so nesting costs nothing.

use super::{Problem, texts::Raw};
use memchr::memchr2;
use wide::u8x16;

/// So many bytes are looked at in one go.
const CHUNK: usize = 16;

/// So far a string is searched without a call.
const NEAR: usize = 6 * CHUNK;

/// A place in a JSON text.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a [u8],
    /// The text, if all of it can be read: then no string in it need be judged by itself.
    pub(super) readable: Option<&'a str>,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, readable: simdutf8::basic::from_utf8(text).ok(), at: 0 }
    }

    /// The same, where each string is judged by itself: slower, and what is told must be the same.
    #[cfg(test)]
    pub(super) fn doubtful(text: &'a [u8]) -> Self {
        Self { text, readable: None, at: 0 }
    }

    /// Reads an object; `field` must step over the value of the key it is given. Returns whether
    /// it was an object; anything else is stepped over.
    pub(super) fn object(
        &mut self,
        mut field: impl FnMut(&mut Self, &[u8]) -> Result<(), Problem>,
    ) -> Result<bool, Problem> {
        self.entries(|cursor, key| {
            let unescaped;
            let name = if key.is_escaped() {
                unescaped = cursor.read(key)?;
                unescaped.as_bytes()
            } else {
                cursor.written(key)
            };
            field(cursor, name)
        })
    }

    /// The same, with keys as they are written.
    pub(super) fn entries(
        &mut self,
        mut field: impl FnMut(&mut Self, Raw) -> Result<(), Problem>,
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
            field(self, key)?;
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
    ) -> Result<[Option<Raw>; N], Problem> {
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
    pub(super) fn each(&mut self, mut value: impl FnMut(&Self, Raw) -> Result<(), Problem>) -> Result<(), Problem> {
        let mut one = |cursor: &mut Self| cursor.scalar()?.map_or(Ok(()), |found| value(cursor, found));
        if self.peek() == Some(b'[') { self.array(one) } else { one(self) }
    }

    /// The first of a value that may be repeated.
    pub(super) fn first(&mut self) -> Result<Option<Raw>, Problem> {
        let mut first = None;
        self.each(|_, value| {
            first.get_or_insert(value);
            Ok(())
        })?;
        Ok(first)
    }

    /// A string, number or boolean. `null`, objects and arrays are stepped over.
    #[inline]
    pub(super) fn scalar(&mut self) -> Result<Option<Raw>, Problem> {
        match self.peek() {
            Some(b'"') => self.string().map(Some),
            Some(b'{' | b'[') | None => self.skip().map(|()| None),
            Some(_) => {
                let word = self.word()?;
                Ok((self.written(word) != b"null").then_some(word))
            }
        }
    }

    /// Steps over `written` if it stands right here, and over the string whose opening quote is its end.
    #[inline]
    pub(super) fn after(&mut self, written: &[u8]) -> Option<Raw> {
        if !self.text.get(self.at..)?.starts_with(written) {
            return None;
        }
        let start = self.at;
        self.at += written.len() - 1;
        let string = self.string().ok();
        if string.is_none() {
            self.at = start;
        }
        string
    }

    /// Steps over an object, if `parts` takes all of it but the last brace. Else nothing is stepped over.
    #[inline]
    pub(super) fn attempt<T>(&mut self, parts: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let start = self.at;
        let taken = parts(self).filter(|_| self.text.get(self.at) == Some(&b'}'));
        self.at = if taken.is_some() { self.at + 1 } else { start };
        taken
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
    fn key(&mut self) -> Result<Raw, Problem> {
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
    fn string(&mut self) -> Result<Raw, Problem> {
        let at = self.at;
        let rest = &self.text[at + 1..];
        match quote_or_escape(rest) {
            Some(length) if rest[length] == b'"' => {
                self.at = at + length + 2;
                Ok(Raw::new(at + 1, at + 1 + length, false))
            }
            found => self.string_with_escapes(found),
        }
    }

    /// The same, where the first escape is known.
    #[cold]
    fn string_with_escapes(&mut self, escape: Option<usize>) -> Result<Raw, Problem> {
        let at = self.at;
        let mut end = at + 1 + escape.ok_or(Problem::NotJson { at })?;
        while self.text[end] == b'\\' {
            end += 2;
            let rest = self.text.get(end..).ok_or(Problem::NotJson { at })?;
            end += quote_or_escape(rest).ok_or(Problem::NotJson { at })?;
        }
        self.at = end + 1;
        Ok(Raw::new(at + 1, end, true))
    }

    /// A number, `true`, `false`, `null`, or what stands in their place.
    fn word(&mut self) -> Result<Raw, Problem> {
        let rest = &self.text[self.at..];
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = rest.iter().take_while(|byte| is_word(byte)).count();
        if length == 0 {
            return Err(self.problem());
        }
        let start = self.at;
        self.at += length;
        Ok(Raw::new(start, self.at, false))
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

/// Where a string ends or an escape begins. Most strings are so short that a call would cost more than the look.
#[inline]
fn quote_or_escape(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < NEAR {
        let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk::<CHUNK>) else { break };
        let chunk = u8x16::new(*chunk);
        let found = chunk.simd_eq(u8x16::splat(b'"')) | chunk.simd_eq(u8x16::splat(b'\\'));
        let found = found.to_bitmask();
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize);
        }
        at += CHUNK;
    }
    memchr2(b'"', b'\\', &text[at..]).map(|far| far + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Vec<String>, Problem> {
        let mut words = Vec::new();
        let mut cursor = Cursor::new(text.as_bytes());
        cursor.object(|cursor, key| {
            words.push(String::from_utf8_lossy(key).into_owned());
            cursor.each(|cursor, value| cursor.read(value).map(|text| words.push(text.into_owned())))
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
