//! Live answers of the DNS (RFC 1035) to questions of whoever verifies a mail.
//!
//! The resolver asks the names' own servers, whose owners may notice. Answers are not validated (DNSSEC): that is the
//! resolver's business.

use crate::dns::{self, Code, Data, Message, Type};
use watchfire_model::dns::{Answer, Name, Question, Record, RecordKind, unescaped};
use watchfire_model::transport::{Method, Request, Transport, TransportError};

/// Most questions that go out at once.
pub const AT_ONCE: usize = 16;
/// Largest answer to all of them. Bytes.
const LIMIT: usize = 1 << 20;

/// Asks the resolver at `base`, `dns://system` or `dns://host:port`, and gives the answers in the order of the
/// questions. An answer that does not come, or makes no sense, is [`Answer::Failed`].
///
/// # Errors
/// When the resolver cannot be asked at all.
pub async fn resolve(
    transport: &dyn Transport,
    base: &str,
    questions: &[Question],
) -> Result<Vec<Answer>, TransportError> {
    let mut answers = Vec::with_capacity(questions.len());
    for some in questions.chunks(AT_ONCE) {
        let asked: Vec<Option<Vec<u8>>> = some
            .iter()
            .map(|question| dns::question(question.name.as_str(), kind(question.kind)))
            .collect();
        let request = Request {
            method: Method::Dns,
            body: dns::framed(asked.iter().flatten().map(Vec::as_slice)),
            limit: LIMIT,
            ..Request::get(base)
        };
        let response = transport.send(request).await?;
        let mut frames = dns::frames(&response.body);
        answers.extend(asked.iter().map(|asked| match asked {
            Some(_) => frames.next().and_then(dns::read).map_or(Answer::Failed, answer),
            None => Answer::NoSuchName,
        }));
    }
    Ok(answers)
}

fn kind(kind: RecordKind) -> Type {
    match kind {
        RecordKind::A => Type::A,
        RecordKind::Aaaa => Type::AAAA,
        RecordKind::Cname => Type::CNAME,
        RecordKind::Mx => Type::MX,
        RecordKind::Ptr => Type::PTR,
        RecordKind::Txt => Type::TXT,
    }
}

fn answer(message: Message) -> Answer {
    match message.code {
        Code::NO_ERROR => Answer::Records(message.records.into_iter().filter_map(record).collect()),
        Code::NO_SUCH_NAME => Answer::NoSuchName,
        _ => Answer::Failed,
    }
}

fn record(data: Data) -> Option<Record> {
    Some(match data {
        Data::Address(address) => Record::Address(address),
        Data::Name(name) => Record::Name(Name::parse(&name)?),
        Data::Mail(preference, exchange) => Record::Mail {
            preference,
            exchange: Name::parse(&exchange)?,
        },
        Data::Text(text) => Record::Text(unescaped(text.as_bytes())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_what_travelled() {
        let check = |data: Data, expected: Option<Record>| assert_eq!(record(data), expected);
        let name = |text: &str| Name::parse(text).unwrap();
        check(
            Data::Text("v=spf1 \\255\\\\".to_owned()),
            Some(Record::Text(b"v=spf1 \xff\\".to_vec())),
        );
        check(
            Data::Mail(0, ".".to_owned()),
            Some(Record::Mail {
                preference: 0,
                exchange: name(""),
            }),
        );
        check(
            Data::Name("Mail.Example".to_owned()),
            Some(Record::Name(name("mail.example"))),
        );
        check(Data::Name("a..b".to_owned()), None);
    }

    #[test]
    fn codes_are_told_apart() {
        for (code, expected) in [
            (Code::NO_ERROR, Answer::Records(Vec::new())),
            (Code::NO_SUCH_NAME, Answer::NoSuchName),
            (Code::SERVER_FAILURE, Answer::Failed),
            (Code::REFUSED, Answer::Failed),
        ] {
            let message = Message {
                code,
                records: Vec::new(),
            };
            assert_eq!(answer(message), expected);
        }
    }
}
