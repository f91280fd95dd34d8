//! Values of header fields as they are written into mails that are made of something else: what Outlook keeps of a mail, and
//! what a text quotes of one.

/// `"Name" <address>`. Addresses of directories (`/O=…`) are none.
pub(super) fn mailbox(name: Option<&str>, address: Option<&str>) -> String {
    let address = address.filter(|address| address.contains('@')).map(|address| {
        let kept = |c: &char| !matches!(c, '<' | '>' | ' ') && !c.is_control();
        address.chars().filter(kept).collect::<String>()
    });
    match (name.filter(|name| Some(*name) != address.as_deref()), address) {
        (Some(name), Some(address)) => format!("{} <{address}>", quoted(name)),
        (None, Some(address)) => format!("<{address}>"),
        (Some(name), None) => quoted(name),
        (None, None) => String::new(),
    }
}

/// A text in quotes on one line, at most as long as anybody reads.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars().filter(|letter| !letter.is_control()).take(1000) {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
    out
}

/// A text on one line, at most as long as anybody reads.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(10_000)
        .collect()
}
