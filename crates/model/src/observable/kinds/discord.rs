//! Discord: user names, the older `Name#1234`, `users/…` by number, invitations as `invite/…`, and webhooks as `webhooks/…` without
//! their token, which is a secret.

use super::{handle, is_number};
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "discord",
    describes: "Discord account, invitation or webhook",
    family: Family::Account,
    max_length: 137,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if let Some(path) = handle::on_site(text, &["discord.gg"]) {
        return invitation(handle::segment(path).0);
    }
    let sites = ["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"];
    let on_site = handle::on_site(text, &sites);
    let path = on_site.unwrap_or(text);
    let path = path.strip_prefix("api/").unwrap_or(path);
    // The interface's version, api/v10/webhooks.
    let path = match path.split_once('/') {
        Some((version, rest)) if on_site.is_some() && version.starts_with('v') => rest,
        _ => path,
    };
    let (first, rest) = handle::segment(path);
    let second = handle::segment(rest).0;
    match first {
        "invite" => invitation(second),
        "users" | "webhooks" if is_snowflake(second) => Ok(format!("{first}/{second}")),
        _ if on_site.is_some() => Err(Invalid("a path of the site itself")),
        _ => account(text.strip_prefix('@').unwrap_or(text)),
    }
}

fn invitation(code: &str) -> Result<String, Invalid> {
    if handle::is_word(code, 2, 32, b"-") {
        Ok(format!("invite/{code}"))
    } else {
        Err(Invalid("the invitation has not 2 to 32 letters, digits and hyphens"))
    }
}

/// Identifiers count milliseconds since 2015 in their upper bits: 17 digits from July 2015, 20 at most.
fn is_snowflake(text: &str) -> bool {
    (17..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn account(name: &str) -> Result<String, Invalid> {
    if let Some((name, number)) = name.rsplit_once('#') {
        let length = name.chars().count();
        let fits = (2..=32).contains(&length) && !name.contains(['@', '#', ':', '/']) && !name.contains(char::is_control);
        return if fits && is_number(number, 4) && name.trim() == name {
            Ok(format!("{name}#{number}"))
        } else {
            Err(Invalid("not a name of 2 to 32 characters, # and four digits"))
        };
    }
    let name = name.to_ascii_lowercase();
    if handle::is_word(&name, 2, 32, b"_.") && !name.contains("..") {
        Ok(name)
    } else {
        Err(Invalid("not 2 to 32 letters, digits, underscores and single full stops"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_accounts_invitations_and_webhooks() {
        check(
            ObservableType::Discord,
            &[
                ("https://discord.gg/AbC123", "invite/AbC123"),
                ("discord.com/invite/some-server?event=1", "invite/some-server"),
                ("https://discordapp.com/api/webhooks/123456789012345678/ToKeN_x", "webhooks/123456789012345678"),
                ("https://discord.com/api/v10/webhooks/123456789012345678/ToKeN", "webhooks/123456789012345678"),
                ("discord.com/users/123456789012345678", "users/123456789012345678"),
                ("Some One#1234", "Some One#1234"),
                ("@Some.One_", "some.one_"),
            ],
            &["", "discord.gg", "discord.com/channels/1/2", "discord.com/download", "a", "a..b", "x#123", "webhooks/12", "https://evil.com/a"],
        );
    }
}
