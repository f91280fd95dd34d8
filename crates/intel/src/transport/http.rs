//! HTTP by reqwest: rustls with ring, the system's trust store, proxies.
//!
//! HTTP/1.1 only: a few questions to each of many servers gain nothing from HTTP/2. Redirects are not followed; what
//! sends elsewhere is an answer, and the provider decides. Plain `http` goes to this machine alone, or where the
//! configuration names the place. Cookies, caches and referers do not exist. No error tells a URL: they carry keys.

use super::{datagram, line};
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;
use watchfire_model::transport::{Answer, Method, Request, Response, Transport, TransportError};

/// Where proxies are and what goes past them, as the environment has it. `Debug` shows none of it: they carry passwords.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http` URLs.
    pub http: Option<String>,
    /// For `https` URLs.
    pub https: Option<String>,
    /// Hosts, domains and networks that are reached without one, separated by commas; `*` for all.
    pub none: Option<String>,
}

impl Proxies {
    /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, each in small letters first, as curl does.
    /// `HTTP_PROXY` in capitals is not read: a web server could set it from a header (CVE-2016-5385).
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let read = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| variable(name).filter(|value| !value.trim().is_empty()))
        };
        let all = read(&["all_proxy", "ALL_PROXY"]);
        Self {
            http: read(&["http_proxy"]).or_else(|| all.clone()),
            https: read(&["https_proxy", "HTTPS_PROXY"]).or(all),
            none: read(&["no_proxy", "NO_PROXY"]),
        }
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = |proxy: &Option<String>| if proxy.is_some() { "set" } else { "none" };
        write!(f, "Proxies(http {}, https {})", set(&self.http), set(&self.https))
    }
}

/// How the network is used.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Proxies.
    pub proxies: Proxies,
    /// Certificates that are trusted besides the system's, in PEM: the content of `--ca-file`.
    pub more_trust: Option<Vec<u8>>,
    /// Places that may be spoken to without TLS, `http://misp.corp:8080`, without a slash at the end.
    pub plain: BTreeSet<String>,
    /// How long a connection may take to come about.
    pub connect: Duration,
    /// How long the other side may say nothing.
    pub read: Duration,
    /// What this program calls itself.
    pub agent: String,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            proxies: Proxies::default(),
            more_trust: None,
            plain: BTreeSet::new(),
            connect: Duration::from_secs(5),
            read: Duration::from_secs(10),
            agent: concat!("watchfire/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// The network.
pub struct Http {
    client: reqwest::Client,
    plain: BTreeSet<String>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// Makes a transport. Needs a tokio runtime with I/O and time when it sends.
    ///
    /// # Errors
    /// When a proxy's URL or the certificates make no sense, in a few words without the URL.
    pub fn new(options: HttpOptions) -> Result<Self, String> {
        // That somebody has installed one before is no fault: it is as good.
        let _before = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(options.agent)
            .connect_timeout(options.connect)
            .read_timeout(options.read)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // Proxies come from the options alone, and so do retries from whoever asks.
            .no_proxy()
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(4);
        let none = options.proxies.none.as_deref().and_then(reqwest::NoProxy::from_string);
        let proxies = [
            (
                options.proxies.http,
                "http",
                reqwest::Proxy::http as fn(String) -> reqwest::Result<reqwest::Proxy>,
            ),
            (options.proxies.https, "https", reqwest::Proxy::https),
        ];
        for (place, scheme, make) in proxies {
            let Some(place) = place else { continue };
            let place = if place.contains("://") {
                place
            } else {
                format!("http://{place}")
            };
            let proxy = make(place).map_err(|_| format!("the proxy for {scheme} is not a URL"))?;
            builder = builder.proxy(proxy.no_proxy(none.clone()));
        }
        if let Some(pem) = options.more_trust {
            let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                .ok()
                .filter(|certificates| !certificates.is_empty())
                .ok_or("no certificates in PEM")?;
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(|error| why(&error.without_url()))?;
        Ok(Self {
            client,
            plain: options.plain,
        })
    }

    async fn carry(&self, request: Request) -> Result<Response, TransportError> {
        match request.method {
            Method::Line => return line::send(&request).await,
            Method::Dns => return datagram::send(&request).await,
            Method::Get | Method::Post => {}
        }
        let limit = request.limit;
        let mut arriving = self.open(request).await?;
        let mut body = Vec::new();
        // Counted as it comes, unpacked: a small answer can unpack to a large one, and a declared length is a claim.
        while arriving.piece(&mut body).await? {
            if body.len() > limit {
                return Err(TransportError::TooLarge);
            }
        }
        Ok(Response {
            status: arriving.status,
            headers: arriving.headers,
            body,
        })
    }

    /// Sends one request, once, and gives the answer as soon as its head is there, for bodies too long to be held. The
    /// limit of the request is not looked at: whoever takes the pieces counts them.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn open(&self, request: Request) -> Result<Arriving, TransportError> {
        if !self.may_go(&request.url) {
            let why = "it is not https, and not a place that the configuration names".to_owned();
            return Err(TransportError::Unconnected(why));
        }
        let method = match request.method {
            Method::Post => reqwest::Method::POST,
            _ => reqwest::Method::GET,
        };
        let mut builder = self.client.request(method, &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(&**name, value);
        }
        if !request.body.is_empty() {
            builder = builder.body(request.body);
        }
        let response = builder.send().await.map_err(told)?;
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        Ok(Arriving {
            status: response.status().as_u16(),
            headers,
            rest: response,
        })
    }

    /// Whether a URL may be spoken to: over TLS anywhere, in the clear to this machine or a place that was named.
    fn may_go(&self, url: &str) -> bool {
        if url.starts_with("https://") {
            return true;
        }
        let Some(rest) = url.strip_prefix("http://") else {
            return false;
        };
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let host = match authority.strip_prefix('[') {
            Some(inner) => inner.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        let here = host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        here && !authority.contains('@') || self.plain.contains(&format!("http://{authority}"))
    }
}

/// An answer whose body is still to come.
pub struct Arriving {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    rest: reqwest::Response,
}

impl Arriving {
    /// The first header of that name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(own, _)| own == name)?;
        Some(value)
    }

    /// Appends the next piece of the body, unpacked. Says whether there was one.
    ///
    /// # Errors
    /// When the other side goes away or says nothing for too long.
    pub async fn piece(&mut self, into: &mut Vec<u8>) -> Result<bool, TransportError> {
        let piece = self.rest.chunk().await.map_err(told)?;
        if let Some(piece) = &piece {
            into.extend_from_slice(piece);
        }
        Ok(piece.is_some())
    }
}

impl fmt::Debug for Arriving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arriving({})", self.status)
    }
}

impl Transport for Http {
    fn send(&self, request: Request) -> Answer<'_> {
        Box::pin(self.carry(request))
    }
}

/// An error of the client in our words. A proxy that fails is told apart from a server that does: somebody else has to
/// mend it.
fn told(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let is_connected = !error.is_connect();
    if error.is_timeout() && is_connected {
        return TransportError::Timeout;
    }
    let why = why(&error);
    let tunnel = reasons(&error)
        .map(ToString::to_string)
        .find(|reason| reason.starts_with("tunnel error: "));
    match tunnel.as_deref() {
        Some("tunnel error: proxy authorization required") => {
            return TransportError::Unconnected("the proxy wants a name and a password, or other ones".to_owned());
        }
        Some("tunnel error: failed to create underlying connection") => {
            return TransportError::Unconnected(format!("the proxy is not reached: {why}"));
        }
        Some(_) => return TransportError::Unconnected("the proxy does not lead there".to_owned()),
        None => {}
    }
    if why.contains("UnknownIssuer") {
        let why = "signed by nobody whom this system trusts; --ca-file names further authorities";
        TransportError::Untrusted(why.to_owned())
    } else if why.contains("certificate") || why.contains("CertificateError") {
        TransportError::Untrusted(why)
    } else if is_connected {
        TransportError::Unreachable(why)
    } else {
        TransportError::Unconnected(why)
    }
}

/// An error and what led to it, from the outside in.
fn reasons(error: &dyn std::error::Error) -> impl Iterator<Item = &dyn std::error::Error> {
    std::iter::successors(Some(error), |error| error.source())
}

/// The innermost reason, which says most; without anything that looks like a URL.
fn why(error: &dyn std::error::Error) -> String {
    let text = reasons(error).last().map(ToString::to_string).unwrap_or_default();
    let shown: Vec<&str> = text.split_whitespace().filter(|word| !word.contains("://")).collect();
    shown.join(" ").chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_read_as_curl_reads_it() {
        let proxies = Proxies::from_variables(|name| match name {
            "HTTP_PROXY" => Some("http://attacker.test".to_owned()),
            "ALL_PROXY" => Some("http://user:secret@proxy.test:3128".to_owned()),
            "NO_PROXY" => Some("localhost,.corp".to_owned()),
            "https_proxy" => Some(String::new()),
            _ => None,
        });
        assert_eq!(proxies.http, proxies.https);
        assert_eq!(proxies.https.as_deref(), Some("http://user:secret@proxy.test:3128"));
        assert!(!format!("{proxies:?}").contains("secret"));
    }

    #[test]
    fn nothing_goes_in_the_clear_but_to_this_machine() {
        let http = Http::new(HttpOptions {
            plain: ["http://misp.corp:8080".to_owned()].into(),
            ..HttpOptions::default()
        })
        .unwrap();
        for (url, may) in [
            ("https://a.test/x", true),
            ("http://127.0.0.1:8080/x", true),
            ("http://[::1]:8080/x", true),
            ("http://localhost/x", true),
            ("http://misp.corp:8080/x", true),
            ("http://misp.corp:8081/x", false),
            ("http://misp.corp:8080@evil.test/x", false),
            ("http://127.0.0.1@evil.test/x", false),
            ("http://a.test/x", false),
            ("ftp://127.0.0.1/x", false),
        ] {
            assert_eq!(http.may_go(url), may, "{url}");
        }
    }

    #[test]
    fn settings_that_make_no_sense_are_told_without_their_secrets() {
        let mut options = HttpOptions::default();
        options.proxies.https = Some("http://user:s3cret@[".to_owned());
        let told = Http::new(options).unwrap_err();
        assert!(told.contains("proxy") && !told.contains("s3cret"), "{told}");
        let options = HttpOptions {
            more_trust: Some(b"not a certificate".to_vec()),
            ..HttpOptions::default()
        };
        assert!(Http::new(options).is_err());
    }
}
