//! Feeds, their versions, and the way back.

use crate::bed::{Opened, at, by, name};
use watchfire_model::{ArtifactId, Grade, Verdict};
use watchfire_store::{Arrival, FeedSpec, FeedUrl, NewVersion, SetFile, State};

pub(crate) fn spec(text: &str) -> FeedSpec {
    FeedSpec {
        name: name(text),
        url: Some(FeedUrl::parse("https://feeds.example/list.csv?all=1").unwrap()),
        format: name("csv"),
        options: r#"{"column":3}"#.to_owned(),
        grade: Grade::B,
        group: name("abuse.ch"),
        towards: Verdict::Malicious,
        refresh: Some(3600),
        lifetime: None,
        licence: "CC0".into(),
    }
}

pub(crate) fn file(text: &str) -> SetFile {
    SetFile::parse(text).unwrap()
}

pub(crate) fn version(text: &str, seconds: i64) -> NewVersion {
    NewVersion {
        fetched: at(seconds),
        file: file(text),
        sha256: ArtifactId::of(text.as_bytes()),
        indicators: 7,
        rejected: 1,
        etag: Some("\"x\"".into()),
        last_modified: None,
        arrival: Arrival::Url,
    }
}

#[test]
fn a_feed_is_kept_as_it_was_set_up() {
    let store = Opened::new("feed");
    let feeds = store.feeds();
    feeds.add(&spec("urlhaus"), &by(0)).unwrap();
    assert!(
        feeds
            .add(&spec("urlhaus"), &by(1))
            .unwrap_err()
            .to_string()
            .contains("there is a feed 'urlhaus' already")
    );
    let bare = FeedSpec {
        url: None,
        refresh: None,
        lifetime: Some(9),
        towards: Verdict::Unknown,
        ..spec("own")
    };
    feeds.add(&bare, &by(2)).unwrap();
    let list = feeds.list().unwrap();
    assert_eq!((&list[0].spec, &list[1].spec), (&bare, &spec("urlhaus")));
    assert_eq!((list[1].added, list[1].checked, &list[1].current), (at(0), None, &None));
    let changed = FeedSpec {
        grade: Grade::D,
        ..spec("urlhaus")
    };
    feeds.publish(&changed.name, &version("a.set", 5), 3, &by(5)).unwrap();
    feeds.change(&changed, &by(6)).unwrap();
    let feed = feeds.get(&changed.name).unwrap().unwrap();
    assert_eq!((feed.spec, feed.added), (changed, at(0)));
    assert_eq!(feed.current.unwrap().version, version("a.set", 5));
    assert!(feeds.change(&spec("other"), &by(7)).is_err());
    assert_eq!(feeds.get(&name("other")).unwrap(), None);
}

#[test]
fn a_feed_comes_with_its_first_version_and_stays_as_it_is_with_the_next() {
    let store = Opened::new("introduced");
    let feeds = store.feeds();
    feeds.introduce(&spec("f"), &version("a.set", 1), 3, &by(1)).unwrap();
    let other = FeedSpec {
        grade: Grade::E,
        ..spec("f")
    };
    feeds.introduce(&other, &version("b.set", 2), 3, &by(2)).unwrap();
    let feed = feeds.get(&name("f")).unwrap().unwrap();
    assert_eq!((feed.spec, feed.added), (spec("f"), at(1)));
    assert_eq!(feeds.history(&name("f")).unwrap().len(), 2);
    feeds.revise(&other, &version("d.set", 2), 3, &by(2)).unwrap();
    let feed = feeds.get(&name("f")).unwrap().unwrap();
    assert_eq!((feed.spec, feed.added), (other, at(1)), "it is set up anew");
    assert_eq!(feeds.history(&name("f")).unwrap().len(), 3);
    assert!(
        feeds
            .introduce(
                &spec("g"),
                &NewVersion {
                    fetched: at(3),
                    ..version("c.set", 3)
                },
                3,
                &by(3)
            )
            .is_ok()
    );
}

#[test]
fn versions_follow_one_another_and_the_last_are_kept() {
    let store = Opened::new("versions");
    let (feeds, name) = (store.feeds(), name("f"));
    feeds.add(&spec("f"), &by(0)).unwrap();
    let mut last = None;
    for (text, gone) in [
        ("a.set", vec![]),
        ("b.set", vec![]),
        ("c.set", vec![]),
        ("d.set", vec!["a.set"]),
    ] {
        let published = feeds.publish(&name, &version(text, 1), 3, &by(1)).unwrap();
        assert_eq!(published.replaced, last);
        assert_eq!(
            published.released,
            gone.iter().map(|text| file(text)).collect::<Vec<_>>()
        );
        last = Some(published.id);
    }
    let history = feeds.history(&name).unwrap();
    let seen: Vec<(&str, State)> = history
        .iter()
        .map(|version| (version.version.file.as_str(), version.state))
        .collect();
    assert_eq!(
        seen,
        [
            ("d.set", State::Current),
            ("c.set", State::Kept),
            ("b.set", State::Kept)
        ]
    );
    let present = ["a.set", "b.set", "z.set", "d.set"].map(file);
    assert_eq!(feeds.unreferenced(present).unwrap(), [file("a.set"), file("z.set")]);
    assert!(
        feeds
            .publish(&crate::bed::name("g"), &version("a.set", 1), 3, &by(1))
            .is_err()
    );
    let gone = feeds.remove(&name, &by(2)).unwrap();
    assert_eq!(gone, ["b.set", "c.set", "d.set"].map(file));
    assert!(feeds.list().unwrap().is_empty());
    store.check().unwrap();
}

#[test]
fn a_file_of_two_versions_is_released_with_the_second() {
    let store = Opened::new("shared");
    let feeds = store.feeds();
    for feed in ["f", "g"] {
        feeds.add(&spec(feed), &by(0)).unwrap();
        feeds.publish(&name(feed), &version("same.set", 1), 1, &by(1)).unwrap();
    }
    assert_eq!(
        feeds
            .publish(&name("f"), &version("new.set", 2), 1, &by(2))
            .unwrap()
            .released,
        []
    );
    assert_eq!(feeds.remove(&name("g"), &by(3)).unwrap(), [file("same.set")]);
}

#[test]
fn rolling_back_goes_further_each_time_and_never_forward() {
    let store = Opened::new("rollback");
    let (feeds, name) = (store.feeds(), name("f"));
    feeds.add(&spec("f"), &by(0)).unwrap();
    assert!(
        feeds
            .rollback(&name, &by(1))
            .unwrap_err()
            .to_string()
            .contains("no version yet")
    );
    for text in ["a.set", "b.set", "c.set"] {
        feeds.publish(&name, &version(text, 1), 5, &by(1)).unwrap();
    }
    let back = || {
        feeds
            .rollback(&name, &by(2))
            .map(|version| version.version.file.to_string())
    };
    assert_eq!(back().unwrap(), "b.set");
    assert_eq!(back().unwrap(), "a.set");
    assert!(back().unwrap_err().to_string().contains("no version before"));
    feeds.publish(&name, &version("d.set", 3), 5, &by(3)).unwrap();
    assert_eq!(back().unwrap(), "a.set", "what was withdrawn is not come back to");
    let states: Vec<State> = feeds
        .history(&name)
        .unwrap()
        .iter()
        .map(|version| version.state)
        .collect();
    assert_eq!(
        states,
        [State::Withdrawn, State::Withdrawn, State::Withdrawn, State::Current]
    );
}

#[test]
fn the_version_in_use_is_never_forgotten() {
    let store = Opened::new("pruned");
    let (feeds, name) = (store.feeds(), name("f"));
    feeds.add(&spec("f"), &by(0)).unwrap();
    for text in ["a.set", "b.set"] {
        let published = feeds.publish(&name, &version(text, 1), 0, &by(1)).unwrap();
        assert_eq!(feeds.get(&name).unwrap().unwrap().current.unwrap().id, published.id);
    }
    assert_eq!(feeds.history(&name).unwrap().len(), 1);
}

#[test]
fn what_went_wrong_is_told_until_it_goes_right() {
    let store = Opened::new("problem");
    let (feeds, name) = (store.feeds(), name("f"));
    feeds.add(&spec("f"), &by(0)).unwrap();
    let seen = || {
        let feed = feeds.get(&name).unwrap().unwrap();
        (feed.checked, feed.problem.map(|problem| problem.to_string()))
    };
    feeds.failed(&name, at(5), &"timed out".into()).unwrap();
    assert_eq!(seen(), (Some(at(5)), Some("timed out".to_owned())));
    feeds.unchanged(&name, at(6)).unwrap();
    assert_eq!(seen(), (Some(at(6)), None));
    assert!(feeds.unchanged(&crate::bed::name("g"), at(6)).is_err());
}

#[test]
fn names_lead_nowhere_and_urls_carry_no_passwords() {
    for text in ["", "../x", "a/b", r"a\b", ".x", "-x", "x y", "é", "x\0"] {
        assert!(SetFile::parse(text).is_err(), "{text:?}");
    }
    for text in [
        "https://user:pass@feeds.example/",
        "https://token@feeds.example",
        "feeds.example/list",
        "https:///x",
        "https://a b/",
        "https://a\n/",
        "",
    ] {
        assert!(FeedUrl::parse(text).is_err(), "{text:?}");
    }
    assert!(FeedUrl::parse("https://feeds.example/@me?x=a@b").is_ok());
}
