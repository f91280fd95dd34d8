//! `krb5`, `smb`, `dcerpc`, `ldap` and `rdp`.

use super::{Lines, Object};
use watchfire_model::Timestamp;
use watchfire_model::network::{
    Event, Exchange, Kerberos, KerberosRequest, LdapSearch, NtStatus, Rdp, RdpClient, Smb, SmbFile, SmbKind, SmbShare,
};

pub(super) fn lines(lines: &mut Lines<'_>) {
    let event: &Event = lines.event;
    match &event.exchange {
        Exchange::Kerberos(kerberos) => lines.line("krb5", |line| line.object("krb5", |of| of_kerberos(kerberos, of))),
        Exchange::Smb(smb) => lines.line("smb", |line| line.object("smb", |of| of_smb(smb, of))),
        Exchange::SmbShare(share) => lines.line("smb", |line| line.object("smb", |of| of_share(share, of))),
        Exchange::SmbFile(file) => lines.line("smb", |line| line.object("smb", |of| of_file(file, of))),
        Exchange::DceRpc(rpc) => lines.line("dcerpc", |line| {
            line.object("dcerpc", |of| {
                of.put("request", "REQUEST");
                of.put("response", if rpc.after.is_some() { "RESPONSE" } else { "UNREPLIED" });
                of.put("opnum", rpc.operation);
                of.objects("interfaces", [&rpc.interface], |of, interface| {
                    of.put("uuid", interface)
                });
            });
        }),
        Exchange::Ldap(ldap) => lines.line("ldap", |line| {
            line.object("ldap", |of| {
                of.object("request", |of| {
                    of.put(
                        "operation",
                        format!("{}_request", ldap.operation.split(' ').next().unwrap_or_default()),
                    );
                    of.put("message_id", ldap.message_id);
                });
                response(of, ldap.message_id, ldap.result, ldap.diagnostic.as_ref());
            });
        }),
        Exchange::LdapSearch(search) => lines.line("ldap", |line| line.object("ldap", |of| of_search(search, of))),
        Exchange::Rdp(rdp) => of_rdp(rdp, lines),
        _ => {}
    }
}

fn of_kerberos(kerberos: &Kerberos, of: &mut Object<'_>) {
    let request = kerberos.request.map(KerberosRequest::as_str);
    match kerberos.error {
        Some(error) => {
            of.put("msg_type", "KRB_ERROR");
            of.perhaps("failed_request", request.map(|request| format!("KRB_{request}_REQ")));
            of.put("error_code", error);
        }
        None => {
            let answer = if kerberos.success.is_some() { "REP" } else { "REQ" };
            of.perhaps("msg_type", request.map(|request| format!("KRB_{request}_{answer}")));
        }
    }
    of.perhaps("cname", kerberos.client.as_ref());
    of.perhaps("realm", kerberos.realm.as_ref());
    of.perhaps("sname", kerberos.service.as_ref());
    of.perhaps("encryption", kerberos.cipher);
    of.perhaps("weak_encryption", kerberos.cipher.map(|cipher| cipher.is_weak()));
}

fn of_smb(smb: &Smb, of: &mut Object<'_>) {
    let is_old = smb
        .dialect
        .as_ref()
        .is_some_and(|dialect| dialect.raw().contains("LM") || dialect.raw().contains("LAN"));
    match &smb.dialect {
        Some(dialect) => of.put("dialect", dialect),
        None => of.put("dialect", "unknown"),
    }
    of.put(
        "command",
        match is_old {
            true => "SMB1_COMMAND_NEGOTIATE_PROTOCOL",
            false => "SMB2_COMMAND_NEGOTIATE_PROTOCOL",
        },
    );
    of.list("client_dialects", &smb.offered);
    of.perhaps("server_guid", smb.server_id.as_ref());
    for (name, system) in [("request", &smb.client_system), ("response", &smb.server_system)] {
        if let Some(system) = system {
            of.object(name, |of| of.put("native_os", system));
        }
    }
}

fn status(of: &mut Object<'_>, status: NtStatus) {
    match status.name() {
        Some(name) => of.put("status", format!("STATUS_{name}")),
        None => of.put("status", status.0.to_string()),
    }
    of.put("status_code", format!("{:#x}", status.0));
}

fn of_share(share: &SmbShare, of: &mut Object<'_>) {
    of.put("command", "SMB2_COMMAND_TREE_CONNECT");
    status(of, share.status);
    let is_pipe = share.resource == Some(SmbKind::Pipe);
    of.perhaps(if is_pipe { "named_pipe" } else { "share" }, share.path.as_ref());
    let kind = share.resource.map(|kind| match kind {
        SmbKind::Disk => "FILE",
        SmbKind::Pipe => "PIPE",
        SmbKind::Printer => "PRINT",
    });
    of.perhaps("share_type", kind);
}

fn of_file(file: &SmbFile, of: &mut Object<'_>) {
    use watchfire_model::network::SmbAction::{Close, Delete, Open, Rename};
    let seconds = |time: Option<Timestamp>| time.map(|time| time.moment().unix());
    of.put(
        "command",
        match file.action {
            Open | Delete => "SMB2_COMMAND_CREATE",
            Close => "SMB2_COMMAND_CLOSE",
            Rename => "SMB2_COMMAND_SET_INFO",
        },
    );
    status(of, file.status);
    match file.action {
        Rename => of.object("rename", |of| {
            of.perhaps("from", file.previous_name.as_ref());
            of.put("to", &file.name);
        }),
        Open | Delete | Close => {
            of.put(if file.directory { "directory" } else { "filename" }, &file.name);
            of.put(
                "access",
                if file.action == Delete {
                    "delete on close"
                } else {
                    "normal"
                },
            );
        }
    }
    of.perhaps("created", seconds(file.created));
    of.perhaps("accessed", seconds(file.accessed));
    of.perhaps("modified", seconds(file.modified));
    of.perhaps("changed", seconds(file.changed));
    of.perhaps("size", file.size);
    of.perhaps("share", file.share.as_ref());
}

fn response(
    of: &mut Object<'_>,
    message_id: i64,
    result: Option<watchfire_model::network::LdapResult>,
    message: Option<&watchfire_model::Untrusted>,
) {
    if let Some(result) = result {
        of.objects("responses", [result], |of, result| {
            of.put("message_id", message_id);
            of.put("result_code", result.to_string().replace(' ', "_"));
            of.perhaps("message", message);
        });
    }
}

fn of_search(search: &LdapSearch, of: &mut Object<'_>) {
    of.object("request", |of| {
        of.put("operation", "search_request");
        of.put("message_id", search.message_id);
        of.object("search_request", |of| {
            of.perhaps("base_object", search.base.as_ref());
            of.put("scope", search.scope.0);
            of.put("deref_alias", search.aliases.0);
            of.put("filter", &search.filter);
            of.list("attributes", &search.attributes);
        });
    });
    response(of, search.message_id, search.result, search.diagnostic.as_ref());
}

/// A line for each step that was seen.
fn of_rdp(rdp: &Rdp, lines: &mut Lines<'_>) {
    lines.line("rdp", |line| {
        line.object("rdp", |of| {
            of.put("event_type", "initial_request");
            of.perhaps("cookie", rdp.cookie.as_ref());
            if rdp.restricted_admin {
                of.put("flags", ["restricted_admin_mode_required"]);
            }
        });
    });
    if rdp.security.is_some() || rdp.failure.is_some() {
        lines.line("rdp", |line| {
            line.object("rdp", |of| {
                of.put("event_type", "initial_response");
                match rdp.failure {
                    Some(failure) => {
                        of.put("error_code", failure.0);
                        of.put("reason", failure.to_string().to_lowercase().replace('_', " "));
                    }
                    None => of.perhaps(
                        "protocol",
                        rdp.security.map(|security| security.to_string().to_lowercase()),
                    ),
                }
            });
        });
    }
    if let Some(client) = &rdp.client {
        lines.line("rdp", |line| line.object("rdp", |of| of_client(client, of)));
    }
}

fn of_client(client: &RdpClient, of: &mut Object<'_>) {
    of.put("event_type", "connect_request");
    of.object("client", |of| {
        of.put("desktop_width", client.width);
        of.put("desktop_height", client.height);
        of.perhaps("color_depth", client.depth);
        of.put("build", client.build);
        of.perhaps("client_name", client.name.as_ref());
        of.perhaps("product_id", client.product.as_ref());
    });
    of.list("channels", &client.channels);
}
