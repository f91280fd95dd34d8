//! What lies beside what: a signed program and an unsigned library that it loads.
//!
//! Windows looks for a program's libraries in its own folder first. So an honest program, whose signature holds, runs
//! whatever lies there under the name of a library that it needs (side-loading). Neither file shows it alone, and both may
//! have been read at different times: this remembers a little about each executable, by the folder it lies in.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the library has the name of one of Windows' own | 0.60 | those lie in the folders of Windows; a program brings none of them along |
//! | the library hands what is called on to another one | 0.60 | made to stand in the way without being missed |
//! | the same, and no signed program is known to load it | 0.30 | programs load by name as they run, too |
//! | it is the only unsigned library there | 0.35 | the maker of the program signs what he ships |
//! | one of several unsigned ones, or among installed programs | 0.10 | many makers ship libraries of others |
//!
//! Anybody can sign with a certificate of his own making. One that only vouches for itself counts as none; where a program
//! leads to a root that was given, its libraries have to, too.

use crate::detectors::executable::pe;
use crate::detectors::file::Folders;
use crate::detectors::{DetectorInfo, file};
use crate::essentials::holds;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use watchfire_knowledge::system_library::is_system_library;
use watchfire_model::executable::Authenticode;
use watchfire_model::executable::pe::{Pe, PeKind};
use watchfire_model::executable::signature::{ChainOutcome, Signature};
use watchfire_model::{
    ArtifactId, ArtifactRecord, Confidence, Evidence, FactSet, Finding, MediaType, Origin, Place, RuleId, Severity,
    TechniqueId, Untrusted, Weight,
};

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-side-loading"),
    describes: "a signed program loads an unsigned library that lies beside it",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 600,
    group: "side-loading",
    techniques: &[TechniqueId::new("T1574.001")],
    false_positives: "programs whose makers ship libraries of others without signing them, which weighs less; modified games",
};

/// Findings that are told.
const MOST: usize = 1_000;
/// Programs that are named for one library.
const NAMED: usize = 3;

/// What is remembered about executables, by their folders.
#[derive(Debug, Default)]
pub struct Beside {
    folders: BTreeMap<Arc<str>, Folder>,
    /// What was read of bytes that may be met again under other names.
    portraits: HashMap<ArtifactId, Portrait>,
    /// Every name of a library once.
    names: BTreeSet<Arc<str>>,
}

#[derive(Debug, Default)]
struct Folder {
    programs: Vec<Program>,
    libraries: Vec<Library>,
    signed_libraries: usize,
}

/// A program whose signature holds.
#[derive(Debug)]
struct Program {
    is: Known,
    signer: Untrusted,
    /// Whether its signer is known for trusted.
    trusted: bool,
    loads: Arc<[Arc<str>]>,
}

/// A library of which it is not known that its signer is trusted.
#[derive(Debug)]
struct Library {
    is: Known,
    traits: Traits,
    installed: bool,
}

/// What matters of a library.
#[derive(Clone, Copy, Debug)]
struct Traits {
    /// Whether it hands what is called on to another one.
    forwards: bool,
    /// Whether it bears a signature, good or bad.
    is_signed: bool,
    voucher: Voucher,
}

/// Who answers for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Voucher {
    /// No signature holds, or the signer vouches for himself.
    Nobody,
    /// A signature holds, and its chain leads somewhere.
    Somebody,
    /// A root or a catalog that was given.
    Trusted,
}

/// Enough of an artifact to name it.
#[derive(Clone, Debug)]
struct Known {
    id: ArtifactId,
    path: Untrusted,
    /// In its folder.
    name: Untrusted,
    /// The same in lower case: Windows does not tell case apart.
    key: Box<str>,
    origin: Arc<Origin>,
    size: u64,
    media_type: MediaType,
}

/// What an executable is to others.
#[derive(Clone, Debug)]
enum Portrait {
    /// It loads libraries, and its signer is known.
    Program {
        signer: Untrusted,
        trusted: bool,
        loads: Arc<[Arc<str>]>,
    },
    /// It is loaded.
    Library(Traits),
    /// Anything else.
    Other,
}

/// A finding, and what it is about.
#[derive(Debug)]
pub struct Pair {
    /// The finding.
    pub finding: Finding,
    /// The library, then the programs: without facts.
    pub records: Vec<ArtifactRecord>,
}

impl Beside {
    /// Those of a whole report.
    pub fn of(artifacts: &[ArtifactRecord]) -> Self {
        let mut beside = Self::default();
        for artifact in artifacts {
            beside.note(artifact);
        }
        beside
    }

    /// Remembers what matters about an artifact. Whether anything does.
    pub fn note(&mut self, record: &ArtifactRecord) -> bool {
        let Some(facts) = &record.facts else { return false };
        let folders = facts.stored().map(Folders::of);
        if folders.as_ref().is_some_and(are_windows_own) {
            return false;
        }
        let portrait = match (pe(facts), record.duplicate_of.is_some()) {
            (Some(pe), _) => self.portrait(pe, facts),
            (None, true) => match self.portraits.get(&facts.artifact) {
                Some(known) => known.clone(),
                None => return false,
            },
            (None, false) => return false,
        };
        if matches!(portrait, Portrait::Other) {
            return false;
        }
        let (folder, name) = place(facts);
        // Windows drops dots and blanks at the end of a name that is unpacked, and tells no case apart.
        let key = name.trim_end_matches(['.', ' ']).to_ascii_lowercase();
        let is = Known {
            id: facts.artifact,
            path: record.path.clone(),
            name: Untrusted::new(name),
            key: key.into(),
            origin: facts.origin.clone(),
            size: record.size,
            media_type: record.media_type,
        };
        // Only who may install programs can write there.
        let installed =
            folders.is_some_and(|folders| folders.are("/program files") || folders.are("/program files (x86)"));
        let folder = self.folders.entry(folder.into()).or_default();
        match portrait.clone() {
            Portrait::Program { signer, trusted, loads } => folder.programs.push(Program {
                is,
                signer,
                trusted,
                loads,
            }),
            Portrait::Library(traits) => {
                folder.signed_libraries += usize::from(traits.voucher > Voucher::Nobody);
                if traits.voucher < Voucher::Trusted {
                    folder.libraries.push(Library { is, traits, installed });
                }
            }
            Portrait::Other => {}
        }
        self.portraits.insert(facts.artifact, portrait);
        true
    }

    fn portrait(&mut self, pe: &Pe, facts: &FactSet) -> Portrait {
        let signatures = facts.signed();
        let good = signatures.and_then(|signed| signed.signatures.iter().find(|signature| holds(signature)));
        let by_catalog = signatures.is_some_and(|signed| signed.catalog.is_some());
        let voucher = signatures.map_or(Voucher::Nobody, voucher);
        match pe.kind {
            PeKind::Library => Portrait::Library(Traits {
                forwards: is_proxy(pe),
                is_signed: signatures.is_some_and(|signed| !signed.signatures.is_empty()),
                voucher,
            }),
            PeKind::Program if good.is_some() || by_catalog => {
                let signer = good
                    .and_then(|signature| signature.certificates.get(*signature.chain.first()?))
                    .map(|signer| signer.name.clone());
                let all = pe.imports.iter().chain(&pe.delayed_imports);
                let loads = all.map(|import| self.name(import.library.raw())).collect();
                Portrait::Program {
                    signer: signer.unwrap_or_default(),
                    trusted: voucher == Voucher::Trusted,
                    loads,
                }
            }
            _ => Portrait::Other,
        }
    }

    /// A name in lower case, kept once.
    fn name(&mut self, name: &str) -> Arc<str> {
        let lower: Arc<str> = name.to_ascii_lowercase().into();
        if let Some(known) = self.names.get(&lower) {
            return known.clone();
        }
        self.names.insert(lower.clone());
        lower
    }

    /// Adds what another one remembers.
    pub fn merge(&mut self, other: Self) {
        for (path, folder) in other.folders {
            let here = self.folders.entry(path).or_default();
            here.programs.extend(folder.programs);
            here.libraries.extend(folder.libraries);
            here.signed_libraries += folder.signed_libraries;
        }
        self.names.extend(other.names);
        self.portraits.extend(other.portraits);
    }

    /// What is wrong, the heaviest first, then by path.
    pub fn pairs(mut self) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = Vec::new();
        for folder in self.folders.values_mut() {
            folder.programs.sort_by(|a, b| a.is.path.cmp(&b.is.path));
            pairs.extend(folder.pairs());
        }
        pairs.sort_by(|a, b| {
            let path = |pair: &Pair| pair.finding.evidence().first().map(|evidence| evidence.path.clone());
            b.finding
                .weight
                .cmp(&a.finding.weight)
                .then_with(|| path(a).cmp(&path(b)))
        });
        pairs.truncate(MOST);
        pairs
    }
}

impl Folder {
    fn pairs(&self) -> Vec<Pair> {
        if self.programs.is_empty() {
            return Vec::new();
        }
        let mut loaders: HashMap<&str, Vec<&Program>> = HashMap::new();
        for program in &self.programs {
            for library in program.loads.iter() {
                let loaders = loaders.entry(library).or_default();
                if loaders.len() < NAMED {
                    loaders.push(program);
                }
            }
        }
        // Whom nobody gave a root for, nobody can be asked to lead to one.
        let asks_for_trust = self.programs.iter().any(|program| program.trusted);
        let is_accused = |library: &&Library| asks_for_trust || library.traits.voucher == Voucher::Nobody;
        let accused: Vec<&Library> = self.libraries.iter().filter(is_accused).collect();
        let pair = |library: &&Library| {
            let known = loaders.get(&*library.is.key).map_or(&[][..], Vec::as_slice);
            self.pair(library, known, accused.len() > 1)
        };
        accused.iter().filter_map(pair).collect()
    }

    /// What is wrong with a library; `has_others` says whether there are more like it.
    fn pair(&self, library: &Library, loaders: &[&Program], has_others: bool) -> Option<Pair> {
        let system = is_system_library(&library.is.key);
        let name = library.is.name.shown(60);
        let (forwards, is_signed) = (library.traits.forwards, library.traits.is_signed);
        let kind = if is_signed { "untrusted" } else { "unsigned" };
        let what = match (system, forwards) {
            (true, _) => ", named like one of Windows' own",
            (false, true) => ", which hands its calls on to another",
            (false, false) => "",
        };
        let (title, weight) = match loaders.first() {
            Some(program) => {
                let weight = match () {
                    () if system || forwards => 600,
                    () if has_others || library.installed => 100,
                    () => 350,
                };
                let signer = match program.signer.raw() {
                    "" => "signed by a catalog".to_owned(),
                    _ => format!("signed by '{}'", program.signer.shown(60)),
                };
                let program = program.is.name.shown(60);
                let title = format!("'{program}', {signer}, loads the {kind} '{name}' beside it{what}");
                (title, weight)
            }
            None if system || forwards => {
                let title = format!("the {kind} '{name}' lies beside a signed program{what}");
                (title, 300)
            }
            None => return None,
        };
        let mut draft = INFO.draft(title);
        draft.weight = Weight::from_thousandths(weight);
        if weight < 400 {
            draft.severity = if weight < 300 { Severity::Low } else { Severity::Medium };
            draft.confidence = Confidence::Medium;
        }
        let programs: Vec<&Program> = match loaders {
            [] => self.programs.iter().take(1).collect(),
            known => known.to_vec(),
        };
        let whose = if is_signed { "anybody vouches for" } else { "holds" };
        let excerpt = format!("no signature that {whose}; {} signed beside it", self.signed_libraries);
        let mut finding = draft.at(library.is.evidence(&excerpt));
        for program in &programs {
            let excerpt = format!("loads '{name}'");
            finding = finding.and_at(program.is.evidence(&excerpt));
        }
        let records = std::iter::once(&library.is).chain(programs.iter().map(|program| &program.is));
        Some(Pair {
            records: records.map(Known::record).collect(),
            finding: finding.about(file(library.is.name.raw())),
        })
    }
}

impl Known {
    fn evidence(&self, text: &str) -> Evidence {
        Evidence {
            artifact: self.id,
            path: self.path.clone(),
            place: Place::Whole,
            excerpt: text.into(),
        }
    }

    fn record(&self) -> ArtifactRecord {
        ArtifactRecord {
            size: self.size,
            ..ArtifactRecord::of(FactSet {
                artifact: self.id,
                origin: self.origin.clone(),
                media_type: self.media_type,
                role: None,
                facts: Vec::new(),
            })
        }
    }
}

/// Who answers for a file with these signatures.
fn voucher(signed: &Authenticode) -> Voucher {
    let of_signature = |signature: &Signature| match &signature.trust {
        _ if !holds(signature) => Voucher::Nobody,
        ChainOutcome::Trusted(_) => Voucher::Trusted,
        ChainOutcome::SelfSigned | ChainOutcome::Broken(_) | ChainOutcome::NoSigner => Voucher::Nobody,
        ChainOutcome::UnknownRoot | ChainOutcome::Incomplete | ChainOutcome::Unverifiable(_) => Voucher::Somebody,
    };
    let best = signed.signatures.iter().map(of_signature).max();
    let by_catalog = signed.catalog.as_ref().map(|_| Voucher::Trusted);
    best.max(by_catalog).unwrap_or(Voucher::Nobody)
}

/// Where Windows keeps its own libraries, whose signatures are in catalogs. In a few folders there, and in all others below
/// its own, anybody may put files.
fn are_windows_own(folders: &Folders<'_>) -> bool {
    const OWN: &[&str] = &[
        "/windows/system32",
        "/windows/syswow64",
        "/windows/winsxs",
        "/windows/assembly",
        "/windows/microsoft.net",
        "/windows/servicing",
        "/windows/systemapps",
    ];
    const OPEN: &[&str] = &[
        "/*/*/tasks",
        "/*/*/spool/drivers/color",
        "/*/*/microsoft/crypto",
        "/*/*/com/dmp",
    ];
    let are_any = |patterns: &[&str]| patterns.iter().any(|pattern| folders.are(pattern));
    are_any(OWN) && !are_any(OPEN)
}

/// Whether most of what a library offers is another one's.
fn is_proxy(pe: &Pe) -> bool {
    let Some(exports) = &pe.exports else { return false };
    let forwarded = exports
        .functions
        .iter()
        .filter(|export| export.forwarder.is_some())
        .count();
    forwarded > 2 && forwarded * 2 > exports.functions.len()
}

/// The folder of an artifact, and its name in it. What lies in a container has the container before it, and its folders as
/// Windows unpacks them: in any case, with either slash.
fn place(facts: &FactSet) -> (String, &str) {
    let name = facts.origin.name().raw();
    let (folder, base) = match name.rfind(['/', '\\']) {
        Some(cut) => (
            name.get(..cut).unwrap_or_default(),
            name.get(cut + 1..).unwrap_or_default(),
        ),
        None => ("", name),
    };
    let Some(around) = facts.origin.parent().map(|parent| parent.path()) else {
        return (folder.to_owned(), base);
    };
    let parts = folder.split(['/', '\\']).filter(|part| !matches!(*part, "" | "."));
    let mut place = format!("{}{}", around.raw(), watchfire_model::BELOW);
    for part in parts {
        place.push('/');
        place.push_str(&part.to_lowercase());
    }
    (place, base)
}
