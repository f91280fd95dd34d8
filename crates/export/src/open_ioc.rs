//! Indicators as OpenIOC 1.1 (<https://github.com/fireeye/OpenIOC_1.1>), for tools that take nothing newer.
//!
//! One indicator of alternatives, of what [`crate::actionable`] lets through. Types without a term of OpenIOC, and values
//! with characters that XML 1.0 cannot hold, are left out and counted in the description.

use crate::actionable::Values;
use crate::report_only::{ReportOnly, nothing};
use crate::uuid::Namespace;
use crate::xml::{escaped, holds};
use crate::{ExporterInfo, line};
use std::io::{self, Write};
use watchfire_model::{Moment, Observable, ObservableType, Report, Untrusted, counted};

/// See the module.
pub(crate) static OPEN_IOC: ReportOnly = ReportOnly {
    info: &ExporterInfo {
        name: "openioc",
        describes: "what is bad as an indicator of OpenIOC 1.1",
    },
    only: "openioc holds indicators, and nothing else",
    write,
    aside: nothing,
};

fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let values = Values::of(report);
    let (mut items, mut left) = (Vec::new(), 0_u64);
    for (observable, ..) in values.bad() {
        match term(observable) {
            Some(term) if holds(observable.raw()) => items.push((observable, term)),
            _ => left += 1,
        }
    }
    let moment = Moment::parse(&report.as_of).unwrap_or(Moment::from_unix(0));
    let at = moment.to_string();
    let judgement = &report.judgement;
    let keys: Vec<&str> = items.iter().map(|(observable, _)| observable.raw()).collect();
    let id = |about: &[&str]| Namespace::WATCHFIRE.parts(about);
    let summary = Untrusted::new(line::prose(&judgement.summary)).to_string();
    let description = format!(
        "{summary} ({}, {}/100); {} left out: exempt, or without a term",
        judgement.verdict,
        judgement.score.get(),
        counted(left + values.left_out().count() as u64, "value")
    );
    writeln!(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>")?;
    writeln!(
        out,
        "<OpenIOC xmlns=\"http://openioc.org/schemas/OpenIOC_1.1\" id=\"{}\" last-modified=\"{at}\" published-date=\"{at}\">",
        id(&["openioc", &at, &keys.join("\n")])
    )?;
    writeln!(
        out,
        "  <metadata>\n    <short_description>Watchfire: {}</short_description>",
        judgement.verdict
    )?;
    writeln!(out, "    <description>{}</description>", escaped(&description))?;
    writeln!(out, "    <authored_by>Watchfire {}</authored_by>", report.version)?;
    writeln!(
        out,
        "    <authored_date>{at}</authored_date>\n    <links/>\n  </metadata>\n  <criteria>"
    )?;
    writeln!(
        out,
        "    <Indicator id=\"{}\" operator=\"OR\">",
        id(&["openioc-any", &at])
    )?;
    for (observable, (document, search, content)) in items {
        let item = id(&["openioc-item", search, observable.raw()]);
        writeln!(
            out,
            "      <IndicatorItem id=\"{item}\" condition=\"is\" preserve-case=\"false\" negate=\"false\">\n        \
             <Context document=\"{document}\" search=\"{search}\" type=\"mir\"/>\n        \
             <Content type=\"{content}\">{}</Content>\n      </IndicatorItem>",
            escaped(observable.raw())
        )?;
    }
    writeln!(out, "    </Indicator>\n  </criteria>\n  <parameters/>\n</OpenIOC>")
}

/// Document, term and type of content.
const fn term_of(kind: ObservableType) -> Option<(&'static str, &'static str, &'static str)> {
    use ObservableType as T;
    Some(match kind {
        T::Ipv4 | T::Ipv6 => ("PortItem", "PortItem/remoteIP", "IP"),
        T::Domain | T::Onion => ("Network", "Network/DNS", "string"),
        T::Url => ("UrlHistoryItem", "UrlHistoryItem/URL", "string"),
        T::Email => ("Email", "Email/From", "string"),
        T::Md5 => ("FileItem", "FileItem/Md5sum", "md5"),
        T::Sha1 => ("FileItem", "FileItem/Sha1sum", "sha1"),
        T::Sha256 => ("FileItem", "FileItem/Sha256sum", "sha256"),
        T::FileName => ("FileItem", "FileItem/FileName", "string"),
        T::FilePath => ("FileItem", "FileItem/FullPath", "string"),
        T::RegistryKey => ("RegistryItem", "RegistryItem/Path", "string"),
        T::UserAgent => ("Network", "Network/UserAgent", "string"),
        _ => return None,
    })
}

fn term(observable: &Observable) -> Option<(&'static str, &'static str, &'static str)> {
    term_of(observable.kind())
}

#[cfg(test)]
mod tests {
    use crate::{Style, exporter, samples};

    #[test]
    fn alternatives_are_what_may_be_acted_on() {
        let mut out = Vec::new();
        exporter("openioc")
            .unwrap()
            .report(&samples::hostile(), &Style::default(), &mut out)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("<Content type=\"string\">http://evil-pay.com/it&#39;s|`a`*?q=%00\\</Content>"),
            "{text}"
        );
        assert!(text.contains("<Content type=\"IP\">45.9.148.7</Content>"), "{text}");
        assert!(
            !text.contains("203.0.113.66") && !text.contains('\0') && !text.contains('\u{1b}'),
            "{text}"
        );
        assert!(text.contains("&lt;b&gt;&amp;amp;&lt;/b&gt;"), "{text}");
    }
}
