//! What is encrypted, where the capture has the secrets. What is expected is what Wireshark's `tshark` reads with them.

use super::{bytes_of, hear};
use std::collections::BTreeMap;
use watchfire_model::network::Exchange;
use watchfire_testkit::corpus::corpus_folder;

#[test]
fn requests_inside_of_tls_are_read_with_the_secrets_of_the_capture() {
    let Some(folder) = corpus_folder(
        "requests_inside_of_tls_are_read_with_the_secrets_of_the_capture",
        "pcap/ja4",
    ) else {
        return;
    };
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let mut certificates = 0;
    for event in hear(&bytes_of(&folder.join("http2-with-cookies.pcapng")), 1).events {
        match event.exchange {
            Exchange::Http(http) => {
                assert!(http.encrypted);
                *found.entry(http.method.raw().to_owned()).or_default() += 1;
                let status = http.reply.map(|reply| reply.status.to_string());
                *found.entry(status.unwrap_or_default()).or_default() += 1;
            }
            Exchange::Tls(tls) => certificates += tls.certificates.len(),
            _ => {}
        }
    }
    let expected = [("200", 14), ("301", 1), ("GET", 15)].map(|(what, times)| (what.to_owned(), times));
    assert_eq!(found, BTreeMap::from(expected));
    assert_eq!(certificates, 3);
}
