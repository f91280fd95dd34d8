//! Encrypted files (ISO 32000-2, section 7.6).

use super::file::File;
use super::object::{Id, Object, Stream};
use std::borrow::Cow;
use watchfire_model::{Hints, Problem};

/// A decryptor.
#[derive(Debug)]
pub(super) struct Crypt;

/// Whether a file can be read.
pub(super) enum Opened {
    Plain,
    Decrypted(Crypt),
    Locked(Problem),
}

pub(super) fn open(file: &File<'_>, _hints: &Hints) -> Opened {
    match *file.get(&file.trailer, "Encrypt") {
        Object::Null => Opened::Plain,
        _ => Opened::Locked(Problem::warning("pdf-encrypted", "the file is encrypted")),
    }
}

impl Crypt {
    pub(super) fn decrypt_strings(&self, _id: Id, _object: &mut Object) {}

    pub(super) fn decrypt_stream<'d>(&self, _stream: &Stream, raw: &'d [u8]) -> Cow<'d, [u8]> {
        Cow::Borrowed(raw)
    }
}
