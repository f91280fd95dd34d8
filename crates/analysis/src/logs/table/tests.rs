//! Tables by example: what is raised of them, and what is said of what is not.

use super::*;
use watchfire_model::{Limits, Timestamp};

fn found(text: &str, usual: Option<&TableUsual>, options: &TableOptions) -> TableFindings {
    judged(text, usual, options, false).found
}

fn judged(text: &str, usual: Option<&TableUsual>, options: &TableOptions, show_secrets: bool) -> TableJudged {
    let reading = LogReading {
        show_secrets,
        ..LogReading::new(Timestamp::new(1_795_435_200, 0))
    };
    judge(
        &mut text.as_bytes(),
        usual,
        options,
        &reading,
        &Allowed::new(Limits::default()),
    )
    .unwrap()
}

/// Lines as a script takes them out of a log: a few users, each from its own addresses, ports of all kinds.
fn lines(count: u32) -> Vec<String> {
    (0..count)
        .map(|number| {
            let person = number * 7 % 5;
            let user = ["alice", "bob", "carol", "dave", "backup"][person as usize];
            let port = 32_768 + number * 7_919 % 28_000;
            format!("192.0.2.{} {user} {port}", person * 3 + number % 3)
        })
        .collect()
}

fn planted(count: u32) -> String {
    let mut lines = lines(count);
    lines.insert(count as usize / 3, "192.0.2.13 alice 40000".to_owned());
    lines.insert(count as usize / 2, "203.0.113.77 root 4".to_owned());
    lines.join("\n")
}

#[test]
fn outliers_among_addresses_users_and_ports_are_named_with_reasons() {
    for count in [300, 3_000] {
        let found = found(&planted(count), None, &TableOptions::default());
        let kinds: Vec<&str> = found.columns.iter().map(|column| column.kind).collect();
        assert_eq!(kinds, ["address", "word", "number"]);
        let first = found.raised.iter().find(|row| row.line == u64::from(count / 2 + 1));
        let first = first.unwrap_or_else(|| panic!("{count}: {:#?}", found.raised));
        let reasons: Vec<&str> = first.reasons.iter().map(|reason| reason.words.as_str()).collect();
        assert!(
            reasons
                .iter()
                .any(|words| words.contains("'root' was never met") || words.contains("203[.]0[.]113[.]77"))
        );
        // Everybody knows the address and alice, only not together.
        let pair = found.raised.iter().find(|row| row.line == u64::from(count / 3 + 1));
        let pair = pair.unwrap_or_else(|| panic!("{count}: {:#?}", found.raised));
        assert!(
            pair.reasons
                .iter()
                .any(|reason| reason.column.raw() == "field 1 and field 2"),
            "{pair:#?}"
        );
        assert!(found.raised.len() <= 5, "{:#?}", found.raised);
    }
}

#[test]
fn lines_of_which_none_is_unlike_the_others_raise_hardly_any() {
    let found = found(&lines(3_000).join("\n"), None, &TableOptions::default());
    assert!(found.raised_in_all <= 3, "{:#?}", found.raised);
}

/// Users, addresses and ports drawn at random: some combination is always the rarest.
fn drawn(count: usize) -> Vec<String> {
    let mut state = 7_u64;
    let mut draw = |kinds: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % kinds
    };
    (0..count)
        .map(|_| {
            let port = [22, 80, 443, 443, 3_389, 8_080][draw(6) as usize];
            format!("10.0.{}.{} user{:02} {port}", draw(8), draw(254), draw(40))
        })
        .collect()
}

#[test]
fn the_rarest_of_many_usual_rows_are_no_wonder() {
    let mut lines = drawn(60_000);
    let quiet = found(&lines.join("\n"), None, &TableOptions::default());
    assert!(quiet.raised_in_all <= 2, "{:#?}", quiet.raised);
    lines[40_000] = "198.51.100.77 administrator 31337".to_owned();
    let raised = found(&lines.join("\n"), None, &TableOptions::default()).raised;
    assert_eq!(raised[0].line, 40_001, "{raised:#?}");
}

#[test]
fn what_does_not_fit_at_once_is_judged_by_what_came_before() {
    // Forty columns: so many that a part has fifty thousand rows.
    let header = (3..40).map(|number| format!(",c{number}")).collect::<String>();
    let mut lines = drawn(110_000);
    lines[1_000] = "198.51.100.77 administrator 31337".to_owned();
    lines[105_000] = "203.0.113.9 operator 4444".to_owned();
    let mut text = format!("address,user,port{header}\n");
    for line in &lines {
        text.push_str(&format!("{}{}\n", line.replace(' ', ","), ",0".repeat(37)));
    }
    let options = TableOptions {
        columns: ["address", "user", "port"].map(str::to_owned).into(),
        ..TableOptions::default()
    };
    let found = found(&text, None, &options);
    assert_eq!((found.rows, found.left_out), (110_000, 0));
    let mut first: Vec<u64> = found.raised.iter().take(2).map(|row| row.line).collect();
    first.sort_unstable();
    assert_eq!(first, [1_002, 105_002], "{:#?}", found.raised);
    assert!(found.raised_in_all <= 4, "{}", found.raised_in_all);
}

#[test]
fn what_was_learnt_is_saved_and_held_against_another_table() {
    let learning = TableOptions {
        learns: true,
        ..TableOptions::default()
    };
    let usual = judged(&lines(1_000).join("\n"), None, &learning, false).usual.unwrap();
    let usual = TableUsual::load(&usual.save()).unwrap();
    let options = TableOptions::default();
    let raised = found(
        "192.0.2.1 alice 50000\n203.0.113.77 root 4\n192.0.2.2 alice 50001\n",
        Some(&usual),
        &options,
    );
    let lines: Vec<u64> = raised.raised.iter().map(|row| row.line).collect();
    assert!(lines.contains(&2) && raised.raised[0].line == 2, "{raised:#?}");
    assert!(TableUsual::load(b"nothing").is_err());
}

#[test]
fn columns_of_a_table_with_a_header_have_its_names_and_may_be_chosen() {
    let mut text = "user,country,bytes\n".to_owned();
    for number in 0..500 {
        let user = ["ann", "ben", "cem"][number % 3];
        text.push_str(&format!(
            "{user},{},{}\n",
            ["DE", "FR", "TR"][number % 3],
            1_000 + number * 37 % 500
        ));
    }
    text.push_str("ann,DE,900000\nben,DE,1200\n");
    let all = found(&text, None, &TableOptions::default());
    let lines: Vec<u64> = all.raised.iter().map(|row| row.line).collect();
    assert!(lines.contains(&502) && lines.contains(&503), "{all:#?}");
    let options = TableOptions {
        columns: vec!["bytes".to_owned()],
        ..TableOptions::default()
    };
    let one = found(&text, None, &options);
    assert_eq!(one.columns.len(), 1);
    assert_eq!(one.raised[0].line, 502);
    assert!(
        one.raised[0].reasons[0]
            .words
            .starts_with("bytes is 900000; nine in ten are "),
        "{one:#?}"
    );
}

#[test]
fn secrets_of_rows_are_shown_only_where_that_is_asked_for() {
    let mut text = "user,command,password,bytes\n".to_owned();
    for number in 0..600 {
        let usual = ["ann,ls,start12", "ben,ps,start34", "cem,df,start56"][number % 3];
        text.push_str(&format!("{usual},{}\n", 1_000 + number * 37 % 500));
    }
    text.push_str("ann,mysql --password=hunter22 -u root,start12,1300\nben,ps,hunter22,1300\n");
    let options = TableOptions::default();
    let found = |show_secrets| {
        let found = judged(&text, None, &options, show_secrets).found;
        let lines: Vec<u64> = found.raised.iter().map(|row| row.line).collect();
        assert!(lines.contains(&602) && lines.contains(&603), "{lines:?}");
        format!("{:?}", found.raised)
    };
    let (masked, shown) = (found(false), found(true));
    assert!(!masked.contains("hunter22"), "{masked}");
    assert!(
        shown.contains("'mysql --password=hunter22 -u root' was never met"),
        "{shown}"
    );
}

#[test]
fn rows_and_columns_are_bounded_together_and_what_finds_no_room_is_counted() {
    // A key of its own in each of sixty-four lines, from the beginning or after a while.
    for beginning in [0, 40_000] {
        let mut text = String::new();
        for number in 0..80_000 {
            let key = if number < beginning { 0 } else { number % 64 };
            text.push_str(&format!("{{\"k{key}\":\"{}\"}}\n", number / 64 % 7));
        }
        let options = TableOptions {
            columns: vec!["k3".to_owned()],
            ..TableOptions::default()
        };
        let found = found(&text, None, &options);
        assert_eq!((found.records, found.rows), (80_000, 80_000 - found.left_out));
        // Of the key that is asked for, the first part knows nothing where it comes late.
        assert_eq!(found.unjudged.is_some(), beginning > 0);
        assert_eq!(found.left_out > 0, beginning > 0);
    }
}

#[test]
fn where_no_column_says_anything_nothing_was_judged_and_that_is_said() {
    let mut text = "id,session\n".to_owned();
    for number in 0..500_u64 {
        let own = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        text.push_str(&format!("a{own:016x},b{:016x}\n", own.rotate_left(17)));
    }
    let options = TableOptions::default();
    let why = found(&text, None, &options).unjudged;
    assert!(why.is_some_and(|why| why.starts_with("no column says anything")));

    let learning = TableOptions {
        learns: true,
        ..TableOptions::default()
    };
    let numbers = |name: &str, other: &str| {
        (0..200).fold(format!("{name},{other}\n"), |text, number| {
            format!("{text}{},{}\n", number * 37 % 91, number * 17 % 83)
        })
    };
    let usual = judged(&numbers("n", "m"), None, &learning, false).usual.unwrap();
    let why = found(&numbers("a", "b"), Some(&usual), &options).unjudged;
    assert_eq!(why.unwrap(), "it has no column that the model is of: 'n', 'm'");
    let partly = judged(&numbers("n", "b"), Some(&usual), &options, false);
    assert_eq!(partly.found.unjudged, None);
    assert_eq!(partly.remarks, ["columns of the model that are not in it: 'm'"]);
}

#[test]
fn what_was_not_read_to_the_end_says_so() {
    let limits = Allowed::new(Limits::default());
    limits.canceller().cancel();
    let reading = LogReading::new(Timestamp::new(1_795_435_200, 0));
    let found = judge(&mut &b"a b 1\n"[..], None, &TableOptions::default(), &reading, &limits).unwrap();
    assert_eq!(found.remarks.len(), 1, "{found:?}");
}

#[test]
fn absurd_numbers_hide_no_others_and_are_shown_short() {
    for absurd in ["", "1e100", "1e200"] {
        let mut text = "bytes,other\n".to_owned();
        for number in 0..3_000_u64 {
            let other = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
            let bytes = match number {
                1_500 => "9000000".to_owned(),
                _ if number % 300 == 7 && !absurd.is_empty() => absurd.to_owned(),
                _ if other % 10 < 6 => "0".to_owned(),
                _ => (1 + other / 10 % 50).to_string(),
            };
            text.push_str(&format!("{bytes},{}\n", other % 1_000));
        }
        let found = found(&text, None, &TableOptions::default());
        let lines: Vec<u64> = found.raised.iter().map(|row| row.line).collect();
        assert!(lines.contains(&1_502), "{absurd}: {lines:?}");
        let words = found.raised.iter().flat_map(|row| &row.reasons);
        assert!(words.clone().count() > 0 && words.into_iter().all(|why| why.words.len() < 80));
    }
}

#[test]
fn prose_and_short_tables_are_not_judged_and_why_is_said() {
    let prose: String = (0..200)
        .map(|number| "word ".repeat(1 + number * 7 % 13) + "\n")
        .collect();
    assert!(found(&prose, None, &TableOptions::default()).unjudged.is_some());
    assert!(
        found("1.2.3.4 root 22\n", None, &TableOptions::default())
            .unjudged
            .is_some()
    );
    assert!(found("", None, &TableOptions::default()).unjudged.is_some());
}
