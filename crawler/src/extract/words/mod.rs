//! A text by itself: made printable, and looked at for what speaks against it as a description.
//!
//! Millions of texts come by here, nearly all of them plain words: one look at each byte tells which
//! of the closer looks are needed.

mod address;
mod clean;
mod file_name;
mod generic;
mod letters;
mod markup;

pub(super) use clean::clean;
use letters::Letters;
use schema::TextFlag;
use url::Url;

/// All that is to be said of `text`, which is clean; `image` is the address of its image.
pub(super) fn flags(text: &str, image: Option<&Url>) -> Vec<TextFlag> {
    let letters = Letters::of(text);
    // An address often is a file's name too; then it is an address.
    let is_url = letters.may_be_name && address::is_one(text);
    let is_file_name =
        !is_url && (letters.may_be_name || letters.digits > 0) && file_name::is_one(text, &letters, image);
    let all = [
        (TextFlag::FileName, is_file_name),
        (TextFlag::Generic, generic::is_one(text)),
        (TextFlag::Url, is_url),
        (TextFlag::FewLetters, letters.are_few()),
        (TextFlag::Capitals, letters.are_capitals()),
        (TextFlag::Markup, letters.may_be_markup && markup::is_left_in(text)),
    ];
    all.into_iter().filter(|(_, is_one)| *is_one).map(|(flag, _)| flag).collect()
}

#[cfg(test)]
mod tests;
