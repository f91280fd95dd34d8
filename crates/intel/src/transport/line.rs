//! A line of text to a TCP port, and what comes back until it is closed: WHOIS (RFC 3912).

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use watchfire_model::transport::{Request, Response, TransportError};

/// Sends the body of `request` and a line end to `whois://host:port`, and reads what comes back.
pub(super) async fn send(request: &Request) -> Result<Response, TransportError> {
    let unreachable = |error: std::io::Error| TransportError::Unreachable(error.to_string());
    let place = request.url.strip_prefix("whois://").unwrap_or_default();
    // A line end in the question would be a second question.
    if place.is_empty() || request.body.iter().any(|byte| byte.is_ascii_control()) {
        return Err(TransportError::Unconnected("no question of one line".to_owned()));
    }
    let stream = TcpStream::connect(place).await;
    let mut stream = stream.map_err(|error| TransportError::Unconnected(error.to_string()))?;
    let mut question = request.body.clone();
    question.extend_from_slice(b"\r\n");
    stream.write_all(&question).await.map_err(unreachable)?;
    let mut body = Vec::new();
    let most = u64::try_from(request.limit).unwrap_or(u64::MAX);
    stream
        .take(most.saturating_add(1))
        .read_to_end(&mut body)
        .await
        .map_err(unreachable)?;
    if body.len() > request.limit {
        return Err(TransportError::TooLarge);
    }
    Ok(Response {
        status: 200,
        headers: Vec::new(),
        body,
    })
}
