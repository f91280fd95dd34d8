//! A proxy that wants a name and a password (RFC 9110, section 11.7), and that finds every host on the stand-in: tunnels
//! lead to its TLS port, whole URLs to its other one.

use crate::http;
use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The name and password that it wants.
pub const CREDENTIALS: &str = "ann:s3cret";
/// The same in base64.
const BASIC: &str = "Basic YW5uOnMzY3JldA==";

/// Where things lead, and what was asked for: `CONNECT host:port`, `GET http://host/…`.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) http: SocketAddr,
    pub(crate) secure: SocketAddr,
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
}

pub(crate) fn serve(mut client: TcpStream, proxy: &Proxy) -> io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(10)))?;
    let Some((head, body)) = http::read(&mut client)? else {
        return Ok(());
    };
    let (first, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let allowed = headers.split("\r\n").filter_map(|line| line.split_once(": "));
    let allowed = allowed
        .filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))
        .any(|(_, value)| value.trim() == BASIC);
    let mut seen = proxy.seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.push(format!("{method} {target}{}", if allowed { "" } else { " refused" }));
    drop(seen);
    if !allowed {
        return client.write_all(
            b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"stand-in\"\r\n\
              connection: close\r\ncontent-length: 0\r\n\r\n",
        );
    }
    if method == "CONNECT" {
        let server = TcpStream::connect(proxy.secure)?;
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        return tunnel(client, server);
    }
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    let mut server = TcpStream::connect(proxy.http)?;
    write!(server, "{method} {path} HTTP/1.1\r\n{headers}\r\n\r\n")?;
    server.write_all(&body)?;
    io::copy(&mut server, &mut client).map(drop)
}

/// Carries bytes both ways until both sides have ended.
fn tunnel(client: TcpStream, server: TcpStream) -> io::Result<()> {
    client.set_read_timeout(None)?;
    let (mut up, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let upwards = std::thread::spawn(move || {
        let carried = io::copy(&mut up, &mut to_server);
        let ended = to_server.shutdown(Shutdown::Write);
        carried.map(drop).and(ended)
    });
    let (mut server, mut client) = (server, client);
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Write)?;
    upwards.join().unwrap_or(Ok(()))
}
