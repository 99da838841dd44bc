//! Small networks of dense layers: LAION's CLIP-based NSFW detector, and heads out of safetensors.

use super::{npy, npy::Array, weights, zip};
use serde::{Deserialize, Serialize};

/// Most layers taken for sane. LAION's detectors have three and four.
const MAX_LAYERS: usize = 64;

/// Least standard deviation that Keras divides by (`backend.epsilon()` in its layer `Normalization`).
const EPSILON: f64 = 1e-7;

/// What stands between two layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// Nothing under zero.
    #[default]
    Relu,
    /// Hyperbolic tangent.
    Tanh,
    /// Nothing.
    None,
}

/// Dense layers with an activation between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Mean and standard deviation of each number of the input, where it is to be normalised.
    normalisation: Option<Vec<(f64, f64)>>,
    layers: Vec<Dense>,
    activation: Activation,
    sigmoid: bool,
}

/// One layer: a row of weights and a bias for each output.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dense {
    pub(super) inputs: usize,
    pub(super) weights: Vec<f32>,
    pub(super) biases: Vec<f32>,
}

impl Network {
    /// LAION's CLIP-based NSFW detector (LAION-AI/CLIP-based-NSFW-Detector): an `AutoKeras` model, its weights as a `.npz` of
    /// `mean`, `var` (of the layer `Normalization`), and `k0`, `b0`, `k1`, … (of the layers `Dense`, as Keras has them:
    /// input × output). Between them rectifiers, at the end a sigmoid.
    pub fn laion_nsfw(file: &[u8]) -> Result<Self, String> {
        let entries = zip::entries(file)?;
        let array = |name: &str| match entries.get(&format!("{name}.npy")) {
            Some(contents) => npy::array(contents).map_err(|problem| format!("`{name}` {problem}")),
            None => Err(format!("holds no array `{name}`")),
        };
        let (means, variances) = (array("mean")?, array("var")?);
        if means.shape != variances.shape || means.shape.len() != 1 {
            return Err(format!("`mean` {:?} and `var` {:?} do not go together", means.shape, variances.shape));
        }
        if variances.values.iter().any(|variance| *variance < 0.0) {
            return Err("`var` holds numbers under zero".into());
        }
        let pairs = means.values.iter().zip(&variances.values);
        let normalisation =
            pairs.map(|(mean, variance)| (f64::from(*mean), f64::from(*variance).sqrt().max(EPSILON))).collect();
        let mut layers = Vec::new();
        while layers.len() < MAX_LAYERS && entries.contains_key(&format!("k{}.npy", layers.len())) {
            let number = layers.len();
            layers.push(from_keras(&array(&format!("k{number}"))?, &array(&format!("b{number}"))?)?);
        }
        Self { normalisation: Some(normalisation), layers, activation: Activation::Relu, sigmoid: true }.checked()
    }

    /// Dense layers out of a safetensors file, in the order of the numbers in their names, as PyTorch's `Linear` has
    /// them: output × input.
    pub fn safetensors(file: &[u8], activation: Activation, sigmoid: bool) -> Result<Self, String> {
        Self { normalisation: None, layers: weights::layers(file)?, activation, sigmoid }.checked()
    }

    /// Refuses what does not fit together.
    fn checked(self) -> Result<Self, String> {
        if self.layers.is_empty() || self.layers.len() > MAX_LAYERS {
            return Err(format!("holds {} layers", self.layers.len()));
        }
        if self.normalisation.as_ref().is_some_and(|pairs| pairs.len() != self.dimension()) {
            return Err("normalises other embeddings than its first layer takes".into());
        }
        for pair in self.layers.windows(2) {
            let (gives, takes) = (pair[0].biases.len(), pair[1].inputs);
            if gives != takes {
                return Err(format!("has a layer that gives {gives} values before one that takes {takes}"));
            }
        }
        let numbers = self.layers.iter().flat_map(|layer| layer.weights.iter().chain(&layer.biases));
        let normal = self.normalisation.iter().flatten().all(|(mean, deviation)| (mean + deviation).is_finite());
        if normal && numbers.into_iter().all(|number| number.is_finite()) {
            Ok(self)
        } else {
            Err("holds numbers that are none".into())
        }
    }

    /// How long the embeddings are that it scores.
    pub fn dimension(&self) -> usize {
        self.layers[0].inputs
    }

    /// How many layers it has.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// How many scores it gives.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.biases.len())
    }

    /// The scores of an embedding. Summed in order, in double precision: one embedding, one score.
    #[expect(clippy::cast_possible_truncation, reason = "back to the precision of scores")]
    pub fn scores(&self, embedding: &[f32]) -> Vec<f32> {
        let mut values: Vec<f64> = embedding.iter().map(|value| f64::from(*value)).collect();
        if let Some(pairs) = &self.normalisation {
            values.iter_mut().zip(pairs).for_each(|(value, (mean, deviation))| *value = (*value - mean) / deviation);
        }
        for (number, layer) in self.layers.iter().enumerate() {
            if number > 0 {
                for value in &mut values {
                    *value = self.activation.of(*value);
                }
            }
            values = layer.of(&values);
        }
        let last = |value: f64| if self.sigmoid { 1.0 / (1.0 + (-value).exp()) } else { value };
        values.into_iter().map(|value| last(value) as f32).collect()
    }
}

impl Activation {
    fn of(self, value: f64) -> f64 {
        match self {
            Self::Relu => value.max(0.0),
            Self::Tanh => value.tanh(),
            Self::None => value,
        }
    }
}

impl Dense {
    fn of(&self, values: &[f64]) -> Vec<f64> {
        let rows = self.weights.chunks_exact(self.inputs.max(1)).zip(&self.biases);
        let product =
            |row: &[f32]| row.iter().zip(values).map(|(weight, value)| f64::from(*weight) * value).sum::<f64>();
        rows.map(|(row, bias)| product(row) + f64::from(*bias)).collect()
    }
}

/// A layer of Keras: its weights turned, since its kernels are input × output.
fn from_keras(kernel: &Array, bias: &Array) -> Result<Dense, String> {
    let (&[inputs, outputs], &[biases]) = (kernel.shape.as_slice(), bias.shape.as_slice()) else {
        return Err(format!("a kernel {:?} and its bias {:?} are no dense layer", kernel.shape, bias.shape));
    };
    if biases != outputs || inputs == 0 {
        return Err(format!("a kernel {:?} and its bias {:?} are no dense layer", kernel.shape, bias.shape));
    }
    let column = |output: usize| kernel.values.iter().skip(output).step_by(outputs.max(1)).copied();
    let weights = (0..outputs).flat_map(column).collect();
    Ok(Dense { inputs, weights, biases: bias.values.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two inputs, two in the middle, one output; by hand.
    fn network(activation: Activation, sigmoid: bool) -> Network {
        let first = Dense { inputs: 2, weights: vec![1.0, 2.0, -1.0, 0.5], biases: vec![0.5, 0.0] };
        let second = Dense { inputs: 2, weights: vec![2.0, 4.0], biases: vec![-1.0] };
        Network { normalisation: None, layers: vec![first, second], activation, sigmoid }.checked().unwrap()
    }

    #[test]
    fn scores_are_those_of_the_formula() {
        // First layer of (1, 1): 1 + 2 + 0.5 = 3.5 and -1 + 0.5 = -0.5.
        let near = |network: Network, expected: f64| {
            let score = f64::from(network.scores(&[1.0, 1.0])[0]);
            assert!((score - expected).abs() < 1e-6, "{score} for {expected}");
        };
        near(network(Activation::Relu, false), 2.0 * 3.5 - 1.0);
        near(network(Activation::None, false), 2.0 * 3.5 - 4.0 * 0.5 - 1.0);
        near(network(Activation::Tanh, false), 2.0 * 3.5_f64.tanh() - 4.0 * 0.5_f64.tanh() - 1.0);
        near(network(Activation::Relu, true), 1.0 / (1.0 + (-6.0_f64).exp()));
        let mut normalising = network(Activation::None, false);
        normalising.normalisation = Some(vec![(0.0, 0.5), (-3.0, 2.0)]);
        // (1, 1) becomes (2, 2).
        near(normalising, 2.0 * 6.5 - 4.0 - 1.0);
    }

    #[test]
    fn layers_that_do_not_fit_are_refused() {
        let layer = |inputs: usize, outputs: usize| Dense {
            inputs,
            weights: vec![0.0; inputs * outputs],
            biases: vec![0.0; outputs],
        };
        let network = |layers| Network { normalisation: None, layers, activation: Activation::Relu, sigmoid: false };
        assert!(network(vec![]).checked().unwrap_err().contains("0 layers"));
        let error = network(vec![layer(4, 3), layer(2, 1)]).checked().unwrap_err();
        assert!(error.contains("gives 3 values before one that takes 2"), "{error}");
        let mut odd = layer(4, 1);
        odd.weights[2] = f32::INFINITY;
        assert!(network(vec![odd]).checked().unwrap_err().contains("numbers that are none"));
    }
}
