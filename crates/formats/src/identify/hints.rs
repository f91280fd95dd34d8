//! Types by declared name and declared media type, for content that says nothing itself.

use super::media::*;
use watchfire_model::{Hints, MediaType};

/// Extensions of formats that are text without a signature.
const TEXT: &[(&str, MediaType)] = &[
    ("ahk", AUTOIT),
    ("applescript", APPLESCRIPT),
    ("au3", AUTOIT),
    ("bash", SHELL),
    ("bat", BATCH),
    ("c", C_SOURCE),
    ("cc", C_SOURCE),
    ("cmd", BATCH),
    ("conf", INI),
    ("cpp", C_SOURCE),
    ("css", CSS),
    ("csv", CSV),
    ("eml", EML),
    ("h", C_SOURCE),
    ("hta", HTA),
    ("htm", HTML),
    ("html", HTML),
    ("ics", CALENDAR),
    ("inf", INI),
    ("ini", INI),
    ("js", JAVASCRIPT),
    ("jse", JSCRIPT_ENCODED),
    ("json", JSON),
    ("jsonl", NDJSON),
    ("log", LOG),
    ("lua", LUA),
    ("markdown", MARKDOWN),
    ("mbox", MBOX),
    ("md", MARKDOWN),
    ("mht", EML),
    ("mhtml", EML),
    ("mjs", JAVASCRIPT),
    ("ndjson", NDJSON),
    ("php", PHP),
    ("pl", PERL),
    ("pm", PERL),
    ("ps1", POWERSHELL),
    ("psd1", POWERSHELL),
    ("psm1", POWERSHELL),
    ("py", PYTHON),
    ("pyw", PYTHON),
    ("rb", RUBY),
    ("reg", REG),
    ("sct", SCRIPTLET),
    ("sh", SHELL),
    ("sql", SQL),
    ("svg", SVG),
    ("toml", TOML),
    ("tsv", TSV),
    ("url", URL_SHORTCUT),
    ("vba", VBSCRIPT),
    ("vbe", VBSCRIPT_ENCODED),
    ("vbs", VBSCRIPT),
    ("vcf", VCARD),
    ("wsc", SCRIPTLET),
    ("wsf", WSF),
    ("xhtml", XHTML),
    ("xml", XML),
    ("yaml", YAML),
    ("yar", YARA),
    ("yara", YARA),
    ("yml", YAML),
    ("zsh", SHELL),
];

/// Extensions of binary formats whose content may show no signature.
const BINARY: &[(&str, MediaType)] = &[
    ("com", MZ),
    ("etl", ETL),
    ("lzma", LZMA),
    ("mp3", MP3),
    ("tar", TAR),
    ("udf", UDF),
    ("vhd", VHD),
    ("zlib", ZLIB),
];

/// Media types that headers name, where they are not the name used here.
const SYNONYMS: &[(&str, MediaType)] = &[
    ("application/xml", XML),
    ("application/javascript", JAVASCRIPT),
    ("application/x-javascript", JAVASCRIPT),
    ("text/x-log", LOG),
    ("text/x-python", PYTHON),
    ("text/yaml", YAML),
    ("application/x-yaml", YAML),
    ("application/csv", CSV),
    ("application/x-powershell", POWERSHELL),
    ("text/x-shellscript", SHELL),
];

/// What the hints say of content that is text.
pub(super) fn text(hints: &Hints) -> Option<MediaType> {
    by_extension(TEXT, hints).or_else(|| by_declared_type(TEXT, hints))
}

/// What a name says of content that is text.
pub(super) fn text_by_extension(name: &[u8]) -> Option<MediaType> {
    let dot = memchr::memrchr(b'.', name)?;
    let extension = name.get(dot + 1..)?;
    let known = TEXT
        .iter()
        .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(extension));
    known.map(|&(_, media_type)| media_type)
}

/// What the hints say of content that is not text.
pub(super) fn binary(hints: &Hints) -> Option<MediaType> {
    by_extension(BINARY, hints).or_else(|| by_declared_type(BINARY, hints))
}

fn by_extension(table: &[(&str, MediaType)], hints: &Hints) -> Option<MediaType> {
    let extension = hints.extension()?;
    table
        .iter()
        .find(|(known, _)| *known == extension)
        .map(|&(_, media_type)| media_type)
}

fn by_declared_type(table: &[(&str, MediaType)], hints: &Hints) -> Option<MediaType> {
    let declared = hints.media_type.as_ref()?.raw();
    let declared = declared.split(';').next()?.trim();
    let known = |media_type: MediaType| table.iter().any(|&(_, known)| known == media_type);
    table
        .iter()
        .map(|&(_, media_type)| (media_type.0, media_type))
        .chain(SYNONYMS.iter().copied().filter(|&(_, media_type)| known(media_type)))
        .find(|(name, _)| declared.eq_ignore_ascii_case(name))
        .map(|(_, media_type)| media_type)
}
