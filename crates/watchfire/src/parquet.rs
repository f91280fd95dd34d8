//! Parquet among inputs that are read as logs: its rows as lines of JSON, which are read like any others.
//!
//! What a file holds is said at its end. Files and members of archives are read where they are; what comes as a stream, or is
//! packed, is written out first, to a file that only its owner can read and that is gone with the run.

use crate::packed;
use crate::unpacked::Damage;
use std::io::{self, Read};
use std::sync::PoisonError;
use watchfire_formats::parquet::{Places, Rows};
use watchfire_model::{Budget, Limits, Problem};

/// The first bytes of a file.
pub(crate) const MAGIC: &[u8] = b"PAR1";

/// Its rows, which are looked for when the first is asked for.
pub(crate) struct Lines<'r> {
    state: State<'r>,
    budget: &'r Budget,
    damage: Damage,
}

enum State<'r> {
    Stream(Box<dyn Read + 'r>),
    Places(Box<dyn Places + 'r>),
    Rows(Box<Rows<'r>>),
    Ended,
}

impl<'r> Lines<'r> {
    /// Of a file that is read where it is.
    pub(crate) fn of_file(file: Box<dyn Places + 'r>, budget: &'r Budget, damage: &Damage) -> Self {
        Self::new(State::Places(file), budget, damage)
    }

    /// Of what can be read from its beginning only.
    pub(crate) fn of_stream(stream: Box<dyn Read + 'r>, budget: &'r Budget, damage: &Damage) -> Self {
        Self::new(State::Stream(stream), budget, damage)
    }

    fn new(state: State<'r>, budget: &'r Budget, damage: &Damage) -> Self {
        Self {
            state,
            budget,
            damage: Damage::clone(damage),
        }
    }

    fn tell(&self, problem: Problem) {
        let mut damage = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        if !damage.contains(&problem) {
            damage.push(problem);
        }
    }

    fn open(&self, places: Box<dyn Places + 'r>) -> io::Result<State<'r>> {
        Ok(match Rows::open(places, self.budget)? {
            Ok(rows) => State::Rows(Box::new(rows)),
            Err(problem) => {
                self.tell(problem);
                State::Ended
            }
        })
    }

    fn write_out(&self, mut stream: Box<dyn Read + 'r>) -> io::Result<State<'r>> {
        let most = Limits::default().unpacked;
        if let Some(file) = packed::written_out(&mut stream, most)? {
            return Ok(State::Places(Box::new(file)));
        }
        let most = crate::bytes(most);
        let why =
            format!("the Parquet file comes packed or as a stream and is longer than {most}; unpack it to a file");
        self.tell(Problem::warning("parquet-unread", why));
        Ok(State::Ended)
    }
}

impl Read for Lines<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            self.state = match std::mem::replace(&mut self.state, State::Ended) {
                State::Stream(stream) => self.write_out(stream)?,
                State::Places(places) => self.open(places)?,
                State::Rows(mut rows) => {
                    let count = rows.read(into)?;
                    if count > 0 || into.is_empty() {
                        self.state = State::Rows(rows);
                        return Ok(count);
                    }
                    rows.problems().iter().for_each(|problem| self.tell(problem.clone()));
                    if let Some(halt) = rows.halted() {
                        let why = format!("{halt} while its rows were read");
                        self.tell(Problem::warning("parquet-cut", why));
                    }
                    State::Ended
                }
                State::Ended => return Ok(0),
            };
        }
    }
}
