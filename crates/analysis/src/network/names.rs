//! Values that a capture shows: what the extractor gets to read, each line from the frame that it was in.

use crate::locate::Frames;
use std::collections::BTreeSet;
use watchfire_model::Untrusted;
use watchfire_model::network::{Event, Exchange, Flow, SeenCertificate};

/// Values that are told apart.
const MOST: usize = 1 << 18;

/// Every value once.
#[derive(Debug, Default)]
pub(super) struct Names {
    said: BTreeSet<String>,
    text: Frames,
}

impl Names {
    /// What was met.
    pub(super) fn into_text(self) -> Frames {
        self.text
    }

    /// A value that was met in a frame.
    pub(super) fn met(&mut self, text: &str, frame: u64) {
        if !text.is_empty() && self.said.len() < MOST && !self.said.contains(text) {
            self.said.insert(text.to_owned());
            self.text.push(text, frame);
        }
    }

    fn all<const N: usize>(&mut self, texts: [&Option<Untrusted>; N], frame: u64) {
        let texts = texts.into_iter().flatten();
        texts.for_each(|text| self.met(text.raw(), frame));
    }

    /// The ends of a flow.
    pub(super) fn flow(&mut self, flow: &Flow) {
        for end in [flow.originator, flow.responder] {
            self.met(&end.address.to_string(), flow.first_frame);
        }
    }

    /// Whom a certificate is for.
    pub(super) fn certificate(&mut self, seen: &SeenCertificate) {
        let certificate = &seen.certificate;
        for text in [&certificate.hosts, &certificate.mail, &certificate.uris]
            .into_iter()
            .flatten()
        {
            self.met(text.raw().trim_start_matches("*."), seen.frame);
        }
    }

    /// What was exchanged.
    pub(super) fn event(&mut self, event: &Event) {
        let frame = event.frame;
        match &event.exchange {
            Exchange::Dns(dns) => {
                self.met(dns.query.raw(), frame);
                for answer in dns.reply.iter().flat_map(|reply| &reply.answers) {
                    let frame = dns.reply.as_ref().map_or(frame, |reply| reply.frame);
                    self.met(answer.data.raw(), frame);
                }
            }
            Exchange::File(file) => {
                if let Some(digest) = file.sha256 {
                    self.met(&digest.to_string(), frame);
                }
            }
            Exchange::Http(http) => {
                let url = http.url();
                url.iter().for_each(|url| self.met(url.raw(), frame));
                http.referrer.iter().for_each(|url| self.met(url.raw(), frame));
                if let Some(agent) = &http.user_agent {
                    self.met(&format!("User-Agent: {}", agent.raw()), frame);
                }
                let replies = http.reply.iter();
                for (reply, location) in replies.filter_map(|reply| Some((reply, reply.location.as_ref()?))) {
                    self.met(location.raw(), reply.frame);
                }
            }
            Exchange::Login(login) => login
                .user
                .iter()
                .filter(|user| user.raw().contains('@'))
                .for_each(|user| self.met(user.raw(), frame)),
            Exchange::Dhcp(dhcp) => self.all([&dhcp.domain, &dhcp.client_fqdn, &dhcp.proxy_script], frame),
            Exchange::Quic(quic) => self.all([&quic.server_name], frame),
            Exchange::Sip(sip) => self.met(sip.uri.raw(), frame),
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
                    frame,
                );
                smtp.recipients
                    .iter()
                    .for_each(|address| self.met(address.raw(), frame));
            }
            Exchange::Socks(socks) => self.all([&socks.host], frame),
            Exchange::Ssh(ssh) => {
                let ends = [&ssh.client, &ssh.server].into_iter().flatten();
                ends.filter_map(|end| end.hassh.as_ref())
                    .for_each(|hassh| self.met(&format!("hassh: {hassh}"), frame));
            }
            Exchange::Syslog(syslog) => self.met(syslog.message.raw(), frame),
            Exchange::Tls(tls) => {
                if let Some(server) = &tls.server {
                    self.met(&format!("ja3s: {}", server.ja3s), frame);
                }
                if let Some(client) = &tls.client {
                    let name = client.server_name.as_ref();
                    name.into_iter().for_each(|name| self.met(name.raw(), frame));
                    self.met(&format!("ja3: {}", client.ja3), frame);
                    self.met(&format!("ja4: {}", client.ja4), frame);
                }
            }
            // What they show are no values that anybody looks up.
            _ => {}
        }
    }
}
