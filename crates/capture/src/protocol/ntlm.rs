//! NTLM (MS-NLMP), which SMB, DCE/RPC, LDAP, HTTP and others carry: its three messages, and the line that hashcat takes for
//! an answer to a challenge.
//!
//! Signatures and keys of the session are left out. Whether the answer was accepted is the carrier's to say.

#[cfg(test)]
mod tests;

use super::windows::{narrow, wide};
use super::{Context, Here};
use crate::bytes::array;
use crate::cursor::Cursor;
use watchfire_model::network::{Exchange, Hashcat, Login, LoginMethod, Ntlm, NtlmAnswer, WindowsVersion};
use watchfire_model::{Secret, Untrusted, digest_hex};

/// How each message begins.
pub(crate) const MAGIC: &[u8] = b"NTLMSSP\0";
/// Flags of a message (MS-NLMP 2.2.2.5).
const UNICODE: u32 = 0x0000_0001;
const VERSION: u32 = 0x0200_0000;
/// What a server says of itself (MS-NLMP 2.2.2.1).
const END: u16 = 0;
const COMPUTER: u16 = 1;
const DOMAIN: u16 = 2;
const DNS_COMPUTER: u16 = 3;
const DNS_DOMAIN: u16 = 4;
const DNS_TREE: u16 = 5;
/// Pairs of it that are read.
const MOST_PAIRS: usize = 32;
/// Bytes of an answer of version 1, and those of one of version 2 before what it was computed over.
const ANSWER_V1: usize = 24;
const PROOF: usize = 16;
/// Bytes of an answer that hashcat takes.
const LONGEST_ANSWER: usize = 2_048;

/// One proof after another on the same connection.
#[derive(Debug)]
pub(crate) struct Proofs {
    carrier: &'static str,
    began: Option<Here>,
    ntlm: Ntlm,
    challenge: Option<[u8; 8]>,
    hashcat: Option<Hashcat>,
}

/// A field of a message: where it stands.
fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(u16::from_le_bytes(array(message, at)?));
    message.get(place(message, at)?..)?.get(..length)
}

/// Where a field begins.
fn place(message: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(array(message, at.checked_add(4)?)?)).ok()
}

fn flags(message: &[u8], at: usize) -> u32 {
    array(message, at).map_or(0, u32::from_le_bytes)
}

fn version(message: &[u8], flags: u32, at: usize) -> Option<WindowsVersion> {
    let [major, minor, low, high, ..] = array::<8>(message, at).filter(|_| flags & VERSION != 0)?;
    let build = u16::from_le_bytes([low, high]);
    (major > 0).then_some(WindowsVersion { major, minor, build })
}

/// Text, in one of two forms.
fn text(bytes: Option<&[u8]>, is_unicode: bool) -> Option<Untrusted> {
    if is_unicode { wide(bytes?) } else { narrow(bytes?) }
}

impl Proofs {
    pub(crate) fn new(carrier: &'static str) -> Self {
        Self {
            carrier,
            began: None,
            ntlm: Ntlm::default(),
            challenge: None,
            hashcat: None,
        }
    }

    /// Whether an answer was given, and nothing of what became of it is known.
    pub(crate) const fn is_open(&self) -> bool {
        self.ntlm.answer.is_some()
    }

    /// Hears one of the three messages; whatever is none says nothing.
    pub(crate) fn hear(&mut self, message: &[u8], context: &mut Context<'_>) {
        let Some(kind) = message.strip_prefix(MAGIC).and_then(|rest| array::<4>(rest, 0)) else {
            return;
        };
        match u32::from_le_bytes(kind) {
            1 => {
                self.finish(context);
                self.began = Some(context.here);
                self.ntlm.client_version = version(message, flags(message, 12), 32);
            }
            2 => {
                if self.challenge.is_some() {
                    self.finish(context);
                }
                self.challenged(message, context.here);
            }
            3 => {
                if self.is_open() {
                    self.finish(context);
                }
                self.answered(message, context);
            }
            _ => {}
        }
    }

    fn challenged(&mut self, message: &[u8], here: Here) {
        self.began.get_or_insert(here);
        let flags = flags(message, 20);
        self.challenge = array(message, 24);
        self.ntlm.target = text(field(message, 12), flags & UNICODE != 0);
        self.ntlm.server_version = version(message, flags, 48);
        // They end by themselves, and some servers say less than there is, or more.
        let pairs = place(message, 40).and_then(|from| message.get(from..));
        let mut cursor = Cursor::new(pairs.unwrap_or_default());
        for _ in 0..MOST_PAIRS {
            let (Some(kind), Some(length)) = (cursor.le16(), cursor.le16()) else {
                return;
            };
            // What is said always stands in UTF-16.
            let Some(value) = cursor.take(length.into()).filter(|_| kind != END) else {
                return;
            };
            let place = match kind {
                COMPUTER => &mut self.ntlm.server_name,
                DOMAIN => &mut self.ntlm.server_domain,
                DNS_COMPUTER => &mut self.ntlm.server_dns_name,
                DNS_DOMAIN => &mut self.ntlm.server_dns_domain,
                DNS_TREE => &mut self.ntlm.server_tree,
                _ => continue,
            };
            *place = wide(value);
        }
    }

    fn answered(&mut self, message: &[u8], context: &Context<'_>) {
        let flags = flags(message, 60);
        let is_unicode = flags & UNICODE != 0;
        let of = |at| text(field(message, at), is_unicode);
        self.ntlm.workstation = of(44);
        self.ntlm.client_version = version(message, flags, 64).or(self.ntlm.client_version);
        let (lm, nt) = (field(message, 12), field(message, 20));
        let (user, domain) = (of(36), of(28));
        self.answer(
            lm.unwrap_or_default(),
            nt.unwrap_or_default(),
            user,
            domain,
            context.here,
        );
    }

    /// A challenge that was not in a message of its own (MS-CIFS 2.2.4.52.2).
    pub(crate) const fn challenge(&mut self, challenge: [u8; 8]) {
        self.challenge = Some(challenge);
    }

    /// An answer that was not in a message of its own (MS-CIFS 2.2.4.53.1).
    pub(crate) fn answer(
        &mut self,
        lm: &[u8],
        nt: &[u8],
        user: Option<Untrusted>,
        domain: Option<Untrusted>,
        here: Here,
    ) {
        self.began.get_or_insert(here);
        self.ntlm.answer = Some(match nt.len() {
            0 if user.is_none() => NtlmAnswer::Anonymous,
            0..=ANSWER_V1 => NtlmAnswer::V1,
            _ => NtlmAnswer::V2,
        });
        self.hashcat = self
            .challenge
            .zip(user.as_ref())
            .and_then(|(challenge, user)| line(user, domain.as_ref(), &challenge, lm, nt));
        self.ntlm.user = user;
        self.ntlm.domain = domain;
    }

    /// The server says whether the answer was right; without one, that means nothing.
    pub(crate) fn outcome(&mut self, accepted: bool, context: &mut Context<'_>) {
        if self.is_open() {
            self.ntlm.accepted = Some(accepted);
            self.finish(context);
        }
    }

    /// Says what is known, and forgets it.
    pub(crate) fn finish(&mut self, context: &mut Context<'_>) {
        let mut ntlm = std::mem::take(&mut self.ntlm);
        let (challenge, hashcat) = (self.challenge.take(), self.hashcat.take());
        let began = self.began.take().unwrap_or(context.here);
        if challenge.is_none() && ntlm.answer.is_none() {
            return;
        }
        if let Some(hashcat) = hashcat {
            let login = Login {
                service: "ntlm",
                method: LoginMethod::Challenge,
                user: ntlm.user.clone(),
                domain: ntlm.domain.clone(),
                secret: None,
                hashcat: Some(hashcat),
                accepted: ntlm.accepted,
            };
            context.say(began, Exchange::Login(Box::new(login)));
        }
        // A challenge alone that was not in a message says nothing of anybody.
        let is_empty = ntlm.answer.is_none() && ntlm.server_name.is_none() && ntlm.target.is_none();
        if !is_empty {
            ntlm.carrier = self.carrier;
            context.say(began, Exchange::Ntlm(Box::new(ntlm)));
        }
    }
}

/// `user::domain:lm:nt:challenge` of version 1, `user::domain:challenge:proof:rest` of version 2.
fn line(user: &Untrusted, domain: Option<&Untrusted>, challenge: &[u8; 8], lm: &[u8], nt: &[u8]) -> Option<Hashcat> {
    let (user, domain) = (user.raw(), domain.map_or("", Untrusted::raw));
    let challenge = digest_hex(challenge);
    let (mode, line) = match nt.len() {
        ANSWER_V1 => {
            let (lm, nt) = (digest_hex(lm), digest_hex(nt));
            (5_500, format!("{user}::{domain}:{lm}:{nt}:{challenge}"))
        }
        length if length > ANSWER_V1 && length <= LONGEST_ANSWER => {
            let (proof, rest) = nt.split_at_checked(PROOF)?;
            let (proof, rest) = (digest_hex(proof), digest_hex(rest));
            (5_600, format!("{user}::{domain}:{challenge}:{proof}:{rest}"))
        }
        _ => return None,
    };
    Some(Hashcat {
        mode,
        line: Secret::new(line),
    })
}
