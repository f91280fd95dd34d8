//! User names of Twitter, now X, bare or in the address of a profile or post.

use super::handle;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "twitter",
    describes: "Twitter (X) user name",
    family: Family::Account,
    max_length: 15,
    by_default: true,
    parse,
};

const RESERVED: [&str; 22] = ["home", "search", "explore", "i", "intent", "share", "hashtag", "login", "signup", "settings", "messages", "notifications", "compose", "tos", "privacy", "jobs", "download", "about", "account", "logout", "oauth", "help"];

fn parse(text: &str) -> Result<String, Invalid> {
    let name = handle::name(text, &["twitter.com", "x.com"]);
    if !handle::is_word(name, 1, 15, b"_") {
        return Err(Invalid("not 1 to 15 letters, digits and underscores"));
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
            ObservableType::Twitter,
            &[("https://twitter.com/Some_One/status/1", "some_one"), ("x.com/a", "a"), ("@Some_One", "some_one"), ("mobile.twitter.com/b?lang=de", "b")],
            &["", "twitter.com/home", "https://x.com/i/web", "x.com", "a.b", "abcdefghijklmnop", "fedex.com/track", "@"],
        );
    }
}
