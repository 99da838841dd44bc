//! Dense layers out of a safetensors file, as `safetensors.torch.save_file(model.state_dict(), …)` writes them.

use super::network::Dense;
use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::BTreeMap;

/// The layers, in the order of the numbers in their names: `2.weight` before `10.weight`.
pub(super) fn layers(file: &[u8]) -> Result<Vec<Dense>, String> {
    let tensors = SafeTensors::deserialize(file).map_err(|error| format!("is no safetensors file: {error}"))?;
    let mut named: BTreeMap<Vec<Part>, (String, Pair<'_>)> = BTreeMap::new();
    for (name, view) in tensors.iter() {
        let (prefix, is_weight) = match (name.strip_suffix("weight"), name.strip_suffix("bias")) {
            (Some(prefix), _) if view.shape().len() == 2 => (prefix, true),
            (_, Some(prefix)) if view.shape().len() == 1 => (prefix, false),
            _ => {
                let shape = view.shape();
                return Err(format!("holds `{name}` {shape:?}, which is of no linear layer: export the head as ONNX"));
            }
        };
        let (_, pair) = named.entry(parts(prefix)).or_insert_with(|| (prefix.to_owned(), Pair::default()));
        if is_weight { pair.weight = Some(view) } else { pair.bias = Some(view) }
    }
    named.into_values().map(|(prefix, pair)| pair.dense(&prefix)).collect()
}

#[derive(Default)]
struct Pair<'a> {
    weight: Option<TensorView<'a>>,
    bias: Option<TensorView<'a>>,
}

impl Pair<'_> {
    fn dense(&self, prefix: &str) -> Result<Dense, String> {
        let weight = self.weight.as_ref().ok_or_else(|| format!("holds `{prefix}bias` without `{prefix}weight`"))?;
        let (outputs, inputs) = (weight.shape()[0], weight.shape()[1]);
        let biases = match &self.bias {
            Some(bias) => numbers(bias)?,
            None => vec![0.0; outputs],
        };
        if biases.len() != outputs || inputs == 0 {
            let found = biases.len();
            return Err(format!("`{prefix}weight` {:?} and its {found} biases are no linear layer", weight.shape()));
        }
        Ok(Dense { inputs, weights: numbers(weight)?, biases })
    }
}

/// The library has held shape against bytes already.
#[expect(clippy::cast_possible_truncation, reason = "weights")]
fn numbers(view: &TensorView<'_>) -> Result<Vec<f32>, String> {
    let bytes = view.data();
    Ok(match view.dtype() {
        Dtype::F32 => bytes.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect(),
        Dtype::F16 => bytes.as_chunks().0.iter().map(|number| f16::from_le_bytes(*number).to_f32()).collect(),
        Dtype::BF16 => bytes.as_chunks().0.iter().map(|number| bf16::from_le_bytes(*number).to_f32()).collect(),
        Dtype::F64 => bytes.as_chunks().0.iter().map(|number| f64::from_le_bytes(*number) as f32).collect(),
        other => return Err(format!("holds numbers of type {other:?}, not floats")),
    })
}

/// A piece of a name: a number counts as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Text(String),
}

fn parts(name: &str) -> Vec<Part> {
    let pieces = name.split('.').filter(|piece| !piece.is_empty());
    pieces.map(|piece| piece.parse().map_or_else(|_| Part::Text(piece.to_owned()), Part::Number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::serialize;

    fn file(tensors: &[(&str, Dtype, &[usize])]) -> Vec<u8> {
        let zeros: Vec<Vec<u8>> = tensors
            .iter()
            .map(|(_, dtype, shape)| vec![0; dtype.bitsize() / 8 * shape.iter().product::<usize>()])
            .collect();
        let views = tensors.iter().zip(&zeros).map(|((name, dtype, shape), bytes)| {
            ((*name).to_owned(), TensorView::new(*dtype, shape.to_vec(), bytes).unwrap())
        });
        serialize(views, None).unwrap()
    }

    #[test]
    fn layers_come_in_the_order_of_their_numbers() {
        let file = file(&[
            ("net.10.weight", Dtype::F16, &[1, 3]),
            ("net.10.bias", Dtype::F32, &[1]),
            ("net.2.weight", Dtype::BF16, &[3, 4]),
            ("net.0.weight", Dtype::F64, &[4, 8]),
            ("net.0.bias", Dtype::F32, &[4]),
        ]);
        let layers = layers(&file).unwrap();
        let shapes: Vec<_> = layers.iter().map(|layer| (layer.inputs, layer.biases.len())).collect();
        assert_eq!(shapes, [(8, 4), (4, 3), (3, 1)]);
    }

    #[test]
    fn what_is_no_linear_layer_is_refused_by_name() {
        for (tensors, says) in [
            (&[("a.bias", Dtype::F32, &[2][..])][..], "`a.bias` without `a.weight`"),
            (&[("weight", Dtype::F32, &[2, 3][..]), ("bias", Dtype::F32, &[3][..])][..], "its 3 biases"),
            (&[("weight", Dtype::I64, &[2, 3][..])][..], "numbers of type I64"),
            (&[("weight", Dtype::F32, &[2, 0][..])][..], "no linear layer"),
            (&[("norm.weight", Dtype::F32, &[2][..])][..], "`norm.weight` [2], which is of no linear layer"),
            (&[("norm.running_mean", Dtype::F32, &[2][..])][..], "`norm.running_mean`"),
        ] {
            let problem = layers(&file(tensors)).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
    }

    #[test]
    fn hostile_files_are_refused_without_being_believed() {
        let good = file(&[("weight", Dtype::F32, &[1, 4]), ("bias", Dtype::F32, &[1])]);
        assert!(layers(&good).is_ok());
        for length in 0..good.len() {
            assert!(layers(&good[..length]).is_err(), "{length} bytes");
        }
        for index in 0..good.len() {
            let mut changed = good.clone();
            changed[index] ^= 0x55;
            // Some bytes are numbers, where any value goes; none may panic.
            let _ = layers(&changed);
        }
        let huge = br#"{"weight":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#;
        let huge = [&(huge.len() as u64).to_le_bytes()[..], huge, &[0; 4]].concat();
        assert!(layers(&huge).unwrap_err().contains("is no safetensors file"));
        let long = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
        assert!(layers(&long).unwrap_err().contains("is no safetensors file"));
    }
}
