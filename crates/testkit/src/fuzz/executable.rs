//! Targets of executables: whatever stands in one, what is told of it lies inside of it, and reading it twice tells the same.

use super::{Sink, length, limits};
use crate::compound::{Node, compound};
use crate::executable::{
    Elf, Installer, Pe, Section, Signing, cabinet as cabinet_of, catalog, dex, fat, java_class, mach_o, python, sign,
    wasm,
};
use watchfire_formats::executable::{self, authenticode, similarity};
use watchfire_formats::identify::media;
use watchfire_model::executable::{Entropy, Executable};
use watchfire_model::{Budget, MediaType, Moment};

fn read(media_type: MediaType, data: &[u8]) -> Option<Executable> {
    let budget = Budget::new(limits());
    let (found, problems) = executable::read(media_type, data, &budget);
    assert!(problems.len() <= 40, "{} problems", problems.len());
    let again = executable::read(media_type, data, &budget);
    assert_eq!((&found, &problems), (&again.0, &again.1), "two readings differ");
    found
}

/// PE: spans are inside, and entropies are possible.
pub fn pe(data: &[u8]) {
    let Some(Executable::Pe(pe)) = read(media::PE, data) else {
        return;
    };
    for resource in &pe.resources {
        assert!(
            resource.span.start <= resource.span.end,
            "a resource ends before it begins"
        );
        let is_inside = resource.span.end <= length(data) || resource.span.start == resource.span.end;
        assert!(is_inside, "a resource is outside");
    }
    if let Some(overlay) = &pe.overlay {
        assert!(overlay.span.start < overlay.span.end && overlay.span.end <= length(data));
    }
    let entropies = pe.sections.iter().filter_map(|section| section.entropy);
    entropies.for_each(|Entropy(bits)| assert!(bits <= 8000, "an entropy of {bits}"));
    assert!(pe.entry_section.is_none_or(|place| place < pe.sections.len()));
}

/// Signatures: without a root nobody is trusted, and no digest of a signature is left out.
pub fn signature(data: &[u8]) {
    let budget = Budget::new(limits());
    let trust = authenticode::Trust::at(Moment::from_unix(1_700_000_000));
    for kind in [media::PE, media::MSI, media::CATALOG] {
        let (found, _) = authenticode::verify(kind, data, &trust, &budget);
        let Some(found) = found else { continue };
        assert!(found.appended <= length(data));
        for signature in &found.signatures {
            use watchfire_model::executable::signature::ChainOutcome;
            assert!(
                !matches!(signature.trust, ChainOutcome::Trusted(_)),
                "nobody is trusted"
            );
            assert!(!signature.validity.witnessed, "nobody is a witness");
            assert!(
                signature
                    .chain
                    .iter()
                    .all(|place| *place < signature.certificates.len())
            );
        }
    }
    let _ = read(media::CATALOG, data);
}

/// ELF and Mach-O.
pub fn binaries(data: &[u8]) {
    for kind in [media::ELF, media::MACH_O] {
        let _ = read(kind, data);
    }
}

/// Java, Android, WebAssembly, Python, MSI.
pub fn bytecode(data: &[u8]) {
    for kind in [media::JAVA_CLASS, media::DEX, media::WASM, media::PYC, media::MSI] {
        let _ = read(kind, data);
    }
}

/// Cabinets: what is unpacked is bounded.
pub fn cabinet(data: &[u8]) {
    let _ = read(media::CAB, data);
    let budget = Budget::new(limits());
    let _ = executable::unpack_cabinet(data, &budget, &mut Sink);
    super::spent_within(&budget);
}

/// Packages of Windows Installer: what is taken out is bounded.
pub fn installer(data: &[u8]) {
    let budget = Budget::new(limits());
    let _ = executable::unpack_installer(data, &budget, &mut Sink);
    super::spent_within(&budget);
}

/// Digests of similarity have their form.
pub fn similar(data: &[u8]) {
    let digest = similarity::piecewise(data);
    let parts: Vec<&str> = digest.split(':').collect();
    assert!(
        matches!(parts.as_slice(), [_, one, two] if one.len() <= 64 && two.len() <= 32),
        "{digest}"
    );
    assert!(similarity::tlsh(data).is_none_or(|digest| digest.len() == 72));
}

/// A file with every table that the reader knows.
fn everything(wide: bool) -> Pe {
    Pe {
        wide,
        imports: vec![
            ("KERNEL32.dll", vec!["ExitProcess", "LoadLibraryA"]),
            ("WS2_32.dll", vec!["#115", "connect"]),
        ],
        exports: vec![("Run", None), ("Allocate", Some("NTDLL.RtlAllocateHeap"))],
        resources: vec![
            (
                24,
                1,
                b"<assembly><requestedExecutionLevel level=\"asInvoker\"/></assembly>".to_vec(),
            ),
            (10, 7, b"MZ".repeat(40)),
        ],
        symbols: Some("C:\\build\\example.pdb"),
        repeatable: true,
        rich: vec![(0x105, 30_000, 3), (0x104, 30_000, 1)],
        overlay: b"PK\x03\x04 and more".to_vec(),
        sections: vec![
            Section {
                name: ".text",
                flags: 0x6000_0020,
                bytes: b"\xc3".repeat(64),
            },
            Section {
                name: "UPX1",
                flags: 0xe000_0060,
                bytes: (0..=255).collect(),
            },
        ],
        ..Pe::default()
    }
}

/// PE files.
pub(super) fn seeds_of_pe() -> Vec<Vec<u8>> {
    let plain = Pe::default().build();
    vec![
        everything(true).build(),
        everything(false).build(),
        sign(&plain, &Signing::default()),
        plain,
    ]
}

/// Signed files.
pub(super) fn seeds_of_signatures() -> Vec<Vec<u8>> {
    let plain = Pe::default().build();
    let with_root = Signing {
        with_root: true,
        ..Signing::default()
    };
    let package = vec![
        Node::Stream("\u{5}DigitalSignature".to_owned(), catalog(&[vec![1; 32]], &with_root)),
        Node::Stream("table".to_owned(), vec![1; 5000]),
    ];
    vec![
        sign(&plain, &with_root),
        catalog(&[vec![1; 32], vec![2; 20]], &Signing::default()),
        compound(&package),
    ]
}

/// ELF and Mach-O files.
pub(super) fn seeds_of_binaries() -> Vec<Vec<u8>> {
    let image = mach_o(&["/usr/lib/libSystem.B.dylib"]);
    vec![Elf::default().build(), fat(&[image.clone(), image.clone()]), image]
}

/// The smaller formats.
pub(super) fn seeds_of_bytecode() -> Vec<Vec<u8>> {
    vec![
        java_class("com/example/Main"),
        dex(&["Lcom/example/Main;", "Lcom/example/Other;"]),
        wasm(),
        python("example.py"),
        compound(&[Node::Stream("\u{4840}\u{3f3f}".to_owned(), vec![1; 100])]),
    ]
}

/// Cabinets.
pub(super) fn seeds_of_cabinets() -> Vec<Vec<u8>> {
    let long: Vec<u8> = (0..70_000_u32).map(|number| (number / 7 % 251) as u8).collect();
    vec![cabinet_of(&[("a.txt", b"hello"), ("b.bin", &long)]), cabinet_of(&[])]
}

/// Packages of Windows Installer.
pub(super) fn seeds_of_installers() -> Vec<Vec<u8>> {
    let package = Installer {
        streams: vec![
            ("data.cab", cabinet_of(&[("fil1", b"hello")])),
            ("Binary.a", vec![7; 5000]),
        ],
        actions: vec![("Run", 34, "DIR", "cmd /c echo"), ("Script", 37, "", "var a;")],
        files: vec![("fil1", "A.TXT|a.txt")],
    };
    vec![package.build()]
}
