//! Profiles, pages and numeric identifiers of Facebook.

use super::handle;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "facebook",
    describes: "Facebook profile",
    family: Family::Account,
    max_length: 50,
    by_default: true,
    parse,
};

const RESERVED: [&str; 38] = ["sharer", "sharer.php", "share", "share.php", "dialog", "plugins", "groups", "events", "watch", "marketplace", "gaming", "login", "login.php", "help", "policies", "privacy", "settings", "photo", "photo.php", "photos", "story.php", "stories", "video.php", "videos", "reel", "hashtag", "tr", "ads", "business", "pages_manager", "l.php", "permalink.php", "home.php", "messages", "notifications", "friends", "games", "legal"];
const HOSTS: [&str; 2] = ["facebook.com", "fb.com"];

fn parse(text: &str) -> Result<String, Invalid> {
    let name = match handle::on_site(text, &HOSTS) {
        Some(path) => on_profile(path),
        None => text.strip_prefix('@').unwrap_or(text),
    };
    let fits = handle::is_word(name, 5, 50, b".") && !name.starts_with('.') && !name.ends_with('.') && !name.contains("..");
    if !fits || handle::on_site(name, &HOSTS).is_some() {
        return Err(Invalid("not 5 to 50 letters, digits and single full stops"));
    }
    if handle::is_reserved(name, &RESERVED) || name.ends_with(".php") {
        return Err(Invalid("a path of the site itself"));
    }
    Ok(name.to_ascii_lowercase())
}

/// `profile.php?id=1`, `people/Name/1`, `pages/Name/1`, `Name`.
fn on_profile(path: &str) -> &str {
    if let Some(query) = path.strip_prefix("profile.php?") {
        let id = query.split(['&', '#']).find_map(|pair| pair.strip_prefix("id="));
        return id.unwrap_or_default();
    }
    let (first, rest) = handle::segment(path);
    match first {
        "people" | "pages" => handle::segment(handle::segment(rest).1).0,
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_names_and_profiles() {
        check(
            ObservableType::Facebook,
            &[
                ("https://www.facebook.com/Some.One/posts/1", "some.one"),
                ("facebook.com/profile.php?id=100012345678901&ref=x", "100012345678901"),
                ("de-de.facebook.com/people/Max-Muster/100012345678901/", "100012345678901"),
                ("fb.com/zuckz", "zuckz"),
                ("some.one", "some.one"),
            ],
            &[
                "", "facebook.com", "facebook.com/sharer/sharer.php?u=x", "https://facebook.com/groups/123456", "facebook.com/profile.php",
                "abcd", "a..bcde", ".abcde", "some-one", "https://evil.com/zuck.z",
            ],
        );
    }
}
