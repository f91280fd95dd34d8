//! The smaller formats.

fn be16(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or_default().to_be_bytes()
}

fn le32(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or_default().to_le_bytes()
}

/// A Mach-O program of 64 bits for ARM that needs these libraries.
pub fn mach_o(libraries: &[&str]) -> Vec<u8> {
    let mut commands = Vec::new();
    for library in libraries {
        let mut text = library.as_bytes().to_vec();
        text.push(0);
        text.resize(text.len().next_multiple_of(8), 0);
        commands.extend(le32(0x0c));
        commands.extend(le32(24 + text.len()));
        commands.extend(le32(24));
        commands.extend([0; 12]);
        commands.extend(text);
    }
    commands.extend(le32(0x1b));
    commands.extend(le32(24));
    commands.extend([7; 16]);
    // macOS 11.0, built with the kit of 13.3.
    for word in [0x32, 24, 1, 0x000b_0000, 0x000d_0300, 0] {
        commands.extend(le32(word));
    }
    commands.extend(le32(0x19));
    commands.extend(le32(72));
    commands.extend(b"__TEXT\0\0\0\0\0\0\0\0\0\0");
    for number in [0x1_0000_0000_u64, 0x4000, 0, 0x4000] {
        commands.extend(number.to_le_bytes());
    }
    for word in [7, 5, 0, 0] {
        commands.extend(le32(word));
    }
    let mut out = Vec::new();
    let count = libraries.len() + 3;
    for word in [0xfeed_facf, 0x0100_000c, 0, 2, count, commands.len(), 0x20_0085, 0] {
        out.extend(le32(word));
    }
    out.extend(commands);
    out
}

/// A file for several architectures.
pub fn fat(images: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"\xca\xfe\xba\xbe".to_vec();
    out.extend(u32::try_from(images.len()).unwrap_or_default().to_be_bytes());
    let mut at = (8 + images.len() * 20).next_multiple_of(16);
    for image in images {
        for word in [0x0100_000c, 0, at, image.len(), 4] {
            out.extend(u32::try_from(word).unwrap_or_default().to_be_bytes());
        }
        at = (at + image.len()).next_multiple_of(16);
    }
    for image in images {
        out.resize(out.len().next_multiple_of(16), 0);
        out.extend(image);
    }
    out
}

/// A class of Java 8 with a method `main`.
pub fn java_class(name: &str) -> Vec<u8> {
    let mut out = b"\xca\xfe\xba\xbe\0\0\0\x34\0\x0b".to_vec();
    let text = |out: &mut Vec<u8>, text: &str| {
        out.push(1);
        out.extend(be16(text.len()));
        out.extend(text.as_bytes());
    };
    text(&mut out, name);
    out.extend(b"\x07\0\x01");
    text(&mut out, "java/lang/Object");
    out.extend(b"\x07\0\x03");
    text(&mut out, "main");
    text(&mut out, "([Ljava/lang/String;)V");
    text(&mut out, "SourceFile");
    text(&mut out, "Main.java");
    // A wide number counts twice.
    out.extend(b"\x05\0\0\0\0\0\0\0\x01");
    // public, this, super; no interfaces, no fields, one method without code, the source.
    out.extend(b"\0\x21\0\x02\0\x04\0\0\0\0\0\x01\0\x09\0\x05\0\x06\0\0\0\x01\0\x07\0\0\0\x02\0\x08");
    out
}

/// Classes of Android, of these names.
pub fn dex(classes: &[&str]) -> Vec<u8> {
    const HEADER: usize = 112;
    let count = classes.len();
    let types = HEADER + count * 4;
    let list = types + count * 4;
    let texts = list + count * 32;
    let mut strings = Vec::new();
    let mut data = Vec::new();
    for class in classes {
        strings.extend(le32(texts + data.len()));
        data.push(u8::try_from(class.len()).unwrap_or_default());
        data.extend(class.as_bytes());
        data.push(0);
    }
    let mut body = strings;
    (0..count).for_each(|number| body.extend(le32(number)));
    for number in 0..count {
        body.extend(le32(number));
        body.extend([0; 28]);
    }
    body.extend(data);
    let mut out = b"dex\n035\0".to_vec();
    out.resize(32, 0);
    for word in [
        HEADER + body.len(),
        HEADER,
        0x1234_5678,
        0,
        0,
        0,
        count,
        HEADER,
        count,
        types,
    ] {
        out.extend(le32(word));
    }
    out.resize(96, 0);
    out.extend(le32(count));
    out.extend(le32(list));
    out.resize(HEADER, 0);
    out.extend(body);
    let checksum = out.iter().skip(12).fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    let checksum = (checksum.1 << 16 | checksum.0).to_le_bytes();
    out.splice(8..12, checksum);
    out
}

/// A module of WebAssembly that takes `env.log`, offers `run`, and has a section with a name.
pub fn wasm() -> Vec<u8> {
    let mut out = b"\0asm\x01\0\0\0".to_vec();
    out.extend(b"\x01\x04\x01\x60\0\0");
    out.extend(b"\x02\x0b\x01\x03env\x03log\0\0");
    out.extend(b"\x03\x02\x01\0");
    out.extend(b"\x07\x07\x01\x03run\0\x01");
    out.extend(b"\x0a\x04\x01\x02\0\x0b");
    out.extend(b"\0\x06\x04name\0");
    out
}

/// Compiled Python 3.11 of a source of that name.
pub fn python(source: &str) -> Vec<u8> {
    let mut out = b"\xa7\x0d\r\n\0\0\0\0".to_vec();
    out.extend(le32(0x6553_f100));
    out.extend(le32(1234));
    out.extend(b"\xe3\0\0\0\0\xda");
    out.push(u8::try_from(source.len()).unwrap_or_default());
    out.extend(source.as_bytes());
    out.extend(b"\xda\x08<module>");
    out
}

/// A cabinet of these members, packed with MSZIP in one folder.
pub fn cabinet(members: &[(&str, &[u8])]) -> Vec<u8> {
    const BLOCK: usize = 32 << 10;
    let content: Vec<u8> = members.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
    let mut list = Vec::new();
    let mut offset = 0;
    for (name, bytes) in members {
        list.extend(le32(bytes.len()));
        list.extend(le32(offset));
        list.extend([0, 0, 0, 0, 0, 0, 0x20, 0]);
        list.extend(name.as_bytes());
        list.push(0);
        offset += bytes.len();
    }
    let blocks: Vec<&[u8]> = content.chunks(BLOCK).collect();
    let mut data = Vec::new();
    for block in &blocks {
        let mut packed = b"CK".to_vec();
        packed.extend(miniz_oxide::deflate::compress_to_vec(block, 6));
        data.extend([0; 4]);
        for size in [packed.len(), block.len()] {
            data.extend(u16::try_from(size).unwrap_or_default().to_le_bytes());
        }
        data.extend(packed);
    }
    let files_at = 36 + 8;
    let mut out = b"MSCF\0\0\0\0".to_vec();
    out.extend(le32(files_at + list.len() + data.len()));
    out.extend([0; 4]);
    out.extend(le32(files_at));
    out.extend([0, 0, 0, 0, 3, 1, 1, 0]);
    out.extend(u16::try_from(members.len()).unwrap_or_default().to_le_bytes());
    out.extend([0, 0, 0x34, 0x12, 0, 0]);
    out.extend(le32(files_at + list.len()));
    out.extend(u16::try_from(blocks.len()).unwrap_or_default().to_le_bytes());
    out.extend([1, 0]);
    out.extend(list);
    out.extend(data);
    out
}
