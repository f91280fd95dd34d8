//! What each kind of model consists of, in a file.

use super::Saved;
use super::wire::{Reader, Writer};
use crate::calibration::Calibration;
use crate::ecod::{Ecod, Tails};
use crate::ensemble::{Ensemble, Usual};
use crate::forest::Forest;
use crate::forest::tree::{Node, Tree};
use crate::model::Model;
use crate::neighbours::{Neighbours, Sample};
use crate::rows::Rows;
use crate::scale::{Scale, Spread};
use crate::table::{Counts, Encoder, Feature, TableModel};
use crate::templates::{self, Kinds, Miner, Signature};
use std::collections::BTreeMap;

impl Saved for Model {
    const KIND: u8 = 1;

    fn write(&self, out: &mut Writer) {
        out.all(&self.names, |out, name| out.bytes(name.as_bytes()));
        ensemble(&self.ensemble, out);
        out.all(&self.peers.columns, |out, tails| {
            out.f64(tails.skew);
            out.all(&tails.values, |out, value| out.f64(*value));
        });
        out.f64(self.calibration.rows);
        out.all(&self.calibration.scores, |out, score| out.f64(*score));
        out.all(&self.calibration.above, |out, above| out.f64(*above));
        out.u8(u8::from(self.held_out));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let names = from.up_to(Rows::MOST_COLUMNS, 4, |from| {
            String::from_utf8(from.bytes()?.to_vec()).ok()
        })?;
        let ensemble = read_ensemble(from)?;
        let columns = from.up_to(Rows::MOST_COLUMNS, 12, |from| {
            let skew = from.f64()?;
            Some(Tails {
                skew,
                values: from.all(8, Reader::f64)?,
            })
        })?;
        let rows = from.f64()?;
        let scores = from.all(8, Reader::f64)?;
        let above = from.all(8, Reader::f64)?;
        let calibration = Calibration::checked_from(scores, above, rows)?;
        let model = Self {
            names,
            ensemble,
            peers: Ecod { columns },
            calibration,
            held_out: match from.u8()? {
                0 => false,
                1 => true,
                _ => return None,
            },
        };
        model.checked().then_some(model)
    }
}

impl Saved for TableModel {
    const KIND: u8 = 2;

    fn write(&self, out: &mut Writer) {
        out.u64(self.encoder.rows);
        out.all(&self.encoder.features, feature);
        out.all(&self.encoder.counts, |out, counts| match counts {
            Counts::None => out.u8(0),
            Counts::Words(counts) => {
                out.u8(1);
                words(out, counts);
            }
            Counts::Frequent(counts, others) => {
                out.u8(3);
                out.u64(*others);
                words(out, counts);
            }
            Counts::Hours(hours) => {
                out.u8(2);
                out.all(hours, |out, count| out.u64(*count));
            }
        });
        self.model.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let rows = from.u64()?;
        let (features, counts) = read_features(from)?;
        let encoder = Encoder { features, counts, rows };
        let model = Model::read(from)?;
        let fits = encoder.checked() && encoder.features().len() == model.ensemble.columns();
        fits.then_some(Self { encoder, model })
    }
}

fn words(out: &mut Writer, counts: &BTreeMap<Vec<u8>, u64>) {
    let counts: Vec<_> = counts.iter().collect();
    out.all(&counts, |out, (word, count)| {
        out.bytes(word);
        out.u64(**count);
    });
}

fn read_words(from: &mut Reader<'_>) -> Option<BTreeMap<Vec<u8>, u64>> {
    let counts = from.all(12, |from| Some((from.bytes()?.to_vec(), from.u64()?)))?;
    Some(counts.into_iter().collect())
}

/// Features, and as many counts.
pub(super) fn read_features(from: &mut Reader<'_>) -> Option<(Vec<Feature>, Vec<Counts>)> {
    let features = from.up_to(Encoder::MOST_FEATURES, 9, read_feature)?;
    let counts = from.up_to(features.len(), 1, |from| {
        Some(match from.u8()? {
            0 => Counts::None,
            1 => Counts::Words(read_words(from)?),
            3 => {
                let others = from.u64()?;
                Counts::Frequent(read_words(from)?, others)
            }
            2 => Counts::Hours(from.all(8, Reader::u64)?),
            _ => return None,
        })
    })?;
    (features.len() == counts.len()).then_some((features, counts))
}

fn feature(out: &mut Writer, feature: &Feature) {
    let (kind, names): (u8, [&str; 2]) = match feature {
        Feature::Number(name) => (0, [name, ""]),
        Feature::Rarity(name) => (1, [name, ""]),
        Feature::Pair(one, other) => (2, [one, other]),
        Feature::Hour(name) => (3, [name, ""]),
    };
    out.u8(kind);
    names.iter().for_each(|name| out.bytes(name.as_bytes()));
}

fn read_feature(from: &mut Reader<'_>) -> Option<Feature> {
    let kind = from.u8()?;
    let name = String::from_utf8(from.bytes()?.to_vec()).ok()?;
    let other = String::from_utf8(from.bytes()?.to_vec()).ok()?;
    match kind {
        0 => Some(Feature::Number(name)),
        1 => Some(Feature::Rarity(name)),
        2 => Some(Feature::Pair(name, other)),
        3 => Some(Feature::Hour(name)),
        _ => None,
    }
}

impl Saved for Miner {
    const KIND: u8 = 3;

    fn write(&self, out: &mut Writer) {
        let options = self.options();
        out.u32(options.most_signatures as u32);
        out.u32(options.distinct as u32);
        out.u64(self.lines());
        out.u64(self.forgotten());
        out.all(&self.signatures, |out, signature| {
            out.bytes(&signature.text);
            out.all(&signature.glued, |out, glued| out.u8(u8::from(*glued)));
            out.all(&signature.kinds, |out, kinds| out.u16(kinds.0));
            out.u64(signature.lines);
        });
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let options = templates::Options {
            most_signatures: from.u32()? as usize,
            distinct: from.u32()? as usize,
            ..templates::Options::default()
        };
        let (lines, forgotten) = (from.u64()?, from.u64()?);
        let signatures = from.all(20, |from| {
            Some(Signature {
                text: from.bytes()?.into(),
                glued: from.all(1, |from| Some(from.u8()? != 0))?,
                kinds: from.all(2, |from| from.u16().map(Kinds))?,
                lines: from.u64()?,
                first: u64::MAX,
            })
        })?;
        Self::from_parts(options, lines, forgotten, signatures)
    }
}

fn scale(scale: &Scale, out: &mut Writer) {
    out.u8(match scale.spread {
        Spread::Standard => 0,
        Spread::Robust => 1,
        Spread::Bent => 2,
    });
    out.all(&scale.centres, |out, centre| out.f64(*centre));
    out.all(&scale.factors, |out, factor| out.f64(*factor));
}

fn read_scale(from: &mut Reader<'_>) -> Option<Scale> {
    let spread = match from.u8()? {
        0 => Spread::Standard,
        1 => Spread::Robust,
        2 => Spread::Bent,
        _ => return None,
    };
    Some(Scale {
        spread,
        centres: from.all(8, Reader::f64)?,
        factors: from.all(8, Reader::f64)?,
    })
}

fn ensemble(ensemble: &Ensemble, out: &mut Writer) {
    forest(&ensemble.forest, out);
    out.all(&ensemble.neighbours, |out, member| neighbours(member, out));
    out.all(&ensemble.usual, |out, usual| {
        out.f64(usual.middle);
        out.f64(usual.width);
    });
    out.all(&ensemble.credits, |out, credits| {
        out.all(credits, |out, credit| out.f64(*credit))
    });
}

fn read_ensemble(from: &mut Reader<'_>) -> Option<Ensemble> {
    Some(Ensemble {
        forest: read_forest(from)?,
        neighbours: from.up_to(Rows::MOST_COLUMNS, 13, read_neighbours)?,
        usual: from.all(16, |from| {
            Some(Usual {
                middle: from.f64()?,
                width: from.f64()?,
            })
        })?,
        credits: from.up_to(Rows::MOST_COLUMNS, 4, |from| from.all(8, Reader::f64))?,
    })
}

fn forest(forest: &Forest, out: &mut Writer) {
    scale(&forest.scale, out);
    out.u32(forest.extension as u32);
    out.f64(forest.expected);
    out.all(&forest.trees, |out, tree| {
        out.u64(tree.id.0);
        out.u32(tree.id.1);
        out.u16(tree.height);
        out.all(&tree.nodes, |out, node| {
            out.f32(node.threshold);
            out.u16(node.feature);
            out.u16(node.child);
        });
        out.all(&tree.paths, |out, path| out.f32(*path));
        out.all(&tree.features, |out, feature| out.u16(*feature));
        out.all(&tree.weights, |out, weight| out.f32(*weight));
    });
}

fn read_forest(from: &mut Reader<'_>) -> Option<Forest> {
    Some(Forest {
        scale: read_scale(from)?,
        extension: from.u32()? as usize,
        expected: from.f64()?,
        trees: from.all(30, |from| {
            let id = (from.u64()?, from.u32()?);
            let height = from.u16()?;
            let node = |from: &mut Reader<'_>| {
                Some(Node {
                    threshold: from.f32()?,
                    feature: from.u16()?,
                    child: from.u16()?,
                })
            };
            Some(Tree {
                id,
                height,
                nodes: from.all(8, node)?,
                paths: from.all(4, Reader::f32)?,
                features: from.all(2, Reader::u16)?,
                weights: from.all(4, Reader::f32)?,
            })
        })?,
    })
}

fn neighbours(member: &Neighbours, out: &mut Writer) {
    scale(&member.scale, out);
    out.all(&member.samples, |out, sample| {
        out.u64(sample.id.0);
        out.u32(sample.id.1);
        out.all(&sample.values, |out, value| out.f32(*value));
        out.all(&sample.rows, |out, row| out.u32(*row));
    });
}

fn read_neighbours(from: &mut Reader<'_>) -> Option<Neighbours> {
    Some(Neighbours {
        scale: read_scale(from)?,
        samples: from.all(20, |from| {
            Some(Sample {
                id: (from.u64()?, from.u32()?),
                values: from.all(4, Reader::f32)?,
                rows: from.all(4, Reader::u32)?,
            })
        })?,
    })
}
