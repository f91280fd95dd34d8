//! Who logs in where, and who works on whose machine.

use super::{Said, check, check_title, event, tcp};
use watchfire_model::network::ConnectionState::Sf;
use watchfire_model::network::{Exchange, Login};

/// A log-in from one host, and what came of it.
fn login(from: &str, user: &str, accepted: bool) -> Said {
    let mut login = Login::clear("ftp", Some(user.into()), "secret");
    // A challenge, since a password in clear is another finding.
    login.method = watchfire_model::network::LoginMethod::Challenge;
    login.secret = None;
    login.accepted = Some(accepted);
    event(
        &format!("{from}:50000"),
        "10.0.0.9:21",
        Exchange::Login(Box::new(login)),
    )
}

#[test]
fn refusals_again_and_again_are_found() {
    let users = |from: &str, count: u64| -> Vec<Said> {
        (0..count)
            .map(|number| login(from, &format!("user{number}"), false))
            .collect()
    };
    check("many users", &users("10.0.0.5", 12), &[("password-guessing", 450)]);
    check("from outside", &users("203.0.113.5", 12), &[("password-guessing", 100)]);
    check("a scanner", &users("10.0.0.200", 12), &[("password-guessing", 0)]);
    let one: Vec<Said> = (0..25).map(|_| login("10.0.0.5", "backup", false)).collect();
    check("one user", &one, &[("password-guessing", 250)]);
    let mut guessed = users("203.0.113.5", 12);
    guessed.push(login("203.0.113.5", "user3", true));
    check("one is let in", &guessed, &[("password-guessing", 550)]);
    check_title(
        &guessed,
        "passwords guessed: 203[.]0[.]113[.]5 was refused 12 times by 10[.]0[.]0[.]9 (ftp) as 12 users, within 1 s; then user3 was let in",
    );
}

#[test]
fn a_few_refusals_are_typing_errors() {
    let mut typed: Vec<Said> = (0..4).map(|_| login("10.0.0.5", "anna", false)).collect();
    typed.push(login("10.0.0.5", "anna", true));
    check("typed", &typed, &[]);
    let let_in: Vec<Said> = (0..40)
        .map(|user| login("10.0.0.5", &format!("user{user}"), true))
        .collect();
    check("a gateway", &let_in, &[]);
}

#[test]
fn a_host_that_works_on_many_others_is_told() {
    let sessions = |count: u8, port: u16| -> Vec<Said> {
        let flow = |host: u8| tcp("10.0.0.5:50000", &format!("10.0.3.{}:{port}", host + 1), Sf);
        (0..count).map(|host| Said::Flow(flow(host))).collect()
    };
    check("desktops", &sessions(10, 3389), &[("many-sessions", 250)]);
    check("shares", &sessions(40, 445), &[("many-sessions", 150)]);
    check("some shares", &sessions(10, 445), &[]);
    check("some desktops", &sessions(3, 3389), &[]);
    let everybody = (0..60).map(|host| Said::Flow(tcp(&format!("10.0.3.{}:50000", host + 1), "10.0.0.9:445", Sf)));
    check("a server", &everybody.collect::<Vec<_>>(), &[]);
}

#[test]
fn passwords_in_clear_are_told_and_those_of_nobody_are_not() {
    let clear = |user: &str| {
        let login = Login::clear("ftp", Some(user.into()), "secret");
        [event("10.0.0.5:50000", "10.0.0.9:21", Exchange::Login(Box::new(login)))]
    };
    check("a user", &clear("anna"), &[("clear-login", 150)]);
    check("nobody", &clear("anonymous"), &[]);
}

#[test]
fn a_log_in_of_somebody_else_is_no_guess_that_succeeded() {
    let refused = |user: &str| vec![login("10.0.0.5", user, false); 25];
    let then = |mut said: Vec<Said>, user: &str| {
        said.push(login("10.0.0.5", user, true));
        said
    };
    check(
        "an old password, and somebody else",
        &then(refused("backup"), "anna"),
        &[("password-guessing", 250)],
    );
    let mut mistyped = refused("backup");
    mistyped.push(login("10.0.0.5", "anna", false));
    check(
        "and somebody else who mistypes",
        &then(mistyped, "anna"),
        &[("password-guessing", 250)],
    );
    check(
        "the same user",
        &then(refused("anna"), "anna"),
        &[("password-guessing", 550)],
    );
    let many: Vec<Said> = (0..12)
        .map(|number| login("10.0.0.5", &format!("user{number}"), false))
        .collect();
    check("among many", &then(many, "anna"), &[("password-guessing", 550)]);
}

#[test]
fn communities_of_snmp_are_told_as_such() {
    let asks = |community: &str, count: usize| {
        let login = Login::clear("snmp", None, community);
        vec![event("10.0.0.5:50000", "10.0.0.9:161", Exchange::Login(Box::new(login))); count]
    };
    check("known to all", &asks("public", 480), &[("clear-login", 50)]);
    check("of its own", &asks("fd8ab21", 3), &[("clear-login", 150)]);
    check_title(
        &asks("fd8ab21", 3),
        "passwords in clear over snmp to 10[.]0[.]0[.]9 port 161, 3 of them",
    );
    check_title(
        &asks("public", 480),
        "the community public in clear over snmp to 10[.]0[.]0[.]9 port 161, 480 of them",
    );
    let mut both = asks("public", 1);
    both.extend(asks("fd8ab21", 2));
    check_title(
        &both,
        "passwords in clear over snmp to 10[.]0[.]0[.]9 port 161, 3 of them",
    );
}
