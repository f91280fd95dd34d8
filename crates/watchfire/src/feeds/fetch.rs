//! Feeds from the network: only when asked, only what has changed, and never less than what was there.

use super::{Feeds, Published, publish::Incoming};
use crate::{Config, Problem, online};
use std::path::Path;
use watchfire_intel::feed::catalogue::{self, Key};

use watchfire_model::Untrusted;
use watchfire_model::transport::{Request, Response, Transport};
use watchfire_store::{Arrival, Feed};

/// A feed is no larger on its way. Bytes.
const LARGEST: usize = 1 << 30;
/// Redirects that are followed.
const HOPS: usize = 5;

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
    /// It could not be fetched or read. The version from before stays in use.
    Failed(Problem),
}

impl Feeds {
    /// Fetches feeds anew: those named, or all. One that fails does not stop the others. `force` asks even where the
    /// publisher's interval has not passed.
    ///
    /// # Errors
    /// When the network is forbidden, or a name is not known.
    pub fn update(&self, names: &[String], force: bool, config: &Config) -> Result<Vec<(String, Updated)>, Problem> {
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
        let plain = feeds
            .iter()
            .filter_map(|feed| loopback(feed.spec.url.as_ref()?.as_str()));
        let http = online::http(&config.network()?, plain.collect())?;
        let runtime = online::runtime()?;
        let mut results = Vec::new();
        for feed in wanted {
            let updated = runtime.block_on(self.one(feed, force, &http, config));
            let updated = updated.unwrap_or_else(Updated::Failed);
            match &updated {
                Updated::Failed(problem) => {
                    self.store
                        .feeds()
                        .failed(&feed.spec.name, self.as_of, &Untrusted::from(problem.to_string()))?;
                }
                Updated::Unchanged => self.store.feeds().unchanged(&feed.spec.name, self.as_of)?,
                Updated::New(_) | Updated::Fresh | Updated::Imported => {}
            }
            results.push((feed.spec.name.to_string(), updated));
        }
        Ok(results)
    }

    async fn one(&self, feed: &Feed, force: bool, http: &dyn Transport, config: &Config) -> Result<Updated, Problem> {
        let Some(url) = &feed.spec.url else {
            return Ok(Updated::Imported);
        };
        let young = feed.checked.zip(feed.spec.refresh);
        if !force
            && young.is_some_and(|(checked, refresh)| self.as_of.since(checked) < refresh && feed.problem.is_none())
        {
            return Ok(Updated::Fresh);
        }
        let mut request = keyed(feed, Request::get(url.as_str()), config)?;
        request.limit = LARGEST;
        if let Some(current) = &feed.current {
            for (header, value) in [
                ("If-None-Match", &current.version.etag),
                ("If-Modified-Since", &current.version.last_modified),
            ] {
                if let Some(value) = value {
                    request = request.header(header, value.raw());
                }
            }
        }
        let response = follow(request, http).await?;
        match response.status {
            304 => return Ok(Updated::Unchanged),
            200 => {}
            401 | 403 => {
                return Err(
                    Problem::new(format!("the publisher refuses (HTTP {})", response.status))
                        .hint("does the feed need a key? watchfire feeds formats says so"),
                );
            }
            429 => return Err(Problem::new("the publisher says: too often (HTTP 429)").hint("try again later")),
            status => {
                return Err(Problem::new(format!("the publisher answers with HTTP {status}"))
                    .hint("the version from before stays in use"));
            }
        }
        let validator = |name: &str| response.header(name).map(Untrusted::from);
        let validators = (validator("etag"), validator("last-modified"));
        let mut body = response.body.as_slice();
        let incoming = Incoming::of(&mut body, Some(feed.spec.format.as_str()), Path::new(""))?;
        let published = self.publish(&feed.spec, incoming, Arrival::Url, Some(validators))?;
        Ok(Updated::New(Box::new(published)))
    }
}

/// With the key that the publisher wants.
fn keyed(feed: &Feed, mut request: Request, config: &Config) -> Result<Request, Problem> {
    let Some(place) = catalogue::by_name(feed.spec.name.as_str()).and_then(|known| known.key) else {
        return Ok(request);
    };
    // All of a publisher's feeds share a key, and its provider has the same.
    let publisher: String = feed
        .spec
        .group
        .as_str()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let variable = format!("WATCHFIRE_{}_KEY", publisher.to_uppercase());
    let key = config.key(&variable)?.map(|key| key.reveal().to_owned());
    match (place, key) {
        (Key::Query(name), Some(key)) => {
            request.url.push(if request.url.contains('?') { '&' } else { '?' });
            request.url.push_str(&format!("{name}={key}"));
        }
        (Key::Header(name) | Key::OptionalHeader(name), Some(key)) => request = request.header(name, key),
        (Key::OptionalHeader(_), None) => {}
        (_, None) => {
            return Err(Problem::new("it wants a key").hint(format!("set {variable} in the environment")));
        }
    }
    Ok(request)
}

/// Sends a request and follows redirects. To another host none of what is secret goes along.
pub(crate) async fn follow(mut request: Request, http: &dyn Transport) -> Result<Response, Problem> {
    for _ in 0..HOPS {
        let response = http
            .send(request.clone())
            .await
            .map_err(|error| Problem::new(error.to_string()).hint("the version from before stays in use"))?;
        let Some(target) = response
            .header("location")
            .filter(|_| (301..=308).contains(&response.status) && response.status != 304)
        else {
            return Ok(response);
        };
        let target = joined(&request.url, target);
        if origin(&target) != origin(&request.url) {
            request.headers.clear();
        }
        request.url = target;
    }
    Err(Problem::new("it leads from one address to the next without end"))
}

/// Scheme and host of a URL.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url
        .get(start..)
        .and_then(|rest| rest.find(['/', '?', '#']))
        .map_or(url.len(), |at| start + at);
    url.get(..end).unwrap_or(url)
}

fn joined(base: &str, target: &str) -> String {
    if target.contains("://") {
        target.to_owned()
    } else if target.starts_with('/') {
        format!("{}{target}", origin(base))
    } else {
        let folder = base.rfind('/').and_then(|at| base.get(..at)).unwrap_or(base);
        format!("{folder}/{target}")
    }
}

/// A place on this machine may be spoken to without TLS.
pub(crate) fn loopback(url: &str) -> Option<String> {
    let host = url.strip_prefix("http://")?;
    let local = ["127.0.0.1", "localhost", "[::1]"].iter().any(|local| {
        host.strip_prefix(local)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    local.then(|| origin(url).to_owned())
}
