//! Hosts: whose they are, and what kind of place.

use watchfire_knowledge::{brand, suffix};

/// Where anybody has an address.
const FREE_MAIL: &[&str] = &[
    "163.com",
    "aol.com",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "hotmail.com",
    "icloud.com",
    "libero.it",
    "live.com",
    "mail.ru",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.co.jp",
    "yahoo.com",
    "yandex.ru",
];

/// Those who say where a short link leads only when it is followed.
const SHORTENERS: &[&str] = &[
    "bit.ly",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "lnkd.in",
    "ow.ly",
    "qrco.de",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "shorturl.at",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
    "v.gd",
];

/// Where anybody puts pages without saying who he is.
const PAGES: &[&str] = &[
    "amazonaws.com",
    "azurewebsites.net",
    "backblazeb2.com",
    "blob.core.windows.net",
    "blogspot.com",
    "cloudfront.net",
    "digitaloceanspaces.com",
    "docs.google.com",
    "duckdns.org",
    "firebaseapp.com",
    "fly.dev",
    "forms.gle",
    "github.io",
    "glitch.me",
    "godaddysites.com",
    "herokuapp.com",
    "ipfs.io",
    "linodeobjects.com",
    "myftp.org",
    "myqcloud.com",
    "netlify.app",
    "ngrok.io",
    "onrender.com",
    "pages.dev",
    "r2.dev",
    "repl.co",
    "sites.google.com",
    "storage.googleapis.com",
    "translate.goog",
    "vercel.app",
    "web.app",
    "web.core.windows.net",
    "weebly.com",
    "wixsite.com",
    "wordpress.com",
    "workers.dev",
];

/// Endings that cost next to nothing, or are abused out of proportion.
const CHEAP: &[&str] = &[
    "autos", "best", "biz", "bond", "buzz", "cf", "cfd", "click", "club", "cn", "cyou", "fun", "ga", "gq", "host",
    "icu", "info", "life", "link", "live", "lol", "ml", "monster", "one", "online", "press", "pw", "quest", "rest",
    "ru", "sbs", "shop", "site", "space", "store", "su", "support", "tk", "today", "top", "vip", "website", "work",
    "world", "xyz",
];

/// The host of a URL, as written; nothing for what has none.
pub(crate) fn of(url: &str) -> Option<&str> {
    let rest = match url.split_once("//") {
        Some((scheme, rest)) if scheme.len() < 12 => rest,
        _ => url
            .get(..4)
            .filter(|head| head.eq_ignore_ascii_case("www."))
            .map(|_| url)?,
    };
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?.trim_matches('.');
    (host.contains('.') && host.len() < 254).then_some(host)
}

/// The domain that somebody registered, of a lower-case host.
pub(crate) fn registrable(host: &str) -> &str {
    suffix::registrable(host).unwrap_or(host)
}

fn is_below(host: &str, list: &[&str]) -> bool {
    list.iter().any(|known| {
        let rest = host.strip_suffix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

pub(crate) fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.contains(&domain)
}

pub(crate) fn is_shortener(host: &str) -> bool {
    is_below(host, SHORTENERS)
}

pub(crate) fn is_for_anybody(host: &str) -> bool {
    is_below(host, PAGES)
}

pub(crate) fn is_cheap(host: &str) -> bool {
    host.rsplit('.').next().is_some_and(|end| CHEAP.contains(&end))
}

/// Whether a name has the letters of no language: hardly a vowel, or five consonants in a row.
pub(crate) fn is_random(name: &str) -> bool {
    let letters = || {
        name.bytes()
            .filter(u8::is_ascii_alphabetic)
            .map(|byte| byte.to_ascii_lowercase())
    };
    let is_vowel = |byte: u8| b"aeiouy".contains(&byte);
    let count = letters().count();
    let vowels = letters().filter(|byte| is_vowel(*byte)).count();
    let (longest, _) = letters().fold((0, 0), |(longest, run), byte| {
        let run = if is_vowel(byte) { 0 } else { run + 1 };
        (run.max(longest), run)
    });
    count >= 7 && (vowels * 100 < count * 22 || longest >= 5)
}

/// Whether `host`, lower case, is run by one of those whom `words` name, or bears the name itself (`amazon.it`).
pub(crate) fn is_owned(host: &str, words: &[&str]) -> bool {
    let name = registrable(host).split('.').next().unwrap_or_default();
    words.contains(&name) || brand::owner(host).is_some_and(|brand| brand.words.iter().any(|word| words.contains(word)))
}
