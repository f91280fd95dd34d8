//! Knowledge from the network: a signed bundle from the address that the configuration names, if it has changed.

use crate::bundles::{self, Arrived, ImportedBundle};
use crate::{Config, Problem, feeds, online};
use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use watchfire_model::Untrusted;
use watchfire_model::transport::{Request, Response};
use watchfire_store::{Bundle, FeedUrl, Fetched};

/// A bundle is no larger on its way. Bytes.
const LARGEST: usize = 1 << 30;
/// Nor is a signature.
const SIGNATURE: usize = 64 << 10;

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
    let plain = feeds::loopback(url.as_str()).into_iter().collect();
    let http = online::http(&config.network()?, plain)?;
    let runtime = online::runtime()?;
    let mut request = Request::get(url.as_str());
    request.limit = LARGEST;
    if let Some(last) = last(config, &url)? {
        for (header, value) in [("If-None-Match", last.etag), ("If-Modified-Since", last.last_modified)] {
            if let Some(value) = value {
                request = request.header(header, value.raw());
            }
        }
    }
    let response = runtime.block_on(feeds::follow(request, &http))?;
    if response.status == 304 {
        return Ok(KnowledgeUpdate::Unchanged);
    }
    good(&response, url.as_str())?;
    let beside = format!("{}.minisig", url.as_str());
    let mut request = Request::get(beside.as_str());
    request.limit = SIGNATURE;
    let signature = runtime.block_on(feeds::follow(request, &http))?;
    good(&signature, &beside)?;
    let validator = |name: &str| response.header(name).map(Untrusted::from);
    let fetched = Fetched {
        etag: validator("etag"),
        last_modified: validator("last-modified"),
        url: url.clone(),
    };
    take(config, &response, &String::from_utf8_lossy(&signature.body), fetched).map(KnowledgeUpdate::New)
}

/// What the newest bundle in use from that address was asked with.
fn last(config: &Config, url: &FeedUrl) -> Result<Option<Fetched>, Problem> {
    let newest =
        |bundle: &Bundle| bundle.withdrawn.is_none() && bundle.fetched.as_ref().is_some_and(|it| it.url == *url);
    let found = bundles::bundles(config)?.into_iter().find(newest);
    Ok(found.and_then(|bundle| bundle.fetched))
}

fn good(response: &Response, url: &str) -> Result<(), Problem> {
    match response.status {
        200 => Ok(()),
        status => Err(Problem::new(format!("'{url}' answers with HTTP {status}")).hint("what was there stays in use")),
    }
}

/// A bundle is read twice, so it goes through a file that only its owner can read and that is gone afterwards.
fn take(config: &Config, response: &Response, signature: &str, fetched: Fetched) -> Result<ImportedBundle, Problem> {
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
    let written = file
        .write_all(&response.body)
        .and_then(|()| file.seek(SeekFrom::Start(0)).map(drop));
    let url = fetched.url.as_str().to_owned();
    let taken = written.map_err(failed).and_then(|()| {
        let arrived = Arrived {
            called: &url,
            signature,
            fetched: Some(fetched),
        };
        bundles::take(config, &mut file, arrived)
    });
    drop(file);
    let _ = fs::remove_file(&path);
    taken
}
