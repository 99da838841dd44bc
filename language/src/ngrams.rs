//! What the model knows a text by: runs of one to five letters within a word, whole words, and
//! the text's shape, each as a hash.
use crate::reading::GAP;

/// Longest run of letters; the gaps at both ends of a word count as letters.
const LONGEST: usize = 5;
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
const WORD: u64 = 0x51_7CC1;
const SHAPE: u64 = 0x2F_A5EE;

/// Calls `found` with the hash of every n-gram of `letters`, which begin and end with a gap.
/// At most six a letter.
#[inline]
pub(crate) fn each_ngram(letters: &[u16], mut found: impl FnMut(u32)) {
    for begin in 0..letters.len().saturating_sub(1) {
        let mut hash = SEED;
        for (length, &letter) in letters[begin..].iter().take(LONGEST).enumerate() {
            hash = step(hash, letter);
            if length > 0 || letter != GAP {
                found(finish(hash));
            }
            if length > 0 && letter == GAP {
                break;
            }
        }
    }
    let mut hash = SEED ^ WORD;
    for &letter in letters {
        if letter == GAP {
            if hash != SEED ^ WORD {
                found(finish(hash));
            }
            hash = SEED ^ WORD;
        } else {
            hash = step(hash, letter);
        }
    }
}

const SEED: u64 = 0x2545_F491_4F6C_DD1D;

/// The hash of a shape.
pub(crate) fn of_shape(shape: u16) -> u32 {
    finish(step(SEED ^ SHAPE, shape))
}

#[inline]
fn step(hash: u64, letter: u16) -> u64 {
    (hash ^ u64::from(letter)).wrapping_mul(FACTOR).rotate_left(23)
}

#[inline]
fn finish(hash: u64) -> u32 {
    (hash.wrapping_mul(FACTOR) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn ngrams(text: &str) -> Vec<u32> {
        let letters: Vec<u16> =
            text.encode_utf16().map(|unit| if unit == u16::from(b' ') { GAP } else { unit }).collect();
        let mut found = Vec::new();
        each_ngram(&letters, |hash| found.push(hash));
        found
    }

    #[test]
    fn a_word_has_its_runs_and_itself() {
        // " a", "a", "a ", " a " and the word "a"
        assert_eq!(ngrams(" a ").len(), 5);
        assert_eq!(ngrams(" ").len(), 0);
        assert_eq!(ngrams("").len(), 0);
        let distinct: HashSet<u32> = ngrams(" lighthouse ").into_iter().collect();
        // 10 of one letter less a second h and e and u... each run once, and the word
        assert!(distinct.len() > 40);
    }

    #[test]
    fn runs_stay_within_words() {
        let apart: HashSet<u32> = ngrams(" ab ").into_iter().chain(ngrams(" cd ")).collect();
        let together: HashSet<u32> = ngrams(" ab cd ").into_iter().collect();
        assert_eq!(apart, together);
    }
}
