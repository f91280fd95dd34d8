//! Rows of any table that are unlike the others, with reasons: a CSV, lines of JSON, `address user port` lines, a log.
//!
//! A table that is judged by itself is dealt into two, and each half is judged by what the other taught, so that no row
//! vouches for itself; tables of few rows are judged as a whole. What is told is bounded by the false alarms that are accepted,
//! and not by a share of the rows.

use super::sequence::LogReading;
use super::sheets::{Sheet, Sheets};
use crate::secrets::RowSecrets;
use std::io::{self, Read};
use watchfire_anomaly::sketch::fingerprint;
use watchfire_anomaly::table::{Cells, Column, Feature, Table, TableAnomaly, TableModel, TableReason};
use watchfire_anomaly::{Budget, Options};
use watchfire_formats::log::{Reader, Record};
use watchfire_model::log::{TableColumn, TableFindings, TableRow, TableWhy};
use watchfire_model::observable::defang;
use watchfire_model::{Budget as Allowed, Untrusted, counted};

/// Of fewer rows none is judged.
pub const FEWEST_ROWS: usize = 50;
/// Tables of fewer rows are judged as a whole.
const FEW: usize = 400;
/// Reasons of each row.
const REASONS: usize = 4;

/// What is wanted of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableOptions {
    /// False alarms that are expected in the whole table.
    pub alarms: f64,
    /// Rows that are told at most.
    pub most: usize,
    /// Columns that are looked at; all, where none is named.
    pub columns: Vec<String>,
    /// Whether what is usual in it is wanted as well.
    pub learns: bool,
}

/// One false alarm, twenty rows, all columns.
impl Default for TableOptions {
    fn default() -> Self {
        Self {
            alarms: 1.0,
            most: 20,
            columns: Vec::new(),
            learns: false,
        }
    }
}

/// What is usual in a table, to be kept and held against another.
#[derive(Clone, Debug, PartialEq)]
pub struct TableUsual(TableModel);

impl TableUsual {
    /// The bytes of a file.
    pub fn save(&self) -> Vec<u8> {
        self.0.save()
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// They are no such file, of another version, or damaged; in words.
    pub fn load(bytes: &[u8]) -> Result<Self, String> {
        /// Tables become less than two hundred numbers a row.
        const MOST_FEATURES: usize = 256;
        let model = TableModel::load(bytes).map_err(|error| error.to_string())?;
        if model.encoder().features().len() > MOST_FEATURES {
            return Err("the model was made of more columns than a table has".to_owned());
        }
        Ok(Self(model))
    }
}

/// What was found in a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableJudged {
    /// What there is in it.
    pub found: TableFindings,
    /// What else there is to know about what was not looked at; in words that are safe to be shown.
    pub remarks: Vec<String>,
    /// What is usual in all of it, where that was asked for and something is.
    pub usual: Option<TableUsual>,
}

/// Reads a table and says which rows are unlike the others, by `usual` or by the table itself. Of a table that is longer than
/// what is held at once, the first part says what is usual in those behind it.
///
/// # Errors
/// Those of `input`.
pub fn judge(
    input: &mut dyn Read,
    usual: Option<&TableUsual>,
    options: &TableOptions,
    reading: &LogReading,
    limits: &Allowed,
) -> io::Result<TableJudged> {
    let mut reader = Reader::new(&reading.options());
    let mut sheets = Sheets::default();
    let mut records = 0;
    let mut judge = Judge::new(usual, options, reading);
    let mut take = |sheets: &mut Sheets, record: &Record<'_>| {
        records += 1;
        sheets.of(record.format.name, |sheet| {
            if sheet.is_full() && judge.takes(sheet.format) {
                judge.part(sheet, Rest::Comes);
                sheet.clear();
            }
            sheet.add(record, record.line);
        });
    };
    let mut block = vec![0; 256 << 10];
    while limits.check().is_ok() {
        match input.read(&mut block) {
            Ok(0) => break,
            Ok(count) => {
                let block = block.get(..count).unwrap_or_default();
                reader.push(block, &mut |record| take(&mut sheets, record));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    reader.finish(&mut |record| take(&mut sheets, record));
    let rows = |sheet: &Sheet| sheet.rows.len() as u64 + sheet.left_out;
    let others = sheets
        .into_sheets()
        .into_iter()
        .filter(|sheet| judge.takes(sheet.format));
    let most = others.reduce(|best, next| if rows(&next) > rows(&best) { next } else { best });
    judge.part(&most.unwrap_or_else(|| Sheet::new("text")), Rest::Nothing);
    let mut judged = judge.finish(records);
    if limits.check().is_err() {
        let remark = "reading ended before the table did: rows behind were not judged";
        judged.remarks.push(remark.to_owned());
    }
    Ok(judged)
}

/// What is unlike the others among the rows of logs that have no time, and how many rows of their tables were not judged.
pub(super) fn of_logs(sheets: Sheets, options: &TableOptions, reading: &LogReading) -> (Vec<(u64, TableRow)>, u64) {
    let mut found = Vec::new();
    let mut left_out = 0_u64;
    for sheet in sheets.into_sheets() {
        if sheet.rows.len() >= FEWEST_ROWS {
            // The line of a row is the place of its record here.
            let mut judge = Judge::new(None, options, reading);
            judge.part(&sheet, Rest::Nothing);
            let judged = judge.finish(sheet.rows.len() as u64);
            if judged.found.unjudged.is_none() {
                left_out = left_out.saturating_add(judged.found.left_out);
            }
            found.extend(judged.found.raised.into_iter().map(|row| (row.line, row)));
        }
    }
    (found, left_out)
}

/// What lies behind a part of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Comes,
    Nothing,
}

/// Parts of a table on their way to what is said of it.
struct Judge<'j> {
    usual: Option<&'j TableUsual>,
    options: &'j TableOptions,
    reading: &'j LogReading,
    /// What the first part taught, where others come.
    learnt: Option<TableUsual>,
    judged: TableJudged,
    /// The chance of each row that is unlike the others, by what was accepted so far.
    chances: Vec<f64>,
}

impl<'j> Judge<'j> {
    fn new(usual: Option<&'j TableUsual>, options: &'j TableOptions, reading: &'j LogReading) -> Self {
        Self {
            usual,
            options,
            reading,
            learnt: None,
            judged: TableJudged::default(),
            chances: Vec::new(),
        }
    }

    /// Whether rows of a format are those of the table.
    fn takes(&self, format: &'static str) -> bool {
        let own = self.judged.found.format;
        own.is_empty() || own == format
    }

    /// Chances up to which rows are told: the false alarms that are accepted, shared among all rows so far.
    fn limit(&self) -> f64 {
        (self.options.alarms / self.judged.found.rows.max(1) as f64).clamp(0.0, 1.0)
    }

    fn part(&mut self, sheet: &Sheet, rest: Rest) {
        let findings = &mut self.judged.found;
        let is_first = findings.format.is_empty();
        findings.format = sheet.format;
        findings.left_out += sheet.left_out;
        let in_vain = findings.unjudged.is_some();
        let Some((table, lines, no_room)) = sheet.table(&self.options.columns).filter(|_| !in_vain) else {
            findings.left_out += if is_first { 0 } else { sheet.rows.len() as u64 };
            if is_first {
                findings.unjudged = Some("its lines do not have as many cells as one another".to_owned());
            }
            return;
        };
        if is_first {
            findings.columns = table.columns().iter().map(of_column).collect();
        }
        findings.rows += table.len() as u64;
        findings.left_out += no_room;
        match self.raised(&table, rest) {
            Ok(raised) => self.tell(&raised, sheet, &lines),
            Err(why) if is_first => self.judged.found.unjudged = Some(why),
            // What comes later is of other columns.
            Err(_) => {
                self.judged.found.rows -= table.len() as u64;
                self.judged.found.left_out += table.len() as u64;
            }
        }
    }

    /// The rows of a part that are unlike the others; or why nobody can say.
    fn raised(&mut self, table: &Table, rest: Rest) -> Result<Vec<Raised>, String> {
        let threads = self.reading.threads.max(1);
        let (limit, count) = (self.limit(), table.len());
        let is_enough = count >= FEWEST_ROWS;
        let learn = || TableModel::fit(table, &Options::default(), threads).map(TableUsual);
        if self.options.learns && is_enough && self.judged.usual.is_none() {
            self.judged.usual = learn();
        }
        if let Some(usual) = self.usual.or(self.learnt.as_ref()) {
            let missing = usual.missing(table)?;
            let remarks = &mut self.judged.remarks;
            remarks.extend(missing.filter(|missing| !remarks.contains(missing)));
            return Ok(usual.raised(table, limit, threads));
        }
        if !is_enough {
            let rows = counted(count as u64, "row");
            return Err(format!("it has {rows}; of fewer than {FEWEST_ROWS} none is judged"));
        }
        let Some(raised) = by_itself(table, limit, threads) else {
            let why = "no column says anything: each row has words of its own, or all have the same";
            return Err(why.to_owned());
        };
        if rest == Rest::Comes {
            self.learnt = self.judged.usual.clone().or_else(learn);
        }
        Ok(raised)
    }

    fn tell(&mut self, raised: &[Raised], sheet: &Sheet, lines: &[usize]) {
        self.chances
            .extend(raised.iter().map(|raised| raised.anomaly.judged.p_value));
        let show_secrets = self.reading.show_secrets;
        let told = raised.iter().take(self.options.most).filter_map(|raised| {
            let anomaly = &raised.anomaly;
            let line = sheet.rows.get(*lines.get(anomaly.row)?)?;
            let reasons = anomaly
                .reasons
                .iter()
                .filter(|reason| reason.reason.share >= 0.05)
                .take(REASONS);
            let secrets = (!show_secrets).then(|| RowSecrets::of(&line.text, sheet.cells(line)));
            let secrets = secrets.as_ref();
            Some(TableRow {
                line: line.place,
                text: secrets.map_or(&*line.text, RowSecrets::text).into(),
                p_value: anomaly.judged.p_value,
                reasons: reasons.map(|reason| why(reason, secrets, raised)).collect(),
            })
        });
        let told: Vec<TableRow> = told.collect();
        let limit = self.limit();
        let all = &mut self.judged.found.raised;
        all.extend(told);
        // Each part is in order, and those of the same chance in the order of the table.
        all.sort_by(|one, other| one.p_value.total_cmp(&other.p_value));
        all.truncate(self.options.most);
        self.chances.retain(|chance| *chance <= limit);
    }

    fn finish(mut self, records: u64) -> TableJudged {
        let limit = self.limit();
        let findings = &mut self.judged.found;
        findings.records = records;
        findings.raised.retain(|row| row.p_value <= limit);
        findings.raised_in_all = self.chances.iter().filter(|chance| **chance <= limit).count() as u64;
        self.judged
    }
}

/// A row that is unlike the others.
struct Raised {
    anomaly: TableAnomaly,
    /// How many rows taught what is usual, and how often the row was one of them.
    taught: u64,
    own: u64,
}

impl TableUsual {
    /// The rows that are unlike those that it was made of.
    fn raised(&self, table: &Table, limit: f64, threads: usize) -> Vec<Raised> {
        let raised = self.0.anomalies(table, Budget::Chance(limit), threads).into_iter();
        let taught = self.0.encoder().rows();
        let raised = raised.map(|anomaly| Raised {
            anomaly,
            taught,
            own: 0,
        });
        raised.collect()
    }

    /// What the table does not have of its columns; in words. An error, where it has none.
    fn missing(&self, table: &Table) -> Result<Option<String>, String> {
        const NAMED: usize = 8;
        let is_there = |name: &String| table.columns().iter().any(|column| column.name == *name);
        let mut missing: Vec<&String> = Vec::new();
        let mut is_usable = false;
        for feature in self.0.encoder().features() {
            let names = match feature {
                Feature::Number(name) | Feature::Rarity(name) | Feature::Hour(name) => vec![name],
                Feature::Pair(one, other) => vec![one, other],
            };
            is_usable |= names.iter().all(|name| is_there(name));
            for name in names.into_iter().filter(|name| !is_there(name)) {
                if !missing.contains(&name) {
                    missing.push(name);
                }
            }
        }
        let named: Vec<String> = missing
            .iter()
            .take(NAMED)
            .map(|name| format!("'{}'", Untrusted::from(name.as_str()).shown(40)))
            .collect();
        let more = match missing.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named = format!("{}{more}", named.join(", "));
        match (is_usable, missing.is_empty()) {
            (false, _) => Err(format!("it has no column that the model is of: {named}")),
            (true, true) => Ok(None),
            (true, false) => Ok(Some(format!("columns of the model that are not in it: {named}"))),
        }
    }
}

/// Rows of a table that is judged by itself; nothing, where no column says anything.
fn by_itself(table: &Table, limit: f64, threads: usize) -> Option<Vec<Raised>> {
    let options = Options::default();
    if table.len() < FEW {
        let usual = TableUsual(TableModel::fit(table, &options, threads)?);
        let own = u64::from(!usual.0.model().held_out());
        let mut raised = usual.raised(table, limit, threads);
        for raised in &mut raised {
            raised.taught = raised.taught.saturating_sub(1);
            raised.own = own;
        }
        return Some(raised);
    }
    let half = |row: &usize| fingerprint(&[&(*row as u64).to_le_bytes()]) & 1 == 0;
    let (one, other): (Vec<usize>, Vec<usize>) = (0..table.len()).partition(half);
    let mut found: Option<Vec<Raised>> = None;
    for (taught, judged) in [(&one, &other), (&other, &one)] {
        let (Some(part), Some(asked)) = (part(table, taught), part(table, judged)) else {
            continue;
        };
        let Some(model) = TableModel::fit(&part, &options, threads) else {
            continue;
        };
        let found = found.get_or_insert_default();
        for mut raised in TableUsual(model).raised(&asked, limit, threads) {
            raised.anomaly.row = judged.get(raised.anomaly.row).copied().unwrap_or(usize::MAX);
            found.push(raised);
        }
    }
    if let Some(found) = &mut found {
        found.sort_by(|Raised { anomaly: one, .. }, Raised { anomaly: other, .. }| {
            let order = one.judged.p_value.total_cmp(&other.judged.p_value);
            order.then(one.row.cmp(&other.row))
        });
    }
    found
}

/// Some rows of a table.
fn part(table: &Table, rows: &[usize]) -> Option<Table> {
    let numbers = |cells: &[f64]| {
        rows.iter()
            .map(|row| cells.get(*row).copied().unwrap_or(f64::NAN))
            .collect()
    };
    let columns = table.columns().iter().map(|column| Column {
        name: column.name.clone(),
        cells: match &column.cells {
            Cells::Numbers(cells) => Cells::Numbers(numbers(cells)),
            Cells::Times(cells) => Cells::Times(numbers(cells)),
            Cells::Words(cells) => Cells::Words(
                rows.iter()
                    .map(|row| cells.get(*row).cloned().unwrap_or_default())
                    .collect(),
            ),
        },
    });
    Table::new(columns.collect())
}

fn of_column(column: &Column) -> TableColumn {
    let is_address = |words: &[Vec<u8>]| {
        let first = words.get(..1_000).unwrap_or(words);
        let parsed = first
            .iter()
            .filter(|word| std::str::from_utf8(word).is_ok_and(|text| text.parse::<std::net::IpAddr>().is_ok()));
        !first.is_empty() && parsed.count() * 10 >= first.len() * 9
    };
    TableColumn {
        name: column.name.as_str().into(),
        kind: match &column.cells {
            Cells::Numbers(_) => "number",
            Cells::Times(_) => "time",
            Cells::Words(words) if is_address(words) => "address",
            Cells::Words(_) => "word",
        },
    }
}

/// A reason in words, without secrets where some are given.
fn why(reason: &TableReason, secrets: Option<&RowSecrets>, raised: &Raised) -> TableWhy {
    let Raised { taught, own, .. } = *raised;
    let shown = |column: &str, text: &[u8]| match (text, secrets) {
        ([], _) => "nothing".to_owned(),
        (text, None) => format!("'{}'", defang(&Untrusted::from_bytes(text).shown(48))),
        (text, Some(secrets)) => {
            let text = secrets.cell(column, &String::from_utf8_lossy(text));
            format!("'{}'", defang(&Untrusted::from(text).shown(48)))
        }
    };
    let named = |name: &str| Untrusted::from(name).shown(40);
    let times = match reason.seen.saturating_sub(own) {
        // Not all words are counted of a table that has very many.
        0 if reason.seen_at_most == own + 1 => "was met once at most".to_owned(),
        0 if reason.seen_at_most > own => format!("was met at most {} times", reason.seen_at_most - own),
        0 => "was never met".to_owned(),
        1 => "was met once".to_owned(),
        times => format!("was met {times} times"),
    };
    let word = |place: usize| reason.words.get(place).map_or(&[][..], Vec::as_slice);
    let [low, middle, high] = reason.reason.usual;
    let (column, words) = match &reason.feature {
        Feature::Rarity(column) => (
            column.clone(),
            format!(
                "{} {} {times} in {}",
                named(column),
                shown(column, word(0)),
                counted(taught, "other row")
            ),
        ),
        Feature::Pair(one, other) => (
            format!("{one} and {other}"),
            format!(
                "{} {} {times} where {} is {}, in {}",
                named(one),
                shown(one, word(0)),
                named(other),
                shown(other, word(1)),
                counted(taught, "other row")
            ),
        ),
        Feature::Number(column) if secrets.is_some_and(|secrets| secrets.is_hidden(column)) => {
            return TableWhy {
                column: column.as_str().into(),
                words: format!("{} is far from what is usual", named(column)),
                value: 0.0,
                typical: 0.0,
                share: reason.reason.share,
            };
        }
        Feature::Number(column) => (
            column.clone(),
            format!(
                "{} is {}; nine in ten are {} to {}",
                named(column),
                number(reason.reason.value),
                number(low),
                number(high)
            ),
        ),
        Feature::Hour(column) => (
            column.clone(),
            format!("{}: at an hour at which little happens", named(column)),
        ),
    };
    TableWhy {
        column: column.into(),
        words,
        value: finite(reason.reason.value),
        typical: finite(middle),
        share: reason.reason.share,
    }
}

/// A number; 0 where there is none.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

/// A number with as many digits as it needs.
fn number(value: f64) -> String {
    if !value.is_finite() {
        return "nothing".to_owned();
    }
    if value.abs() >= 1e15 {
        return format!("{value:e}");
    }
    let text = format!("{value:.3}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
