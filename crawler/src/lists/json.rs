//! JSON: an array of objects, read an object at a time, or an object a line. Which of both is told by the first
//! byte, whatever the file is called.

use super::{Columns, Item, Row, Source, lines, source};
use crate::Error;
use serde::{
    Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fmt,
    io::{self, BufRead, BufReader},
};

/// Objects need not have all keys: so many may go by without a column before it is missed.
const ROWS_LOOKED_AT: u64 = 1000;

/// Keys remembered, to be told of where a column is missed.
const MOST_KEYS: usize = 100;

/// Reads a list of objects.
pub(super) fn read(
    name: &str,
    source: Source,
    columns: &Columns,
    take: &mut impl FnMut(Item<'_>),
) -> Result<(), Error> {
    let mut source = BufReader::new(source);
    let mut keys = Keys { name, columns, rows: 0, found: [false; 3], there: BTreeSet::new() };
    match first_byte(&mut source) {
        Ok(Some(b'[')) => array(source, &mut keys, take)?,
        Ok(Some(_)) => lines::each(name, source, take, |line, take| {
            let value = serde_json::from_slice(line);
            take(
                value
                    .as_ref()
                    .map_or_else(|error| Item::damaged(format!("is no JSON: {error}")), |value| keys.item(value)),
            );
            keys.check_early()
        })?,
        Ok(None) => {}
        Err(error) => take(source::end(name, error)?),
    }
    keys.check()
}

/// The first byte that is no blank; blanks before it are passed over.
fn first_byte(source: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let buffer = source.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        if let Some(place) = buffer.iter().position(|byte| !byte.is_ascii_whitespace()) {
            let byte = buffer[place];
            source.consume(place);
            return Ok(Some(byte));
        }
        let length = buffer.len();
        source.consume(length);
    }
}

fn array<T: FnMut(Item<'_>)>(source: BufReader<Source>, keys: &mut Keys<'_>, take: &mut T) -> Result<(), Error> {
    let row = source.get_ref().row();
    let mut stopped = None;
    let mut reader = serde_json::Deserializer::from_reader(source);
    let rows = Rows { row, keys, take, stopped: &mut stopped };
    let read = reader.deserialize_seq(rows).and_then(|()| reader.end());
    if let Some(error) = stopped {
        return Err(error);
    }
    match read {
        Ok(()) => {}
        Err(error) if error.is_io() => take(source::end(keys.name, error.into())?),
        Err(error) => take(Item::damaged(format!("is no JSON: {error}: it and all that follows is lost"))),
    }
    Ok(())
}

/// Takes the elements of the array as they come.
struct Rows<'a, 'k, T> {
    row: source::Row,
    keys: &'a mut Keys<'k>,
    take: &'a mut T,
    /// What stops the reading from this side.
    stopped: &'a mut Option<Error>,
}

impl<'de, T: FnMut(Item<'_>)> Visitor<'de> for Rows<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        loop {
            self.row.begins();
            let Some(value) = elements.next_element::<Value>()? else { return Ok(()) };
            (self.take)(self.keys.item(&value));
            if let Err(error) = self.keys.check_early() {
                *self.stopped = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
    }
}

/// Which columns were found so far, since no header tells.
struct Keys<'a> {
    name: &'a str,
    columns: &'a Columns,
    rows: u64,
    found: [bool; 3],
    there: BTreeSet<String>,
}

impl Keys<'_> {
    fn item<'v>(&mut self, value: &'v Value) -> Item<'v> {
        let Some(object) = value.as_object() else { return Item::damaged("is no object") };
        self.rows += 1;
        if self.rows <= ROWS_LOOKED_AT {
            let room = MOST_KEYS.saturating_sub(self.there.len());
            let new = object.keys().filter(|key| !self.there.contains(*key)).take(room).cloned().collect::<Vec<_>>();
            self.there.extend(new);
        }
        let mut texts = [None; 3];
        for ((column, found), text) in self.columns.each().iter().zip(&mut self.found).zip(&mut texts) {
            let Some(value) = column.names().iter().find_map(|name| object.get(name)) else { continue };
            *found = true;
            *text = match value {
                Value::Null => None,
                Value::String(text) => Some(text.as_str()),
                _ => return Item::damaged("holds something else than a text where URL, text or page should stand"),
            };
        }
        let [url, text, page] = texts;
        Item::Row(Row { url, text, page })
    }

    /// Looks once, so that a long list with other columns is not read to its end.
    fn check_early(&self) -> Result<(), Error> {
        if self.rows == ROWS_LOOKED_AT { self.check() } else { Ok(()) }
    }

    /// An error if there were rows, and a column that must be there in none of them.
    fn check(&self) -> Result<(), Error> {
        let columns = self.columns.each().iter().zip(self.found);
        match columns.into_iter().find(|(column, found)| column.is_required() && !found) {
            Some((column, _)) if self.rows > 0 => Err(column.missing(self.name, &self.there)),
            _ => Ok(()),
        }
    }
}
