//! Names in program text that look like host names: members of objects and modules.

use crate::chain::Chain;
use crate::text::Text;

/// "this.name", "e.target": a lower-case pair whose ending is a common member name in code.
pub(crate) fn is_member(text: Text<'_>, domain: &Chain) -> bool {
    const MEMBERS: [&[u8]; 14] = [
        b"name", b"id", b"in", b"is", b"at", b"to", b"it", b"so", b"style", b"data", b"call", b"map", b"select", b"do",
    ];
    let last = text.slice(domain.last, domain.end);
    let owner = text.slice(domain.start, domain.last.saturating_sub(1));
    let object = matches!(
        owner,
        b"this"
            | b"self"
            | b"e"
            | b"i"
            | b"os"
            | b"obj"
            | b"window"
            | b"document"
            | b"event"
            | b"process"
            | b"module"
            | b"console"
            | b"args"
            | b"user"
            | b"file"
            | b"request"
            | b"response"
    );
    object && (MEMBERS.contains(&last) || last.len() > 3) && !matches!(last, b"com" | b"net" | b"org" | b"info")
        || (owner.len() <= 1 && matches!(last, b"e" | b"g" | b"id" | b"name"))
}
