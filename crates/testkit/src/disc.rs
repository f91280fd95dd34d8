//! Disc images (ISO 9660 with Joliet) and notebooks of OneNote, as small as they go.

const SECTOR: usize = 2048;

fn both32(number: usize) -> Vec<u8> {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    [number.to_le_bytes(), number.to_be_bytes()].concat()
}

fn both16(number: u16) -> Vec<u8> {
    [number.to_le_bytes(), number.to_be_bytes()].concat()
}

/// A record of a folder.
fn record(name: &[u8], start: usize, size: usize, flags: u8) -> Vec<u8> {
    let mut out = vec![0, 0];
    out.extend(both32(start));
    out.extend(both32(size));
    // 2026-11-02 08:00 UTC.
    out.extend([126, 11, 2, 8, 0, 0, 0]);
    out.extend([flags, 0, 0]);
    out.extend(both16(1));
    out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    out.extend(name);
    out.resize(out.len().next_multiple_of(2), 0);
    let length = u8::try_from(out.len()).unwrap_or(u8::MAX);
    if let Some(first) = out.first_mut() {
        *first = length;
    }
    out
}

fn descriptor(kind: u8, escape: &[u8], root: usize) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(b"CD001\x01\0");
    out.resize(88, b' ');
    out.extend(escape);
    out.resize(128, 0);
    out.extend(both16(2048));
    out.resize(156, 0);
    out.extend(record(&[0], root, SECTOR, 2));
    out.resize(SECTOR, 0);
    out
}

/// A file of a disc.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its name; in the tree without long names it is cut to eight letters and three.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
    /// Whether it asks not to be shown.
    pub hidden: bool,
}

/// A disc with files in its root folder, under short names and under long ones.
pub fn iso(files: &[File<'_>]) -> Vec<u8> {
    // Sixteen empty sectors, three descriptors, a folder for each tree, then the files.
    let (short_root, long_root) = (19, 20);
    let mut short = [record(&[0], short_root, SECTOR, 2), record(&[1], short_root, SECTOR, 2)].concat();
    let mut long = [record(&[0], long_root, SECTOR, 2), record(&[1], long_root, SECTOR, 2)].concat();
    let mut data: Vec<u8> = Vec::new();
    for file in files {
        let start = 21 + data.len() / SECTOR;
        let flags = u8::from(file.hidden);
        let (stem, extension) = file.name.rsplit_once('.').unwrap_or((file.name, ""));
        let letters = |text: &str, most: usize| -> String {
            text.to_ascii_uppercase()
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .take(most)
                .collect()
        };
        let brief = format!("{}.{};1", letters(stem, 8), letters(extension, 3));
        short.extend(record(brief.as_bytes(), start, file.bytes.len(), flags));
        let wide: Vec<u8> = file.name.encode_utf16().flat_map(u16::to_be_bytes).collect();
        long.extend(record(&wide, start, file.bytes.len(), flags));
        data.extend(file.bytes);
        data.resize(data.len().next_multiple_of(SECTOR), 0);
    }
    short.resize(SECTOR, 0);
    long.resize(SECTOR, 0);
    let mut end = vec![255];
    end.extend(b"CD001\x01");
    end.resize(SECTOR, 0);
    [
        vec![0; 16 * SECTOR],
        descriptor(1, b"", short_root),
        descriptor(2, b"%/E", long_root),
        end,
        short,
        long,
        data,
    ]
    .concat()
}

/// A notebook with a text and files, whose names are told by properties.
pub fn notebook(text: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3".to_vec();
    out.resize(1024, 0);
    let property = |id: u32, text: &str| {
        let wide: Vec<u8> = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        // Two properties: a number first, then the text.
        let mut set = vec![2, 0];
        set.extend(0x1400_1d09_u32.to_le_bytes());
        set.extend(id.to_le_bytes());
        set.extend([1, 2, 3, 4]);
        set.extend(u32::try_from(wide.len()).unwrap_or(u32::MAX).to_le_bytes());
        set.extend(wide);
        set.resize(set.len().next_multiple_of(8), 0);
        set
    };
    out.extend(property(0x1c00_1c22, text));
    for (name, _) in files {
        out.extend(property(0x1c00_1d9c, name));
    }
    for (_, bytes) in files {
        out.extend(b"\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac");
        out.extend((bytes.len() as u64).to_le_bytes());
        out.extend([0; 12]);
        out.extend(*bytes);
        out.resize(out.len().next_multiple_of(8), 0);
        out.extend(b"\x22\xa7\xfb\x71\x79\x0f\x0b\x4a\xbb\x13\x89\x92\x56\x42\x6b\x24");
    }
    out
}

/// A disc whose files all stand in one place, each a little shorter than the one before: as many times `size` bytes out of
/// one time.
pub fn overlapping(size: usize) -> Vec<u8> {
    let data = vec![0x41; size];
    let mut image = iso(&[File {
        name: "a",
        bytes: &data,
        hidden: false,
    }]);
    let mut folder: Vec<u8> = Vec::new();
    for number in 0..50_u8 {
        let name = [0, b'0'.saturating_add(number)];
        folder.extend(record(&name, 21, size.saturating_sub(usize::from(number)), 0));
    }
    folder.resize(SECTOR, 0);
    let at = 20 * SECTOR;
    image.splice(at..at.saturating_add(SECTOR), folder);
    image
}

/// A disc whose folder holds itself and a folder far behind its end.
pub fn circular() -> Vec<u8> {
    let mut image = iso(&[]);
    let folder = [
        record(b"\0a", 20, SECTOR, 2),
        record(b"\0b", usize::MAX, usize::MAX, 2),
        record(b"\0c", 20, 9_999_999, 2),
        record(b"\0d", 1 << 24, 100, 0),
    ];
    let mut folder = folder.concat();
    folder.resize(SECTOR, 0);
    let at = 20 * SECTOR;
    image.splice(at..at.saturating_add(SECTOR), folder);
    image
}
