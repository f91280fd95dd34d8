//! A model: its file, and what it says of a mail.
//!
//! A file is: the magic `WFPHISH1`; the numbers of buckets and of signs (`u32`); a checksum of the names of the signs
//! (`u32`), since weights mean nothing for others; the length of the name (`u32`) and the name; bias, scale of the bucket
//! weights, slope and offset of the calibration (`f64`); the bucket weights (`i16`) and the sign weights (`f32`); a CRC-32 of all
//! of it. All little-endian. A file of any other length or sum is refused whole.

use crate::features::{BUCKETS, Features, Gram};
use crate::signs::SIGNS;
use std::sync::{Arc, LazyLock};

const MAGIC: &[u8; 8] = b"WFPHISH1";
/// Bytes of a name.
const LONGEST_NAME: usize = 64;
/// Weights and calibrations beyond this are no model's.
const LARGEST: f64 = 1e6;

/// The model that ships.
static EMBEDDED: &[u8] = include_bytes!("../data/phishing.model");

/// A learned model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    name: String,
    bias: f64,
    scale: f64,
    slope: f64,
    offset: f64,
    buckets: Vec<i16>,
    signs: Vec<f32>,
}

/// Why a file is no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid(&'static str);

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Invalid {}

/// What a model says of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// How many of a thousand mails with such a score are phishing, where there are as many of one kind as of the other.
    pub thousandths: u16,
    /// What moved it most: first what speaks for phishing, then what speaks against; each the heaviest first.
    pub contributions: Vec<Contribution>,
}

/// One reason of a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// What it is; words of the mail are escaped.
    pub what: String,
    /// By how much it moves the logarithm of the odds, in thousandths.
    pub weight: i32,
}

/// Reasons for, and reasons against.
const FOR: usize = 6;
const AGAINST: usize = 3;

impl Model {
    /// The model that ships.
    pub fn embedded() -> Arc<Self> {
        static MODEL: LazyLock<Arc<Model>> =
            LazyLock::new(|| Arc::new(Model::read(EMBEDDED).unwrap_or_else(|_| Model::blank())));
        Arc::clone(&MODEL)
    }

    /// One that knows nothing and accuses nobody. A test sees to it that nobody meets it.
    fn blank() -> Self {
        Self::new("none", -20.0, &[], &[])
    }

    /// A model of learned weights, not calibrated. Missing weights are 0. `name` is cut to 64 bytes.
    pub fn new(name: &str, bias: f64, buckets: &[f64], signs: &[f64]) -> Self {
        let largest = buckets
            .iter()
            .fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
        let scale = if largest > 0.0 {
            largest / f64::from(i16::MAX)
        } else {
            1.0
        };
        let mut quantised: Vec<i16> = buckets
            .iter()
            .take(BUCKETS)
            .map(|weight| quantise(weight / scale))
            .collect();
        quantised.resize(BUCKETS, 0);
        let mut signs: Vec<f32> = signs.iter().take(SIGNS.len()).map(|weight| narrow(*weight)).collect();
        signs.resize(SIGNS.len(), 0.0);
        let name = name
            .get(..name.floor_char_boundary(LONGEST_NAME))
            .unwrap_or_default()
            .to_owned();
        Self {
            name,
            bias,
            scale,
            slope: 1.0,
            offset: 0.0,
            buckets: quantised,
            signs,
        }
    }

    /// The same model with a calibration: the odds are those of `slope · score + offset`.
    #[must_use]
    pub fn calibrated(self, slope: f64, offset: f64) -> Self {
        Self { slope, offset, ..self }
    }

    /// What it is called, `2026-11`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Result<Self, Invalid> {
        let (content, sum) = bytes.split_last_chunk::<4>().ok_or(Invalid("it is too short"))?;
        let mut rest = Rest(content);
        if rest.array::<8>()? != *MAGIC {
            return Err(Invalid("it does not begin like one of this version"));
        }
        if rest.number()? as usize != BUCKETS
            || rest.number()? as usize != SIGNS.len()
            || rest.number()? != sum_of_signs()
        {
            return Err(Invalid(
                "it was trained for other features; train it anew with this version",
            ));
        }
        let length = rest.number()? as usize;
        if length > LONGEST_NAME {
            return Err(Invalid("its name is too long"));
        }
        let name = String::from_utf8(rest.take(length)?.to_vec()).map_err(|_| Invalid("its name is not UTF-8"))?;
        if name.chars().any(char::is_control) {
            return Err(Invalid("its name has control characters"));
        }
        let mut real = || rest.array().map(f64::from_le_bytes).and_then(sound);
        let (bias, scale, slope, offset) = (real()?, real()?, real()?, real()?);
        let words = rest.take(2 * BUCKETS)?;
        let buckets = words
            .as_chunks::<2>()
            .0
            .iter()
            .map(|chunk| i16::from_le_bytes(*chunk))
            .collect();
        let words = rest.take(4 * SIGNS.len())?;
        let signs: Vec<f32> = words
            .as_chunks::<4>()
            .0
            .iter()
            .map(|chunk| f32::from_le_bytes(*chunk))
            .collect();
        signs
            .iter()
            .try_for_each(|weight| sound(f64::from(*weight)).map(drop))?;
        if !rest.0.is_empty() {
            return Err(Invalid("something follows after its end"));
        }
        if crc32fast::hash(content) != u32::from_le_bytes(*sum) {
            return Err(Invalid("its checksum is wrong: it is damaged"));
        }
        Ok(Self {
            name,
            bias,
            scale,
            slope,
            offset,
            buckets,
            signs,
        })
    }

    /// The file.
    pub fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for number in [BUCKETS, SIGNS.len(), sum_of_signs() as usize, self.name.len()] {
            out.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
        }
        out.extend(self.name.bytes());
        for number in [self.bias, self.scale, self.slope, self.offset] {
            out.extend(number.to_le_bytes());
        }
        out.extend(self.buckets.iter().flat_map(|weight| weight.to_le_bytes()));
        out.extend(self.signs.iter().flat_map(|weight| weight.to_le_bytes()));
        out.extend(crc32fast::hash(&out).to_le_bytes());
        out
    }

    /// The score before calibration: 0 is as far from one side as from the other.
    pub fn raw(&self, features: &Features) -> f64 {
        let words: i64 = features
            .grams
            .iter()
            .map(|gram| i64::from(self.weight(gram.bucket)))
            .sum();
        let signs = features.signs.iter().zip(&self.signs);
        let signs: f64 = signs
            .map(|(value, weight)| f64::from(*value) * f64::from(*weight))
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "a few thousand 16-bit numbers fit exactly")]
        let words = words as f64;
        self.bias + words * self.scale * features.each() + signs
    }

    /// What it says of a mail, and why.
    pub fn score(&self, features: &Features) -> Scored {
        let probability = logistic(self.slope * self.raw(features) + self.offset);
        Scored {
            thousandths: thousandths(probability),
            contributions: self.contributions(features),
        }
    }

    fn weight(&self, bucket: u32) -> i16 {
        self.buckets.get(bucket as usize).copied().unwrap_or(0)
    }

    fn contributions(&self, features: &Features) -> Vec<Contribution> {
        let mut heaviest: Vec<Gram> = features.grams.clone();
        let (least, most) = (self.edge(&mut heaviest, false), self.edge(&mut heaviest, true));
        let each = self.scale * features.each() * self.slope;
        let gram = |gram: &Gram| Contribution {
            what: features.told(*gram),
            weight: milli(f64::from(self.weight(gram.bucket)) * each),
        };
        let mut all: Vec<Contribution> = least.iter().chain(&most).map(gram).collect();
        let signs = SIGNS.iter().zip(features.signs.iter().zip(&self.signs));
        all.extend(signs.map(|(what, (value, weight))| Contribution {
            what: shown(what).to_owned(),
            weight: milli(f64::from(*value) * f64::from(*weight) * self.slope),
        }));
        all.sort_by(|one, other| other.weight.cmp(&one.weight).then_with(|| one.what.cmp(&other.what)));
        all.dedup();
        let against: Vec<Contribution> = all
            .iter()
            .rev()
            .filter(|one| one.weight < 0)
            .take(AGAINST)
            .cloned()
            .collect();
        all.retain(|one| one.weight > 0);
        all.truncate(FOR);
        all.extend(against);
        all
    }

    /// The grams that weigh least or most.
    fn edge(&self, grams: &mut [Gram], most: bool) -> Vec<Gram> {
        let key = |gram: &Gram| {
            let weight = i32::from(self.weight(gram.bucket));
            (if most { -weight } else { weight }, gram.bucket)
        };
        if grams.len() > FOR {
            grams.select_nth_unstable_by_key(FOR, key);
        }
        let mut edge: Vec<Gram> = grams.iter().take(FOR).copied().collect();
        edge.sort_by_key(key);
        edge
    }
}

/// A file that is read from its beginning.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Invalid> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Invalid("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Invalid> {
        self.take(N)?.try_into().map_err(|_| Invalid("it ends too early"))
    }

    fn number(&mut self) -> Result<u32, Invalid> {
        self.array().map(u32::from_le_bytes)
    }
}

fn sound(number: f64) -> Result<f64, Invalid> {
    match number.is_finite() && number.abs() <= LARGEST {
        true => Ok(number),
        false => Err(Invalid("a weight is no number, or too large")),
    }
}

fn sum_of_signs() -> u32 {
    crc32fast::hash(SIGNS.join("\n").as_bytes())
}

/// The name of a sign as a reason. A model is bound to the signs' own names, so that one that reads badly stays.
fn shown(sign: &str) -> &str {
    if sign == "is a page" { "has HTML" } else { sign }
}

/// 1/(1+e⁻ˣ) from products alone, so that it is the same on every machine: eˣ is (1+x/2²⁰) to the 2²⁰th.
pub(crate) fn logistic(x: f64) -> f64 {
    let x = x.clamp(-30.0, 30.0);
    let power = (0..20).fold(1.0 - x / f64::from(1 << 20), |power: f64, _| power * power);
    1.0 / (1.0 + power)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 1000"
)]
fn thousandths(probability: f64) -> u16 {
    (probability.clamp(0.0, 1.0) * 1000.0).round() as u16
}

#[expect(clippy::cast_possible_truncation, reason = "casts from floats saturate")]
fn milli(weight: f64) -> i32 {
    (weight * 1000.0).round() as i32
}

#[expect(clippy::cast_possible_truncation, reason = "casts from floats saturate")]
fn quantise(weight: f64) -> i16 {
    weight.round() as i16
}

#[expect(clippy::cast_possible_truncation, reason = "weights need no more")]
fn narrow(weight: f64) -> f32 {
    weight as f32
}
