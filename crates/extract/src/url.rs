//! URLs: where they begin, where they end, and what they are when refanged (RFC 3986, and what people write).

use crate::chain::Chain;
use crate::escape;
use crate::filter;
use crate::foreign::{self, Kind};
use crate::scheme::Scheme;
use crate::separator::{self, Form};
use crate::six::Six;
use crate::text::{ALNUM, BLANK, BRACKET, DASH, DELIMITER, DIGIT, HEX, HOST, LETTER, Text, URL, is};
use watchfire_knowledge::extension;

/// No URL is followed further than this.
pub(crate) const MOST: usize = 8192;

/// A URL where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Url {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The host, unless it is an IPv6 address in brackets.
    pub(crate) host: Option<Chain>,
    /// The brackets of an IPv6 host.
    pub(crate) ipv6: Option<(usize, usize)>,
    pub(crate) defanged: bool,
    /// Where path, query and fragment begin.
    pub(crate) rest: usize,
    /// How many backslashes stand for a slash, if they do: `hxxp:\\\\host\\path`.
    backslashes: usize,
    /// HTML has escaped an ampersand: `&amp;`.
    entities: bool,
}

/// A path behind a host without a scheme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    /// Its slash.
    pub(crate) start: usize,
    /// Where its first segment begins.
    pub(crate) segment: usize,
    /// How the slash is written.
    pub(crate) slash: Form,
    /// How the colon of a port in front of it is written.
    pub(crate) port: Option<Form>,
}

impl Path {
    /// The path behind a host that ends at `end`.
    pub(crate) fn read(text: Text<'_>, end: usize) -> Option<Self> {
        let (start, port) = match separator::port_colon(text, end) {
            Some(colon) => {
                let digits = text.skip(colon.end, colon.end + 6, DIGIT);
                let valid = (colon.end + 1..=colon.end + 5).contains(&digits) && text.at(colon.end) != b'0';
                valid.then_some((digits, Some(colon.form)))?
            }
            None => (end, None),
        };
        let slash = separator::slash(text, start)?;
        // Brackets around a slash are no disguise in prose: "a host(/)".
        let begins = is(text.at(slash.end), ALNUM) || text.at(slash.end - 1) == b'/';
        begins.then_some(Self {
            start,
            segment: slash.end,
            slash: slash.form,
            port,
        })
    }

    /// Whether it is written as it is.
    pub(crate) fn is_plain(&self) -> bool {
        self.slash == Form::Plain && self.port.is_none_or(|colon| colon == Form::Plain)
    }

    /// Whether what stands behind the slash is a path even behind numbers: no prefix length, no date, no second host.
    pub(crate) fn is_evident(&self, text: Text<'_>, defanged: bool) -> bool {
        if is(text.at(self.segment), LETTER) {
            let next = Chain::read(text, self.segment);
            let last = text.slice(next.last, next.end);
            let file = next.is_plain() && extension::clashes_with_tld(last);
            let alone = !matches!(text.at(next.end), b'/' | b'?');
            return file || !alone || next.domain(text).is_none();
        }
        let digits = text.skip(self.segment, self.segment + 64, DIGIT);
        if defanged {
            return digits == self.segment || is(text.at(digits), LETTER);
        }
        matches!(text.at(self.segment), b'?' | b'~' | b'_') && is(text.at(self.segment + 1), ALNUM)
    }
}

impl Url {
    /// Reads the URL behind `scheme`.
    pub(crate) fn read(text: Text<'_>, scheme: &Scheme<'_>) -> Option<Self> {
        let mut host_at = scheme.host;
        if let Some(at) = userinfo_end(text, host_at) {
            host_at = at;
        }
        // "http://[www].evil.example/"
        if text.at(host_at) == b'[' && text.is_word(host_at + 1, b"www]") {
            host_at += 1;
        }
        let disguised = text.slice(scheme.host, host_at).iter().any(|byte| is(*byte, BRACKET));
        let mut url = Self {
            start: scheme.start,
            end: host_at,
            host: None,
            ipv6: None,
            defanged: scheme.form != Form::Plain || disguised,
            rest: host_at,
            backslashes: backslashes(text, scheme),
            entities: false,
        };
        if text.at(host_at) == b'[' && (is(text.at(host_at + 1), HEX) || matches!(text.at(host_at + 1), b':' | b'[')) {
            let six = Six::read(text, host_at + 1).filter(|six| text.at(six.end) == b']')?;
            url.ipv6 = Some((host_at + 1, six.end));
            url.defanged |= six.defanged;
            url.end = six.end + 1;
        } else {
            let mut chain = Chain::host(text, host_at);
            if text.at(chain.end) == b':' && text.at(chain.end + 1) == b'/' {
                leave_next(text, &mut chain);
            }
            // A loose dot counts in a URL only as " .com": the scheme vouches for the rest.
            let chain = if chain.loose {
                chain.domain(text).or_else(|| Some(first_strict(text, chain)))?
            } else {
                chain
            };
            let doubtful = scheme.doubtful || scheme.form == Form::Loose;
            if chain.end == host_at || (doubtful && !doubtful_host(text, &chain)) {
                return None;
            }
            url.defanged |= chain.defanged || chain.loose;
            url.end = chain.end;
            url.host = Some(chain);
        }
        if let Some(colon) = separator::port_colon(text, url.end) {
            let digits = text.skip(colon.end, colon.end + 5, DIGIT);
            if digits > colon.end && !is(text.at(digits), ALNUM) {
                url.end = digits;
                url.defanged |= colon.form == Form::Defanged;
            }
        }
        url.rest = url.end;
        url.read_rest(text);
        Some(url)
    }

    /// Cuts what belongs to the URL around this one: the next parameter behind "=https://…&", and what Proofpoint writes
    /// behind "__https://…__;".
    pub(crate) fn leave_surroundings(&mut self, text: Text<'_>) {
        let rest = text.slice(self.rest, self.end);
        let cut = match (text.before(self.start), text.before(self.start.saturating_sub(1))) {
            (b'=', _) => rest.iter().position(|byte| matches!(byte, b'?' | b'&')),
            (b'_', b'_') => rest.windows(3).position(|window| window == b"__;"),
            _ => None,
        };
        if let Some(cut) = cut.filter(|cut| rest.get(*cut) != Some(&b'?')) {
            self.end = trim(text, self.rest, self.rest + cut);
        }
    }

    /// A host with a path and no scheme; the path is at `path`.
    pub(crate) fn without_scheme(text: Text<'_>, host: Chain, path: &Path) -> Self {
        let mut url = Self {
            start: host.start,
            end: path.start,
            host: Some(host),
            ipv6: None,
            defanged: host.defanged || host.loose || path.port == Some(Form::Defanged),
            rest: path.start,
            backslashes: 0,
            entities: false,
        };
        url.read_rest(text);
        url
    }

    /// Path, query and fragment: up to the first byte that cannot be one, less the punctuation of the sentence.
    fn read_rest(&mut self, text: Text<'_>) {
        let mut at = self.rest;
        let begins = matches!(text.at(at), b'/' | b'?' | b'#')
            || separator::slash(text, at).is_some()
            || self.backslash(text, at).is_some();
        if !begins {
            // "http://evil.example /path": one space before an absolute path.
            let spaced =
                self.start < self.rest && text.at(at) == b' ' && text.at(at + 1) == b'/' && is(text.at(at + 2), ALNUM);
            if !spaced || !has_scheme(text, self) {
                return;
            }
            at += 1;
        }
        let limit = (self.start + MOST).min(text.len());
        let from = at;
        let mut balance = Balance::default();
        let mut title = Title::default();
        let mut query = false;
        let mut foreign = false;
        while at < limit {
            let byte = text.at(at);
            if byte >= 0x80 {
                // Where a script has no blanks, what follows a letter of ASCII is the sentence, unless the path is
                // written in that script: "https://evil.example/aです".
                let (kind, length) = foreign::read(text, at);
                let sentence = kind == Kind::Wide && !foreign && is(text.before(at), ALNUM);
                if kind == Kind::Mark || sentence {
                    break;
                }
                foreign |= kind == Kind::Wide;
                at += length;
            } else if is(byte, URL) {
                match byte {
                    b'[' | b'(' | b'{' | b']' | b')' | b'}' => {
                        if let Some(end) = bracketed(text, at) {
                            self.defanged = true;
                            at = end;
                            continue;
                        }
                        if balance.closes_too_much(byte) {
                            break;
                        }
                        title.bracket(byte, at, balance.square());
                    }
                    b'?' => query = true,
                    b',' if ends_field(text, at, limit, query) => break,
                    b';' if at > from && ends_entity(text, at) => self.entities = true,
                    b';' if ends_row_field(text, at, limit, query) => break,
                    b'&' if is_entity_quote(text, at) => break,
                    b'%' if is_encoded_quote(text, at) => break,
                    b'#' if escape::numbered(text, at).is_some() => break,
                    _ => {}
                }
                at += 1;
            } else if byte == b'\\' && text.at(at + 1) == b'/' {
                at += 2;
            } else if let Some(end) = self.backslash(text, at) {
                at = end;
            } else if let Some((_, end)) = separator::escape(text, at) {
                at = end;
            } else {
                break;
            }
        }
        self.end = trim(text, from, at);
        if let Some(open) = title.begins(text, self.end, query) {
            self.end = trim(text, from, open);
        }
        // "_http://evil.example/a_": the emphasis of Markdown.
        if text.before(self.end) == b'_' && text.before(self.start) == b'_' {
            let opens = text.skip_back(self.start, self.start.saturating_sub(3), DASH);
            let marks = if is(text.before(opens), ALNUM) {
                0
            } else {
                self.start - opens
            };
            let inner = self.end - marks.min(self.end - from);
            if text.slice(inner, self.end).iter().all(|byte| *byte == b'_') {
                self.end = trim(text, from, inner);
            }
        }
    }

    /// The end of the backslash at `at` that stands for a slash.
    fn backslash(&self, text: Text<'_>, at: usize) -> Option<usize> {
        let end = at + self.backslashes;
        let run = self.backslashes > 0 && text.slice(at, end).iter().all(|byte| *byte == b'\\');
        (run && is(text.at(end), ALNUM)).then_some(end)
    }

    /// Whether the text is already the URL.
    pub(crate) fn is_plain(&self, text: Text<'_>, scheme: Option<&Scheme<'_>>) -> bool {
        let escaped = || text.slice(self.rest, self.end).contains(&b'\\');
        let spaced = || text.at(self.rest) == b' ' && self.end > self.rest;
        !self.defanged
            && !self.entities
            && scheme.is_none_or(|scheme| {
                scheme.form == Form::Plain && text.slice(scheme.host.saturating_sub(3), scheme.host) == b"://"
            })
            && !escaped()
            && !spaced()
    }

    /// Appends the clean URL to `out`.
    pub(crate) fn write(&self, text: Text<'_>, scheme: Option<&Scheme<'_>>, out: &mut Vec<u8>) {
        if let Some(scheme) = scheme {
            out.extend_from_slice(scheme.name);
            out.extend_from_slice(b"://");
            if let Some(host) = self
                .host
                .map(|host| host.start)
                .or(self.ipv6.map(|(start, _)| start - 1))
            {
                let userinfo = text.slice(scheme.host, host).iter();
                out.extend(userinfo.filter(|byte| !is(**byte, BRACKET)));
            }
        }
        let host_end = match (self.host, self.ipv6) {
            (Some(host), _) => {
                host.write(text, out);
                host.end
            }
            (None, Some((start, end))) => {
                out.push(b'[');
                let brackets = |byte: &&u8| !is(**byte, BRACKET);
                out.extend(text.slice(start, end).iter().filter(brackets));
                out.push(b']');
                end + 1
            }
            (None, None) => self.rest,
        };
        if self.rest > host_end {
            out.push(b':');
            let digits = text.skip_back(self.rest, host_end, DIGIT);
            out.extend_from_slice(text.slice(digits, self.rest));
        }
        let rest = out.len();
        let mut at = text.skip(self.rest, self.end, BLANK);
        while at < self.end {
            if let Some(end) = bracketed(text, at) {
                let core = text.slice(at + 1, end - 1);
                let word = core.first().is_some_and(u8::is_ascii_alphabetic);
                out.extend_from_slice(if word { b"." } else { core });
                at = end;
            } else if let Some(end) = self.backslash(text, at) {
                out.push(b'/');
                at = end;
            } else if self.entities && text.at(at) == b'&' && ends_entity(text, at + 4) && text.at(at + 4) == b';' {
                out.push(b'&');
                at += 5;
            } else if let Some((byte, end)) = separator::escape(text, at) {
                out.push(byte);
                at = end;
            } else {
                if text.at(at) != b'\\' {
                    out.push(text.at(at));
                }
                at += 1;
            }
        }
        // URLs inside it are defanged as it is.
        filter::schemes(out.get_mut(rest..).unwrap_or(&mut []));
    }
}

/// Half of the backslashes in front of the host of `hxxp:\\\\host`: in JSON they are doubled, and so are those of the path.
fn backslashes(text: Text<'_>, scheme: &Scheme<'_>) -> usize {
    let mut count = 0;
    while count < 4 && text.before(scheme.host - count) == b'\\' {
        count += 1;
    }
    count / 2
}

fn has_scheme(text: Text<'_>, url: &Url) -> bool {
    url.host.is_some_and(|host| host.start > url.start) && text.at(url.start) != 0
}

/// A host without the scheme of the next URL, if that follows without anything between: "http://a.examplehttp://b.example".
#[cold]
fn leave_next(text: Text<'_>, host: &mut Chain) {
    if text.slice(host.end, host.end + 3) != b"://" {
        return;
    }
    let label = text.slice(host.last, host.end);
    let scheme = [b"https".as_slice(), b"http", b"hxxps", b"hxxp", b"ftp"]
        .into_iter()
        .find(|scheme| label.to_ascii_lowercase().ends_with(scheme));
    if let Some(scheme) = scheme {
        // A label that is the scheme is no host at all.
        let whole = label.len() == scheme.len();
        host.end = if whole { host.start } else { host.end - scheme.len() };
    }
}

fn first_strict(text: Text<'_>, chain: Chain) -> Chain {
    // The scheme makes "example .com" a host even where it would not be one alone.
    let tail = text.slice(chain.last, chain.end);
    if chain.labels >= 2 && watchfire_knowledge::tld::is_tld(tail) && tail.iter().all(u8::is_ascii_lowercase) {
        return chain;
    }
    let mut at = chain.start;
    let mut strict = Chain::read(text, chain.start);
    // Without the loose dots: read again label by label.
    while let Some(dot) = separator::dot(text, text.skip(at, chain.end, HOST)) {
        if dot.form == Form::Loose {
            break;
        }
        at = dot.end;
    }
    strict.end = text.skip(at, chain.end, HOST);
    strict.last = at;
    strict.loose = false;
    strict
}

/// A scheme that could be an ordinary word needs a host that could not.
fn doubtful_host(text: Text<'_>, chain: &Chain) -> bool {
    let slash = text.skip(chain.end, chain.end + 1, BLANK);
    let path = text.at(slash) == b'/' && (slash == chain.end || is(text.at(slash + 1), ALNUM));
    (chain.numeric && chain.ipv4(text).is_some())
        || chain.domain(text).is_some()
        || chain.defanged
        || chain.labels > 1
        || path
}

/// Longest `user:password@`: registries of packages take tokens for passwords.
const MOST_USERINFO: usize = 4096;

/// The end of `user:password@`, if the authority has one.
fn userinfo_end(text: Text<'_>, from: usize) -> Option<usize> {
    let mut at = from;
    let mut last = None;
    while at < from + MOST_USERINFO {
        match text.at(at) {
            b'@' => {
                at += 1;
                last = Some(at)
                    .filter(|at| is(text.at(*at), HOST) || text.at(*at) == b'[')
                    .or(last);
            }
            b'/' | b'?' | b'#' | b'\\' | b',' => break,
            byte if is(byte, DELIMITER) => break,
            b'[' | b'(' | b'{' => {
                // "user[@]host", "first[.]last[@]host"
                let Some(end) = bracketed(text, at) else { break };
                if text.at(at + 1) == b'@' {
                    last = Some(end)
                        .filter(|end| is(text.at(*end), HOST) || text.at(*end) == b'[')
                        .or(last);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    last
}

/// `[.]`, `(.)`, `[/]`, `[dot]`, `[:]`, `[://]`, `[-]` inside a path.
fn bracketed(text: Text<'_>, at: usize) -> Option<usize> {
    if !matches!(text.at(at), b'[' | b'(' | b'{') {
        return None;
    }
    let closes = |i: usize| matches!(text.at(i), b']' | b')' | b'}');
    if matches!(text.at(at + 1), b'.' | b'/' | b':' | b'@' | b'-' | b'?' | b'=' | b'&') && closes(at + 2) {
        return Some(at + 3);
    }
    if text.slice(at + 1, at + 4) == b"://" && closes(at + 4) {
        return Some(at + 5);
    }
    (text.is_word(at + 1, b"dot") && closes(at + 4)).then_some(at + 5)
}

/// The text of a link behind its target, as AsciiDoc writes it: `http://a.example/x[Title]`. Square brackets of the URL's
/// own go on behind (`/[id]/x`), or hold what is no title (`?a[0]=`, `/[a-z]`).
#[derive(Default)]
struct Title {
    open: Option<usize>,
    closed: Option<usize>,
}

impl Title {
    /// Notes a bracket at `at`, behind which so many square ones are open.
    fn bracket(&mut self, byte: u8, at: usize, square: u32) {
        match (byte, square) {
            (b'[', 1) => (self.open, self.closed) = (Some(at), None),
            (b']', 0) => self.closed = Some(at + 1),
            _ => {}
        }
    }

    /// Where it begins, if the URL ends in one or ends inside of it at a blank.
    fn begins(&self, text: Text<'_>, end: usize, query: bool) -> Option<usize> {
        let open = self.open.filter(|open| *open < end)?;
        let whole = self.closed.is_none_or(|closed| closed == end);
        let first = text.at(open + 1);
        let capital = first.is_ascii_uppercase() || first >= 0x80;
        let own = matches!(text.before(open), b'/' | b'=' | b'-' | b'.') || query;
        let range = text.at(open + 2) == b'-' && is(text.at(open + 3), ALNUM);
        (whole && !range && (capital || (!own && is(first, ALNUM)))).then_some(open)
    }
}

/// Which brackets are open inside a URL.
#[derive(Default)]
struct Balance {
    open: [u32; 3],
}

impl Balance {
    /// Square brackets that are open.
    fn square(&self) -> u32 {
        let [_, square, _] = self.open;
        square
    }

    /// Notes a bracket; true if it closes one that the URL did not open.
    fn closes_too_much(&mut self, byte: u8) -> bool {
        let (slot, opens) = match byte {
            b'(' => (0, true),
            b')' => (0, false),
            b'[' => (1, true),
            b']' => (1, false),
            b'{' => (2, true),
            _ => (2, false),
        };
        let Some(open) = self.open.get_mut(slot) else {
            return false;
        };
        if opens {
            *open += 1;
            return false;
        }
        match open.checked_sub(1) {
            Some(fewer) => {
                *open = fewer;
                false
            }
            None => true,
        }
    }
}

/// Whether the comma at `at` ends a field of a list rather than standing in the URL: always where nothing or another
/// URL follows; in a path unless a later segment follows; in a query only before a scheme.
fn ends_field(text: Text<'_>, at: usize, limit: usize, query: bool) -> bool {
    let next = text.at(at + 1);
    if !is(next, URL) || next == b',' {
        return true;
    }
    if text.is_word(at + 1, b"http") || text.is_word(at + 1, b"hxxp") || text.is_word(at + 1, b"ftp:") {
        return true;
    }
    if query {
        return false;
    }
    // A bounded look for a further segment.
    let end = limit.min(at + 64);
    !(at + 1..end)
        .map(|i| text.at(i))
        .take_while(|byte| is(*byte, URL) && *byte != b',')
        .any(|byte| byte == b'/')
}

/// Whether the semicolon at `at` ends a field of a row rather than beginning a parameter (`;v=1`): where another URL, a
/// host or a mail address follows, and in a path what has neither an equals sign nor a slash.
fn ends_row_field(text: Text<'_>, at: usize, limit: usize, query: bool) -> bool {
    let next = at + 1;
    if text.is_word(next, b"http") || text.is_word(next, b"hxxp") || text.is_word(next, b"ftp:") {
        return true;
    }
    // What Proofpoint writes behind a URL, what HTML escapes, and what the sentence ends with.
    let own = text.before(at) == b'_' || !is(text.at(next), ALNUM) || is_reference(text, at);
    let end = limit.min(next + 64);
    let piece = (next..end)
        .find(|i| !is(text.at(*i), URL) || text.at(*i) == b';')
        .unwrap_or(end);
    let piece = text.slice(next, piece);
    if own || piece.contains(&b'=') {
        return false;
    }
    if piece.contains(&b'@') {
        return true;
    }
    let host = || {
        let chain = Chain::read(text, next);
        chain.ipv4(text).is_some() || chain.domain(text).is_some_and(|host| host.labels > 1)
    };
    if query {
        host()
    } else {
        !piece.contains(&b'/') || host()
    }
}

/// Whether the semicolon at `at` ends a character reference: `&eacute;`, `&#233;`.
fn is_reference(text: Text<'_>, at: usize) -> bool {
    let name = text.skip_back(at, at.saturating_sub(8), ALNUM);
    let name = name - usize::from(text.before(name) == b'#');
    name < at && text.before(name) == b'&'
}

/// `&amp;` is part of a URL in HTML; the semicolon belongs to it.
fn ends_entity(text: Text<'_>, at: usize) -> bool {
    text.slice(at.saturating_sub(4), at) == b"&amp"
}

/// `&quot;`, `&lt;`, `&gt;`, `&#34;`, `&#39;`, `&apos;`: a quotation mark that HTML escaped ends the URL.
fn is_entity_quote(text: Text<'_>, at: usize) -> bool {
    [
        b"quot;".as_slice(),
        b"lt;",
        b"gt;",
        b"#34;",
        b"#39;",
        b"#x27;",
        b"#x22;",
        b"apos;",
        b"nbsp;",
    ]
    .iter()
    .any(|entity| text.is_word(at + 1, entity))
}

/// `%22` and `%3C`, `%3E`, `%5D%5D`: the same, escaped for a URL.
fn is_encoded_quote(text: Text<'_>, at: usize) -> bool {
    text.slice(at + 1, at + 3) == b"22" && !is(text.at(at + 3), ALNUM)
}

/// Drops the punctuation of the sentence around a URL. Each byte is looked at once.
pub(crate) fn trim(text: Text<'_>, from: usize, mut end: usize) -> usize {
    while end > from {
        match text.before(end) {
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'*' | b'[' | b'(' | b'{' | b'\\' | b'^' | b'$' => end -= 1,
            b'#' if end - 1 == from => end -= 1,
            _ => break,
        }
    }
    end
}
