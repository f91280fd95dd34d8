//! Knowledge from the network: a signed bundle from the address that the configuration names, if it has changed.

use crate::bundles::{self, Arrived, ImportedBundle};
use crate::feeds::Way;
use crate::{Config, Problem, network};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use watchfire_model::Untrusted;
use watchfire_store::{Bundle, FeedUrl, Fetched};

/// A bundle is no larger on its way. Bytes.
const LARGEST: u64 = 1 << 30;
/// Nor is a signature.
const SIGNATURE: u64 = 64 << 10;

/// What came of it.
#[derive(Clone, Debug)]
pub enum KnowledgeUpdate {
    /// A new bundle is in use.
    New(ImportedBundle),
    /// It is what it was.
    Unchanged,
}

/// Fetches the bundle that `knowledge.url` names and takes it in, feeds and all; its signature is asked for at the same
/// address with `.minisig` behind it.
///
/// # Errors
/// When no address is configured, the network is forbidden or fails, or the bundle is refused. What was there stays.
pub fn update(config: &Config) -> Result<KnowledgeUpdate, Problem> {
    let url = config.read_text("knowledge.url", FeedUrl::parse)?.ok_or_else(|| {
        Problem::new("no address is configured to fetch knowledge from")
            .hint("name one in watchfire.toml: url = \"https://…/intel.bundle\" below [knowledge]; watchfire knowledge import reads a file")
    })?;
    if config.switch("offline").unwrap_or(false) {
        return Err(Problem::new("knowledge cannot be fetched: the network is forbidden")
            .hint("watchfire knowledge import reads a file"));
    }
    // Without a key nothing that comes could be taken.
    config.bundle_keys()?;
    let http = network::http(&config.network()?, BTreeSet::new(), None)?;
    let runtime = network::runtime()?;
    let last = last(config, &url)?;
    let asked = |name, of: fn(&Fetched) -> Option<&Untrusted>| Some((name, last.as_ref().and_then(of)?.raw()));
    let validators: Vec<_> = [
        asked("If-None-Match", |last| last.etag.as_ref()),
        asked("If-Modified-Since", |last| last.last_modified.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let about = |problem: Problem, place: &str| {
        let problem = if last.is_some() {
            problem.and("what was there stays in use")
        } else {
            problem
        };
        problem.about(&format!("'{place}'"))
    };
    let way = Way::new(&http, &runtime, url.as_str(), LARGEST);
    let answer = way.get(url.as_str(), &validators);
    let answer = answer.map_err(|problem| about(problem, url.as_str()))?;
    if answer.status == 304 {
        return Ok(KnowledgeUpdate::Unchanged);
    }
    let validator = |name: &str| answer.header(name).map(Untrusted::from);
    let fetched = Fetched {
        etag: validator("etag"),
        last_modified: validator("last-modified"),
        url: url.clone(),
    };
    let signature = || {
        let beside = format!("{}.minisig", url.as_str());
        let way = Way::new(&http, &runtime, &beside, SIGNATURE);
        let mut signature = Vec::new();
        let asked = way.get(&beside, &[]).and_then(|signed| {
            let read = way.body(signed).read_to_end(&mut signature);
            read.map_err(|error| broken(&way, &error))
        });
        asked.map_err(|problem| about(problem, &beside))?;
        Ok(String::from_utf8_lossy(&signature).into_owned())
    };
    let mut body = way.body(answer);
    take(config, (&mut body, &way), &signature, fetched).map(KnowledgeUpdate::New)
}

/// Why a body ended early.
fn broken(way: &Way<'_>, error: &io::Error) -> Problem {
    way.stopped().unwrap_or_else(|| match error.kind() {
        io::ErrorKind::UnexpectedEof => Problem::new("the transfer was cut off"),
        _ => Problem::new(error.to_string()),
    })
}

/// What the newest bundle in use from that address was asked with.
fn last(config: &Config, url: &FeedUrl) -> Result<Option<Fetched>, Problem> {
    let newest =
        |bundle: &Bundle| bundle.withdrawn.is_none() && bundle.fetched.as_ref().is_some_and(|it| it.url == *url);
    let found = bundles::bundles(config)?.into_iter().find(newest);
    Ok(found.and_then(|bundle| bundle.fetched))
}

/// A bundle is read twice, so it goes through a file that only its owner can read and that is gone afterwards.
fn take(
    config: &Config,
    (body, way): (&mut dyn Read, &Way<'_>),
    signature: &dyn Fn() -> Result<String, Problem>,
    fetched: Fetched,
) -> Result<ImportedBundle, Problem> {
    let folder = config.data_folder().unwrap_or_default();
    let path = folder.join(format!(".knowledge.{}.part", std::process::id()));
    let failed = |error: std::io::Error| Problem::of_file("keep what was fetched in", &path, &error);
    watchfire_sources::create_private_folder(&folder).map_err(failed)?;
    let mut options: OpenOptions = watchfire_sources::private_file();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)
        .map_err(failed)?;
    let written = copy(body, &mut file, &failed, way);
    let written = written.and_then(|()| file.seek(SeekFrom::Start(0)).map(drop).map_err(failed));
    let url = fetched.url.as_str().to_owned();
    let taken = written.and_then(|()| signature()).and_then(|signature| {
        let arrived = Arrived {
            called: &url,
            signature: &signature,
            fetched: Some(fetched),
        };
        bundles::take(config, &mut file, arrived)
    });
    drop(file);
    let _ = fs::remove_file(&path);
    taken
}

/// Copies what comes to a file, and says on which side it went wrong.
fn copy(
    body: &mut dyn Read,
    file: &mut File,
    failed: &dyn Fn(io::Error) -> Problem,
    way: &Way<'_>,
) -> Result<(), Problem> {
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = body.read(&mut piece).map_err(|error| broken(way, &error))?;
        match piece.get(..read) {
            None | Some([]) => return Ok(()),
            Some(piece) => file.write_all(piece).map_err(failed)?,
        }
    }
}
