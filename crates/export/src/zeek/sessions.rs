//! Logs of what people and programs say in sessions: `smtp.log`, `ssh.log`, `ftp.log`, `irc.log`, `rfb.log`, `socks.log`,
//! `sip.log`, `mysql.log`, `redis.log`.

use super::log::{Log, Row, is_local};
use super::value::Value;
use super::{Family, Memory};
use std::net::IpAddr;
use watchfire_model::Untrusted;
use watchfire_model::network::{Event, Exchange, Ftp, Irc, Mysql, Redis, Rfb, Sip, Smtp, Socks, Ssh};

pub(super) static FAMILY: Family = Family {
    logs: &[&SMTP, &SSH, &FTP, &IRC, &RFB, &SOCKS, &SIP, &MYSQL, &REDIS],
    rows,
};

static SMTP: Log = Log::of_ends(
    "smtp",
    &[
        ("trans_depth", "count"),
        ("helo", "string"),
        ("mailfrom", "string"),
        ("rcptto", "set[string]"),
        ("date", "string"),
        ("from", "string"),
        ("to", "set[string]"),
        ("cc", "set[string]"),
        ("reply_to", "string"),
        ("msg_id", "string"),
        ("in_reply_to", "string"),
        ("subject", "string"),
        ("x_originating_ip", "addr"),
        ("first_received", "string"),
        ("second_received", "string"),
        ("last_reply", "string"),
        ("path", "vector[addr]"),
        ("user_agent", "string"),
        ("tls", "bool"),
        ("fuids", "vector[string]"),
    ],
);

static SSH: Log = Log::of_ends(
    "ssh",
    &[
        ("version", "count"),
        ("auth_success", "bool"),
        ("auth_attempts", "count"),
        ("direction", "enum"),
        ("client", "string"),
        ("server", "string"),
        ("cipher_alg", "string"),
        ("mac_alg", "string"),
        ("compression_alg", "string"),
        ("kex_alg", "string"),
        ("host_key_alg", "string"),
        ("host_key_fingerprint", "string"),
    ],
);

static FTP: Log = Log::of_ends(
    "ftp",
    &[
        ("user", "string"),
        ("password", "string"),
        ("command", "string"),
        ("arg", "string"),
        ("mime_type", "string"),
        ("file_size", "count"),
        ("reply_code", "count"),
        ("reply_msg", "string"),
        ("data_channel.passive", "bool"),
        ("data_channel.orig_h", "addr"),
        ("data_channel.resp_h", "addr"),
        ("data_channel.resp_p", "port"),
        ("fuid", "string"),
    ],
);

static IRC: Log = Log::of_ends(
    "irc",
    &[
        ("nick", "string"),
        ("user", "string"),
        ("command", "string"),
        ("value", "string"),
        ("addl", "string"),
        ("dcc_file_name", "string"),
        ("dcc_file_size", "count"),
        ("dcc_mime_type", "string"),
        ("fuid", "string"),
    ],
);

static RFB: Log = Log::of_ends(
    "rfb",
    &[
        ("client_major_version", "string"),
        ("client_minor_version", "string"),
        ("server_major_version", "string"),
        ("server_minor_version", "string"),
        ("authentication_method", "string"),
        ("auth", "bool"),
        ("share_flag", "bool"),
        ("desktop_name", "string"),
        ("width", "count"),
        ("height", "count"),
    ],
);

static SOCKS: Log = Log::of_ends(
    "socks",
    &[
        ("version", "count"),
        ("user", "string"),
        ("password", "string"),
        ("status", "string"),
        ("request.host", "addr"),
        ("request.name", "string"),
        ("request_p", "port"),
        ("bound.host", "addr"),
        ("bound.name", "string"),
        ("bound_p", "port"),
    ],
);

static SIP: Log = Log::of_ends(
    "sip",
    &[
        ("trans_depth", "count"),
        ("method", "string"),
        ("uri", "string"),
        ("date", "string"),
        ("request_from", "string"),
        ("request_to", "string"),
        ("response_from", "string"),
        ("response_to", "string"),
        ("reply_to", "string"),
        ("call_id", "string"),
        ("seq", "string"),
        ("subject", "string"),
        ("request_path", "vector[string]"),
        ("response_path", "vector[string]"),
        ("user_agent", "string"),
        ("status_code", "count"),
        ("status_msg", "string"),
        ("warning", "string"),
        ("request_body_len", "count"),
        ("response_body_len", "count"),
        ("content_type", "string"),
    ],
);

static MYSQL: Log = Log::of_ends(
    "mysql",
    &[
        ("cmd", "string"),
        ("arg", "string"),
        ("success", "bool"),
        ("rows", "count"),
        ("response", "string"),
    ],
);

static REDIS: Log = Log::of_ends(
    "redis",
    &[
        ("cmd.name", "string"),
        ("cmd.key", "string"),
        ("cmd.value", "string"),
        ("success", "bool"),
        ("reply.value", "string"),
    ],
);

fn rows(event: &Event, memory: &mut Memory, out: &mut Vec<Row>) {
    out.push(match &event.exchange {
        Exchange::Smtp(smtp) => Row::of(&SMTP, event, of_smtp(smtp, event)),
        Exchange::Ssh(ssh) => Row::of(&SSH, event, of_ssh(ssh, event)),
        Exchange::Ftp(ftp) => {
            let password = memory.password(event, ftp.user.as_ref());
            Row::of(&FTP, event, of_ftp(ftp, event, password))
        }
        Exchange::Irc(irc) => Row::of(&IRC, event, of_irc(irc)),
        Exchange::Rfb(rfb) => Row::of(&RFB, event, of_rfb(rfb)),
        Exchange::Socks(socks) => {
            let password = memory.password(event, socks.user.as_ref());
            Row::of(&SOCKS, event, of_socks(socks, password))
        }
        Exchange::Sip(sip) => Row::of(&SIP, event, of_sip(sip)),
        Exchange::Mysql(mysql) => Row::of(&MYSQL, event, of_mysql(mysql)),
        Exchange::Redis(redis) => Row::of(&REDIS, event, of_redis(redis)),
        _ => return,
    });
}

fn of_smtp(smtp: &Smtp, event: &Event) -> [Value; 20] {
    let head = &smtp.head;
    let origin = head
        .originating_ip
        .as_ref()
        .map(|text| text.raw().trim_matches(['[', ']', ' ']));
    let path = [event.responder, event.originator].map(|end| Value::Address(end.ip()));
    [
        Value::count(smtp.depth),
        Value::perhaps(smtp.helo.as_ref()),
        Value::perhaps(smtp.mail_from.as_ref()),
        Value::texts(&smtp.recipients).unless_none(),
        Value::perhaps(head.date.as_ref()),
        Value::perhaps(head.from.as_ref()),
        mailboxes(head.to.as_ref()),
        mailboxes(head.cc.as_ref()),
        Value::perhaps(head.reply_to.as_ref()),
        Value::perhaps(head.message_id.as_ref()),
        Value::perhaps(head.in_reply_to.as_ref()),
        Value::perhaps(head.subject.as_ref()),
        Value::address(origin.and_then(|origin| origin.parse::<IpAddr>().ok())),
        Value::perhaps(head.received.first()),
        Value::perhaps(head.received.get(1)),
        Value::perhaps(smtp.last_reply.as_ref()),
        Value::List(path.to_vec()),
        Value::perhaps(head.user_agent.as_ref()),
        Value::Bool(smtp.tls),
        Value::Unset,
    ]
}

/// The mailboxes of a field, by the commas outside of quotes.
fn mailboxes(field: Option<&Untrusted>) -> Value {
    let Some(field) = field else { return Value::Unset };
    let mut is_quoted = false;
    let parts = field.raw().split(|letter| {
        is_quoted ^= letter == '"';
        letter == ',' && !is_quoted
    });
    let parts = parts.map(str::trim).filter(|part| !part.is_empty());
    Value::List(parts.map(Value::name).collect())
}

fn of_ssh(ssh: &Ssh, event: &Event) -> [Value; 12] {
    let (client, server) = (ssh.client.as_ref(), ssh.server.as_ref());
    let version = server.filter(|_| client.is_some()).map(|server| {
        let banner = server.banner.raw();
        let is_old = banner.starts_with("SSH-1.") && !banner.starts_with("SSH-1.99");
        if is_old { 1_u64 } else { 2 }
    });
    let direction = match (is_local(event.originator.ip()), is_local(event.responder.ip())) {
        (true, false) => "OUTBOUND".into(),
        (false, true) => "INBOUND".into(),
        _ => Value::Unset,
    };
    let protection = ssh.to_server.as_ref();
    // Zeek's logs have the first 32 letters of the digest.
    let key = ssh
        .host_key
        .as_ref()
        .map(|key| key.chars().take(39).collect::<String>());
    [
        Value::counted(version),
        Value::Unset,
        Value::Unset,
        direction,
        Value::perhaps(client.map(|end| &end.banner)),
        Value::perhaps(server.map(|end| &end.banner)),
        Value::perhaps(protection.and_then(|of| of.cipher.as_ref())),
        Value::perhaps(protection.and_then(|of| of.mac.as_ref())),
        Value::perhaps(protection.and_then(|of| of.compression.as_ref())),
        Value::perhaps(ssh.key_exchange.as_ref()),
        Value::perhaps(ssh.host_key_algorithm.as_ref()),
        Value::named(key),
    ]
}

fn of_ftp(ftp: &Ftp, event: &Event, password: Value) -> [Value; 13] {
    let reply = ftp.reply.as_ref();
    let data = ftp.data.as_ref();
    // A path stands as Zeek writes it, as a URL.
    let url = ftp.path.as_ref().map(|path| {
        let path = path.raw();
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("ftp://{}{slash}{path}", event.responder.ip())
    });
    let argument = match url {
        Some(url) => Value::Text(url),
        None => Value::perhaps(ftp.argument.as_ref()),
    };
    let caller = data.map(|data| {
        if data.passive {
            event.originator.ip()
        } else {
            event.responder.ip()
        }
    });
    [
        Value::perhaps(ftp.user.as_ref()),
        password,
        match ftp.command.raw() {
            "" => "<init>".into(),
            command => Value::name(command),
        },
        argument,
        Value::Unset,
        Value::Unset,
        Value::counted(reply.map(|reply| reply.code)),
        Value::perhaps(reply.map(|reply| &reply.text)),
        Value::flag(data.map(|data| data.passive)),
        Value::address(caller),
        Value::address(data.map(|data| data.listener.ip())),
        Value::counted(data.map(|data| data.listener.port())),
        Value::Unset,
    ]
}

fn of_irc(irc: &Irc) -> [Value; 9] {
    let file = irc.file.as_ref();
    [
        Value::perhaps(irc.nick.as_ref()),
        Value::perhaps(irc.user.as_ref()),
        irc.command.into(),
        Value::text(&irc.value),
        Value::perhaps(irc.text.as_ref()),
        Value::perhaps(file.map(|file| &file.name)),
        Value::counted(file.and_then(|file| file.size)),
        Value::Unset,
        Value::Unset,
    ]
}

fn of_rfb(rfb: &Rfb) -> [Value; 10] {
    let part = |version: Option<&Untrusted>, at: usize| {
        Value::named(version.and_then(|version| version.raw().split('.').nth(at)))
    };
    let (client, server) = (rfb.client_version.as_ref(), rfb.server_version.as_ref());
    [
        part(client, 0),
        part(client, 1),
        part(server, 0),
        part(server, 1),
        Value::named(rfb.method()),
        Value::flag(rfb.accepted),
        Value::flag(rfb.shared),
        Value::perhaps(rfb.name.as_ref()),
        Value::counted(rfb.width),
        Value::counted(rfb.height),
    ]
}

fn of_socks(socks: &Socks, password: Value) -> [Value; 10] {
    // An address or a name, each in its own column.
    let host = |host: Option<&Untrusted>| match host.map(|host| host.raw().parse::<IpAddr>()) {
        Some(Ok(address)) => [Value::Address(address), Value::Unset],
        _ => [Value::Unset, Value::perhaps(host)],
    };
    let [host_address, host_name] = host(socks.host.as_ref());
    let [bound_address, bound_name] = host(socks.bound_host.as_ref());
    let status = socks.success.map(|is| if is { "succeeded" } else { "failed" });
    [
        Value::count(socks.version),
        Value::perhaps(socks.user.as_ref()),
        password,
        Value::named(status),
        host_address,
        host_name,
        Value::counted(socks.port),
        bound_address,
        bound_name,
        Value::counted(socks.bound_port),
    ]
}

fn of_sip(sip: &Sip) -> [Value; 21] {
    let reply = sip.reply.as_ref();
    // Zeek leaves the tag of who calls out.
    let caller = |from: Option<&Untrusted>| Value::named(from.and_then(|from| from.raw().split(";tag=").next()));
    [
        // Every request is one of its own here.
        Value::Count(0),
        Value::text(&sip.method),
        Value::text(&sip.uri),
        Value::Unset,
        caller(sip.from.as_ref()),
        Value::perhaps(sip.to.as_ref()),
        caller(reply.and_then(|reply| reply.from.as_ref())),
        Value::perhaps(reply.and_then(|reply| reply.to.as_ref())),
        Value::Unset,
        Value::perhaps(sip.call_id.as_ref()),
        Value::perhaps(sip.sequence.as_ref()),
        Value::perhaps(sip.subject.as_ref()),
        Value::Unset,
        Value::Unset,
        Value::perhaps(sip.user_agent.as_ref()),
        Value::counted(reply.map(|reply| reply.status)),
        Value::perhaps(reply.map(|reply| &reply.reason)),
        Value::perhaps(reply.and_then(|reply| reply.warning.as_ref())),
        Value::counted(sip.sent),
        Value::counted(reply.and_then(|reply| reply.received)),
        Value::Unset,
    ]
}

fn of_mysql(mysql: &Mysql) -> [Value; 5] {
    [
        Value::text(&mysql.command),
        Value::perhaps(mysql.argument.as_ref()),
        Value::flag(mysql.success),
        Value::counted(mysql.rows),
        Value::perhaps(mysql.response.as_ref()),
    ]
}

fn of_redis(redis: &Redis) -> [Value; 5] {
    let reply = redis.reply.as_ref();
    [
        Value::text(&redis.command),
        Value::perhaps(redis.arguments.first()),
        Value::perhaps(redis.arguments.get(1)),
        Value::flag(reply.map(|reply| !reply.failed)),
        Value::perhaps(reply.map(|reply| &reply.text)),
    ]
}
