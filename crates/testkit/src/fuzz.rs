//! What the fuzzers of `fuzz/` run, as plain functions, so that the same promises are tested without them.
//!
//! A target takes any bytes and panics where a promise is broken. Everything runs on a small budget: an input that is
//! slow here is a bug too.

mod anomaly;
mod capture;
mod documents;
mod email;
mod executable;
mod expression;
mod logs;
mod mail;
mod parquet;
mod seeds;
mod sigma;
mod yara;

pub use anomaly::{anomaly_model, templates};
pub use capture::{capture_file, capture_flows, capture_frame};
pub use documents::{disc, notebook, old_office, rich_document, script, shortcut};
pub use email::{dkim, dns_answers, spf};
pub use executable::{binaries, bytecode, cabinet, installer, pe, signature, similar};
pub use expression::{capture_filter, capture_where};
pub use logs::{log, log_evtx, log_table, log_user, logs};
pub use parquet::parquet;
pub use sigma::{sigma, sigma_cache, sigma_condition, sigma_correlation, sigma_pipeline, sigma_query};
pub use yara::yara;

use std::collections::BTreeSet;
use watchfire_analysis::{Engine, Settings};
use watchfire_extract::{Extractor, Options, defang as defang_text, refang as refang_text};
use watchfire_formats::identify::media;
use watchfire_formats::{archive, document, identify as identification, text};
use watchfire_intel::set::Backing;
use watchfire_intel::{bundle, feed, inventory, known};
use watchfire_model::{
    Artifact, Budget, Digests, Halt, Hints, Indicator, Limits, MediaType, Member, MemberSink, Observed, Origin,
    Password, Problem, Span,
};

/// One target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and its file's in `fuzz/fuzz_targets`.
    pub name: &'static str,
    /// The promises.
    pub run: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

pub use mail::{calendar, image, mail, outlook, rtf, smime, tnef, unwrap};

/// Every target.
pub static TARGETS: &[Target] = &[
    target("extract", extract, seeds::texts),
    target("split", split, seeds::texts),
    target("refang", refang, seeds::texts),
    target("identify", identify, seeds::anything),
    target("decode", decode, seeds::texts),
    target("html", html, seeds::pages),
    target("pdf", pdf, seeds::pdfs),
    target("office", office, seeds::offices),
    target("zip", zip, seeds::zips),
    target("seven_zip", seven_zip, seeds::seven_zips),
    target("tar", tar, seeds::tars),
    target("rar", rar, seeds::rars),
    target("streams", streams, seeds::streams),
    target("feeds", feeds, seeds::feeds),
    target("bundle", bundle, seeds::bundles),
    target("inventory", inventory, seeds::inventories),
    target("known_files", known_files, seeds::known_files),
    target("dkim", dkim, email::seeds_of_mail),
    target("spf", spf, email::seeds_of_policies),
    target("dns_answers", dns_answers, email::seeds_of_answers),
    target("mail", mail::mail, seeds::mails),
    target("outlook", mail::outlook, seeds::messages),
    target("tnef", mail::tnef, seeds::packets),
    target("rtf", mail::rtf, seeds::rich_texts),
    target("calendar", mail::calendar, seeds::calendars),
    target("yara", yara::yara, yara::seeds),
    target("sigma", sigma::sigma, sigma::seeds),
    target("sigma_condition", sigma::sigma_condition, sigma::seeds),
    target("sigma_query", sigma::sigma_query, sigma::expressions),
    target("sigma_pipeline", sigma::sigma_pipeline, sigma::seeds),
    target("sigma_cache", sigma::sigma_cache, sigma::seeds),
    target("sigma_correlation", sigma::sigma_correlation, sigma::seeds),
    target("smime", mail::smime, seeds::signed),
    target("image", mail::image, seeds::pictures),
    target("unwrap", mail::unwrap, seeds::links),
    target("shortcut", documents::shortcut, seeds::shortcuts),
    target("script", documents::script, seeds::scripts),
    target("rich_document", documents::rich_document, seeds::rich_documents),
    target("disc", documents::disc, seeds::discs),
    target("notebook", documents::notebook, seeds::notebooks),
    target("old_office", documents::old_office, seeds::old_offices),
    target("pe", executable::pe, executable::seeds_of_pe),
    target("signature", executable::signature, executable::seeds_of_signatures),
    target("binaries", executable::binaries, executable::seeds_of_binaries),
    target("bytecode", executable::bytecode, executable::seeds_of_bytecode),
    target("cabinet", executable::cabinet, executable::seeds_of_cabinets),
    target("installer", executable::installer, executable::seeds_of_installers),
    target("similar", executable::similar, seeds::anything),
    target("capture_file", capture::capture_file, capture::seeds_of_files),
    target("capture_flows", capture::capture_flows, capture::seeds_of_flows),
    target("capture_filter", expression::capture_filter, expression::filters),
    target("capture_where", expression::capture_where, expression::seeds_of_records),
    target("capture_frame", capture::capture_frame, capture::seeds_of_frames),
    target("anomaly_model", anomaly::anomaly_model, anomaly::seeds_of_models),
    target("templates", anomaly::templates, anomaly::seeds_of_lines),
    target("log", logs::log, logs::seeds),
    target("log_evtx", logs::log_evtx, logs::seeds_of_evtx),
    target("parquet", parquet::parquet, parquet::seeds),
    target("log_user", logs::log_user, logs::seeds_of_users),
    target("logs", logs::logs, logs::seeds),
    target("log_table", logs::log_table, logs::seeds),
    target("triage", triage, seeds::anything),
];

const fn target(name: &'static str, run: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> Target {
    Target { name, run, seeds }
}

/// Small enough that a bomb ends at once.
fn limits() -> Limits {
    Limits {
        depth: 6,
        artifacts: 200,
        unpacked: 24 << 20,
        artifact_size: 8 << 20,
        dictionary: 16 << 20,
        records: 100_000,
        ..Limits::default()
    }
}

fn length(bytes: &[u8]) -> u64 {
    bytes.len() as u64
}

/// Offsets are inside the text, point at `raw`, come in order, and both ways of asking agree.
pub fn extract(data: &[u8]) {
    let extractor = Extractor::new(Options {
        types: watchfire_model::TypeSet::all(),
        ..Options::default()
    });
    let mut each = Vec::new();
    extractor.each(data, &mut |seen| each.push(seen));
    for seen in &each {
        points_at_its_text(data, seen);
    }
    assert!(
        each.windows(2)
            .all(|pair| pair.first().map(place) <= pair.last().map(place)),
        "occurrences are out of order"
    );
    let distinct = extractor.extract(data);
    assert_eq!(distinct.bytes, length(data), "bytes are miscounted");
    assert_eq!(distinct.occurrences, length_of(&each), "occurrences are miscounted");
    let total: u64 = distinct.observed.iter().map(|seen| seen.count).sum();
    assert_eq!(total, distinct.occurrences, "counts do not add up");
    let values: BTreeSet<_> = each.iter().map(|seen| &seen.observable).collect();
    let listed: BTreeSet<_> = distinct.observed.iter().map(|seen| &seen.observable).collect();
    assert_eq!(values, listed, "each() and extract() disagree");
    assert_eq!(listed.len(), distinct.observed.len(), "an observable is listed twice");
}

fn length_of<T>(items: &[T]) -> u64 {
    items.len() as u64
}

fn place(seen: &Observed) -> u64 {
    seen.span.start
}

/// `raw` is what stands at `start..end`, and the line is the line of `start`.
fn points_at_its_text(data: &[u8], seen: &Observed) {
    let Span { start, end } = seen.span;
    let range = usize::try_from(start).unwrap_or(usize::MAX)..usize::try_from(end).unwrap_or(usize::MAX);
    let there = data.get(range.clone()).unwrap_or_default();
    assert!(
        !there.is_empty(),
        "{:?} has no text at {start}..{end}",
        seen.observable.kind()
    );
    if !matches!(
        seen.encoding,
        Some(watchfire_model::Encoding::Utf16Le | watchfire_model::Encoding::Utf16Be)
    ) {
        assert_eq!(
            seen.raw.raw(),
            String::from_utf8_lossy(there),
            "{:?}: offsets do not point at raw",
            seen.observable.kind()
        );
        let before = data.get(..range.start).unwrap_or_default();
        let line = 1 + length_of(&before.iter().filter(|byte| **byte == b'\n').collect::<Vec<_>>());
        assert_eq!(seen.line, line, "{:?}: wrong line", seen.observable.kind());
    }
    let again = watchfire_model::Observable::parse(seen.observable.kind(), seen.observable.raw());
    if seen.observable.pattern().is_none() {
        assert_eq!(
            again.as_ref().map(watchfire_model::Observable::raw),
            Ok(seen.observable.raw()),
            "{:?}: the normal form is not stable",
            seen.observable.kind()
        );
    }
}

/// However a text is cut, what is found in it is the same; so it is with two threads.
pub fn split(data: &[u8]) {
    let extractor = Extractor::new(Options::default());
    let mut whole = Vec::new();
    extractor.each(data, &mut |seen| whole.push(seen));
    // The cuts follow from the data, so that a finding repeats.
    let mut random = crate::Random::new(u64::from(crc32fast::hash(data)));
    let mut pieces = Vec::new();
    let mut session = extractor.session();
    let mut rest = data;
    while !rest.is_empty() {
        let cut = random.index(rest.len().min(97)).saturating_add(1);
        let Some((piece, more)) = rest.split_at_checked(cut) else {
            break;
        };
        session.push(piece, &mut |seen| pieces.push(seen));
        rest = more;
    }
    session.finish(&mut |seen| pieces.push(seen));
    assert_eq!(whole, pieces, "the cuts changed what was found");
    let once = extractor.extract_reader(&mut &*data, 1).map(|found| found.observed);
    let twice = extractor.extract_reader(&mut &*data, 2).map(|found| found.observed);
    assert_eq!(once.ok(), twice.ok(), "the threads changed what was found");
}

/// What defanging does, refanging undoes; and defanged text holds nothing to click.
pub fn refang(data: &[u8]) {
    let plain = refang_text(data);
    if plain == data {
        let back = refang_text(&defang_text(data));
        assert_eq!(
            String::from_utf8_lossy(&back),
            String::from_utf8_lossy(data),
            "refang does not undo defang"
        );
    }
}

/// Any bytes get a type.
pub fn identify(data: &[u8]) {
    let found = identification::identify(data, &Hints::default());
    assert!(
        found.media_type.0.contains('/'),
        "'{}' is no media type",
        found.media_type
    );
    text::is_plausible(data);
}

/// Every character knows the byte it came from.
pub fn decode(data: &[u8]) {
    for charset in [None, Some("utf-16le"), Some("windows-1252"), Some("shift_jis")] {
        let decoded = text::decode(data, charset);
        let mut before = 0;
        for (offset, _) in decoded.text.char_indices().step_by(61) {
            let source = decoded.source_offset(offset);
            assert!(
                source >= before && source <= data.len(),
                "offset {offset} came from {source}"
            );
            before = source;
        }
    }
}

/// HTML, in whatever character set.
pub fn html(data: &[u8]) {
    read_document(media::HTML, data);
}

/// PDF.
pub fn pdf(data: &[u8]) {
    read_document(media::PDF, data);
}

/// Office Open XML and OpenDocument.
pub fn office(data: &[u8]) {
    for kind in [media::DOCX, media::XLSX, media::XLSB, media::PPTX, media::ODT] {
        read_document(kind, data);
    }
}

fn read_document(kind: MediaType, data: &[u8]) {
    if !document::handles(kind) {
        return;
    }
    let budget = Budget::new(limits());
    let read = document::read(kind, data, &Hints::default(), &budget);
    for member in &read.embedded {
        assert!(
            length(&member.bytes) <= limits().artifact_size,
            "an embedded file is too large"
        );
    }
    spent_within(&budget);
}

/// Zip.
pub fn zip(data: &[u8]) {
    unpack(media::ZIP, data);
}

/// 7z.
pub fn seven_zip(data: &[u8]) {
    unpack(media::SEVEN_ZIP, data);
}

/// Tar.
pub fn tar(data: &[u8]) {
    unpack(media::TAR, data);
}

/// RAR, as far as it is read.
pub fn rar(data: &[u8]) {
    unpack(media::RAR, data);
}

/// Single compressed streams.
pub fn streams(data: &[u8]) {
    for kind in [
        media::GZIP,
        media::ZLIB,
        media::BZIP2,
        media::XZ,
        media::LZMA,
        media::ZSTD,
        media::LZ4,
    ] {
        unpack(kind, data);
    }
}

pub(in crate::fuzz) fn unpack(kind: MediaType, data: &[u8]) {
    if !archive::handles(kind) {
        return;
    }
    let budget = Budget::new(limits());
    let hints = Hints {
        passwords: vec![Password::new(*b"infected")],
        ..Hints::default()
    };
    let _ = archive::read(kind, data, &hints, &budget, &mut Sink);
    as_it_comes(data);
    spent_within(&budget);
}

/// The same, file by file: every step advances, and reading ends.
fn as_it_comes(data: &[u8]) {
    let budget = Budget::new(limits());
    let mut tar = archive::TarStream::new(data);
    while let Ok(Some(_)) = tar.next_member() {
        let _ = std::io::copy(&mut tar, &mut std::io::sink());
    }
    let (zip, _) = archive::zip::Zip::open(data, &budget);
    for entry in zip.entries() {
        if let Ok(mut content) = zip.content(entry, &budget) {
            let _ = std::io::copy(&mut content, &mut std::io::sink());
            let _ = (content.problem(), content.halted());
        }
    }
}

fn spent_within(budget: &Budget) {
    // The chunk that went over the limit is counted before it is refused.
    let most = limits().unpacked.saturating_add(1 << 20);
    assert!(budget.unpacked() <= most, "{} bytes were unpacked", budget.unpacked());
}

struct Sink;

impl MemberSink for Sink {
    fn member(&mut self, member: Member) -> Result<(), Halt> {
        assert!(length(&member.bytes) <= limits().artifact_size, "a member is too large");
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        assert!(!problem.code.is_empty(), "a problem has no code");
    }
}

/// Every format of feeds: what is handed over is counted, cut and not what was refused.
pub fn feeds(data: &[u8]) {
    for format in feed::FORMATS {
        let mut taken = 0;
        let options = feed::Options {
            record: 1 << 20,
            ..feed::Options::default()
        };
        let intake = format.read(&mut &*data, &options, &mut |indicator| {
            taken += 1;
            assert!(
                indicator.threat.raw().len() <= Indicator::MAX_THREAT,
                "a threat is too long"
            );
            assert!(
                indicator.reference.raw().len() <= Indicator::MAX_REFERENCE,
                "a reference is too long"
            );
            assert!(indicator.confidence.is_none_or(|percent| percent <= 100));
        });
        if let Ok(intake) = intake {
            assert_eq!(
                intake.indicators,
                taken,
                "{}: indicators are miscounted",
                format.info().name
            );
        }
    }
    feed::detect(data, "");
    let _ = feed::misp_manifest(&mut &*data, &feed::Options::default());
}

/// Nothing is verified that was not signed, and what is signed is read or refused.
pub fn bundle(data: &[u8]) {
    let Ok(key) = bundle::SecretKey::from_random([1; 32], [2; 8]) else {
        return;
    };
    let text = String::from_utf8_lossy(data);
    assert!(
        bundle::verify(&mut &*data, &text, &[key.public()]).is_err(),
        "unsigned bytes are believed"
    );
    let Ok(signature) = key.sign(&mut &*data, "fuzz") else {
        return;
    };
    if let Ok(verified) = bundle::verify(&mut &*data, &signature, &[key.public()]) {
        let _ = verified.read(&mut std::io::Cursor::new(data), &mut |_| {
            Ok(Box::new(std::io::sink()) as Box<dyn std::io::Write>)
        });
    }
}

/// Lists of harmless files and Bloom filters: what is taken in can be opened and asked, and so can whatever is damaged.
pub fn known_files(data: &[u8]) {
    let mut packed = Vec::new();
    // So few digests need no folder.
    let taken = known::pack(&mut &*data, std::path::Path::new(""), &mut packed);
    let ask = |list: &known::KnownFiles| {
        let sha1 = Some([0x5a; 20]);
        let _ = list.held(&[0xa5; 32], &Digests { sha1, md5: None });
        list.len()
    };
    if let Ok(taken) = taken {
        let list = known::KnownFiles::of(Backing::Memory(packed));
        let held = list.as_ref().map_or(u64::MAX, ask);
        assert_eq!(
            held,
            taken.sha1.saturating_add(taken.sha256),
            "what was taken in is not there"
        );
    }
    if let Ok(list) = known::KnownFiles::of(Backing::Memory(data.to_vec())) {
        ask(&list);
    }
}

/// Tables of hosts and reports of Nmap: what is handed over is bounded, and contents of bundles are read or refused.
pub fn inventory(data: &[u8]) {
    let mut each = |entry: inventory::Entry| {
        assert!(
            entry.addresses.len() <= 256 && entry.asset.notes.len() <= 50,
            "a host without bounds"
        );
        Vec::new()
    };
    let _ = inventory::read(&mut &*data, None, &mut each);
    let _ = inventory::read_nmap(&mut &*data, &mut each);
    if let Ok(map) = inventory::AssetColumns::parse("host=1,address=2+3,note=4") {
        let _ = inventory::read(&mut &*data, Some(&map), &mut each);
    }
    let _ = inventory::AssetColumns::parse(&String::from_utf8_lossy(data));
    let _ = bundle::Contents::from_json(data, &[]);
}

/// The whole engine: no analyzer may panic, although a panic would be contained.
pub fn triage(data: &[u8]) {
    let engine = Engine::new(Settings {
        limits: limits(),
        ..Settings::default()
    });
    let artifact = Artifact::new(data.to_vec(), Origin::root("fuzz"), Hints::default());
    let analysis = engine.analyze(artifact, &engine.budget());
    for diagnostic in &analysis.diagnostics {
        assert!(!diagnostic.code.ends_with("-panic"), "{}", diagnostic.message.raw());
    }
    assert!(!analysis.artifacts.is_empty(), "the root is not in its own analysis");
}
