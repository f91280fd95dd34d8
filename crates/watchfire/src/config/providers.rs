//! What is configured of the network and of those who are asked over it. Key files are not read here: only a run that
//! asks needs them.

use super::{Config, Value, key_file};
use crate::Problem;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use watchfire_intel::asking::Configured;
use watchfire_intel::enrichers::{Key, KeyUse, PROVIDERS, Plan, Provider};
use watchfire_intel::transport::Proxies;
use watchfire_model::{Grade, Invalid, Window};

/// Seconds that asking may take unless somebody says otherwise.
const DEADLINE: u64 = 30;

/// How the network may be used.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// Where somebody forbade it.
    pub(crate) forbidden: Option<String>,
    /// Certificates that are trusted besides the system's.
    pub(crate) ca_file: Option<PathBuf>,
    /// What the environment says of proxies.
    pub(crate) proxies: Proxies,
    /// How long asking may take.
    pub(crate) deadline: Duration,
    /// Kept answers that are older are not taken. Seconds.
    pub(crate) max_age: Option<u64>,
    /// Who may be asked, in the order of the registry.
    pub(crate) providers: Vec<Whom>,
}

/// A provider as it is configured.
#[derive(Clone)]
pub(crate) struct Whom {
    pub(crate) provider: &'static dyn Provider,
    base: Option<String>,
    key: Option<Key>,
    key_file: Option<PathBuf>,
    kept_key_file: Option<PathBuf>,
    plan: Option<&'static Plan>,
    windows: Option<Vec<Window>>,
    timeout: Option<Duration>,
    concurrency: Option<usize>,
    grade: Option<Grade>,
}

impl fmt::Debug for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Whom({})", self.provider.info().name)
    }
}

impl Whom {
    /// Where its key comes from, once it is read.
    pub(crate) fn key_place(&self) -> Option<String> {
        match (&self.key, &self.key_file) {
            (Some(_), Some(path)) => Some(path.display().to_string()),
            (Some(_), None) => self.provider.info().key.variable().map(str::to_owned),
            _ => None,
        }
    }

    /// Its key, once it is read.
    pub(crate) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Reads its key file, the one that is configured or the one that is kept, if the environment has no key.
    pub(crate) fn read_key(&mut self) -> Result<(), Problem> {
        if self.key.is_some() {
            self.key_file = None;
            return Ok(());
        }
        let kept = self.kept_key_file.take().filter(|path| path.is_file());
        self.key_file = self.key_file.take().or(kept);
        if let Some(path) = &self.key_file {
            self.key = Some(key_file::read(path)?);
        }
        Ok(())
    }

    /// Ready to be asked.
    pub(crate) fn configured(&self) -> Configured {
        let info = self.provider.info();
        let mut configured = Configured::usual(self.provider, self.key.clone());
        if self.base.is_some() || self.plan.is_some() {
            let usual = info.plan(Some(configured.account.plan()));
            let base = self.base.as_deref().unwrap_or(info.base);
            configured = Configured::with(self.provider, base, self.key.clone(), self.plan.or(usual));
        }
        if let Some(windows) = &self.windows {
            configured.windows.clone_from(windows);
        }
        configured.timeout = self.timeout.unwrap_or(configured.timeout);
        configured.concurrency = self.concurrency.unwrap_or(configured.concurrency);
        configured.grade = self.grade.unwrap_or(configured.grade);
        configured
    }

    /// The place that may be spoken to without TLS, because somebody configured it so.
    pub(crate) fn plain(&self) -> Option<String> {
        let rest = self.base.as_deref()?.strip_prefix("http://")?;
        let authority = rest.split('/').next().unwrap_or_default();
        Some(format!("http://{authority}"))
    }
}

impl Config {
    /// A provider as it is configured, its key included: for feeds of the same publisher.
    pub(crate) fn provider(&self, name: &str) -> Result<Option<Whom>, Problem> {
        let Some(provider) = watchfire_intel::enrichers::provider(name) else {
            return Ok(None);
        };
        let mut whom = self.one(provider)?;
        whom.read_key()?;
        Ok(Some(whom))
    }

    /// How the network may be used.
    pub(crate) fn network(&self) -> Result<Network, Problem> {
        let forbidden = self
            .get("offline")
            .filter(|setting| setting.value == Value::Switch(true));
        let variables = &self.surroundings().variables;
        let proxies = Proxies::from_variables(|name| Some(variables.get(name)?.to_string_lossy().into_owned()));
        Ok(Network {
            forbidden: forbidden.map(|setting| setting.place.to_string()),
            ca_file: self.path("network.ca-file"),
            proxies,
            deadline: Duration::from_secs(self.number("check.deadline").unwrap_or(DEADLINE)),
            max_age: self.read_text("check.max-age", duration)?,
            providers: self.whom()?,
        })
    }

    /// Those who are named, or else all that nobody switched off.
    fn whom(&self) -> Result<Vec<Whom>, Problem> {
        let named = self.read_list("check.providers", |name: &str| Ok(name.to_owned()))?;
        let known: Vec<&str> = PROVIDERS.iter().map(|provider| provider.info().name).collect();
        if let Some(name) = named.iter().find(|name| !known.contains(&name.as_str())) {
            let problem = Problem::unknown("provider", name, &known);
            let placed = self.at("check.providers", &problem.to_string());
            return Err(match problem.next_step() {
                Some(hint) => placed.hint(hint),
                None => placed,
            });
        }
        let wanted = |provider: &&&dyn Provider| {
            let name = provider.info().name;
            if named.is_empty() {
                self.switch(&format!("providers.{name}.enabled")).unwrap_or(true)
            } else {
                named.iter().any(|named| named == name)
            }
        };
        PROVIDERS
            .iter()
            .filter(wanted)
            .map(|provider| self.one(*provider))
            .collect()
    }

    fn one(&self, provider: &'static dyn Provider) -> Result<Whom, Problem> {
        let info = provider.info();
        let key = |name: &str| format!("providers.{}.{name}", info.name);
        let variable = info
            .key
            .variable()
            .and_then(|name| self.surroundings().variables.get(name));
        let at_least_one = |name: &str| match self.number(&key(name)) {
            Some(0) => Err(self.at(&key(name), "0 is too few")),
            number => Ok(number),
        };
        let plan = self.read_text(&key("plan"), |name| Ok(name.to_owned()))?;
        let plan = match plan {
            None => None,
            Some(name) => Some(info.plan(Some(&name)).ok_or_else(|| {
                let known: Vec<&str> = info.plans.iter().map(|plan| plan.name).collect();
                let why = format!("{} has no plan '{name}'", info.title);
                self.at(&key("plan"), &why)
                    .hint(format!("known are {}", known.join(", ")))
            })?),
        };
        let key_file = self.path(&key("key-file"));
        if key_file.is_some() && info.key == KeyUse::None {
            return Err(self.at(&key("key-file"), &format!("{} takes no key", info.title)));
        }
        let windows = self.read_list(&key("quota"), window)?;
        let said = self.get(&key("quota")).is_some();
        Ok(Whom {
            base: self.read_text(&key("url"), |url| base(url, info.base))?,
            key: variable.and_then(|value| Key::new(&value.to_string_lossy())),
            key_file,
            kept_key_file: info.key.variable().and_then(|name| self.kept_key_file(name)),
            plan,
            windows: said.then(|| windows.into_iter().flatten().collect()),
            timeout: at_least_one("timeout")?.map(Duration::from_secs),
            concurrency: at_least_one("concurrency")?.map(|number| usize::try_from(number.min(64)).unwrap_or(64)),
            grade: self.read_text(&key("grade"), |letter| {
                Grade::parse(letter).ok_or(Invalid("not one of A, B, C, D, E, F"))
            })?,
            provider,
        })
    }
}

/// A place: of the scheme that the provider speaks, with nothing in it that is to be kept secret.
fn base(url: &str, usual: &str) -> Result<String, Invalid> {
    let url = url.trim().trim_end_matches('/');
    let own = ["whois://", "dns://"]
        .into_iter()
        .find(|scheme| usual.starts_with(scheme));
    let fits = match own {
        Some(scheme) => url.starts_with(scheme),
        None => url.starts_with("https://") || url.starts_with("http://"),
    };
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    if !fits || rest.is_empty() {
        return Err(Invalid(match own {
            Some("whois://") => "not a place with whois://",
            Some(_) => "not a place with dns://",
            None => "not a URL with https://",
        }));
    }
    if rest.contains(['@', '?', '#']) || rest.chars().any(char::is_whitespace) {
        return Err(Invalid(
            "not a URL of a server alone, without a name, password, query or fragment",
        ));
    }
    Ok(url.to_owned())
}

/// `500/day`, `5/30s`; nothing for `none`.
fn window(text: &str) -> Result<Option<Window>, Invalid> {
    const WRONG: Invalid = Invalid("not a number of calls in a time, '500/day'");
    if text == "none" {
        return Ok(None);
    }
    let (calls, time) = text.split_once('/').ok_or(WRONG)?;
    let seconds = match time.trim() {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        "month" => 30 * 86_400,
        time => duration(time).map_err(|_| WRONG)?,
    };
    let calls = calls.trim().parse().map_err(|_| WRONG)?;
    Ok(Some(Window { calls, seconds }))
}

/// `90s`, `30m`, `6h`, `2d`, `1w`: a number and a unit, in seconds.
pub(crate) fn duration(text: &str) -> Result<u64, Invalid> {
    const WRONG: Invalid = Invalid("not a time, '90s', '30m', '6h', '2d', '1w'");
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.strip_suffix(unit).unwrap_or(text);
    let scale = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return Err(WRONG),
    };
    let number: u64 = digits.parse().map_err(|_| WRONG)?;
    number.checked_mul(scale).filter(|seconds| *seconds > 0).ok_or(WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        for (text, seconds) in [("90s", Some(90)), ("6h", Some(21_600)), ("2 d", Some(172_800))] {
            assert_eq!(duration(text).ok(), seconds, "{text}");
        }
        for text in ["", "6", "h", "-1h", "0s", "99999999999999999999w"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn quotas_are_calls_in_a_time() {
        assert_eq!(window("500/day"), Ok(Some(Window::day(500))));
        assert_eq!(window("5 / 30s"), Ok(Some(Window { calls: 5, seconds: 30 })));
        assert_eq!(window("none"), Ok(None));
        for text in ["500", "x/day", "5/fortnight", ""] {
            assert!(window(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_has_no_secrets_in_it() {
        assert_eq!(
            base("https://a.test/vt/", "https://b.test").as_deref(),
            Ok("https://a.test/vt")
        );
        assert_eq!(base("http://127.0.0.1:80", "").as_deref(), Ok("http://127.0.0.1:80"));
        for url in [
            "a.test",
            "ftp://a.test",
            "https://u:p@a.test",
            "https://a.test/?key=1",
            "https://",
        ] {
            assert!(base(url, "https://b.test").is_err(), "{url}");
        }
    }
}
