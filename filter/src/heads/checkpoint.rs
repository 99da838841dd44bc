//! PyTorch checkpoints (`torch.save`, zip format): a pickle that names tensors, and their numbers.

use super::{pickle, zip};
use std::collections::BTreeMap;

/// A tensor of float32, row-major.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tensor {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

/// The tensors of a checkpoint's state dictionary, by name.
pub(super) fn read(file: &[u8]) -> Result<BTreeMap<String, Tensor>, String> {
    let entries = zip::entries(file)?;
    let program = entries.keys().find(|name| name.ends_with("/data.pkl")).ok_or("holds no `data.pkl`")?;
    let folder = program.trim_end_matches("data.pkl");
    if entries.get(&format!("{folder}byteorder")).is_some_and(|order| *order != b"little") {
        return Err("holds big-endian numbers".into());
    }
    let mut tensors = BTreeMap::new();
    for (name, view) in pickle::state_dict(entries[program])? {
        let key = format!("{folder}data/{}", view.key);
        let storage = entries.get(&key).ok_or_else(|| format!("holds no `{key}`"))?;
        let values = view_of(storage, &view).ok_or_else(|| format!("tensor `{name}` does not fit its storage"))?;
        tensors.insert(name, Tensor { shape: view.shape, values });
    }
    Ok(tensors)
}

/// The numbers that `view` shows of `storage`; nothing is allocated that the storage does not fill.
fn view_of(storage: &[u8], view: &pickle::View) -> Option<Vec<f32>> {
    let mut count = 1_usize;
    for (length, stride) in view.shape.iter().zip(&view.strides).rev() {
        // Row-major only; a dimension of one has no stride to speak of.
        if *length != 1 && *stride != count {
            return None;
        }
        count = count.checked_mul(*length)?;
    }
    let start = view.offset.checked_mul(4)?;
    let bytes = storage.get(start..start.checked_add(count.checked_mul(4)?)?)?;
    Some(bytes.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect())
}
