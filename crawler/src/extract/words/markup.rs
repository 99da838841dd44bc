//! Markup and code that were left in a text: tags written as text, references decoded once too
//! seldom, templates that were never filled.

/// What stands behind a `[` in the shortcodes of content management systems, and in objects shown as text.
const SHORTCODES: [&str; 8] = ["caption", "/caption", "gallery", "embed", "vc_", "et_pb_", "object Object]", "["];

/// Whether `text` holds any.
pub(super) fn is_left_in(text: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|place| begins(&bytes[place..], &bytes[..place]))
}

/// Whether a tag, a reference, a placeholder or code begins between `bytes` and what is `before`.
fn begins(bytes: &[u8], before: &[u8]) -> bool {
    match bytes {
        [b'<', b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!', rest @ ..] => rest.contains(&b'>'),
        [b'<', b'?' | b'%', ..] | [b'%', b'>', ..] => true,
        [b'&', rest @ ..] => is_reference(rest),
        [b'{', b'{' | b'%', ..] | [b'$' | b'#', b'{', ..] => true,
        // `%s`, `%1$s`: of the C language and its kin.
        [b'%', b's', rest @ ..] => !rest.first().is_some_and(u8::is_ascii_alphanumeric),
        [b'%', b'1'..=b'9', b'$', b's' | b'd', ..] => true,
        [b'[', rest @ ..] => SHORTCODES.iter().any(|code| rest.starts_with(code.as_bytes())),
        [b'=', b'"', ..] => true,
        [b'(', ..] => before.trim_ascii_end().ends_with(b"function"),
        _ => false,
    }
}

/// `nbsp;`, `#39;`: what follows the `&`.
fn is_reference(bytes: &[u8]) -> bool {
    const LONGEST: usize = 10;
    let Some(end) = bytes.iter().take(LONGEST).position(|byte| *byte == b';') else { return false };
    let name = &bytes[..end];
    let name = name.strip_prefix(b"#").unwrap_or(name);
    name.len() >= 2 && name.iter().all(u8::is_ascii_alphanumeric)
}
