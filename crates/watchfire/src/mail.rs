//! What only mail needs: answers of the DNS, a model of the user's own, and how well both do on the user's own mail.

use crate::resolver::LiveDns;
use crate::{Input, Links, Problem, Progress, Watchfire, small};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use watchfire_export::{AtRecall, Evaluation, Kind, Share};
use watchfire_formats::email::authentication::zone;
use watchfire_model::{JudgedMail, Report, Verdict};
use watchfire_phishing::Model;
use watchfire_phishing::measure::{Rate, at_least, auc, threshold_for};

/// Models are small; what is longer is none. Bytes.
const LONGEST_MODEL: u64 = 4 << 20;

/// The share of phishing that a threshold is looked for at.
const WANTED: f64 = 0.95;

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
    const BELOW: &str = " ▸ ";
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

impl Watchfire {
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
        let text = small::read(path).map_err(|error| Problem::of_file("read answers of the DNS", path, &error))?;
        let zone = zone::read(text.as_bytes());
        if zone.dns.is_empty() {
            let why = zone
                .problems
                .first()
                .map(|problem| format!(": {}", problem.message))
                .unwrap_or_default();
            let problem = Problem::new(format!("there are no answers of the DNS in '{}'{why}", path.display()));
            return Err(problem.hint("a zone file, the output of dig, or JSON with an object 'answers'"));
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
            let report = self.triage([Input::parse(path.as_os_str())], links, progress)?;
            let rates = Rates::of(kind, &report);
            if rates.kind.mails == 0 {
                let problem = Problem::new(format!("there is no mail in '{}'", path.display()));
                return Err(problem.hint("a folder of .eml files or an mbox; first legitimate mail, then phishing"));
            }
            Ok(rates)
        };
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
