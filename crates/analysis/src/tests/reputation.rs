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
        "the one source asked does not know it; 1 not asked; 1 quota spent; 1 key refused; 1 gave no answer"
    );
    let judgement = check(IP, &[], &silent[2..], Verdict::Unknown, 0);
    assert_eq!(
        judgement.summary,
        "no source answered; 1 quota spent; 1 key refused; 1 gave no answer"
    );
    let context = [found("vpn", Verdict::Unknown, Rank::Context, 0, Grade::A, 1000)];
    let judgement = check(IP, &[], &context, Verdict::Unknown, 0);
    assert_eq!(judgement.summary, "the one source that knows it takes no side");
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
    let tags = [Tag("known-good"), Tag("own-public-resolvers")];
    check(IP, &tags, std::slice::from_ref(&good), Verdict::Benign, 0);
    let accused = [good.clone(), bad("a", 1000, Grade::A), bad("b", 1000, Grade::B)];
    let judgement = check(IP, &tags, &accused, Verdict::Benign, 98);
    assert_eq!(
        judgement.summary,
        "known-good identifier: botnet C2; 2 accusations overridden"
    );
    let contradicted = [good, curated("feodo", Verdict::Malicious)];
    let judgement = check(IP, &tags, &contradicted, Verdict::Suspicious, 90);
    assert!(
        judgement.summary.contains("but known-good identifier"),
        "{}",
        judgement.summary
    );
    assert_eq!(
        judgement.decided_by,
        "curated lists that contradict one another: feodo, own-public-resolvers"
    );
}

#[test]
fn a_feed_that_says_benign_identifies_nothing() {
    let mut good = curated("corp-allow", Verdict::Benign);
    good.detail = "listed".into();
    // The value is on a list of known-good identifiers, and the word is not that list's.
    let tags = [Tag("known-good"), Tag("own-public-resolvers")];
    for tags in [&[][..], &tags] {
        let judgement = check(IP, tags, std::slice::from_ref(&good), Verdict::Benign, 0);
        assert_eq!(judgement.summary, "listed as benign by corp-allow");
        assert_eq!(judgement.decided_by, "a curated list that calls it benign: corp-allow");
    }
}

#[test]
fn those_that_do_not_know_a_value_are_counted_and_those_that_cannot_accuse_are_not() {
    let said = [
        bad("virustotal", 1000, Grade::A),
        Enrichment::silent("otx", Outcome::NotFound, ""),
        Enrichment::silent("urlscan", Outcome::Failed, ""),
        found("vpn", Verdict::Unknown, Rank::Context, 0, Grade::A, 1000),
    ];
    let judgement = check(IP, &[], &said, Verdict::Malicious, 90);
    assert_eq!(
        judgement.summary,
        "botnet C2: 1 of 2 sources says bad; the newest 2 days old"
    );
    let mut listed = bad("c2", 1000, Grade::A);
    listed.detail = "listed".into();
    let judgement = check(IP, &[], &[listed], Verdict::Malicious, 90);
    assert_eq!(judgement.summary, "1 of 1 source says bad; the newest 2 days old");
}

#[test]
fn where_accusations_come_to_nothing_it_is_said_why() {
    let check = |said: &[Enrichment], why: &str| {
        let judgement = judge_reputation(IP, &[], said, &Asked::of(said));
        assert_eq!(judgement.verdict, Verdict::Unknown);
        assert_eq!(judgement.summary, format!("too little for a verdict: {why}"));
        assert_eq!(judgement.decided_by, "the score, which is below 40");
    };
    let aged = |source, rank, decay| found(source, Verdict::Malicious, rank, 800, Grade::A, decay);
    let expired = aged("old", Rank::Context, 0);
    let fading = aged("fading", Rank::Curated, 100);
    check(std::slice::from_ref(&expired), "1 accusation, expired (2 days old)");
    check(std::slice::from_ref(&fading), "1 accusation, 2 days old");
    check(&[expired, fading], "2 accusations, the newest 2 days old");
    check(&[bad("c", 720, Grade::C)], "one source of grade C alone");
    check(
        &[bad("c", 300, Grade::C), bad("d", 400, Grade::D)],
        "2 sources, the heaviest of grade C",
    );
    check(&[bad("e", 1000, Grade::E)], "one source of grade E alone");
}

#[test]
fn a_popular_name_takes_more_than_one_source() {
    let popular = [Tag("popular")];
    let listed = curated("feodo", Verdict::Malicious);
    let judgement = check(
        ObservableType::Domain,
        &popular,
        std::slice::from_ref(&listed),
        Verdict::Suspicious,
        90,
    );
    assert!(
        judgement
            .summary
            .ends_with("; but a popular name, and nobody else says so"),
        "{}",
        judgement.summary
    );
    assert!(
        judgement.decided_by.contains("popular name"),
        "{}",
        judgement.decided_by
    );
    let other = bad("b", 800, Grade::B);
    check(
        ObservableType::Domain,
        &popular,
        &[listed.clone(), other],
        Verdict::Malicious,
        96,
    );
    // The same source again is nobody else.
    let again = Enrichment {
        source: "mirror".into(),
        ..listed.clone()
    };
    check(
        ObservableType::Domain,
        &popular,
        &[listed.clone(), again],
        Verdict::Suspicious,
        90,
    );
    check(
        ObservableType::Domain,
        &popular,
        &[bad("a", 1000, Grade::A)],
        Verdict::Suspicious,
        90,
    );
    // A page is not the site.
    check(ObservableType::Url, &popular, &[listed], Verdict::Malicious, 90);
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
        let (shared, popular) = (Tag("shared-infrastructure"), Tag("popular"));
        let all = [popular, shared];
        let tags = [&[][..], &all[..1], &all[1..], &all][pick(4)];
        let kind = [IP, ObservableType::Domain][pick(2)];
        let judge = |said: &[Enrichment]| judge_reputation(kind, tags, said, &Asked::of(said));
        let before = judge(&enrichments);
        enrichments.reverse();
        let reversed = judge(&enrichments);
        assert_eq!(
            (before.verdict, before.score, &before.summary, &before.decided_by),
            (
                reversed.verdict,
                reversed.score,
                &reversed.summary,
                &reversed.decided_by
            )
        );
        let rank = [Rank::Evidence, Rank::Curated][pick(2)];
        let (strength, grade, decay) = (pick(1001) as u16, grades[pick(6)], [1000, pick(1001) as u16][pick(2)]);
        enrichments.push(found("more", Verdict::Malicious, rank, strength, grade, decay));
        let after = judge(&enrichments);
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
