//! Catalogue numbers, places on a host, payment, accounts and texts. `«` and `»` stand around the raw text.

use crate::Sample;
use watchfire_model::ObservableType as T;

pub(crate) static SAMPLES: &[Sample] = &[
    Sample {
        kind: T::Cve,
        found: &[
            ("It exploits «CVE-2021-44228», of course.", "CVE-2021-44228"),
            ("It exploits «cve‑2021‑44228».", "CVE-2021-44228"),
        ],
        not: &[
            "It exploits CVE-2021-123 or CVE-1066-1234, or CVE-2021.",
            "The word receive-2021-44228 is none.",
        ],
    },
    Sample {
        kind: T::Cwe,
        found: &[("A case of «CWE-79» in the form.", "CWE-79")],
        not: &["A case of CWE-, or of CWE-abc."],
    },
    Sample {
        kind: T::Cpe,
        found: &[
            (
                "Affected: «cpe:2.3:a:apache:log4j:2.14.1:*:*:*:*:*:*:*».",
                "cpe:2.3:a:apache:log4j:2.14.1:*:*:*:*:*:*:*",
            ),
            (
                "Affected: «cpe:/o:linux:linux_kernel:2.6».",
                "cpe:/o:linux:linux_kernel:2.6",
            ),
        ],
        not: &["The format cpe:2.3:a:b is short, and scpe:/o:linux:x is none."],
    },
    Sample {
        kind: T::Ghsa,
        found: &[("Fixed by «GHSA-jfh8-c2jp-5v3q» upstream.", "GHSA-jfh8-c2jp-5v3q")],
        not: &["Fixed by GHSA-jfh8-c2jp upstream, or GHSA-aeio-c2jp-5v3q."],
    },
    Sample {
        kind: T::AttackTechnique,
        found: &[
            ("Phishing («T1566.001») came first.", "T1566.001"),
            ("Phishing, «T1566», came first.", "T1566"),
        ],
        not: &["The model T0000 and the part T9999 are none, nor is T15667.", "BT1566"],
    },
    Sample {
        kind: T::AttackTactic,
        found: &[("The tactic «TA0001» is initial access.", "TA0001")],
        not: &["The tactic TA9999 does not exist, and STA0001 is a station."],
    },
    Sample {
        kind: T::AttackMitigation,
        found: &[("Apply «M1036» to every account.", "M1036")],
        not: &["The motorway M9999 and the lens M103."],
    },
    Sample {
        kind: T::RegistryKey,
        found: &[
            (
                r"It set «HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run» at once.",
                r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run",
            ),
            (
                r#"{"key":"«HKEY_CURRENT_USER\\Software\\Classes\\x»"}"#,
                r"HKCU\Software\Classes\x",
            ),
        ],
        not: &[r"It set HKXX\SOFTWARE\Microsoft there.", "HKLM is the machine's hive."],
    },
    Sample {
        kind: T::FilePath,
        found: &[
            (r"It wrote «C:\Windows\Temp\x.exe» and left.", r"C:\Windows\Temp\x.exe"),
            (
                r#"It wrote "«C:\Program Files\Common Files\a b.dll»" and left."#,
                r"C:\Program Files\Common Files\a b.dll",
            ),
            (r"It wrote «%APPDATA%\x\y.vbs», then left.", r"%APPDATA%\x\y.vbs"),
            (r"It wrote «\\server\share$\x.bat».", r"\\server\share$\x.bat"),
            ("It read «/etc/shadow».", "/etc/shadow"),
            ("It read «~/.ssh/id_rsa» too.", "~/.ssh/id_rsa"),
        ],
        not: &[
            "Yes/no, and/or, 1/2, he/she/it, km/h.",
            r"A line\nbreak and a tab\t.",
            "See /foo/bar and https://example.com/etc/passwd.",
        ],
    },
    Sample {
        kind: T::FileName,
        found: &[
            ("It dropped «invoice.pdf.exe» there.", "invoice.pdf.exe"),
            ("Run «setup.py».", "setup.py"),
            ("Unpack «archive.zip», please.", "archive.zip"),
        ],
        not: &[
            "Version 1.2.exe5 of it.",
            "The site example.com is a name.",
            "http://example.com/x.exe",
        ],
    },
    Sample {
        kind: T::UserAgent,
        found: &[
            (
                "It sends «Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36».",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
            ),
            ("User-Agent: «curl/8.5.0»\nX: y", "curl/8.5.0"),
        ],
        not: &[
            "Mozilla makes a browser.",
            "The release Mozilla/x was odd.",
            "user-agent: none",
        ],
    },
    Sample {
        kind: T::Btc,
        found: &[
            (
                "Pay to «1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa» now.",
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            ),
            (
                "Pay to «bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4».",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            ),
        ],
        not: &[
            "Pay to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb now.",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        ],
    },
    Sample {
        kind: T::Eth,
        found: &[(
            "Pay to «0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed» now.",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        )],
        not: &[
            "Pay to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD now.",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA",
        ],
    },
    Sample {
        kind: T::Xmr,
        found: &[(
            "Pay to «44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A».",
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        )],
        not: &["44BFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"],
    },
    Sample {
        kind: T::Ltc,
        found: &[
            (
                "Pay to «LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1».",
                "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1",
            ),
            (
                "Pay to «ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9».",
                "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9",
            ),
        ],
        not: &["LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc2"],
    },
    Sample {
        kind: T::Doge,
        found: &[
            (
                "Pay to «DDogepartyxxxxxxxxxxxxxxxxxxw1dfzr».",
                "DDogepartyxxxxxxxxxxxxxxxxxxw1dfzr",
            ),
            (
                "Pay to «ADNbM5fBujCRBW1vqezNeAWmnsLp19ki3n».",
                "ADNbM5fBujCRBW1vqezNeAWmnsLp19ki3n",
            ),
        ],
        not: &["DDogepartyxxxxxxxxxxxxxxxxxxw1dfzs"],
    },
    Sample {
        kind: T::Bch,
        found: &[
            (
                "Pay to «bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq».",
                "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq",
            ),
            (
                "Pay to «qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a».",
                "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
            ),
        ],
        not: &["qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6q"],
    },
    Sample {
        kind: T::Dash,
        found: &[(
            "Pay to «XpESxaUmonkq8RaLLp46Brx2K39ggQe226».",
            "XpESxaUmonkq8RaLLp46Brx2K39ggQe226",
        )],
        not: &["XpESxaUmonkq8RaLLp46Brx2K39ggQe227"],
    },
    Sample {
        kind: T::Zec,
        found: &[
            (
                "Pay to «t1gsuUBuJeShVJ2ZTmWn9ybymyf89b6KLvJ».",
                "t1gsuUBuJeShVJ2ZTmWn9ybymyf89b6KLvJ",
            ),
            (
                "Pay to «zs1z7rejlpsa98s2rrrfkwmaxu53e4ue0ulcrw0h4x5g8jl04tak0d3mm47vdtahatqrlkngh9slya».",
                "zs1z7rejlpsa98s2rrrfkwmaxu53e4ue0ulcrw0h4x5g8jl04tak0d3mm47vdtahatqrlkngh9slya",
            ),
            (
                "Pay to «u1l8xunezsvhq8fgzfl7404m450nwnd76zshscn6nfys7vyz2ywyh4cc5daaq0c7q2su5lqfh23sp7fkf3kt27ve5948mzpfdvckzaect2jtte308mkwlycj2u0eac077wu70vqcetkxf».",
                "u1l8xunezsvhq8fgzfl7404m450nwnd76zshscn6nfys7vyz2ywyh4cc5daaq0c7q2su5lqfh23sp7fkf3kt27ve5948mzpfdvckzaect2jtte308mkwlycj2u0eac077wu70vqcetkxf",
            ),
        ],
        not: &["t1gsuUBuJeShVJ2ZTmWn9ybymyf89b6KLvK"],
    },
    Sample {
        kind: T::Xrp,
        found: &[(
            "Pay to «rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh».",
            "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
        )],
        not: &["rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi"],
    },
    Sample {
        kind: T::Trx,
        found: &[(
            "Pay to «TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFR».",
            "TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFR",
        )],
        not: &["TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFS"],
    },
    Sample {
        kind: T::Sol,
        found: &[(
            "Pay to «9xgyLDkZ7YRZnkWnYcLP33qVoxkDhkUSmpCv1WfgJodc».",
            "9xgyLDkZ7YRZnkWnYcLP33qVoxkDhkUSmpCv1WfgJodc",
        )],
        not: &[
            "MicrosoftWindowsUpdateServiceHostManager1234",
            "11111111111111111111111111111111",
        ],
    },
    Sample {
        kind: T::Xlm,
        found: &[
            (
                "Pay to «GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ».",
                "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ",
            ),
            (
                "Pay to «MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK».",
                "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK",
            ),
        ],
        not: &["GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGA"],
    },
    Sample {
        kind: T::Xtz,
        found: &[
            (
                "Pay to «tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb».",
                "tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb",
            ),
            (
                "Pay to «KT1KLbEeEgW5h1QLkPuPvqdgurHx6v4hGyic».",
                "KT1KLbEeEgW5h1QLkPuPvqdgurHx6v4hGyic",
            ),
        ],
        not: &["tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjc"],
    },
    Sample {
        kind: T::Ada,
        found: &[
            (
                "Pay to «addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k».",
                "addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k",
            ),
            (
                "Pay to «Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi».",
                "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi",
            ),
            (
                "Pay to «DdzFFzCqrhszg6cqZvDhEwUX7cZyNzdycAVpm4Uo2vjKMgTLrVqiVKi3MBt2tFAtDe7NkptK6TAhVkiYzhavmKV5hE79CWwJnPCJTREK».",
                "DdzFFzCqrhszg6cqZvDhEwUX7cZyNzdycAVpm4Uo2vjKMgTLrVqiVKi3MBt2tFAtDe7NkptK6TAhVkiYzhavmKV5hE79CWwJnPCJTREK",
            ),
            (
                "Pay to «stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw».",
                "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw",
            ),
        ],
        not: &["stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgx"],
    },
    Sample {
        kind: T::Iban,
        found: &[
            (
                "Transfer to «DE89 3704 0044 0532 0130 00» today.",
                "DE89370400440532013000",
            ),
            ("Transfer to «GB82WEST12345698765432».", "GB82WEST12345698765432"),
        ],
        not: &[
            "Transfer to DE89 3704 0044 0532 0130 01 today.",
            "US82WEST12345698765432",
            "The part AB12 of it.",
        ],
    },
    Sample {
        kind: T::Card,
        found: &[
            ("Card «4111 1111 1111 1111» was charged.", "4111111111111111"),
            ("Card «5555-5555-5555-4444» was charged.", "5555555555554444"),
            ("Card «378282246310005» was charged.", "378282246310005"),
        ],
        not: &[
            "Card 4111 1111 1111 1112 was refused.",
            "The number 1234567890123456 is none.",
        ],
    },
    Sample {
        kind: T::Phone,
        found: &[
            ("Call «+44 20 7946 0958» now.", "+442079460958"),
            ("Call «+1 (202) 555-0143».", "+12025550143"),
        ],
        not: &[
            "The address 203.0.113.7 and the year 2024-05-06 are none.",
            "1+1234567 is a sum.",
        ],
    },
    Sample {
        kind: T::Uuid,
        found: &[(
            "The interface «123E4567-E89B-42D3-A456-426614174000» is ours.",
            "123e4567-e89b-42d3-a456-426614174000",
        )],
        not: &[
            "The key 123e4567-e89b-42d3-a456-42661417400 is short.",
            "123e4567-e89b-92d3-a456-426614174000",
        ],
    },
    Sample {
        kind: T::Arn,
        found: &[(
            "It assumed «arn:aws:iam::123456789012:role/Admin».",
            "arn:aws:iam::123456789012:role/Admin",
        )],
        not: &["It said arn:azure:iam::123456789012:role and learn:aws:iam."],
    },
    Sample {
        kind: T::Tlp,
        found: &[
            ("Marked «TLP:AMBER+STRICT», so keep it.", "TLP:AMBER+STRICT"),
            ("Marked «tlp: green» today.", "TLP:GREEN"),
        ],
        not: &[
            "TLP:BLUE does not exist, and TLP is a protocol.",
            "The tool tlp saves power.",
        ],
    },
    Sample {
        kind: T::GoogleAnalytics,
        found: &[
            ("The page carries «UA-26296840-4» still.", "UA-26296840-4"),
            ("gtag('config', '«G-1A2B3C4D5E»')", "G-1A2B3C4D5E"),
        ],
        not: &["The model UA-12 and the word G-SOMETHING."],
    },
    Sample {
        kind: T::GoogleAdsense,
        found: &[("client=«ca-pub-9107453047749393»", "pub-9107453047749393")],
        not: &["The house pub-1234 closed."],
    },
    Sample {
        kind: T::GoogleTagManager,
        found: &[("The page loads «GTM-AB12CD» first.", "GTM-AB12CD")],
        not: &["The option gtm-start and GTM-ab are none."],
    },
    Sample {
        kind: T::Telegram,
        found: &[
            ("Join https://t.me/«Some_Bot» now.", "some_bot"),
            ("Join hxxps://t[.]me/s/«channel_1»/42", "channel_1"),
        ],
        not: &[
            "Join https://t.me/joinchat/AAAAAE now.",
            "Join https://t.me.example/some_bot.",
        ],
    },
    Sample {
        kind: T::Twitter,
        found: &[("Seen by https://twitter.com/«Some_One»/status/1 first.", "some_one")],
        not: &["https://twitter.com/home", "https://fedex.com/track"],
    },
    Sample {
        kind: T::Facebook,
        found: &[
            ("See https://www.facebook.com/«Some.One»/posts/1", "some.one"),
            (
                "See https://facebook.com/profile.php?id=«100012345678901»",
                "100012345678901",
            ),
        ],
        not: &[
            "https://facebook.com/sharer/sharer.php?u=x",
            "https://facebook.com/groups/123456",
        ],
    },
    Sample {
        kind: T::Instagram,
        found: &[("See https://www.instagram.com/«Some.One_»/?hl=de", "some.one_")],
        not: &["https://instagram.com/p/Cabc123/"],
    },
    Sample {
        kind: T::Youtube,
        found: &[
            (
                "See https://www.youtube.com/channel/«UC_x5XG1OV2P6uZZ5FSM9Ttw» there.",
                "UC_x5XG1OV2P6uZZ5FSM9Ttw",
            ),
            ("See https://www.youtube.com/«@Some.One»/videos there.", "@some.one"),
        ],
        not: &["https://www.youtube.com/watch?v=dQw4w9WgXcQ"],
    },
    Sample {
        kind: T::Linkedin,
        found: &[
            ("See https://www.linkedin.com/«in/Some-One-12ab»/", "in/some-one-12ab"),
            ("See https://de.linkedin.com/«company/example»?trk=x", "company/example"),
        ],
        not: &["https://www.linkedin.com/feed/"],
    },
    Sample {
        kind: T::Github,
        found: &[
            ("Hosted at https://github.com/«Some-One»/repo/blob/main/x", "some-one"),
            ("Hosted at https://raw.githubusercontent.com/«a-b»/c/main/d.ps1", "a-b"),
        ],
        not: &["https://github.com/features/actions", "https://docs.github.com/en"],
    },
    Sample {
        kind: T::Whatsapp,
        found: &[
            ("Write to https://wa.me/«4915112345678»?text=hi", "+4915112345678"),
            (
                "Join https://chat.whatsapp.com/«ABCDEFGHIJKLMNOPQRSTUV»",
                "invite/ABCDEFGHIJKLMNOPQRSTUV",
            ),
        ],
        not: &["https://wa.me/message/ABC"],
    },
    Sample {
        kind: T::Discord,
        found: &[
            ("Join https://discord.gg/«AbC123» now.", "invite/AbC123"),
            (
                "It posts to https://discord.com/api/«webhooks/123456789012345678»/ToKeN_x at night.",
                "webhooks/123456789012345678",
            ),
        ],
        not: &["https://discord.com/download", "https://discord.com/channels/1/2"],
    },
    Sample {
        kind: T::Skype,
        found: &[
            ("Ask «live:.cid.1a2b3c4d5e6f7a8b».", "live:.cid.1a2b3c4d5e6f7a8b"),
            ("<a href=\"«skype:Some.One»?chat\">", "some.one"),
        ],
        not: &["We went live: all of us.", "Use Skype: it works."],
    },
    Sample {
        kind: T::Tox,
        found: &[(
            "Tox «56A1ADE4B65B86BCD51CC73E2CD4E542179F47959FE3E0E21B4B0ACDADE51855D34D34D37CB5».",
            "56A1ADE4B65B86BCD51CC73E2CD4E542179F47959FE3E0E21B4B0ACDADE51855D34D34D37CB5",
        )],
        not: &["56A1ADE4B65B86BCD51CC73E2CD4E542179F47959FE3E0E21B4B0ACDADE51855D34D34D37CB6"],
    },
    Sample {
        kind: T::YaraRule,
        found: &[(
            "We use «rule a_b : tag { strings: $a = \"}\" condition: $a }» for it.",
            "rule a_b : tag { strings: $a = \"}\" condition: $a }",
        )],
        not: &[
            "As a rule a { b } helps.",
            "rule of thumb",
            "rule a { strings: $a = \"x\" }",
        ],
    },
    Sample {
        kind: T::PgpKey,
        found: &[(
            "«-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: Bob's key\n\nmDMEXEcE6RYJKwYBBAHaRw8BAQdArjWwk3FAqyiFbFBKT4TzXcVBqPTB3gmzlC/U\n=iIGO\n-----END PGP PUBLIC KEY BLOCK-----»",
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: Bob's key\n\nmDMEXEcE6RYJKwYBBAHaRw8BAQdArjWwk3FAqyiFbFBKT4TzXcVBqPTB3gmzlC/U\n=iIGO\n-----END PGP PUBLIC KEY BLOCK-----",
        )],
        not: &[
            "-----BEGIN PGP MESSAGE-----\n\nhQEMA5\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        ],
    },
    Sample {
        kind: T::Pattern,
        found: &[("Filed as «SOC-20417» yesterday.", "SOC-20417")],
        not: &["Filed as SOC-1 yesterday, and as XSOC-20417."],
    },
];
