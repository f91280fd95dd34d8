//! A list of values and several providers: what is kept, what hangs, what is left out.

use super::*;

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
