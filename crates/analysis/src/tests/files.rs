//! Files on disks: names, places and rights in, findings out.

use super::detectors::found;
use watchfire_formats::identify::media;
use watchfire_model::executable::elf::{ElfKind, ElfMachine, ElfSystem, Relro, StackProtection};
use watchfire_model::executable::mach_o::{
    CodeDirectory, CodeFlags, CodeSignature, Cpu, MachO, MachOFlags, MachOKind, MachOSegment, VmProtection,
};
use watchfire_model::executable::{Elf, Entropy, Executable, MachOFile};
use watchfire_model::{Capabilities, Downloaded, Fact, MediaType, Span, Stored, Stream};

/// Of a system, with ordinary rights.
fn at(path: &str) -> Stored {
    Stored {
        path: path.into(),
        in_system: true,
        mode: Some(0o755),
        owner: Some(0),
        ..Stored::default()
    }
}

/// What is found of a file of that type, with its weight in thousandths.
#[track_caller]
fn check(stored: Stored, media_type: MediaType, expected: &[(&str, u16)]) {
    let path = stored.path.raw().to_owned();
    let name = path.rsplit('/').next().unwrap_or_default();
    assert_eq!(
        found(name, media_type, vec![Fact::Stored(Box::new(stored))]),
        expected,
        "{path}"
    );
}

#[track_caller]
fn elf(path: &str, expected: &[(&str, u16)]) {
    check(at(path), media::ELF, expected);
}

#[track_caller]
fn pe(path: &str, expected: &[(&str, u16)]) {
    check(at(path), media::PE, expected);
}

#[test]
fn programs_have_their_places() {
    let odd = |weight| vec![("file-odd-place", weight)];
    elf("/usr/bin/ls", &[]);
    elf("/home/ann/project/target/debug/tool", &[]);
    elf("/tmp/build/tool", &odd(200));
    elf("/dev/shm/tool", &odd(350));
    elf("/dev/tool", &odd(500));
    elf("/etc/tool", &odd(300));
    elf("/usr/share/man/man1/ls", &odd(450));
    pe("/Windows/System32/notepad.exe", &[]);
    pe("/Windows/Fonts/arial.exe", &odd(450));
    pe("/ProgramData/x.exe", &odd(300));
    pe("/ProgramData/Vendor/x.exe", &[]);
    pe("/Users/Public/x.exe", &odd(350));
    pe("/Users/Public/Documents/x.exe", &odd(250));
    pe("/Users/ann/AppData/Roaming/x.exe", &odd(300));
    pe("/Users/ann/AppData/Roaming/Vendor/x.exe", &[]);
    pe("/Users/ann/AppData/Local/Temp/x.exe", &odd(100));
    pe("/Users/ann/Downloads/setup.exe", &odd(50));
    elf("/tmp/root/usr/bin/ls", &odd(100));
    check(at("/tmp/notes.sh"), media::SHELL, &[]);
    check(at("/dev/shm/notes.sh"), media::SHELL, &odd(150));
    check(at("/tmp/a.pdf"), media::PDF, &[]);
}

#[test]
fn any_folder_may_be_called_tmp() {
    let stored = Stored {
        in_system: false,
        ..at("/tmp/tool")
    };
    check(stored, media::ELF, &[]);
}

#[test]
fn what_was_thrown_away_lies_in_the_bin_by_a_name_of_its_own() {
    let bin = "/$Recycle.Bin/S-1-5-21-1-2-3-1001";
    pe(&format!("{bin}/$RA1B2C3.exe"), &[("file-odd-place", 50)]);
    pe(&format!("{bin}/$RA1B2C3/setup.exe"), &[("file-odd-place", 50)]);
    pe(&format!("{bin}/setup.exe"), &[("file-odd-place", 500)]);
    pe("/$Recycle.Bin/setup.exe", &[("file-odd-place", 500)]);
}

#[test]
fn visitors_of_a_site_hand_in_no_programs() {
    let uploads = "/var/www/html/wp-content/uploads/2026";
    for name in ["x.php", "index.php"] {
        check(at(&format!("{uploads}/{name}")), media::PHP, &[("file-odd-place", 400)]);
    }
    check(at("/var/www/html/wp-login.php"), media::PHP, &[]);
}

#[test]
fn what_starts_by_itself_is_of_the_kind_that_belongs_there() {
    let starts = |weight| ("file-starts-itself", weight);
    check(at("/etc/cron.daily/logrotate"), media::SHELL, &[]);
    elf("/etc/cron.daily/logrotate", &[("file-odd-place", 300), starts(450)]);
    elf("/etc/init.d/x", &[("file-odd-place", 300), starts(400)]);
    check(at("/etc/init.d/ssh"), media::SHELL, &[]);
    check(at("/home/ann/.config/autostart/x.sh"), media::SHELL, &[starts(300)]);
    elf("/usr/lib/systemd/systemd", &[]);
    elf("/usr/lib/systemd/system/x", &[starts(400)]);
    let startup = "/Users/ann/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup";
    pe(&format!("{startup}/x.exe"), &[starts(350)]);
    check(at(&format!("{startup}/x.vbs")), media::VBSCRIPT, &[starts(400)]);
    check(at(&format!("{startup}/x.lnk")), media::LNK, &[]);
    check(
        at("/Users/ann/Documents/WindowsPowerShell/Microsoft.PowerShell_profile.ps1"),
        media::POWERSHELL,
        &[starts(100)],
    );
}

#[test]
fn hidden_programs_are_found_where_nothing_is_hidden() {
    let hidden = |weight| ("file-hidden", weight);
    elf("/dev/shm/.x", &[("file-odd-place", 350), hidden(250)]);
    elf("/tmp/.X11-unix/x", &[("file-odd-place", 200), hidden(300)]);
    elf("/tmp/.tmpAbCdEf/x", &[("file-odd-place", 200), hidden(100)]);
    elf("/usr/lib/.x/y", &[hidden(300)]);
    elf("/usr/lib/debug/.build-id/00/11.debug", &[]);
    elf("/home/ann/.local/bin/tool", &[]);
    elf("/home/ann/.cargo/bin/cargo", &[]);
    elf(
        "/tmp/image/home/ann/.sdk/bin/node",
        &[("file-odd-place", 200), hidden(100)],
    );
    elf("/var/lib/service/.sdk/bin/node", &[]);
    elf("/usr/lib/.gitx/y", &[hidden(300)]);
    elf("/home/ann/.x", &[hidden(250)]);
    elf("/home/ann/.nfs00000001", &[]);
    elf("/var/tmp/.. /x", &[("file-odd-place", 200), hidden(450)]);
    elf("/home/ann/.../x", &[hidden(450)]);
    elf("/home/ann/ ", &[hidden(450)]);
    check(at("/home/ann/.bashrc"), media::SHELL, &[]);
}

#[test]
fn rights_of_others_belong_to_folders_of_programs() {
    let with = |path: &str, mode: u32, owner: u32| Stored {
        mode: Some(mode),
        owner: Some(owner),
        ..at(path)
    };
    let rights = |weight| ("file-odd-rights", weight);
    let odd = ("file-odd-place", 200);
    check(with("/usr/bin/passwd", 0o4755, 0), media::ELF, &[]);
    check(with("/opt/google/chrome/chrome-sandbox", 0o4755, 0), media::ELF, &[]);
    check(
        with("/tmp/root/usr/bin/passwd", 0o4755, 0),
        media::ELF,
        &[("file-odd-place", 100)],
    );
    // Anybody can make a folder that is called so.
    let tree = ("file-odd-place", 100);
    check(with("/tmp/usr/bin/x", 0o4755, 0), media::ELF, &[tree, rights(600)]);
    check(with("/home/ann/bin/x", 0o4755, 0), media::ELF, &[rights(400)]);
    check(with("/home/ann/chroot/usr/bin/sudo", 0o4755, 0), media::ELF, &[]);
    check(with("/Program Files/x", 0o4755, 0), media::ELF, &[rights(400)]);
    check(with("/tmp/x", 0o4755, 0), media::ELF, &[odd, rights(600)]);
    check(with("/home/ann/x", 0o4755, 0), media::ELF, &[rights(400)]);
    check(with("/home/ann/x", 0o2755, 1000), media::ELF, &[rights(150)]);
    check(with("/usr/bin/x", 0o4757, 0), media::ELF, &[rights(600)]);
    check(with("/usr/bin/x", 0o777, 0), media::ELF, &[rights(350)]);
    check(with("/etc/cron.daily/x", 0o777, 0), media::SHELL, &[rights(350)]);
    check(with("/home/ann/x", 0o777, 1000), media::ELF, &[]);
    // Disks of Windows have no such rights.
    check(with("/Windows/System32/x.exe", 0o777, 0), media::PE, &[]);
    let elsewhere = Stored {
        in_system: false,
        ..with("usr/bin/x", 0o777, 0)
    };
    check(elsewhere, media::ELF, &[]);
}

#[test]
fn a_shell_with_the_rights_of_root() {
    let shell = |path: &str| Stored {
        mode: Some(0o4755),
        ..at(path)
    };
    check(shell("/usr/bin/bash"), media::ELF, &[("file-setuid-shell", 600)]);
    check(shell("/usr/bin/python3.11"), media::ELF, &[("file-setuid-shell", 500)]);
    check(shell("/usr/bin/sudo"), media::ELF, &[]);
    let all = [
        ("file-system-name-elsewhere", 400),
        ("file-odd-place", 200),
        ("file-odd-rights", 600),
        ("file-setuid-shell", 600),
    ];
    check(shell("/tmp/bash"), media::ELF, &all);
    let facts = vec![
        Fact::Stored(Box::new(shell("/tmp/x"))),
        Fact::Executable(Box::new(Executable::Elf(Box::new(importing(&[
            "execve",
            "fork",
            "setpgid@GLIBC_2.2.5",
            "tcsetpgrp",
            "waitpid",
        ]))))),
    ];
    assert_eq!(found("x", media::ELF, facts), [&all[1..]].concat());
    let like_a_shell = |path: &str| {
        let elf = importing(&["execve", "fork", "setpgid", "tcsetpgrp", "waitpid"]);
        let facts = vec![
            Fact::Stored(Box::new(shell(path))),
            Fact::Executable(Box::new(Executable::Elf(Box::new(elf)))),
        ];
        found("x", media::ELF, facts)
    };
    assert_eq!(like_a_shell("/usr/bin/helper"), [("file-setuid-shell", 600)]);
    assert_eq!(like_a_shell("/usr/bin/sudo"), []);
}

#[test]
fn programs_for_macos_whose_code_was_changed_or_hidden() {
    let image = MachO {
        span: Span { start: 0, end: 100 },
        bits: 64,
        cpu: Cpu(12),
        cpu_subtype: 0,
        kind: MachOKind(2),
        flags: MachOFlags(0),
        entry_point: None,
        libraries: Vec::new(),
        identifier: None,
        rpaths: Vec::new(),
        loader: None,
        uuid: None,
        build: None,
        encryption: None,
        segments: Vec::new(),
        signature: None,
    };
    let segment = |first, entropy| MachOSegment {
        name: "__TEXT".into(),
        address: 0,
        memory_size: 1 << 20,
        offset: 0,
        size: 1 << 20,
        most: VmProtection(7),
        first: VmProtection(first),
        sections: Vec::new(),
        entropy: Some(Entropy(entropy)),
    };
    let signed = |pages_match| CodeSignature {
        directories: vec![CodeDirectory {
            identifier: "com.example.tool".into(),
            team: None,
            flags: CodeFlags(2),
            algorithm: None,
            cdhash: None,
            pages_match,
        }],
        ..CodeSignature::default()
    };
    let check = |image: MachO, expected: &[(&str, u16)]| {
        let file = MachOFile {
            images: vec![image],
            ..MachOFile::default()
        };
        let facts = vec![Fact::Executable(Box::new(Executable::MachO(Box::new(file))))];
        assert_eq!(found("tool", media::MACH_O, facts), expected);
    };
    let with = |segment| MachO {
        segments: vec![segment],
        ..image.clone()
    };
    check(with(segment(5, 6_000)), &[]);
    check(with(segment(7, 6_000)), &[("executable-packed", 100)]);
    check(with(segment(5, 7_500)), &[("executable-packed", 250)]);
    let encrypted = MachO {
        encryption: Some(1),
        ..with(segment(5, 7_900))
    };
    check(encrypted, &[]);
    for (pages_match, expected) in [
        (Some(false), &[("executable-altered", 450)][..]),
        (Some(true), &[]),
        (None, &[]),
    ] {
        let image = MachO {
            signature: Some(signed(pages_match)),
            ..image.clone()
        };
        check(image, expected);
    }
}

fn importing(names: &[&str]) -> Elf {
    Elf {
        bits: 64,
        big_endian: false,
        machine: ElfMachine(62),
        system: ElfSystem(0),
        kind: ElfKind(3),
        entry_point: 0,
        interpreter: Some("/lib64/ld-linux-x86-64.so.2".into()),
        needed: vec!["libc.so.6".into()],
        soname: None,
        rpath: None,
        runpath: None,
        build_id: None,
        comments: Vec::new(),
        sections: Vec::new(),
        segments: Vec::new(),
        imports: names.iter().map(|name| (*name).into()).collect(),
        exports: 0,
        stands_in: Vec::new(),
        stripped: true,
        linked_statically: false,
        position_independent: true,
        relro: Relro::Full,
        stack: StackProtection::Protected,
        overlay: None,
        marks: Vec::new(),
    }
}

#[test]
fn names_of_the_system_are_imitated_and_borrowed() {
    let like = |weight| ("file-system-name-lookalike", weight);
    let elsewhere = |weight| ("file-system-name-elsewhere", weight);
    pe("/Windows/System32/svch0st.exe", &[like(500)]);
    pe("/Windows/System32/\u{455}vchost.exe", &[like(500)]);
    pe("/Windows/System32/scvhost.exe", &[like(400)]);
    pe("/Windows/System32/svchost.exe", &[]);
    pe("/Windows/explorer.exe", &[]);
    pe("/Windows/WinSxS/amd64_x/lsass.exe", &[]);
    pe("/ProgramData/Vendor/svchost.exe", &[elsewhere(500)]);
    pe("/ProgramData/System32/svchost.exe", &[elsewhere(500)]);
    pe("/Program Files/Windows/explorer.exe", &[elsewhere(500)]);
    pe("/Windows/Help/amd64/svchost.exe", &[elsewhere(500)]);
    pe("/$WINDOWS.~BT/NewOS/Windows/System32/svchost.exe", &[]);
    pe("/usr/lib/wine/x86_64-windows/svchost.exe", &[]);
    let copy = Stored {
        in_system: false,
        ..at("samples/svchost.exe")
    };
    check(copy, media::PE, &[elsewhere(200)]);
    elf("/usr/bin/dbus-deamon", &[like(400)]);
    elf("/usr/sbin/sshd", &[]);
    elf("/tmp/sshd", &[elsewhere(400), ("file-odd-place", 200)]);
    elf("/home/ann/openssh/sshd", &[elsewhere(100)]);
    elf("/var/lib/x/[kworker", &[elsewhere(500)]);
    elf("/opt/[kworker/0:1]", &[]);
    elf("/opt/[kworker]", &[elsewhere(500)]);
    elf("/usr/bin/[", &[]);
    check(at("/srv/app/pages/[slug].js"), media::JAVASCRIPT, &[]);
    // Without a disk, a name is still a name.
    assert_eq!(found("svch0st.exe", media::PE, Vec::new()), [like(500)]);
}

#[test]
fn streams_that_run_and_marks_of_the_web() {
    let stream = |runs| Stream {
        name: "x".into(),
        size: 10,
        runs,
    };
    let stored = Stored {
        streams: vec![stream(false), stream(true)],
        ..at("/Users/ann/Documents/notes.txt")
    };
    check(stored, media::JSON, &[("file-runnable-stream", 500)]);
    for (zone, url, expected) in [
        (Some(3), "https://example.com/setup.exe", Some(50)),
        (Some(3), "", Some(50)),
        (Some(4), "https://example.com/setup.exe", Some(150)),
        (Some(3), "http://203.0.113.7/setup.exe", Some(200)),
        (Some(3), "http://192.168.1.2/setup.exe", Some(50)),
        (None, "https://example.com/", Some(50)),
        (Some(0), "", None),
    ] {
        let stored = Stored {
            downloaded: Some(Downloaded {
                zone,
                url: url.into(),
                ..Downloaded::default()
            }),
            ..at("/Users/ann/setup/setup.exe")
        };
        let expected: Vec<(&str, u16)> = expected.map(|weight| ("file-downloaded", weight)).into_iter().collect();
        check(stored, media::PE, &expected);
    }
}

#[test]
fn names_promise_what_is_there() {
    let disguised = |weight| ("archive-disguised-type", weight);
    pe("/Users/ann/Pictures2/holiday.jpg", &[disguised(600)]);
    elf("/opt/app/access.log", &[disguised(400)]);
    elf("/opt/app/state.dat", &[disguised(150)]);
    check(at("/srv/x/picture.png"), media::PHP, &[disguised(450)]);
    check(at("/srv/x/notes.txt"), media::SHELL, &[]);
    check(at("/srv/x/icon.xpm"), media::SHELL, &[]);
    // In an archive, such names are how programs are delivered.
    assert_eq!(found("state.dat", media::ELF, Vec::new()), []);
    pe("/opt/x/report.\u{440}df", &[("archive-deceptive-name", 450)]);
    pe("/opt/x/setup.exe ", &[("archive-deceptive-name", 300)]);
    pe("/opt/x/setup.\u{435}\u{445}\u{435}", &[("archive-deceptive-name", 450)]);
    check(at("/opt/x/доклад.док"), media::PDF, &[]);
}

/// What attackers write is shown escaped, and costs next to nothing.
#[test]
fn names_of_attackers_are_shown_escaped() {
    let long = format!("/tmp/.{}/\u{202e}\u{1b}[2J{}", "x/".repeat(20_000), "y".repeat(255));
    let stored = at(&long);
    let name = long.rsplit('/').next().unwrap_or_default().to_owned();
    let analysis = super::detectors::analysed(&name, media::ELF, vec![Fact::Stored(Box::new(stored))]);
    assert!(!analysis.findings.is_empty());
    for finding in &analysis.findings {
        assert!(!finding.title.contains(['\u{1b}', '\u{202e}']), "{}", finding.title);
        assert!(finding.title.len() < 400, "{}", finding.title);
    }
}

/// No path makes a detector fail, whatever pieces it is made of.
#[test]
fn any_path_can_be_looked_at() {
    const PIECES: &[&str] = &[
        "",
        "/",
        "//",
        ".",
        "..",
        "tmp",
        "Windows",
        "$Recycle.Bin",
        "[",
        "[]",
        "svchost",
        ".exe",
        "\u{202e}",
        "\u{fffd}",
        "\u{7}",
        " ",
        "Startup",
        "etc",
        "cron.d",
        "kworker",
        "0",
        "é",
        "\u{455}",
        "\u{1d400}",
        "usr",
        "bin",
        "\\",
        ":",
        "\u{200b}",
        "bash",
    ];
    let mut numbers = super::Numbers(11);
    for round in 0..2_000 {
        let count = numbers.next(9);
        let path: String = (0..count)
            .map(|_| PIECES[numbers.next(PIECES.len() as u64) as usize])
            .collect();
        let stored = Stored {
            in_system: round % 2 == 0,
            mode: Some(numbers.next(0o10000) as u32),
            ..at(&path)
        };
        let media_type = [media::PE, media::ELF, media::SHELL, media::LNK][round % 4];
        let analysis = super::detectors::analysed(&path, media_type, vec![Fact::Stored(Box::new(stored))]);
        assert!(analysis.diagnostics.is_empty(), "{path:?}: {:?}", analysis.diagnostics);
    }
}

/// What is long costs no more than it is long.
#[test]
fn programs_with_tens_of_thousands_of_parts() {
    let mut elf = importing(&[]);
    elf.imports = (0..50_000)
        .map(|number| format!("function{number}@V1").into())
        .collect();
    elf.runpath = Some("lib/:".repeat(50_000).into());
    elf.interpreter = None;
    let stored = Stored {
        mode: Some(0o4755),
        ..at(&format!("/home/{}x", "a/".repeat(50_000)))
    };
    let facts = vec![
        Fact::Stored(Box::new(stored)),
        Fact::Executable(Box::new(Executable::Elf(Box::new(elf)))),
    ];
    let expected = [("file-odd-rights", 400), ("executable-odd-loader", 100)];
    assert_eq!(found("x", media::ELF, facts), expected);
}

#[test]
fn parts_of_roots_rights_have_their_places() {
    let with = |path: &str, names: &[u32], expected: &[(&str, u16)]| {
        let stored = Stored {
            capabilities: Capabilities(names.iter().map(|number| 1 << number).sum()),
            ..at(path)
        };
        check(stored, media::ELF, expected);
    };
    const SETUID: u32 = 7;
    const BIND: u32 = 10;
    const RAW: u32 = 13;
    let odd = |weight| ("file-odd-capabilities", weight);
    with("/usr/bin/ping", &[RAW], &[]);
    with("/usr/bin/newuidmap", &[SETUID], &[]);
    with("/usr/bin/python3.11", &[SETUID], &[odd(600)]);
    with("/home/ann/perl", &[SETUID], &[odd(600)]);
    with("/home/ann/.x", &[SETUID], &[("file-hidden", 250), odd(600)]);
    with("/srv/tool", &[SETUID, BIND], &[odd(400)]);
    with("/srv/sniff", &[RAW], &[odd(200)]);
    with("/srv/server", &[BIND], &[]);
    with("/srv/server", &[], &[]);
}
