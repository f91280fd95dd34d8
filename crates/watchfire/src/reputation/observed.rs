//! Providers asked about everything that an input holds, as far as it may leave the house.
//!
//! Of a file only its SHA-256 is asked about, and values in which secrets were found are not asked about at all: what a
//! capture shows of others' sessions is nobody's business.

use super::SHARE;
use super::intelligence::Intelligence;
use super::online::Batch;
use crate::progress::Progress;
use crate::{Problem, Watchfire};
use watchfire_analysis::{askable, secrets};
use watchfire_model::{ArtifactRecord, Diagnostic, Family, Observable, ObservableType, Reputation, Untrusted};

/// What there is to say of the values of an input.
pub(crate) struct Answered {
    pub(crate) known: Intelligence,
    /// What is worth telling.
    pub(crate) told: Vec<Reputation>,
    /// How asking went.
    pub(crate) remarks: Vec<Diagnostic>,
    /// How many calls left this machine.
    pub(crate) calls: u64,
}

impl Watchfire {
    /// What is known on this machine and what providers answer about the values of `artifacts`.
    ///
    /// # Errors
    /// When what is remembered cannot be read, or a key cannot.
    pub(crate) fn answers_about(
        &self,
        artifacts: &[ArtifactRecord],
        progress: &dyn Progress,
    ) -> Result<Answered, Problem> {
        let values = askable(artifacts);
        let mut providers = self.providers(true)?;
        let known = match &providers.store {
            Some(store) => self.intelligence_about(store, &values)?,
            None => Intelligence::default(),
        };
        let asked: Vec<Observable> = values.iter().filter(|what| may_leave(what)).cloned().collect();
        self.announce(&providers, &asked, false, progress);
        let mut said = Batch::new();
        for share in asked.chunks(SHARE) {
            said.extend(self.ask(&mut providers, share));
        }
        let told = values.into_iter().map(|what| {
            let said = said.remove(&what).unwrap_or_else(|| self.kept(&providers, &what));
            self.reputation(Untrusted::default(), what, &known, said)
        });
        let told = Self::worth(told);
        let mut remarks = providers.describe(true);
        remarks.extend(known.remarks.iter().cloned());
        Ok(Answered {
            calls: providers.calls(),
            known,
            told,
            remarks,
        })
    }
}

fn may_leave(what: &Observable) -> bool {
    let is_other_digest = what.kind().spec().family == Family::FileHash && what.kind() != ObservableType::Sha256;
    !is_other_digest && secrets::hidden_value(what, "").is_none()
}
