//! A fault of ours in one input costs that input and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test, and it plays the fault"
)]

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use watchfire::{Config, Input, Links, Progress, Surroundings, Watchfire};

/// Fails the first time that something was read, as a detector or a decoder might.
#[derive(Default)]
struct FailsOnce(AtomicBool);

impl Progress for FailsOnce {
    fn advance(&self, _: u64) {
        assert!(self.0.swap(true, Ordering::Relaxed), "a mistake of ours");
    }
}

#[test]
fn the_rest_of_the_batch_is_triaged() {
    let folder = std::env::temp_dir().join(format!("watchfire-contained-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("a.txt"), "198.51.100.9").unwrap();
    fs::write(folder.join("b.txt"), "203.0.113.7").unwrap();
    let mut config = Config::load(None, Surroundings::default()).unwrap();
    config.set("threads", watchfire::Value::Number(1), "--threads");
    let report = Watchfire::new(&config)
        .unwrap()
        .triage([Input::Path(folder.clone())], Links::Skip, &FailsOnce::default())
        .unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let seen: Vec<&str> = report
        .artifacts
        .iter()
        .flat_map(|artifact| &artifact.observables)
        .map(|seen| seen.observable.raw())
        .collect();
    assert_eq!(seen, ["203.0.113.7"]);
    assert_eq!((report.coverage.inputs, report.coverage.inputs_read), (2, 1));
    let [remark] = report.diagnostics.as_slice() else {
        panic!("{:?}", report.diagnostics);
    };
    assert_eq!(remark.code, "input-panic");
    assert!(remark.artifact.raw().ends_with("a.txt"), "{remark:?}");
}
