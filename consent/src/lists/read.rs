//! Reads opt-out lists: plain text, or CSV with `type,value`.

use super::{ListKind, OptOutList, Place, host_key, url_key};
use std::sync::Arc;
use url::Url;

/// A list that cannot be used, with the place and the way out. A line that were skipped would be
/// an opt-out ignored, so one bad line stops the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{line}: {problem}\nhint: {hint}")]
pub struct ListError {
    /// The list's name.
    pub name: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub hint: String,
}

/// What is wrong with one line, and the way out.
type Problem = (String, String);

pub(super) fn read(name: &str, text: &str) -> Result<OptOutList, ListError> {
    let text = text.trim_start_matches('\u{FEFF}');
    let shared: Arc<str> = name.into();
    let mut list = OptOutList::default();
    let mut columns = None;
    let mut first = true;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if std::mem::take(&mut first) {
            columns = header(line);
            if columns.is_some() {
                continue;
            }
        }
        let place = |value: &str| Place { list: Arc::clone(&shared), line: number + 1, value: value.to_owned() };
        let entry = match columns {
            Some(columns) => row(line, columns),
            None => Ok((kind_of(without_comment(line)), without_comment(line).to_owned())),
        };
        let added = entry.and_then(|(kind, value)| add(&mut list, kind, &value, place(&value)));
        added.map_err(|(problem, hint)| ListError { name: name.to_owned(), line: number + 1, problem, hint })?;
    }
    Ok(list)
}

/// The places of `type` and `value`, if this is a CSV header.
fn header(line: &str) -> Option<(usize, usize)> {
    let names: Vec<String> = fields(line)?.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let place = |wanted: &str| names.iter().position(|name| name == wanted);
    Some((place("type")?, place("value")?))
}

fn row(line: &str, (kind, value): (usize, usize)) -> Result<(ListKind, String), Problem> {
    let unclosed =
        || ("a quoted field is not closed".to_owned(), "write `\"` at its end; a field stays on one line".to_owned());
    let fields = fields(line).ok_or_else(unclosed)?;
    let field = |place: usize| fields.get(place).map(|field| field.trim()).unwrap_or_default();
    let kind = match field(kind) {
        "domain" => ListKind::Domain,
        "host" => ListKind::Host,
        "url" => ListKind::Url,
        "url-prefix" => ListKind::UrlPrefix,
        other => {
            return Err((
                format!("`{other}` is no type of entry"),
                "use `domain`, `host`, `url` or `url-prefix`".into(),
            ));
        }
    };
    Ok((kind, field(value).to_owned()))
}

/// The fields of a CSV line (RFC 4180); `None` if a quote is not closed.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let field = fields.last_mut()?;
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => field.push(character),
        }
    }
    (!quoted).then_some(fields)
}

/// A `#` behind a blank starts a comment; one within a URL is its fragment.
fn without_comment(line: &str) -> &str {
    let starts_comment = |(place, _): &(usize, &str)| line[..*place].ends_with(char::is_whitespace);
    match line.match_indices('#').find(starts_comment) {
        Some((place, _)) => line[..place].trim_end(),
        None => line,
    }
}

fn kind_of(value: &str) -> ListKind {
    match (value.contains("://"), value.ends_with('*')) {
        (true, true) => ListKind::UrlPrefix,
        (true, false) => ListKind::Url,
        (false, _) => ListKind::Domain,
    }
}

fn add(list: &mut OptOutList, kind: ListKind, value: &str, place: Place) -> Result<(), Problem> {
    match kind {
        ListKind::Domain => {
            list.domains.insert(name(value.strip_prefix("*.").unwrap_or(value))?, place);
        }
        ListKind::Host => {
            list.hosts.insert(name(value)?, place);
        }
        ListKind::Url => {
            list.urls.insert(key(value)?, place);
        }
        ListKind::UrlPrefix => {
            let prefix = value.strip_suffix('*').unwrap_or(value);
            list.add_prefix(key(prefix)?, place);
        }
    }
    Ok(())
}

/// A domain or host in the form in which URLs have it: lower case, punycode.
fn name(value: &str) -> Result<String, Problem> {
    let hint = || "write a domain as `example.com` and anything with a path or port as a whole URL".to_owned();
    let problem = || (format!("`{value}` is no domain"), hint());
    if value.is_empty()
        || value.contains(|c: char| c.is_whitespace() || "/:@?#*,\\".contains(c)) && !value.starts_with('[')
    {
        return Err(problem());
    }
    let url = Url::parse(&format!("http://{value}/")).map_err(|_| problem())?;
    host_key(&url).filter(|name| !name.is_empty()).ok_or_else(problem)
}

fn key(value: &str) -> Result<String, Problem> {
    let hint = "write it whole, as `https://example.com/picture.jpg`; for a domain use its name alone";
    let problem = || (format!("`{value}` is no URL"), hint.to_owned());
    let url = Url::parse(value).map_err(|_| problem())?;
    let usable = matches!(url.scheme(), "http" | "https") && !url.host_str().unwrap_or_default().contains('*');
    if usable { url_key(&url).ok_or_else(problem) } else { Err(problem()) }
}
