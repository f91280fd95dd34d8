//! A server on the loopback that answers as the providers of reputation do.
//!
//! For tests, and for the providers' own Python clients, which hold these shapes to what they expect. The shapes are
//! written from the providers' documentation; no recorded answer of theirs is in here.
//!
//! A place is `http://127.0.0.1:PORT/PROVIDER`, or `http://127.0.0.1:PORT/PROVIDER/~MODE` where something is to go
//! wrong; behind it stand the paths of the provider. There is a TAXII server too. One thread for each connection, one request on each, HTTP/1.1
//! without keeping anything open. WHOIS is on a port of its own, TLS on another, and so are a resolver of the
//! DNS and a proxy that wants a password.

#![forbid(unsafe_code)]

mod dns;
mod http;
mod mode;
mod proxy;
mod shapes;
mod tls;
mod whois;

pub use mode::Mode;
pub use proxy::CREDENTIALS;
pub use tls::{AUTHORITY, STRANGER};

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Names of the providers that it stands in for.
pub fn providers() -> impl Iterator<Item = &'static str> {
    shapes::ALL.iter().map(|shape| shape.name).chain(["whois", "dns"])
}

/// A running server. It ends with this value.
#[derive(Debug)]
pub struct Standin {
    http: SocketAddr,
    whois: SocketAddr,
    secure: SocketAddr,
    dns: SocketAddr,
    proxy: SocketAddr,
    proxied: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
    requests: Arc<AtomicU32>,
}

impl Standin {
    /// Starts on free ports.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub fn start() -> io::Result<Self> {
        Self::start_at(0)
    }

    /// Starts HTTP on `port`, and WHOIS on a free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start_at(port: u16) -> io::Result<Self> {
        let http = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let (whois, secure, proxy) = (listen()?, listen()?, listen()?);
        // A resolver has one port for both; what is free for one may be taken for the other.
        let both = || {
            let dns = listen()?;
            let datagrams = UdpSocket::bind(dns.local_addr()?)?;
            Ok((dns, datagrams))
        };
        let (dns, datagrams) = both().or_else(|_: io::Error| both()).or_else(|_| both())?;
        let standin = Self {
            http: http.local_addr()?,
            whois: whois.local_addr()?,
            secure: secure.local_addr()?,
            dns: dns.local_addr()?,
            proxy: proxy.local_addr()?,
            proxied: Arc::default(),
            ended: Arc::default(),
            requests: Arc::default(),
        };
        let whois_at = standin.whois;
        standin.serve(http, http::serve);
        standin.serve(whois, move |stream| whois::serve(stream, whois_at));
        standin.serve(dns, dns::serve);
        let requests = Arc::clone(&standin.requests);
        let count = move || {
            requests.fetch_add(1, Ordering::Relaxed);
        };
        thread::spawn(move || dns::serve_datagrams(&datagrams, count));
        let configuration = tls::configuration()?;
        standin.serve(secure, move |stream| tls::serve(stream, Arc::clone(&configuration)));
        let leads = proxy::Proxy {
            http: standin.http,
            secure: standin.secure,
            seen: Arc::clone(&standin.proxied),
        };
        standin.serve(proxy, move |stream| proxy::serve(stream, &leads));
        Ok(standin)
    }

    fn serve(&self, listener: TcpListener, answer: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + 'static) {
        let (ended, requests) = (Arc::clone(&self.ended), Arc::clone(&self.requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                requests.fetch_add(1, Ordering::Relaxed);
                let answer = answer.clone();
                // A client that goes away is its own affair.
                thread::spawn(move || drop(answer(stream)));
            }
        });
    }

    /// Where a provider stands, well-behaved.
    pub fn base(&self, provider: &str) -> String {
        if provider == "whois" {
            return format!("whois://{}", self.whois);
        }
        if provider == "dns" {
            return format!("dns://{}", self.dns);
        }
        format!("http://{}/{provider}", self.http)
    }

    /// Where a provider stands that behaves as `mode` says. WHOIS and DNS have no modes but those that the question names.
    pub fn base_with(&self, provider: &str, mode: Mode) -> String {
        format!("{}/~{}", self.base(provider), mode.name())
    }

    /// Where a provider stands that is spoken to over TLS, by the name of `host`: its certificate is for `localhost`,
    /// `127.0.0.1` and, behind the proxy, `standin.test`.
    pub fn secure_base(&self, provider: &str, host: &str) -> String {
        format!("https://{host}:{}/{provider}", self.secure.port())
    }

    /// Where the proxy is, `127.0.0.1:PORT`. It wants [`CREDENTIALS`].
    pub fn proxy(&self) -> String {
        self.proxy.to_string()
    }

    /// What the proxy was asked for, in order.
    pub fn proxied(&self) -> Vec<String> {
        self.proxied.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Connections so far.
    pub fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Each listener waits for one more connection before it looks.
        for address in [self.http, self.whois, self.secure, self.proxy, self.dns] {
            drop(TcpStream::connect(address));
        }
        if let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) {
            drop(socket.send_to(&[], self.dns));
        }
    }
}
