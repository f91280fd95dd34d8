//! Compound files (MS-CFB, version 3), as small as they go: for messages of Outlook and old documents.

const SECTOR: usize = 512;
const SMALL: usize = 64;
const CUTOFF: usize = 4096;
const END: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;
const TABLE: u32 = 0xffff_fffd;

/// Something in a compound file.
#[derive(Clone, Debug)]
pub enum Node {
    /// A folder and what is in it.
    Storage(String, Vec<Node>),
    /// A file.
    Stream(String, Vec<u8>),
}

impl Node {
    fn name(&self) -> &str {
        match self {
            Self::Storage(name, _) | Self::Stream(name, _) => name,
        }
    }
}

struct Entry {
    name: String,
    kind: u8,
    links: [u32; 3],
    start: u32,
    size: u64,
}

#[derive(Default)]
struct Writer {
    entries: Vec<Entry>,
    pool: Vec<u8>,
    small: Vec<u32>,
    sectors: Vec<u8>,
    table: Vec<u32>,
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Writer {
    /// Writes `bytes` into sectors of their own; returns the first.
    fn chain(&mut self, bytes: &[u8]) -> u32 {
        let first = self.table.len();
        let count = bytes.len().div_ceil(SECTOR);
        if count == 0 {
            return END;
        }
        for at in 1..=count {
            self.table.push(if at == count { END } else { number(first + at) });
        }
        self.sectors.extend_from_slice(bytes);
        self.sectors.resize(self.table.len() * SECTOR, 0);
        number(first)
    }

    fn stream(&mut self, bytes: &[u8]) -> u32 {
        if bytes.len() >= CUTOFF || bytes.is_empty() {
            return self.chain(bytes);
        }
        let first = self.small.len();
        let count = bytes.len().div_ceil(SMALL);
        for at in 1..=count {
            self.small.push(if at == count { END } else { number(first + at) });
        }
        self.pool.extend_from_slice(bytes);
        self.pool.resize(self.small.len() * SMALL, 0);
        number(first)
    }

    /// Adds what is in a folder, as a balanced tree in the order of names; returns its root.
    fn folder(&mut self, nodes: &[Node]) -> u32 {
        let mut sorted: Vec<&Node> = nodes.iter().collect();
        sorted.sort_by_key(|node| (node.name().encode_utf16().count(), node.name().to_uppercase()));
        let ids: Vec<u32> = sorted
            .iter()
            .map(|node| {
                let id = self.entries.len();
                self.entries.push(Entry {
                    name: node.name().to_owned(),
                    kind: 2,
                    links: [FREE; 3],
                    start: 0,
                    size: 0,
                });
                let (kind, child, start, size) = match node {
                    Node::Storage(_, inner) => (1, self.folder(inner), 0, 0),
                    Node::Stream(_, bytes) => (2, FREE, self.stream(bytes), bytes.len() as u64),
                };
                if let Some(entry) = self.entries.get_mut(id) {
                    (entry.kind, entry.links, entry.start, entry.size) = (kind, [FREE, FREE, child], start, size);
                }
                number(id)
            })
            .collect();
        self.balance(&ids)
    }

    fn balance(&mut self, ids: &[u32]) -> u32 {
        let Some((left, [middle, right @ ..])) = ids.split_at_checked(ids.len() / 2) else {
            return FREE;
        };
        let (left, right) = (self.balance(left), self.balance(right));
        let entry = usize::try_from(*middle).ok().and_then(|at| self.entries.get_mut(at));
        if let Some(Entry {
            links: [to_left, to_right, _],
            ..
        }) = entry
        {
            (*to_left, *to_right) = (left, right);
        }
        *middle
    }
}

/// A compound file of these.
pub fn compound(nodes: &[Node]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.entries.push(Entry {
        name: "Root Entry".to_owned(),
        kind: 5,
        links: [FREE; 3],
        start: END,
        size: 0,
    });
    let child = writer.folder(nodes);
    let pool = std::mem::take(&mut writer.pool);
    let start = writer.chain(&pool);
    if let Some(root) = writer.entries.first_mut() {
        (root.links, root.start, root.size) = ([FREE, FREE, child], start, pool.len() as u64);
    }
    let small: Vec<u8> = writer.small.iter().flat_map(|next| next.to_le_bytes()).collect();
    let small_start = writer.chain(&filled(small));
    let directory = writer.entries.iter().flat_map(entry).collect::<Vec<u8>>();
    let directory_start = writer.chain(&directory);
    // The table lists its own sectors too.
    let mut tables = 0;
    while tables * SECTOR / 4 < writer.table.len() + tables {
        tables += 1;
    }
    let first_table = writer.table.len();
    writer.table.extend(std::iter::repeat_n(TABLE, tables));
    let table: Vec<u8> = writer.table.iter().flat_map(|next| next.to_le_bytes()).collect();
    writer.sectors.extend(filled(table));

    let mut out = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    out.extend([0; 16]);
    for word in [0x3e_u16, 3, 0xfffe, 9, 6, 0, 0, 0] {
        out.extend(word.to_le_bytes());
    }
    let small_sectors = writer.small.len().div_ceil(SECTOR / 4);
    let cutoff = number(CUTOFF);
    for word in [
        0,
        number(tables),
        directory_start,
        0,
        cutoff,
        small_start,
        number(small_sectors),
        END,
        0,
    ] {
        out.extend(word.to_le_bytes());
    }
    for at in 0..109 {
        let place = if at < tables { number(first_table + at) } else { FREE };
        out.extend(place.to_le_bytes());
    }
    out.extend(writer.sectors);
    out
}

/// Filled up to whole sectors with "free".
fn filled(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().div_ceil(SECTOR) * SECTOR, 0xff);
    bytes
}

fn entry(entry: &Entry) -> Vec<u8> {
    let mut out: Vec<u8> = entry.name.encode_utf16().take(31).flat_map(u16::to_le_bytes).collect();
    let length = u16::try_from(out.len() + 2).unwrap_or(64);
    out.resize(64, 0);
    out.extend(length.to_le_bytes());
    out.extend([entry.kind, 1]);
    for link in entry.links {
        out.extend(link.to_le_bytes());
    }
    out.resize(116, 0);
    out.extend(entry.start.to_le_bytes());
    out.extend(entry.size.to_le_bytes());
    out
}
