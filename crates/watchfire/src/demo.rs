//! The demo on disk.

use crate::{Config, FeedChoice, Feeds, Problem, Published};
use std::fs;
use std::path::{Path, PathBuf};
use watchfire_model::Moment;
use watchfire_sources::Input;
use watchfire_testkit::demo;

/// The mark of a folder that Watchfire wrote and may write again.
const MARK: &str = ".watchfire-demo";
/// About the evidence, not part of it.
const ABOUT: &[&str] = &["expected.json", "watchfire.toml", "feeds"];

/// A demo that was written.
#[derive(Debug)]
pub struct Demo {
    /// Its folder.
    pub folder: PathBuf,
    /// How many files it has.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// What its organisation says about itself.
    pub config: PathBuf,
    /// What it remembers from one run to the next.
    pub data: PathBuf,
    /// The instant at which its story is told.
    pub as_of: &'static str,
    /// What to triage.
    pub inputs: Vec<Input>,
}

/// Writes the demo to `folder`. Refuses a folder that holds anything it did not write.
///
/// # Errors
/// When the folder is somebody else's or cannot be written.
pub fn demo(folder: &Path) -> Result<Demo, Problem> {
    let name = folder.display();
    let mark = folder.join(MARK);
    let ours = mark.is_file();
    let empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(Problem::of_file("write the demo to", folder, &error)),
    };
    if !ours && !empty {
        return Err(
            Problem::new(format!("cannot write the demo to '{name}': it holds something else"))
                .hint("name another folder: watchfire demo DIR"),
        );
    }
    let files = demo::files();
    let mut bytes = 0;
    let mut tops: Vec<&str> = Vec::new();
    let write = |path: &Path, content: &[u8]| {
        let folder = path.parent().unwrap_or(folder);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(path, content))
            .map_err(|error| Problem::of_file("write", path, &error))
    };
    write(&mark, b"Written by 'watchfire demo', which may write it again.\n")?;
    for file in &files {
        bytes += file.bytes.len() as u64;
        write(&folder.join(&file.path), &file.bytes)?;
        let top = file.path.split('/').next().unwrap_or(&file.path);
        if !ABOUT.contains(&top) && !tops.contains(&top) {
            tops.push(top);
        }
    }
    Ok(Demo {
        folder: folder.to_owned(),
        files: files.len(),
        bytes,
        config: folder.join("watchfire.toml"),
        data: folder.join("data"),
        as_of: demo::AS_OF,
        inputs: tops.into_iter().map(|top| Input::Path(folder.join(top))).collect(),
    })
}

impl Demo {
    /// Takes the demo's feeds into use where `config` keeps what is remembered, as they were fetched in the story. Those of
    /// an earlier run are replaced.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn import_feeds(&self, config: &Config) -> Result<Vec<Published>, Problem> {
        let import = |feed: &demo::DemoFeed| {
            let fetched =
                Moment::parse(feed.fetched).map_err(|why| Problem::new(format!("'{}' is {why}", feed.fetched)))?;
            let feeds = Feeds::open(config)?.at(fetched);
            let mut path = self.folder.clone();
            path.extend(Path::new(feed.path));
            let choice = FeedChoice {
                columns: Some(feed.columns.to_owned()),
                format: Some("csv".to_owned()),
                grade: Some(feed.grade.to_owned()),
                ..FeedChoice::default()
            };
            feeds.replace(&path, &choice)
        };
        demo::FEEDS.iter().map(import).collect()
    }
}
