//! Telegram user names of people, bots, groups and channels, bare or in the address of a profile. Invitations (`joinchat`, `+…`)
//! name no account.

use super::{handle, strip_prefix_ignoring_case};
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "telegram",
    describes: "Telegram user name",
    family: Family::Account,
    max_length: 32,
    by_default: true,
    parse,
};

const RESERVED: [&str; 19] = ["joinchat", "addstickers", "addemoji", "addtheme", "addlist", "share", "proxy", "socks", "setlanguage", "confirmphone", "login", "iv", "bg", "invoice", "giftcode", "boost", "contact", "nft", "stars"];
const HOSTS: [&str; 3] = ["t.me", "telegram.me", "telegram.dog"];

fn parse(text: &str) -> Result<String, Invalid> {
    let text = strip_prefix_ignoring_case(text, "tg://resolve?domain=").unwrap_or(text);
    let name = match handle::on_site(text, &HOSTS).map(handle::segment) {
        // The preview of a channel on the web.
        Some(("s", rest)) => handle::segment(rest).0,
        _ => handle::name(text, &HOSTS),
    };
    // Four characters were auctioned, five are the rule.
    if !handle::is_word(name, 4, 32, b"_") || !name.starts_with(|c: char| c.is_ascii_alphabetic()) || name.ends_with('_') {
        return Err(Invalid("not a letter and 3 to 31 letters, digits and underscores"));
    }
    if handle::is_reserved(name, &RESERVED) {
        return Err(Invalid("a path of the site itself"));
    }
    Ok(name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_names_and_profiles() {
        check(
            ObservableType::Telegram,
            &[
                ("https://t.me/Durov", "durov"),
                ("t.me/s/channel_1/42", "channel_1"),
                ("telegram.me/@some_bot", "some_bot"),
                ("@some_bot", "some_bot"),
                ("tg://resolve?domain=some_bot", "some_bot"),
            ],
            &["", "t.me", "t.me/", "t.me/joinchat/AAAA", "t.me/+AbCdEf123", "abc", "1abcd", "abcd_", "a-bcd", "https://evil.com/durov"],
        );
    }
}
