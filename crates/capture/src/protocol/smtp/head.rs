//! The head of a message (RFC 5322 2.2): a few fields of it.

use watchfire_model::Untrusted;
use watchfire_model::network::SmtpHead;

/// Bytes of a head that are looked at.
const LONGEST_HEAD: usize = 16 << 10;
/// `Received` fields that are kept.
const MOST_RECEIVED: usize = 8;

/// Keeps the beginning of a message until its head is whole.
#[derive(Debug, Default)]
pub(super) struct Reader {
    held: Vec<u8>,
    is_over: bool,
}

impl Reader {
    /// Takes what comes next.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        if self.is_over {
            return;
        }
        // Where the end of the head may have begun before.
        let from = self.held.len().saturating_sub(3);
        let room = LONGEST_HEAD.saturating_sub(self.held.len()).min(bytes.len());
        self.held.extend_from_slice(bytes.get(..room).unwrap_or_default());
        let fresh = self.held.get(from..).unwrap_or_default();
        self.is_over = self.held.len() >= LONGEST_HEAD || has(fresh, b"\n\r\n") || has(fresh, b"\n\n");
    }

    /// Bytes of memory that it holds.
    pub(super) const fn memory(&self) -> usize {
        self.held.capacity()
    }

    /// What comes next is not known.
    pub(super) fn stop(&mut self) {
        self.is_over = true;
    }

    /// What its fields say.
    pub(super) fn fields(self) -> SmtpHead {
        let mut head = SmtpHead::default();
        let mut field: Vec<u8> = Vec::new();
        for line in self.held.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            // A field goes on in lines that begin with a blank.
            if let [b' ' | b'\t', ..] = line {
                field.push(b' ');
                field.extend_from_slice(line.trim_ascii());
                continue;
            }
            keep(&mut head, &field);
            field.clear();
            if line.is_empty() {
                break;
            }
            field.extend_from_slice(line);
        }
        keep(&mut head, &field);
        head
    }
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn keep(head: &mut SmtpHead, field: &[u8]) {
    let Some(colon) = field.iter().position(|byte| *byte == b':') else {
        return;
    };
    let (name, value) = field.split_at_checked(colon).unwrap_or_default();
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    let name = name.trim_ascii().to_ascii_lowercase();
    let place = match name.as_slice() {
        b"date" => &mut head.date,
        b"from" => &mut head.from,
        b"to" => &mut head.to,
        b"cc" => &mut head.cc,
        b"reply-to" => &mut head.reply_to,
        b"message-id" => &mut head.message_id,
        b"in-reply-to" => &mut head.in_reply_to,
        b"subject" => &mut head.subject,
        b"x-originating-ip" => &mut head.originating_ip,
        b"user-agent" | b"x-mailer" => &mut head.user_agent,
        b"received" => {
            if head.received.len() < MOST_RECEIVED {
                head.received.push(Untrusted::from_bytes(value));
            }
            return;
        }
        _ => return,
    };
    place.get_or_insert_with(|| Untrusted::from_bytes(value));
}
