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

#[test]
fn rarer_escapes_of_programs_and_of_json() {
    for escape in [r"\0", r"\b", r"\f", r"\v", r"\a"] {
        for (kind, value) in EVIDENT {
            check(&format!("\"{escape}{value}\""), &[(*kind, value)]);
            check(&format!("seen:{escape}{value} end"), &[(*kind, value)]);
        }
        check(&format!("{{\"m\":\"x{escape}evil.com\"}}"), &[(T::Domain, "evil.com")]);
    }
    check(
        r"x\0evil.com\0evil2.com\0",
        &[(T::Domain, "evil.com"), (T::Domain, "evil2.com")],
    );
    // Folders begin with these letters.
    check(r"C:\bin\0day.exe", &[(T::FilePath, r"C:\bin\0day.exe")]);
    check(r"look into ..\bin\0day.exe", &[(T::FileName, "0day.exe")]);
}

#[test]
fn escapes_of_power_shell_belong_to_the_escape() {
    check(
        "\"evil.com`nevil2.com`r`n203.0.113.5`tx@evil3.com\"",
        &[
            (T::Domain, "evil.com"),
            (T::Domain, "evil2.com"),
            (T::Ipv4, "203.0.113.5"),
            (T::Email, "x@evil3.com"),
        ],
    );
    check(
        "see `nevil.com` and `t.example.com`",
        &[(T::Domain, "nevil.com"), (T::Domain, "t.example.com")],
    );
}

#[test]
fn an_escaped_at_sign_is_one() {
    for sign in [r"\u0040", r"\x40", "&#64;", "&#x40;", "&commat;", "%40", "%2540"] {
        for name in ["user", "j.li", "first.last", "o_x-y"] {
            check(
                &format!("to {name}{sign}evil.com, please"),
                &[(T::Email, &format!("{name}@evil.com"))],
            );
        }
    }
}

#[test]
fn the_password_of_an_escaped_url_is_no_local_part() {
    for (colon, slashes, sign) in [
        (r"\u003a", r"\u002f\u002f", r"\u0040"),
        (r"\x3a", r"\x2f\x2f", r"\x40"),
        ("&#58;", "&#47;&#47;", "&#64;"),
        ("&colon;", "&sol;&sol;", "&commat;"),
        (":", "//", "&#x40;"),
    ] {
        let text = format!("http{colon}{slashes}user{colon}hunter2{sign}evil.com");
        let found = Extractor::new(Options::default()).extract(text.as_bytes()).observed;
        assert!(
            found.iter().all(|seen| seen.observable.kind() != T::Email),
            "{text}: {found:?}"
        );
    }
    check(r"mailto\u003auser\u0040evil.com", &[(T::Email, "user@evil.com")]);
}

#[test]
fn a_local_part_names_no_host_however_its_sign_is_written() {
    for (text, value) in [
        ("\"j.li\"@corp.com", "\"j.li\"@corp.com"),
        ("j.li [at] corp [dot] com", "j.li@corp.com"),
        ("j.li (@) corp.com", "j.li@corp.com"),
        ("j.li [@]corp[.]com", "j.li@corp.com"),
    ] {
        check(text, &[(T::Email, value)]);
    }
    check(
        "evil.com [archived] corp.com",
        &[(T::Domain, "evil.com"), (T::Domain, "corp.com")],
    );
}

#[test]
fn a_semicolon_ends_a_field_of_a_row_and_no_parameter() {
    for field in [
        "a@evil3.com",
        "evil3.com",
        "203.0.113.5",
        "http://evil3.com/",
        "high",
        "17",
    ] {
        let text = format!("198.51.100.7;http://evil.com/a;{field}");
        let found = Extractor::new(Options::default()).extract(text.as_bytes()).observed;
        let urls: Vec<_> = found.iter().filter(|seen| seen.observable.kind() == T::Url).collect();
        assert_eq!(urls[0].observable.raw(), "http://evil.com/a", "{text}");
    }
    check(
        "http://evil.com/a?b=1;x@evil3.com;d",
        &[(T::Url, "http://evil.com/a?b=1"), (T::Email, "x@evil3.com")],
    );
    for url in [
        "http://evil.com/a;jsessionid=1F2E?x=1",
        "http://evil.com/a;v=1;w=2/b",
        "http://evil.com/a;b/c",
        "http://evil.com/css?family=A:ital,wght@0,400;0,700;1,300..900&display=swap",
        "http://evil.com/?a=1;b=2;c",
        "http://evil.com/caf&eacute;s",
    ] {
        check(url, &[(T::Url, url)]);
    }
}

#[test]
fn what_html_escaped_and_markdown_marked_is_undone() {
    check(
        "http://evil.com/a?x=1&amp;b=2&amp;c",
        &[(T::Url, "http://evil.com/a?x=1&b=2&c")],
    );
    check("_http://evil.com/a_", &[(T::Url, "http://evil.com/a")]);
    check("__http://evil.com/a_b__", &[(T::Url, "http://evil.com/a_b")]);
    check("http://evil.com/a_", &[(T::Url, "http://evil.com/a_")]);
    check("x_http://evil.com/a_", &[(T::Url, "http://evil.com/a_")]);
}

#[test]
fn hosts_that_begin_with_an_escape() {
    check("http://%65vil.com/a", &[(T::Url, "http://evil.com/a")]);
    check("http://%31%39%32.0.2.1/", &[(T::Url, "http://192.0.2.1/")]);
}

#[test]
fn placeholders_in_paths_stay_whole() {
    for path in [r"C:\Users\<user>\x.exe", r"C:\<a>\<b>\x.exe"] {
        check(path, &[(T::FilePath, path)]);
        check(&path.replace('\\', r"\\"), &[(T::FilePath, path)]);
    }
}

#[test]
fn emphasis_is_no_part_of_a_name() {
    for marks in ["_", "__", "*", "**"] {
        check(
            &format!("see {marks}c.evil.com{marks} now"),
            &[(T::Domain, "c.evil.com")],
        );
    }
    check("_dmarc.evil.com", &[(T::Domain, "_dmarc.evil.com")]);
}

#[test]
fn a_part_of_a_name_is_no_name() {
    for hyphen in ["\u{ad}", "\u{2010}", "\u{2011}"] {
        check(&format!("see evil{hyphen}c2.com now"), &[]);
        check(&format!("see {hyphen}c2.com now"), &[(T::Domain, "c2.com")]);
        check(
            &format!("203.0.113.5 {hyphen} c2.com"),
            &[(T::Ipv4, "203.0.113.5"), (T::Domain, "c2.com")],
        );
    }
}
