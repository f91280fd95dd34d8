//! What the packets of MySQL hold.

use crate::cursor::Cursor;
use watchfire_model::Untrusted;

/// What ends can do, of which both say what they can.
mod capability {
    pub(super) const DATABASE: u32 = 1 << 3;
    pub(super) const PROTOCOL_41: u32 = 1 << 9;
    pub(super) const TLS: u32 = 1 << 11;
    pub(super) const SECURE: u32 = 1 << 15;
    pub(super) const PLUGIN: u32 = 1 << 19;
    pub(super) const LONG_PROOF: u32 = 1 << 21;
    pub(super) const ATTRIBUTES: u32 = 1 << 27;
}

/// What the server says first.
#[derive(Debug)]
pub(super) struct Greeting {
    pub(super) version: Untrusted,
    pub(super) challenge: Vec<u8>,
    pub(super) plugin: String,
    pub(super) has_attributes: bool,
}

fn text(cursor: &mut Cursor<'_>) -> Option<Vec<u8>> {
    let rest = cursor.rest();
    let end = rest.iter().position(|byte| *byte == 0)?;
    let text = cursor.take(end)?.to_vec();
    cursor.u8()?;
    Some(text)
}

fn le32(cursor: &mut Cursor<'_>) -> Option<u32> {
    cursor.array().map(u32::from_le_bytes)
}

impl Greeting {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        cursor.u8().filter(|version| *version == 10)?;
        let version = text(&mut cursor)?;
        cursor.take(4)?;
        let mut challenge = cursor.take(8)?.to_vec();
        cursor.u8()?;
        let low = cursor.array().map(u16::from_le_bytes)?;
        let mut greeting = Self {
            version: Untrusted::from_bytes(&version),
            challenge: Vec::new(),
            plugin: String::new(),
            has_attributes: false,
        };
        // The character set and the state; older servers end here.
        if cursor.take(3).is_some()
            && let Some(high) = cursor.array().map(u16::from_le_bytes)
        {
            let length = cursor.u8()?;
            cursor.take(10)?;
            let rest = usize::from(length).saturating_sub(8).max(13);
            challenge.extend_from_slice(cursor.take(rest)?.strip_suffix(&[0]).unwrap_or_default());
            let capabilities = u32::from(low) | u32::from(high) << 16;
            greeting.has_attributes = capabilities & capability::ATTRIBUTES != 0;
            greeting.plugin = text(&mut cursor).map_or(String::new(), |name| String::from_utf8_lossy(&name).into());
        }
        greeting.challenge = challenge;
        Some(greeting)
    }

    /// The server wants another kind of proof.
    pub(super) fn switch(&mut self, body: &[u8]) {
        let mut cursor = Cursor::new(body.get(1..).unwrap_or_default());
        if let Some(plugin) = text(&mut cursor) {
            self.plugin = String::from_utf8_lossy(&plugin).into();
            let challenge = cursor.rest();
            self.challenge = challenge.strip_suffix(&[0]).unwrap_or(challenge).to_vec();
        }
    }
}

/// What the client says when it logs in.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) user: Untrusted,
    pub(super) proof: Vec<u8>,
    pub(super) database: Option<Untrusted>,
    pub(super) plugin: String,
    pub(super) is_tls: bool,
    pub(super) has_attributes: bool,
}

impl Response {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let low = body.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))?;
        let mut response = Self {
            user: Untrusted::default(),
            proof: Vec::new(),
            database: None,
            plugin: String::new(),
            is_tls: false,
            has_attributes: false,
        };
        let capabilities = if u32::from(low) & capability::PROTOCOL_41 == 0 {
            cursor.take(5)?;
            u32::from(low)
        } else {
            let capabilities = le32(&mut cursor)?;
            cursor.take(28)?;
            capabilities
        };
        let has = |flag: u32| capabilities & flag != 0;
        response.has_attributes = has(capability::ATTRIBUTES);
        response.is_tls = has(capability::TLS) && cursor.is_empty();
        if response.is_tls {
            return Some(response);
        }
        response.user = Untrusted::from_bytes(&text(&mut cursor)?);
        let proof = if has(capability::LONG_PROOF) {
            let length = number(&mut cursor)?;
            cursor.take(usize::try_from(length).ok()?)
        } else if has(capability::SECURE) {
            cursor.behind8()
        } else {
            Some(cursor.rest())
        };
        response.proof = proof.unwrap_or_default().to_vec();
        if has(capability::DATABASE) {
            response.database = text(&mut cursor).map(|name| Untrusted::from_bytes(&name));
        }
        if has(capability::PLUGIN) {
            response.plugin = text(&mut cursor).map_or(String::new(), |name| String::from_utf8_lossy(&name).into());
        }
        Some(response)
    }
}

/// A number of one to nine bytes.
fn number(cursor: &mut Cursor<'_>) -> Option<u64> {
    Some(match cursor.u8()? {
        0xfc => u64::from(cursor.array().map(u16::from_le_bytes)?),
        0xfd => {
            let [low, middle, high] = cursor.array()?;
            u64::from(u32::from_le_bytes([low, middle, high, 0]))
        }
        0xfe => cursor.array().map(u64::from_le_bytes)?,
        small => u64::from(small),
    })
}

/// The first packet of an answer.
#[derive(Debug)]
pub(super) enum Answer {
    Ok {
        rows: u64,
    },
    Failed(Untrusted),
    /// In log-ins, that another proof is wanted; otherwise an end.
    Switch,
    /// Rows, or something that is asked for.
    Other,
}

impl Answer {
    pub(super) fn read(body: &[u8]) -> Self {
        match body {
            [0, rest @ ..] => Self::Ok {
                rows: number(&mut Cursor::new(rest)).unwrap_or(0),
            },
            // A number, and a mark with a state before the text.
            [0xff, _, _, b'#', _, _, _, _, _, text @ ..] | [0xff, _, _, text @ ..] => {
                Self::Failed(Untrusted::from_bytes(text))
            }
            [0xfe, ..] => Self::Switch,
            _ => Self::Other,
        }
    }
}

/// A query behind its attributes.
pub(super) fn query(body: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor::new(body);
    let count = usize::try_from(number(&mut cursor)?).ok()?;
    number(&mut cursor)?;
    if count == 0 {
        return Some(cursor.rest());
    }
    let nulls = cursor.take(count.div_ceil(8))?;
    cursor.u8()?;
    let mut kinds = Vec::new();
    for _ in 0..count {
        let kind = cursor.array().map(u16::from_le_bytes)?;
        let name = number(&mut cursor)?;
        cursor.take(usize::try_from(name).ok()?)?;
        kinds.push(kind & 0xff);
    }
    for (at, kind) in kinds.into_iter().enumerate() {
        let is_null = nulls.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
        let length = match kind {
            _ if is_null => 0,
            6 => 0,
            1 => 1,
            2 | 13 => 2,
            3 | 4 | 9 => 4,
            5 | 8 => 8,
            7 | 10..=12 => u64::from(cursor.u8()?),
            _ => number(&mut cursor)?,
        };
        cursor.take(usize::try_from(length).ok()?)?;
    }
    Some(cursor.rest())
}

/// What a command is called.
pub(super) fn name(code: u8) -> Option<&'static str> {
    const NAMES: [&str; 32] = [
        "sleep",
        "quit",
        "init_db",
        "query",
        "field_list",
        "create_db",
        "drop_db",
        "refresh",
        "shutdown",
        "statistics",
        "process_info",
        "connect",
        "process_kill",
        "debug",
        "ping",
        "time",
        "delayed_insert",
        "change_user",
        "binlog_dump",
        "table_dump",
        "connect_out",
        "register_slave",
        "stmt_prepare",
        "stmt_execute",
        "stmt_send_long_data",
        "stmt_close",
        "stmt_reset",
        "set_option",
        "stmt_fetch",
        "daemon",
        "binlog_dump_gtid",
        "reset_connection",
    ];
    NAMES.get(usize::from(code)).copied()
}
