//! Quotas: never one call too many, in no window, whatever the clock does.

use crate::bed::{Dice, Opened, at};
use watchfire_model::{Allowance, Bucket, KeyId, Moment, Quota, Urgency, Window};
use watchfire_store::{Store, Turn};

fn bucket<'b>(provider: &'b str, windows: &'b [Window]) -> Bucket<'b> {
    let key = KeyId::of("secret");
    Bucket { provider, key, windows }
}

/// Takes at `now` and says until when to wait, if so.
#[track_caller]
fn take(store: &Store, bucket: Bucket<'_>, now: Moment, urgency: Urgency) -> Option<Moment> {
    match store.quotas().try_take(bucket, urgency, now).unwrap() {
        Turn::Taken => None,
        Turn::Wait { until } => {
            assert!(until > now, "{until} {now}");
            Some(until)
        }
    }
}

#[test]
fn keys_are_not_kept_and_accounts_do_not_share() {
    let store = Opened::new("keys");
    let windows = [Window::day(1)];
    let one = bucket("a", &windows);
    let other = Bucket {
        key: KeyId::NONE,
        ..one
    };
    for account in [one, other, bucket("b", &windows)] {
        assert_eq!(take(&store, account, at(0), Urgency::Alert), None);
        assert!(take(&store, account, at(0), Urgency::Alert).is_some());
    }
    let keys: Vec<Vec<u8>> = store
        .bed
        .raw()
        .prepare("SELECT key FROM account")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let told = one.key.to_string();
    let told = u32::from_str_radix(&told, 16).unwrap().to_be_bytes();
    assert!(keys.len() == 3 && keys.iter().all(|key| !key.windows(4).any(|part| part == told)));
}

#[test]
fn what_is_given_back_can_be_taken_again_and_no_more() {
    let store = Opened::new("given-back");
    let windows = [Window::minute(2), Window::day(3)];
    let go = |seconds| take(&store, bucket("a", &windows), at(seconds), Urgency::Interactive);
    let back = |seconds| {
        store
            .quotas()
            .try_give_back(bucket("a", &windows), at(seconds))
            .unwrap()
    };
    assert_eq!((go(0), go(1)), (None, None));
    assert!(go(2).is_some());
    back(1);
    assert_eq!(go(2), None);
    assert!(go(3).is_some());
    // Nothing was taken before, so nothing is given back.
    back(-90_000);
    assert!(go(4).is_some());
    for _ in 0..9 {
        back(4);
    }
    assert_eq!((go(5), go(6)), (None, None));
    assert!(go(7).is_some(), "more than was taken was given back");
}

#[test]
fn windows_roll() {
    let store = Opened::new("windows");
    let windows = [Window::minute(4), Window::hour(6)];
    let go = |seconds| {
        take(
            &store,
            bucket("virustotal", &windows),
            at(seconds),
            Urgency::Interactive,
        )
    };
    for seconds in [0, 0, 10, 20] {
        assert_eq!(go(seconds), None);
    }
    assert_eq!(go(20), Some(at(61)));
    assert_eq!(go(60), Some(at(61)), "a call at 0.9 s is not a minute old at 60.0 s");
    assert_eq!((go(61), go(61)), (None, None));
    let hour = go(600).unwrap();
    assert!(hour >= at(3601) && hour <= at(3610), "{hour}");
    assert_eq!(take(&store, bucket("virustotal", &windows), hour, Urgency::Alert), None);
    let day = [Window::day(9), Window::month(10)];
    let spent = store.quotas().spent(bucket("virustotal", &day), at(600)).unwrap();
    let seen: Vec<u64> = spent.iter().map(|spent| spent.calls).collect();
    assert_eq!(seen, [7, 7], "what had no limit is counted all the same");
    assert!(spent[0].frees.unwrap() > at(86_400) && spent[0].frees.unwrap() < at(86_600));
    assert_eq!(
        store.quotas().left(bucket("virustotal", &day), Urgency::Alert, at(600)),
        Some(2)
    );
    assert_eq!(
        store.quotas().left(bucket("virustotal", &day), Urgency::Bulk, at(600)),
        Some(1)
    );
    assert_eq!(
        store.quotas().left(bucket("virustotal", &[]), Urgency::Bulk, at(600)),
        None
    );
    assert_eq!(
        store.quotas().left(bucket("new", &day), Urgency::Bulk, at(600)),
        Some(8)
    );
}

#[test]
fn bulk_leaves_a_fifth() {
    let store = Opened::new("reserve");
    for calls in [1, 2, 4, 5, 23] {
        let windows = [Window::day(calls)];
        let provider = format!("p{calls}");
        let drain = |urgency| {
            let mut taken = 0;
            while take(&store, bucket(&provider, &windows), at(0), urgency).is_none() {
                taken += 1;
            }
            taken
        };
        let bulk = drain(Urgency::Bulk);
        assert_eq!(bulk, windows[0].share(Urgency::Bulk), "{calls}");
        assert_eq!(bulk + drain(Urgency::Interactive), calls);
    }
    for window in [Window::minute(0), Window::month(0), Window { calls: 0, seconds: 0 }] {
        assert!(take(&store, bucket("none", &[window]), at(0), Urgency::Alert).is_some());
    }
    let endless = Window {
        calls: 1,
        seconds: u64::MAX,
    };
    assert!(take(&store, bucket("endless", &[endless]), at(0), Urgency::Alert).is_none());
    assert!(take(&store, bucket("endless", &[endless]), at(9_000_000), Urgency::Alert).is_some());
}

#[test]
fn what_the_provider_says_is_heeded_besides() {
    let store = Opened::new("told");
    let windows = [Window::day(1000)];
    let bucket = bucket("a", &windows);
    let go = |seconds| take(&store, bucket, at(seconds), Urgency::Alert);
    let learn = |remaining, until, now| {
        let until = at(until);
        store
            .quotas()
            .try_learn(bucket, Allowance { remaining, until }, at(now))
            .unwrap();
    };
    let left = |now| store.quotas().left(bucket, Urgency::Alert, at(now));
    learn(2, 100, 0);
    learn(5, 101, 0);
    assert_eq!(left(0), Some(2));
    assert_eq!((go(1), go(2), go(3)), (None, None, Some(at(100))));
    learn(9, 100, 4);
    assert_eq!(
        (go(5), left(5)),
        (Some(at(100)), Some(0)),
        "answers overtake one another"
    );
    assert_eq!(go(100), None);
    learn(0, 160, 101);
    learn(50, 40_000, 101);
    assert_eq!(go(102), Some(at(160)), "a minute that is used up does not block a day");
    assert_eq!(go(160), None);
    learn(0, 100, 200);
    assert_eq!(go(200), None, "a stretch that is over says nothing");
    learn(0, i64::from(u32::MAX), 200);
    assert_eq!(go(200), Some(at(200 + 31 * 86_400)), "nobody is locked out for ever");
    store.quotas().unlearn(bucket).unwrap();
    assert_eq!(go(201), None);
    for until in 0..100 {
        learn(1000, 1000 + 10 * until, 300);
    }
    assert_eq!(go(301), None);
    let told: i64 = store
        .bed
        .raw()
        .query_row("SELECT count(*) FROM told", [], |row| row.get(0))
        .unwrap();
    assert_eq!(told, 16);
}

#[test]
fn a_clock_that_was_wrong_costs_one_window_at_most() {
    let store = Opened::new("clock");
    let windows = [Window::minute(2), Window::hour(10)];
    let year = 365 * 86_400;
    let go = |seconds| take(&store, bucket("a", &windows), at(seconds), Urgency::Alert);
    assert_eq!((go(year), go(year)), (None, None));
    assert_eq!(go(0), Some(at(61)), "calls of a wrong clock count as made now");
    assert_eq!(go(61), None);
    assert_eq!(go(30), None, "a clock that is a little behind allows what is left");
    assert_eq!(go(30), Some(at(122)));
}

#[test]
fn what_cannot_be_counted_is_not_allowed() {
    let store = Opened::new("broken");
    store.bed.raw().execute_batch("DROP TABLE told").unwrap();
    let windows = [Window::minute(2)];
    let quotas = store.quotas();
    assert_eq!(quotas.take(bucket("a", &windows), Urgency::Alert, at(0)), Err(at(60)));
    assert_eq!(
        quotas.left(bucket("a", &[]), Urgency::Alert, at(0)),
        None,
        "nobody was ever asked"
    );
}

/// Of the moments at which a call was allowed, no more than the limit are in any span of the window.
fn never_too_many(taken: &[Moment], window: Window, most: u32) {
    for first in taken {
        let inside = |moment: &&Moment| *moment >= first && moment.since(*first) < window.seconds;
        let calls = taken.iter().filter(inside).count();
        assert!(calls <= most as usize, "{calls} {window:?} from {first}");
    }
}

#[test]
fn no_window_ever_holds_more_than_its_limit() {
    let store = Opened::new("property");
    let mut dice = Dice(7);
    for round in 0..12 {
        let provider = format!("p{round}");
        let mut windows = Vec::new();
        for (seconds, most) in [
            (60, 6),
            (3_600, 30),
            (86_400, 60),
            (30 * 86_400, 90),
            (7, 3),
            (5_000, 40),
        ] {
            let calls = u32::try_from(dice.roll(most)).unwrap();
            if dice.roll(4) > 0 {
                windows.push(Window { calls, seconds });
            }
        }
        let bucket = bucket(&provider, &windows);
        let step = [2, 20, 400, 40_000][usize::try_from(dice.roll(4)).unwrap()];
        let (mut now, mut taken, mut bulk) = (at(0), Vec::new(), Vec::new());
        for _ in 0..250 {
            now = now.after(dice.roll(step));
            let urgency = [Urgency::Alert, Urgency::Interactive, Urgency::Bulk][usize::try_from(dice.roll(3)).unwrap()];
            let left = store.quotas().left(bucket, urgency, now);
            let mut wait = take(&store, bucket, now, urgency);
            assert_eq!(left.is_none_or(|left| left > 0), wait.is_none());
            if let Some(until) = wait.filter(|_| dice.roll(3) == 0) {
                now = until;
                wait = take(&store, bucket, now, urgency);
            }
            if wait.is_none() {
                taken.push(now);
                if urgency == Urgency::Bulk {
                    bulk.push(now);
                }
            }
        }
        for window in &windows {
            never_too_many(&taken, *window, window.calls);
            never_too_many(&bulk, *window, window.share(Urgency::Bulk));
        }
    }
}

#[test]
fn waiting_as_told_always_ends() {
    let store = Opened::new("waits");
    let windows = [Window::minute(3), Window::hour(7), Window::day(11)];
    let (mut now, mut taken, mut waits) = (at(0), 0, 0);
    while taken < 40 {
        match take(&store, bucket("a", &windows), now, Urgency::Alert) {
            None => taken += 1,
            Some(until) => {
                now = until;
                waits += 1;
                assert!(waits <= 2 * taken + 4, "{waits} {taken}");
            }
        }
    }
    // Coarse slots give hardly anything away: four windows of a day, and no more.
    assert!(now < at(4 * 86_400), "{now}");
}
