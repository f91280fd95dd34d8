//! Whose host is this?

use crate::bed::{Dice, Opened, at, by, name};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use watchfire_model::{Asset, Observable, ObservableType};
use watchfire_store::{AddressSpan, AssetRecord, Handle, HostName, Mac};

fn record(text: &str, spans: &[&str]) -> AssetRecord {
    AssetRecord {
        asset: Asset {
            name: text.into(),
            owner: "it@corp.example".into(),
            ..Asset::default()
        },
        addresses: spans.iter().map(|span| AddressSpan::parse(span).unwrap()).collect(),
        ..AssetRecord::default()
    }
}

fn address(text: &str) -> Handle {
    Handle::Address(text.parse().unwrap())
}

/// The name of the asset found, by both ways.
#[track_caller]
fn find(store: &Opened, handle: &Handle) -> Option<String> {
    let found = store.assets().find(handle).unwrap();
    assert_eq!(store.assets().table().unwrap().find(handle), found.as_ref());
    found.map(|asset| asset.name.to_string())
}

#[test]
fn the_smallest_range_wins() {
    let store = Opened::new("ranges");
    let records = [
        record("site", &["10.0.0.0/8", "2001:db8::/32"]),
        record("floor", &["10.1.0.10-10.1.0.200"]),
        record("printer", &["10.1.0.11", "2001:db8::5"]),
        record("odd", &["10.1.0.100-130"]),
        record("all", &["::/0"]),
    ];
    store.assets().import(&name("cmdb"), &records, &by(0)).unwrap();
    for (text, found) in [
        ("10.1.0.11", Some("printer")),
        ("::ffff:10.1.0.11", Some("printer")),
        ("10.1.0.12", Some("floor")),
        ("10.1.0.100", Some("odd")),
        ("10.1.0.130", Some("odd")),
        ("10.1.0.131", Some("floor")),
        ("10.1.0.200", Some("floor")),
        ("10.1.0.201", Some("site")),
        ("10.1.0.9", Some("site")),
        ("11.0.0.0", None),
        ("2001:db8::5", Some("printer")),
        ("2001:db8::6", Some("site")),
        ("2001:db9::", Some("all")),
        ("::", Some("all")),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some("all")),
    ] {
        assert_eq!(find(&store, &address(text)).as_deref(), found, "{text}");
    }
}

#[test]
fn names_and_hardware_addresses_find_too() {
    let store = Opened::new("names");
    let one = AssetRecord {
        macs: vec![Mac::parse("AA-BB-CC-00-11-22").unwrap()],
        hosts: vec![
            HostName::parse("FileSrv01.Corp.Example.").unwrap(),
            HostName::parse("FILESRV01").unwrap(),
        ],
        ..record("file server", &["10.0.0.7"])
    };
    store.assets().import(&name("cmdb"), &[one], &by(0)).unwrap();
    let observed = |kind, text: &str| Handle::of(&Observable::parse(kind, text).unwrap());
    for (kind, text) in [
        (ObservableType::Ipv4, "10.0.0.7"),
        (ObservableType::Socket, "10.0.0.7:445"),
        (ObservableType::Domain, "filesrv01.corp.example"),
        (ObservableType::Socket, "filesrv01.corp.example:445"),
        (ObservableType::Mac, "aa:bb:cc:00:11:22"),
    ] {
        assert_eq!(
            find(&store, &observed(kind, text).unwrap()).as_deref(),
            Some("file server"),
            "{text}"
        );
    }
    assert_eq!(
        find(&store, &Handle::Host(HostName::parse("filesrv01").unwrap())).as_deref(),
        Some("file server")
    );
    assert_eq!(
        find(&store, &Handle::Host(HostName::parse("filesrv01.evil.test").unwrap())),
        None
    );
    assert_eq!(observed(ObservableType::Url, "https://filesrv01.corp.example/"), None);
    assert_eq!(
        observed(ObservableType::Socket, "[2001:db8::1]:443"),
        Some(address("2001:db8::1"))
    );
}

#[test]
fn an_import_replaces_its_inventory_alone_and_as_a_whole() {
    let store = Opened::new("import");
    let (assets, cmdb, nmap) = (store.assets(), name("cmdb"), name("nmap"));
    assert!(assets.table().unwrap().is_empty());
    assets
        .import(&cmdb, &[record("a", &["10.0.0.1"]), record("b", &["10.0.0.2"])], &by(0))
        .unwrap();
    assets.import(&nmap, &[record("c", &["10.0.0.3"])], &by(1)).unwrap();
    assets.import(&cmdb, &[record("d", &["10.0.0.1"])], &by(2)).unwrap();
    let seen = |last: u8| find(&store, &address(&format!("10.0.0.{last}")));
    assert_eq!(
        [seen(1), seen(2), seen(3)],
        [Some("d".to_owned()), None, Some("c".to_owned())]
    );
    let list = assets.inventories().unwrap();
    let list: Vec<_> = list
        .iter()
        .map(|one| (one.name.as_str(), one.imported, one.assets))
        .collect();
    assert_eq!(list, [("cmdb", at(2), 1), ("nmap", at(1), 1)]);
    assert!(assets.remove(&cmdb, &by(3)).unwrap());
    assert!(!assets.remove(&cmdb, &by(4)).unwrap());
    assert_eq!(seen(1), None);
    for table in ["asset", "asset_block"] {
        let rows: i64 = store
            .bed
            .raw()
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 1, "{table}");
    }
    store.check().unwrap();
}

#[test]
fn of_two_that_are_alike_the_later_inventory_wins() {
    let store = Opened::new("later");
    let mut early = record("early", &["10.0.0.0/24"]);
    early.asset.seen = Some(at(0));
    early.asset.notes = vec!["role: printer".into(), "floor 2".into()];
    let mut late = record("late", &["10.0.0.0-10.0.0.255"]);
    late.asset.seen = Some(at(1));
    store
        .assets()
        .import(&name("b"), &[record("undated", &["10.0.0.0/24"]), late], &by(0))
        .unwrap();
    store.assets().import(&name("a"), &[early.clone()], &by(0)).unwrap();
    assert_eq!(find(&store, &address("10.0.0.1")).as_deref(), Some("late"));
    store.assets().remove(&name("b"), &by(1)).unwrap();
    assert_eq!(store.assets().find(&address("10.0.0.1")).unwrap(), Some(early.asset));
}

#[test]
fn what_is_no_range_is_refused() {
    for text in [
        "",
        "x",
        "10.0.0.0/33",
        "10.0.0.9-10.0.0.1",
        "10.0.0.9-1",
        "10.0.0.1-::1",
        "::1-5",
        "10.0.0.1-300",
        "::/129",
    ] {
        assert!(AddressSpan::parse(text).is_err(), "{text}");
    }
    for (text, shown) in [
        ("10.0.0.7/8", "10.0.0.0-10.255.255.255"),
        (" 10.0.0.1 - 10.0.0.2 ", "10.0.0.1-10.0.0.2"),
    ] {
        assert_eq!(AddressSpan::parse(text).unwrap().to_string(), shown);
    }
    for text in ["", " ", ".", "a b", "a/b", "a\nb", &"x".repeat(254)] {
        assert!(HostName::parse(text).is_err(), "{text:?}");
    }
}

/// The smallest of the spans that hold an address, the naive way.
#[test]
fn blocks_are_the_range_they_were_cut_from() {
    let store = Opened::new("naive");
    let mut dice = Dice(11);
    let mut spans: Vec<(u128, u128, bool)> = Vec::new();
    let mut records = Vec::new();
    let wrap = |number: u128, is_v4: bool| -> IpAddr {
        if is_v4 {
            Ipv4Addr::from_bits(u32::try_from(number & 0xffff_ffff).unwrap()).into()
        } else {
            Ipv6Addr::from_bits(number).into()
        }
    };
    for index in 0..300 {
        let is_v4 = dice.roll(2) == 0;
        // Near the ends, where sums overflow, and around one place, where they nest.
        let base = match (dice.roll(4), is_v4) {
            (0, true) => u128::from(u32::MAX - 5000),
            (0, false) => u128::MAX - 5000,
            (1, _) => 0,
            (_, true) => 0x0a00_0000,
            (_, false) => 0x2001_0db8 << 96,
        };
        let first = base + u128::from(dice.roll(4000));
        let last = first + u128::from(dice.roll(1000));
        spans.push((first, last, is_v4));
        let span = AddressSpan::new(wrap(first, is_v4), wrap(last, is_v4)).unwrap();
        records.push(AssetRecord {
            addresses: vec![span],
            ..record(&format!("{index:03}"), &[])
        });
    }
    store.assets().import(&name("x"), &records, &by(0)).unwrap();
    let table = store.assets().table().unwrap();
    let probes: Vec<(u128, bool)> = spans
        .iter()
        .flat_map(|(first, last, is_v4)| [(*first, *is_v4), (*last, *is_v4), (first.saturating_sub(1), *is_v4)])
        .collect();
    for (probe, is_v4) in probes {
        let inside = |(_, span): &(usize, &(u128, u128, bool))| span.0 <= probe && probe <= span.1 && span.2 == is_v4;
        let naive = spans
            .iter()
            .enumerate()
            .filter(inside)
            .min_by_key(|(index, span)| (span.1 - span.0, *index));
        let naive = naive.map(|(index, _)| format!("{index:03}"));
        // What maps an IPv4 address is one.
        let handle = Handle::Address(wrap(probe, is_v4));
        let found = store.assets().find(&handle).unwrap();
        assert_eq!(found.as_ref().map(|asset| asset.name.to_string()), naive, "{handle:?}");
        assert_eq!(table.find(&handle), found.as_ref());
    }
}
