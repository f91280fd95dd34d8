//! What is found in executables, from bytes to findings.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_formats::executable::authenticode::{self, Trust};
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Budget, Fact, Hints, Moment, Origin, Stored};
use watchfire_testkit::executable::{Elf, Pe, Section, Signing, cabinet, sign, version};
use watchfire_testkit::random::Random;

fn analysis(name: &str, bytes: Vec<u8>) -> Analysis {
    analysis_at(name, None, bytes)
}

fn analysis_at(name: &str, stored: Option<Stored>, bytes: Vec<u8>) -> Analysis {
    let engine = Engine::new(Settings::default());
    let budget = engine.budget();
    let hints = Hints {
        stored: stored.map(Box::new),
        ..Hints::default()
    };
    engine.analyze(Artifact::new(bytes, Origin::root(name), hints), &budget)
}

/// The rules that `bytes` meet, with their titles.
#[track_caller]
fn check(name: &str, bytes: Vec<u8>, expected: &[(&str, &str)]) {
    let analysis = analysis(name, bytes);
    let found: Vec<(&str, &str)> = analysis
        .findings
        .iter()
        .map(|finding| (finding.rule.0, finding.title.as_str()))
        .collect();
    assert_eq!(found, expected);
}

fn program() -> Vec<u8> {
    Pe::default().build()
}

#[test]
fn a_program_that_was_changed_after_it_was_signed() {
    let whole = sign(&program(), &Signing::default());
    check("tool.exe", whole.clone(), &[]);
    let mut altered = whole;
    // In the first section, far from all headers.
    let at = altered.len() / 3;
    altered[at] ^= 1;
    let title = "'tool.exe' was changed after 'Example Signer, Inc' signed it";
    check("tool.exe", altered, &[("executable-altered", title)]);
    check("tool.exe", program(), &[]);
}

#[test]
fn a_signature_that_its_signer_did_not_make() {
    let forged = Signing {
        broken: true,
        ..Signing::default()
    };
    let title = "'tool.exe' carries a signature of 'Example Signer, Inc' that is not theirs";
    let expected = [("executable-altered", title)];
    check("tool.exe", sign(&program(), &forged), &expected);
    // The file was changed, and the digest in its signature with it.
    let mut rewritten = sign(&program(), &Signing::default());
    let digest = |bytes: &[u8]| {
        let (found, _) = authenticode::verify(media::PE, bytes, &Trust::default(), &Budget::default());
        found.unwrap().digests[1].digest.bytes().to_vec()
    };
    let before = digest(&rewritten);
    let at = rewritten.len() / 3;
    rewritten[at] ^= 1;
    let after = digest(&rewritten);
    let place = rewritten.windows(32).position(|window| window == before).unwrap();
    rewritten[place..place + 32].copy_from_slice(&after);
    check("tool.exe", rewritten, &expected);
}

#[test]
fn members_of_a_cabinet_are_artifacts() {
    let bytes = cabinet(&[("a.txt", b"see http://evil-c2.com/x"), ("b.exe", &program())]);
    let analysis = analysis("x.cab", bytes);
    let paths: Vec<&str> = analysis.artifacts.iter().map(|artifact| artifact.path.raw()).collect();
    assert_eq!(paths, ["x.cab", "x.cab ▸ a.txt", "x.cab ▸ b.exe"]);
    let read: Vec<bool> = analysis.artifacts.iter().map(|artifact| artifact.read).collect();
    assert_eq!(read, [true, true, false], "code was not looked at");
}

/// The rules that `bytes` meet, with their weights in thousandths.
#[track_caller]
fn weighed(name: &str, bytes: Vec<u8>, expected: &[(&str, u16)]) {
    weighed_at(name, None, bytes, expected);
}

#[track_caller]
fn weighed_at(name: &str, stored: Option<Stored>, bytes: Vec<u8>, expected: &[(&str, u16)]) {
    let analysis = analysis_at(name, stored, bytes);
    let found: Vec<(&str, u16)> = analysis
        .findings
        .iter()
        .map(|finding| (finding.rule.0, finding.weight.thousandths()))
        .collect();
    assert_eq!(found, expected, "{name}: {:?}", analysis.findings);
}

/// Bytes that look random.
fn random(count: usize) -> Vec<u8> {
    let mut random = Random::new(3);
    (0..count).map(|_| random.below(256) as u8).collect()
}

fn section(name: &'static str, flags: u32, bytes: Vec<u8>) -> Section {
    Section { name, flags, bytes }
}

const CODE: u32 = 0x6000_0020;
const WRITABLE_CODE: u32 = 0xe000_0020;

#[test]
fn packed_programs_for_windows() {
    let packed = |weight| [("executable-packed", weight)];
    let with = |sections| Pe {
        sections,
        ..Pe::default()
    };
    weighed(
        "a.exe",
        with(vec![section("UPX0", CODE, vec![1; 64])]).build(),
        &packed(150),
    );
    weighed(
        "a.exe",
        with(vec![section(".vmp0", CODE, vec![1; 64])]).build(),
        &packed(300),
    );
    weighed(
        "a.exe",
        with(vec![section(".text", CODE, random(40_000))]).build(),
        &packed(300),
    );
    weighed(
        "a.exe",
        with(vec![section(".data", 0x4000_0040, random(40_000))]).build(),
        &packed(250),
    );
    let imports = Pe {
        imports: vec![("kernel32.dll", vec!["ReadFile"; 40])],
        ..with(vec![section(".text", CODE, random(40_000))])
    };
    weighed("a.exe", imports.build(), &packed(200));
    weighed(
        "a.exe",
        with(vec![section(".text", WRITABLE_CODE, vec![1; 64])]).build(),
        &packed(100),
    );
    // Packed, and it wants all rights.
    let asks = Pe {
        resources: vec![(
            24,
            1,
            b"<assembly><requestedExecutionLevel level='requireAdministrator'/></assembly>".to_vec(),
        )],
        ..with(vec![section("UPX0", CODE, vec![1; 64])])
    };
    weighed("a.exe", asks.build(), &packed(200));
    let obfuscated = |attribute: &[u8]| Pe {
        metadata: Some([b"BSJB\x01\0\x01\0\0\0\0\0\x04\0\0\0v4.0\0\0\0\0", attribute].concat()),
        ..Pe::default()
    };
    weighed("a.exe", obfuscated(b"ConfusedByAttribute\0").build(), &packed(300));
    weighed("a.exe", obfuscated(b"\0DotfuscatorAttribute\0").build(), &packed(100));
    weighed("a.exe", obfuscated(b"Main\0").build(), &[]);
    // The loader of EFI is packed by its maker.
    let efi = Pe {
        subsystem: 10,
        ..with(vec![section(".text", CODE, random(40_000))])
    };
    weighed("a.efi", efi.build(), &[]);
}

#[test]
fn packed_programs_for_linux() {
    let stub = |flags: u32, size: usize| {
        let mut out = b"\x7fELF\x02\x01\x01".to_vec();
        out.resize(16, 0);
        out.extend(b"\x02\0\x3e\0\x01\0\0\0");
        for number in [0x40_0078_u64, 64, 0] {
            out.extend(number.to_le_bytes());
        }
        out.extend([0; 4]);
        for half in [64_u16, 56, 1, 0, 0, 0] {
            out.extend(half.to_le_bytes());
        }
        out.extend(1_u32.to_le_bytes());
        out.extend(flags.to_le_bytes());
        let size = size as u64 + 120;
        for number in [0, 0x40_0000, 0x40_0000, size, size, 0x1000] {
            out.extend(u64::to_le_bytes(number));
        }
        out.resize(size as usize, 0x90);
        out
    };
    weighed("a", stub(7, 200), &[("executable-packed", 500)]);
    weighed("a", stub(5, 200), &[("executable-packed", 200)]);
    weighed("a", Elf::default().build(), &[]);
    let stack = Elf {
        stack: Some(7),
        ..Elf::default()
    };
    weighed("a", stack.build(), &[("executable-packed", 50)]);
}

#[test]
fn programs_that_carry_programs() {
    let carries = |weight| [("executable-carries", weight)];
    let behind = |overlay: Vec<u8>| Pe {
        overlay,
        ..Pe::default()
    };
    weighed("a.exe", behind(program()).build(), &carries(250));
    weighed("a.exe", behind(random(300_000)).build(), &carries(100));
    weighed("a.exe", behind(vec![0; 300_000]).build(), &[]);
    let inside = Pe {
        resources: vec![(10, 1, program())],
        ..Pe::default()
    };
    weighed("a.exe", inside.build(), &carries(150));
    let elf = Elf {
        overlay: Elf::default().build(),
        ..Elf::default()
    };
    weighed("a", elf.build(), &carries(250));
}

#[test]
fn functions_that_together_mean_harm() {
    let calls = |names: Vec<&'static str>, weight: Option<u16>| {
        let pe = Pe {
            imports: vec![("kernel32.dll", names)],
            ..Pe::default()
        };
        let expected: Vec<(&str, u16)> = weight
            .map(|weight| ("executable-odd-calls", weight))
            .into_iter()
            .collect();
        weighed("a.exe", pe.build(), &expected);
    };
    calls(
        vec!["VirtualAllocEx", "WriteProcessMemory", "CreateRemoteThread"],
        Some(250),
    );
    calls(vec!["VirtualAllocEx", "WriteProcessMemory", "ReadFile"], None);
    calls(
        vec![
            "NtUnmapViewOfSection",
            "CreateProcessW",
            "WriteProcessMemory",
            "ResumeThread",
        ],
        Some(300),
    );
    calls(vec!["URLDownloadToFileA", "ShellExecuteExW"], Some(200));
    calls(
        vec!["SetWindowsHookExW", "GetForegroundWindow", "GetWindowTextA", "send"],
        Some(150),
    );
    calls(vec!["SamConnect", "SamQueryInformationUser"], Some(350));
    calls(vec!["LoadLibraryA", "GetProcAddress", "VirtualProtect"], Some(150));
    // What offers a function hands it on.
    let part = Pe {
        characteristics: 0x2022,
        imports: vec![(
            "ntdll.dll",
            vec!["VirtualAllocEx", "WriteProcessMemory", "CreateRemoteThread"],
        )],
        exports: vec![("WriteProcessMemory", None)],
        ..Pe::default()
    };
    weighed("kernel32.dll", part.build(), &[]);
    let elf = Elf {
        imports: vec!["memfd_create", "fexecve"],
        ..Elf::default()
    };
    weighed("a", elf.build(), &[("executable-odd-calls", 150)]);
}

#[test]
fn loaders_and_libraries_come_from_where_nobody_may_put_them() {
    let runpath = |runpath, expected: &[(&str, u16)]| {
        let elf = Elf {
            runpath: Some(runpath),
            ..Elf::default()
        };
        weighed("a", elf.build(), expected);
    };
    let odd = |weight| [("executable-odd-loader", weight)];
    runpath("$ORIGIN/../lib:/usr/lib/x", &[]);
    runpath("/tmp/build/lib", &odd(200));
    runpath("/tmpfiles/lib", &[]);
    runpath("lib:/usr/lib", &odd(100));
    let loader = Elf {
        interpreter: Some("/dev/shm/ld.so"),
        ..Elf::default()
    };
    weighed("a", loader.build(), &odd(350));
}

#[test]
fn libraries_that_hand_everything_on() {
    let library = |other: Option<&'static str>| Pe {
        characteristics: 0x2022,
        exports: vec![("A", other), ("B", other), ("C", other)],
        ..Pe::default()
    };
    let hands_on = library(Some("real.A")).build();
    let proxy = |weight| [("executable-proxy-library", weight)];
    weighed("version.dll", hands_on.clone(), &proxy(450));
    weighed("parts.dll", hands_on.clone(), &proxy(100));
    // One function of its own hides nothing.
    let with_own = Pe {
        exports: vec![
            ("A", Some("real.A")),
            ("B", Some("real.B")),
            ("C", Some("real.C")),
            ("D", None),
        ],
        ..library(None)
    };
    weighed("version.dll", with_own.build(), &proxy(450));
    weighed("api-ms-win-core-file-l1-1-0.dll", hands_on.clone(), &[]);
    weighed("version.dll", library(None).build(), &[]);
    let stored = Stored {
        path: "/Windows/System32/version.dll".into(),
        in_system: true,
        ..Stored::default()
    };
    weighed_at("version.dll", Some(stored), hands_on, &[]);
}

#[test]
fn digests_of_likeness_are_given_to_what_is_triaged() {
    let pe = Pe {
        sections: vec![section(".text", CODE, random(4096))],
        ..Pe::default()
    };
    let similar = |stored: Option<Stored>| {
        let record = analysis_at("a.exe", stored, pe.build()).artifacts.remove(0);
        let facts = record.facts.unwrap().facts;
        let is_fact = facts.iter().any(|fact| matches!(fact, Fact::Similar { .. }));
        let told = record.executable.unwrap();
        assert_eq!((told.tlsh.is_some(), told.ssdeep.is_some()), (is_fact, is_fact));
        is_fact
    };
    assert!(similar(None));
    // Of files on disks they are made where something is said of one.
    assert!(!similar(Some(Stored::default())));
}

fn versioned(strings: &[(&str, &str)]) -> Vec<u8> {
    let pe = Pe {
        resources: vec![(16, 1, version(strings))],
        ..Pe::default()
    };
    pe.build()
}

#[test]
fn tools_under_another_name() {
    let original = |name| versioned(&[("OriginalFilename", name)]);
    let renamed = |weight| [("executable-renamed", weight)];
    weighed("update.exe", original("PowerShell.EXE.MUI"), &renamed(500));
    weighed("sethc.exe", original("Cmd.Exe"), &renamed(600));
    weighed("svc.exe", original("psexec.c"), &renamed(400));
    weighed("PsExec64.exe", original("psexec.c"), &[]);
    weighed("python3.exe", original("python.exe"), &[]);
    weighed("rclone-v1.68.exe", original("rclone.exe"), &[]);
    weighed("update.exe", original("update.exe"), &[]);
    weighed("d41d8cd98f00b204e9800998ecf8427e.exe", original("rclone.exe"), &[]);
    weighed("rclone.bin", original("rclone.exe"), &[]);
}

#[test]
fn programs_that_name_a_maker_and_are_not_signed() {
    let made = |company| versioned(&[("CompanyName", company)]);
    let claims = |weight| [("executable-claims-vendor", weight)];
    weighed("a.exe", made("Microsoft Corporation"), &claims(250));
    weighed("a.exe", made("Mozilla Corporation"), &claims(200));
    weighed("a.exe", made("Example GmbH"), &[]);
    // A table of signatures in which there is none.
    let unsigned = made("Mozilla Corporation");
    let table = unsigned.len().next_multiple_of(8) + 8;
    let mut padded = sign(&unsigned, &Signing::default());
    padded.iter_mut().skip(table).for_each(|byte| *byte = b'A');
    weighed("a.exe", padded, &claims(200));
    let wine = versioned(&[
        ("CompanyName", "Microsoft Corporation"),
        ("FileDescription", "Wine program"),
    ]);
    weighed("a.exe", wine, &[]);
    let stored = Stored {
        path: "/Program Files/Windows Mail/wab.exe".into(),
        in_system: true,
        ..Stored::default()
    };
    weighed_at("a.exe", Some(stored), made("Microsoft Corporation"), &[]);
}

#[test]
fn signatures_that_prove_nothing() {
    let odd = |weight| [("executable-odd-signature", weight)];
    let signed = |signing: &Signing| sign(&program(), signing);
    weighed(
        "a.exe",
        signed(&Signing {
            not_for_code: true,
            ..Signing::default()
        }),
        &odd(200),
    );
    weighed(
        "a.exe",
        signed(&Signing {
            appended: vec![7; 200],
            ..Signing::default()
        }),
        &odd(100),
    );
}

#[test]
fn times_that_cannot_be() {
    let linked = |timestamp, repeatable| Pe {
        timestamp,
        repeatable,
        ..Pe::default()
    };
    let odd = |weight| [("executable-odd-header", weight)];
    weighed("a.exe", linked(1_000, false).build(), &odd(50));
    weighed("a.exe", linked(1_000, true).build(), &[]);
    let stored = |days: i64| Stored {
        path: "/opt/a.exe".into(),
        modified: Some(Moment::from_unix(0x6553_f100 + days * 86_400)),
        ..Stored::default()
    };
    weighed_at("a.exe", Some(stored(-2)), program(), &odd(100));
    weighed_at("a.exe", Some(stored(2)), program(), &[]);
    let compiled = Pe {
        rich: vec![(0x105, 30_000, 3)],
        ..Pe::default()
    };
    let mut bytes = compiled.build();
    weighed("a.exe", bytes.clone(), &[]);
    bytes[2] ^= 1;
    weighed("a.exe", bytes, &odd(100));
    // Whoever patches a driver forgets its checksum.
    let driver = Pe {
        subsystem: 1,
        imports: vec![("ntoskrnl.exe", vec!["IoCreateDevice"])],
        ..Pe::default()
    };
    let mut bytes = driver.build();
    let header = u32::from_le_bytes(bytes[60..64].try_into().unwrap()) as usize;
    weighed("a.sys", bytes.clone(), &[]);
    bytes[header + 88] ^= 1;
    weighed("a.sys", bytes, &odd(100));
}

/// Together they alarm: what lies at the start, is packed, or is hidden where nobody looks.
#[test]
fn signs_add_up() {
    let score = |name: &str, stored: Stored, bytes: Vec<u8>| {
        let engine = Engine::new(Settings::default());
        let budget = engine.budget();
        let hints = Hints {
            stored: Some(Box::new(stored)),
            ..Hints::default()
        };
        let analysis = engine.analyze(Artifact::new(bytes, Origin::root(name), hints), &budget);
        let mut groups = std::collections::BTreeMap::new();
        for finding in &analysis.findings {
            let heaviest = groups.entry(finding.group).or_insert(0);
            *heaviest = finding.weight.thousandths().max(*heaviest);
        }
        let left: f64 = groups
            .values()
            .map(|weight| 1.0 - f64::from(*weight) / 1000.0)
            .product();
        (100.0 * (1.0 - left)).round() as u32
    };
    let at = |path: &str, mode: u32| Stored {
        path: path.into(),
        in_system: true,
        mode: Some(mode),
        owner: Some(0),
        ..Stored::default()
    };
    let packed = Pe {
        sections: vec![section("UPX0", CODE, vec![1; 64])],
        ..Pe::default()
    };
    let startup = "/Users/ann/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/update.exe";
    assert_eq!(score("update.exe", at(startup, 0o777), packed.build()), 45);
    let elf = Elf::default().build();
    assert_eq!(score(".x", at("/dev/shm/.x", 0o755), elf.clone()), 51);
    assert_eq!(score("bash", at("/tmp/bash", 0o4755), elf.clone()), 92);
    assert_eq!(score("tool", at("/tmp/build/tool", 0o755), elf), 20);
}

#[test]
fn libraries_that_stand_in_for_others() {
    let check = |exports: &[&'static str], expected: Option<u16>| {
        let library = Elf {
            interpreter: None,
            imports: vec!["dlsym"],
            exports: exports.to_vec(),
            ..Elf::default()
        };
        let expected = expected.map(|weight| ("executable-stands-in", weight));
        let expected: Vec<(&str, u16)> = expected.into_iter().collect();
        weighed("x.so", library.build(), &expected);
    };
    check(&["readdir", "readdir64", "accept", "my_own"], Some(600));
    check(&["readdir", "pam_authenticate"], Some(600));
    check(&["readdir64", "fopen", "unlinkat", "stat"], Some(350));
    check(&["pam_authenticate", "pam_acct_mgmt"], Some(400));
    // Tools that people use, and libraries whose own these functions are.
    check(&["stat", "lstat", "unlink", "rename", "chown"], None);
    check(&["time", "clock_gettime"], None);
    check(&["malloc", "free"], None);
    check(&["connect", "getaddrinfo"], None);
    check(&["write", "fwrite"], None);
    check(&["readdir", "opendir", "open"], None);
    check(&["pam_start", "pam_authenticate", "pam_acct_mgmt"], None);
    check(&["pam_sm_authenticate", "pam_sm_setcred"], None);
    check(&["pcap_loop", "pcap_open_live", "pcap_dispatch"], None);
}

#[test]
fn strings_that_say_what_a_program_is_for() {
    let check = |strings: &[&str], expected: Option<u16>| {
        let pe = Pe {
            resources: vec![(10, 1, strings.join("\0").into_bytes())],
            ..Pe::default()
        };
        let expected = expected.map(|weight| ("executable-telling-strings", weight));
        let expected: Vec<(&str, u16)> = expected.into_iter().collect();
        weighed("a.exe", pe.build(), &expected);
    };
    check(&["vssadmin delete shadows /all /quiet"], Some(300));
    check(&["mimikatz", "AmsiScanBuffer"], Some(300));
    check(&["mimikatz"], Some(100));
    let run = "Software\\Microsoft\\Windows\\CurrentVersion\\Run";
    check(&["cmd /c start", run, "AmsiScanBuffer"], Some(250));
    check(&["stratum+tcp://pool", run], Some(250));
    check(&["cmd /c start", run], None);
    check(&["Global\\{0a1b}", "stratum+tcp://pool"], None);
}
