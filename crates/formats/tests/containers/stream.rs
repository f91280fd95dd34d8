//! Single compressed streams.

use crate::common::{code, note, read, read_within, survives};
use watchfire_formats::archive;
use watchfire_formats::identify::identify;
use watchfire_formats::identify::media::{BZIP2, GZIP, LZ4, LZMA, XZ, ZLIB, ZSTD};
use watchfire_model::{Budget, Hints, LimitKind, Limits};

#[test]
fn each_format_gives_its_one_member() {
    let (note, code) = (note(), code());
    let files: [(_, &[u8], &[u8]); 6] = [
        (BZIP2, data!("note.bz2"), &note),
        (XZ, data!("code.xz"), &code),
        (LZMA, data!("note.lzma"), &note),
        (ZSTD, data!("note.zst"), &note),
        (LZ4, data!("note.lz4"), &note),
        (LZ4, data!("legacy.lz4"), &note),
    ];
    for (media_type, packed, content) in files {
        assert_eq!(identify(packed, &Hints::default()).media_type, media_type);
        assert!(archive::handles(media_type));
        let read = read(media_type, packed, &[]);
        assert_eq!(read.contents(), [("content", content)], "{media_type}");
        assert_eq!(read.codes(), Vec::<&str>::new(), "{media_type}");
    }
    let zlib = miniz_oxide::deflate::compress_to_vec_zlib(&note, 6);
    assert_eq!(read(ZLIB, &zlib, &[]).contents(), [("content", note.as_slice())]);
}

#[test]
fn names_come_from_the_header_or_the_file() {
    assert_eq!(read(GZIP, data!("note.gz"), &[]).names(), ["note.txt"]);
    let name_of = |file: &str| {
        let hints = Hints {
            name: Some(file.into()),
            ..Hints::default()
        };
        let mut read = crate::common::Read::default();
        let _ = archive::read(XZ, data!("note.xz"), &hints, &Budget::default(), &mut read);
        read.members.remove(0).name.raw().to_owned()
    };
    assert_eq!(name_of("/tmp/backup.tar.xz"), "backup.tar");
    assert_eq!(name_of("C:\\x\\backup.TXZ"), "backup.tar");
    assert_eq!(name_of("noextension"), "content");
}

#[test]
fn what_follows_a_stream_is_not_lost() {
    let bytes = [data!("note.gz"), b"MZ hidden".as_slice()].concat();
    let read = read(GZIP, &bytes, &[]);
    assert_eq!(
        read.contents(),
        [("note.txt", note().as_slice()), ("trailing data", b"MZ hidden")]
    );
    assert_eq!(read.codes(), ["stream-trailing"]);
    let padded = [data!("note.gz"), &[0; 512]].concat();
    assert_eq!(crate::common::read(GZIP, &padded, &[]).names(), ["note.txt"]);
}

#[test]
fn a_bomb_gives_its_beginning() {
    let zeros = vec![0; 64 << 20];
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&zeros, 9);
    let limits = Limits {
        ratio: 200,
        ..Limits::default()
    };
    let read = read_within(ZLIB, &packed, &[], limits);
    assert_eq!(read.halted.unwrap().0, LimitKind::Ratio);
    assert_eq!(read.codes(), ["archive-limit"]);
    assert!(read.members[0].bytes.len() < 17 << 20);
}

#[test]
fn damaged_files_end_quietly() {
    survives(GZIP, data!("note.gz"));
    survives(XZ, data!("code.xz"));
    survives(LZMA, data!("note.lzma"));
}
