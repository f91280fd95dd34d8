//! Well-known names where a mail shows its sender, and whether the sender may show them.

use super::{BRANDS, Brand, WORDS, is_lure, named, owner};
use crate::confusable;
use crate::infrastructure::{self, Hit};
use crate::suffix;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A well-known name in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Whose.
    pub brand: &'static Brand,
    /// It is written with other letters than its own.
    pub disguised: bool,
    /// Nothing else is said but what services say of themselves: `PayPal Support`.
    pub alone: bool,
}

/// Words that services, and those who play them, put beside their name.
const OFFICIAL: &[&str] = &[
    "a",
    "admin",
    "administrator",
    "alerts",
    "amp",
    "and",
    "assistance",
    "auto",
    "automated",
    "banking",
    "best",
    "by",
    "card",
    "care",
    "center",
    "centre",
    "cliente",
    "clientes",
    "client",
    "clienti",
    "co",
    "com",
    "company",
    "corp",
    "corporation",
    "customers",
    "de",
    "del",
    "department",
    "der",
    "desk",
    "die",
    "di",
    "digital",
    "do",
    "e",
    "email",
    "en",
    "equipe",
    "es",
    "express",
    "fr",
    "for",
    "from",
    "group",
    "gutschein",
    "help",
    "helpdesk",
    "i",
    "inc",
    "info",
    "information",
    "it",
    "kunden",
    "kundendienst",
    "kundenservice",
    "la",
    "le",
    "les",
    "limited",
    "llc",
    "ltd",
    "message",
    "messages",
    "net",
    "news",
    "newsletter",
    "nl",
    "no",
    "noreply",
    "notice",
    "notification",
    "notifications",
    "notify",
    "of",
    "official",
    "one",
    "order",
    "orders",
    "org",
    "personal",
    "plus",
    "post",
    "prime",
    "promo",
    "reply",
    "rewards",
    "reward",
    "safety",
    "serviceclient",
    "servicio",
    "servizio",
    "shipment",
    "shipping",
    "sicherheit",
    "soporte",
    "store",
    "suporte",
    "survey",
    "system",
    "teams",
    "the",
    "to",
    "tracking",
    "uk",
    "us",
    "via",
    "winner",
    "your",
];

/// Words of a name are looked for in so many words of a text.
const LONGEST: usize = 4;
/// Words of a text that are looked at.
const MOST: usize = 24;

/// The well-known name that a text shows, in whatever letters. Words that are names of other things too count only where
/// nothing but what services call themselves stands beside them.
pub fn shown_in(text: &str) -> Option<Shown> {
    let plain = confusable::plain(text);
    let words: Vec<&str> = plain.split(' ').filter(|word| !word.is_empty()).take(MOST).collect();
    let skeletons: Vec<String> = words.iter().map(|word| skeleton(word)).collect();
    for start in 0..words.len() {
        let (mut joined, mut bones) = (String::new(), String::new());
        for length in 1..=LONGEST {
            let (Some(word), Some(skeleton)) = (words.get(start + length - 1), skeletons.get(start + length - 1))
            else {
                break;
            };
            joined.push_str(word);
            bones.push_str(skeleton);
            let Some((brand, known)) = named(&joined, &bones) else {
                continue;
            };
            let others = || {
                let before = words.iter().take(start);
                before.chain(words.iter().skip(start + length))
            };
            let alone = others()
                .all(|word| is_lure(word) || OFFICIAL.contains(word) || word.bytes().all(|byte| byte.is_ascii_digit()));
            let compact: String = known.chars().filter(|c| *c != ' ').collect();
            let is_word = WORDS.contains(&known) || compact.len() < 5;
            if is_word && !alone {
                continue;
            }
            let spelled = text
                .to_lowercase()
                .replace([' ', '-', '.', '\''], "")
                .contains(&compact);
            return Some(Shown {
                brand,
                disguised: !spelled,
                alone,
            });
        }
    }
    None
}

/// Every name by how it looks. Asked, never listed.
static LOOKS: LazyLock<HashMap<String, (&'static Brand, &'static str)>> = LazyLock::new(|| {
    let mut looks = HashMap::new();
    for brand in BRANDS.iter().chain(named::NAMED) {
        for word in brand.words {
            looks.entry(skeleton(&word.replace(' ', ""))).or_insert((brand, *word));
        }
    }
    looks
});

/// The name that words run together to, as they stand or as they look.
fn named(joined: &str, bones: &str) -> Option<(&'static Brand, &'static str)> {
    let (brand, word) = *LOOKS.get(bones)?;
    let mut letters = word.bytes().filter(|byte| *byte != b' ');
    let exact = joined.bytes().all(|byte| letters.next() == Some(byte)) && letters.next().is_none();
    // Few letters look like anything.
    (exact || joined.len() >= 5).then_some((brand, word))
}

/// Letters that are taken for one another, made one.
fn skeleton(word: &str) -> String {
    let one = word.chars().map(|c| match c {
        '0' => 'o',
        '1' | 'i' | '|' => 'l',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        other => other,
    });
    one.collect::<String>().replace("rn", "m").replace("vv", "w")
}

/// Two-letter top-level domains that are given away or sold in bulk: a well-known name below them says nothing.
const CHEAP: &[&str] = &[
    "tk", "ml", "ga", "cf", "gq", "pw", "cc", "ws", "la", "su", "to", "vc", "ly", "me", "io", "co", "ai", "gg", "sh",
    "st", "sx", "mu", "nu", "ms", "tv", "ag", "bz", "sc", "im", "cx", "ac",
];

/// Whether a brand may well be who sends from `domain`, lower case: it is listed as its own, it is its name under the
/// domain of a country, or the domain is on the list of banks.
pub fn belongs(brand: &Brand, domain: &str) -> bool {
    let lies_below = |known: &&str| {
        domain
            .strip_suffix(*known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if brand.domains.iter().any(lies_below) {
        return true;
    }
    if owner(domain).is_some_and(|owner| owner.words.first() == brand.words.first()) {
        return true;
    }
    let registrable = suffix::registrable(domain).unwrap_or(domain);
    let Some((label, suffix)) = registrable.split_once('.') else {
        return false;
    };
    let country = suffix.rsplit('.').next().unwrap_or(suffix);
    let of_country = country.len() == 2 && (!CHEAP.contains(&suffix));
    // Companies hold their name as a top-level domain as well.
    let is_name = |text: &str| {
        brand
            .words
            .iter()
            .any(|word| word.replace(' ', "") == text.replace('-', ""))
    };
    let own = (of_country && is_name(label)) || is_name(country);
    own || is_bank(domain)
}

fn is_bank(domain: &str) -> bool {
    let mut hits: Vec<Hit> = Vec::new();
    infrastructure::host(domain, &mut hits);
    hits.iter().any(|hit| hit.list.name == "bank-website")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_letters() {
        for (text, expected) in [
            ("Microsoft account team ,_", Some(("microsoft", true))),
            ("PayPaI Service", Some(("paypal", true))),
            ("Μetamаsk.io", Some(("metamask", false))),
            ("Wells Fargo Alerts", Some(("wellsfargo", true))),
            ("N0RT0N 360", Some(("norton", true))),
            ("Singapore Post", Some(("singapore post", true))),
            ("UPS", Some(("ups", true))),
            ("Start-ups of the year", None),
            ("Chase Miller", None),
            ("Anna Zoom-Becker", None),
            ("Ordinary Person", None),
        ] {
            let found = shown_in(text).map(|shown| (shown.brand.name(), shown.alone));
            assert_eq!(found.map(|(name, _)| name), expected.map(|(name, _)| name), "{text}");
        }
        assert!(shown_in("Μetamаsk").unwrap().disguised && !shown_in("MetaMask").unwrap().disguised);
    }

    #[test]
    fn brands_send_from_their_own_countries() {
        let of = |text: &str| shown_in(text).unwrap().brand;
        for (name, domain) in [
            ("DHL", "dhl.co.uk"),
            ("Amazon", "amazon.it"),
            ("PayPal", "mail.paypal.de"),
            ("HSBC", "notify.hsbc.com.hk"),
            ("Royal Mail", "royalmail.com"),
        ] {
            assert!(belongs(of(name), domain), "{domain}");
        }
        for (name, domain) in [
            ("DHL", "dhl.tk"),
            ("Amazon", "amazon-it.it"),
            ("PayPal", "paypal.service.example"),
            ("Microsoft", "access-accsecurity.com"),
        ] {
            assert!(!belongs(of(name), domain), "{domain}");
        }
    }
}
