//! What a person sees of `watchfire check`, at three widths.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{Bed, Ran, check_screen};

/// A bed with a curated feed, one that calls the same value benign, and a plain list.
fn bed(name: &str) -> Bed {
    let bed = Bed::new(name);
    let table = "first_seen,ip,malware\n2026-11-19 12:00:00,45.133.1.20,Emotet\n2026-01-01,45.133.1.21,QakBot\n";
    bed.write("botnet.csv", table);
    bed.write("allow.csv", "first_seen,ip\n2026-11-20,45.133.1.20\n");
    bed.write(
        "c2.csv",
        "first_seen,value\n2026-11-01,45.133.0.0/16\n2026-11-01,google.com\n",
    );
    let import = |file: &str, more: &[&str]| {
        bed.run(&[&["feeds", "import", "-q", file], more].concat())
            .expect(0, &[]);
    };
    let columns = "value=ip,first_seen=first_seen,threat=malware";
    import("botnet.csv", &["--grade", "A", "--columns", columns]);
    import("allow.csv", &["--grade", "A", "--towards", "benign"]);
    import("c2.csv", &["--grade", "C"]);
    bed
}

/// Runs at a width, and writes down what was typed and what came.
fn typed(bed: &Bed, width: usize, arguments: &[&str], screens: &mut String) {
    let mut command = bed.command(arguments);
    command.env("COLUMNS", width.to_string()).env("USER", "ana");
    let Ran { stdout, code, .. } = Bed::finish(command, b"");
    assert_eq!(code, 0, "{arguments:?}: {stdout}");
    for line in stdout.lines() {
        assert!(line.chars().count() <= width, "{width}: {line}");
    }
    screens.push_str(&format!("$ watchfire {}\n{stdout}\n", arguments.join(" ")));
}

#[test]
fn a_card_fits_the_screen() {
    let (fresh, fed) = (Bed::new("screens-fresh"), bed("screens-fed"));
    let mark = ["check", "-q", "9.9.9.8", "--mark", "malicious", "--why", "c2 of case 7"];
    for width in [60, 80, 100] {
        let mut screens = String::new();
        let as_of = |value| ["check", "--as-of", "2026-11-22", value];
        typed(&fresh, width, &as_of("8.8.8.8"), &mut screens);
        typed(&fresh, width, &as_of("evil-c2.com"), &mut screens);
        typed(&fed, width, &as_of("45.133.1.20"), &mut screens);
        typed(
            &fed,
            width,
            &[&as_of("45.133.1.20")[..], &["--explain"]].concat(),
            &mut screens,
        );
        typed(
            &fed,
            width,
            &[&as_of("45.133.1.21")[..], &["--explain"]].concat(),
            &mut screens,
        );
        typed(
            &fed,
            width,
            &[&as_of("45.133.1.22")[..], &["--explain"]].concat(),
            &mut screens,
        );
        check_screen(&format!("check-{width}"), &screens);
        // Decisions are as old as the test.
        let mut screens = String::new();
        typed(&fresh, width, &mark, &mut screens);
        typed(&fresh, width, &["check", "http://9.9.9.8/x", "--explain"], &mut screens);
        check_screen(&format!("check-decided-{width}"), &screens);
    }
}
