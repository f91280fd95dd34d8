//! `watchfire defang`: network values made harmless.

use super::filter;
use crate::args::{FilterArgs, GlobalArgs};
use crate::exit::{Exit, Failure};

pub(crate) fn run(args: &FilterArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    filter::run(args, global, watchfire::defang)
}
