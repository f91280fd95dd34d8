//! Mails that are forwarded without being attached, as programs quote them, in eight languages.

/// What a program calls things in one language.
struct Language {
    code: &'static str,
    /// Gmail's line, Thunderbird's, Apple's, and Outlook's, which it writes above answers, too.
    lines: [&'static str; 4],
    /// Sender, date by Outlook, date by others, recipients, copies, subject.
    names: [&'static str; 6],
    /// What Outlook puts before the subject.
    prefix: &'static str,
    /// What a colleague writes.
    note: &'static str,
}

const LANGUAGES: &[Language] = &[
    Language {
        code: "en",
        lines: [
            "Forwarded message",
            "Forwarded Message",
            "Begin forwarded message:",
            "Original Message",
        ],
        names: ["From", "Sent", "Date", "To", "Cc", "Subject"],
        prefix: "FW:",
        note: "Hello, is this legit? I did not order anything.",
    },
    Language {
        code: "de",
        lines: [
            "Weitergeleitete Nachricht",
            "Weitergeleitete Nachricht",
            "Anfang der weitergeleiteten Nachricht:",
            "Ursprüngliche Nachricht",
        ],
        names: ["Von", "Gesendet", "Datum", "An", "Cc", "Betreff"],
        prefix: "WG:",
        note: "Das kommt mir verdächtig vor.",
    },
    Language {
        code: "fr",
        lines: [
            "Message transféré",
            "Message transféré",
            "Début du message réexpédié :",
            "Message d'origine",
        ],
        names: ["De ", "Envoyé ", "Date ", "À ", "Cc ", "Objet "],
        prefix: "TR :",
        note: "Je trouve ce message suspect.",
    },
    Language {
        code: "es",
        lines: [
            "Mensaje reenviado",
            "Mensaje reenviado",
            "Inicio del mensaje reenviado:",
            "Mensaje original",
        ],
        names: ["De", "Enviado el", "Fecha", "Para", "CC", "Asunto"],
        prefix: "RV:",
        note: "Me parece sospechoso.",
    },
    Language {
        code: "it",
        lines: [
            "Messaggio inoltrato",
            "Messaggio Inoltrato",
            "Inizio messaggio inoltrato:",
            "Messaggio originale",
        ],
        names: ["Da", "Inviato", "Data", "A", "Cc", "Oggetto"],
        prefix: "I:",
        note: "Mi sembra sospetto.",
    },
    Language {
        code: "nl",
        lines: [
            "Doorgestuurd bericht",
            "Doorgestuurd bericht",
            "Begin doorgestuurd bericht:",
            "Oorspronkelijk bericht",
        ],
        names: ["Van", "Verzonden", "Datum", "Aan", "CC", "Onderwerp"],
        prefix: "FW:",
        note: "Is dit verdacht?",
    },
    Language {
        code: "pt",
        lines: [
            "Mensagem encaminhada",
            "Mensagem encaminhada",
            "Início da mensagem encaminhada:",
            "Mensagem original",
        ],
        names: ["De", "Enviada em", "Data", "Para", "Cc", "Assunto"],
        prefix: "ENC:",
        note: "Parece suspeito.",
    },
    Language {
        code: "pl",
        lines: [
            "Wiadomość przekazana",
            "Treść przekazanej wiadomości",
            "Początek przekazywanej wiadomości:",
            "Wiadomość oryginalna",
        ],
        names: ["Od", "Wysłano", "Data", "Do", "DW", "Temat"],
        prefix: "PD:",
        note: "To wygląda na podejrzane.",
    },
];

/// What is forwarded.
#[derive(Clone, Copy, Debug)]
pub struct Original<'a> {
    /// The sender's name.
    pub name: &'a str,
    /// The sender's address.
    pub address: &'a str,
    /// When, as programs write it.
    pub date: &'a str,
    /// Who it was for.
    pub to: &'a str,
    /// What it was about.
    pub subject: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Its page.
    pub page: &'a str,
}

/// A text that quotes the original.
#[derive(Clone, Debug)]
pub struct Forwarded {
    /// Language, program and form, `de outlook text`.
    pub name: String,
    /// The subject of the mail that forwards.
    pub subject: String,
    /// What the colleague wrote.
    pub note: &'static str,
    /// Whether it is a page.
    pub is_page: bool,
    /// The text or the page.
    pub body: String,
}

/// The original as each program quotes it in each language.
pub fn all(original: &Original<'_>) -> Vec<Forwarded> {
    LANGUAGES.iter().flat_map(|language| language.all(original)).collect()
}

impl Language {
    #[expect(clippy::too_many_lines, reason = "a list of programs, one by one")]
    fn all(&self, original: &Original<'_>) -> Vec<Forwarded> {
        let Original {
            name,
            address,
            date,
            to,
            subject,
            text,
            page,
        } = original;
        let [from, sent, on, recipients, _, about] = self.names;
        let [google, thunderbird, apple, outlook] = self.lines;
        let note = self.note;
        let marked: String = text.lines().map(|line| format!("> {line}\n")).collect();
        let made = |program: &str, is_page: bool, body: String| Forwarded {
            name: format!("{} {program} {}", self.code, if is_page { "page" } else { "text" }),
            subject: format!("{} {subject}", self.prefix),
            note,
            is_page,
            body,
        };
        vec![
            made(
                "outlook",
                false,
                format!(
                    "{note}\n\n-----{outlook}-----\n{from}: {name} <{address}> \n{sent}: {date}\n{recipients}: {to}\n{about}: {subject}\n\n{text}"
                ),
            ),
            made(
                "outlook of today",
                false,
                format!(
                    "{note}\n\n________________________________\n{from}: {name} <{address}>\n{sent}: {date}\n{recipients}: Clerk <{to}>; Other <other@corp.example>\n{about}: {subject}\n\n{text}"
                ),
            ),
            made(
                "outlook without a line",
                false,
                format!(
                    "{note}\n\n{from}: {name} [mailto:{address}]\n{sent}: {date}\n{recipients}: {to}\n{about}: {subject}\n\n{text}"
                ),
            ),
            made(
                "gmail",
                false,
                format!(
                    "{note}\n\n---------- {google} ---------\n{from}: {name} <{address}>\n{on}: {date}\n{about}: {subject}\n{recipients}: <{to}>\n\n\n{text}"
                ),
            ),
            made(
                "gmail on telephones",
                false,
                format!(
                    "{note}\n\n---------- {google} ---------\n*{from}:* {name} <{address}>\n*{on}:* {date}\n*{recipients}:* {to}\n*{about}:* {subject}\n\n{text}"
                ),
            ),
            made(
                "thunderbird",
                false,
                format!(
                    "{note}\n\n-------- {thunderbird} --------\n{about}: \t{subject}\n{on}: \t{date}\n{from}: \t{name} <{address}>\n{recipients}: \t{to}\n\n\n\n{text}"
                ),
            ),
            made(
                "apple",
                false,
                format!(
                    "{note}\n\n{apple}\n\n> {from}: {name} <{address}>\n> {about}: {subject}\n> {on}: {date}\n> {recipients}: {to}\n> \n{marked}"
                ),
            ),
            made(
                "outlook",
                true,
                format!(
                    "<html><body><div><p>{note}</p></div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt\"><p class=MsoNormal>\
                 <b>{from}:</b> {name} &lt;{address}&gt; <br><b>{sent}:</b> {date}<br><b>{recipients}:</b> {to}<br>\
                 <b>{about}:</b> {subject}</p></div><p></p>{page}</body></html>"
                ),
            ),
            made(
                "gmail",
                true,
                format!(
                    "<div dir=\"ltr\">{note}<br><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">---------- {google} \
                 ---------<br>{from}: <strong class=\"gmail_sendername\" dir=\"auto\">{name}</strong> <span dir=\"auto\">&lt;<a \
                 href=\"mailto:{address}\">{address}</a>&gt;</span><br>{on}: {date}<br>{about}: {subject}<br>{recipients}:  &lt;<a \
                 href=\"mailto:{to}\">{to}</a>&gt;<br></div><br><br>{page}</div></div>"
                ),
            ),
            made(
                "thunderbird",
                true,
                format!(
                    "<html><body><p>{note}</p><div class=\"moz-forward-container\"><br>-------- {thunderbird} --------\
                 <table class=\"moz-email-headers-table\"><tbody><tr><th>{about}: </th><td>{subject}</td></tr><tr><th>{on}: </th>\
                 <td>{date}</td></tr><tr><th>{from}: </th><td>{name} <a href=\"mailto:{address}\">&lt;{address}&gt;</a></td></tr>\
                 <tr><th>{recipients}: </th><td><a href=\"mailto:{to}\">{to}</a></td></tr></tbody></table><br><br>{page}</div></body></html>"
                ),
            ),
            made(
                "apple",
                true,
                format!(
                    "<html><body>{note}<br><div><br><blockquote type=\"cite\"><div>{apple}</div><br><div><span><b>{from}: </b></span>\
                 <span>{name} &lt;<a href=\"mailto:{address}\">{address}</a>&gt;<br></span></div><div><b>{about}: </b><b>{subject}</b><br></div>\
                 <div><b>{on}: </b>{date}<br></div><div><b>{recipients}: </b>&lt;{to}&gt;<br></div><br><div>{page}</div></blockquote></div>\
                 </body></html>"
                ),
            ),
        ]
    }
}
