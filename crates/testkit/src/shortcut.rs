//! Links of the Windows shell (MS-SHLLINK), built part by part, and shortcuts to the internet.

/// A link under construction.
#[derive(Clone, Debug, Default)]
pub struct Link {
    flags: u32,
    items: Vec<Vec<u8>>,
    info: Vec<u8>,
    texts: [Option<String>; 5],
    window: u32,
    blocks: Vec<u8>,
    behind: Vec<u8>,
}

/// My Computer, as the first shell item of a path.
const COMPUTER: &[u8] = b"\x1f\x50\xe0\x4f\xd0\x20\xea\x3a\x69\x10\xa2\xd8\x08\x00\x2b\x30\x30\x9d";

fn length(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_le_bytes()
}

fn long(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

impl Link {
    /// A link that leads nowhere.
    pub fn new() -> Self {
        Self {
            window: 1,
            ..Self::default()
        }
    }

    /// Leads to a path on a drive, by shell items.
    #[must_use]
    pub fn to(mut self, path: &str) -> Self {
        self.flags |= 1;
        self.items = vec![COMPUTER.to_vec()];
        let mut parts = path.split('\\').peekable();
        if let Some(drive) = parts.next() {
            self.items.push([b"\x2f", drive.as_bytes(), b"\\\0\0\0"].concat());
        }
        while let Some(part) = parts.next() {
            let kind = if parts.peek().is_some() { 0x31 } else { 0x32 };
            let mut item = vec![kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            item.extend(part.as_bytes());
            item.extend([0, 0]);
            self.items.push(item);
        }
        self
    }

    /// Leads to a file of a share, by its name on the network.
    #[must_use]
    pub fn to_share(mut self, share: &str, suffix: &str) -> Self {
        self.flags |= 2;
        let network = [
            &long(21 + share.len())[..],
            &[0; 4],
            &long(20),
            &[0; 8],
            share.as_bytes(),
            b"\0",
        ]
        .concat();
        let suffix_at = 28 + network.len();
        let total = suffix_at + suffix.len() + 1;
        let header = [
            long(total),
            long(28),
            long(2),
            long(0),
            long(0),
            long(28),
            long(suffix_at),
        ]
        .concat();
        self.info = [&header[..], &network, suffix.as_bytes(), b"\0"].concat();
        self
    }

    fn text(mut self, place: usize, text: &str) -> Self {
        if let Some(slot) = self.texts.get_mut(place) {
            *slot = Some(text.to_owned());
            self.flags |= 4 << place;
        }
        self
    }

    /// A comment.
    #[must_use]
    pub fn comment(self, text: &str) -> Self {
        self.text(0, text)
    }

    /// The way to the target from beside the link.
    #[must_use]
    pub fn relative(self, text: &str) -> Self {
        self.text(1, text)
    }

    /// The folder to start in.
    #[must_use]
    pub fn working_folder(self, text: &str) -> Self {
        self.text(2, text)
    }

    /// What the target is started with.
    #[must_use]
    pub fn arguments(self, text: &str) -> Self {
        self.text(3, text)
    }

    /// Where the picture comes from.
    #[must_use]
    pub fn icon(self, text: &str) -> Self {
        self.text(4, text)
    }

    /// Starts as an icon in the bar.
    #[must_use]
    pub fn minimized(mut self) -> Self {
        self.window = 7;
        self
    }

    /// A target with variables in it.
    #[must_use]
    pub fn environment(mut self, path: &str) -> Self {
        let mut block = [long(0x314), 0xa000_0001_u32.to_le_bytes()].concat();
        block.extend(path.as_bytes());
        block.resize(268, 0);
        block.extend(wide(path));
        block.resize(0x314, 0);
        self.blocks.extend(block);
        self
    }

    /// The machine that it was made on, and the address of its network card.
    #[must_use]
    pub fn machine(mut self, name: &str, card: [u8; 6]) -> Self {
        let mut block = [long(0x60), 0xa000_0003_u32.to_le_bytes(), long(0x58), long(0)].concat();
        block.extend(name.as_bytes());
        block.resize(32, 0);
        for _ in 0..2 {
            block.extend([7; 16]);
            // Version 1, of some day in 2026.
            block.extend([0x10, 0x20, 0x30, 0x40, 0xb5, 0xd7, 0xf0, 0x11, 0x80, 0x01]);
            block.extend(card);
        }
        self.blocks.extend(block);
        self
    }

    /// Bytes behind the end.
    #[must_use]
    pub fn behind(mut self, bytes: &[u8]) -> Self {
        self.behind = bytes.to_vec();
        self
    }

    /// The link.
    pub fn build(&self) -> Vec<u8> {
        let mut out = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46".to_vec();
        out.extend((self.flags | 0x80).to_le_bytes());
        out.extend(0x20_u32.to_le_bytes());
        for _ in 0..3 {
            // 2026-11-02 08:00 UTC.
            out.extend(((1_793_606_400_u64 + 11_644_473_600) * 10_000_000).to_le_bytes());
        }
        out.extend(long(289_792));
        out.extend([0; 4]);
        out.extend(self.window.to_le_bytes());
        out.resize(76, 0);
        if self.flags & 1 != 0 {
            let mut list: Vec<u8> = Vec::new();
            for item in &self.items {
                list.extend(u16::try_from(item.len() + 2).unwrap_or(u16::MAX).to_le_bytes());
                list.extend(item);
            }
            list.extend([0, 0]);
            out.extend(length(&list));
            out.extend(list);
        }
        out.extend(&self.info);
        for text in self.texts.iter().flatten() {
            let letters = u16::try_from(text.encode_utf16().count()).unwrap_or(u16::MAX);
            out.extend(letters.to_le_bytes());
            out.extend(wide(text));
        }
        out.extend(&self.blocks);
        out.extend([0; 4]);
        out.extend(&self.behind);
        out
    }
}

/// A shortcut to the internet.
pub fn internet_shortcut(url: &str, icon: &str) -> Vec<u8> {
    format!("[InternetShortcut]\r\nURL={url}\r\nIconFile={icon}\r\nIconIndex=0\r\n").into_bytes()
}
