//! What lines of free text look like: signatures that batches learn, and templates of all of them at the end.

use watchfire_anomaly::templates::{Miner, Options, Templates};
use watchfire_formats::log::Format;
use watchfire_model::Untrusted;
use watchfire_model::log::TemplateRow;

/// Templates that a report lists.
const LISTED: usize = 50;
/// Signatures of one batch, and what they take in bytes; templates are made of more on the spot.
const OF_BATCH: usize = 2_000;
const BYTES_OF_BATCH: usize = 512 << 10;
/// So often more signatures come than there is room for, before new ones are no longer learnt.
const TIMES_FULL: u32 = 8;
/// The same for one batch.
const TIMES_FULL_OF_BATCH: u32 = 4;

/// Formats whose records say in free text what happened. Those of others have names for it.
const FREE: &[&str] = &[
    "text",
    "application",
    "syslog",
    "syslog-5424",
    "journald",
    "journald-json",
    "container",
    "sshd",
    "pam",
    "sudo",
    "accounts",
    "postfix",
    "apache-error",
    "nginx-error",
];

/// Whether lines of a format are mined.
pub(super) fn is_free(format: &Format) -> bool {
    FREE.contains(&format.name)
}

/// What a batch learns of lines.
#[derive(Debug)]
pub(super) struct Lines {
    miner: Miner,
    /// Fingerprints of its signatures, as far as they were asked for; 0 where they were not.
    prints: Vec<u64>,
    generation: u32,
    /// Lines that were no longer learnt.
    left_out: u64,
}

impl Default for Lines {
    fn default() -> Self {
        let options = Options {
            most_signatures: OF_BATCH,
            most_bytes: BYTES_OF_BATCH,
            ..Options::default()
        };
        Self {
            miner: Miner::new(options),
            prints: Vec::new(),
            generation: 0,
            left_out: 0,
        }
    }
}

impl Lines {
    /// Takes what a record says and where it stands, and returns the fingerprint of its signature; 0 where lines are so
    /// different that they are no longer learnt.
    pub(super) fn learn(&mut self, text: &str, place: u64) -> u64 {
        if self.generation >= TIMES_FULL_OF_BATCH {
            self.left_out += 1;
            return 0;
        }
        let learned = self.miner.learn_at(text.as_bytes(), place);
        if self.generation != self.miner.generation() {
            self.generation = self.miner.generation();
            self.prints.clear();
        }
        let number = learned.signature as usize;
        if self.prints.len() <= number {
            self.prints.resize(number + 1, 0);
        }
        let Some(known) = self.prints.get_mut(number) else {
            return 0;
        };
        if *known == 0 {
            *known = self.miner.fingerprint(learned.signature).unwrap_or_default();
        }
        *known
    }
}

/// What all batches learnt.
#[derive(Debug, Default)]
pub(super) struct Mined {
    miner: Miner,
    left_out: u64,
}

impl Mined {
    /// Adds what comes behind it.
    pub(super) fn merge(&mut self, lines: &Lines) {
        if lines.miner.lines() == 0 {
            return;
        }
        self.left_out = self.left_out.saturating_add(lines.left_out);
        if self.miner.generation() >= TIMES_FULL {
            self.left_out = self.left_out.saturating_add(lines.miner.lines());
            return;
        }
        self.miner.merge(&lines.miner);
    }

    pub(super) fn templates(&self) -> Templates {
        self.miner.templates()
    }

    /// Lines that are in no template.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out.saturating_add(self.miner.forgotten())
    }
}

/// The rarest templates, the rarest first, and of those that are as rare those that were met first. `example` names a place.
pub(super) fn listed(templates: &Templates, example: impl Fn(u64) -> Untrusted) -> Vec<TemplateRow> {
    let mut rarest: Vec<_> = templates.list().iter().collect();
    rarest.sort_by_key(|one| (one.lines, one.first));
    let row = |template: &&watchfire_anomaly::templates::Template| TemplateRow {
        template: super::rules::cut(&String::from_utf8_lossy(&template.text()), 400).into(),
        count: template.lines,
        example: example(template.first),
    };
    rarest.iter().take(LISTED).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_formats::log::FORMATS;

    #[test]
    fn formats_of_free_text_exist() {
        for name in FREE {
            assert!(FORMATS.iter().any(|format| format.name == *name), "{name}");
        }
    }

    #[test]
    fn lines_of_which_none_is_like_another_are_no_longer_learnt_and_counted() {
        let mut lines = Lines::default();
        let mut mined = Mined::default();
        let word = |number: u64| String::from_utf8((0..8).map(|at| b'a' + (number >> (4 * at) & 15) as u8).collect());
        for number in 0..20_000_u64 {
            let words: Vec<String> = (1..9)
                .map(|word_of| word(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> word_of & 0xffff_ffff).unwrap())
                .collect();
            lines.learn(&words.join(" "), number);
        }
        assert!(lines.miner.generation() <= TIMES_FULL_OF_BATCH && lines.left_out > 10_000);
        mined.merge(&lines);
        let told: u64 = mined.templates().list().iter().map(|template| template.lines).sum();
        assert_eq!(told + mined.left_out(), 20_000);
    }

    #[test]
    fn the_rarest_lines_come_first_with_their_first_place() {
        let mut mined = Mined::default();
        for batch in 0..3_u64 {
            let mut lines = Lines::default();
            for number in 0..100 {
                lines.learn(
                    &format!("connection from 192.0.2.{number} closed"),
                    batch * 100 + number,
                );
            }
            lines.learn("disk is full", batch * 100 + 50);
            mined.merge(&lines);
        }
        let mut lines = Lines::default();
        let (one, other) = (lines.learn("killed by nobody", 400), lines.learn("disk is full", 401));
        assert!(one != other && one != 0);
        mined.merge(&lines);
        let rows = listed(&mined.templates(), |place| place.to_string().into());
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.template.raw(), row.count, row.example.raw()))
            .collect();
        assert_eq!(
            told,
            [
                ("killed by nobody", 1, "400"),
                ("disk is full", 4, "50"),
                ("connection from <address> closed", 300, "0")
            ]
        );
    }
}
