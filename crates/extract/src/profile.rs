//! Accounts: what the address of a profile, an invitation or a webhook names.
//!
//! Which address names what is known to the types; here it is only decided where the name stands in the URL.

use crate::found::{Found, Sink};
use crate::reader::Reader;
use crate::text::Text;
use crate::url::Url;
use watchfire_model::{Confidence, Observable, ObservableType, Via};

/// Bytes of a URL that are looked at: names stand at its beginning.
const MOST: usize = 512;

/// The platform whose site ends with the last two labels of `host`.
fn platform(host: &[u8]) -> Option<ObservableType> {
    use ObservableType as T;
    let mut dots = host.iter().enumerate().rev().filter(|(_, byte)| **byte == b'.');
    let site = match dots.nth(1) {
        Some((at, _)) => host.get(at + 1..)?,
        None => host,
    };
    let mut lower = [0u8; 24];
    let name = lower.get_mut(..site.len())?;
    name.copy_from_slice(site);
    name.make_ascii_lowercase();
    Some(match &*name {
        b"t.me" | b"telegram.me" | b"telegram.dog" => T::Telegram,
        b"twitter.com" | b"x.com" => T::Twitter,
        b"facebook.com" | b"fb.com" | b"fb.me" => T::Facebook,
        b"instagram.com" | b"instagr.am" => T::Instagram,
        b"youtube.com" => T::Youtube,
        b"linkedin.com" => T::Linkedin,
        b"github.com" | b"githubusercontent.com" => T::Github,
        b"wa.me" | b"whatsapp.com" => T::Whatsapp,
        b"discord.gg" | b"discord.com" | b"discordapp.com" => T::Discord,
        b"skype.com" => T::Skype,
        _ => return None,
    })
}

/// Reports the account that `url` names.
pub(crate) fn read<S: Sink>(reader: &mut Reader<'_, '_, S>, url: &Url) {
    let text = reader.text;
    let Some(host) = url
        .host
        .filter(|host| (2..=4).contains(&host.labels) && host.end - host.start <= 64)
    else {
        return;
    };
    let kind = if host.is_plain() {
        platform(text.slice(host.start, host.end))
    } else {
        reader.scratch.clear();
        host.write(text, reader.scratch);
        platform(reader.scratch)
    };
    let Some(kind) = kind.filter(|kind| reader.types.contains(*kind)) else {
        return;
    };
    let mut short = *url;
    short.end = url.end.min(url.start + MOST);
    let mut address = Vec::new();
    short.write(text, None, &mut address);
    let Ok(account) = Observable::parse(kind, &String::from_utf8_lossy(&address)) else {
        return;
    };
    let (start, end) = place(text, &short, account.raw()).unwrap_or((url.start, url.end));
    let found = Found::new(kind, account.raw().as_bytes(), start, end)
        .because(Confidence::High, "the account in a profile URL")
        .via(Via::Profile);
    reader.emit(found);
}

/// Where the name stands in the path or query: with its prefix (`in/`, `webhooks/`) if that stands there too.
fn place(text: Text<'_>, url: &Url, name: &str) -> Option<(usize, usize)> {
    let bare = name.rsplit('/').next().unwrap_or(name);
    [name, bare, bare.trim_start_matches(['@', '+'])]
        .into_iter()
        .find_map(|name| {
            let starts = |at: &usize| matches!(text.before(*at), b'/' | b'=' | b'@' | b'+' | b'B');
            let is_there = |at: &usize| {
                text.slice(*at, *at + name.len()).eq_ignore_ascii_case(name.as_bytes()) && !name.is_empty()
            };
            let at = (url.rest + 1..url.end).filter(starts).find(is_there)?;
            Some((at, at + name.len()))
        })
}
