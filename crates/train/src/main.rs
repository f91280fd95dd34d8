//! `watchfire-train`: makes a phishing model of folders of mail, and measures one.
//!
//! ```text
//! watchfire-train phishing --ham DIR… --phish DIR… --out FILE [--seed N] [--name NAME] [--no-synthetic]
//! watchfire-train evaluate --ham NAME=DIR… --phish NAME=DIR… [--model FILE]
//! ```
//!
//! A folder may end in `@0` or `@1`: half of its mails, by a checksum of their bytes, so that one half can be learned from
//! and the other measured on. In training it may also end in `*N`: each of its mails counts N times. The same folders
//! and seed give the same file.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool for the terminal")]

mod corpus;
mod learn;
mod synthetic;

use corpus::{Example, Source};
use std::process::ExitCode;
use watchfire_phishing::Model;
use watchfire_phishing::measure::{Evaluation, at_least, auc, threshold_for};

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            eprintln!(
                "hint: watchfire-train phishing --ham DIR… --phish DIR… --out FILE, or evaluate --ham NAME=DIR… --phish NAME=DIR…"
            );
            ExitCode::from(2)
        }
    }
}

/// Arguments as typed.
struct Arguments {
    ham: Vec<String>,
    phish: Vec<String>,
    out: Option<String>,
    model: Option<String>,
    name: String,
    seed: u64,
    synthetic: bool,
}

fn read(arguments: &[String]) -> Result<Arguments, String> {
    let mut read = Arguments {
        ham: Vec::new(),
        phish: Vec::new(),
        out: None,
        model: None,
        name: "own".to_owned(),
        seed: 1,
        synthetic: true,
    };
    let mut option = "";
    for argument in arguments {
        if argument == "--no-synthetic" {
            read.synthetic = false;
        } else if argument.starts_with("--") {
            option = argument;
        } else {
            match option {
                "--ham" => read.ham.push(argument.clone()),
                "--phish" => read.phish.push(argument.clone()),
                "--out" => read.out = Some(argument.clone()),
                "--model" => read.model = Some(argument.clone()),
                "--name" => read.name.clone_from(argument),
                "--seed" => read.seed = argument.parse().map_err(|_| format!("'{argument}' is not a number"))?,
                _ => return Err(format!("what is '{argument}' for?")),
            }
        }
    }
    if read.ham.is_empty() || read.phish.is_empty() {
        return Err("mails of both kinds are needed".to_owned());
    }
    Ok(read)
}

fn run(arguments: &[String]) -> Result<(), String> {
    match arguments.split_first() {
        Some((verb, rest)) if verb == "phishing" => train(&read(rest)?),
        Some((verb, rest)) if verb == "evaluate" => evaluate(&read(rest)?),
        _ => Err("what is to be done?".to_owned()),
    }
}

fn train(arguments: &Arguments) -> Result<(), String> {
    let out = arguments.out.as_deref().ok_or("where to? pass --out FILE")?;
    let mut examples = Vec::new();
    for (folders, is_phish) in [(&arguments.ham, false), (&arguments.phish, true)] {
        for folder in folders {
            let source = Source::parse(folder)?;
            let read = corpus::distinct(source.examples(is_phish)?);
            println!(
                "{:>6} {} {}",
                read.len(),
                if is_phish { "phish" } else { "ham  " },
                source.folder
            );
            examples.extend(read);
        }
    }
    if arguments.synthetic {
        let made = synthetic::examples(arguments.seed);
        println!("{:>6} made up", made.len());
        examples.extend(made);
    }
    let model = learn::model(&examples, &arguments.name);
    let file = model.write();
    std::fs::write(out, &file).map_err(|error| format!("cannot write '{out}': {error}"))?;
    println!("{} bytes in {out}", file.len());
    Ok(())
}

/// One folder that is measured.
struct Measured {
    name: String,
    scores: Vec<f64>,
    probabilities: Vec<f64>,
}

fn measured(model: &Model, argument: &str, is_phish: bool) -> Result<Measured, String> {
    let (name, folder) = argument.split_once('=').unwrap_or((argument, argument));
    let examples: Vec<Example> = Source::parse(folder)?.examples(is_phish)?;
    let probability = |example: &Example| f64::from(model.score(&example.features).thousandths) / 1000.0;
    Ok(Measured {
        name: name.to_owned(),
        scores: examples.iter().map(|example| model.raw(&example.features)).collect(),
        probabilities: examples.iter().map(probability).collect(),
    })
}

fn evaluate(arguments: &Arguments) -> Result<(), String> {
    let model = match &arguments.model {
        Some(file) => {
            let bytes = std::fs::read(file).map_err(|error| format!("cannot read '{file}': {error}"))?;
            Model::read(&bytes).map_err(|why| format!("'{file}' is no model: {why}"))?
        }
        None => Model::embedded().as_ref().clone(),
    };
    let all = |folders: &[String], is_phish| -> Result<Vec<Measured>, String> {
        folders
            .iter()
            .map(|folder| measured(&model, folder, is_phish))
            .collect()
    };
    let (ham, phish) = (all(&arguments.ham, false)?, all(&arguments.phish, true)?);
    let join =
        |sets: &[Measured], of: fn(&Measured) -> &Vec<f64>| -> Vec<f64> { sets.iter().flat_map(of).copied().collect() };
    let found = join(&phish, |set| &set.scores);
    let at = threshold_for(&found, 0.95).unwrap_or_default();
    println!("| set | mails | AUC | flagged at 95 % recall | flagged at 0.5 | flagged at 0.9 |");
    println!("|---|---|---|---|---|---|");
    let row = |name: &str, scores: &[f64], probabilities: &[f64], other: &[f64], is_phish: bool| {
        let area = if is_phish {
            auc(other, scores)
        } else {
            auc(scores, other)
        };
        println!(
            "| {name} | {} | {} | {} | {} | {} |",
            scores.len(),
            area.map_or("—".to_owned(), |area| format!("{area:.4}")),
            at_least(scores, at),
            at_least(probabilities, 0.5),
            at_least(probabilities, 0.9)
        );
    };
    let legitimate = join(&ham, |set| &set.scores);
    phish
        .iter()
        .for_each(|set| row(&set.name, &set.scores, &set.probabilities, &legitimate, true));
    ham.iter()
        .for_each(|set| row(&set.name, &set.scores, &set.probabilities, &found, false));
    let evaluation = Evaluation {
        ham: join(&ham, |set| &set.probabilities),
        phish: join(&phish, |set| &set.probabilities),
    };
    row("all legitimate", &legitimate, &evaluation.ham, &found, false);
    println!("\n{}", evaluation.table());
    Ok(())
}
