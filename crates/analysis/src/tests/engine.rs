//! The queue, with a container format of its own, so that nothing depends on real ones.
//!
//! A box is `BOX` and then, for each member, its name, its size and its bytes, one after another on lines of their own.
//! A locked box is `LOCK`, its password, and a box.

use super::artifact;
use crate::analyzers::{Analyzer, AnalyzerInfo};
use crate::context::Reading;
use crate::{Analysis, Assembly, Context, Engine, Settings, Verbatim, assemble};
use watchfire_model::{
    Artifact, Budget, Fact, Halt, Hints, LimitKind, Limits, MediaType, Member, Moment, Origin, TextFacts, Verdict,
};

struct Boxes;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "box",
    describes: "boxes, for tests",
};

impl Analyzer for Boxes {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, _: MediaType) -> bool {
        true
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let bytes = artifact.bytes();
        if bytes == b"PANIC" {
            cx.fact(Fact::Text(TextFacts {
                encoding: "utf-8",
                damaged: false,
            }));
            panic!("a parser's mistake");
        }
        if let Some(rest) = bytes.strip_prefix(b"LOCK\n") {
            let (password, inner) = line(rest);
            if cx.candidates().iter().any(|known| known.password.raw() == password) {
                return unbox(inner, cx);
            }
            cx.locked();
            return Ok(());
        }
        match bytes.strip_prefix(b"BOX\n") {
            Some(_) => unbox(bytes, cx),
            None => cx.extract(bytes, &Verbatim, Reading::PLAIN),
        }
    }
}

fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|b| *b == b'\n').unwrap();
    (&bytes[..end], &bytes[end + 1..])
}

fn unbox(bytes: &[u8], cx: &mut Context<'_>) -> Result<(), Halt> {
    let mut rest = bytes.strip_prefix(b"BOX\n").unwrap();
    while !rest.is_empty() {
        let (name, after) = line(rest);
        let (size, after) = line(after);
        let size: usize = std::str::from_utf8(size).unwrap().parse().unwrap();
        cx.child(Member {
            name: std::str::from_utf8(name).unwrap().into(),
            bytes: after[..size].to_vec(),
            hints: Hints::default(),
        })?;
        rest = &after[size..];
    }
    Ok(())
}

fn boxed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = b"BOX\n".to_vec();
    for (name, content) in members {
        bytes.extend(format!("{name}\n{}\n", content.len()).bytes());
        bytes.extend(*content);
    }
    bytes
}

fn locked(password: &str, members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = format!("LOCK\n{password}\n").into_bytes();
    bytes.extend(boxed(members));
    bytes
}

fn engine(limits: Limits) -> Engine {
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    Engine::with_analyzers(settings, &[&Boxes])
}

fn analyze(bytes: &[u8], limits: Limits) -> Analysis {
    let engine = engine(limits);
    engine.analyze(artifact("root", bytes), &Budget::new(limits))
}

/// Every artifact's path, with `*` for what was read in full.
fn check(bytes: &[u8], expected: &[&str]) -> Analysis {
    let analysis = analyze(bytes, Limits::default());
    let paths: Vec<String> = analysis
        .artifacts
        .iter()
        .map(|artifact| format!("{}{}", if artifact.read { "*" } else { "" }, artifact.path))
        .collect();
    assert_eq!(paths, expected);
    assert_eq!(analysis.coverage.artifacts, analysis.artifacts.len() as u64);
    analysis
}

#[test]
fn artifacts_come_breadth_first() {
    let inner = boxed(&[("deep", b"x")]);
    let bytes = boxed(&[("a", &inner), ("b", b"y")]);
    check(&bytes, &["*root", "*root ▸ a", "*root ▸ b", "*root ▸ a ▸ deep"]);
}

#[test]
fn the_same_bytes_are_read_once_and_listed_twice() {
    let inner = boxed(&[("only", b"x")]);
    let bytes = boxed(&[("first", &inner), ("second", &inner)]);
    let analysis = check(
        &bytes,
        &["*root", "*root ▸ first", "*root ▸ second", "*root ▸ first ▸ only"],
    );
    let of = |at: usize| analysis.artifacts[at].duplicate_of.as_ref().map(|path| path.raw());
    assert_eq!((of(1), of(2)), (None, Some("root ▸ first")));
}

#[test]
fn a_panic_is_a_diagnostic_and_the_rest_is_read() {
    let bytes = boxed(&[("bad", b"PANIC"), ("good", b"x")]);
    let analysis = check(&bytes, &["*root", "root ▸ bad", "*root ▸ good"]);
    let diagnostic = &analysis.diagnostics[0];
    assert_eq!(
        (diagnostic.code, diagnostic.artifact.raw()),
        ("analyzer-panic", "root ▸ bad")
    );
    let facts = analysis.artifacts[1].facts.as_ref().unwrap();
    assert_eq!(facts.facts.len(), 1, "what was found before stays");
}

#[test]
fn depth_is_bounded_and_said() {
    let mut bytes = b"x".to_vec();
    for _ in 0..30 {
        bytes = boxed(&[("b", &bytes)]);
    }
    let analysis = analyze(&bytes, Limits::default());
    assert_eq!(analysis.artifacts.len(), 17);
    assert_eq!(analysis.coverage.limits_reached, [LimitKind::Depth]);
    assert!(analysis.findings.iter().any(|finding| finding.rule.0 == "archive-bomb"));
    assert_eq!(analysis.diagnostics.last().unwrap().code, "limit-reached");
}

#[test]
fn the_number_of_artifacts_is_bounded() {
    let members: Vec<(String, Vec<u8>)> = (0..50).map(|i| (format!("m{i}"), vec![b'a' + i % 7; 3])).collect();
    let members: Vec<(&str, &[u8])> = members
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let limits = Limits {
        artifacts: 10,
        ..Limits::default()
    };
    let analysis = analyze(&boxed(&members), limits);
    assert_eq!(analysis.artifacts.len(), 11, "duplicates count too");
    assert_eq!(analysis.coverage.limits_reached, [LimitKind::Artifacts]);
}

#[test]
fn a_cancelled_budget_ends_the_work_and_is_said() {
    let engine = engine(Limits::default());
    let budget = engine.budget();
    budget.cancel();
    let analysis = engine.analyze(artifact("root", b"x"), &budget);
    assert_eq!(analysis.coverage.limits_reached, [LimitKind::Time]);
    assert!(!analysis.artifacts[0].read);
}

#[test]
fn a_password_from_an_earlier_sibling_opens_a_box() {
    let secret = locked("hunter2", &[("inside", b"x")]);
    let bytes = boxed(&[("body", b"the password is hunter2"), ("box", &secret)]);
    check(
        &bytes,
        &["*root", "*root ▸ body", "*root ▸ box", "*root ▸ box ▸ inside"],
    );
}

#[test]
fn a_password_from_a_later_sibling_opens_a_box_at_the_second_attempt() {
    let secret = locked("hunter2", &[("inside", b"x")]);
    let bytes = boxed(&[("box", &secret), ("body", b"the password is hunter2")]);
    check(
        &bytes,
        &["*root", "*root ▸ box", "*root ▸ body", "*root ▸ box ▸ inside"],
    );
}

#[test]
fn a_password_inside_a_box_that_opens_late_opens_another() {
    let first = locked("two22", &[("inside", b"x")]);
    let second = locked("one11", &[("note", b"password: two22")]);
    let bytes = boxed(&[("a", &first), ("b", &second), ("body", b"password: one11")]);
    check(
        &bytes,
        &[
            "*root",
            "*root ▸ a",
            "*root ▸ b",
            "*root ▸ body",
            "*root ▸ b ▸ note",
            "*root ▸ a ▸ inside",
        ],
    );
}

#[test]
fn without_a_password_a_box_stays_closed() {
    let secret = locked("hunter2", &[("inside", b"x")]);
    let analysis = check(&boxed(&[("box", &secret)]), &["*root", "root ▸ box"]);
    assert!(!analysis.coverage.is_complete());
}

fn json(threads: usize) -> String {
    let engine = engine(Limits::default());
    let roots: Vec<u8> = (0..40).collect();
    let analyses = engine.analyze_all(roots, threads, |engine, root| {
        if root % 9 == 8 {
            return Analysis::unreadable(format!("root-{root}"), "permission denied");
        }
        let text = format!("see http://host-{}.example/{root} and 203.0.113.{root}", root % 5);
        let bytes = boxed(&[("text", text.as_bytes()), ("other", &[root])]);
        engine.analyze(artifact(&format!("root-{root}"), &bytes), &engine.budget())
    });
    let assembly = Assembly {
        as_of: Moment::parse("2026-11-21T12:00:00Z").unwrap(),
        version: "test",
        tlp: None,
        suppressions: &[],
        organisation: &watchfire_model::Organisation::default(),
        search: None,
    };
    serde_json::to_string(&assemble(analyses, &assembly)).unwrap()
}

#[test]
fn threads_do_not_change_a_byte() {
    let one = json(1);
    assert_eq!(one, json(2));
    assert!(one.contains("root-39") && one.contains("input-unreadable"));
}

#[test]
fn a_stream_is_read_like_an_artifact() {
    let text = "connects to http://c2.example/gate and 198.51.100.7\n".repeat(20_000);
    let engine = Engine::new(Settings::default());
    let whole = engine.analyze(artifact("log.txt", text.as_bytes()), &engine.budget());
    let hints = artifact("log.txt", b"").hints().clone();
    let streamed = engine
        .analyze_stream(
            &mut text.as_bytes(),
            Origin::root("log.txt"),
            hints,
            2,
            &engine.budget(),
        )
        .unwrap();
    assert_eq!(streamed.artifacts, whole.artifacts);
    assert_eq!(streamed.coverage, whole.coverage);
}

/// Text without an end, which fails us after a while.
struct Fails(usize);

impl std::io::Read for Fails {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let text = b"connects to http://c2.example/gate\n";
        self.0 += buffer.len();
        assert!(self.0 < 4 << 20, "a scanner's mistake");
        buffer
            .iter_mut()
            .zip(text.iter().cycle())
            .for_each(|(to, from)| *to = *from);
        Ok(buffer.len())
    }
}

#[test]
fn a_panic_in_a_stream_is_a_diagnostic_too() {
    let engine = Engine::new(Settings::default());
    for threads in [1, 2] {
        let hints = artifact("log.txt", b"").hints().clone();
        let analysis = engine
            .analyze_stream(&mut Fails(0), Origin::root("log.txt"), hints, threads, &engine.budget())
            .unwrap();
        let [remark] = analysis.diagnostics.as_slice() else {
            panic!("{:?}", analysis.diagnostics);
        };
        assert_eq!((remark.code, remark.artifact.raw()), ("analyzer-panic", "log.txt"));
        let root = &analysis.artifacts[0];
        assert!(!root.read && root.sha256.is_none() && root.size > 0, "{root:?}");
        assert!(!analysis.coverage.is_complete());
        assert_eq!(analysis.coverage.inputs_read, 1);
    }
}

#[test]
fn nothing_in_and_nothing_out_is_unknown() {
    let assembly = Assembly {
        as_of: Moment::parse("2026-11-21T12:00:00Z").unwrap(),
        version: "test",
        tlp: None,
        suppressions: &[],
        organisation: &watchfire_model::Organisation::default(),
        search: None,
    };
    let report = assemble([], &assembly);
    assert_eq!(report.judgement.verdict, Verdict::Unknown);
    assert_eq!(report.judgement.summary, "nothing could be read");
}
