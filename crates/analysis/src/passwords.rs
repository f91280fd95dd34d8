//! Passwords that stand in text: "password: …", "Passwort lautet …", "mot de passe : …".
//!
//! A mail says how to open its attachment. What is found here is only ever tried on containers below the same root; it
//! is a guess, costs one attempt, and is never printed. Text that merely speaks about passwords yields nothing or a
//! candidate that opens nothing.

use aho_corasick::{AhoCorasick, AhoCorasickKind, Match, MatchKind};
use std::collections::HashSet;
use std::sync::LazyLock;
use watchfire_model::{Artifact, Evidence, Password};

/// How much of a text is searched: a password stands near the beginning of a message, not in a log of gigabytes.
const SEARCHED: usize = 256 << 10;
/// Bytes after the keyword in which the password may stand.
const NEAR: usize = 120;
/// Candidates below one root. Key derivation is made to be slow, so each one costs.
const MOST: usize = 24;
/// Candidates of one mention.
const MOST_PER_MENTION: usize = 6;

/// Words for a password, lower case, with capitals where ASCII has none. Those up to four bytes long count only as words of
/// their own.
const KEYWORDS: &[&str] = &[
    "password",
    "passwort",
    "passcode",
    "passphrase",
    "passwd",
    "kennwort",
    "mot de passe",
    "contraseña",
    "contraseÑa",
    "contrasena",
    "clave",
    "senha",
    "palavra-passe",
    "wachtwoord",
    "hasło",
    "hasŁo",
    "haslo",
    "lösenord",
    "lÖsenord",
    "salasana",
    "adgangskode",
    "parola",
    "пароль",
    "Пароль",
    "ПАРОЛЬ",
    "şifre",
    "Şifre",
    "密码",
    "パスワード",
    "암호",
    "access code",
    "zugangscode",
    "pass",
    "pwd",
    "pw",
    "pin",
];

/// Words that may stand between the keyword and the password.
const FILLERS: &[&str] = &[
    "for",
    "für",
    "pour",
    "para",
    "per",
    "to",
    "the",
    "der",
    "die",
    "das",
    "den",
    "le",
    "la",
    "l'archive",
    "el",
    "il",
    "o",
    "a",
    "this",
    "your",
    "diese",
    "ihr",
    "zip",
    "zip-datei",
    "rar",
    "7z",
    "archive",
    "archiv",
    "file",
    "files",
    "datei",
    "attachment",
    "anhang",
    "attached",
    "document",
    "dokument",
    "open",
    "opening",
    "öffnen",
    "zum",
    "of",
    "from",
    "und",
    "and",
    "below",
    "following",
    "folgende",
    "here",
    "hier",
];

/// Words that announce the password itself.
const VERBS: &[&str] = &[
    "is", "ist", "lautet", "lauten", "est", "es", "é", "è", "er", "är", "on", "jest", "->", "=>", "→",
];

/// A place where a text names a password.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Bytes of the text from the keyword on.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What stands there, without the password.
    pub(crate) masked: String,
    /// Best guess first.
    pub(crate) passwords: Vec<Password>,
}

/// Finds all words at once; of several that begin at one place, the longest.
static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(KEYWORDS)
        .ok()
});

/// Every place in `text` that names a password.
pub(crate) fn find(text: &[u8]) -> Vec<Mention> {
    let text = text.get(..SEARCHED).unwrap_or(text);
    let found = SEARCH.iter().flat_map(|search| search.find_iter(text));
    let counts = |place: &Match| place.len() > 4 || stands_alone(text, place.start(), place.end());
    found
        .filter(counts)
        .filter_map(|place| mention(text, place.start(), place.end()))
        .take(MOST)
        .collect()
}

/// The passwords that [`find`] finds, as they are spelled: for masking them, and for nothing else.
pub(crate) fn spelled(text: &[u8]) -> Vec<String> {
    let mentions = find(text);
    let passwords = mentions.iter().flat_map(|mention| &mention.passwords);
    passwords
        .map(|password| String::from_utf8_lossy(password.raw()).into_owned())
        .collect()
}

fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let word = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80)
    };
    !word(start.checked_sub(1)) && !word(Some(end))
}

/// Reads what follows the keyword.
fn mention(text: &[u8], start: usize, end: usize) -> Option<Mention> {
    let window = text.get(end..text.len().min(end + NEAR))?;
    // The password stands on the keyword's line or, after a colon, on the next one that is not empty.
    let window = String::from_utf8_lossy(window);
    let after = window.trim_start_matches(|c: char| c.is_alphabetic() && !c.is_whitespace());
    let (line, next) = after.split_once('\n').unwrap_or((after, ""));
    if is_attempt(text.get(..start)?, line) {
        return None;
    }
    let (mut found, announced) = on_line(line);
    if found.is_empty() && announced {
        let next = next.trim_start().lines().next().unwrap_or_default();
        found = next.split_whitespace().take(1).flat_map(spellings).collect();
    }
    if found.is_empty() {
        return None;
    }
    let mut seen = HashSet::new();
    found.retain(|password| seen.insert(password.clone()));
    found.truncate(MOST_PER_MENTION);
    Some(Mention {
        start,
        end,
        masked: format!("{}: ••••", String::from_utf8_lossy(text.get(start..end)?)),
        passwords: found
            .into_iter()
            .map(|password| Password::new(password.into_bytes()))
            .collect(),
    })
}

/// Whether a log tells of somebody who gave a password, and not which: `Failed password for root from 192.0.2.7 port 22`
/// (sshd).
fn is_attempt(before: &[u8], after: &str) -> bool {
    const OUTCOMES: [&[u8]; 4] = [b"Failed ", b"Accepted ", b"Postponed ", b"Partial "];
    let is_outcome = OUTCOMES.iter().any(|outcome| before.ends_with(outcome));
    is_outcome && after.starts_with(" for ") && after.contains(" from ")
}

/// Candidates on one line, and whether something announced them.
fn on_line(line: &str) -> (Vec<String>, bool) {
    let mut found: Vec<String> = quoted(line).into_iter().collect();
    let mut announced = false;
    let mut taken = 0;
    for word in line.split_whitespace() {
        let bare = word.trim_start_matches([':', '=', '：', '-', '–']);
        announced |= bare.len() < word.len();
        let lower = bare.trim_end_matches([':', '=']).to_lowercase();
        let announces = VERBS.contains(&lower.as_str());
        if bare.is_empty() || announces || (taken == 0 && FILLERS.contains(&lower.as_str())) {
            announced |= announces || bare.ends_with([':', '=']);
            continue;
        }
        // Without a colon or a verb, only what looks made up is worth a try.
        if announced || bare.chars().any(|c| c.is_ascii_digit()) {
            found.extend(spellings(bare));
            taken += 1;
        }
        if taken == 2 {
            break;
        }
    }
    (found, announced)
}

/// The first text in quotation marks.
fn quoted(line: &str) -> Option<String> {
    const PAIRS: &[(char, &[char])] = &[
        ('"', &['"']),
        ('“', &['”', '"']),
        ('„', &['“', '”', '"']),
        ('«', &['»']),
        ('\'', &['\'']),
        ('‘', &['’']),
        ('`', &['`']),
    ];
    let (at, closers, open) = line.char_indices().find_map(|(at, c)| {
        let (_, closers) = PAIRS.iter().find(|(open, _)| *open == c)?;
        Some((at, *closers, c))
    })?;
    let inner = line.get(at + open.len_utf8()..)?;
    let inner = inner.get(..inner.find(closers)?)?;
    let inner = inner.trim_matches('\u{a0}');
    (!inner.is_empty() && inner.len() <= 64).then(|| inner.to_owned())
}

/// A word as it stands and without the punctuation of the sentence around it.
fn spellings(word: &str) -> Vec<String> {
    let opening = ['"', '\'', '“', '„', '«', '‘', '`', '(', '[', '<', '*'];
    let closing = [
        '"', '\'', '”', '“', '»', '’', '`', ')', ']', '>', '*', '.', ',', ';', ':', '!', '?',
    ];
    let bare = word.trim_start_matches(opening).trim_end_matches(closing);
    let mut all = Vec::new();
    if !bare.is_empty() && bare.len() <= 64 {
        all.push(bare.to_owned());
    }
    if word != bare && word.len() <= 64 {
        all.push(word.to_owned());
    }
    all
}

/// A password to try, and where it stood. Given ones stood nowhere.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) password: Password,
    pub(crate) evidence: Option<Evidence>,
}

/// The candidates below one root, in the order in which they came to light.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    list: Vec<Candidate>,
    /// What stood around a mail that is taken by itself. Tried last.
    around: Vec<Candidate>,
}

impl Candidates {
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Those that came to light here.
    pub(crate) fn found(&self) -> &[Candidate] {
        &self.list
    }

    /// For a mail that lies here: none of its own yet.
    pub(crate) fn around(&self) -> Self {
        Self {
            list: Vec::new(),
            around: self.list.clone(),
        }
    }

    /// Passwords that the caller gave for everything below the root.
    pub(crate) fn give(&mut self, passwords: &[Password]) {
        for password in passwords {
            self.add(Candidate {
                password: password.clone(),
                evidence: None,
            });
        }
    }

    pub(crate) fn add(&mut self, candidate: Candidate) {
        let is_new = self.list.iter().all(|known| known.password != candidate.password);
        if is_new && self.list.len() < MOST {
            self.list.push(candidate);
        }
    }

    /// A container's own hints come first, then what stood in text.
    pub(crate) fn for_artifact(&self, artifact: &Artifact) -> Vec<Candidate> {
        let mut all: Vec<Candidate> = Vec::new();
        let hinted = artifact.hints().passwords.iter().map(|password| Candidate {
            password: password.clone(),
            evidence: self.known(password).and_then(|known| known.evidence.clone()),
        });
        for candidate in hinted.chain(self.list.iter().chain(&self.around).cloned()) {
            if all.iter().all(|known| known.password != candidate.password) {
                all.push(candidate);
            }
        }
        all
    }

    fn known(&self, password: &Password) -> Option<&Candidate> {
        self.list
            .iter()
            .chain(&self.around)
            .find(|known| known.password == *password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found: Vec<String> = find(text.as_bytes())
            .into_iter()
            .flat_map(|mention| mention.passwords)
            .map(|password| String::from_utf8(password.raw().to_vec()).unwrap())
            .collect();
        assert!(found.iter().any(|found| found == expected), "{text}: {found:?}");
    }

    #[test]
    fn passwords_are_read_in_many_wordings() {
        for (text, expected) in [
            ("password: infected", "infected"),
            ("Password = a.b!", "a.b!"),
            ("The pw is 1234.", "1234"),
            ("PASSWORD:1234", "1234"),
            ("Das Passwort lautet Sommer2026!", "Sommer2026!"),
            ("Das Passwort lautet Sommer2026!", "Sommer2026"),
            ("Das Kennwort für die ZIP-Datei ist „Rechnung 7“.", "Rechnung 7"),
            ("mot de passe : Facture", "Facture"),
            ("La contraseña es secreta1", "secreta1"),
            ("CONTRASEÑA: abc", "abc"),
            ("Archive password:\r\n\r\n  8812\r\n", "8812"),
            ("use password 'in fected' to open", "in fected"),
            ("password for the attached file: Q4-2026", "Q4-2026"),
            ("pass 9981", "9981"),
            ("пароль: 777", "777"),
            ("Accepted password: 777", "777"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn talk_about_passwords_yields_nothing() {
        for text in [
            "Your password has expired",
            "reset your password now",
            "compassion 7",
            "passenger: Bob",
            "Failed password for root from 192.0.2.7 port 4022 ssh2",
            "Accepted password for invalid user r2d2 from 2001:db8::7 port 4022 ssh2",
        ] {
            assert_eq!(find(text.as_bytes()), [], "{text}");
        }
    }

    #[test]
    fn the_place_does_not_show_the_password() {
        let mention = find(b"the password: hunter2").remove(0);
        assert_eq!(mention.masked, "password: ••••");
        assert_eq!((mention.start, mention.end), (4, 12));
    }

    #[test]
    fn hostile_text_ends() {
        let text = "password:".repeat(100_000);
        assert!(find(text.as_bytes()).len() <= MOST);
        find(&[0xff; 1000]);
        find(b"password: \xff\xfe");
    }
}
