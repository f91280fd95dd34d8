//! XMPP (Jabber) addresses, RFC 7622: `local@domain`, compared without the resource.

use super::is_letter;
use crate::observable::host;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "xmpp",
    describes: "XMPP address, user@jabber.example",
    family: Family::Network,
    max_length: 320,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    // Only the bare address names an account; what follows the slash names one of its connections.
    let bare = text.split_once('/').map_or(text, |(bare, _resource)| bare);
    let (local, domain) = bare.split_once('@').ok_or(Invalid("no @"))?;
    if local.is_empty() || local.len() > 64 {
        return Err(Invalid("the part before the @ has not 1 to 64 bytes"));
    }
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "\"&':<>@".contains(c);
    if local.contains(forbidden) || !local.chars().all(|c| c.is_ascii() || is_letter(c)) {
        return Err(Invalid("the part before the @ has a character that XMPP forbids"));
    }
    let local = local.to_lowercase();
    if local.len() > 64 {
        return Err(Invalid("the part before the @ has not 1 to 64 bytes"));
    }
    Ok(format!("{local}@{}", host::domain(domain)?))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn keeps_the_account_and_drops_the_connection() {
        check(
            ObservableType::Xmpp,
            &[
                ("Foo@SwissJabber.de", "foo@swissjabber.de"),
                ("bar@jabber.zone/Work laptop", "bar@jabber.zone"),
                ("user@xmpp_chat.example.com", "user@xmpp_chat.example.com"),
            ],
            &["", "jabber.zone", "@jabber.zone", "a@", "a b@jabber.zone", "a:b@jabber.zone", "a@b@jabber.zone", "a@jabber"],
        );
    }
}
