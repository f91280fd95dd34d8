//! The identifiers of MITRE ATT&CK: tactics, techniques, mitigations, software and groups.
//!
//! The table is text, one record per line, sorted by identifier, and searched where it lies by bisection. It tells
//! what an identifier names and whether it is still in use; descriptions and relations are deliberately not here.

use crate::packed::lines;

/// What the terms of use of ATT&CK ask to be said.
pub const NOTICE: &str = "ATT&CK identifiers and names: © The MITRE Corporation. This work is reproduced and distributed \
                          with the permission of The MITRE Corporation.";

const TABLE: &str = include_str!("../data/attack.tsv");

/// What an identifier names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `TA0001`: why.
    Tactic,
    /// `T1059`, `T1059.001`: how.
    Technique,
    /// `M1036`: what helps.
    Mitigation,
    /// `S0001`: a tool or malware.
    Software,
    /// `G0001`: who.
    Group,
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "tactic" => Self::Tactic,
            "technique" => Self::Technique,
            "mitigation" => Self::Mitigation,
            "software" => Self::Software,
            "group" => Self::Group,
            _ => return None,
        })
    }
}

/// Whether an identifier is still in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// In the catalogue.
    Current,
    /// Replaced by another object.
    Revoked,
    /// Withdrawn.
    Deprecated,
}

impl State {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "current" => Self::Current,
            "revoked" => Self::Revoked,
            "deprecated" => Self::Deprecated,
            _ => return None,
        })
    }
}

/// One object of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `T1059.001`
    pub id: &'static str,
    /// What it is.
    pub kind: Kind,
    /// `PowerShell`
    pub name: &'static str,
    /// The matrices it belongs to, separated by commas: `enterprise`, `ics`, `mobile`, `pre`. Empty where unknown.
    pub domains: &'static str,
    /// The tactics a technique serves, separated by commas: `execution,persistence`. Empty for other kinds.
    pub tactics: &'static str,
    /// Whether it is still in use.
    pub state: State,
}

fn parse(line: &'static str) -> Option<Entry> {
    let mut fields = line.split('\t');
    Some(Entry {
        id: fields.next()?,
        kind: Kind::parse(fields.next()?)?,
        name: fields.next()?,
        domains: fields.next()?,
        tactics: fields.next()?,
        state: State::parse(fields.next()?)?,
    })
}

/// The object that `id` names, in normal form (`T1059.001`, `TA0001`, `M1036`, `S0001`, `G0001`).
pub fn lookup(id: &str) -> Option<Entry> {
    parse(lines::find(TABLE, id)?)
}

/// Every object, by identifier.
pub fn entries() -> impl Iterator<Item = Entry> {
    TABLE.lines().filter_map(parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_is_found_by_its_identifier() {
        assert_eq!(entries().count(), TABLE.lines().count(), "every line is a record");
        assert!(entries().count() > 1_900);
        for entry in entries() {
            assert_eq!(lookup(entry.id), Some(entry), "{}", entry.id);
        }
    }

    #[test]
    fn records_are_sorted_and_unique() {
        let ids: Vec<_> = entries().map(|entry| entry.id).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn kinds_follow_the_shape_of_the_identifier() {
        for entry in entries() {
            let expected = match entry.id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
                "T" => Kind::Technique,
                "TA" => Kind::Tactic,
                "M" => Kind::Mitigation,
                "S" => Kind::Software,
                "G" => Kind::Group,
                other => panic!("{other}"),
            };
            assert_eq!(entry.kind, expected, "{}", entry.id);
        }
    }

    fn check(id: &str, kind: Kind, name: &str, state: State) {
        let entry = lookup(id).expect(id);
        assert_eq!((entry.kind, entry.name, entry.state), (kind, name, state), "{id}");
    }

    #[test]
    fn well_known_objects_are_named() {
        check("T1059.001", Kind::Technique, "PowerShell", State::Current);
        check("TA0001", Kind::Tactic, "Initial Access", State::Current);
        check("S0001", Kind::Software, "Trojan.Mebromi", State::Current);
        check("G0001", Kind::Group, "Axiom", State::Current);
        check("M1036", Kind::Mitigation, "Account Use Policies", State::Current);
    }

    #[test]
    fn techniques_are_not_hidden_by_mitigations_of_the_same_identifier() {
        check("T1003", Kind::Technique, "OS Credential Dumping", State::Current);
        check("T1105", Kind::Technique, "Ingress Tool Transfer", State::Current);
        assert!(entries().all(|entry| entry.kind != Kind::Technique || !entry.name.ends_with(" Mitigation")));
    }

    #[test]
    fn sub_techniques_have_a_parent() {
        for entry in entries() {
            if let Some((parent, _)) = entry.id.split_once('.') {
                assert!(lookup(parent).is_some(), "{}", entry.id);
            }
        }
    }

    #[test]
    fn replaced_and_withdrawn_objects_are_flagged() {
        check("T1086", Kind::Technique, "PowerShell", State::Revoked);
        check("T1064", Kind::Technique, "Scripting", State::Deprecated);
        check("S0317", Kind::Software, "Marcher", State::Deprecated);
        assert!(entries().filter(|entry| entry.state == State::Deprecated).count() > 200);
    }

    #[test]
    fn what_is_not_in_the_catalogue_is_not_found() {
        for id in [
            "",
            "T",
            "T9999",
            "T1059.999",
            "t1059",
            "T1059\t",
            "T1059.001\ttechnique",
            "\n",
            "T1003.001\n",
        ] {
            assert_eq!(lookup(id), None, "{id:?}");
        }
    }
}
