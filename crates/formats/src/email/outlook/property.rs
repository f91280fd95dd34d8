//! Properties of messages, recipients and attachments (MS-OXCDATA, MS-OXPROPS): numbers with values.

use crate::bytes::{le16, le32, le64};
use encoding_rs::Encoding;

/// A property's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) u16);

/// The properties that are read; all others are passed over.
pub(crate) mod id {
    use super::Id;

    macro_rules! ids {
        ($($name:ident $number:literal)*) => {
            $(
                #[doc = concat!("`", stringify!($name), "`")]
                pub(crate) const $name: Id = Id($number);
            )*
            /// All of them.
            pub(crate) const READ: &[Id] = &[$($name),*];
        };
    }

    ids! {
        MESSAGE_CLASS 0x001a
        SUBJECT 0x0037
        CLIENT_SUBMIT_TIME 0x0039
        SENT_REPRESENTING_NAME 0x0042
        REPLY_RECIPIENT_NAMES 0x0050
        SENT_REPRESENTING_ADDRESS 0x0065
        TRANSPORT_HEADERS 0x007d
        RECIPIENT_TYPE 0x0c15
        SENDER_NAME 0x0c1a
        SENDER_ADDRESS 0x0c1f
        DISPLAY_CC 0x0e03
        DISPLAY_TO 0x0e04
        DELIVERY_TIME 0x0e06
        NORMALIZED_SUBJECT 0x0e1d
        BODY 0x1000
        RTF_COMPRESSED 0x1009
        BODY_HTML 0x1013
        INTERNET_MESSAGE_ID 0x1035
        INTERNET_REFERENCES 0x1039
        IN_REPLY_TO_ID 0x1042
        DISPLAY_NAME 0x3001
        ADDRESS 0x3003
        SMTP_ADDRESS 0x39fe
        ATTACH_DATA 0x3701
        ATTACH_FILENAME 0x3704
        ATTACH_METHOD 0x3705
        ATTACH_LONG_FILENAME 0x3707
        ATTACH_LONG_PATHNAME 0x370d
        ATTACH_MIME_TAG 0x370e
        ATTACH_CONTENT_ID 0x3712
        INTERNET_CODEPAGE 0x3fde
        MESSAGE_CODEPAGE 0x3ffd
        SENDER_SMTP_ADDRESS 0x5d01
        SENT_REPRESENTING_SMTP_ADDRESS 0x5d02
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text.
    Text(String),
    /// Text whose code page is not known yet.
    Letters(Vec<u8>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A number, a truth value, or a moment in units of 100 ns since 1601.
    Number(u64),
}

/// What a type of value is made of (MS-OXCDATA 2.11.1).
pub(crate) mod kind {
    /// 8-bit text.
    pub(crate) const STRING8: u16 = 0x001e;
    /// UTF-16 text.
    pub(crate) const UNICODE: u16 = 0x001f;
    /// Bytes.
    pub(crate) const BINARY: u16 = 0x0102;
    /// An object: another file or message.
    pub(crate) const OBJECT: u16 = 0x000d;
}

/// The properties of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    values: Vec<(Id, Value)>,
}

impl Properties {
    /// Adds a value that is kept whole elsewhere, in a stream of its own; the first of each number stays.
    pub(crate) fn add(&mut self, id: Id, kind: u16, bytes: Vec<u8>) {
        let value = match kind {
            kind::UNICODE => Value::Text(wide(&bytes)),
            kind::STRING8 => Value::Letters(bytes),
            _ => Value::Bytes(bytes),
        };
        self.set(id, value);
    }

    /// Adds a value of at most eight bytes.
    pub(crate) fn add_fixed(&mut self, id: Id, kind: u16, bytes: &[u8]) {
        let number = match kind {
            0x0002 => le16(bytes, 0).map(u64::from),
            0x0003 | 0x000a => le32(bytes, 0).map(u64::from),
            0x000b => le16(bytes, 0).map(|flag| u64::from(flag != 0)),
            0x0014 | 0x0040 => le64(bytes, 0),
            _ => None,
        };
        if let Some(number) = number {
            self.set(id, Value::Number(number));
        }
    }

    /// Sets a value unless there is one.
    pub(crate) fn set(&mut self, id: Id, value: Value) {
        if !self.values.iter().any(|(known, _)| *known == id) {
            self.values.push((id, value));
        }
    }

    /// Whether there is one.
    pub(crate) fn has(&self, id: Id) -> bool {
        self.value(id).is_some()
    }

    fn value(&self, id: Id) -> Option<&Value> {
        self.values
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, value)| value)
    }

    /// A text, trimmed; nothing where it is empty.
    pub(crate) fn text(&self, id: Id, codepage: &'static Encoding) -> Option<String> {
        let text = match self.value(id)? {
            Value::Text(text) => text.clone(),
            Value::Letters(bytes) => codepage.decode_without_bom_handling(bytes).0.into_owned(),
            _ => return None,
        };
        let text = text.trim_matches('\0').trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A number.
    pub(crate) fn number(&self, id: Id) -> Option<u64> {
        match self.value(id)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The bytes of a value as they are stored.
    pub(crate) fn bytes(&self, id: Id) -> Option<&[u8]> {
        match self.value(id)? {
            Value::Bytes(bytes) | Value::Letters(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Takes the bytes of a value out.
    pub(crate) fn take(&mut self, id: Id) -> Option<Vec<u8>> {
        let at = self.values.iter().position(|(known, _)| *known == id)?;
        match self.values.swap_remove(at).1 {
            Value::Bytes(bytes) | Value::Letters(bytes) => Some(bytes),
            Value::Text(text) => Some(text.into_bytes()),
            Value::Number(_) => None,
        }
    }

    /// The encoding of its 8-bit texts, by the code page that it names.
    pub(crate) fn codepage(&self) -> Option<&'static Encoding> {
        let known = |id| self.number(id).and_then(|page| encoding(u32::try_from(page).ok()?));
        known(id::MESSAGE_CODEPAGE).or_else(|| known(id::INTERNET_CODEPAGE))
    }
}

/// UTF-16, little endian.
pub(crate) fn wide(bytes: &[u8]) -> String {
    let letters = bytes.as_chunks::<2>().0.iter();
    char::decode_utf16(letters.map(|letter| u16::from_le_bytes(*letter)))
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The encoding of a code page of Windows.
pub(crate) fn encoding(page: u32) -> Option<&'static Encoding> {
    let label = match page {
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        10_000 => "macintosh".to_owned(),
        20_127 => "us-ascii".to_owned(),
        20_866 => "koi8-r".to_owned(),
        20_932 | 51_932 => "euc-jp".to_owned(),
        21_866 => "koi8-u".to_owned(),
        28_591..=28_606 => format!("iso-8859-{}", page - 28_590),
        38_598 => "iso-8859-8-i".to_owned(),
        50_220..=50_222 => "iso-2022-jp".to_owned(),
        51_949 => "euc-kr".to_owned(),
        54_936 => "gb18030".to_owned(),
        65_001 => "utf-8".to_owned(),
        1200 => "utf-16le".to_owned(),
        874 | 1250..=1258 => format!("windows-{page}"),
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}
