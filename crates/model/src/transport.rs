//! How a request reaches another machine. The trait stands here so that whoever makes requests need not know who
//! carries them: the network, a recording, or nobody.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// HTTP `GET`.
    Get,
    /// HTTP `POST`.
    Post,
    /// A line of text to a TCP port, and what comes back until it is closed: WHOIS (RFC 3912).
    Line,
    /// Questions to a resolver of the DNS (RFC 1035), each with its length before it; answers come back in the same form
    /// and order, with the length 0 for one that did not come.
    Dns,
}

/// A request. `Debug` shows neither headers nor body: they carry keys.
#[derive(Clone)]
pub struct Request {
    /// What is asked for.
    pub method: Method,
    /// An absolute URL, `https://…`; for [`Method::Line`], `whois://host:43`; for [`Method::Dns`],
    /// `dns://host:53`, or `dns://system` for the resolver of this machine.
    pub url: String,
    /// Headers beyond the usual ones.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body. Empty for none.
    pub body: Vec<u8>,
    /// Largest answer that is read. Bytes.
    pub limit: usize,
}

/// Largest answer that a provider's question needs. Bytes.
pub const ANSWER: usize = 8 << 20;

impl Request {
    /// `GET url`
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            limit: ANSWER,
        }
    }

    /// `POST url`
    pub fn post(url: impl Into<String>, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: Method::Post,
            body: body.into(),
            ..Self::get(url).header("Content-Type", content_type)
        }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((Cow::Borrowed(name), value.into()));
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.url.split('?').next().unwrap_or_default();
        write!(f, "{:?} {place}", self.method)
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status; 200 where HTTP is not spoken.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Unpacked.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(own, _)| own == name)?;
        Some(value)
    }
}

/// Why there is no answer. None of these says anything about what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// Nothing may leave this machine.
    Offline,
    /// It took too long.
    Timeout,
    /// The other side is not to be reached, or went away; why, in a few words.
    Unreachable(String),
    /// No connection came about, so that nothing was sent; why, in a few words.
    Unconnected(String),
    /// The other side could not prove who it is; why.
    Untrusted(String),
    /// The answer is larger than [`Request::limit`].
    TooLarge,
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offline => f.write_str("the network is forbidden"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Unreachable(why) | Self::Unconnected(why) => write!(f, "not reached: {why}"),
            Self::Untrusted(why) => write!(f, "its certificate is not trusted: {why}"),
            Self::TooLarge => f.write_str("the answer is too large"),
        }
    }
}

impl std::error::Error for TransportError {}

/// An answer to come.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// Carries requests.
pub trait Transport: Send + Sync {
    /// Sends one request, once, and reads the whole answer. Redirects to other hosts are not followed.
    fn send(&self, request: Request) -> Answer<'_>;
}
