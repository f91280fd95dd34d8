//! User names of Instagram, bare or in the address of a profile.

use super::handle;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "instagram",
    describes: "Instagram user name",
    family: Family::Account,
    max_length: 30,
    by_default: true,
    parse,
};

const RESERVED: [&str; 22] = ["p", "reel", "reels", "explore", "stories", "accounts", "about", "direct", "tv", "developer", "legal", "web", "help", "api", "graphql", "press", "privacy", "terms", "static", "challenge", "emails", "session"];
const HOSTS: [&str; 2] = ["instagram.com", "instagr.am"];

fn parse(text: &str) -> Result<String, Invalid> {
    let name = match handle::on_site(text, &HOSTS).map(handle::segment) {
        Some(("stories", rest)) => handle::segment(rest).0,
        _ => handle::name(text, &HOSTS),
    };
    let fits = handle::is_word(name, 1, 30, b"._") && !name.starts_with('.') && !name.ends_with('.') && !name.contains("..");
    if !fits {
        return Err(Invalid("not 1 to 30 letters, digits, underscores and single full stops"));
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
            ObservableType::Instagram,
            &[("https://www.instagram.com/Some.One_/?hl=de", "some.one_"), ("instagram.com/stories/someone/123", "someone"), ("@a", "a")],
            &["", "instagram.com", "instagram.com/p/Cabc123/", "instagram.com/explore/", "a..b", ".a", "a.", "a-b", "https://evil.com/a"],
        );
    }
}
