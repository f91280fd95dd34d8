//! Watchfire's Sigma engine beside rsigma-eval: the same rules, the same events, one process, CPU time.
//!
//! `sigma-peer CORPUS agree` prints every difference; `sigma-peer CORPUS speed` measures; `sigma-peer CORPUS threads` is
//! Watchfire alone on one and on two threads; `sigma-peer CORPUS own routed 20` is Watchfire alone, for profilers.

#[path = "../../../../crates/sigma/tests/common/mod.rs"]
mod common;
mod events;

use common::files;
use events::{Held, Record};
use rsigma_eval::event::JsonEvent;
use rsigma_eval::Engine;
use rsigma_parser::LogSource as PeerSource;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use watchfire_sigma::{Field, Known, Matcher, Options, Origin, Program, Route, Source, Value};

/// Seconds of this process, user and system.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = text.rsplit(')').next().unwrap_or_default();
    let numbers: Vec<f64> = behind.split_whitespace().map(|word| word.parse().unwrap_or(0.0)).collect();
    (numbers[11] + numbers[12]) / 100.0
}

fn value(held: &Held) -> Value<'_> {
    match held {
        Held::Text(text) => Value::Text(text),
        Held::Integer(number) => Value::Integer(*number),
        Held::Float(number) => Value::Float(*number),
        Held::Boolean(is) => Value::Boolean(*is),
        Held::Null => Value::Null,
    }
}

fn json(record: &Record) -> serde_json::Value {
    let mut map: BTreeMap<&str, Vec<serde_json::Value>> = BTreeMap::new();
    for (name, held) in record {
        map.entry(name).or_default().push(match held {
            Held::Text(text) => text.clone().into(),
            Held::Integer(number) => (*number).into(),
            Held::Float(number) => (*number).into(),
            Held::Boolean(is) => (*is).into(),
            Held::Null => serde_json::Value::Null,
        });
    }
    let one = |mut values: Vec<serde_json::Value>| {
        if values.len() == 1 { values.remove(0) } else { values.into() }
    };
    serde_json::Value::Object(map.into_iter().map(|(name, values)| (name.to_owned(), one(values))).collect())
}

fn bind<'r>(program: &Program, record: &'r Record) -> Vec<Field<'r>> {
    record.iter().map(|(name, held)| Field { id: program.field(name), value: value(held) }).collect()
}

fn get<'r>(record: &'r Record, name: &str) -> String {
    let found = record.iter().find(|(other, _)| other == name);
    found.and_then(|(_, held)| value(held).text()).unwrap_or_default().into_owned()
}

/// The same for both: product, service and category of Sysmon's events, product and a service of all others.
fn origin(record: &Record) -> (String, String) {
    let channel = get(record, "Channel").to_lowercase();
    let service = match channel.as_str() {
        "microsoft-windows-sysmon/operational" => "sysmon",
        "security" => "security",
        "system" => "system",
        "application" => "application",
        "microsoft-windows-powershell/operational" => "powershell",
        "windows powershell" => "powershell-classic",
        "microsoft-windows-windows defender/operational" => "windefend",
        "microsoft-windows-taskscheduler/operational" => "taskscheduler",
        "microsoft-windows-bits-client/operational" => "bits-client",
        _ => "other",
    };
    let category = match (service, get(record, "EventID").as_str()) {
        ("sysmon", "1") => "process_creation",
        ("sysmon", "2") => "file_change",
        ("sysmon", "3") => "network_connection",
        ("sysmon", "6") => "driver_load",
        ("sysmon", "7") => "image_load",
        ("sysmon", "8") => "create_remote_thread",
        ("sysmon", "10") => "process_access",
        ("sysmon", "11") => "file_event",
        ("sysmon", "12") => "registry_event",
        ("sysmon", "13") => "registry_set",
        ("sysmon", "14") => "registry_event",
        ("sysmon", "17" | "18") => "pipe_created",
        ("sysmon", "22") => "dns_query",
        ("sysmon", "23") => "file_delete",
        ("powershell", "4103") => "ps_module",
        ("powershell", "4104") => "ps_script",
        _ => "none",
    };
    (service.to_owned(), category.to_owned())
}

struct Both {
    program: Program,
    engine: Engine,
}

fn load(corpus: &Path, folders: &[&str]) -> Both {
    let mut paths = Vec::new();
    for folder in folders {
        paths.extend(files(&corpus.join("sigma").join(folder), "yml"));
    }
    let sources: Vec<Source> = paths
        .iter()
        .map(|path| Source::new(path.to_string_lossy(), std::fs::read_to_string(path).expect("it can be read")))
        .collect();
    let before = cpu();
    let (program, problems) = Program::compile(&sources, &Options::default());
    for problem in problems.iter().filter(|problem| problem.severity == watchfire_sigma::Severity::Error) {
        println!("{problem}");
    }
    println!("watchfire: {:?}, {} problems, compiled in {:.2} s", program.size(), problems.len(), cpu() - before);
    let before = cpu();
    let mut engine = Engine::new();
    let mut rules = Vec::new();
    let mut failed = 0;
    for source in &sources {
        match rsigma_parser::parse_sigma_yaml(&source.text) {
            Ok(collection) => rules.extend(collection.rules),
            Err(error) => {
                failed += 1;
                println!("rsigma: {}: {error}", source.name);
            }
        }
    }
    // One by one, its indexes would be built anew for each rule.
    for (number, error) in engine.add_rules(&rules) {
        failed += 1;
        println!("rsigma: '{}': {error}", rules[number].title);
    }
    println!("rsigma: {} rules, {failed} failed, loaded in {:.2} s", engine.rule_count(), cpu() - before);
    Both { program, engine }
}

fn all_records(corpus: &Path) -> Vec<Record> {
    let mut paths = files(&corpus.join("evtx"), "evtx");
    paths.extend(files(&corpus.join("sigma/regression"), "evtx"));
    let records: Vec<Record> = paths.iter().flat_map(|path| events::records(path)).collect();
    println!("{} events of {} files", records.len(), paths.len());
    records
}

fn agree(both: &Both, records: &[Record]) {
    let mut matcher = Matcher::new(&both.program);
    let mut differences: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
    let mut equal = 0_usize;
    for (number, record) in records.iter().enumerate() {
        let fields = bind(&both.program, record);
        let own: BTreeSet<String> = matcher
            .matches(Route::ALL, &fields)
            .iter()
            .filter_map(|rule| both.program.rule(*rule)?.meta.id.clone())
            .collect();
        let event = json(record);
        let found = both.engine.evaluate(&JsonEvent::borrow(&event));
        let peer: BTreeSet<String> = found.iter().filter_map(|result| result.header.rule_id.clone()).collect();
        equal += own.intersection(&peer).count();
        for id in own.difference(&peer) {
            differences.entry((id.clone(), "only watchfire")).or_default().push(number);
        }
        for id in peer.difference(&own) {
            differences.entry((id.clone(), "only rsigma")).or_default().push(number);
        }
    }
    println!("{equal} matches of both");
    for ((id, who), numbers) in &differences {
        let title = both.program.rules().iter().find(|rule| rule.meta.id.as_ref() == Some(id));
        let title = title.map_or("", |rule| rule.meta.title.as_str());
        println!("{who}: {id} '{title}': {} events, first {:?}", numbers.len(), numbers.first());
        if std::env::var_os("SHOW").is_some() {
            println!("    {}", json(&records[numbers[0]]));
        }
    }
}

fn speed(both: &Both, records: &[Record]) {
    let mut matcher = Matcher::new(&both.program);
    let fields: Vec<Vec<Field<'_>>> = records.iter().map(|record| bind(&both.program, record)).collect();
    let origins: Vec<(String, String)> = records.iter().map(origin).collect();
    let routes: Vec<Route> = origins
        .iter()
        .map(|(service, category)| {
            matcher.route(&Origin {
                product: Known::is("windows"),
                service: Known::is(service),
                category: Known::is(category),
            })
        })
        .collect();
    let jsons: Vec<serde_json::Value> = records.iter().map(json).collect();
    let sources: Vec<PeerSource> = origins
        .iter()
        .map(|(service, category)| PeerSource {
            product: Some("windows".to_owned()),
            service: Some(service.clone()),
            category: Some(category.clone()),
            ..PeerSource::default()
        })
        .collect();
    let count = records.len() as f64;
    let bytes: usize = fields.iter().flatten().filter_map(|field| field.value.text()).map(|text| text.len()).sum();
    println!("{:.0} fields and {:.0} bytes of values an event", fields.iter().map(Vec::len).sum::<usize>() as f64 / count, bytes as f64 / count);
    let stored = both.program.save("speed");
    let before = cpu();
    for _ in 0..10 {
        Program::load(&stored, "speed").expect("it is what was saved");
    }
    println!("{} bytes stored, loaded in {:.1} ms", stored.len(), (cpu() - before) * 100.0);
    for is_routed in [false, true] {
        let name = if is_routed { "routed" } else { "all rules" };
        let peer = || {
            // Several passes, since CPU time counts in hundredths.
            let passes = 5;
            let before = cpu();
            let mut matches = 0;
            for (event, source) in (0..passes).flat_map(|_| jsons.iter().zip(&sources)) {
                let event = JsonEvent::borrow(event);
                matches += if is_routed {
                    both.engine.evaluate_pruned(&event, source).len()
                } else {
                    both.engine.evaluate(&event).len()
                };
            }
            ((cpu() - before) / f64::from(passes), matches / passes as usize)
        };
        let (peer_seconds, peer_matches) = peer();
        println!("{name}: rsigma {:.0} events/s, {peer_matches} matches", count / peer_seconds);
        // Cold: a new matcher for every round, so that nothing is remembered from the round before.
        let rounds = 20;
        let mut cold = 0.0;
        let mut cold_matches = 0;
        let mut effort = Default::default();
        for _ in 0..rounds {
            let mut fresh = Matcher::new(&both.program);
            let routes: Vec<Route> = origins.iter().zip(&routes).map(|((service, category), _)| if is_routed {
                fresh.route(&Origin { product: Known::is("windows"), service: Known::is(service), category: Known::is(category) })
            } else { Route::ALL }).collect();
            let before = cpu();
            cold_matches = 0;
            for (fields, route) in fields.iter().zip(&routes) {
                cold_matches += fresh.matches(*route, fields).len();
            }
            cold += cpu() - before;
            effort = fresh.effort();
        }
        println!("{name}: {effort:?}");
        println!(
            "{name}: watchfire, one pass, {:.0} events/s ({:.1}x), {cold_matches} matches",
            count * f64::from(rounds) / cold,
            peer_seconds / (cold / f64::from(rounds))
        );
        let before = cpu();
        let mut matches = 0;
        for _ in 0..rounds {
            for (fields, route) in fields.iter().zip(&routes) {
                matches += matcher.matches(if is_routed { *route } else { Route::ALL }, fields).len();
            }
        }
        let seconds = cpu() - before;
        println!(
            "{name}: watchfire, repeated, {:.0} events/s ({:.1}x), {} matches",
            count * f64::from(rounds) / seconds,
            peer_seconds / (seconds / f64::from(rounds)),
            matches / rounds as usize
        );
    }
}

/// Watchfire alone, for profilers: so many passes over all events, routed or not.
fn own(program: &Program, records: &[Record], is_routed: bool, rounds: usize) {
    let mut matcher = Matcher::new(program);
    let fields: Vec<Vec<Field<'_>>> = records.iter().map(|record| bind(program, record)).collect();
    let routes: Vec<Route> = records
        .iter()
        .map(origin)
        .map(|(service, category)| {
            let origin = Origin {
                product: Known::is("windows"),
                service: Known::is(&service),
                category: Known::is(&category),
            };
            if is_routed { matcher.route(&origin) } else { Route::ALL }
        })
        .collect();
    let before = cpu();
    let mut matches = 0;
    for _ in 0..rounds {
        for (fields, route) in fields.iter().zip(&routes) {
            matches += matcher.matches(*route, fields).len();
        }
    }
    println!("{matches} matches, {:.2} s, {:?}", cpu() - before, matcher.effort());
}

/// One program shared by two matchers on two threads, each with half of the events, beside one with all: time that passes.
fn threads(program: &Program, records: &[Record], rounds: usize) {
    let fields: Vec<Vec<Field<'_>>> = records.iter().map(|record| bind(program, record)).collect();
    // Halves that are alike: every other event.
    let half = |which: usize| -> Vec<&Vec<Field<'_>>> { fields.iter().skip(which).step_by(2).collect() };
    let (even, odd, all): (_, _, Vec<_>) = (half(0), half(1), fields.iter().collect());
    let pass = |events: &[&Vec<Field<'_>>]| {
        let mut matches = 0;
        for _ in 0..rounds {
            let mut matcher = Matcher::new(program);
            for _ in 0..5 {
                matches += events.iter().map(|fields| matcher.matches(Route::ALL, fields).len()).sum::<usize>();
            }
        }
        matches
    };
    for _ in 0..5 {
        let before = std::time::Instant::now();
        let one = pass(&all);
        let alone = before.elapsed().as_secs_f64();
        let before = std::time::Instant::now();
        let two: usize = std::thread::scope(|scope| {
            let first = scope.spawn(|| pass(&even));
            let second = scope.spawn(|| pass(&odd));
            first.join().expect("it ends") + second.join().expect("it ends")
        });
        let both = before.elapsed().as_secs_f64();
        println!("one thread {alone:.3} s, two {both:.3} s: {:.2}x; {one} and {two} matches", alone / both);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let corpus = PathBuf::from(arguments.get(1).expect("the corpus's folder"));
    let folders: &[&str] = match arguments.get(2).map(String::as_str) {
        Some("speed") => &["rules"],
        _ => &["rules", "rules-compliance", "rules-emerging-threats", "rules-threat-hunting"],
    };
    let records = all_records(&corpus);
    if let Some(what @ ("own" | "threads")) = arguments.get(2).map(String::as_str) {
        let sources: Vec<Source> = files(&corpus.join("sigma/rules"), "yml")
            .iter()
            .map(|path| Source::new(path.to_string_lossy(), std::fs::read_to_string(path).expect("it can be read")))
            .collect();
        let (program, _) = Program::compile(&sources, &Options::default());
        let rounds = arguments.get(4).and_then(|rounds| rounds.parse().ok()).unwrap_or(20);
        if what == "threads" {
            threads(&program, &records, 60);
            return;
        }
        own(&program, &records, arguments.get(3).is_some_and(|word| word == "routed"), rounds);
        return;
    }
    let both = load(&corpus, folders);
    match arguments.get(2).map(String::as_str) {
        Some("speed") => speed(&both, &records),
        _ => agree(&both, &records),
    }
}
