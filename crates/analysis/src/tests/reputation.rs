//! What holds for every judgement of a single observable.

use super::Numbers;
use crate::judge_reputation;
use watchfire_model::{
    Asked, Confidence, Enrichment, Grade, Judgement, ObservableType, Outcome, Rank, Tag, Verdict, Weight,
};

/// A source that knows the value.
fn found(source: &str, towards: Verdict, rank: Rank, strength: u16, grade: Grade, decay: u16) -> Enrichment {
    Enrichment {
        towards,
        rank,
        strength: Weight::from_thousandths(strength),
        grade,
        decay: Weight::from_thousandths(decay),
        age: Some(2 * 86_400),
        ..Enrichment::silent(source, Outcome::Found, "botnet C2")
    }
    .weighed()
}

fn bad(source: &str, strength: u16, grade: Grade) -> Enrichment {
    found(source, Verdict::Malicious, Rank::Evidence, strength, grade, 1000)
}

fn curated(source: &str, towards: Verdict) -> Enrichment {
    found(source, towards, Rank::Curated, 1000, Grade::A, 1000)
}

fn decided(towards: Verdict) -> Enrichment {
    found("analyst", towards, Rank::Decision, 0, Grade::A, 1000)
}

#[track_caller]
fn check(kind: ObservableType, tags: &[Tag], enrichments: &[Enrichment], verdict: Verdict, score: u8) -> Judgement {
    let judgement = judge_reputation(kind, tags, enrichments, &Asked::of(enrichments));
    assert_eq!(
        (judgement.verdict, judgement.score.get()),
        (verdict, score),
        "{}",
        judgement.summary
    );
    assert!(!judgement.reasons.is_empty());
    judgement
}

const IP: ObservableType = ObservableType::Ipv4;

#[test]
fn silence_of_every_kind_is_unknown() {
    let silent = [
        Outcome::NotFound,
        Outcome::NotAsked,
        Outcome::Quota,
        Outcome::Authentication,
        Outcome::Failed,
    ]
    .map(|outcome| Enrichment::silent("source", outcome, ""));
    let judgement = check(IP, &[], &silent, Verdict::Unknown, 0);
    assert_eq!(
        judgement.summary,
        "the one source asked does not know it; 1 not asked; 3 gave no answer"
    );
    let judgement = check(IP, &[], &[], Verdict::Unknown, 0);
    assert_eq!(judgement.summary, "no source was asked");
    assert_eq!(judgement.confidence, Confidence::Low);
}

#[test]
fn one_source_suffices_only_where_it_is_reliable() {
    check(IP, &[], &[bad("a", 1000, Grade::B)], Verdict::Suspicious, 75);
    check(IP, &[], &[bad("a", 1000, Grade::A)], Verdict::Malicious, 90);
    let judgement = check(
        IP,
        &[],
        &[bad("a", 1000, Grade::B), bad("b", 800, Grade::C)],
        Verdict::Malicious,
        85,
    );
    assert_eq!(
        judgement.summary,
        "botnet C2: 2 of 2 sources say bad; the newest 2 days old"
    );
    check(IP, &[], &[bad("a", 300, Grade::C)], Verdict::Unknown, 15);
}

#[test]
fn sources_of_one_group_count_once() {
    let mut resold = bad("b", 800, Grade::B);
    resold.group = "a".into();
    check(IP, &[], &[bad("a", 800, Grade::B), resold], Verdict::Suspicious, 60);
}

#[test]
fn a_curated_list_suffices_while_it_is_fresh() {
    let list = |decay| vec![found("feodo", Verdict::Malicious, Rank::Curated, 800, Grade::A, decay)];
    check(IP, &[], &list(1000), Verdict::Malicious, 72);
    check(IP, &[], &list(499), Verdict::Unknown, 36);
}

#[test]
fn known_good_identifiers_outrank_the_score_and_not_curated_lists() {
    let good = curated("own-public-resolvers", Verdict::Benign);
    check(IP, &[], std::slice::from_ref(&good), Verdict::Benign, 0);
    let accused = [good.clone(), bad("a", 1000, Grade::A), bad("b", 1000, Grade::B)];
    let judgement = check(IP, &[], &accused, Verdict::Benign, 98);
    assert_eq!(
        judgement.summary,
        "known-good identifier: botnet C2; 2 accusations overridden"
    );
    let contradicted = [good, curated("feodo", Verdict::Malicious)];
    let judgement = check(IP, &[], &contradicted, Verdict::Suspicious, 90);
    assert!(
        judgement.summary.contains("but a known-good identifier"),
        "{}",
        judgement.summary
    );
}

#[test]
fn an_analyst_has_the_last_word() {
    let lists = [curated("feodo", Verdict::Malicious), decided(Verdict::Benign)];
    check(IP, &[], &lists, Verdict::Benign, 90);
    let lists = [curated("resolvers", Verdict::Benign), decided(Verdict::Malicious)];
    check(IP, &[], &lists, Verdict::Malicious, 0);
}

#[test]
fn what_many_share_is_at_most_suspicious_by_score() {
    let shared = [Tag("shared-infrastructure")];
    let accused = [bad("a", 1000, Grade::A), bad("b", 1000, Grade::B)];
    check(ObservableType::Domain, &shared, &accused, Verdict::Suspicious, 98);
    check(ObservableType::Url, &shared, &accused, Verdict::Malicious, 98);
    check(
        ObservableType::Domain,
        &shared,
        &[curated("feodo", Verdict::Malicious)],
        Verdict::Malicious,
        90,
    );
}

#[test]
fn more_bad_evidence_never_lowers_a_verdict_and_order_says_nothing() {
    let mut numbers = Numbers(0x5eed);
    let verdicts = [
        Verdict::Suspicious,
        Verdict::Malicious,
        Verdict::Benign,
        Verdict::Unknown,
    ];
    let grades = [Grade::A, Grade::B, Grade::C, Grade::D, Grade::E, Grade::F];
    let outcomes = [Outcome::Found, Outcome::Found, Outcome::NotFound, Outcome::Quota];
    for _ in 0..4000 {
        let mut pick = |below: u64| numbers.next(below) as usize;
        let mut enrichments: Vec<Enrichment> = (0..pick(6))
            .map(|n| {
                let rank = [
                    Rank::Context,
                    Rank::Evidence,
                    Rank::Evidence,
                    Rank::Curated,
                    Rank::Decision,
                ][pick(5)];
                let mut enrichment = found(
                    &format!("s{n}"),
                    verdicts[pick(4)],
                    rank,
                    pick(1001) as u16,
                    grades[pick(6)],
                    pick(1001) as u16,
                );
                enrichment.outcome = outcomes[pick(4)];
                enrichment
            })
            .collect();
        let tags: &[Tag] = [&[][..], &[Tag("shared-infrastructure")]][pick(2)];
        let before = judge_reputation(IP, tags, &enrichments, &Asked::of(&enrichments));
        enrichments.reverse();
        let reversed = judge_reputation(IP, tags, &enrichments, &Asked::of(&enrichments));
        assert_eq!(
            (before.verdict, before.score, &before.summary),
            (reversed.verdict, reversed.score, &reversed.summary)
        );
        enrichments.push(bad("more", pick(1001) as u16, grades[pick(6)]));
        let after = judge_reputation(IP, tags, &enrichments, &Asked::of(&enrichments));
        assert!(
            after.verdict >= before.verdict && after.score >= before.score,
            "{before:?} became {after:?}"
        );
    }
}

#[test]
fn silence_changes_nothing_and_nothing_but_a_word_for_it_makes_a_value_benign() {
    let mut numbers = Numbers(0xca11);
    let silences = [
        Outcome::NotFound,
        Outcome::NotAsked,
        Outcome::Quota,
        Outcome::Authentication,
        Outcome::Failed,
    ];
    let towards = [
        Verdict::Suspicious,
        Verdict::Malicious,
        Verdict::Unknown,
        Verdict::Benign,
    ];
    for round in 0..4000 {
        let mut pick = |below: u64| numbers.next(below) as usize;
        // In every other round nobody speaks for the value.
        let sides = if round % 2 == 0 { 3 } else { 4 };
        let mut enrichments: Vec<Enrichment> = (0..pick(5))
            .map(|n| {
                let rank = [Rank::Context, Rank::Evidence, Rank::Curated][pick(3)];
                let (strength, decay) = (pick(1001) as u16, pick(1001) as u16);
                found(&format!("s{n}"), towards[pick(sides)], rank, strength, Grade::A, decay)
            })
            .collect();
        let before = judge_reputation(IP, &[], &enrichments, &Asked::of(&enrichments));
        let spoken_for = enrichments.iter().any(|said| said.towards == Verdict::Benign);
        assert!(spoken_for || before.verdict != Verdict::Benign, "{before:?}");
        for n in 0..=pick(4) {
            enrichments.push(Enrichment::silent(format!("silent{n}"), silences[pick(5)], ""));
        }
        let after = judge_reputation(IP, &[], &enrichments, &Asked::of(&enrichments));
        assert_eq!((before.verdict, before.score), (after.verdict, after.score));
    }
}
