//! Decisions of analysts.

use crate::bed::{Opened, at, by, ip};
use watchfire_model::{Observable, ObservableType, Verdict};
use watchfire_store::Mark;

#[test]
fn one_decision_is_in_force_and_all_are_kept() {
    let store = Opened::new("decisions");
    let (decisions, about) = (store.decisions(), ip("198.51.100.7"));
    assert!(decisions.is_empty().unwrap());
    decisions
        .mark(&about, Mark::Benign, &" ours ".into(), None, &by(0))
        .unwrap();
    decisions
        .mark(&about, Mark::Malicious, &"not ours".into(), Some(at(100)), &by(10))
        .unwrap();
    let mark = |seconds| {
        decisions
            .about(&about, at(seconds))
            .unwrap()
            .map(|decision| decision.mark)
    };
    assert_eq!(mark(-1), None, "not yet made");
    assert_eq!(mark(0), Some(Mark::Benign));
    assert_eq!(mark(9), Some(Mark::Benign), "the past stays as it was");
    assert_eq!(mark(10), Some(Mark::Malicious));
    assert_eq!(mark(99), Some(Mark::Malicious));
    assert_eq!(mark(100), None, "it has expired");
    assert!(decisions.withdraw(&about, &"no longer sure".into(), &by(50)).unwrap());
    assert!(!decisions.withdraw(&about, &"no longer sure".into(), &by(51)).unwrap());
    assert_eq!((mark(49), mark(50)), (Some(Mark::Malicious), None));
    let history = decisions.history(&about).unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[1].why.raw(), "ours");
    assert_eq!((history[0].ended, history[1].ended), (Some(at(50)), Some(at(10))));
    assert_eq!(history[0].mark.towards(), Verdict::Malicious);
    let actions: Vec<String> = store
        .audit()
        .latest(9)
        .unwrap()
        .iter()
        .map(|entry| entry.action.to_string())
        .collect();
    assert_eq!(actions, ["decision-withdrawn", "decision-made", "decision-made"]);
    assert!(!decisions.is_empty().unwrap());
}

#[test]
fn a_decision_needs_a_reason_and_a_future() {
    let store = Opened::new("reason");
    let about = ip("198.51.100.7");
    for (why, expires) in [("", None), (" \n", None), ("x", Some(at(0))), ("x", Some(at(-1)))] {
        let made = store
            .decisions()
            .mark(&about, Mark::Benign, &why.into(), expires, &by(0));
        assert!(made.is_err(), "{why:?} {expires:?}");
    }
    assert_eq!(store.check().unwrap().audit.entries, 0);
}

#[test]
fn what_is_equal_is_decided_together() {
    let store = Opened::new("fold");
    let path = |text| Observable::parse(ObservableType::FilePath, text).unwrap();
    let why = "deployed by us".into();
    store
        .decisions()
        .mark(&path(r"C:\Tools\Agent.exe"), Mark::Benign, &why, None, &by(0))
        .unwrap();
    store
        .decisions()
        .mark(&path("/opt/Agent"), Mark::Benign, &why, None, &by(0))
        .unwrap();
    let about = |text| store.decisions().about(&path(text), at(1)).unwrap();
    assert_eq!(
        about(r"c:\TOOLS\agent.EXE").unwrap().observable.raw(),
        r"C:\Tools\Agent.exe"
    );
    assert!(about("/opt/agent").is_none());
    assert_eq!(store.decisions().all(at(1)).unwrap().len(), 2);
    let pattern = Observable::of_pattern("ticket".into(), "T-1").unwrap();
    store
        .decisions()
        .mark(&pattern, Mark::Benign, &why, None, &by(0))
        .unwrap();
    let other = Observable::of_pattern("case".into(), "T-1").unwrap();
    assert!(store.decisions().about(&pattern, at(1)).unwrap().is_some());
    assert!(store.decisions().about(&other, at(1)).unwrap().is_none());
    assert!(
        store
            .decisions()
            .all(at(1))
            .unwrap()
            .iter()
            .any(|decision| decision.observable == pattern)
    );
}
