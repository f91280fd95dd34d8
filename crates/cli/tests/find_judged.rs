//! `watchfire find` as a judge: what is wrong with which file, what comes first, and what is counted.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::Bed;
use common::schema::problems;
use serde_json::Value;
use watchfire_testkit::archive::Zip;
use watchfire_testkit::disc;
use watchfire_testkit::executable::{Pe, Signing, root_certificate, sign};

/// A program that loads these libraries, signed.
fn signed(libraries: &[&'static str]) -> Vec<u8> {
    let program = Pe {
        imports: libraries.iter().map(|library| (*library, vec!["One", "Two"])).collect(),
        ..Pe::default()
    };
    sign(&program.build(), &Signing::default())
}

/// A library that hands what it offers on to another one, or not.
fn library(forwards: bool) -> Vec<u8> {
    let to = forwards.then_some("other.One");
    let exports = vec![("One", to), ("Two", to), ("Three", to)];
    Pe {
        exports,
        characteristics: 0x2022,
        ..Pe::default()
    }
    .build()
}

/// A schema, as the program prints it.
fn schema(bed: &Bed, name: &str) -> Value {
    serde_json::from_str(&bed.run(&["schema", name]).stdout).unwrap()
}

/// The report on `in/disk`.
fn report(bed: &Bed) -> Value {
    let ran = bed.run(&["find", "-q", "--format", "json", "disk"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let report = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(problems(&schema(bed, "report"), &report), Vec::<String>::new());
    report
}

/// What is said of side-loading: the library, its weight.
#[track_caller]
fn check(files: &[(&str, Vec<u8>)], expected: &[(&str, f64)]) {
    let bed = Bed::new(&format!("find-pairs-{}-{}", files.len(), files[0].0.replace('/', "-")));
    for (name, content) in files {
        bed.write(&format!("disk/{name}"), content);
    }
    let report = report(&bed);
    let findings = report["findings"].as_array().unwrap().iter();
    let pairs: Vec<(&str, f64)> = findings
        .filter(|finding| finding["rule"] == "executable-side-loading")
        .map(|finding| {
            let path = finding["evidence"][0]["path"].as_str().unwrap();
            (path, finding["weight"].as_f64().unwrap())
        })
        .collect();
    assert_eq!(pairs, expected, "{report:#}");
}

#[test]
fn an_unsigned_library_beside_a_signed_program_that_loads_it() {
    let program = || signed(&["KERNEL32.dll", "VERSION.dll", "helper.dll"]);
    let system = "disk/a/version.dll";
    check(
        &[("a/Updater.exe", program()), ("a/version.dll", library(false))],
        &[(system, 0.6)],
    );
    // Named otherwise than the system's, it may be the maker's own: less, and the less the more of them there are.
    check(
        &[("b/Updater.exe", program()), ("b/helper.dll", library(false))],
        &[("disk/b/helper.dll", 0.35)],
    );
    check(
        &[("c/Updater.exe", program()), ("c/helper.dll", library(true))],
        &[("disk/c/helper.dll", 0.6)],
    );
    check(
        &[
            ("d/Updater.exe", program()),
            ("d/helper.dll", library(false)),
            ("d/zlib.dll", library(false)),
        ],
        &[("disk/d/helper.dll", 0.1)],
    );
    // Loaded by name as it runs, perhaps.
    check(
        &[
            ("e/Updater.exe", signed(&["KERNEL32.dll"])),
            ("e/wtsapi32.dll", library(false)),
        ],
        &[("disk/e/wtsapi32.dll", 0.3)],
    );
}

#[test]
fn what_is_signed_or_lies_elsewhere_is_no_pair() {
    let program = || signed(&["VERSION.dll"]);
    let vouched = sign(&library(false), &Signing::default());
    check(&[("f/Updater.exe", program()), ("f/version.dll", vouched)], &[]);
    check(&[("g/Updater.exe", program()), ("h/version.dll", library(false))], &[]);
    // Whoever made the certificate that he signs with vouches for nobody but himself.
    let own = Signing {
        self_signed: true,
        ..Signing::default()
    };
    check(
        &[
            ("l/Updater.exe", program()),
            ("l/version.dll", sign(&library(false), &own)),
        ],
        &[("disk/l/version.dll", 0.6)],
    );
    let unsigned = Pe {
        imports: vec![("VERSION.dll", vec!["One"])],
        ..Pe::default()
    };
    check(
        &[("i/Updater.exe", unsigned.build()), ("i/version.dll", library(false))],
        &[],
    );
    // In some folders of Windows anybody may put files.
    for folder in ["Windows/Temp", "Windows/System32/spool/drivers/color"] {
        let files = [("Updater.exe", program()), ("version.dll", library(false))];
        let files: Vec<(String, Vec<u8>)> = files.map(|(name, bytes)| (format!("{folder}/{name}"), bytes)).to_vec();
        let files: Vec<(&str, Vec<u8>)> = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.clone()))
            .collect();
        check(&files, &[(&format!("disk/{folder}/version.dll"), 0.6)]);
    }
    // Of the system's own libraries, the signatures are in catalogs.
    check(
        &[
            ("Windows/System32/Updater.exe", program()),
            ("Windows/System32/version.dll", library(false)),
        ],
        &[],
    );
}

#[test]
fn pairs_are_found_inside_of_archives_and_discs_too() {
    let (program, library) = (signed(&["VERSION.dll"]), library(false));
    let zip = Zip::new()
        .file("x/Updater.exe", &program)
        .file("x/version.dll", &library)
        .build();
    check(&[("j.zip", zip)], &[("disk/j.zip ▸ x/version.dll", 0.6)]);
    // One folder once it is unpacked.
    let zip = Zip::new()
        .file("App/Updater.exe", &program)
        .file("./app\\version.dll. ", &library)
        .build();
    check(&[("m.zip", zip)], &[("disk/m.zip ▸ ./app\\version.dll. ", 0.6)]);
    fn file<'a>(name: &'a str, content: &'a [u8]) -> disc::File<'a> {
        disc::File {
            name,
            bytes: content,
            hidden: false,
        }
    }
    let disc = disc::iso(&[file("Updater.exe", &program), file("version.dll", &library)]);
    check(&[("k.iso", disc)], &[("disk/k.iso ▸ version.dll", 0.6)]);
}

/// A folder as an intruder leaves it, among honest files.
fn bed(name: &str) -> Bed {
    let bed = Bed::new(name);
    bed.write("disk/app/Updater.exe", signed(&["VERSION.dll"]));
    bed.write("disk/app/version.dll", library(false));
    bed.write("disk/pictures/holiday.jpg", Pe::default().build());
    bed.write("disk/bin/tool", "#!/bin/sh\necho\n");
    bed.write("disk/bin/tool2", "#!/bin/sh\necho\n");
    bed.write("disk/notes.txt", "nothing\n");
    bed
}

#[test]
fn the_worst_comes_first_and_the_rest_is_counted() {
    let bed = bed("find-first");
    let report = report(&bed);
    let files: Vec<(&str, &str)> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["path"].as_str().unwrap(), file["verdict"].as_str().unwrap()))
        .collect();
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    assert_eq!(
        paths,
        [
            "disk/app/Updater.exe",
            "disk/app/version.dll",
            "disk/pictures/holiday.jpg"
        ]
    );
    assert!(files.iter().all(|(_, verdict)| *verdict == "suspicious"), "{files:?}");
    let search = &report["search"];
    let counted = |name: &str| search[name].as_u64().unwrap();
    assert_eq!(
        (
            counted("files"),
            counted("judged"),
            counted("unlisted"),
            counted("copies")
        ),
        (6, 5, 2, 1),
        "{search:#}"
    );
    assert_eq!(search["kinds"], serde_json::json!({"pe": 3, "script": 2}));
    let signed = &report["artifacts"][0]["executable"]["signed"];
    assert_eq!(
        (&signed["name"], &signed["holds"]),
        (&"Example Signer, Inc".into(), &true.into()),
        "{signed:#}"
    );
    let screen = bed.run(&["find", "-q", "disk"]).stdout;
    let first = "'Updater.exe', signed by 'Example Signer, Inc', loads the unsigned 'version.dll' beside it";
    assert!(
        screen
            .replace("\n                                            ", " ")
            .contains(first),
        "{screen}"
    );
    assert!(
        screen.contains("6 files met · 5 judged (pe 3, script 2) · 1 copy of another"),
        "{screen}"
    );
}

#[test]
fn the_report_comes_in_every_format_and_decides_the_exit_code() {
    let bed = bed("find-formats");
    let lines = bed.run(&["find", "-q", "--format", "ndjson", "disk"]).stdout;
    let records: Vec<&str> = lines
        .lines()
        .filter(|line| line.starts_with("{\"record\":\"file\""))
        .collect();
    assert_eq!(records.len(), 3, "{lines}");
    let schema = schema(&bed, "record");
    for line in lines.lines() {
        let record = serde_json::from_str(line).unwrap();
        assert_eq!(problems(&schema, &record), Vec::<String>::new());
    }
    let table = bed.run(&["find", "-q", "--format", "csv", "disk"]).stdout;
    assert_eq!(
        table.lines().filter(|row| row.starts_with("file,pe,")).count(),
        3,
        "{table}"
    );
    bed.run(&["find", "-q", "--fail-on", "suspicious", "disk"])
        .expect(1, &[]);
    bed.run(&["find", "-q", "disk/bin"]).expect(0, &[]);
}

#[test]
fn a_search_is_judged_unless_only_paths_are_asked_for() {
    let bed = bed("find-modes");
    for (arguments, judged) in [
        (&["disk"][..], true),
        (&["--judge", "--name", "*.dll", "disk"], true),
        (&["--name", "*.dll", "--format", "json", "disk"], true),
        (&["--yara", "builtin", "-k", "pe", "disk"], true),
        (&["--name", "*.dll", "disk"], false),
        (&["--kind", "pe", "disk"], false),
        (&["--list", "disk"], false),
        (&["--long", "disk"], false),
    ] {
        let ran = bed.run(&[&["find", "-q"], arguments].concat());
        assert_eq!(ran.code, 0, "{ran:#?}");
        assert_eq!(
            ran.stdout.contains("judged") || ran.stdout.contains("\"judged\""),
            judged,
            "{arguments:?}: {ran:#?}"
        );
    }
}

#[test]
fn a_script_by_its_name_is_one_whatever_its_first_words() {
    let bed = Bed::new("find-by-name");
    let page = "<!-- --><html>\nnew ActiveXObject('WScript.Shell').Run('calc')";
    bed.write(
        "disk/Users/ann/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/a.js",
        page,
    );
    bed.write("disk/page.html", page);
    let report = report(&bed);
    assert_eq!(report["search"]["kinds"], serde_json::json!({"script": 1}));
    let rules: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"file-starts-itself"), "{rules:?}");
    let listed = bed.run(&["find", "-q", "--long", "disk"]).stdout;
    assert!(
        listed.starts_with("script\t") && listed.trim_end().ends_with("a.js"),
        "{listed}"
    );
    assert_eq!(listed.lines().count(), 1, "{listed}");
}

/// Bytes that are no text are shown as a character that a name may hold, too.
#[cfg(unix)]
#[test]
fn no_file_is_taken_for_one_whose_name_looks_the_same() {
    use std::os::unix::ffi::OsStrExt;
    let bed = Bed::new("find-same-name");
    let look_alike = bed.write("disk/a\u{fffd}/version.dll", "#!/bin/sh\n");
    bed.write("disk/a\u{fffd}/Updater.exe", "#!/bin/sh\n");
    let real = look_alike
        .ancestors()
        .nth(2)
        .unwrap()
        .join(std::ffi::OsStr::from_bytes(b"a\xff"));
    std::fs::create_dir(&real).unwrap();
    std::fs::write(real.join("Updater.exe"), signed(&["VERSION.dll"])).unwrap();
    std::fs::write(real.join("version.dll"), library(false)).unwrap();
    let report = report(&bed);
    let files = report["files"].as_array().unwrap();
    let kinds: Vec<&str> = files.iter().map(|file| file["kind"].as_str().unwrap()).collect();
    assert!(!kinds.contains(&"script") && kinds.contains(&"pe"), "{files:#?}");
}

#[test]
fn a_package_behind_something_else_is_found_by_its_name() {
    let bed = Bed::new("find-behind");
    let jar = Zip::new()
        .file("META-INF/MANIFEST.MF", b"Main-Class: A\n")
        .file("A.class", b"\xca\xfe\xba\xbe\0\0\0\x34")
        .build();
    let picture = b"GIF89a\x01\0\x01\0\0\0\0;";
    bed.write("disk/a.jar", [&picture[..], &jar].concat());
    bed.write("disk/b.jar", [&b"notes\n"[..], &jar].concat());
    bed.write("disk/c.jar", picture);
    let listed = bed.run(&["find", "-q", "--kind", "java", "disk"]).stdout;
    let mut listed: Vec<&str> = listed.lines().collect();
    listed.sort_unstable();
    assert_eq!(listed, ["disk/a.jar", "disk/b.jar"]);
}

#[test]
fn nothing_is_said_of_a_folder_where_nothing_acts() {
    let bed = Bed::new("find-nothing");
    bed.write("disk/notes.txt", "nothing\n");
    let report = report(&bed);
    assert_eq!(report["judgement"]["verdict"], "unknown");
    assert_eq!(report["judgement"]["summary"], "there is no file that can act");
    bed.run(&["find", "nowhere"])
        .expect(2, &["error: cannot read 'nowhere': there is no such file or folder"]);
    let ran = bed.run(&["find", "--format", "json", "nowhere", "disk"]);
    assert_eq!(ran.code, 3, "{ran:#?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["search"]["failed"], 1);
    assert_eq!(report["diagnostics"][0]["code"], "input-unreadable");
}

#[test]
fn what_was_judged_before_is_read_again_only_where_it_changed() {
    let bed = bed("find-resume");
    let search = |arguments: &[&str]| {
        let arguments = [&["find", "-q", "--resume", "--format", "json", "disk"], arguments].concat();
        let ran = bed.run(&arguments);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let counted = |name: &str| report["search"][name].as_u64().unwrap();
        (
            counted("judged"),
            counted("unchanged"),
            report["files"].as_array().unwrap().len(),
        )
    };
    assert_eq!(search(&[]), (5, 0, 3));
    // What something is said of, and what matters to what lies beside it, is read each time.
    assert_eq!(search(&[]), (3, 2, 3));
    bed.write("disk/bin/tool", "#!/bin/sh\necho changed\n");
    assert_eq!(search(&[]), (4, 1, 3));
    assert_eq!(search(&[]), (3, 2, 3));
    // Judged by other rules or roots, everything may be otherwise.
    assert_eq!(search(&["--yara", "builtin"]), (5, 0, 3));
    bed.write("root.der", root_certificate());
    assert_eq!(search(&["--trust", "root.der"]), (5, 0, 3));
    assert_eq!(search(&["--trust", "root.der"]), (3, 2, 3));
}

#[test]
fn a_file_is_judged_anew_where_more_is_known_of_the_system_around_it() {
    let bed = Bed::new("find-resume-place");
    bed.write("disk/etc/hosts", "");
    bed.write("disk/usr/notes", "");
    bed.write("disk/opt/x/tmp/.hidden/tool", "#!/bin/sh\necho\n");
    bed.write("disk/etc/cron.d/tool", "#!/bin/sh\necho\n");
    let search = |root: &str| {
        let ran = bed.run(&["find", "-q", "--resume", "--format", "json", root]);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let files = report["files"].as_array().unwrap().len();
        (report["search"]["unchanged"].as_u64().unwrap(), files)
    };
    assert_eq!(search("disk/etc/cron.d"), (0, 0));
    assert_eq!(search("disk/etc/cron.d"), (1, 0));
    assert_eq!(search("disk"), (0, 1));
}

#[test]
fn files_with_the_same_bytes_are_shown_as_one() {
    let bed = Bed::new("find-copies");
    let program = Pe::default().build();
    for name in ["a/holiday.jpg", "b/invoice.pdf", "c/setup.exe", "d/tool.exe", "e/x.exe"] {
        bed.write(&format!("disk/{name}"), &program);
    }
    let report = report(&bed);
    let files = report["files"].as_array().unwrap();
    let also: Vec<(&str, u64, usize)> = files
        .iter()
        .map(|file| {
            let also = file["also"].as_array().unwrap();
            (
                file["path"].as_str().unwrap(),
                file["copies"].as_u64().unwrap(),
                also.len(),
            )
        })
        .collect();
    assert_eq!(also[0], ("disk/a/holiday.jpg", 4, 4), "{report:#}");
    assert_eq!(files[0]["also"][0], "disk/b/invoice.pdf");
    let named = report["findings"].as_array().unwrap().iter();
    let named: Vec<&Value> = named
        .filter(|finding| finding["rule"] == "file-several-names")
        .collect();
    assert_eq!(named.len(), 1, "{report:#}");
    assert_eq!(named[0]["weight"], 0.3);
    let screen = bed.run(&["find", "-q", "disk"]).stdout;
    let rows = screen.lines().filter(|line| line.contains("suspicious 60")).count();
    assert_eq!(rows, 1, "{screen}");
    for also in [
        "also disk/b/invoice.pdf",
        "also disk/c/setup.exe",
        "also disk/d/tool.exe",
        "+1 more",
    ] {
        assert!(screen.contains(also), "{screen}");
    }
    let table = bed.run(&["find", "-q", "--format", "csv", "disk"]).stdout;
    assert!(
        table.contains("disk/b/invoice.pdf | disk/c/setup.exe | disk/d/tool.exe | disk/e/x.exe"),
        "{table}"
    );
    let triaged = bed.run(&["triage", "-q", "--format", "json", "disk"]).stdout;
    assert!(triaged.contains("file-several-names"), "{triaged}");
}
