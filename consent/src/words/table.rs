//! Reads the tables: rows of columns set apart by tabs, `#` before comments.

/// The rows of a table, comments and blank lines left out.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("# "));
    lines.map(|line| line.split('\t').collect())
}
