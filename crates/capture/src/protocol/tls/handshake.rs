//! What the messages of a handshake say, whatever carries them: records of TLS, those of DTLS, or packets of QUIC.

use super::fingerprint;
use super::hello::{ClientHello, ENCRYPT_THEN_MAC, ENCRYPTED_HELLO, SESSION_KEY, ServerHello, is_new};
use crate::cursor::Cursor;
use crate::protocol::{Context, Here, Side};
use sha2::{Digest, Sha256};
use watchfire_model::network::{Exchange, Tls, TlsCarrier, TlsClient, TlsServer, TlsVersion};
use watchfire_model::{Untrusted, digest_hex};

/// Certificates of a chain that are kept.
const MOST_CERTIFICATES: usize = 32;
/// Bytes of a chain that are kept for whoever reads certificates.
const LONGEST_CHAIN: usize = 64 << 10;

/// A handshake as far as it was heard.
#[derive(Debug, Default)]
pub(in crate::protocol) struct Handshake {
    pub(in crate::protocol) tls: Tls,
    session: Vec<u8>,
    /// Who is the client, as far as it was told.
    pub(super) client: Option<Side>,
    /// The server wants another question, which there is since TLS 1.3.
    is_again: bool,
    is_said: bool,
    /// What both ends threw in, the client first.
    pub(super) randoms: [Vec<u8>; 2],
    /// Both agreed to authenticate what is encrypted (RFC 7366).
    pub(super) encrypts_first: bool,
}

impl Handshake {
    pub(in crate::protocol) fn new(carrier: TlsCarrier) -> Self {
        let mut handshake = Self::default();
        handshake.tls.carrier = carrier;
        handshake
    }

    /// Whether nothing was said so far that means anything.
    pub(in crate::protocol) const fn is_empty(&self) -> bool {
        self.tls.client.is_none() && self.tls.server.is_none()
    }

    /// Bytes of memory that it holds.
    pub(in crate::protocol) fn memory(&self) -> usize {
        let certificates = self.tls.chain.iter().chain(&self.tls.client_chain);
        certificates.map(Vec::len).sum()
    }

    /// Says what was heard, once.
    pub(in crate::protocol) fn say(&mut self, began: Here, context: &mut Context<'_>) {
        if self.is_empty() || std::mem::replace(&mut self.is_said, true) {
            return;
        }
        let said = std::mem::take(&mut self.tls);
        // What is encrypted is read by these.
        let server = said.server.as_ref().map(|server| TlsServer {
            version: server.version,
            cipher: server.cipher,
            ..TlsServer::default()
        });
        self.tls = Tls {
            carrier: said.carrier,
            server,
            ..Tls::default()
        };
        context.say(began, Exchange::Tls(Box::new(said)));
    }

    /// Whether a change of ciphers means that: in TLS 1.3, it means nothing.
    pub(super) fn is_old(&self) -> bool {
        !self.is_again && self.tls.server.as_ref().is_none_or(|server| !is_new(server.version.0))
    }

    /// Reads the messages that are whole, as TLS and QUIC write them. Whether one of them ends the handshake, and whether one
    /// changes the key.
    pub(in crate::protocol) fn messages(&mut self, side: Side, message: &mut Vec<u8>) -> (bool, bool) {
        let mut cursor = Cursor::new(message);
        let mut done = 0;
        let mut told = (false, false);
        while let (Some(kind), Some(body)) = (cursor.u8(), cursor.behind24()) {
            self.message(side, kind, body);
            told.0 |= kind == 20;
            told.1 |= kind == 24;
            done = cursor.at();
        }
        message.drain(..done);
        told
    }

    pub(in crate::protocol) fn message(&mut self, side: Side, kind: u8, body: &[u8]) {
        match kind {
            1 if self.tls.client.is_none() => {
                let is_datagram = self.tls.carrier == TlsCarrier::Dtls;
                if let Some(hello) = ClientHello::read(body, is_datagram) {
                    self.client = Some(side);
                    self.session = hello.session.to_vec();
                    self.tls.client = Some(client(&hello, self.tls.carrier));
                    self.throws(0, hello.random);
                }
            }
            2 => {
                if let Some(hello) = ServerHello::read(body) {
                    self.client.get_or_insert(side.other());
                    self.is_again |= hello.is_retry();
                    if !hello.is_retry() {
                        self.tls.server = Some(self.server(&hello));
                        self.throws(1, hello.random);
                        self.encrypts_first = hello.extension(ENCRYPT_THEN_MAC).is_some();
                    }
                }
            }
            // Where these can be read, they say what is spoken then (RFC 8446 4.3.1).
            8 => {
                if let Some(server) = &mut self.tls.server {
                    let protocol = ServerHello::encrypted_protocol(body);
                    server.protocol = protocol.map(Untrusted::from_bytes).or(server.protocol.take());
                }
            }
            11 => {
                let tls = &mut self.tls;
                let (digests, chain) = if self.client.unwrap_or(Side::Originator) == side {
                    (&mut tls.client_certificates, &mut tls.client_chain)
                } else {
                    (&mut tls.certificates, &mut tls.chain)
                };
                if digests.is_empty() {
                    let has_extensions = tls.server.as_ref().is_some_and(|server| is_new(server.version.0));
                    let certificates = certificates(body, has_extensions);
                    digests.extend(certificates.iter().map(|certificate| digest(certificate)));
                    *chain = kept(&certificates);
                }
            }
            _ => {}
        }
    }

    /// The two bytes of an alert.
    pub(in crate::protocol) fn alert(&mut self, body: &[u8]) {
        self.tls.alert = body.get(1).copied().or(self.tls.alert);
    }

    fn throws(&mut self, end: usize, random: &[u8]) {
        if let Some(place) = self.randoms.get_mut(end) {
            *place = random.to_vec();
        }
    }

    fn server(&self, hello: &ServerHello<'_>) -> TlsServer {
        let version = hello.chosen();
        // Before TLS 1.3, a session goes on where its name comes back; since then, where a key of it is taken.
        let resumed = if !is_new(version) {
            !hello.session.is_empty() && hello.session == self.session
        } else {
            hello.extension(SESSION_KEY).is_some()
        };
        TlsServer {
            version: TlsVersion(version),
            cipher: hello.cipher,
            protocol: hello.protocol().map(Untrusted::from_bytes),
            resumed,
            ja3s: fingerprint::ja3s(hello),
        }
    }
}

/// What a client says first, as facts.
fn client(hello: &ClientHello<'_>, carrier: TlsCarrier) -> TlsClient {
    TlsClient {
        version: TlsVersion(hello.newest()),
        server_name: hello.server_name().map(Untrusted::from_bytes),
        protocols: hello.protocols().into_iter().map(Untrusted::from_bytes).collect(),
        encrypted_hello: hello.extension(ENCRYPTED_HELLO).is_some(),
        ja3: fingerprint::ja3(hello),
        ja4: fingerprint::ja4(hello, carrier),
    }
}

/// The certificates of a chain (RFC 5246 7.4.2); since TLS 1.3, each with extensions behind it (RFC 8446 4.4.2).
fn certificates(body: &[u8], has_extensions: bool) -> Vec<&[u8]> {
    let mut cursor = Cursor::new(body);
    if has_extensions {
        cursor.behind8();
    }
    let Some(chain) = cursor.behind24() else {
        return Vec::new();
    };
    let mut cursor = Cursor::new(chain);
    let certificates = std::iter::from_fn(|| {
        let certificate = cursor.behind24()?;
        if has_extensions {
            cursor.behind16()?;
        }
        Some(certificate)
    });
    certificates.take(MOST_CERTIFICATES).collect()
}

/// The first certificates of a chain, as many as are kept.
fn kept(certificates: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut left = LONGEST_CHAIN;
    let fits = |certificate: &&&[u8]| {
        let rest = left.checked_sub(certificate.len());
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    let certificates = certificates.iter().take_while(fits);
    certificates.map(|certificate| certificate.to_vec()).collect()
}

fn digest(certificate: &[u8]) -> String {
    digest_hex(&Sha256::digest(certificate))
}
