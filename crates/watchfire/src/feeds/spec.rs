//! A feed as a person describes it, and as it is kept.

use super::{misp, parse_name, taxii};
use crate::Problem;
use crate::config::duration;
use std::path::PathBuf;
use watchfire_intel::feed::{self, Columns, KeyPlace, Options, UserReach, catalogue};
use watchfire_model::{Grade, Untrusted, Verdict};
use watchfire_store::{Feed, FeedSpec, FeedUrl};

/// What a person says about a feed.
#[derive(Clone, Debug, Default)]
pub struct FeedChoice {
    /// Its name; from the file's name, where it is imported.
    pub name: Option<String>,
    /// Where it is fetched, where its name does not say so.
    pub url: Option<String>,
    /// How it is read; by its content, where nobody says.
    pub format: Option<String>,
    /// Where a table keeps what, `value=2,threat=malware`.
    pub columns: Option<String>,
    /// `exact`, `below` or `prefix`, or several with commas: what its domains and URLs meet.
    pub reach: Option<String>,
    /// `malicious`, `suspicious`, `benign` or `context`: what its indicators assert.
    pub towards: Option<String>,
    /// How far it can be trusted, A to F.
    pub grade: Option<String>,
    /// Feeds of one group are not independent.
    pub group: Option<String>,
    /// Where its key goes: `bearer`, `basic`, `header:NAME` or `query:NAME`.
    pub auth: Option<String>,
    /// The file that holds its key.
    pub key_file: Option<PathBuf>,
    /// How often it is asked for at most, `6h`.
    pub every: Option<String>,
    /// After which time its indicators are worth nothing, `30d`.
    pub lifetime: Option<String>,
}

impl FeedChoice {
    /// The feed that is fetched, as it is kept. `what` is the name of a well-known one, a URL, or a name for the URL of the
    /// choice.
    pub(super) fn fetched(&self, what: &str) -> Result<FeedSpec, Problem> {
        let (known, url) = match (&self.url, catalogue::by_name(what)) {
            (Some(url), _) => (None, url.as_str()),
            (None, Some(known)) => (Some(known), known.url),
            (None, None) if what.contains("://") => (None, what),
            (None, None) => {
                let names: Vec<&str> = catalogue::KNOWN.iter().map(|known| known.name).collect();
                return Err(Problem::unknown("feed", what, &names));
            }
        };
        let given = self.name.as_deref().or(known.map(|known| known.name));
        let given = given.or(Some(what).filter(|_| self.url.is_some()));
        let name = given.ok_or_else(|| Problem::new("a feed needs a name").hint("--name calls it something"))?;
        let format = self.format.as_deref().or(known.map(|known| known.format));
        let format = format.ok_or_else(|| {
            Problem::new("a feed that is fetched needs a format")
                .hint("--format names one; watchfire feeds formats lists them")
        })?;
        let mut spec = self.spec(name, format)?;
        let place = match format {
            "stix" => taxii::objects(url)?,
            "misp" => misp::manifest_of(url),
            _ => None,
        };
        let url = place.as_deref().unwrap_or(url);
        spec.url = Some(FeedUrl::parse(url).map_err(|why| Problem::new(format!("'{url}' is {why}")))?);
        if let Some(known) = known {
            spec.grade = self.grade()?.unwrap_or(known.grade);
            spec.group = parse_name(self.group.as_deref().unwrap_or(known.group))?;
            spec.refresh = spec.refresh.or(Some(known.refresh));
            spec.licence = known.terms.into();
        }
        Ok(spec)
    }

    /// A feed, as it is kept.
    pub(super) fn spec(&self, name: &str, format: &str) -> Result<FeedSpec, Problem> {
        let known: Vec<&str> = feed::FORMATS.iter().map(|format| format.info().name).collect();
        feed::by_name(format).ok_or_else(|| Problem::unknown("format of feeds", format, &known))?;
        let name = parse_name(name)?;
        let time = |flag: &str, text: &Option<String>| {
            let parsed = text.as_deref().map(duration).transpose();
            parsed.map_err(|why| {
                let said = text.as_deref().unwrap_or_default();
                Problem::new(format!("{flag} '{said}' is {why}"))
            })
        };
        let kept = Kept::of(self);
        // Read once here, so that nothing senseless is kept.
        kept.options()?;
        kept.access()?;
        Ok(FeedSpec {
            group: parse_name(self.group.as_deref().unwrap_or(name.as_str()))?,
            name,
            url: None,
            format: parse_name(format)?,
            options: kept.text(),
            grade: self.grade()?.unwrap_or(Grade::C),
            towards: self.towards.as_deref().map_or(Ok(Verdict::Malicious), towards)?,
            refresh: time("--every", &self.every)?,
            lifetime: time("--lifetime", &self.lifetime)?,
            licence: Untrusted::default(),
        })
    }

    /// A feed that is there, with what the choice says of it.
    pub(super) fn revised(&self, feed: &FeedSpec) -> Result<FeedSpec, Problem> {
        let said = self.spec(
            feed.name.as_str(),
            self.format.as_deref().unwrap_or(feed.format.as_str()),
        )?;
        let own = Kept::of(self);
        let options = if own == Kept::default() {
            feed.options.clone()
        } else {
            let kept = own.over(Kept::read(&feed.options));
            kept.options()?;
            kept.access()?;
            kept.text()
        };
        let mut spec = FeedSpec {
            options,
            format: said.format,
            refresh: said.refresh.or(feed.refresh),
            lifetime: said.lifetime.or(feed.lifetime),
            ..feed.clone()
        };
        if self.grade.is_some() {
            spec.grade = said.grade;
        }
        if self.group.is_some() {
            spec.group = said.group;
        }
        if self.towards.is_some() {
            spec.towards = said.towards;
        }
        Ok(spec)
    }

    fn grade(&self) -> Result<Option<Grade>, Problem> {
        let Some(text) = &self.grade else { return Ok(None) };
        let unknown = || {
            Problem::new(format!("'{text}' is no grade"))
                .hint("grades are A (reliable) to E (not), and F (cannot be judged)")
        };
        Grade::parse(text).map(Some).ok_or_else(unknown)
    }
}

/// Where the key of a feed of one's own is, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) place: KeyPlace,
    pub(super) file: Option<PathBuf>,
}

/// What is kept of a choice beside the columns of the store: a line for each, read again at each update.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    columns: Option<String>,
    reach: Option<String>,
    towards: Option<String>,
    auth: Option<String>,
    key_file: Option<String>,
}

impl Kept {
    fn of(choice: &FeedChoice) -> Self {
        let file = choice.key_file.as_ref();
        Self {
            columns: choice.columns.clone(),
            reach: choice.reach.clone(),
            towards: choice.towards.clone(),
            auth: choice.auth.clone(),
            // Wherever an update is started from, it is the same file.
            key_file: file.map(|file| std::path::absolute(file).unwrap_or(file.clone()).display().to_string()),
        }
    }

    /// Reads what [`Kept::text`] wrote.
    pub(super) fn read(text: &str) -> Self {
        let mut kept = Self::default();
        for line in text.lines() {
            let (name, value) = line.split_once(' ').unwrap_or((line, ""));
            for (own, place) in kept.lines() {
                if own == name {
                    *place = Some(value.to_owned());
                }
            }
        }
        kept
    }

    /// What this says, and what `other` says of the rest.
    fn over(mut self, mut other: Self) -> Self {
        for ((_, own), (_, other)) in self.lines().into_iter().zip(other.lines()) {
            *own = own.take().or_else(|| other.take());
        }
        self
    }

    fn lines(&mut self) -> [(&'static str, &mut Option<String>); 5] {
        [
            ("columns", &mut self.columns),
            ("reach", &mut self.reach),
            ("towards", &mut self.towards),
            ("auth", &mut self.auth),
            ("key-file", &mut self.key_file),
        ]
    }

    fn text(mut self) -> String {
        let given = self.lines().into_iter();
        let given = given.filter_map(|(name, value)| value.as_ref().map(|value| format!("{name} {value}")));
        given.collect::<Vec<_>>().join("\n")
    }

    /// What the format is told.
    pub(super) fn options(&self) -> Result<Options, Problem> {
        let columns = self.columns.as_deref().map(Columns::parse).transpose();
        let columns = columns.map_err(|error| Problem::new(error.to_string()).hint(error.hint()))?;
        let reach = self.reach.as_deref().map_or(Ok(UserReach::default()), UserReach::parse);
        let reach = reach.map_err(|word| Problem::unknown("reach", word, UserReach::WORDS))?;
        Ok(Options {
            columns,
            reach,
            towards: self.towards.as_deref().map(towards).transpose()?,
            ..Options::default()
        })
    }

    /// Where its key is and goes.
    pub(super) fn access(&self) -> Result<Option<Access>, Problem> {
        let file = self.key_file.as_ref().map(PathBuf::from);
        let Some(auth) = &self.auth else {
            let problem = || Problem::new("--key-file names a key, and nothing says where it goes");
            return match file {
                None => Ok(None),
                Some(_) => Err(problem().hint("--auth bearer, basic, header:NAME or query:NAME does")),
            };
        };
        let place = KeyPlace::parse(auth).map_err(|why| Problem::new(format!("--auth '{auth}' is {why}")))?;
        Ok(Some(Access { place, file }))
    }
}

/// What the domains and URLs of a feed meet, where its user says so.
pub fn meets(feed: &Feed) -> Option<String> {
    Kept::read(&feed.spec.options).reach
}

fn towards(word: &str) -> Result<Verdict, Problem> {
    Ok(match word {
        "malicious" => Verdict::Malicious,
        "suspicious" => Verdict::Suspicious,
        "benign" => Verdict::Benign,
        "context" => Verdict::Unknown,
        _ => {
            return Err(Problem::unknown(
                "assertion",
                word,
                &["malicious", "suspicious", "benign", "context"],
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_was_said() {
        let choice = FeedChoice {
            columns: Some("value=2,threat=what is it".to_owned()),
            reach: Some("below,prefix".to_owned()),
            auth: Some("header:X-Key".to_owned()),
            key_file: Some("/a b/key".into()),
            ..FeedChoice::default()
        };
        let kept = Kept::of(&choice);
        assert_eq!(Kept::read(&kept.clone().text()), kept);
        assert_eq!(Kept::read("").text(), "");
    }

    #[test]
    fn what_is_said_of_a_feed_that_is_there_replaces_that_alone() {
        let first = FeedChoice {
            columns: Some("value=2".to_owned()),
            towards: Some("suspicious".to_owned()),
            grade: Some("B".to_owned()),
            lifetime: Some("3d".to_owned()),
            ..FeedChoice::default()
        };
        let spec = first.spec("own", "csv").unwrap();
        assert_eq!(FeedChoice::default().revised(&spec).unwrap(), spec);
        let next = FeedChoice {
            reach: Some("prefix".to_owned()),
            grade: Some("A".to_owned()),
            ..FeedChoice::default()
        };
        let revised = next.revised(&spec).unwrap();
        assert_eq!(revised.options, "columns value=2\nreach prefix\ntowards suspicious");
        assert_eq!((revised.grade, revised.towards), (Grade::A, Verdict::Suspicious));
        assert_eq!(revised.lifetime, spec.lifetime);
    }

    #[test]
    fn what_makes_no_sense_is_refused_when_it_is_said() {
        let check = |change: fn(&mut FeedChoice), expected: &str| {
            let mut choice = FeedChoice {
                url: Some("https://a.test/list".to_owned()),
                format: Some("plain".to_owned()),
                ..FeedChoice::default()
            };
            change(&mut choice);
            assert_eq!(choice.fetched("own").unwrap_err().to_string(), expected);
        };
        check(
            |it| it.every = Some("6".to_owned()),
            "--every '6' is not a time, '90s', '30m', '6h', '2d', '1w'",
        );
        check(
            |it| it.auth = Some("digest".to_owned()),
            "--auth 'digest' is none of bearer, basic, header:NAME, query:NAME",
        );
        check(
            |it| it.key_file = Some("key".into()),
            "--key-file names a key, and nothing says where it goes",
        );
        check(
            |it| it.url = Some("https://me:pw@a.test/list".to_owned()),
            "'https://me:pw@a.test/list' is a URL with a password in it, which would be kept",
        );
    }
}
