//! What comes out of a capture, however it is read.

use super::*;
use std::net::SocketAddr;

/// What a capture says.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    flows: Vec<Flow>,
    events: Vec<Event>,
    contents: Vec<u8>,
    totals: Totals,
}

impl Sink for Heard {
    fn content(&mut self, content: Content<'_>) {
        self.contents.extend_from_slice(content.bytes);
    }

    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    fn flow(&mut self, flow: &Flow) {
        self.flows.push(flow.clone());
    }
}

/// A record of pcap: a packet of IPv4 between a client and 192.0.2.7, `back` from the latter.
fn record(second: u32, client: u16, port: u16, back: bool, transport: (u8, &[u8])) -> Vec<u8> {
    let [high, low] = client.to_be_bytes();
    let (mut from, mut to) = ([10, 0, high, low], [192, 0, 2, 7]);
    let (mut source, mut destination) = (40_000 + client % 1_000, port);
    if back {
        (from, to) = (to, from);
        (source, destination) = (destination, source);
    }
    let (protocol, rest) = transport;
    let length = 24 + rest.len() as u16;
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    frame.extend(length.to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
    frame.extend([from, to].concat());
    frame.extend([source.to_be_bytes(), destination.to_be_bytes()].concat());
    frame.extend(rest);
    let bytes = frame.len() as u32;
    let header = [second, 0, bytes, bytes];
    [header.map(u32::to_le_bytes).concat(), frame].concat()
}

/// What a segment has behind its ports.
fn segment(sequence: u32, acknowledged: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut made = [sequence.to_be_bytes(), acknowledged.to_be_bytes()].concat();
    made.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    made.extend(payload);
    made
}

/// What a datagram has behind its ports.
fn datagram(payload: &[u8]) -> Vec<u8> {
    [&(payload.len() as u16 + 8).to_be_bytes(), &[0, 0], payload].concat()
}

/// The records of so many clients, each of whom reads a page and asks for a name, several at a time.
fn records(clients: u16) -> Vec<Vec<u8>> {
    let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nwords";
    let asked = b"GET / HTTP/1.1\r\nHost: web.example\r\n\r\n";
    let name = [
        &[0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..],
        b"\x03web\x07example\0\0\x01\0\x01",
    ]
    .concat();
    let (own, length) = (1 + asked.len() as u32, page.len() as u32);
    let steps = [
        (53, false, (17, datagram(&name))),
        (80, false, (6, segment(0, 0, 0x02, b""))),
        (80, true, (6, segment(0, 1, 0x12, b""))),
        (80, false, (6, segment(1, 1, 0x18, asked))),
        (80, true, (6, segment(1, own, 0x18, page))),
        (80, false, (6, segment(own, 1 + length, 0x11, b""))),
        (80, true, (6, segment(1 + length, own + 1, 0x11, b""))),
    ];
    let mut made = Vec::new();
    for round in 0..clients as usize + steps.len() {
        for (step, (port, back, (protocol, rest))) in steps.iter().enumerate() {
            if let Some(client) = round.checked_sub(step).filter(|client| *client < clients.into()) {
                let second = 1_700_000_000 + round as u32 / 10;
                made.push(record(second, client as u16, *port, *back, (*protocol, rest)));
            }
        }
    }
    made
}

fn file(records: &[Vec<u8>]) -> Vec<u8> {
    let header = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1];
    [header.map(u32::to_le_bytes).concat(), records.concat()].concat()
}

fn hear(files: &[Vec<u8>], block_size: usize, options: &Options) -> Heard {
    let mut heard = Heard::default();
    let mut sources = files.iter().map(Vec::as_slice);
    let mut reader = FrameReader::new(sources.next().unwrap()).with_block_size(block_size);
    heard.totals = read(&mut reader, || sources.next(), options, &mut heard);
    heard
}

#[test]
fn threads_blocks_and_files_change_nothing() {
    let records = records(3_000);
    let options = Options {
        contents: 3,
        ..Options::default()
    };
    let whole = hear(&[file(&records)], 1 << 18, &options);
    assert_eq!((whole.flows.len(), whole.events.len()), (6_000, 9_000));
    assert_eq!((whole.totals.frames, whole.contents.len()), (21_000, 9_000));
    assert_eq!((whole.totals.evicted, whole.totals.let_go), (0, 0));
    for threads in [2, 3, 4, 100] {
        for block_size in [64, 5_000, 1 << 18] {
            let options = Options {
                threads,
                ..options.clone()
            };
            let heard = hear(&[file(&records)], block_size, &options);
            assert!(heard == whole, "{threads} threads, blocks of {block_size} bytes");
        }
    }
    let parts: Vec<Vec<u8>> = records.chunks(records.len() / 10).map(file).collect();
    for threads in [1, 4] {
        let mut heard = hear(
            &parts,
            1 << 18,
            &Options {
                threads,
                ..options.clone()
            },
        );
        assert_eq!(std::mem::take(&mut heard.totals.sources).len(), parts.len() - 1);
        assert!(heard == whole, "{threads} threads, ten files");
    }
}

#[test]
fn what_threads_say_last_is_not_lost() {
    let file = [file(&records(40))];
    let whole = hear(&file, 1 << 18, &Options::default());
    for round in 0..300 {
        let options = Options {
            threads: 16,
            ..Options::default()
        };
        assert!(hear(&file, 4_096, &options) == whole, "in round {round}");
    }
}

#[test]
fn limits_are_the_same_with_any_number_of_threads() {
    let records = records(2_000);
    let options = Options {
        most_flows: 640,
        most_bytes: 64 << 10,
        ..Options::default()
    };
    let whole = hear(&[file(&records)], 1 << 18, &options);
    assert!(
        whole.totals.evicted > 0 && whole.totals.let_go > 0,
        "{:?}",
        whole.totals
    );
    assert_eq!(whole.totals.flows, whole.flows.len() as u64);
    for threads in [2, 5] {
        let heard = hear(
            &[file(&records)],
            4_096,
            &Options {
                threads,
                ..options.clone()
            },
        );
        assert!(heard == whole, "{threads} threads");
    }
}

#[test]
fn one_table_may_be_full_of_flows_before_any_is_pushed_out() {
    // Questions of different clients that are all in one table, and then a conversation there.
    let table = |client: u16| {
        let [high, low] = client.to_be_bytes();
        let source = std::net::IpAddr::from([10, 0, high, low]);
        let packet = Packet {
            source,
            destination: [192, 0, 2, 7].into(),
            protocol: 17,
            transport: crate::Transport::Udp(crate::Ports {
                source: 40_000 + client % 1_000,
                destination: 53,
            }),
            ..Packet::blank()
        };
        FlowKey::of(&packet).0.table(SHARDS)
    };
    let ask = |client| record(1_700_000_000, client, 53, false, (17, &datagram(b"?")));
    let clients: Vec<u16> = (0..60_000).filter(|client| table(*client) == 3).take(3_000).collect();
    let records: Vec<Vec<u8>> = clients.iter().map(|client| ask(*client)).collect();
    let options = Options {
        most_flows: 1_500,
        ..Options::default()
    };
    let half = hear(&[file(&records[..1_500])], 1 << 18, &options);
    assert_eq!((half.totals.flows, half.totals.evicted), (1_500, 0));
    let whole = hear(&[file(&records)], 1 << 18, &options);
    assert_eq!((whole.totals.flows, whole.totals.evicted), (3_000, 1_500));
    // Who is elsewhere loses nothing to them.
    let others: Vec<u16> = (0..60_000).filter(|client| table(*client) != 3).take(80).collect();
    let first: Vec<Vec<u8>> = others.iter().map(|client| ask(*client)).collect();
    let last = others
        .iter()
        .map(|client| record(1_700_000_001, *client, 53, true, (17, &datagram(b"!"))));
    let all = [first, records, last.collect()].concat();
    let whole = hear(&[file(&all)], 1 << 18, &options);
    let answered = whole.flows.iter().filter(|flow| flow.received.packets == 1).count();
    assert_eq!((answered, whole.totals.flows), (80, 3_080));
    for threads in [2, 16] {
        let options = Options {
            threads,
            ..options.clone()
        };
        assert!(hear(&[file(&all)], 4_096, &options) == whole, "{threads} threads");
    }
}

#[test]
fn blocks_that_had_to_grow_are_given_back() {
    let mut pool = Pool::new(1_000);
    for (bytes, kept) in [(900, 1), (1_100, 1), (1, 2)] {
        pool.give(Arc::new(Block {
            bytes: Vec::with_capacity(bytes),
            ..Block::default()
        }));
        assert_eq!(pool.blocks.len(), kept);
    }
}

#[test]
fn flows_alone_are_the_same_flows_without_what_is_said() {
    let file = [file(&records(300))];
    let mut whole = hear(&file, 1 << 18, &Options::default());
    let options = Options {
        depth: Depth::Flows,
        ..Options::default()
    };
    let flows = hear(&file, 1 << 18, &options);
    assert!(whole.flows.iter().any(|flow| !flow.services.is_empty()) && flows.events.is_empty());
    whole.flows.iter_mut().for_each(|flow| flow.services.clear());
    assert!(whole.flows == flows.flows && whole.totals == flows.totals);
}

#[test]
#[should_panic(expected = "a sink that panics")]
fn whoever_panics_keeps_nobody_waiting() {
    struct Panics;
    impl Sink for Panics {
        fn event(&mut self, _: &Event) {
            panic!("a sink that panics");
        }

        fn flow(&mut self, _: &Flow) {}
    }
    let file = file(&records(3_000));
    let options = Options {
        threads: 3,
        ..Options::default()
    };
    read(&mut FrameReader::new(&file[..]), || None, &options, &mut Panics);
}

/// Whose words, in which frame, and the words; holes as their length.
#[derive(Debug, Default, PartialEq)]
struct Followed {
    frames: Vec<(u64, Vec<u8>)>,
    words: Vec<(u64, SocketAddr, String)>,
    flows: Vec<u64>,
}

impl Sink for Followed {
    fn frame(&mut self, frame: &Frame, bytes: &[u8]) {
        self.frames.push((frame.number, bytes.to_vec()));
    }

    fn passage(&mut self, passage: Passage<'_>) {
        let words = match passage.missing {
            0 => String::from_utf8_lossy(passage.bytes).into_owned(),
            missing => format!("[{missing}]"),
        };
        self.words.push((passage.frame, passage.from, words));
    }

    fn event(&mut self, _: &Event) {}

    fn flow(&mut self, flow: &Flow) {
        self.flows.push(flow.first_frame);
    }
}

fn follow(records: &[Vec<u8>], block_size: usize, options: &Options) -> (Followed, Totals) {
    let (file, mut heard) = (file(records), Followed::default());
    let mut reader = FrameReader::new(&file[..]).with_block_size(block_size);
    let totals = read(&mut reader, || None, options, &mut heard);
    (heard, totals)
}

#[test]
fn what_a_filter_leaves_out_is_counted_and_nothing_else() {
    let records = records(300);
    let web: Vec<_> = records.iter().filter(|record| record[16 + 23] == 6).cloned().collect();
    let alone = hear(&[file(&web)], 1 << 18, &Options::default());
    let filter = Some(Arc::new(Filter::parse("tcp port 80").unwrap()));
    for threads in [1, 3] {
        for frames in [false, true] {
            let options = Options {
                threads,
                frames,
                filter: filter.clone(),
                ..Options::default()
            };
            let heard = hear(&[file(&records)], 4_096, &options);
            assert_eq!((heard.totals.frames, heard.totals.left_out), (1_800, 300));
            assert_eq!((heard.flows.len(), heard.totals.bytes), (300, alone.totals.bytes));
            assert_eq!(heard.events.len(), alone.events.len());
            let (followed, _) = follow(&records, 4_096, &options);
            assert_eq!(followed.frames.len(), if frames { 1_800 } else { 0 });
        }
    }
}

#[test]
fn one_flow_is_followed_however_it_is_read() {
    let mut records = records(2);
    // The page comes before it is asked for, and is sent again.
    let page = records.iter().position(|record| record.len() > 120).unwrap();
    let sent_again = records.remove(page);
    records.insert(page - 3, sent_again.clone());
    records.push(sent_again);
    let options = Options {
        follow: Some(3),
        ..Options::default()
    };
    let (whole, _) = follow(&records, 1 << 18, &options);
    assert!(whole.frames.is_empty() && whole.flows.contains(&3) && whole.flows.len() > 2);
    let said: Vec<&str> = whole.words.iter().map(|(.., words)| words.as_str()).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[1].starts_with("GET / ") && said[0].ends_with("\r\n\r\nwords"),
        "{said:?}"
    );
    assert_ne!(whole.words[0].1, whole.words[1].1);
    for (threads, block_size) in [(1, 64), (4, 64), (4, 1 << 18)] {
        let options = Options {
            threads,
            frames: true,
            ..options.clone()
        };
        let (heard, _) = follow(&records, block_size, &options);
        assert_eq!((&heard.words, &heard.flows), (&whole.words, &whole.flows));
        assert!(heard.frames.len() >= 6 && heard.frames.is_sorted());
    }
}

/// The pages and the names of services of a connection whose client speaks in these segments, in this order.
fn asked(segments: &[(u32, &[u8])], has_syn: bool) -> (Vec<String>, Vec<&'static str>) {
    let open = [
        record(1, 5, 80, false, (6, &segment(100, 0, 0x02, b""))),
        record(1, 5, 80, true, (6, &segment(300, 101, 0x12, b""))),
    ];
    let said = segments
        .iter()
        .map(|(at, bytes)| record(1, 5, 80, false, (6, &segment(100 + at, 301, 0x18, bytes))));
    let end = record(1, 5, 80, true, (6, &segment(301, 900, 0x11, b"")));
    let open = if has_syn { &open[..] } else { &[] };
    let records: Vec<Vec<u8>> = open.iter().cloned().chain(said).chain([end]).collect();
    let heard = hear(&[file(&records)], 1 << 18, &Options::default());
    let pages = heard.events.iter().filter_map(|event| match &event.exchange {
        watchfire_model::network::Exchange::Http(http) => http.host.as_ref().map(|host| host.raw().to_owned()),
        _ => None,
    });
    (pages.collect(), heard.flows[0].services.clone())
}

#[test]
fn what_is_said_first_may_come_late() {
    let (head, rest): (&[u8], &[u8]) = (b"GET / HTT", b"P/1.1\r\nHost: web.example\r\n\r\n");
    let page = (vec!["web.example".to_owned()], vec!["http"]);
    assert_eq!(asked(&[(1, head), (10, rest)], true), page);
    assert_eq!(asked(&[(10, rest), (1, head)], true), page);
    assert_eq!(asked(&[(11, &rest[1..]), (10, &rest[..1]), (1, head)], true), page);
    // What looks like another page behind the beginning does not pass for one.
    let other: &[u8] = b"GET /x HTTP/1.1\r\nHost: other.example\r\n\r\n";
    let length = head.len() + rest.len();
    assert_eq!(
        asked(&[(1 + length as u32, other), (10, rest), (1, head)], true).0,
        ["web.example", "other.example"]
    );
    // Who came late himself hears what is left.
    assert_eq!(asked(&[(500, other)], false).0, ["other.example"]);
}

#[test]
fn one_frame_of_a_wrong_clock_ends_no_flow_that_goes_on() {
    // Two clients that speak for a while, and a frame of the year 2106 among theirs.
    let speak = |since: u32, first: u16| -> Vec<Vec<u8>> {
        let one = |number: u32| {
            let client = first + (number % 2) as u16;
            record(since + number / 1_000, client, 53, false, (17, &datagram(b"?")))
        };
        (0..8_000).map(one).collect()
    };
    let flows = |files: &[Vec<u8>]| hear(files, 1 << 18, &Options::default()).flows.len();
    let mut records = speak(1_700_000_000, 1);
    assert_eq!(flows(&[file(&records)]), 2);
    records.insert(1_500, record(u32::MAX, 3, 53, false, (17, &datagram(b"?"))));
    // It is believed until the next tick.
    assert_eq!(flows(&[file(&records)]), 5);
    // A file that is older than the one before it: they have one tick together, after which two flows begin anew.
    let files = [file(&speak(1_700_010_000, 1)), file(&speak(1_699_000_000, 5))];
    assert_eq!(flows(&files), 6);
}

#[test]
fn what_the_capture_lacks_of_a_flow_is_told() {
    let records = [
        record(1, 5, 80, false, (6, &segment(0, 0, 0x02, b""))),
        record(1, 5, 80, true, (6, &segment(0, 1, 0x12, b""))),
        record(1, 5, 80, false, (6, &segment(1, 1, 0x18, b"one"))),
        record(1, 5, 80, false, (6, &segment(9, 1, 0x18, b"two"))),
        record(2, 5, 80, false, (6, &segment(0, 0, 0x02, b""))),
    ];
    let options = Options {
        follow: Some(1),
        ..Options::default()
    };
    let (heard, _) = follow(&records, 1 << 18, &options);
    let said: Vec<(u64, &str)> = heard
        .words
        .iter()
        .map(|(frame, _, words)| (*frame, words.as_str()))
        .collect();
    assert_eq!(said[..2], [(3, "one"), (5, "[5]")], "{:?}", heard.flows);
    assert_eq!(said[2], (5, "two"));
}
