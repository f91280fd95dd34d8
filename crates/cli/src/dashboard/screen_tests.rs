//! Screens of the dashboard, drawn into memory: `crates/cli/tests/screens/dashboard-*.txt` are what they have to be.
//! `WATCHFIRE_BLESS=1` writes them anew.

use super::*;
use ratatui_core::backend::TestBackend;
use std::fs;
use std::path::Path;
use watchfire::live::Counts;
use watchfire::model::Timestamp;
use watchfire::model::network::CaptureAlert;

#[allow(clippy::too_many_lines, reason = "one example, whole")]
fn snapshot() -> LiveSnapshot {
    let talker = |address: &str, name: Option<&str>, sent, received| LiveTalker {
        address: address.parse().expect("an address"),
        name: name.map(Into::into),
        sent,
        received,
        frames: 10,
    };
    let program = |pid, command: Option<&str>, user, sent, received| LiveProgram {
        pid,
        command: command.map(Into::into),
        user,
        sent,
        received,
    };
    let alert = |severity, title: &str, who: &str, frame| CaptureAlert {
        time: Timestamp::new(1_795_435_200, 0),
        severity,
        detector: "port-scan",
        title: title.to_owned(),
        targets: vec![Target::Host(who.into())],
        frame,
        text: Untrusted::default(),
    };
    LiveSnapshot {
        interface: "eth0".into(),
        filter: Some("tcp or udp port 53".into()),
        elapsed: Duration::from_secs(3725),
        counts: Counts {
            frames: 1_481_220,
            bytes: 1_234_567_890,
            captured: 1_200_000_000,
            received: 1_481_320,
            dropped: 100,
            freezes: 2,
            damaged: 0,
        },
        history: (0..120).map(|second| (second * 10, (second % 30) * 40_000)).collect(),
        talkers: vec![
            talker("10.0.5.23", None, 610_000_000, 20_000_000),
            talker("203.0.113.66", Some("cdn-update.example"), 1_500, 410_000_000),
            talker("2001:db8::1", Some("evil\u{1b}[2J\u{202e}.example"), 12, 0),
        ],
        addresses: 4_211,
        protocols: vec![
            ("tcp".to_owned(), 1_200_000, 1_100_000_000),
            ("udp".to_owned(), 281_000, 134_000_000),
            ("ARP".to_owned(), 220, 13_200),
        ],
        services: vec![("dns", 900, 1_812), ("tls", 411, 402)],
        flows: 18_402,
        programs: vec![
            program(Some(4711), Some("browser"), Some(1000), 12_000_000, 380_000_000),
            program(None, None, Some(0), 3_000, 4_000),
            program(None, None, None, 100, 0),
        ],
        alerts: vec![
            alert(
                Severity::High,
                "port scan: 10[.]0[.]5[.]23 tried 1024 ports of 10[.]0[.]5[.]2 within 40 s, none answered",
                "10.0.5.23",
                812,
            ),
            alert(
                Severity::Low,
                "old TLS: TLS 1.0 in 3 handshakes with 203[.]0[.]113[.]66",
                "evil\u{1b}[2J\u{202e}.example",
                9_001,
            ),
        ],
        alerted: 2,
        load: Load {
            cpu: Some(423),
            processors: 8,
            average: Some(321),
            memory: 16_000_000_000,
            available: 12_000_000_000,
            disk_read: Some(0),
            disk_written: Some(12_345_678),
            own_cpu: Some(124),
            own_memory: 98_000_000,
        },
        notes: vec!["the capture is open; the rest runs as 'nobody', without privileges".into()],
    }
}

/// The screen as text, without what is empty at the ends of its lines.
fn drawn(snapshot: &LiveSnapshot, place: Place, look: Look, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("memory");
    terminal
        .draw(|frame| view(snapshot, place, look, frame.area(), frame.buffer_mut()))
        .expect("memory");
    let buffer = terminal.backend().buffer();
    let mut text = String::new();
    for row in buffer.content().chunks(width.into()) {
        let line: String = row.iter().map(Cell::symbol).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn at(tab: Tab) -> Place {
    Place {
        tab,
        ..Place::default()
    }
}

/// Compares a screen with the file that keeps it.
fn check(name: &str, screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/screens/dashboard-{name}.txt"));
    if std::env::var_os("WATCHFIRE_BLESS").is_some() {
        fs::write(&path, screen).expect("it can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == screen, "{} is not\n{screen}", path.display());
}

#[test]
fn every_tab_looks_as_it_is_kept() {
    for tab in Tab::ALL {
        let screen = drawn(&snapshot(), at(tab), Look::default(), 110, 30);
        check(&tab.name().to_lowercase(), &screen);
    }
}

#[test]
fn a_narrow_screen_and_one_of_seven_bits_show_the_same() {
    let look = Look {
        ascii: true,
        colour: false,
    };
    let screen = drawn(&snapshot(), at(Tab::Overview), look, 60, 30);
    assert!(screen.is_ascii(), "{screen}");
    check("narrow", &screen);
}

/// Nothing that somebody sent reaches the terminal as it is, with colours or without.
#[test]
fn what_an_attacker_wrote_is_escaped_and_hosts_are_defanged() {
    for colour in [false, true] {
        for tab in Tab::ALL {
            let look = Look { colour, ascii: false };
            let screen = drawn(&snapshot(), at(tab), look, 160, 50);
            assert!(!screen.chars().any(|c| c != '\n' && c.is_control()), "{screen}");
            assert!(
                !screen.contains('\u{202e}') && !screen.contains("203.0.113.66"),
                "{screen}"
            );
        }
    }
    let screen = drawn(&snapshot(), at(Tab::Talkers), Look::default(), 160, 50);
    assert!(
        screen.contains("\\u{1b}") && screen.contains("203[.]0[.]113[.]66"),
        "{screen}"
    );
}

#[test]
fn a_screen_of_any_size_can_be_drawn() {
    for (width, height) in [(1, 1), (2, 50), (20, 3), (400, 4), (89, 9), (90, 200)] {
        for tab in Tab::ALL {
            for snapshot in [snapshot(), LiveSnapshot::default()] {
                let place = Place {
                    tab,
                    top: 2,
                    paused: true,
                };
                assert_eq!(
                    drawn(&snapshot, place, Look::default(), width, height).lines().count(),
                    usize::from(height)
                );
            }
        }
    }
}

#[test]
fn a_list_begins_where_the_person_is() {
    let place = Place {
        tab: Tab::Talkers,
        top: 1,
        paused: false,
    };
    let screen = drawn(&snapshot(), place, Look::default(), 110, 30);
    assert!(
        !screen.contains("10[.]0[.]5[.]23") && screen.contains("cdn-update"),
        "{screen}"
    );
}

#[test]
fn numbers_are_for_people() {
    assert_eq!(
        [0, 999, 1000, 1_234_567].map(grouped),
        ["0", "999", "1,000", "1,234,567"]
    );
    assert_eq!(clock(Duration::from_secs(100 * 3600 + 61)), "100:01:01");
    assert_eq!(
        [(0, 0), (0, 10), (1, 1000), (5, 10), (10, 10)].map(|(value, most)| height(value, most)),
        [0, 0, 1, 4, 8]
    );
    assert_eq!(share(None), "?");
}
