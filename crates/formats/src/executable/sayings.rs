//! Strings that say what a program may be for: command lines, places of start-up, names of tools, protocols. In letters of any
//! case. A program may hold a string and never use it, and most that hide hold none; nothing here is a judgement.
//!
//! Absent: URLs, addresses, paths, registry keys, which are observables, and the path of debug information, which is a fact.

use watchfire_model::Untrusted;
use watchfire_model::executable::{Saying, SayingKind};

use SayingKind as K;

/// What is looked for, in lower case, at most 64. Command lines as Microsoft and POSIX document them; names as MITRE ATT&CK lists
/// them under "Software".
const KNOWN: &[(SayingKind, &str)] = &[
    (K::Command, "cmd /c "),
    (K::Command, "cmd.exe /c "),
    (K::Command, "powershell -"),
    (K::Command, "powershell.exe -"),
    (K::Command, "mshta http"),
    (K::Command, "regsvr32 /s"),
    (K::Command, "certutil -"),
    (K::Command, "bitsadmin /transfer"),
    (K::Command, "schtasks /create"),
    (K::Command, "net user /add"),
    (K::Command, "netsh advfirewall"),
    (K::Command, "/dev/tcp/"),
    (K::Command, "| bash"),
    (K::Command, "|bash"),
    (K::Command, "chattr +i "),
    (K::StartUp, "\\currentversion\\run"),
    (K::StartUp, "\\image file execution options\\"),
    (K::StartUp, "\\start menu\\programs\\startup"),
    (K::StartUp, "/etc/ld.so.preload"),
    (K::StartUp, "/etc/cron.d/"),
    (K::StartUp, "/etc/rc.local"),
    (K::StartUp, ".ssh/authorized_keys"),
    (K::AttackTool, "mimikatz"),
    (K::AttackTool, "sekurlsa::"),
    (K::AttackTool, "meterpreter"),
    (K::AttackTool, "reflectiveloader"),
    (K::AttackTool, "beacon.x64.dll"),
    (K::AttackTool, "cobaltstrike"),
    (K::AttackTool, "rubeus.exe"),
    (K::AttackTool, "sharphound"),
    (K::AttackTool, "lazagne"),
    (K::AttackTool, "asyncrat"),
    (K::AttackTool, "psexesvc"),
    (K::Secrets, "\\user data\\default\\login data"),
    (K::Secrets, "\\user data\\local state"),
    (K::Secrets, "wallet.dat"),
    (K::Secrets, "lsass.dmp"),
    (K::Secrets, "logins.json"),
    (K::Evasion, "amsiscanbuffer"),
    (K::Evasion, "etweventwrite"),
    (K::Evasion, "sbiedll.dll"),
    (K::Evasion, "vmwarevmware"),
    (K::Evasion, "add-mppreference"),
    (K::Evasion, "disableantispyware"),
    (K::Mining, "stratum+tcp://"),
    (K::Mining, "stratum+ssl://"),
    (K::Mining, "xmrig"),
    (K::DestroysCopies, "vssadmin delete shadows"),
    (K::DestroysCopies, "vssadmin.exe delete shadows"),
    (K::DestroysCopies, "wmic shadowcopy delete"),
    (K::DestroysCopies, "wbadmin delete catalog"),
    (K::DestroysCopies, "recoveryenabled no"),
    (K::Mutex, "global\\{"),
    (K::Mutex, "local\\{"),
];

/// Letters that are shown before what was found, and of all.
const BEFORE: usize = 16;
const SHOWN: usize = 100;

/// Gathers them out of the strings of a file: of each that is known the first place.
#[derive(Debug)]
pub struct Sayings {
    /// For each byte, which of [`KNOWN`] have it as their first, second and third.
    masks: [[u64; 256]; 3],
    met: u64,
    found: Vec<Saying>,
}

impl Default for Sayings {
    fn default() -> Self {
        let mut masks = [[0; 256]; 3];
        for (number, (_, known)) in KNOWN.iter().enumerate() {
            for (mask, byte) in masks.iter_mut().zip(known.bytes()) {
                for byte in [byte, byte.to_ascii_uppercase()] {
                    if let Some(mask) = mask.get_mut(usize::from(byte)) {
                        *mask |= 1 << number;
                    }
                }
            }
        }
        Self {
            masks,
            met: 0,
            found: Vec::new(),
        }
    }
}

impl Sayings {
    /// Looks at a string that stands at `start`, with `stride` bytes to a letter.
    pub fn see(&mut self, text: &str, start: u64, stride: u64) {
        let bytes = text.as_bytes();
        let [first, second, third] = &self.masks;
        let mask = |masks: &[u64; 256], byte: u8| masks.get(usize::from(byte)).copied().unwrap_or_default();
        let mut found = Vec::new();
        for (at, letters) in bytes.windows(3).enumerate() {
            let [one, two, three] = *letters else { continue };
            let mut may_be = mask(first, one) & mask(second, two) & mask(third, three) & !self.met;
            while may_be != 0 {
                let number = may_be.trailing_zeros() as usize;
                may_be &= may_be - 1;
                let Some((kind, known)) = KNOWN.get(number) else { break };
                let here = bytes.get(at..at + known.len());
                if here.is_some_and(|here| here.eq_ignore_ascii_case(known.as_bytes())) {
                    self.met |= 1 << number;
                    found.push((*kind, at));
                }
            }
        }
        for (kind, at) in found {
            let from = at.saturating_sub(BEFORE);
            let shown = bytes.get(from..bytes.len().min(from + SHOWN)).unwrap_or_default();
            self.found.push(Saying {
                kind,
                text: Untrusted::from_bytes(shown),
                at: start.saturating_add((at as u64).saturating_mul(stride)),
            });
        }
    }

    /// What was found, in the order of the file.
    pub fn finish(mut self) -> Vec<Saying> {
        self.found.sort_by_key(|saying| saying.at);
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_that_tell_are_found_once_in_any_case() {
        let mut sayings = Sayings::default();
        sayings.see("nothing here, cmd, powershell", 0, 1);
        sayings.see("run: PowerShell -NoP -w hidden", 100, 2);
        sayings.see("powershell -again", 300, 1);
        sayings.see("vssadmin delete shadows /all & mimikatz", 200, 1);
        let found: Vec<(&str, u64)> = sayings
            .finish()
            .iter()
            .map(|saying| (saying.kind.as_str(), saying.at))
            .collect();
        assert_eq!(
            found,
            [("command", 110), ("destroys-copies", 200), ("attack-tool", 231)]
        );
    }

    #[test]
    fn there_is_a_bit_for_each_and_each_is_in_lower_case() {
        assert!(KNOWN.len() <= 64);
        for (_, known) in KNOWN {
            assert_eq!(known.to_ascii_lowercase(), *known);
            let mut sayings = Sayings::default();
            sayings.see(&known.to_uppercase(), 0, 1);
            assert!(!sayings.finish().is_empty(), "{known}");
        }
    }
}
