//! ELF files of 64 bits (System V ABI): a header, segments, a dynamic part, and sections where they are wanted.

/// A program or library of these parts.
#[derive(Clone, Debug)]
pub struct Elf {
    /// The program that loads it.
    pub interpreter: Option<&'static str>,
    /// Libraries that it needs.
    pub needed: Vec<&'static str>,
    /// Where libraries are looked for.
    pub runpath: Option<&'static str>,
    /// Flags of the segment for the stack.
    pub stack: Option<u32>,
    /// Names that are taken from libraries, with sections.
    pub imports: Vec<&'static str>,
    /// Names that are offered to others.
    pub exports: Vec<&'static str>,
    /// Whether all is bound and protected before it runs.
    pub full_relro: bool,
    /// What is appended.
    pub overlay: Vec<u8>,
}

impl Default for Elf {
    fn default() -> Self {
        Self {
            interpreter: Some("/lib64/ld-linux-x86-64.so.2"),
            needed: vec!["libc.so.6"],
            runpath: None,
            stack: Some(6),
            imports: vec!["puts", "exit"],
            exports: Vec::new(),
            full_relro: true,
            overlay: Vec::new(),
        }
    }
}

const HEADER: usize = 64;
const SEGMENT: usize = 56;
const SECTION: usize = 64;

fn put(out: &mut Vec<u8>, numbers: &[u64]) {
    numbers.iter().for_each(|number| out.extend(number.to_le_bytes()));
}

/// A function of another library, whose name stands there.
fn function(name: u64) -> [u8; 24] {
    let mut symbol = [0; 24];
    symbol[..8].copy_from_slice(&name.to_le_bytes());
    symbol[4] = 0x12;
    symbol
}

impl Elf {
    /// The file. Memory is the file.
    pub fn build(&self) -> Vec<u8> {
        let mut strings = vec![0];
        let mut text = |text: &str| {
            let at = strings.len() as u64;
            strings.extend(text.as_bytes());
            strings.push(0);
            at
        };
        let mut dynamic = Vec::new();
        for needed in &self.needed {
            put(&mut dynamic, &[1, text(needed)]);
        }
        if let Some(runpath) = self.runpath {
            put(&mut dynamic, &[29, text(runpath)]);
        }
        let mut symbols = vec![0; 24];
        for name in &self.imports {
            symbols.extend(function(text(name)));
        }
        for name in &self.exports {
            let mut symbol = function(text(name));
            // Of a section.
            symbol[6] = 1;
            symbols.extend(symbol);
        }
        if self.full_relro {
            put(&mut dynamic, &[30, 8]);
        }
        let segments = 4 + u64::from(self.stack.is_some());
        let mut body_at = HEADER as u64 + segments * SEGMENT as u64;
        let mut body: Vec<u8> = Vec::new();
        let mut place = |bytes: &[u8]| {
            let at = body_at;
            body.extend(bytes);
            body_at += bytes.len() as u64;
            (at, bytes.len() as u64)
        };
        let interpreter = place(format!("{}\0", self.interpreter.unwrap_or_default()).as_bytes());
        let strings = place(&strings);
        let symbols = place(&symbols);
        let names = place(b"\0.dynsym\0.dynstr\0.shstrtab\0");
        put(&mut dynamic, &[5, strings.0, 10, strings.1, 6, symbols.0, 0, 0]);
        let dynamic = place(&dynamic);
        let sections_at = body_at;
        let mut out = b"\x7fELF\x02\x01\x01".to_vec();
        out.resize(16, 0);
        out.extend(b"\x03\0\x3e\0\x01\0\0\0");
        put(&mut out, &[0x1000, HEADER as u64, sections_at]);
        out.extend([0, 0, 0, 0]);
        let count = u16::try_from(segments).unwrap_or_default();
        for half in [HEADER as u16, SEGMENT as u16, count, SECTION as u16, 4, 3] {
            out.extend(half.to_le_bytes());
        }
        let all = (0, sections_at + 4 * SECTION as u64);
        let kind = if self.interpreter.is_some() { 3 } else { 0 };
        let relro = if self.full_relro { 0x6474_e552 } else { 0 };
        let mut list = vec![
            (1_u32, 5_u32, all),
            (kind, 4, interpreter),
            (2, 6, dynamic),
            (relro, 4, dynamic),
        ];
        list.extend(self.stack.map(|flags| (0x6474_e551, flags, (0, 0))));
        for (kind, flags, (at, size)) in list {
            out.extend(kind.to_le_bytes());
            out.extend(flags.to_le_bytes());
            put(&mut out, &[at, at, at, size, size, 8]);
        }
        out.extend(body);
        sections(&mut out, symbols, strings, names);
        out.extend(&self.overlay);
        out
    }
}

/// The table of sections: nothing, symbols, their names, and the names of sections.
fn sections(out: &mut Vec<u8>, symbols: (u64, u64), strings: (u64, u64), names: (u64, u64)) {
    let parts = [
        (0, 0, (0, 0), 0),
        (1, 11, symbols, 2),
        (9, 3, strings, 0),
        (17, 3, names, 0),
    ];
    for (name, kind, (at, size), link) in parts {
        out.extend(u32::to_le_bytes(name));
        out.extend(u32::to_le_bytes(kind));
        put(out, &[2, at, at, size]);
        out.extend(u32::to_le_bytes(link));
        out.extend([0; 4]);
        put(out, &[1, 24]);
    }
}
