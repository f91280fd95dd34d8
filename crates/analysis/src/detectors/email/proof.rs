//! What is known about whether the shown sender's domain sent a mail: verified here first, and what the receiver's own
//! server recorded only where that stayed open.
//!
//! A signature over a part of the body (`l=`, RFC 6376, section 8.2) leaves the rest to anybody, and so does one over fewer
//! fields of a name than there are (section 8.15): neither vouches for anybody.

use super::recorded::{self, Recorded};
use crate::detectors::evidence;
use watchfire_knowledge::host;
use watchfire_model::{
    Authentication, DkimOutcome, DkimResult, DmarcOutcome, Evidence, Fact, FactSet, MailFacts, Organisation, Place,
    SpfOutcome,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Proof<'a> {
    facts: &'a FactSet,
    mail: &'a MailFacts,
    /// What was verified here, where the DNS could be asked.
    pub(crate) verified: Option<&'a Authentication>,
    /// What the receiver's own server wrote.
    pub(crate) recorded: Option<Recorded<'a>>,
    /// The shown sender's domain sent it.
    pub(crate) is_given: bool,
}

/// How a proof was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missed {
    /// The domain's own policy says so.
    Policy,
    /// The domain does not name the server, and nobody signed.
    Server,
    /// There is no proof of anybody.
    Nothing,
    /// Somebody else signed.
    OtherSigned,
    /// Only the envelope of somebody else is proved.
    OtherSent,
}

impl<'a> Proof<'a> {
    /// Of a mail whose shown sender is of `site`.
    pub(crate) fn of(facts: &'a FactSet, mail: &'a MailFacts, site: &str, organisation: &Organisation) -> Self {
        let verified = facts.facts.iter().find_map(|fact| match fact {
            Fact::Authentication(found) => Some(&**found),
            _ => None,
        });
        let recorded = recorded::trusted(mail, organisation);
        let vouches = |recorded: &Recorded<'_>| recorded.vouches_for(site);
        let is_given = !site.is_empty()
            && match verified {
                Some(verified) if verified.dmarc.outcome == DmarcOutcome::Fail => false,
                Some(verified) if is_proved(verified, mail, site) => true,
                // A signature over a part, or what was refused here, is not mended by what somebody recorded.
                Some(verified) if is_decisive(verified) => false,
                _ => recorded.as_ref().is_some_and(vouches),
            };
        Self {
            facts,
            mail,
            verified,
            recorded,
            is_given,
        }
    }

    /// What was verified here, where nothing else needs to be asked.
    fn decided(&self) -> Option<&'a Authentication> {
        self.verified.filter(|verified| is_decisive(verified))
    }

    /// Whether anybody looked for a proof, and would have told.
    pub(crate) fn is_looked_for(&self) -> bool {
        let is_told = |recorded: &Recorded<'_>| {
            let is_about = !recorded.behind_gateway && !recorded.about_gateway && !recorded.is_anonymous;
            self.is_given || is_about || recorded.is_anonymous && self.missed().is_some()
        };
        self.decided().is_some() || self.recorded.as_ref().is_some_and(is_told)
    }

    /// Whether whoever looked, looked at more than one proof, or was refused the one it looked at.
    pub(crate) fn is_thorough(&self) -> bool {
        let recorded = || self.is_looked_for() && self.recorded.as_ref().is_some_and(Recorded::is_thorough);
        self.decided().is_some() || recorded()
    }

    /// The domains that are proved, whosever they are.
    pub(crate) fn proved(&self) -> Vec<String> {
        let verified = self.verified.into_iter().flat_map(|verified| {
            let signed = whole(verified, self.mail).map(|dkim| host::normal(dkim.domain.raw()));
            let sent = (verified.spf.outcome == SpfOutcome::Pass).then(|| host::normal(verified.spf.domain.raw()));
            signed.chain(sent)
        });
        let recorded = self.recorded.as_ref().filter(|_| self.verified.is_none_or(is_open));
        verified
            .chain(recorded.into_iter().flat_map(Recorded::proved))
            .collect()
    }

    /// How the proof was missed; nothing where it is given, and where nobody looked well enough.
    pub(crate) fn missed(&self) -> Option<Missed> {
        if let Some(verified) = self.decided() {
            return if self.is_given {
                None
            } else {
                missed_here(verified, self.mail)
            };
        }
        let recorded = self.recorded.as_ref().filter(|recorded| !recorded.about_gateway)?;
        let is_refused = recorded.word("compauth") == Some("fail");
        if self.is_given && !is_refused {
            return None;
        }
        let proved = recorded.proved();
        Some(match () {
            () if recorded.word("dmarc") == Some("fail") || is_refused => Missed::Policy,
            () if recorded.is_anonymous && recorded.word("dkim") == Some("pass") => return None,
            () if proved.is_empty() && matches!(recorded.word("spf"), Some("fail" | "softfail")) => Missed::Server,
            // A server that looked at one thing only says little by what it did not find, and one that is not known nothing.
            () if proved.is_empty() && (recorded.is_anonymous || !recorded.is_thorough()) => return None,
            () if proved.is_empty() => Missed::Nothing,
            () if recorded.has_signature() => Missed::OtherSigned,
            () => Missed::OtherSent,
        })
    }

    /// Who says so and what, for a title, and where it stands.
    pub(crate) fn told(&self) -> Option<(String, Evidence)> {
        if let Some(verified) = self.decided() {
            let signed = verified.dkim.iter().find(|dkim| dkim.outcome == DkimOutcome::Pass);
            let dkim = signed
                .or(verified.dkim.first())
                .map_or("none", |dkim| dkim.outcome.name());
            let how = format!(
                "verified here: SPF {}, DKIM {dkim}, DMARC {}",
                verified.spf.outcome, verified.dmarc.outcome
            );
            return Some((
                how,
                evidence(self.facts, Place::Header("From".into()), verified.dmarc.why.raw()),
            ));
        }
        let recorded = self.recorded.as_ref()?;
        let by = crate::detectors::link::shown(&recorded.by);
        let at = Place::Header(recorded.field().into());
        Some((
            format!("recorded by {by}: {}", recorded.summary()),
            evidence(self.facts, at, &recorded.excerpt()),
        ))
    }

    /// A signature that holds and leaves a part of the mail to anybody.
    pub(crate) fn partial_signature(&self) -> Option<&'a DkimResult> {
        let mut signed = self.verified?.dkim.iter();
        signed.find(|dkim| dkim.outcome == DkimOutcome::Pass && !is_over_all(dkim, self.mail))
    }
}

/// All that could prove the sender was found out, or its domain refuses the mail.
fn is_decisive(verified: &Authentication) -> bool {
    !is_open(verified) || refuses(verified)
}

/// Something that could prove the sender was not found out.
fn is_open(verified: &Authentication) -> bool {
    !verified.missing.is_empty()
}

/// Signatures that hold, over all of the mail, with a key that is not for testing only.
fn whole<'v>(verified: &'v Authentication, mail: &MailFacts) -> impl Iterator<Item = &'v DkimResult> {
    let holds = |dkim: &&DkimResult| dkim.outcome == DkimOutcome::Pass && is_over_all(dkim, mail) && !dkim.testing;
    verified.dkim.iter().filter(holds)
}

/// Whether what people see first of a mail, and its whole body, are as they were signed.
fn is_over_all(dkim: &DkimResult, mail: &MailFacts) -> bool {
    let is_signed = |name: &&str| {
        let stands = mail
            .headers
            .iter()
            .filter(|field| field.name.raw().eq_ignore_ascii_case(name));
        let signed = dkim.signed.iter().filter(|signed| signed.raw().eq(*name));
        let count = stands.count();
        count < 2 || count <= signed.count()
    };
    dkim.body_signed.is_none() && ["from", "subject", "content-type"].iter().all(is_signed)
}

fn is_proved(verified: &Authentication, mail: &MailFacts, site: &str) -> bool {
    let is_own = |domain: &str| host::registrable(&host::normal(domain)) == site;
    let sent = verified.spf.outcome == SpfOutcome::Pass && is_own(verified.spf.domain.raw());
    sent || whole(verified, mail).any(|dkim| is_own(dkim.domain.raw()))
}

/// The domain says by its policy, or by the servers that it names, that it did not send the mail.
fn refuses(verified: &Authentication) -> bool {
    let is_signed = verified.dkim.iter().any(|dkim| {
        matches!(
            dkim.outcome,
            DkimOutcome::Pass | DkimOutcome::Unverified | DkimOutcome::Temperror
        )
    });
    let is_refused = matches!(verified.spf.outcome, SpfOutcome::Fail | SpfOutcome::Softfail);
    verified.dmarc.outcome == DmarcOutcome::Fail || is_refused && !is_signed
}

/// Nothing where the shown domain signed a part of the mail: that vouches for nobody, and speaks against nobody.
fn missed_here(verified: &Authentication, mail: &MailFacts) -> Option<Missed> {
    let is_refused = matches!(verified.spf.outcome, SpfOutcome::Fail | SpfOutcome::Softfail);
    let author = host::normal(verified.dmarc.domain.raw());
    let is_own = |dkim: &DkimResult| host::registrable(&host::normal(dkim.domain.raw())) == host::registrable(&author);
    let is_partial = |dkim: &DkimResult| dkim.outcome == DkimOutcome::Pass && !dkim.testing && is_own(dkim);
    Some(match () {
        () if verified.dmarc.outcome == DmarcOutcome::Fail => Missed::Policy,
        () if verified.dkim.iter().any(is_partial) => return None,
        () if whole(verified, mail).next().is_some() => Missed::OtherSigned,
        () if is_refused => Missed::Server,
        () if verified.spf.outcome == SpfOutcome::Pass => Missed::OtherSent,
        () => Missed::Nothing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_formats::email::Message;
    use watchfire_formats::identify::media;
    use watchfire_model::{ArtifactId, DmarcResult, Origin, SpfResult};

    fn signed(domain: &str, body_signed: Option<u64>) -> DkimResult {
        DkimResult {
            outcome: DkimOutcome::Pass,
            domain: domain.into(),
            signed: ["from", "subject"].map(Into::into).to_vec(),
            body_signed,
            ..DkimResult::default()
        }
    }

    #[track_caller]
    fn check(dkim: &[DkimResult], spf: SpfOutcome, dmarc: DmarcOutcome, expected: (bool, Option<Missed>)) {
        let mail = Message::read(b"From: a@sender.example\r\nSubject: x\r\n\r\nbody\r\n").facts;
        let verified = Authentication {
            spf: SpfResult {
                outcome: spf,
                domain: "sender.example".into(),
                ..SpfResult::default()
            },
            dkim: dkim.to_vec(),
            dmarc: DmarcResult {
                outcome: dmarc,
                domain: "sender.example".into(),
                ..DmarcResult::default()
            },
            ..Authentication::default()
        };
        let facts = FactSet {
            artifact: ArtifactId::of(b""),
            origin: Origin::root("mail.eml"),
            media_type: media::EML,
            role: None,
            facts: vec![Fact::Authentication(Box::new(verified))],
        };
        let proof = Proof::of(&facts, &mail, "sender.example", &Organisation::default());
        assert_eq!((proof.is_given, proof.missed()), expected);
    }

    #[test]
    fn a_signature_over_a_part_vouches_for_nobody_and_accuses_nobody() {
        let part = || signed("sender.example", Some(4));
        check(
            &[signed("sender.example", None)],
            SpfOutcome::None,
            DmarcOutcome::Pass,
            (true, None),
        );
        check(&[part()], SpfOutcome::None, DmarcOutcome::Pass, (false, None));
        check(&[part()], SpfOutcome::None, DmarcOutcome::None, (false, None));
        check(&[part()], SpfOutcome::Softfail, DmarcOutcome::Pass, (false, None));
        let policy = Some(Missed::Policy);
        check(&[part()], SpfOutcome::None, DmarcOutcome::Fail, (false, policy));
        let nothing = Some(Missed::Nothing);
        check(&[], SpfOutcome::None, DmarcOutcome::None, (false, nothing));
        check(
            &[signed("other.example", Some(4))],
            SpfOutcome::None,
            DmarcOutcome::None,
            (false, nothing),
        );
    }
}
