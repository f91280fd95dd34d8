//! Names that look like host names and are none: classes and packages, members of objects, files of source trees, and
//! the names that scanners give to malware.
//!
//! Each decision looks only at the word around the name.

use crate::chain::Chain;
use crate::text::{ALNUM, DELIMITER, DIGIT, HOST, Text, is};
use watchfire_knowledge::extension;

/// What scanners write before a slash, a colon or a dot: platforms, formats and sorts of malware.
const PLATFORMS: [&[u8]; 72] = [
    b"A97M",
    b"ASP",
    b"Adware",
    b"Android",
    b"AndroidOS",
    b"AutoIt",
    b"BAT",
    b"Backdoor",
    b"Behavior",
    b"DOC",
    b"DOS",
    b"Downloader",
    b"Dropper",
    b"EFI",
    b"ELF",
    b"Exploit",
    b"FreeBSD",
    b"Gen",
    b"Generic",
    b"HEUR",
    b"HTML",
    b"HackTool",
    b"Hacktool",
    b"INF",
    b"IRC",
    b"JS",
    b"Java",
    b"LNK",
    b"Linux",
    b"MSIL",
    b"MacOS",
    b"Macro",
    b"NSIS",
    b"O97M",
    b"OSX",
    b"PDF",
    b"PHP",
    b"PUA",
    b"PUP",
    b"PWS",
    b"Perl",
    b"PowerShell",
    b"Python",
    b"RTF",
    b"Ransom",
    b"Riskware",
    b"Rootkit",
    b"SH",
    b"SWF",
    b"Script",
    b"Spyware",
    b"Suspicious",
    b"TR",
    b"Trojan",
    b"TrojanDownloader",
    b"TrojanDropper",
    b"TrojanSpy",
    b"UDS",
    b"Unix",
    b"VBA",
    b"VBS",
    b"Virus",
    b"W32",
    b"W64",
    b"W97M",
    b"Win",
    b"Win16",
    b"Win32",
    b"Win64",
    b"WinGo",
    b"Worm",
    b"X97M",
];

/// "Win32/Turla.CC", "Trojan.Win32.Agent.ms", "Emotet.PA!MTB": how scanners call malware. They write capitals.
pub(crate) fn is_detection(text: Text<'_>, chain: &Chain) -> bool {
    if !text.at(chain.start).is_ascii_uppercase() || !chain.is_plain() || is_common(text, chain) {
        return false;
    }
    if text.at(chain.end) == b'!' && is(text.at(chain.end + 1), ALNUM) {
        return true;
    }
    let platform = |start, end| end - start <= 16 && PLATFORMS.binary_search(&text.slice(start, end)).is_ok();
    if matches!(text.before(chain.start), b'/' | b':') {
        let end = chain.start - 1;
        if platform(text.skip_back(end, end.saturating_sub(17), ALNUM), end) {
            return true;
        }
    }
    if chain.labels < 3 {
        return false;
    }
    // "Trojan-Downloader.JS.Agent.am"
    let first = text.skip(chain.start, chain.start + 17, ALNUM);
    let dot = chain.first_end(text);
    platform(chain.start, first) || platform(dot + 1, text.skip(dot + 1, dot + 18, ALNUM))
}

/// "com.apple.Safari", "java.net.SocketException", "System.IO": names of packages and classes, which begin as host names
/// end.
pub(crate) fn is_identifier(text: Text<'_>, domain: &Chain) -> bool {
    if !domain.is_plain() {
        return false;
    }
    let first = text.slice(domain.start, domain.first_end(text));
    let last = text.slice(domain.last, domain.end);
    let capital = |at: usize| text.at(at).is_ascii_uppercase();
    if domain.labels == 2 && first == b"java" && matches!(last, b"io" | b"net") {
        return true;
    }
    if matches!(first, b"System" | b"Microsoft" | b"Windows") && capital(domain.last) && !is_common(text, domain) {
        return true;
    }
    let package = is_package_root(first);
    // The label behind the name was taken for the next sentence; sentences go on.
    if text.at(domain.end) == b'.' && capital(domain.end + 1) {
        let end = text.label(domain.end + 1).0;
        return package || capital(domain.last) || !is(text.at(end), DELIMITER);
    }
    package && domain.labels > 2 && text.slice(domain.start, domain.end).iter().any(u8::is_ascii_uppercase)
}

/// "Agent.AZ": only the ending is in capitals.
pub(crate) fn is_like_variant(text: Text<'_>, domain: &Chain) -> bool {
    domain.labels == 2
        && text.at(domain.start + 1).is_ascii_lowercase()
        && !is_common(text, domain)
        && text.slice(domain.last, domain.end).iter().all(u8::is_ascii_uppercase)
}

/// "com.google.android.photos": the name of a package rather than of a host, whatever its end.
pub(crate) fn is_like_package(text: Text<'_>, domain: &Chain) -> bool {
    let country = domain.end - domain.last == 2;
    domain.labels > 2
        && !country
        && !is_common(text, domain)
        && matches!(text.at(domain.start), b'a' | b'c' | b'j' | b'k' | b'n' | b'o')
        && is_package_root(text.slice(domain.start, domain.first_end(text)))
}

fn is_package_root(label: &[u8]) -> bool {
    matches!(
        label,
        b"com" | b"org" | b"net" | b"java" | b"javax" | b"android" | b"androidx" | b"kotlin" | b"jdk"
    )
}

/// Ends like most host names do.
pub(crate) fn is_common(text: Text<'_>, chain: &Chain) -> bool {
    let last = text.slice(chain.last, chain.end);
    let common: [&[u8]; 8] = [b"com", b"net", b"org", b"info", b"biz", b"xyz", b"top", b"onion"];
    common.iter().any(|common| common.eq_ignore_ascii_case(last))
}

/// "src/main.rs", "Makefile.am", "lib/Foo.pl:12": a file, although its ending is a top-level domain of many hosts.
pub(crate) fn is_source_file(text: Text<'_>, domain: &Chain) -> bool {
    let last = text.slice(domain.last, domain.end);
    if last.len() != 2 || domain.labels > 3 || !extension::is_in_source_trees(last) {
        return false;
    }
    let stem = text.slice(domain.start, domain.last.saturating_sub(1));
    if extension::is_source_file(stem, last) {
        return true;
    }
    // "x/y/z.rs" and "src/z.rs"; but not "this/that.in"
    let before = domain.start.saturating_sub(1);
    let mark = text.at(before);
    if domain.start == 0 || !matches!(mark, b'/' | b'\\') || extension::class(last).is_none() {
        return false;
    }
    let folder = text.skip_back(before, before.saturating_sub(64), HOST);
    let lined = text.at(domain.end) == b':' && is(text.at(domain.end + 1), DIGIT);
    folder < before && (lined || text.before(folder) == mark || extension::is_source_folder(text.slice(folder, before)))
}

/// "Safari.app/Contents/MacOS/Safari": the folder of an application.
pub(crate) fn is_bundle(text: Text<'_>, domain: &Chain) -> bool {
    text.slice(domain.last, domain.end) == b"app" && text.slice(domain.end, domain.end + 10) == b"/Contents/"
}

/// "this.name", "e.target": a lower-case pair whose ending is a common member name in code.
pub(crate) fn is_member(text: Text<'_>, domain: &Chain) -> bool {
    const MEMBERS: [&[u8]; 14] = [
        b"name", b"id", b"in", b"is", b"at", b"to", b"it", b"so", b"style", b"data", b"call", b"map", b"select", b"do",
    ];
    let last = text.slice(domain.last, domain.end);
    let owner = text.slice(domain.start, domain.last.saturating_sub(1));
    is_object(owner)
        && (MEMBERS.contains(&last) || last.len() > 3)
        && !matches!(last, b"com" | b"net" | b"org" | b"info")
        || (owner.len() <= 1 && matches!(last, b"e" | b"g" | b"id" | b"name"))
}

/// What programs call what they hold.
fn is_object(name: &[u8]) -> bool {
    matches!(
        name,
        b"this"
            | b"self"
            | b"e"
            | b"i"
            | b"os"
            | b"obj"
            | b"window"
            | b"document"
            | b"event"
            | b"process"
            | b"module"
            | b"console"
            | b"args"
            | b"user"
            | b"file"
            | b"request"
            | b"response"
    )
}

/// "response.url": a member, although its name is an extension.
pub(crate) fn is_member_of_object(text: Text<'_>, name: &Chain) -> bool {
    name.labels == 2
        && matches!(
            text.slice(name.last, name.end),
            b"url" | b"command" | b"class" | b"key" | b"html"
        )
        && is_object(text.slice(name.start, name.last.saturating_sub(1)))
}

/// "U.S", "a.m", "Ph.D", "n.d", "Mirai.A": abbreviations and variants, although C and D are extensions. Only `.Z` is written
/// in capitals.
pub(crate) fn is_abbreviation(text: Text<'_>, name: &Chain) -> bool {
    if name.end - name.last != 1 {
        return false;
    }
    let ending = text.at(name.last);
    let stem = text.skip_back(name.last - 1, name.start.max(name.last.saturating_sub(4)), HOST);
    (ending.is_ascii_uppercase() && ending != b'Z') || name.last - 1 - stem < 3
}
