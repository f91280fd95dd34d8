//! Mails built line by line (RFC 5322, RFC 2045), as an ordinary mailer writes them.

use crate::encode::base64_lines;
use std::fmt::Write as _;

/// A mail under construction.
#[derive(Debug, Default)]
pub struct Mail {
    headers: String,
    parts: Vec<String>,
}

impl Mail {
    /// A mail without anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// The four headers that every mail has, and its id.
    pub fn basic(from: &str, to: &str, subject: &str, date: &str, id: &str) -> Self {
        Self::new()
            .header("From", from)
            .header("To", to)
            .header("Subject", subject)
            .header("Date", date)
            .header("Message-ID", &format!("<{id}>"))
            .header("MIME-Version", "1.0")
    }

    /// Adds a header; a value may be folded already.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let _ = write!(self.headers, "{name}: {value}\r\n");
        self
    }

    /// Adds a plain text part.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.parts.push(format!(
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            crlf(text)
        ));
        self
    }

    /// Adds an HTML part.
    #[must_use]
    pub fn html(mut self, html: &str) -> Self {
        self.parts.push(format!(
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            crlf(html)
        ));
        self
    }

    /// Attaches a file.
    #[must_use]
    pub fn attachment(mut self, name: &str, content_type: &str, bytes: &[u8]) -> Self {
        self.parts.push(format!(
            "Content-Type: {content_type}; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{}",
            base64_lines(bytes)
        ));
        self
    }

    /// Attaches another mail as it is.
    #[must_use]
    pub fn message(mut self, name: &str, mail: &[u8]) -> Self {
        self.parts.push(format!(
            "Content-Type: message/rfc822; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n{}\r\n",
            String::from_utf8_lossy(mail)
        ));
        self
    }

    /// The mail's bytes. One part stands by itself; a text and its HTML are alternatives; anything else is mixed.
    pub fn build(&self) -> Vec<u8> {
        let mut out = self.headers.clone();
        let alternatives = |part: &String| part.starts_with("Content-Type: text/");
        match self.parts.as_slice() {
            [] => out.push_str("\r\n"),
            [only] => out.push_str(only),
            parts => {
                let kind = if parts.iter().all(alternatives) {
                    "alternative"
                } else {
                    "mixed"
                };
                let boundary = format!("=_{:08x}", crc32fast::hash(self.headers.as_bytes()));
                let _ = write!(out, "Content-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n\r\n");
                for part in parts {
                    let _ = write!(out, "--{boundary}\r\n{part}");
                }
                let _ = write!(out, "--{boundary}--\r\n");
            }
        }
        out.into_bytes()
    }
}

fn crlf(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join("\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_and_its_html_are_alternatives() {
        let mail = Mail::basic(
            "a@corp.example",
            "b@corp.example",
            "hi",
            "Mon, 2 Nov 2026 08:00:00 +0000",
            "1@corp.example",
        )
        .text("hello\nthere")
        .html("<p>hello</p>")
        .build();
        let mail = String::from_utf8(mail).unwrap();
        assert!(mail.contains("multipart/alternative"));
        assert!(mail.contains("hello\r\nthere\r\n--"));
        assert!(mail.ends_with("--\r\n"));
    }
}
