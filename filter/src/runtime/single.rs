//! An ONNX file whose batch is fixed at one row, for the embedded backend.
//!
//! With a batch of unknown size tract cannot choose its kernels for depthwise convolutions and
//! runs them as matrix products: the demo encoder took 360 ms a picture. The size stands in the
//! file as a named dimension (`dim_param`), and `ort-tract` has no option that overrides it, so the
//! name is overwritten in the file's bytes with a value (`dim_value`) of the same length. No
//! other byte moves.

use std::ops::Range;

/// `onnx` with one row for a batch; unchanged where the batch has no name to replace, or the file
/// is not understood. Such a file runs too, only slower.
pub(super) fn single_row(onnx: &[u8]) -> Vec<u8> {
    let mut changed = onnx.to_vec();
    let everything = 0..onnx.len();
    // Field numbers as in onnx.proto: ModelProto.graph, GraphProto.input, output, value_info,
    // ValueInfoProto.type, TypeProto.tensor_type, Tensor.shape, TensorShapeProto.dim, dim_param.
    let shapes = |kind: u64| -> Vec<Vec<Range<usize>>> {
        let shapes = inside(onnx, &everything, &[7, kind, 2, 1, 2]);
        shapes.iter().map(|shape| inside(onnx, shape, &[1])).collect()
    };
    let name_of = |dimension: &Range<usize>| inside(onnx, dimension, &[2]).into_iter().next();
    let batch = shapes(11).first().and_then(|shape| name_of(shape.first()?));
    let Some(batch) = batch.map(|name| &onnx[name]) else { return changed };
    for kind in [11, 12, 13] {
        for name in shapes(kind).iter().flatten().filter_map(name_of) {
            if &onnx[name.clone()] == batch {
                overwrite(&mut changed, &name);
            }
        }
    }
    changed
}

/// Makes `dim_param = "name"` (0x12, length, name) `dim_value = 1` (0x08, 1), and what is left of
/// it a `denotation` (0x1a, length, letters), which is a comment. For a name of one letter nothing
/// is left but one byte, which the number 1 takes up when written in two (0x81 0x00).
fn overwrite(onnx: &mut [u8], name: &Range<usize>) {
    let length = name.len();
    let start = name.start - 2;
    match u8::try_from(length) {
        Ok(1) => onnx[start..name.end].copy_from_slice(&[0x08, 0x81, 0x00]),
        Ok(rest @ 2..=127) => {
            onnx[start..start + 4].copy_from_slice(&[0x08, 0x01, 0x1a, rest - 2]);
            onnx[start + 4..name.end].fill(b'-');
        }
        _ => {}
    }
}

/// The contents of the fields that `path` leads to, from the message at `message`.
fn inside(bytes: &[u8], message: &Range<usize>, path: &[u64]) -> Vec<Range<usize>> {
    let Some((field, rest)) = path.split_first() else { return vec![message.clone()] };
    fields(bytes, message.clone(), *field).iter().flat_map(|found| inside(bytes, found, rest)).collect()
}

/// The contents of every length-delimited field `wanted` of one message (protobuf wire format).
fn fields(bytes: &[u8], message: Range<usize>, wanted: u64) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = message.start;
    while let Some((key, value)) = varint(bytes, at).filter(|_| at < message.end) {
        let end = match key & 7 {
            0 => varint(bytes, value).map(|(_, end)| end),
            1 => value.checked_add(8),
            2 => varint(bytes, value).and_then(|(length, start)| {
                let end = start.checked_add(usize::try_from(length).ok()?).filter(|end| *end <= message.end)?;
                if key >> 3 == wanted {
                    found.push(start..end);
                }
                Some(end)
            }),
            5 => value.checked_add(4),
            _ => None,
        };
        let Some(end) = end else { break };
        at = end;
    }
    found
}

/// The number at `at`, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut number = 0;
    for (index, byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f).checked_shl(7 * u32::try_from(index).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((number, at + index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field with contents.
    fn field(number: u8, contents: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, u8::try_from(contents.len()).unwrap()], contents].concat()
    }

    /// A model with one input of one named and one fixed dimension.
    fn model(name: &str) -> Vec<u8> {
        let shape = [field(1, &field(2, name.as_bytes())), field(1, &[0x08, 77])].concat();
        let graph = field(11, &field(2, &field(1, &[&[0x08, 1][..], &field(2, &shape)].concat())));
        [&[0x08, 13][..], &field(7, &graph)].concat()
    }

    #[test]
    fn the_batch_becomes_one_and_nothing_moves() {
        for (name, dimension) in [
            ("N", &[0x08, 0x81, 0x00][..]),
            ("NN", &[0x08, 0x01, 0x1a, 0x00]),
            ("batch", &[0x08, 0x01, 0x1a, 0x03, b'-', b'-', b'-']),
        ] {
            let (before, after) = (model(name), single_row(&model(name)));
            assert_eq!(before.len(), after.len());
            let dimensions = inside(&after, &(0..after.len()), &[7, 11, 2, 1, 2, 1]);
            assert_eq!(&after[dimensions[0].clone()], dimension, "{name}");
            assert_eq!(&after[dimensions[1].clone()], [0x08, 77]);
        }
    }

    #[test]
    fn what_is_not_understood_stays_as_it_is() {
        let whole = model("batch");
        for bytes in [&b"no model"[..], b"", &[0xff; 40], &whole[..whole.len() - 4]] {
            assert_eq!(single_row(bytes), bytes);
        }
        assert_eq!(single_row(&model("")), model(""));
    }
}
