//! Lists that devices block by: external dynamic lists of one type each, a hosts file, a table of nftables.
//!
//! Only what is malicious and may be acted on is in them ([`crate::actionable`]); what is not, and why, stands in comments.
//! Each list is of one type, as firewalls take them: addresses and networks, names, URLs. URLs are written without their
//! scheme, as PAN-OS asks and others take too. What a list cannot hold, an address of a port or a URL with a blank, is left
//! out by name.

use crate::actionable::Values;
use crate::report_only::{ReportOnly, nothing};
use crate::{ExporterInfo, line};
use std::io::{self, Write};
use watchfire_model::{Observable, ObservableType, Report, Untrusted, counted};

macro_rules! list {
    ($static:ident, $name:literal, $describes:literal, $only:literal, $write:ident) => {
        #[doc = "See the module."]
        pub(crate) static $static: ReportOnly = ReportOnly {
            info: &ExporterInfo {
                name: $name,
                describes: $describes,
            },
            only: $only,
            write: $write,
            aside: nothing,
        };
    };
}

list!(
    EDL_IP,
    "edl-ip",
    "malicious addresses and networks, one on each line, for firewalls",
    "edl-ip holds what to block, and nothing else",
    addresses
);
list!(
    EDL_DOMAIN,
    "edl-domain",
    "malicious domains, one on each line, for firewalls",
    "edl-domain holds what to block, and nothing else",
    domains
);
list!(
    EDL_URL,
    "edl-url",
    "malicious URLs without their scheme, one on each line, for firewalls",
    "edl-url holds what to block, and nothing else",
    urls
);
list!(
    HOSTS,
    "hosts",
    "malicious domains as a hosts file",
    "hosts holds what to block, and nothing else",
    hosts
);
list!(
    NFTABLES,
    "nftables",
    "malicious addresses and networks as a table of nftables",
    "nftables holds what to block, and nothing else",
    nftables
);

/// Values that are named as left out; the others are counted.
const NAMED: usize = 1_000;

fn addresses(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    use ObservableType as T;
    plain(
        report,
        "addresses and networks",
        &[T::Ipv4, T::Ipv4Cidr, T::Ipv6, T::Ipv6Cidr],
        whole,
        out,
    )
}

fn domains(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    plain(report, "domains", &[ObservableType::Domain], whole, out)
}

fn urls(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    plain(report, "URLs", &[ObservableType::Url], without_scheme, out)
}

fn hosts(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let entry = |observable: &Observable| whole(observable).map(|name| format!("0.0.0.0 {name}"));
    plain(report, "domains", &[ObservableType::Domain], entry, out)
}

/// Comments, then a line for each value.
fn plain(
    report: &Report,
    what: &str,
    kinds: &[ObservableType],
    entry: impl Fn(&Observable) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let choice = Choice::of(report, kinds, entry);
    choice.comment(report, what, out)?;
    for (line, _) in &choice.taken {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// A table with a set for each version of the protocol, and chains that drop what meets them. Loading it again replaces it.
fn nftables(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    use ObservableType as T;
    let choice = Choice::of(report, &[T::Ipv4, T::Ipv4Cidr, T::Ipv6, T::Ipv6Cidr], whole);
    choice.comment(report, "addresses and networks", out)?;
    writeln!(
        out,
        "table inet watchfire\ndelete table inet watchfire\ntable inet watchfire {{"
    )?;
    for (name, kind, kinds) in [
        ("bad4", "ipv4_addr", [T::Ipv4, T::Ipv4Cidr]),
        ("bad6", "ipv6_addr", [T::Ipv6, T::Ipv6Cidr]),
    ] {
        writeln!(
            out,
            "\tset {name} {{\n\t\ttype {kind}\n\t\tflags interval\n\t\tauto-merge"
        )?;
        let of_kind = choice.taken.iter().filter(|(_, kind)| kinds.contains(kind));
        let entries: Vec<&str> = of_kind.map(|(entry, _)| entry.as_str()).collect();
        if !entries.is_empty() {
            writeln!(out, "\t\telements = {{\n\t\t\t{}\n\t\t}}", entries.join(",\n\t\t\t"))?;
        }
        writeln!(out, "\t}}")?;
    }
    for (hook, field) in [("input", "saddr"), ("output", "daddr"), ("forward", "daddr")] {
        writeln!(
            out,
            "\tchain {hook} {{\n\t\ttype filter hook {hook} priority filter; policy accept;\n\
             \t\tip {field} @bad4 counter drop\n\t\tip6 {field} @bad6 counter drop\n\t}}"
        )?;
    }
    writeln!(out, "}}")
}

/// What is on a list, and what is not.
struct Choice {
    taken: Vec<(String, ObservableType)>,
    left: Vec<String>,
    others: u64,
}

impl Choice {
    fn of(report: &Report, kinds: &[ObservableType], entry: impl Fn(&Observable) -> Option<String>) -> Self {
        let values = Values::of(report);
        let mut choice = Self {
            taken: Vec::new(),
            left: Vec::new(),
            others: 0,
        };
        for (observable, ..) in values.malicious() {
            match entry(observable) {
                _ if !kinds.contains(&observable.kind()) => choice.others += 1,
                Some(line) => choice.taken.push((line, observable.kind())),
                None => choice.left.push(left(observable, "the list cannot hold it")),
            }
        }
        let not_blocked = values
            .not_blocked()
            .filter(|(observable, _)| kinds.contains(&observable.kind()));
        choice
            .left
            .extend(not_blocked.map(|(observable, why)| left(observable, why.why())));
        choice
    }

    fn comment(&self, report: &Report, what: &str, out: &mut dyn Write) -> io::Result<()> {
        let tlp = report.tlp.map_or(String::new(), |tlp| format!("{tlp}; "));
        writeln!(
            out,
            "# Watchfire {}: malicious {what}, as of {}",
            report.version,
            Untrusted::from(report.as_of.as_str())
        )?;
        writeln!(
            out,
            "# {tlp}{}, {} left out",
            counted(self.taken.len() as u64, "entry"),
            self.left.len()
        )?;
        if self.others > 0 {
            writeln!(out, "# {} of other types", counted(self.others, "malicious value"))?;
        }
        for line in self.left.iter().take(NAMED) {
            writeln!(out, "# left out: {line}")?;
        }
        match self.left.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => writeln!(out, "# left out: {more} more"),
        }
    }
}

/// A value that is left out, defanged, and why.
pub(crate) fn left(observable: &Observable, why: &str) -> String {
    format!("{} ({why})", line::defanged(observable))
}

/// The value as it is, where it is one word.
fn whole(observable: &Observable) -> Option<String> {
    word(observable.raw())
}

fn without_scheme(observable: &Observable) -> Option<String> {
    let raw = observable.raw();
    let rest = match raw.split_once("://") {
        Some(("http" | "https", rest)) => rest,
        Some(_) => return None,
        None => raw,
    };
    // An entry without a slash would stand for all of a host and what lies below it.
    let has_path = rest.contains(['/', '?']);
    word(&if has_path { rest.to_owned() } else { format!("{rest}/") })
}

/// Text that no list takes for more than one entry, or for a comment.
fn word(text: &str) -> Option<String> {
    let is_word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_word && !text.starts_with('#')).then(|| text.replace('#', "%23"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Style, exporter, samples};

    fn list(format: &str) -> Vec<String> {
        let mut out = Vec::new();
        let report = samples::hostile();
        exporter(format)
            .unwrap()
            .report(&report, &Style::default(), &mut out)
            .unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[track_caller]
    fn check(format: &str, entries: &[&str], left: &[&str]) {
        let lines = list(format);
        let (comments, found): (Vec<&str>, Vec<&str>) =
            lines.iter().map(String::as_str).partition(|line| line.starts_with('#'));
        assert_eq!(found, entries);
        let found: Vec<&str> = comments
            .iter()
            .filter_map(|line| line.strip_prefix("# left out: "))
            .collect();
        assert_eq!(found, left);
    }

    #[test]
    fn lists_hold_what_is_malicious_and_say_what_they_leave_out() {
        check(
            "edl-ip",
            &["45.9.148.7", "45.9.148.0/24", "2a02:6b8::1"],
            &["203[.]0[.]113[.]66 (set aside by a standard)"],
        );
        check("edl-domain", &["evil-pay.com"], &["cdn[.]com (shared by many)"]);
        check("hosts", &["0.0.0.0 evil-pay.com"], &["cdn[.]com (shared by many)"]);
        check("edl-url", &["evil-pay.com/it's|`a`*?q=%00\\"], &[]);
    }

    #[test]
    fn a_host_alone_does_not_stand_for_what_lies_below() {
        let entry = |url| without_scheme(&Observable::parse(ObservableType::Url, url).unwrap());
        assert_eq!(entry("https://a.com").as_deref(), Some("a.com/"));
        assert_eq!(entry("http://a.com/x#y").as_deref(), Some("a.com/x%23y"));
        assert_eq!(entry("ftp://a.com/x"), None);
        assert_eq!(entry("http://a.com/ü"), None);
    }

    #[test]
    fn the_table_has_a_set_for_each_version() {
        let text = list("nftables").join("\n");
        assert!(
            text.contains("elements = {\n\t\t\t45.9.148.7,\n\t\t\t45.9.148.0/24\n"),
            "{text}"
        );
        assert!(text.contains("elements = {\n\t\t\t2a02:6b8::1\n"), "{text}");
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
}
