//! Secrets in every place and every disguise, looked for in every format.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::Bed;

#[test]
fn secrets_are_masked_unless_asked_for() {
    let bed = Bed::new("secrets");
    bed.write(
        "kit.txt",
        b"password: hunter2\nhttp://user:hunter2@evil.com/ posts to https://api.telegram.org/bot123456789:AAEhBP/sendMessage\n",
    );
    bed.write(
        "page.html",
        b"<a href='http://accounts.google.com:hunter2@evil.com/'>x</a>",
    );
    for format in ["text", "json", "ndjson", "csv"] {
        for line in [
            &["extract", "-C", "60", "kit.txt"][..],
            &["extract", "-a", "kit.txt"],
            &["extract", "page.html"],
            &["triage", "kit.txt", "page.html"],
        ] {
            let line: Vec<&str> = line.iter().copied().chain(["--format", format]).collect();
            let ran = bed.run(&line);
            assert!(
                !ran.stdout.contains("hunter2") && !ran.stdout.contains("AAEhBP"),
                "{ran:#?}"
            );
            assert!(ran.stdout.contains("***"), "{ran:#?}");
            let shown: Vec<&str> = line.iter().copied().chain(["--show-secrets"]).collect();
            assert!(bed.run(&shown).stdout.contains("hunter2"), "{line:?}");
        }
    }
}

#[test]
fn a_check_masks_what_a_listing_masks() {
    let bed = Bed::new("secrets-check");
    let lines = "http://u:hunter2@evil.com/x\nhxxp://u:hunter2[@]evil[.]com/y\nlog in with password=hunter2 here\n";
    bed.write(
        "list.txt",
        "http://u:hunter2@evil.com/x\nhttp://v:hunter2@evil.com/z/*\n",
    );
    bed.run(&["feeds", "import", "-q", "list.txt"]).expect(0, &[]);
    for format in ["text", "json", "ndjson", "csv"] {
        let line = ["check", "-", "--format", format];
        let ran = bed.pipe(&line, lines.as_bytes());
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!told.contains("hunter2") && told.contains("***"), "{ran:#?}");
        let alone = bed.run(&[
            "check",
            "http://v:hunter2@evil.com/z/q",
            "--explain",
            "--format",
            format,
        ]);
        assert!(!format!("{alone:?}").contains("hunter2"), "{alone:#?}");
        // What is compared is live.
        assert!(alone.stdout.to_lowercase().contains("suspicious"), "{alone:#?}");
        let shown = [&line[..], &["--show-secrets"]].concat();
        assert!(bed.pipe(&shown, lines.as_bytes()).stdout.contains("hunter2"));
    }
    let decided = bed.run(&[
        "check",
        "http://u:hunter2@evil.com/x",
        "--mark",
        "malicious",
        "--why",
        "kit",
    ]);
    assert!(!format!("{decided:?}").contains("hunter2"), "{decided:#?}");
    assert!(decided.stdout.contains("decided: kit"), "{decided:#?}");
}

/// The secret, and whatever it looks like in an encoding that anybody can undo.
fn spellings(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let mut all = vec![secret.to_owned(), base16(bytes), base16(bytes).to_uppercase()];
    let wide: Vec<u8> = bytes.iter().flat_map(|byte| [*byte, 0]).collect();
    for bytes in [bytes, &wide] {
        for phase in 0..3 {
            let shifted: Vec<u8> = std::iter::repeat_n(b'x', phase).chain(bytes.iter().copied()).collect();
            // The digits that hold nothing but the secret.
            let digits = base64(&shifted);
            let own = (phase * 8).div_ceil(6)..shifted.len() * 8 / 6;
            all.push(digits.get(own).unwrap().to_owned());
        }
    }
    let percent: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
    all.push(percent);
    all
}

fn base16(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for digit in 0..=group.len() {
            out.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize % 64]));
        }
        out.extend(std::iter::repeat_n('=', 3 - group.len()));
    }
    out
}

fn percent(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.chars()
        .map(|c| {
            if plain(c) {
                c.to_string()
            } else {
                format!("%{:02X}", u32::from(c))
            }
        })
        .collect()
}

#[test]
fn no_disguise_and_no_edge_of_a_context_shows_a_secret() {
    const SECRET: &str = "S3cr3tPw9";
    let bed = Bed::new("secret-places");
    let plain = [
        format!("http://user:{SECRET}@evil.com/x"),
        format!("https://api.telegram.org/bot123456789:{SECRET}/sendMessage"),
        format!("https://discord.com/api/webhooks/12345/{SECRET}"),
        format!("https://evil.com/a?access_token={SECRET}&b=1"),
        format!(
            "https://evil.com/a?u={}",
            percent(&format!("http://user:{SECRET}@b.com/"))
        ),
        format!(
            "https://evil.com/a?u={}",
            base64(format!("http://user:{SECRET}@b.com/").as_bytes())
        ),
    ];
    let mut texts = Vec::new();
    for url in &plain {
        let wide: Vec<u8> = url.bytes().flat_map(|byte| [byte, 0]).collect();
        let every: String = url.bytes().map(|byte| format!("%{byte:02X}")).collect();
        texts.extend([
            url.clone(),
            percent(url),
            percent(&percent(url)),
            every,
            base64(url.as_bytes()),
            base64(percent(url).as_bytes()),
            base64(&wide),
            base16(url.as_bytes()),
            url.replace('/', "\\/"),
            url.replace('/', "\\u002f").replace('@', "\\u0040"),
            url.replace('@', "&#64;").replace('&', "&amp;"),
            url.replace("http", "hxxp").replace('.', "[.]").replace('@', "[@]"),
            url.replace("http", "hxxp")
                .replace('.', "[.]")
                .replace('@', "[at]")
                .replace(':', "[:]"),
        ]);
    }
    let mut text = format!("Authorization: Basic {SECRET} 203.0.113.7\npassword: {SECRET} 203.0.113.8\n");
    for secret in &texts {
        text.push_str(&format!("203.0.113.7 {secret} 198.51.100.9\n"));
    }
    bed.write("kit.txt", text.as_bytes());
    bed.write("kit.html", format!("<pre>{text}</pre>").as_bytes());
    let lines = [
        "extract kit.txt",
        "extract kit.html",
        "extract -a kit.txt",
        "extract --raw kit.txt",
        "extract -T domain,ipv4 kit.txt",
        "extract -e k=evil.{0,9} kit.txt",
        "extract --defang kit.txt",
        "triage kit.txt kit.html",
    ];
    let spelled = spellings(SECRET);
    for format in ["text", "json", "ndjson", "csv"] {
        for line in lines {
            let contexts: &[&str] = if line.starts_with("extract") {
                &["0", "3", "21", "37", "60", "400"]
            } else {
                &[""]
            };
            for context in contexts {
                let mut line: Vec<&str> = line.split(' ').chain(["--format", format]).collect();
                if !context.is_empty() {
                    line.extend(["-C", context]);
                }
                let ran = bed.run(&line);
                for (stream, out) in [("out", &ran.stdout), ("err", &ran.stderr)] {
                    let leak = out
                        .lines()
                        .find(|line| spelled.iter().any(|spelled| line.contains(spelled)));
                    assert_eq!(leak, None, "{line:?} {stream}");
                }
                assert!(ran.stdout.contains("evil"), "{line:?}");
            }
        }
    }
}

#[test]
fn what_is_told_of_programs_and_by_rules_is_masked() {
    let bed = Bed::new("secrets-strings");
    let program = watchfire_testkit::executable::Pe {
        resources: vec![(10, 1, b"cmd /c get http://user:hunter2@evil.com/ mimikatz".to_vec())],
        ..watchfire_testkit::executable::Pe::default()
    };
    bed.write("tool.exe", program.build());
    bed.write("note.txt", "http://user:hunter2@evil.com/\n");
    bed.write("own.yar", "rule Own { strings: $a = /http:.{24}/ condition: $a }");
    for line in [
        &["triage", "-q", "--format", "json", "tool.exe"][..],
        &["extract", "-q", "--format", "ndjson", "--yara", "own.yar", "note.txt"],
    ] {
        let ran = bed.run(line);
        assert!(!ran.stdout.contains("hunter2"), "{ran:#?}");
        let shown: Vec<&str> = line.iter().copied().chain(["--show-secrets"]).collect();
        let shown = bed.run(&shown).stdout;
        let told = [
            "\"text\": \"cmd /c get http://user:hunter2@",
            "\"excerpt\":\"http://user:hunter2@",
        ];
        assert!(told.iter().any(|told| shown.contains(told)), "{shown}");
    }
}
