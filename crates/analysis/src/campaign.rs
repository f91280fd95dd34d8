//! Mails that are copies of one another: they differ in numbers and recipients only.

use std::cmp::Ordering;
use std::collections::HashMap;
use watchfire_model::{MailFacts, Mailbox};

/// Words of one mail that are compared.
const WORDS: usize = 400;
/// Texts that are told apart among mails with the same sender, subject and parts.
const TEXTS: usize = 64;

/// Numbers for mails that are copies, from 1 in the order of the mails.
pub(crate) fn numbers<'m>(mails: impl Iterator<Item = (&'m MailFacts, &'m str)>) -> Vec<Option<u32>> {
    // Which texts there are for each key, and how many mails have each.
    let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
    let mut texts: Vec<(Vec<usize>, usize)> = Vec::new();
    let mut known = HashMap::new();
    let mut told = Vec::new();
    for (mail, text) in mails {
        let words = words(mail, text, &mut known);
        let group = groups.entry(key(mail)).or_default();
        let same = group
            .iter()
            .copied()
            .find(|at| texts.get(*at).is_some_and(|(known, _)| are_alike(known, &words)));
        let at = same.unwrap_or(texts.len());
        match texts.get_mut(at) {
            Some((_, count)) => *count += 1,
            None => {
                texts.push((words, 1));
                if group.len() < TEXTS {
                    group.push(at);
                }
            }
        }
        told.push(at);
    }
    let mut numbers: HashMap<usize, u32> = HashMap::new();
    let number = |at: usize| {
        if texts.get(at).is_none_or(|(_, count)| *count < 2) {
            return None;
        }
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX).saturating_add(1);
        Some(*numbers.entry(at).or_insert(next))
    };
    told.into_iter().map(number).collect()
}

/// The sender's domain and name, the subject without its numbers, and what the parts are.
fn key(mail: &MailFacts) -> String {
    let author = mail.author();
    let domain = author.and_then(Mailbox::domain).unwrap_or_default();
    let name = author.map(|author| author.name.raw()).unwrap_or_default();
    let subject = mail.subject.raw().to_lowercase();
    let words = subject
        .split_whitespace()
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit() || c == '@'));
    let parts: Vec<&str> = mail.parts.iter().map(|part| part.media_type.raw()).collect();
    format!(
        "{domain}\0{name}\0{}\0{}",
        words.collect::<Vec<_>>().join(" "),
        parts.join(" ")
    )
}

/// What the text says, without numbers and without what names a recipient: each word once, by its number in `known`, which
/// grows by those that were not met before.
fn words(mail: &MailFacts, text: &str, known: &mut HashMap<String, usize>) -> Vec<usize> {
    let names: Vec<String> = mail
        .to
        .iter()
        .chain(&mail.cc)
        .chain(&mail.delivered_to)
        .take(8)
        .flat_map(|entry| [Some(&entry.name), entry.address.as_ref()])
        .flatten()
        .map(|name| name.raw().to_lowercase())
        .collect();
    // No word reaches from one name into the next.
    let names = names.join("\n");
    let mut words: Vec<usize> = text
        .split_whitespace()
        .take(WORDS)
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit() || matches!(c, '@' | '/')))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty() && !names.contains(word.as_str()))
        .map(|word| {
            let next = known.len();
            *known.entry(word).or_insert(next)
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// Whether nine words of ten stand in both: of what both lists have together, no more than a nineteenth stands in one alone.
/// Lists ascend.
fn are_alike(a: &[usize], b: &[usize]) -> bool {
    let most = (a.len() + b.len()) / 19;
    let (mut first, mut second, mut alone) = (a.iter().peekable(), b.iter().peekable(), 0);
    while alone <= most {
        let order = match (first.peek(), second.peek()) {
            (Some(one), Some(other)) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return true,
        };
        alone += usize::from(order != Ordering::Equal);
        if order != Ordering::Greater {
            first.next();
        }
        if order != Ordering::Less {
            second.next();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::Untrusted;

    fn mail(subject: &str, to: &str) -> MailFacts {
        let entry = |address: &str| Mailbox {
            address: Some(address.into()),
            ..Mailbox::default()
        };
        MailFacts {
            subject: Untrusted::from(subject),
            from: vec![entry("shop@shop.example")],
            to: vec![entry(to)],
            ..MailFacts::default()
        }
    }

    #[test]
    fn likeness_is_nine_words_of_ten() {
        let naive = |a: &[usize], b: &[usize]| {
            let common = a.iter().filter(|word| b.contains(word)).count();
            common * 10 >= (a.len() + b.len() - common) * 9
        };
        let lists = |length: usize| (0..=length).map(move |left_out| (left_out..length).collect::<Vec<usize>>());
        for a in lists(40) {
            for b in lists(40).chain(lists(44)) {
                assert_eq!(are_alike(&a, &b), naive(&a, &b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn copies_differ_in_numbers_and_recipients() {
        let check = |mails: &[(&str, &str, &str)], expected: &[Option<u32>]| {
            let mails: Vec<(MailFacts, &str)> = mails
                .iter()
                .map(|(subject, to, text)| (mail(subject, to), *text))
                .collect();
            assert_eq!(numbers(mails.iter().map(|(mail, text)| (mail, *text))), expected);
        };
        check(
            &[
                (
                    "Invoice 17",
                    "ann@a.example",
                    "Dear ann, pay invoice 17 today at our page",
                ),
                ("Lunch", "ann@a.example", "at noon?"),
                (
                    "Invoice 18",
                    "ben@a.example",
                    "Dear ben, pay invoice 18 today at our page",
                ),
            ],
            &[Some(1), None, Some(1)],
        );
        check(
            &[
                (
                    "Your order 17",
                    "ann@a.example",
                    "You ordered: a red bicycle. It comes on Monday",
                ),
                (
                    "Your order 18",
                    "ann@a.example",
                    "You ordered: two pairs of boots. They come on Friday",
                ),
            ],
            &[None, None],
        );
        check(
            &[("", "ann@a.example", ""), ("", "ben@a.example", "")],
            &[Some(1), Some(1)],
        );
    }
}
