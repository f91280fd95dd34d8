//! Templates by example, and what miners promise.

use super::{Kinds, Miner, Options};

/// Lines, and the template of each.
fn check(lines: &[(&str, &str)]) {
    let mut miner = Miner::default();
    for (line, _) in lines {
        miner.learn(line.as_bytes());
    }
    let templates = miner.templates();
    for (line, expected) in lines {
        let number = templates.find(line.as_bytes()).unwrap().template;
        let text = templates.list()[number as usize].text();
        assert_eq!(String::from_utf8_lossy(&text), *expected, "{line}");
    }
}

#[test]
fn values_have_kinds() {
    check(&[
        ("took 15 ms", "took <number>"),
        ("took 1.5", "took <number>"),
        ("from 192.0.2.7:4711 done", "from <address> done"),
        ("from fe80::1 done", "from <address> done"),
        ("link 00:1b:44:11:3a:b7 up", "link <address> up"),
        ("open /var/log/syslog failed", "open <path> failed"),
        ("get https://host/a?b=c now", "get <url> now"),
        ("flags 0x1f set", "flags <hex> set"),
        ("id 123e4567-e89b-12d3-a456-426614174000 gone", "id <uuid> gone"),
        ("at 12:30:01 sharp", "at <time> sharp"),
        ("on Jun 14 15:16:01 2005 we", "on <time> we"),
        ("block blk_38865049064139660 lost", "block <identifier> lost"),
        ("host www.example.com answers", "host <name> answers"),
        ("mail user@example.com bounced", "mail <mail> bounced"),
    ]);
}

#[test]
fn what_belongs_to_a_value_is_one_value() {
    check(&[
        ("sent 5 bytes", "sent <number>"),
        ("got 1234 bytes (1.20 KB) back", "got <number> back"),
        ("got 12 bytes back", "got <number> back"),
        (
            "connection from 192.0.2.1 (host.example.org) at",
            "connection from <address> at",
        ),
        ("connection from 192.0.2.2 () at", "connection from <address> at"),
        (
            "synchronized to 192.0.2.1, stratum 2",
            "synchronized to <address>, stratum <number>",
        ),
        (
            "synchronized to 192.0.2.3, stratum 2",
            "synchronized to <address>, stratum <number>",
        ),
        (
            "synchronized to LOCAL(0), stratum 10",
            "synchronized to <address>, stratum <number>",
        ),
        ("nodes n1 n2 n3 down", "nodes <list> down"),
        ("pairs a1 <ok> b1 <ok> c1 <ok>", "pairs <list> <ok>"),
    ]);
}

#[test]
fn names_are_values_once_they_have_shown_that_they_change() {
    let users = ["ada", "bob", "eve", "joe", "kim", "max"];
    let lines: Vec<String> = users
        .iter()
        .map(|user| format!("session opened for {user} by root"))
        .collect();
    let expected = "session opened for <word> by root";
    check(&lines.iter().map(|line| (line.as_str(), expected)).collect::<Vec<_>>());
    check(&[
        ("vm started", "vm started"),
        ("vm stopped", "vm stopped"),
        ("vm paused", "vm paused"),
    ]);
}

#[test]
fn a_line_that_was_not_mined_finds_the_template_it_fits() {
    let mut miner = Miner::default();
    for user in ["ada", "bob", "eve"] {
        miner.learn(format!("bad password for user {user} on tty1").as_bytes());
    }
    let templates = miner.templates();
    let line = b"bad password for user mallory on tty2";
    let found = templates.find(line).unwrap();
    let values: Vec<(&[u8], Kinds)> = found
        .parameters
        .iter()
        .map(|value| (&line[value.place.clone()], value.kinds))
        .collect();
    assert_eq!(
        values,
        [(&b"mallory"[..], Kinds::WORD), (&b"tty2"[..], Kinds::IDENTIFIER)]
    );
    assert_eq!(templates.find(b"something else"), None);
    assert!(templates.surprise(None) > templates.surprise(Some(0)));
}

#[test]
fn neither_order_nor_threads_nor_merging_change_templates() {
    let lines: Vec<String> = (0..40_000)
        .map(|n: u32| {
            format!(
                "worker {} did {} of job{}",
                ["a", "b", "c", "d", "e", "f", "g"][n as usize % 7],
                n * 7 % 13,
                n % 3
            )
        })
        .collect();
    let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
    let texts = |miner: &Miner| {
        miner
            .templates()
            .list()
            .iter()
            .map(|template| (template.text(), template.lines))
            .collect::<Vec<_>>()
    };
    let mut one = Miner::default();
    lines.iter().for_each(|line| _ = one.learn(line));
    let mut backwards = Miner::default();
    lines.iter().rev().for_each(|line| _ = backwards.learn(line));
    let mut shared = Miner::default();
    shared.learn_all(&lines, 3);
    assert_eq!(texts(&one), texts(&backwards));
    assert_eq!(texts(&one), texts(&shared));
    assert_eq!(shared.lines(), 40_000);
}

#[test]
fn memory_is_bounded_and_what_is_forgotten_is_counted() {
    let mut miner = Miner::new(Options {
        most_signatures: 100,
        ..Options::default()
    });
    for n in 0_u32..5_000 {
        // Random shapes: every line has another number of words.
        let word: String = (0..n % 61)
            .map(|at| ["x ", "y ", "z "][(n.wrapping_mul(2_654_435_761) >> (at % 30)) as usize % 3])
            .collect();
        miner.learn(word.as_bytes());
        assert!(miner.signatures.len() <= 100);
    }
    let kept: u64 = miner.templates().list().iter().map(|template| template.lines).sum();
    assert_eq!(kept + miner.forgotten(), 5_000);
}

#[test]
fn a_line_that_is_a_template_already_is_one_more_of_it() {
    let mut miner = Miner::new(Options {
        most_signatures: 16,
        ..Options::default()
    });
    for word in ["one", "two", "three", "four", "five", "six"] {
        miner.learn(format!("gave {word} away").as_bytes());
    }
    for word in ["k", "l", "m", "n", "o", "p", "q", "r", "s", "t"] {
        miner.learn(format!("{word} {word}{word} is {word} here").as_bytes());
    }
    assert_eq!((miner.signatures(), miner.generation()), (16, 0));
    let learned = miner.learn(b"gave 5 away");
    assert_eq!((miner.generation(), learned.lines), (1, 7));
    let texts: Vec<Vec<u8>> = miner.templates().list().iter().map(super::Template::text).collect();
    let same = texts.iter().filter(|text| text.starts_with(b"gave ")).count();
    assert_eq!(same, 1, "{texts:?}");
    assert!(Miner::load(&miner.save()).is_ok());
}

#[test]
fn memory_is_bounded_for_long_lines_too() {
    let most = 100_000;
    let mut miner = Miner::new(Options {
        most_bytes: most,
        ..Options::default()
    });
    let mut random = crate::random::Random::of(3, 3);
    for _ in 0..2_000 {
        let mut line = Vec::new();
        for _ in 0..250 {
            line.extend((0..3).map(|_| b'a' + random.index(26) as u8));
            line.push(b' ');
        }
        miner.learn(&line);
        let held: usize = miner.signatures.iter().map(|signature| signature.text.len()).sum();
        assert!(held <= most + 4_096, "{held}");
    }
    let kept: u64 = miner.templates().list().iter().map(|template| template.lines).sum();
    assert_eq!(kept + miner.forgotten(), 2_000);
}

#[test]
fn lines_are_bytes() {
    let mut miner = Miner::default();
    for line in [
        &b""[..],
        b"\xff\xfe\x00\x01",
        b"\x01\x00\x01 value",
        &[b'a'; 100_000],
        &b"a b ".repeat(3_000),
        &b"((((".repeat(2_000),
    ] {
        miner.learn(line);
        assert!(miner.templates().find(line).is_some());
    }
}
