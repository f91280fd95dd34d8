//! Where a link leads behind the services that stand in front of it: link protection of mail gateways, and the
//! redirectors of search engines and social networks.
//!
//! Only services that carry the whole target in the link are read, each by its own documented encoding. Any other link
//! with a URL in its query (`?url=https://…`) merely names that site, and shorteners say nothing: both are left as they
//! are. Nothing is asked; the text is read once for each of at most sixteen layers.

use std::borrow::Cow;
use watchfire_formats::email::transfer;
use watchfire_knowledge::suffix;
use watchfire_model::url::{Url, percent_decoded};

/// Services in front of services.
const LAYERS: usize = 16;
/// Longer links lead nowhere: browsers and servers refuse them.
const LONGEST: usize = 64 << 10;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrapped {
    /// The URL; where that is not resolved, the host alone.
    pub target: String,
    /// The services in front of it, the outermost first.
    pub through: Vec<&'static str>,
    /// Whether the whole target was in the link. Some services keep it and tell only the host.
    pub resolved: bool,
}

/// Looks behind the services that `url` goes through; nothing where it goes through none.
pub fn unwrap(url: &str) -> Option<Unwrapped> {
    if url.len() > LONGEST {
        return None;
    }
    let mut target = Cow::Borrowed(url.trim());
    let mut through = Vec::new();
    while through.len() < LAYERS {
        let Some((name, found)) = layer(&target) else { break };
        through.push(name);
        match found {
            Found::Url(inner) => target = Cow::Owned(inner),
            Found::Host(host) => {
                return Some(Unwrapped {
                    target: host,
                    through,
                    resolved: false,
                });
            }
        }
    }
    (!through.is_empty()).then(|| Unwrapped {
        target: target.into_owned(),
        through,
        resolved: true,
    })
}

enum Found {
    Url(String),
    Host(String),
}

/// How a service carries its target.
#[derive(Clone, Copy)]
enum Carried {
    /// In one of these parameters: percent-encoded or in base64.
    In(&'static [&'static str]),
    /// Everything after the question mark.
    Query,
    /// The last part of the path, percent-encoded.
    LastSegment,
    /// In the path behind this, to the end.
    Behind(&'static str),
    /// The part of the path behind this, percent-encoded.
    Segment(&'static str),
    /// `RU=` in the path.
    Yahoo,
    /// Only the host, in one of these parameters.
    Host(&'static [&'static str]),
    /// URL Defense, version 2: hyphens for percent signs, underscores for slashes.
    HyphenForPercent,
    /// URL Defense, version 3: as it is, between double underscores; what the wrapper cannot hold is listed at its end.
    Underscored,
    /// As it is, between triple underscores.
    Tripled,
    /// The host is the target's with its dots as hyphens.
    Translated,
}

struct Service {
    name: &'static str,
    /// Its hosts and all below them. An empty list means Google under any public suffix.
    hosts: &'static [&'static str],
    /// How the path begins.
    path: &'static str,
    carried: Carried,
}

const fn service(name: &'static str, hosts: &'static [&'static str], path: &'static str, carried: Carried) -> Service {
    Service {
        name,
        hosts,
        path,
        carried,
    }
}

const URL: Carried = Carried::In(&["url"]);
const U: Carried = Carried::In(&["u"]);
const GOOGLE: &[&str] = &[];
const URL_DEFENSE: &[&str] = &["urldefense.com", "urldefense.us", "urldefense.proofpoint.com"];

/// The first that fits and carries something is taken.
static SERVICES: &[Service] = &[
    service(
        "Outlook SafeLinks",
        &[
            "safelinks.protection.outlook.com",
            "safelinks.protection.office365.us",
            "safelinks.protection.outlook.us",
            "safelinks.protection.outlook.de",
            "safelinks.protection.partner.outlook.cn",
            "safelinks.o365filtering.com",
        ],
        "",
        URL,
    ),
    service(
        "Outlook SafeLinks",
        &["teams.cdn.office.net", "outlook.office.com"],
        "",
        URL,
    ),
    service(
        "Defender for Cloud Apps",
        &["mcas.ms", "cas.ms"],
        "",
        Carried::In(&["originalUrl"]),
    ),
    service("Proofpoint URL Defense", URL_DEFENSE, "/v1/", U),
    service("Proofpoint URL Defense", URL_DEFENSE, "/v2/", Carried::HyphenForPercent),
    service("Proofpoint URL Defense", URL_DEFENSE, "/v3/", Carried::Underscored),
    service("Barracuda", &["linkprotect.cudasvc.com"], "", Carried::In(&["a"])),
    service("Cisco", &["secure-web.cisco.com"], "", Carried::In(&["url", "u"])),
    service("Cisco", &["secure-web.cisco.com"], "", Carried::LastSegment),
    service("Mimecast", &["mimecast.com", "mimecastprotect.com"], "", URL),
    service(
        "Mimecast",
        &["mimecast.com", "mimecastprotect.com"],
        "/s/",
        Carried::Host(&["domain"]),
    ),
    service("Symantec", &["clicktime.symantec.com"], "", U),
    service("Trend Micro", &["trendmicro.com", "trendmicro.eu"], "", URL),
    service("Sophos", &["protection.sophos.com"], "", U),
    service("Sophos", &["protection.sophos.com"], "", Carried::Host(&["d"])),
    service("FireEye", &["protect.fireeye.com", "protect2.fireeye.com"], "", U),
    service("Trellix", &["etp.trellix.com", "protect.trellix.com"], "", U),
    service("Edgepilot", &["link.edgepilot.com"], "", U),
    service("Zix", &["link.zixcentral.com"], "", U),
    service("Libraesva", &["urlsand.esvalabs.com", "urlsand.com"], "", U),
    service("Trustwave", &["scanmail.trustwave.com"], "", U),
    service(
        "INKY",
        &["outlook.inky.com", "shared.inky.com"],
        "",
        Carried::Host(&["domain"]),
    ),
    service(
        "Check Point",
        &["url.avanan.click", "protect.checkpoint.com"],
        "/v2/",
        Carried::Tripled,
    ),
    service("Check Point", &["avanan.url-protection.com"], "", Carried::In(&["o"])),
    service("Google", GOOGLE, "/url", Carried::In(&["q", "url", "adurl"])),
    service("Google", GOOGLE, "/amp/s/", Carried::Behind("/amp/s/")),
    service("Google", GOOGLE, "/amp/", Carried::Behind("/amp/")),
    service("Google", GOOGLE, "/imgres", Carried::In(&["imgrefurl", "imgurl"])),
    service("Google", GOOGLE, "/aclk", Carried::In(&["adurl"])),
    service("Google", GOOGLE, "/pagead/", Carried::In(&["adurl"])),
    service("Google", GOOGLE, "/travel/clk", Carried::In(&["pcurl"])),
    service("Google", GOOGLE, "/translate", U),
    service("Google", GOOGLE, "/website", U),
    service("Google", &["googleadservices.com"], "/", Carried::In(&["adurl"])),
    service("Google", &["doubleclick.net"], "/", Carried::In(&["adurl", "url"])),
    service("Google", &["doubleclick.net"], "/", Carried::Query),
    service("Google", &["googleweblight.com"], "", U),
    service("Amazon SES", &["awstrack.me"], "", Carried::Segment("/L0/")),
    service("Google Translate", &["translate.goog"], "", Carried::Translated),
    service("Bing", &["bing.com"], "/ck/", U),
    service("Bing", &["bing.com"], "/", Carried::In(&["url"])),
    service("Yahoo", &["search.yahoo.com"], "", Carried::Yahoo),
    service("DuckDuckGo", &["duckduckgo.com"], "/l/", Carried::In(&["uddg"])),
    service("LinkedIn", &["linkedin.com"], "/redir/", URL),
    service("LinkedIn", &["linkedin.com"], "/safety/", URL),
    service(
        "LinkedIn",
        &["linkedin.com"],
        "/authwall",
        Carried::In(&["sessionRedirect"]),
    ),
    service("Facebook", &["l.facebook.com", "lm.facebook.com"], "", U),
    service("Facebook", &["facebook.com"], "/l.php", U),
    service("Facebook", &["facebook.com"], "/flx/warn", U),
    service(
        "Facebook",
        &["l.messenger.com", "l.workplace.com", "l.wl.co", "l.threads.net"],
        "",
        U,
    ),
    service("Instagram", &["l.instagram.com"], "", U),
    service("YouTube", &["youtube.com"], "/redirect", Carried::In(&["q"])),
    service("Reddit", &["out.reddit.com"], "", URL),
    service("Slack", &["slack-redir.net"], "/link", URL),
    service(
        "Steam",
        &["steamcommunity.com"],
        "/linkfilter",
        Carried::In(&["u", "url"]),
    ),
    service("VK", &["vk.com"], "/away.php", Carried::In(&["to"])),
    service("Tumblr", &["t.umblr.com"], "/redirect", Carried::In(&["z"])),
];

/// What one service carries.
fn layer(text: &str) -> Option<(&'static str, Found)> {
    let url = Url::parse(text)?;
    if !url.scheme.eq_ignore_ascii_case("http") && !url.scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let host = url.host.replace("[.]", ".").trim_end_matches('.').to_ascii_lowercase();
    let fitting = SERVICES
        .iter()
        .filter(|service| is_of(service, &host) && url.path.starts_with(service.path));
    fitting
        .filter_map(|service| Some((service.name, carried(service.carried, text, &url, &host)?)))
        .next()
}

fn is_of(service: &Service, host: &str) -> bool {
    if service.hosts.is_empty() {
        let may_be = host.starts_with("google.") || host.contains(".google.");
        return may_be && suffix::registrable(host).is_some_and(|registered| registered.starts_with("google."));
    }
    service.hosts.iter().any(|known| {
        host.strip_suffix(known)
            .is_some_and(|below| below.is_empty() || below.ends_with('.'))
    })
}

fn carried(how: Carried, text: &str, url: &Url<'_>, host: &str) -> Option<Found> {
    let target = match how {
        Carried::In(names) => parameter(url.query, names).and_then(decoded)?,
        Carried::Query => decoded(url.query)?,
        Carried::LastSegment => decoded(url.path.rsplit('/').next()?).or_else(|| as_it_is(text))?,
        Carried::Behind(prefix) => behind(text, prefix)?,
        Carried::Segment(prefix) => {
            let (_, rest) = url.path.split_once(prefix)?;
            decoded(rest.split('/').next()?)?
        }
        Carried::Yahoo => url
            .path
            .split('/')
            .find_map(|part| decoded(part.strip_prefix("RU=")?))?,
        Carried::Host(names) => return parameter(url.query, names).and_then(host_alone).map(Found::Host),
        Carried::HyphenForPercent => {
            let written = parameter(url.query, &["u"])?;
            let percent: String = written
                .chars()
                .map(|c| match c {
                    '-' => '%',
                    '_' => '/',
                    other => other,
                })
                .collect();
            is_url(percent_decoded(&percent).into_owned())?
        }
        Carried::Underscored => underscored(text)?,
        Carried::Tripled => {
            let (_, inner) = text.split_once("___")?;
            is_url(inner.split("___").next()?.to_owned())?
        }
        Carried::Translated => translated(url, host)?,
    };
    Some(Found::Url(target))
}

/// The value of the first parameter of that name. Links that were taken out of pages badly have `&amp;` in them.
fn parameter<'u>(query: &'u str, names: &[&str]) -> Option<&'u str> {
    let pairs = || {
        query
            .split(['&', ';'])
            .filter_map(|pair| pair.strip_prefix("amp;").unwrap_or(pair).split_once('='))
    };
    names.iter().find_map(|name| {
        pairs()
            .find(|(known, value)| known.eq_ignore_ascii_case(name) && !value.is_empty())
            .map(|(_, value)| value)
    })
}

/// A URL that was percent-encoded, perhaps more than once, or written in base64.
fn decoded(value: &str) -> Option<String> {
    let mut text = Cow::Borrowed(value);
    for _ in 0..3 {
        if let Some(url) = is_url(text.trim().to_owned()) {
            return Some(url);
        }
        match percent_decoded(&text) {
            Cow::Borrowed(_) => break,
            Cow::Owned(next) => text = Cow::Owned(next),
        }
    }
    if let Some(url) = is_url(text.trim().to_owned()) {
        return Some(url);
    }
    // Bing writes a sign before it, which says how the rest is encoded.
    let letters = text.strip_prefix("a1").unwrap_or(&text);
    if !letters.starts_with("aHR0c") {
        return None;
    }
    let (bytes, _) = transfer::base64(letters.as_bytes());
    is_url(String::from_utf8(bytes).ok()?)
}

/// The text, where it is a URL of the web.
fn is_url(text: String) -> Option<String> {
    let text = match text.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => text,
    };
    let url = Url::parse(&text)?;
    let is_web = url.scheme.eq_ignore_ascii_case("http") || url.scheme.eq_ignore_ascii_case("https");
    let clean = !text.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER);
    (is_web && clean).then_some(text)
}

/// A second URL in the path as it stands.
fn as_it_is(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("://")?;
    let at = rest.find("/https://").or_else(|| rest.find("/http://"))?;
    is_url(rest.get(at + 1..)?.to_owned())
}

/// What follows `prefix` in the path, which has no scheme.
fn behind(text: &str, prefix: &str) -> Option<String> {
    let (_, rest) = text.split_once(prefix)?;
    let rest = rest.trim_start_matches('/');
    let inner = decoded(rest).or_else(|| is_url(format!("https://{rest}")))?;
    let host = Url::parse(&inner)?.host.to_owned();
    host.contains('.').then_some(inner)
}

fn host_alone(value: &str) -> Option<String> {
    let host = percent_decoded(value).trim().trim_end_matches('.').to_lowercase();
    let labels = host.split('.').all(|label| {
        let inner = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.len() <= 63 && label.chars().all(inner)
    });
    (labels && host.contains('.') && host.len() <= 253).then_some(host)
}

/// `/v3/__https://host/path*rest__;Kw!!…`: each asterisk stands for the next character of the list after the semicolon,
/// which is in base64; two asterisks and a letter stand for as many as the letter says, `A` for two.
fn underscored(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("/v3/__")?;
    let (written, list) = rest.split_once("__;").unwrap_or((rest.trim_end_matches('_'), ""));
    let written = percent_decoded(written);
    let (bytes, _) = transfer::base64(list.split('!').next().unwrap_or_default().as_bytes());
    let list = String::from_utf8_lossy(&bytes);
    let mut list = list.chars();
    let mut target = String::with_capacity(written.len());
    let mut letters = written.chars();
    while let Some(letter) = letters.next() {
        if letter != '*' {
            target.push(letter);
            continue;
        }
        let mut ahead = letters.clone();
        let run = ahead
            .next()
            .filter(|next| *next == '*')
            .and_then(|_| run(ahead.next()?));
        let count = match run {
            Some(count) => {
                letters = ahead;
                count
            }
            None => 1,
        };
        target.extend(list.by_ref().take(count));
    }
    // Servers on the way make one slash of two.
    if let Some((scheme, rest)) = target.split_once(":/")
        && !rest.starts_with('/')
    {
        target = format!("{scheme}://{rest}");
    }
    is_url(target)
}

/// How many characters of the list a letter stands for.
fn run(letter: char) -> Option<usize> {
    let from = |first: char, count: u32| usize::try_from(u32::from(letter) - u32::from(first) + count).ok();
    match letter {
        'A'..='Z' => from('A', 2),
        'a'..='z' => from('a', 28),
        '0'..='9' => from('0', 54),
        '-' => Some(64),
        '_' => Some(65),
        _ => None,
    }
}

/// `www-example-com.translate.goog`: dots are hyphens, and hyphens are doubled.
fn translated(url: &Url<'_>, host: &str) -> Option<String> {
    let label = host.strip_suffix(".translate.goog")?;
    let dotted = label.replace("--", "\0").replace('-', ".").replace('\0', "-");
    let scheme = parameter(url.query, &["_x_tr_sch"]).filter(|scheme| scheme.eq_ignore_ascii_case("http"));
    let scheme = scheme.map_or("https", |_| "http");
    let own: Vec<&str> = url
        .query
        .split('&')
        .filter(|pair| !pair.starts_with("_x_tr_"))
        .collect();
    let query = own.join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    is_url(format!("{scheme}://{dotted}{}{mark}{query}", url.path))
}

#[cfg(test)]
mod tests;
