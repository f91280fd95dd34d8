//! Channels of YouTube: `@handle`, the identifier `UC…`, and the older `user/…` and `c/…`. Videos name no account.

use super::{handle, is_letter};
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "youtube",
    describes: "YouTube channel",
    family: Family::Account,
    max_length: 132,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let path = handle::on_site(text, &["youtube.com"]).unwrap_or(text);
    let (first, rest) = handle::segment(path);
    let second = handle::segment(rest).0;
    if let Some(name) = first.strip_prefix('@') {
        let length = name.chars().count();
        if !(3..=30).contains(&length) || !name.chars().all(|c| is_letter(c) || "_-.·".contains(c)) {
            return Err(Invalid("not 3 to 30 letters, digits, underscores, hyphens and full stops after the @"));
        }
        let lower = name.to_lowercase();
        return if lower.len() < SPEC.max_length { Ok(format!("@{lower}")) } else { Err(Invalid("too long")) };
    }
    let (kind, name) = if first == "channel" { ("", second) } else { (first, second) };
    match (kind, name) {
        ("", id) | (id, "") if is_channel(id) => Ok(id.to_owned()),
        ("user" | "c", name) if handle::is_word(name, 1, 100, b"_-.") => Ok(format!("{kind}/{}", name.to_ascii_lowercase())),
        _ => Err(Invalid("neither @handle, UC and 22 characters, user/… nor c/…")),
    }
}

fn is_channel(id: &str) -> bool {
    id.starts_with("UC") && handle::is_word(id, 24, 24, b"_-")
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_channels_in_every_form() {
        check(
            ObservableType::Youtube,
            &[
                ("https://www.youtube.com/@Some.One/videos", "@some.one"),
                ("youtube.com/channel/UC_x5XG1OV2P6uZZ5FSM9Ttw", "UC_x5XG1OV2P6uZZ5FSM9Ttw"),
                ("youtube.com/user/GoogleDevelopers", "user/googledevelopers"),
                ("m.youtube.com/c/Name?x=1", "c/name"),
                ("@größe", "@größe"),
            ],
            &["", "youtube.com/watch?v=dQw4w9WgXcQ", "youtube.com", "@ab", "@a b", "UC_x5XG1OV2P6uZZ5FSM9Tt", "someone", "https://evil.com/@someone"],
        );
    }
}
