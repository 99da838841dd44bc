//! The pickle of a state dictionary, read without running anything.
//!
//! Pickle is a program for a stack machine that can call whatever Python can import. This machine
//! knows three names (`collections.OrderedDict`, `torch._utils._rebuild_tensor_v2`,
//! `torch.FloatStorage`) and the opcodes that `torch.save` needs (protocol 2); anything else is
//! refused by its name. As `torch.load(weights_only=True)` does it.

use std::{collections::HashMap, rc::Rc};

/// Longest program run; that of the v2 head has 1.2 KB.
const MAX_PROGRAM_BYTES: usize = 256 * 1024;

/// Deepest nesting of tuples and dictionaries.
const MAX_DEPTH: usize = 8;

/// Which part of which storage a tensor shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) key: Rc<str>,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Global {
    OrderedDict,
    RebuildTensor,
    FloatStorage,
}

/// How deep a container is nested, kept rather than counted: tuples are shared, and counting
/// through them could take for ever.
type Depth = usize;

#[derive(Clone)]
enum Value {
    Mark,
    /// None, True, False, and a dictionary read back from the memo: of no use here.
    Opaque,
    Int(usize),
    Text(Rc<str>),
    Global(Global),
    Tuple(Depth, Rc<[Value]>),
    Dict(Depth, Vec<(Value, Value)>),
    Storage(Rc<str>),
    Tensor(Rc<View>),
}

impl Value {
    fn depth(&self) -> Depth {
        match self {
            Self::Tuple(depth, _) | Self::Dict(depth, _) => *depth,
            _ => 0,
        }
    }
}

/// The tensors that a state dictionary names, in its order.
pub(super) fn state_dict(program: &[u8]) -> Result<Vec<(String, View)>, String> {
    if program.len() > MAX_PROGRAM_BYTES {
        return Err(format!("holds a pickle of {} bytes, more than {MAX_PROGRAM_BYTES}", program.len()));
    }
    let mut machine = Machine { rest: program, stack: Vec::new(), memo: HashMap::new() };
    let Value::Dict(_, items) = machine.run()? else { return Err("holds no state dictionary".into()) };
    let mut views = Vec::new();
    for (name, value) in items {
        if let (Value::Text(name), Value::Tensor(view)) = (name, value) {
            views.push((name.to_string(), View::clone(&view)));
        }
    }
    Ok(views)
}

struct Machine<'a> {
    rest: &'a [u8],
    stack: Vec<Value>,
    memo: HashMap<usize, Value>,
}

impl Machine<'_> {
    fn run(&mut self) -> Result<Value, String> {
        loop {
            let opcode = self.byte()?;
            match opcode {
                0x80 => drop(self.byte()?), // PROTO
                b'.' => return self.pop(),
                b'(' => self.stack.push(Value::Mark),
                b'N' | 0x88 | 0x89 => self.stack.push(Value::Opaque),
                b'K' => self.number(1)?,
                b'M' => self.number(2)?,
                b'J' => self.number(4)?,
                b'X' => self.text()?,
                b'c' => self.global()?,
                b')' => self.tuple(Vec::new())?,
                b't' => self.marked().and_then(|items| self.tuple(items))?,
                0x85..=0x87 => self.last(usize::from(opcode - 0x84)).and_then(|items| self.tuple(items))?,
                b'}' => self.stack.push(Value::Dict(1, Vec::new())),
                b's' => self.last(2).and_then(|items| self.set(items))?,
                b'u' => self.marked().and_then(|items| self.set(items))?,
                b'q' => self.byte().map(|key| self.put(usize::from(key)))?,
                b'r' => self.length().map(|key| self.put(key))?,
                b'h' => self.byte().and_then(|key| self.get(usize::from(key)))?,
                b'j' => self.length().and_then(|key| self.get(key))?,
                b'Q' => self.storage()?,
                b'R' => self.call()?,
                b'b' => drop(self.pop()?), // BUILD: attributes (`_metadata`), of no use here
                other => {
                    return Err(format!("holds a pickle with opcode 0x{other:02x}, which no state dictionary needs"));
                }
            }
        }
    }

    fn take(&mut self, count: usize) -> Result<&[u8], String> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or("holds a pickle that ends too early")?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    fn length(&mut self) -> Result<usize, String> {
        let bytes = self.take(4)?;
        let number = bytes.iter().rev().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        usize::try_from(number).map_err(|error| error.to_string())
    }

    fn pop(&mut self) -> Result<Value, String> {
        self.stack.pop().ok_or_else(|| "holds a pickle that takes more than it has".to_owned())
    }

    fn last(&mut self, count: usize) -> Result<Vec<Value>, String> {
        let start = self.stack.len().checked_sub(count).ok_or("holds a pickle that takes more than it has")?;
        Ok(self.stack.split_off(start))
    }

    fn marked(&mut self) -> Result<Vec<Value>, String> {
        let is_mark = |value: &Value| matches!(value, Value::Mark);
        let mark = self.stack.iter().rposition(is_mark).ok_or("holds a pickle without a mark")?;
        let items = self.stack.split_off(mark + 1);
        self.stack.pop();
        Ok(items)
    }

    fn push_shallow(&mut self, value: Value) -> Result<(), String> {
        if value.depth() > MAX_DEPTH {
            return Err("holds a pickle nested too deeply".into());
        }
        self.stack.push(value);
        Ok(())
    }

    /// A little-endian number; sizes, strides and offsets are never negative.
    fn number(&mut self, bytes: usize) -> Result<(), String> {
        let number = self.take(bytes)?.iter().rev().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = i32::try_from(number).ok().and_then(|number| usize::try_from(number).ok());
        self.stack.push(Value::Int(number.ok_or("holds a negative number")?));
        Ok(())
    }

    fn text(&mut self) -> Result<(), String> {
        let length = self.length()?;
        let text = str::from_utf8(self.take(length)?).map_err(|error| error.to_string())?;
        let text = Value::Text(text.into());
        self.stack.push(text);
        Ok(())
    }

    fn global(&mut self) -> Result<(), String> {
        let mut name = String::new();
        for end in [' ', '\0'] {
            let length =
                self.rest.iter().position(|byte| *byte == b'\n').ok_or("holds a pickle that ends too early")?;
            name.push_str(&String::from_utf8_lossy(self.take(length)?));
            name.push(end);
            self.byte()?;
        }
        self.stack.push(Value::Global(match name.trim_end_matches('\0') {
            "collections OrderedDict" => Global::OrderedDict,
            "torch._utils _rebuild_tensor_v2" => Global::RebuildTensor,
            "torch FloatStorage" => Global::FloatStorage,
            other => return Err(format!("holds a pickle that calls `{other}`, which is refused")),
        }));
        Ok(())
    }

    fn tuple(&mut self, items: Vec<Value>) -> Result<(), String> {
        let depth = 1 + items.iter().map(Value::depth).max().unwrap_or(0);
        self.push_shallow(Value::Tuple(depth, items.into()))
    }

    fn set(&mut self, items: Vec<Value>) -> Result<(), String> {
        let Value::Dict(mut depth, mut dict) = self.pop()? else {
            return Err("holds a pickle that fills no dictionary".into());
        };
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            depth = depth.max(1 + key.depth().max(value.depth()));
            dict.push((key, value));
        }
        self.push_shallow(Value::Dict(depth, dict))
    }

    fn put(&mut self, key: usize) {
        // A dictionary is not copied: it is filled after it was noted, and never asked for again.
        let noted = match self.stack.last() {
            Some(Value::Dict(..)) | None => Value::Opaque,
            Some(other) => other.clone(),
        };
        self.memo.insert(key, noted);
    }

    fn get(&mut self, key: usize) -> Result<(), String> {
        let value = self.memo.get(&key).ok_or("holds a pickle that reads what it did not note")?;
        self.stack.push(value.clone());
        Ok(())
    }

    /// `('storage', FloatStorage, key, device, length)`.
    fn storage(&mut self) -> Result<(), String> {
        let Value::Tuple(_, items) = self.pop()? else { return Err("holds a storage without a name".into()) };
        match &items[..] {
            [Value::Text(_), Value::Global(Global::FloatStorage), Value::Text(key), Value::Text(_), Value::Int(_)] => {
                self.stack.push(Value::Storage(Rc::clone(key)));
                Ok(())
            }
            _ => Err("holds a storage that is not of float32".into()),
        }
    }

    fn call(&mut self) -> Result<(), String> {
        let (arguments, called) = (self.pop()?, self.pop()?);
        let Value::Tuple(_, arguments) = arguments else { return Err("holds a call without arguments".into()) };
        let result = match (called, &arguments[..]) {
            (Value::Global(Global::OrderedDict), []) => Value::Dict(1, Vec::new()),
            (
                Value::Global(Global::RebuildTensor),
                [Value::Storage(key), Value::Int(offset), Value::Tuple(_, shape), Value::Tuple(_, strides), ..],
            ) => {
                let (shape, strides) = (numbers(shape)?, numbers(strides)?);
                if shape.len() != strides.len() {
                    return Err("holds a tensor with a stride too many or too few".into());
                }
                Value::Tensor(Rc::new(View { key: Rc::clone(key), offset: *offset, shape, strides }))
            }
            _ => return Err("holds a call that no state dictionary needs".into()),
        };
        self.stack.push(result);
        Ok(())
    }
}

fn numbers(values: &[Value]) -> Result<Vec<usize>, String> {
    let number = |value: &Value| if let Value::Int(number) = value { Some(*number) } else { None };
    values.iter().map(number).collect::<Option<_>>().ok_or_else(|| "holds a shape that is no numbers".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_would_run_something_are_refused_by_name() {
        // pickle.dumps of an object whose __reduce__ is (os.system, ("true",)), protocol 2.
        let system = b"\x80\x02cposix\nsystem\nq\x00X\x04\x00\x00\x00trueq\x01\x85q\x02Rq\x03.";
        assert!(state_dict(system).unwrap_err().contains("`posix system`"));
        for program in [&b"\x80\x02i"[..], b"\x80\x02ctorch\nDoubleStorage\n.", b"\x80\x02c__builtin__\neval\n."] {
            assert!(state_dict(program).is_err());
        }
    }

    #[test]
    fn broken_programs_are_refused_and_never_panic() {
        let nested = [&b")"[..], &[0x85; 5000], b"."].concat();
        let programs: [&[u8]; 10] =
            [b"", b".", b"(", b"t", b"q", b"h\x05", b"R", b"X\xff\xff\xff\xff", b"ccollections\n", &nested];
        for program in programs {
            assert!(state_dict(program).is_err(), "{program:?}");
        }
        assert_eq!(state_dict(b"\x80\x02}q\x00."), Ok(Vec::new()));
    }
}
