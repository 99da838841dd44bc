//! `NumPy`'s `.npy` (NEP 1, `numpy.lib.format`): a header that is a Python literal, then the numbers.
//!
//! The header is searched for its three keys, not evaluated. Pickled objects are refused, as `allow_pickle=False` does.

use half::f16;

/// Longest header read; that of a matrix has 128 bytes.
const MAX_HEADER_BYTES: usize = 4096;

/// An array of floats, row-major.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

/// Reads an array of little-endian float16, float32 or float64.
pub(super) fn array(file: &[u8]) -> Result<Array, String> {
    let (header, numbers) = split(file).ok_or("is no array as `numpy.save` writes it")?;
    if value_of(header, "fortran_order") != Some("False") {
        return Err("is stored column by column".into());
    }
    let shape = value_of(header, "shape").and_then(numbers_of).ok_or("names no shape")?;
    let (size, read): (usize, fn(&[u8]) -> f32) = match value_of(header, "descr") {
        Some("'<f2'") => (2, |bytes| f16::from_le_bytes([bytes[0], bytes[1]]).to_f32()),
        Some("'<f4'") => (4, |bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])),
        Some("'<f8'") => (8, wide),
        other => return Err(format!("holds {}, not little-endian floats", other.unwrap_or("nothing that is named"))),
    };
    // Nothing is allocated that the file does not fill.
    let bytes = shape.iter().try_fold(size, |product, length| product.checked_mul(*length));
    if bytes != Some(numbers.len()) {
        return Err(format!("has {} bytes of numbers for the shape {shape:?}", numbers.len()));
    }
    Ok(Array { shape, values: numbers.chunks_exact(size).map(read).collect() })
}

#[expect(clippy::cast_possible_truncation, reason = "weights")]
fn wide(bytes: &[u8]) -> f32 {
    bytes.first_chunk().map_or(f32::NAN, |bytes| f64::from_le_bytes(*bytes) as f32)
}

/// Header and numbers.
fn split(file: &[u8]) -> Option<(&str, &[u8])> {
    let rest = file.strip_prefix(b"\x93NUMPY")?;
    let (start, length) = match rest.first()? {
        1 => (4, usize::from(u16::from_le_bytes(*rest.get(2..)?.first_chunk()?))),
        2 | 3 => (6, usize::try_from(u32::from_le_bytes(*rest.get(2..)?.first_chunk()?)).ok()?),
        _ => return None,
    };
    if length > MAX_HEADER_BYTES {
        return None;
    }
    let header = str::from_utf8(rest.get(start..start + length)?).ok()?;
    Some((header, &rest[start + length..]))
}

/// What stands behind `'key':`, up to the comma or bracket that ends it.
fn value_of<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let rest = header.split_once(&format!("'{key}':"))?.1.trim_start();
    let end = if rest.starts_with('(') { rest.find(')')? + 1 } else { rest.find([',', '}'])? };
    Some(rest[..end].trim_end())
}

/// The numbers of a tuple: `(2, 768)`, `(768,)`, `()`.
fn numbers_of(tuple: &str) -> Option<Vec<usize>> {
    let inner = tuple.strip_prefix('(')?.strip_suffix(')')?;
    let numbers = inner.split(',').map(str::trim).filter(|number| !number.is_empty());
    numbers.map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, numbers: &[u8]) -> Vec<u8> {
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), numbers].concat()
    }

    fn header(descr: &str, shape: &str) -> String {
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n")
    }

    #[test]
    fn floats_of_every_width_are_read() {
        let read = |descr: &str, shape: &str, numbers: &[u8]| array(&file(&header(descr, shape), numbers)).unwrap();
        let pair = read("<f4", "(2, 1)", &[0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
        assert_eq!((pair.shape, pair.values), (vec![2, 1], vec![1.0, -2.0]));
        assert_eq!(read("<f2", "(1,)", &[0x00, 0x3c]).values, [1.0]);
        assert_eq!(read("<f8", "()", &1.5_f64.to_le_bytes()).values, [1.5]);
    }

    #[test]
    fn what_is_odd_is_refused() {
        for (file, says) in [
            (file(&header("<f4", "(2,)"), &[0; 4]), "4 bytes of numbers for the shape [2]"),
            (file(&header("<f4", "(2,)"), &[0; 9]), "9 bytes of numbers"),
            (file(&header("<f4", "(99999999999999999, 99999999999999999)"), &[0; 4]), "4 bytes of numbers"),
            (file(&header("<i8", "(1,)"), &[0; 8]), "holds '<i8'"),
            (file(&header("|O", "(1,)"), &[0; 8]), "holds '|O'"),
            (file(&header("<f4", "(x,)"), &[0; 4]), "names no shape"),
            (file(&header("<f4", "(1,)").replace("False", "True"), &[0; 4]), "column by column"),
            (b"\x93NUMPY\x01\x00\xff\xff".to_vec(), "is no array"),
            (b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec(), "is no array"),
            (b"\x93NUMP".to_vec(), "is no array"),
        ] {
            let problem = array(&file).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
    }
}
