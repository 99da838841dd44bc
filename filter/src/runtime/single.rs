//! An ONNX file whose input is fixed at one row, and a text at one length, for the embedded backend.
//!
//! With a batch of unknown size tract cannot choose its kernels for depthwise convolutions and
//! runs them as matrix products: the demo encoder took 360 ms a picture. The size stands in the
//! file as a named dimension (`dim_param`), and `ort-tract` has no option that overrides it, so the
//! name is overwritten in the file's bytes with a value (`dim_value`) of the same length. No
//! other byte moves.

use std::ops::Range;

/// `onnx` with one row for a batch and, where its input's second dimension has a name too, `length` for that;
/// unchanged where there is no name to replace, or the file is not understood. Such a file runs too, only slower.
pub(super) fn single_row(onnx: &[u8], length: usize) -> Vec<u8> {
    let mut changed = onnx.to_vec();
    let everything = 0..onnx.len();
    // Field numbers as in onnx.proto: ModelProto.graph, GraphProto.input, output, value_info,
    // ValueInfoProto.type, TypeProto.tensor_type, Tensor.shape, TensorShapeProto.dim, dim_param.
    let shapes = |kind: u64| -> Vec<Vec<Range<usize>>> {
        let shapes = inside(onnx, &everything, &[7, kind, 2, 1, 2]);
        shapes.iter().map(|shape| inside(onnx, shape, &[1])).collect()
    };
    let name_of = |dimension: &Range<usize>| inside(onnx, dimension, &[2]).into_iter().next();
    let input = shapes(11).into_iter().next().unwrap_or_default();
    for (dimension, value) in input.iter().zip([1, length]) {
        let Some(wanted) = name_of(dimension).map(|name| &onnx[name]).filter(|name| !name.is_empty()) else { continue };
        for name in [11, 12, 13].iter().flat_map(|kind| shapes(*kind)).flatten().filter_map(|it| name_of(&it)) {
            if &onnx[name.clone()] == wanted {
                overwrite(&mut changed, &name, value);
            }
        }
    }
    changed
}

/// Whether any of its weights is in half precision (`TensorProto.data_type` 10, FLOAT16).
pub(super) fn is_half(onnx: &[u8]) -> bool {
    // ModelProto.graph, GraphProto.initializer.
    inside(onnx, &(0..onnx.len()), &[7, 5]).into_iter().any(|weight| number(onnx, weight, 2) == Some(10))
}

/// Makes `dim_param = "name"` (0x12, length, name) `dim_value = value` (0x08, number), and what is left of
/// it a `denotation` (0x1a, length, letters), which is a comment. Where only one byte is left, the number takes
/// it up: 1 may be written 0x81 0x00.
fn overwrite(onnx: &mut [u8], name: &Range<usize>, value: usize) {
    // A longer name's length takes two bytes.
    let (start, room) = (name.start - 2, name.len() + 2);
    if room > 129 {
        return;
    }
    let mut field = vec![0x08];
    push_varint(&mut field, value);
    match room.checked_sub(field.len()) {
        Some(0) => {}
        Some(1) => {
            let last = field.len() - 1;
            field[last] |= 0x80;
            field.push(0);
        }
        Some(rest) => {
            field.extend([0x1a, u8::try_from(rest - 2).unwrap_or_default()]);
            field.resize(room, b'-');
        }
        None => return,
    }
    onnx[start..name.end].copy_from_slice(&field);
}

fn push_varint(field: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        field.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    field.push(value.to_le_bytes()[0]);
}

/// The contents of the fields that `path` leads to, from the message at `message`.
fn inside(bytes: &[u8], message: &Range<usize>, path: &[u64]) -> Vec<Range<usize>> {
    let Some((field, rest)) = path.split_first() else { return vec![message.clone()] };
    fields(bytes, message.clone(), *field).iter().flat_map(|found| inside(bytes, found, rest)).collect()
}

/// The number that field `wanted` of one message holds, the first of several.
fn number(bytes: &[u8], message: Range<usize>, wanted: u64) -> Option<u64> {
    let mut found = None;
    walk(bytes, message, |field, value| match value {
        Field::Number(number) if field == wanted => found = found.or(Some(number)),
        _ => {}
    });
    found
}

/// The contents of every length-delimited field `wanted` of one message.
fn fields(bytes: &[u8], message: Range<usize>, wanted: u64) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    walk(bytes, message, |field, value| match value {
        Field::Contents(range) if field == wanted => found.push(range),
        _ => {}
    });
    found
}

/// A field of a message.
enum Field {
    Number(u64),
    Contents(Range<usize>),
}

/// Tells of the fields of one message (protobuf wire format), up to what is not understood.
fn walk(bytes: &[u8], message: Range<usize>, mut tell: impl FnMut(u64, Field)) {
    let mut at = message.start;
    while let Some((key, value)) = varint(bytes, at).filter(|_| at < message.end) {
        let end = match key & 7 {
            0 => varint(bytes, value).map(|(number, end)| {
                tell(key >> 3, Field::Number(number));
                end
            }),
            1 => value.checked_add(8),
            2 => varint(bytes, value).and_then(|(length, start)| {
                let end = start.checked_add(usize::try_from(length).ok()?).filter(|end| *end <= message.end)?;
                tell(key >> 3, Field::Contents(start..end));
                Some(end)
            }),
            5 => value.checked_add(4),
            _ => None,
        };
        let Some(end) = end else { break };
        at = end;
    }
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

    /// A model with one input, whose first dimension has a name, and whose second one or a value.
    fn model(batch: &str, second: &[u8]) -> Vec<u8> {
        let shape = [field(1, &field(2, batch.as_bytes())), field(1, second)].concat();
        let graph = field(11, &field(2, &field(1, &[&[0x08, 1][..], &field(2, &shape)].concat())));
        [&[0x08, 13][..], &field(7, &graph)].concat()
    }

    fn dimensions(model: &[u8]) -> Vec<&[u8]> {
        inside(model, &(0..model.len()), &[7, 11, 2, 1, 2, 1]).into_iter().map(|dimension| &model[dimension]).collect()
    }

    #[test]
    fn the_batch_becomes_one_and_nothing_moves() {
        for (name, dimension) in [
            ("N", &[0x08, 0x81, 0x00][..]),
            ("NN", &[0x08, 0x01, 0x1a, 0x00]),
            ("batch", &[0x08, 0x01, 0x1a, 0x03, b'-', b'-', b'-']),
        ] {
            let before = model(name, &[0x08, 77]);
            let after = single_row(&before, 12);
            assert_eq!(before.len(), after.len());
            assert_eq!(dimensions(&after), [dimension, &[0x08, 77]], "{name}");
        }
    }

    #[test]
    fn a_free_length_becomes_the_one_asked_for() {
        let named = |name: &str| model("b", &field(2, name.as_bytes()));
        for (name, length, dimension) in [
            ("s", 77, &[0x08, 0xcd, 0x00][..]),
            ("s", 300, &[0x08, 0xac, 0x02]),
            ("tokens", 300, &[0x08, 0xac, 0x02, 0x1a, 0x03, b'-', b'-', b'-']),
        ] {
            assert_eq!(dimensions(&single_row(&named(name), length))[1], dimension, "{name} {length}");
        }
    }

    #[test]
    fn half_precision_is_told_by_the_weights() {
        let with = |kind: u8| field(7, &field(5, &[&[0x08, 4, 0x10, kind][..], &field(9, &[0; 8])].concat()));
        assert!(is_half(&with(10)));
        assert!(is_half(&[with(1), with(10)].concat()));
        assert!(!is_half(&with(1)));
        assert!(!is_half(b"no model"));
    }

    #[test]
    fn what_is_not_understood_stays_as_it_is() {
        let whole = model("batch", &[0x08, 77]);
        for bytes in [&b"no model"[..], b"", &[0xff; 40], &whole[..whole.len() - 4]] {
            assert_eq!(single_row(bytes, 77), bytes);
        }
        assert_eq!(single_row(&model("", &[0x08, 77]), 77), model("", &[0x08, 77]));
    }
}
