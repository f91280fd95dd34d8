//! What protocols of text and their kin say, row by row beside Zeek's logs; fingerprints of SSH beside nDPI's.

use super::protocols::{Column, Row, Verdicts, text, value};
use super::{Tally, bytes_of, hear, logs};
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Ftp, Mysql, Redis, Sip, Smtp, Socks, Ssh};
use watchfire_testkit::corpus::{corpus_folder, files};

/// Holds all logs of a kind to the events that `part` knows. A row's event is the next one of its ends that is `alike`; logs
/// of commands leave many out.
fn check<T>(
    name: &'static str,
    kind: &'static str,
    part: fn(&Exchange) -> Option<&T>,
    alike: fn(&T, &Row) -> bool,
    columns: fn(&T, &Row) -> Vec<Column>,
) {
    let Some(folder) = corpus_folder(name, "pcap/zeek") else {
        return;
    };
    let mut verdicts = Verdicts::new(kind);
    for log in logs(&folder, kind) {
        let path = folder.join("traces").join(&log.trace);
        if !path.exists() {
            continue;
        }
        let events = hear(&bytes_of(&path), 1).events;
        let mut by_ends: BTreeMap<Vec<String>, VecDeque<&T>> = BTreeMap::new();
        for event in &events {
            let ends = [event.originator, event.responder];
            let key = ends
                .iter()
                .flat_map(|end| [end.ip().to_string(), end.port().to_string()]);
            if let Some(found) = part(&event.exchange) {
                by_ends.entry(key.collect()).or_default().push_back(found);
            }
        }
        for (at, row) in log.rows.iter().enumerate() {
            let key = ["id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"].map(|name| value(row, name));
            let candidates = by_ends.entry(key.to_vec()).or_default();
            let found = candidates.iter().position(|found| alike(found, row));
            let found = found.and_then(|at| candidates.remove(at));
            let differences = match found {
                Some(found) => columns(found, row)
                    .into_iter()
                    .filter(|(_, found, expected)| found != expected)
                    .collect(),
                None => vec![("event", "none".to_owned(), format!("{row:?}"))],
            };
            verdicts.row(&log.test, at + 1, &differences);
        }
    }
    verdicts.report(100.0);
}

/// What Zeek writes in a column, where nothing and an empty text are the same.
fn expected(row: &Row, name: &str) -> String {
    match value(row, name).as_str() {
        "(empty)" | "<unknown>" => "-".to_owned(),
        other => other.replace("\\\\", "\\"),
    }
}

fn with(row: &Row, columns: impl IntoIterator<Item = (&'static str, String)>) -> Vec<Column> {
    let columns = columns.into_iter();
    columns
        .map(|(name, found)| (name, found, expected(row, name)))
        .collect()
}

fn number(number: Option<impl ToString>) -> String {
    number.map_or("-".to_owned(), |number| number.to_string())
}

fn flag(is: Option<bool>) -> String {
    is.map_or("-", |is| if is { "T" } else { "F" }).to_owned()
}

#[test]
fn sessions_of_ssh_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Ssh> {
        match exchange {
            Exchange::Ssh(ssh) => Some(ssh),
            _ => None,
        }
    }
    fn columns(ssh: &Ssh, row: &Row) -> Vec<Column> {
        let (client, server) = (ssh.client.as_ref(), ssh.server.as_ref());
        let version = server.filter(|_| client.is_some()).map(|server| {
            let is_old = server.banner.raw().starts_with("SSH-1.") && !server.banner.raw().starts_with("SSH-1.99");
            if is_old { 1 } else { 2 }
        });
        let protection = ssh.to_server.as_ref();
        // The logs have the first 32 letters of the digest.
        let key = ssh
            .host_key
            .as_ref()
            .map(|key| key.chars().take(39).collect::<String>());
        with(
            row,
            [
                ("version", number(version)),
                ("client", text(client.map(|end| &end.banner))),
                ("server", text(server.map(|end| &end.banner))),
                ("cipher_alg", text(protection.and_then(|of| of.cipher.as_ref()))),
                ("mac_alg", text(protection.and_then(|of| of.mac.as_ref()))),
                (
                    "compression_alg",
                    text(protection.and_then(|of| of.compression.as_ref())),
                ),
                ("kex_alg", text(ssh.key_exchange.as_ref())),
                ("host_key_alg", text(ssh.host_key_algorithm.as_ref())),
                ("host_key_fingerprint", number(key)),
            ],
        )
    }
    check(
        "sessions_of_ssh_are_those_of_zeek",
        "ssh.log",
        part,
        |_, _| true,
        columns,
    );
}

#[test]
fn messages_of_smtp_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Smtp> {
        match exchange {
            Exchange::Smtp(smtp) => Some(smtp),
            _ => None,
        }
    }
    fn columns(smtp: &Smtp, row: &Row) -> Vec<Column> {
        let head = &smtp.head;
        let recipients: Vec<&str> = smtp.recipients.iter().map(Untrusted::raw).collect();
        with(
            row,
            [
                ("trans_depth", smtp.depth.to_string()),
                ("helo", text(smtp.helo.as_ref())),
                ("mailfrom", text(smtp.mail_from.as_ref())),
                ("rcptto", text(Some(&recipients.join(",").into()))),
                ("date", text(head.date.as_ref())),
                ("from", text(head.from.as_ref())),
                ("to", text(head.to.as_ref())),
                ("cc", text(head.cc.as_ref())),
                ("reply_to", text(head.reply_to.as_ref())),
                ("msg_id", text(head.message_id.as_ref())),
                ("in_reply_to", text(head.in_reply_to.as_ref())),
                ("subject", text(head.subject.as_ref())),
                ("x_originating_ip", text(head.originating_ip.as_ref())),
                ("first_received", text(head.received.first())),
                ("second_received", text(head.received.get(1))),
                ("last_reply", text(smtp.last_reply.as_ref())),
                ("user_agent", text(head.user_agent.as_ref())),
                ("tls", flag(Some(smtp.tls))),
            ],
        )
    }
    check(
        "messages_of_smtp_are_those_of_zeek",
        "smtp.log",
        part,
        |_, _| true,
        columns,
    );
}

#[test]
fn commands_of_ftp_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Ftp> {
        match exchange {
            Exchange::Ftp(ftp) => Some(ftp),
            _ => None,
        }
    }
    fn alike(ftp: &Ftp, row: &Row) -> bool {
        match ftp.command.raw() {
            "" => value(row, "command") == "<init>",
            command => value(row, "command") == command,
        }
    }
    fn columns(ftp: &Ftp, row: &Row) -> Vec<Column> {
        let reply = ftp.reply.as_ref();
        let mut columns = with(
            row,
            [
                ("user", text(ftp.user.as_ref())),
                ("reply_code", number(reply.map(|reply| reply.code))),
                ("reply_msg", text(reply.map(|reply| &reply.text))),
            ],
        );
        // Passwords are log-ins. Zeek makes URLs of files, with the folder as far as it is known.
        let argument = value(row, "arg");
        if let Some(url) = argument.strip_prefix("ftp://") {
            let (_, path) = url.split_once('/').unwrap_or_default();
            let found = ftp.path.as_ref().map_or("", Untrusted::raw).trim_start_matches('/');
            columns.push(("arg", found.to_owned(), path.trim_start_matches("./").to_owned()));
        } else if ftp.command.raw() != "PASS" {
            columns.push(("arg", text(ftp.argument.as_ref()), argument));
        }
        if matches!(ftp.command.raw(), "PASV" | "PORT" | "EPSV" | "EPRT") {
            let data = ftp.data.as_ref();
            columns.extend(with(
                row,
                [
                    ("data_channel.passive", flag(data.map(|data| data.passive))),
                    ("data_channel.resp_h", number(data.map(|data| data.listener.ip()))),
                    ("data_channel.resp_p", number(data.map(|data| data.listener.port()))),
                ],
            ));
        }
        columns
    }
    check("commands_of_ftp_are_those_of_zeek", "ftp.log", part, alike, columns);
}

#[test]
fn commands_of_mysql_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Mysql> {
        match exchange {
            Exchange::Mysql(mysql) => Some(mysql),
            _ => None,
        }
    }
    fn columns(mysql: &Mysql, row: &Row) -> Vec<Column> {
        with(
            row,
            [
                ("cmd", text(Some(&mysql.command))),
                ("arg", text(mysql.argument.as_ref())),
                ("success", flag(mysql.success)),
                ("rows", number(mysql.rows)),
                ("response", text(mysql.response.as_ref())),
            ],
        )
    }
    check(
        "commands_of_mysql_are_those_of_zeek",
        "mysql.log",
        part,
        |_, _| true,
        columns,
    );
}

#[test]
fn commands_of_redis_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Redis> {
        match exchange {
            Exchange::Redis(redis) => Some(redis),
            _ => None,
        }
    }
    fn columns(redis: &Redis, row: &Row) -> Vec<Column> {
        let reply = redis.reply.as_ref();
        // Zeek knows of a few commands only which words are the key and the value.
        let argument = |at: usize, name: &str| match row.contains_key(name) {
            true => text(redis.arguments.get(at)),
            false => "-".to_owned(),
        };
        with(
            row,
            [
                ("cmd.name", text(Some(&redis.command))),
                ("cmd.key", argument(0, "cmd.key")),
                ("cmd.value", argument(1, "cmd.value")),
                ("success", flag(reply.map(|reply| !reply.failed))),
                ("reply.value", text(reply.map(|reply| &reply.text))),
            ],
        )
    }
    fn alike(redis: &Redis, row: &Row) -> bool {
        redis.command.raw() == value(row, "cmd.name")
    }
    check("commands_of_redis_are_those_of_zeek", "redis.log", part, alike, columns);
}

#[test]
fn calls_of_sip_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Sip> {
        match exchange {
            Exchange::Sip(sip) => Some(sip),
            _ => None,
        }
    }
    fn alike(sip: &Sip, row: &Row) -> bool {
        let status = number(sip.reply.as_ref().map(|reply| reply.status));
        text(sip.sequence.as_ref()) == value(row, "seq") && status == value(row, "status_code")
    }
    /// Zeek leaves out the tag behind who calls.
    fn caller(from: Option<&Untrusted>) -> String {
        text(from).split(";tag=").next().unwrap_or_default().to_owned()
    }
    fn columns(sip: &Sip, row: &Row) -> Vec<Column> {
        let reply = sip.reply.as_ref();
        with(
            row,
            [
                ("method", text(Some(&sip.method))),
                ("uri", text(Some(&sip.uri))),
                ("request_from", caller(sip.from.as_ref())),
                ("request_to", text(sip.to.as_ref())),
                ("response_from", caller(reply.and_then(|reply| reply.from.as_ref()))),
                ("response_to", text(reply.and_then(|reply| reply.to.as_ref()))),
                ("call_id", text(sip.call_id.as_ref())),
                ("subject", text(sip.subject.as_ref())),
                ("user_agent", text(sip.user_agent.as_ref())),
                ("status_msg", text(reply.map(|reply| &reply.reason))),
                ("warning", text(reply.and_then(|reply| reply.warning.as_ref()))),
                ("request_body_len", number(sip.sent)),
                ("response_body_len", number(reply.and_then(|reply| reply.received))),
            ],
        )
    }
    check("calls_of_sip_are_those_of_zeek", "sip.log", part, alike, columns);
}

#[test]
fn requests_to_proxies_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Socks> {
        match exchange {
            Exchange::Socks(socks) => Some(socks),
            _ => None,
        }
    }
    fn columns(socks: &Socks, row: &Row) -> Vec<Column> {
        let status = socks
            .success
            .map(|success| if success { "succeeded" } else { "failed" });
        let host = |name: &'static str, other: &'static str| if row.contains_key(name) { name } else { other };
        with(
            row,
            [
                ("version", socks.version.to_string()),
                ("user", text(socks.user.as_ref())),
                ("status", number(status)),
                (host("request.name", "request.host"), text(socks.host.as_ref())),
                ("request_p", number(socks.port)),
                (host("bound.name", "bound.host"), text(socks.bound_host.as_ref())),
                ("bound_p", number(socks.bound_port)),
            ],
        )
    }
    check(
        "requests_to_proxies_are_those_of_zeek",
        "socks.log",
        part,
        |_, _| true,
        columns,
    );
}

/// A fingerprint of nDPI, in its square brackets.
fn bracket<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    line.split_once(name)?.1.split(']').next()
}

#[test]
fn fingerprints_of_ssh_are_those_of_ndpi() {
    let Some(folder) = corpus_folder("fingerprints_of_ssh_are_those_of_ndpi", "pcap/ndpi") else {
        return;
    };
    let mut tally = Tally::default();
    for path in files(&folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Ok(expected) = fs::read(folder.join("expected").join(format!("{name}.out"))) else {
            continue;
        };
        let expected = String::from_utf8_lossy(&expected);
        if !expected.contains("[HASSH-") {
            continue;
        }
        let mut found = Vec::new();
        for event in hear(&bytes_of(&path), 1).events {
            if let Exchange::Ssh(ssh) = event.exchange {
                found.extend(
                    [ssh.client, ssh.server]
                        .into_iter()
                        .flatten()
                        .filter_map(|end| end.hassh),
                );
            }
        }
        for line in expected.lines() {
            for hassh in ["[HASSH-C: ", "[HASSH-S: "]
                .iter()
                .filter_map(|mark| bracket(line, mark))
            {
                let hassh = hassh.to_lowercase();
                let is = found.contains(&hassh);
                tally.check(&name, if is { &hassh } else { "none" }, &hassh);
            }
        }
    }
    tally.report("HASSH", 100.0);
}
