//! Placeholders, `%Administrators%`: who uses the rules says what they stand for.

use crate::problem::{Problem, nearest};
use std::collections::BTreeMap;

/// What placeholders stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholders {
    /// Values by the placeholder's name without `%`. Values may have wildcards.
    pub values: BTreeMap<String, Vec<String>>,
    /// A placeholder without values stands for anything, as a last resort. Otherwise its rule is refused.
    pub is_anything: bool,
}

/// Most combinations of the placeholders in one value.
const MOST: usize = 20_000;
/// Most placeholders in one value.
const MOST_NAMES: usize = 32;

impl Placeholders {
    /// Every text that `text` stands for.
    pub(crate) fn expand(&self, text: &str) -> Result<Vec<String>, Problem> {
        let mut texts = vec![String::new()];
        let mut rest = text;
        let mut names = 0;
        while let Some(at) = rest.find('%') {
            let (before, from) = rest.split_at(at);
            let behind = from.strip_prefix('%').unwrap_or_default();
            if let Some(before) = before.strip_suffix('\\') {
                texts.iter_mut().for_each(|text| {
                    text.push_str(before);
                    text.push('%');
                });
                rest = behind;
                continue;
            }
            let name = behind.split_once('%').filter(|(name, _)| is_name(name));
            let Some((name, behind)) = name else {
                texts.iter_mut().for_each(|text| {
                    text.push_str(before);
                    text.push('%');
                });
                rest = behind;
                continue;
            };
            names += 1;
            if names > MOST_NAMES {
                return Err(Problem::error(
                    "value-expansion",
                    format!("a value has more than {MOST_NAMES} placeholders"),
                ));
            }
            let values = self.values(name)?;
            if texts.len().saturating_mul(values.len()) > MOST {
                return Err(Problem::error(
                    "value-expansion",
                    format!("placeholders become more than {MOST} values"),
                ));
            }
            texts = texts
                .iter()
                .flat_map(|text| values.iter().map(move |value| format!("{text}{before}{value}")))
                .collect();
            rest = behind;
        }
        texts.iter_mut().for_each(|text| text.push_str(rest));
        Ok(texts)
    }

    fn values(&self, name: &str) -> Result<Vec<String>, Problem> {
        match self.values.get(name) {
            Some(values) if !values.is_empty() => Ok(values.clone()),
            _ if self.is_anything => Ok(vec!["*".to_owned()]),
            _ => {
                let problem = Problem::error("placeholder", format!("the placeholder '%{name}%' has no values"));
                Err(match nearest(name, self.values.keys().map(String::as_str)) {
                    Some(near) => problem.hint(format!("did you mean '%{near}%'?")),
                    None => problem.hint("give a list of values for it"),
                })
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}
