//! From what was typed to what is meant. Everything that can be wrong with a configuration is found here, once, and
//! named with its place.

use super::{Config, Network, Setting, Value};
use crate::{Problem, clock, small};
use std::path::{Path, PathBuf};
use std::time::Duration;
use watchfire_analysis::secrets;
use watchfire_export::{EXPORTERS, Exporter, Matter, exporter};
use watchfire_extract::{Conceal, Options, Pattern};
use watchfire_model::{
    AddressRange, DomainName, Host, Invalid, Limits, Moment, ObservableType, Organisation, Pap, Tlp, TypeSet,
};

/// Seconds that one input may take unless the configuration says otherwise.
const TIME: u64 = 900;

/// Bytes of context on each side, at most.
const MOST_CONTEXT: usize = 1000;

/// A configuration that makes sense.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) data_folder: Option<PathBuf>,
    pub(crate) threads: usize,
    pub(crate) tlp: Option<Tlp>,
    pub(crate) pap: Option<Pap>,
    pub(crate) show_secrets: bool,
    pub(crate) as_of: Moment,
    pub(crate) organisation: Organisation,
    pub(crate) extract: Options,
    pub(crate) limits: Limits,
    pub(crate) trusted_roots: Vec<PathBuf>,
    pub(crate) catalogs: Vec<PathBuf>,
    pub(crate) time: Option<Duration>,
    pub(crate) network: Network,
}

impl Config {
    pub(crate) fn check(&self) -> Result<Checked, Problem> {
        Ok(Checked {
            data_folder: self.data_folder(),
            threads: self.threads(),
            tlp: self.read_text("tlp", |label| {
                Tlp::parse(label)
                    .or_else(|| Tlp::parse(&format!("TLP:{label}")))
                    .ok_or(Invalid(
                        "not one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED",
                    ))
            })?,
            pap: self.read_text("pap", |label| {
                Pap::parse(label).ok_or(Invalid("not one of PAP:CLEAR, PAP:GREEN, PAP:AMBER, PAP:RED"))
            })?,
            show_secrets: self.switch("show-secrets").unwrap_or(false),
            as_of: self.as_of()?,
            organisation: self.organisation()?,
            extract: self.extract()?,
            limits: self.limits(),
            trusted_roots: self.read_list("signatures.trust", |path| Ok(path.into()))?,
            catalogs: self.read_list("signatures.catalogs", |path| Ok(path.into()))?,
            time: match self.number("limits.time").unwrap_or(TIME) {
                0 => None,
                seconds => Some(Duration::from_secs(seconds)),
            },
            network: self.network()?,
        })
    }

    /// The output format: the one that was asked for, or the configured one, or text.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn exporter(&self, asked: Option<&str>) -> Result<&'static dyn Exporter, Problem> {
        let known: Vec<&str> = EXPORTERS.iter().map(|exporter| exporter.info().name).collect();
        if let Some(name) = asked {
            return exporter(name).ok_or_else(|| Problem::unknown("format", name, &known));
        }
        match self.get("format").map(|setting| &setting.value) {
            Some(Value::Text(name)) => exporter(name).ok_or_else(|| {
                let problem = self.at("format", &format!("unknown format '{name}'"));
                match Problem::unknown("format", name, &known).next_step() {
                    Some(hint) => problem.hint(hint),
                    None => problem,
                }
            }),
            _ => exporter("text").ok_or_else(|| Problem::unknown("format", "text", &known)),
        }
    }

    /// The same for something that not every format has a place for.
    ///
    /// # Errors
    /// When there is none of that name, or it has no place for `matter`.
    pub fn exporter_of(&self, matter: Matter, asked: Option<&str>) -> Result<&'static dyn Exporter, Problem> {
        let chosen = self.exporter(asked)?;
        if chosen.holds(matter) {
            return Ok(chosen);
        }
        let what = match matter {
            Matter::Report => "reports",
            Matter::Listing => "lists of observables",
            Matter::Reputations => "what is known about values",
            Matter::Evaluation => "measurements",
            Matter::Rules => "rules",
            Matter::Anomalies => "anomalies of tables",
            Matter::Cases => "cases",
        };
        let others: Vec<&str> = EXPORTERS
            .iter()
            .filter(|other| other.holds(matter))
            .map(|other| other.info().name)
            .collect();
        let problem = Problem::new(format!("the format '{}' has no place for {what}", chosen.info().name));
        Err(problem.hint(format!("formats that have: {}", others.join(", "))))
    }

    /// `--as-of`: a day or an instant; now, where nobody says.
    fn as_of(&self) -> Result<Moment, Problem> {
        Ok(self.read_text("as-of", Moment::parse)?.unwrap_or_else(clock::now))
    }

    fn threads(&self) -> usize {
        let said = self.number("threads").and_then(|number| usize::try_from(number).ok());
        said.filter(|threads| *threads > 0)
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
            .min(1024)
    }

    fn organisation(&self) -> Result<Organisation, Problem> {
        let texts = |key| self.read_list(key, |text: &str| Ok(text.to_owned()));
        Ok(Organisation {
            domains: self.read_list("organisation.domains", DomainName::parse)?,
            ranges: self.read_list("organisation.ranges", AddressRange::parse)?,
            mail_gateways: self.read_list("organisation.mail-gateways", Host::parse)?,
            authserv_ids: texts("organisation.authserv-ids")?,
            scanners: self.read_list("organisation.scanners", Host::parse)?,
            deployment_tools: texts("organisation.deployment-tools")?,
        })
    }

    /// Where one may scan: as said for this purpose, or what is one's own.
    pub(crate) fn scan_ranges(&self) -> Result<Vec<AddressRange>, Problem> {
        let key = match self.get("assets.scan") {
            Some(_) => "assets.scan",
            None => "organisation.ranges",
        };
        self.read_list(key, AddressRange::parse)
    }

    fn extract(&self) -> Result<Options, Problem> {
        let mut options = Options {
            conceal: (!self.switch("show-secrets").unwrap_or(false)).then_some(secrets::hidden as Conceal),
            ..Options::default()
        };
        if let Some(only) = self.types("extract.only")? {
            options.types = only;
        }
        let unwanted = self.types("extract.not")?.unwrap_or_default();
        for unwanted in unwanted.iter() {
            options.types = options.types.without(unwanted);
        }
        Pattern::check_together(self.patterns().iter().map(|(_, expression)| expression.as_str())).map_err(
            |problem| {
                self.at("extract.patterns", &problem).hint(
                    "use fewer, or shorter repetitions; '(?-u)' makes \\w and \\d mean ASCII, which is far smaller",
                )
            },
        )?;
        for (name, expression) in self.patterns() {
            if ObservableType::from_name(name).is_some() {
                let why = format!("'{name}' is a type of Watchfire's own, and cannot be the name of a pattern");
                return Err(self
                    .at("extract.patterns", &why)
                    .hint(format!("call it 'own-{name}', for example")));
            }
            let share = Pattern::share(self.patterns().len());
            let pattern = Pattern::within(share, name, expression).map_err(|problem| {
                self.at("extract.patterns", &one_line(&problem.to_string())).hint(
                    "name=REGEX, for example 'ticket=INC[0-9]{6}'; look-around and back-references are not linear",
                )
            })?;
            options.patterns.push(pattern);
        }
        if unwanted.contains(ObservableType::Pattern) {
            options.patterns.clear();
        }
        if options.types.iter().next().is_none() && options.patterns.is_empty() {
            return Err(self
                .at("extract.not", "no type is left to look for")
                .hint("watchfire extract --list-types prints the types"));
        }
        if !options.patterns.is_empty() {
            options.types = options.types.with(ObservableType::Pattern);
        }
        if let Some(context) = self.number("extract.context") {
            options.context = usize::try_from(context)
                .ok()
                .filter(|bytes| *bytes <= MOST_CONTEXT)
                .ok_or_else(|| {
                    self.at(
                        "extract.context",
                        &format!("{context} bytes of context are more than {MOST_CONTEXT}"),
                    )
                })?;
        }
        let policy = &mut options.policy;
        for (key, switch) in [
            ("extract.refang", &mut policy.refang),
            ("extract.parts", &mut policy.parts),
            ("extract.ambiguous-domains", &mut policy.ambiguous_domains),
        ] {
            if let Some(on) = self.switch(key) {
                *switch = on;
            }
        }
        Ok(options)
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        let depth = self
            .number("limits.depth")
            .and_then(|number| u32::try_from(number).ok());
        limits.depth = depth.unwrap_or(limits.depth);
        for (key, limit) in [
            ("limits.artifacts", &mut limits.artifacts),
            ("limits.unpacked", &mut limits.unpacked),
            ("limits.artifact-size", &mut limits.artifact_size),
            ("limits.ratio", &mut limits.ratio),
            ("limits.dictionary", &mut limits.dictionary),
            ("limits.records", &mut limits.records),
            ("limits.rules", &mut limits.rules),
        ] {
            if let Some(said) = self.number(key) {
                *limit = said;
            }
        }
        limits
    }

    /// Types by name, all of a family by its name, or `all`.
    fn types(&self, key: &str) -> Result<Option<TypeSet>, Problem> {
        let Some(Setting {
            value: Value::List(names),
            ..
        }) = self.get(key)
        else {
            return Ok(None);
        };
        let mut types = TypeSet::EMPTY;
        for name in names {
            match (ObservableType::from_name(name), name.as_str()) {
                (Some(kind), _) => types = types.with(kind),
                (None, "all") => types = TypeSet::all(),
                (None, _) => {
                    let known: Vec<&str> = ObservableType::ALL.iter().map(|kind| kind.name()).collect();
                    let problem = Problem::unknown("type", name, &known);
                    let placed = self.at(key, &problem.to_string());
                    return Err(match problem.next_step() {
                        Some(hint) => placed.hint(hint),
                        None => placed,
                    });
                }
            }
        }
        Ok(Some(types))
    }

    fn patterns(&self) -> &[(String, String)] {
        match self.get("extract.patterns") {
            Some(Setting {
                value: Value::Table(rows),
                ..
            }) => rows,
            _ => &[],
        }
    }

    pub(crate) fn number(&self, key: &str) -> Option<u64> {
        match self.get(key)?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn switch(&self, key: &str) -> Option<bool> {
        match self.get(key)?.value {
            Value::Switch(on) => Some(on),
            _ => None,
        }
    }

    pub(crate) fn read_text<T>(
        &self,
        key: &str,
        read: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Result<Option<T>, Problem> {
        match self.get(key) {
            Some(Setting {
                value: Value::Text(text),
                ..
            }) => read(text)
                .map(Some)
                .map_err(|why| self.at(key, &format!("'{text}' is {why}"))),
            _ => Ok(None),
        }
    }

    pub(crate) fn read_list<T>(&self, key: &str, read: impl Fn(&str) -> Result<T, Invalid>) -> Result<Vec<T>, Problem> {
        match self.get(key) {
            Some(Setting {
                value: Value::List(items),
                ..
            }) => items
                .iter()
                .map(|item| read(item).map_err(|why| self.at(key, &format!("'{item}' is {why}"))))
                .collect(),
            _ => Ok(Vec::new()),
        }
    }

    /// A problem with the place of the setting it is about.
    pub(crate) fn at(&self, key: &str, problem: &str) -> Problem {
        match self.get(key) {
            Some(setting) => Problem::new(format!("{}: {problem}", setting.place)),
            None => Problem::new(problem),
        }
    }

    /// Adds a pattern, `name=REGEX`, to those of the file.
    ///
    /// # Errors
    /// When there is no `=`.
    pub fn add_pattern(&mut self, text: &str, flag: &'static str) -> Result<(), Problem> {
        let (name, expression) = text.split_once('=').ok_or_else(|| {
            Problem::new(format!("{flag}: '{text}' is not name=REGEX"))
                .hint("for example --pattern 'ticket=INC[0-9]{6}'")
        })?;
        // Who writes blanks around the sign does not mean the second one.
        let expression = match expression.strip_prefix(' ') {
            Some(bare) if name.ends_with(' ') => bare,
            _ => expression,
        };
        let mut rows = self.patterns().to_vec();
        rows.push((name.trim().to_owned(), expression.to_owned()));
        self.set("extract.patterns", Value::Table(rows), flag);
        Ok(())
    }

    /// Adds the patterns of a file: one `name=REGEX` per line; empty lines and lines that begin with `#` are skipped.
    ///
    /// # Errors
    /// When it cannot be read, or a line is not a pattern.
    pub fn add_patterns_file(&mut self, path: &std::path::Path) -> Result<(), Problem> {
        let name = path.display();
        let text = small::read(path).map_err(|error| Problem::of_file("read patterns", path, &error))?;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            self.add_pattern(line, "--patterns").map_err(|_| {
                Problem::new(format!(
                    "cannot read patterns '{name}': line {}: not name=REGEX",
                    number + 1
                ))
                .hint("one pattern on each line, for example ticket=INC[0-9]{6}; '#' begins a comment")
            })?;
        }
        Ok(())
    }
}

/// What the regular expression's parser draws over several lines, as one sentence.
fn one_line(problem: &str) -> String {
    let mut lines = problem.lines();
    let first = lines.next().unwrap_or_default();
    match lines.last() {
        Some(last) => {
            let head = first.strip_suffix("regex parse error:").unwrap_or(first);
            format!("{head}{}", last.strip_prefix("error: ").unwrap_or(last))
        }
        None => first.to_owned(),
    }
}

/// The format of reports that a file's name ends with: `report.html`.
///
/// # Errors
/// When there is none of that name, or it has no place for reports.
pub fn exporter_for(path: &Path) -> Result<&'static dyn Exporter, Problem> {
    let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let file = file.to_ascii_lowercase();
    let mut endings = file.rsplit('.').take(file.matches('.').count());
    let last = match endings.next().unwrap_or_default() {
        "htm" => "html",
        "txt" => "text",
        "md" => "markdown",
        "jsonl" => "ndjson",
        other => other,
    };
    // Several formats are JSON or lines of it: `case.stix.json` says which.
    let nearer = endings.next().filter(|_| matches!(last, "json" | "ndjson" | "text"));
    let found = |name| exporter(name).filter(|found| found.holds(Matter::Report));
    nearer.and_then(found).or_else(|| found(last)).ok_or_else(|| {
        let problem = Problem::new(format!(
            "nothing says in which format '{}' is to be written",
            path.display()
        ));
        problem.hint("let its name end with .html, .xlsx, .stix.json or another format of reports")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Surroundings;

    fn config(variables: &[(&str, &str)]) -> Config {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.into()))
            .collect();
        Config::load(None, Surroundings { variables }).unwrap()
    }

    #[test]
    fn what_makes_no_sense_is_named_with_its_place() {
        for (variable, value, problem) in [
            ("WATCHFIRE_TLP", "PINK", "WATCHFIRE_TLP: 'PINK' is not one of TLP:CLEAR"),
            (
                "WATCHFIRE_ORGANISATION_RANGES",
                "10.0.0.0/99",
                "WATCHFIRE_ORGANISATION_RANGES: '10.0.0.0/99' is no network",
            ),
            (
                "WATCHFIRE_EXTRACT_ONLY",
                "ipv4,domian",
                "WATCHFIRE_EXTRACT_ONLY: unknown type 'domian'",
            ),
            (
                "WATCHFIRE_AS_OF",
                "yesterday",
                "WATCHFIRE_AS_OF: 'yesterday' is not a date",
            ),
        ] {
            let error = config(&[(variable, value)]).check().unwrap_err().to_string();
            assert!(error.starts_with(problem), "{error}");
        }
    }

    #[test]
    fn only_and_not_choose_types() {
        let checked = config(&[
            ("WATCHFIRE_EXTRACT_ONLY", "ipv4, ipv6"),
            ("WATCHFIRE_EXTRACT_NOT", "ipv6"),
        ])
        .check()
        .unwrap();
        let names: Vec<&str> = checked.extract.types.iter().map(|kind| kind.name()).collect();
        assert_eq!(names, ["ipv4"]);
    }

    #[test]
    fn unwanted_patterns_are_left_out_and_empty_ones_refused() {
        let mut config = config(&[("WATCHFIRE_EXTRACT_NOT", "pattern")]);
        config.add_pattern("ticket=INC[0-9]+", "--pattern").unwrap();
        assert!(config.check().unwrap().extract.patterns.is_empty());
        config.add_pattern("empty=", "--pattern").unwrap();
        let error = config.check().unwrap_err().to_string();
        assert!(error.contains("'empty': it is empty"), "{error}");
    }

    #[test]
    fn a_day_is_its_first_instant() {
        let checked = config(&[("WATCHFIRE_AS_OF", "2026-11-02")]).check().unwrap();
        assert_eq!(checked.as_of.to_string(), "2026-11-02T00:00:00Z");
    }
}
