//! Who carries mail: providers where anyone has a mailbox, gateways that stand before an organisation's servers, and places
//! where anyone can put a page.

use crate::infrastructure::{self, Hit};

/// Providers where anyone has a mailbox in a minute. First labels of families that have a domain in every country.
const FAMILIES: &[&str] = &[
    "gmail",
    "googlemail",
    "hotmail",
    "outlook",
    "live",
    "yahoo",
    "ymail",
    "gmx",
    "yandex",
    "aol",
];

/// Others, by their domain.
const PROVIDERS: &[&str] = &[
    "126.com",
    "163.com",
    "bk.ru",
    "bol.com.br",
    "comcast.net",
    "email.com",
    "email.cz",
    "free.fr",
    "freenet.de",
    "hushmail.com",
    "icloud.com",
    "inbox.lv",
    "inbox.ru",
    "interia.pl",
    "laposte.net",
    "libero.it",
    "list.ru",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "o2.pl",
    "onet.pl",
    "orange.fr",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "seznam.cz",
    "sfr.fr",
    "sina.com",
    "t-online.de",
    "terra.com.br",
    "tuta.io",
    "tutanota.com",
    "uol.com.br",
    "virgilio.it",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "zoho.com",
    "zohomail.com",
    "pm.me",
    "hanmail.net",
    "daum.net",
    "att.net",
    "sbcglobal.net",
    "verizon.net",
    "cox.net",
    "charter.net",
    "bigpond.com",
    "btinternet.com",
];

/// Whether anyone can have a mailbox at `domain`, lower case.
pub fn is_free(domain: &str) -> bool {
    /// Registries have short names for what is registered below them: `co.uk`, `com.br`.
    const SHORT: usize = 3;
    let labels: Vec<&str> = domain.split('.').take(4).collect();
    let in_family = match labels.as_slice() {
        [family, _] => FAMILIES.contains(family),
        [family, below, _] => FAMILIES.contains(family) && below.len() <= SHORT,
        _ => false,
    };
    in_family || PROVIDERS.contains(&domain)
}

/// Hosts of services through which organisations have their mail come in, and how their networks are called.
const GATEWAYS: &[(&str, &str)] = &[
    ("pphosted.com", "proofpoint"),
    ("ppe-hosted.com", "proofpoint"),
    ("mimecast.com", "mimecast"),
    ("mimecast.co.za", "mimecast"),
    ("barracudanetworks.com", "barracuda"),
    ("cudamail.com", "barracuda"),
    ("iphmx.com", "ironport"),
    ("messagelabs.com", "messagelabs"),
    ("trendmicro.com", "trend micro"),
    ("trendmicro.eu", "trend micro"),
    ("sophos.com", "sophos"),
    ("fireeyecloud.com", "fireeyecloud"),
    ("fireeyegov.com", "fireeyegov"),
    ("mailcontrol.com", "websense"),
    ("hornetsecurity.com", "hornetsecurity"),
    ("antispameurope.com", "hornetsecurity"),
    ("spamexperts.com", "spamexperts"),
    ("antispamcloud.com", "antispamcloud"),
    ("retarus.com", "retarus"),
    ("securence.com", "securence"),
    ("spamtitan.com", "spamtitan"),
    ("mailprotect.be", "mailprotect"),
    ("mx25.net", "mx25"),
    ("vadesecure.com", "vade"),
    ("cloud-security.net", "cloud-security"),
    ("mailspamprotection.com", "mailspamprotection"),
    ("zixmail.net", "zixmail"),
    ("appriver.com", "appriver"),
    ("exclaimer.net", "exclaimer"),
    ("codetwo.com", "codetwo"),
    ("arsmtp.com", "arsmtp"),
    ("mxthunder.com", "mxthunder"),
];

/// The service that `host` is named after, if it is such a gateway's, by a word in the names of its networks.
pub fn gateway(host: &str) -> Option<&'static str> {
    let found = GATEWAYS.iter().find(|(domain, _)| below(host, &[domain]))?;
    Some(found.1)
}

/// Those who say where a short link leads only when it is followed, besides the services on the list of them.
const SHORTENERS: &[&str] = &[
    "bit.ly",
    "bl.ink",
    "buff.ly",
    "clck.ru",
    "cutt.ly",
    "goo.gl",
    "goo.su",
    "ibit.ly",
    "is.gd",
    "lihi.cc",
    "lnkd.in",
    "ow.ly",
    "qrco.de",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "short.gy",
    "shorter.me",
    "shorturl.at",
    "surl.li",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tiny.one",
    "tinyurl.com",
    "tinyurl.ph",
    "urlz.fr",
    "v.gd",
    "vo.la",
];

/// Whether `host`, lower case, says where a link leads only when it is followed.
pub fn is_shortener(host: &str) -> bool {
    below(host, SHORTENERS) || is_on(host, &["url-shortener"])
}

/// Whether one of these lists has `host`.
fn is_on(host: &str, lists: &[&str]) -> bool {
    let mut hits: Vec<Hit> = Vec::new();
    infrastructure::host(host, &mut hits);
    hits.iter().any(|hit| lists.contains(&hit.list.name))
}

/// Links of these tell whoever made them who followed them, from where and with what: that is all they are for.
const LOGGERS: &[&str] = &[
    "2no.co",
    "blasze.com",
    "ezstat.ru",
    "grabify.link",
    "iplis.ru",
    "iplogger.co",
    "iplogger.com",
    "iplogger.info",
    "iplogger.org",
    "iplogger.ru",
    "ipgrabber.ru",
    "maper.info",
    "yip.su",
];

/// Whether `host`, lower case, is made to tell who follows a link.
pub fn is_logger(host: &str) -> bool {
    below(host, LOGGERS)
}

/// Where anyone can put a page or a file, besides the services on the list of abused ones. Below these names.
const OPEN: &[&str] = &[
    "storage.googleapis.com",
    "storage.cloud.google.com",
    "firebasestorage.googleapis.com",
    "commondatastorage.googleapis.com",
    "forms.gle",
    "page.link",
    "app.link",
    "fanlink.to",
    "linktr.ee",
    "unicornplatform.page",
    "kajabimail.net",
    "ngrok.io",
    "ngrok-free.app",
    "trycloudflare.com",
    "ipfs.io",
    "dweb.link",
    "myshopify.com",
    "duckdns.org",
    "ddns.net",
    "hopto.org",
    "zapto.org",
    "serveo.net",
    "oraclecloud.com",
    "linodeobjects.com",
    "wasabisys.com",
    "r2.dev",
    "supabase.co",
    "gamma.site",
    "gamma.app",
    "canva.site",
    "my.canva.site",
    "telegra.ph",
    "beehiiv.com",
    "filesusr.com",
    "webador.com",
    "ukraft.com",
    "glide.page",
    "softr.app",
    "tilda.ws",
    "zohopublic.com",
];

/// Where people share documents with one another every day, and strangers do too.
const SHARED: &[&str] = &[
    "docs.google.com",
    "drive.google.com",
    "forms.office.com",
    "forms.microsoft.com",
    "dropbox.com",
    "box.com",
    "sharepoint.com",
    "onedrive.live.com",
    "1drv.ms",
    "wetransfer.com",
    "we.tl",
    "notion.so",
    "notion.site",
    "canva.com",
    "airtable.com",
    "typeform.com",
    "jotform.com",
    "surveymonkey.com",
    "calendly.com",
    "zoom.us",
    "github.com",
    "gitlab.com",
    "youtube.com",
    "youtu.be",
    "linkedin.com",
    "medium.com",
    "figma.com",
    "atlassian.net",
    "trello.com",
    "miro.com",
    "loom.com",
    "eventbrite.com",
    "wordpress.com",
    "substack.com",
    "github.io",
    "readthedocs.io",
    "googleusercontent.com",
];

/// Lists of services that anyone can use, in minutes.
const LISTS: &[&str] = &[
    "own-abused-services",
    "url-shortener",
    "link-in-bio",
    "dynamic-dns",
    "public-ipfs-gateways",
];

/// What kind of place a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Colleagues share documents there, too.
    Shared,
    /// Anyone can put a page there, or hide where a link leads, and is gone tomorrow.
    Open,
}

/// Whether anyone can put something at `host`, lower case.
pub fn place(host: &str) -> Option<Place> {
    if below(host, SHARED) {
        return Some(Place::Shared);
    }
    let bucket = host
        .strip_suffix(".amazonaws.com")
        .is_some_and(|rest| rest.split('.').any(|label| label == "s3" || label.starts_with("s3-")));
    let open = bucket || below(host, OPEN) || below(host, SHORTENERS) || is_on(host, LISTS);
    open.then_some(Place::Open)
}

fn below(host: &str, names: &[&str]) -> bool {
    names.iter().any(|name| {
        let rest = host.strip_suffix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// Top-level domains where names cost next to nothing, and of which much unwanted mail comes.
const BULK: &[&str] = &[
    "art",
    "autos",
    "bar",
    "beauty",
    "best",
    "bid",
    "biz.id",
    "bond",
    "boats",
    "buzz",
    "cam",
    "cfd",
    "cf",
    "click",
    "club",
    "cyou",
    "date",
    "digital",
    "directory",
    "fit",
    "fun",
    "ga",
    "gq",
    "guru",
    "hair",
    "homes",
    "icu",
    "ink",
    "lat",
    "life",
    "live",
    "loan",
    "lol",
    "mom",
    "monster",
    "motorcycles",
    "my.id",
    "online",
    "ooo",
    "party",
    "pics",
    "pictures",
    "pro",
    "pw",
    "qpon",
    "quest",
    "racing",
    "realtor",
    "rest",
    "review",
    "sa.com",
    "sbs",
    "shop",
    "site",
    "skin",
    "space",
    "store",
    "stream",
    "support",
    "surf",
    "tk",
    "ml",
    "today",
    "top",
    "trade",
    "vip",
    "wang",
    "web.id",
    "website",
    "win",
    "work",
    "world",
    "xyz",
    "yachts",
    "za.com",
    "ru.com",
    "us.com",
    "uk.com",
    "eu.com",
];

/// Whether `domain`, lower case, lies below one of them.
pub fn is_bulk(domain: &str) -> bool {
    BULK.iter()
        .any(|bulk| domain.strip_suffix(bulk).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_mail_is_told_from_domains_of_ones_own() {
        assert!(is_free("gmail.com") && is_free("yahoo.co.uk") && is_free("hotmail.sg") && is_free("web.de"));
        assert!(!is_free("gmail.example.com") && !is_free("corp.example") && !is_free("live"));
    }

    #[test]
    fn places_for_everyone_are_known() {
        for host in [
            "x.firebaseapp.com",
            "s3.eu-north-1.amazonaws.com",
            "bucket.s3.amazonaws.com",
            "storage.googleapis.com",
            "bit.ly",
        ] {
            assert_eq!(place(host), Some(Place::Open), "{host}");
        }
        assert_eq!(place("docs.google.com"), Some(Place::Shared));
        assert_eq!(place("www.example.com"), None);
        assert!(is_logger("iplogger.com") && !is_logger("logger.example"));
        assert!(is_shortener("t.co") && is_shortener("bit.ly"));
        assert!(!is_shortener("x.firebaseapp.com") && !is_shortener("att.co"));
    }
}
