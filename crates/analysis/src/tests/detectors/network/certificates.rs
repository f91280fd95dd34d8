//! Certificates that servers show.

use super::{Said, check, check_title};
use watchfire_model::Timestamp;
use watchfire_model::network::{Event, Exchange, Tls, TlsClient};

/// `CN=device.example`, made by itself, valid until November 2027.
const ITSELF: &str = "3082017030820116a00302010202140d0f4ee0bceb0b19339f230dcb9830d26bbe2e25300a06082a8648ce3d040302301931\
     17301506035504030c0e6465766963652e6578616d706c65301e170d3236313132333039313634385a170d32373131323330\
     39313634385a30193117301506035504030c0e6465766963652e6578616d706c653059301306072a8648ce3d020106082a86\
     48ce3d03010703420004e38c21a5daca7d21580a5b22e969e11b7d6dd728bd8cb8ce09c9163475abf2a8f3f1374cc0c8ceb7\
     577ed6a36c5c0202d24a343a8c49f72c476f9187aeb61c2ca33c303a30190603551d1104123010820e6465766963652e6578\
     616d706c65301d0603551d0e041604142e13338b4c856912a2643da454a48dd987f7f1c8300a06082a8648ce3d0403020348\
     003045022100d227c38aa2b33566ccc34310d0df02d4c0efb1f8e53c77e6e0921a1d47c5f03a0220342830ecd886c2fe6577\
     6e4548f902cb7fcbd7f1cc0858b047b7c8a948687717";
/// `CN=Major Cobalt Strike, O=cobaltstrike`, made by itself, for ten years.
const TOOL: &str = "308201643082010b021474271ce04643d7b38626fd3d04a766bccb6cac10300a06082a8648ce3d0403023035311c301a0603\
     5504030c134d616a6f7220436f62616c7420537472696b6531153013060355040a0c0c636f62616c74737472696b65301e17\
     0d3236313132333039313634385a170d3336313133303039313634385a3035311c301a06035504030c134d616a6f7220436f\
     62616c7420537472696b6531153013060355040a0c0c636f62616c74737472696b653059301306072a8648ce3d020106082a\
     8648ce3d0301070342000405bb6d364775d1bee7ae0879b19f62ac541a43af7a1a4e1bbef7a0d8cb2edbea189e9cbfc969b4\
     0e36c8d2c3589c2a3b7b3353ff63b4314df224e658faf6cec5300a06082a8648ce3d0403020347003044022077d2ef6c50a1\
     0b61c4cbdafc66c7d5e184d69356bf26a0ddc47ec8beebc5874b022043338a7b342e56a3d8e5f0ed8b052a9432b8c05dd5cc\
     72623dfa1281ba0b6ec5";
/// `CN=www.example.com`, also for `*.shop.example`, issued by another, valid until November 2027.
const ISSUED: &str = "308201bd30820162a0030201020214658bf6a201b0d0cb12a91887d09c458d18d9e865300a06082a8648ce3d040302301531\
     13301106035504030c0a4578616d706c65204341301e170d3236313132333039313634385a170d3237313132333039313634\
     385a301a3118301606035504030c0f7777772e6578616d706c652e636f6d3059301306072a8648ce3d020106082a8648ce3d\
     03010703420004fef9f22a81313b4b793bcfbf9abac85f51312a92b8c1f6a5d75c8ae13c0ebc4ececff0d27cb46e576748c8\
     6890a38f1a21a4f66d209998aebb7d8adb651ff426a3818a308187302a0603551d1104233021820f7777772e6578616d706c\
     652e636f6d820e2a2e73686f702e6578616d706c65301d0603551d0e04160414a2311d40e6c5c8dc8bed1439c0e091f612b7\
     c981303a0603551d2304333031a119a41730153113301106035504030c0a4578616d706c652043418214764cbb5eba5d2e53\
     7e3523d18c1003fbd9542342300a06082a8648ce3d0403020349003046022100ccb5f869466800b068c9d14b701fdaf14e50\
     b2fdbca9b70a4215a1e92d07452f0221008b99dafcd4117ce3eff9eadd42641714cdfc8fe6aa86a39de5b1c290e1f9a734";
/// January 2027, and May 2033.
const THEN: i64 = 1_800_000_000;
const LATER: i64 = 2_000_000_000;

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// A handshake in which a server shows a certificate.
fn shows(to: &str, name: &str, certificate: &str, at: i64) -> [Said; 1] {
    let tls = Tls {
        client: Some(TlsClient {
            server_name: Some(name.into()),
            ..TlsClient::default()
        }),
        certificates: vec!["00".repeat(32)],
        chain: vec![bytes(certificate)],
        established: true,
        ..Tls::default()
    };
    [Said::Event(Event {
        flow: 1,
        frame: 7,
        time: Timestamp::new(at, 0),
        originator: super::end("10.0.0.5:50000"),
        responder: super::end(to),
        transport: None,
        exchange: Exchange::Tls(Box::new(tls)),
    })]
}

const OUTSIDE: &str = "203.0.113.9:443";
const INSIDE: &str = "10.0.0.9:443";

#[test]
fn certificates_of_tools_of_intruders_are_found() {
    check(
        "outside",
        &shows(OUTSIDE, "a.example", TOOL, THEN),
        &[("odd-certificate", 550)],
    );
    check(
        "inside",
        &shows(INSIDE, "a.example", TOOL, THEN),
        &[("odd-certificate", 550)],
    );
}

#[test]
fn odd_certificates_are_told_and_weigh_little_inside() {
    check(
        "itself",
        &shows(OUTSIDE, "device.example", ITSELF, THEN),
        &[("odd-certificate", 200)],
    );
    check(
        "and for another",
        &shows(OUTSIDE, "bank.example", ITSELF, THEN),
        &[("odd-certificate", 250)],
    );
    check(
        "a device",
        &shows(INSIDE, "device.example", ITSELF, THEN),
        &[("odd-certificate", 50)],
    );
    check(
        "for another",
        &shows(OUTSIDE, "www.example.net", ISSUED, THEN),
        &[("odd-certificate", 150)],
    );
    check(
        "over",
        &shows(OUTSIDE, "www.example.com", ISSUED, LATER),
        &[("odd-certificate", 100)],
    );
    check(
        "not yet",
        &shows(OUTSIDE, "www.example.com", ISSUED, 1_700_000_000),
        &[("odd-certificate", 100)],
    );
    check_title(
        &shows(OUTSIDE, "bank.example", ITSELF, THEN),
        "odd certificate: bank[.]example (203[.]0[.]113[.]9) port 443 shows device[.]example, which was made by itself and is not for bank[.]example; 1 handshake",
    );
}

#[test]
fn ordinary_certificates_are_nothing() {
    for name in ["www.example.com", "WWW.Example.COM.", "a.shop.example"] {
        check(name, &shows(OUTSIDE, name, ISSUED, THEN), &[]);
    }
    check(
        "two labels",
        &shows(OUTSIDE, "a.b.shop.example", ISSUED, THEN),
        &[("odd-certificate", 150)],
    );
}

/// `CN=www.adr.example, O=American Arbitration Association`, made by itself.
const ASSOCIATION: &str = "308201fb308201a1a00302010202147dc19de2743f36eeab18db15d32d54219acc16d1300a06082a8648ce3d040302304531\
     18301606035504030c0f7777772e6164722e6578616d706c6531293027060355040a0c20416d65726963616e204172626974\
     726174696f6e204173736f63696174696f6e301e170d3236313132333134343232375a170d3237313132333134343232375a\
     30453118301606035504030c0f7777772e6164722e6578616d706c6531293027060355040a0c20416d65726963616e204172\
     626974726174696f6e204173736f63696174696f6e3059301306072a8648ce3d020106082a8648ce3d03010703420004bbe7\
     66a27885c96d064561b97beecb9928fee714c47244cec66028b2e7a7dc29de5076a3302d224bf789dbd5b8ebb6e32e436dbe\
     20bb307886eeff453d71ce90a36f306d301d0603551d0e041604146fd720b0fb2aab2933de6ce630432086a11cf976301f06\
     03551d230418301680146fd720b0fb2aab2933de6ce630432086a11cf976300f0603551d130101ff040530030101ff301a06\
     03551d1104133011820f7777772e6164722e6578616d706c65300a06082a8648ce3d04030203480030450221008d316def6e\
     5053de528098291797a01e4d7aec66c9393974b84d58459513f3a502200dcece05dbf972566cf7b442f7e91612eb717d7282\
     2697ce8e52ee6b28f67923";
/// `CN=DcRat Server, O=DcRat By qwqdanchun`, made by itself.
const ANOTHER_TOOL: &str = "308201db30820181a003020102021427f459c2cebebebc8bd5cf5f3c52615906b5c65c300a06082a8648ce3d040302303531\
     15301306035504030c0c446352617420536572766572311c301a060355040a0c1344635261742042792071777164616e6368\
     756e301e170d3236313132333134343232375a170d3237313132333134343232375a30353115301306035504030c0c446352\
     617420536572766572311c301a060355040a0c1344635261742042792071777164616e6368756e3059301306072a8648ce3d\
     020106082a8648ce3d03010703420004e30377d214a33a435caee87fded9e5ed481a755632e5a0b9ff89664df00bbbe03372\
     1d50e4d20e4cce1681aaf87d2a480d0ba45d672516210b07c428074325a4a36f306d301d0603551d0e041604149398e28d16\
     addf33c8e483f701d791dcbed2a61c301f0603551d230418301680149398e28d16addf33c8e483f701d791dcbed2a61c300f\
     0603551d130101ff040530030101ff301a0603551d1104133011820f7777772e6164722e6578616d706c65300a06082a8648\
     ce3d0403020348003045022100cb22677f7912b888461569606e4d0c07f85c2dc14a9b7c6c03023d55f4ff808c0220122b4a\
     86c5acd653ad75e8dd2d45e7cc0387eaf4f903a1fd16cae153c7b89909";

#[test]
fn words_that_hold_the_name_of_a_tool_are_none() {
    check(
        "an association",
        &shows(OUTSIDE, "www.adr.example", ASSOCIATION, THEN),
        &[("odd-certificate", 200)],
    );
    check(
        "a tool and its maker",
        &shows(OUTSIDE, "www.adr.example", ANOTHER_TOOL, THEN),
        &[("odd-certificate", 550)],
    );
}
