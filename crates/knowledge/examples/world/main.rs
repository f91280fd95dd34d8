//! Packs the outlines of countries for drawing: `cargo run -p watchfire-knowledge --example world -- WORLD ISO`.
//!
//! WORLD is the unpacked npm package `world-atlas` 2.0.2, which has the boundaries of Natural Earth 4.1.0 (public domain) as
//! TopoJSON; ISO is `codes.json` of the npm package `i18n-iso-countries`, which has the numbers and letters of ISO 3166-1.
//! Countries that are drawn at 1:110m become outlines; those that are only drawn at 1:50m become dots. The projection is
//! Equal Earth (Šavrič, Patterson, Jenny: "The Equal Earth map projection", 2018), on a grid of 1,000 columns. Antarctica is
//! left out: it would take a fifth of the picture.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a tool, not library code"
)]

use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::error::Error;
use std::f64::consts::PI;
use std::fmt::Write as _;
use std::path::Path;

/// Columns of the grid.
const WIDTH: f64 = 1000.0;
/// The northernmost latitude of the picture; south of the other lies nothing but Antarctica.
const NORTH: f64 = 84.0;

#[derive(Deserialize)]
struct Topology {
    transform: Transform,
    arcs: Vec<Vec<[i64; 2]>>,
    objects: Objects,
}

#[derive(Deserialize)]
struct Transform {
    scale: [f64; 2],
    translate: [f64; 2],
}

#[derive(Deserialize)]
struct Objects {
    countries: Countries,
}

#[derive(Deserialize)]
struct Countries {
    geometries: Vec<Geometry>,
}

#[derive(Deserialize)]
struct Geometry {
    id: Option<String>,
    properties: Properties,
    #[serde(flatten)]
    shape: Shape,
}

#[derive(Deserialize)]
struct Properties {
    name: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "arcs")]
enum Shape {
    Polygon(Vec<Vec<i64>>),
    MultiPolygon(Vec<Vec<Vec<i64>>>),
}

type Point = (i64, i64);

/// Latitude and longitude in degrees to the grid.
fn project(longitude: f64, latitude: f64) -> (f64, f64) {
    let raw = |longitude: f64, latitude: f64| {
        let root = 3_f64.sqrt() / 2.0;
        let (a, b, c, d) = (1.340_264, -0.081_106, 0.000_893, 0.003_796);
        let t = (root * latitude.to_radians().sin()).asin();
        let (t2, t6) = (t * t, t.powi(6));
        let x = longitude.to_radians() * t.cos() / (root * (a + 3.0 * b * t2 + t6 * (7.0 * c + 9.0 * d * t2)));
        (x, t * (a + b * t2 + t6 * (c + d * t2)))
    };
    let half = raw(180.0, 0.0).0;
    let scale = WIDTH / 2.0 / half;
    let (x, y) = raw(longitude, latitude);
    debug_assert!(half > 0.0 && half < PI);
    ((x + half) * scale, (raw(0.0, NORTH).1 - y) * scale)
}

impl Topology {
    fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// The points of an arc; negative numbers are arcs from their ends.
    fn arc(&self, number: i64) -> Vec<(f64, f64)> {
        let reversed = number < 0;
        let index = if reversed { !number } else { number };
        let (mut x, mut y) = (0, 0);
        let mut points: Vec<(f64, f64)> = self.arcs[usize::try_from(index).unwrap_or_default()]
            .iter()
            .map(|[dx, dy]| {
                (x, y) = (x + dx, y + dy);
                let Transform { scale, translate } = &self.transform;
                project(x as f64 * scale[0] + translate[0], y as f64 * scale[1] + translate[1])
            })
            .collect();
        if reversed {
            points.reverse();
        }
        points
    }

    /// The rings of a country on the grid, each with its area.
    fn rings(&self, shape: &Shape) -> Vec<(f64, Vec<(f64, f64)>)> {
        let rings: Vec<&Vec<i64>> = match shape {
            Shape::Polygon(rings) => rings.iter().collect(),
            Shape::MultiPolygon(polygons) => polygons.iter().flatten().collect(),
        };
        let ring = |arcs: &&Vec<i64>| {
            let points: Vec<(f64, f64)> = arcs.iter().flat_map(|arc| self.arc(*arc)).collect();
            (area(&points), points)
        };
        rings.iter().map(ring).collect()
    }
}

fn area(points: &[(f64, f64)]) -> f64 {
    let next = points.iter().cycle().skip(1);
    points
        .iter()
        .zip(next)
        .map(|(a, b)| a.0 * b.1 - b.0 * a.1)
        .sum::<f64>()
        .abs()
        / 2.0
}

/// The centre of the largest ring.
fn centre(rings: &[(f64, Vec<(f64, f64)>)]) -> Point {
    let largest = rings.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    let points = largest.map(|ring| ring.1.as_slice()).unwrap_or_default();
    let next = points.iter().cycle().skip(1);
    let (mut sum, mut x, mut y) = (0.0, 0.0, 0.0);
    for (a, b) in points.iter().zip(next) {
        let cross = a.0 * b.1 - b.0 * a.1;
        sum += cross;
        x += (a.0 + b.0) * cross;
        y += (a.1 + b.1) * cross;
    }
    ((x / (3.0 * sum)).round() as i64, (y / (3.0 * sum)).round() as i64)
}

/// A ring as a closed path, or nothing where the grid leaves nothing of it.
fn path(points: &[(f64, f64)], out: &mut String) {
    let mut grid: Vec<Point> = points
        .iter()
        .map(|(x, y)| (x.round() as i64, y.round() as i64))
        .collect();
    grid.dedup();
    if grid.first() == grid.last() {
        grid.pop();
    }
    // What goes on in the same direction needs no point of its own.
    let mut kept: Vec<Point> = Vec::new();
    for point in grid {
        while let [.., a, b] = kept.as_slice() {
            let straight = (b.0 - a.0) * (point.1 - b.1) == (b.1 - a.1) * (point.0 - b.0);
            if !straight {
                break;
            }
            kept.pop();
        }
        kept.push(point);
    }
    let [first, rest @ ..] = kept.as_slice() else { return };
    if rest.len() < 2 {
        return;
    }
    let _ = write!(out, "M{} {}l", first.0, first.1);
    let mut at = *first;
    for (number, point) in rest.iter().enumerate() {
        for (part, value) in [point.0 - at.0, point.1 - at.1].into_iter().enumerate() {
            let needs_space = value >= 0 && (number, part) != (0, 0);
            let _ = write!(out, "{}{value}", if needs_space { " " } else { "" });
        }
        at = *point;
    }
    out.push('z');
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [world, iso] = arguments.as_slice() else {
        return Err("usage: world WORLD-ATLAS-FOLDER CODES.JSON".into());
    };
    let codes: Vec<[String; 4]> = serde_json::from_slice(&std::fs::read(iso)?)?;
    let letters: BTreeMap<&str, &str> = codes.iter().map(|row| (row[2].as_str(), row[0].as_str())).collect();
    let code = |country: &Geometry| match (&country.id, country.properties.name.as_str()) {
        (Some(number), _) => letters.get(number.as_str()).copied(),
        // A code of the user's range, that registries use for it.
        (None, "Kosovo") => Some("XK"),
        (None, _) => None,
    };
    let coarse = Topology::read(&Path::new(world).join("countries-110m.json"))?;
    let fine = Topology::read(&Path::new(world).join("countries-50m.json"))?;
    let mut rows: BTreeMap<&str, String> = BTreeMap::new();
    let mut nameless = String::new();
    for country in &coarse.objects.countries.geometries {
        let code = code(country);
        if code == Some("AQ") {
            continue;
        }
        let rings = coarse.rings(&country.shape);
        let mut outline = String::new();
        rings.iter().for_each(|(_, ring)| path(ring, &mut outline));
        match code {
            Some(code) if !outline.is_empty() => {
                let (x, y) = centre(&rings);
                rows.insert(code, format!("{x}\t{y}\t{outline}"));
            }
            _ => nameless.push_str(&outline),
        }
    }
    for country in &fine.objects.countries.geometries {
        let Some(code) = code(country).filter(|code| *code != "AQ") else {
            continue;
        };
        let (x, y) = centre(&fine.rings(&country.shape));
        rows.entry(code).or_insert_with(|| format!("{x}\t{y}\t"));
    }
    let mut table = format!("--\t0\t0\t{nameless}\n");
    for (code, row) in &rows {
        writeln!(table, "{code}\t{row}")?;
    }
    let mut manifest = format!("countries.tsv\t{}\t", table.len());
    for byte in Sha256::digest(&table) {
        write!(manifest, "{byte:02x}")?;
    }
    manifest.push('\n');
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/world");
    std::fs::write(out.join("countries.tsv"), &table)?;
    std::fs::write(out.join("manifest.tsv"), manifest)?;
    eprintln!("{} countries, {} bytes", rows.len(), table.len());
    Ok(())
}
