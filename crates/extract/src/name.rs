//! Names of files, and how far a name with a top-level domain is to be trusted.

use crate::chain::Chain;
use crate::code;
use crate::found::{Found, Sink};
use crate::reader::Reader;
use crate::text::{ALNUM, Text, is};
use watchfire_knowledge::extension::{self, Class};
use watchfire_knowledge::infrastructure;
use watchfire_model::{Confidence, ObservableType};

impl<S: Sink> Reader<'_, '_, S> {
    /// A name whose ending is that of a file, without a path behind it or with one before it.
    pub(crate) fn is_rather_a_file(&mut self, domain: &Chain, last: &[u8], slash: bool) -> bool {
        let text = self.text;
        if slash && !matches!(text.before(domain.start), b'/' | b'\\') {
            return false;
        }
        if code::is_source_file(text, domain) {
            return true;
        }
        if !extension::clashes_with_tld(last) {
            return false;
        }
        // "transfer.sh" is a service that attackers use.
        let name = text.slice(domain.start, domain.end).to_ascii_lowercase();
        let mut lists = Vec::new();
        if let Ok(name) = std::str::from_utf8(&name) {
            infrastructure::host(name, &mut lists);
        }
        lists.is_empty()
    }

    pub(crate) fn domain_confidence(&self, domain: &Chain, evident: bool) -> (Confidence, &'static str) {
        let text = self.text;
        if evident {
            return (Confidence::High, "written as a host name");
        }
        if domain.loose {
            return (Confidence::Low, "its dots are written in a way that prose has, too");
        }
        if text.at(domain.last).is_ascii_uppercase() && text.at(domain.last + 1).is_ascii_lowercase() {
            return (
                Confidence::Low,
                "its ending is capitalised like the first word of a sentence",
            );
        }
        if text.at(domain.start).is_ascii_uppercase() && code::is_like_variant(text, domain) {
            return (
                Confidence::Low,
                "its ending is in capitals like the variant of a scanner's name",
            );
        }
        if code::is_like_package(text, domain) {
            return (Confidence::Low, "begins like the name of a package");
        }
        (Confidence::Medium, "ends in a registered top-level domain")
    }

    /// `invoice.pdf.exe`
    pub(crate) fn file_name(&mut self, chain: &Chain) {
        let text = self.text;
        if !self.types.contains(ObservableType::FileName) || !chain.is_plain() || chain.numeric {
            return;
        }
        let before = text.before(chain.start);
        if matches!(before, b'/' | b'.' | b'@' | b'=' | b'*' | b'$') && before != b'=' {
            return;
        }
        let last = text.slice(chain.last, chain.end);
        let Some(class) = extension::class(last) else { return };
        if code::is_abbreviation(text, chain) || code::is_member_of_object(text, chain) {
            return;
        }
        let (confidence, reason) = match class {
            _ if last.len() == 1 => (Confidence::Low, "ends in a known file extension"),
            Class::Executable | Class::Script | Class::Document | Class::Archive => (
                Confidence::Medium,
                "ends in the extension of a file type that carries malware",
            ),
            Class::Web => (
                Confidence::Medium,
                "ends in the extension of a page or a web server's script",
            ),
            Class::Asset | Class::Other => return,
            _ => (Confidence::Low, "ends in a known file extension"),
        };
        let goes_on = matches!(text.at(chain.end), b'(' | b'/') && !code::is_bundle(text, chain);
        if goes_on || !is(text.at(chain.start), ALNUM) && text.at(chain.start) != b'_' {
            return;
        }
        self.emit(
            Found::new(
                ObservableType::FileName,
                text.slice(chain.start, chain.end),
                chain.start,
                chain.end,
            )
            .because(confidence, reason),
        );
    }
}

/// The version of an onion service by the length of its name.
pub(crate) fn onion_version(text: Text<'_>, domain: &Chain) -> Option<u32> {
    let end = domain.last.checked_sub(1).filter(|_| domain.is_plain())?;
    match end - text.skip_back(end, domain.start.max(end.saturating_sub(57)), ALNUM) {
        16 => Some(2),
        56 => Some(3),
        _ => None,
    }
}
