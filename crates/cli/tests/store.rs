//! `watchfire store` as a person meets it.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::Bed;
use std::fs;
use watchfire::model::{Moment, Observable, ObservableType};
use watchfire::{By, Mark, Store};

/// A bed whose store remembers one decision.
fn remembering(name: &str) -> Bed {
    let bed = Bed::new(name);
    let store = Store::open(&bed.folder.join("home/.local/share/watchfire")).unwrap();
    let about = Observable::parse(ObservableType::Ipv4, "198.51.100.7").unwrap();
    let by = By::new("ana", Moment::from_unix(0));
    store
        .decisions()
        .mark(&about, Mark::Benign, &"ours".into(), None, &by)
        .unwrap();
    bed
}

#[test]
fn nothing_is_made_by_looking() {
    let bed = Bed::new("store-none");
    let ran = bed.run(&["store", "check"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "", " nothing is remembered yet\n")
    );
    bed.run(&["store", "vacuum", "-q"]).expect(0, &[]);
    bed.run(&["store", "backup", "x"])
        .expect(2, &["error: there is nothing to back up yet"]);
    assert_eq!(fs::read_dir(bed.folder.join("home")).unwrap().count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_is_checked_copied_and_cleaned() {
    let bed = remembering("store-whole");
    let ran = bed.run(&["store", "check"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    for line in [
        "audit log   1 entries, the last is ",
        "state       whole\n",
        "sightings   0\n",
    ] {
        assert!(ran.stdout.contains(line), "{ran:#?}");
    }
    bed.run(&["store", "vacuum"]).expect(0, &[]);
    fs::create_dir(bed.folder.join("in/copy")).unwrap();
    bed.run(&["store", "backup", "copy/watchfire.db"]).expect(0, &[]);
    bed.run(&["store", "backup", "copy/watchfire.db"]).expect(
        2,
        &["error: cannot back the store up to 'copy/watchfire.db': there is a file of that name already"],
    );
    let copy = bed.run(&["store", "check", "--data-dir", "copy"]);
    let tail = |text: &str| text.lines().skip(4).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(tail(&copy.stdout), tail(&ran.stdout));
}

#[cfg(target_os = "linux")]
#[test]
fn damage_is_named_and_left_alone() {
    let bed = remembering("store-damaged");
    let file = bed.folder.join("home/.local/share/watchfire/watchfire.db");
    fs::write(&file, "<!doctype html>".repeat(100)).unwrap();
    for arguments in [&["store", "check"][..], &["store", "vacuum"], &["store", "backup", "x"]] {
        let ran = bed.run(arguments);
        assert_eq!(ran.code, 2);
        assert!(
            ran.stderr
                .contains("it is damaged: it does not begin as a database does"),
            "{ran:#?}"
        );
        assert!(ran.stderr.contains("hint: put a backup in its place"), "{ran:#?}");
    }
    assert_eq!(fs::read(&file).unwrap().len(), 1500);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_called_one() {
    let bed = Bed::new("store-link");
    let folder = bed.folder.join("home/.local/share/watchfire");
    fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink("/nowhere/watchfire.db", folder.join("watchfire.db")).unwrap();
    let ran = bed.run(&["store", "check"]);
    let why = "it is a link to '/nowhere/watchfire.db', and nothing is there";
    assert!(ran.code == 2 && ran.stderr.contains(why), "{ran:#?}");
}
