//! Domain names (RFC 1035, RFC 1123), internationalised ones as A-labels (RFC 5890).
//!
//! Shape only: whether the top-level domain is delegated is for whoever holds the table. Underscores stand in any label but
//! the last two, where service records and careless owners put them (RFC 8552).

use crate::observable::host;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "domain",
    describes: "domain name, example.com",
    family: Family::Network,
    max_length: 253,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    host::domain(text)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn gives_lower_case_a_labels_without_the_last_dot() {
        check(
            ObservableType::Domain,
            &[
                ("Example.COM", "example.com"),
                ("example.com.", "example.com"),
                ("_jabber._tcp.gmail.com", "_jabber._tcp.gmail.com"),
                ("r3---sn-4g5e.googlevideo.com", "r3---sn-4g5e.googlevideo.com"),
                ("3com.com", "3com.com"),
                ("www.München.de", "www.xn--mnchen-3ya.de"),
                ("example.xn--zfr164b", "example.xn--zfr164b"),
                ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ],
            &[
                "", "com", ".com", "a..com", "example.com..", "-a.com", "a-.com", "exa_mple.com", "a.c_m", "1.2.3.4", "example.c",
                "example.123", "exa mple.com", "“example.com", "xn--.com", "example.com/", "a@example.com",
            ],
        );
    }

    #[test]
    fn keeps_the_limits_of_dns() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}.com", "a".repeat(57));
        check(ObservableType::Domain, &[(&longest, &longest)], &[&format!("a{label}.com"), &format!("a{longest}"), &"a.".repeat(4000)]);
    }
}
