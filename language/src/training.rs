//! What the model's trainer needs to see of a text, so that training and use cannot drift apart.
use crate::main_script;
use crate::model::Model;
use crate::ngrams::{each_ngram, of_shape};
use crate::reading::Reading;

/// Which table of the model a text goes to, and the hashes of its n-grams, the shape's first;
/// `None` for texts that the model is not asked about.
pub fn features(text: &str) -> Option<(usize, Vec<u32>)> {
    let mut reading = Reading::of(text);
    let script = main_script(&reading)?;
    let table = Model::SCRIPTS.iter().position(|&one| one == script)?;
    let mut hashes = vec![of_shape(reading.shape())];
    each_ngram(reading.words(script), |hash| hashes.push(hash));
    Some((table, hashes))
}
