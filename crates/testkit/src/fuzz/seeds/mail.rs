//! Seeds of mail and of what travels in it.

use crate::mail::Mail;
use crate::outlook::{Message, packed_rtf};

fn basic() -> Mail {
    Mail::basic(
        "\"A, B\" <a@corp.example>",
        "b@corp.example",
        "=?utf-8?q?caf=C3=A9?=",
        "Mon, 2 Nov 2026 08:00:00 +0000",
        "1@corp.example",
    )
}

/// Mails of one part and of several.
pub(in crate::fuzz) fn mails() -> Vec<Vec<u8>> {
    let nested = basic()
        .text("inner")
        .attachment("a.zip", "application/zip", b"PK\x03\x04")
        .build();
    vec![
        basic().text("hello https://a.example/\nbegin 644 cat.txt\n#0V%T\n`\nend\n").build(),
        basic().text("plain").html("<a href=\"https://a.example\">x</a>").build(),
        basic().text("is it real?\n\n-----Original Message-----\nFrom: A <a@b.example>\nSent: today\nTo: c@d.example;\n e@f.example\nSubject: x\n\nhello\n").build(),
        basic().text("see").attachment("mail.eml", "message/rfc822", &nested).build(),
        b"Content-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: text/html; charset*0=ut;\n charset*1=f-8\n\n=3D\n--A--".to_vec(),
    ]
}

const RICH_TEXTS: &[&str] = &[
    "{\\rtf1\\ansi\\ansicpg1251\\fromhtml1 {\\fonttbl{\\f0\\fcharset204 Arial;}}{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 \\f0\\'cf\\u8364 ?}}",
    "{\\rtf1\\ansi\\fromtext one\\par two {\\field{\\*\\fldinst HYPERLINK \"https://a.example/\"}{\\fldrslt here}}\\bin3 {{{ \\u-10179?\\u-8704?}",
    "{\\rtf1{\\object{\\*\\objdata 0105}{\\result x}}{\\pict 00ff}}",
];

/// Rich text as Outlook writes it.
pub(in crate::fuzz) fn rich_texts() -> Vec<Vec<u8>> {
    RICH_TEXTS.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn built() -> Vec<Message> {
    let plain = Message::new()
        .text(0x0037, "subject")
        .text(0x0042, "Ann")
        .text(0x5d02, "ann@corp.example")
        .time(0x0039, 1_763_028_840)
        .recipient(1, "Bob", "bob@corp.example")
        .text(0x1000, "hello");
    let rich = RICH_TEXTS
        .iter()
        .map(|text| plain.clone().bytes(0x1009, &packed_rtf(text.as_bytes())));
    let mut all: Vec<Message> = rich.collect();
    all.push(
        plain
            .clone()
            .file("a.bin", &[7; 5_000])
            .message("inner", plain.clone().file("b", b"x")),
    );
    all.push(plain.text(0x007d, "From: x@real.example\r\nReceived: from a by b\r\n\r\n"));
    all
}

/// Messages of Outlook.
pub(in crate::fuzz) fn messages() -> Vec<Vec<u8>> {
    built().iter().map(Message::build).collect()
}

/// Packets of Outlook.
pub(in crate::fuzz) fn packets() -> Vec<Vec<u8>> {
    built().iter().map(Message::packet).collect()
}

/// Calendars.
pub(in crate::fuzz) fn calendars() -> Vec<Vec<u8>> {
    let invite = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nORGANIZER;CN=\"Pay; Roll\":mailto:a@b.example\r\n\
                  SUMMARY:Salary\\, now\r\nLOCATION:https://meet.example/\r\n a\r\nATTACH;ENCODING=BASE64;FILENAME=a.txt:aGk=\r\n\
                  X-ALT-DESC;FMTTYPE=text/html:<a href=\"x\">\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    vec![invite.as_bytes().to_vec(), invite.replace("\r\n", "\n").into_bytes()]
}

/// A signed message, its content in one piece and in pieces without lengths.
pub(in crate::fuzz) fn signed() -> Vec<Vec<u8>> {
    const OID: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    let build = |octets: &[u8]| {
        let mut out = b"\x30\x80".to_vec();
        out.extend(
            [
                OID,
                b"\x02\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80",
                OID,
                b"\x01\xa0\x80",
                octets,
            ]
            .concat(),
        );
        out.extend([0; 12]);
        out
    };
    vec![build(b"\x04\x05hello"), build(b"\x24\x80\x04\x02he\x04\x03llo\0\0")]
}

/// Pictures of each kind.
pub(in crate::fuzz) fn pictures() -> Vec<Vec<u8>> {
    macro_rules! pictures {
        ($($name:literal)*) => {
            vec![$(include_bytes!(concat!("../../../../formats/tests/data/image/", $name)).to_vec()),*]
        };
    }
    pictures! { "bilevel.png" "transparent.png" "palette.png" "colour.jpg" "progressive.jpg" "colour.gif" "bilevel.bmp" }
}

/// Links behind services.
pub(in crate::fuzz) fn links() -> Vec<Vec<u8>> {
    const LINKS: &[&str] = &[
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Fx&data=05",
        "https://urldefense.com/v3/__https://a.example/**B/z*__;w6kjJSE!!abc$",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__a.example_x&d=1",
        "https://secure-web.cisco.com/1a2b/https%3A%2F%2Fa.example",
        "https://www.bing.com/ck/a?!&&u=a1aHR0cHM6Ly9hLmV4YW1wbGUveA&ntb=1",
        "https://www-a--b-example.translate.goog/x?y=1&_x_tr_sch=http",
        "https://r.search.yahoo.com/_ylt=A/RU=https%3a%2f%2fa.example/RK=2",
        "https://protect-us.mimecast.com/s/aBc?domain=a.example",
    ];
    let mut all: Vec<Vec<u8>> = LINKS.iter().map(|link| link.as_bytes().to_vec()).collect();
    all.push(LINKS.join("\n").into_bytes());
    all
}
