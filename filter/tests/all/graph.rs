//! ONNX graphs made by hand: the messages of onnx.proto that it takes, so that tests need neither Python nor a model.

/// What a tensor holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Float = 1,
    Long = 7,
}

/// A size, or the name of one that is free.
pub(crate) enum Size {
    Is(usize),
    Named(&'static str),
}

/// A message or a text within another.
pub(crate) fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2][..], &varint(bytes.len()), bytes].concat()
}

/// A number within a message.
pub(crate) fn number(field: u8, value: usize) -> Vec<u8> {
    [varint(usize::from(field) << 3), varint(value)].concat()
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
    bytes
}

/// An input or an output.
pub(crate) fn value(name: &str, kind: Kind, sizes: &[Size]) -> Vec<u8> {
    let size = |size: &Size| match size {
        Size::Is(size) => field(1, &number(1, *size)),
        Size::Named(name) => field(1, &field(2, name.as_bytes())),
    };
    let shape: Vec<u8> = sizes.iter().flat_map(size).collect();
    let tensor = [number(1, kind as usize), field(2, &shape)].concat();
    [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
}

/// A constant of 32-bit floats.
pub(crate) fn floats(name: &str, sizes: &[usize], values: &[f32]) -> Vec<u8> {
    constant(name, Kind::Float, sizes, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

/// A constant of 64-bit integers.
pub(crate) fn longs(name: &str, sizes: &[usize], values: &[i64]) -> Vec<u8> {
    constant(name, Kind::Long, sizes, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

fn constant(name: &str, kind: Kind, sizes: &[usize], raw: &[u8]) -> Vec<u8> {
    let sizes: Vec<u8> = sizes.iter().flat_map(|size| number(1, *size)).collect();
    [sizes, number(2, kind as usize), field(8, name.as_bytes()), field(9, raw)].concat()
}

/// One step, with attributes that are integers.
pub(crate) fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[(&str, usize)]) -> Vec<u8> {
    let inputs = inputs.iter().flat_map(|input| field(1, input.as_bytes()));
    let attributes = attributes
        .iter()
        .flat_map(|(name, value)| field(5, &[field(1, name.as_bytes()), number(3, *value), number(20, 2)].concat()));
    let named = [field(2, output.as_bytes()), field(4, operator.as_bytes())].concat();
    inputs.chain(named).chain(attributes).collect()
}

/// The file: opset 17.
pub(crate) fn model(nodes: &[Vec<u8>], constants: &[Vec<u8>], inputs: &[Vec<u8>], outputs: &[Vec<u8>]) -> Vec<u8> {
    let all = |number: u8, messages: &[Vec<u8>]| -> Vec<u8> {
        messages.iter().flat_map(|message| field(number, message)).collect()
    };
    let graph = [all(1, nodes), field(2, b"graph"), all(5, constants), all(11, inputs), all(12, outputs)].concat();
    [number(1, 8), field(7, &graph), field(8, &number(2, 17))].concat()
}
