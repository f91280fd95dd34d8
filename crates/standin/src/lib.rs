//! A server on the loopback that answers as the providers of reputation do.
//!
//! For tests, and for the providers' own Python clients, which hold these shapes to what they expect. The shapes are
//! written from the providers' documentation; no recorded answer of theirs is in here.
//!
//! A place is `http://127.0.0.1:PORT/PROVIDER`, or `http://127.0.0.1:PORT/PROVIDER/~MODE` where something is to go
//! wrong; behind it stand the paths of the provider. There is a TAXII server too. One thread for each connection, one request on each, HTTP/1.1
//! without keeping anything open. WHOIS is on a port of its own.

#![forbid(unsafe_code)]

mod http;
mod mode;
mod shapes;
mod whois;

pub use mode::Mode;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

/// Names of the providers that it stands in for.
pub fn providers() -> impl Iterator<Item = &'static str> {
    shapes::ALL.iter().map(|shape| shape.name).chain(["whois"])
}

/// A running server. It ends with this value.
#[derive(Debug)]
pub struct Standin {
    http: SocketAddr,
    whois: SocketAddr,
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
        let whois = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let standin = Self {
            http: http.local_addr()?,
            whois: whois.local_addr()?,
            ended: Arc::default(),
            requests: Arc::default(),
        };
        let whois_at = standin.whois;
        standin.serve(http, http::serve);
        standin.serve(whois, move |stream| whois::serve(stream, whois_at));
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
        format!("http://{}/{provider}", self.http)
    }

    /// Where a provider stands that behaves as `mode` says. WHOIS has no modes but those that the question names.
    pub fn base_with(&self, provider: &str, mode: Mode) -> String {
        format!("{}/~{}", self.base(provider), mode.name())
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
        for address in [self.http, self.whois] {
            drop(TcpStream::connect(address));
        }
    }
}
