//! Templates that were mined, and lines matched to them.

use super::cluster::{self, Sequence, Words};
use super::scan::{self, VALUE};
use super::{Kinds, Signature};
use std::collections::BTreeMap;
use std::ops::Range;

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes that every line has. They come from the log: escape them before they are shown.
    Text(Vec<u8>),
    /// A value, of these kinds so far.
    Value(Kinds),
}

/// What lines have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Words, separators and values.
    pub pieces: Vec<Piece>,
    /// Whether each piece follows the one before without a space, in a line that had it.
    pub glued: Vec<bool>,
    /// How many lines had it.
    pub lines: u64,
    /// The lowest place of such a line, by [`super::Miner::learn_at`]; the highest number there is, where nobody said.
    pub first: u64,
}

impl Template {
    /// The template as one line, values as `<kind>`.
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for (number, (piece, glued)) in self.pieces.iter().zip(&self.glued).enumerate() {
            if number > 0 && !glued {
                text.push(b' ');
            }
            match piece {
                Piece::Text(bytes) => text.extend_from_slice(bytes),
                Piece::Value(kinds) => {
                    text.push(b'<');
                    text.extend_from_slice(kinds.name().as_bytes());
                    text.push(b'>');
                }
            }
        }
        text
    }
}

/// A value that a line filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What it is in this line.
    pub kinds: Kinds,
    /// Its bytes in the line.
    pub place: Range<usize>,
}

/// A line and its template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The template's number.
    pub template: u32,
    /// Values in the order of the line.
    pub parameters: Vec<Parameter>,
}

/// All templates of a log, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    list: Vec<Template>,
    /// The template of each signature, by its text.
    known: BTreeMap<Box<[u8]>, u32>,
    /// The template of each of the miner's signatures.
    of: Vec<u32>,
    /// Templates by their number of pieces, for lines that were never seen.
    by_length: BTreeMap<usize, Vec<u32>>,
    generation: u32,
    lines: u64,
}

impl Templates {
    /// The templates, the most frequent first.
    pub fn list(&self) -> &[Template] {
        &self.list
    }

    /// How many lines were mined.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The template of a signature that [`super::Miner::learn`] told; `None` if the miner has numbered anew since.
    pub fn of(&self, signature: u32, generation: u32) -> Option<u32> {
        let of = self.of.get(signature as usize).copied();
        of.filter(|_| generation == self.generation)
    }

    /// The template of a line and the values in it. A line that was not mined has the template that it fits, where one does.
    pub fn find(&self, line: &[u8]) -> Option<Match> {
        let mut tokens = Vec::new();
        let mut text = Vec::new();
        scan::scan(line, &mut tokens);
        scan::signature(line, &tokens, &mut text);
        let known = self.known.get(text.as_slice()).copied();
        let template = known.or_else(|| self.fit(&text, tokens.len()))?;
        let pieces = self
            .list
            .get(template as usize)
            .map_or(&[][..], |template| &template.pieces);
        // Where a word with its brackets was taken for one value the places differ, and only what scanning told is known.
        let aligned = pieces.len() == tokens.len();
        let parameters = tokens.iter().enumerate().filter_map(|(at, token)| {
            let place = token.begin..token.end;
            if token.is_value() {
                return Some(Parameter {
                    kinds: token.kinds,
                    place,
                });
            }
            let value = aligned && matches!(pieces.get(at), Some(Piece::Value(_)));
            value.then_some(Parameter {
                kinds: Kinds::WORD,
                place,
            })
        });
        Some(Match {
            template,
            parameters: parameters.collect(),
        })
    }

    /// How surprising a line of the template is: minus the binary logarithm of its share of the lines, in bits. A template
    /// that is not there is as surprising as half a line.
    pub fn surprise(&self, template: Option<u32>) -> f64 {
        let lines = template
            .and_then(|number| self.list.get(number as usize))
            .map_or(0.5, |template| template.lines as f64);
        -(lines / (self.lines.max(1) as f64)).min(1.0).log2()
    }

    /// The template of each signature that was mined, by [`super::Miner::fingerprint`].
    pub fn by_fingerprint(&self) -> BTreeMap<u64, u32> {
        let known = self.known.iter();
        known
            .map(|(text, template)| (crate::sketch::fingerprint(&[text]), *template))
            .collect()
    }

    /// The first template, by frequency, whose words stand in the signature.
    fn fit(&self, text: &[u8], length: usize) -> Option<u32> {
        let candidates = self.by_length.get(&length)?;
        let fits = |number: &&u32| {
            let pieces = self
                .list
                .get(**number as usize)
                .map_or(&[][..], |template| &template.pieces);
            let mut words = words(text);
            pieces.iter().all(|piece| match (piece, words.next()) {
                (Piece::Value(_), Some(_)) => true,
                (Piece::Text(text), Some(word)) => text.as_slice() == word,
                (_, None) => false,
            })
        };
        candidates.iter().find(fits).copied()
    }

    /// Templates as signatures, for a miner that has to forget.
    pub(super) fn into_signatures(self) -> Vec<Signature> {
        let signature = |template: Template| {
            let mut text = Vec::new();
            let mut kinds = Vec::new();
            for piece in template.pieces {
                match piece {
                    Piece::Text(bytes) => text.extend_from_slice(&bytes),
                    Piece::Value(kind) => {
                        text.push(VALUE);
                        kinds.push(kind);
                    }
                }
                text.push(0);
            }
            Signature {
                text: text.into(),
                glued: template.glued,
                kinds,
                lines: template.lines,
                first: template.first,
            }
        };
        self.list.into_iter().map(signature).collect()
    }
}

/// The tokens of a signature's text.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.strip_suffix(&[0])
        .into_iter()
        .flat_map(|text| text.split(|byte| *byte == 0))
}

/// Whether glue and kinds are as many as its text has tokens and values.
pub(super) fn is_signature(signature: &Signature) -> bool {
    let text = &signature.text;
    let tokens = text.iter().filter(|byte| **byte == 0).count();
    let values = words(text).filter(|word| *word == [VALUE]).count();
    (text.is_empty() || text.last() == Some(&0)) && tokens == signature.glued.len() && values == signature.kinds.len()
}

/// The words behind the numbers that sequences are made of.
struct Dictionary<'a> {
    words: Vec<&'a [u8]>,
}

impl Words for Dictionary<'_> {
    fn is_word(&self, token: u32) -> bool {
        // Separators are one byte and no letter; a value is the mark.
        self.words
            .get(token as usize)
            .is_some_and(|word| word.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80))
    }

    fn names_something(&self, token: u32) -> bool {
        let Some(word) = self.words.get(token as usize) else {
            return false;
        };
        let names: [&[u8]; 8] = [
            b"user",
            b"username",
            b"account",
            b"host",
            b"hostname",
            b"group",
            b"service",
            b"process",
        ];
        names.iter().any(|name| name.eq_ignore_ascii_case(word))
    }
}

/// Groups `signatures` into templates.
pub(super) fn mine(signatures: &[Signature], distinct: usize, generation: u32, lines: u64) -> Templates {
    let mut order: Vec<usize> = (0..signatures.len()).collect();
    order.sort_by(|&one, &other| {
        let text = |at: usize| signatures.get(at).map(|signature| &signature.text);
        text(one).cmp(&text(other))
    });
    let sorted: Vec<&Signature> = order.iter().filter_map(|&at| signatures.get(at)).collect();
    let mut numbers: BTreeMap<&[u8], u32> = BTreeMap::from([(&[VALUE][..], cluster::VALUE)]);
    let mut dictionary = Dictionary { words: vec![&[VALUE]] };
    let sequences: Vec<Sequence> = sorted
        .iter()
        .map(|signature| {
            let tokens = words(&signature.text).map(|word| {
                *numbers.entry(word).or_insert_with(|| {
                    dictionary.words.push(word);
                    dictionary.words.len() as u32 - 1
                })
            });
            Sequence {
                tokens: tokens.collect(),
                glued: signature.glued.clone(),
                lines: signature.lines,
            }
        })
        .collect();
    let (sequences, of) = cluster::cluster(sequences, &dictionary, distinct);
    let mut list: Vec<Template> = sequences.iter().map(|sequence| dictionary.template(sequence)).collect();
    for (signature, &at) in sorted.iter().zip(&of) {
        if let Some(template) = list.get_mut(at as usize) {
            template.first = template.first.min(signature.first);
            learn_kinds(template, signature);
        }
    }
    Templates::of_list(list, &order, &of, signatures, generation, lines)
}

impl Dictionary<'_> {
    fn template(&self, sequence: &Sequence) -> Template {
        let piece = |&token: &u32| match token {
            cluster::VALUE => Piece::Value(Kinds::default()),
            token => Piece::Text(
                self.words
                    .get(token as usize)
                    .map_or_else(Vec::new, |word| word.to_vec()),
            ),
        };
        Template {
            pieces: sequence.tokens.iter().map(piece).collect(),
            glued: sequence.glued.clone(),
            lines: sequence.lines,
            first: u64::MAX,
        }
    }
}

/// Adds to each value of `template` the kinds that it has in `signature`.
fn learn_kinds(template: &mut Template, signature: &Signature) {
    let mut kinds = signature.kinds.iter();
    let words: Vec<&[u8]> = words(&signature.text).collect();
    if words.len() != template.pieces.len() {
        return;
    }
    for (piece, word) in template.pieces.iter_mut().zip(words) {
        let seen = if word == [VALUE] {
            kinds.next().copied().unwrap_or_default()
        } else {
            Kinds::WORD
        };
        if let Piece::Value(all) = piece {
            *all = all.and(seen);
        }
    }
}

impl Templates {
    /// Puts everything in order: templates by frequency, then by their text.
    fn of_list(
        list: Vec<Template>,
        order: &[usize],
        of: &[u32],
        signatures: &[Signature],
        generation: u32,
        lines: u64,
    ) -> Self {
        let mut ranked: Vec<(Template, usize)> = list.into_iter().zip(0..).collect();
        ranked.sort_by(|(one, at), (other, to)| other.lines.cmp(&one.lines).then(at.cmp(to)));
        let mut rank = vec![0_u32; ranked.len()];
        for (place, (_, at)) in (0..).zip(&ranked) {
            if let Some(rank) = rank.get_mut(*at) {
                *rank = place;
            }
        }
        let mut mined = Self {
            generation,
            lines,
            of: vec![0; signatures.len()],
            ..Self::default()
        };
        for (&signature, &at) in order.iter().zip(of) {
            let template = rank.get(at as usize).copied().unwrap_or_default();
            if let Some(of) = mined.of.get_mut(signature) {
                *of = template;
            }
            if let Some(signature) = signatures.get(signature) {
                mined.known.insert(signature.text.clone(), template);
            }
        }
        for (number, (template, _)) in (0..).zip(&ranked) {
            mined.by_length.entry(template.pieces.len()).or_default().push(number);
        }
        mined.list = ranked.into_iter().map(|(template, _)| template).collect();
        mined
    }
}
