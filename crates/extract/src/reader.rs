//! Reads one word at a time and decides what stands in it.
//!
//! Reading goes from left to right; whatever was recognised is not read again, and every look back or ahead is bounded
//! by a constant or by what was recognised last. That is why the whole is linear.

use crate::chain::{Chain, is_function_word};
use crate::columns::Columns;
use crate::email::{self, Sign};
use crate::found::{Found, Sink};
use crate::keyword::{self, Before};
use crate::options::Policy;
use crate::scan::Words;
use crate::scheme::{self, Scheme};
use crate::separator::{self, Form};
use crate::six::Six;
use crate::text::{ALNUM, BLANK, BRACKET, DIGIT, HOST, Text, is};
use crate::url::{Path, Url};
use crate::{agent, block, code, dashed, decode, file_url, hash, ids, ip, name, path, profile, six, wallet};
use watchfire_model::{Confidence, ObservableType, TypeSet, Via};

/// The state of reading one block.
pub(crate) struct Reader<'r, 't, S> {
    pub(crate) text: Text<'t>,
    pub(crate) sink: &'r mut S,
    pub(crate) types: TypeSet,
    pub(crate) policy: Policy,
    /// Clean text under construction.
    pub(crate) scratch: &'r mut Vec<u8>,
    /// Nothing before this is read again.
    pub(crate) floor: usize,
    /// The text was decoded from another: nothing is decoded again.
    pub(crate) nested: bool,
    /// Reading the current word looked beyond it: the result holds here only.
    pub(crate) outside: bool,
    /// A keyword before the current word would have mattered; there was none.
    pub(crate) keyword: bool,
    /// The titles of the table around, if there is one.
    pub(crate) columns: Columns,
    word: (usize, usize),
    origin: usize,
    ahead: usize,
}

impl<'r, 't, S: Sink> Reader<'r, 't, S> {
    /// A reader of the words from `origin` on.
    pub(crate) fn new(
        text: Text<'t>,
        origin: usize,
        sink: &'r mut S,
        options: (TypeSet, Policy),
        scratch: &'r mut Vec<u8>,
    ) -> Self {
        Self {
            text,
            sink,
            types: options.0,
            policy: options.1,
            scratch,
            floor: origin,
            nested: false,
            outside: false,
            keyword: false,
            columns: Columns::default(),
            word: (0, 0),
            origin,
            ahead: 0,
        }
    }

    /// A reader of decoded text.
    pub(crate) fn nested(
        text: Text<'t>,
        sink: &'r mut S,
        types: TypeSet,
        policy: Policy,
        scratch: &'r mut Vec<u8>,
    ) -> Self {
        Self {
            nested: true,
            ..Self::new(text, 0, sink, (types, policy), scratch)
        }
    }

    /// The words of `range` that are worth reading.
    pub(crate) fn words(&self, range: std::ops::Range<usize>) -> Words<'t> {
        let digits = TypeSet::EMPTY.with(ObservableType::Card).with(ObservableType::Phone);
        Words::new(self.text, range.start, range.end).every(self.types.intersects(digits))
    }

    /// Whether looking far ahead is still cheap against what has been read. Keeps the whole linear.
    pub(crate) fn may_look_ahead(&self) -> bool {
        self.ahead <= 2 * block::MOST + 8 * (self.floor - self.origin)
    }

    /// Notes that `bytes` were looked at ahead of reading.
    pub(crate) fn looked_ahead(&mut self, bytes: usize) {
        self.ahead += bytes;
    }

    /// Reads the word `start..end`; returns the index up to which the text has been read.
    #[inline]
    pub(crate) fn word(&mut self, start: usize, end: usize) -> usize {
        (self.outside, self.keyword, self.word) = (false, false, (start, end));
        let mut at = self.joined_start(start);
        while at < end {
            let next = match self.text.at(at) {
                // What is left of a character that ended a label.
                0x80..=0xBF => at,
                byte if is(byte, HOST) => self.chain(at),
                _ => self.mark(at),
            };
            // Punctuation beyond ASCII makes a label of no length.
            at = next.max(at + 1);
            self.floor = at;
        }
        at
    }

    /// Reads on from a byte that cannot begin a name.
    #[inline]
    fn mark(&mut self, at: usize) -> usize {
        let end = match self.text.at(at) {
            b'/' | b'~' => path::unix(self, at),
            b'\\' => path::unc(self, at),
            b'%' => path::environment(self, at).or_else(|| Some(decode::escaped_separator(self.text, at)?.1)),
            b':' if self.text.at(at + 1) == b':' => ip::six(self, at),
            b'[' | b'(' | b'{' if self.text.at(at + 1) == b':' => six::defanged(self, at),
            b'+' if self.types.contains(ObservableType::Phone) => ids::phone(self, at),
            _ => None,
        };
        end.unwrap_or(at + 1)
    }

    /// Reads on from the first byte of a label.
    #[inline]
    fn chain(&mut self, start: usize) -> usize {
        // Hyphens in front belong to the sentence or to an option, except in armour.
        if self.text.at(start) == b'-' {
            return block::armour(self, start).unwrap_or(start + 1);
        }
        let chain = Chain::read(self.text, start);
        self.half(&chain);
        if let Some(end) = self.url(&chain) {
            return end;
        }
        if !self.policy.refang && !chain.is_plain() {
            // Only the labels before the first disguised dot.
            let end = chain.first_end(self.text);
            return if chain.labels > 1 && end < chain.end {
                self.single(start, end)
            } else {
                self.named_or_single(chain)
            };
        }
        self.named_or_single(chain)
    }

    /// Whether a bracket before a dot disguises it can depend on where the other half stands.
    #[inline]
    fn half(&mut self, chain: &Chain) {
        self.outside |= chain.half;
        if separator::closes_before_dot(self.text, chain.end) {
            self.outside |= separator::opener(self.text, chain.end).is_none_or(|open| open < self.word.0);
        }
    }

    #[inline]
    fn named_or_single(&mut self, chain: Chain) -> usize {
        if chain.labels == 1 {
            return self.single(chain.start, chain.end);
        }
        if (chain.numeric || is(self.text.at(chain.start), DIGIT))
            && let Some(end) = ip::four(self, &chain)
        {
            return end;
        }
        self.named(chain)
    }

    /// A URL whose scheme is the last label of `chain`.
    #[inline]
    fn url(&mut self, chain: &Chain) -> Option<usize> {
        let text = self.text;
        let next = text.at(chain.end);
        // "http__a[.]b": the underscores make scheme and host one label.
        let glued = matches!(text.at(chain.start), b'h' | b'H' | b'f' | b'F')
            && (3..=5).any(|i| text.at(chain.start + i) == b'_' && text.at(chain.start + i + 1) == b'_');
        // Most names end before a delimiter, a comma or a dot; none of them can follow a scheme.
        let possible = glued
            || match next {
                b':' if text.at(chain.end + 1) == b'%' => return decode::percent(self, chain.last, chain.end),
                b':' => matches!(
                    text.at(chain.end + 1),
                    b'/' | b'\\' | b'_' | b'[' | b']' | b')' | b'}' | b' ' | b'('
                ),
                b'[' | b'(' | b'{' if text.at(chain.end + 1) == b':' => true,
                b'[' | b'(' | b'{' | b')' | b']' | b'}' | b'!' | b'@' | b'&' | b'/' | b'\\' | b' ' | b'\t' | b'*' => {
                    matches!(
                        text.at(chain.last),
                        b'h' | b'H' | b'f' | b'F' | b'm' | b'x' | b's' | b't' | b'u' | b'w'
                    )
                }
                b'%' => return decode::percent(self, chain.last, chain.end),
                _ => false,
            };
        if !possible {
            return None;
        }
        if next == b':' && file_url::begins(text, chain.last) {
            return Some(file_url::read(self, chain.last));
        }
        let (from, to) = if glued {
            (chain.start, text.skip(chain.start, chain.end, HOST))
        } else {
            (chain.last, chain.end)
        };
        let scheme = scheme::read(text, from, to)?;
        if !self.policy.refang && scheme.form != Form::Plain {
            return None;
        }
        self.read_url(&scheme)
    }

    /// A word that begins with a dot, or is one in words, continues the word before it: "example .com", "example dot
    /// com". That word had nothing in it to be read for.
    #[inline]
    fn joined_start(&mut self, start: usize) -> usize {
        let text = self.text;
        let scheme = text.at(start) == b':' && text.at(start + 1) == b'/';
        let word = || {
            [b"dot".as_slice(), b"punto", b"punkt"]
                .iter()
                .any(|word| text.is_word(start, word))
        };
        let joins = scheme || matches!(text.at(start), b'.' | b'[' | b'(' | b'{') || word();
        if text.at(start) == b'.' && text.before(start) == b'<' && text.at(start + 1) == b'>' {
            self.outside = true;
            let lowest = start.saturating_sub(65).max(self.floor);
            return text.skip_back(start - 1, lowest.min(start - 1), HOST);
        }
        if !joins || !is(text.before(start), BLANK) {
            return start;
        }
        let end = text.skip_back(start, start.saturating_sub(12), BLANK | BRACKET);
        let joined = scheme || separator::dot(text, end).is_some();
        // Brackets alone may be closed by the next word, and behind another word a dot might have joined.
        self.outside |= joined || self.word.1 - start <= 2 || separator::may_be_dot(text, start);
        let word = text.skip_back(end, end.saturating_sub(64).max(self.floor), HOST);
        if word < end && joined { word } else { start }
    }

    /// Reads only what begins with a scheme; for decoded text, where a bare name would be chance.
    pub(crate) fn urls_only(&mut self, start: usize, end: usize) -> usize {
        let mut at = start;
        while at < end {
            let label = self.text.skip(at, end, HOST);
            let scheme = if label > at {
                scheme::read(self.text, at, label)
            } else {
                None
            };
            let read = scheme.and_then(|scheme| self.read_url(&scheme));
            at = read.unwrap_or(label.max(at + 1));
            self.floor = at;
        }
        at
    }

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

    fn read_url(&mut self, scheme: &Scheme<'t>) -> Option<usize> {
        let url = Url::read(self.text, scheme)?;
        if let Some(host) = &url.host {
            self.half(host);
        }
        if !self.policy.refang && url.defanged {
            return None;
        }
        self.emit_url(&url, Some(scheme), None);
        Some(url.end)
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
        if host.numeric {
            if let Some((_, end)) = host.ipv4(self.text).filter(|(_, end)| *end == host.end) {
                self.emit_chain(
                    ObservableType::Ipv4,
                    host,
                    end,
                    Some(via),
                    Confidence::High,
                    "host of a URL or address",
                );
            }
            return;
        }
        if let Some(domain) = host.domain(self.text) {
            self.emit_domain(&domain, Some(via), Confidence::High, "host of a URL or address");
        }
    }

    fn emit_domain(&mut self, domain: &Chain, via: Option<Via>, confidence: Confidence, reason: &'static str) {
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
            .defanged(chain.defanged);
        found.via = via;
        self.sink.found(found)
    }

    pub(crate) fn emit(&mut self, found: Found<'_>) -> bool {
        self.types.contains(found.kind) && self.sink.found(found)
    }

    /// A chain of several labels that is no address: a domain, an e-mail address, a file name.
    fn named(&mut self, chain: Chain) -> usize {
        if let Some(local) = self.local_before(&chain)
            && let Some(end) = self.email(&chain, &local)
        {
            return end;
        }
        if let Some(end) = ids::chain(self, &chain) {
            return end;
        }
        if agent::begins(self.text, &chain)
            && let Some(end) = agent::read(self, chain.start)
        {
            return end;
        }
        if code::is_detection(self.text, &chain) {
            // "Exploit.CVE-2015-2424.a"
            return self.after_labels(&chain);
        }
        match chain.domain(self.text) {
            Some(domain) => self.domain(&domain),
            None => {
                self.file_name(&chain);
                self.after_labels(&chain)
            }
        }
    }

    fn local_before(&mut self, chain: &Chain) -> Option<email::Local> {
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

    fn email(&mut self, chain: &Chain, local: &email::Local) -> Option<usize> {
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
        if text.at(bracket) != b'[' || text.before(bracket) != b'@' || text.at(end) != b']' {
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

    /// A domain name, unless it is rather a file name or a piece of code.
    fn domain(&mut self, domain: &Chain) -> usize {
        let text = self.text;
        let last = text.slice(domain.last, domain.end);
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

    /// A port behind a host name is passed over.
    fn after_host(&self, host: &Chain) -> usize {
        match separator::port_colon(self.text, host.end) {
            Some(colon) if is(self.text.at(colon.end), DIGIT) => self.text.skip(colon.end, colon.end + 5, DIGIT),
            _ => host.end,
        }
    }

    /// Labels that form nothing together may each be something.
    fn after_labels(&mut self, chain: &Chain) -> usize {
        let text = self.text;
        let mut at = chain.start;
        while at < chain.end {
            let end = text.skip(at, chain.end, HOST);
            if end > at {
                let read = self.single(at, end);
                if read > chain.end {
                    return read;
                }
                at = end;
            } else {
                at += 1;
            }
        }
        chain.end
    }

    /// One label alone: hashes, wallets, catalogue numbers, and the starts of longer things.
    #[inline]
    pub(crate) fn single(&mut self, start: usize, end: usize) -> usize {
        let text = self.text;
        let length = end - start;
        match text.at(end) {
            b':' => {
                if let Some(read) = ids::before_colon(self, start, end) {
                    return read;
                }
            }
            b'\\' => {
                if let Some(read) = path::after_name(self, start, end) {
                    return read;
                }
            }
            b'/' => {
                if let Some(read) = agent::read(self, start).or_else(|| agent::fetcher(self, start, end)) {
                    return read;
                }
            }
            b'[' | b'(' | b'{' if length <= 4 && text.at(end + 1) == b':' => {
                if let Some(read) = six::defanged(self, start) {
                    return read;
                }
            }
            b'@' => return end,
            b'=' | b'"' | b'\'' if agent::is_header(text, start, end) => {
                if let Some(read) = agent::header(self, end) {
                    return read;
                }
            }
            _ => {}
        }
        if length >= 24 {
            if let Some(read) = decode::run(self, start, end) {
                return read;
            }
            if hash::label(self, start, end) || wallet::label(self, start, end) {
                return end;
            }
        } else if length >= decode::SHORTEST && decode::begins(text, start) {
            if let Some(read) = decode::run(self, start, end) {
                return read;
            }
        } else if length <= 6 {
            if let Some(read) = block::word(self, start, end) {
                return read;
            }
            if let Some(read) = decode::split_base64(self, start, end) {
                return read;
            }
        }
        if dashed::label(self, start, end) {
            return end;
        }
        ids::label(self, start, end).unwrap_or(end)
    }

    /// The words before `at`.
    pub(crate) fn before(&mut self, at: usize) -> Before {
        let start = self.word.0;
        let before = Before::read(self.text, at);
        // Words before are not looked for further away than this.
        let start = start.max(at.saturating_sub(keyword::REACH));
        if at > start && self.text.slice(start, at).iter().any(|byte| is(*byte, ALNUM)) {
            self.outside |= keyword::points_back(before.nearest());
        } else {
            self.keyword = true;
        }
        before
    }

    /// Notes that something was looked for behind the word, if it could go on there.
    pub(crate) fn looks_behind(&mut self) {
        self.outside |= is(self.text.at(self.word.1), BLANK) || self.text.at(self.word.1) == b'<';
    }
}

fn contains_word(host: &[u8], word: &[u8]) -> bool {
    host.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// Whether `byte` may stand directly before or after an identifier.
pub(crate) fn is_edge(byte: u8) -> bool {
    !is(byte, ALNUM) && byte != b'_'
}
