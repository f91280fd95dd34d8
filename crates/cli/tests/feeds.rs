//! `watchfire feeds` as a person meets it: added, fetched, found unchanged, looked at, rolled back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test"
)]

mod common;

use common::Bed;
use common::server::{Asked, Reply, Server};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use watchfire::model::Moment;

/// What `check` says of a value, in a word.
fn verdict(bed: &Bed, value: &str) -> String {
    let ran = bed.run(&["check", value, "-f", "json", "-q"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|why| panic!("{why}: {ran:#?}"));
    report["reputations"][0]["judgement"]["verdict"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_feed_is_fetched_found_unchanged_replaced_and_rolled_back() {
    let bed = Bed::new("feeds-life");
    let version = AtomicUsize::new(1);
    let server = Server::start(move |asked| {
        let version = version.fetch_add(1, Ordering::SeqCst);
        match version {
            1 => Reply::ok("203.0.113.1 # first\n").header("ETag", "\"one\""),
            2 if asked.header("if-none-match") == "\"one\"" => Reply::new(304, ""),
            _ => Reply::ok("203.0.113.2\n203.0.113.3\nnonsense here\n"),
        }
    });
    bed.add_feed(
        "own",
        &server.url("/list"),
        &["--format", "plain", "--grade", "A", "--every", "1d"],
    );
    bed.run(&["feeds", "update"])
        .expect(0, &[" own: 1 indicators, read as plain"]);
    assert_eq!(verdict(&bed, "203.0.113.1"), "malicious");
    bed.run(&["feeds", "update"])
        .expect(0, &[" own: asked a short while ago (--force asks again)"]);
    bed.run(&["feeds", "update", "--force"]).expect(0, &[" own: unchanged"]);
    bed.run(&["feeds", "update", "--force"])
        .expect(0, &[" own: 2 indicators, read as plain; not taken: 1 malformed"]);
    assert_eq!(verdict(&bed, "203.0.113.1"), "unknown");
    assert_eq!(verdict(&bed, "203.0.113.3"), "malicious");
    let stats = bed.run(&["feeds", "stats", "own"]).stdout;
    for part in [
        "in use",
        "kept",
        "half is left after 30 d, nothing after 120 d",
        "due again from",
        "grade A",
    ] {
        assert!(stats.contains(part), "{part}: {stats}");
    }
    bed.run(&["feeds", "rollback", "own"]).expect(0, &[]);
    assert_eq!(verdict(&bed, "203.0.113.1"), "malicious");
    let stats = bed.run(&["feeds", "stats", "own"]).stdout;
    assert!(stats.contains("withdrawn"), "{stats}");
    bed.run(&["feeds", "rollback", "own"]).expect(2, &[]);
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn the_key_goes_to_its_place_and_nowhere_else() {
    let bed = Bed::new("feeds-key");
    let other = Server::start(|_| Reply::ok("203.0.113.1\n"));
    let elsewhere = other.url("/moved");
    let server = Server::start(move |asked: &Asked| match asked.path() {
        "/moved" => Reply::new(302, "").header("Location", elsewhere.clone()),
        "/near" => Reply::new(302, "").header("Location", "/list"),
        _ => Reply::ok("203.0.113.1\n"),
    });
    let secret = "s3cr3t-k&y";
    let run = |name: &str, path: &str, auth: &str| {
        bed.add_feed(name, &server.url(path), &["--format", "plain", "--auth", auth]);
        let mut command = bed.command(&["feeds", "update", name]);
        command.env(format!("WATCHFIRE_FEED_KEY_{}", name.to_uppercase()), secret);
        let ran = Bed::finish(command, b"");
        assert_eq!(ran.code, 0, "{ran:#?}");
        assert!(!format!("{ran:?}").contains("s3cr3t"), "{ran:#?}");
        server.asked().last().unwrap().clone()
    };
    assert_eq!(
        run("bearer", "/list", "bearer").header("authorization"),
        format!("Bearer {secret}")
    );
    assert_eq!(run("named", "/list", "header:X-Own").header("x-own"), secret);
    assert_eq!(
        run("query", "/list?a=b", "query:key").target,
        "/list?a=b&key=s3cr3t-k%26y"
    );
    assert_eq!(
        run("near", "/near", "bearer").header("authorization"),
        format!("Bearer {secret}")
    );
    run("moved", "/moved", "bearer");
    let moved = other.asked();
    assert_eq!((moved.len(), moved[0].header("authorization")), (1, ""));
    // Without a key nobody is asked.
    bed.add_feed(
        "keyless",
        &server.url("/list"),
        &["--format", "plain", "--auth", "bearer"],
    );
    let before = server.asked().len();
    bed.run(&["feeds", "update", "keyless"])
        .expect(2, &["error: cannot update feed 'keyless': it wants a key"]);
    assert_eq!(server.asked().len(), before);
    let kept = bed.run(&["feeds", "stats", "bearer"]);
    assert!(!format!("{kept:?}").contains("s3cr3t"));
}

#[cfg(unix)]
#[test]
fn a_key_file_is_used_only_if_it_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let bed = Bed::new("feeds-key-file");
    let server = Server::start(|_| Reply::ok("203.0.113.1\n"));
    let file = bed.write("key", "me:pw\n");
    let more = ["--format", "plain", "--auth", "basic", "--key-file", "key"];
    bed.add_feed("own", &server.url("/"), &more);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = bed.run(&["feeds", "update"]);
    assert!(ran.code == 2 && ran.stderr.contains("others can read it"), "{ran:#?}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    bed.run(&["feeds", "update"]).expect(0, &[]);
    assert_eq!(server.asked()[0].header("authorization"), "Basic bWU6cHc=");
}

#[test]
fn a_well_known_name_does_not_make_a_key_go_elsewhere() {
    let bed = Bed::new("feeds-impostor");
    let server = Server::start(|_| Reply::ok("# id,dateadded,url\n1,2026-11-01,http://evil.example/x\n"));
    bed.add_feed("urlhaus", &server.url("/recent.csv"), &["--format", "urlhaus"]);
    let mut command = bed.command(&["feeds", "update"]);
    command.env("WATCHFIRE_ABUSECH_KEY", "s3cr3t");
    Bed::finish(command, b"");
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert!(!format!("{asked:?}").contains("s3cr3t"), "{asked:?}");
}

#[test]
fn a_well_known_feed_says_which_key_it_needs() {
    let bed = Bed::new("feeds-needs");
    bed.run(&["feeds", "add", "threatfox"]).expect(0, &[]);
    bed.run(&["feeds", "update"]).expect(
        2,
        &[
            "error: cannot update feed 'threatfox': it wants a key",
            "hint: set WATCHFIRE_ABUSECH_KEY in the environment, or watchfire config key threatfox keeps it",
        ],
    );
}

#[test]
fn an_import_that_fails_leaves_no_feed_behind() {
    let bed = Bed::new("feeds-nothing-left");
    bed.write("list.txt", "nonsense here\nmore of it\n203.0.113.1\n");
    let ran = bed.run(&["feeds", "import", "list.txt", "--format", "plain"]);
    ran.expect(2, &["hint: name another --format or --columns"]);
    assert!(bed.run(&["feeds", "list"]).stdout.starts_with(" no feed yet"));
    let ran = bed.run(&["feeds", "stats", "list"]);
    ran.expect(2, &["error: unknown feed 'list'"]);
    assert!(!ran.stderr.contains("hint"), "{ran:#?}");
    // What is wrong with a feed that is there leaves it as it was.
    bed.write("list.txt", "203.0.113.1\n");
    bed.run(&["feeds", "import", "list.txt"]).expect(0, &[]);
    bed.write("list.txt", "nonsense here\nmore of it\n203.0.113.2\n");
    let hint = "hint: name another --format or --columns; the version from before stays in use";
    bed.run(&["feeds", "import", "list.txt"]).expect(2, &[hint]);
    assert_eq!(verdict(&bed, "203.0.113.1"), "suspicious");
}

#[test]
fn a_web_page_in_the_place_of_a_file_is_called_one() {
    let bed = Bed::new("feeds-page");
    bed.write("list.csv", "<!DOCTYPE html><html><title>Sign in</title></html>");
    let error = "error: cannot read feed 'list.csv': this is a web page, not a feed";
    bed.run(&["feeds", "import", "list.csv"]).expect(2, &[error]);
}

#[test]
fn a_feed_that_was_never_fetched_is_not_shown_as_fetched() {
    let bed = Bed::new("feeds-never");
    let server = Server::start(|_| Reply::new(404, ""));
    bed.add_feed("own", &server.url("/"), &["--format", "plain"]);
    assert!(bed.run(&["feeds", "list"]).stdout.ends_with(" never fetched\n"));
    bed.run(&["feeds", "update"]).expect(2, &["hint: has it moved?"]);
}

#[test]
fn an_unasked_answer_that_nothing_changed_is_named() {
    let bed = Bed::new("feeds-304");
    let server = Server::start(|_| Reply::new(304, ""));
    bed.add_feed("own", &server.url("/"), &["--format", "plain"]);
    let why = "nothing has changed, without having been asked (HTTP 304)";
    let ran = bed.run(&["feeds", "update"]);
    assert!(ran.code == 2 && ran.stderr.contains(why), "{ran:#?}");
}

#[test]
fn urls_that_begin_so_are_met_where_the_feed_or_its_user_says_so() {
    let bed = Bed::new("feeds-prefix");
    bed.write("one.txt", "http://evil.example/gate\n");
    bed.write("two.txt", "http://worse.example/a/*\n");
    bed.run(&["feeds", "import", "one.txt"]).expect(0, &[]);
    assert_eq!(verdict(&bed, "http://evil.example/gate?x=1"), "unknown");
    bed.run(&["feeds", "remove", "one"]).expect(0, &[]);
    bed.run(&["feeds", "import", "one.txt", "--reach", "prefix"])
        .expect(0, &[]);
    bed.run(&["feeds", "import", "two.txt"]).expect(0, &[]);
    for (url, expected) in [
        ("http://evil.example/gate?x=1", "suspicious"),
        ("https://evil.example/gate/doc.php", "suspicious"),
        ("http://evil.example/gateway", "unknown"),
        ("http://evil.example/", "unknown"),
        ("http://worse.example/a/b/c", "suspicious"),
        ("http://worse.example/ab", "unknown"),
    ] {
        assert_eq!(verdict(&bed, url), expected, "{url}");
    }
    bed.run(&["feeds", "import", "one.txt", "--name", "x", "--reach", "far"])
        .expect(2, &["hint: known are exact, below, prefix"]);
}

#[test]
fn what_is_said_of_a_feed_that_is_there_is_set_up_and_what_makes_no_sense_is_refused() {
    let bed = Bed::new("feeds-revised");
    bed.write("a.txt", "http://evil.example/gate\n");
    let import = |more: &[&str]| bed.run(&[&["feeds", "import", "a.txt"], more].concat());
    import(&["--lifetime", "40d"]).expect(0, &[]);
    import(&["--grade", "A", "--reach", "prefix", "--group", "ours"]).expect(0, &[]);
    let stats = bed.run(&["feeds", "stats", "a"]).stdout;
    for part in [
        "grade A, group ours, asserts malicious",
        "prefix",
        "nothing after 40 d",
        "kept",
    ] {
        assert!(stats.contains(part), "{part}: {stats}");
    }
    assert_eq!(verdict(&bed, "http://evil.example/gate?x=1"), "malicious");
    import(&["--towards", "benign"]).expect(0, &[]);
    assert_eq!(verdict(&bed, "http://evil.example/gate?x=1"), "benign");
    for wrong in [["--grade", "Q"], ["--lifetime", "never"], ["--reach", "above"]] {
        assert_eq!(import(&wrong).code, 2, "{wrong:?}");
    }
    import(&[]).expect(0, &[]);
    assert_eq!(verdict(&bed, "http://evil.example/gate?x=1"), "benign");
    // A table whose header nobody knows, in the place of a list.
    bed.write("a.txt", "name,where\nx,203.0.113.8\n");
    import(&["--format", "csv", "--columns", "value=where"]).expect(0, &[]);
    assert_eq!(verdict(&bed, "203.0.113.8"), "benign");
    import(&[]).expect(0, &[]);
}

#[test]
fn what_cannot_be_read_or_cannot_have_been_seen_does_not_stay_young() {
    let bed = Bed::new("feeds-dates");
    bed.write(
        "list.csv",
        "ip,last_seen\n203.0.113.1,2099-01-01\n203.0.113.2,some day\n",
    );
    bed.run(&["feeds", "import", "list.csv"])
        .expect(0, &["   dates that cannot be read: 1"]);
    let later = Moment::from_unix(now()).after(150 * 86_400).to_string();
    for value in ["203.0.113.1", "203.0.113.2"] {
        let ran = bed.run(&["check", value, "--as-of", &later, "-f", "json", "-q"]);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(report["reputations"][0]["judgement"]["verdict"], "unknown", "{ran:#?}");
    }
}

fn now() -> i64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

#[test]
fn what_nobody_has_confirmed_for_long_is_said_to_be_stale() {
    let bed = Bed::new("feeds-stale");
    bed.write("list.txt", "203.0.113.9\n");
    bed.run(&["feeds", "import", "list.txt", "--lifetime", "40d"])
        .expect(0, &[]);
    let list = bed.run(&["feeds", "list"]).stdout;
    assert!(list.contains(" 10 d ") && list.ends_with(" imported\n"), "{list}");
    let later = Moment::from_unix(now()).after(60 * 86_400).to_string();
    let ran = bed.run(&["check", "203.0.113.9", "--as-of", &later]);
    assert!(ran.stdout.contains("stale: list (60 days old)"), "{ran:#?}");
}
