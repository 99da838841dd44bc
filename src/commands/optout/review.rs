//! What somebody has to look at, out as CSV and back with decisions.

use crate::exit::Stop;
use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use index::optout::{By, Candidate, Entry, EntryKind, Likes};
use std::path::Path;

const COLUMNS: [&str; 8] = ["decision", "asked", "found", "table", "id", "url", "page_url", "text"];

/// Words that take a row out.
const YES: [&str; 3] = ["yes", "y", "take-out"];

/// Writes the rows to be looked at, with an empty decision each.
pub(super) fn write(file: &Path, candidates: &[Candidate], likes: &[Likes]) -> Result<usize, Stop> {
    let shown = file.display();
    let unwritten = |error: csv::Error| {
        Stop::yours(format!("review `{shown}` cannot be written: {error}"), "name a file that can be written")
    };
    let mut writer = WriterBuilder::new().from_path(file).map_err(unwritten)?;
    writer.write_record(COLUMNS).map_err(unwritten)?;
    let mut rows = 0;
    for found in candidates {
        let how = format!("name in {}{}", found.found_in, if found.without_accents { " without accents" } else { "" });
        let row = ["", &found.name, &how, found.table, &row_id(found.id), &found.url, &found.page_url, &found.excerpt];
        writer.write_record(row.map(plain)).map_err(unwritten)?;
        rows += 1;
    }
    for picture in likes {
        for like in &picture.found {
            let cosine = like.cosine.map(|cosine| format!(", cosine {cosine:.3}")).unwrap_or_default();
            let how = match like.by {
                By::Bytes => "picture with the same bytes".to_owned(),
                By::Looks => format!("picture with {} other bits{cosine}", like.distance),
                By::Embedding => format!("picture near by embedding{cosine}"),
            };
            let row = ["", &picture.name, &how, "samples", &row_id(like.id), &like.url, &like.page_url, &like.text];
            writer.write_record(row.map(plain)).map_err(unwritten)?;
            rows += 1;
        }
    }
    writer.flush()?;
    Ok(rows)
}

/// Spreadsheets round numbers of more than fifteen digits, and leave alone what begins with a `#`.
fn row_id(id: i64) -> String {
    format!("#{id}")
}

/// Spreadsheets take what begins so for a formula of ours.
fn plain(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// The rows that somebody decided to take out. Whatever cannot be understood stops everything.
pub(super) fn decided(file: &Path) -> Result<Vec<Entry>, Stop> {
    let shown = file.display().to_string();
    let unreadable = |error: csv::Error| {
        Stop::yours(
            format!("review `{shown}` cannot be read: {error}"),
            "name a file that `optout check --review` wrote",
        )
    };
    let bytes = std::fs::read(file)
        .map_err(|error| Stop::yours(format!("review `{shown}` cannot be read: {error}"), "name a file that exists"))?;
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // Spreadsheets write what their country separates numbers by.
    let separator = [b',', b';', b'\t'].into_iter().find(|separator| first.contains(separator)).unwrap_or(b',');
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let mut reader = ReaderBuilder::new().delimiter(separator).from_reader(bytes);
    let header = reader.headers().map_err(unreadable)?.clone();
    let place = |name: &str| {
        let found = header.iter().position(|column| column.trim() == name);
        let missing = || {
            Stop::yours(format!("`{shown}` has no column `{name}`"), "name a file that `optout check --review` wrote")
        };
        found.ok_or_else(missing)
    };
    let (decision, id, url) = (place("decision")?, place("id")?, place("url")?);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let wrong = |problem: String, hint: &str| Err(Stop::yours(format!("{shown}:{line}: {problem}"), hint));
        match cell(decision).to_lowercase().as_str() {
            "" => {}
            yes if YES.contains(&yes) => match row_of(&record, id, url) {
                Some(entry) => rows.push(entry),
                None => {
                    return wrong(
                        format!("`{}` is no id of a row", cell(id)),
                        "leave ids and URLs as `optout check --review` wrote them",
                    );
                }
            },
            _ => {
                return wrong(
                    format!("`{}` is no decision", cell(decision)),
                    "write `yes`, `y` or `take-out`; nothing leaves the row in",
                );
            }
        }
    }
    rows.dedup();
    Ok(rows)
}

fn row_of(record: &StringRecord, id: usize, url: usize) -> Option<Entry> {
    let id: i64 = record.get(id)?.trim().trim_start_matches('#').parse().ok()?;
    let url = record.get(url)?.trim();
    (!url.is_empty()).then(|| Entry { kind: EntryKind::Id, value: format!("{id} {url}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("review.csv");
        let candidate = |id: i64| Candidate {
            name: "Ada Example".into(),
            table: "samples",
            id,
            url: format!("https://a.example/{id}.jpg"),
            page_url: String::new(),
            found_in: "alt",
            without_accents: false,
            excerpt: "=by Ada Example, \"1850\"".into(),
        };
        assert_eq!(write(&file, &[candidate(-9_007_199_254_740_993), candidate(2)], &[]).unwrap(), 2);
        assert!(decided(&file).unwrap().is_empty());
        let text = std::fs::read_to_string(&file).unwrap();
        let marked = text.replacen("\n,Ada", "\nYes,Ada", 1);
        assert!(marked.contains("'=by") && marked.contains("#-9007199254740993"), "{marked}");
        for text in [marked.clone(), marked.replacen("Yes", "take-out", 1)] {
            std::fs::write(&file, text).unwrap();
            let value = "-9007199254740993 https://a.example/-9007199254740993.jpg".to_owned();
            assert_eq!(decided(&file).unwrap(), [Entry { kind: EntryKind::Id, value }]);
        }
        for (bad, word) in [
            (marked.replacen("Yes", "maybe", 1), "maybe"),
            (marked.replacen("#-9007199254740993", "-9.00E+15", 1), "-9.00E+15"),
            (text.replacen("decision", "decided", 1), "decision"),
        ] {
            std::fs::write(&file, bad).unwrap();
            let Err(stop) = decided(&file) else { panic!("{word} is understood") };
            assert!(format!("{stop:?}").contains(word), "{stop:?}");
        }
    }
}
