//! What only mail needs: answers of the DNS, a model of the user's own, and how well both do on the user's own mail.

use crate::resolver::LiveDns;
use crate::{Input, Links, Problem, Progress, Watchfire, small};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use watchfire_export::{AtRecall, Evaluation, Kind, Share};
use watchfire_formats::email::authentication::zone;
use watchfire_formats::identify::MAIL_CLAIM;
use watchfire_model::{BELOW, Diagnostic, DiagnosticSeverity, JudgedMail, Report, Verdict};
use watchfire_phishing::Model;
use watchfire_phishing::measure::{Rate, at_least, auc, threshold_for};

/// Models are small; what is longer is none. Bytes.
const LONGEST_MODEL: u64 = 4 << 20;

/// The share of phishing that a threshold is looked for at.
const WANTED: f64 = 0.95;

/// Why a report about mail says nothing: none of the inputs holds one, and nothing else speaks against them.
pub fn no_mail(report: &Report) -> Option<Problem> {
    let without: Vec<&Diagnostic> = report
        .diagnostics
        .iter()
        .filter(|remark| remark.code == NO_MAIL)
        .collect();
    let first = without.first()?;
    if (without.len() as u64) < report.coverage.inputs_read || report.judgement.verdict > Verdict::Unknown {
        return None;
    }
    let more = match without.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let name = first.artifact.shown(200);
    let problem = Problem::new(format!("there is no mail in '{name}'{more}"));
    Some(problem.hint("watchfire triage reads anything"))
}

/// What came of mails of one kind, and the model's probability of each.
struct Rates {
    kind: Kind,
    scores: Vec<f64>,
}

fn share(rate: Rate) -> Share {
    let (low, high) = rate.interval();
    Share {
        hits: rate.hits,
        total: rate.total,
        share: rate.share(),
        low,
        high,
    }
}

impl Rates {
    fn of(kind: &'static str, report: &Report) -> Self {
        let mails: Vec<&JudgedMail> = outermost(&report.mails).collect();
        let of = |least: Verdict| {
            share(Rate {
                hits: mails.iter().filter(|mail| mail.verdict >= least).count(),
                total: mails.len(),
            })
        };
        let scores: Vec<f64> = mails
            .iter()
            .filter_map(|mail| Some(f64::from(mail.phishing.as_ref()?.thousandths) / 1000.0))
            .collect();
        Self {
            kind: Kind {
                kind,
                mails: mails.len(),
                inputs: report.coverage.inputs,
                inputs_read: report.coverage.inputs_read,
                alarm: of(Verdict::Suspicious),
                malicious: of(Verdict::Malicious),
                model: share(at_least(&scores, 0.5)),
            },
            scores,
        }
    }
}

/// Mails that do not lie in another one that was judged: a mail that somebody forwarded counts with what carries it.
fn outermost(mails: &[JudgedMail]) -> impl Iterator<Item = &JudgedMail> {
    let paths: std::collections::HashSet<&str> = mails.iter().map(|mail| mail.path.raw()).collect();
    mails.iter().filter(move |mail| {
        let mut above = mail.path.raw().rsplit_once(BELOW);
        while let Some((path, _)) = above {
            if paths.contains(path) {
                return false;
            }
            above = path.rsplit_once(BELOW);
        }
        true
    })
}

/// What is measured on.
const FOLDERS: &str = "a folder of .eml files or an mbox; first legitimate mail, then phishing";

/// What in a file of answers is understood.
const ANSWERS: &str = "a zone file, the output of dig, or JSON with an object 'answers'";

/// The code of a diagnostic: an input was handed over as mail and holds none.
const NO_MAIL: &str = "no-mail";

impl Watchfire {
    /// Reads what was handed over as mail: as [`Watchfire::triage`] does, but what begins with the header of a mail is one
    /// whatever its name, and inputs that hold none are named.
    ///
    /// # Errors
    /// Those of [`Watchfire::triage`].
    pub fn read_mail(
        &self,
        inputs: impl IntoIterator<Item = Input>,
        links: Links,
        progress: &dyn Progress,
    ) -> Result<Report, Problem> {
        let mut report = self.triage_as(Some(MAIL_CLAIM), inputs, links, progress)?;
        let holds_mail = |root: &str| {
            report.mails.iter().any(|mail| {
                let inside = mail.path.raw().strip_prefix(root);
                inside.is_some_and(|rest| rest.is_empty() || rest.starts_with(BELOW)) && !mail.mail.headers.is_empty()
            })
        };
        let roots = report.artifacts.iter().filter(|artifact| artifact.depth == 0);
        let without: Vec<Diagnostic> = roots
            .filter(|root| !holds_mail(root.path.raw()))
            .map(|root| Diagnostic {
                severity: DiagnosticSeverity::Warning,
                code: NO_MAIL,
                message: "there is no mail in it".into(),
                artifact: root.path.clone(),
            })
            .collect();
        if without.len() as u64 == report.coverage.inputs_read && report.judgement.verdict == Verdict::Unknown {
            report.judgement.summary = "there is no mail in it".to_owned();
        }
        report.diagnostics.extend(without);
        Ok(report)
    }

    /// Verifies where mails come from by asking the DNS, besides what a file answers. `contact` says that the owners of the
    /// names may notice.
    ///
    /// # Errors
    /// When the configuration or the evidence's marking forbids it.
    pub fn verify_mail_online(&mut self, contact: bool) -> Result<(), Problem> {
        let live = Arc::new(LiveDns::new(&self.checked, contact)?);
        self.engine.resolve_by(live.clone());
        self.live_dns = Some(live);
        Ok(())
    }

    /// Verifies where mails come from by the answers of the DNS in a file. What in it could not be read is told.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no answer.
    pub fn verify_mail_by(&mut self, path: &Path) -> Result<Vec<String>, Problem> {
        let text = small::read(path)
            .map_err(|error| Problem::of_file("read answers of the DNS", path, &error).hint(ANSWERS))?;
        let zone = zone::read(text.as_bytes());
        if zone.dns.is_empty() {
            let why = zone
                .problems
                .first()
                .map(|problem| format!(": {}", problem.message))
                .unwrap_or_default();
            let problem = Problem::new(format!("there are no answers of the DNS in '{}'{why}", path.display()));
            return Err(problem.hint(ANSWERS));
        }
        self.engine.verify_by(zone.dns);
        let name = path.display();
        Ok(zone
            .problems
            .iter()
            .map(|problem| format!("'{name}': {}", problem.message))
            .collect())
    }

    /// Scores mails by the model in a file instead of the one that ships.
    ///
    /// # Errors
    /// When the file cannot be read, or is no model of this version.
    pub fn score_mail_by(&mut self, path: &Path) -> Result<(), Problem> {
        let mut bytes = Vec::new();
        small::open(path)
            .and_then(|file| file.take(LONGEST_MODEL).read_to_end(&mut bytes))
            .map_err(|error| Problem::of_file("read the model", path, &error))?;
        let model = Model::read(&bytes).map_err(|why| {
            Problem::new(format!("'{}' is no phishing model: {why}", path.display()))
                .hint("watchfire-train makes one of two folders of mail")
        })?;
        self.engine.score_by(Arc::new(model));
        Ok(())
    }

    /// Judges two folders of mail whose kind is known, and counts. Mails of one kind that cannot be read count for
    /// nothing; `progress` is told.
    ///
    /// # Errors
    /// Those of [`Watchfire::triage`], and when one of the two holds no mail.
    pub fn evaluate_mail(
        &self,
        legitimate: &Path,
        phishing: &Path,
        links: Links,
        progress: &dyn Progress,
    ) -> Result<Evaluation, Problem> {
        let rates = |kind, path: &Path| {
            let report = self.read_mail([Input::parse(path.as_os_str())], links, progress)?;
            let rates = Rates::of(kind, &report);
            if rates.kind.mails == 0 {
                let problem = Problem::new(format!("there is no mail in '{}'", path.display()));
                return Err(problem.hint(FOLDERS));
            }
            Ok(rates)
        };
        // Said once, and before anything is read.
        for path in [legitimate, phishing] {
            let found = path.metadata();
            found.map_err(|error| Problem::of_file("read", path, &error).hint(FOLDERS))?;
        }
        let (legitimate, phishing) = (rates("legitimate", legitimate)?, rates("phishing", phishing)?);
        let at_recall = threshold_for(&phishing.scores, WANTED).map(|threshold| AtRecall {
            recall: WANTED,
            threshold,
            legitimate: share(at_least(&legitimate.scores, threshold)),
        });
        Ok(Evaluation {
            schema: "watchfire.mail-evaluation/1",
            version: env!("CARGO_PKG_VERSION"),
            area: auc(&legitimate.scores, &phishing.scores),
            at_recall,
            kinds: [legitimate.kind, phishing.kind],
        })
    }
}
