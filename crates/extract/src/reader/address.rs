//! E-mail and chat addresses: a local part, an at sign in any disguise, and a host.

use super::Reader;
use crate::chain::{Chain, is_function_word};
use crate::email::{self, Sign};
use crate::found::{Found, Sink};
use crate::separator::Form;
use crate::text::{BRACKET, is};
use watchfire_model::{Confidence, ObservableType, Via};

impl<S: Sink> Reader<'_, '_, S> {
    pub(super) fn local_before(&mut self, chain: &Chain) -> Option<email::Local> {
        let local = email::local_before(self.text, chain.start, 0)?;
        // What stands before a quotation mark decides whether it is an apostrophe.
        self.outside |= local.start <= self.word.0 && self.text.before(self.word.0) == b'\'';
        let convincing = match local.form {
            Form::Plain => true,
            Form::Defanged => self.policy.refang,
            // "bob at example dot com", "bob @ example.com"; but not "hosted at example[.]com": who writes the sign as a
            // word writes the dots so. Nor "sent to @example.com": a sign between a blank and a name begins the name.
            Form::Loose => {
                let host = self.text.slice(chain.start, chain.end);
                let name = self.text.slice(local.start, local.end);
                let meant = match local.sign(self.text, chain.start) {
                    Sign::Word => {
                        let sign = self.text.slice(local.end, chain.start).trim_ascii();
                        let shouted = sign == b"AT" && !name.iter().chain(host).any(u8::is_ascii_uppercase);
                        chain.loose || shouted || (chain.defanged && contains_word(host, b"dot"))
                    }
                    Sign::Even => true,
                    Sign::Uneven => chain.defanged && !is_function_word(name),
                };
                self.policy.refang && meant
            }
        };
        convincing.then_some(local)
    }

    pub(super) fn email(&mut self, chain: &Chain, local: &email::Local) -> Option<usize> {
        // Someone who defangs an address means one, whatever its ending.
        let sign = local.sign(self.text, chain.start);
        let even = local.form == Form::Loose && sign != Sign::Uneven;
        let meant = chain.defanged || chain.loose || local.form == Form::Defanged || even;
        let domain = chain
            .domain(self.text)
            .or_else(|| chain.named_like(self.text).filter(|_| meant))?;
        self.scratch.clear();
        email::write_local(self.text, local, self.scratch);
        self.scratch.push(b'@');
        domain.write(self.text, self.scratch);
        let host_at = self.scratch.iter().rposition(|byte| *byte == b'@').unwrap_or(0);
        let chat = self
            .scratch
            .get(host_at..)
            .is_some_and(|host| contains_word(host, b"jabber") || contains_word(host, b"xmpp"));
        let kind = if chat {
            ObservableType::Xmpp
        } else {
            ObservableType::Email
        };
        let prose = local.form == Form::Loose
            && match sign {
                Sign::Word => !domain.defanged,
                Sign::Even => false,
                Sign::Uneven => true,
            };
        let (confidence, reason) = if prose {
            (Confidence::Low, "its at sign is written in a way that prose has, too")
        } else {
            (Confidence::High, "a local part and a registered top-level domain")
        };
        if self.types.contains(kind) {
            let defanged = domain.defanged || domain.loose || local.form != Form::Plain;
            let found = Found::new(kind, self.scratch, local.start, domain.end)
                .because(confidence, reason)
                .defanged(defanged && !prose);
            self.sink.found(found);
        }
        if self.policy.parts {
            self.emit_domain(&domain, Some(Via::Email), confidence, "domain of an e-mail address");
        }
        Some(domain.end)
    }

    /// `user@[192.0.2.1]`: an address in brackets behind an at sign (RFC 5321 §4.1.3).
    pub(crate) fn literal_email(&mut self, start: usize, end: usize) {
        let text = self.text;
        let bracket = if text.is_word(start.saturating_sub(5), b"ipv6:") {
            start.saturating_sub(6)
        } else {
            start.saturating_sub(1)
        };
        if text.at(bracket) != b'[' || text.at(end) != b']' {
            return;
        }
        // "user[@][192[.]0[.]2[.]1]"
        if text.before(bracket) == b']' && self.policy.refang {
            self.disguised_literal(start, end);
            return;
        }
        if text.before(bracket) != b'@' {
            return;
        }
        if let Some(local) = email::local_before(text, bracket, 0) {
            let found = Found::new(
                ObservableType::Email,
                text.slice(local.start, end + 1),
                local.start,
                end + 1,
            );
            self.emit(found.because(Confidence::High, "a local part and an address in brackets"));
        }
    }

    #[cold]
    fn disguised_literal(&mut self, start: usize, end: usize) {
        let text = self.text;
        let Some(local) = email::unusual(text, start, 0).filter(|local| local.form == Form::Defanged) else {
            return;
        };
        self.scratch.clear();
        email::write_local(text, &local, self.scratch);
        self.scratch.extend_from_slice(b"@[");
        let address = text.slice(start, end).iter().filter(|byte| !is(**byte, BRACKET));
        self.scratch.extend(address);
        self.scratch.push(b']');
        if self.types.contains(ObservableType::Email) {
            let found = Found::new(ObservableType::Email, self.scratch, local.start, end + 1)
                .because(Confidence::High, "a local part and an address in brackets")
                .defanged(true);
            self.sink.found(found);
        }
    }
}

fn contains_word(host: &[u8], word: &[u8]) -> bool {
    host.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}
