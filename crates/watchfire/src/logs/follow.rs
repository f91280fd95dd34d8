//! Logs that somebody else still writes, as news for those who read them.
//!
//! Files are asked in turn, a block of each, and again a while after none of them had more. Streams are read by a thread
//! each, so that one that is silent keeps nobody waiting, and so that whoever asks to end is heard.

use super::{LOGS, is_log};
use crate::rules::{Changed, RuleWatch, Sigma};
use crate::sequence::{Piece, Sequence};
use crate::triage::{Root, hints};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;
use watchfire_analysis::logs::{LogNews, LogRules, Told};
use watchfire_formats::identify::{identify, media};
use watchfire_model::{Hints, Untrusted};
use watchfire_sources::live::Stop;
use watchfire_sources::{Follow, Grown, Restart, Source};

/// How long to wait when nothing is new.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes that are read at once, of a file and of a stream.
const BLOCK: usize = 1 << 20;
const PIECE: usize = 64 << 10;
/// Pieces of a stream that wait to be looked at.
const WAITING: usize = 4;

/// Where the bytes come from.
enum Flow {
    File(Follow),
    Stream(Receiver<io::Result<Vec<u8>>>),
}

/// A log that grows.
struct Growing {
    flow: Flow,
    name: Untrusted,
    hints: Hints,
    /// Its number, once its first bytes were seen and are those of a log.
    number: Option<usize>,
    /// Something came since it was said that nothing does.
    is_stirred: bool,
}

/// What became of all of them, one after the other.
pub(super) struct News<'s, 'w> {
    sequence: &'s mut Sequence<'w>,
    stop: &'s Stop,
    growing: VecDeque<Growing>,
    begun: usize,
    told: VecDeque<LogNews>,
    block: Vec<u8>,
    /// How many were asked since one of them had something.
    idle: usize,
    /// Rules that may change, and which of them are told.
    rules: Option<RuleWatch>,
    tells: Told,
    /// Those that were in use, behind those of the start.
    pub(super) used: Vec<Arc<Sigma>>,
}

impl<'s, 'w> News<'s, 'w> {
    pub(super) fn new(sequence: &'s mut Sequence<'w>, stop: &'s Stop, rules: Option<RuleWatch>, tells: Told) -> Self {
        let mut growing = VecDeque::new();
        while let Some(piece) = sequence.waiting.pop_front() {
            let opened = match piece {
                Piece::Root(Root::Failed(error)) => Err(error),
                Piece::Root(Root::Source(source)) => open(source),
                // Files of archives do not grow, and archives are not looked into.
                Piece::Member(_) => continue,
            };
            match opened {
                Ok(one) => growing.push_back(one),
                Err(error) => sequence.fail(&error),
            }
        }
        Self {
            sequence,
            stop,
            growing,
            begun: 0,
            told: VecDeque::new(),
            block: vec![0; BLOCK],
            idle: 0,
            rules,
            tells,
            used: Vec::new(),
        }
    }

    /// Rules that have changed.
    fn changed(&mut self) -> Option<LogNews> {
        match self.rules.as_mut()?.poll()? {
            Changed::New(sigma, said) => {
                let progress = self.sequence.progress;
                progress.note(&format!("{said}; correlations begin anew"));
                let rules = LogRules::new(Arc::clone(&sigma.program), self.tells);
                self.used.push(sigma);
                Some(LogNews::Rules(Arc::new(rules)))
            }
            Changed::Bad(why) => {
                let progress = self.sequence.progress;
                progress.note(&format!(
                    "rules changed and are not taken: {why}; those from before stay in use"
                ));
                None
            }
        }
    }

    /// What comes next; nothing, when all have ended or somebody asked to end.
    pub(super) fn next(&mut self) -> Option<LogNews> {
        loop {
            if let Some(news) = self.told.pop_front() {
                return Some(news);
            }
            if self.stop.is_set() {
                return None;
            }
            if let Some(news) = self.changed() {
                return Some(news);
            }
            let wait = self.idle >= self.growing.len();
            let mut one = self.growing.pop_front()?;
            if wait {
                self.idle = 0;
            }
            match poll(&mut one, &mut self.block, wait) {
                Polled::Data(bytes) => {
                    self.idle = 0;
                    if self.take(&mut one, bytes) {
                        self.growing.push_back(one);
                    }
                }
                Polled::Idle => {
                    self.idle += 1;
                    if std::mem::take(&mut one.is_stirred) {
                        self.told.extend(one.number.map(LogNews::Paused));
                    }
                    self.growing.push_back(one);
                }
                Polled::Restarted(restart) => {
                    self.idle = 0;
                    let name = one.name.shown(200);
                    self.sequence.progress.note(&match restart {
                        Restart::Truncated => format!("'{name}' was truncated; reading it from its start"),
                        Restart::Rotated => format!("'{name}' is a new file; reading it from its start"),
                    });
                    self.told.extend(one.number.map(LogNews::Restarted));
                    self.growing.push_back(one);
                }
                Polled::Ended(failed) => {
                    self.idle = 0;
                    self.begin(&mut one);
                    self.told
                        .extend(one.number.map(|number| LogNews::Ended(number, failed)));
                }
            }
        }
    }

    /// Bytes of a log. Whether it is one.
    fn take(&mut self, one: &mut Growing, bytes: Vec<u8>) -> bool {
        if one.number.is_none() {
            let head = bytes.get(..LOGS.head).unwrap_or(&bytes);
            let media_type = identify(head, &one.hints).media_type;
            // Parquet is written once, with what it holds at its end.
            if media_type == media::PARQUET || !is_log(head, media_type) {
                self.sequence.none(&one.name, media_type);
                return false;
            }
            self.begin(one);
        }
        one.is_stirred = true;
        self.sequence.progress.advance(bytes.len() as u64);
        self.told.extend(one.number.map(|number| LogNews::Grown(number, bytes)));
        true
    }

    fn begin(&mut self, one: &mut Growing) {
        if one.number.is_none() {
            one.number = Some(self.begun);
            self.begun += 1;
            self.sequence.read += 1;
            self.told.push_back(LogNews::Begun(one.name.clone()));
        }
    }
}

/// What was found.
enum Polled {
    Data(Vec<u8>),
    Idle,
    Restarted(Restart),
    Ended(Option<io::Error>),
}

/// Asks one for what is new. Nothing was new anywhere, where `wait`.
fn poll(one: &mut Growing, block: &mut [u8], wait: bool) -> Polled {
    match &mut one.flow {
        Flow::File(follow) => {
            if wait {
                thread::sleep(PAUSE);
            }
            match follow.poll(block) {
                Ok(Grown::Data(count)) => Polled::Data(block.get(..count).unwrap_or_default().to_vec()),
                Ok(Grown::Idle) => Polled::Idle,
                Ok(Grown::Restarted(restart)) => Polled::Restarted(restart),
                Ok(Grown::Ended) => Polled::Ended(None),
                Err(error) => Polled::Ended(Some(io::Error::other(error.to_string()))),
            }
        }
        Flow::Stream(pieces) => {
            let came = if wait {
                pieces
                    .recv_timeout(PAUSE)
                    .map_err(|error| error == RecvTimeoutError::Disconnected)
            } else {
                pieces.try_recv().map_err(|error| error == TryRecvError::Disconnected)
            };
            match came {
                Ok(Ok(bytes)) => Polled::Data(bytes),
                Ok(Err(error)) => Polled::Ended(Some(error)),
                Err(true) => Polled::Ended(None),
                Err(false) => Polled::Idle,
            }
        }
    }
}

fn open(source: Source) -> Result<Growing, watchfire_sources::SourceError> {
    let (name, hints) = (source.name().clone(), hints(&source));
    let flow = match source.size() {
        Some(_) => Flow::File(Follow::open(source)?),
        None => Flow::Stream(stream(source.open()?)),
    };
    Ok(Growing {
        flow,
        name,
        hints,
        number: None,
        is_stirred: false,
    })
}

/// The pieces of a stream as they come. The thread ends with the stream, or when nobody listens any more.
fn stream(mut reader: watchfire_sources::Reader) -> Receiver<io::Result<Vec<u8>>> {
    let (send, pieces) = sync_channel(WAITING);
    thread::spawn(move || {
        let mut piece = vec![0; PIECE];
        loop {
            let came = match reader.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => Ok(piece.get(..count).unwrap_or_default().to_vec()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let is_over = came.is_err();
            if send.send(came).is_err() || is_over {
                break;
            }
        }
    });
    pieces
}
