//! Chains: labels joined by dots in any disguise. Host names, addresses, versions and file names are all chains.

use crate::foreign;
use crate::separator::{self, Form};
use crate::text::{ALNUM, BRACKET, DASH, DIGIT, HIGH, HOST, Text, is};
use watchfire_knowledge::tld;

/// No name has more labels (RFC 1035: 253 bytes, a label and its dot take two).
const MOST_LABELS: usize = 127;
/// Bytes of a chain, disguises included.
const MOST_BYTES: usize = 1024;

/// Labels joined by dots, where they stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) labels: usize,
    /// The last label.
    pub(crate) last: usize,
    /// Every label is digits only.
    pub(crate) numeric: bool,
    /// Some dot was defanged beyond doubt.
    pub(crate) defanged: bool,
    /// Some dot was written in a way that prose has, too.
    pub(crate) loose: bool,
    /// Some dot stands behind a bracket that closes nothing.
    pub(crate) half: bool,
    /// Some byte is beyond ASCII.
    pub(crate) high: bool,
    /// It stands in a regular expression, whose dots are escaped as others disguise them.
    pub(crate) expression: bool,
    /// Its labels may mix scripts that else end them.
    mixed: bool,
    /// A label begins or ends with a hyphen or is too long.
    malformed: bool,
    /// The last label that contains an underscore, counted from 1; 0 for none.
    underscore: usize,
    /// The chain up to its first loose dot.
    strict_end: usize,
    strict_last: usize,
    strict_labels: usize,
    /// The chain without its last label.
    shorter_end: usize,
    shorter_last: usize,
}

impl Chain {
    /// Reads the chain whose first label begins at `start`.
    #[inline]
    pub(crate) fn read(text: Text<'_>, start: usize) -> Self {
        Self::begin(start).go_on(text)
    }

    /// The host that begins at `start` behind a scheme: there labels may mix scripts ("例abc.example"), if that makes a
    /// name of them.
    #[inline(always)]
    pub(crate) fn host(text: Text<'_>, start: usize) -> Self {
        let mut chain = Self::read(text, start);
        if chain.high || is(text.at(chain.end), HIGH) {
            chain.mix(text);
        }
        chain
    }

    #[cold]
    fn mix(&mut self, text: Text<'_>) {
        if foreign::changes_script(text, self.end) && self.domain(text).is_none() {
            let mut mixed = Self::begin(self.start);
            mixed.mixed = true;
            let mixed = mixed.go_on(text);
            if mixed.domain(text).is_some() {
                *self = mixed;
            }
        }
    }

    #[inline(always)]
    fn begin(start: usize) -> Self {
        Self {
            start,
            end: start,
            labels: 0,
            last: start,
            numeric: true,
            defanged: false,
            loose: false,
            half: false,
            high: false,
            expression: false,
            mixed: false,
            malformed: false,
            underscore: 0,
            strict_end: start,
            strict_last: start,
            strict_labels: 0,
            shorter_end: start,
            shorter_last: start,
        }
    }

    #[inline(always)]
    fn go_on(mut self, text: Text<'_>) -> Self {
        let start = self.start;
        let mut at = start;
        loop {
            at = self.label(text, at);
            if self.labels >= MOST_LABELS || at - start > MOST_BYTES {
                return self;
            }
            let Some(dot) = separator::dot(text, at) else {
                return self;
            };
            match dot.form {
                Form::Plain => {}
                Form::Defanged => {
                    if is(text.at(at), HIGH) && self.is_whole(text, dot.end) {
                        return self;
                    }
                    self.defanged = true;
                    self.expression |= text.at(at) == b'\\' && self.is_in_expression(text);
                }
                Form::Loose => {
                    if !self.loose {
                        (self.strict_end, self.strict_last, self.strict_labels) = (self.end, self.last, self.labels);
                    }
                    self.loose = true;
                    self.half |= is(text.at(at), BRACKET);
                }
            }
            (self.shorter_end, self.shorter_last) = (self.end, self.last);
            at = dot.end;
        }
    }

    /// Whether an operator of regular expressions stands in front: `[a-z]+\.evil\.com`, `^evil\.com`, `\/\/evil\.com`.
    #[cold]
    fn is_in_expression(&self, text: Text<'_>) -> bool {
        let before = text.before(self.start);
        let escaped = matches!(before, b'.' | b'/') && text.before(self.start - 1) == b'\\';
        escaped || matches!(before, b')' | b']' | b'}' | b'*' | b'+' | b'?' | b'^')
    }

    /// Whether one stands behind.
    pub(crate) fn ends_expression(&self, text: Text<'_>) -> bool {
        let behind = text.at(self.end + 1);
        match text.at(self.end) {
            b'$' => !is(behind, ALNUM),
            // "/evil\.com/i"
            b'/' => text.before(self.start) == b'/' && !is(text.at(self.end + 2), ALNUM),
            b'\\' => behind == b'/' || behind == b'b',
            b'(' | b'[' | b'{' => !matches!(behind, b'.' | b':' | b'/' | b'@'),
            _ => false,
        }
    }

    /// Whether a full stop of another script ends the sentence here rather than the label: behind a whole name or address,
    /// with another one at `next`.
    #[cold]
    fn is_whole(&self, text: Text<'_>, next: usize) -> bool {
        let plain = || text.at(text.label(next).0) == b'.';
        !self.defanged && (self.numeric && self.labels == 4 || (self.is_domain(text) && plain()))
    }

    /// Reads one label and returns its end.
    #[inline(always)]
    fn label(&mut self, text: Text<'_>, start: usize) -> usize {
        let (at, classes) = if self.mixed {
            text.mixed_label(start)
        } else {
            text.label(start)
        };
        // "10.0.0.1-10.0.0.9": a range of addresses is two chains.
        // Neither does a letter of another script go on in one.
        if self.numeric && self.labels == 3 && classes & (DASH | HIGH) != 0 {
            let digits = text.skip(start, at, DIGIT);
            let only = classes & (HOST & !DIGIT) == DASH;
            let range = only && text.at(digits) == b'-' && is(text.at(digits + 1), DIGIT);
            if digits > start && (range || is(text.at(digits), HIGH)) {
                self.labels += 1;
                (self.last, self.end) = (start, digits);
                return digits;
            }
        }
        let digits = classes & (HOST & !DIGIT) == 0;
        self.labels += 1;
        self.numeric &= digits && at > start;
        self.high |= classes & HIGH != 0;
        self.malformed |= at - start > 63 || at == start;
        if classes & DASH != 0 {
            self.malformed |= text.at(start) == b'-' || text.before(at) == b'-';
            if text.slice(start, at).contains(&b'_') {
                self.underscore = self.labels;
            }
        }
        self.last = start;
        self.end = at;
        at
    }

    /// The longest part of the chain, from its start, that is a domain name, if there is one.
    #[inline]
    pub(crate) fn domain(mut self, text: Text<'_>) -> Option<Self> {
        if self.is_domain(text) {
            let whole = || self.strict().is_none_or(|strict| !strict.is_domain(text));
            if self.loose && !(whole() && self.loose_is_credible(text)) {
                return self.strict().filter(|strict| strict.is_domain(text));
            }
            return Some(self);
        }
        if self.loose {
            return self.strict().and_then(|strict| strict.domain(text));
        }
        // "evil.example.The next sentence": a space is missing.
        let capital = text.at(self.last).is_ascii_uppercase() && text.at(self.last + 1).is_ascii_lowercase();
        let foreign = is(text.at(self.last), HIGH) || is(text.before(self.last), HIGH);
        if self.labels > 2 && (capital || foreign) {
            (self.end, self.last, self.labels) = (self.shorter_end, self.shorter_last, self.labels - 1);
            return self.is_domain(text).then_some(self);
        }
        if text.before(self.end) == b'_' && text.at(self.start) == b'_' {
            return self.without_emphasis(text);
        }
        if self.high {
            // No top-level domain mixes scripts: "evil.comом".
            let end = text.skip(self.last, self.end, ALNUM);
            if end > self.last && end < self.end && is(text.at(end), HIGH) {
                self.end = end;
                return self.is_domain(text).then_some(self);
            }
        }
        None
    }

    /// "_evil.example_": the name between the underscores of Markdown.
    #[cold]
    fn without_emphasis(mut self, text: Text<'_>) -> Option<Self> {
        let mark = |from: usize| {
            text.slice(from, from + 3)
                .iter()
                .take_while(|byte| **byte == b'_')
                .count()
        };
        let marks = mark(self.start);
        let inner = self.end.saturating_sub(marks);
        if inner <= self.last || mark(inner) != marks || text.before(inner) == b'_' {
            return None;
        }
        (self.start, self.end) = (self.start + marks, inner);
        self.underscore = 0;
        let plain = !text.slice(self.start, self.end).contains(&b'_');
        (plain && self.is_domain(text)).then_some(self)
    }

    /// Where an IPv4 address begins behind a letter of another script: "с203.0.113.7".
    #[cold]
    pub(crate) fn glued_address(text: Text<'_>, start: usize) -> Option<usize> {
        let first = text.label(start).0;
        let digits = text.skip_back(first, start, DIGIT);
        let glued = digits < first && is(text.before(digits), HIGH);
        (glued && Self::read(text, digits).ipv4(text).is_some()).then_some(digits)
    }

    /// Where the label at `at` ends.
    fn label_end(&self, text: Text<'_>, at: usize) -> usize {
        if self.mixed {
            text.mixed_label(at).0
        } else {
            text.label(at).0
        }
    }

    /// The chain, if only the registry of top-level domains speaks against it.
    pub(crate) fn named_like(self, text: Text<'_>) -> Option<Self> {
        let label = text.slice(self.last, self.end);
        let letters = (2..=24).contains(&label.len()) && label.iter().all(u8::is_ascii_alphabetic);
        (self.labels >= 2 && !self.malformed && letters).then_some(self)
    }

    fn strict(mut self) -> Option<Self> {
        (self.end, self.last, self.labels, self.loose) = (self.strict_end, self.strict_last, self.strict_labels, false);
        (self.labels > 0).then_some(self)
    }

    #[inline]
    fn is_domain(&self, text: Text<'_>) -> bool {
        if self.labels < 2 || self.malformed || self.underscore > self.labels.saturating_sub(2) {
            return false;
        }
        let label = text.slice(self.last, self.end);
        match label.first() {
            Some(first) if first.is_ascii_alphabetic() => tld::is_tld(label) || is_special(label),
            Some(first) if *first >= 0x80 => std::str::from_utf8(label).is_ok_and(tld::is_unicode_tld),
            _ => false,
        }
    }

    /// "example . com" and "foo dot com" are names only if they are short, lower case and end like most names do:
    /// otherwise half of all prose would be.
    fn loose_is_credible(&self, text: Text<'_>) -> bool {
        if self.defanged {
            return true;
        }
        let label = text.slice(self.last, self.end);
        let common = matches!(
            label,
            b"com" | b"net" | b"org" | b"info" | b"biz" | b"ru" | b"cn" | b"xyz" | b"top" | b"onion" | b"example"
        );
        let small = |at| !text.at(at).is_ascii_uppercase();
        let named = self.labels > 2 || !is_function_word(text.slice(self.start, self.first_end(text)));
        common && small(self.start) && small(self.last) && named
    }

    /// Appends the chain with plain dots to `out`.
    pub(crate) fn write(&self, text: Text<'_>, out: &mut Vec<u8>) {
        let mut at = self.start;
        loop {
            let end = if at >= self.last {
                self.end
            } else {
                self.label_end(text, at)
            };
            out.extend_from_slice(text.slice(at, end));
            if at >= self.last {
                return;
            }
            out.push(b'.');
            match separator::dot(text, end) {
                Some(dot) if dot.end <= self.last => at = dot.end,
                _ => at = self.last,
            }
        }
    }

    /// Where its first label ends.
    pub(crate) fn first_end(&self, text: Text<'_>) -> usize {
        self.label_end(text, self.start)
    }

    /// Whether the text of the chain is already clean.
    pub(crate) fn is_plain(&self) -> bool {
        !self.defanged && !self.loose
    }

    /// The four numbers of an IPv4 address at the start of the chain and where they end.
    #[inline]
    pub(crate) fn ipv4(&self, text: Text<'_>) -> Option<([u8; 4], usize)> {
        let mut octets = [0u8; 4];
        let mut at = self.start;
        for (i, octet) in octets.iter_mut().enumerate() {
            let mut value = 0u16;
            let start = at;
            while is(text.at(at), DIGIT) && at < start + 4 {
                value = value * 10 + u16::from(text.at(at) - b'0');
                at += 1;
            }
            // No leading zeros: some programs read them as octal.
            if at == start || value > 255 || at - start > 3 || (at - start > 1 && text.at(start) == b'0') {
                return None;
            }
            *octet = value as u8;
            if i < 3 {
                at = match text.at(at) {
                    b'.' if is(text.at(at + 1), DIGIT) => at + 1,
                    _ => separator::dot(text, at)?.end,
                };
            }
        }
        Some((octets, at))
    }
}

/// Names that RFC 2606, RFC 6761, RFC 7686 and RFC 9476 set aside: no registry has them, evidence does.
fn is_special(label: &[u8]) -> bool {
    const SPECIAL: [&[u8]; 8] = [
        b"example",
        b"test",
        b"invalid",
        b"localhost",
        b"local",
        b"internal",
        b"onion",
        b"alt",
    ];
    SPECIAL.iter().any(|special| label.eq_ignore_ascii_case(special))
}

/// "the dot com years", "of dot com fame": words that stand before a noun, and whatever is too short for a name.
pub(crate) fn is_function_word(word: &[u8]) -> bool {
    word.len() < 3
        || matches!(
            word,
            b"the"
                | b"this"
                | b"that"
                | b"these"
                | b"those"
                | b"and"
                | b"for"
                | b"from"
                | b"with"
                | b"our"
                | b"its"
                | b"his"
                | b"her"
                | b"your"
                | b"their"
                | b"new"
                | b"old"
                | b"pre"
                | b"post"
                | b"called"
                | b"first"
                | b"last"
                | b"most"
                | b"every"
                | b"some"
                | b"any"
                | b"all"
                | b"one"
                | b"two"
                | b"was"
                | b"not"
                | b"but"
                | b"into"
                | b"during"
        )
}
