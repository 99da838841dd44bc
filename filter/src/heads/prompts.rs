//! Heads that are texts: LAION's violence detector is two embeddings, of what is harmless and of what is violent.

use super::npy;

/// The scale at which CLIP's cosines become logits: it was trained to, and no further than, 100 (Radford et al. 2021, "Learning
/// Transferable Visual Models From Natural Language Supervision", section 2.5).
const LOGIT_SCALE: f64 = 100.0;

/// Two embeddings of texts.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptPair {
    harmless: Vec<f32>,
    violent: Vec<f32>,
}

impl PromptPair {
    /// LAION's violence detector (LAION-AI/CLIP-based-NSFW-Detector, `violence_detection_*.npy`): float32 [2, dimension].
    pub fn laion_violence(file: &[u8]) -> Result<Self, String> {
        let array = npy::array(file)?;
        let &[2, dimension] = array.shape.as_slice() else {
            return Err(format!("holds an array {:?}, not two embeddings", array.shape));
        };
        if !array.values.iter().all(|value| value.is_finite()) {
            return Err("holds numbers that are none".into());
        }
        let (harmless, violent) = array.values.split_at(dimension);
        Ok(Self { harmless: harmless.to_vec(), violent: violent.to_vec() })
    }

    /// How long the embeddings are that it scores.
    pub fn dimension(&self) -> usize {
        self.harmless.len()
    }

    /// The share of the second text in the softmax of both. Over a half is what clip-retrieval calls violent: there the
    /// larger of the two products decides.
    #[expect(clippy::cast_possible_truncation, reason = "a share of one")]
    pub fn score(&self, embedding: &[f32]) -> f32 {
        softmax(&[product(&self.harmless, embedding), product(&self.violent, embedding)])[1] as f32
    }
}

/// Products with texts as shares of one.
pub(crate) fn softmax(products: &[f64]) -> Vec<f64> {
    let most = products.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = products.iter().map(|product| (LOGIT_SCALE * (product - most)).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn product(text: &[f32], picture: &[f32]) -> f64 {
    text.iter().zip(picture).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_product_has_the_larger_share() {
        let pair = PromptPair { harmless: vec![1.0, 0.0], violent: vec![0.0, 1.0] };
        assert!((pair.score(&[0.5, 0.5]) - 0.5).abs() < 1e-6);
        // A hundredth more is one logit more.
        assert!((f64::from(pair.score(&[0.5, 0.51])) - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-5);
        assert!(pair.score(&[0.9, 0.1]) < 1e-6);
        assert!(softmax(&[f64::NAN, 0.5]).iter().any(|share| share.is_nan()));
    }
}
