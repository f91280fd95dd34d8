//! Signs: what a mail does, whatever it says. Each is a number from 0 to 1.
//!
//! None is about `Received`, authentication, list fields or dates: those tell which collection a training mail came from.

use crate::text::{Piece, head, is_disguised, pieces};
use crate::{Letter, features::Brands};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::IpAddr;
use watchfire_knowledge::confusable::is_invisible;
use watchfire_knowledge::mail::{Place, is_bulk, is_free, is_shortener, place};
use watchfire_knowledge::sayable::is_unsayable;
use watchfire_knowledge::{brand, host};
use watchfire_model::observable::host::numeric_ipv4;
use watchfire_model::url::Url;
use watchfire_model::{MailPart, Mailbox, PartRole, Untrusted};

macro_rules! signs {
    ($($(#[$doc:meta])* $name:ident = $words:literal,)*) => {
        /// What a sign is, as its place in [`SIGNS`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Sign { $($name,)* }

        /// Signs in words, in the order of the model's weights.
        pub const SIGNS: &[&str] = &[$($words,)*];
    };
}

signs! {
    FromNobody = "no sender address",
    FromNameless = "sender without a name",
    FromFreeMail = "sender at a free mail service",
    FromNameIsAddress = "sender's name is an address",
    NameOfOthers = "sender's name is a brand's, its address is not",
    NameOwn = "sender's name is a brand's, and so is its address",
    SubjectOfOthers = "subject names a brand that did not send it",
    SubjectOwn = "subject names the brand that sent it",
    BodyOfOthers = "text names a brand that neither sent it nor is linked",
    LinksLeaveBrand = "a brand sent it, and no link leads there",
    LinksToBrand = "a link leads to a brand that the text names",
    LinksNotToBrand = "names a brand, and no link leads there",
    DomainHasName = "sender's domain has the sender's name in it",
    DomainCheap = "sender's domain has an often abused ending",
    DomainDigits = "sender's domain is full of digits",
    DomainHyphens = "sender's domain has several hyphens",
    DomainDeep = "sender's domain is deep",
    DomainLong = "sender's domain is long",
    DomainRandom = "sender's domain reads like random letters",
    LocalRandom = "sender's address reads like random letters",
    LocalLong = "sender's address is long",
    LocalNoReply = "sender says that it is not read",
    ReplyElsewhere = "answers go to another domain",
    ReplyFreeMail = "answers go to a free mail service",
    ToSelf = "sent to its sender",
    AddressInSubject = "recipient's address in the subject",
    AddressInBody = "recipient's address in the text",
    AddressInLink = "recipient's address in a link",
    SubjectNone = "no subject",
    SubjectCapitals = "subject in capitals",
    SubjectBang = "exclamation mark in the subject",
    SubjectSymbols = "pictures in the subject",
    SubjectAnswers = "subject says it is an answer, and it answers nothing",
    Answers = "answers an earlier mail",
    SubjectNumber = "long number in the subject",
    SubjectSpacing = "odd spacing in the subject",
    SubjectDisguised = "subject in letters of other scripts",
    BodyDisguised = "text in letters of other scripts",
    BodyUnseen = "text with characters that nobody sees",
    BodyLength = "length of the text",
    BodyLittle = "little text",
    BodyNone = "no text",
    PageOnly = "page without a text version",
    Page = "is a page",
    Form = "form in the mail",
    Script = "script in the mail",
    Hidden = "hidden text",
    HiddenMuch = "much hidden text",
    OnePicture = "a picture instead of text",
    Pictures = "number of pictures",
    PicturesElsewhere = "pictures from elsewhere than the sender",
    LinksNone = "no links",
    Links = "number of links",
    OneTarget = "all links lead to one place",
    OneTargetMany = "several links lead to one place",
    LinksAllOwn = "all links lead to the sender's domain",
    LinksSomeOwn = "a link leads to the sender's domain",
    LinksNoneOwn = "no link leads to the sender's domain",
    LinkHosts = "number of places that links lead to",
    LinkAddress = "link to a bare address",
    LinkShort = "shortened link",
    LinkForAnybody = "link to where anybody puts pages",
    LinkCheap = "link to an often abused ending",
    LinkRandom = "link to a name of random letters",
    LinkTextDiffers = "link shows another place than it leads to",
    LinksPictures = "all links are pictures",
    LinksDead = "links that lead nowhere",
    LinkUser = "link with a name before the host",
    CarriesPage = "carries a page as a file",
    CarriesArchive = "carries an archive",
    CarriesPdf = "carries a PDF",
    CarriesPicture = "carries a picture",
    CarriesOffice = "carries an Office document",
    CarriesMail = "carries a mail",
    CarriesInvitation = "carries an invitation",
}

/// The signs of one mail, with their values, in the order of [`SIGNS`].
#[derive(Debug)]
pub(crate) struct Signs {
    pub(crate) values: Vec<f32>,
}

impl Signs {
    fn set(&mut self, sign: Sign, value: f32) {
        if let Some(place) = self.values.get_mut(sign as usize) {
            *place = value;
        }
    }

    fn is(&mut self, sign: Sign, holds: bool) {
        if holds {
            self.set(sign, 1.0);
        }
    }
}

/// Characters of a body that are looked at for signs.
const BODY: usize = 6_000;

/// Reads the signs of a mail.
pub(crate) fn read(letter: &Letter<'_>) -> Signs {
    let mut signs = Signs {
        values: vec![0.0; SIGNS.len()],
    };
    let links = Links::of(letter);
    let sender = Sender::of(letter);
    let body = head(letter.body(), BODY);
    sender_signs(&sender, letter, &mut signs);
    brand_signs(&sender, letter, body, &links, &mut signs);
    subject_signs(letter, &mut signs);
    body_signs(letter, body, &links, &mut signs);
    link_signs(&sender, letter, &links, &mut signs);
    recipient_signs(letter, body, &links, &mut signs);
    letter.facts.parts.iter().for_each(|part| part_signs(part, &mut signs));
    signs
}

/// Who a reader takes it to be from.
struct Sender<'a> {
    name: &'a str,
    local: &'a str,
    domain: String,
}

impl<'a> Sender<'a> {
    fn of(letter: &Letter<'a>) -> Self {
        let facts = letter.facts;
        let author = facts.author();
        let address = author
            .and_then(|author| author.address.as_ref())
            .map_or("", Untrusted::raw);
        let (local, domain) = address.rsplit_once('@').unwrap_or(("", ""));
        // A comma makes several senders of one, and leaves the name with the first.
        let mut names = facts
            .from
            .iter()
            .map(|entry| entry.name.raw())
            .filter(|name| !name.is_empty());
        Self {
            name: author
                .map(|author| author.name.raw())
                .filter(|name| !name.is_empty())
                .or_else(|| names.next())
                .unwrap_or(""),
            local,
            domain: host::normal(domain),
        }
    }

    /// What of its domain somebody registered.
    fn site(&self) -> &str {
        host::registrable(&self.domain)
    }
}

fn sender_signs(sender: &Sender<'_>, letter: &Letter<'_>, signs: &mut Signs) {
    signs.is(Sign::FromNobody, sender.domain.is_empty());
    signs.is(Sign::FromNameless, sender.name.is_empty());
    signs.is(Sign::FromFreeMail, is_free(&sender.domain));
    signs.is(Sign::FromNameIsAddress, sender.name.contains('@'));
    let owned = sender.site().replace('-', "");
    let in_domain = words(sender.name).any(|word| word.len() > 3 && owned.contains(&word));
    signs.is(Sign::DomainHasName, in_domain);
    signs.is(Sign::DomainCheap, is_bulk(&sender.domain));
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    signs.is(Sign::DomainDigits, digits(&sender.domain) >= 3);
    signs.is(Sign::DomainHyphens, sender.site().matches('-').count() >= 2);
    signs.is(Sign::DomainDeep, sender.domain.matches('.').count() >= 3);
    signs.is(Sign::DomainLong, sender.site().len() > 22);
    signs.is(Sign::DomainRandom, is_unsayable(host::name(&sender.domain)));
    signs.is(
        Sign::LocalRandom,
        is_unsayable(sender.local) || digits(sender.local) >= 5,
    );
    signs.is(Sign::LocalLong, sender.local.len() > 24);
    let plain = sender.local.to_ascii_lowercase().replace(['-', '_', '.'], "");
    signs.is(
        Sign::LocalNoReply,
        plain.contains("noreply") || plain.contains("donotreply"),
    );
    let answers = letter.facts.reply_to.iter().filter_map(Mailbox::domain);
    let answers: Vec<String> = answers.map(host::normal).collect();
    let to_sender = answers.iter().any(|domain| host::registrable(domain) == sender.site());
    signs.is(Sign::ReplyElsewhere, !answers.is_empty() && !to_sender);
    let to_free_mail = answers.iter().any(|domain| is_free(domain)) && !is_free(&sender.domain);
    signs.is(Sign::ReplyFreeMail, to_free_mail);
}

/// Whether a character is there and nobody sees it. Variation selectors say how a picture is drawn.
fn is_unseen(c: char) -> bool {
    is_invisible(c) && !matches!(c, '\u{FE00}'..='\u{FE0F}')
}

/// Words of a text in lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Word(word) => Some(word.to_lowercase()),
        _ => None,
    })
}

fn brand_signs(sender: &Sender<'_>, letter: &Letter<'_>, body: &str, links: &Links<'_>, signs: &mut Signs) {
    let owns = |brands: &Brands| is_owned(&sender.domain, &brands.words);
    let leads = |brands: &Brands| links.hosts.iter().any(|host| is_owned(host, &brands.words));
    let name = Brands::in_text(sender.name);
    let subject = Brands::in_text(letter.facts.subject.raw());
    let text = Brands::in_text(head(body, 4_000));
    signs.is(Sign::NameOfOthers, name.any() && !owns(&name));
    signs.is(Sign::NameOwn, name.any() && owns(&name));
    signs.is(Sign::SubjectOfOthers, subject.any() && !owns(&subject));
    signs.is(Sign::SubjectOwn, subject.any() && owns(&subject));
    let has_links = !links.hosts.is_empty();
    signs.is(Sign::BodyOfOthers, text.any() && !owns(&text) && !leads(&text));
    signs.is(
        Sign::LinksLeaveBrand,
        text.any() && owns(&text) && has_links && !leads(&text),
    );
    signs.is(Sign::LinksToBrand, text.any() && leads(&text));
    let both = name.with(&subject);
    signs.is(Sign::LinksNotToBrand, both.any() && has_links && !leads(&both));
}

fn subject_signs(letter: &Letter<'_>, signs: &mut Signs) {
    let subject = head(letter.facts.subject.raw(), 1_000);
    signs.is(Sign::SubjectNone, subject.trim().is_empty());
    let letters = subject.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = subject.chars().filter(|c| c.is_uppercase()).count();
    signs.is(Sign::SubjectCapitals, letters > 7 && capitals * 10 > letters * 6);
    signs.is(Sign::SubjectBang, subject.contains('!'));
    let is_picture = |c: char| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
    signs.is(Sign::SubjectSymbols, subject.chars().any(is_picture));
    let answers = letter.facts.refers_to > 0;
    let prefix = subject
        .trim_start()
        .split(':')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let says_so = subject.contains(':') && ["re", "fw", "fwd", "aw", "wg", "sv", "tr"].contains(&prefix.as_str());
    signs.is(Sign::SubjectAnswers, says_so && !answers);
    signs.is(Sign::Answers, answers);
    let is_number = |run: &str| run.len() >= 6 && run.bytes().filter(u8::is_ascii_digit).count() >= 6;
    signs.is(
        Sign::SubjectNumber,
        subject.split(|c: char| !c.is_ascii_alphanumeric()).any(is_number),
    );
    let doubled = ["!!", "??", "!?", "?!", "   "].iter().any(|odd| subject.contains(odd));
    signs.is(Sign::SubjectSpacing, doubled || subject.matches('_').count() >= 2);
    signs.is(
        Sign::SubjectDisguised,
        subject.chars().any(is_unseen) || is_disguised(subject),
    );
}

fn body_signs(letter: &Letter<'_>, body: &str, links: &Links<'_>, signs: &mut Signs) {
    signs.is(Sign::BodyDisguised, is_disguised(body));
    signs.is(Sign::BodyUnseen, body.chars().filter(|c| is_unseen(*c)).count() > 3);
    let length = letter.body().chars().filter(|c| !c.is_whitespace()).count();
    signs.set(Sign::BodyLength, scale(length, 14));
    signs.is(Sign::BodyLittle, length < 150);
    signs.is(Sign::BodyNone, length < 15);
    let Some(page) = letter.page else {
        return;
    };
    signs.is(Sign::Page, true);
    signs.is(Sign::PageOnly, letter.text.is_empty());
    signs.is(Sign::Form, page.forms > 0);
    signs.is(Sign::Script, page.scripted);
    signs.is(Sign::Hidden, page.hidden.len() > 40);
    signs.is(Sign::HiddenMuch, page.hidden.len() > 400);
    let has_links = !links.hosts.is_empty();
    signs.is(
        Sign::OnePicture,
        (1..=2).contains(&links.pictures.len()) && length < 300 && has_links,
    );
    signs.set(Sign::Pictures, scale(links.pictures.len(), 7));
}

/// The binary logarithm as the number of bits, of at most `most`: the same on every machine.
#[expect(clippy::cast_precision_loss, reason = "numbers below 64")]
fn scale(count: usize, most: u32) -> f32 {
    let bits = (usize::BITS - count.leading_zeros()).min(most);
    bits as f32 / most as f32
}

fn link_signs(sender: &Sender<'_>, letter: &Letter<'_>, links: &Links<'_>, signs: &mut Signs) {
    let hosts = &links.hosts;
    let owners: BTreeSet<&str> = hosts.iter().map(|host| host::registrable(host)).collect();
    let own = owners.contains(sender.site());
    let any = |holds: fn(&str) -> bool| hosts.iter().any(|host| holds(host));
    signs.is(Sign::LinksNone, hosts.is_empty());
    signs.set(Sign::Links, scale(hosts.len(), 7));
    signs.set(Sign::LinkHosts, scale(owners.len(), 4));
    let targets: BTreeSet<&str> = links.targets.iter().map(|(target, _)| *target).collect();
    signs.is(Sign::OneTarget, targets.len() == 1);
    signs.is(Sign::OneTargetMany, targets.len() == 1 && links.targets.len() >= 3);
    signs.is(Sign::LinksAllOwn, own && owners.len() == 1);
    signs.is(Sign::LinksSomeOwn, own);
    signs.is(Sign::LinksNoneOwn, !owners.is_empty() && !own);
    signs.is(Sign::LinkAddress, any(is_address));
    signs.is(Sign::LinkShort, any(is_shortener));
    signs.is(Sign::LinkForAnybody, any(|host| place(host) == Some(Place::Open)));
    signs.is(Sign::LinkCheap, any(is_bulk));
    signs.is(Sign::LinkRandom, any(|host| is_unsayable(host::name(host))));
    let differs = links.targets.iter().any(|(target, shown)| shows_another(target, shown));
    signs.is(Sign::LinkTextDiffers, differs);
    signs.is(
        Sign::LinksPictures,
        !links.targets.is_empty() && links.targets.iter().all(|(_, shown)| shown.is_empty()),
    );
    signs.is(Sign::LinksDead, links.dead >= 2);
    let has_user = |target: &str| Url::parse(target).is_some_and(|url| url.userinfo.is_some());
    signs.is(Sign::LinkUser, links.targets.iter().any(|(target, _)| has_user(target)));
    let pictures = || links.pictures.iter().filter_map(|picture| host_of(picture));
    let at_home = |host: String| host::registrable(&host) == sender.site();
    let elsewhere = letter.page.is_some() && !sender.domain.is_empty() && pictures().next().is_some();
    signs.is(Sign::PicturesElsewhere, elsewhere && !pictures().any(at_home));
}

/// The host that a link leads to; nothing where it leads nowhere in the web.
fn host_of(target: &str) -> Option<String> {
    let whole = match () {
        () if target.starts_with("//") => Cow::Owned(format!("https:{target}")),
        () if target.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("www.")) => {
            Cow::Owned(format!("http://{target}"))
        }
        () => Cow::Borrowed(target),
    };
    host::of_link(&whole).filter(|host| host.contains('.') || is_address(host))
}

/// Whether a host is a number, in whatever spelling browsers accept.
fn is_address(host: &str) -> bool {
    let plain = host.trim_matches(['[', ']']);
    plain.parse::<IpAddr>().is_ok() || numeric_ipv4(plain).is_some()
}

/// Whether `host`, lower case, is run by one of those whom `words` name, or bears the name itself (`amazon.it`).
fn is_owned(host: &str, words: &[&str]) -> bool {
    words.contains(&host::name(host))
        || brand::owner(host).is_some_and(|brand| brand.words.iter().any(|word| words.contains(word)))
}

fn shows_another(target: &str, shown: &str) -> bool {
    let (Some(shown), Some(host)) = (host::shown_in(shown), host_of(target)) else {
        return false;
    };
    host::registrable(&shown) != host::registrable(&host)
}

fn recipient_signs(letter: &Letter<'_>, body: &str, links: &Links<'_>, signs: &mut Signs) {
    let author = letter.facts.author().and_then(|author| author.address.as_ref());
    let recipients = letter
        .facts
        .to
        .iter()
        .take(20)
        .filter_map(|entry| entry.address.as_ref());
    let lower = body.to_ascii_lowercase();
    let subject = letter.facts.subject.raw().to_ascii_lowercase();
    for address in recipients {
        signs.is(
            Sign::ToSelf,
            author.is_some_and(|author| author.raw().eq_ignore_ascii_case(address.raw())),
        );
        let address = address.raw().to_ascii_lowercase();
        if address.len() < 6 {
            continue;
        }
        signs.is(Sign::AddressInSubject, subject.contains(&address));
        signs.is(Sign::AddressInBody, lower.contains(&address));
        let in_link = links
            .targets
            .iter()
            .take(200)
            .any(|(target, _)| head(target, 2_000).contains(&address));
        signs.is(Sign::AddressInLink, in_link);
    }
}

fn part_signs(part: &MailPart, signs: &mut Signs) {
    let media_type = part.media_type.raw();
    match part.role {
        PartRole::Text | PartRole::Html | PartRole::Multipart => return,
        PartRole::Message => signs.is(Sign::CarriesMail, true),
        PartRole::Inline | PartRole::Attachment => {}
    }
    signs.is(Sign::CarriesPicture, media_type.starts_with("image/"));
    signs.is(Sign::CarriesInvitation, media_type == "text/calendar");
    let name = part.name.as_ref().map_or("", Untrusted::raw).to_ascii_lowercase();
    let Some((_, extension)) = name.rsplit_once('.') else {
        return;
    };
    match extension {
        "htm" | "html" | "shtml" | "xhtml" | "svg" => signs.is(Sign::CarriesPage, true),
        "zip" | "rar" | "7z" | "iso" | "img" | "gz" | "tar" | "tgz" | "cab" => signs.is(Sign::CarriesArchive, true),
        "pdf" => signs.is(Sign::CarriesPdf, true),
        "doc" | "docx" | "docm" | "xls" | "xlsx" | "xlsm" | "ppt" | "pptx" | "pptm" => {
            signs.is(Sign::CarriesOffice, true)
        }
        _ => {}
    }
}

/// Where a mail leads.
struct Links<'a> {
    /// Lower-case hosts of links, in order.
    hosts: Vec<String>,
    /// Links with what they show; nothing where that is a picture.
    targets: Vec<(&'a str, &'a str)>,
    /// Where pictures come from.
    pictures: Vec<&'a str>,
    /// Links that lead nowhere.
    dead: usize,
}

/// Links that are looked at.
const MOST_LINKS: usize = 500;

impl<'a> Links<'a> {
    fn of(letter: &Letter<'a>) -> Self {
        let mut links = Self {
            hosts: Vec::new(),
            targets: Vec::new(),
            pictures: Vec::new(),
            dead: 0,
        };
        for link in letter.links.iter().take(MOST_LINKS) {
            links.put(link.target.raw(), link.text.raw(), link.loaded);
        }
        links
    }

    fn put(&mut self, target: &'a str, shown: &'a str, is_loaded: bool) {
        let target = target.trim();
        if is_loaded {
            self.pictures.push(target);
            return;
        }
        if target.is_empty() || target == "#" {
            self.dead += 1;
            return;
        }
        self.targets.push((target, shown));
        self.hosts.extend(host_of(target));
    }
}
