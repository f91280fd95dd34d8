//! Log-ins that are made here.

use super::*;
use watchfire_model::Timestamp;

fn login(mechanism: &str, initial: &str, challenge: &str, answers: &[&str]) -> Option<(String, String, String)> {
    let began = Here {
        frame: 1,
        time: Timestamp::from_nanoseconds(0),
    };
    let mut sasl = Sasl::begin(mechanism.as_bytes(), initial.as_bytes(), began);
    sasl.challenge(challenge.as_bytes());
    answers.iter().for_each(|line| sasl.answer(line.as_bytes()));
    let login = sasl.login("smtp", Some(true))?;
    assert_eq!(login.accepted, Some(true));
    let raw = |secret: Option<&Secret>| secret.map_or("-", Secret::raw).to_owned();
    Some((
        login.user?.raw().to_owned(),
        raw(login.secret.as_ref()),
        raw(login.hashcat.as_ref().map(|hashcat| &hashcat.line)),
    ))
}

#[test]
fn passwords_and_what_they_are_guessed_by_are_found() {
    let said = |user: &str, secret: &str, line: &str| Some((user.to_owned(), secret.to_owned(), line.to_owned()));
    // An empty identity, `bob` and `secret`, between zeros.
    assert_eq!(login("PLAIN", "AGJvYgBzZWNyZXQ=", "", &[]), said("bob", "secret", "-"));
    assert_eq!(
        login("plain", "", "", &["AGJvYgBzZWNyZXQ="]),
        said("bob", "secret", "-")
    );
    assert_eq!(
        login("LOGIN", "", "VXNlcjo=", &["Ym9i", "c2VjcmV0"]),
        said("bob", "secret", "-")
    );
    assert_eq!(login("LOGIN", "Ym9i", "", &["c2VjcmV0"]), said("bob", "secret", "-"));
    // The example of RFC 2195.
    let challenge = "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
    let answer = "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw";
    assert_eq!(
        login("CRAM-MD5", "", challenge, &[answer]),
        said("tim", "-", &format!("$cram_md5${challenge}${answer}"))
    );
    assert_eq!(
        login("XOAUTH2", "dXNlcj1ib2IBYXV0aD1CZWFyZXIgeAEB", "", &[]),
        said("bob", "Bearer x", "-")
    );
}

#[test]
fn half_of_a_login_is_none() {
    assert_eq!(login("LOGIN", "", "", &["Ym9i"]), None);
    assert_eq!(login("PLAIN", "Ym9i", "", &[]), None);
    assert_eq!(login("GSSAPI", "Ym9i", "", &[]), None);
    assert_eq!(login("CRAM-MD5", "", "", &["*"]), None);
}
