//! From the facts about an executable to the few lines that people search for and quote.

use watchfire_model::executable::signature::{ChainOutcome, DigestOutcome, Signature, SignedOutcome, ValidityOutcome};
use watchfire_model::executable::{Authenticode, Essentials, Executable, HashAlgorithm, SignedBy, elf, mach_o, pe};
use watchfire_model::{Fact, FactSet, Untrusted};

/// What is essential about an artifact, if it is an executable.
pub(crate) fn essentials(facts: &FactSet) -> Option<Box<Essentials>> {
    let mut told = told(facts.executable()?);
    if let Some(signed) = facts.signed() {
        let sha256 = signed
            .digests
            .iter()
            .find(|hashed| hashed.algorithm == HashAlgorithm::Sha256);
        told.authentihash = sha256.map(|hashed| hashed.digest.clone());
        told.signed = signed_by(signed);
    }
    for fact in &facts.facts {
        if let Fact::Sayings(sayings) = fact {
            told.strings.clone_from(sayings);
        }
        if let Fact::Similar { tlsh, ssdeep } = fact {
            told.tlsh.clone_from(tlsh);
            told.ssdeep = Some(ssdeep.clone());
        }
    }
    Some(Box::new(told))
}

/// Whether a signature is over these very bytes, and made by its signer's key.
pub(crate) fn holds(signature: &Signature) -> bool {
    signature.digest == DigestOutcome::Matches && signature.signed == SignedOutcome::Valid
}

/// Who signed it: the first signature that holds, else a catalog, else the first.
fn signed_by(signed: &Authenticode) -> Option<SignedBy> {
    let good = signed.signatures.iter().find(|signature| holds(signature));
    if good.is_none() && signed.catalog.is_some() {
        return Some(SignedBy {
            holds: true,
            verified: "listed in a catalog that was given".to_owned(),
            by_catalog: true,
            ..SignedBy::default()
        });
    }
    let signature = good.or_else(|| signed.signatures.first())?;
    let signer = signature.chain.first().and_then(|at| signature.certificates.get(*at));
    let witnessed = signature
        .timestamps
        .iter()
        .find(|stamp| stamp.signed == SignedOutcome::Valid);
    Some(SignedBy {
        name: signer.map(|signer| signer.name.clone()).unwrap_or_default(),
        holds: holds(signature),
        verified: verified(signature),
        at: witnessed.and_then(|stamp| stamp.at),
        thumbprint: signer.map(|signer| signer.sha1.clone()),
        by_catalog: false,
    })
}

/// What was verified of a signature, in words.
fn verified(signature: &Signature) -> String {
    let over = match (signature.digest, &signature.signed) {
        (DigestOutcome::Differs, _) => "the file was changed after it was signed".to_owned(),
        (_, SignedOutcome::Invalid(why)) => format!("invalid: {why}"),
        (_, SignedOutcome::Unverifiable(why)) => format!("not verified: {}", why.shown(80)),
        (DigestOutcome::Unknown, _) => "not verified: it gives no digest that is computed here".to_owned(),
        (DigestOutcome::Matches, SignedOutcome::Valid) => "valid".to_owned(),
    };
    let last = signature.chain.last().and_then(|at| signature.certificates.get(*at));
    let chain = match &signature.trust {
        ChainOutcome::Trusted(root) => format!("the chain ends at '{}', which is trusted", root.shown(60)),
        ChainOutcome::UnknownRoot | ChainOutcome::Incomplete => {
            let end = last.map(|last| last.issuer.shown(80)).unwrap_or_default();
            format!("the chain leads to '{end}', of which no trust was given")
        }
        ChainOutcome::SelfSigned => "signed by a certificate that only vouches for itself".to_owned(),
        ChainOutcome::Broken(why) => format!("the chain is broken: {why}"),
        ChainOutcome::Unverifiable(why) => format!("the chain was not verified: {}", why.shown(80)),
        ChainOutcome::NoSigner => "the signer's certificate is missing".to_owned(),
    };
    // Nobody says at which time to look where it was not witnessed.
    let time = match (signature.validity.witnessed, signature.validity.outcome) {
        (true, ValidityOutcome::Expired) => "; a certificate had ended when it was made",
        (true, ValidityOutcome::NotYet) => "; a certificate had not begun when it was made",
        _ => "",
    };
    format!("{over}; {chain}{time}")
}

fn told(executable: &Executable) -> Essentials {
    let named = |format| Essentials {
        format,
        ..Essentials::default()
    };
    match executable {
        Executable::Pe(pe) => of_pe(pe),
        Executable::Elf(elf) => of_elf(elf),
        Executable::MachO(file) => of_mach_o(file),
        Executable::JavaClass(_) => named("java-class"),
        Executable::Dex(_) => named("dex"),
        Executable::WebAssembly(_) => named("wasm"),
        Executable::PythonBytecode(_) => named("python-bytecode"),
        Executable::Installer(installer) => Essentials {
            kind: installer.kind.unwrap_or_default().to_owned(),
            product: summary(&installer.summary, "subject"),
            company: summary(&installer.summary, "author"),
            ..named("msi")
        },
        Executable::Cabinet(_) => named("cab"),
        Executable::Catalog(_) => named("catalog"),
    }
}

fn summary(entries: &[(&'static str, Untrusted)], name: &str) -> Untrusted {
    let found = entries.iter().find(|(key, _)| *key == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn of_pe(pe: &pe::Pe) -> Essentials {
    let version = |key: &str| pe.says(key).cloned().unwrap_or_default();
    Essentials {
        format: "pe",
        kind: word(&pe.kind),
        machine: pe.machine.to_string(),
        compiled: pe.compiled.at,
        imphash: pe.imphash.clone(),
        rich: pe.rich.as_ref().map(|rich| rich.hash.clone()),
        original_name: version("OriginalFilename"),
        company: version("CompanyName"),
        product: version("ProductName"),
        description: version("FileDescription"),
        version: version("FileVersion"),
        marks: pe.marks.clone(),
        ..Essentials::default()
    }
}

/// The word of a kind, as it is written everywhere.
fn word(kind: &pe::PeKind) -> String {
    match kind {
        pe::PeKind::Program => "program",
        pe::PeKind::Library => "library",
        pe::PeKind::Driver => "driver",
        pe::PeKind::Efi => "efi",
        pe::PeKind::NotExecutable => "not-executable",
    }
    .to_owned()
}

fn of_elf(elf: &elf::Elf) -> Essentials {
    Essentials {
        format: "elf",
        kind: elf.kind.to_string(),
        machine: elf.machine.to_string(),
        build: elf.build_id.clone(),
        original_name: elf.soname.clone().unwrap_or_default(),
        marks: elf.marks.clone(),
        ..Essentials::default()
    }
}

fn of_mach_o(file: &mach_o::MachOFile) -> Essentials {
    let first = file.images.first();
    let machines: Vec<String> = file.images.iter().map(|image| image.cpu.to_string()).collect();
    let signature = first.and_then(|image| image.signature.as_ref());
    Essentials {
        format: "mach-o",
        kind: first.map(|image| image.kind.to_string()).unwrap_or_default(),
        machine: machines.join(", "),
        build: first.and_then(|image| image.uuid.clone()),
        signed: signature.map(|signature| SignedBy {
            name: signature.signers.first().cloned().unwrap_or_default(),
            verified: "not verified: signatures of macOS are read only".to_owned(),
            ..SignedBy::default()
        }),
        ..Essentials::default()
    }
}
