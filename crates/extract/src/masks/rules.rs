//! What the words have in them that are worth reading: short patterns of bytes.
//!
//! A rule names the bytes it allows at up to six places in a row, the second of which is where it fires. Whatever an
//! observable could show itself by is here; a byte at which some rule holds is a trigger, and the word around it is read.
//! The narrower a rule, the less is read in vain. Bytes beyond ASCII count as `;` does: they neither end a word nor are
//! they letters, digits or marks.
//!
//! Eight rules share a byte, one bit each, so that a group of eight is decided by one table look-up per place.

/// The places of a rule: one before the byte where it fires, then that byte, then four behind it.
pub(super) const PLACES: usize = 6;
/// Groups of eight rules.
pub(super) const GROUPS: usize = 5;

/// Some of the 128 ASCII characters.
#[derive(Clone, Copy)]
struct Bytes(u128);

impl Bytes {
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler; i < of.len()")]
    const fn of(of: &[u8]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < of.len() {
            bits |= 1 << of[i];
            i += 1;
        }
        Self(bits)
    }

    const fn range(first: u8, last: u8) -> Self {
        let mut bits = 0;
        let mut byte = first;
        while byte <= last {
            bits |= 1 << byte;
            byte += 1;
        }
        Self(bits)
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn not(self) -> Self {
        Self(!self.0)
    }

    const fn but(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    const fn has(self, byte: u8) -> bool {
        let byte = if byte < 128 { byte } else { BEYOND };
        self.0 >> byte & 1 != 0
    }
}

/// What bytes beyond ASCII count as.
pub(super) const BEYOND: u8 = b';';

const ANY: Bytes = Bytes(u128::MAX);
const DIGIT: Bytes = Bytes::range(b'0', b'9');
const UPPER: Bytes = Bytes::range(b'A', b'Z');
const LETTER: Bytes = UPPER.or(Bytes::range(b'a', b'z'));
const ALNUM: Bytes = DIGIT.or(LETTER);
/// What labels are made of.
const LABEL: Bytes = ALNUM.or(Bytes::of(b"-_"));
const HEX: Bytes = DIGIT.or(Bytes::range(b'a', b'f')).or(Bytes::range(b'A', b'F'));
/// Ends a word: controls, white space, quotes, `<`, `>`, `|`.
const END: Bytes = Bytes::range(0, b' ').or(Bytes::of(b"\"'`<>|\x7F"));
/// Goes on in a word.
const IN: Bytes = END.not();
/// Goes on in a word as punctuation.
const PUNCTUATION: Bytes = IN.but(ALNUM);
const OPENING: Bytes = Bytes::of(b"[({");
const DOT: Bytes = Bytes::of(b".");
const COLON: Bytes = Bytes::of(b":");
const SLASH: Bytes = Bytes::of(b"/");
const HYPHEN: Bytes = Bytes::of(b"-");

#[derive(Clone, Copy)]
struct Rule([Bytes; PLACES]);

/// A rule of its first places; the rest may be anything.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler; i < N <= PLACES")]
const fn rule<const N: usize>(places: [Bytes; N]) -> Rule {
    let mut all = [ANY; PLACES];
    let mut i = 0;
    while i < N {
        all[i] = places[i];
        i += 1;
    }
    Rule(all)
}

/// A letter in any case, and whatever else is in `of`.
const fn folded(of: &[u8]) -> Bytes {
    let bytes = Bytes::of(of).0;
    let lower = bytes & Bytes::range(b'a', b'z').0;
    Bytes(bytes | lower >> 32)
}

const fn letter(of: u8) -> Bytes {
    folded(&[of])
}

const fn only(of: u8) -> Bytes {
    Bytes::of(&[of])
}

/// The rules, those that look at fewer places first.
const RULES: [[Rule; 8]; GROUPS] = [
    [
        // An at sign, a backslash.
        rule([ANY, Bytes::of(b"@\\")]),
        // A dot inside a name, but not between digits; alone between blanks, or in front of a name. Not at the end of a
        // sentence.
        rule([DIGIT.not(), DOT, IN]),
        rule([DIGIT, DOT, IN.but(DIGIT)]),
        rule([END, DOT]),
        // "://", "::1"
        rule([ANY, COLON, Bytes::of(b":/")]),
        // IPv6, hardware addresses.
        rule([HEX, COLON, HEX]),
        // "http:[//]", "live:.cid"; not behind a key of JSON.
        rule([IN, COLON, PUNCTUATION]),
        // "skype:name", "live:name"
        rule([letter(b'e'), COLON, LETTER]),
    ],
    [
        // A path, but not the end tag of HTML.
        rule([ALNUM.or(only(b'<')).not(), SLASH, IN]),
        rule([ANY, SLASH, PUNCTUATION]),
        // "Mozilla/5.0", "curl/8", "masscan/1", "requests/2", "client/1", "sqlmap/1"; not "HTTP/1".
        rule([folded(b"alnst").or(only(b'p')), SLASH, DIGIT]),
        // "://" and backslashes encoded in percent.
        rule([ANY, only(b'%'), DIGIT]),
        // "[.]", "[:]", "[://]", "[@]"
        rule([ANY, OPENING, Bytes::of(b".:/@-\\[({")]),
        // "[,]"
        rule([Bytes::of(b"[("), only(b','), Bytes::of(b"])")]),
        // Armour.
        rule([HYPHEN, HYPHEN, HYPHEN]),
        // "http__", "https__"
        rule([folded(b"ps"), only(b'_'), only(b'_')]),
    ],
    [
        // IPv4 addresses and other numbers with two dots, one, two or three digits between them; see below.
        rule([ANY, DOT, DIGIT, DOT]),
        // "evil dot example", "evilDOTexample"
        rule([letter(b'd'), letter(b'o'), letter(b't')]),
        // "TLP:RED"
        rule([letter(b't'), letter(b'l'), letter(b'p')]),
        // "AS64496", "AS 64496", "ASN64496", "ASN: 64496"
        rule([letter(b'a'), letter(b's'), DIGIT.or(only(b' ')), DIGIT]),
        rule([
            letter(b's'),
            letter(b'n'),
            DIGIT.or(Bytes::of(b" :")),
            DIGIT.or(only(b' ')),
        ]),
        // "arn:aws:…"
        rule([only(b'n'), COLON, only(b'a'), only(b'w')]),
        // "CVE-2026-1234", "CWE-79", "UA-26296840-4", "pub-1234"
        rule([folded(b"uvw"), folded(b"abe"), HYPHEN, DIGIT]),
        // "[punto]", "[point]", "[period]"
        rule([OPENING, letter(b'p'), folded(b"uoe")]),
    ],
    [
        // A YARA rule.
        rule([only(b'r'), only(b'u'), only(b'l'), only(b'e'), Bytes::of(b" \t")]),
        // Base64 of "http"
        rule([only(b'a'), only(b'H'), only(b'R'), only(b'0'), only(b'c')]),
        // "CVE 2014-1001"
        rule([letter(b'c'), letter(b'v'), letter(b'e'), only(b' '), DIGIT]),
        // "arroba", "punto", "punkt"
        rule([letter(b'a'), letter(b'r'), letter(b'r'), letter(b'o'), letter(b'b')]),
        rule([letter(b'p'), letter(b'u'), letter(b'n'), folded(b"tk"), folded(b"ot")]),
        // "User-Agent:", "user_agent="
        rule([letter(b'r'), Bytes::of(b"-_"), letter(b'a'), letter(b'g'), letter(b'e')]),
        // IBAN
        rule([ALNUM.not(), UPPER, UPPER, DIGIT, DIGIT]),
        // "GTM-ABC123"
        rule([only(b'T'), only(b'M'), HYPHEN]),
    ],
    [
        rule([ANY, DOT, DIGIT, DIGIT, DOT]),
        rule([ANY, DOT, DIGIT, DIGIT, DIGIT, DOT]),
        // "1234.5678.9012"
        rule([DOT, DIGIT, DIGIT, DIGIT, DIGIT, DOT]),
        // "01-23-45-67-89-01"
        rule([LABEL.not(), HEX, HEX, HYPHEN, HEX, HEX]),
        // "T1059", "M1036", "TA0001", also behind the colour of a terminal and a line end of rsyslog: "[32mT1059",
        // "#012T1059".
        rule([LETTER.but(only(b'm')).not(), folded(b"tm"), DIGIT, DIGIT, DIGIT, DIGIT]),
        rule([letter(b't'), letter(b'a'), DIGIT, DIGIT, DIGIT, DIGIT]),
        // "G-ABCDEF1234", "GHSA-…"
        rule([ALNUM.not(), only(b'G'), HYPHEN, UPPER.or(DIGIT)]),
        rule([letter(b'h'), letter(b's'), letter(b'a'), HYPHEN]),
    ],
];

/// For each place and each ASCII character the rules of a group that allow it there, a bit each.
pub(super) type Group = [[u8; 128]; PLACES];

/// The tables of all groups.
pub(super) static TABLES: [Group; GROUPS] = tables();

/// Most bytes are alike to all rules: they are of one class. There are fewer than 64 of them.
pub(super) struct Classes {
    /// The class of each ASCII character.
    pub(super) of: [u8; 128],
    /// Classes below this end words; the others do not.
    pub(super) ending: u8,
    /// [`TABLES`] by class instead of character.
    pub(super) tables: [[[u8; 64]; PLACES]; GROUPS],
}

/// The classes of bytes.
pub(super) static CLASSES: Classes = classes();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses more than 64 classes"
)]
const fn classes() -> Classes {
    let tables = tables();
    let mut classes = Classes {
        of: [0; 128],
        ending: 0,
        tables: [[[0; 64]; PLACES]; GROUPS],
    };
    let mut examples = [0; 64];
    let mut count = 0;
    // First the characters that end words, then the others.
    let mut i = 0;
    while i < 256 {
        let byte = i & 127;
        if END.has(byte as u8) == (i < 128) {
            let mut class = classes.ending as usize;
            while class < count && !alike(&tables, examples[class], byte) {
                class += 1;
            }
            if class == count {
                examples[count] = byte;
                count += 1;
                let mut at = 0;
                while at < GROUPS * PLACES {
                    let (group, place) = (at / PLACES, at % PLACES);
                    classes.tables[group][place][class] = tables[group][place][byte];
                    at += 1;
                }
            }
            classes.of[byte] = class as u8;
        }
        if i == 127 {
            classes.ending = count as u8;
        }
        i += 1;
    }
    classes
}

/// Whether all rules allow two characters at the same places.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler; all bounds are the arrays' own"
)]
const fn alike(tables: &[Group; GROUPS], a: usize, b: usize) -> bool {
    let mut at = 0;
    while at < GROUPS * PLACES {
        let (group, place) = (at / PLACES, at % PLACES);
        if tables[group][place][a] != tables[group][place][b] {
            return false;
        }
        at += 1;
    }
    true
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler; all bounds are the arrays' own"
)]
const fn tables() -> [Group; GROUPS] {
    let mut tables = [[[0; 128]; PLACES]; GROUPS];
    let mut group = 0;
    while group < GROUPS {
        let mut bit = 0;
        while bit < 8 {
            let mut place = 0;
            while place < PLACES {
                let mut byte = 0;
                while byte < 128 {
                    if RULES[group][bit].0[place].has(byte) {
                        tables[group][place][byte as usize] |= 1 << bit;
                    }
                    byte += 1;
                }
                place += 1;
            }
            bit += 1;
        }
        group += 1;
    }
    tables
}

/// What a byte may be, by its low and by its high half; all bytes beyond ASCII are alike.
#[derive(Clone, Copy)]
pub(super) struct Halves {
    pub(super) low: [u8; 16],
    pub(super) high: [u8; 16],
}

impl Halves {
    /// What [`TABLES`] allow at least.
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler; halves are below 16")]
    const fn of(table: &[u8; 128]) -> Self {
        let (mut low, mut high) = ([0; 16], [0; 16]);
        let mut byte = 0;
        while byte < 256 {
            let rules = table[if byte < 128 { byte } else { BEYOND as usize }];
            low[byte & 15] |= rules;
            high[byte >> 4] |= rules;
            byte += 1;
        }
        Self { low, high }
    }
}

/// [`TABLES`] by halves of a byte.
pub(super) static HALVES: [[Halves; PLACES]; GROUPS] = halves();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler; all bounds are the arrays' own"
)]
const fn halves() -> [[Halves; PLACES]; GROUPS] {
    let tables = tables();
    let mut halves = [[Halves {
        low: [0; 16],
        high: [0; 16],
    }; PLACES]; GROUPS];
    let mut group = 0;
    while group < GROUPS {
        let mut place = 0;
        while place < PLACES {
            halves[group][place] = Halves::of(&tables[group][place]);
            place += 1;
        }
        group += 1;
    }
    halves
}

/// What ends a word, by halves, exactly: each row of sixteen characters has a bit of its own.
pub(super) static ENDS_BY_HALVES: Halves = ends_by_halves();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler; halves are below 16")]
const fn ends_by_halves() -> Halves {
    let (mut low, mut high) = ([0; 16], [0; 16]);
    let mut byte = 0;
    while byte < 128 {
        if END.has(byte) {
            let row = 1 << (byte >> 4);
            low[byte as usize & 15] |= row;
            high[byte as usize >> 4] |= row;
        }
        byte += 1;
    }
    Halves { low, high }
}

/// How many places the rules of a group look at, from the first on.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler; all bounds are the arrays' own"
)]
pub(super) const fn width(group: usize) -> usize {
    let mut width = 2;
    let mut bit = 0;
    while bit < 8 {
        let mut place = 2;
        while place < PLACES {
            if RULES[group][bit].0[place].0 != u128::MAX && place >= width {
                width = place + 1;
            }
            place += 1;
        }
        bit += 1;
    }
    width
}

/// Whether some rule holds at the second of these bytes.
#[inline]
pub(super) fn holds(window: [u8; PLACES]) -> bool {
    TABLES.iter().any(|group| {
        group.iter().zip(window).fold(u8::MAX, |rules, (table, byte)| {
            let byte = if byte < 128 { byte } else { BEYOND };
            rules & table.get(usize::from(byte)).copied().unwrap_or_default()
        }) != 0
    })
}

/// Whether `byte` ends a word.
pub(super) fn ends_word(byte: u8) -> bool {
    END.has(byte)
}

/// Dots and hyphens of other scripts, by their first and third byte: U+30FB, U+3002, U+FF0E, U+FF61; U+2010–U+2015.
pub(super) const FOREIGN: [(u8, u8, u8); 5] = [
    (0xE3, 0xBB, 0xBB),
    (0xE3, 0x82, 0x82),
    (0xEF, 0x8E, 0x8E),
    (0xEF, 0xA1, 0xA1),
    (0xE2, 0x90, 0x95),
];

/// Whether a dot or hyphen of another script begins with `first` and has `third` as its third byte.
pub(super) fn is_foreign(first: u8, third: u8) -> bool {
    FOREIGN
        .iter()
        .any(|(byte, low, high)| first == *byte && (*low..=*high).contains(&third))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where rules hold in `text`, with a blank in front and behind.
    fn fires(text: &str) -> bool {
        let text = format!(" {text}     ").into_bytes();
        text.windows(PLACES).any(|window| window.try_into().is_ok_and(holds))
    }

    #[test]
    fn what_observables_show_themselves_by_is_worth_reading() {
        for text in [
            "evil.example",
            "203.0.113.7",
            "1.22.3.4",
            "1.222.3.4",
            "2001:db8::1",
            "::1",
            "01:23:45:67:89:ab",
            "01-23-45-67-89-01",
            "1234.5678.9012",
            "a@b",
            "/etc/passwd",
            "~/x",
            "=/x",
            "\\\\server",
            "C:\\x",
            "C:/x",
            "hxxp://",
            "http:[//]",
            "http//x",
            "%3A",
            "evil[.]com",
            "evil(dot)com",
            "evil dot com",
            "fooDOTcom",
            "[,]",
            "http__x",
            "TLP:RED",
            "tlpred",
            "AS64496",
            "asn64496",
            "AS 64496",
            "ASN 64496",
            "asn: 64496",
            "ASN:64496",
            "curl/8.1",
            "Go-http-client/1.1",
            "arn:aws:s3",
            "cpe:2.3:a",
            "cpe:/a",
            "UA-12-1",
            "ua-12-1",
            "pub-12",
            "ca-pub-12",
            "CVE-2026-1",
            "cwe-79",
            "CVE 2026-1",
            "GTM-ABC",
            "G-ABC",
            "GHSA-abcd",
            "ghsa-1234",
            "T1059",
            "t1059",
            "TA0001",
            "M1036",
            "x_T1059",
            "[32mT1059",
            "#012T1059",
            "DE89",
            "rule x",
            "aHR0cDov",
            "[punto]",
            "punkt",
            "arroba",
            "User-Agent: x",
            "user-agent: x",
            "http_user_agent=x",
            "sqlmap/1.5",
            "skype:joe",
            "live:joe",
            "-----BEGIN",
            "Mozilla/5.0",
            ".com",
            ". ",
            "%APPDATA%/x",
        ] {
            assert!(fires(text), "{text}");
        }
    }

    #[test]
    fn prose_numbers_and_times_of_day_are_not() {
        for text in [
            "well-known",
            "and/or",
            "N/A",
            "3.5",
            "1245.000000",
            "2026-11-21",
            "SHA-256",
            "web-01",
            "status:open",
            "the end.",
            "key: 5",
            "HTTP/2",
            "</div>",
            "Q&A",
            "(e",
            "50%",
            "foo_bar",
            "T10",
            "AES-128",
            "covid-19",
        ] {
            assert!(!fires(text), "{text}");
        }
    }

    #[test]
    fn every_group_is_full_before_the_next_looks_at_more_places() {
        let widths: Vec<_> = (0..GROUPS).map(width).collect();
        assert!(widths.is_sorted(), "{widths:?}");
    }
}
