//! The network as companies have it, through the real binary: servers with a certificate of one's own authority, and
//! proxies that want a password.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{Bed, Ran};
use std::cell::Cell;
use std::fs;
use watchfire_standin::{AUTHORITY, CREDENTIALS, STRANGER, Standin};

struct Scene {
    bed: Bed,
    standin: Standin,
    asked: Cell<u8>,
}

impl Scene {
    /// AbuseIPDB is at `https://HOST` on the stand-in.
    fn new(name: &str, host: &str) -> Self {
        let scene = Self {
            bed: Bed::new(name),
            standin: Standin::start().unwrap(),
            asked: Cell::new(0),
        };
        scene.place(&scene.standin.secure_base("abuseipdb", host));
        scene.bed.write("authority.pem", AUTHORITY);
        scene.bed.write("stranger.pem", STRANGER);
        scene
    }

    fn place(&self, url: &str) {
        let folder = self.bed.folder.join("home/.config/watchfire");
        fs::create_dir_all(&folder).unwrap();
        fs::write(
            folder.join("watchfire.toml"),
            format!("[providers.abuseipdb]\nurl = \"{url}\"\n"),
        )
        .unwrap();
    }

    /// Asks about an address that nothing is known of yet, with these variables and flags. No output tells the key or the proxy's password.
    #[track_caller]
    fn ask(&self, variables: &[(&str, &str)], flags: &[&str]) -> Ran {
        self.asked.set(self.asked.get() + 1);
        let address = format!("91.240.118.{}", self.asked.get());
        let ask = [
            "check",
            &address,
            "--online",
            "--only-providers",
            "abuseipdb",
            "--deadline",
            "8",
        ];
        let mut command = self.bed.command(&[&ask, flags].concat());
        command.env("WATCHFIRE_ABUSEIPDB_KEY", "S3CR3T-0123456789abcdef");
        for (name, value) in variables {
            command.env(name, value);
        }
        let ran = Bed::finish(command, b"");
        for secret in ["S3CR3T", "s3cret"] {
            assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{ran:#?}");
        }
        ran
    }
}

/// Holds that the screen says this, wherever its lines are broken.
#[track_caller]
fn says(ran: &Ran, text: &str) {
    let flat: String = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(text), "no '{text}' in {ran:#?}");
}

#[test]
fn a_server_is_trusted_by_the_system_s_authorities_and_those_of_the_ca_file() {
    let scene = Scene::new("network-tls", "localhost");
    says(&scene.ask(&[], &["--ca-file", "authority.pem"]), "score 87");
    // What Linux calls the system's store can be moved by a variable.
    let elsewhere = scene.bed.folder.join("in/authority.pem");
    let store = [("SSL_CERT_FILE", elsewhere.to_str().unwrap())];
    says(&scene.ask(&store, &[]), "score 87");
}

#[test]
fn a_server_that_cannot_prove_who_it_is_is_no_answer() {
    let scene = Scene::new("network-untrusted", "localhost");
    for flags in [&[][..], &["--ca-file", "stranger.pem"]] {
        let ran = scene.ask(&[], flags);
        says(&ran, "its certificate is not trusted");
        says(&ran, "--ca-file names further authorities");
    }
    // Trusted, but not the one that was asked.
    let scene = Scene::new("network-other-name", "other.test");
    let proxy = format!("http://{CREDENTIALS}@{}", scene.standin.proxy());
    let ran = scene.ask(&[("https_proxy", &proxy)], &["--ca-file", "authority.pem"]);
    says(&ran, "its certificate is not trusted");
}

#[test]
fn certificates_that_cannot_be_read_are_named() {
    let scene = Scene::new("network-no-ca", "localhost");
    scene.bed.write("wrong.pem", "no certificate");
    scene.ask(&[], &["--ca-file", "wrong.pem"]).expect(
        2,
        &[
            "error: cannot read certificates 'wrong.pem': no certificates in PEM",
            "hint: a file of certificates has lines '-----BEGIN CERTIFICATE-----'",
        ],
    );
    scene.ask(&[], &["--ca-file", "missing.pem"]).expect(
        2,
        &["error: cannot read certificates 'missing.pem': there is no such file or folder"],
    );
}

#[test]
fn tunnels_are_made_with_the_proxy_s_password() {
    // No server of the world has this name: only the proxy finds it.
    let scene = Scene::new("network-tunnel", "standin.test");
    let proxy = format!("http://{CREDENTIALS}@{}", scene.standin.proxy());
    let trust = ["--ca-file", "authority.pem"];
    says(&scene.ask(&[("https_proxy", &proxy)], &trust), "score 87");
    let seen = scene.standin.proxied();
    assert!(
        matches!(&seen[..], [one] if one.starts_with("CONNECT standin.test:")),
        "{seen:?}"
    );
    says(&scene.ask(&[("ALL_PROXY", &proxy)], &trust), "score 87");
}

#[test]
fn a_proxy_that_refuses_is_told_apart_from_a_server_that_does() {
    let scene = Scene::new("network-refused", "standin.test");
    let trust = ["--ca-file", "authority.pem"];
    for name in ["", "ann:wrong@"] {
        let proxy = format!("http://{name}{}", scene.standin.proxy());
        let ran = scene.ask(&[("https_proxy", &proxy)], &trust);
        says(&ran, "the proxy wants a name and a password");
    }
    let ran = scene.ask(&[("https_proxy", "http://127.0.0.1:1")], &trust);
    says(&ran, "the proxy is not reached");
    let ran = scene.ask(&[("https_proxy", "http://ann:s3cret@[")], &trust);
    ran.expect(2, &["error: cannot use the network: the proxy for https is not a URL"]);
}

#[test]
fn what_no_proxy_names_is_reached_without_one() {
    let scene = Scene::new("network-direct", "localhost");
    let proxy = format!("http://{CREDENTIALS}@{}", scene.standin.proxy());
    let trust = ["--ca-file", "authority.pem"];
    for none in ["localhost", "*", "corp.example, localhost"] {
        says(
            &scene.ask(&[("https_proxy", &proxy), ("no_proxy", none)], &trust),
            "score 87",
        );
        assert!(
            scene.standin.proxied().is_empty(),
            "{none}: {:?}",
            scene.standin.proxied()
        );
    }
    says(
        &scene.ask(&[("https_proxy", &proxy), ("NO_PROXY", "elsewhere.test")], &trust),
        "score 87",
    );
    assert_eq!(scene.standin.proxied().len(), 1);
}

#[test]
fn plain_places_go_through_the_proxy_for_plain_http() {
    let scene = Scene::new("network-plain", "localhost");
    scene.place("http://misp.corp.test/abuseipdb");
    let proxy = format!("http://{CREDENTIALS}@{}", scene.standin.proxy());
    says(&scene.ask(&[("http_proxy", &proxy)], &[]), "score 87");
    let seen = scene.standin.proxied();
    assert!(
        matches!(&seen[..], [one] if one.starts_with("GET http://misp.corp.test/")),
        "{seen:?}"
    );
    // A web server sets that one from a header.
    let ran = scene.ask(&[("HTTP_PROXY", &proxy)], &[]);
    says(&ran, "not reached");
}
