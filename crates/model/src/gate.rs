//! May this value leave the machine? One pure policy over markings and classes; every call to anybody passes it first,
//! and every refusal is told.

use crate::{Pap, Tlp};
use serde::Serialize;
use std::fmt;

/// Who learns of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// Nobody.
    Local,
    /// The organisation's own server: its MISP, its OpenCTI.
    OwnServer,
    /// A third party, which does not tell the value's owner.
    ThirdParty,
    /// The value's owner may notice: live DNS, a connection.
    ContactsTarget,
}

/// Whose value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Anybody's.
    Public,
    /// Set aside by a standard: private, documentation, loopback. Nobody outside could know it.
    Reserved,
    /// The organisation's own.
    Own,
    /// It names a person or carries a secret.
    Personal,
}

/// Why a value does not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// See [`Class::Reserved`].
    Reserved,
    /// See [`Class::Own`].
    Own,
    /// See [`Class::Personal`].
    Personal,
    /// The marking TLP:RED: for the recipients only.
    TlpRed,
    /// The marking TLP:AMBER+STRICT: for the organisation only.
    TlpAmberStrict,
    /// The marking PAP:RED: nothing that the adversary could notice.
    PapRed,
    /// The marking PAP:AMBER: passive look-ups only.
    PapAmber,
    /// Contact with the target was not permitted.
    Contact,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reserved => "reserved: nobody outside can know it",
            Self::Own => "own organisation: never looked up outside",
            Self::Personal => "carries a person's name or a secret",
            Self::TlpRed => "TLP:RED",
            Self::TlpAmberStrict => "TLP:AMBER+STRICT",
            Self::PapRed => "PAP:RED",
            Self::PapAmber => "PAP:AMBER allows passive look-ups only",
            Self::Contact => "would contact the target, which needs --contact-targets",
        })
    }
}

/// What may be done, by the markings of the evidence and the switches of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// How the evidence may be shared. Unmarked evidence is TLP:AMBER.
    pub tlp: Tlp,
    /// What may be done with it. Unmarked evidence is PAP:AMBER.
    pub pap: Pap,
    /// Whether the value's owner may notice.
    pub contact: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            tlp: Tlp::Amber,
            pap: Pap::Amber,
            contact: false,
        }
    }
}

impl Gate {
    /// Decides. What stays on this machine always may.
    ///
    /// # Errors
    /// The first reason against it.
    pub fn permits(&self, class: Class, exposure: Exposure) -> Result<(), Refusal> {
        let outside = exposure >= Exposure::ThirdParty;
        let refusals = [
            (class == Class::Reserved && outside, Refusal::Reserved),
            (class == Class::Own && outside, Refusal::Own),
            (class == Class::Personal && outside, Refusal::Personal),
            (self.tlp == Tlp::Red && exposure > Exposure::Local, Refusal::TlpRed),
            (self.tlp == Tlp::AmberStrict && outside, Refusal::TlpAmberStrict),
            (self.pap == Pap::Red && outside, Refusal::PapRed),
            (
                self.pap == Pap::Amber && exposure == Exposure::ContactsTarget,
                Refusal::PapAmber,
            ),
            (!self.contact && exposure == Exposure::ContactsTarget, Refusal::Contact),
        ];
        match refusals.iter().find(|(applies, _)| *applies) {
            Some((_, refusal)) => Err(*refusal),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tlp: Tlp, pap: Pap, class: Class, exposure: Exposure, expected: Result<(), Refusal>) {
        let gate = Gate {
            tlp,
            pap,
            contact: false,
        };
        assert_eq!(gate.permits(class, exposure), expected);
        assert_eq!(
            gate.permits(class, Exposure::Local),
            Ok(()),
            "what stays here always may"
        );
    }

    #[test]
    fn markings_and_classes_decide() {
        use Exposure::{ContactsTarget, OwnServer, ThirdParty};
        check(Tlp::Amber, Pap::Amber, Class::Public, ThirdParty, Ok(()));
        check(Tlp::Amber, Pap::Red, Class::Public, ThirdParty, Err(Refusal::PapRed));
        check(Tlp::Red, Pap::Clear, Class::Public, OwnServer, Err(Refusal::TlpRed));
        check(Tlp::AmberStrict, Pap::Clear, Class::Public, OwnServer, Ok(()));
        check(
            Tlp::AmberStrict,
            Pap::Clear,
            Class::Public,
            ThirdParty,
            Err(Refusal::TlpAmberStrict),
        );
        check(
            Tlp::Clear,
            Pap::Clear,
            Class::Reserved,
            ThirdParty,
            Err(Refusal::Reserved),
        );
        check(Tlp::Clear, Pap::Clear, Class::Own, ThirdParty, Err(Refusal::Own));
        check(Tlp::Clear, Pap::Clear, Class::Own, OwnServer, Ok(()));
        check(
            Tlp::Clear,
            Pap::Clear,
            Class::Personal,
            ThirdParty,
            Err(Refusal::Personal),
        );
        check(
            Tlp::Clear,
            Pap::Amber,
            Class::Public,
            ContactsTarget,
            Err(Refusal::PapAmber),
        );
        check(
            Tlp::Clear,
            Pap::Clear,
            Class::Public,
            ContactsTarget,
            Err(Refusal::Contact),
        );
    }

    #[test]
    fn contact_needs_its_own_permission() {
        let gate = Gate {
            tlp: Tlp::Clear,
            pap: Pap::Green,
            contact: true,
        };
        assert_eq!(gate.permits(Class::Public, Exposure::ContactsTarget), Ok(()));
    }
}
