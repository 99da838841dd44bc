//! Tables of cases: a line each, columns parted by tabs, `\u{...}` for characters that would not be seen, and lines
//! of words behind `#`.

/// The cases, column by column.
pub(crate) fn cases(table: &str) -> impl Iterator<Item = Vec<String>> {
    let lines = table.split('\n').filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split('\t').map(unescaped).collect())
}

fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').expect("a closed escape");
        let number = u32::from_str_radix(number, 16).expect("a hexadecimal number");
        plain.push(char::from_u32(number).expect("a character"));
        plain.push_str(rest);
    }
    plain
}
