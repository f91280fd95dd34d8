//! Quotas: never one call too many, in no window, whatever the clock does.

use crate::bed::{Dice, Opened, at, name};
use watchfire_model::Moment;
use watchfire_store::{Account, Limit, Store, Turn, Urgency, Window};

fn account(store: &Store, provider: &str) -> Account {
    let provider = name(provider);
    let key = store.quotas().key_id(&provider, b"secret").unwrap();
    Account { provider, key }
}

fn limit(window: Window, calls: u32) -> Limit {
    Limit { window, calls }
}

/// Takes at `now` and says until when to wait, if so.
#[track_caller]
fn take(store: &Store, account: &Account, limits: &[Limit], now: Moment, urgency: Urgency) -> Option<Moment> {
    match store.quotas().take(account, limits, now, urgency).unwrap() {
        Turn::Taken => None,
        Turn::Wait { until } => {
            assert!(until > now, "{until} {now}");
            Some(until)
        }
    }
}

#[test]
fn keys_are_told_apart_and_not_kept() {
    let store = Opened::new("keys");
    let quotas = store.quotas();
    let id = |provider, key: &[u8]| quotas.key_id(&name(provider), key).unwrap();
    assert_eq!(id("a", b"k"), id("a", b"k"));
    assert_ne!(id("a", b"k"), id("a", b"l"));
    assert_ne!(id("a", b"k"), id("b", b"k"));
    assert_ne!(id("a", b"bk"), id("ab", b"k"));
    assert_ne!(
        id("a", b"k"),
        Opened::new("keys-other").quotas().key_id(&name("a"), b"k").unwrap()
    );
    let secret = b"0123456789abcdef-very-secret";
    let account = Account {
        provider: name("a"),
        key: id("a", secret),
    };
    assert_eq!(quotas.take(&account, &[], at(0), Urgency::Alert).unwrap(), Turn::Taken);
    for entry in std::fs::read_dir(store.bed.folder()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}

#[test]
fn a_minute_rolls_and_a_day_is_the_calendars() {
    let store = Opened::new("windows");
    let account = account(&store, "virustotal");
    let limits = [limit(Window::Minute, 4), limit(Window::Day, 6)];
    let go = |seconds| take(&store, &account, &limits, at(seconds), Urgency::Interactive);
    for seconds in [0, 0, 10, 20] {
        assert_eq!(go(seconds), None);
    }
    assert_eq!(go(20), Some(at(61)));
    assert_eq!(go(60), Some(at(61)), "a call at 0.9 s is not a minute old at 60.0 s");
    assert_eq!(go(61), None);
    assert_eq!(go(61), None);
    let midnight = at(12 * 3600);
    assert_eq!(go(600), Some(midnight));
    assert_eq!(
        take(&store, &account, &limits, midnight.before(1), Urgency::Alert),
        Some(midnight)
    );
    assert_eq!(take(&store, &account, &limits, midnight, Urgency::Alert), None);
    let spent = store.quotas().spent(&account, midnight).unwrap();
    let spent: Vec<u64> = spent.iter().map(|spent| spent.calls).collect();
    assert_eq!(spent, [1, 1, 1, 7]);
}

#[test]
fn months_end_as_the_calendar_says() {
    let store = Opened::new("months");
    for (now, next) in [
        ("2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"),
        ("2026-12-05T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ("2028-02-29T12:00:00Z", "2028-03-01T00:00:00Z"),
    ] {
        let account = account(&store, &now.to_lowercase().replace(':', "-"));
        let (now, next) = (Moment::parse(now).unwrap(), Moment::parse(next).unwrap());
        let limits = [limit(Window::Month, 1)];
        assert_eq!(take(&store, &account, &limits, now, Urgency::Alert), None);
        assert_eq!(take(&store, &account, &limits, now, Urgency::Alert), Some(next));
        assert_eq!(take(&store, &account, &limits, next, Urgency::Alert), None);
    }
}

#[test]
fn bulk_leaves_a_fifth() {
    let store = Opened::new("reserve");
    for (calls, bulk) in [(1, 1), (2, 1), (4, 3), (5, 4), (50, 40), (500, 400)] {
        let account = account(&store, &format!("p{calls}"));
        let limits = [limit(Window::Day, calls)];
        let mut taken = 0;
        while take(&store, &account, &limits, at(0), Urgency::Bulk).is_none() {
            taken += 1;
        }
        assert_eq!(taken, bulk, "{calls}");
        while take(&store, &account, &limits, at(0), Urgency::Interactive).is_none() {
            taken += 1;
        }
        assert_eq!(taken, calls);
        if calls >= 50 {
            break;
        }
    }
    let account = account(&store, "none");
    assert!(take(&store, &account, &[limit(Window::Minute, 0)], at(0), Urgency::Alert).is_some());
    assert!(take(&store, &account, &[limit(Window::Month, 0)], at(0), Urgency::Bulk).is_some());
}

#[test]
fn accounts_do_not_share() {
    let store = Opened::new("accounts");
    let limits = [limit(Window::Day, 1)];
    let one = account(&store, "a");
    let other = Account {
        key: store.quotas().key_id(&one.provider, b"other").unwrap(),
        ..one.clone()
    };
    assert_eq!(take(&store, &one, &limits, at(0), Urgency::Alert), None);
    assert_eq!(take(&store, &other, &limits, at(0), Urgency::Alert), None);
    assert!(take(&store, &one, &limits, at(0), Urgency::Alert).is_some());
}

#[test]
fn what_the_provider_says_is_heeded_besides() {
    let store = Opened::new("told");
    let account = account(&store, "a");
    let go = |seconds| {
        take(
            &store,
            &account,
            &[limit(Window::Day, 1000)],
            at(seconds),
            Urgency::Alert,
        )
    };
    let learn = |left, reset, now| store.quotas().learn(&account, left, at(reset), at(now)).unwrap();
    learn(2, 100, 0);
    learn(5, 101, 0);
    assert_eq!((go(1), go(2), go(3)), (None, None, Some(at(100))));
    learn(9, 100, 4);
    assert_eq!(go(5), Some(at(100)), "answers overtake one another");
    assert_eq!(go(100), None);
    learn(0, 160, 101);
    learn(50, 40_000, 101);
    assert_eq!(go(102), Some(at(160)), "a minute that is used up does not block a day");
    assert_eq!(go(160), None);
    learn(0, 100, 200);
    assert_eq!(go(200), None, "a stretch that is over says nothing");
    learn(0, i64::from(u32::MAX), 200);
    assert_eq!(go(200), Some(at(200 + 31 * 86_400)), "nobody is locked out for ever");
    store.quotas().unlearn(&account).unwrap();
    assert_eq!(go(201), None);
    for reset in 0..100 {
        learn(1000, 1000 + 10 * reset, 300);
    }
    assert_eq!(go(301), None);
}

#[test]
fn a_clock_that_was_wrong_costs_one_window_at_most() {
    let store = Opened::new("clock");
    let account = account(&store, "a");
    let limits = [limit(Window::Minute, 2), limit(Window::Hour, 10)];
    let year = 365 * 86_400;
    let go = |seconds| take(&store, &account, &limits, at(seconds), Urgency::Alert);
    assert_eq!((go(year), go(year)), (None, None));
    assert_eq!(go(0), Some(at(61)), "calls of a wrong clock count as made now");
    assert_eq!(go(61), None);
    assert_eq!(go(30), None, "a clock that is a little behind allows what is left");
    assert_eq!(go(30), Some(at(122)));
}

/// Every call that was allowed, by urgency, against each window that any of them falls into.
fn never_too_many(taken: &[(Moment, Urgency)], limits: &[Limit]) {
    for limit in limits {
        for (first, _) in taken {
            let inside = |moment: &Moment| match limit.window {
                Window::Minute => *moment >= *first && moment.since(*first) < 60,
                Window::Hour => *moment >= *first && moment.since(*first) < 3600,
                Window::Day => moment.date() == first.date(),
                Window::Month => moment.to_string().get(..7) == first.to_string().get(..7),
            };
            let calls = taken.iter().filter(|(moment, _)| inside(moment)).count();
            assert!(calls <= limit.calls as usize, "{calls} {limit:?} from {first}");
        }
    }
}

#[test]
fn no_window_ever_holds_more_than_its_limit() {
    let store = Opened::new("property");
    let mut dice = Dice(7);
    for round in 0..12 {
        let account = account(&store, &format!("p{round}"));
        let limits: Vec<Limit> = Window::ALL
            .into_iter()
            .filter_map(|window| {
                let most = [6, 30, 60, 90][window as usize];
                let calls = u32::try_from(dice.roll(most)).unwrap();
                (dice.roll(4) > 0).then_some(Limit { window, calls })
            })
            .collect();
        let step = [2, 20, 400, 40_000][usize::try_from(dice.roll(4)).unwrap()];
        let (mut now, mut taken) = (at(0), Vec::new());
        let mut bulk = Vec::new();
        for _ in 0..250 {
            now = now.after(dice.roll(step));
            let urgency = [Urgency::Alert, Urgency::Interactive, Urgency::Bulk][usize::try_from(dice.roll(3)).unwrap()];
            match take(&store, &account, &limits, now, urgency) {
                None => {
                    taken.push((now, urgency));
                    if urgency == Urgency::Bulk {
                        bulk.push((now, urgency));
                    }
                }
                // What was promised holds, where nobody else comes in between.
                Some(until) if dice.roll(3) == 0 && limits.iter().all(|limit| limit.calls > 0) => {
                    now = until;
                    if take(&store, &account, &limits, now, urgency).is_none() {
                        taken.push((now, urgency));
                    }
                }
                Some(_) => {}
            }
        }
        never_too_many(&taken, &limits);
        let left: Vec<Limit> = limits
            .iter()
            .map(|limit| Limit {
                calls: watchfire_store::Quotas::allowance(limit.calls, Urgency::Bulk),
                ..*limit
            })
            .collect();
        never_too_many(&bulk, &left);
    }
}

#[test]
fn waiting_as_told_always_ends() {
    let store = Opened::new("waits");
    let account = account(&store, "a");
    let limits = [limit(Window::Minute, 3), limit(Window::Hour, 7), limit(Window::Day, 11)];
    let (mut now, mut taken, mut waits) = (at(0), 0, 0);
    while taken < 40 {
        match take(&store, &account, &limits, now, Urgency::Alert) {
            None => taken += 1,
            Some(until) => {
                now = until;
                waits += 1;
                assert!(waits <= 2 * taken + 4, "{waits} {taken}");
            }
        }
    }
}
