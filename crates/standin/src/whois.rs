//! WHOIS: the root sends on to a registry, which is the same server under another question.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::Duration;

pub(crate) fn serve(mut stream: TcpStream, own: SocketAddr) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut question = Vec::new();
    let mut byte = [0];
    while question.len() < 512 && stream.read(&mut byte)? == 1 && byte != *b"\n" {
        question.extend(byte);
    }
    let question = String::from_utf8_lossy(&question).trim().to_owned();
    let has = |word: &str| question.contains(word);
    if has("slow") {
        sleep(Duration::from_secs(60));
        return Ok(());
    }
    let text = if has("disconnect") {
        return Ok(());
    } else if has("unknown") {
        format!("No match for \"{question}\".\r\n")
    } else if has("quota") {
        "% Error: query rate limit exceeded. Try again later.\r\n".to_owned()
    } else if has("loop") {
        format!("refer: {own}\r\n")
    } else if has("astray") {
        "refer: 169.254.169.254\r\n".to_owned()
    } else if has("html") {
        "<html>\r\n".to_owned()
    } else if has("empty") {
        String::new()
    } else if has("endless") {
        "Domain Status: ok\r\n".repeat(40_000)
    } else if has("hostile") {
        "Creation Date: 2026-11-02T08:00:00Z\r\nRegistrar: =1+1\u{1b}]0;x\u{7}\u{202e}<script>\r\n\
         Domain Status: \u{1b}[2J\r\n"
            .to_owned()
    } else {
        format!(
            "% Stand-in\r\n\r\nDomain Name: {question}\r\nCreation Date: 2026-11-02T08:00:00Z\r\n\
             Registry Expiry Date: 2027-11-02T08:00:00Z\r\nRegistrar: Example Registrar\r\n\
             Registrar Abuse Contact Email: abuse@registrar.test\r\nDomain Status: clientHold\r\n"
        )
    };
    stream.write_all(text.as_bytes())
}
