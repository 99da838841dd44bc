//! Literals that all matches of a regular expression hold: choices between literals, in the order in
//! which they begin.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Most literals in one choice.
const MOST: usize = 160;
/// Most characters of a class that are taken one by one.
const MOST_CHARS: usize = 8;
/// Choices kept of one expression; more of them tell little more.
const KEPT: usize = 3;
/// Bytes kept of a literal: the more begin alike, the fewer are looked for, and what is short is
/// compared at once.
pub(super) const KEPT_BYTES: usize = 8;
/// Words that tell nothing, since they are everywhere.
const COMMON: [&str; 32] = [
    "in", "to", "or", "of", "on", "is", "by", "as", "an", "at", "no", "not", "it", "we", "for", "and", "the", "are",
    "all", "de", "la", "le", "en", "et", "il", "un", "du", "di", "per", "and/", "with", "or ",
];

/// One of these literals is in every match.
pub(super) type Choice = Vec<String>;

/// The choices that every match of an expression makes, in the order in which they begin in it.
pub(super) fn demanded(expression: &str) -> Vec<Choice> {
    let Ok(hir) = regex_syntax::parse(expression) else { return Vec::new() };
    let mut choices: Vec<Choice> = Part::of(&hir).choices().into_iter().map(shortened).collect();
    while let Some(worst) = (0..choices.len()).min_by_key(|number| rarity(&choices[*number])) {
        if choices.len() <= KEPT && (choices.len() == 1 || rarity(&choices[worst]).0 > 0) {
            break;
        }
        choices.remove(worst);
    }
    choices
}

/// The beginnings of the literals, without those of which one is the beginning.
fn shortened(mut choice: Choice) -> Choice {
    for literal in &mut choice {
        literal.truncate(literal.floor_char_boundary(KEPT_BYTES));
    }
    choice.sort_unstable();
    choice.dedup_by(|next, kept| next.starts_with(kept.as_str()));
    choice
}

/// How rare one of these is in a text, roughly.
pub(super) fn rarity(choice: &[String]) -> (usize, usize) {
    let rarity = |literal: &String| match literal.trim() {
        word if COMMON.contains(&word) => 0,
        word if word.len() < 3 && (word.is_ascii() && word.len() == literal.len() || word.len() < 2) => 0,
        word => word.len(),
    };
    (choice.iter().map(rarity).min().unwrap_or(0), usize::MAX - choice.len())
}

/// What is known of the matches of a part of an expression.
#[derive(Default)]
struct Part {
    /// All it can match, where that is little.
    exact: Option<Choice>,
    /// Otherwise what it demands.
    demanded: Vec<Choice>,
    /// The characters it can end with, where they are few.
    ends: Option<Choice>,
}

impl Part {
    fn exact(all: Choice) -> Self {
        Self { ends: ends(&all), exact: Some(all), demanded: Vec::new() }
    }

    fn choices(self) -> Vec<Choice> {
        match self.exact {
            Some(all) => Some(all).filter(is_telling).into_iter().collect(),
            None => self.demanded,
        }
    }

    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::exact(vec![String::new()]),
            HirKind::Literal(literal) => {
                std::str::from_utf8(&literal.0).map_or_else(|_| Self::default(), |text| Self::exact(vec![text.into()]))
            }
            HirKind::Class(class) => chars(class).map_or_else(Self::default, Self::exact),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repetition) => {
                let once = Self::of(&repetition.sub);
                match (repetition.min, repetition.max) {
                    (1, Some(1)) => once,
                    (0, Some(1)) if once.exact.is_some() => {
                        let all = once.exact.into_iter().flatten().chain([String::new()]);
                        Self::exact(all.collect())
                    }
                    (0, _) => Self { ends: once.ends, ..Self::default() },
                    _ => Self { exact: None, ends: once.ends.clone(), demanded: once.choices() },
                }
            }
            HirKind::Concat(parts) => Self::of_row(parts),
            HirKind::Alternation(parts) => Self::of_alternatives(parts),
        }
    }

    fn of_row(parts: &[Hir]) -> Self {
        let (mut demanded, mut is_exact) = (Vec::new(), true);
        // What may stand directly before the next part.
        let mut run = vec![String::new()];
        for hir in parts {
            let part = Self::of(hir);
            if let Some(all) = &part.exact {
                if run.len() * all.len() > MOST {
                    is_exact = false;
                    demanded.extend(Some(run.clone()).filter(is_telling));
                    run = ends(&run).filter(|run| run.len() * all.len() <= MOST).unwrap_or_else(|| vec![String::new()]);
                }
                run = run.iter().flat_map(|front| all.iter().map(move |back| format!("{front}{back}"))).collect();
                tidy(&mut run);
                continue;
            }
            is_exact = false;
            let mut last = part.ends.clone();
            if hir.properties().minimum_len() == Some(0) {
                last = last.zip(ends(&run)).map(|(one, other)| [one, other].concat());
            }
            demanded.extend(Some(run).filter(is_telling));
            demanded.extend(part.choices());
            run = last.unwrap_or_else(|| vec![String::new()]);
            tidy(&mut run);
        }
        if is_exact {
            return Self::exact(run);
        }
        let ends = ends(&run);
        demanded.extend(Some(run).filter(is_telling));
        Self { exact: None, demanded, ends }
    }

    fn of_alternatives(parts: &[Hir]) -> Self {
        let parts: Vec<Self> = parts.iter().map(Self::of).collect();
        let all: Option<Vec<Choice>> = parts.iter().map(|part| part.exact.clone()).collect();
        if let Some(mut all) = all.map(|all| all.concat()).filter(|all| all.len() <= MOST) {
            tidy(&mut all);
            return Self::exact(all);
        }
        let ends: Option<Vec<Choice>> = parts.iter().map(|part| part.ends.clone()).collect();
        let best = |part: Self| part.choices().into_iter().max_by_key(|choice| rarity(choice));
        let best: Option<Vec<Choice>> = parts.into_iter().map(best).collect();
        let mut ends = ends.map(|ends| ends.concat());
        ends.iter_mut().for_each(tidy);
        let mut best = best.map(|best| best.concat());
        best.iter_mut().for_each(tidy);
        Self { exact: None, demanded: best.into_iter().collect(), ends: ends.filter(|ends| ends.len() <= MOST) }
    }
}

/// The last character of each; nothing where one has none, or a letter: that would tell little and
/// make many literals of one.
fn ends(all: &[String]) -> Option<Choice> {
    let last = |text: &String| text.chars().next_back().filter(|last| !last.is_alphanumeric()).map(String::from);
    let mut ends: Choice = all.iter().map(last).collect::<Option<_>>()?;
    tidy(&mut ends);
    Some(ends)
}

fn tidy(choice: &mut Choice) {
    choice.sort_unstable();
    choice.dedup();
}

/// Single letters tell nothing.
fn is_telling(choice: &Choice) -> bool {
    !choice.is_empty() && choice.iter().all(|literal| literal.len() > 1)
}

fn chars(class: &Class) -> Option<Choice> {
    let Class::Unicode(class) = class else { return None };
    let chars = class.iter().flat_map(|range| range.start()..=range.end());
    let chars: Choice = chars.take(MOST_CHARS + 1).map(String::from).collect();
    (chars.len() <= MOST_CHARS).then_some(chars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_match_holds_one_literal_of_each_choice() {
        for (expression, expected) in [
            ("no (ai|ml) training", &["no ai tr|no ml tr"][..]),
            ("for[^x]*(ai|ai model)", &["ai"]),
            ("(a)?bcd", &["abcd|bcd"]),
            ("x(abc|de)+f", &["abc|de"]),
            ("abc[^\n]{0,12}?cde(ef)*ghi", &["abc", "cde", "ghi"]),
            ("ab|c[^x]*de", &["ab|de"]),
            ("[^x]a|bc", &[]),
            ("abc[ ,](?:x*[ ,])?def", &["abc |abc,", " def|,def"]),
            ("no[.]ab", &["no.ab"]),
            ("(^|\n)(why|how) [^\n]*\\?", &["\nhow |\nwhy |how |why "]),
            ("(禁止|不可)", &["不可|禁止"]),
            ("a*", &[]),
            ("(", &[]),
        ] {
            let found: Vec<String> = demanded(expression).iter().map(|choice| choice.join("|")).collect();
            assert_eq!(found, expected, "{expression}");
        }
    }
}
