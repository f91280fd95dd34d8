//! What stands beside a value without a blank between: escapes, colours of terminals, other scripts, bytes of a code page.
//! None of it is part of the value, and none of it hides the value.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use watchfire_extract::{Extractor, Options};
use watchfire_model::ObservableType as T;

/// `text` contains exactly `expected`, in order of first occurrence; parts of other values apart.
#[track_caller]
fn check(text: &str, expected: &[(T, &str)]) {
    check_bytes(text.as_bytes(), expected);
}

#[track_caller]
fn check_bytes(text: &[u8], expected: &[(T, &str)]) {
    let found = Extractor::new(Options::default()).extract(text).observed;
    for seen in &found {
        let raw = &text[seen.span.start as usize..seen.span.end as usize];
        assert_eq!(String::from_utf8_lossy(raw), seen.raw.raw(), "raw");
    }
    let found: Vec<_> = found
        .iter()
        .filter(|seen| seen.via.is_none())
        .map(|seen| (seen.observable.kind(), seen.observable.raw()))
        .collect();
    assert_eq!(found, expected, "in {:?}", String::from_utf8_lossy(text));
}

/// A value of each kind that has no name with letters in front, so that nothing around has to tell.
const EVIDENT: &[(T, &str)] = &[
    (T::Ipv4, "203.0.113.5"),
    (T::Socket, "198.51.100.7:443"),
    (T::Ipv6, "2001:db8::1"),
    (T::Cve, "CVE-2024-3400"),
    (T::AttackTechnique, "T1059.001"),
    (T::AttackTechnique, "T1059"),
    (T::Md5, "d41d8cd98f00b204e9800998ecf8427a"),
    (
        T::Sha256,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85a",
    ),
    (T::Url, "http://evil.example/a"),
    (T::Mac, "00:11:22:aa:bb:cc"),
    (T::Asn, "AS64496"),
];

const NAMES: &[(T, &str)] = &[
    (T::Domain, "evil.com"),
    (T::Email, "user@evil.com"),
    (T::Email, "first.last@evil.com"),
];

#[test]
fn the_letter_of_an_escape_belongs_to_the_escape() {
    for escape in [
        r"\n",
        r"\t",
        r"\r",
        r"\r\n",
        r"\n\n",
        r"\n\t",
        r"\\n",
        r"\\r\\n",
        r"\u003c",
        r"\u0020",
        r"\x20",
        r"\u000a",
        r"\u2022",
        r"\u4f60",
        r"\ud83d\udd34",
        r"\U0001F534",
        r"\u{1F534}",
        r"\011",
        "#012",
        "#011",
        r"\xe2\x80\x9c",
    ] {
        for (kind, value) in EVIDENT {
            for text in [
                format!("\"{escape}{value}\""),
                format!("{{\"m\":\"x{escape}{value}{escape}y\"}}"),
                format!("seen:{escape}{value} end"),
                format!("and{escape}{value}"),
            ] {
                check(&text, &[(*kind, value)]);
            }
        }
        for (kind, value) in NAMES {
            for text in [
                format!("\"{escape}{value}\""),
                format!("{{\"m\":\"x{escape}{value}{escape}y\"}}"),
                format!("seen:{escape}{value} end"),
                format!("it was seen.{escape}{value}"),
            ] {
                check(&text, &[(*kind, value)]);
            }
        }
    }
    check(
        r#"{"m":"\t203.0.113.5\n198.51.100.7\r\n"}"#,
        &[(T::Ipv4, "203.0.113.5"), (T::Ipv4, "198.51.100.7")],
    );
    check(r#"{"m": "Files of the day\nevil.com"}"#, &[(T::Domain, "evil.com")]);
    check(
        r"one.com\ntwo.net\nthree.org",
        &[(T::Domain, "one.com"), (T::Domain, "two.net"), (T::Domain, "three.org")],
    );
    check(
        r#"{"m":"Files:\nmalware.exe\nloader.dll\n"}"#,
        &[(T::FileName, "malware.exe"), (T::FileName, "loader.dll")],
    );
    check(
        r#"{"p":"C:\\Windows\\a.exe\r\nevil.com\n"}"#,
        &[(T::FilePath, r"C:\Windows\a.exe"), (T::Domain, "evil.com")],
    );
    check(r#""\nC:\\Users\\a.exe""#, &[(T::FilePath, r"C:\Users\a.exe")]);
}

#[test]
fn backslashes_of_paths_users_and_expressions_are_no_escapes() {
    for path in [r"C:\temp\new\readme.txt", r"\\server\share\nice.exe", r"D:\n\t\r.exe"] {
        check(path, &[(T::FilePath, path)]);
        check(&format!("run \"{path}\" now"), &[(T::FilePath, path)]);
    }
    for text in [
        r"CORP\nina.com",
        r"ACME\tom.li logged on",
        r"user CORP\robert.de",
        r"temp\Sub\network.com",
        r"\d+\.\w+\nevil\.",
        r"bin\x64\Release and bin\x86\Debug",
    ] {
        check(text, &[]);
    }
    check(r"temp\new.exe", &[(T::FileName, "new.exe")]);
    check(r"tools\Sub\new.exe", &[(T::FileName, "new.exe")]);
    check(
        r"Windows\SysWOW64\net.exe \Users\tom\readme.txt",
        &[(T::FileName, "net.exe"), (T::FileName, "readme.txt")],
    );
}

#[test]
fn colours_of_terminals_are_no_part_of_values() {
    for (before, after) in [
        ("\u{1b}[32m", "\u{1b}[0m"),
        ("\u{1b}[1;31m", "\u{1b}[m"),
        ("\u{1b}[m", "\u{1b}[K"),
        ("\u{1b}[38;5;196m", "\u{1b}[0m"),
        ("\u{1b}(B\u{1b}[m", "\u{1b}(B"),
        (r"\u001b[32m", r"\u001b[0m"),
        (r"\x1b[32m", r"\x1b[0m"),
        (r"\033[1;32m", r"\033[0m"),
        (r"\e[32m", r"\e[0m"),
        ("^[[32m", "^[[0m"),
        ("#033[32m", "#033[0m"),
        ("[32m", "[0m"),
    ] {
        for (kind, value) in EVIDENT.iter().chain(NAMES) {
            check(&format!("{before}{value}{after}"), &[(*kind, value)]);
            check(&format!("x {before}{value}{after} y\n"), &[(*kind, value)]);
        }
    }
}

#[test]
fn punctuation_and_symbols_of_any_script_end_values() {
    let pairs = [
        ("：", "，"),
        ("（", "）"),
        ("【", "】"),
        ("「", "」"),
        ("“", "”"),
        ("„", "“"),
        ("«", "»"),
        ("‹", "›"),
        ("‘", "’"),
        ("→", "→"),
        ("⇒", "←"),
        ("►", "●"),
        ("•", "；"),
        ("×", "？"),
        ("🔴", "🔴"),
        ("✅", "❌"),
        ("｜", "｜"),
        ("＝", "～"),
        ("＜", "＞"),
        ("\u{a0}", "\u{a0}"),
        ("\u{200b}", "\u{200b}"),
        ("\u{feff}", "\u{2028}"),
        ("①", "。"),
        ("،", "؟"),
        ("—", "…"),
        ("■", "！"),
    ];
    for (before, after) in pairs {
        for (kind, value) in EVIDENT.iter().chain(NAMES) {
            check(&format!("{before}{value}{after}"), &[(*kind, value)]);
            check(&format!("ab{before}{value}{after}zz"), &[(*kind, value)]);
        }
    }
}

#[test]
fn where_a_script_has_no_blanks_a_value_ends_at_it() {
    for (before, after) in [
        ("访问", "获取"),
        ("アドレス", "です"),
        ("서버는", "에서"),
        ("โดเมน", "และ"),
        ("のＣ２", "を"),
    ] {
        for (kind, value) in EVIDENT.iter().chain(NAMES) {
            check(&format!("{before}{value}{after}"), &[(*kind, value)]);
            check(&format!("{before}：{value}{after}{value}。"), &[(*kind, value)]);
        }
    }
    check(
        "使用203.0.113.6、203.0.113.7和198.51.100.8。",
        &[
            (T::Ipv4, "203.0.113.6"),
            (T::Ipv4, "203.0.113.7"),
            (T::Ipv4, "198.51.100.8"),
        ],
    );
    check(
        "域名evil[.]com和evil2[.]com。",
        &[(T::Domain, "evil.com"), (T::Domain, "evil2.com")],
    );
    check(
        "evil.cn。evil2.cn。",
        &[(T::Domain, "evil.cn"), (T::Domain, "evil2.cn")],
    );
    check(
        "203.0.113.6。198.51.100.7。",
        &[(T::Ipv4, "203.0.113.6"), (T::Ipv4, "198.51.100.7")],
    );
    check("邮箱123456@qq.com联系", &[(T::Email, "123456@qq.com")]);
    check(r"添加HKLM\Software\Run下", &[(T::RegistryKey, r"HKLM\Software\Run")]);
    check(r"文件C:\Windows\a.exe被执行", &[(T::FilePath, r"C:\Windows\a.exe")]);
    check(r"文件C:\用户\病毒.exe，", &[(T::FilePath, r"C:\用户\病毒.exe")]);
    check("文件/etc/passwd被修改", &[(T::FilePath, "/etc/passwd")]);
    check("https://evil.com/aです", &[(T::Url, "https://evil.com/a")]);
    check("http://evil.com/a：说明", &[(T::Url, "http://evil.com/a")]);
    check(
        "http://evil.com和http://evil2.com。",
        &[(T::Url, "http://evil.com"), (T::Url, "http://evil2.com")],
    );
}

#[test]
fn names_in_other_scripts_stay_whole() {
    check("http://例え.jp/パス", &[(T::Url, "http://xn--r8jz45g.jp/パス")]);
    check("www.中国.cn", &[(T::Domain, "www.xn--fiqs8s.cn")]);
    check("bücher.de", &[(T::Domain, "xn--bcher-kva.de")]);
    check("аpple.com", &[(T::Domain, "xn--pple-43d.com")]);
    check("https://日本abc.jp/", &[(T::Url, "https://xn--abc-s08fl0d.jp/")]);
    check("https://abc日本.jp/x", &[(T::Url, "https://xn--abc-v08fl0d.jp/x")]);
    check("用户@例子.cn", &[(T::Email, "用户@xn--fsqu00a.cn")]);
    check("иван2@почта.рф", &[(T::Email, "иван2@xn--80a1acny.xn--p1ai")]);
    check("jörg@x.de", &[(T::Email, "jörg@x.de")]);
}

#[test]
fn letters_of_alphabets_hide_no_identifiers() {
    check("с203.0.113.5и", &[(T::Ipv4, "203.0.113.5")]);
    check(
        "с203.0.113.5и198.51.100.7",
        &[(T::Ipv4, "203.0.113.5"), (T::Ipv4, "198.51.100.7")],
    );
    check("уязвимостьCVE-2024-3400", &[(T::Cve, "CVE-2024-3400")]);
    check(
        "хэшd41d8cd98f00b204e9800998ecf8427a",
        &[(T::Md5, "d41d8cd98f00b204e9800998ecf8427a")],
    );
    check("почтаadmin@evil.ru", &[(T::Email, "admin@evil.ru")]);
    check("с evil.comом", &[(T::Domain, "evil.com")]);
}

#[test]
fn bytes_of_a_code_page_end_values() {
    for (before, after) in [
        (b"\x93".as_slice(), b"\x94".as_slice()),
        (b"\xAB", b"\xBB"),
        (b"\xA0", b"\xA0"),
        (b"\xE9 ", b"\xE9"),
        (b"\x8Fk", b"\x81B"),
        (b"\xC4\xD6", b"\xCF\xF0"),
    ] {
        for (kind, value) in EVIDENT.iter().chain(NAMES) {
            let before: &[u8] = if before == b"\x8Fk" { b"\x8F" } else { before };
            check_bytes(&[before, value.as_bytes(), after].concat(), &[(*kind, value)]);
        }
    }
    check_bytes(b"http://evil.com/caf\xE9 ok", &[(T::Url, "http://evil.com/caf")]);
}
