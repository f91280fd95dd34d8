//! Bundles come into use as a whole, and go as a whole.

use crate::bed::{Opened, at, by, name};
use crate::feeds::{file, spec, version};
use watchfire_model::ArtifactId;
use watchfire_store::{Arrival, FeedUrl, Fetched, NewBundle, NewVersion, Part, PartKind, RolledBack};

fn bundle(text: &str, feeds: &[&str]) -> NewBundle {
    let version = |feed: &str| NewVersion {
        arrival: Arrival::Bundle,
        ..version(&format!("{feed}-{text}.set"), 0)
    };
    NewBundle {
        name: format!("{text}.bundle").into(),
        sha256: ArtifactId::of(text.as_bytes()),
        signer: "RWQ0123456789".into(),
        counter: None,
        fetched: None,
        feeds: feeds.iter().map(|feed| (spec(feed), version(feed))).collect(),
        parts: vec![Part {
            kind: PartKind::Knowledge,
            name: name("geography"),
            file: file(&format!("geography-{text}")),
            sha256: ArtifactId::of(b"g"),
        }],
    }
}

#[test]
fn going_back_leads_to_what_was_before() {
    let store = Opened::new("bundles");
    let (feeds, bundles) = (store.feeds(), store.bundles());
    feeds.add(&spec("old"), &by(0)).unwrap();
    feeds
        .publish(&name("old"), &version("old-0.set", 0), 1, &by(0))
        .unwrap();
    let one = bundles.import(&bundle("one", &["old", "new"]), 1, &by(1)).unwrap();
    let two = bundles.import(&bundle("two", &["old"]), 1, &by(2)).unwrap();
    let current = |feed: &str| {
        let current = feeds.get(&name(feed)).unwrap().unwrap().current;
        current.map(|current| current.version.file.to_string())
    };
    let part = || bundles.parts().unwrap().first().map(|part| part.file.to_string());
    assert_eq!(
        (current("old").as_deref(), part().as_deref()),
        (Some("old-two.set"), Some("geography-two"))
    );
    let done = bundles.rollback(two.id, &by(3)).unwrap();
    assert_eq!(
        done,
        RolledBack {
            returned: vec![name("old")],
            stayed: vec![]
        }
    );
    assert_eq!(
        (current("old").as_deref(), part().as_deref()),
        (Some("old-one.set"), Some("geography-one"))
    );
    assert!(
        bundles
            .rollback(two.id, &by(4))
            .unwrap_err()
            .to_string()
            .contains("withdrawn already")
    );
    let done = bundles.rollback(one.id, &by(5)).unwrap();
    assert_eq!((current("new"), part()), (None, None));
    // Only two versions are kept, so what was before the first is forgotten.
    assert_eq!(
        done,
        RolledBack {
            returned: vec![name("new")],
            stayed: vec![name("old")]
        }
    );
    let history = bundles.history().unwrap();
    let seen: Vec<_> = history
        .iter()
        .map(|bundle| (bundle.id, bundle.withdrawn, bundle.feeds.len()))
        .collect();
    assert_eq!(seen, [(two.id, Some(at(3)), 1), (one.id, Some(at(5)), 2)]);
    assert_eq!(history[0].parts, bundle("two", &[]).parts);
    let present = ["geography-one", "geography-zero"].map(file);
    assert_eq!(bundles.unreferenced(present).unwrap(), [file("geography-zero")]);
    store.check().unwrap();
}

#[test]
fn a_feed_that_has_moved_on_stays() {
    let store = Opened::new("moved");
    let one = store.bundles().import(&bundle("one", &["f"]), 5, &by(1)).unwrap();
    store
        .feeds()
        .publish(&name("f"), &version("later.set", 2), 5, &by(2))
        .unwrap();
    let done = store.bundles().rollback(one.id, &by(3)).unwrap();
    assert_eq!(done.stayed, [name("f")]);
}

#[test]
fn a_bundle_that_fails_leaves_nothing() {
    let store = Opened::new("fails");
    let mut broken = bundle("one", &["f"]);
    broken.parts.push(broken.parts[0].clone());
    assert!(store.bundles().import(&broken, 5, &by(1)).is_err());
    assert!(store.feeds().list().unwrap().is_empty() && store.bundles().history().unwrap().is_empty());
    assert_eq!(store.check().unwrap().audit.entries, 0);
}

#[test]
fn a_series_goes_up_and_each_signer_has_its_own() {
    let store = Opened::new("series");
    let bundles = store.bundles();
    let counted = |text: &str, signer: &str, counter| NewBundle {
        signer: signer.into(),
        counter: Some(counter),
        fetched: Some(Fetched {
            url: FeedUrl::parse("https://feeds.example/intel.bundle").unwrap(),
            etag: Some("\"1\"".into()),
            last_modified: None,
        }),
        ..bundle(text, &[])
    };
    let take = |text: &str, signer, counter| bundles.import(&counted(text, signer, counter), 5, &by(1));
    let one = take("one", "A", 5).unwrap();
    take("two", "B", 2).unwrap();
    for counter in [4, 5] {
        let error = take("old", "A", counter).unwrap_err().to_string();
        assert!(
            error.contains(&format!("its counter {counter} is not above 5")),
            "{error}"
        );
    }
    assert_eq!(bundles.last_counter(&"A".into()).unwrap(), Some(5));
    let history = bundles.history().unwrap();
    assert_eq!(history[0].fetched, counted("two", "B", 2).fetched);
    assert_eq!(history[1].counter, Some(5));
    bundles.rollback(one.id, &by(2)).unwrap();
    assert_eq!(bundles.last_counter(&"A".into()).unwrap(), None);
    // What nobody would go back to is forgotten.
    for counter in 6..12 {
        let name = format!("n{counter}");
        take(&name, "A", counter).unwrap();
    }
    let kept: usize = bundles.history().unwrap().iter().map(|bundle| bundle.parts.len()).sum();
    assert_eq!(kept, 3);
}
