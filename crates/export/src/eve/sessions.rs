//! `ssh`, `smtp`, `ftp`, `dhcp`, `tftp`, `sip`, `snmp`, `mqtt`, `modbus`, `dnp3` and `rfb`.

use super::{Lines, Object};
use watchfire_model::Untrusted;
use watchfire_model::network::{
    Dhcp, DhcpMessage, Dnp3, Event, Exchange, Ftp, Modbus, Mqtt, Rfb, Sip, Smtp, Snmp, Ssh, SshEnd, Tftp, TftpOperation,
};

pub(super) fn lines(lines: &mut Lines<'_>) {
    let event: &Event = lines.event;
    match &event.exchange {
        Exchange::Ssh(ssh) => lines.line("ssh", |line| line.object("ssh", |of| of_ssh(ssh, of))),
        Exchange::Smtp(smtp) => lines.line("smtp", |line| of_smtp(smtp, line)),
        Exchange::Ftp(ftp) => lines.line("ftp", |line| line.object("ftp", |of| of_ftp(ftp, of))),
        Exchange::Dhcp(dhcp) => {
            for message in &dhcp.messages {
                let members = |line: &mut Object<'_>| line.object("dhcp", |of| of_dhcp(dhcp, message, of));
                lines.at("dhcp", message.frame, message.time, members);
            }
        }
        Exchange::Tftp(tftp) => lines.line("tftp", |line| line.object("tftp", |of| of_tftp(tftp, of))),
        Exchange::Sip(sip) => lines.line("sip", |line| line.object("sip", |of| of_sip(sip, of))),
        Exchange::Snmp(snmp) => lines.line("snmp", |line| line.object("snmp", |of| of_snmp(snmp, of))),
        Exchange::Mqtt(mqtt) => lines.line("mqtt", |line| line.object("mqtt", |of| of_mqtt(mqtt, of))),
        Exchange::Modbus(modbus) => lines.line("modbus", |line| line.object("modbus", |of| of_modbus(modbus, of))),
        Exchange::Dnp3(dnp3) => lines.line("dnp3", |line| line.object("dnp3", |of| of_dnp3(dnp3, of))),
        Exchange::Rfb(rfb) => lines.line("rfb", |line| line.object("rfb", |of| of_rfb(rfb, of))),
        _ => {}
    }
}

fn of_ssh(ssh: &Ssh, of: &mut Object<'_>) {
    let mut end = |name: &str, end: Option<&SshEnd>| {
        let Some(end) = end else { return };
        of.object(name, |of| {
            let banner = end.banner.raw();
            let parts = banner.strip_prefix("SSH-").and_then(|rest| rest.split_once('-'));
            let (version, software) = parts.unwrap_or(("", banner));
            of.put("proto_version", version);
            of.put("software_version", software.split(' ').next().unwrap_or_default());
            if let Some(hassh) = &end.hassh {
                of.object("hassh", |of| of.put("hash", hassh));
            }
        });
    };
    end("client", ssh.client.as_ref());
    end("server", ssh.server.as_ref());
}

fn of_smtp(smtp: &Smtp, line: &mut Object<'_>) {
    let mailbox = |text: &Untrusted| match text.raw() {
        text if text.starts_with('<') => text.to_owned(),
        text => format!("<{text}>"),
    };
    line.object("smtp", |of| {
        of.perhaps("helo", smtp.helo.as_ref());
        of.perhaps("mail_from", smtp.mail_from.as_ref().map(mailbox));
        of.list("rcpt_to", &smtp.recipients.iter().map(mailbox).collect::<Vec<_>>());
    });
    let head = &smtp.head;
    line.object("email", |of| {
        of.perhaps("from", head.from.as_ref());
        of.list("to", head.to.as_slice());
        of.list("cc", head.cc.as_slice());
        of.perhaps("subject", head.subject.as_ref());
        of.perhaps("date", head.date.as_ref());
        of.perhaps("message_id", head.message_id.as_ref());
        of.perhaps("x_mailer", head.user_agent.as_ref());
        of.list("received", &head.received);
    });
}

fn of_ftp(ftp: &Ftp, of: &mut Object<'_>) {
    if !ftp.command.is_empty() {
        of.put("command", &ftp.command);
    }
    of.perhaps("command_data", ftp.argument.as_ref());
    if let Some(data) = ftp.data {
        of.put("dynamic_port", data.listener.port());
        of.put("mode", if data.passive { "passive" } else { "active" });
    }
    if let Some(reply) = &ftp.reply {
        of.put("completion_code", [reply.code.to_string()]);
        of.put("reply", [&reply.text]);
    }
    of.put("reply_received", if ftp.reply.is_some() { "yes" } else { "no" });
}

fn of_dhcp(dhcp: &Dhcp, message: &DhcpMessage, of: &mut Object<'_>) {
    of.put("type", if message.from_client { "request" } else { "reply" });
    of.put("id", dhcp.transaction);
    of.perhaps("client_mac", dhcp.mac);
    if message.from_client {
        of.perhaps("requested_ip", dhcp.requested);
        of.perhaps("hostname", dhcp.host_name.as_ref());
        of.perhaps("vendor_class_identifier", dhcp.vendor_class.as_ref());
    } else {
        of.perhaps("assigned_ip", dhcp.assigned);
        of.perhaps("relay_ip", dhcp.relay);
        of.perhaps("lease_time", dhcp.lease);
        of.list("routers", &dhcp.routers);
        of.list("dns_servers", &dhcp.resolvers);
    }
    of.perhaps("client_ip", dhcp.client);
    of.put("dhcp_type", message.kind.to_string().to_lowercase());
}

fn of_tftp(tftp: &Tftp, of: &mut Object<'_>) {
    of.put(
        "packet",
        match tftp.operation {
            Some(TftpOperation::Read) => "read",
            Some(TftpOperation::Write) => "write",
            None => "error",
        },
    );
    of.perhaps("file", tftp.name.as_ref());
    of.perhaps("mode", tftp.mode.as_ref());
}

fn of_sip(sip: &Sip, of: &mut Object<'_>) {
    of.put("method", &sip.method);
    of.put("uri", &sip.uri);
    if let Some(reply) = &sip.reply {
        of.put("code", reply.status.to_string());
        of.put("reason", &reply.reason);
    }
}

fn of_snmp(snmp: &Snmp, of: &mut Object<'_>) {
    of.put(
        "version",
        snmp.version.0.saturating_add(if snmp.version.0 < 2 { 1 } else { 0 }),
    );
    let kinds = [
        (snmp.get_requests, "get_request"),
        (snmp.get_bulk_requests, "get_bulk_request"),
        (snmp.set_requests, "set_request"),
        (snmp.traps, "trap"),
        (snmp.get_responses, "response"),
    ];
    of.perhaps(
        "pdu_type",
        kinds.iter().find(|(count, _)| *count > 0).map(|(_, name)| name),
    );
    of.list("vars", &snmp.asked);
    of.perhaps("usm", snmp.user.as_ref());
}

fn of_mqtt(mqtt: &Mqtt, of: &mut Object<'_>) {
    match mqtt {
        Mqtt::Connect(connect) => {
            of.object("connect", |of| {
                of.put("protocol_string", &connect.name);
                of.put("protocol_version", connect.version.0);
                of.put("client_id", &connect.client);
                of.perhaps("username", connect.user.as_ref());
                if connect.will_topic.is_some() {
                    of.object("will", |of| {
                        of.perhaps("topic", connect.will_topic.as_ref());
                        of.perhaps("message", connect.will.as_ref());
                    });
                }
            });
            if let Some(status) = connect.status {
                of.object("connack", |of| of.put("return_code", status));
            }
        }
        Mqtt::Publish(publish) => of.object("publish", |of| {
            of.put("qos", publish.quality);
            of.put("retain", publish.retain);
            of.put("topic", &publish.topic);
            of.put("message", &publish.payload);
        }),
        Mqtt::Subscribe(subscribe) if subscribe.ends => {
            of.object("unsubscribe", |of| of.put("topics", &subscribe.topics))
        }
        Mqtt::Subscribe(subscribe) => {
            let qualities = subscribe.qualities.iter().map(Some).chain(std::iter::repeat(None));
            of.object("subscribe", |of| {
                of.objects(
                    "topics",
                    subscribe.topics.iter().zip(qualities),
                    |of, (topic, quality)| {
                        of.put("topic", topic);
                        of.perhaps("qos", quality);
                    },
                );
            });
            if !subscribe.granted.is_empty() {
                of.object("suback", |of| of.put("qos_granted", &subscribe.granted));
            }
        }
    }
}

fn of_modbus(modbus: &Modbus, of: &mut Object<'_>) {
    let mut side = |name: &str| {
        of.object(name, |of| {
            of.put("transaction_id", modbus.transaction);
            of.put("unit_id", modbus.unit);
            of.put("function_raw", modbus.function.0);
            if name == "response" {
                of.perhaps("exception", modbus.exception.map(|exception| exception.0));
            }
        });
    };
    if modbus.asked {
        side("request");
    }
    if modbus.reply_frame.is_some() || !modbus.asked {
        side("response");
    }
}

fn of_dnp3(dnp3: &Dnp3, of: &mut Object<'_>) {
    let mut side = |name: &str, function: Option<u8>, from: u16, to: u16| {
        let Some(function) = function else { return };
        of.object(name, |of| {
            of.put("type", name);
            of.put("src", from);
            of.put("dst", to);
            of.object("application", |of| of.put("function_code", function));
        });
    };
    side(
        "request",
        dnp3.asked.map(|function| function.0),
        dnp3.master,
        dnp3.outstation,
    );
    side(
        "response",
        dnp3.answer.map(|function| function.0),
        dnp3.outstation,
        dnp3.master,
    );
}

fn of_rfb(rfb: &Rfb, of: &mut Object<'_>) {
    let versions = [
        ("server_protocol_version", &rfb.server_version),
        ("client_protocol_version", &rfb.client_version),
    ];
    for (name, version) in versions {
        if let Some((major, minor)) = version.as_ref().and_then(|version| version.raw().split_once('.')) {
            of.object(name, |of| {
                of.put("major", major);
                of.put("minor", minor);
            });
        }
    }
    of.object("authentication", |of| {
        of.perhaps("security_type", rfb.security);
        of.perhaps("security_result", rfb.accepted.map(|is| if is { "OK" } else { "FAIL" }));
    });
    of.perhaps("screen_shared", rfb.shared);
    if rfb.width.is_some() {
        of.object("framebuffer", |of| {
            of.perhaps("width", rfb.width);
            of.perhaps("height", rfb.height);
            of.perhaps("name", rfb.name.as_ref());
        });
    }
}
