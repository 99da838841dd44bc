//! LAION's two aesthetic predictors, read from the files they were published as.

use super::checkpoint::{self, Tensor};
use std::collections::BTreeMap;

/// A linear head: one vector and a bias, on the L2-normalised embedding.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearHead {
    weights: Vec<f64>,
    bias: f64,
}

impl LinearHead {
    /// LAION aesthetic v1 (LAION-AI/aesthetic-predictor): `Linear(dimension, 1)`.
    pub fn laion_v1(file: &[u8]) -> Result<Self, String> {
        let tensors = checkpoint::read(file)?;
        fold(&[layer(&tensors, "")?])
    }

    /// LAION aesthetic v2 (christophschuhmann/improved-aesthetic-predictor): five linear layers.
    /// Nothing stands between them but dropout, which inference leaves out, so they are one.
    pub fn laion_v2(file: &[u8]) -> Result<Self, String> {
        let tensors = checkpoint::read(file)?;
        // 1, 3 and 5 are the dropouts.
        let layers: Result<Vec<_>, String> =
            [0, 2, 4, 6, 7].iter().map(|number| layer(&tensors, &format!("layers.{number}."))).collect();
        fold(&layers?)
    }

    /// How long the embeddings are that it scores.
    pub fn dimension(&self) -> usize {
        self.weights.len()
    }

    /// The score of an embedding. Summed in order, in double precision: one embedding, one score.
    #[expect(clippy::cast_possible_truncation, reason = "a score of about 1 to 10")]
    pub fn score(&self, embedding: &[f32]) -> f32 {
        let product: f64 = self.weights.iter().zip(embedding).map(|(weight, value)| weight * f64::from(*value)).sum();
        (product + self.bias) as f32
    }
}

/// One linear layer: rows of weights, one bias a row.
struct Layer<'a> {
    weight: &'a Tensor,
    bias: &'a Tensor,
}

fn layer<'a>(tensors: &'a BTreeMap<String, Tensor>, prefix: &str) -> Result<Layer<'a>, String> {
    let tensor = |name: &str| {
        let name = format!("{prefix}{name}");
        tensors.get(&name).ok_or_else(|| format!("holds no tensor `{name}`"))
    };
    let (weight, bias) = (tensor("weight")?, tensor("bias")?);
    if weight.shape.len() != 2 || bias.shape != [weight.shape[0]] {
        return Err(format!("`{prefix}weight` {:?} and its bias {:?} are no linear layer", weight.shape, bias.shape));
    }
    Ok(Layer { weight, bias })
}

/// Folds layers into one: w ← w·W and b ← b + w·b, from the last to the first.
fn fold(layers: &[Layer<'_>]) -> Result<LinearHead, String> {
    let (mut weights, mut bias) = (vec![1.0], 0.0);
    for layer in layers.iter().rev() {
        let (rows, columns) = (layer.weight.shape[0], layer.weight.shape[1]);
        if rows != weights.len() {
            return Err(format!("a layer gives {rows} values, the next takes {}", weights.len()));
        }
        bias += weights.iter().zip(&layer.bias.values).map(|(weight, value)| weight * f64::from(*value)).sum::<f64>();
        let mut folded = vec![0.0; columns];
        for (weight, row) in weights.iter().zip(layer.weight.values.chunks_exact(columns.max(1))) {
            for (sum, value) in folded.iter_mut().zip(row) {
                *sum += weight * f64::from(*value);
            }
        }
        weights = folded;
    }
    if weights.iter().chain([&bias]).all(|value| value.is_finite()) {
        Ok(LinearHead { weights, bias })
    } else {
        Err("holds numbers that are none".into())
    }
}
