//! Times, sums and records in the header of a program that cannot be.
//!
//! | case | weight | why |
//! |---|---|---|
//! | it was linked after its signature was witnessed | 0.20 | one of the two times is made up |
//! | a driver whose checksum is wrong | 0.10 | who patches a driver forgets it; some linkers write anything there |
//! | it was linked a day or more after it was last written | 0.10 | one of the two is made up; packages are given one time for all |
//! | the record of its compilers does not fit its sum | 0.10 | it was copied from another program, or changed |
//! | it was linked before there was Windows 3.1 | 0.05 | made up, or a hash; some linkers write anything there |
//!
//! A time that is a hash of the file says nothing, and is not looked at.

use super::{pe, signatures};
use crate::detectors::file::about;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::executable::Pe;
use watchfire_model::executable::pe::PeKind;
use watchfire_model::executable::signature::SignedOutcome;
use watchfire_model::{Confidence, FactSet, Moment, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct OddHeader;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-odd-header"),
    describes: "times, sums or records in a program's header cannot be true",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 200,
    group: "executable-header",
    techniques: &[TechniqueId::new("T1070.006")],
    false_positives: "linkers that write a hash or a constant for the time, and packages that give all files one time",
};

const DAY: u64 = 86_400;
/// 1992-04-06, when Windows 3.1 came out.
const FIRST: Moment = Moment::from_unix(702_518_400);

impl Detector for OddHeader {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some(pe) = pe(facts) else { return };
        let found = time(pe, facts)
            .or_else(|| checksum(pe))
            .or_else(|| compilers(pe))
            .or_else(|| first(pe));
        if let Some((weight, what, said)) = found {
            scene.found(about(&INFO, facts, weight, what, &said));
        }
    }
}

type Sign = (u16, &'static str, String);

fn checksum(pe: &Pe) -> Option<Sign> {
    let is_wrong = pe.kind == PeKind::Driver && pe.checksum != 0 && pe.checksum != pe.checksum_computed;
    let said = || {
        format!(
            "checksum {:#x}, and {:#x} by its content",
            pe.checksum, pe.checksum_computed
        )
    };
    is_wrong.then(|| (100, "is a driver whose checksum is wrong", said()))
}

fn time(pe: &Pe, facts: &FactSet) -> Option<Sign> {
    let linked = pe.compiled.at.filter(|_| !pe.compiled.is_hash)?;
    let witnessed = signatures(facts)
        .iter()
        .flat_map(|signature| &signature.timestamps)
        .filter(|timestamp| timestamp.signed == SignedOutcome::Valid)
        .filter_map(|timestamp| timestamp.at)
        .min();
    if let Some(witnessed) = witnessed.filter(|witnessed| linked.since(*witnessed) > DAY) {
        let said = format!("linked {linked}, signed {witnessed}");
        return Some((200, "was linked after it was signed", said));
    }
    let written = facts.stored().and_then(|stored| stored.modified);
    let written = written.filter(|written| linked.since(*written) > DAY)?;
    Some((
        100,
        "was linked after it was last written",
        format!("linked {linked}, written {written}"),
    ))
}

fn compilers(pe: &Pe) -> Option<Sign> {
    let rich = pe
        .rich
        .as_ref()
        .filter(|rich| !rich.key_is_right && !rich.entries.is_empty())?;
    let said = format!("{} entries, key {:#x}", rich.entries.len(), rich.key);
    Some((100, "has a record of its compilers that does not fit", said))
}

fn first(pe: &Pe) -> Option<Sign> {
    let linked = pe.compiled.at.filter(|at| !pe.compiled.is_hash && *at < FIRST)?;
    Some((
        50,
        "was linked before there was Windows 3.1",
        format!("linked {linked}"),
    ))
}
