//! Containers of files: zip, 7z, RAR, tar, disc images, notebooks, and single compressed streams.
//!
//! Members come out in the container's own order, with their names exactly as stored: a path that climbs out of its
//! folder is data here, nothing is ever written. Encrypted members are tried with the hinted passwords; what cannot be
//! read is listed all the same.

mod aes;
mod iso;
mod onenote;
mod outlet;
mod rar;
mod secrets;
pub mod sevenz;
mod stream;
pub mod tar;
mod tar_stream;
mod unopened;
pub mod zip;

pub use onenote::texts as notebook_texts;
pub use tar_stream::{TarMember, TarStream};
pub use unopened::unopened;

use crate::capped::Codec;
use crate::identify::media;
use watchfire_model::{ArchiveFacts, Budget, Halt, Hints, MediaType, MemberSink};

/// Whether [`read`] can open this type as a container.
pub fn handles(media_type: MediaType) -> bool {
    reader(media_type).is_some()
}

/// Unpacks a container. The facts hold what was learnt, also when a limit stopped the work.
pub fn read(
    media_type: MediaType,
    bytes: &[u8],
    hints: &Hints,
    budget: &Budget,
    sink: &mut dyn MemberSink,
) -> (ArchiveFacts, Result<(), Halt>) {
    match reader(media_type) {
        Some(read) => read(bytes, hints, budget, sink),
        None => (ArchiveFacts::default(), Ok(())),
    }
}

type Reader = fn(&[u8], &Hints, &Budget, &mut dyn MemberSink) -> (ArchiveFacts, Result<(), Halt>);

/// The reader of a type. Documents that are zip files inside (Office, OpenDocument) are opened like any other zip, so
/// that their parts become artifacts too.
fn reader(media_type: MediaType) -> Option<Reader> {
    match media_type {
        media::ZIP
        | media::JAR
        | media::APK
        | media::XPI
        | media::EPUB
        | media::MSIX
        | media::KMZ
        | media::NUPKG
        | media::DOCX
        | media::DOCM
        | media::DOTX
        | media::DOTM
        | media::XLSX
        | media::XLSM
        | media::XLSB
        | media::PPTX
        | media::PPTM
        | media::VSDX
        | media::ODT
        | media::ODS
        | media::ODP
        | media::ODG => Some(zip::read),
        media::SEVEN_ZIP => Some(sevenz::read),
        media::TAR => Some(tar::read),
        media::RAR => Some(rar::read),
        media::ISO => Some(iso::read),
        media::ONENOTE => Some(onenote::read),
        media::GZIP => Some(|bytes, hints, budget, sink| stream::read(Codec::Gzip, bytes, hints, budget, sink)),
        media::ZLIB => Some(|bytes, hints, budget, sink| stream::read(Codec::Zlib, bytes, hints, budget, sink)),
        media::BZIP2 => Some(|bytes, hints, budget, sink| stream::read(Codec::Bzip2, bytes, hints, budget, sink)),
        media::XZ => Some(|bytes, hints, budget, sink| stream::read(Codec::Xz, bytes, hints, budget, sink)),
        media::LZMA => Some(|bytes, hints, budget, sink| stream::read(Codec::LzmaAlone, bytes, hints, budget, sink)),
        media::ZSTD => Some(|bytes, hints, budget, sink| stream::read(Codec::Zstd, bytes, hints, budget, sink)),
        media::LZ4 => Some(|bytes, hints, budget, sink| stream::read(Codec::Lz4, bytes, hints, budget, sink)),
        _ => None,
    }
}
