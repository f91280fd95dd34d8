//! What interfaces and their operations are called: those of `data/dce_rpc.tsv`, by the open specifications of Microsoft
//! (MS-SCMR, MS-SAMR, MS-LSAD, MS-LSAT, MS-SRVS, MS-WKST, MS-RRP, MS-TSCH, MS-DRSR, MS-NRPC, MS-RPRN, MS-PAR, MS-EFSR,
//! MS-DFSNM, MS-FSRVP, MS-EVEN, MS-EVEN6, MS-RSP, MS-WMI, MS-DCOM, MS-OXCRPC, MS-OXNSPI) and C706.
//!
//! A line is an identifier, a name, and operations by their number from 0 on; `12=` goes on from another number, and `*`
//! says that texts are handed over that are worth reading.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) name: &'static str,
    pub(super) has_texts: bool,
}

#[derive(Debug)]
struct Interface {
    name: &'static str,
    operations: BTreeMap<u16, Operation>,
}

static INTERFACES: LazyLock<BTreeMap<&'static str, Interface>> = LazyLock::new(|| {
    include_str!("../../../data/dce_rpc.tsv")
        .lines()
        .filter_map(read)
        .collect()
});

fn read(line: &'static str) -> Option<(&'static str, Interface)> {
    let mut columns = line.split('\t');
    let (id, name) = (columns.next()?, columns.next()?);
    let mut operations = BTreeMap::new();
    let mut next = 0_u16;
    for word in columns.next().unwrap_or_default().split_whitespace() {
        let (number, word) = match word.split_once('=') {
            Some((number, word)) => (number.parse().ok()?, word),
            None => (next, word),
        };
        let name = word.trim_end_matches('*');
        let operation = Operation {
            name,
            has_texts: name.len() < word.len(),
        };
        operations.insert(number, operation);
        next = number.saturating_add(1);
    }
    Some((id, Interface { name, operations }))
}

/// What an interface is called.
pub(super) fn endpoint(id: &str) -> Option<&'static str> {
    INTERFACES.get(id).map(|interface| interface.name)
}

/// An operation of an interface.
pub(super) fn operation(id: &str, number: u16) -> Option<Operation> {
    INTERFACES.get(id)?.operations.get(&number).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_and_operations_have_names() {
        let name = |id, number| operation(id, number).map(|operation| operation.name);
        let services = "367abb81-9844-35f1-ad32-98f038001003";
        assert_eq!(endpoint(services), Some("svcctl"));
        assert_eq!(name(services, 12), Some("CreateServiceW"));
        assert_eq!(name(services, 10), None);
        assert_eq!(name(services, 19), Some("StartServiceW"));
        assert_eq!(name("e3514235-4b06-11d1-ab04-00c04fc2dcd2", 3), Some("DRSGetNCChanges"));
        assert_eq!(name("9556dc99-828c-11cf-a37e-00aa003240c7", 24), Some("ExecMethod"));
        assert!(operation(services, 12).is_some_and(|operation| operation.has_texts));
        assert_eq!(endpoint("00000000-0000-0000-0000-000000000000"), None);
    }

    #[test]
    fn every_line_of_the_table_can_be_read() {
        let lines: Vec<_> = include_str!("../../../data/dce_rpc.tsv").lines().collect();
        assert_eq!(INTERFACES.len(), lines.len(), "identifiers stand there once");
        for line in lines {
            let (id, interface) = read(line).expect(line);
            assert!(id.len() == 36 && !interface.name.is_empty(), "{line}");
        }
    }
}
