//! Values of captures that feeds know.

use super::ENGINE;
use crate::{judge_reputation, sightings};
use watchfire_formats::identify::media;
use watchfire_model::network::CaptureFacts;
use watchfire_model::{
    ArtifactId, ArtifactRecord, Asked, Digests, Enrichment, Grade, Location, Met, ObservableType, Outcome, Place, Rank,
    Reputation, Verdict, Weight,
};

/// What a feed says of a value that a capture of unknown digest shows.
fn check(value: &str, met: Met, title: &str, frames: &[u64]) {
    let mut observables = ENGINE.extractor.extract(value.as_bytes()).observed;
    let seen = observables.first_mut().unwrap();
    seen.frame = met.frames.first().copied();
    seen.met = Some(Box::new(met));
    let observable = seen.observable.clone();
    let enrichments = vec![
        Enrichment {
            towards: Verdict::Malicious,
            rank: Rank::Curated,
            strength: Weight::from_thousandths(1_000),
            grade: Grade::A,
            decay: Weight::from_thousandths(1_000),
            ..Enrichment::silent("list", Outcome::Found, "botnet C2")
        }
        .weighed(),
    ];
    let asked = Asked::of(&enrichments);
    let known = Reputation {
        input: "".into(),
        judgement: judge_reputation(ObservableType::Ipv4, &[], &enrichments, &asked),
        observable,
        location: Location::NOWHERE,
        tags: Vec::new(),
        asset: None,
        enrichments,
        asked,
    };
    let capture = ArtifactRecord {
        sha256: None,
        path: "big.pcap".into(),
        depth: 0,
        size: 1,
        media_type: media::PCAP,
        read: true,
        duplicate_of: None,
        digests: Digests::default(),
        known_good: None,
        listed_in: None,
        executable: None,
        capture: Some(Box::new(CaptureFacts::default())),
        log: None,
        observables,
        facts: None,
    };
    let found = sightings(&[capture], &[known]);
    let [finding] = &found[..] else { panic!("{found:#?}") };
    assert!(finding.title.ends_with(title), "{}", finding.title);
    let places: Vec<Place> = finding
        .evidence()
        .iter()
        .map(|evidence| evidence.place.clone())
        .collect();
    assert_eq!(
        places,
        frames.iter().map(|frame| Place::Frame(*frame)).collect::<Vec<_>>()
    );
    assert!(
        finding
            .evidence()
            .iter()
            .all(|evidence| evidence.artifact == ArtifactId::UNKNOWN)
    );
    assert_eq!(finding.rule.0, "indicator-sighted");
}

#[test]
fn what_feeds_know_is_told_with_hosts_frames_and_counts() {
    let met = Met {
        flows: 12,
        exchanges: 1,
        frames: vec![3, 40, 77],
        by: vec!["10.0.0.5".parse().unwrap(), "10.0.0.6".parse().unwrap()],
    };
    check(
        "203.0.113.66",
        met,
        ", in 12 flows and 1 exchange with 10[.]0[.]0[.]5, 10[.]0[.]0[.]6",
        &[3, 40, 77],
    );
    let once = Met {
        exchanges: 2,
        frames: vec![9],
        ..Met::default()
    };
    check("cdn-update.example.com", once, ", in 2 exchanges", &[9]);
}
