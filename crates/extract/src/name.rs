//! Names of files, and how far a name with a top-level domain is to be trusted.

use crate::chain::Chain;
use crate::code;
use crate::found::{Found, Sink};
use crate::reader::Reader;
use crate::text::{ALNUM, Text, is};
use watchfire_knowledge::extension::{self, Class};
use watchfire_knowledge::{infrastructure, suffix};
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
        // "No way.So it is": an ending like the first word of a sentence behind lower case is no extension.
        let stem = text.slice(domain.start, domain.last);
        if is_capitalised(last) && !stem.iter().any(u8::is_ascii_uppercase) {
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

    pub(crate) fn domain_confidence(&mut self, domain: &Chain, evident: bool) -> (Confidence, &'static str) {
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
        if !code::is_common(text, domain) && self.is_like_product(domain) {
            return (Confidence::Low, "is capitalised like the name of a product");
        }
        if is_framework(text, domain) {
            return (Confidence::Low, "is written like the name of a framework");
        }
        if code::is_like_package(text, domain) {
            return (Confidence::Low, "begins like the name of a package");
        }
        (Confidence::Medium, "ends in a registered top-level domain")
    }

    /// Whether prose surrounds `name`, whose first label is a word with a capital: "Node.js", "Socket.io", the names of
    /// products rather than of files or hosts.
    fn is_like_product(&mut self, name: &Chain) -> bool {
        const LONGEST: usize = 12;
        let text = self.text;
        let first = text.slice(name.start, name.last.saturating_sub(1));
        let shaped = name.labels == 2
            && name.is_plain()
            && first.len() <= LONGEST
            && text.at(name.start).is_ascii_uppercase()
            && first.iter().all(u8::is_ascii_alphanumeric)
            && !first.iter().skip(1).any(u8::is_ascii_uppercase)
            && text.slice(name.last, name.end).iter().all(u8::is_ascii_lowercase);
        if !shaped {
            return false;
        }
        self.outside = true;
        let before = matches!(text.before(name.start), 0 | b' ' | b'\n' | b'\t' | b'(' | b'*');
        let behind = match text.at(name.end) {
            0 | b' ' | b'\n' | b'\r' | b',' | b';' | b')' | b'*' | b'\'' | b'!' | b'?' => true,
            b'.' => !is(text.at(name.end + 1), ALNUM),
            _ => false,
        };
        before && behind
    }

    /// `invoice.pdf.exe`
    pub(crate) fn file_name(&mut self, chain: &Chain) {
        let text = self.text;
        if !self.types.contains(ObservableType::FileName) || !chain.is_plain() || chain.numeric {
            return;
        }
        if matches!(text.before(chain.start), b'/' | b'.' | b'@' | b'*' | b'$') {
            return;
        }
        // "lodash.js@4" is a package.
        if self.is_local_part(chain) {
            return;
        }
        let last = text.slice(chain.last, chain.end);
        let Some(class) = extension::class(last) else { return };
        if code::is_abbreviation(text, chain) || code::is_member_of_object(text, chain) {
            return;
        }
        let (confidence, reason) = match class {
            _ if last.len() == 1 => (Confidence::Low, "ends in a known file extension"),
            Class::Script if self.is_like_product(chain) => {
                (Confidence::Low, "is capitalised like the name of a product")
            }
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

/// `co.uk`, `com.br`: what registries sell names below, and what is left of a name such as `[company].co[.]uk`. Nothing
/// but such short labels are looked up; below private suffixes (`duckdns.org`) their owners have hosts.
pub(crate) fn is_bare_suffix(text: Text<'_>, domain: &Chain) -> bool {
    if domain.labels != 2 || domain.end - domain.last != 2 {
        return false;
    }
    let first = text.slice(domain.start, domain.first_end(text));
    let short = first.len() <= 3
        || [b"gouv", b"govt", b"asso", b"info"]
            .iter()
            .any(|name| first.eq_ignore_ascii_case(*name));
    if !short || !first.is_ascii() {
        return false;
    }
    let last = text.slice(domain.last, domain.end);
    let name = [first, b".", last].concat().to_ascii_lowercase();
    std::str::from_utf8(&name).is_ok_and(|name| suffix::public_suffix(name) == Some(name))
}

/// "So", "In"
fn is_capitalised(word: &[u8]) -> bool {
    matches!(word, [first, rest @ ..] if first.is_ascii_uppercase() && !rest.is_empty() && rest.iter().all(u8::is_ascii_lowercase))
}

/// "ASP.NET", "VB.NET": capitals throughout.
fn is_framework(text: Text<'_>, domain: &Chain) -> bool {
    let all = text.slice(domain.start, domain.end);
    domain.labels == 2
        && domain.is_plain()
        && domain.last - domain.start <= 4
        && text.slice(domain.last, domain.end) == b"NET"
        && all.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'.')
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
