//! Old office documents and the macro projects of new ones: macros with their source, formulas of Excel 4 macros, embedded
//! files, commands to other programs.
//!
//! Every module becomes an artifact of its own and is read like any script. The text of old documents is read as strings.

use super::binary::strings_in;
use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::context::Reading;
use crate::locate::Pieces;
use watchfire_formats::identify::media;
use watchfire_formats::office::encrypted::{self, Opened};
use watchfire_formats::office::{self, Acting, Office};
use watchfire_formats::script;
use watchfire_model::{
    ActiveKind, Artifact, Confidence, DocumentFacts, Fact, Halt, Hints, MacroFacts, MediaType, Member, Password,
    Problem, Unlocked, Untrusted, Via,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct OldOffice;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "office",
    describes: "Word, Excel and PowerPoint 97-2003 and macro projects: macros, Excel 4 macros, DDE, embedded objects",
};

/// Compiled code of a module that has procedures is longer than this.
const COMPILED: u64 = 3_000;

impl Analyzer for OldOffice {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        matches!(
            media_type,
            media::DOC | media::XLS | media::PPT | media::VSD | media::CFB | media::ENCRYPTED_OOXML
        )
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let passwords: Vec<_> = cx
            .candidates()
            .iter()
            .map(|candidate| candidate.password.clone())
            .collect();
        let read = office::read(artifact.bytes(), &passwords, cx.budget());
        read.problems.iter().for_each(|problem| cx.report(problem.clone()));
        if cx.media_type() == media::ENCRYPTED_OOXML {
            return unlock(artifact, &passwords, cx);
        }
        if read.encrypted {
            // Macros stand in clear beside a text that is encrypted.
            cx.locked();
            let why = "the document is encrypted and no known password opens it";
            cx.report(Problem::warning("office-encrypted", why));
        }
        acts(&read, cx);
        instructions(&read, cx)?;
        let has_macros = !read.projects.is_empty();
        for project in &read.projects {
            // Of a part of a newer document that was told already.
            let is_told = artifact.origin().name().raw().ends_with(super::document::MACROS);
            macros(project, is_told, cx)?;
        }
        for member in read.embedded {
            cx.child(member)?;
        }
        if cx.media_type() != media::CFB || !has_macros {
            cx.partial();
            let why =
                "macros, embedded files and commands were looked for; of its text only the strings were looked at";
            cx.report(Problem::note("office-text", why));
            strings_in(artifact, cx)?;
        }
        read.halted.map_or(Ok(()), Err)
    }
}

/// Tries the passwords that are known; what opens is a document of its own.
fn unlock(artifact: &Artifact, passwords: &[Password], cx: &mut Context<'_>) -> Result<(), Halt> {
    match encrypted::open(artifact.bytes(), passwords, cx.budget()) {
        Opened::Plain(bytes, number) => {
            let candidate = number.and_then(|number| cx.candidates().get(number));
            let password_at = candidate.and_then(|candidate| candidate.evidence.clone());
            cx.fact(Fact::Document(DocumentFacts {
                format: "ooxml",
                encrypted: true,
                ..DocumentFacts::default()
            }));
            if let Some(password_at) = password_at {
                cx.fact(Fact::Unlocked(Unlocked { password_at }));
            }
            cx.child(Member {
                name: "decrypted document".into(),
                bytes,
                hints: Hints::default(),
            })
        }
        Opened::Locked => {
            cx.locked();
            let why = "the document is encrypted and no known password opens it";
            cx.report(Problem::warning("office-encrypted", why));
            Ok(())
        }
        Opened::Unsupported => {
            cx.partial();
            let why = "the document is encrypted in a way that is not read; what is in it was not looked at";
            cx.report(Problem::warning("office-encryption", why));
            strings_in(artifact, cx)
        }
    }
}

fn active(kind: ActiveKind, detail: impl Into<Untrusted>, cx: &mut Context<'_>) {
    cx.fact(Fact::Active {
        kind,
        detail: detail.into(),
    });
}

fn acts(read: &Office, cx: &mut Context<'_>) {
    for act in &read.acts {
        match act {
            Acting::Dde(command) => active(ActiveKind::Launch, format!("asks another program: '{command}'"), cx),
            Acting::Remote(target) => active(ActiveKind::Remote, format!("an object is fetched from '{target}'"), cx),
            Acting::Equation { overlong: true } => {
                active(ActiveKind::Overflow, "an equation with a name that does not fit", cx)
            }
            Acting::Equation { overlong: false } => {
                active(ActiveKind::Equation, "an object of the old equation editor", cx)
            }
        }
    }
}

/// Formulas of macro sheets, and what other programs are asked.
fn instructions(read: &Office, cx: &mut Context<'_>) -> Result<(), Halt> {
    if !read.macro_sheets.is_empty() {
        active(ActiveKind::Macro, read.macro_sheets.join(", "), cx);
        cx.fact(Fact::Macros(Box::new(MacroFacts {
            modules: read.macro_sheets.iter().map(|name| name.as_str().into()).collect(),
            source: read.instructions.len() as u64,
            excel_4: true,
            ..MacroFacts::default()
        })));
        let facts = script::excel_4(&read.instructions, &read.automatic);
        cx.fact(Fact::Script(Box::new(facts)));
    }
    let mut pieces = Pieces::default();
    read.instructions.lines().for_each(|line| pieces.push(line, None, None));
    let reading = Reading {
        via: Some(Via::Script),
        floor: Confidence::Medium,
        ..Reading::PLAIN
    };
    cx.extract(pieces.text(), &pieces, reading)
}

fn macros(project: &office::vba::Project, is_told: bool, cx: &mut Context<'_>) -> Result<(), Halt> {
    let stomped = project
        .modules
        .iter()
        .filter(|module| module.source.trim().is_empty() && module.compiled > COMPILED);
    let facts = MacroFacts {
        project: project.name.as_str().into(),
        code_page: project.code_page,
        modules: project
            .modules
            .iter()
            .map(|module| module.name.as_str().into())
            .collect(),
        source: project.modules.iter().map(|module| module.source.len() as u64).sum(),
        stomped: stomped.map(|module| module.name.as_str().into()).collect(),
        excel_4: false,
    };
    if !is_told {
        active(ActiveKind::Macro, project.name.as_str(), cx);
    }
    cx.fact(Fact::Macros(Box::new(facts)));
    for module in &project.modules {
        if module.source.trim().is_empty() {
            continue;
        }
        cx.child(Member {
            name: format!("{}.vba", module.name).into(),
            bytes: module.source.clone().into_bytes(),
            hints: Hints {
                charset: Some("utf-8".into()),
                ..Hints::default()
            },
        })?;
    }
    Ok(())
}
