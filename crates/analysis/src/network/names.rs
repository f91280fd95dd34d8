//! Values that a capture shows: what the extractor gets to read, each line from the frame that it was in.

use super::desk::Learns;
use crate::locate::Frames;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::mem::take;
use std::net::IpAddr;
use watchfire_model::Untrusted;
use watchfire_model::network::{Event, Exchange, Flow, SeenCertificate};

/// Values that are told apart, and bytes of all of them.
const MOST: usize = 7 << 14;
const MOST_BYTES: usize = 16 << 20;

/// In which frame, and whose exchange it was.
pub(super) type At = (u64, IpAddr);

/// Every value once.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Lines by what they say.
    said: HashTable<u32>,
    hasher: RandomState,
    /// The lines of ends of flows, which would have to be written for each flow otherwise.
    ends: HashMap<IpAddr, u32, RandomState>,
    text: Frames,
    /// How often there was no room for a value.
    left_out: u64,
    /// Where values are put together.
    scratch: String,
}

impl Names {
    /// What was met, and how often there was no room for a value.
    pub(super) fn into_text(self) -> (Frames, u64) {
        (self.text, self.left_out)
    }

    /// A value that was met in a frame, in what a host exchanged with another.
    pub(super) fn met(&mut self, text: &str, (frame, by): At) {
        if !text.is_empty()
            && let Some(line) = self.line(text, frame)
        {
            self.text.met_again(line as usize, frame, by, false);
        }
    }

    /// The same of a value with a word before it that says what it is.
    fn met_as(&mut self, what: &str, text: &str, at: At) {
        let mut scratch = take(&mut self.scratch);
        scratch.clear();
        scratch.extend([what, text]);
        self.met(&scratch, at);
        self.scratch = scratch;
    }

    /// The line of a text, new or not.
    fn line(&mut self, text: &str, frame: u64) -> Option<u32> {
        let text = one_line(text);
        let hash = self.hasher.hash_one(&*text);
        let says = |line: &u32| self.text.text_of(*line as usize) == Some(&text);
        if let Some(line) = self.said.find(hash, says) {
            return Some(*line);
        }
        let (lines, bytes) = self.text.size();
        if lines >= MOST || bytes + text.len() >= MOST_BYTES {
            self.left_out += 1;
            return None;
        }
        let line = u32::try_from(self.text.push(&text, frame)).ok()?;
        let Self { said, hasher, text, .. } = self;
        said.insert_unique(hash, line, |line| {
            hasher.hash_one(text.text_of(*line as usize).unwrap_or_default())
        });
        Some(line)
    }

    fn all<const N: usize>(&mut self, texts: [&Option<Untrusted>; N], at: At) {
        let texts = texts.into_iter().flatten();
        texts.for_each(|text| self.met(text.raw(), at));
    }

    fn end(&mut self, end: IpAddr, frame: u64) -> Option<u32> {
        let line = self.line(&end.to_string(), frame)?;
        self.ends.insert(end, line);
        Some(line)
    }

    /// Whom a certificate is for.
    pub(super) fn certificate(&mut self, seen: &SeenCertificate) {
        let certificate = &seen.certificate;
        for text in [&certificate.hosts, &certificate.mail, &certificate.uris]
            .into_iter()
            .flatten()
        {
            self.met(text.raw().trim_start_matches("*."), (seen.frame, seen.server.ip()));
        }
    }
}

impl Learns for Names {
    /// The ends of a flow.
    fn flow(&mut self, flow: &Flow) {
        let [from, to] = [flow.originator.address, flow.responder.address];
        for (end, other) in [(from, to), (to, from)] {
            let known = self.ends.get(&end).copied();
            let Some(line) = known.or_else(|| self.end(end, flow.first_frame)) else {
                continue;
            };
            self.text.met_again(line as usize, flow.first_frame, other, true);
        }
    }

    fn event(&mut self, event: &Event) {
        let at = (event.frame, event.originator.ip());
        match &event.exchange {
            Exchange::Dns(dns) => {
                self.met(dns.query.raw(), at);
                for answer in dns.reply.iter().flat_map(|reply| &reply.answers) {
                    let at = (dns.reply.as_ref().map_or(at.0, |reply| reply.frame), at.1);
                    self.met(answer.data.raw(), at);
                }
            }
            Exchange::Http(http) => {
                let url = http.url();
                url.iter().for_each(|url| self.met(url.raw(), at));
                http.referrer.iter().for_each(|url| self.met(url.raw(), at));
                if let Some(agent) = &http.user_agent {
                    self.met_as("User-Agent: ", agent.raw(), at);
                }
                let replies = http.reply.iter();
                for (reply, location) in replies.filter_map(|reply| Some((reply, reply.location.as_ref()?))) {
                    self.met(location.raw(), (reply.frame, at.1));
                }
            }
            Exchange::Login(login) => login
                .user
                .iter()
                .filter(|user| user.raw().contains('@'))
                .for_each(|user| self.met(user.raw(), at)),
            Exchange::Dhcp(dhcp) => self.all([&dhcp.domain, &dhcp.client_fqdn, &dhcp.proxy_script], at),
            Exchange::Quic(quic) => self.all([&quic.server_name], at),
            Exchange::Sip(sip) => self.met(sip.uri.raw(), at),
            Exchange::Smtp(smtp) => {
                let head = &smtp.head;
                self.all(
                    [
                        &smtp.helo,
                        &smtp.mail_from,
                        &head.from,
                        &head.reply_to,
                        &head.originating_ip,
                    ],
                    at,
                );
                smtp.recipients.iter().for_each(|address| self.met(address.raw(), at));
            }
            Exchange::Socks(socks) => self.all([&socks.host], at),
            Exchange::Ssh(ssh) => {
                let ends = [&ssh.client, &ssh.server].into_iter().flatten();
                ends.filter_map(|end| end.hassh.as_ref())
                    .for_each(|hassh| self.met_as("hassh: ", hassh, at));
            }
            Exchange::Syslog(syslog) => self.met(syslog.message.raw(), at),
            Exchange::Tls(tls) => {
                if let Some(server) = &tls.server {
                    self.met_as("ja3s: ", &server.ja3s, at);
                }
                if let Some(client) = &tls.client {
                    let name = client.server_name.as_ref();
                    name.into_iter().for_each(|name| self.met(name.raw(), at));
                    self.met_as("ja3: ", &client.ja3, at);
                    self.met_as("ja4: ", &client.ja4, at);
                }
                for certificate in tls.certificates.iter().chain(&tls.client_certificates) {
                    self.met(certificate, at);
                }
            }
            // What they show are no values that anybody looks up.
            _ => {}
        }
    }
}

/// Text as a line of its own: nobody writes two of them.
fn one_line(text: &str) -> Cow<'_, [u8]> {
    let is_break = |byte: u8| byte == b'\n' || byte == b'\r';
    if memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text.as_bytes());
    }
    Cow::Owned(
        text.bytes()
            .map(|byte| if is_break(byte) { b' ' } else { byte })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_one_line_whatever_breaks_are_in_it() {
        let mut names = Names::default();
        let by = IpAddr::from([10, 0, 0, 1]);
        for (frame, text) in (1..).zip(["a.example", "b.example\r\nx", "a.example", "b.example\r\nx", ""]) {
            names.met(text, (frame, by));
        }
        let (text, left_out) = names.into_text();
        assert_eq!((text.size().0, left_out), (2, 0));
        assert_eq!(text.text_of(1), Some(&b"b.example  x"[..]));
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let mut names = Names::default();
        let by = IpAddr::from([10, 0, 0, 1]);
        for number in 0..MOST + 5 {
            names.met(&format!("{number}.example"), (1, by));
        }
        let long = "x".repeat(MOST_BYTES);
        names.met(&long, (1, by));
        let (text, left_out) = names.into_text();
        assert_eq!((text.size().0, left_out), (MOST, 6));
    }
}
