//! Which column of a table holds what: as the user says, or by the names that headers use.

use super::FeedError;
use super::table::Record;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Value,
    Type,
    Verdict,
    Threat,
    Confidence,
    FirstSeen,
    LastSeen,
    ValidUntil,
    Reference,
    Port,
}

/// The meanings, the names that the user gives them, and the names that headers do, best first.
const MEANINGS: &[(Meaning, &str, &[&str])] = &[
    (
        Meaning::Value,
        "value",
        &[
            "indicator",
            "value",
            "ioc_value",
            "ioc",
            "observable",
            "dst_ip",
            "dstip",
            "ip_address",
            "ip",
            "ipaddress",
            "src_ip",
            "cidr",
            "network",
            "domain",
            "hostname",
            "host",
            "fqdn",
            "url",
            "sha256_hash",
            "sha256",
            "sha1_hash",
            "sha1",
            "md5_hash",
            "md5",
            "hash",
            "email",
            "cve",
            "cveid",
            "cve_id",
        ],
    ),
    (
        Meaning::Type,
        "type",
        &["ioc_type", "indicator_type", "type", "value_type", "observable_type"],
    ),
    (
        Meaning::Verdict,
        "verdict",
        &["verdict", "classification", "disposition"],
    ),
    (
        Meaning::Threat,
        "threat",
        &[
            "threat",
            "threat_type",
            "malware_printable",
            "malware",
            "malware_family",
            "family",
            "category",
            "comment",
            "description",
            "listingreason",
            "signature",
        ],
    ),
    (
        Meaning::Confidence,
        "confidence",
        &["confidence", "confidence_level", "score"],
    ),
    (
        Meaning::FirstSeen,
        "first_seen",
        &[
            "first_seen",
            "first_seen_utc",
            "firstseen",
            "dateadded",
            "date_added",
            "date",
            "created",
            "timestamp",
            "listingdate",
        ],
    ),
    (
        Meaning::LastSeen,
        "last_seen",
        &[
            "last_seen",
            "last_seen_utc",
            "lastseen",
            "last_online",
            "updated",
            "modified",
        ],
    ),
    (
        Meaning::ValidUntil,
        "valid_until",
        &["valid_until", "expires", "expiration", "expiry"],
    ),
    (
        Meaning::Reference,
        "reference",
        &["reference", "references", "link", "urlhaus_link", "source_url"],
    ),
    (Meaning::Port, "port", &["dst_port", "dstport", "port"]),
];

/// A column, as the user names it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    /// From 1.
    Number(usize),
    Name(String),
}

/// Which column holds which of the meanings that a kind of table has: `value=2,threat=malware+tags,delimiter=;,header=yes`.
/// Columns are named by their number, from 1, or by what the header calls them; `+` joins several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Map {
    columns: Vec<(usize, Column)>,
    delimiter: Option<char>,
    header: Option<bool>,
}

impl Map {
    /// Reads a map of `meanings`.
    pub(crate) fn parse(text: &str, meanings: &[&str]) -> Result<Self, FeedError> {
        let mut map = Self::default();
        let mut pairs = Vec::new();
        for piece in text.split(',') {
            // The comma itself may be the delimiter: `delimiter=,` falls into two pieces.
            if piece.is_empty() && pairs.last() == Some(&("delimiter", "")) {
                pairs.pop();
                map.delimiter = Some(',');
                continue;
            }
            let pair = piece.split_once('=');
            let (name, column) = pair.ok_or_else(|| FeedError::Columns(format!("'{piece}' is not like value=2")))?;
            pairs.push((name.trim(), column.trim()));
        }
        for (name, column) in pairs {
            map.set(name, column, meanings)?;
        }
        Ok(map)
    }

    fn set(&mut self, name: &str, column: &str, meanings: &[&str]) -> Result<(), FeedError> {
        if name == "delimiter" {
            let mut characters = column.chars();
            self.delimiter = match (column, characters.next(), characters.next()) {
                ("tab" | "\\t", _, _) => Some('\t'),
                ("comma" | "", _, _) => Some(','),
                (_, Some(one), None) if one.is_ascii() && one != '"' => Some(one),
                _ => return Err(FeedError::Columns(format!("'{column}' is not one character"))),
            };
            return Ok(());
        }
        if name == "header" {
            self.header = Some(match column {
                "yes" | "true" => true,
                "no" | "false" => false,
                _ => return Err(FeedError::Columns(format!("header is yes or no, not '{column}'"))),
            });
            return Ok(());
        }
        let Some(meaning) = meanings.iter().position(|own| *own == name) else {
            let known = meanings.join(", ");
            return Err(FeedError::Columns(format!(
                "'{name}' is none of {known}, delimiter, header"
            )));
        };
        for column in column.split('+').map(str::trim) {
            let column = match column.parse() {
                Ok(0) => return Err(FeedError::Columns("columns count from 1".to_owned())),
                Ok(number) => Column::Number(number),
                Err(_) if column.is_empty() => return Err(FeedError::Columns(format!("'{name}' has no column"))),
                Err(_) => Column::Name(column.to_owned()),
            };
            self.columns.push((meaning, column));
        }
        Ok(())
    }

    /// Whether a column has this meaning.
    pub(crate) fn names(&self, meaning: usize) -> bool {
        self.columns.iter().any(|(own, _)| *own == meaning)
    }

    /// What stands between the fields.
    pub(crate) fn delimiter(&self) -> Option<char> {
        self.delimiter
    }

    /// Whether there is a header: as the user says, or because columns are named.
    pub(crate) fn has_header(&self) -> bool {
        let named = self.columns.iter().any(|(_, column)| matches!(column, Column::Name(_)));
        self.header.unwrap_or(named)
    }

    /// Meanings and the fields that hold them, in a table with this header; `None` if the table has none.
    pub(crate) fn fields(&self, header: Option<&Record>) -> Result<Vec<(usize, usize)>, FeedError> {
        let mut fields = Vec::new();
        for (meaning, column) in &self.columns {
            let field = match column {
                Column::Number(number) => Some(number.saturating_sub(1)),
                Column::Name(name) => header.and_then(|header| header.find(&[name])),
            };
            match (field, column) {
                (Some(field), _) => fields.push((*meaning, field)),
                (None, Column::Name(name)) => {
                    return Err(FeedError::Columns(format!("no column is called '{name}'")));
                }
                (None, Column::Number(_)) => {}
            }
        }
        Ok(fields)
    }
}

/// The map of a feed's columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns(Map);

impl Columns {
    /// Reads a map.
    ///
    /// # Errors
    /// When it names nothing that there is, or has no value.
    pub fn parse(text: &str) -> Result<Self, FeedError> {
        let names: Vec<&str> = MEANINGS.iter().map(|(_, name, _)| *name).collect();
        let map = Map::parse(text, &names)?;
        let value = MEANINGS.iter().position(|(meaning, _, _)| *meaning == Meaning::Value);
        if !value.is_some_and(|value| map.names(value)) {
            return Err(FeedError::Columns("no column is called the value".to_owned()));
        }
        Ok(Self(map))
    }

    /// What stands between the fields.
    pub(super) fn delimiter(&self) -> Option<char> {
        self.0.delimiter()
    }

    /// Whether there is a header.
    pub(super) fn has_header(&self) -> bool {
        self.0.has_header()
    }

    /// The layout of a table with this header; `None` if the table has none.
    pub(super) fn layout(&self, header: Option<&Record>) -> Result<Layout, FeedError> {
        let fields = self.0.fields(header)?.into_iter();
        let meant = fields.filter_map(|(meaning, field)| Some((MEANINGS.get(meaning)?.0, field)));
        Ok(Layout {
            fields: meant.collect(),
        })
    }
}

/// Where the fields of a record stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    fields: Vec<(Meaning, usize)>,
}

impl Layout {
    /// The layout that a header tells by its names; nothing if no column is a value.
    pub(super) fn of_header(header: &Record) -> Option<Self> {
        let mut layout = Self::default();
        for (meaning, _, names) in MEANINGS {
            if let Some(field) = header.find(names) {
                layout.fields.push((*meaning, field));
            }
            // What a thing is called and what family it is of stand in columns of their own.
            if *meaning == Meaning::Threat {
                let more = header.find(&["malware_printable", "malware", "tags"]);
                let first = layout.field(Meaning::Threat);
                layout
                    .fields
                    .extend(more.filter(|more| Some(*more) != first).map(|more| (*meaning, more)));
            }
        }
        layout.field(Meaning::Value).map(|_| layout)
    }

    fn field(&self, meaning: Meaning) -> Option<usize> {
        self.fields
            .iter()
            .find(|(own, _)| *own == meaning)
            .map(|(_, field)| *field)
    }

    fn get<'r>(&self, record: &'r Record, meaning: Meaning) -> &'r str {
        record.at(self.field(meaning))
    }

    pub(super) fn value<'r>(&self, record: &'r Record) -> &'r str {
        self.get(record, Meaning::Value)
    }

    pub(super) fn kind<'r>(&self, record: &'r Record) -> &'r str {
        self.get(record, Meaning::Type)
    }

    pub(super) fn verdict<'r>(&self, record: &'r Record) -> &'r str {
        self.get(record, Meaning::Verdict)
    }

    pub(super) fn threat<'r>(&self, record: &'r Record) -> Vec<&'r str> {
        self.fields
            .iter()
            .filter(|(meaning, _)| *meaning == Meaning::Threat)
            .map(|(_, field)| record.get(*field))
            .collect()
    }

    pub(super) fn confidence<'r>(&self, record: &'r Record) -> &'r str {
        self.get(record, Meaning::Confidence)
    }

    pub(super) fn first_seen<'r>(&self, record: &'r Record) -> &'r str {
        self.get(record, Meaning::FirstSeen)
    }

    pub(super) fn last_seen<'r>(&self, record: &'r Record) -> &'r str {
        self.get(record, Meaning::LastSeen)
    }

    pub(super) fn valid_until<'r>(&self, record: &'r Record) -> &'r str {
        self.get(record, Meaning::ValidUntil)
    }

    pub(super) fn reference<'r>(&self, record: &'r Record) -> &'r str {
        self.get(record, Meaning::Reference)
    }

    pub(super) fn port<'r>(&self, record: &'r Record) -> &'r str {
        self.get(record, Meaning::Port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_read_and_wrong_ones_explained() {
        let map = Columns::parse("value=2, threat=malware+tags,first_seen=1,delimiter=;").unwrap();
        assert_eq!(
            (map.delimiter(), map.has_header(), map.0.columns.len()),
            (Some(';'), true, 4)
        );
        assert!(!Columns::parse("value=1").unwrap().has_header());
        assert_eq!(Columns::parse("value=1,delimiter=,").unwrap().delimiter(), Some(','));
        for (text, why) in [
            ("threat=2", "no column is called the value"),
            ("value=0", "columns count from 1"),
            ("value", "'value' is not like value=2"),
            ("value=", "'value' has no column"),
            ("wert=2", "'wert' is none of value,"),
            ("value=1,delimiter=ab", "'ab' is not one character"),
        ] {
            let error = Columns::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
