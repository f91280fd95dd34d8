//! Arrays that NumPy saved: `.npz`, which is a ZIP of `.npy` files (NumPy Enhancement Proposal 1).
//!
//! As much of both as the labelled sets of the corpus need: stored or deflated members, one or two dimensions, integers and
//! floats in little-endian order. Anything else is `None`.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// An array as numbers, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Row after row, whatever order it was saved in.
    pub values: Vec<f64>,
    /// Numbers in a row; 1 for arrays of one dimension.
    pub columns: usize,
}

/// No member unpacks to more.
const LARGEST: usize = 1 << 30;

fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    Some(
        field
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | usize::from(*byte)),
    )
}

/// The array `name` of an `.npz` file.
pub fn array(file: &[u8], name: &str) -> Option<Array> {
    // The directory is found from its end, as everywhere; sizes are taken from it, because members need not tell theirs.
    let end = file.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let (entries, mut at) = (number(file, end + 10, 2)?, number(file, end + 16, 4)?);
    for _ in 0..entries {
        let (method, packed) = (number(file, at + 10, 2)?, number(file, at + 20, 4)?);
        let (name_length, extra, comment) = (
            number(file, at + 28, 2)?,
            number(file, at + 30, 2)?,
            number(file, at + 32, 2)?,
        );
        let member = number(file, at + 42, 4)?;
        let found = file.get(at + 46..at + 46 + name_length)?;
        if found == format!("{name}.npy").as_bytes() {
            let begin = member + 30 + number(file, member + 26, 2)? + number(file, member + 28, 2)?;
            let data = file.get(begin..begin.checked_add(packed)?)?;
            return match method {
                0 => npy(data),
                8 => npy(&decompress_to_vec_with_limit(data, LARGEST).ok()?),
                _ => None,
            };
        }
        at += 46 + name_length + extra + comment;
    }
    None
}

/// A `.npy` file.
pub fn npy(file: &[u8]) -> Option<Array> {
    let rest = file.strip_prefix(b"\x93NUMPY")?;
    // The first version gives the header's length in two bytes, later ones in four.
    let width = if rest.first()? == &1 { 2 } else { 4 };
    let length = number(rest, 2, width)?;
    let begin = 2 + width;
    let text = std::str::from_utf8(rest.get(begin..begin.checked_add(length)?)?).ok()?;
    let data = rest.get(begin + length..)?;
    let value = |key: &str| text.split_once(&format!("'{key}': ")).map(|(_, rest)| rest);
    let kind = value("descr")?.strip_prefix('\'')?.split('\'').next()?;
    let shape = value("shape")?.strip_prefix('(')?.split(')').next()?;
    let shape: Vec<usize> = shape.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    let by_columns = value("fortran_order")?.starts_with("True");
    let numbers = numbers(data, kind)?;
    let (rows, columns) = match shape.as_slice() {
        [rows] => (*rows, 1),
        [rows, columns] => (*rows, *columns),
        _ => return None,
    };
    if numbers.len() != rows.checked_mul(columns)? {
        return None;
    }
    let place = |at: usize| {
        if by_columns {
            at % columns * rows + at / columns
        } else {
            at
        }
    };
    let values = (0..numbers.len())
        .map(|at| numbers.get(place(at)).copied())
        .collect::<Option<_>>()?;
    Some(Array { values, columns })
}

fn numbers(data: &[u8], kind: &str) -> Option<Vec<f64>> {
    fn all<const N: usize>(data: &[u8], read: impl Fn([u8; N]) -> f64) -> Option<Vec<f64>> {
        data.chunks(N).map(|bytes| Some(read(bytes.try_into().ok()?))).collect()
    }
    match kind {
        "<f8" => all(data, f64::from_le_bytes),
        "<f4" => all(data, |bytes| f64::from(f32::from_le_bytes(bytes))),
        "<i8" => all(data, |bytes| i64::from_le_bytes(bytes) as f64),
        "<i4" => all(data, |bytes| f64::from(i32::from_le_bytes(bytes))),
        "<i2" => all(data, |bytes| f64::from(i16::from_le_bytes(bytes))),
        "|u1" | "|b1" => all(data, |[byte]: [u8; 1]| f64::from(byte)),
        "|i1" => all(data, |[byte]: [u8; 1]| f64::from(byte as i8)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Array, npy};

    #[test]
    fn columns_become_rows() {
        let header = "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }\n";
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend_from_slice(&(header.len() as u16).to_le_bytes());
        file.extend_from_slice(header.as_bytes());
        (1_i32..=6).for_each(|number| file.extend_from_slice(&number.to_le_bytes()));
        let values = vec![1.0, 3.0, 5.0, 2.0, 4.0, 6.0];
        assert_eq!(npy(&file), Some(Array { values, columns: 3 }));
        assert_eq!(npy(&file[..file.len() - 1]), None);
    }
}
