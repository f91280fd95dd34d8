//! Secrets that a capture holds stay in it, whatever is written of it, until they are asked for.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::Bed;
use std::fs;
use watchfire_testkit::capture::{Conversation, Pcap, TimedFrame, http_response};

/// A capture with a word in it that nobody is to see, and all that can be written of it.
struct Told {
    bed: Bed,
}

impl Told {
    fn new(name: &str, frames: &[TimedFrame]) -> Self {
        let bed = Bed::new(name);
        bed.write("net.pcap", Pcap::new(1).frames(frames).build());
        Self { bed }
    }

    /// What is written to standard output, to logs of Zeek and to lines of Suricata, in all formats.
    fn everything(&self, more: &[&str]) -> String {
        let mut all = String::new();
        let formats: [&[&str]; 7] = [
            &["--format", "ndjson", "--zeek-logs", "logs"],
            &["--zeek-logs", "logs", "--zeek-json", "--eve", "eve.json"],
            &["--format", "json"],
            &["--format", "csv"],
            &["--flow", "1"],
            &["--flow", "1", "--format", "json"],
            &["--flow", "1", "--format", "ndjson"],
        ];
        for format in formats {
            let ran = self.bed.run(&[&["capture", "-q", "net.pcap"], format, more].concat());
            assert!(ran.code < 2 && !ran.stdout.is_empty(), "{ran:#?}");
            all.push_str(&ran.stdout);
            let logs = fs::read_dir(self.bed.folder.join("in/logs")).unwrap();
            for log in logs {
                all.push_str(&fs::read_to_string(log.unwrap().path()).unwrap());
            }
        }
        all + &fs::read_to_string(self.bed.folder.join("in/eve.json")).unwrap()
    }
}

/// None of `secrets` is seen unless it is asked for, while `kept` always is.
#[track_caller]
fn check(name: &str, talk: &Conversation, secrets: &[&str], kept: &[&str]) {
    let told = Told::new(name, talk.frames());
    let (hidden, shown) = (told.everything(&[]), told.everything(&["--show-secrets"]));
    for secret in secrets {
        let near = |at: usize| {
            hidden
                .get(at.saturating_sub(200)..at + 60)
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(hidden.find(secret).map(near), None, "{secret}");
        assert!(shown.contains(secret), "{secret}: {shown}");
    }
    for kept in kept {
        assert!(hidden.contains(kept), "{kept}: {hidden}");
    }
}

#[test]
fn passwords_in_urls_of_requests_are_masked() {
    let request = b"GET /login?user=alice&password=hunter2&next=home HTTP/1.1\r\nHost: intra.example\r\n\
        Cookie: sid=c00kie77\r\nReferer: http://intra.example/start?token=refer9876\r\nUser-Agent: browser\r\n\r\n";
    let reply = b"HTTP/1.1 302 Found\r\nLocation: http://bob:corr3ct@intra.example/in\r\nContent-Length: 0\r\n\r\n";
    let body = b"lang=en&passwd=b0dyword";
    let form = format!(
        "POST /login HTTP/1.1\r\nHost: intra.example\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let talk = Conversation::new("10.0.5.23:50000", "198.51.100.9:80")
        .open()
        .client(request)
        .server(reply)
        .client(&[form.as_bytes(), body].concat())
        .server(&http_response("text/plain", b"in"))
        .close();
    check(
        "secrets-http",
        &talk,
        &["hunter2", "refer9876", "corr3ct"],
        &["user=alice&password=***&next=home", "token=***", "bob:***@"],
    );
    let hidden = Told::new("secrets-flow", talk.frames()).everything(&[]);
    for secret in ["c00kie77", "b0dyword"] {
        assert!(!hidden.contains(secret), "{secret}: {hidden}");
    }
}

#[test]
fn passwords_in_commands_of_chats_and_databases_are_masked() {
    let chat = Conversation::new("10.0.5.23:50000", "198.51.100.9:6667")
        .open()
        .client(b"NICK bob\r\nUSER bob 0 * :Bob\r\n")
        .server(b":irc.example 001 bob :Welcome\r\n")
        .client(b"PRIVMSG NickServ :IDENTIFY hunter2\r\nPRIVMSG #all :good morning\r\n")
        .close();
    check("secrets-irc", &chat, &["hunter2"], &["IDENTIFY ***", "good morning"]);
    let cache = Conversation::new("10.0.5.23:50000", "198.51.100.9:6379")
        .open()
        .client(b"*4\r\n$6\r\nCONFIG\r\n$3\r\nSET\r\n$11\r\nrequirepass\r\n$7\r\nhunter2\r\n")
        .server(b"+OK\r\n")
        .client(b"*2\r\n$3\r\nGET\r\n$4\r\npage\r\n")
        .server(b"$4\r\nnews\r\n")
        .close();
    check("secrets-redis", &cache, &["hunter2"], &["requirepass", "news"]);
}
