//! Log-ins of SASL (RFC 4422) as SMTP, POP3 and IMAP carry them: lines of Base64 in turn.
//!
//! `PLAIN` (RFC 4616), `LOGIN`, `XOAUTH2` and `CRAM-MD5` (RFC 2195) are read; of others, nothing is said.

#[cfg(test)]
mod tests;

use super::Here;
use super::text::base64;
use watchfire_model::network::{Hashcat, Login, LoginMethod};
use watchfire_model::{Secret, Untrusted};

/// hashcat's number of `CRAM-MD5`, <https://hashcat.net/wiki/doku.php?id=example_hashes>.
const CRAM_MD5: u32 = 10_200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mechanism {
    Plain,
    Login,
    Token,
    CramMd5,
}

/// A log-in on its way.
#[derive(Debug)]
pub(super) struct Sasl {
    /// Where it began.
    pub(super) began: Here,
    mechanism: Option<Mechanism>,
    /// The server's last line, in Base64.
    challenge: Vec<u8>,
    /// The client's lines, in Base64.
    answers: Vec<Vec<u8>>,
}

impl Sasl {
    /// The client names a mechanism; `initial` may hold its first line already.
    pub(super) fn begin(mechanism: &[u8], initial: &[u8], began: Here) -> Self {
        let known = [
            (&b"PLAIN"[..], Mechanism::Plain),
            (b"LOGIN", Mechanism::Login),
            (b"XOAUTH2", Mechanism::Token),
            (b"CRAM-MD5", Mechanism::CramMd5),
        ];
        let found = known.iter().find(|(name, _)| mechanism.eq_ignore_ascii_case(name));
        let mut sasl = Self {
            began,
            mechanism: found.map(|(_, mechanism)| *mechanism),
            challenge: Vec::new(),
            answers: Vec::new(),
        };
        if !initial.is_empty() {
            sasl.answer(initial);
        }
        sasl
    }

    /// Whether the client's next line belongs to it, as far as that is known without the server.
    pub(super) fn wants_answer(&self) -> bool {
        let most = match self.mechanism {
            Some(Mechanism::Login) => 2,
            // Others may ask for more, and that is not looked at.
            Some(_) | None => 1,
        };
        self.answers.len() < most
    }

    /// The server's line.
    pub(super) fn challenge(&mut self, line: &[u8]) {
        if self.challenge.is_empty() {
            self.challenge = line.trim_ascii().to_vec();
        }
    }

    /// The client's line.
    pub(super) fn answer(&mut self, line: &[u8]) {
        if self.wants_answer() {
            self.answers.push(line.trim_ascii().to_vec());
        }
    }

    /// What was shown of it, once the server said whether it lets in.
    pub(super) fn login(&self, service: &'static str, accepted: Option<bool>) -> Option<Login> {
        let answer = |at: usize| self.answers.get(at).map(|line| base64(line));
        let first = answer(0)?;
        let user = |user: &[u8]| Some(Untrusted::from_bytes(user));
        let (user, secret, hashcat) = match self.mechanism? {
            Mechanism::Plain => {
                let mut parts = first.split(|byte| *byte == 0).skip(1);
                (user(parts.next()?), Some(Untrusted::from_bytes(parts.next()?)), None)
            }
            Mechanism::Login => (user(&first), Some(Untrusted::from_bytes(&answer(1)?)), None),
            Mechanism::Token => {
                let text = String::from_utf8_lossy(&first);
                let mut parts = text.split('\u{1}');
                let name = parts.next()?.strip_prefix("user=")?.to_owned();
                let token = parts.next()?.strip_prefix("auth=")?.to_owned();
                (Some(name.into()), Some(token.into()), None)
            }
            Mechanism::CramMd5 => {
                let end = first.iter().rposition(|byte| *byte == b' ')?;
                let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
                let line = format!("$cram_md5${}${}", text(&self.challenge), text(self.answers.first()?));
                let line = Hashcat {
                    mode: CRAM_MD5,
                    line: Secret::new(line),
                };
                (
                    user(first.get(..end)?),
                    None,
                    Some(line).filter(|_| !self.challenge.is_empty()),
                )
            }
        };
        Some(Login {
            service,
            method: if secret.is_some() {
                LoginMethod::Clear
            } else {
                LoginMethod::Challenge
            },
            user,
            domain: None,
            secret: secret.map(Secret::new),
            hashcat,
            accepted,
        })
    }
}
