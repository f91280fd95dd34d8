//! A name that is made to be taken for that of a program that every system runs.
//!
//! | case | weight | why |
//! |---|---|---|
//! | letters of another alphabet, or digits for letters: `svch0st.exe`, `lsаss.exe` | 0.50 | nobody does that by accident |
//! | a letter doubled, left out, put in, exchanged or in another place: `scvhost.exe` | 0.40 | the eye reads over it |
//!
//! Short names resemble one another by chance: a letter more or less counts from six letters on, and two letters in the other
//! order from five. The first letter is never read over. Names of programs that really exist are left alone.

use super::system_names::{HONEST, LINUX, WINDOWS};
use super::{about, acts_as, name};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_formats::identify::runnable::Runnable;
use watchfire_knowledge::confusable;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct SystemLookalike;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-system-name-lookalike"),
    describes: "a program is named so that it is taken for one of the system",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 500,
    group: "system-name",
    techniques: &[TechniqueId::new("T1036.005")],
    false_positives: "programs that happen to be called alike",
};

/// Longer names resemble none of the list. Characters.
const LONGEST: usize = 30;

impl Detector for SystemLookalike {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some(known) = names(facts) else { return };
        let name = name(facts);
        // Threads of the kernel are a matter of their own.
        if name.len() > LONGEST * 4 || name.starts_with('[') {
            return;
        }
        let stem = match name.rsplit_once('.') {
            Some((stem, extension)) if runs(extension) => stem,
            _ => name,
        };
        let Some((imitated, weight)) = imitated(stem, known) else {
            return;
        };
        let said = format!("'{imitated}' is a program of the system");
        let what = format!("looks like the system's '{imitated}'");
        scene.found(about(&INFO, facts, weight, &what, &said));
    }
}

/// The names that count for a file of that kind.
fn names(facts: &FactSet) -> Option<&'static [&'static str]> {
    let name = name(facts);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    match (acts_as(facts)?, extension) {
        (Runnable::Pe | Runnable::Dos, Some(extension)) if runs(extension) => Some(WINDOWS),
        (Runnable::Elf | Runnable::Script, None) => Some(LINUX),
        _ => None,
    }
}

/// Also where its letters are of another alphabet.
fn runs(extension: &str) -> bool {
    let plain: String = extension.chars().take(8).filter_map(confusable::plain_char).collect();
    matches!(plain.as_str(), "exe" | "com" | "scr" | "pif")
}

fn imitated(stem: &str, known: &[&'static str]) -> Option<(&'static str, u16)> {
    let lower: Vec<char> = stem.to_lowercase().chars().take(LONGEST + 1).collect();
    let is = |name: &str| name.chars().eq(lower.iter().copied());
    if lower.len() > LONGEST || known.iter().chain(HONEST).any(|name| is(name)) {
        return None;
    }
    let seen = shape(stem.chars());
    // A capital I is an l to the eye, and a small i in lower case.
    if let Some(name) = known.iter().find(|name| shape(name.chars()) == seen) {
        return Some((name, 500));
    }
    let near = known.iter().find(|name| {
        let letters: Vec<char> = name.chars().collect();
        is_near(&lower, &letters)
    });
    near.map(|name| (*name, 400))
}

/// A name as the eye takes it: Latin letters for those of other alphabets and for digits, one `l` for all strokes.
fn shape(name: impl Iterator<Item = char>) -> String {
    let letters = name.filter_map(confusable::plain_char).map(|c| match c {
        '0' => 'o',
        '1' | '|' | 'i' | '!' => 'l',
        '3' => 'e',
        '5' | '$' => 's',
        '4' | '@' => 'a',
        '7' => 't',
        '9' => 'g',
        other => other,
    });
    letters.collect::<String>().replace("vv", "w").replace("rn", "m")
}

/// Whether one step leads from one name to the other: a letter more, less or exchanged, or two in the other order.
fn is_near(name: &[char], known: &[char]) -> bool {
    let same = |pair: &(&char, &char)| pair.0 == pair.1;
    let front = name.iter().zip(known).take_while(same).count();
    let back = name
        .iter()
        .rev()
        .zip(known.iter().rev())
        .take_while(same)
        .count()
        .min(name.len().min(known.len()).saturating_sub(front));
    let between = |all: &[char]| {
        all.get(front..all.len().saturating_sub(back))
            .map(<[char]>::to_vec)
            .unwrap_or_default()
    };
    // The eye does not read over the first letter.
    if front == 0 {
        return false;
    }
    match (between(name).as_slice(), between(known).as_slice()) {
        ([one], []) => {
            known.len() >= 6 && !is_version(*one, front, known) || known.len() >= 4 && doubles(*one, front, known)
        }
        // `docker` is the client of `dockerd`.
        ([], ['d']) if front + 1 == known.len() => false,
        ([], [_]) | ([_], [_]) => known.len() >= 6,
        ([a, b], [c, d]) => known.len() >= 5 && a == d && b == c,
        _ => false,
    }
}

/// A digit, or a mark of 64 bits or debugging, at the end of a name tells versions apart.
fn is_version(one: char, front: usize, known: &[char]) -> bool {
    front == known.len() && (one.is_ascii_digit() || matches!(one, 'x' | 'd' | 'w' | 'c' | '_' | '-' | '+'))
}

/// Whether a letter stands beside itself.
fn doubles(one: char, at: usize, known: &[char]) -> bool {
    let beside = [at.checked_sub(1), Some(at)];
    beside.into_iter().flatten().any(|place| known.get(place) == Some(&one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stem: &str, expected: Option<(&str, u16)>) {
        let all: Vec<&'static str> = WINDOWS.iter().chain(LINUX).copied().collect();
        assert_eq!(imitated(stem, &all), expected, "{stem}");
    }

    #[test]
    fn names_are_imitated_by_digits_and_other_alphabets() {
        check("svch0st", Some(("svchost", 500)));
        check("1sass", Some(("lsass", 500)));
        check("Isass", Some(("lsass", 500)));
        check("ѕvchost", Some(("svchost", 500)));
        check("exp1orer", Some(("explorer", 500)));
        check("vvinlogon", Some(("winlogon", 500)));
        check("k1hreadd", Some(("kthreadd", 400)));
    }

    #[test]
    fn names_are_imitated_by_one_letter() {
        for (stem, name) in [
            ("scvhost", "svchost"),
            ("svhost", "svchost"),
            ("svchosts", "svchost"),
            ("svcchost", "svchost"),
            ("svchast", "svchost"),
            ("crsss", "csrss"),
            ("lsasss", "lsass"),
            ("explorrer", "explorer"),
            ("ruudll32", "rundll32"),
            ("dbus-deamon", "dbus-daemon"),
            ("kworkerr", "kworker"),
            ("ssshd", "sshd"),
        ] {
            check(stem, Some((name, 400)));
        }
    }

    #[test]
    fn true_names_and_honest_neighbours_imitate_nobody() {
        for stem in [
            "svchost",
            "SVCHOST",
            "wscript",
            "cscript",
            "ibus-daemon",
            "taskhost",
            "taskhostw",
            "service",
            "getty",
            "system",
            "smss",
            "ssms",
            "lsas",
            "cron",
            "sh",
            "svchost2",
            "worker",
            "syslogd",
            "servicos",
            "docker",
            "explorerhelper",
            "kworker-test",
            "",
            "x",
        ] {
            check(stem, None);
        }
        check(&"s".repeat(255), None);
    }

    /// The files that come with Windows 10 and 11 in `System32`, as far as their names come near.
    #[test]
    fn no_program_of_windows_imitates_another() {
        const NAMES: &str = "
            alg appidtel at attrib autochk autoconv bcdedit bthudtask calc certreq charmap chkdsk chkntfs cipher
            cleanmgr clip cmd comp compact control convert cttune dashost defrag devicepairingwizard dfrgui dialer
            diskpart dism dllhst3g dpapimig driverquery dvdplay dxdiag efsui esentutl eudcedit eventcreate eventvwr
            expand extrac32 fc find findstr finger fltmc fodhelper fontview forfiles fsutil ftp gpresult gpupdate
            hdwwiz help hostname icacls iexpress ipconfig label launchtm licensingui lpksetup magnify makecab mblctr
            mmc mobsync mountvol msconfig msdt msg mshta msinfo32 mspaint msra mstsc narrator nbtstat net net1
            netplwiz netsh netstat notepad nslookup ntoskrnl odbcad32 odbcconf openfiles osk pathping perfmon ping
            pkgmgr powercfg presentationhost print printui psr quser rasphone recover reg regedt32 regini rekeywiz
            relog replace resmon robocopy route rpcping rrinstaller rstrui runas sc sdbinst sdclt searchfilterhost
            searchprotocolhost secedit setx sfc shrpubw shutdown sigverif slui sndvol sort subst svchost systeminfo
            systemreset takeown taskkill tasklist tcmsetup timeout tpmtool tracerpt tracert tree tskill typeperf
            unlodctr unregmp2 userinit useraccountcontrolsettings utilman vds verifier vssadmin vssvc w32tm wbadmin
            wbengine wermgr werfault wevtutil wextract where whoami winver wlrmdr wmic wowreg32 wpr write wsmprovhost
            wuapihost wusa xcopy xwizard services dwm sihost wininit smartscreen hvix64 winload winresume unsecapp
            wudfhost wudfcompanionhost spoolsv printfilterpipelinesvc splwow64 locationnotificationwindows
            lockapphost searchhost ctfmon";
        for stem in NAMES.split_whitespace() {
            check(stem, None);
        }
    }
}
