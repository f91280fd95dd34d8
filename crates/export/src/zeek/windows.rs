//! Logs of what networks of Windows speak: `kerberos.log`, `ntlm.log`, `smb_files.log`, `smb_mapping.log`, `dce_rpc.log`,
//! `ldap.log`, `ldap_search.log`, `rdp.log`.

use super::log::{Log, Row};
use super::value::Value;
use super::{Family, Memory};
use watchfire_model::Untrusted;
use watchfire_model::network::{Event, Exchange, Kerberos, Ldap, LdapSearch, Ntlm, Rdp, RdpSecurity, SmbFile, SmbKind};

pub(super) static FAMILY: Family = Family {
    logs: &[
        &KERBEROS,
        &NTLM,
        &SMB_FILES,
        &SMB_MAPPING,
        &DCE_RPC,
        &LDAP,
        &LDAP_SEARCH,
        &RDP,
    ],
    rows,
};

static KERBEROS: Log = Log::of_ends(
    "kerberos",
    &[
        ("request_type", "string"),
        ("client", "string"),
        ("service", "string"),
        ("success", "bool"),
        ("error_msg", "string"),
        ("from", "time"),
        ("till", "time"),
        ("cipher", "string"),
        ("forwardable", "bool"),
        ("renewable", "bool"),
        ("client_cert_subject", "string"),
        ("client_cert_fuid", "string"),
        ("server_cert_subject", "string"),
        ("server_cert_fuid", "string"),
    ],
);

static NTLM: Log = Log::of_ends(
    "ntlm",
    &[
        ("username", "string"),
        ("hostname", "string"),
        ("domainname", "string"),
        ("server_nb_computer_name", "string"),
        ("server_dns_computer_name", "string"),
        ("server_tree_name", "string"),
        ("success", "bool"),
    ],
);

static SMB_FILES: Log = Log::of_ends(
    "smb_files",
    &[
        ("fuid", "string"),
        ("action", "enum"),
        ("path", "string"),
        ("name", "string"),
        ("size", "count"),
        ("prev_name", "string"),
        ("times.modified", "time"),
        ("times.accessed", "time"),
        ("times.created", "time"),
        ("times.changed", "time"),
    ],
);

static SMB_MAPPING: Log = Log::of_ends(
    "smb_mapping",
    &[
        ("path", "string"),
        ("service", "string"),
        ("native_file_system", "string"),
        ("share_type", "string"),
    ],
);

static DCE_RPC: Log = Log::of_ends(
    "dce_rpc",
    &[
        ("rtt", "interval"),
        ("named_pipe", "string"),
        ("endpoint", "string"),
        ("operation", "string"),
    ],
);

static LDAP: Log = Log::of_ends(
    "ldap",
    &[
        ("message_id", "int"),
        ("version", "int"),
        ("opcode", "string"),
        ("result", "string"),
        ("diagnostic_message", "string"),
        ("object", "string"),
        ("argument", "string"),
    ],
);

static LDAP_SEARCH: Log = Log::of_ends(
    "ldap_search",
    &[
        ("message_id", "int"),
        ("scope", "string"),
        ("deref_aliases", "string"),
        ("base_object", "string"),
        ("result_count", "count"),
        ("result", "string"),
        ("diagnostic_message", "string"),
        ("filter", "string"),
        ("attributes", "vector[string]"),
    ],
);

static RDP: Log = Log::of_ends(
    "rdp",
    &[
        ("cookie", "string"),
        ("result", "string"),
        ("security_protocol", "string"),
        ("client_channels", "vector[string]"),
        ("keyboard_layout", "string"),
        ("client_build", "string"),
        ("client_name", "string"),
        ("client_dig_product_id", "string"),
        ("desktop_width", "count"),
        ("desktop_height", "count"),
        ("requested_color_depth", "string"),
        ("cert_type", "string"),
        ("cert_count", "count"),
        ("cert_permanent", "bool"),
        ("encryption_level", "string"),
        ("encryption_method", "string"),
    ],
);

fn rows(event: &Event, _memory: &mut Memory, out: &mut Vec<Row>) {
    out.push(match &event.exchange {
        Exchange::Kerberos(kerberos) => Row::of(&KERBEROS, event, of_kerberos(kerberos)),
        Exchange::Ntlm(ntlm) => Row::of(&NTLM, event, of_ntlm(ntlm)),
        Exchange::SmbFile(file) => Row::of(&SMB_FILES, event, of_file(file)),
        Exchange::SmbShare(share) => {
            let kind = share.resource.map(|kind| match kind {
                SmbKind::Disk => "DISK",
                SmbKind::Pipe => "PIPE",
                SmbKind::Printer => "PRINT",
            });
            let values = [
                Value::perhaps(share.path.as_ref()),
                Value::perhaps(share.service.as_ref()),
                Value::perhaps(share.file_system.as_ref()),
                Value::named(kind),
            ];
            Row::of(&SMB_MAPPING, event, values)
        }
        Exchange::DceRpc(rpc) => {
            let operation = rpc
                .name
                .map_or_else(|| format!("unknown-{}", rpc.operation), str::to_owned);
            let values = [
                Value::interval(rpc.after),
                Value::perhaps(rpc.pipe.as_ref()),
                Value::Text(rpc.endpoint.map_or_else(|| rpc.interface.clone(), str::to_owned)),
                Value::Text(operation),
            ];
            Row::of(&DCE_RPC, event, values)
        }
        Exchange::Ldap(ldap) => Row::of(&LDAP, event, of_ldap(ldap)),
        Exchange::LdapSearch(search) => Row::of(&LDAP_SEARCH, event, of_search(search)),
        Exchange::Rdp(rdp) => Row::of(&RDP, event, of_rdp(rdp)),
        _ => return,
    });
}

fn of_kerberos(kerberos: &Kerberos) -> [Value; 14] {
    let client = kerberos.realm.as_ref().map(|realm| {
        let client = kerberos.client.as_ref().map_or("", Untrusted::raw);
        format!("{client}/{}", realm.raw())
    });
    [
        Value::named(kerberos.request.map(|request| request.as_str())),
        Value::named(client),
        Value::perhaps(kerberos.service.as_ref()),
        Value::flag(kerberos.success),
        Value::named(kerberos.error),
        Value::time(kerberos.from),
        Value::time(kerberos.till),
        Value::named(kerberos.cipher),
        Value::flag(kerberos.forwardable),
        Value::flag(kerberos.renewable),
        Value::Unset,
        Value::Unset,
        Value::Unset,
        Value::Unset,
    ]
}

fn of_ntlm(ntlm: &Ntlm) -> [Value; 7] {
    [
        Value::unless_empty(ntlm.user.as_ref()),
        Value::unless_empty(ntlm.workstation.as_ref()),
        Value::unless_empty(ntlm.domain.as_ref()),
        Value::unless_empty(ntlm.server_name.as_ref()),
        Value::unless_empty(ntlm.server_dns_name.as_ref()),
        Value::unless_empty(ntlm.server_tree.as_ref()),
        Value::flag(ntlm.accepted),
    ]
}

fn of_file(file: &SmbFile) -> [Value; 10] {
    [
        Value::Unset,
        file.action.as_zeek().into(),
        Value::perhaps(file.share.as_ref()),
        Value::text(&file.name),
        Value::counted(file.size),
        Value::perhaps(file.previous_name.as_ref()),
        Value::time(file.modified),
        Value::time(file.accessed),
        Value::time(file.created),
        Value::time(file.changed),
    ]
}

fn of_ldap(ldap: &Ldap) -> [Value; 7] {
    let argument = match ldap.operation {
        // A password, which Zeek hides by this word.
        "bind simple" => "REDACTED".into(),
        _ => Value::unless_empty(ldap.argument.as_ref()),
    };
    [
        Value::Int(ldap.message_id),
        ldap.version.map_or(Value::Unset, Value::Int),
        ldap.operation.into(),
        Value::named(ldap.result),
        Value::unless_empty(ldap.diagnostic.as_ref()),
        Value::unless_empty(ldap.object.as_ref()),
        argument,
    ]
}

fn of_search(search: &LdapSearch) -> [Value; 9] {
    [
        Value::Int(search.message_id),
        Value::name(search.scope),
        Value::name(search.aliases),
        Value::unless_empty(search.base.as_ref()),
        Value::Count(search.entries),
        Value::named(search.result),
        Value::unless_empty(search.diagnostic.as_ref()),
        Value::text(&search.filter),
        Value::texts(&search.attributes).unless_none(),
    ]
}

fn of_rdp(rdp: &Rdp) -> [Value; 16] {
    let (client, server) = (rdp.client.as_ref(), rdp.server);
    // Windows numbers how it encrypts by itself (MS-RDPBCGR 2.2.1.4.3).
    let level = server.map(|server| match server.level {
        0 => "None".to_owned(),
        1 => "Low".to_owned(),
        2 => "Client compatible".to_owned(),
        3 => "High".to_owned(),
        4 => "FIPS".to_owned(),
        other => format!("encryption_level-{other}"),
    });
    let method = server.map(|server| match server.method {
        0 => "None".to_owned(),
        1 => "40bit".to_owned(),
        2 => "128bit".to_owned(),
        8 => "56bit".to_owned(),
        16 => "FIPS".to_owned(),
        other => format!("encryption_method-{other}"),
    });
    let security = rdp
        .security
        .filter(|security| rdp.failure.is_none() || *security != RdpSecurity::RDP);
    let depth = client.and_then(|client| client.depth);
    [
        Value::perhaps(rdp.cookie.as_ref()),
        Value::named(rdp.result()),
        Value::named(security),
        client.map_or(Value::Unset, |client| Value::texts(&client.channels).unless_none()),
        Value::named(client.map(|client| client.keyboard)),
        Value::named(client.map(|client| client.build)),
        Value::perhaps(client.and_then(|client| client.name.as_ref())),
        Value::perhaps(client.and_then(|client| client.product.as_ref())),
        Value::counted(client.map(|client| client.width)),
        Value::counted(client.map(|client| client.height)),
        Value::named(depth.map(|depth| format!("{depth}bit"))),
        Value::named(server.map(|server| if server.x509 { "X.509" } else { "RSA" })),
        Value::Count(server.map_or(0, |server| server.certificates.into())),
        Value::flag(server.map(|server| server.permanent)),
        Value::named(level),
        Value::named(method),
    ]
}
