//! Containers that are known by sight and have no reader yet. A report names them, so that nobody takes what is in them
//! for read.

use crate::identify::media;
use watchfire_model::MediaType;

/// What a person calls each of them.
const UNOPENED: &[(MediaType, &str)] = &[
    (media::ACE, "ACE archive"),
    (media::ARJ, "ARJ archive"),
    (media::LZH, "LZH archive"),
    (media::LZIP, "lzip stream"),
    (media::COMPRESS, "compress stream (.Z)"),
    (media::SNAPPY, "Snappy stream"),
    (media::CPIO, "cpio archive"),
    (media::AR, "ar archive"),
    (media::DEB, "Debian package"),
    (media::RPM, "RPM package"),
    (media::XAR, "xar archive"),
    (media::SQUASHFS, "SquashFS image"),
    (media::UDF, "UDF image"),
    (media::VHD, "VHD disk image"),
    (media::VHDX, "VHDX disk image"),
    (media::VMDK, "VMDK disk image"),
    (media::QCOW2, "QCOW2 disk image"),
    (media::DMG, "Apple disk image"),
    (media::WIM, "WIM image"),
    (media::CHM, "compiled HTML help"),
    (media::CRX, "Chrome extension"),
    (media::MSG, "Outlook message"),
    (media::PST, "Outlook data file"),
    (media::TNEF, "TNEF attachment"),
];

/// What a container that nothing opens is called; nothing for what is opened, and for what is no container.
pub fn unopened(media_type: MediaType) -> Option<&'static str> {
    let known = UNOPENED.iter().find(|(known, _)| *known == media_type);
    known.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_opened_is_not_listed() {
        for (media_type, name) in UNOPENED {
            let opened = crate::archive::handles(*media_type) || crate::document::handles(*media_type);
            assert!(!opened, "{name} is opened now; take it off the list");
        }
        assert_eq!(unopened(media::ZIP), None);
    }
}
