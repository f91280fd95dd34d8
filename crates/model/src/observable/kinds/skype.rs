//! Skype names, `live:` names included, bare or in a `skype:` link, and invitations as `join/…`.

use super::{handle, strip_prefix_ignoring_case};
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "skype",
    describes: "Skype name",
    family: Family::Account,
    max_length: 64,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let code = match handle::on_site(text, &["join.skype.com"]) {
        Some(path) => Some(handle::segment(path.strip_prefix("invite/").unwrap_or(path)).0),
        None => text.strip_prefix("join/"),
    };
    if let Some(code) = code {
        return if handle::is_word(code, 8, 32, b"_-") {
            Ok(format!("join/{code}"))
        } else {
            Err(Invalid("the invitation has not 8 to 32 letters and digits"))
        };
    }
    let name = strip_prefix_ignoring_case(text, "skype:").unwrap_or(text);
    // What to do with the account: ?call, ?chat, ?add.
    let name = name.split('?').next().unwrap_or_default().to_ascii_lowercase();
    let fits = match name.strip_prefix("live:") {
        Some(rest) => handle::is_word(rest, 3, 58, b"._-"),
        None => handle::is_word(&name, 6, 32, b"._,-") && name.starts_with(|c: char| c.is_ascii_alphabetic()),
    };
    if fits { Ok(name) } else { Err(Invalid("not live: and a name, nor a letter and 5 to 31 letters, digits, full stops, commas and hyphens")) }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_names_links_and_invitations() {
        check(
            ObservableType::Skype,
            &[
                ("skype:Some.One?chat", "some.one"),
                ("live:.cid.1a2b3c4d5e6f7a8b", "live:.cid.1a2b3c4d5e6f7a8b"),
                ("https://join.skype.com/AbCdEfGh12", "join/AbCdEfGh12"),
            ],
            &["", "skype:", "skype:?call", "abcde", "1abcdef", "some one", "live:", "join.skype.com/", "https://evil.com/someone"],
        );
    }
}
