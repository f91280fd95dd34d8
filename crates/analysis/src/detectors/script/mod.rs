//! What is wrong with scripts.
//!
//! Command lines of shortcuts and modules of macros are for the rules about shortcuts and macros.

pub(crate) mod destroys_copies;
pub(crate) mod downloads_and_runs;
pub(crate) mod encoded_command;
pub(crate) mod hides_words;

use crate::detectors::{Scene, file_name};
use std::collections::HashSet;
use watchfire_model::{ActKind, ActiveKind, Fact, FactSet, Layer, ScriptFacts};

/// Remembers which artifacts were scripts, shortcuts and macros, to know what was carried by them.
#[derive(Debug, Default)]
pub(super) struct Family {
    macros: HashSet<String>,
    scripts: HashSet<String>,
}

impl Family {
    /// The script that an artifact is, and whether another script carried it. Nothing for macros and command lines of
    /// shortcuts.
    fn script<'f>(&mut self, facts: &'f FactSet) -> Option<(&'f ScriptFacts, bool)> {
        let path = facts.origin.path().raw().to_owned();
        let parent = facts.origin.parent().map(|parent| parent.path().raw().to_owned());
        let under = |known: &HashSet<String>| parent.as_ref().is_some_and(|parent| known.contains(parent));
        let is_macro = facts.facts.iter().any(|fact| matches!(fact, Fact::Macros(_)));
        let asks = |fact: &Fact| {
            matches!(
                fact,
                Fact::Active {
                    kind: ActiveKind::Launch | ActiveKind::Script,
                    ..
                }
            )
        };
        let is_shortcut = facts.facts.iter().any(|fact| matches!(fact, Fact::Shortcut(_)));
        let script = scripts(facts).reduce(heavier);
        let is_carried = under(&self.scripts);
        let of_macros = under(&self.macros);
        if is_macro {
            self.macros.insert(path);
        } else if script.is_some() && !is_shortcut {
            self.scripts.insert(path);
        } else if is_shortcut {
            self.scripts.insert(path);
            return None;
        } else if facts.facts.iter().any(asks) {
            self.scripts.insert(path);
        }
        script
            .filter(|_| !is_macro && !of_macros)
            .map(|script| (script, is_carried))
    }
}

/// All scripts of an artifact: an HTML application may have several.
pub(super) fn scripts(facts: &FactSet) -> impl Iterator<Item = &ScriptFacts> {
    facts.facts.iter().filter_map(|fact| match fact {
        Fact::Script(script) => Some(&**script),
        _ => None,
    })
}

fn heavier<'f>(one: &'f ScriptFacts, other: &'f ScriptFacts) -> &'f ScriptFacts {
    if other.acts.len() > one.acts.len() { other } else { one }
}

/// Whether the organisation names this file as a tool of its own. A name proves nothing, and excuses only what is ordinary.
pub(super) fn is_deployment_tool(facts: &FactSet, scene: &Scene<'_>) -> bool {
    let name = file_name::base(facts.origin.name().raw());
    let tools = &scene.organisation().deployment_tools;
    tools.iter().any(|tool| tool.eq_ignore_ascii_case(name))
}

/// Whether what a script hides was hidden by more than joining texts, which honest scripts do too.
pub(super) fn is_masked(script: &ScriptFacts) -> bool {
    script.layers.iter().any(|layer| {
        matches!(
            layer,
            Layer::CharacterCodes
                | Layer::Formatted
                | Layer::Reversed
                | Layer::Replaced
                | Layer::Padding
                | Layer::Substrings
                | Layer::Base64
                | Layer::Escapes
                | Layer::ScriptEncoder
        )
    })
}

/// What runs something: a program, or text as code. Pages evaluate text for a living.
pub(super) fn runs(script: &ScriptFacts) -> Option<&watchfire_model::Act> {
    let evaluates = || {
        script
            .act(ActKind::Evaluate)
            .filter(|_| script.language != "javascript")
    };
    script.act(ActKind::Run).or_else(evaluates)
}
