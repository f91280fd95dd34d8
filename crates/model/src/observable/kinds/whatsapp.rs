//! WhatsApp accounts by telephone number, as `+` and digits, and invitations to groups, as `invite/…`.

use super::{handle, strip_prefix_ignoring_case};
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "whatsapp",
    describes: "WhatsApp number or group invitation",
    family: Family::Account,
    max_length: 31,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let code = match handle::on_site(text, &["chat.whatsapp.com"]) {
        Some(path) => Some(handle::segment(path.strip_prefix("invite/").unwrap_or(path)).0),
        None => text.strip_prefix("invite/"),
    };
    if let Some(code) = code {
        return if handle::is_word(code, 20, 24, b"_-") {
            Ok(format!("invite/{code}"))
        } else {
            Err(Invalid("the invitation has not 20 to 24 letters and digits"))
        };
    }
    let number = if let Some(path) = handle::on_site(text, &["wa.me"]) {
        handle::segment(path).0
    } else if let Some(path) = handle::on_site(text, &["api.whatsapp.com", "whatsapp.com"]) {
        phone_of(path)
    } else if let Some(query) = strip_prefix_ignoring_case(text, "whatsapp://") {
        phone_of(query)
    } else {
        text
    };
    let digits = number.strip_prefix('+').unwrap_or(number);
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    if !plain || digits.starts_with('0') || !(7..=15).contains(&digits.len()) {
        return Err(Invalid("not a number of 7 to 15 digits with its country code"));
    }
    Ok(format!("+{digits}"))
}

/// The number in `send?phone=`.
fn phone_of(path: &str) -> &str {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let number = query.split(['&', '#']).find_map(|pair| pair.strip_prefix("phone=")).unwrap_or_default();
    number.strip_prefix("%2B").unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_numbers_and_invitations() {
        check(
            ObservableType::Whatsapp,
            &[
                ("https://wa.me/4915112345678?text=hi", "+4915112345678"),
                ("https://api.whatsapp.com/send?text=a&phone=%2B4915112345678", "+4915112345678"),
                ("whatsapp://send?phone=4915112345678", "+4915112345678"),
                ("chat.whatsapp.com/ABCDEFGHIJKLMNOPQRSTUV", "invite/ABCDEFGHIJKLMNOPQRSTUV"),
            ],
            &["", "wa.me", "wa.me/message/ABC", "wa.me/0151123", "chat.whatsapp.com/abc", "api.whatsapp.com/send", "12345", "bob"],
        );
    }
}
