//! Questions to a resolver of the DNS (RFC 1035, section 4.2): by datagram, and over TCP where an answer is cut.
//!
//! Each question goes out with an identifier that nobody can guess, from a port that the system chooses, and only what
//! repeats both and the question counts as its answer. `dns://system` is what `/etc/resolv.conf` names.

use crate::dns;
use futures_util::future::join_all;
use ring::rand::{SecureRandom, SystemRandom};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use watchfire_model::transport::{Request, Response, TransportError};

/// How long one datagram may take to be answered, before it is sent once more.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How often a datagram is sent.
const TRIES: usize = 2;
/// Most questions in one request.
const MOST: usize = 16;
/// Most resolvers that are tried.
const RESOLVERS: usize = 3;

/// Sends the questions in the body of `request` to `dns://host:port`, all at once, and gives back their answers in the
/// same order.
pub(super) async fn send(request: &Request) -> Result<Response, TransportError> {
    let place = request.url.strip_prefix("dns://").unwrap_or_default();
    let resolvers = match place {
        "system" => of_system()?,
        _ => of_name(place).await?,
    };
    let questions: Vec<&[u8]> = dns::frames(&request.body).take(MOST).collect();
    let answers = join_all(questions.iter().map(|question| ask(&resolvers, question))).await;
    if answers.iter().all(Result::is_err)
        && let Some(Err(error)) = answers.first()
    {
        return Err(error.clone());
    }
    let body = dns::framed(answers.iter().map(|answer| answer.as_deref().unwrap_or_default()));
    if body.len() > request.limit {
        return Err(TransportError::TooLarge);
    }
    Ok(Response {
        status: 200,
        headers: Vec::new(),
        body,
    })
}

fn unreachable(error: io::Error) -> TransportError {
    TransportError::Unreachable(error.to_string())
}

/// The resolvers that the system uses.
fn of_system() -> Result<Vec<SocketAddr>, TransportError> {
    let none = || {
        let why = "this system names no resolver; providers.dns.url does, 'dns://192.0.2.53'";
        TransportError::Unreachable(why.to_owned())
    };
    let text = std::fs::read_to_string("/etc/resolv.conf").map_err(|_| none())?;
    let resolvers: Vec<SocketAddr> = named(&text).take(RESOLVERS).collect();
    if resolvers.is_empty() {
        Err(none())
    } else {
        Ok(resolvers)
    }
}

/// The lines `nameserver ADDRESS` of `resolv.conf`; a zone of IPv6 is left out.
fn named(text: &str) -> impl Iterator<Item = SocketAddr> {
    text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next().filter(|word| *word == "nameserver").and(words.next())?;
        let address: IpAddr = address.split('%').next()?.parse().ok()?;
        Some(SocketAddr::new(address, 53))
    })
}

async fn of_name(place: &str) -> Result<Vec<SocketAddr>, TransportError> {
    if let Ok(address) = place.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, 53)]);
    }
    let place = match place.rsplit_once(':') {
        Some(_) => place.to_owned(),
        None => format!("{place}:53"),
    };
    let found = tokio::net::lookup_host(place).await.map_err(unreachable)?;
    Ok(found.take(RESOLVERS).collect())
}

/// The answer of the first resolver that gives one.
async fn ask(resolvers: &[SocketAddr], question: &[u8]) -> Result<Vec<u8>, TransportError> {
    let mut last = TransportError::Timeout;
    for resolver in resolvers {
        match exchange(*resolver, question).await {
            Ok(answer) => return Ok(answer),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn exchange(resolver: SocketAddr, question: &[u8]) -> Result<Vec<u8>, TransportError> {
    let mut question = question.to_vec();
    let mut identifier = [0; 2];
    SystemRandom::new()
        .fill(&mut identifier)
        .map_err(|_| TransportError::Unreachable("no random numbers".to_owned()))?;
    let Some(place) = question.first_chunk_mut() else {
        return Err(TransportError::Unreachable("no question".to_owned()));
    };
    *place = identifier;
    let mut answer = by_datagram(resolver, &question).await?;
    if dns::is_cut(&answer) {
        let whole = timeout(PATIENCE * 2, over_tcp(resolver, &question)).await;
        answer = whole.map_err(|_| TransportError::Timeout)??;
    }
    // What is kept of an answer does not depend on chance.
    if let Some(place) = answer.first_chunk_mut() {
        *place = [0; 2];
    }
    Ok(answer)
}

async fn by_datagram(resolver: SocketAddr, question: &[u8]) -> Result<Vec<u8>, TransportError> {
    let any: IpAddr = match resolver {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    for _ in 0..TRIES {
        // A new socket for each try: from a new port.
        let socket = UdpSocket::bind((any, 0)).await.map_err(unreachable)?;
        socket.connect(resolver).await.map_err(unreachable)?;
        socket.send(question).await.map_err(unreachable)?;
        let received = timeout(PATIENCE, async {
            let mut buffer = vec![0; 4096];
            loop {
                let length = socket.recv(&mut buffer).await?;
                let answer = buffer.get(..length).unwrap_or_default();
                if dns::answers(answer, question) {
                    return Ok(answer.to_vec());
                }
            }
        });
        if let Ok(received) = received.await {
            return received.map_err(unreachable);
        }
    }
    Err(TransportError::Timeout)
}

async fn over_tcp(resolver: SocketAddr, question: &[u8]) -> Result<Vec<u8>, TransportError> {
    let mut stream = TcpStream::connect(resolver).await.map_err(unreachable)?;
    stream.write_all(&dns::framed([question])).await.map_err(unreachable)?;
    let length = stream.read_u16().await.map_err(unreachable)?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await.map_err(unreachable)?;
    if !dns::answers(&answer, question) {
        return Err(TransportError::Unreachable("an answer to another question".to_owned()));
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolvers_are_read_from_the_system_s_file() {
        let text = "# nameserver 1.1.1.1\nsearch corp.example\nnameserver 10.0.0.53\nnameserver fe80::1%eth0\nnameserver\n\
                    nameserver nonsense\n";
        let found: Vec<String> = named(text).map(|address| address.to_string()).collect();
        assert_eq!(found, ["10.0.0.53:53", "[fe80::1]:53"]);
    }
}
