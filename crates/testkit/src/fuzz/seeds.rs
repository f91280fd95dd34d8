//! Inputs to begin with: small, valid, and full of what parsers decide on.

mod documents;
mod mail;

pub(super) use documents::{discs, notebooks, old_offices, rich_documents, scripts, shortcuts};
pub(super) use mail::{calendars, links, mails, messages, packets, pictures, rich_texts, signed};

use crate::archive::{Zip, gzip, nested_bomb, tar as tar_of, zlib};
use crate::mail::Mail;
use crate::{demo, document, encode, logs, qr};

/// Texts with every form that the extractor knows.
pub(super) fn texts() -> Vec<Vec<u8>> {
    const LINES: &[&str] = &[
        "hxxps://user:pass@sub[.]example[.]com:8443/a/b.php?q=1&u=http%3A%2F%2Fexample.org%2Fx#frag, and (http://example.net/a_(b)).",
        "203[.]0[.]113[.]7 203.0.113.7:443 203.0.113.0/24 2001:db8::1 [2001:db8::1]:53 fe80::1%eth0 10.1.1.117.4222 v1.2.3.4",
        "me (at) example (dot) com, me[@]example.com, \"John Doe\"@example.com, jsmith@[IPv6:2001:db8::1], user@jabber.example.org",
        "d41d8cd98f00b204e9800998ecf8427e imphash: 18ddf28a71089acdbab5038f58044c0a \
         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "CVE-2024-3094 CWE-79 GHSA-jfh8-c2jp-5v3q cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*:* T1059.001 TA0001 M1036 TLP:AMBER+STRICT",
        r"HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Run C:\Users\<user>\AppData\x.exe /etc/passwd ~/a.py \\host\share\f",
        "1FeexV6bAHb8ybZjqQMjJrcCrHGW9sb6uF bc1ql49ydapnjafl5t2cp9zqpjwe6pdgmxy98859v2 0x507877C2E26f1387432D067D2DaAfa7d0420d90a",
        "arn:aws:s3:::examplebucket/my-data UA-26296840-4 GTM-ABC1234 pub-1234567891234567 t.me/example skype:name?call DE89370400440532013000",
        "68747470733a2f2f6578616d706c652e636f6d2f aHR0cDovL2V4YW1wbGUuY29tL3NvbWUvdXJs http%3A%2F%2Fexample%2Ecom%2Fwhite",
        "rule Test { strings: $a = \"}\" condition: $a } -----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabcd\n-----END PGP PUBLIC KEY BLOCK-----",
        "readme.md setup.py archive.zip 00:1b:44:11:3a:b7 AS64496 ciadotgov4sjwlzihbbgxnqg3xiyrg7so2r2o3lt5wz5ypk4sxyjstad.onion",
        "お名前.com xn--r8jz45g.jp test@テスト.example.com \u{202e}moc.elpmaxe\u{202c} example。com http://example.com\u{3000}x",
    ];
    let mut all: Vec<Vec<u8>> = LINES.iter().map(|line| line.as_bytes().to_vec()).collect();
    all.extend(LINES.iter().map(|line| encode::utf16le(line)));
    all.push(LINES.join("\r\n").into_bytes());
    // What a fuzzer found: schemes in mixed case, and more of them in a row than any URL holds.
    all.push(b"htTp://t HTTPS://Example.COM/ FTP://x.example".to_vec());
    all.push("http://".repeat(200).into_bytes());
    all.push(logs::generate(1, 6_000));
    all.extend(runs());
    all
}

/// Runs of what the scanner stops at, alone and in pairs: where quadratic time hides.
fn runs() -> Vec<Vec<u8>> {
    const PIECES: &[&str] = &[
        ".", "a.", "1.", "[.]", "@", "a@", "://", "http://", ":", "1:", "/", "\\", "(", ")", "%2F", "aa", "f0", "=",
        "-", "\"", " dot ", "<", "T1059", "rule a {", "{", "0x", "bc1q", "\u{30fb}",
    ];
    PIECES
        .iter()
        .map(|piece| piece.repeat(2_000 / piece.len()).into_bytes())
        .collect()
}

/// Web pages.
pub(super) fn pages() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = demo::files()
        .into_iter()
        .filter(|file| file.path.ends_with(".html"))
        .map(|file| file.bytes)
        .collect();
    all.push(b"<html><head><meta charset=shift_jis><title>a&amp;b</title></head><body><!-- x --><a href='//example.com/?a=1&#x2e;'>t</a><script>if(a<b){}</script><style>p{}</style><p hidden>h</p></body>".to_vec());
    all.push(b"<a href=\"javascript:x\" href='data:text/html;base64,PGE+'><![CDATA[x]]><svg><use xlink:href=\"http://example.org/\"/></svg>".to_vec());
    all
}

/// Portable documents.
pub(super) fn pdfs() -> Vec<Vec<u8>> {
    let mut all = vec![
        document::pdf("one line with 203.0.113.7", &["https://example.org/x"]),
        document::pdf(&"many lines (of text)\n".repeat(120), &[]),
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF".to_vec(),
    ];
    all.extend(qr::documents().into_iter().map(|(_, document)| document));
    all
}

/// Office documents.
pub(super) fn offices() -> Vec<Vec<u8>> {
    let content = "<office:document-content><office:body><office:text><text:p>203.0.113.7</text:p></office:text></office:body></office:document-content>";
    let sheet = "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c></row></sheetData></worksheet>";
    vec![
        document::docx("first\nsecond https://example.org/"),
        Zip::new()
            .stored("mimetype", b"application/vnd.oasis.opendocument.text")
            .file("content.xml", content.as_bytes())
            .build(),
        Zip::new()
            .file("[Content_Types].xml", b"<Types/>")
            .file("xl/workbook.xml", b"<workbook/>")
            .file("xl/sharedStrings.xml", b"<sst><si><t>example.org</t></si></sst>")
            .file("xl/worksheets/sheet1.xml", sheet.as_bytes())
            .build(),
        Zip::new()
            .file("[Content_Types].xml", b"<Types/>")
            .file("_rels/.rels", b"<Relationships><Relationship Id='a' Type='x/officeDocument' Target='xl/workbook.bin'/></Relationships>")
            .file("xl/workbook.bin", b"A\0u\0t\0o\0_\0O\0p\0e\0n\0")
            .stored("xl/macrosheets/sheet1.bin", b"\0\x04\x06\0\0\0\x09\x1c\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\0\0\0\x17\x01\0a\0\x42")
            .build(),
    ]
}

/// Zip archives.
pub(super) fn zips() -> Vec<Vec<u8>> {
    vec![
        Zip::new()
            .file("a.txt", b"hello hello hello")
            .stored("b/c.bin", &[0, 1, 2])
            .comment("note")
            .build(),
        Zip::new().encrypted("secret.txt", b"203.0.113.7", "infected").build(),
        Zip::new()
            .file("../../etc/x", b"climbs")
            .file("übung.txt", b"name")
            .build(),
        nested_bomb(2, 3, 1 << 16),
    ]
}

/// 7z archives: an empty one, and one with a stored file (7zFormat.txt).
pub(super) fn seven_zips() -> Vec<Vec<u8>> {
    let signature = b"7z\xbc\xaf\x27\x1c\x00\x04";
    let wrap = |packed: &[u8], header: &[u8]| {
        let mut start = (packed.len() as u64).to_le_bytes().to_vec();
        start.extend((header.len() as u64).to_le_bytes());
        start.extend(crc32fast::hash(header).to_le_bytes());
        let mut out = signature.to_vec();
        out.extend(crc32fast::hash(&start).to_le_bytes());
        out.extend(start);
        out.extend(packed);
        out.extend(header);
        out
    };
    // Header { MainStreamsInfo { PackInfo, UnpackInfo { one folder, coder "copy" } }, FilesInfo { name "a" } }.
    let header = [
        1, 4, 6, 0, 1, 9, 5, 0, 7, 11, 1, 0, 1, 1, 0, 12, 5, 0, 0, 5, 1, 17, 5, 0, b'a', 0, 0, 0, 0, 0,
    ];
    vec![wrap(b"", b""), wrap(b"hello", &header)]
}

/// RAR archives of both formats, with a stored member each.
pub(super) fn rars() -> Vec<Vec<u8>> {
    vec![
        b"Rar!\x1a\x07\x01\0\0\0\0\0\x03\x01\0\0\0\0\0\0\x0b\x02\x02\x04\0\x04\x20\0\0\x02\x61\x62text\0\0\0\0\x03\x05\0\0".to_vec(),
        b"Rar!\x1a\x07\0\0\0\x73\0\0\x0d\0\0\0\0\0\0\0\0\0\x74\0\x82\x25\0\x04\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\x30\x05\0\0\0\0\0\x3fa\0\x03\x40text".to_vec(),
    ]
}

/// Tar archives.
pub(super) fn tars() -> Vec<Vec<u8>> {
    vec![
        tar_of(&[("a.txt", b"hello"), ("b/c.bin", &[7; 700])]),
        tar_of(&[("pax", b"30 path=longer/name/of/a/file\n")]),
        tar_of(&[]),
    ]
}

/// Lists of digests as programs write them, a filter, and both as they are stored.
pub(super) fn known_files() -> Vec<Vec<u8>> {
    const SHA1: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";
    const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let table = format!(
        "\"SHA-1\",\"MD5\",\"FileName\",\"SpecialCode\"\r\n\"{SHA1}\",\"900150983cd24fb0d6963f7d28e17f72\",\"a \"\"b\"\"\",\"\"\r\n"
    );
    let hashdeep = format!("%%%% HASHDEEP-1.0\n%%%% size,sha256,filename\n3,{SHA256},/a,b\n");
    let lists = [
        format!("{SHA1}  a.txt\n{SHA256} *b\nSHA256 (c) = {SHA256}\n"),
        table,
        hashdeep,
    ];
    let mut all: Vec<Vec<u8>> = lists.into_iter().map(String::into_bytes).collect();
    // Capacity 4, 10 functions, 57 bits, 3 held.
    let numbers = [1, 4, 0.001_f64.to_bits(), 10, 57, 3, 0x0090_0156_d62c_176c_u64];
    all.push(numbers.iter().flat_map(|number| number.to_le_bytes()).collect());
    for seed in all.clone() {
        let mut stored = Vec::new();
        if watchfire_intel::known::pack(&mut seed.as_slice(), std::path::Path::new(""), &mut stored).is_ok() {
            all.push(stored);
        }
    }
    all
}

/// The samples of every format of feeds.
pub(super) fn feeds() -> Vec<Vec<u8>> {
    /// They stand beside the tests of the formats.
    macro_rules! samples {
        ($($name:literal)*) => {
            vec![$(include_bytes!(concat!("../../../intel/tests/feeds/", $name)).to_vec()),*]
        };
    }
    samples![
        "csv.blocklist.csv"
        "csv.indicators.csv"
        "drop.asn.json"
        "drop.txt"
        "drop.v4.json"
        "epss.csv"
        "feodo.csv"
        "feodo.json"
        "ghsa.json"
        "hosts.dnsmasq.conf"
        "hosts.rpz"
        "hosts.txt"
        "kev.json"
        "malwarebazaar.csv"
        "misp.event.json"
        "misp.search.json"
        "nvd.json"
        "openioc.xml"
        "openphish.txt"
        "otx.json"
        "phishtank.csv"
        "phishtank.json"
        "plain.txt"
        "sslbl.csv"
        "sslbl.ip.csv"
        "stix.bundle.json"
        "stix.envelope.json"
        "suricata.iprep.list"
        "suricata.rules"
        "threatfox.csv"
        "threatfox.json"
        "tor.exit-addresses"
        "tor.torbulkexitlist"
        "urlhaus.csv"
        "urlhaus.json"
    ]
}

/// A bundle of two members.
pub(super) fn bundles() -> Vec<Vec<u8>> {
    use watchfire_intel::bundle::{Manifest, member, write};
    let files: &[(&str, &[u8])] = &[("feeds/a.set", b"packed"), ("rules/b.yar", &[7; 600])];
    let manifest = Manifest {
        created: watchfire_model::Moment::from_unix(1_795_262_400),
        counter: 7,
        members: files
            .iter()
            .filter_map(|(name, bytes)| member(name, &mut &**bytes).ok())
            .collect(),
    };
    let mut out = Vec::new();
    let mut open = |wanted: &watchfire_intel::bundle::Member| {
        let found = files.iter().find(|(name, _)| *name == wanted.name);
        Ok(Box::new(found.map_or(&b""[..], |(_, bytes)| bytes)) as Box<dyn std::io::Read>)
    };
    let written = write(&manifest, &mut open, &mut out);
    assert!(written.is_ok(), "the seed is a bundle");
    vec![out]
}

/// A table of hosts, and a report of Nmap.
pub(super) fn inventories() -> Vec<Vec<u8>> {
    let table = "Hostname;IP Address;MAC;Owner;Role\nweb1;192.0.2.5,192.0.2.9;00-00-5E-00-53-01;me;\"a;b\"\n";
    let report = "<?xml version=\"1.0\"?><!DOCTYPE nmaprun><nmaprun start=\"1793448000\"><host><status state=\"up\"/>\
        <address addr=\"192.0.2.5\" addrtype=\"ipv4\"/><hostnames><hostname name=\"a.example\"/></hostnames><ports>\
        <port protocol=\"tcp\" portid=\"22\"><state state=\"open\"/><service name=\"ssh\" product=\"A&amp;B\"/></port>\
        </ports></host><runstats><finished exit=\"success\"/></runstats></nmaprun>";
    vec![table.into(), report.into()]
}

/// Compressed streams: those that the testkit can write, and the smallest of the others.
pub(super) fn streams() -> Vec<Vec<u8>> {
    vec![
        gzip(b"hello hello hello"),
        [gzip(b"one"), gzip(b"two")].concat(),
        gzip(&vec![0; 1 << 20]),
        zlib(b"hello"),
        crate::quine::gzip(),
        // Empty streams of bzip2, xz, zstd and LZ4.
        b"BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0".to_vec(),
        b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46\0\0\0\0\x1c\xdf\x44\x21\x1f\xb6\xf3\x7d\x01\0\0\0\0\x04YZ".to_vec(),
        b"\x28\xb5\x2f\xfd\x20\x05\x29\0\0hello".to_vec(),
        b"\x04\x22\x4d\x18\x60\x40\x82\x05\0\0\x80hello\0\0\0\0".to_vec(),
        // LZMA with a dictionary of four gigabytes.
        b"\x5d\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x34\x19\x49\xee\x8d\xe9".to_vec(),
    ]
}

/// One of everything, and mails.
pub(super) fn anything() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for seeds in [pages, pdfs, offices, zips, seven_zips, tars, streams] {
        all.extend(seeds().into_iter().take(3));
    }
    all.extend(texts().into_iter().step_by(5));
    all.push(
        Mail::basic(
            "a@corp.example",
            "b@corp.example",
            "hi",
            "Mon, 2 Nov 2026 08:00:00 +0000",
            "1@corp.example",
        )
        .text("the password is infected")
        .attachment(
            "a.zip",
            "application/zip",
            &Zip::new().encrypted("a", b"b", "infected").build(),
        )
        .build(),
    );
    all.push(gzip(&tar_of(&[(
        "a.zip",
        &Zip::new().file("x.txt", b"example.org").build(),
    )])));
    all
}
