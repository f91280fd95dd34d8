//! Places on a network, digests and fingerprints. `«` and `»` stand around the raw text.

use crate::Sample;
use watchfire_model::ObservableType as T;

pub(crate) static SAMPLES: &[Sample] = &[
    Sample {
        kind: T::Ipv4,
        found: &[
            ("The beacon went to «203.0.113.7», every hour.", "203.0.113.7"),
            ("It called 192[.]0[.]2.300 and «198[.]51[.]100[.]23».", "198.51.100.23"),
            ("from «10.0.0.1»-10.0.0.300", "10.0.0.1"),
        ],
        not: &[
            "The object identifier 1.3.6.1.4.1.311 names it.",
            "Octets such as 203.0.113.256 or 203.0.113.07 are out of range.",
            "They shipped 1.2.3 and 2.4.6-beta.",
            "Chapter 1.2.3.4.5 explains.",
        ],
    },
    Sample {
        kind: T::Ipv4Cidr,
        found: &[
            ("Block «203.0.113.0/24» at the border.", "203.0.113.0/24"),
            ("Block «203[.]0[.]113[.]0/24».", "203.0.113.0/24"),
        ],
        not: &[
            "The page 203.0.113.0/33 exists.",
            "See 203.0.113.7/24/index.html there.",
        ],
    },
    Sample {
        kind: T::Ipv6,
        found: &[
            ("It resolved to «2001:db8::7:1» twice.", "2001:db8::7:1"),
            (
                "Also «2001:DB8:0:0:8:800:200C:417A», a documentation address.",
                "2001:db8::8:800:200c:417a",
            ),
            ("Defanged it is «2001[:]db8[:][:]7».", "2001:db8::7"),
        ],
        not: &[
            "At 10:20:30 the std::net::IpAddr was parsed.",
            "The card 00:11:22:33:44:55 is no such address.",
            "12:34",
            "The ratio a::b::c is no address.",
        ],
    },
    Sample {
        kind: T::Ipv6Cidr,
        found: &[("Routes for «2001:db8::/32» were withdrawn.", "2001:db8::/32")],
        not: &["Routes for 2001:db8::/129 make no sense.", "See foo::/32."],
    },
    Sample {
        kind: T::Socket,
        found: &[
            ("It listens on «203.0.113.7:4444».", "203.0.113.7:4444"),
            ("It listens on «203[.]0[.]113[.]7[:]4444» now.", "203.0.113.7:4444"),
            ("Connected to «[2001:db8::1]:8443» at once.", "[2001:db8::1]:8443"),
            ("Connected to «EVIL.example:8443».", "evil.example:8443"),
            ("Connected to «evil[.]example[:]8443» at once.", "evil.example:8443"),
        ],
        not: &[
            "The port 203.0.113.7:70000 is out of range.",
            "It is in main.rs:4444 and in evil.example:12:30.",
            "The verse Romans.in:3 and evil.example:0443.",
        ],
    },
    Sample {
        kind: T::Domain,
        found: &[
            (
                "The name «login.example-bank.com» was registered.",
                "login.example-bank.com",
            ),
            ("The names («evil[.]example») differ.", "evil.example"),
            ("Der Name «münchen.example» gilt.", "xn--mnchen-3ya.example"),
            ("See «WWW.Example.COM».", "www.example.com"),
        ],
        not: &[
            "Open readme.md and run setup.py first.",
            "This sentence ends.The next begins at once.",
            "It calls document.write and self.name there.",
            "Mr.Smith e.g. said etc. and so on...",
            "Version 1.2.3-rc.1 came out.",
        ],
    },
    Sample {
        kind: T::Onion,
        found: &[
            (
                "The panel is at «duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion», they say.",
                "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion",
            ),
            ("An older one: «expyuzz4wqqyqhjn[.]onion».", "expyuzz4wqqyqhjn.onion"),
        ],
        not: &[
            "The panel duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczae.onion has a wrong checksum.",
            "Read theonion.com, or peel an.onion slowly.",
        ],
    },
    Sample {
        kind: T::Url,
        found: &[
            (
                "Then it fetched «hxxps://evil[.]example/a/b.php?x=1#y».",
                "https://evil.example/a/b.php?x=1#y",
            ),
            ("(see «http://example.com/wiki/A_(b)»)", "http://example.com/wiki/A_(b)"),
            ("\"«http://[2001:db8::1]:8080/x»\"", "http://[2001:db8::1]:8080/x"),
            ("<a href='«ftp://files.example/pub/»'>", "ftp://files.example/pub/"),
        ],
        not: &[
            "The scheme http:// alone says nothing.",
            "and/or, either//or, key://",
            "javascript:alert(1)",
        ],
    },
    Sample {
        kind: T::Email,
        found: &[
            ("Mail from «billing+7@example.com», urgent.", "billing+7@example.com"),
            ("Mail from «billing[at]example[dot]com», urgent.", "billing@example.com"),
            ("<«o'neil@example.org»>", "o'neil@example.org"),
        ],
        not: &[
            "Ask @example on the forum, or look at main@v2.1.",
            "The decorator @app.route is code.",
            "meet me @ noon",
        ],
    },
    Sample {
        kind: T::Xmpp,
        found: &[(
            "Reach the seller at «Seller@jabber.example» only.",
            "seller@jabber.example",
        )],
        not: &["Reach the seller at seller@example.com or on jabber.example."],
    },
    Sample {
        kind: T::Mac,
        found: &[
            ("The card «00:1A:2b:3C:4d:5E» answered.", "00:1a:2b:3c:4d:5e"),
            ("The card «00-1A-2B-3C-4D-5E» answered.", "00:1a:2b:3c:4d:5e"),
            ("The card «001a.2b3c.4d5e» answered.", "00:1a:2b:3c:4d:5e"),
        ],
        not: &[
            "The time 00:11:22:33 and the hash aa:bb:cc:dd:ee:ff:00:11 differ.",
            "2001:db8:1:2:3:4 is short.",
        ],
    },
    Sample {
        kind: T::Asn,
        found: &[
            ("Announced by «AS64496» since May.", "AS64496"),
            ("Announced by «ASN64496».", "AS64496"),
        ],
        not: &["Saved AS400x and BAS64496.", "The AS4294967296 is out of range."],
    },
    Sample {
        kind: T::Md5,
        found: &[
            (
                "Its digest is «D41D8CD98F00B204E9800998ECF8427E».",
                "d41d8cd98f00b204e9800998ecf8427e",
            ),
            (
                "GET /d41d8cd98f00b204e9800998ecf8427/x md5=«d41d8cd98f00b204e9800998ecf8427e»",
                "d41d8cd98f00b204e9800998ecf8427e",
            ),
        ],
        not: &[
            "Its digest is d41d8cd98f00b204e9800998ecf8427.",
            "Its id is d41d8cd98f00b204e9800998ecf8427ez.",
        ],
    },
    Sample {
        kind: T::Sha1,
        found: &[(
            "SHA1: «da39a3ee5e6b4b0d3255bfef95601890afd80709»",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        )],
        not: &[
            "The address 0xda39a3ee5e6b4b0d3255bfef95601890afd80709 is money.",
            "da39a3ee5e6b4b0d3255bfef95601890afd8070",
        ],
    },
    Sample {
        kind: T::Sha224,
        found: &[(
            "SHA224 «d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f»",
            "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
        )],
        not: &["d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42"],
    },
    Sample {
        kind: T::Sha256,
        found: &[(
            "The file («e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855») is empty.",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        )],
        not: &[
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g",
        ],
    },
    Sample {
        kind: T::Sha384,
        found: &[(
            "sha384 = «38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b»",
            "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        )],
        not: &["38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95"],
    },
    Sample {
        kind: T::Sha512,
        found: &[(
            "«cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e»  empty.bin",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        )],
        not: &[
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e0",
        ],
    },
    Sample {
        kind: T::Ssdeep,
        found: &[(
            "ssdeep «1536:gQA4ws6RTPdn1Jl19DzTIKu6VnGUNs+9Kf8r3Vf/WcnfYhLrJBew:uiEo/»",
            "1536:gQA4ws6RTPdn1Jl19DzTIKu6VnGUNs+9Kf8r3Vf/WcnfYhLrJBew:uiEo/",
        )],
        not: &[
            "At 12:30:45 it was 1000:abcdefg:abcd for once.",
            "The line 12:column:5 is marked.",
        ],
    },
    Sample {
        kind: T::Tlsh,
        found: &[(
            "TLSH «T1FAF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E9»",
            "T1FAF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E9",
        )],
        not: &["T2FAF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E9"],
    },
    Sample {
        kind: T::Imphash,
        found: &[
            (
                "Imphash: «f34d5f2d4577ed6d9ceec516c1f5a744»",
                "f34d5f2d4577ed6d9ceec516c1f5a744",
            ),
            (
                "Import hash: «f34d5f2d4577ed6d9ceec516c1f5a744».",
                "f34d5f2d4577ed6d9ceec516c1f5a744",
            ),
        ],
        not: &[
            "MD5: f34d5f2d4577ed6d9ceec516c1f5a744",
            "The imphash was not computed; f34d5f2d4577ed6d9ceec516c1f5a744 is the file.",
        ],
    },
    Sample {
        kind: T::Authentihash,
        found: &[(
            "authentihash: «e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855»",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        )],
        not: &["sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    },
    Sample {
        kind: T::Ja3,
        found: &[(
            "JA3 «e7d705a3286e19ea42f587b344ee6865» again.",
            "e7d705a3286e19ea42f587b344ee6865",
        )],
        not: &[
            "JA3S e7d705a3286e19ea42f587b344ee6865 again.",
            "hash e7d705a3286e19ea42f587b344ee6865 again.",
        ],
    },
    Sample {
        kind: T::Ja3s,
        found: &[(
            "ja3s=«e35df3e00ca4ef31d42b34bebaa2f86e»",
            "e35df3e00ca4ef31d42b34bebaa2f86e",
        )],
        not: &["ja3=e35df3e00ca4ef31d42b34bebaa2f86e"],
    },
    Sample {
        kind: T::Ja4,
        found: &[(
            "JA4 was «t13d1516h2_8daaf6152771_b186095e22b6» here.",
            "t13d1516h2_8daaf6152771_b186095e22b6",
        )],
        not: &[
            "The key x13d1516h2_8daaf6152771_b186095e22b6 is none.",
            "t13d1516h2_8daaf6152771_b186095e22b",
        ],
    },
    Sample {
        kind: T::Jarm,
        found: &[(
            "JARM: «2ad2ad0002ad2ad00042d42d000000ad9bf51cc3f5a1e29eecb81d0c7b06eb».",
            "2ad2ad0002ad2ad00042d42d000000ad9bf51cc3f5a1e29eecb81d0c7b06eb",
        )],
        not: &[
            "JARM: 00000000000000000000000000000000000000000000000000000000000000",
            "2ad2ad0002ad2ad00042d42d000000ad9bf51cc3f5a1e29eecb81d0c7b06e",
        ],
    },
    Sample {
        kind: T::Hassh,
        found: &[
            (
                "hassh «ec7378c1a92f5a8dde7e8b7a1ddf33d1» is a scanner.",
                "ec7378c1a92f5a8dde7e8b7a1ddf33d1",
            ),
            (
                "hasshServer: «b12d2871a1189eff20364cf5333619ee»",
                "b12d2871a1189eff20364cf5333619ee",
            ),
        ],
        not: &["The md5 ec7378c1a92f5a8dde7e8b7a1ddf33d1 is a scanner."],
    },
];
