//! Verdicts in a listing: what is known on this machine of each observable, in short.
//!
//! The same sources and the same judge as in a check, and nobody is asked. What is not judged: values of types that no
//! source knows anything about.

use super::intelligence::{Intelligence, Pace};
use super::online::Providers;
use super::recall::Recall;
use crate::{Problem, Watchfire};
use std::sync::{Mutex, PoisonError, RwLock};
use watchfire_model::{Diagnostic, Family, Judged, Judgement, Observable, Observed, Untrusted};

/// Who judges, for all threads of a run.
#[derive(Debug)]
pub(crate) struct Judging {
    sources: RwLock<Sources>,
    /// What the threads that are not judging now remember.
    recalls: Mutex<Vec<Recall>>,
    /// What went wrong on the way. It is told at the end: what is listed by then is listed.
    fault: Mutex<Option<Problem>>,
}

#[derive(Debug)]
struct Sources {
    known: Intelligence,
    providers: Providers,
    pace: Pace,
    values: usize,
}

impl Watchfire {
    /// Has what is extracted judged by what is known on this machine.
    ///
    /// # Errors
    /// When what is remembered cannot be read.
    pub fn judge_observables(&mut self) -> Result<(), Problem> {
        let providers = self.providers(false)?;
        let known = self.intelligence(providers.store.as_ref(), Pace::Few)?;
        self.judging = Some(Judging {
            sources: RwLock::new(Sources {
                known,
                providers,
                pace: Pace::Few,
                values: 0,
            }),
            recalls: Mutex::default(),
            fault: Mutex::new(None),
        });
        Ok(())
    }

    /// Judges `observed`, if that was asked for.
    pub(crate) fn judge_listed(&self, observed: &mut [Observed]) {
        let Some(judging) = &self.judging else { return };
        if let Err(problem) = judging.prepare(self, observed) {
            let mut fault = judging.fault.lock().unwrap_or_else(PoisonError::into_inner);
            fault.get_or_insert(problem);
            return;
        }
        let sources = judging.sources.read().unwrap_or_else(PoisonError::into_inner);
        let recalls = || judging.recalls.lock().unwrap_or_else(PoisonError::into_inner);
        let free = recalls().pop();
        let mut recall = free.unwrap_or_else(|| Recall::of(self.checked.threads));
        for observed in observed {
            observed.judged = self.judged(&observed.observable, &sources, &mut recall);
        }
        recalls().push(recall);
    }

    fn judged(&self, what: &Observable, sources: &Sources, recall: &mut Recall) -> Option<Judged> {
        let Sources { known, providers, .. } = sources;
        let judged = |judgement: &Judgement, is_known: bool| {
            // Of addresses, names and digests somebody may always know; of others, where somebody does.
            let family = what.kind().spec().family;
            let is_judged = is_known || matches!(family, Family::Network | Family::FileHash);
            is_judged.then_some(Judged {
                verdict: judgement.verdict,
                score: judgement.score,
            })
        };
        if providers.are_silent_about(what) && !known.singles_out(what) {
            let nothing = |_: &_| Ok(Vec::new());
            let made = self.recalled(what, known, recall, nothing).ok()?;
            return judged(&made.judgement, made.is_known);
        }
        let said = self.kept(providers, what);
        let reputation = self.reputation(Untrusted::default(), what.clone(), known, said);
        judged(&reputation.judgement, reputation.asked.sources > 0)
    }
}

impl Judging {
    /// Learns what is remembered about the next values; of everything, as soon as there are many.
    fn prepare(&self, watchfire: &Watchfire, observed: &[Observed]) -> Result<(), Problem> {
        let is_ready = |sources: &Sources| sources.pace == Pace::Many || observed.is_empty();
        if is_ready(&self.sources.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
        if is_ready(&sources) {
            return Ok(());
        }
        sources.values = sources.values.saturating_add(observed.len());
        let Sources {
            known,
            providers,
            pace,
            values,
        } = &mut *sources;
        *pace = Pace::of(*values);
        if *pace == Pace::Many {
            *known = watchfire.intelligence(providers.store.as_ref(), Pace::Many)?;
            providers.hold()?;
            self.recalls.lock().unwrap_or_else(PoisonError::into_inner).clear();
        } else if let Some(store) = &providers.store {
            let values: Vec<Observable> = observed.iter().map(|seen| seen.observable.clone()).collect();
            known.look_up(store, &values, watchfire.checked.as_of)?;
        }
        Ok(())
    }

    /// What the verdicts rest on, and who was not asked.
    pub(crate) fn describe(&self, watchfire: &Watchfire) -> Vec<Diagnostic> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        let mut told = vec![
            sources.known.describe(watchfire.checked.as_of),
            sources.providers.not_asked("watchfire check --online"),
        ];
        told.extend(sources.known.remarks.iter().cloned());
        told.push(watchfire.here.describe());
        told
    }

    /// What went wrong on the way.
    pub(crate) fn fault(&self) -> Option<Problem> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
