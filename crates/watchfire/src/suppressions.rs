//! What somebody decided not to see, kept as `suppressions.toml` in the data folder.
//!
//! The file is for people too: they may edit it and keep it under version control. It is replaced in one step, so that
//! a crash leaves either the old list or the new one. Its reasons tell of the organisation, so only its owner can read it.

use crate::config::toml_table;
use crate::{Problem, Replacement, small};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use watchfire_model::{Date, Suppression, Untrusted};

/// The list and its file.
#[derive(Debug)]
pub struct Suppressions {
    path: PathBuf,
    list: Vec<Suppression>,
}

impl Suppressions {
    /// Reads the list of a data folder. A missing file is an empty list.
    ///
    /// # Errors
    /// When the file cannot be read or understood: a list that is ignored would bring hidden findings back.
    pub fn load(folder: &Path) -> Result<Self, Problem> {
        let path = folder.join("suppressions.toml");
        let list = match small::read(&path) {
            Ok(text) => parse(&text, &path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed("read", &path, &error)),
        };
        Ok(Self { path, list })
    }

    /// In the order in which they were made.
    pub fn list(&self) -> &[Suppression] {
        &self.list
    }

    /// Where they are kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds one, in place of an earlier one for the same rule and entity.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, suppression: Suppression) -> Result<(), Problem> {
        self.list
            .retain(|old| (&old.rule, &old.entity) != (&suppression.rule, &suppression.entity));
        self.list.push(suppression);
        self.save()
    }

    /// Removes those of `rule`, only the one about `entity` where one is given. Says how many.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remove(&mut self, rule: &str, entity: Option<&str>) -> Result<usize, Problem> {
        let before = self.list.len();
        self.list
            .retain(|old| old.rule != rule || entity.is_some_and(|entity| old.entity.as_deref() != Some(entity)));
        let removed = before - self.list.len();
        if removed > 0 {
            self.save()?;
        }
        Ok(removed)
    }

    fn save(&self) -> Result<(), Problem> {
        let write = || {
            let mut file = Replacement::private(&self.path)?;
            file.write_all(render(&self.list).as_bytes())?;
            file.finish()
        };
        write().map_err(|error| failed("write", &self.path, &error))
    }
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Problem {
    Problem::of_file(what, path, error).hint("--data-dir names another folder")
}

fn render(list: &[Suppression]) -> String {
    let mut text = String::from("# Findings not to see: a rule, what it is about, why, and until when.\n");
    for suppression in list {
        text.push_str("\n[[suppression]]\n");
        let expires = suppression.expires.to_string();
        for (key, value) in [
            ("rule", Some(&suppression.rule)),
            ("entity", suppression.entity.as_ref()),
            ("why", Some(&suppression.why)),
            ("expires", Some(&expires)),
        ] {
            if let Some(value) = value {
                text.push_str(&format!("{key} = {}\n", quoted(value)));
            }
        }
    }
    text
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() || Untrusted::new(c.to_string()).to_string() != c.to_string() => {
                out.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn parse(text: &str, path: &Path) -> Result<Vec<Suppression>, Problem> {
    let table = toml_table(text, path)?;
    let wrong = |why: &str| {
        Problem::new(format!("{}: {why}", path.display()))
            .hint("each [[suppression]] has rule, why, expires and perhaps entity")
    };
    let mut list = Vec::new();
    for (name, value) in table.get_ref() {
        let entries = value.get_ref().as_array().filter(|_| name.get_ref() == "suppression");
        let entries = entries.ok_or_else(|| wrong(&format!("unknown '{}'", name.get_ref())))?;
        for entry in entries {
            let field = |key: &str| {
                let value = entry.get_ref().get(key)?;
                value.get_ref().as_str().map(str::to_owned)
            };
            let (Some(rule), Some(why), Some(expires)) = (field("rule"), field("why"), field("expires")) else {
                return Err(wrong("a suppression lacks its rule, its reason or its end"));
            };
            let expires = Date::parse(&expires).map_err(|error| wrong(&format!("'{expires}' is {error}")))?;
            list.push(Suppression {
                rule,
                entity: field("entity"),
                why,
                expires,
            });
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn suppression(rule: &str, entity: Option<&str>) -> Suppression {
        Suppression {
            rule: rule.to_owned(),
            entity: entity.map(str::to_owned),
            why: "quoted \"so\" \\ \u{202e}".to_owned(),
            expires: Date::new(2027, 1, 31).unwrap(),
        }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let list = vec![suppression("a", None), suppression("b", Some("corp.example"))];
        assert_eq!(parse(&render(&list), Path::new("s.toml")), Ok(list));
    }

    #[test]
    fn a_damaged_list_is_not_ignored() {
        for text in ["[[suppression]]\nrule = \"a\"\n", "[other]\n", "= 1"] {
            assert!(parse(text, Path::new("s.toml")).is_err(), "{text}");
        }
    }

    #[test]
    fn the_list_survives_the_process() {
        let folder = std::env::temp_dir().join(format!("watchfire-suppressions-{}", std::process::id()));
        let mut first = Suppressions::load(&folder).unwrap();
        first.add(suppression("a", None)).unwrap();
        first.add(suppression("a", None)).unwrap();
        first.add(suppression("a", Some("x"))).unwrap();
        let mut second = Suppressions::load(&folder).unwrap();
        assert_eq!(second.list(), first.list());
        assert_eq!(second.list().len(), 2);
        assert_eq!(second.remove("a", Some("x")).unwrap(), 1);
        assert_eq!(second.remove("b", None).unwrap(), 0);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        for path in [&folder, first.path()] {
            let metadata = fs::metadata(path).unwrap();
            assert_ne!(
                watchfire_sources::is_private(&metadata),
                Some(false),
                "{}",
                path.display()
            );
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
