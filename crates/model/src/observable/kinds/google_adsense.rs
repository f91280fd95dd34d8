//! Google AdSense and AdMob publishers: `pub-` and 16 digits, with or without the product before it.

use super::is_number;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "google-adsense",
    describes: "Google AdSense publisher, pub-1234567890123456",
    family: Family::Account,
    max_length: 20,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let lower = text.get(..text.len().min(40)).unwrap_or_default().to_ascii_lowercase();
    let (product, number) = lower.rsplit_once("pub-").ok_or(Invalid("no pub-"))?;
    if !matches!(product, "" | "ca-" | "ca-app-" | "ca-mb-app-" | "ca-video-" | "partner-") {
        return Err(Invalid("what stands before pub- is no product of Google"));
    }
    if !is_number(number, 16) {
        return Err(Invalid("not 16 digits after pub-"));
    }
    Ok(format!("pub-{number}"))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn keeps_the_publisher() {
        check(
            ObservableType::GoogleAdsense,
            &[("pub-9107453047749393", "pub-9107453047749393"), ("ca-pub-9107453047749393", "pub-9107453047749393"), ("CA-APP-PUB-9107453047749393", "pub-9107453047749393")],
            &["", "pub-", "pub-910745304774939", "pub-91074530477493933", "pub-910745304774939x", "xx-pub-9107453047749393", "9107453047749393"],
        );
    }
}
