//! SPF (RFC 7208): whether the host that handed a mail over may send for the domain of its envelope.
//!
//! [`check`] is the RFC's `check_host()` over a snapshot of the DNS. Where an answer is not known the outcome is
//! `unverified` and the question is noted. The limits are those of section 4.6.4: ten terms that ask, two of them in
//! vain, ten hosts of one `mx` (more is a mistake) or names of one `ptr` (more are ignored). Terms whose target is no name
//! that can be asked about match nothing; the RFC leaves that open. Records of type SPF (99) are not asked for.

mod expand;
mod hosts;
mod record;

use super::ask::{Asker, Missing, Reply};
use expand::Values;
use hosts::{Count, temporary, within};
use record::{Directive, Mechanism, Mistake, Policy, Qualifier};
use std::net::IpAddr;
use watchfire_model::dns::{Name, RecordKind};
use watchfire_model::{Moment, SpfIdentity, SpfOutcome, SpfResult, Untrusted};

/// Most terms that ask.
const MOST_TERMS: u32 = 10;
/// Most terms that ask in vain.
const MOST_VOID: u32 = 2;
/// Longest local part and longest name of a host that macros see. Bytes.
const LONGEST_VALUE: usize = 512;

/// What a mail's delivery is known by.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The host that handed the mail over.
    pub client: IpAddr,
    /// What it called itself; empty if that is not known.
    pub helo: &'r str,
    /// The address of `MAIL FROM`, empty for `<>`.
    pub mail_from: &'r str,
    /// The host that took the mail, for explanations; empty if that is not known.
    pub receiver: &'r str,
    /// When that was.
    pub as_of: Moment,
}

/// Whether the client may send for the domain of `mail_from`, or for `helo` where that is empty.
pub fn check(request: &Request<'_>, asker: &mut Asker<'_>) -> SpfResult {
    let helo_is_sender = request.mail_from.is_empty();
    let (local, domain) = match request.mail_from.rsplit_once('@') {
        _ if helo_is_sender => ("", request.helo),
        Some(parts) => parts,
        None => ("", request.mail_from),
    };
    let mut result = SpfResult {
        identity: if helo_is_sender {
            SpfIdentity::Helo
        } else {
            SpfIdentity::MailFrom
        },
        domain: Untrusted::new(domain),
        client: Some(request.client.to_canonical()),
        ..SpfResult::default()
    };
    let Some(name) = asked_about(domain) else {
        result.outcome = SpfOutcome::None;
        let domain = result.domain.shown(80);
        result.why = Untrusted::new(format!("'{domain}' is no domain that could publish a policy"));
        return result;
    };
    let mut evaluation = Evaluation {
        request,
        client: request.client.to_canonical(),
        local: if local.is_empty() {
            "postmaster"
        } else {
            shortened(local)
        },
        sender_domain: domain,
        asker,
        terms: 0,
        void: 0,
    };
    evaluation.finish(&name, &mut result);
    result
}

/// A domain that check_host() accepts (section 4.3): several labels, no address in brackets.
fn asked_about(domain: &str) -> Option<Name> {
    Name::parse(domain).filter(|name| name.labels() > 1 && !domain.starts_with('['))
}

fn shortened(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_VALUE);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// Why an evaluation ended early.
enum Stop {
    Missing,
    Temporary(String),
    Permanent(String),
}

impl From<Missing> for Stop {
    fn from(_: Missing) -> Self {
        Self::Missing
    }
}

/// What a policy said.
struct Decision<'a> {
    outcome: SpfOutcome,
    /// The term that decided, and whose it is.
    term: Option<&'a [u8]>,
    domain: Name,
    explanation: Option<&'a [u8]>,
}

struct Evaluation<'e, 'a> {
    request: &'e Request<'e>,
    client: IpAddr,
    local: &'e str,
    sender_domain: &'e str,
    asker: &'e mut Asker<'a>,
    terms: u32,
    void: u32,
}

impl<'a> Evaluation<'_, 'a> {
    fn finish(&mut self, domain: &Name, result: &mut SpfResult) {
        let client = self.client;
        let (outcome, why) = match self.policy_of(domain) {
            Ok(Some(decision)) => {
                if decision.outcome == SpfOutcome::Fail {
                    result.explanation = self.explanation(&decision).map(Untrusted::new);
                }
                result.mechanism = decision.term.map(Untrusted::from_bytes);
                let why = decision.why(client);
                result.policy_of = Some(decision.domain);
                (decision.outcome, why)
            }
            Ok(None) => (SpfOutcome::None, format!("{domain} publishes no policy")),
            Err(Stop::Missing) => (SpfOutcome::Unverified, "answers of the DNS are missing".to_owned()),
            Err(Stop::Temporary(why)) => (SpfOutcome::Temperror, why),
            Err(Stop::Permanent(why)) => (SpfOutcome::Permerror, why),
        };
        result.outcome = outcome;
        result.why = Untrusted::new(why);
    }

    /// check_host(). Nothing where the domain publishes no policy.
    fn policy_of(&mut self, domain: &Name) -> Result<Option<Decision<'a>>, Stop> {
        let texts = self.asker.texts(domain)?;
        let texts = texts.map_err(|_| Stop::Temporary(format!("the policy of {domain} could not be had")))?;
        let mut policies = texts.into_iter().filter_map(record::policy_text);
        let Some(text) = policies.next() else {
            return Ok(None);
        };
        if policies.next().is_some() {
            return Err(Stop::Permanent(format!("{domain} publishes more than one policy")));
        }
        let policy = record::read(text).map_err(|Mistake(term)| {
            let term = Untrusted::from_bytes(term);
            Stop::Permanent(format!("the policy of {domain} has a mistake at '{}'", term.shown(80)))
        })?;
        self.evaluate(&policy, domain).map(Some)
    }

    fn evaluate(&mut self, policy: &Policy<'a>, domain: &Name) -> Result<Decision<'a>, Stop> {
        for directive in &policy.directives {
            if self.matches(directive, domain)? {
                return Ok(Decision {
                    outcome: match directive.qualifier {
                        Qualifier::Pass => SpfOutcome::Pass,
                        Qualifier::Fail => SpfOutcome::Fail,
                        Qualifier::Softfail => SpfOutcome::Softfail,
                        Qualifier::Neutral => SpfOutcome::Neutral,
                    },
                    term: Some(directive.text),
                    domain: domain.clone(),
                    explanation: policy.explanation,
                });
            }
        }
        let Some(target) = policy.redirect else {
            return Ok(Decision {
                outcome: SpfOutcome::Neutral,
                term: None,
                domain: domain.clone(),
                explanation: None,
            });
        };
        self.count_term()?;
        match self.target(target, domain)? {
            Some(target) if target.labels() > 1 => self
                .policy_of(&target)?
                .ok_or_else(|| Stop::Permanent(format!("{domain} redirects to {target}, which publishes no policy"))),
            _ => Err(Stop::Permanent(format!("{domain} redirects to what is no domain"))),
        }
    }

    fn matches(&mut self, directive: &Directive<'a>, domain: &Name) -> Result<bool, Stop> {
        match directive.mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Network(network, prefix) => Ok(within(self.client, network, prefix)),
            Mechanism::Include(target) => self.include(target, domain),
            Mechanism::A(target, prefixes) => {
                self.count_term()?;
                match self.target(target, domain)? {
                    Some(target) => self.address_of(&target, prefixes, Count::Void),
                    None => Ok(false),
                }
            }
            Mechanism::Mx(target, prefixes) => self.mail_hosts(target, domain, prefixes),
            Mechanism::Ptr(target) => {
                self.count_term()?;
                match self.target(target, domain)? {
                    Some(target) => Ok(self.validated()?.iter().any(|name| target.covers(name))),
                    None => Ok(false),
                }
            }
            Mechanism::Exists(target) => self.exists(target, domain),
        }
    }

    fn include(&mut self, target: &[u8], domain: &Name) -> Result<bool, Stop> {
        self.count_term()?;
        let included = match self.target(target, domain)? {
            Some(target) if target.labels() > 1 => self.policy_of(&target)?.map(|decision| decision.outcome),
            _ => None,
        };
        match included {
            Some(outcome) => Ok(outcome == SpfOutcome::Pass),
            None => Err(Stop::Permanent(format!(
                "{domain} includes '{}', which publishes no policy",
                Untrusted::from_bytes(target).shown(80)
            ))),
        }
    }

    fn exists(&mut self, target: &[u8], domain: &Name) -> Result<bool, Stop> {
        self.count_term()?;
        let Some(target) = self.target(target, domain)? else {
            return Ok(false);
        };
        match self.asker.ask(&target, RecordKind::A)? {
            Reply::Records(_) => Ok(true),
            Reply::Nothing => self.count_void().map(|()| false),
            Reply::Failed => Err(temporary(&target)),
        }
    }

    /// The name that a target stands for; the domain itself where it is empty.
    fn target(&mut self, text: &[u8], domain: &Name) -> Result<Option<Name>, Missing> {
        if text.is_empty() {
            return Ok(Some(domain.clone()));
        }
        let values = self.values(text, domain)?;
        Ok(expand::target(text, &values))
    }

    fn values<'v>(&'v mut self, text: &[u8], domain: &'v Name) -> Result<Values<'v>, Missing> {
        let validated = if expand::wants_validated(text) {
            let names = self.validated()?;
            let own = names.iter().find(|name| *name == domain);
            let near = own.or_else(|| names.iter().find(|name| domain.covers(name)));
            near.or(names.first()).map(|name| name.as_str().to_owned())
        } else {
            None
        };
        Ok(Values {
            local: self.local,
            sender_domain: self.sender_domain,
            domain,
            client: self.client,
            helo: shortened(self.request.helo),
            receiver: if self.request.receiver.is_empty() {
                "unknown"
            } else {
                self.request.receiver
            },
            now: self.request.as_of.unix(),
            validated: validated.unwrap_or_else(|| "unknown".to_owned()),
        })
    }

    /// What the domain has to say about a failure (section 6.2). Any trouble means nothing.
    fn explanation(&mut self, decision: &Decision<'a>) -> Option<String> {
        let target = self.target(decision.explanation?, &decision.domain).ok()??;
        let texts = self.asker.texts(&target).ok()?.ok()?;
        let [text] = texts.as_slice() else {
            return None;
        };
        let values = self.values(text, &decision.domain).ok()?;
        expand::explanation(text, &values)
    }

    fn count_term(&mut self) -> Result<(), Stop> {
        self.terms = self.terms.saturating_add(1);
        if self.terms > MOST_TERMS {
            return Err(Stop::Permanent(format!("the policy asks more than {MOST_TERMS} times")));
        }
        Ok(())
    }

    fn count_void(&mut self) -> Result<(), Stop> {
        self.void = self.void.saturating_add(1);
        if self.void > MOST_VOID {
            return Err(Stop::Permanent(format!(
                "the policy asks in vain more than {MOST_VOID} times"
            )));
        }
        Ok(())
    }
}

impl Decision<'_> {
    fn why(&self, client: IpAddr) -> String {
        let says = match self.outcome {
            SpfOutcome::Pass => "names",
            SpfOutcome::Fail => "refuses",
            SpfOutcome::Softfail => "would rather refuse",
            _ => "says nothing of",
        };
        let domain = &self.domain;
        match self.term {
            Some(term) => {
                let term = Untrusted::from_bytes(term);
                format!("'{}' in the policy of {domain} {says} {client}", term.shown(120))
            }
            None => format!("nothing in the policy of {domain} matches {client}"),
        }
    }
}
