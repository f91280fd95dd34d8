//! What joins deeds, and what does not because it is everybody's.

use super::Matter;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use watchfire_knowledge::infrastructure::{self, Role};
use watchfire_model::url::Url;
use watchfire_model::{ArtifactId, Finding, Host, Organisation, Target, Trace};

use crate::detectors::network::is_inside;

/// Machines or users from which somebody logs in, beyond which what they log in to, or as, is everybody's.
const MANY: usize = 5;

/// Accounts that systems come with.
const SYSTEM: &[&str] = &[
    "-",
    "system",
    "local service",
    "network service",
    "anonymous logon",
    "administrator",
    "admin",
    "root",
    "guest",
    "nobody",
    "www-data",
    "daemon",
    "ubuntu",
    "ec2-user",
    "postgres",
    "mysql",
    "oracle",
    "test",
    "user",
];

/// Something by which deeds belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mark {
    File(ArtifactId),
    /// A host of somebody else, by name or address.
    Host(String),
    /// A machine of one's own, by its shortest name.
    Machine(String),
    Account(String),
    /// A machine of one's own that strangers try to get into.
    Tried(String),
}

/// What is known about machines and accounts from everything together.
pub(super) struct Known<'a> {
    organisation: &'a Organisation,
    /// What addresses are called, where nothing else is called so.
    names: HashMap<IpAddr, String>,
    /// Machines that serve many.
    servers: BTreeSet<String>,
    /// Accounts that are used from many machines.
    roaming: BTreeSet<String>,
}

impl<'a> Known<'a> {
    pub(super) fn of(matter: &Matter<'a>) -> Self {
        let mut known = Self {
            organisation: matter.organisation,
            names: HashMap::new(),
            servers: BTreeSet::new(),
            roaming: BTreeSet::new(),
        };
        let mut called: HashMap<IpAddr, BTreeSet<String>> = HashMap::new();
        for capture in matter
            .artifacts
            .iter()
            .filter_map(|artifact| artifact.capture.as_deref())
        {
            for talker in capture.talkers.iter().filter(|talker| known.is_inside(talker.address)) {
                if let Some(name) = talker.names.first() {
                    called
                        .entry(talker.address)
                        .or_default()
                        .insert(known.short(name.raw()));
                }
            }
        }
        let rows = || matter.log.into_iter().flat_map(|log| &log.logins);
        for row in rows().filter(|row| !row.from_host.is_empty()) {
            if let Some(from) = row.from.filter(|from| known.is_inside(*from)) {
                called.entry(from).or_default().insert(known.short(row.from_host.raw()));
            }
        }
        let surely = called.into_iter().filter(|(_, names)| names.len() == 1);
        known.names = surely
            .filter_map(|(address, names)| Some((address, names.into_iter().next()?)))
            .collect();
        let mut to: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in rows() {
            let Some(from) = row.from.map(|from| known.machine(&from.to_string())) else {
                continue;
            };
            if !row.host.is_empty() {
                to.entry(known.machine(row.host.raw()))
                    .or_default()
                    .insert(from.clone());
            }
            of.entry(account(row.user.raw())).or_default().insert(from);
        }
        let many = |all: BTreeMap<String, BTreeSet<String>>| -> BTreeSet<String> {
            let many = all.into_iter().filter(|(_, from)| from.len() >= MANY);
            many.map(|(name, _)| name).collect()
        };
        (known.servers, known.roaming) = (many(to), many(of));
        known
    }

    /// The one name of a machine: what its address is called, else the first part of a name of one's own.
    pub(super) fn machine(&self, name: &str) -> String {
        match name.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => {
                let address = address.to_canonical();
                let name = self.names.get(&address).cloned();
                name.unwrap_or_else(|| address.to_string())
            }
            Err(_) => self.short(name),
        }
    }

    fn short(&self, name: &str) -> String {
        let name = name.trim_end_matches(['.', '$']).to_lowercase();
        match name.split_once('.') {
            Some((first, _)) if self.organisation.owns_domain(&name) => first.to_owned(),
            _ => name,
        }
    }

    /// What a trace joins; nothing, where it is everybody's.
    pub(super) fn of_trace(&self, trace: &Trace) -> Option<Mark> {
        match trace {
            Trace::File(id) => (!id.is_unknown()).then_some(Mark::File(*id)),
            Trace::Machine(name) => self.of_machine(name.raw()),
            Trace::Account(name) => {
                let name = account(name.raw());
                let is_everybodys = name.is_empty()
                    || name.ends_with('$')
                    || SYSTEM.contains(&name.as_str())
                    || self.roaming.contains(&name);
                (!is_everybodys).then_some(Mark::Account(name))
            }
            Trace::Tried(_) | Trace::Entered(_) => None,
        }
    }

    fn of_machine(&self, name: &str) -> Option<Mark> {
        if let Ok(address) = name.parse::<IpAddr>()
            && !self.is_inside(address.to_canonical())
        {
            return self.of_host(name);
        }
        let machine = self.machine(name);
        let is_everybodys = self.servers.contains(&machine) || self.is_service(name) || machine == "localhost";
        (!is_everybodys).then_some(Mark::Machine(machine))
    }

    /// What a target joins.
    pub(super) fn of_target(&self, target: &Target) -> Option<Mark> {
        match target {
            Target::Host(host) => match host.raw().parse::<IpAddr>() {
                Ok(address) if self.is_inside(address) => self.of_machine(host.raw()),
                _ => self.of_host(host.raw()),
            },
            // The page of a host that serves others as well.
            Target::Url(url) => Some(Mark::Host(url.raw().to_owned())),
            Target::File(_) => None,
        }
    }

    /// A host of somebody else, unless many use it.
    pub(super) fn of_host(&self, name: &str) -> Option<Mark> {
        let name = match Url::parse(name) {
            Some(url) => url.host.to_lowercase(),
            None => name.trim_end_matches('.').to_lowercase(),
        };
        if let Ok(address) = name.parse::<IpAddr>() {
            let mut hits = Vec::new();
            infrastructure::ip(address, &mut hits);
            // An address of a cloud is one customer's at a time; one of a public resolver is everybody's.
            let is_everybodys = self.is_inside(address)
                || address.is_multicast()
                || address.is_unspecified()
                || hits.iter().any(|hit| hit.list.role == Role::KnownGood);
            return (!is_everybodys).then_some(Mark::Host(name));
        }
        if name.is_empty() || self.organisation.owns_domain(&name) || self.is_service(&name) {
            return None;
        }
        let mut hits = Vec::new();
        infrastructure::host(&name, &mut hits);
        let is_everybodys = hits
            .iter()
            .any(|hit| matches!(hit.list.role, Role::Shared | Role::KnownGood));
        (!is_everybodys).then_some(Mark::Host(name))
    }

    /// Where it was done by strangers: others who try the same are of one story.
    pub(super) fn of_attempt(&self, finding: &Finding) -> Vec<Mark> {
        let is_strange = |target: &Target| match target {
            Target::Host(host) => host.raw().parse().is_ok_and(|address| !self.is_inside(address)),
            Target::Url(_) | Target::File(_) => false,
        };
        if !finding.targets.iter().any(is_strange) {
            return Vec::new();
        }
        let tried = finding.traces.iter().filter_map(|trace| match trace {
            Trace::Tried(name) | Trace::Entered(name) => Some(Mark::Tried(self.machine(name.raw()))),
            _ => None,
        });
        tried.collect()
    }

    fn is_inside(&self, address: IpAddr) -> bool {
        is_inside(self.organisation, address)
    }

    /// Gateways and scanners of the configuration.
    fn is_service(&self, name: &str) -> bool {
        let listed = self
            .organisation
            .mail_gateways
            .iter()
            .chain(&self.organisation.scanners);
        let address = name.parse::<IpAddr>().ok();
        listed.into_iter().any(|listed| match (listed, address) {
            (Host::Range(range), Some(address)) => range.contains(address),
            (Host::Name(domain), None) => domain.covers(name),
            _ => false,
        })
    }
}

/// The name of an account without its domain, in either way of writing it.
fn account(name: &str) -> String {
    let name = name.rsplit_once('\\').map_or(name, |(_, name)| name);
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    name.trim().to_lowercase()
}
