//! Which language a text is in, by its commonest small words, or by its script.
//!
//! A guess for the reader's convenience: which colleague to ask, which words to search for. Nothing is judged by it.

/// Words that make up much of any text, by language (ISO 639-1). Each stands for one language alone, or for few.
const WORDS: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "the", "and", "you", "your", "is", "are", "of", "to", "this", "that", "with", "have", "for", "from",
            "will", "not", "please", "been", "our", "we",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "ist", "sie", "ihr", "ihre", "ihren", "nicht", "mit", "ein", "eine", "für",
            "auf", "zu", "wir", "haben", "bitte", "wird",
        ],
    ),
    (
        "fr",
        &[
            "le", "les", "des", "et", "est", "vous", "votre", "vos", "une", "pour", "dans", "nous", "avec", "pas",
            "sur", "du", "cette", "être", "sont", "au",
        ],
    ),
    (
        "es",
        &[
            "el", "los", "las", "que", "su", "para", "por", "con", "una", "del", "usted", "está", "esta", "sus",
            "este", "más", "como", "pero", "y", "se",
        ],
    ),
    (
        "it",
        &[
            "il", "di", "che", "gli", "della", "per", "con", "non", "una", "del", "sono", "tuo", "suo", "questo",
            "alla", "nel", "più", "è", "lei", "ti",
        ],
    ),
    (
        "pt",
        &[
            "o", "os", "que", "seu", "sua", "para", "não", "uma", "com", "você", "do", "da", "em", "por", "está",
            "mais", "ao", "pela", "são", "foi",
        ],
    ),
    (
        "nl",
        &[
            "de", "het", "een", "van", "en", "u", "uw", "niet", "met", "voor", "zijn", "deze", "naar", "wij", "hebben",
            "ook", "wordt", "dat", "bij", "op",
        ],
    ),
    (
        "pl",
        &[
            "się", "nie", "jest", "na", "do", "w", "z", "i", "oraz", "dla", "po", "przez", "że", "jak", "od", "lub",
            "prosimy", "państwa", "twoje", "został",
        ],
    ),
    (
        "sv",
        &[
            "och", "att", "det", "som", "är", "för", "på", "inte", "med", "din", "ditt", "har", "av", "till", "om",
            "vi", "den", "kan", "eller", "från",
        ],
    ),
    (
        "tr",
        &[
            "ve",
            "bir",
            "bu",
            "için",
            "ile",
            "da",
            "olarak",
            "çok",
            "daha",
            "lütfen",
            "hesabınız",
            "değil",
            "sizin",
            "olan",
            "veya",
            "gibi",
            "kadar",
            "her",
            "ne",
            "mi",
        ],
    ),
];

/// Words that are looked at.
const LOOKED_AT: usize = 600;
/// Fewer small words say nothing.
const ENOUGH: usize = 4;

/// The language of `text` (ISO 639-1); nothing where it is too short or not one of those that are known.
pub fn guess(text: &str) -> Option<&'static str> {
    by_script(text).or_else(|| {
        let mut counts = vec![0_usize; WORDS.len()];
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
        for word in words.filter(|word| !word.is_empty()).take(LOOKED_AT) {
            let word = word.to_lowercase();
            for ((_, known), count) in WORDS.iter().zip(&mut counts) {
                *count += usize::from(known.contains(&word.as_str()));
            }
        }
        let most = counts.iter().copied().max().filter(|most| *most >= ENOUGH)?;
        let mut best = WORDS.iter().zip(&counts).filter(|(_, count)| **count * 4 > most * 3);
        match (best.next(), best.next()) {
            (Some(((language, _), _)), None) => Some(language),
            // Two are as likely.
            _ => None,
        }
    })
}

/// Languages that are the only one of their script, or nearly.
fn by_script(text: &str) -> Option<&'static str> {
    let (mut letters, mut kana, mut han, mut hangul, mut cyrillic, mut ukrainian, mut arabic, mut hebrew) =
        (0_usize, 0_usize, 0_usize, 0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    let (mut greek, mut thai) = (0_usize, 0_usize);
    for c in text.chars().filter(|c| c.is_alphabetic()).take(LOOKED_AT * 4) {
        letters += 1;
        match c {
            '\u{3041}'..='\u{30ff}' => kana += 1,
            '\u{4e00}'..='\u{9fff}' => han += 1,
            '\u{ac00}'..='\u{d7a3}' => hangul += 1,
            'і' | 'ї' | 'є' | 'ґ' => ukrainian += 1,
            '\u{400}'..='\u{4ff}' => cyrillic += 1,
            '\u{600}'..='\u{6ff}' => arabic += 1,
            '\u{590}'..='\u{5ff}' => hebrew += 1,
            '\u{370}'..='\u{3ff}' => greek += 1,
            '\u{e00}'..='\u{e7f}' => thai += 1,
            _ => {}
        }
    }
    let is_most = |count: usize| count >= 8 && count * 2 > letters;
    match () {
        () if is_most(kana + han) && kana * 8 > han => Some("ja"),
        () if is_most(han) => Some("zh"),
        () if is_most(hangul) => Some("ko"),
        () if is_most(cyrillic + ukrainian) => Some(if ukrainian * 50 > cyrillic { "uk" } else { "ru" }),
        () if is_most(arabic) => Some("ar"),
        () if is_most(hebrew) => Some("he"),
        () if is_most(greek) => Some("el"),
        () if is_most(thai) => Some("th"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_words_and_scripts_tell_languages() {
        for (text, expected) in [
            (
                "Please find the invoice attached. You will have to pay it with this form.",
                Some("en"),
            ),
            (
                "Bitte öffnen Sie die Rechnung und zahlen Sie mit der Karte. Wir haben das nicht erhalten.",
                Some("de"),
            ),
            (
                "Vous avez une facture dans votre espace. Nous sommes avec vous pour les paiements.",
                Some("fr"),
            ),
            (
                "Su cuenta está bloqueada por el banco. Para más seguridad usted debe confirmar los datos con su clave.",
                Some("es"),
            ),
            (
                "Il tuo conto è bloccato. Non è più possibile accedere alla pagina della banca per questo.",
                Some("it"),
            ),
            (
                "A sua conta não está ativa. Você foi bloqueado por segurança; para mais dados fale com o banco em uma agência.",
                Some("pt"),
            ),
            (
                "Uw rekening is geblokkeerd. Wij hebben het niet van u ontvangen en u moet naar de bank voor een kaart.",
                Some("nl"),
            ),
            (
                "Twoje konto nie jest aktywne, prosimy o potwierdzenie dla bezpieczeństwa lub od razu po zalogowaniu się.",
                Some("pl"),
            ),
            ("Ваш счет заблокирован, войдите в личный кабинет", Some("ru")),
            ("Ваш рахунок заблоковано, увійдіть до кабінету її власника", Some("uk")),
            ("アカウントがロックされました", Some("ja")),
            ("您的账户已被锁定请立即登录", Some("zh")),
            ("Invoice 4711", None),
            ("", None),
        ] {
            assert_eq!(guess(text), expected, "{text}");
        }
    }
}
