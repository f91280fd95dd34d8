//! Portable Executables (Microsoft, "PE Format").

/// A section.
#[derive(Clone, Debug)]
pub struct Section {
    /// At most eight letters.
    pub name: &'static str,
    /// Flags.
    pub flags: u32,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A file of these parts.
#[derive(Clone, Debug)]
pub struct Pe {
    /// Whether it is PE32+.
    pub wide: bool,
    /// Flags of the file.
    pub characteristics: u16,
    /// Flags of the image.
    pub protections: u16,
    /// What runs it.
    pub subsystem: u16,
    /// When it was linked.
    pub timestamp: u32,
    /// Sections; the first holds the entry point.
    pub sections: Vec<Section>,
    /// Libraries with what is imported of each; `#7` is a number.
    pub imports: Vec<(&'static str, Vec<&'static str>)>,
    /// Exported names, with the function that each stands for, where it is another library's.
    pub exports: Vec<(&'static str, Option<&'static str>)>,
    /// Resources: type, number and content.
    pub resources: Vec<(u32, u32, Vec<u8>)>,
    /// The path of the file with symbols.
    pub symbols: Option<&'static str>,
    /// Whether its time is a hash.
    pub repeatable: bool,
    /// Tools of the "Rich" header: product, build, count.
    pub rich: Vec<(u16, u16, u32)>,
    /// Metadata of .NET.
    pub metadata: Option<Vec<u8>>,
    /// What is appended.
    pub overlay: Vec<u8>,
}

impl Default for Pe {
    fn default() -> Self {
        Self {
            wide: true,
            characteristics: 0x22,
            protections: 0x4160,
            subsystem: 3,
            timestamp: 0x6553_f100,
            sections: vec![Section {
                name: ".text",
                flags: 0x6000_0020,
                bytes: b"\xc3".repeat(64),
            }],
            imports: Vec::new(),
            exports: Vec::new(),
            resources: Vec::new(),
            symbols: None,
            repeatable: false,
            rich: Vec::new(),
            metadata: None,
            overlay: Vec::new(),
        }
    }
}

const FILE_ALIGNMENT: usize = 0x200;
const SECTION_ALIGNMENT: usize = 0x1000;
const IMAGE_BASE: u64 = 0x40_0000;

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn put(out: &mut Vec<u8>, words: &[u32]) {
    words.iter().for_each(|word| out.extend(word.to_le_bytes()));
}

fn set(out: &mut [u8], at: usize, bytes: &[u8]) {
    for (to, from) in out.iter_mut().skip(at).zip(bytes) {
        *to = *from;
    }
}

fn align(out: &mut Vec<u8>, to: usize) {
    out.resize(out.len().next_multiple_of(to), 0);
}

/// The tables that directories point to, in a section of their own.
struct Tables {
    base: usize,
    bytes: Vec<u8>,
    directories: [(u32, u32); 16],
}

impl Tables {
    fn here(&self) -> u32 {
        number(self.base + self.bytes.len())
    }

    fn text(&mut self, text: &str) -> u32 {
        let at = self.here();
        self.bytes.extend(text.as_bytes());
        self.bytes.push(0);
        at
    }

    fn directory(&mut self, place: usize, at: u32) {
        let size = self.here() - at;
        if let Some(entry) = self.directories.get_mut(place) {
            *entry = (at, size);
        }
    }

    fn imports(&mut self, pe: &Pe) {
        let width = if pe.wide { 8 } else { 4 };
        let mut entries = Vec::new();
        for (library, functions) in &pe.imports {
            let mut thunks = Vec::new();
            for function in functions {
                let thunk = match function
                    .strip_prefix('#')
                    .and_then(|ordinal| ordinal.parse::<u64>().ok())
                {
                    Some(ordinal) if pe.wide => 1 << 63 | ordinal,
                    Some(ordinal) => 1 << 31 | ordinal,
                    None => {
                        let at = self.here();
                        self.bytes.extend([0, 0]);
                        self.text(function);
                        u64::from(at)
                    }
                };
                thunks.extend(thunk.to_le_bytes().into_iter().take(width));
            }
            thunks.extend(std::iter::repeat_n(0, width));
            let name = self.text(library);
            align(&mut self.bytes, 8);
            let lookup = self.here();
            self.bytes.extend(&thunks);
            let addresses = self.here();
            self.bytes.extend(&thunks);
            put(&mut entries, &[lookup, 0, 0, name, addresses]);
        }
        if !pe.imports.is_empty() {
            entries.extend([0; 20]);
            let at = self.here();
            self.bytes.extend(entries);
            self.directory(1, at);
        }
    }

    fn exports(&mut self, pe: &Pe) {
        if pe.exports.is_empty() {
            return;
        }
        align(&mut self.bytes, 4);
        let count = pe.exports.len();
        let start = self.here();
        self.bytes.extend(std::iter::repeat_n(0, 40 + count * 10));
        let library = self.text("builder.dll");
        let at = start as usize - self.base;
        for (place, (name, forwarder)) in pe.exports.iter().enumerate() {
            let name = self.text(name);
            let address = forwarder.map_or(0x1000, |forwarder| self.text(forwarder));
            set(&mut self.bytes, at + 40 + place * 4, &address.to_le_bytes());
            set(&mut self.bytes, at + 40 + count * 4 + place * 4, &name.to_le_bytes());
            let ordinal = u16::try_from(place).unwrap_or_default();
            set(&mut self.bytes, at + 40 + count * 8 + place * 2, &ordinal.to_le_bytes());
        }
        let (count, tables) = (number(count), start + 40);
        let mut header = Vec::new();
        put(
            &mut header,
            &[
                0,
                pe.timestamp,
                0,
                library,
                1,
                count,
                count,
                tables,
                tables + count * 4,
                tables + count * 8,
            ],
        );
        set(&mut self.bytes, at, &header);
        self.directory(0, start);
    }

    fn resources(&mut self, pe: &Pe) {
        if pe.resources.is_empty() {
            return;
        }
        align(&mut self.bytes, 8);
        let start = self.here();
        // Each resource has a way of its own: a type, a name, a language, and its data.
        let count = pe.resources.len();
        let mut tree = vec![0; 12];
        tree.extend([0, 0]);
        tree.extend(u16::try_from(count).unwrap_or_default().to_le_bytes());
        let way = 24 + 24 + 16;
        let ways = 16 + count * 8;
        let contents = ways + count * way;
        let mut content_at = contents;
        for (place, (kind, _, _)) in pe.resources.iter().enumerate() {
            put(&mut tree, &[*kind, number(ways + place * way) | 1 << 31]);
        }
        for (place, (_, name, content)) in pe.resources.iter().enumerate() {
            let at = ways + place * way;
            for (entry, target) in [(*name, number(at + 24) | 1 << 31), (1033, number(at + 48))] {
                tree.extend([0; 14]);
                tree.extend([1, 0]);
                put(&mut tree, &[entry, target]);
            }
            put(&mut tree, &[start + number(content_at), number(content.len()), 0, 0]);
            content_at = (content_at + content.len()).next_multiple_of(8);
        }
        for (_, _, content) in &pe.resources {
            tree.extend(content);
            align(&mut tree, 8);
        }
        self.bytes.extend(tree);
        self.directory(2, start);
    }

    /// Debug entries name a place in the file, which is told apart from memory by `file`.
    fn debug(&mut self, pe: &Pe, file: usize) {
        let mut entries = Vec::new();
        if let Some(path) = pe.symbols {
            let at = self.here();
            self.bytes
                .extend(b"RSDS\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x01\0\0\0");
            self.text(path);
            let size = self.here() - at;
            let place = number(at as usize - self.base + file);
            put(&mut entries, &[0, pe.timestamp, 0, 2, size, at, place]);
        }
        if pe.repeatable {
            put(&mut entries, &[0, pe.timestamp, 0, 16, 0, 0, 0]);
        }
        if !entries.is_empty() {
            let at = self.here();
            self.bytes.extend(entries);
            self.directory(6, at);
        }
    }

    fn dot_net(&mut self, pe: &Pe) {
        let Some(metadata) = &pe.metadata else { return };
        align(&mut self.bytes, 4);
        let at = self.here();
        self.bytes.extend(metadata);
        let start = self.here();
        put(&mut self.bytes, &[72, 0x0005_0002, at, number(metadata.len()), 1]);
        self.bytes.extend([0; 52]);
        self.directory(14, start);
    }
}

impl Pe {
    /// The file.
    pub fn build(&self) -> Vec<u8> {
        let mut out = self.dos();
        let start = out.len();
        set(&mut out, 60, &number(start).to_le_bytes());
        let optional = if self.wide { 240 } else { 224 };
        let mut sections = self.sections.clone();
        let headers = (start + 24 + optional + (sections.len() + 1) * 40).next_multiple_of(FILE_ALIGNMENT);
        let sizes = |align: usize| {
            sections
                .iter()
                .map(move |section| section.bytes.len().max(1).next_multiple_of(align))
        };
        let mut tables = Tables {
            base: SECTION_ALIGNMENT + sizes(SECTION_ALIGNMENT).sum::<usize>(),
            bytes: Vec::new(),
            directories: [(0, 0); 16],
        };
        let file = headers + sizes(FILE_ALIGNMENT).sum::<usize>();
        tables.imports(self);
        tables.exports(self);
        tables.resources(self);
        tables.debug(self, file);
        tables.dot_net(self);
        if !tables.bytes.is_empty() {
            sections.push(Section {
                name: ".rdata",
                flags: 0x4000_0040,
                bytes: tables.bytes,
            });
        }
        self.headers(&mut out, &sections, headers, &tables.directories);
        out.resize(headers, 0);
        for section in &sections {
            out.extend(&section.bytes);
            if section.bytes.is_empty() {
                out.push(0);
            }
            align(&mut out, FILE_ALIGNMENT);
        }
        out.extend(&self.overlay);
        out
    }

    fn headers(&self, out: &mut Vec<u8>, sections: &[Section], headers: usize, directories: &[(u32, u32); 16]) {
        let optional: u16 = if self.wide { 240 } else { 224 };
        let machine: u16 = if self.wide { 0x8664 } else { 0x14c };
        out.extend(b"PE\0\0");
        out.extend(machine.to_le_bytes());
        out.extend(u16::try_from(sections.len()).unwrap_or_default().to_le_bytes());
        put(out, &[self.timestamp, 0, 0]);
        out.extend(optional.to_le_bytes());
        out.extend(self.characteristics.to_le_bytes());
        let magic: u16 = if self.wide { 0x20b } else { 0x10b };
        out.extend(magic.to_le_bytes());
        out.extend([14, 30]);
        put(
            out,
            &[0x200, 0x200, 0, number(SECTION_ALIGNMENT), number(SECTION_ALIGNMENT)],
        );
        if self.wide {
            out.extend(IMAGE_BASE.to_le_bytes());
        } else {
            put(out, &[0, number(IMAGE_BASE as usize)]);
        }
        let memory: usize = sections
            .iter()
            .map(|section| section.bytes.len().max(1).next_multiple_of(SECTION_ALIGNMENT))
            .sum();
        put(
            out,
            &[
                number(SECTION_ALIGNMENT),
                number(FILE_ALIGNMENT),
                6,
                0,
                6,
                0,
                number(SECTION_ALIGNMENT + memory),
                number(headers),
                0,
            ],
        );
        out.extend(self.subsystem.to_le_bytes());
        out.extend(self.protections.to_le_bytes());
        out.extend(std::iter::repeat_n(0, if self.wide { 32 } else { 16 }));
        put(out, &[0, 16]);
        for (at, size) in directories {
            put(out, &[*at, *size]);
        }
        let (mut address, mut place) = (SECTION_ALIGNMENT, headers);
        for section in sections {
            let mut name = section.name.as_bytes().to_vec();
            name.resize(8, 0);
            out.extend(name);
            let size = section.bytes.len().max(1);
            let raw = size.next_multiple_of(FILE_ALIGNMENT);
            put(
                out,
                &[
                    number(size),
                    number(address),
                    number(raw),
                    number(place),
                    0,
                    0,
                    0,
                    section.flags,
                ],
            );
            address += size.next_multiple_of(SECTION_ALIGNMENT);
            place += raw;
        }
    }

    /// The header for DOS, and the "Rich" header under its mask.
    fn dos(&self) -> Vec<u8> {
        let mut out = b"MZ".to_vec();
        out.resize(128, 0);
        if self.rich.is_empty() {
            return out;
        }
        // The place of the header is left out of the sum.
        let mut key = 0x80_u32;
        for (place, byte) in (0_u32..).zip(&out) {
            if !(60..64).contains(&place) {
                key = key.wrapping_add(u32::from(*byte).rotate_left(place & 31));
            }
        }
        for (product, build, count) in &self.rich {
            let tool = u32::from(*product) << 16 | u32::from(*build);
            key = key.wrapping_add(tool.rotate_left(count & 31));
        }
        put(&mut out, &[u32::from_le_bytes(*b"DanS") ^ key, key, key, key]);
        for (product, build, count) in &self.rich {
            let tool = u32::from(*product) << 16 | u32::from(*build);
            put(&mut out, &[tool ^ key, count ^ key]);
        }
        out.extend(b"Rich");
        put(&mut out, &[key, 0, 0]);
        out
    }
}
