//! One feed's way over the network: its key, redirects, pauses, and what all of it may cost.
//!
//! The key goes to the place of the feed's own URL and nowhere else. Bodies are read as they come and never held, and
//! the bytes of all of a feed's pages are counted together, unpacked. A publisher that says "too often" is asked again
//! where it says when, or where its limits are known; a few times, and within the time that a feed may take.

use crate::Problem;
use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use watchfire_intel::enrichers::Key;
use watchfire_intel::feed::KeyPlace;
use watchfire_intel::transport::{Arriving, Http, is_same_origin, joined};
use watchfire_model::transport::{Request, TransportError};

/// Redirects that are followed.
const HOPS: usize = 5;
/// A feed takes no longer, with all its pages and pauses.
const TIME: Duration = Duration::from_secs(2 * 3600);
/// How often one feed waits because it has asked too often.
const WAITS: u32 = 5;
/// The longest of these waits. Seconds.
const LONGEST_WAIT: u64 = 120;

/// A body that brings less than [`LEAST`] bytes in this time of waiting is not waited for: it would keep the next feed waiting.
const SPELL: Duration = Duration::from_secs(120);
const LEAST: usize = 32 << 10;

/// How fast a body comes, by the time in which it was waited for: that spent on reading it is our own.
#[derive(Debug, Default)]
struct Pace {
    waited: Duration,
    bytes: usize,
}

impl Pace {
    /// Counts what came and how long it was waited for, and says whether it comes too slowly.
    fn is_too_slow(&mut self, bytes: usize, waited: Duration) -> bool {
        self.bytes += bytes;
        self.waited += waited;
        if self.waited < SPELL {
            return false;
        }
        std::mem::take(self).bytes < LEAST
    }
}

/// What to do next where a server refuses, by what was to be fetched.
#[derive(Debug)]
pub(crate) struct Advice {
    /// It answers 401 or 403, and no key went along.
    pub(crate) refused: &'static str,
    /// It has it in no form that is known here.
    pub(crate) form: &'static str,
}

/// For feeds.
static OF_FEEDS: Advice = Advice {
    refused: "does the feed need a key? watchfire feeds formats says so, and --auth takes one along",
    form: "is this a collection of TAXII 2.1?",
};

/// The way to one feed, or to something else that is fetched as feeds are.
pub(crate) struct Way<'w> {
    http: &'w Http,
    runtime: &'w Runtime,
    /// The feed's URL.
    home: &'w str,
    key: Option<(KeyPlace, Key)>,
    accept: Option<&'static str>,
    advice: &'static Advice,
    /// Between two questions.
    pub(super) pause: Duration,
    /// After "too often", where the answer does not say how long. Nothing where the publisher's limits are not known.
    pub(super) penalty: Option<Duration>,
    most: u64,
    left: Cell<u64>,
    until: Instant,
    waits: Cell<u32>,
    /// Why a body ended early.
    stopped: RefCell<Option<Problem>>,
}

impl<'w> Way<'w> {
    /// A way to `home`, over which `most` bytes may come.
    pub(crate) fn new(http: &'w Http, runtime: &'w Runtime, home: &'w str, most: u64) -> Self {
        Self {
            http,
            runtime,
            home,
            key: None,
            accept: None,
            advice: &OF_FEEDS,
            pause: Duration::ZERO,
            penalty: None,
            most,
            left: Cell::new(most),
            until: Instant::now() + TIME,
            waits: Cell::new(0),
            stopped: RefCell::new(None),
        }
    }

    /// With a key.
    pub(super) fn with_key(self, place: KeyPlace, key: Key) -> Self {
        Self {
            key: Some((place, key)),
            ..self
        }
    }

    /// With a type that is asked for.
    pub(super) fn accepting(self, accept: Option<&'static str>) -> Self {
        Self { accept, ..self }
    }

    /// With other advice than that for feeds.
    pub(crate) fn advising(self, advice: &'static Advice) -> Self {
        Self { advice, ..self }
    }

    /// Asks for a page. The answer is 200, or 304 where `validators` are given.
    pub(crate) fn get(&self, url: &str, validators: &[(&'static str, &str)]) -> Result<Arriving, Problem> {
        let arriving = self.ask(url, validators)?;
        match arriving.status {
            200 | 304 => Ok(arriving),
            status => Err(self.refused(status)),
        }
    }

    /// Asks for one of many parts. Nothing if it is not there.
    pub(super) fn part(&self, url: &str) -> Result<Option<Arriving>, Problem> {
        let arriving = self.ask(url, &[])?;
        Ok((arriving.status == 200).then_some(arriving))
    }

    /// Asks until it is answered: 200, 304 where `validators` are given, 404 or 410.
    fn ask(&self, url: &str, validators: &[(&'static str, &str)]) -> Result<Arriving, Problem> {
        loop {
            let arriving = self.follow(url, validators)?;
            match arriving.status {
                200 | 404 | 410 => return Ok(arriving),
                304 if !validators.is_empty() => return Ok(arriving),
                403 | 429 | 503 => match self.again(&arriving) {
                    Some(wait) => self.wait(wait)?,
                    None => return Err(self.refused(arriving.status)),
                },
                status => return Err(self.refused(status)),
            }
        }
    }

    /// Sends a request and follows redirects.
    fn follow(&self, url: &str, validators: &[(&'static str, &str)]) -> Result<Arriving, Problem> {
        let mut url = url.to_owned();
        for _ in 0..HOPS {
            let arriving = self.send(&url, validators)?;
            let is_redirect = matches!(arriving.status, 301 | 302 | 303 | 307 | 308);
            let Some(target) = arriving.header("location").filter(|_| is_redirect) else {
                return Ok(arriving);
            };
            let target = joined(&url, target).filter(|target| url.starts_with("http:") || target.starts_with("https:"));
            url = target.ok_or_else(|| Problem::new("it leads to something that is no address with https"))?;
        }
        let problem = Problem::new("it leads from one address to the next without end");
        Err(problem.hint("open the address in a browser"))
    }

    fn send(&self, url: &str, validators: &[(&'static str, &str)]) -> Result<Arriving, Problem> {
        let mut request = Request::get(url);
        if let Some(accept) = self.accept {
            request = request.header("Accept", accept);
        }
        // To another place none of what is secret goes along.
        if is_same_origin(url, self.home) {
            if let Some((place, key)) = &self.key {
                request = place.attach(request, key);
            }
            for (name, value) in validators {
                request = request.header(name, *value);
            }
        }
        self.runtime
            .block_on(self.http.open(request))
            .map_err(|error| Problem::new(error.to_string()))
    }

    /// How long to wait before asking again, where that makes sense.
    fn again(&self, arriving: &Arriving) -> Option<Duration> {
        let said = arriving.header("retry-after").and_then(|text| text.trim().parse().ok());
        let said = said.filter(|seconds| *seconds <= LONGEST_WAIT).map(Duration::from_secs);
        let wait = said.or(self.penalty)?;
        let waits = self.waits.get();
        self.waits.set(waits + 1);
        (waits < WAITS).then_some(wait)
    }

    /// Waits, unless that would take too long.
    pub(super) fn wait(&self, wait: Duration) -> Result<(), Problem> {
        if Instant::now() + wait >= self.until {
            return Err(too_long());
        }
        std::thread::sleep(wait);
        Ok(())
    }

    /// The body of an answer, as it comes.
    pub(crate) fn body(&self, arriving: Arriving) -> Body<'_> {
        Body {
            way: self,
            arriving,
            piece: Vec::new(),
            at: 0,
            pace: Pace::default(),
        }
    }

    /// Why a body ended early, if that was for a reason of its own.
    pub(crate) fn stopped(&self) -> Option<Problem> {
        self.stopped.borrow_mut().take()
    }

    /// A status that is no answer, in words.
    fn refused(&self, status: u16) -> Problem {
        match status {
            401 | 403 if self.key.is_some() => {
                Problem::new(format!("the publisher does not accept the key (HTTP {status})"))
                    .hint("is it the right one, and still valid?")
            }
            401 | 403 => Problem::new(format!("the publisher refuses (HTTP {status})")).hint(self.advice.refused),
            404 | 410 => Problem::new(format!("there is nothing at its address (HTTP {status})")).hint("has it moved?"),
            406 => Problem::new("the server has it in no form that is known here (HTTP 406)").hint(self.advice.form),
            429 => Problem::new("the publisher says: too often (HTTP 429)").hint("try again later"),
            304 => Problem::new("the publisher says that nothing has changed, without having been asked (HTTP 304)")
                .hint("a proxy or cache in between may be at fault"),
            status => Problem::new(format!("the publisher answers with HTTP {status}")),
        }
    }

    fn stop(&self, problem: Problem) -> io::Error {
        let error = io::Error::other(problem.to_string());
        *self.stopped.borrow_mut() = Some(problem);
        error
    }
}

fn too_long() -> Problem {
    Problem::new(format!("it takes longer than {} hours", TIME.as_secs() / 3600))
}

/// A body that is read as it comes.
pub(crate) struct Body<'w> {
    way: &'w Way<'w>,
    arriving: Arriving,
    piece: Vec<u8>,
    at: usize,
    pace: Pace,
}

impl Read for Body<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            self.piece.clear();
            self.at = 0;
            if Instant::now() >= self.way.until {
                return Err(self.way.stop(too_long()));
            }
            let asked = Instant::now();
            let next = self.way.runtime.block_on(self.arriving.piece(&mut self.piece));
            let more = next.map_err(|error| match error {
                TransportError::Unreachable(_) => io::ErrorKind::UnexpectedEof.into(),
                other => self.way.stop(Problem::new(other.to_string())),
            })?;
            if !more {
                return Ok(0);
            }
            if self.pace.is_too_slow(self.piece.len(), asked.elapsed()) {
                let why = format!(
                    "it comes too slowly: less than {} in two minutes",
                    crate::bytes(LEAST as u64)
                );
                return Err(self.way.stop(Problem::new(why).hint("try again later")));
            }
            let left = self.way.left.get().checked_sub(self.piece.len() as u64);
            self.way.left.set(left.ok_or_else(|| {
                let most = crate::bytes(self.way.most);
                let problem = Problem::new(format!("it is larger than {most}"));
                self.way.stop(problem.hint("limits.feed allows more"))
            })?);
        }
        let mut pending = self.piece.get(self.at..).unwrap_or_default();
        let length = pending.read(into)?;
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_drips_is_not_waited_for() {
        let check = |bytes: usize, seconds: u64, expected: Option<u64>| {
            let mut pace = Pace::default();
            let slow = (1..400).find(|_| pace.is_too_slow(bytes, Duration::from_secs(seconds)));
            assert_eq!(slow.map(|n| n * seconds), expected, "{bytes} bytes every {seconds} s");
        };
        check(1, 1, Some(120));
        check(500, 2, Some(120));
        check(1 << 20, 89, None);
        check(1 << 10, 1, None);
    }
}
