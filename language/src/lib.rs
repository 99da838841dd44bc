//! Which language a short text is in, such as an image's alt text, or that it cannot be told.
//!
//! [`detect`] answers with a BCP 47 primary tag ("en", "zh"; "ckb" has three letters) or `None` for
//! names, codes, file names, mixed or too short texts. The text is reduced to letters (`reading`);
//! many scripts decide by themselves (`script`); for the others a small linear model over n-grams
//! (`model`) speaks. All arithmetic is on integers, so that the answer is the same everywhere, and
//! a call allocates nothing.
//!
//! ```
//! assert_eq!(language::detect("Ein Hund läuft über die Wiese"), Some("de"));
//! assert_eq!(language::detect("Собака бежит по траве"), Some("ru"));
//! assert_eq!(language::detect("IMG_1234.JPG"), None);
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod belief;
mod model;
mod ngrams;
mod reading;
mod script;
pub mod training;

use belief::strongest;
use model::Model;
use reading::Reading;
use script::Script;

/// A language and how sure we are of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess {
    /// BCP 47 primary tag.
    pub language: &'static str,
    /// Percent; 100 where the script alone decides.
    pub percent: u8,
}

/// The language of a text, or `None` where it cannot be told. Looks at the first 512 bytes.
pub fn detect(text: &str) -> Option<&'static str> {
    let mut reading = Reading::of(text);
    let script = main_script(&reading)?;
    let Some(table) = Model::shipped().table(script) else { return by_script(&reading, script) };
    let guess = ask(&mut reading, script)?;
    (u32::from(guess.percent) >= table.needed()).then_some(guess.language)
}

/// The likeliest language even where [`detect`] would say "unknown" for want of confidence;
/// `None` where there are no words, or where the text looks more like a name or a code.
pub fn detect_with_confidence(text: &str) -> Option<Guess> {
    let mut reading = Reading::of(text);
    let script = main_script(&reading)?;
    if Model::shipped().table(script).is_some() {
        return ask(&mut reading, script);
    }
    by_script(&reading, script).map(|language| Guess { language, percent: 100 })
}

/// What the model says; `None` if it takes the text for no language.
fn ask(reading: &mut Reading, script: Script) -> Option<Guess> {
    let table = Model::shipped().table(script)?;
    let shape = reading.shape();
    let (sums, languages) = table.sums(reading.words(script), shape);
    let (place, percent) = strongest(&sums[..languages]);
    let language = table.language(place);
    (!language.is_empty()).then_some(Guess { language, percent })
}

/// The script that decides; `None` where too few letters do. Brands and names in Latin letters stand in texts of every script, so
/// letters of other scripts count more; two other scripts side by side are a mixed text.
fn main_script(reading: &Reading) -> Option<Script> {
    use Script::{Han, Hangul, Kana, Latin};
    let latin = reading.count(Latin);
    let (han, kana) = (reading.count(Han), reading.count(Kana));
    // One の is fashionable in Chinese advertising; kana among themselves are Japanese.
    let japanese = kana > 0 && kana * 8 >= han && !(kana == 1 && han > 2);
    let east = if japanese { Kana } else { Han };

    let (mut first, mut second) = ((east, han + kana), 0);
    for script in others() {
        let count = reading.count(script);
        if count > first.1 {
            second = first.1;
            first = (script, count);
        } else {
            second = second.max(count);
        }
    }
    let (script, count) = first;
    let weight = if matches!(script, Han | Kana | Hangul) { 3 } else { 2 };
    if count * weight < latin || count == 0 {
        return (latin >= 3).then_some(Latin);
    }
    let enough = if weight == 3 { 2 } else { 3 };
    // Letters one by one are symbols: α, β, γ.
    let joined = weight == 3 || count > reading.word_count();
    (count >= enough && joined && second * 2 <= count).then_some(script)
}

/// All scripts but Latin and the two of the Far East that mix.
fn others() -> impl Iterator<Item = Script> {
    let model = Model::SCRIPTS.into_iter().filter(|&script| !matches!(script, Script::Latin | Script::Han));
    model.chain(SINGLE.iter().map(|&(script, _)| script).filter(|&script| script != Script::Kana))
}

/// The scripts that one language of the web uses, and it.
const SINGLE: &[(Script, &str)] = &[
    (Script::Kana, "ja"),
    (Script::Hangul, "ko"),
    (Script::Greek, "el"),
    (Script::Hebrew, "he"),
    (Script::Armenian, "hy"),
    (Script::Georgian, "ka"),
    (Script::Thai, "th"),
    (Script::Lao, "lo"),
    (Script::Myanmar, "my"),
    (Script::Khmer, "km"),
    (Script::Tibetan, "bo"),
    (Script::Bengali, "bn"),
    (Script::Gurmukhi, "pa"),
    (Script::Gujarati, "gu"),
    (Script::Odia, "or"),
    (Script::Tamil, "ta"),
    (Script::Telugu, "te"),
    (Script::Kannada, "kn"),
    (Script::Malayalam, "ml"),
    (Script::Sinhala, "si"),
    (Script::Ethiopic, "am"),
    (Script::Thaana, "dv"),
];

/// The language of a script that has one, but for three that lend their letters to a second,
/// which betrays itself by letters of its own.
fn by_script(reading: &Reading, script: Script) -> Option<&'static str> {
    let (_, language) = SINGLE.iter().find(|(one, _)| *one == script)?;
    let other = match script {
        Script::Bengali if reading.has(|letter| matches!(letter, 0x9F0 | 0x9F1)) => "as",
        Script::Hebrew if reading.has(|letter| matches!(letter, 0x5F0..=0x5F2)) => "yi",
        Script::Ethiopic if reading.has(|letter| matches!(letter, 0x12A3 | 0x1250..=0x125D)) => "ti",
        _ => language,
    };
    Some(other)
}
