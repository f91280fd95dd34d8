//! What was made of one value serves for all that are alike.
//!
//! A million addresses are in some ten thousand networks, and most are known to nobody, or to one list that says the same
//! of all its entries. So a value is first reduced to a key that decides everything that is said of it: its type, where it
//! belongs, what the indicators that it meets say. A value with a known key is judged already, and rendered but for its
//! own text. Keys are compared in full; values that somebody decided about, or that answers or assets are kept about, are
//! never taken for others.

use super::intelligence::Intelligence;
use super::online::Said;
use crate::Watchfire;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::Arc;
use watchfire_analysis::Marks;
use watchfire_intel::set::Scratch;
use watchfire_model::{Judgement, Observable, Reputation, Untrusted};

/// What all recalls of a run may take together. Bytes.
const MOST: usize = 96 << 20;
/// What an entry takes besides its text, about. Bytes.
const ENTRY: usize = 512;

/// What was made of a value.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) judgement: Judgement,
    /// There are sources for such a value.
    pub(crate) is_known: bool,
    /// Rendered, but for the value.
    pub(crate) rest: Vec<u8>,
}

/// Remembers what was made. For one thread.
#[derive(Debug)]
pub(crate) struct Recall {
    marks: Marks,
    scratch: Scratch,
    key: Vec<u8>,
    places: HashMap<Box<[u8]>, usize>,
    made: Vec<Arc<Made>>,
    size: usize,
    most: usize,
    /// How often something was recalled, and how often not.
    recalled: u64,
    missed: u64,
    /// Where hardly anything is recalled: what was seen once.
    seen: Vec<bool>,
    /// How many of these are.
    marked: usize,
    hasher: RandomState,
}

/// From so many misses on, it shows whether remembering is worth it.
const ENOUGH: u64 = 4096;
/// Hashes of what was seen once.
const SEEN: usize = 1 << 16;

impl Recall {
    /// One of so many that share what there is room for.
    pub(crate) fn of(number: usize) -> Self {
        Self {
            marks: Marks::default(),
            scratch: Scratch::default(),
            key: Vec::new(),
            places: HashMap::new(),
            made: Vec::new(),
            size: 0,
            most: MOST / number.max(1),
            recalled: 0,
            missed: 0,
            seen: Vec::new(),
            marked: 0,
            hasher: RandomState::new(),
        }
    }

    /// Whether what is made now is likely to be asked for again. Where every value differs from every other, keeping all
    /// would cost more than it saves: then only what comes a second time is kept.
    fn is_worth_keeping(&mut self) -> bool {
        self.missed += 1;
        if self.missed < ENOUGH || self.recalled > self.missed {
            return true;
        }
        // Half full, it would take strangers for acquaintances too often.
        if self.marked >= SEEN / 2 || self.seen.is_empty() {
            self.seen = vec![false; SEEN];
            self.marked = 0;
        }
        let hash = self.hasher.hash_one(&self.key) as usize % SEEN;
        match self.seen.get_mut(hash) {
            Some(seen) => {
                self.marked += usize::from(!*seen);
                std::mem::replace(seen, true)
            }
            None => true,
        }
    }

    /// Forgets everything: keys mean nothing to other sets.
    pub(crate) fn clear(&mut self) {
        self.places.clear();
        self.made.clear();
        self.size = 0;
    }

    fn keep(&mut self, made: Arc<Made>) {
        let size = ENTRY + self.key.len() + made.rest.len() + made.judgement.summary.len();
        if self.size + size > self.most {
            self.clear();
        }
        self.size += size;
        self.places.insert(self.key.as_slice().into(), self.made.len());
        self.made.push(made);
    }
}

impl Watchfire {
    /// What is made of `what`, of which nobody says more than where it belongs and what indicators it meets: as it was
    /// made of a value like it, or now, by judging it and `render`ing all but the value.
    pub(crate) fn recalled(
        &self,
        what: &Observable,
        known: &Intelligence,
        recall: &mut Recall,
        render: impl FnOnce(&Reputation) -> io::Result<Vec<u8>>,
    ) -> io::Result<Arc<Made>> {
        recall.key.clear();
        recall.key.push(what.kind() as u8);
        self.engine.mark(what, &mut recall.marks);
        self.engine.append_key(&recall.marks, &mut recall.key);
        known.trace(what, &mut recall.scratch, &mut recall.key);
        if let Some(list) = self.here.known_good_by(what) {
            recall.key.push(u8::from(list.surely().is_some()));
            recall.key.extend(list.name().raw().as_bytes());
        }
        let is_alike = !recall.marks.is_owned();
        if let Some(place) = is_alike
            .then(|| recall.places.get(recall.key.as_slice()).copied())
            .flatten()
        {
            recall.recalled += 1;
            let made = recall.made.get(place);
            return made.cloned().ok_or_else(|| io::ErrorKind::NotFound.into());
        }
        let standing = self.engine.standing_of(&recall.marks);
        let subject = (Untrusted::default(), what.clone());
        let reputation = self.reputation_of(subject, standing, known, Said::default());
        let made = Arc::new(Made {
            rest: render(&reputation)?,
            is_known: reputation.asked.sources > 0,
            judgement: reputation.judgement,
        });
        if is_alike && recall.is_worth_keeping() {
            recall.keep(made.clone());
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Surroundings};
    use watchfire_export::{Detail, Style, exporter};
    use watchfire_intel::FeedProfile;
    use watchfire_intel::set::{Backing, IndicatorSet, SetWriter};
    use watchfire_model::{Grade, Indicator, Moment, Reach, Verdict};

    fn observable(text: &str) -> Observable {
        Indicator::guess(text).unwrap()
    }

    fn feed(name: &str, grade: Grade, indicators: Vec<Indicator>) -> (FeedProfile, IndicatorSet) {
        let mut writer = SetWriter::default();
        indicators
            .into_iter()
            .for_each(|indicator| writer.add(indicator).unwrap());
        let mut bytes = Vec::new();
        writer.finish(&mut bytes).unwrap();
        let profile = FeedProfile {
            name: name.into(),
            grade,
            group: name.into(),
            lifetime: None,
            fetched: Moment::parse("2026-11-20").unwrap(),
        };
        (profile, IndicatorSet::open(Backing::Memory(bytes)).unwrap())
    }

    fn known() -> Intelligence {
        let at = |n: u32| Some(Moment::parse("2026-11-01").unwrap().after(u64::from(n % 20) * 86_400));
        let address = |n: u32| std::net::Ipv4Addr::from(n.wrapping_mul(2_654_435_761)).to_string();
        let dated = (0..600).map(|n| Indicator {
            last_seen: at(n),
            threat: format!("family {}", n % 5).into(),
            reference: format!("https://feed.example/{}", n % 50).into(),
            ..Indicator::new(observable(&address(n)))
        });
        let plain = (300..900).map(|n| Indicator::new(observable(&address(n))));
        let wide = ["8.0.0.0/8", "45.133.0.0/16", "2a00::/12"].map(|text| Indicator::new(observable(text)));
        let hosts = [("evil.com", Reach::Below), ("http://evil.com/a", Reach::Prefix)].map(|(text, reach)| Indicator {
            reach,
            towards: Verdict::Suspicious,
            ..Indicator::new(observable(text))
        });
        Intelligence::of_feeds(vec![
            feed("dated", Grade::A, dated.collect()),
            feed("plain", Grade::C, plain.chain(wide).chain(hosts).collect()),
        ])
    }

    /// Values of every type, of which many are alike.
    fn values() -> Vec<Observable> {
        let mut values: Vec<Observable> = (0..3000u32)
            .map(|n| observable(&std::net::Ipv4Addr::from(n.wrapping_mul(2_654_435_761)).to_string()))
            .collect();
        values.extend((0..200u32).map(|n| observable(&format!("8.8.{}.{}", n % 9, n))));
        values.extend((0..100u32).map(|n| observable(&format!("2a00:1450::{n:x}"))));
        for n in 0..100 {
            for text in [
                format!("h{n}.evil.com"),
                format!("h{n}.github.io"),
                format!("http://evil.com/a/{n}"),
                format!("{n:064x}"),
                format!("10.0.0.{n}:443"),
                format!("u{n}@evil.com"),
                format!("CVE-2026-{:04}", 1000 + n),
                format!("AS{}", 15_100 + n),
            ] {
                values.push(observable(&text));
            }
        }
        values
    }

    #[test]
    fn what_is_recalled_is_what_would_be_made() {
        let mut config = Config::load(None, Surroundings::default()).unwrap();
        config.set("as-of", crate::Value::Text("2026-11-22".into()), "--as-of");
        let watchfire = Watchfire::new(&config).unwrap();
        let known = known();
        let writer = exporter("ndjson").unwrap().reputations(Detail::Row, &Style::default());
        let rows = writer.rows().unwrap();
        // One that forgets all the time as well as one that never does.
        for sharers in [1, MOST / 5000] {
            let mut recall = Recall::of(sharers);
            let mut made = 0;
            for what in values() {
                let reputation = watchfire.reputation(Untrusted::default(), what.clone(), &known, Said::default());
                let mut rest = Vec::new();
                rows.rest(&reputation, &mut rest).unwrap();
                let render = |reputation: &Reputation| {
                    made += 1;
                    let mut rest = Vec::new();
                    rows.rest(reputation, &mut rest).unwrap();
                    Ok(rest)
                };
                let recalled = watchfire.recalled(&what, &known, &mut recall, render).unwrap();
                assert_eq!(recalled.judgement, reputation.judgement, "{what}");
                assert_eq!(recalled.rest, rest, "{what}");
                assert!(recall.size <= recall.most.max(4 * ENTRY));
            }
            assert!(sharers > 1 || made < 2800, "{made}");
        }
    }
}
