//! Messages of DHCP that are made here.

use super::*;
use crate::protocol::tests::{answers, asks, guess, heard};
use watchfire_model::network::Event;

const MAC: [u8; 6] = [0x00, 0x0c, 0x29, 0x01, 0x02, 0x03];

/// A message of a client (1) or a server (2), which gives `your`.
fn message(operation: u8, transaction: u32, your: [u8; 4], options: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![operation, 1, 6, 0];
    bytes.extend(transaction.to_be_bytes());
    bytes.extend([0; 8]);
    bytes.extend(your);
    bytes.extend([0; 8]);
    bytes.extend(MAC);
    bytes.extend([0; 10 + 64 + 128]);
    bytes.extend(MAGIC);
    for (code, value) in options {
        bytes.extend([*code, value.len() as u8]);
        bytes.extend(*value);
    }
    bytes.push(255);
    bytes
}

fn dhcp(event: &Event) -> &Dhcp {
    match &event.exchange {
        Exchange::Dhcp(dhcp) => dhcp,
        other => panic!("{other:?}"),
    }
}

#[test]
fn messages_of_a_transaction_are_one_exchange() {
    let request = message(
        1,
        7,
        [0; 4],
        &[
            (53, &[3]),
            (12, b"desk-4\0"),
            (50, &[10, 0, 0, 9]),
            (55, &[1, 3, 6, 15]),
            (60, b"MSFT 5.0"),
            (61, &[1, 2, 2, 2, 2, 2, 2]),
            (81, b"\0\0\0desk-4.example"),
        ],
    );
    let given = message(
        2,
        7,
        [10, 0, 0, 9],
        &[
            (53, &[5]),
            (51, &[0, 0, 0x0e, 0x10]),
            (3, &[10, 0, 0, 1]),
            (6, &[10, 0, 0, 2, 10, 0, 0, 3]),
            (15, b"example"),
            (252, b"http://proxy.example/wpad.dat"),
        ],
    );
    let events = heard(&OVER_UDP, &[asks(request), answers(given)]);
    let [event] = events.as_slice() else {
        panic!("{events:?}")
    };
    let dhcp = dhcp(event);
    let kinds: Vec<String> = dhcp.messages.iter().map(|message| message.kind.to_string()).collect();
    assert_eq!((kinds, dhcp.duration), (vec!["REQUEST".into(), "ACK".into()], 1_000));
    assert_eq!(
        dhcp.mac,
        Some(Mac([2; 6])),
        "the number that the client chose counts more"
    );
    assert_eq!(dhcp.host_name.as_ref().map(|name| name.raw()), Some("desk-4"));
    assert_eq!(dhcp.client_fqdn.as_ref().map(|name| name.raw()), Some("desk-4.example"));
    assert_eq!(dhcp.parameters, [1, 3, 6, 15]);
    let there = Ipv4Addr::new(10, 0, 0, 9);
    assert_eq!((dhcp.requested, dhcp.assigned), (Some(there), Some(there)));
    assert_eq!(dhcp.client, Some(Ipv4Addr::new(192, 0, 2, 1)), "from where it sent");
    assert_eq!(dhcp.server, Some(Ipv4Addr::new(198, 51, 100, 7)));
    assert_eq!(
        (dhcp.lease, dhcp.resolvers.len(), dhcp.routers.len()),
        (Some(3_600), 2, 1)
    );
    let script = dhcp.proxy_script.as_ref().map(|script| script.raw());
    assert_eq!(script, Some("http://proxy.example/wpad.dat"));
}

#[test]
fn transactions_are_told_apart() {
    let one = message(1, 1, [0; 4], &[(53, &[1])]);
    let two = message(1, 2, [0; 4], &[(53, &[1])]);
    let events = heard(&OVER_UDP, &[asks(&one), asks(&two), asks(&one)]);
    let counts: Vec<usize> = events.iter().map(|event| dhcp(event).messages.len()).collect();
    assert_eq!(counts, [1, 2]);
    assert_eq!(dhcp(&events[0]).mac, Some(Mac(MAC)));
}

#[test]
fn transactions_are_bounded() {
    let again = message(1, 1, [0; 4], &[(53, &[8])]);
    let events = heard(&OVER_UDP, &vec![asks(&again); 2 * Dhcp::MOST_MESSAGES + 1]);
    let counts: Vec<usize> = events.iter().map(|event| dhcp(event).messages.len()).collect();
    assert_eq!(counts, [Dhcp::MOST_MESSAGES, Dhcp::MOST_MESSAGES, 1]);
    let many: Vec<_> = (0..1_000)
        .map(|number| asks(message(1, number, [0; 4], &[(53, &[1])])))
        .collect();
    assert_eq!(heard(&OVER_UDP, &many).len(), 1_000);
}

#[test]
fn what_flows_say_of_a_transaction_is_put_together() {
    let asked = heard(
        &OVER_UDP,
        &[asks(message(1, 9, [0; 4], &[(53, &[3]), (12, b"desk-4")]))],
    );
    let given = message(2, 9, [10, 0, 0, 9], &[(53, &[5]), (15, b"example")]);
    let answered = heard(&OVER_UDP, &[answers(given)]);
    let (mut whole, later) = (dhcp(&asked[0]).clone(), dhcp(&answered[0]).clone());
    assert!(whole.is_of(&later));
    whole.join(later);
    assert_eq!(whole.messages.len(), 2);
    assert_eq!(whole.host_name.as_ref().map(|name| name.raw()), Some("desk-4"));
    assert_eq!(whole.domain.as_ref().map(|name| name.raw()), Some("example"));
    assert_eq!(whole.assigned, Some(Ipv4Addr::new(10, 0, 0, 9)));
}

#[test]
fn clients_are_told_by_what_they_ask_for() {
    let system = |options: &[(u8, &[u8])]| {
        let events = heard(&OVER_UDP, &[asks(message(1, 9, [0; 4], options))]);
        dhcp(&events[0]).system()
    };
    assert_eq!(system(&[(60, b"MSFT 5.0"), (55, &[1, 121, 3, 6, 15])]), Some("Windows"));
    assert_eq!(system(&[(55, &[1, 121, 3, 6, 15, 119, 252])]), Some("macOS or iOS"));
    assert_eq!(system(&[(55, &[3, 1])]), None);
}

#[test]
fn relays_say_behind_which_port_a_client_is() {
    let relayed = message(1, 9, [0; 4], &[(53, &[3]), (82, b"\x01\x04eth7\x02\x03box\x06\x02me")]);
    let events = heard(&OVER_UDP, &[asks(relayed)]);
    let texts = [
        &dhcp(&events[0]).circuit,
        &dhcp(&events[0]).remote,
        &dhcp(&events[0]).subscriber,
    ];
    let texts = texts.map(|text| text.as_ref().map(|text| text.raw()));
    assert_eq!(texts, [Some("eth7"), Some("box"), Some("me")]);
}

#[test]
fn messages_are_told_by_their_magic() {
    let whole = message(1, 1, [0; 4], &[]);
    assert_eq!(guess(&OVER_UDP, &whole, b"", 67), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, b"", &whole, 12_345), Guess::Yes);
    let mut other = whole.clone();
    other[236] = 0;
    assert_eq!(guess(&OVER_UDP, &other, b"", 67), Guess::No);
    assert_eq!(guess(&OVER_UDP, &whole[..239], b"", 67), Guess::No);
}
