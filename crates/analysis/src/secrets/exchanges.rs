//! Secrets in what two ends of a capture exchanged: in the free text of requests and commands. Those that prove who somebody
//! is stand in log-ins, which mask themselves.
//!
//! There may be millions of exchanges: a text is looked through where a sign in it says that there may be a secret.

use super::commands;
use super::mask::{MASK, TELLING, hidden, places, replace};
use std::ops::Range;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Http, Mqtt};

/// Whether exchanges of that kind may hold secrets that are masked.
pub(crate) fn may_hide(exchange: &Exchange) -> bool {
    matches!(
        exchange,
        Exchange::Http(_)
            | Exchange::Irc(_)
            | Exchange::Redis(_)
            | Exchange::Mysql(_)
            | Exchange::Postgresql(_)
            | Exchange::LdapSearch(_)
            | Exchange::Sip(_)
            | Exchange::Syslog(_)
            | Exchange::Mqtt(_)
            | Exchange::Smtp(_)
            | Exchange::File(_)
    )
}

/// Masks the secrets of an exchange. Those that would be known elsewhere go to `told`, as they stand there.
pub(crate) fn hide_in_exchange(exchange: &mut Exchange, told: &mut dyn FnMut(&str)) {
    match exchange {
        Exchange::Http(http) => hide_in_http(http, told),
        Exchange::Irc(irc) if !irc.received => {
            if let Some(text) = &mut irc.text {
                let found = commands::of_chat(irc.value.raw(), text.raw());
                cut_out(text, &found, told);
            }
        }
        Exchange::Redis(redis) => commands::hide_in_redis(redis, told),
        Exchange::Mysql(mysql) => mysql.argument.iter_mut().for_each(|query| statement(query, told)),
        Exchange::Postgresql(query) => query.argument.iter_mut().for_each(|query| statement(query, told)),
        Exchange::LdapSearch(search) => {
            let found = commands::of_directory(search.filter.raw());
            cut_out(&mut search.filter, &found, told);
        }
        Exchange::Sip(sip) => {
            for user in [Some(&mut sip.uri), sip.from.as_mut(), sip.to.as_mut()]
                .into_iter()
                .flatten()
            {
                let found = commands::of_call(user.raw());
                cut_out(user, &found, told);
            }
        }
        Exchange::Syslog(line) => words(&mut line.message, told),
        Exchange::Mqtt(message) => match &mut **message {
            Mqtt::Publish(message) => words(&mut message.payload, told),
            Mqtt::Connect(client) => client.will.iter_mut().for_each(|will| words(will, told)),
            Mqtt::Subscribe(_) => {}
        },
        Exchange::Smtp(mail) => mail.head.subject.iter_mut().for_each(|subject| words(subject, told)),
        Exchange::File(file) => file.name.iter_mut().for_each(|name| url(name, told)),
        _ => {}
    }
}

fn hide_in_http(http: &mut Http, told: &mut dyn FnMut(&str)) {
    url(&mut http.target, told);
    let reply = http.reply.as_mut();
    let others = [
        http.referrer.as_mut(),
        http.user_agent.as_mut(),
        reply.and_then(|reply| reply.location.as_mut()),
    ];
    others.into_iter().flatten().for_each(|text| url(text, told));
}

/// Masks the secrets of a URL or a part of one.
pub(super) fn url(text: &mut Untrusted, told: &mut dyn FnMut(&str)) {
    if is_telling(text.raw()) {
        let found = places(text.raw());
        cut_out(text, &found, &mut long_enough(told));
    }
}

/// Masks the secrets of free text, and passwords that it announces.
fn words(text: &mut Untrusted, told: &mut dyn FnMut(&str)) {
    const ANNOUNCING: [&str; 5] = ["assw", "ASSW", "ecret", "oken", "uthoriz"];
    let raw = text.raw();
    if is_telling(raw) || ANNOUNCING.iter().any(|word| raw.contains(word)) {
        let found = hidden(raw);
        cut_out(text, &found, &mut long_enough(told));
    }
}

/// Masks the passwords of a statement of SQL.
fn statement(query: &mut Untrusted, told: &mut dyn FnMut(&str)) {
    let found = commands::of_sql(query.raw());
    cut_out(query, &found, told);
}

/// Whether a text has a sign that stands before secrets of URLs, or a path that does.
fn is_telling(text: &str) -> bool {
    memchr::memchr3(b'=', b'@', b'%', text.as_bytes()).is_some()
        || ["/bot", "hook", "/services/"].iter().any(|path| text.contains(path))
}

/// Of what is told elsewhere, only what is not there by chance.
fn long_enough(told: &mut dyn FnMut(&str)) -> impl FnMut(&str) {
    move |secret| {
        if secret.len() >= TELLING {
            told(secret);
        }
    }
}

/// Masks what stands in these places, which are in order and apart.
fn cut_out(text: &mut Untrusted, found: &[Range<usize>], told: &mut dyn FnMut(&str)) {
    let secrets = found.iter().filter_map(|place| text.raw().get(place.clone()));
    secrets.filter(|secret| *secret != MASK).for_each(told);
    if !found.is_empty() {
        *text = Untrusted::new(replace(text.raw(), found).into_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::network::{Irc, LdapSearch, Mysql, Redis, RedisReply, Sip, Syslog};

    /// What is left of an exchange as it is written, and which secrets were told.
    #[track_caller]
    fn check(mut exchange: Exchange, expected: &[&str], secrets: &[&str]) {
        let mut told = Vec::new();
        hide_in_exchange(&mut exchange, &mut |secret: &str| told.push(secret.to_owned()));
        let written = serde_json::to_string(&exchange).unwrap();
        for part in expected {
            let quoted = serde_json::to_string(part).unwrap();
            let within = quoted.trim_matches('"');
            assert!(
                written.contains(part) || written.contains(within),
                "{part} in {written}"
            );
        }
        assert_eq!(told, secrets, "{written}");
        let mut again = exchange.clone();
        hide_in_exchange(&mut again, &mut |secret: &str| panic!("{secret} was masked"));
        assert_eq!(again, exchange);
    }

    fn sql(query: &str, expected: &str, secrets: &[&str]) {
        let mysql = Mysql {
            command: "query".into(),
            argument: Some(query.into()),
            ..Mysql::default()
        };
        check(Exchange::Mysql(Box::new(mysql)), &[expected], secrets);
    }

    fn chat(to: &str, said: &str, expected: &str, secrets: &[&str]) {
        let irc = Irc {
            command: "PRIVMSG",
            value: to.into(),
            text: Some(said.into()),
            ..Irc::default()
        };
        check(Exchange::Irc(Box::new(irc)), &[expected], secrets);
    }

    fn redis(words: &[&str], reply: &str, expected: &[&str], secrets: &[&str]) {
        let (command, arguments) = words.split_first().unwrap();
        let redis = Redis {
            command: (*command).into(),
            arguments: arguments.iter().map(|argument| (*argument).into()).collect(),
            reply: Some(RedisReply {
                frame: 1,
                failed: false,
                text: reply.into(),
            }),
        };
        check(Exchange::Redis(Box::new(redis)), expected, secrets);
    }

    #[test]
    fn urls_of_requests() {
        let http = Http {
            target: "/login?user=a&password=hunter2&pin=1".into(),
            referrer: Some("http://u:secr3t@evil.com/".into()),
            ..Http::default()
        };
        check(
            Exchange::Http(Box::new(http)),
            &["/login?user=a&password=***&pin=1", "http://u:***@evil.com/"],
            &["hunter2", "secr3t"],
        );
        let bot = Http {
            target: "/bot123:ABC-d_e/sendMessage?text=hello".into(),
            ..Http::default()
        };
        check(
            Exchange::Http(Box::new(bot)),
            &["/bot123:***/sendMessage?text=hello"],
            &["ABC-d_e"],
        );
    }

    #[test]
    fn statements_that_set_passwords() {
        let one: &[&str] = &["hunter2"];
        for (query, expected) in [
            (
                "ALTER USER 'u'@'%' IDENTIFIED BY 'hunter2'",
                "ALTER USER 'u'@'%' IDENTIFIED BY '***'",
            ),
            (
                "create user u identified with 'mysql_native_password' by \"hunter2\" require ssl",
                "create user u identified with 'mysql_native_password' by \"***\" require ssl",
            ),
            (
                "SET PASSWORD FOR 'u'@'localhost' = PASSWORD('hunter2')",
                "SET PASSWORD FOR 'u'@'localhost' = PASSWORD('***')",
            ),
            (
                "ALTER ROLE u WITH LOGIN ENCRYPTED PASSWORD E'hunter2';",
                "PASSWORD E'***';",
            ),
            (
                "CHANGE MASTER TO MASTER_USER='r', MASTER_PASSWORD = 'hunter2'",
                "MASTER_USER='r', MASTER_PASSWORD = '***'",
            ),
            (
                "select * from users where password='hunter2' and name='bob'",
                "password='***' and name='bob'",
            ),
        ] {
            sql(query, expected, one);
        }
        sql(
            "ALTER USER u IDENTIFIED BY 'it''s \\' x' y",
            "BY '***' y",
            &["it''s \\' x"],
        );
        sql("ALTER USER u IDENTIFIED BY 'cut", "BY '***", &["cut"]);
        for same in [
            "SELECT password FROM users WHERE name = 'bob'",
            "ALTER USER u PASSWORD NULL",
            "SELECT 'a password' , 'b'",
        ] {
            sql(same, same, &[]);
        }
    }

    #[test]
    fn commands_to_services_of_chats_and_to_bots() {
        chat("NickServ", "IDENTIFY hunter2", "IDENTIFY ***", &["hunter2"]);
        chat(
            "nickserv@services.example",
            "identify bob hunter2",
            "identify bob ***",
            &["hunter2"],
        );
        chat(
            "NickServ",
            "REGISTER hunter2 a@b.example",
            "REGISTER *** a@b.example",
            &["hunter2"],
        );
        chat("NickServ", "SET PASSWORD hunter2", "SET PASSWORD ***", &["hunter2"]);
        chat("#c2", ".login hunter2", ".login ***", &["hunter2"]);
        chat("NickServ", "HELP IDENTIFY", "HELP IDENTIFY", &[]);
        chat("#all", "identify yourself", "identify yourself", &[]);
    }

    #[test]
    fn settings_of_redis_and_what_it_says_of_them() {
        let one: &[&str] = &["hunter2"];
        redis(&["CONFIG", "SET", "requirepass", "hunter2"], "OK", &["\"***\""], one);
        redis(&["ACL", "SETUSER", "u", "on", ">hunter2"], "OK", &[">***"], one);
        redis(
            &["MIGRATE", "h", "6379", "k", "0", "9", "AUTH2", "u", "hunter2"],
            "OK",
            &["***"],
            one,
        );
        redis(
            &["config", "get", "requirepass"],
            "[requirepass, hunter2]",
            &["[requirepass, ***]"],
            one,
        );
        redis(&["GET", "session:token"], "hunter2", &["\"***\""], one);
        redis(&["GET", "page"], "hunter2", &["hunter2"], &[]);
        redis(&["SET", "page", "hunter2"], "OK", &["hunter2"], &[]);
    }

    #[test]
    fn directories_calls_and_logs() {
        let search = LdapSearch {
            filter: "(&(uid=bob)(userPassword=hunter2))".into(),
            ..LdapSearch::default()
        };
        check(
            Exchange::LdapSearch(Box::new(search)),
            &["(&(uid=bob)(userPassword=***))"],
            &["hunter2"],
        );
        let call = Sip {
            uri: "sip:bob:hunter2@example.com;transport=tcp".into(),
            from: Some("<sip:alice@example.com:5060>".into()),
            ..Sip::default()
        };
        check(
            Exchange::Sip(Box::new(call)),
            &["sip:bob:***@example.com;transport=tcp", "<sip:alice@example.com:5060>"],
            &["hunter2"],
        );
        let line = Syslog {
            message: "login refused, password: hunter2".into(),
            ..Syslog::default()
        };
        check(
            Exchange::Syslog(Box::new(line)),
            &["login refused, password: ***"],
            &["hunter2"],
        );
    }
}
