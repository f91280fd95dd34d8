//! What is wrong with containers and with the names in them.

pub(crate) mod bomb;
pub(crate) mod deceptive_name;
pub(crate) mod disguised_type;
pub(crate) mod double_extension;
pub(crate) mod password_beside;
pub(crate) mod path_traversal;
pub(crate) mod runnable_member;

use watchfire_model::{Fact, FactSet, MemberFacts};

/// The members of an archive with their numbers, from 1. None where the artifact is no archive.
fn members(facts: &FactSet) -> impl Iterator<Item = (u32, &MemberFacts)> {
    facts.facts.iter().flat_map(|fact| match fact {
        Fact::Archive(archive) => (1..).zip(archive.members.as_slice()),
        _ => (1..).zip([].as_slice()),
    })
}
