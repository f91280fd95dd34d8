//! What the members of a bundle are: the member `contents.json`, the first behind the manifest.
//!
//! Text as it was written; whoever takes a bundle in decides whether it makes sense. A feed carries no URL: a bundle makes
//! nobody ask anybody.

use super::{BundleError, Member};
use serde::{Deserialize, Serialize};

/// The name of this member.
pub const CONTENTS: &str = "contents.json";
/// Largest. Bytes.
const LARGEST: u64 = 4 << 20;

/// What a bundle carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Feeds, each with the version that was in use.
    pub feeds: Vec<CarriedFeed>,
    /// Knowledge and rules.
    pub parts: Vec<CarriedPart>,
}

/// A feed and its version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedFeed {
    /// Its name.
    pub name: String,
    /// The member with its set.
    pub member: String,
    /// The format that it was read from.
    pub format: String,
    /// The options of the format.
    pub options: String,
    /// How far it can be trusted, A to F.
    pub grade: String,
    /// Feeds of one group are not independent.
    pub group: String,
    /// What it speaks for.
    pub towards: String,
    /// For how many seconds an indicator holds that bears no end.
    pub lifetime: Option<u64>,
    /// Its licence and attribution.
    pub licence: String,
    /// When it was fetched.
    pub fetched: String,
    /// How many indicators it has.
    pub indicators: u64,
    /// How many records could not be read.
    pub rejected: u64,
}

/// Knowledge, or rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedPart {
    /// `knowledge` or `rules`.
    pub kind: String,
    /// Its name: of one kind and name, one is in use.
    pub name: String,
    /// The member with its bytes.
    pub member: String,
}

impl Contents {
    /// As the member's bytes. The same contents give the same bytes.
    pub fn to_json(&self) -> Vec<u8> {
        // Text and numbers only: nothing that JSON could not say.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// Reads the member.
    ///
    /// # Errors
    /// When it is none, or names what is not there.
    pub fn from_json(json: &[u8], members: &[Member]) -> Result<Self, BundleError> {
        let contents: Self =
            serde_json::from_slice(json).map_err(|_| BundleError::Broken("its contents are not readable"))?;
        let named = contents.feeds.iter().map(|feed| &feed.member);
        for name in named.chain(contents.parts.iter().map(|part| &part.member)) {
            if !members.iter().any(|member| member.name == *name) {
                return Err(BundleError::Broken("its contents name what is not in it"));
            }
        }
        Ok(contents)
    }

    /// Whether a bundle has this member first, where it must stand, and not too large.
    ///
    /// # Errors
    /// When it has not.
    pub fn check(members: &[Member]) -> Result<(), BundleError> {
        match members.first() {
            Some(member) if member.name == CONTENTS && member.size <= LARGEST => Ok(()),
            _ => Err(BundleError::Broken("it does not say what is in it")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_read_as_written_and_name_members_only() {
        let contents = Contents {
            feeds: vec![CarriedFeed {
                name: "urlhaus".to_owned(),
                member: "feeds/urlhaus.set".to_owned(),
                licence: "a \"quoted\" \u{1b} line\n".to_owned(),
                ..CarriedFeed::default()
            }],
            parts: Vec::new(),
        };
        let json = contents.to_json();
        let member = |name: &str| Member {
            name: name.to_owned(),
            size: 1,
            sha256: [0; 32],
        };
        assert_eq!(
            Contents::from_json(&json, &[member(CONTENTS), member("feeds/urlhaus.set")]),
            Ok(contents)
        );
        assert!(Contents::from_json(&json, &[member(CONTENTS)]).is_err());
        assert!(Contents::from_json(b"{}", &[]).is_err() && Contents::from_json(b"", &[]).is_err());
        assert!(Contents::check(&[member("feeds/a"), member(CONTENTS)]).is_err() && Contents::check(&[]).is_err());
    }
}
