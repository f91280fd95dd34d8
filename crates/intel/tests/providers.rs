//! Every provider and every way in which a question can end, through the real transport against a server on the
//! loopback that speaks as the providers do.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use watchfire_intel::asking::{Answers, Asking, Configured, MemoryCache, MemoryQuota, Row};
use watchfire_intel::enrichers::{Key, PROVIDERS, ProviderInfo};
use watchfire_intel::transport::{Http, HttpOptions, Offline, Replay};
use watchfire_model::transport::{Method, Request, Response, Transport};
use watchfire_model::{
    Asked, Cache, Enrichment, Exposure, Gate, Indicator, Moment, Observable, ObservableType as T, Organisation,
    Origination, Outcome, Pap, Tlp, Urgency, Verdict,
};
use watchfire_standin::{CREDENTIALS, Mode, Standin};

const KEY: &str = "S3CR3T-0123456789abcdef";

fn now() -> Moment {
    Moment::parse("2026-11-22T06:00:00Z").unwrap()
}

fn observable(kind: T, text: &str) -> Observable {
    Observable::parse(kind, text).unwrap()
}

/// One value of each type that somebody answers about.
fn samples() -> Vec<Observable> {
    let of = |byte: &str, length: usize| byte.repeat(length / 2);
    vec![
        observable(T::Ipv4, "8.8.4.4"),
        observable(T::Ipv4Cidr, "8.8.4.0/24"),
        observable(T::Ipv6, "2606:4700::1111"),
        observable(T::Ipv6Cidr, "2606:4700::/32"),
        observable(T::Socket, "8.8.4.4:443"),
        observable(T::Domain, "evil.com"),
        observable(T::Url, "http://evil.com/a.exe?id=7"),
        observable(T::Asn, "AS64500"),
        observable(T::Md5, &of("a1", 32)),
        observable(T::Sha1, &of("b2", 40)),
        observable(T::Sha256, &of("c3", 64)),
        observable(T::Cve, "CVE-2026-12345"),
        observable(T::Ghsa, "GHSA-2345-6789-cfgh"),
    ]
}

/// Whether a provider behaves as a place says; WHOIS and DNS behave as their questions say.
fn speaks_http(info: &ProviderInfo) -> bool {
    !info.base.starts_with("whois:") && !info.base.starts_with("dns:")
}

/// What a run needs; each test changes what it is about.
struct Setup {
    providers: Vec<Configured>,
    cache: MemoryCache,
    quota: MemoryQuota,
    organisation: Organisation,
    gate: Gate,
    deadline: Duration,
    offline: bool,
}

impl Setup {
    /// Every provider at its place on the stand-in, behaving as `mode` says, on each of its plans.
    fn new(standin: &Standin, mode: Option<Mode>) -> Self {
        let mut providers = Vec::new();
        for provider in PROVIDERS {
            let info = provider.info();
            let base = match mode {
                Some(mode) => standin.base_with(info.name, mode),
                None => standin.base(info.name),
            };
            let base = if speaks_http(info) {
                base
            } else {
                standin.base(info.name)
            };
            for plan in info.plans {
                let mut configured = Configured::with(*provider, &base, Key::new(KEY), Some(plan));
                configured.retries = 0;
                configured.windows = Vec::new();
                configured.timeout = Duration::from_secs(20);
                providers.push(configured);
            }
        }
        Self {
            providers,
            cache: MemoryCache::default(),
            quota: MemoryQuota::default(),
            organisation: Organisation::default(),
            gate: Gate {
                tlp: Tlp::Clear,
                pap: Pap::Green,
                contact: true,
            },
            deadline: Duration::from_secs(60),
            offline: false,
        }
    }

    /// Only the providers of these names, on their first plan.
    fn only(mut self, names: &[&str]) -> Self {
        let mut seen = BTreeSet::new();
        self.providers
            .retain(|configured| names.contains(&configured.info().name) && seen.insert(configured.info().name));
        self
    }

    fn timeout(mut self, timeout: Duration) -> Self {
        self.providers
            .iter_mut()
            .for_each(|configured| configured.timeout = timeout);
        self
    }

    fn asking<'a>(&'a self, transport: &'a dyn Transport) -> Asking<'a> {
        Asking {
            providers: &self.providers,
            gate: self.gate,
            organisation: &self.organisation,
            transport,
            cache: &self.cache,
            quota: &self.quota,
            urgency: Urgency::Interactive,
            now: now(),
            as_of: now(),
            max_age: None,
            offline: self.offline,
            deadline: self.deadline,
            seed: 1,
        }
    }

    fn run(&self, list: &[Observable]) -> Answers {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let http = Http::new(HttpOptions::default()).unwrap();
            self.asking(&http).run(list).await
        })
    }
}

/// Asks every provider on each plan about a value of each of its types, and wants the same end everywhere.
#[track_caller]
fn check(mode: Mode, timeout: Duration, expected: Outcome) -> Vec<Row> {
    let standin = Standin::start().unwrap();
    let mut setup = Setup::new(&standin, Some(mode)).timeout(timeout);
    setup.providers.retain(|configured| speaks_http(configured.info()));
    let mut wrong = Vec::new();
    let mut rows = Vec::new();
    for what in samples() {
        // One value at a time: a provider that fails thrice in a row would be left alone.
        for row in setup.run(std::slice::from_ref(&what)).rows.concat() {
            let enrichment = &row.enrichment;
            if enrichment.outcome != expected {
                let (outcome, detail) = (enrichment.outcome.as_str(), &enrichment.detail);
                wrong.push(format!(
                    "{} about {}: {outcome}: {detail}",
                    enrichment.source,
                    what.kind()
                ));
            }
            rows.push(row);
        }
    }
    assert!(wrong.is_empty(), "{mode:?}:\n{}", wrong.join("\n"));
    let told: BTreeSet<&str> = rows.iter().map(|row| row.enrichment.source.raw()).collect();
    let all = PROVIDERS.iter().map(|provider| provider.info());
    let all: BTreeSet<&str> = all.filter(|info| speaks_http(info)).map(|info| info.name).collect();
    assert_eq!(told, all, "somebody was not asked");
    rows
}

/// Long enough for a loaded machine, for answers that come.
const PATIENT: Duration = Duration::from_secs(20);

#[test]
fn what_is_known_is_found() {
    let rows = check(Mode::Found, PATIENT, Outcome::Found);
    for row in &rows {
        let enrichment = &row.enrichment;
        assert!(!enrichment.detail.is_empty(), "{enrichment:?}");
        assert_eq!(enrichment.from, Origination::Live);
        let sided = enrichment.towards != Verdict::Unknown;
        assert_eq!(sided, enrichment.strength.thousandths() > 0, "{enrichment:?}");
    }
    assert!(rows.iter().any(|row| row.enrichment.towards == Verdict::Malicious));
}

#[test]
fn what_is_not_known_is_not_found_and_never_clean() {
    for row in check(Mode::Unknown, PATIENT, Outcome::NotFound) {
        assert_eq!(row.enrichment.towards, Verdict::Unknown, "{row:?}");
        assert_eq!(row.enrichment.weight.thousandths(), 0, "{row:?}");
    }
}

#[test]
fn a_spent_quota_is_told() {
    check(Mode::Quota, PATIENT, Outcome::Quota);
}

#[test]
fn a_wrong_key_is_told() {
    let standin = Standin::start().unwrap();
    let keyed: BTreeSet<&str> = PROVIDERS
        .iter()
        .map(|provider| provider.info())
        // Who answers without a key says nothing of a wrong one in its own way.
        .filter(|info| info.key.variable().is_some())
        .map(|info| info.name)
        .collect();
    let mut setup = Setup::new(&standin, Some(Mode::Auth));
    setup
        .providers
        .retain(|configured| keyed.contains(configured.info().name));
    let answers = setup.run(&samples());
    for row in answers.rows.concat() {
        assert_eq!(row.enrichment.outcome, Outcome::Authentication, "{row:?}");
    }
    let most = setup
        .providers
        .iter()
        .map(|configured| configured.concurrency)
        .sum::<usize>();
    assert!(
        answers.calls as usize <= most,
        "a key that was refused is not shown again: {} calls",
        answers.calls
    );
}

#[test]
fn a_truncated_answer_is_a_failure() {
    check(Mode::Malformed, PATIENT, Outcome::Failed);
}

#[test]
fn fields_of_another_type_are_a_failure() {
    check(Mode::WrongType, PATIENT, Outcome::Failed);
}

#[test]
fn a_web_page_is_a_failure() {
    check(Mode::Html, PATIENT, Outcome::Failed);
}

#[test]
fn a_page_that_does_not_exist_is_no_unknown_value() {
    check(Mode::NoPage, PATIENT, Outcome::Failed);
}

#[test]
fn an_empty_answer_is_a_failure() {
    check(Mode::Empty, PATIENT, Outcome::Failed);
}

#[test]
fn a_closed_connection_is_a_failure() {
    check(Mode::Disconnect, PATIENT, Outcome::Failed);
}

#[test]
fn silence_is_a_failure() {
    check(Mode::Slow, Duration::from_millis(50), Outcome::Failed);
}

#[test]
fn answers_made_to_exhaust_are_failures() {
    check(Mode::Nested, PATIENT, Outcome::Failed);
    let standin = Standin::start().unwrap();
    for mode in [Mode::Large, Mode::Bomb] {
        let setup = Setup::new(&standin, Some(mode)).only(&["virustotal", "threatfox"]);
        for row in setup.run(&[observable(T::Ipv4, "8.8.4.4")]).rows.concat() {
            assert_eq!(row.enrichment.outcome, Outcome::Failed);
            assert_eq!(row.enrichment.detail.raw(), "the answer is too large", "{mode:?}");
        }
    }
}

#[test]
fn hostile_words_are_cut_and_shown_harmless() {
    let standin = Standin::start().unwrap();
    let setup = Setup::new(&standin, Some(Mode::Hostile));
    let rows = setup.run(&samples()).rows.concat();
    assert!(rows.iter().any(|row| row.enrichment.outcome == Outcome::Found));
    for row in rows {
        let enrichment = &row.enrichment;
        assert!(enrichment.detail.raw().len() <= Indicator::MAX_THREAT);
        assert!(enrichment.reference.raw().len() <= Indicator::MAX_REFERENCE);
        let notes: String = row
            .notes
            .iter()
            .map(|note| format!("{}{}", note.name, note.value))
            .collect();
        let shown = format!("{}{}{notes}", enrichment.detail, enrichment.reference);
        assert!(
            !shown.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{shown:?}"
        );
        assert!(
            row.notes
                .iter()
                .all(|note| note.value.raw().len() <= Indicator::MAX_THREAT)
        );
    }
}

#[test]
fn keys_are_never_told() {
    let standin = Standin::start().unwrap();
    for mode in Mode::ALL.iter().filter(|mode| !matches!(mode, Mode::Slow)) {
        let setup = Setup::new(&standin, Some(*mode));
        let answers = setup.run(&samples());
        let told = format!("{answers:?} {:?} {:?}", setup.providers, setup.cache);
        assert!(!told.contains(KEY), "{mode:?}");
    }
    for configured in Setup::new(&standin, None).providers {
        for what in samples().iter().filter(|what| configured.info().takes(what.kind())) {
            let request = configured.provider.ask(what, &configured.account);
            assert!(!format!("{request:?}").contains(KEY), "{request:?}");
        }
    }
}

#[test]
fn kept_answers_are_read_again_to_the_same_end() {
    let standin = Standin::start().unwrap();
    let setup = Setup::new(&standin, None);
    let mut live = setup.run(&samples());
    for row in live.rows.iter_mut().flatten() {
        assert_eq!(row.enrichment.outcome, Outcome::Found, "{row:?}");
        // The second plan of a provider may find what the first has just been told.
        row.enrichment.from = Origination::Live;
    }
    let before = standin.requests();
    let mut kept = setup.run(&samples());
    assert_eq!((kept.calls, standin.requests()), (0, before));
    for row in kept.rows.iter_mut().flatten() {
        assert_eq!(row.enrichment.from, Origination::Cache, "{row:?}");
        row.enrichment.from = Origination::Live;
    }
    // A provider with two plans has one cache: its rows are those of the plan that was asked last.
    for (live, kept) in live.rows.concat().iter().zip(kept.rows.concat()) {
        if !live.enrichment.source.raw().contains("greynoise") {
            assert_eq!(*live, kept);
        }
    }
}

#[test]
fn offline_takes_what_is_kept_however_old() {
    let standin = Standin::start().unwrap();
    let mut setup = Setup::new(&standin, None).only(&["virustotal", "rdap"]);
    let what = [observable(T::Domain, "evil.com")];
    setup.run(&what);
    let before = standin.requests();
    setup.offline = true;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let asking = Asking {
        now: now().after(90 * 86_400),
        as_of: now().after(90 * 86_400),
        ..setup.asking(&Offline)
    };
    let answers = runtime.block_on(asking.run(&what));
    let outcomes: Vec<Outcome> = answers.rows.concat().iter().map(|row| row.enrichment.outcome).collect();
    assert_eq!(outcomes, [Outcome::Found, Outcome::Found]);
    assert!(answers.rows.concat()[0].enrichment.decay.thousandths() < 1000);
    let answers = runtime.block_on(asking.run(&[observable(T::Domain, "other.com")]));
    for row in answers.rows.concat() {
        assert_eq!(row.enrichment.outcome, Outcome::NotAsked);
        assert_eq!(row.enrichment.detail.raw(), "the network is forbidden");
    }
    assert_eq!((answers.calls, standin.requests()), (0, before));
}

#[test]
fn three_that_hang_and_two_that_fail_delay_and_spoil_nothing() {
    let standin = Standin::start().unwrap();
    let provider = PROVIDERS[0];
    let modes = [Mode::Found, Mode::Slow, Mode::Found, Mode::Disconnect, Mode::Unknown];
    let mut setup = Setup::new(&standin, None).only(&[]);
    for mode in modes
        .into_iter()
        .chain([Mode::Slow, Mode::Found, Mode::Html, Mode::Slow, Mode::Found])
    {
        let base = standin.base_with(provider.info().name, mode);
        let mut configured = Configured::with(provider, &base, Key::new(KEY), provider.info().plan(Some("premium")));
        configured.timeout = Duration::from_secs(30);
        setup.providers.push(configured);
    }
    setup.deadline = Duration::from_secs(5);
    let started = Instant::now();
    let answers = setup.run(&[observable(T::Domain, "evil.com")]);
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let enrichments: Vec<_> = answers.rows.concat().into_iter().map(|row| row.enrichment).collect();
    let asked = Asked::of(&enrichments);
    assert_eq!(
        (asked.sources, asked.found, asked.not_found, asked.failed),
        (10, 4, 1, 5)
    );
    let late = enrichments
        .iter()
        .filter(|enrichment| enrichment.detail.raw() == "no answer before the deadline");
    assert_eq!(late.count(), 3);
}

#[test]
fn a_passing_fault_is_tried_again() {
    let standin = Standin::start().unwrap();
    let mut setup = Setup::new(&standin, Some(Mode::Busy)).only(&["virustotal"]);
    setup.providers[0].retries = 2;
    let answers = setup.run(&[observable(T::Domain, "evil.com")]);
    assert_eq!(answers.rows[0][0].enrichment.outcome, Outcome::Found);
}

#[test]
fn nothing_private_leaves_and_every_refusal_is_told() {
    let standin = Standin::start().unwrap();
    let mut setup = Setup::new(&standin, None);
    // Servers of one's own may be asked about what is one's own.
    let own = |configured: &Configured| configured.info().exposure == Exposure::OwnServer;
    assert_eq!(setup.providers.iter().filter(|configured| own(configured)).count(), 2);
    setup.providers.retain(|configured| !own(configured));
    let list = [
        observable(T::Ipv4, "10.0.0.7"),
        observable(T::Ipv4, "203.0.113.7"),
        observable(T::Ipv6, "fe80::1"),
        observable(T::Domain, "evil.example"),
        observable(T::Url, "http://192.168.1.1/admin"),
        observable(T::Url, "http://user:pw@evil.com/"),
    ];
    let answers = setup.run(&list);
    assert_eq!((answers.calls, standin.requests()), (0, 0));
    for (what, rows) in list.iter().zip(&answers.rows) {
        assert!(!rows.is_empty(), "{what}");
        for row in rows {
            assert_eq!(row.enrichment.outcome, Outcome::NotAsked, "{what}: {row:?}");
        }
    }
    let mut marked = Setup::new(&standin, None);
    marked.gate.pap = Pap::Red;
    let answers = marked.run(&[observable(T::Ipv4, "8.8.4.4")]);
    assert!(
        answers.rows[0]
            .iter()
            .any(|row| row.enrichment.detail.raw() == "PAP:RED")
    );
}

#[test]
fn a_url_is_asked_about_without_what_it_tells() {
    let standin = Standin::start().unwrap();
    let setup = Setup::new(&standin, None).only(&["urlhaus"]);
    let answers = setup.run(&[observable(T::Url, "http://evil.com/a?email=ann%40bank.com")]);
    let enrichment = &answers.rows[0][0].enrichment;
    assert_eq!(enrichment.outcome, Outcome::Found);
    assert_eq!(enrichment.matched.as_ref().unwrap().raw(), "http://evil.com/a");
}

#[test]
fn a_key_that_comes_back_is_neither_told_nor_kept() {
    let standin = Standin::start().unwrap();
    let mut kept = 0;
    for status in [200, 400, 401, 403, 404, 429, 500] {
        let setup = Setup::new(&standin, None);
        let echo = Replay::new(move |request: &Request| {
            let body = String::from_utf8_lossy(&request.body);
            let told = format!("bad {} {:?} {body}", request.url, request.headers);
            let stats = serde_json::json!({"malicious": 3, "suspicious": 0, "harmless": 1, "undetected": 1});
            let body = serde_json::json!({
                "message": told,
                "error": {"message": told},
                "detail": told,
                "data": {"attributes": {"last_analysis_stats": stats, "meaningful_name": told}},
            });
            Ok(Response {
                status,
                headers: Vec::new(),
                body: body.to_string().into_bytes(),
            })
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let answers = runtime.block_on(setup.asking(&echo).run(&samples()));
        let shown = format!("{answers:?}");
        assert!(!shown.contains(KEY), "{status}: {shown}");
        for what in samples() {
            for provider in PROVIDERS {
                let Some(answer) = setup.cache.get(provider.info().name, &what) else {
                    continue;
                };
                let body = String::from_utf8(answer.body).unwrap();
                assert!(!body.contains(KEY), "{body}");
                kept += u32::from(body.contains("***"));
            }
        }
    }
    assert!(kept > 0, "no answer with a key in it was kept");
}

#[test]
fn a_spent_quota_leaves_out_the_end_of_the_list_and_says_when_to_go_on() {
    let standin = Standin::start().unwrap();
    let mut setup = Setup::new(&standin, None).only(&["virustotal"]);
    setup.providers[0].windows = vec![watchfire_model::Window::day(5)];
    let list: Vec<Observable> = (0..12).map(|n| observable(T::Ipv4, &format!("8.8.4.{n}"))).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let http = Http::new(HttpOptions::default()).unwrap();
    let asking = setup.asking(&http);
    let cost = &asking.cost(&list)[0];
    assert_eq!((cost.calls, cost.left, cost.kept), (12, Some(5), 0));
    let answers = runtime.block_on(asking.run(&list));
    let outcomes: Vec<Outcome> = answers.rows.concat().iter().map(|row| row.enrichment.outcome).collect();
    let (asked, left) = outcomes.split_at(5);
    assert!(asked.iter().all(|outcome| *outcome == Outcome::Found), "{outcomes:?}");
    assert!(left.iter().all(|outcome| *outcome == Outcome::Quota), "{outcomes:?}");
    assert_eq!(answers.calls, 5);
    let again = answers.again.unwrap();
    assert!(again >= now().after(86_400) && again <= now().after(86_410), "{again}");
    let cost = &asking.cost(&list)[0];
    assert_eq!((cost.calls, cost.left, cost.kept), (7, Some(0), 5));
}

#[test]
fn a_value_that_stands_twice_is_asked_about_once() {
    let standin = Standin::start().unwrap();
    let setup = Setup::new(&standin, None).only(&["abuseipdb"]);
    let what = observable(T::Ipv4, "8.8.4.4");
    let answers = setup.run(&[what.clone(), observable(T::Domain, "evil.com"), what]);
    assert_eq!(answers.calls, 1);
    assert_eq!(answers.rows[0], answers.rows[2]);
    assert!(answers.rows[1].is_empty(), "it takes no domains");
}

/// Separators of a URL or a form that stand in `text`.
fn separators(text: &str) -> Vec<char> {
    text.chars().filter(|c| "/?&#=".contains(*c)).collect()
}

#[test]
fn no_value_breaks_out_of_its_place_in_a_question() {
    let standin = Standin::start().unwrap();
    let setup = Setup::new(&standin, None);
    let plain = observable(T::Url, "http://evil.com/");
    for nasty in [
        "http://evil.com/../../x?a=b&c=d#e",
        "http://evil.com/%2e%2e%2f%00'\\;",
        "http://evil.com/\"},{\"x\":\"",
        "http://evil.com/{\"$ne\":1}",
        "http://evil.com/\u{202e}é",
    ] {
        let Ok(nasty) = Observable::parse(T::Url, nasty) else {
            continue;
        };
        for configured in setup
            .providers
            .iter()
            .filter(|configured| configured.info().sends_urls())
        {
            let [one, other] = [&plain, &nasty].map(|what| configured.provider.ask(what, &configured.account));
            assert_eq!(separators(&one.url), separators(&other.url), "{}", other.url);
            assert_eq!(one.headers.len(), other.headers.len());
            match serde_json::from_slice::<serde_json::Value>(&one.body) {
                Ok(one) => {
                    let other: serde_json::Value = serde_json::from_slice(&other.body).unwrap();
                    assert_eq!(one.as_object().map(|o| o.len()), other.as_object().map(|o| o.len()));
                }
                Err(_) if one.method == Method::Post => {
                    let [one, other] = [&one, &other].map(|request| String::from_utf8(request.body.clone()).unwrap());
                    assert_eq!(separators(&one), separators(&other));
                }
                Err(_) => {}
            }
        }
    }
}

#[test]
fn a_proxy_is_used_with_its_password_and_passed_by_where_told() {
    let standin = Standin::start().unwrap();
    let proxy = format!("http://{}", standin.proxy());
    let through = |proxy: String, none: Option<&str>| {
        let mut options = HttpOptions::default();
        options.proxies.http = Some(proxy);
        options.proxies.none = none.map(str::to_owned);
        options.plain = ["http://elsewhere.test".to_owned()].into();
        let mut setup = Setup::new(&standin, None).only(&["abuseipdb"]);
        let provider = setup.providers[0].provider;
        setup.providers[0] = Configured::with(provider, "http://elsewhere.test/abuseipdb", Key::new(KEY), None);
        setup.providers[0].retries = 0;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let http = Http::new(options).unwrap();
        let answers = runtime.block_on(setup.asking(&http).run(&[observable(T::Ipv4, "8.8.4.4")]));
        answers.rows.concat()[0].enrichment.clone()
    };
    let with_password = format!("http://{CREDENTIALS}@{}", standin.proxy());
    assert_eq!(through(with_password.clone(), None).outcome, Outcome::Found);
    let without = through(proxy, None);
    assert_eq!(without.outcome, Outcome::Failed);
    assert!(without.detail.raw().contains("proxy"), "{without:?}");
    let past = through(with_password, Some("elsewhere.test"));
    assert_eq!(past.outcome, Outcome::Failed, "there is no such host");
    assert!(!past.detail.raw().contains("s3cret"));
}

/// Asks WHOIS, and says how it ended.
#[track_caller]
fn check_whois(name: &str, expected: Outcome, detail: &str) -> Enrichment {
    let standin = Standin::start().unwrap();
    let setup = Setup::new(&standin, None)
        .only(&["whois"])
        .timeout(Duration::from_millis(if name.contains("slow") { 50 } else { 20_000 }));
    let enrichment = setup.run(&[observable(T::Domain, name)]).rows.concat()[0]
        .enrichment
        .clone();
    assert_eq!(enrichment.outcome, expected, "{name}: {enrichment:?}");
    assert!(enrichment.detail.raw().contains(detail), "{name}: {enrichment:?}");
    enrichment
}

#[test]
fn whois_ends_in_as_many_ways_as_the_others() {
    check_whois(
        "evil.com",
        Outcome::Found,
        "registered 2026-11-02, by Example Registrar",
    );
    check_whois("unknown-name.com", Outcome::NotFound, "not registered");
    check_whois("quota-name.com", Outcome::Quota, "too many");
    check_whois("html-name.com", Outcome::Failed, "web page");
    check_whois("empty-name.com", Outcome::Failed, "empty");
    check_whois("disconnect-name.com", Outcome::Failed, "empty");
    check_whois("slow-name.com", Outcome::Failed, "in time");
    check_whois("loop-name.com", Outcome::Failed, "");
    check_whois("astray-name.com", Outcome::Failed, "where one does not go");
    check_whois("endless-name.com", Outcome::Failed, "too large");
    let row = check_whois("hostile-name.com", Outcome::Found, "registered 2026-11-02");
    let shown = format!("{}{}", row.detail, row.reference);
    assert!(
        !shown.contains(|c: char| c.is_control() || c == '\u{202e}'),
        "{shown:?}"
    );
}
