//! Well-known names: who owns which domains, and which hosts are made to be taken for theirs.
//!
//! The names are those that phishing imitates most, after what the services themselves publish as their domains. A name
//! that is missing here is no less imitated; a host that imitates is no proof of anything by itself.

mod named;
mod sender;
mod table;

pub use sender::{Shown, belongs, shown_in};

use crate::suffix;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;
use table::BRANDS;

/// One owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The words it is known by, lower case. The first is its name.
    pub words: &'static [&'static str],
    /// Domains it runs, below which strangers have no names of their own.
    pub domains: &'static [&'static str],
}

impl Brand {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.words.first().copied().unwrap_or_default()
    }
}

const fn brand(words: &'static [&'static str], domains: &'static [&'static str]) -> Brand {
    Brand { words, domains }
}

/// Words that stand beside a name in hosts which imitate it.
const LURES: &[&str] = &[
    "365",
    "access",
    "account",
    "accounts",
    "alert",
    "app",
    "auth",
    "bank",
    "billing",
    "cloud",
    "confirm",
    "customer",
    "delivery",
    "id",
    "invoice",
    "live",
    "log",
    "login",
    "logon",
    "mail",
    "my",
    "office",
    "online",
    "owa",
    "paket",
    "parcel",
    "password",
    "pay",
    "payment",
    "portal",
    "recover",
    "recovery",
    "refund",
    "reset",
    "secure",
    "security",
    "service",
    "services",
    "session",
    "sign",
    "signin",
    "sso",
    "support",
    "team",
    "tracking",
    "unlock",
    "update",
    "user",
    "verification",
    "verify",
    "wallet",
    "web",
    "webmail",
];

/// Names that are words as well, of which things are called that have to do with nobody.
const WORDS: &[&str] = &[
    "apple",
    "azure",
    "booking",
    "chase",
    "discord",
    "kraken",
    "messenger",
    "outlook",
    "slack",
    "steam",
    "stripe",
    "telegram",
    "ups",
    "zoom",
];

/// Names and words that differ from a well-known name in one letter.
const NAMESAKES: &[&str] = &["citybank", "discard"];

/// Shorter words are too often parts of others, and count only beside a lure.
const TELLING: usize = 6;

/// Everybody who is known, by name.
pub fn all() -> &'static [Brand] {
    BRANDS
}

/// Who runs `host` or the domain that it lies below. Lower case.
pub fn owner(host: &str) -> Option<&'static Brand> {
    static OWNERS: LazyLock<HashMap<&str, &Brand>> = LazyLock::new(|| {
        // Who stands first in the tables has it.
        let owners = BRANDS.iter().chain(named::NAMED).rev();
        owners
            .flat_map(|brand| brand.domains.iter().map(move |domain| (*domain, brand)))
            .collect()
    });
    let mut name = host;
    loop {
        if let Some(brand) = OWNERS.get(name) {
            return Some(brand);
        }
        (_, name) = name.split_once('.')?;
    }
}

/// Whom `host`, lower case, is made to be taken for: it spells a well-known name with other characters (`micros0ft`,
/// `rnicrosoft`, `paypaI`), or puts it beside what lures use, and its owner is somebody else.
pub fn imitated(host: &str) -> Option<&'static Brand> {
    if owner(host).is_some() {
        return None;
    }
    let registrable = suffix::registrable(host).unwrap_or(host);
    let name = registrable.split('.').next().unwrap_or_default();
    let host = Tokens::of(name, host.strip_suffix(registrable).unwrap_or_default());
    let found = BRANDS.get(host.imitates()?)?;
    // Its name under the domain of a country is its own.
    (!sender::belongs(found, registrable)).then_some(found)
}

/// The words of a host.
struct Tokens<'h> {
    /// Those of what somebody registered.
    name: Vec<Token<'h>>,
    /// The labels below it, which its owner makes up, and the words of each.
    below: Vec<(&'h str, Vec<Token<'h>>)>,
}

/// One word of a host, and what a reader takes it for.
struct Token<'h> {
    text: &'h str,
    spellings: [Cow<'h, str>; 2],
}

/// The tables, by what is asked: of thousands of hosts, hardly one holds a domain of somebody or resembles a word.
struct Index {
    /// Whose a word or a domain is, by their places in the table.
    words: HashMap<&'static str, usize>,
    domains: HashMap<&'static str, usize>,
    /// Words in which one slip counts, by their first letter and length.
    slips: HashMap<(u8, usize), Vec<&'static str>>,
    /// Labels of the longest domain.
    labels: usize,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let numbered = || BRANDS.iter().enumerate().rev();
    let words: HashMap<&str, usize> = numbered()
        .flat_map(|(at, brand)| brand.words.iter().map(move |word| (*word, at)))
        .collect();
    let domains: HashMap<&str, usize> = numbered()
        .flat_map(|(at, brand)| brand.domains.iter().map(move |domain| (*domain, at)))
        .collect();
    let mut slips: HashMap<(u8, usize), Vec<&str>> = HashMap::new();
    for word in BRANDS
        .iter()
        .flat_map(|brand| brand.words)
        .filter(|word| word.len() > TELLING)
    {
        let first = word.bytes().next().unwrap_or_default();
        slips.entry((first, word.len())).or_default().push(word);
    }
    let all = BRANDS.iter().flat_map(|brand| brand.domains);
    let labels = all.map(|domain| domain.split('.').count()).max().unwrap_or_default();
    Index {
        words,
        domains,
        slips,
        labels,
    }
});

impl<'h> Tokens<'h> {
    fn of(name: &'h str, below: &'h str) -> Self {
        let labels = below.split('.').filter(|label| !label.is_empty());
        Self {
            name: tokens(name),
            below: labels.map(|label| (label, tokens(label))).collect(),
        }
    }

    /// The place of the first brand in the table that the host imitates.
    fn imitates(&self) -> Option<usize> {
        let tokens = || self.name.iter().chain(self.below.iter().flat_map(|(_, tokens)| tokens));
        let spelled = tokens()
            .flat_map(Token::resembled)
            .filter(|(word, _)| self.spells(word));
        self.held().into_iter().chain(spelled.map(|(_, brand)| brand)).min()
    }

    /// The first brand of which a domain stands below the name, as `paypal.com.evil.example` has it.
    fn held(&self) -> Option<usize> {
        let labels: Vec<&str> = self.below.iter().map(|(label, _)| *label).collect();
        // No domain of anybody is a single label.
        let counts = 2..=INDEX.labels;
        let runs = counts.flat_map(|count| labels.windows(count));
        runs.filter_map(|run| INDEX.domains.get(run.join(".").as_str()).copied())
            .min()
    }

    /// Whether `word` is spelled in other characters, or stands where lures have it.
    fn spells(&self, word: &str) -> bool {
        self.is_named(word) || self.below.iter().any(|(_, tokens)| self.is_below(tokens, word))
    }

    fn is_named(&self, word: &str) -> bool {
        let others = || self.name.iter().filter(|token| token.text != word);
        let mut below = self.below.iter().flat_map(|(_, tokens)| tokens);
        self.name.iter().any(|token| match token.resemblance(word) {
            Resemblance::None => false,
            Resemblance::Disguised => true,
            // "steam-cleaning-service"
            Resemblance::Same if WORDS.contains(&word) && !others().all(Token::is_lure) => false,
            Resemblance::Same => others().any(Token::is_lure) || below.any(Token::is_lure),
        })
    }

    /// Below a name of their own people call machines after what runs there: `github.app.corp.example`.
    fn is_below(&self, label: &[Token<'_>], word: &str) -> bool {
        let is_lured = || {
            let beside = !WORDS.contains(&word) && label.iter().any(Token::is_lure);
            beside || self.name.iter().any(Token::is_lure)
        };
        label.iter().any(|token| match token.resemblance(word) {
            Resemblance::None => false,
            Resemblance::Same => is_lured(),
            Resemblance::Disguised => true,
        })
    }
}

fn tokens(label: &str) -> Vec<Token<'_>> {
    let words = label.split(['-', '_']).filter(|token| !token.is_empty());
    words.map(Token::of).collect()
}

fn is_lure(word: &str) -> bool {
    LURES.contains(&word)
}

enum Resemblance {
    None,
    /// The word itself.
    Same,
    /// The word in other characters, or with a lure grown onto it.
    Disguised,
}

impl<'h> Token<'h> {
    fn of(text: &'h str) -> Self {
        Self {
            text,
            spellings: [folded(text, 'l'), folded(text, 'i')],
        }
    }

    fn is_lure(&self) -> bool {
        is_lure(self.text)
    }

    /// The words that it may resemble, and whose they are.
    fn resembled(&self) -> Vec<(&'static str, usize)> {
        let mut found: Vec<&str> = Vec::new();
        let known = |word: &str| INDEX.words.get_key_value(word).map(|(word, _)| *word);
        found.extend(known(self.text));
        for spelling in &self.spellings {
            found.extend(known(spelling));
            if spelling.len() > TELLING {
                let grown = LURES.iter().flat_map(|lure| {
                    let ends = [spelling.strip_prefix(lure), spelling.strip_suffix(lure)];
                    ends.into_iter().flatten().filter_map(known)
                });
                found.extend(grown);
            }
            let first = spelling.bytes().next().unwrap_or_default();
            for length in spelling.len().saturating_sub(1)..=spelling.len() + 1 {
                let near = INDEX.slips.get(&(first, length)).into_iter().flatten();
                found.extend(near.filter(|word| is_one_slip(spelling, word)));
            }
        }
        let whose = |word: &'static str| Some((word, *INDEX.words.get(word)?));
        found.into_iter().filter_map(whose).collect()
    }

    fn resemblance(&self, word: &str) -> Resemblance {
        if self.text == word {
            return Resemblance::Same;
        }
        let is_long = word.len() >= TELLING - 1;
        if is_long && self.spellings.iter().any(|spelling| spelling == word) {
            return Resemblance::Disguised;
        }
        if word.len() < TELLING {
            return Resemblance::None;
        }
        let grown = self.spellings.iter().any(|spelling| {
            let rest = spelling.strip_prefix(word).or_else(|| spelling.strip_suffix(word));
            rest.is_some_and(is_lure)
        });
        let slipped = word.len() > TELLING && self.spellings.iter().any(|spelling| is_one_slip(spelling, word));
        if grown || slipped {
            Resemblance::Disguised
        } else {
            Resemblance::None
        }
    }
}

/// What a reader takes the characters for; `1` is taken for `one`.
fn folded(token: &str, one: char) -> Cow<'_, str> {
    let is_plain = |pair: &[u8]| !matches!(pair, b"rn" | b"vv");
    let is_letter = |byte: u8| !matches!(byte, b'0' | b'1' | b'|' | b'3' | b'4' | b'5' | b'7' | b'8');
    if token.bytes().all(is_letter) && token.as_bytes().windows(2).all(is_plain) {
        return Cow::Borrowed(token);
    }
    let digits = token.chars().map(|c| match c {
        '0' => 'o',
        '1' | '|' => one,
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        other => other,
    });
    Cow::Owned(digits.collect::<String>().replace("rn", "m").replace("vv", "w"))
}

/// Letters that are taken for one another, by the eye or by the ear.
const ALIKE: &[&[u8]] = &[
    b"aeiouy", b"mn", b"uvw", b"ckq", b"sz", b"ijl", b"gq", b"bd", b"bp", b"ft", b"hn",
];

/// Whether two neighbours changed places, or one letter was doubled, dropped or exchanged for one like it inside the word.
fn is_one_slip(token: &str, word: &str) -> bool {
    if NAMESAKES.contains(&token) {
        return false;
    }
    let same = token.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count();
    let last = same.checked_sub(1).and_then(|last| token.as_bytes().get(last));
    let (Some(a), Some(b)) = (token.as_bytes().get(same..), word.as_bytes().get(same..)) else {
        return false;
    };
    match (a, b) {
        // Names that only begin or end in another way are other names.
        _ if last.is_none() => false,
        ([_], [_]) | ([], _) | (_, []) => false,
        ([a0, a @ ..], _) if a == b => Some(a0) == last,
        ([a0, a1, a @ ..], [b0, b1, b @ ..]) if a0 == b1 && a1 == b0 && a == b => true,
        (a, [_, b @ ..]) if a == b => true,
        ([a0, a @ ..], [b0, b @ ..]) => a == b && ALIKE.iter().any(|alike| alike.contains(a0) && alike.contains(b0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, expected: Option<&str>) {
        assert_eq!(imitated(host).map(Brand::name), expected, "{host}");
    }

    #[test]
    fn a_name_in_other_characters_or_beside_a_lure_imitates() {
        for (host, name) in [
            ("login-micros0ft.com", "microsoft"),
            ("rnicrosoft.com", "microsoft"),
            ("mircosoft.com", "microsoft"),
            ("microsoft-login.xyz", "microsoft"),
            ("login.microsoftonline.com.evil.com", "microsoft"),
            ("microsoftonline-auth.com", "microsoft"),
            ("paypa1.com", "paypal"),
            ("paypal.com.account.evil.net", "paypal"),
            ("secure-paypal.com", "paypal"),
            ("paypallogin.com", "paypal"),
            ("dhl-paket.com", "dhl"),
            ("amaz0n.com", "amazon"),
            ("facebok.com", "facebook"),
            ("g00gle.com", "google"),
            ("netfliix.com", "netflix"),
            ("micrasoft.com", "microsoft"),
            ("paypal.account-verify.com", "paypal"),
            ("paypal-login.evil.com", "paypal"),
            ("chase-security.com", "chase"),
            ("login.steam-support.com", "steam"),
        ] {
            check(host, Some(name));
        }
    }

    /// What [`imitated`] says, by asking every word and domain of every brand.
    fn one_by_one(host: &str) -> Option<&'static Brand> {
        if owner(host).is_some() {
            return None;
        }
        let registrable = suffix::registrable(host).unwrap_or(host);
        let name = registrable.split('.').next().unwrap_or_default();
        let host = Tokens::of(name, host.strip_suffix(registrable).unwrap_or_default());
        let labels: Vec<&str> = host.below.iter().map(|(label, _)| *label).collect();
        let holds = |domain: &str| {
            let wanted: Vec<&str> = domain.split('.').collect();
            labels.windows(wanted.len()).any(|run| run == wanted)
        };
        let imitates = |brand: &&Brand| {
            brand.domains.iter().any(|domain| holds(domain)) || brand.words.iter().any(|word| host.spells(word))
        };
        let found = BRANDS.iter().find(imitates)?;
        (!sender::belongs(found, registrable)).then_some(found)
    }

    #[test]
    fn the_index_finds_what_asking_every_brand_finds() {
        let words = BRANDS.iter().flat_map(|brand| brand.words);
        for (at, word) in words.enumerate() {
            let (head, tail) = word.split_at(word.len() / 2);
            let lure = LURES[at % LURES.len()];
            let letter = head.chars().last().unwrap();
            for host in [
                format!("{word}.evil.com"),
                format!("{word}-{lure}.com"),
                format!("{word}{lure}.com"),
                format!("{lure}{word}.net"),
                format!("{head}{letter}{tail}.com"),
                format!("{head}x{tail}.com"),
                format!("{}.com", word.replace('o', "0").replace('l', "1").replace('m', "rn")),
                format!("{}.{lure}.com", word.replace('i', "1")),
                format!("a.{word}.com.{lure}.evil.com"),
                format!("{lure}.{head}{tail}-x.evil.com"),
                format!("{head}{}.com", tail.get(1..).unwrap_or_default()),
            ] {
                let found = imitated(&host).map(Brand::name);
                assert_eq!(found, one_by_one(&host).map(Brand::name), "{host}");
            }
        }
    }

    #[test]
    fn owners_and_other_names_do_not() {
        for host in [
            "login.microsoftonline.com",
            "www.paypal.com",
            "amazon.com.br",
            "google.at",
            "amazonas.com",
            "evil.com",
            "apply.com",
            "steamship.com",
            "chaser.com",
            "zooms.com",
            "paypal",
            "sharepoint.example.com",
            "twister.com",
            "booming.com",
            "brooking.com",
            "barclay.com",
            "citybank.com",
            "discard.com",
            "wikimedia.de",
            "github.app.example.com",
            "zoom.my.university.edu",
            "my-booking.hotel.de",
            "apple-service.farm.de",
            "steam-cleaning-service.de",
            "notpaypal.com.example.com",
        ] {
            check(host, None);
        }
    }

    #[test]
    fn words_and_domains_are_lower_case_and_owned_once() {
        let mut domains: Vec<&str> = BRANDS.iter().flat_map(|brand| brand.domains).copied().collect();
        assert!(
            BRANDS
                .iter()
                .flat_map(|brand| brand.words)
                .chain(&domains)
                .all(|text| text.to_lowercase() == **text)
        );
        let count = domains.len();
        domains.sort_unstable();
        domains.dedup();
        assert_eq!(domains.len(), count);
        assert!(BRANDS.is_sorted_by_key(Brand::name));
    }
}
