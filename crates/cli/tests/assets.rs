//! `watchfire assets` as a person meets it: inventories from tables and from reports of Nmap, and scans.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::Bed;
use common::schema::problems;

const TABLE: &str = "Hostname;IP Address;MAC;Owner;Role\nFILE01.corp.example;10.0.0.5;AA-BB-CC-00-11-22;J. Meyer;file server\n\
    site;10.0.0.0/16;;Network team;branch\nws-7;not-an-address;;;\n";

fn bed(name: &str) -> Bed {
    let bed = Bed::new(name);
    bed.write("cmdb.csv", TABLE);
    bed.run(&["assets", "import", "cmdb.csv"]).expect(
        0,
        &[
            " cmdb: 3 hosts; made no sense: 1",
            "   line 4: not an address or a range: 'not-an-address'",
        ],
    );
    bed
}

/// The owner that `show` tells.
#[track_caller]
fn shown(bed: &Bed, value: &str, expected: &str) {
    let ran = bed.run(&["assets", "show", value]);
    let line = ran.stdout.lines().next().unwrap_or_default();
    assert_eq!(line, format!("asset       {expected}"), "{ran:?}");
}

#[test]
fn hosts_are_found_by_address_hardware_address_and_name() {
    let bed = bed("assets-show");
    for value in [
        "10.0.0.5",
        "10[.]0[.]0[.]5",
        "aa:bb:cc:00:11:22",
        "file01.corp.example",
        "FILE01.corp.example.",
    ] {
        shown(&bed, value, "FILE01.corp.example, J. Meyer");
    }
    shown(&bed, "10.0.77.1", "site, Network team");
    shown(&bed, "ws-7", "ws-7");
    bed.run(&["assets", "show", "10.9.0.1"])
        .expect(2, &["error: no inventory knows '10.9.0.1'"]);
    bed.run(&["assets", "show", "a b"]).expect(2, &[]);
    let list = bed.run(&["assets", "list"]).stdout;
    for part in ["cmdb ", "FILE01.corp.example ", "10.0.0.0-10.0.255.255", "Network team"] {
        assert!(list.contains(part), "{part}: {list}");
    }
    bed.run(&["assets", "remove", "-q", "cmdb"]).expect(0, &[]);
    bed.run(&["assets", "remove", "cmdb"])
        .expect(2, &["error: unknown inventory 'cmdb'"]);
    bed.run(&["assets", "show", "10.0.0.5"]).expect(2, &[]);
}

#[test]
fn every_answer_says_whose_host_it_is() {
    let bed = bed("assets-everywhere");
    let card = bed.run(&["check", "10.0.0.5"]).stdout;
    assert!(
        card.contains("ASSET  FILE01[.]corp[.]example · J. Meyer · role: file server"),
        "{card}"
    );
    bed.write("note.txt", "beacon from 10.0.0.5 to 198.51.100.9\n");
    let schema =
        |name: &str| -> serde_json::Value { serde_json::from_str(&bed.run(&["schema", name]).stdout).unwrap() };
    let lines = bed.run(&["extract", "-q", "-f", "ndjson", "note.txt"]).json_lines();
    assert_eq!(lines[0]["asset"]["owner"], "J. Meyer");
    assert_eq!(lines[1].get("asset"), None);
    assert_eq!(problems(&schema("observable"), &lines[0]), Vec::<String>::new());
    let report: serde_json::Value =
        serde_json::from_str(&bed.run(&["triage", "-q", "-f", "json", "note.txt"]).stdout).unwrap();
    assert_eq!(
        report["artifacts"][0]["observables"][0]["asset"]["name"],
        "FILE01.corp.example"
    );
    assert_eq!(problems(&schema("report"), &report), Vec::<String>::new());
    let screen = bed.run(&["triage", "-q", "note.txt"]).stdout;
    assert!(screen.contains("asset FILE01[.]corp[.]example (J. Meyer)"), "{screen}");
}

#[test]
fn what_is_no_inventory_leaves_the_old_one() {
    let bed = bed("assets-bad");
    bed.write(
        "bomb.xml",
        "<!DOCTYPE nmaprun [<!ENTITY a \"aaaa\">]><nmaprun>&a;</nmaprun>",
    );
    bed.write("cut.xml", "<nmaprun><host><address addr=\"10.0.0.9\"/></host>");
    bed.write("page.csv", "<!DOCTYPE html><html></html>");
    bed.write("odd.csv", "ip\nx\ny\n10.0.0.1\n");
    bed.write("other.csv", "foo,bar\n1,2\n");
    bed.write("empty.csv", "");
    for (file, why) in [
        ("bomb.xml", "it declares a document type"),
        ("cut.xml", "it ends in the middle"),
        ("page.csv", "this is a web page"),
        (
            "odd.csv",
            "more than half of it makes no sense; line 2: not an address or a range 'x'",
        ),
        ("other.csv", "no column has a known name"),
        ("empty.csv", "it is empty"),
        ("missing.csv", "there is no such file"),
    ] {
        let ran = bed.run(&["assets", "import", "--name", "cmdb", file]);
        ran.expect(2, &[]);
        assert!(
            ran.stderr
                .starts_with(&format!("error: cannot read inventory '{file}': "))
                && ran.stderr.contains(why),
            "{file}: {ran:?}"
        );
    }
    bed.run(&["assets", "import", "cmdb.csv", "--columns", "owner=Owner"])
        .expect(
            2,
            &["error: the columns do not fit: no column is called the address, the mac or the host"],
        );
    shown(&bed, "10.0.0.5", "FILE01.corp.example, J. Meyer");
}

#[test]
fn what_strangers_called_their_hosts_reaches_no_terminal() {
    let bed = Bed::new("assets-hostile");
    bed.write(
        "scan.xml",
        "<nmaprun><host><address addr=\"10.0.0.7\" addrtype=\"ipv4\"/><ports><port protocol=\"tcp\" portid=\"80\">\
         <state state=\"open\"/><service name=\"http\" product=\"&#27;[2J\u{202e}=cmd\"/></port></ports></host>\
         <runstats><finished exit=\"success\"/></runstats></nmaprun>",
    );
    bed.run(&["assets", "import", "-q", "scan.xml"]).expect(0, &[]);
    for arguments in [
        &["assets", "show", "10.0.0.7"][..],
        &["check", "10.0.0.7"],
        &["assets", "list"],
    ] {
        let ran = bed.run(arguments);
        ran.expect(0, &[]);
        assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}']), "{ran:?}");
    }
}

#[cfg(unix)]
mod scans {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    const FOUND: &str = "<?xml version=\"1.0\"?>\n<!DOCTYPE nmaprun>\n<nmaprun start=\"1793448000\"><host><status state=\"up\"/>\
        <address addr=\"10.0.5.7\" addrtype=\"ipv4\"/><hostnames><hostname name=\"printer.corp.example\"/></hostnames></host>\
        <runstats><finished exit=\"success\"/></runstats></nmaprun>";

    /// A bed whose `nmap` writes down its arguments and environment, and says `script`.
    fn bed(name: &str, script: &str) -> Bed {
        let bed = Bed::new(name);
        let tools = bed.folder.join("tools");
        std::fs::create_dir_all(&tools).unwrap();
        let record = bed.folder.join("asked");
        let text = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{0}'\nenv >> '{0}'\n{script}\n",
            record.display()
        );
        let nmap = tools.join("nmap");
        std::fs::write(&nmap, text).unwrap();
        std::fs::set_permissions(&nmap, std::fs::Permissions::from_mode(0o755)).unwrap();
        bed.write("found.xml", FOUND);
        bed.write(
            "watchfire.toml",
            "[organisation]\nranges = [\"10.0.0.0/8\"]\n[assets]\nscan = [\"10.0.5.0/24\", \"fd00::/64\"]\n",
        );
        bed
    }

    fn command(bed: &Bed, arguments: &[&str]) -> Command {
        let all = [&["assets", "scan", "--config", "watchfire.toml"][..], arguments].concat();
        let mut command = bed.command(&all);
        command
            .env(
                "PATH",
                format!(".:{}:/usr/bin:/bin", bed.folder.join("tools").display()),
            )
            .env("NMAP_PRIVILEGED", "1")
            .env("SECRET", "s3cret");
        command
    }

    fn asked(bed: &Bed) -> Option<String> {
        std::fs::read_to_string(bed.folder.join("asked")).ok()
    }

    #[test]
    fn a_scan_is_run_as_written_down_and_kept() {
        let bed = bed("scan-runs", "cat found.xml");
        let ran = Bed::finish(command(&bed, &["--nmap", "10.0.5.7-9", "10.0.5.16/28"]), b"");
        ran.expect(0, &[" nmap-10.0.5.7-9-2: 1 host"]);
        let asked = asked(&bed).unwrap();
        assert!(
            asked.starts_with(
                "-sT\n-T3\n--top-ports\n100\n--host-timeout\n120s\n-oX\n-\n10.0.5.7/32\n10.0.5.8/31\n10.0.5.16/28\n"
            ),
            "{asked}"
        );
        assert!(
            !asked.contains("s3cret") && !asked.contains("NMAP_PRIVILEGED"),
            "{asked}"
        );
        shown(&bed, "printer.corp.example", "printer.corp.example");
        Bed::finish(command(&bed, &["--nmap", "fd00::/120"]), b"").expect(0, &[]);
        assert!(super::scans::asked(&bed).unwrap().contains("-oX\n-\n-6\nfd00::/120\n"));
    }

    #[test]
    fn what_is_not_allowed_is_refused_before_anything_runs() {
        let bed = bed("scan-refused", "cat found.xml");
        for (arguments, why) in [
            (&["--nmap", "10.0.6.1"][..], "the configuration does not allow it"),
            (&["--nmap", "10.0.5.0/23"], "the configuration does not allow it"),
            (
                &["--nmap", "10.0.5.1", "8.8.8.8"],
                "the configuration does not allow it",
            ),
            (&["--nmap", "0.0.0.0/0"], "the configuration does not allow it"),
            (&["--nmap", "localhost"], "it is no address or network"),
            (&["--nmap", "10.0.5.1 -oN x"], "it is no address or network"),
            (&["--nmap", "10.0.5.1;id"], "it is no address or network"),
            (&["--nmap=-oN"], "it is no address or network"),
            (&["--nmap=--script=x"], "it is no address or network"),
            (&["--nmap", "-iL"], "unknown option"),
            (&["--nmap", "fd00::/64"], "at once"),
            (&["--nmap", "10.0.5.1", "fd00::1"], "either IPv4 or IPv6"),
            (&["--offline", "--nmap", "10.0.5.1"], "the network is forbidden"),
        ] {
            let ran = Bed::finish(command(&bed, arguments), b"");
            ran.expect(2, &[]);
            assert!(ran.stderr.contains(why), "{arguments:?}: {ran:?}");
        }
        bed.write("watchfire.toml", "");
        Bed::finish(command(&bed, &["--nmap", "10.0.5.1"]), b"")
            .expect(2, &["error: no range is configured that may be scanned"]);
        assert_eq!(asked(&bed), None);
    }

    #[test]
    fn a_scan_that_fails_leaves_what_was_known() {
        let bed = bed("scan-fails", "cat found.xml");
        let run = || Bed::finish(command(&bed, &["--nmap", "10.0.5.0/24", "--name", "floor"]), b"");
        run().expect(0, &[]);
        let nmap = bed.folder.join("tools/nmap");
        for (script, hint) in [
            (
                "echo 'dnet: Failed to open device' >&2; exit 1",
                "hint: Nmap said: dnet: Failed to open device",
            ),
            ("head -c 150 found.xml", "hint: what was known before stays"),
            ("cat /dev/zero", "hint: what was known before stays"),
        ] {
            std::fs::write(&nmap, format!("#!/bin/sh\n{script}\n")).unwrap();
            let ran = run();
            ran.expect(2, &[hint]);
            assert!(
                ran.stderr.starts_with("error: cannot read what Nmap found: "),
                "{ran:?}"
            );
            shown(&bed, "10.0.5.7", "printer.corp.example");
        }
        std::fs::remove_file(&nmap).unwrap();
        run().expect(2, &["error: nmap is not installed, or not in the path"]);
    }
}
