//! Whole verdicts over mail, held to the corpus: phishing is seen, and honest mail does not alarm.
//!
//! Prints for each folder how many mails got which verdict, with the interval of the share that alarms (Wilson, 95 %), how
//! many lack only the phishing model (8 to 39 points), and how many mails one core judges in a second.
//! `WATCHFIRE_CONFORMANCE_VERBOSE=1` lists what was missed, with its findings.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test, and it prints its figures"
)]

use std::fs;
use std::path::Path;
use watchfire_analysis::{Engine, MALICIOUS, SUSPICIOUS, Settings, judge};
use watchfire_model::{Artifact, DomainName, Finding, Hints, Organisation, Origin, Score};
use watchfire_testkit::corpus::{corpus_folder, files};
use watchfire_testkit::letters;

/// What came of one folder.
#[derive(Default)]
struct Tally {
    mails: usize,
    malicious: usize,
    suspicious: usize,
    /// Below suspicious, and a model's finding of the greatest weight would lift them.
    needs_model: usize,
    seconds: f64,
    /// Those with the wrong verdict, with their score and findings.
    alarms: Vec<String>,
    misses: Vec<String>,
}

impl Tally {
    fn judge(&mut self, engine: &Engine, name: &str, bytes: Vec<u8>) {
        let before = cpu();
        let artifact = Artifact::new(bytes, Origin::root(name), hints(name));
        let analysis = engine.analyze(artifact, &engine.budget());
        let judgement = judge(&analysis.findings, &analysis.artifacts, &analysis.coverage);
        self.seconds += cpu() - before;
        self.mails += 1;
        let line = format!("{:3} {name}: {}", judgement.score.get(), told(&analysis.findings));
        match judgement.score {
            score if score >= MALICIOUS => self.malicious += 1,
            score if score >= SUSPICIOUS => self.suspicious += 1,
            score if score >= Score::new(8) => self.needs_model += 1,
            _ => {}
        }
        match judgement.score >= SUSPICIOUS {
            true => self.alarms.push(line),
            false => self.misses.push(line),
        }
    }

    fn alarming(&self) -> usize {
        self.malicious + self.suspicious
    }

    /// One row of the table.
    fn print(&self, name: &str, is_phishing: bool) {
        let (low, high) = wilson(self.alarming(), self.mails);
        println!(
            "{name:24} mails {:4}  malicious {:4}  suspicious {:4}  unknown {:4}  alarm {:5.1} % ({low:.1} to {high:.1})  \
             needs model {:4}  with it {:5.1} %  {:6.0} mails/s",
            self.mails,
            self.malicious,
            self.suspicious,
            self.mails - self.alarming(),
            100.0 * self.alarming() as f64 / self.mails.max(1) as f64,
            self.needs_model,
            100.0 * (self.alarming() + self.needs_model) as f64 / self.mails.max(1) as f64,
            self.mails as f64 / self.seconds.max(1e-9),
        );
        if std::env::var_os("WATCHFIRE_CONFORMANCE_VERBOSE").is_some() {
            // What has no points has nothing to tell.
            let near = self
                .misses
                .iter()
                .filter(|line| is_phishing || !line.starts_with("  0"));
            let wrong = self.alarms.iter().filter(|_| !is_phishing).chain(near);
            wrong.for_each(|line| println!("  {name}: {line}"));
        }
    }
}

fn hints(name: &str) -> Hints {
    Hints {
        name: Some(name.into()),
        ..Hints::default()
    }
}

fn told(findings: &[Finding]) -> String {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    let told = findings
        .iter()
        .map(|finding| format!("[{} {} {}]", finding.weight.thousandths(), finding.rule, finding.title));
    told.collect::<Vec<_>>().join(" ")
}

/// Seconds that this thread computed, where the system tells; else seconds that passed.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat.split_whitespace().next().and_then(|word| word.parse::<u64>().ok());
    match nanos {
        Some(nanos) => nanos as f64 / 1e9,
        None => std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0.0, |passed| passed.as_secs_f64()),
    }
}

/// The interval of Wilson for a share, in per cent.
fn wilson(hits: usize, all: usize) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    let (n, p) = (all.max(1) as f64, hits as f64 / all.max(1) as f64);
    let middle = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let share = |value: f64| (100.0 * value / (1.0 + Z * Z / n)).clamp(0.0, 100.0);
    (share(middle - spread), share(middle + spread))
}

/// Every mail of a folder.
fn folder(engine: &Engine, test: &str, name: &str) -> Option<Tally> {
    let folder = corpus_folder(test, name)?;
    let mut tally = Tally::default();
    for path in files(&folder) {
        let bytes = fs::read(&path).expect("a readable file");
        if let Some(bytes) = mail(&path, bytes) {
            let short: String = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .chars()
                .rev()
                .take(24)
                .collect();
            tally.judge(
                engine,
                &format!("{}.eml", short.chars().rev().collect::<String>()),
                bytes,
            );
        }
    }
    Some(tally)
}

/// The mail that a file is, or carries in JSON.
fn mail(path: &Path, bytes: Vec<u8>) -> Option<Vec<u8>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.ends_with(".json") {
        let json: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        return json.get("text")?.as_str().map(|text| text.as_bytes().to_vec());
    }
    (!bytes.is_empty() && name != "cmds" && !name.ends_with(".md")).then_some(bytes)
}

fn engine() -> Engine {
    Engine::new(Settings::default())
}

#[test]
fn phishing_alarms_and_honest_mail_does_not() {
    let engine = engine();
    let mut met = Vec::new();
    // The share that must alarm at least, or at most, in per cent. What the phishing model adds is not in it.
    for (name, is_phishing, bar) in [
        ("mail/phish-nc", true, 80.0),
        ("mail/phish-mit", true, 80.0),
        ("mail/ham-modern", false, 0.0),
        ("mail/sa-tests/nice", false, 5.0),
        ("mail/spamassassin/hard-ham-1", false, 5.0),
        ("mail/spamassassin/easy-ham-1", false, 1.0),
        ("mail/spamassassin/easy-ham-2", false, 1.0),
        ("mail/spamassassin/spam-1", true, 0.0),
    ] {
        let Some(tally) = folder(&engine, "verdicts over mail", name) else {
            continue;
        };
        tally.print(name, is_phishing);
        let share = 100.0 * tally.alarming() as f64 / tally.mails.max(1) as f64;
        met.push((name, if is_phishing { share >= bar } else { share <= bar }, share, bar));
    }
    for (name, met, share, bar) in met {
        assert!(met, "{name}: {share:.1} % instead of {bar} %");
    }
}

#[test]
fn modern_honest_mail_does_not_alarm() {
    let organisation = Organisation {
        domains: vec![DomainName::parse("corp.example").expect("a domain")],
        ..Organisation::default()
    };
    let engines = [
        ("honest mail", engine()),
        (
            "with a configuration",
            Engine::new(Settings {
                organisation,
                ..Settings::default()
            }),
        ),
    ];
    for (title, engine) in engines {
        let mut tally = Tally::default();
        for (name, bytes) in letters::honest() {
            tally.judge(&engine, &format!("{name}.eml"), bytes);
        }
        tally.print(title, false);
        assert!(tally.mails >= 60, "{}", tally.mails);
        assert!(tally.alarms.is_empty(), "{:#?}", tally.alarms);
    }
}
