//! Suricata: lists for its reputation module, and those of its rules that are lists in disguise.
//!
//! | line | becomes |
//! |---|---|
//! | `203.0.113.7,1,127` (iprep) | the address; category in the threat, score of 127 as confidence |
//! | `alert ip [203.0.113.7,198.51.100.0/24] any -> $HOME_NET any (msg:"…";)` | each address and network |
//! | `alert dns … dns.query; content:"evil.example"; …` | the domain |
//! | the same with `dotprefix` or `.evil.example`, and `endswith` | the domain, reach `below` |
//! | the same with `tls.sni`, `http.host` | the domain or address |
//! | `msg` | threat |
//! | `reference:url,…`, or `sid` | reference |
//!
//! What needs a rule engine (expressions, several contents, negations, other buffers, addresses together with contents)
//! is counted as unsupported. Rules that are switched off with `#` are comments. Content without `endswith` would meet
//! more than the name; it is taken as the name alone. Source: <https://docs.suricata.io/en/latest/rules/>,
//! <https://docs.suricata.io/en/latest/reputation/ipreputation/ip-reputation-format.html>.

use crate::feed::intake::Taker;
use crate::feed::lines::{Input, Line, Lines};
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Reason, value};
use std::io::Read;
use watchfire_model::{Indicator, ObservableType, Reach};

/// See the head of this file.
pub(in crate::feed) struct Suricata;

static INFO: FormatInfo = FormatInfo {
    name: "suricata",
    describes: "rules of Suricata that are lists, and reputation lists",
    yields: "addresses, networks, domains",
    towards: "malicious",
    fields: "confidence (reputation lists), threat, reference",
    reach: "exact; names with a dot in front and `endswith` below",
    source: "https://docs.suricata.io/en/latest/rules/",
};

const ACTIONS: &[&str] = &["alert ", "drop ", "reject ", "pass "];

impl FeedFormat for Suricata {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        super::is_text(head)
            && super::first_lines(head).next().is_some_and(|line| {
                let rule = ACTIONS.iter().any(|action| line.starts_with(action)) && line.contains("->");
                rule || reputation(line).is_some()
            })
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let mut lines = Lines::new(Input::open(input, "rules or a reputation list")?);
        while let Some(line) = lines.next()? {
            read_line(&line, &mut taker);
        }
        Ok(taker.finish())
    }
}

fn reputation(line: &str) -> Option<(&str, &str, u8)> {
    let mut fields = line.split(',').map(str::trim);
    let (address, category, score) = (fields.next()?, fields.next()?, fields.next()?);
    value::address_or_network(address).ok()?;
    category.parse::<u8>().ok()?;
    let score = score.parse::<u8>().ok().filter(|score| *score <= 127)?;
    fields.next().is_none().then_some((address, category, score))
}

fn read_line(line: &Line<'_>, taker: &mut Taker<'_>) {
    let place = line.place();
    let text = line.text();
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return;
    }
    if line.is_cut {
        return taker.reject(place, Reason::Malformed, "the line is too long", text);
    }
    if let Some((address, category, score)) = reputation(text) {
        return taker.take_guessed(place, address, |observable| Indicator {
            confidence: u8::try_from(u16::from(score) * 100 / 127).ok(),
            threat: value::threat(&[&format!("category {category}")]),
            ..Indicator::new(observable)
        });
    }
    let Some(rule) = Rule::read(text) else {
        return taker.reject(place, Reason::Malformed, "not a rule", text);
    };
    match rule.meets() {
        Ok(meets) => {
            for (observable, reach) in meets {
                let complete = |observable| {
                    let indicator = Indicator::new(observable);
                    Indicator {
                        reach: reach.unwrap_or(indicator.reach),
                        threat: value::threat(&[&rule.message]),
                        reference: value::reference(&rule.reference),
                        ..indicator
                    }
                };
                match reach {
                    Some(Reach::Below) => taker.take_typed(place, ObservableType::Domain, &observable, complete),
                    _ => taker.take_guessed(place, &observable, complete),
                }
            }
        }
        Err(why) => taker.reject(place, Reason::Unsupported, why, text),
    }
}

/// The parts of a rule that can matter here.
#[derive(Default)]
struct Rule {
    addresses: Vec<String>,
    message: String,
    reference: String,
    buffer: String,
    contents: Vec<String>,
    ends: bool,
    is_dotted: bool,
    beyond: Option<&'static str>,
}

impl Rule {
    fn read(text: &str) -> Option<Self> {
        let (header, options) = text.split_once('(')?;
        let options = options.trim_end().strip_suffix(')')?;
        let (from, to) = header.split_once("->").or_else(|| header.split_once("<>"))?;
        let mut rule = Self::default();
        // Blanks may stand inside of a list of addresses.
        let mut from = from.split_ascii_whitespace();
        let action = from.next()?;
        let _protocol = from.next()?;
        if action == "pass" {
            rule.beyond = Some("a rule that lets pass");
        }
        rule.side(&from.collect::<Vec<_>>().join(" "));
        rule.side(to);
        for option in split_options(options) {
            rule.option(option);
        }
        Some(rule)
    }

    /// Address and port of one side of the arrow.
    fn side(&mut self, side: &str) {
        let side = side.trim();
        let address = match side.strip_prefix('[').and_then(|list| list.split_once(']')) {
            Some((list, _)) => list,
            None => side.split(' ').next().unwrap_or_default(),
        };
        if address.contains('!') {
            self.beyond = Some("it excepts addresses");
        }
        for address in address.split(',').map(str::trim) {
            if !address.starts_with('$') && address != "any" && !address.is_empty() {
                self.addresses.push(address.to_owned());
            }
        }
    }

    fn option(&mut self, option: &str) {
        let (name, said) = option.split_once(':').unwrap_or((option, ""));
        let (name, said) = (name.trim(), said.trim());
        match name {
            "msg" => self.message = said.trim_matches('"').replace("\\;", ";"),
            "reference" => {
                if let Some(url) = said.strip_prefix("url,") {
                    self.reference = format!(
                        "https://{}",
                        url.trim().trim_start_matches("https://").trim_start_matches("http://")
                    );
                }
            }
            "sid" if self.reference.is_empty() => self.reference = format!("sid {said}"),
            "dns.query" | "dns_query" | "tls.sni" | "tls_sni" | "http.host" | "http_host" => {
                // The older spelling stands behind its content, the newer before it.
                let name = name.replace('_', ".");
                if !self.buffer.is_empty() && self.buffer != name {
                    self.beyond = Some("it looks at several places");
                }
                self.buffer = name;
            }
            "content" => match content(said) {
                Some(content) => self.contents.push(content),
                None => self.beyond = Some("its content is negated or no text"),
            },
            "endswith" => self.ends = true,
            "isdataat" if said.starts_with("!1") => self.ends = true,
            "dotprefix" => self.is_dotted = true,
            "nocase" | "fast_pattern" | "startswith" | "bsize" | "depth" | "offset" | "isdataat" | "rev" | "sid"
            | "gid" | "classtype" | "priority" | "metadata" | "flow" | "flowbits" | "threshold" | "target"
            | "app-layer-protocol" | "flags" | "noalert" | "tag" => {}
            _ => self.beyond = Some("it needs a rule engine"),
        }
    }

    /// What the rule is a list of. A reach where the rule tells one.
    fn meets(&self) -> Result<Vec<(String, Option<Reach>)>, &'static str> {
        if let Some(why) = self.beyond {
            return Err(why);
        }
        match (&*self.contents, self.addresses.is_empty(), self.buffer.is_empty()) {
            ([], false, true) => Ok(self.addresses.iter().map(|address| (address.clone(), None)).collect()),
            ([name], true, false) => {
                let dotted = name.starts_with('.');
                let reach = if self.ends && dotted {
                    Reach::Below
                } else {
                    Reach::Exact
                };
                let below = self.is_dotted && self.ends;
                if dotted && reach == Reach::Exact && !below {
                    return Err("its content is the middle of a name");
                }
                Ok(vec![(name.trim_start_matches('.').to_owned(), Some(reach))])
            }
            _ => Err("it needs a rule engine"),
        }
    }
}

/// Options end with semicolons, but for those in quotes and behind backslashes.
fn split_options(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    let mut escaped = false;
    text.split(move |c: char| {
        let ends = c == ';' && !inside && !escaped;
        inside ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })
    .map(str::trim)
    .filter(|option| !option.is_empty())
}

/// The text of a content; bytes in bars are hexadecimal.
fn content(said: &str) -> Option<String> {
    let inside = said.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = Vec::new();
    for (number, piece) in inside.split('|').enumerate() {
        if number % 2 == 0 {
            out.extend(piece.replace('\\', "").into_bytes());
        } else {
            for byte in piece.split_ascii_whitespace() {
                out.push(u8::from_str_radix(byte, 16).ok()?);
            }
        }
    }
    String::from_utf8(out).ok()
}
