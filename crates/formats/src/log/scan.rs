//! Reading a line from left to right.

/// What is left of a line. Nothing here fails beyond saying so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scan<'a> {
    pub(crate) rest: &'a [u8],
}

/// What a byte may be part of, as bits.
pub(crate) const ADDRESS: u8 = 1;
pub(crate) const HOST: u8 = 2;
pub(crate) const GRAPHIC: u8 = 4;
/// What ends the program in the tag of syslog.
pub(crate) const TAG_END: u8 = 8;

static CLASSES: [u8; 256] = {
    let mut classes = [0_u8; 256];
    let mut rest: &mut [u8] = &mut classes;
    let mut byte = 0_u8;
    while let Some((class, more)) = rest.split_first_mut() {
        if byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'%') {
            *class |= ADDRESS;
        }
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'/' | b'@' | b'%') {
            *class |= HOST;
        }
        if byte.is_ascii_graphic() {
            *class |= GRAPHIC;
        }
        if matches!(byte, b':' | b'[' | b' ' | b'(') {
            *class |= TAG_END;
        }
        byte = byte.wrapping_add(1);
        rest = more;
    }
    classes
};

/// Whether a byte may be part of something.
#[inline]
pub(crate) fn is(byte: u8, class: u8) -> bool {
    CLASSES
        .get(usize::from(byte))
        .is_some_and(|classes| classes & class != 0)
}

/// Whether all bytes may be.
#[inline]
pub(crate) fn are(text: &[u8], class: u8) -> bool {
    text.iter().all(|byte| is(*byte, class))
}

/// How many digits `text` begins with.
#[inline]
pub(crate) fn digits(text: &[u8]) -> usize {
    text.iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len())
}

/// The number that `text` is, in digits and nothing else.
#[inline]
pub(crate) fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    let mut value = 0_u64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Some(value)
}

/// The number that `text` is, with or without a minus.
#[inline]
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    match text.split_first() {
        Some((b'-', digits)) => i64::try_from(number(digits)?).ok().map(|number| -number),
        _ => i64::try_from(number(text)?).ok(),
    }
}

/// Where `byte` stands in a text that is mostly short.
#[inline]
pub(crate) fn find(text: &[u8], byte: u8) -> Option<usize> {
    let head = text.get(..16).unwrap_or(text);
    match head.iter().position(|other| *other == byte) {
        Some(at) => Some(at),
        None if head.len() == text.len() => None,
        None => memchr::memchr(byte, text.get(16..)?).map(|at| at.saturating_add(16)),
    }
}

/// `text` in two, without the first `byte`.
#[inline]
pub(crate) fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let (head, tail) = text.split_at_checked(find(text, byte)?)?;
    Some((head, tail.get(1..)?))
}

/// `text` in two, without the first `mark`.
pub(crate) fn split_at<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::find(text, mark)?;
    let (head, tail) = text.split_at_checked(at)?;
    Some((head, tail.get(mark.len()..)?))
}

impl<'a> Scan<'a> {
    #[inline]
    pub(crate) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The byte that comes; 0 at the end.
    #[inline]
    pub(crate) fn peek(&self) -> u8 {
        self.rest.first().copied().unwrap_or_default()
    }

    /// Passes over `len` bytes.
    #[inline]
    pub(crate) fn skip(&mut self, len: usize) {
        self.rest = self.rest.get(len..).unwrap_or_default();
    }

    /// Passes over `text` where it comes.
    #[inline]
    pub(crate) fn eat(&mut self, text: &[u8]) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    #[inline]
    pub(crate) fn blanks(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// What comes before `byte`, and passes over both.
    #[inline]
    pub(crate) fn until(&mut self, byte: u8) -> Option<&'a [u8]> {
        let (head, tail) = split_at_byte(self.rest, byte)?;
        self.rest = tail;
        Some(head)
    }

    /// What comes before `mark`, and passes over both.
    pub(crate) fn until_text(&mut self, mark: &[u8]) -> Option<&'a [u8]> {
        let (head, tail) = split_at(self.rest, mark)?;
        self.rest = tail;
        Some(head)
    }

    /// What comes before `byte`, or all that is left.
    #[inline]
    pub(crate) fn part(&mut self, byte: u8) -> &'a [u8] {
        match self.until(byte) {
            Some(part) => part,
            None => std::mem::take(&mut self.rest),
        }
    }

    /// A word; a blank behind it is passed over.
    #[inline]
    pub(crate) fn word(&mut self) -> Option<&'a [u8]> {
        let word = self.part(b' ');
        (!word.is_empty()).then_some(word)
    }

    /// The digits that come.
    #[inline]
    pub(crate) fn digits(&mut self) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(digits(self.rest))?;
        if head.is_empty() {
            return None;
        }
        self.rest = tail;
        Some(head)
    }

    /// What stands between `open` and `close`, without them and without a look at what is inside.
    #[inline]
    pub(crate) fn between(&mut self, open: u8, close: u8) -> Option<&'a [u8]> {
        if self.peek() != open {
            return None;
        }
        let mut rest = Scan::new(self.rest.get(1..)?);
        let inside = rest.until(close)?;
        self.rest = rest.rest;
        Some(inside)
    }

    /// What stands between two quotes; a backslash takes the next byte with it.
    #[inline]
    pub(crate) fn quoted(&mut self) -> Option<&'a [u8]> {
        let body = self.rest.strip_prefix(b"\"")?;
        let mut from = 0_usize;
        loop {
            let at = memchr::memchr2(b'"', b'\\', body.get(from..)?)?.checked_add(from)?;
            if body.get(at) == Some(&b'"') {
                self.rest = body.get(at.checked_add(1)?..)?;
                return body.get(..at);
            }
            from = at.checked_add(2)?;
        }
    }
}
