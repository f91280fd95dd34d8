//! The values that a PDF file is made of (ISO 32000-2, section 7.3).

use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

/// The number of an indirect object and its generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    pub(super) number: u32,
    pub(super) generation: u32,
}

/// A value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Object {
    #[default]
    Null,
    Bool(bool),
    Integer(i64),
    Real(f64),
    String(Vec<u8>),
    Name(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    Stream(Box<Stream>),
    Reference(Id),
}

/// A dictionary; of two entries with one key, the later counts.
pub(super) type Dict = BTreeMap<Vec<u8>, Object>;

/// A stream: its dictionary and where its data stands in the file, still encoded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stream {
    pub(super) dict: Dict,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whose stream it is; encryption depends on it.
    pub(super) id: Id,
}

impl Object {
    pub(super) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Real(value) => Some(*value as i64),
            _ => None,
        }
    }

    /// A count, size or number of an object.
    pub(super) fn as_size(&self) -> Option<usize> {
        usize::try_from(self.as_integer()?).ok()
    }

    pub(super) fn as_name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn as_string(&self) -> Option<&[u8]> {
        match self {
            Self::String(string) => Some(string),
            _ => None,
        }
    }

    pub(super) fn as_array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The dictionary, also of a stream.
    pub(super) fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            Self::Stream(stream) => Some(&stream.dict),
            _ => None,
        }
    }

    pub(super) fn as_stream(&self) -> Option<&Stream> {
        match self {
            Self::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        self.as_name() == Some(name.as_bytes())
    }
}

/// An object found by following references: borrowed where it stood directly.
#[derive(Clone, Debug)]
pub(super) enum Found<'o> {
    Direct(&'o Object),
    Shared(Rc<Object>),
}

impl Deref for Found<'_> {
    type Target = Object;

    fn deref(&self) -> &Object {
        match self {
            Self::Direct(object) => object,
            Self::Shared(object) => object,
        }
    }
}

impl Found<'_> {
    pub(super) const NOTHING: Found<'static> = Found::Direct(&Object::Null);

    /// The object as one that can be kept.
    pub(super) fn keep(self) -> Rc<Object> {
        match self {
            Self::Direct(object) => Rc::new(object.clone()),
            Self::Shared(object) => object,
        }
    }
}

/// A text string: UTF-16 or UTF-8 with a mark, PDFDocEncoding otherwise (section 7.9.2). White space is tidied.
pub(super) fn text_string(bytes: &[u8]) -> String {
    let text = if let Some(rest) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0.into_owned()
    } else if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned()
    } else if let Some(rest) = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
        String::from_utf8_lossy(rest).into_owned()
    } else if bytes.is_ascii() {
        String::from_utf8_lossy(bytes).into_owned()
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        // Not what the specification says, but what several writers do.
        text.to_owned()
    } else {
        bytes.iter().map(|byte| super::encoding::pdf_doc(*byte)).collect()
    };
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned()
}
