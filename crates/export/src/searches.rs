//! Searches for what is malicious, to be pasted where logs are: SPL of Splunk, KQL of Microsoft's hunting, Lucene over the
//! names of ECS.
//!
//! The same values as blocklists ([`crate::actionable`]). What a language cannot say exactly, such as an asterisk in SPL,
//! which always stands for anything, is left out. What is left out, and why, stands in comments; Lucene has none, and it is
//! said beside the result.

use crate::ExporterInfo;
use crate::actionable::Values;
use crate::blocklist::left;
use crate::report_only::{ReportOnly, nothing};
use std::io::{self, Write};
use watchfire_model::{Observable, ObservableType, Report, Untrusted, counted};

/// See the module.
pub(crate) static SPL: ReportOnly = ReportOnly {
    info: &ExporterInfo {
        name: "spl",
        describes: "a search for what is malicious, in the language of Splunk",
    },
    only: "spl holds a search, and nothing else",
    write: |report, out| Language::Spl.write(report, out),
    aside: nothing,
};
/// See the module.
pub(crate) static KQL: ReportOnly = ReportOnly {
    info: &ExporterInfo {
        name: "kql",
        describes: "a search for what is malicious, in KQL over the tables of Microsoft Defender",
    },
    only: "kql holds a search, and nothing else",
    write: |report, out| Language::Kql.write(report, out),
    aside: nothing,
};
/// See the module.
pub(crate) static LUCENE: ReportOnly = ReportOnly {
    info: &ExporterInfo {
        name: "lucene",
        describes: "a search for what is malicious, in Lucene over the names of ECS",
    },
    only: "lucene holds a search, and nothing else",
    write: |report, out| Language::Lucene.write(report, out),
    aside: |report| Search::of(report, Language::Lucene).remarks(report),
};

/// Values that are named as left out; the others are counted.
const NAMED: usize = 1_000;

/// What is searched in the same fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Address,
    Network,
    Domain,
    Url,
    Email,
    FileName,
    Md5,
    Sha1,
    Sha256,
}

impl Sort {
    fn of(observable: &Observable) -> Option<Self> {
        use ObservableType as T;
        Some(match observable.kind() {
            T::Ipv4 | T::Ipv6 => Self::Address,
            T::Ipv4Cidr | T::Ipv6Cidr => Self::Network,
            T::Domain | T::Onion => Self::Domain,
            T::Url => Self::Url,
            T::Email => Self::Email,
            T::FileName => Self::FileName,
            T::Md5 => Self::Md5,
            T::Sha1 => Self::Sha1,
            T::Sha256 => Self::Sha256,
            _ => return None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Spl,
    Kql,
    Lucene,
}

impl Language {
    /// Where values of a sort are looked for: names of the Common Information Model, and of ECS.
    const fn fields(self, sort: Sort) -> &'static [&'static str] {
        match (self, sort) {
            (Self::Spl, Sort::Address | Sort::Network) => &["src_ip", "dest_ip"],
            (Self::Spl, Sort::Domain) => &["query", "dest_host", "url_domain"],
            (Self::Spl, Sort::Url) => &["url"],
            (Self::Spl, Sort::Email) => &["src_user", "recipient"],
            (Self::Spl, Sort::FileName) => &["file_name", "process_name"],
            (Self::Spl, Sort::Md5 | Sort::Sha1 | Sort::Sha256) => &["file_hash", "process_hash"],
            (Self::Lucene, Sort::Address | Sort::Network) => &["source.ip", "destination.ip"],
            (Self::Lucene, Sort::Domain) => &["dns.question.name", "destination.domain", "url.domain"],
            (Self::Lucene, Sort::Url) => &["url.full", "url.original"],
            (Self::Lucene, Sort::Email) => &["email.from.address", "email.to.address"],
            (Self::Lucene, Sort::FileName) => &["file.name", "process.name"],
            (Self::Lucene, Sort::Md5) => &["file.hash.md5", "process.hash.md5"],
            (Self::Lucene, Sort::Sha1) => &["file.hash.sha1", "process.hash.sha1"],
            (Self::Lucene, Sort::Sha256) => &["file.hash.sha256", "process.hash.sha256"],
            // KQL names its values, and tables their fields.
            (Self::Kql, Sort::Address) => &["addresses"],
            (Self::Kql, Sort::Network) => &["networks"],
            (Self::Kql, Sort::Domain) => &["domains"],
            (Self::Kql, Sort::Url) => &["urls"],
            (Self::Kql, Sort::Email) => &["senders"],
            (Self::Kql, Sort::FileName) => &["file_names"],
            (Self::Kql, Sort::Md5) => &["md5s"],
            (Self::Kql, Sort::Sha1) => &["sha1s"],
            (Self::Kql, Sort::Sha256) => &["sha256s"],
        }
    }

    /// Whether the language can say exactly this.
    fn can_say(self, text: &str) -> bool {
        let is_plain = !text.chars().any(|c| c.is_control() || Untrusted::escapes(c));
        is_plain && (self != Self::Spl || !text.contains('*'))
    }

    /// A string: in all three, quotes and backslashes are escaped by a backslash.
    fn quoted(text: &str) -> String {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }

    fn write(self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let search = Search::of(report, self);
        match self {
            Self::Spl => {
                for remark in search.remarks(report) {
                    // Three backticks would end the comment.
                    writeln!(out, "``` {} ```", remark.replace('`', "'"))?;
                }
                search.any_of(|field, values| format!("{field} IN ({})", values.join(", ")), out)
            }
            Self::Kql => {
                for remark in search.remarks(report) {
                    writeln!(out, "// {remark}")?;
                }
                search.kql(out)
            }
            Self::Lucene => search.any_of(|field, values| format!("{field}:({})", values.join(" OR ")), out),
        }
    }
}

/// What is searched for, and what is not.
struct Search {
    language: Language,
    /// Strings of the language by their sort, in the order of the sorts.
    values: Vec<(Sort, Vec<String>)>,
    left: Vec<String>,
}

impl Search {
    fn of(report: &Report, language: Language) -> Self {
        let all = Values::of(report);
        let mut search = Self {
            language,
            values: Vec::new(),
            left: Vec::new(),
        };
        let mut found: Vec<(Sort, String)> = Vec::new();
        for (observable, ..) in all.malicious() {
            match Sort::of(observable) {
                Some(sort) if language.can_say(observable.raw()) => {
                    found.push((sort, Language::quoted(observable.raw())));
                }
                _ => search.left.push(left(observable, "the search cannot hold it")),
            }
        }
        search
            .left
            .extend(all.not_blocked().map(|(observable, why)| left(observable, why.why())));
        // Stable: within a sort, the order of the values stays.
        found.sort_by_key(|(sort, _)| *sort);
        for (sort, text) in found {
            match search.values.last_mut() {
                Some((last, texts)) if *last == sort => texts.push(text),
                _ => search.values.push((sort, vec![text])),
            }
        }
        search
    }

    fn remarks(&self, report: &Report) -> Vec<String> {
        let count: usize = self.values.iter().map(|(_, values)| values.len()).sum();
        let mut remarks = vec![format!(
            "Watchfire {}: {} as of {}, {} left out",
            report.version,
            counted(count as u64, "malicious value"),
            Untrusted::from(report.as_of.as_str()),
            self.left.len()
        )];
        remarks.extend(self.left.iter().take(NAMED).map(|line| format!("left out: {line}")));
        let more = self.left.len().saturating_sub(NAMED);
        remarks.extend((more > 0).then(|| format!("left out: {more} more")));
        remarks
    }

    /// Any value in any of its fields. Without values, nothing is searched.
    fn any_of(&self, term: impl Fn(&str, &[String]) -> String, out: &mut dyn Write) -> io::Result<()> {
        let mut terms = Vec::new();
        for (sort, values) in &self.values {
            terms.extend(self.language.fields(*sort).iter().map(|field| term(field, values)));
        }
        match terms.is_empty() {
            true => Ok(()),
            false => writeln!(out, "{}", terms.join(" OR\n")),
        }
    }

    fn kql(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.values.is_empty() {
            return Ok(());
        }
        for (sort, values) in &self.values {
            let name = self.language.fields(*sort).join("");
            writeln!(out, "let {name} = dynamic([{}]);", values.join(", "))?;
        }
        let has = |sort| self.values.iter().any(|(own, _)| *own == sort);
        let mut tables = Vec::new();
        for (table, conditions) in TABLES {
            let met: Vec<&str> = conditions
                .iter()
                .filter(|(sort, _)| has(*sort))
                .map(|(_, text)| *text)
                .collect();
            if !met.is_empty() {
                tables.push(format!("    ({table} | where {})", met.join(" or ")));
            }
        }
        writeln!(out, "union isfuzzy=true withsource=SourceTable\n{}", tables.join(",\n"))
    }
}

/// Tables of Microsoft Defender, and which of their columns show what.
const TABLES: &[(&str, &[(Sort, &str)])] = &[
    (
        "DeviceNetworkEvents",
        &[
            (Sort::Address, "RemoteIP in (addresses)"),
            (
                Sort::Network,
                "ipv4_is_in_any_range(RemoteIP, networks) or ipv6_is_in_any_range(RemoteIP, networks)",
            ),
            (Sort::Domain, "RemoteUrl has_any (domains)"),
            (Sort::Url, "RemoteUrl in~ (urls)"),
        ],
    ),
    (
        "DeviceFileEvents",
        &[
            (Sort::FileName, "FileName in~ (file_names)"),
            (Sort::Md5, "MD5 in (md5s)"),
            (Sort::Sha1, "SHA1 in (sha1s)"),
            (Sort::Sha256, "SHA256 in (sha256s)"),
        ],
    ),
    (
        "DeviceProcessEvents",
        &[
            (Sort::Md5, "MD5 in (md5s)"),
            (Sort::Sha1, "SHA1 in (sha1s)"),
            (Sort::Sha256, "SHA256 in (sha256s)"),
        ],
    ),
    (
        "EmailEvents",
        &[
            (Sort::Address, "SenderIPv4 in (addresses)"),
            (Sort::Email, "SenderFromAddress in~ (senders)"),
            (Sort::Domain, "SenderFromDomain in~ (domains)"),
        ],
    ),
    (
        "EmailUrlInfo",
        &[(Sort::Url, "Url in~ (urls)"), (Sort::Domain, "UrlDomain in~ (domains)")],
    ),
    ("EmailAttachmentInfo", &[(Sort::Sha256, "SHA256 in (sha256s)")]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Style, exporter, samples};

    fn search(format: &str) -> String {
        let mut out = Vec::new();
        let report = samples::hostile();
        exporter(format)
            .unwrap()
            .report(&report, &Style::default(), &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_language_says_the_same_in_its_own_words() {
        let spl = search("spl");
        assert!(
            spl.contains("src_ip IN (\"45.9.148.7\", \"2a02:6b8::1\") OR\n"),
            "{spl}"
        );
        assert!(
            spl.contains("left out: hxxp://evil-pay[.]com/it's|'a'*?q=%00\\ (the search cannot hold it) ```"),
            "{spl}"
        );
        let kql = search("kql");
        assert!(
            kql.contains("let urls = dynamic([\"http://evil-pay.com/it's|`a`*?q=%00\\\\\"]);"),
            "{kql}"
        );
        assert!(kql.contains("// left out: cdn[.]com (shared by many)\n"), "{kql}");
        let lucene = search("lucene");
        assert!(
            lucene.starts_with("source.ip:(\"45.9.148.7\" OR \"2a02:6b8::1\") OR\n"),
            "{lucene}"
        );
        assert!(!lucene.contains("left out"), "{lucene}");
        let aside = exporter("lucene").unwrap().aside(&samples::hostile());
        assert!(
            aside.contains(&"left out: cdn[.]com (shared by many)".to_owned()),
            "{aside:?}"
        );
    }

    #[test]
    fn quotes_do_not_end_a_string() {
        assert_eq!(Language::quoted(r#"a"b\"#), r#""a\"b\\""#);
        assert!(!Language::Kql.can_say("a\nb") && !Language::Spl.can_say("a*b") && Language::Lucene.can_say("a*b"));
    }
}
