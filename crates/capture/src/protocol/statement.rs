//! Statements of SQL without the passwords in them: what stands in quotes behind `PASSWORD`, and behind `IDENTIFIED`
//! (<https://dev.mysql.com/doc/refman/8.4/en/create-user.html>,
//! <https://www.postgresql.org/docs/current/sql-createrole.html>).
//!
//! A statement is not parsed: where that word is a column's name, what the column is compared with is hidden as well.

use super::text::some;
use watchfire_model::Untrusted;

/// What stands in the place of a password.
pub(super) const HIDDEN: &str = "***";

/// Whose SQL it is: they differ in what a backslash and a number sign mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Mysql,
    Postgresql,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Nothing,
    /// One password.
    Password,
    /// Whose password it is, and then that.
    Owner,
    /// By what somebody proves who he is: everything in quotes, until the next user or statement.
    Proof,
}

/// A piece of a statement, and its length.
enum Token {
    Quoted(usize),
    Word(usize),
    Comment(usize),
    Other,
}

/// A statement, without passwords, where there is some.
pub(super) fn without_passwords(statement: &[u8], dialect: Dialect) -> Option<Untrusted> {
    let mut kept = Vec::with_capacity(statement.len());
    let mut next = Next::Nothing;
    let mut rest = statement;
    let mut before: &[u8] = b"";
    while let Some(first) = rest.first() {
        let token = token(rest, before, dialect);
        let (Token::Quoted(length) | Token::Word(length) | Token::Comment(length)) = token else {
            next = behind_sign(*first, next);
            kept.push(*first);
            (before, rest) = (b"", rest.get(1..).unwrap_or_default());
            continue;
        };
        let (text, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        let is_quoted = matches!(token, Token::Quoted(_));
        let is_number = matches!(token, Token::Word(_)) && first.is_ascii_digit();
        let is_hidden = match next {
            Next::Password => is_quoted || is_number,
            Next::Proof => is_quoted,
            Next::Nothing | Next::Owner => is_quoted && names_password(text),
        };
        kept.extend_from_slice(if is_hidden { HIDDEN.as_bytes() } else { text });
        next = match token {
            Token::Quoted(_) if next == Next::Password => Next::Nothing,
            Token::Word(_) if is_hidden => Next::Nothing,
            Token::Word(_) => behind_word(text, behind.first().copied(), next),
            _ => next,
        };
        (before, rest) = (text, behind);
    }
    some(&kept)
}

/// What a server says of a statement that failed: it repeats parts of it, and passwords may be among them.
pub(super) fn answer(statement: Option<&Untrusted>, text: Untrusted) -> Untrusted {
    let has_password = statement.is_some_and(|statement| statement.raw().contains(HIDDEN));
    if has_password { HIDDEN.into() } else { text }
}

fn behind_sign(sign: u8, next: Next) -> Next {
    match (sign, next) {
        (b';', _) | (b',', Next::Password | Next::Proof) => Next::Nothing,
        (b'=', Next::Owner) => Next::Password,
        _ => next,
    }
}

fn behind_word(word: &[u8], sign: Option<u8>, next: Next) -> Next {
    let is = |known: &[u8]| word.eq_ignore_ascii_case(known);
    let ends = |known: &[u8]| {
        let from = word.len().checked_sub(known.len());
        from.and_then(|from| word.get(from..))
            .is_some_and(|end| end.eq_ignore_ascii_case(known))
    };
    match next {
        _ if is(b"IDENTIFIED") => Next::Proof,
        Next::Proof => Next::Proof,
        _ if ends(b"PASSWORD") || ends(b"PASSWD") => Next::Password,
        Next::Password if is(b"FOR") => Next::Owner,
        Next::Owner if is(b"TO") => Next::Password,
        Next::Owner => Next::Owner,
        // `E'…'` and the like, and what may stand between.
        Next::Password if matches!(sign, Some(b'\'' | b'"' | b'$')) => next,
        Next::Password if [&b"AS"[..], b"BY", b"IS", b"LIKE", b"TO"].iter().any(|word| is(word)) => next,
        Next::Password | Next::Nothing => Next::Nothing,
    }
}

/// Whether a text in quotes is how to connect, with a password.
fn names_password(text: &[u8]) -> bool {
    const MARK: &[u8] = b"password=";
    text.windows(MARK.len()).any(|part| part.eq_ignore_ascii_case(MARK))
}

/// The next piece; `before` is the one directly before it.
fn token(rest: &[u8], before: &[u8], dialect: Dialect) -> Token {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | 0x80..);
    match rest {
        [b'\'' | b'"', ..] => {
            let has_escapes = dialect == Dialect::Mysql || before.eq_ignore_ascii_case(b"E");
            Token::Quoted(quoted(rest, has_escapes.then_some(b'\\')))
        }
        [b'$', behind @ ..] if dialect == Dialect::Postgresql => {
            let tag = behind.iter().take_while(|byte| is_word(byte)).count();
            match (behind.get(tag), rest.get(..tag + 2)) {
                (Some(b'$'), Some(mark)) => Token::Quoted(until(rest, mark)),
                _ => Token::Other,
            }
        }
        [b'/', b'*', ..] => Token::Comment(until(rest, b"*/")),
        [b'-', b'-', behind @ ..]
            if dialect == Dialect::Postgresql || behind.first().is_none_or(|byte| *byte <= b' ') =>
        {
            Token::Comment(until(rest, b"\n"))
        }
        [b'#', ..] if dialect == Dialect::Mysql => Token::Comment(until(rest, b"\n")),
        [first, ..] if is_word(first) => Token::Word(rest.iter().take_while(|byte| is_word(byte)).count()),
        _ => Token::Other,
    }
}

/// Bytes until behind the mark that ends what begins here; all of them, where it does not end.
fn until(rest: &[u8], mark: &[u8]) -> usize {
    let behind = rest.get(mark.len()..).unwrap_or_default();
    let end = behind.windows(mark.len()).position(|part| part == mark);
    end.map_or(rest.len(), |end| 2 * mark.len() + end)
}

/// Bytes of a text in quotes, of which those inside are doubled, or stand behind an escape.
fn quoted(rest: &[u8], escape: Option<u8>) -> usize {
    let mut bytes = rest.iter().enumerate();
    let quote = bytes.next().map(|(_, quote)| *quote);
    while let Some((at, byte)) = bytes.next() {
        if Some(*byte) == escape {
            bytes.next();
        } else if Some(*byte) == quote {
            if rest.get(at + 1) != Some(byte) {
                return at + 1;
            }
            bytes.next();
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden_and_nothing_else() {
        for (statement, expected) in [
            ("SELECT 'a', \"b\" FROM c -- it's", "SELECT 'a', \"b\" FROM c -- it's"),
            (
                "CREATE USER 'a'@'%' IDENTIFIED BY 'x'",
                "CREATE USER 'a'@'%' IDENTIFIED BY ***",
            ),
            (
                "CREATE USER a IDENTIFIED WITH sha2 BY 'x' REPLACE 'y', 'b' IDENTIFIED BY 'z'",
                "CREATE USER a IDENTIFIED WITH sha2 BY *** REPLACE ***, 'b' IDENTIFIED BY ***",
            ),
            ("SET PASSWORD FOR 'a'@'b' = 'x'", "SET PASSWORD FOR 'a'@'b' = ***"),
            (
                "set password = PASSWORD('x'); select 'y'",
                "set password = PASSWORD(***); select 'y'",
            ),
            (
                "ALTER ROLE a PASSWORD 'x''y' VALID UNTIL 'z'",
                "ALTER ROLE a PASSWORD *** VALID UNTIL 'z'",
            ),
            (
                "CHANGE MASTER TO MASTER_PASSWORD='x', MASTER_HOST='y'",
                "CHANGE MASTER TO MASTER_PASSWORD=***, MASTER_HOST='y'",
            ),
            ("ALTER ROLE a PASSWORD /* ' */ 'x", "ALTER ROLE a PASSWORD /* ' */ ***"),
            (
                "SELECT 1 WHERE `password` = 12345 AND name='a'",
                "SELECT 1 WHERE `password` = *** AND name='a'",
            ),
            ("SELECT password, 'a'", "SELECT password, 'a'"),
            (
                "ALTER USER a PASSWORD EXPIRE; SELECT 'b'",
                "ALTER USER a PASSWORD EXPIRE; SELECT 'b'",
            ),
            ("SELECT dblink('host=a PASSWORD=x')", "SELECT dblink(***)"),
        ] {
            for dialect in [Dialect::Mysql, Dialect::Postgresql] {
                let said = without_passwords(statement.as_bytes(), dialect);
                assert_eq!(said.as_ref().map(Untrusted::raw), Some(expected), "{dialect:?}");
            }
        }
    }

    #[test]
    fn quotes_are_those_of_the_dialect() {
        for (dialect, statement, expected) in [
            (
                Dialect::Mysql,
                r"SELECT '\''; SET PASSWORD 'x\'y'",
                r"SELECT '\''; SET PASSWORD ***",
            ),
            (
                Dialect::Mysql,
                "SELECT 1 # it's\nPASSWORD 'x'",
                "SELECT 1 # it's\nPASSWORD ***",
            ),
            (
                Dialect::Postgresql,
                r"COPY a FROM 'C:\'; PASSWORD 'x'",
                r"COPY a FROM 'C:\'; PASSWORD ***",
            ),
            (Dialect::Postgresql, r"PASSWORD E'x\'y' 'z'", "PASSWORD E*** 'z'"),
            (Dialect::Postgresql, "PASSWORD $a$x'$y$a$ 'z'", "PASSWORD *** 'z'"),
            (Dialect::Postgresql, r"PASSWORD LIKE'x\' 'z'", "PASSWORD LIKE*** 'z'"),
            (Dialect::Postgresql, "PASSWORD $$x", "PASSWORD ***"),
        ] {
            let said = without_passwords(statement.as_bytes(), dialect);
            assert_eq!(said.as_ref().map(Untrusted::raw), Some(expected), "{dialect:?}");
        }
    }
}
