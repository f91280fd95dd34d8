//! `watchfire schema`: the JSON Schemas of what Watchfire writes.

use crate::args::SchemaArgs;
use crate::exit::{Exit, Failure};
use std::io::{self, Write};
use watchfire::Problem;
use watchfire::schema::SCHEMAS;

pub(crate) fn run(args: &SchemaArgs) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let Some(name) = &args.name else {
        for schema in SCHEMAS {
            writeln!(out, "{:<14}{}", schema.name, schema.describes)?;
        }
        return Ok(Exit::Done);
    };
    let bare = name.strip_prefix("watchfire.").unwrap_or(name);
    let bare = bare.split('/').next().unwrap_or(bare);
    let Some(schema) = SCHEMAS.iter().find(|schema| schema.name == bare) else {
        let known: Vec<&str> = SCHEMAS.iter().map(|schema| schema.name).collect();
        return Err(Problem::unknown("schema", name, &known).into());
    };
    out.write_all(schema.text.as_bytes())?;
    Ok(Exit::Done)
}
