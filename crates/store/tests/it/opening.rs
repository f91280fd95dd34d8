//! Files that are there, missing, damaged, somebody else's, too new, or cannot be written.

use crate::bed::{Bed, at, by, ip};
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use watchfire_store::{Fault, Mark, Store, StoreError};

/// Opening fails, says so with all of `words`, hints at something, and leaves the file as it is.
#[track_caller]
fn refused(bed: &Bed, words: &[&str]) -> StoreError {
    let before = fs::read(bed.file()).ok();
    let error = Store::open(bed.folder()).unwrap_err();
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{text}");
    }
    assert!(Store::open_existing(bed.folder()).is_err());
    assert_eq!(fs::read(bed.file()).ok(), before, "{text}");
    error
}

fn filled(name: &str) -> Bed {
    let bed = Bed::new(name);
    let store = bed.store();
    for last in 0..200 {
        let why = "x".repeat(500).as_str().into();
        let observable = ip(&format!("198.51.100.{last}"));
        store
            .decisions()
            .mark(&observable, Mark::Benign, &why, None, &by(0))
            .unwrap();
    }
    drop(store);
    bed
}

#[test]
fn a_store_is_made_where_it_is_missing_and_only_when_asked() {
    let bed = Bed::new("made");
    assert!(Store::open_existing(bed.folder()).unwrap().is_none());
    assert!(!bed.folder().exists());
    let store = bed.store();
    assert!(!store.is_read_only());
    assert!(Store::open_existing(bed.folder()).unwrap().is_some());
    drop(store);
    let names: Vec<_> = fs::read_dir(bed.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["watchfire.db"], "nothing is left beside it");
}

#[cfg(unix)]
#[test]
fn the_store_and_what_stands_beside_it_are_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bed = Bed::new("private");
    let store = bed.store();
    store
        .decisions()
        .mark(&ip("192.0.2.1"), Mark::Benign, &"x".into(), None, &by(0))
        .unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(bed.folder()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600,
            "{path:?}"
        );
        seen += 1;
    }
    assert_eq!(seen, 3);
    assert_eq!(fs::metadata(bed.folder()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_is_kept_is_there_after_opening_again() {
    let bed = filled("again");
    let decision = bed.store().decisions().about(&ip("198.51.100.7"), at(1)).unwrap();
    assert_eq!(decision.unwrap().mark, Mark::Benign);
    assert_eq!(bed.store().check().unwrap().audit.entries, 200);
}

#[test]
fn an_empty_file_is_damage_and_no_new_store() {
    let bed = filled("empty");
    fs::write(bed.file(), "").unwrap();
    let error = refused(&bed, &["cannot open the store", "damaged: it is empty"]);
    assert!(error.hint().unwrap().contains("backup"));
}

#[test]
fn a_header_that_is_none_is_damage() {
    let bed = filled("header");
    let mut file = fs::OpenOptions::new().write(true).open(bed.file()).unwrap();
    file.write_all(b"<!doctype html>").unwrap();
    drop(file);
    refused(&bed, &["damaged: it does not begin as a database does"]);
}

#[test]
fn a_file_that_was_cut_is_damage() {
    let bed = filled("cut");
    let length = fs::metadata(bed.file()).unwrap().len();
    assert!(length > 100_000, "{length}");
    for left in [length / 2, 4096, 100, 50] {
        let file = fs::OpenOptions::new().write(true).open(bed.file()).unwrap();
        file.set_len(left).unwrap();
        drop(file);
        refused(&bed, &["damaged"]);
    }
}

#[test]
fn every_flipped_page_is_found_by_the_check_or_harmless() {
    let bed = filled("flipped");
    let whole = fs::read(bed.file()).unwrap();
    let mut found = 0;
    for page in 1..whole.len() / 4096 {
        let mut damaged = whole.clone();
        damaged[page * 4096..page * 4096 + 64].fill(0xa5);
        fs::write(bed.file(), &damaged).unwrap();
        match Store::open(bed.folder()).and_then(|store| store.check()) {
            Ok(_) => {}
            Err(error) => {
                assert!(matches!(error.fault(), Fault::Corrupt(_)), "{error}");
                found += 1;
            }
        }
        assert_eq!(fs::read(bed.file()).unwrap(), damaged, "looking does not change it");
    }
    assert!(found > 20, "{found}");
}

#[test]
fn another_programs_database_is_left_alone() {
    let bed = Bed::new("foreign");
    fs::create_dir_all(bed.folder()).unwrap();
    bed.raw()
        .execute_batch("CREATE TABLE t (a); PRAGMA user_version = 1")
        .unwrap();
    let error = refused(&bed, &["not a database of watchfire"]);
    assert!(matches!(error.fault(), Fault::Foreign));
}

#[test]
fn a_later_schema_is_refused() {
    let bed = filled("newer");
    bed.raw().execute_batch("PRAGMA user_version = 4711").unwrap();
    let error = refused(&bed, &["a later watchfire wrote it (schema 4711"]);
    assert!(error.hint().unwrap().contains("later"));
}

#[test]
fn a_folder_in_its_place_is_an_error() {
    let bed = Bed::new("folder");
    fs::create_dir_all(bed.file()).unwrap();
    assert!(Store::open(bed.folder()).unwrap_err().to_string().contains("directory"));
}

#[test]
fn a_log_without_its_database_is_not_taken_for_a_new_ones() {
    let bed = filled("log");
    fs::remove_file(bed.file()).unwrap();
    fs::write(bed.folder().join("watchfire.db-wal"), "x").unwrap();
    refused(&bed, &["'watchfire.db-wal' is there without it"]);
    assert!(!bed.file().exists());
}

#[test]
fn without_its_log_a_store_is_what_it_was_before() {
    let bed = Bed::new("nolog");
    let store = bed.store();
    store
        .decisions()
        .mark(&ip("192.0.2.1"), Mark::Benign, &"x".into(), None, &by(0))
        .unwrap();
    // As a crash leaves it, but for the log.
    let database = fs::read(bed.file()).unwrap();
    let log = fs::read(bed.folder().join("watchfire.db-wal")).unwrap();
    drop(store);
    let copy = Bed::new("nolog-copy");
    fs::create_dir_all(copy.folder()).unwrap();
    fs::write(copy.file(), &database).unwrap();
    assert_eq!(copy.store().check().unwrap().audit.entries, 0);
    // With it, and with every part of it, the store is of some moment.
    for length in (0..log.len()).step_by(997).chain([log.len()]) {
        fs::write(copy.file(), &database).unwrap();
        fs::write(copy.folder().join("watchfire.db-wal"), &log[..length]).unwrap();
        let entries = copy.store().check().unwrap().audit.entries;
        assert_eq!(entries, u64::from(length == log.len()), "{length}");
    }
}

#[test]
fn an_interrupted_making_leaves_nothing_in_the_way() {
    let bed = Bed::new("part");
    fs::create_dir_all(bed.folder()).unwrap();
    fs::write(bed.folder().join(".watchfire.db.part"), "half").unwrap();
    fs::write(bed.folder().join(".watchfire.db.lock"), "").unwrap();
    bed.store().check().unwrap();
    assert!(!bed.folder().join(".watchfire.db.part").exists());
}

#[test]
fn many_that_open_at_once_make_one_store() {
    let bed = Bed::new("race");
    std::thread::scope(|scope| {
        for number in 0..8 {
            let bed = &bed;
            scope.spawn(move || {
                let why = "raced".into();
                let observable = ip(&format!("192.0.2.{number}"));
                bed.store()
                    .decisions()
                    .mark(&observable, Mark::Malicious, &why, None, &by(0))
                    .unwrap();
            });
        }
    });
    assert_eq!(bed.store().decisions().all(at(1)).unwrap().len(), 8);
    assert_eq!(bed.store().check().unwrap().audit.entries, 8);
}

#[test]
fn a_backup_is_a_store_and_replaces_nothing() {
    let bed = filled("backup");
    let store = bed.store();
    let copy = Bed::new("backup-copy");
    fs::create_dir_all(copy.folder()).unwrap();
    store.backup(&copy.file()).unwrap();
    let error = store.backup(&copy.file()).unwrap_err();
    assert!(
        error.to_string().contains("there is a file of that name already"),
        "{error}"
    );
    assert_eq!(copy.store().check().unwrap().audit, store.check().unwrap().audit);
    assert_eq!(fs::read_dir(copy.folder()).unwrap().count(), 1);
    let missing = copy.folder().join("no/such/folder/x");
    assert!(store.backup(&missing).is_err());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(copy.file()).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn vacuum_gives_space_back() {
    let bed = filled("vacuum");
    let store = bed.store();
    bed.raw().execute_batch("DELETE FROM decision").unwrap();
    let before = store.check().unwrap();
    assert!(before.free > 0);
    store.vacuum().unwrap();
    let after = store.check().unwrap();
    assert!(after.bytes < before.bytes && after.free == 0, "{before:?} {after:?}");
    assert_eq!(after.audit, before.audit);
}

#[test]
fn an_audit_log_that_was_changed_does_not_verify() {
    let bed = filled("audit");
    let head = bed.store().audit().verify().unwrap();
    assert!(
        bed.raw().execute("DELETE FROM audit WHERE number = 200", []).is_err(),
        "it is only added to"
    );
    let change = |sql: &str, words: &str| {
        let whole = fs::read(bed.file()).unwrap();
        let raw = bed.raw();
        raw.execute_batch("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_cut")
            .unwrap();
        raw.execute_batch(sql).unwrap();
        drop(raw);
        let store = bed.store();
        let error = store.check().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        drop(store);
        fs::write(bed.file(), whole).unwrap();
    };
    change(
        "UPDATE audit SET who = 'eve' WHERE number = 17",
        "entry 17 of the audit log",
    );
    change(
        "UPDATE audit SET at = at + 1 WHERE number = 200",
        "entry 200 of the audit log",
    );
    change(
        "DELETE FROM audit WHERE number = 5",
        "entry 5 of the audit log is missing",
    );
    change(
        "UPDATE audit SET subject = detail, detail = subject WHERE number = 1",
        "entry 1 ",
    );
    assert_eq!(bed.store().audit().verify().unwrap(), head);
    assert_eq!(bed.store().audit().latest(1).unwrap()[0].hash, head.hash);
}

#[test]
fn the_first_page_holds_no_surprises() {
    let bed = filled("page");
    let mut dice = crate::bed::Dice(1);
    let whole = fs::read(bed.file()).unwrap();
    for _ in 0..300 {
        let mut file = fs::OpenOptions::new().read(true).write(true).open(bed.file()).unwrap();
        let place = dice.roll(4096);
        file.seek(SeekFrom::Start(place)).unwrap();
        let mut byte = [0];
        file.read_exact(&mut byte).unwrap();
        file.seek(SeekFrom::Start(place)).unwrap();
        file.write_all(&[byte[0] ^ (1 << dice.roll(8))]).unwrap();
        drop(file);
        // Neither panics nor hangs, whatever it says.
        let _ = Store::open(bed.folder()).and_then(|store| store.check());
        for beside in ["watchfire.db-wal", "watchfire.db-shm", "watchfire.db-journal"] {
            let _ = fs::remove_file(bed.folder().join(beside));
        }
        fs::write(bed.file(), &whole).unwrap();
    }
}

/// Root may write everywhere, so this tells something to everybody else.
#[cfg(unix)]
#[test]
fn where_nothing_can_be_written_there_is_reading() {
    use std::os::unix::fs::PermissionsExt;
    let bed = filled("locked");
    let allow = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    allow(&bed.file(), 0o400);
    allow(bed.folder(), 0o500);
    let is_root = fs::write(bed.folder().join("probe"), "").is_ok();
    let locked = Store::open(bed.folder());
    allow(bed.folder(), 0o700);
    allow(&bed.file(), 0o600);
    let store = locked.unwrap();
    assert_eq!(store.is_read_only(), !is_root);
    assert_eq!(store.check().unwrap().audit.entries, 200);
    let made = store
        .decisions()
        .mark(&ip("192.0.2.1"), Mark::Benign, &"x".into(), None, &by(0));
    match made {
        Err(error) => assert!(matches!(error.fault(), Fault::ReadOnly), "{error}"),
        Ok(()) => assert!(is_root),
    }
    let empty = Bed::new("locked-empty");
    fs::create_dir_all(empty.folder()).unwrap();
    allow(empty.folder(), 0o500);
    let made = Store::open(empty.folder());
    allow(empty.folder(), 0o700);
    if let Err(error) = made {
        assert!(
            error.to_string().contains("permission denied") && error.hint().is_some(),
            "{error}"
        );
    } else {
        assert!(is_root);
    }
}
