//! Whether a doctype asks for the ways of old browsers, in which a table may stand inside a
//! paragraph (HTML standard, section 13.2.6.4.1).

use crate::tokens::is_blank;

const PUBLIC_PREFIXES: &str = include_str!("../data/quirks.txt");

/// Reads what stands between `<!doctype` and `>`.
pub(crate) fn is_quirky(doctype: &str, ended: bool) -> bool {
    let text = doctype.trim_start_matches(blank);
    let name_end = text.find(blank).unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    if !ended || !name.eq_ignore_ascii_case("html") {
        return true;
    }
    let rest = rest.trim_matches(blank);
    let Some((keyword, ids)) = rest.split_at_checked(6) else { return !rest.is_empty() };
    let ids = ids.trim_start_matches(blank);
    if keyword.eq_ignore_ascii_case("public") {
        let Some((public, rest)) = quoted(ids) else { return true };
        let rest = rest.trim_start_matches(blank);
        let system = if rest.is_empty() { None } else { quoted(rest).map(|(system, _)| system) };
        let unended = !rest.is_empty() && rest.starts_with(['"', '\'']) && system.is_none();
        unended || !rest.is_empty() && system.is_none() || is_quirky_id(public, system)
    } else if keyword.eq_ignore_ascii_case("system") {
        quoted(ids).is_none_or(|(system, _)| is_quirky_system(system))
    } else {
        true
    }
}

fn blank(letter: char) -> bool {
    u8::try_from(letter).is_ok_and(is_blank)
}

/// A quoted text and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
    text[1..].split_once(quote)
}

fn is_quirky_id(public: &str, system: Option<&str>) -> bool {
    let public = public.to_ascii_lowercase();
    let exactly = ["-//w3o//dtd w3 html strict 3.0//en//", "-/w3c/dtd html 4.0 transitional/en", "html"];
    let without_system = ["-//w3c//dtd html 4.01 frameset//", "-//w3c//dtd html 4.01 transitional//"];
    exactly.contains(&public.as_str())
        || PUBLIC_PREFIXES.lines().any(|prefix| !prefix.starts_with('#') && public.starts_with(prefix))
        || system.is_none() && without_system.iter().any(|prefix| public.starts_with(prefix))
        || system.is_some_and(is_quirky_system)
}

fn is_quirky_system(system: &str) -> bool {
    system.eq_ignore_ascii_case("http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_doctypes_are_quirky() {
        for (doctype, quirky) in [
            (" html", false),
            ("html", false),
            (" HTML \n", false),
            ("", true),
            (" htm", true),
            (" html x", true),
            (" html SYSTEM 'about:legacy-compat'", false),
            (" html SYSTEM", true),
            (" HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\"", true),
            (" HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\" \"http://www.w3.org/TR/html4/loose.dtd\"", false),
            (" html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x'", false),
            (" HTML PUBLIC '-//IETF//DTD HTML 3.2//EN'", true),
            (" HTML PUBLIC '-//W3C//DTD HTML 4.0 Transitional//EN' 'x'", true),
            (" html PUBLIC '-//W3C", true),
        ] {
            assert_eq!(is_quirky(doctype, true), quirky, "{doctype}");
        }
        assert!(is_quirky(" html", false));
    }
}
