//! Connections of QUIC, row by row beside Zeek's quic.log.

use super::protocols::{Column, Row, check, text, value};
use watchfire_model::network::{Exchange, Quic};

#[test]
fn connections_of_quic_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Quic> {
        match exchange {
            Exchange::Quic(quic) => Some(quic),
            _ => None,
        }
    }
    check("connections_of_quic_are_those_of_zeek", "quic.log", part, quic, 100.0);
}

fn quic(quic: &Quic, row: &Row) -> Vec<Column> {
    // A name may be there and empty.
    let name = |name: &Option<String>| match name.as_deref() {
        None => "-".to_owned(),
        Some("") => "(empty)".to_owned(),
        Some(name) => name.to_owned(),
    };
    let columns = [
        ("version", quic.version.to_string()),
        ("client_initial_dcid", name(&quic.client_initial_dcid)),
        ("client_scid", name(&quic.client_scid)),
        ("server_scid", name(&quic.server_scid)),
        ("server_name", text(quic.server_name.as_ref())),
        ("client_protocol", text(quic.client_protocol.as_ref())),
        ("history", quic.history.clone()),
    ];
    columns
        .into_iter()
        .map(|(name, found)| (name, found, value(row, name)))
        .collect()
}
