//! The table of ATT&CK identifiers, repaired and sorted.

use crate::Result;
use std::collections::BTreeMap;

/// `source` with the rows of `repairs` in place of its own, by identifier. Both have the columns identifier, kind, name,
/// domains, tactics, state.
pub(crate) fn pack(source: &str, repairs: &str) -> Result<String> {
    let mut rows: BTreeMap<&str, &str> = BTreeMap::new();
    let repairs = repairs.lines().filter(|line| !line.starts_with('#'));
    for line in source.lines().skip(1).chain(repairs) {
        let id = line.split('\t').next().ok_or("a row without an identifier")?;
        if line.split('\t').count() != 6 {
            return Err(format!("ATT&CK: not six fields: {line}").into());
        }
        rows.insert(id, line);
    }
    Ok(rows.values().flat_map(|row| [*row, "\n"]).collect())
}
