//! A workbook as spreadsheet programs open it (ECMA-376): a sheet each for summary, findings, observables, flows, hosts,
//! events, mail headers, files and the timeline, as far as the report holds them.
//!
//! Columns are typed, filtered and frozen below their names. A list that is longer than a sheet goes on on a further one,
//! and the summary says so. It is written while it is made, row by row, and never read back: the crates for workbooks keep
//! every cell in memory or in files, and look at the clock. Charts and formulas are deliberately not here.

mod rows;
mod sheet;
pub(crate) mod zip;

use crate::ExporterInfo;
use crate::actionable::Values;
use crate::report_only::{ReportOnly, nothing};
use crate::xml::escaped;
use sheet::{ROWS, Sheets};
use std::fmt::Write as _;
use std::io::{self, Write};
use watchfire_model::{Moment, Report};
use zip::Archive;

/// See the module.
pub(crate) static XLSX: ReportOnly = ReportOnly {
    info: &ExporterInfo {
        name: "xlsx",
        describes: "a workbook with a sheet for each kind of thing",
    },
    only: "xlsx holds a report, and nothing else",
    write: |report, out| write(report, ROWS, out),
    aside: nothing,
};

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// Writes it with at most so many rows on each sheet.
fn write(report: &Report, most: u32, out: &mut dyn Write) -> io::Result<()> {
    let mut archive = Archive::new(out);
    put(&mut archive, "[Content_Types].xml", &content_types())?;
    put(&mut archive, "_rels/.rels", &relations())?;
    let mut names = Vec::new();
    let written = tables(report, most, &mut archive, &mut names)?;
    // Programs show sheets in the order of the workbook, and the summary comes first there.
    let summary = rows::summary(report, &written, &names);
    let mut sheets = Sheets::new(&mut archive, &mut names);
    sheets.table("summary", &[("what", 28), ("is", 100)], summary.into_iter(), ROWS)?;
    put(&mut archive, "xl/workbook.xml", &workbook(&names))?;
    put(&mut archive, "xl/_rels/workbook.xml.rels", &workbook_relations(&names))?;
    put(&mut archive, "xl/styles.xml", STYLES)?;
    put(&mut archive, "docProps/core.xml", &properties(report))?;
    archive.finish()
}

/// Every table that has rows; findings, observables and files always. With their names and how many rows they have.
fn tables(
    report: &Report,
    most: u32,
    archive: &mut Archive<'_>,
    names: &mut Vec<String>,
) -> io::Result<Vec<(&'static str, u64)>> {
    let values = Values::of(report);
    let mut sheets = Sheets::new(archive, names);
    let mut written = Vec::new();
    for table in rows::TABLES {
        let mut rows = (table.rows)(report, &values).peekable();
        if rows.peek().is_some() || table.is_always_there {
            let count = sheets.table(table.name, table.columns, rows, most)?;
            written.push((table.name, count));
        }
    }
    Ok(written)
}

fn put(archive: &mut Archive<'_>, name: &str, text: &str) -> io::Result<()> {
    let mut part = archive.part(name)?;
    part.put(text)?;
    part.finish()
}

/// Sheets are the default for XML: how many there will be is not known when this is written.
fn content_types() -> String {
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    format!(
        "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"{sheet}.worksheet+xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{sheet}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"{sheet}.styles+xml\"/>\
         <Override PartName=\"/docProps/core.xml\" \
         ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>"
    )
}

fn relations() -> String {
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    format!(
        "{XML}<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" \
         Target=\"xl/workbook.xml\"/><Relationship Id=\"rId2\" Type=\"{package}/metadata/core-properties\" \
         Target=\"docProps/core.xml\"/></Relationships>"
    )
}

/// The last sheet that was written is the first that is shown.
fn workbook(names: &[String]) -> String {
    let mut sheets = String::new();
    let last = names.len();
    let order = std::iter::once(last).chain(1..last);
    for number in order {
        let name = names.get(number - 1).map_or("", String::as_str);
        let _ = write!(
            sheets,
            "<sheet name=\"{}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>",
            escaped(name)
        );
    }
    format!("{XML}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{sheets}</sheets></workbook>")
}

fn workbook_relations(names: &[String]) -> String {
    let mut all = String::new();
    for number in 1..=names.len() {
        let _ = write!(
            all,
            "<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
        );
    }
    let styles = names.len() + 1;
    format!(
        "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{all}\
         <Relationship Id=\"rId{styles}\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>"
    )
}

/// Plain, a time, the name of a column, and text.
const STYLES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<styleSheet \
    xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" \
    formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss\"/></numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/>\
    </font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill><patternFill \
    patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border>\
    <left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" \
    fillId=\"0\" borderId=\"0\"/></cellStyleXfs><cellXfs count=\"4\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" \
    borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" \
    applyNumberFormat=\"1\"/><xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/>\
    <xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/></cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>";

/// Made by whom, and of which moment: that of the report.
fn properties(report: &Report) -> String {
    let at = Moment::parse(&report.as_of).unwrap_or(Moment::from_unix(0));
    format!(
        "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:creator>Watchfire {}</dc:creator>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:created>\
         <dcterms:modified xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:modified></cp:coreProperties>",
        escaped(report.version)
    )
}

#[cfg(test)]
mod tests;
