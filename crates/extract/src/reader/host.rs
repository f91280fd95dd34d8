//! Hosts with what stands around them: URLs with and without a scheme, domains, ports.

use super::Reader;
use crate::chain::Chain;
use crate::found::{Found, Sink};
use crate::scheme::Scheme;
use crate::separator::{self, Form};
use crate::six::Six;
use crate::text::{ALNUM, BRACKET, DIGIT, HIGH, HOST, is};
use crate::url::{Path, Url};
use crate::{code, decode, ids, ip, name, path, profile};
use watchfire_model::observable::host::numeric_ipv4;
use watchfire_model::{Confidence, ObservableType, Via};

/// Longest tag of a mail address that is looked behind.
const MOST_TAG: usize = 48;

impl<'t, S: Sink> Reader<'_, 't, S> {
    /// Reports a URL inside another; true if there is one. What the other URL's end took away is not part of it.
    pub(crate) fn read_embedded(&mut self, scheme: &Scheme<'t>) -> bool {
        let Some(mut url) = Url::read(self.text, scheme) else {
            return false;
        };
        url.leave_surroundings(self.text);
        let nested = std::mem::replace(&mut self.nested, true);
        self.emit_url(&url, Some(scheme), Some(Via::EmbeddedUrl));
        self.nested = nested;
        true
    }

    pub(super) fn read_url(&mut self, scheme: &Scheme<'t>) -> Option<usize> {
        if self.text.at(scheme.host) == b'%' {
            return decode::escaped_host(self, scheme);
        }
        let url = Url::read(self.text, scheme)?;
        if let Some(host) = &url.host {
            self.half(host);
        }
        if !self.policy.refang && url.defanged {
            return None;
        }
        let escaped = url.host.is_some_and(|host| self.text.at(host.end) == b'%');
        if escaped && let Some(end) = decode::escaped_host(self, scheme) {
            return Some(end);
        }
        self.emit_url(&url, Some(scheme), None);
        Some(url.end)
    }

    /// Reports the server of a network path, as that of the file URL that means the same.
    pub(crate) fn server(&mut self, host: &Chain) {
        if self.policy.parts && (self.policy.refang || host.is_plain()) {
            self.host_part(host, Via::Url);
        }
    }

    /// Reports a URL, its host, and what stands in its path.
    pub(crate) fn emit_url(&mut self, url: &Url, scheme: Option<&Scheme<'t>>, via: Option<Via>) {
        if self.types.contains(ObservableType::Url) {
            let plain = url.is_plain(self.text, scheme);
            let clean = if plain {
                self.text.slice(url.start, url.end)
            } else {
                self.scratch.clear();
                url.write(self.text, scheme, self.scratch);
                self.scratch.as_slice()
            };
            let (confidence, reason) = match scheme {
                Some(_) => (Confidence::High, "has a scheme and a host"),
                None => (Confidence::Medium, "a host with a path, without a scheme"),
            };
            let defanged = url.defanged || scheme.is_some_and(|scheme| scheme.form != Form::Plain);
            let mut found = Found::new(ObservableType::Url, clean, url.start, url.end)
                .because(confidence, reason)
                .defanged(defanged);
            found.via = via;
            self.sink.found(found);
        }
        if self.policy.parts {
            if let Some(host) = url.host {
                self.host_part(&host, Via::Url);
            }
            if let Some((start, _)) = url.ipv6
                && let Some(host) = Six::read(self.text, start)
            {
                let found = Found::new(ObservableType::Ipv6, host.clean(), start, host.end)
                    .because(Confidence::High, "host of a URL")
                    .defanged(host.defanged);
                self.emit(found.via(Via::Url));
            }
        }
        profile::read(self, url);
        if !self.nested {
            ids::in_url(self, url);
        }
    }

    /// Reports the host of a URL or of an address.
    fn host_part(&mut self, host: &Chain, via: Via) {
        if host.numeric
            && let Some((_, end)) = host.ipv4(self.text).filter(|(_, end)| *end == host.end)
        {
            let reason = "host of a URL or address";
            self.emit_chain(ObservableType::Ipv4, host, end, Some(via), Confidence::High, reason);
            return;
        }
        if is(self.text.at(host.start), DIGIT) && self.numeric_host(host, via) {
            return;
        }
        if let Some(domain) = host.domain(self.text) {
            self.emit_domain(&domain, Some(via), Confidence::High, "host of a URL or address");
        }
    }

    /// Reports the address that browsers make of a host in other numbers: `http://3232235777/`, `http://0x7f.1/`.
    #[cold]
    fn numeric_host(&mut self, host: &Chain, via: Via) -> bool {
        self.scratch.clear();
        host.write(self.text, self.scratch);
        let Some(address) = std::str::from_utf8(self.scratch).ok().and_then(numeric_ipv4) else {
            return false;
        };
        // "http://8080/" and "http://1/" are no addresses of anybody.
        let [first, ..] = address.octets();
        if first == 0 || via != Via::Url {
            return false;
        }
        let clean = address.to_string();
        let found = Found::new(ObservableType::Ipv4, clean.as_bytes(), host.start, host.end)
            .because(Confidence::High, "the address that browsers make of the host")
            .defanged(host.defanged);
        self.emit(found.via(via));
        true
    }

    pub(super) fn emit_domain(
        &mut self,
        domain: &Chain,
        via: Option<Via>,
        confidence: Confidence,
        reason: &'static str,
    ) {
        if name::is_bare_suffix(self.text, domain) {
            return;
        }
        let onion = self.text.slice(domain.last, domain.end).eq_ignore_ascii_case(b"onion");
        let kind = if onion {
            ObservableType::Onion
        } else {
            ObservableType::Domain
        };
        let (confidence, reason) = match name::onion_version(self.text, domain).filter(|_| onion) {
            Some(3) => (Confidence::High, "its checksum is right"),
            Some(2) if via.is_none() => (Confidence::Medium, "an onion name of version 2, which has no checksum"),
            _ => (confidence, reason),
        };
        self.emit_chain(kind, domain, domain.end, via, confidence, reason);
    }

    pub(crate) fn emit_chain(
        &mut self,
        kind: ObservableType,
        chain: &Chain,
        end: usize,
        via: Option<Via>,
        confidence: Confidence,
        reason: &'static str,
    ) -> bool {
        if !self.types.contains(kind) {
            return false;
        }
        let clean = if chain.is_plain() {
            self.text.slice(chain.start, end)
        } else {
            self.scratch.clear();
            let mut part = *chain;
            part.end = end;
            part.write(self.text, self.scratch);
            self.scratch.as_slice()
        };
        // "[www].example[.]com": the bracket before the first label belongs to its disguise.
        let mut found = Found::new(kind, clean, chain.start, end)
            .because(confidence, reason)
            .defanged(chain.defanged && !chain.expression);
        found.via = via;
        self.sink.found(found)
    }

    /// A domain name, unless it is rather a file name or a piece of code.
    pub(super) fn domain(&mut self, domain: &Chain) -> usize {
        let text = self.text;
        if self.is_local_part(domain) || (is(text.before(domain.start), HIGH) && self.is_broken(domain)) {
            return domain.end;
        }
        let last = text.slice(domain.last, domain.end);
        let mut domain = *domain;
        domain.expression |= domain.defanged
            && domain.ends_expression(text)
            && text
                .slice(domain.start, domain.end)
                .windows(2)
                .any(|pair| pair == b"\\.");
        let domain = &domain;
        if domain.expression {
            let reason = "its dots are escaped as in a regular expression";
            self.emit_domain(domain, None, Confidence::Low, reason);
            return domain.end;
        }
        let evident = domain.defanged || text.is_word(domain.start, b"www.") || last.eq_ignore_ascii_case(b"onion");
        let path = Path::read(text, domain.end);
        if !evident {
            if code::is_identifier(text, domain) {
                return domain.end;
            }
            if !self.policy.ambiguous_domains && self.is_rather_a_file(domain, last, path.is_some()) {
                self.file_name(domain);
                return domain.end;
            }
            if code::is_bundle(text, domain) {
                self.file_name(domain);
                return path::relative_end(text, domain.end);
            }
            let called = text.at(domain.end) == b'(' && !matches!(last, b"com" | b"net" | b"org");
            let important = text.before(domain.start) == b'!' && text.is_word(domain.start, b"important.");
            let member = important
                || matches!(text.before(domain.start), b'$' | b'\\')
                || (domain.labels == 2 && code::is_member(text, domain));
            if called || member {
                return domain.end;
            }
        }
        let in_path = text.before(domain.start) == b'/' && is(text.before(domain.start.saturating_sub(1)), ALNUM);
        let readable = |path: &Path| {
            // "example.com:12/05" is no port and path.
            let numbers = path.port.is_some() && !path.is_evident(text, domain.defanged);
            !in_path && !numbers && (self.policy.refang || path.is_plain())
        };
        if let Some(path) = path.filter(readable) {
            let url = Url::without_scheme(text, *domain, &path);
            if url.end > url.rest + 1 || domain.defanged {
                self.emit_url(&url, None, None);
                return url.end;
            }
        }
        let (confidence, reason) = self.domain_confidence(domain, evident);
        let socket = ip::named_socket(self, domain, confidence);
        if socket.is_none() || self.policy.parts {
            self.emit_domain(domain, socket.map(|_| Via::Socket), confidence, reason);
        }
        socket.unwrap_or_else(|| self.after_host(domain))
    }

    /// Whether a hyphen of a word processor stands between a letter and `name`, whose beginning is then elsewhere: "evil\u{2011}c2.com",
    /// "ev\u{ad}il.com". A part of a name is another name.
    #[cold]
    fn is_broken(&self, name: &Chain) -> bool {
        let text = self.text;
        let hyphens: [&[u8]; 3] = ["\u{ad}".as_bytes(), "\u{2010}".as_bytes(), "\u{2011}".as_bytes()];
        hyphens
            .iter()
            .filter_map(|hyphen| Some((name.start.checked_sub(hyphen.len())?, hyphen)))
            .any(|(at, hyphen)| text.slice(at, name.start) == *hyphen && is(text.before(at), ALNUM))
    }

    /// Whether `name` stands in front of an at sign and a host: "john.me@corp.example" names neither a host nor a file.
    pub(crate) fn is_local_part(&mut self, name: &Chain) -> bool {
        let text = self.text;
        match text.at(name.end) {
            // What names a machine or a version behind the sign is no host of the internet, and the name is none either.
            b'@' => return is(text.at(name.end + 1), HOST),
            // "name+tag@host"
            b'+' => {
                let most = name.end + MOST_TAG;
                let end = (name.end..most).find(|at| !is(text.at(*at), HOST) && !matches!(text.at(*at), b'+' | b'.'));
                return end.is_some_and(|end| text.at(end) == b'@' && is(text.at(end + 1), HOST));
            }
            // "\"john.me\"@corp.example"
            b'"' => return text.at(name.end + 1) == b'@' && is(text.at(name.end + 2), HOST),
            // Behind a sign in brackets there may be a blank.
            b'[' | b'(' | b'{' if self.policy.refang => self.outside = true,
            // In front of it, too.
            b' ' if self.policy.refang && is(text.at(name.end + 1), BRACKET) => self.outside = true,
            _ => return false,
        }
        let plain = |form| form != Form::Loose;
        separator::at_sign(self.text, name.end)
            .filter(|sign| plain(sign.form))
            .is_some_and(|sign| Chain::read(self.text, sign.end).domain(self.text).is_some())
    }

    /// A port behind a host name is passed over.
    fn after_host(&self, host: &Chain) -> usize {
        match separator::port_colon(self.text, host.end) {
            Some(colon) if is(self.text.at(colon.end), DIGIT) => self.text.skip(colon.end, colon.end + 5, DIGIT),
            _ => host.end,
        }
    }
}
