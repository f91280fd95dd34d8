//! Rules that change while logs are followed: imported sets, and the files and folders that the user named.
//!
//! Names, sizes and times of change are looked at every few seconds. What has changed and then stayed as it is from one look
//! to the next is compiled beside the reading of logs. Rules that can no longer be read, or that have become wrong, change
//! nothing: those from before stay in use, and that is said. Rules of bundles are those of the start.

use super::load::Sigma;
use super::{parts, set};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};
use watchfire_model::counted;

/// How often it is looked whether rules have changed.
const EVERY: Duration = Duration::from_secs(2);
/// Files that are looked at, and folders within one another.
const FILES: usize = 100_000;
const DEEP: usize = 32;

/// See the module.
pub(crate) struct RuleWatch {
    data: Option<PathBuf>,
    extra: Vec<PathBuf>,
    /// The rules in use.
    sigma: Arc<Sigma>,
    looked: Instant,
    /// What was seen at the last look, and what the rules in use, or those that were refused, were made of.
    seen: Stamp,
    made_of: Stamp,
    compiling: Option<Receiver<Result<Sigma, String>>>,
}

/// What became of rules that changed.
pub(crate) enum Changed {
    /// They are in use from now on; what there is to say.
    New(Arc<Sigma>, String),
    /// Those from before stay; why.
    Bad(String),
}

/// Files with sizes and times of change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stamp(Vec<(PathBuf, u64, Option<SystemTime>)>);

impl RuleWatch {
    /// Watches where `sigma` was read from.
    pub(crate) fn new(sigma: Sigma, data: Option<&Path>, extra: &[PathBuf]) -> Self {
        let made_of = Stamp::of(data, extra);
        Self {
            data: data.map(Path::to_owned),
            extra: extra.to_vec(),
            sigma: Arc::new(sigma),
            looked: Instant::now(),
            seen: made_of.clone(),
            made_of,
            compiling: None,
        }
    }

    /// What has changed, if anything has. Seldom takes longer than asking for the time.
    pub(crate) fn poll(&mut self) -> Option<Changed> {
        if let Some(compiling) = &self.compiling {
            let came = match compiling.try_recv() {
                Ok(came) => came,
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => Err("they could not be compiled".to_owned()),
            };
            self.compiling = None;
            return self.judged(came);
        }
        if self.looked.elapsed() < EVERY {
            return None;
        }
        self.looked = Instant::now();
        let now = Stamp::of(self.data.as_deref(), &self.extra);
        let is_at_rest = now == self.seen;
        self.seen = now;
        if is_at_rest && self.seen != self.made_of {
            self.made_of = self.seen.clone();
            self.compiling = Some(compile(self.data.clone(), self.extra.clone()));
        }
        None
    }

    fn judged(&mut self, came: Result<Sigma, String>) -> Option<Changed> {
        let new = match came {
            Ok(new) => new,
            Err(why) => return Some(Changed::Bad(why)),
        };
        if let Some(bad) = new.bad.iter().find(|bad| !self.sigma.bad.contains(bad)) {
            return Some(Changed::Bad(bad.clone()));
        }
        // Somebody touched a file.
        if new.key == self.sigma.key {
            return None;
        }
        let said = format!("rules changed: {}", counted(new.counts.used(), "Sigma rule"));
        self.sigma = Arc::new(new);
        Some(Changed::New(Arc::clone(&self.sigma), said))
    }
}

fn compile(data: Option<PathBuf>, extra: Vec<PathBuf>) -> Receiver<Result<Sigma, String>> {
    let (send, came) = sync_channel(1);
    thread::spawn(move || {
        let sigma = Sigma::of_data(data.as_deref(), &extra).map_err(|problem| problem.to_string());
        // Nobody listens any more when all logs have ended.
        let _ = send.send(sigma);
    });
    came
}

impl Stamp {
    fn of(data: Option<&Path>, extra: &[PathBuf]) -> Self {
        let mut stamp = Self::default();
        if let Some(data) = data {
            let folder = data.join(parts::FOLDER);
            for name in set::names(&folder).unwrap_or_default() {
                stamp.add(&set::place(&folder, &name), 0);
            }
        }
        extra.iter().for_each(|path| stamp.add(path, DEEP));
        stamp.0.sort();
        stamp
    }

    fn add(&mut self, path: &Path, deep: usize) {
        let Ok(about) = std::fs::metadata(path) else {
            return;
        };
        if self.0.len() >= FILES {
            return;
        }
        if about.is_dir() && deep > 0 {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            entries.for_each(|entry| self.add(&entry.path(), deep - 1));
        } else {
            self.0.push((path.to_owned(), about.len(), about.modified().ok()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn rule(title: &str) -> String {
        format!("title: {title}\nlogsource: {{product: windows}}\ndetection:\n  s:\n    EventID: 1\n  condition: s\n")
    }

    /// Looks until something has changed; what is said of it.
    fn changed(watch: &mut RuleWatch) -> (Option<usize>, String) {
        for _ in 0..2_000 {
            watch.looked = Instant::now().checked_sub(EVERY).unwrap();
            match watch.poll() {
                Some(Changed::New(sigma, said)) => return (Some(sigma.program.rules().len()), said),
                Some(Changed::Bad(why)) => return (None, why),
                None => thread::sleep(Duration::from_millis(5)),
            }
        }
        panic!("nothing has changed");
    }

    #[test]
    fn rules_that_change_are_new_and_those_that_became_bad_change_nothing() {
        let folder = std::env::temp_dir().join(format!("watchfire-rule-watch-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("deep")).unwrap();
        let own = [folder.clone()];
        fs::write(folder.join("a.yml"), rule("A")).unwrap();
        let sigma = Sigma::of_data(None, &own).unwrap();
        let before = sigma.program.rules().len();
        let mut watch = RuleWatch::new(sigma, None, &own);
        assert!(watch.poll().is_none());
        fs::write(folder.join("deep/b.yml"), rule("B")).unwrap();
        let (rules, said) = changed(&mut watch);
        assert_eq!(rules, Some(before + 1), "{said}");
        assert!(said.starts_with("rules changed: "), "{said}");
        fs::write(
            folder.join("a.yml"),
            "title: A\nlogsource: {product: windows}\ndetection: 7\n",
        )
        .unwrap();
        let (rules, said) = changed(&mut watch);
        assert!(rules.is_none() && said.contains("a.yml:"), "{said}");
        fs::write(folder.join("a.yml"), rule("A, again")).unwrap();
        let (rules, said) = changed(&mut watch);
        assert_eq!(rules, Some(before + 1), "{said}");
        fs::remove_dir_all(&folder).unwrap();
        let (rules, said) = changed(&mut watch);
        assert!(
            rules.is_none() && said.contains("there is no such file or folder"),
            "{said}"
        );
    }
}
