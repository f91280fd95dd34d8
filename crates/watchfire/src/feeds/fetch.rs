//! Feeds from the network: only when asked, only what has changed, and never less than what was there.

use super::publish::{Draft, Incoming, Validators, budget};
use super::spec::Kept;
use super::way::Way;
use super::{Feeds, Published, misp, of_feed, still, taxii, writing};
use crate::config::read_key;
use crate::{Config, Problem, Progress, network};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use watchfire_intel::feed::{self, FeedError, Next, catalogue};
use watchfire_intel::transport::{Arriving, Http, is_same_origin, joined, with_parameters};
use watchfire_model::{Untrusted, Window};
use watchfire_store::{Arrival, Feed};

/// A feed is no larger, unpacked and with all its pages, unless `limits.feed` says otherwise. Bytes.
const LARGEST: u64 = 4 << 30;
/// Pages that a feed has at most.
const PAGES: usize = 10_000;
/// How long a publisher may say nothing. Some gather a page for half a minute before they begin.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often a long feed is told of.
const NEWS: Duration = Duration::from_secs(5);
/// Windows of a quota that are kept to by a pause after every call; longer ones are not used up by one feed.
const SHORT: u64 = 60;

/// What became of one feed.
#[derive(Debug)]
pub enum Updated {
    /// A new version is in use.
    New(Box<Published>),
    /// It is what it was.
    Unchanged,
    /// It was asked for less than its publisher's interval ago.
    Fresh,
    /// It is imported, not fetched.
    Imported,
    /// It could not be fetched or read. The version from before stays in use, where there is one.
    Failed(Problem),
}

impl Feeds {
    /// Fetches feeds anew: those named, or all. One that fails does not stop the others. `force` asks even where the
    /// publisher's interval has not passed.
    ///
    /// # Errors
    /// When the network is forbidden, or a name is not known.
    pub fn update(
        &self,
        names: &[String],
        force: bool,
        config: &Config,
        progress: &dyn Progress,
    ) -> Result<Vec<(String, Updated)>, Problem> {
        if self.offline {
            return Err(Problem::new("feeds cannot be fetched: the network is forbidden")
                .hint("watchfire feeds import reads a file"));
        }
        for name in names {
            self.named(name)?;
        }
        let feeds = self.list()?;
        let wanted = feeds
            .iter()
            .filter(|feed| names.is_empty() || names.iter().any(|name| name == feed.spec.name.as_str()));
        let means = Means {
            http: network::http(&config.network()?, BTreeSet::new(), Some(PATIENCE))?,
            runtime: network::runtime()?,
            config,
            progress,
        };
        self.tidy(&writing(&self.folder)?);
        let mut results = Vec::new();
        for feed in wanted {
            let updated = self.one(feed, force, &means);
            let updated = updated.unwrap_or_else(|problem| Updated::Failed(still(problem, Some(feed))));
            match &updated {
                Updated::Failed(problem) => {
                    self.store
                        .feeds()
                        .failed(&feed.spec.name, self.now, &Untrusted::from(problem.to_string()))?;
                }
                Updated::Unchanged => self.store.feeds().unchanged(&feed.spec.name, self.now)?,
                Updated::New(_) | Updated::Fresh | Updated::Imported => {}
            }
            results.push((feed.spec.name.to_string(), updated));
        }
        Ok(results)
    }

    fn one(&self, feed: &Feed, force: bool, means: &Means<'_>) -> Result<Updated, Problem> {
        let Some(url) = &feed.spec.url else {
            return Ok(Updated::Imported);
        };
        let is_young = feed
            .checked
            .zip(feed.spec.refresh)
            .is_some_and(|(checked, refresh)| self.now.since(checked) < refresh);
        if !force && is_young && feed.problem.is_none() {
            return Ok(Updated::Fresh);
        }
        let way = means.way(feed, url.as_str())?;
        let current = feed.current.as_ref().map(|current| &current.version);
        let validators: Vec<(&'static str, &str)> = [
            ("If-None-Match", current.and_then(|current| current.etag.as_ref())),
            (
                "If-Modified-Since",
                current.and_then(|current| current.last_modified.as_ref()),
            ),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?.raw())))
        .collect();
        let first = way.get(url.as_str(), &validators)?;
        if first.status == 304 {
            return Ok(Updated::Unchanged);
        }
        let known = feed::by_name(feed.spec.format.as_str());
        let format = known.ok_or_else(|| Problem::new(format!("no format is called '{}'", feed.spec.format)))?;
        let draft = Draft::new(format, &feed.spec)?;
        let (draft, validators) = if misp::is_manifest(format, url.as_str()) {
            means.events(&way, url.as_str(), first, draft)?
        } else {
            means.pages(&way, feed, first, draft)?
        };
        let published = self.publish(&feed.spec, draft, Arrival::Url, validators)?;
        Ok(Updated::New(Box::new(published)))
    }
}

/// What fetching needs.
struct Means<'m> {
    http: Http,
    runtime: Runtime,
    config: &'m Config,
    progress: &'m dyn Progress,
}

impl Means<'_> {
    fn most(&self) -> u64 {
        self.config.number("limits.feed").unwrap_or(LARGEST)
    }

    /// The way to a feed, with its key and at the pace that its publisher asks for.
    fn way<'w>(&'w self, feed: &Feed, url: &'w str) -> Result<Way<'w>, Problem> {
        let accept = (feed.spec.format.as_str() == "stix" && taxii::is_collection(url)).then_some(taxii::ACCEPT);
        let way = Way::new(&self.http, &self.runtime, url, self.most()).accepting(accept);
        if let Some(access) = Kept::read(&feed.spec.options).access()? {
            let variable = own_variable(feed.spec.name.as_str());
            let key = match access.file.filter(|_| self.config.variable(&variable).is_none()) {
                Some(file) => Some(read_key(&file)?),
                None => self.config.key(&variable)?,
            };
            let key = key.ok_or_else(|| {
                let hint = format!("set {variable} in the environment, or add the feed with --key-file");
                Problem::new("it wants a key").hint(hint)
            })?;
            return Ok(way.with_key(access.place, key));
        }
        let known = catalogue::at(url, feed.spec.format.as_str());
        let Some(wanted) = known.and_then(|known| known.key.as_ref()) else {
            return Ok(way);
        };
        let whom = self.config.provider(wanted.provider)?;
        let windows = whom.as_ref().map(|whom| whom.configured().windows).unwrap_or_default();
        let mut way = match whom.as_ref().and_then(|whom| whom.key()) {
            Some(key) => way.with_key(wanted.place.clone(), key.clone()),
            None if wanted.is_required => {
                let variable = wanted.variable().unwrap_or_default();
                let hint = format!(
                    "set {variable} in the environment, or watchfire config key {} keeps it",
                    wanted.provider
                );
                return Err(Problem::new("it wants a key").hint(hint));
            }
            None => way,
        };
        let short = windows.iter().filter(|window| window.seconds <= SHORT);
        way.pause = short.clone().map(pause).max().unwrap_or_default();
        way.penalty = short.map(|window| Duration::from_secs(window.seconds)).max();
        Ok(way)
    }

    /// Reads a feed page by page.
    fn pages(
        &self,
        way: &Way<'_>,
        feed: &Feed,
        first: Arriving,
        mut draft: Draft,
    ) -> Result<(Draft, Validators), Problem> {
        let home = feed.spec.url.as_ref().map_or("", |url| url.as_str());
        let enough = catalogue::at(home, feed.spec.format.as_str()).filter(|known| known.url == home);
        let enough = enough
            .and_then(|known| known.pages)
            .map_or(usize::MAX, |pages| pages as usize);
        let mut seen = BTreeSet::from([home.to_owned()]);
        let mut page = first;
        let mut news = Instant::now();
        let mut validators = validators_of(&page);
        loop {
            let headers = page.headers.clone();
            let header = |name: &str| {
                let mut all = headers.iter();
                all.find(|(own, _)| own == name).map(|(_, value)| value.clone())
            };
            self.read(way, page, &mut draft)?;
            let next = draft
                .intake
                .next
                .take()
                .or_else(|| draft.format().next_in_headers(&header));
            let Some(url) = next.map(|next| following(home, &next, &header)).transpose()? else {
                return Ok((draft, validators));
            };
            if seen.len() >= enough {
                draft
                    .intake
                    .notes
                    .push(format!("the first {enough} pages are taken, and there are more"));
                return Ok((draft, validators));
            }
            // Whether one page has changed says nothing of the others.
            validators = Validators::default();
            if !seen.insert(url.clone()) {
                return Err(Problem::new(format!(
                    "its pages lead in a circle, after {} of them",
                    seen.len()
                )));
            }
            if seen.len() > PAGES {
                let problem = Problem::new(format!("it has more than {PAGES} pages"));
                return Err(problem.hint("ask the publisher for a list"));
            }
            if news.elapsed() >= NEWS {
                news = Instant::now();
                let (pages, indicators) = (seen.len() - 1, draft.intake.indicators);
                let name = &feed.spec.name;
                self.progress
                    .note(&format!("{name}: {pages} pages with {indicators} indicators so far"));
            }
            way.wait(way.pause)?;
            let asked = way.get(&url, &[]);
            page = asked.map_err(|problem| problem.about(&format!("page {}", seen.len())))?;
        }
    }

    /// Reads one page into the draft.
    fn read(&self, way: &Way<'_>, page: Arriving, draft: &mut Draft) -> Result<(), Problem> {
        let budget = budget(self.most());
        let mut body = way.body(page);
        let incoming = Incoming::of(&mut body, &budget);
        let read = incoming
            .map_err(FeedError::from)
            .and_then(|incoming| draft.page(incoming));
        read.map_err(|error| {
            let problem = way.stopped();
            problem.unwrap_or_else(|| of_feed(error))
        })
    }

    /// Reads the events that the manifest of a MISP feed names.
    fn events(
        &self,
        way: &Way<'_>,
        url: &str,
        manifest: Arriving,
        mut draft: Draft,
    ) -> Result<(Draft, Validators), Problem> {
        let validators = validators_of(&manifest);
        let budget = budget(self.most());
        let failed = |error: FeedError| {
            let problem = way.stopped();
            problem.unwrap_or_else(|| of_feed(error))
        };
        let mut body = way.body(manifest);
        let incoming = Incoming::of(&mut body, &budget).map_err(|error| failed(error.into()))?;
        let events = misp::events(incoming, draft.options()).map_err(failed)?;
        let mut news = Instant::now();
        let mut read = misp::Reading::default();
        for (number, event) in (1_usize..).zip(&events) {
            let place = joined(url, &format!("{}.json", event.uuid));
            let place = place.ok_or_else(|| Problem::new("its address is none that events can stand beside"))?;
            way.wait(way.pause)?;
            let asked = way.part(&place);
            match asked.map_err(|problem| problem.about(&format!("event {}", event.uuid)))? {
                Some(arriving) => {
                    let mut body = way.body(arriving);
                    let outcome = Incoming::of(&mut body, &budget).map_err(FeedError::from);
                    let outcome = outcome.and_then(|incoming| draft.part(incoming));
                    if let Some(problem) = way.stopped() {
                        return Err(problem);
                    }
                    read.ended(event, outcome, &mut draft)?;
                }
                None => read.missing(event, &mut draft),
            }
            if news.elapsed() >= NEWS {
                news = Instant::now();
                self.progress
                    .note(&format!("{number} of {} events so far", events.len()));
            }
        }
        read.finish()?;
        Ok((draft, validators))
    }
}

/// The variable that holds the key of a feed of one's own.
fn own_variable(name: &str) -> String {
    let upper = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    format!(
        "{}{}",
        crate::config::FEED_KEY,
        name.chars().map(upper).collect::<String>()
    )
}

/// The time between two calls that keeps to a window.
fn pause(window: &Window) -> Duration {
    Duration::from_millis(window.seconds * 1000 / u64::from(window.calls.max(1)))
}

fn validators_of(answer: &Arriving) -> Validators {
    let header = |name: &str| answer.header(name).map(Untrusted::from);
    (header("etag"), header("last-modified"))
}

/// The URL of the next page.
fn following(home: &str, next: &Next, header: &dyn Fn(&str) -> Option<String>) -> Result<String, Problem> {
    let url = match next {
        Next::Cursor(cursor) => with_parameters(home, &[("next", cursor)]),
        Next::Index(index) => with_parameters(home, &[("startIndex", &index.to_string())]),
        Next::AddedLast => match header("x-taxii-date-added-last") {
            Some(last) => with_parameters(home, &[("added_after", &last)]),
            None => {
                return Err(Problem::new("there is more of it, and the server does not say where")
                    .hint("a larger limit in its URL may help: ?limit=10000"));
            }
        },
        Next::Url(url) => joined(home, url),
    };
    let url = url.ok_or_else(|| Problem::new("it goes on at something that is no address"))?;
    if !is_same_origin(home, &url) {
        return Err(Problem::new("it goes on at another host, which is not followed"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(next: &Next, expected: Result<&str, &str>) {
        let home = "https://t.test/objects/?limit=9";
        let header = |name: &str| (name == "x-taxii-date-added-last").then(|| "2026-11-01T10:00:00Z".to_owned());
        let is = following(home, next, &header).map_err(|problem| problem.to_string());
        assert_eq!(is.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn pages_follow_one_another_on_one_host() {
        check(
            &Next::Cursor("a&b".to_owned()),
            Ok("https://t.test/objects/?limit=9&next=a%26b"),
        );
        check(
            &Next::Index(2000),
            Ok("https://t.test/objects/?limit=9&startIndex=2000"),
        );
        check(
            &Next::AddedLast,
            Ok("https://t.test/objects/?limit=9&added_after=2026-11-01T10%3A00%3A00Z"),
        );
        check(&Next::Url("/more?page=2".to_owned()), Ok("https://t.test/more?page=2"));
        let elsewhere = "it goes on at another host, which is not followed";
        check(&Next::Url("https://evil.example/objects/".to_owned()), Err(elsewhere));
        check(&Next::Url("http://t.test/objects/".to_owned()), Err(elsewhere));
    }

    #[test]
    fn a_pause_keeps_to_a_window() {
        assert_eq!(pause(&Window { calls: 5, seconds: 30 }), Duration::from_secs(6));
        assert_eq!(pause(&Window { calls: 50, seconds: 30 }), Duration::from_millis(600));
    }

    #[test]
    fn a_feed_of_ones_own_has_a_variable_of_its_own() {
        assert_eq!(own_variable("our-taxii.2"), "WATCHFIRE_FEED_KEY_OUR_TAXII_2");
    }
}
