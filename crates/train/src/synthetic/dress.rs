//! Makes a mail of a template: who sends it, where its links lead, which forms of body it has.

use super::Template;
use super::fill::{Filler, plain};
use super::random::Random;

/// Whose mail it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Who the template says.
    Legitimate,
    /// A stranger who copies it.
    Copied,
    /// A lure.
    Lure,
}

const STRANGE_ENDINGS: &[&str] = &[
    "com", "com", "com", "net", "org", "top", "xyz", "info", "shop", "online", "site", "ru", "br", "com.br", "in",
    "co.za", "us", "de", "click", "live", "jp", "fr", "club", "store", "it", "cl", "vn", "biz", "me",
];
const LURING: &[&str] = &[
    "secure", "account", "verify", "update", "mail", "service", "portal", "login", "alert", "notice", "center",
    "support", "team", "info", "delivery", "reward", "online", "bill", "pay", "cloud", "help", "my", "web",
];
const PLACES: &[&str] = &[
    "storage.googleapis.com/#/index.html",
    "#.web.app",
    "#.pages.dev/login",
    "#.workers.dev",
    "bit.ly/#",
    "tinyurl.com/#",
    "#.blob.core.windows.net/x",
    "#.weebly.com",
    "s3.amazonaws.com/#/i.html",
    "#.firebaseapp.com",
    "ipfs.io/ipfs/#",
    "t.co/#",
    "docs.google.com/presentation/d/#",
    "sites.google.com/view/#",
    "#.r2.dev/a.html",
    "cutt.ly/#",
    "lnkd.in/#",
    "#.vercel.app",
    "#.netlify.app",
    "is.gd/#",
];
/// Where those who send for others let links lead first.
const COUNTERS: &[&str] = &[
    "click.e.#",
    "links.#",
    "email.#",
    "u1482733.ct.sendgrid.net",
    "#.us7.list-manage.com",
    "trk.klclick.com",
    "www.#",
    "www.#",
    "www.#",
    "#",
    "app.#",
    "clicks.mlsend.com",
    "track.#",
    "cmail20.com",
    "r.email.#",
    "awstrack.me",
];

/// A domain that nobody knows.
fn strange(random: &mut Random) -> String {
    let name = match random.below(4) {
        0 => {
            let count = 2 + random.below(3);
            random.syllables(count)
        }
        1 => {
            let count = 6 + random.below(7);
            random.letters(count)
        }
        2 => format!("{}-{}", random.one(LURING), random.one(LURING)),
        _ => format!(
            "{}{}",
            random.syllables(2),
            random.one(&[
                "design", "garden", "school", "hotel", "farm", "clinic", "-shop", "-tech"
            ])
        ),
    };
    let number = if random.percent(20) {
        random.below(1000).to_string()
    } else {
        String::new()
    };
    let host = format!("{name}{number}.{}", random.one(STRANGE_ENDINGS));
    match random.below(10) {
        0 => format!("{}.{host}", random.letters(6)),
        1 | 2 => format!("{}.{host}", random.one(&["mail", "info", "em4412", "news"])),
        _ => host,
    }
}

fn registrable(domain: &str) -> String {
    let labels: Vec<&str> = domain.rsplit('.').collect();
    let count = if labels.get(1).is_some_and(|label| *label == "co" || *label == "com") {
        3
    } else {
        2
    };
    labels.into_iter().take(count).rev().collect::<Vec<_>>().join(".")
}

/// Where the links of one mail lead.
struct Route {
    kind: Kind,
    own: String,
    counter: String,
    single: String,
    rewritten: bool,
}

impl Route {
    fn link(&self, random: &mut Random) -> String {
        if self.kind != Kind::Legitimate {
            return match random.percent(85) {
                true => self.single.clone(),
                false => format!("https://{}/{}", strange(random), random.letters(5)),
            };
        }
        let host = if random.percent(70) {
            self.counter.clone()
        } else {
            format!("www.{}", self.own)
        };
        let query = random.one(&["", "?id=8842711", "?utm_source=email"]);
        let url = format!("https://{host}/{}/{}{query}", random.letters(4), random.letters(8));
        if self.rewritten {
            let inside = url.replace(':', "%3A").replace('/', "%2F");
            return format!(
                "https://eur03.safelinks.protection.outlook.com/?url={inside}&amp;data=05%7C01&amp;reserved=0"
            );
        }
        url
    }
}

/// The mail.
pub(crate) fn dress(template: &Template, kind: Kind, filler: &mut Filler<'_>) -> String {
    let to = filler.value("email");
    let from = filler.fill(&template.from);
    let subject = filler.fill(&template.subject);
    let lines: Vec<String> = template.lines.iter().map(|line| filler.fill(line)).collect();
    let (name, address) = match from.split_once('<') {
        Some((name, address)) => (name.trim().to_owned(), address.trim_end_matches('>').to_owned()),
        None => (from, String::new()),
    };
    let address = if kind == Kind::Legitimate {
        address
    } else {
        stranger(filler)
    };
    let own = registrable(address.rsplit('@').next().unwrap_or_default());
    let random = &mut *filler.random;
    let counter = random.one(COUNTERS).replace('#', &own);
    let place = match random.percent(65) {
        true => format!("{}/{}", strange(random), random.letters(6)),
        false => random.one(PLACES).replace('#', &random.letters(9)),
    };
    let route = Route {
        kind,
        own,
        counter,
        single: format!("https://{place}"),
        rewritten: random.percent(12),
    };
    let personal = !lines
        .iter()
        .any(|line| line.starts_with("> ") || line.starts_with("* "));
    let (text, page) = bodies(&lines, &name, personal, &route, random);
    let mut head = format!(
        "From: \"{name}\" {}\nTo: {to}\nSubject: {subject}\n",
        if address.is_empty() {
            String::new()
        } else {
            format!("<{address}>")
        }
    );
    if kind == Kind::Legitimate
        && ["re:", "aw:"]
            .iter()
            .any(|prefix| subject.to_lowercase().starts_with(prefix))
    {
        head.push_str("In-Reply-To: <1@mail.example>\n");
    }
    match kind {
        Kind::Legitimate if !personal && random.percent(15) => head.push_str(&format!(
            "Reply-To: {}@{}\n",
            random.one(&["reply", "support", "info"]),
            route.own
        )),
        Kind::Copied | Kind::Lure if random.percent(20) => {
            let domain = match random.below(3) {
                0 => strange(random),
                _ => random.one(&["gmail.com", "outlook.com"]).to_owned(),
            };
            head.push_str(&format!(
                "Reply-To: {}{}@{domain}\n",
                random.syllables(2),
                random.below(999)
            ));
        }
        _ => {}
    }
    head.push_str("MIME-Version: 1.0\n");
    let style = random.below(100);
    if (personal && style < 50) || (kind == Kind::Lure && style < 10) {
        return format!("{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n");
    }
    if style < 60 {
        return format!("{head}Content-Type: text/html; charset=utf-8\n\n{page}\n");
    }
    format!(
        "{head}Content-Type: multipart/alternative; boundary=\"part\"\n\n--part\nContent-Type: text/plain; charset=utf-8\n\n\
         {text}\n--part\nContent-Type: text/html; charset=utf-8\n\n{page}\n--part--\n"
    )
}

/// The address of a lure.
fn stranger(filler: &mut Filler<'_>) -> String {
    let name = plain(filler.first());
    let random = &mut *filler.random;
    match random.below(100) {
        0..7 => String::new(),
        7..19 => {
            let local = match random.below(2) {
                0 => format!("{name}{}", random.below(9999)),
                _ => format!("office.{}{}", random.syllables(2), random.below(99)),
            };
            format!(
                "{local}@{}",
                random.one(&["gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "aol.com"])
            )
        }
        _ => {
            let letters = random.letters(8);
            let local = random.one(&[
                "info",
                "noreply",
                "no-reply",
                "support",
                "admin",
                "service",
                "contact",
                "security",
                "mail",
                "account",
                "billing",
                "news",
                "notification",
                "alert",
                "office",
                &letters,
                &name,
            ]);
            format!("{local}@{}", strange(random))
        }
    }
}

/// Words of small print that are links.
const LINKED: &[&str] = &[
    "Unsubscribe",
    "Privacy",
    "Abmelden",
    "Datenschutz",
    "Impressum",
    "preferences",
    "Help",
    "Terms",
];

/// The text and the page.
fn bodies(lines: &[String], name: &str, personal: bool, route: &Route, random: &mut Random) -> (String, String) {
    let lure = route.kind == Kind::Lure;
    let (mut text, mut rows) = (Vec::new(), Vec::new());
    if !personal && random.percent(75) {
        rows.push(logo(name, route, random));
    }
    if !personal && !lure && random.percent(30) {
        rows.push(format!(
            "<span style=\"display:none\">{}</span>",
            lines.first().map_or("", String::as_str)
        ));
    }
    for line in lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()) {
        match line.split_at_checked(2) {
            Some(("> ", button)) => {
                let link = route.link(random);
                text.push(format!("{button}: {}", link.replace("&amp;", "&")));
                rows.push(format!("<a href=\"{link}\" style=\"padding:12px\">{button}</a>"));
            }
            Some(("* ", links)) => {
                let links = links
                    .split('|')
                    .map(|link| format!("<a href=\"{}\">{link}</a>", route.link(random)));
                rows.push(links.collect::<Vec<_>>().join(" | "));
            }
            Some(("~ ", small)) => {
                text.push(small.to_owned());
                let mut small = small.to_owned();
                for word in LINKED {
                    small = small.replace(word, &format!("<a href=\"{}\">{word}</a>", route.link(random)));
                }
                rows.push(small);
            }
            _ => {
                text.push(line.to_owned());
                rows.push(line.to_owned());
            }
        }
    }
    if !personal && !lure && random.percent(60) {
        rows.push(format!(
            "<img src=\"https://{}/open/{}.gif\" width=1 height=1>",
            route.counter,
            random.letters(9)
        ));
    }
    if !personal && !lure && random.percent(30) {
        let tiles = (0..3 + random.below(9)).map(|_| {
            format!(
                "<a href=\"{}\"><img src=\"https://{}/{}.jpg\"></a>",
                route.link(random),
                route.counter,
                random.letters(4)
            )
        });
        rows.push(tiles.collect());
    }
    let rows: Vec<String> = rows.iter().map(|row| format!("<tr><td>{row}</td></tr>\n")).collect();
    let page = format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body><table width=\"600\">\n{}</table></body></html>",
        rows.concat()
    );
    (text.join("\n\n"), page)
}

fn logo(name: &str, route: &Route, random: &mut Random) -> String {
    let host = match route.kind {
        Kind::Lure if random.percent(30) => random.one(&["upload.wikimedia.org", "i.imgur.com"]).to_owned(),
        Kind::Lure if random.percent(40) => strange(random),
        Kind::Lure => route.own.clone(),
        _ => format!("{}{}", random.one(&["static.", "images.", "cdn.", ""]), route.own),
    };
    format!("<img src=\"https://{host}/{}.png\" alt=\"{name}\">", random.letters(5))
}
