//! Several processes at once, some of which are killed at any moment: what they have said to be done is done, and what
//! they have not is not half done.
//!
//! The processes are this program again, running [`worker`] alone. Each says on its standard output what has been
//! acknowledged, after it was.

use crate::bed::{Bed, Dice, at, by, ip, name};
use crate::feeds::{file, spec, version};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;
use watchfire_model::{ArtifactId, Bucket, Kept, KeyId, Outcome, Quota, Urgency, Window};
use watchfire_store::{Mark, NewVersion, Sighting, Store};

/// What the processes are told: folder, seed and task.
const WORK: &str = "STORE_WORKER";

/// Turns that each of the providers has.
const TURNS: u32 = 120;

fn bucket<'b>(provider: &'b str, windows: &'b [Window]) -> Bucket<'b> {
    let key = KeyId::NONE;
    Bucket { provider, key, windows }
}

/// What runs in another process.
#[test]
#[ignore = "it is the other process of the tests beside it"]
fn worker() {
    let Ok(work) = std::env::var(WORK) else { return };
    let mut words = work.splitn(3, ' ');
    let mut next = || words.next().unwrap();
    let (task, seed, folder) = (next(), next().parse().unwrap(), Path::new(next()));
    let store = Store::open(folder).unwrap();
    match task {
        "take" => drain(&store),
        "all" => everything(&store, folder, seed),
        other => panic!("{other}"),
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ack {line}").unwrap();
    out.flush().unwrap();
}

fn drain(store: &Store) {
    let windows = [Window::hour(TURNS)];
    while store
        .quotas()
        .take(bucket("p", &windows), Urgency::Alert, at(0))
        .is_ok()
    {
        say("turn p");
    }
}

/// Does this and that until it is killed.
fn everything(store: &Store, folder: &Path, seed: u64) {
    let mut dice = Dice(seed);
    let windows = [Window::hour(TURNS), Window::month(TURNS)];
    for round in 0u64.. {
        let token = format!("{seed}.{round}");
        let about = ip(&format!("198.51.100.{}", dice.roll(16)));
        match dice.roll(6) {
            0 => {
                store
                    .decisions()
                    .mark(&about, Mark::Malicious, &token.as_str().into(), None, &by(0))
                    .unwrap();
                say(&format!("decision {token}"));
            }
            1 => {
                let provider = format!("p{}", dice.roll(6));
                if store
                    .quotas()
                    .take(bucket(&provider, &windows), Urgency::Alert, at(0))
                    .is_ok()
                {
                    say(&format!("turn {provider}"));
                }
            }
            2 => publish(store, folder, &token, &mut dice),
            3 => {
                let kept = Kept {
                    step: 0,
                    status: 200,
                    body: token.repeat(usize::try_from(dice.roll(500)).unwrap()).into_bytes(),
                    outcome: Outcome::Found,
                    asked: at(0),
                    good_until: at(9),
                };
                store.answers().keep("p", &about, &kept).unwrap();
                say(&format!("answer {}", about.raw()));
            }
            4 => {
                let sighting = |last: u64| Sighting {
                    observable: ip(&format!("203.0.113.{last}")),
                    feed: name("f"),
                    source: token.as_str().into(),
                    at: at(0),
                };
                let both = [sighting(1), sighting(2)];
                store.sightings().record(&both).unwrap();
                say(&format!("sighting {token}"));
            }
            _ => {
                let feed = store.feeds().get(&name("f")).unwrap();
                if let Some(current) = feed.and_then(|feed| feed.current) {
                    whole(store, folder, &current.version);
                }
            }
        }
    }
}

/// As the façade does it: the file first, then its name.
fn publish(store: &Store, folder: &Path, token: &str, dice: &mut Dice) {
    let _ = store.feeds().add(&spec("f"), &by(0));
    let content = token.repeat(1 + usize::try_from(dice.roll(20_000)).unwrap());
    let set = format!("{token}.set");
    fs::write(folder.join(format!("{set}.part")), &content).unwrap();
    fs::rename(folder.join(format!("{set}.part")), folder.join(&set)).unwrap();
    let version = NewVersion {
        file: file(&set),
        sha256: ArtifactId::of(content.as_bytes()),
        ..version(&set, 0)
    };
    let published = store.feeds().publish(&name("f"), &version, 3, &by(0)).unwrap();
    say(&format!("version {}", published.id));
    for gone in published.released {
        fs::remove_file(folder.join(gone.as_str())).unwrap();
    }
}

/// The file of a version is there as it was published, or the version is forgotten.
fn whole(store: &Store, folder: &Path, version: &NewVersion) {
    match fs::read(folder.join(version.file.as_str())) {
        Ok(content) => assert_eq!(ArtifactId::of(&content), version.sha256),
        Err(_) => {
            let history = store.feeds().history(&name("f")).unwrap();
            assert!(
                history.iter().all(|known| known.version.file != version.file),
                "{version:?}"
            );
        }
    }
}

/// A process at work, and what it says.
struct Worker {
    child: Child,
    said: JoinHandle<Vec<String>>,
}

impl Worker {
    fn start(task: &str, seed: u64, folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "processes::worker", "--ignored", "--nocapture"])
            .env(WORK, format!("{task} {seed} {}", folder.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let said = std::thread::spawn(move || {
            // The first stands behind what the harness says. The last may be cut off and is left out, then.
            let whole = |line: &Vec<u8>| line.ends_with(b"\n");
            out.split_inclusive_lines()
                .filter(whole)
                .filter_map(|line| {
                    let line = String::from_utf8(line).unwrap();
                    Some(line.split_once("ack ")?.1.trim_end().to_owned())
                })
                .collect()
        });
        Self { child, said }
    }

    /// What it has said until it ended, or was killed.
    fn end(mut self, kill: bool) -> Vec<String> {
        if kill {
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "it gave up: {}",
                self.complaint()
            );
            self.child.kill().unwrap();
        }
        let status = self.child.wait().unwrap();
        assert!(kill || status.success(), "{}", self.complaint());
        self.said.join().unwrap()
    }

    fn complaint(&mut self) -> String {
        let stderr = self.child.stderr.take().unwrap();
        BufReader::new(stderr)
            .lines()
            .map_while(Result::ok)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Lines with their ends.
trait Lines: BufRead + Sized {
    fn split_inclusive_lines(mut self) -> impl Iterator<Item = Vec<u8>> {
        std::iter::from_fn(move || {
            let mut line = Vec::new();
            let read = self.read_until(b'\n', &mut line).unwrap_or_default();
            (read > 0).then_some(line)
        })
    }
}

impl<R: BufRead> Lines for R {}

#[test]
fn processes_share_a_quota_to_the_last_turn() {
    let bed = Bed::new("share");
    let workers: Vec<Worker> = (0..4).map(|seed| Worker::start("take", seed, bed.folder())).collect();
    let turns: Vec<usize> = workers.into_iter().map(|worker| worker.end(false).len()).collect();
    assert_eq!(turns.iter().sum::<usize>(), TURNS as usize, "{turns:?}");
}

#[test]
fn a_hundred_kills_lose_nothing_that_was_acknowledged() {
    const KILLS: u64 = 110;
    let bed = Bed::new("kills");
    let folder = bed.folder();
    let mut dice = Dice(4);
    let mut acknowledged: Vec<String> = Vec::new();
    let mut workers: Vec<Worker> = (0..4).map(|seed| Worker::start("all", seed, folder)).collect();
    for kill in 0..KILLS {
        std::thread::sleep(Duration::from_millis(dice.roll(if kill < 20 { 25 } else { 120 })));
        let victim = usize::try_from(dice.roll(4)).unwrap();
        let killed = std::mem::replace(&mut workers[victim], Worker::start("all", 100 + kill, folder));
        acknowledged.extend(killed.end(true));
        let Some(store) = Store::open_existing(folder).unwrap() else {
            continue;
        };
        store.audit().verify().unwrap();
        if let Some(current) = store.feeds().list().unwrap().into_iter().find_map(|feed| feed.current) {
            whole(&store, folder, &current.version);
        }
        if kill % 10 == 0 {
            store.check().unwrap();
        }
    }
    for worker in workers {
        acknowledged.extend(worker.end(true));
    }
    let store = bed.store();
    store.check().unwrap();
    all_there(&store, &acknowledged);
    println!("{} things acknowledged", acknowledged.len());
    // Enough was done for this to mean something.
    assert!(acknowledged.len() > 300, "{}", acknowledged.len());
}

/// Everything acknowledged is in the store, and no quota is exceeded.
fn all_there(store: &Store, acknowledged: &[String]) {
    let mut decided = Vec::new();
    for last in 0..16 {
        let history = store.decisions().history(&ip(&format!("198.51.100.{last}"))).unwrap();
        assert!(history.iter().filter(|decision| decision.ended.is_none()).count() <= 1);
        decided.extend(history.into_iter().map(|decision| decision.why.raw().to_owned()));
    }
    let seen: Vec<Vec<String>> = [1, 2]
        .map(|last| {
            let seen = store.sightings().of(&ip(&format!("203.0.113.{last}"))).unwrap();
            seen.into_iter().map(|seen| seen.source.raw().to_owned()).collect()
        })
        .to_vec();
    assert_eq!(seen[0], seen[1], "sightings are recorded together or not at all");
    let newest = store
        .feeds()
        .history(&name("f"))
        .unwrap()
        .first()
        .map(|version| version.id.to_string());
    let newest: u64 = newest.unwrap().parse().unwrap();
    let mut turns: BTreeMap<&str, u64> = BTreeMap::new();
    for line in acknowledged {
        let (what, which) = line.split_once(' ').unwrap();
        match what {
            "decision" => assert!(decided.iter().any(|why| why == which), "{line}"),
            "sighting" => assert!(seen[0].iter().any(|source| source == which), "{line}"),
            "version" => assert!(which.parse::<u64>().unwrap() <= newest, "{line}"),
            "answer" => assert!(store.answers().last("p", &ip(which)).unwrap().is_some(), "{line}"),
            "turn" => *turns.entry(which).or_default() += 1,
            other => panic!("{other}"),
        }
    }
    let windows = [Window::hour(TURNS), Window::month(TURNS)];
    for (provider, taken) in turns {
        for spent in store.quotas().spent(bucket(provider, &windows), at(0)).unwrap() {
            assert!(
                taken <= spent.calls && spent.calls <= u64::from(TURNS),
                "{taken} {spent:?}"
            );
        }
    }
}
