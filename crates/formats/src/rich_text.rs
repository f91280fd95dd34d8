//! The pieces of rich text (RTF 1.9.1): groups, control words and symbols, bytes. What they mean is for the readers of
//! documents and of Outlook's mails to say.

/// Letters of a control word that are looked at.
const LONGEST: usize = 64;
/// Digits of a number.
const DIGITS: usize = 10;

/// A piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A group begins.
    Open,
    /// A group ends.
    Close,
    /// A control word, with its number where it has one.
    Word(&'a [u8], Option<i64>),
    /// A control symbol.
    Symbol(u8),
    /// A byte, written in hexadecimal digits.
    Code(u8),
    /// Bytes as they are, behind `\bin`.
    Binary(&'a [u8]),
    /// A byte of text.
    Byte(u8),
}

/// Cuts rich text into its pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pieces<'a> {
    rest: &'a [u8],
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What follows a backslash; nothing at the end.
    fn control(&mut self) -> Option<Piece<'a>> {
        let (&first, after) = self.rest.split_first()?;
        if !first.is_ascii_alphabetic() {
            self.rest = after;
            return Some(self.symbol(first));
        }
        let letters = self
            .rest
            .iter()
            .take(LONGEST)
            .take_while(|byte| byte.is_ascii_alphabetic());
        let (word, rest) = self.rest.split_at_checked(letters.count())?;
        self.rest = rest;
        let number = self.number();
        self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
        if word != b"bin" {
            return Some(Piece::Word(word, number));
        }
        let length = usize::try_from(number.unwrap_or_default()).unwrap_or_default();
        let (raw, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        Some(Piece::Binary(raw))
    }

    fn number(&mut self) -> Option<i64> {
        let (is_negative, digits) = match self.rest.strip_prefix(b"-") {
            Some(digits) => (true, digits),
            None => (false, self.rest),
        };
        let count = digits
            .iter()
            .take(DIGITS)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (digits, rest) = digits.split_at_checked(count).filter(|_| count > 0)?;
        self.rest = rest;
        let number = digits
            .iter()
            .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        Some(if is_negative { -number } else { number })
    }

    fn symbol(&mut self, symbol: u8) -> Piece<'a> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        if symbol == b'\''
            && let Some((digits, rest)) = self.rest.split_first_chunk::<2>()
            && let [Some(high), Some(low)] = digits.map(digit)
        {
            self.rest = rest;
            return Piece::Code(u8::try_from(high << 4 | low).unwrap_or_default());
        }
        Piece::Symbol(symbol)
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(match byte {
            b'{' => Piece::Open,
            b'}' => Piece::Close,
            b'\\' => return self.control(),
            byte => Piece::Byte(byte),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Piece::{Binary, Byte, Close, Code, Open, Symbol, Word};
    use super::*;

    #[test]
    fn text_is_cut_into_its_pieces() {
        let pieces: Vec<Piece<'_>> = Pieces::new(b"{\\rtf1\\u-7 ?\\*\\'4a\\'x\\bin3 {}}\\b}\\").collect();
        let expected = [
            Open,
            Word(b"rtf", Some(1)),
            Word(b"u", Some(-7)),
            Byte(b'?'),
            Symbol(b'*'),
            Code(0x4a),
            Symbol(b'\''),
            Byte(b'x'),
            Binary(b"{}}"),
            Word(b"b", None),
            Close,
        ];
        assert_eq!(pieces, expected);
        let cut: Vec<Piece<'_>> = Pieces::new(b"\\bin9999999999 ab").collect();
        assert_eq!(cut, [Binary(b"ab")]);
    }
}
