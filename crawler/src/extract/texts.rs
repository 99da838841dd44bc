//! Which of an image's texts makes the pair, and what is to be said of that text.

use super::{
    images::Found,
    words::{clean, flags},
};
use schema::{DropReason, Keep, TextFlag, TextSource};
use url::Url;

/// The text of a pair.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) text: String,
    pub(super) source: TextSource,
    pub(super) flags: Vec<TextFlag>,
    pub(super) language: Option<String>,
}

/// The first of the texts that the settings ask for and that pass them.
///
/// A text that does not pass hands on to the next one: a caption may follow an `alt` that says no
/// more than "image". Where none passes, the reason is that of the first.
pub(crate) fn choose(keep: &Keep, found: &Found<'_>) -> Result<Chosen, DropReason> {
    choose_by(keep, found, language)
}

/// The text that a list gives with `url`. It is the only one, whatever texts of pages the settings ask for.
pub(super) fn of_list(keep: &Keep, text: &str, url: &Url) -> Result<Chosen, DropReason> {
    judged(keep, text, TextSource::List, Some(url), language).map_err(|reason| reason.unwrap_or(DropReason::NoText))
}

/// The language of a text (BCP 47 primary tag).
fn language(text: &str) -> Option<&'static str> {
    language::detect(text)
}

fn choose_by(
    keep: &Keep,
    found: &Found<'_>,
    language: impl Fn(&str) -> Option<&'static str>,
) -> Result<Chosen, DropReason> {
    let mut first_reason = None;
    for source in &keep.text_sources {
        for text in found.texts(*source) {
            match judged(keep, text, *source, found.url.as_ref().ok(), &language) {
                Ok(chosen) => return Ok(chosen),
                Err(reason) => first_reason = first_reason.or(reason),
            }
        }
    }
    Err(first_reason.unwrap_or(DropReason::NoText))
}

/// The text held against the settings; a drop without reason is that of a text without a printable
/// character, which is none.
fn judged(
    keep: &Keep,
    text: &str,
    source: TextSource,
    url: Option<&Url>,
    language: impl Fn(&str) -> Option<&'static str>,
) -> Result<Chosen, Option<DropReason>> {
    let text = clean(text);
    if text.is_empty() {
        return Err(None);
    }
    let length = text.chars().count();
    if length < keep.min_text_chars || has_fewer_words(&text, keep.min_text_words) {
        return Err(Some(DropReason::ShortText));
    }
    if length > keep.max_text_chars {
        return Err(Some(DropReason::LongText));
    }
    let flags = flags(&text, url);
    if flags.iter().any(|flag| keep.drop_texts.contains(flag)) {
        return Err(Some(DropReason::FlaggedText));
    }
    let language = language(&text);
    if !keep.languages.is_empty() && !is_among(&keep.languages, language) {
        return Err(Some(DropReason::Language));
    }
    Ok(Chosen { text: text.into_owned(), source, flags, language: language.map(str::to_owned) })
}

/// Words as `DataComp` counts them: what stands between blanks (`str.split` in its `apply_filter.py`).
fn has_fewer_words(text: &str, words: usize) -> bool {
    text.split_whitespace().take(words).count() < words
}

fn is_among(languages: &[String], language: Option<&str>) -> bool {
    let language = language.unwrap_or("unknown");
    languages.iter().any(|kept| kept.eq_ignore_ascii_case(language))
}

#[cfg(test)]
mod tests;
