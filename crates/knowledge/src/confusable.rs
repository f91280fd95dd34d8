//! Letters that are taken for others (after Unicode UTS #39, the part that lures use), and text reduced to what a reader
//! takes it for.
//!
//! Two depths: [`latin`] exchanges one letter of another alphabet, [`plain`] reduces whole texts for comparison: lower case,
//! no accents, no styled letters, no characters without width. Nothing here says that a text deceives: whole alphabets fold.

/// Lower-case letters of other alphabets and the Latin ones they are taken for.
const CONFUSABLE: &[(char, char)] = &[
    ('а', 'a'),
    ('в', 'b'),
    ('с', 'c'),
    ('ԁ', 'd'),
    ('е', 'e'),
    ('ё', 'e'),
    ('ғ', 'f'),
    ('һ', 'h'),
    ('н', 'h'),
    ('і', 'i'),
    ('ї', 'i'),
    ('ј', 'j'),
    ('к', 'k'),
    ('ӏ', 'l'),
    ('м', 'm'),
    ('п', 'n'),
    ('о', 'o'),
    ('р', 'p'),
    ('ԛ', 'q'),
    ('г', 'r'),
    ('ѕ', 's'),
    ('т', 't'),
    ('у', 'y'),
    ('ү', 'y'),
    ('ѵ', 'v'),
    ('ԝ', 'w'),
    ('ш', 'w'),
    ('х', 'x'),
    ('ь', 'b'),
    ('α', 'a'),
    ('β', 'b'),
    ('ε', 'e'),
    ('η', 'n'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('ν', 'v'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('τ', 't'),
    ('υ', 'u'),
    ('χ', 'x'),
    ('γ', 'y'),
    ('ω', 'w'),
    ('ϲ', 'c'),
    ('ϳ', 'j'),
    ('ա', 'w'),
    ('օ', 'o'),
    ('ս', 'u'),
    ('ո', 'n'),
    ('հ', 'h'),
    ('ց', 'g'),
    ('զ', 'q'),
    ('յ', 'j'),
    ('լ', 'l'),
    ('ɑ', 'a'),
    ('ɡ', 'g'),
    ('ı', 'i'),
    ('ⅼ', 'l'),
    ('ꮯ', 'c'),
];

/// The Latin letter that a lower-case letter of another alphabet is taken for; any other character stays.
pub fn latin(c: char) -> char {
    let is_listed = matches!(c, '\u{131}' | '\u{250}'..='\u{58F}' | '\u{217C}' | '\u{AB70}'..='\u{ABBF}');
    if !is_listed {
        return c;
    }
    let found = CONFUSABLE.iter().find(|(other, _)| *other == c);
    found.map_or(c, |(_, latin)| *latin)
}

/// Whether a character takes no room: joiners, marks of direction, fillers, soft hyphens.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The letter or digit that a styled one stands for: mathematical (U+1D400), full width, circled, squared, regional.
pub fn styled(c: char) -> Option<char> {
    const LETTERS: u32 = 26;
    let code = u32::from(c);
    let letter = |from: u32| char::from_u32(u32::from('a') + (code - from) % LETTERS);
    let digit = |from: u32| char::from_u32(u32::from('0') + (code - from) % 10);
    match code {
        0x1D400..=0x1D6A3 => letter(0x1D400),
        0x1D7CE..=0x1D7FF => digit(0x1D7CE),
        0xFF21..=0xFF3A => letter(0xFF21),
        0xFF41..=0xFF5A => letter(0xFF41),
        0xFF10..=0xFF19 => digit(0xFF10),
        0x24B6..=0x24E9 => letter(0x24B6),
        0x1F130..=0x1F149 => letter(0x1F130),
        0x1F150..=0x1F169 => letter(0x1F150),
        0x1F170..=0x1F189 => letter(0x1F170),
        0x1F1E6..=0x1F1FF => letter(0x1F1E6),
        _ => None,
    }
}

/// Letters with marks, and the letter below the mark. Each row begins with it.
const MARKED: &[&str] = &[
    "aàáâãäåāăąǎȁȃȧạảấầẩẫậắằẳẵặ",
    "cçćĉċč",
    "dďđð",
    "eèéêëēĕėęěȅȇẹẻẽếềểễệ",
    "gĝğġģǧ",
    "hĥħ",
    "iìíîïĩīĭįǐȉȋịỉ",
    "jĵ",
    "kķǩ",
    "lĺļľŀł",
    "nñńņňŋǹ",
    "oòóôõöøōŏőơǒȍȏọỏốồổỗộớờởỡợ",
    "rŕŗřȑȓ",
    "sśŝşšșß",
    "tţťŧț",
    "uùúûüũūŭůűųưǔȕȗụủứừửữự",
    "wŵẁẃẅ",
    "yýÿŷȳỳỵỷỹ",
    "zźżž",
];

/// The letter below an accent; any other character stays. Lower case.
fn unmarked(c: char) -> char {
    if !matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}') {
        return c;
    }
    let row = MARKED.iter().find(|row| row.chars().skip(1).any(|marked| marked == c));
    row.and_then(|row| row.chars().next()).unwrap_or(c)
}

/// Capitals of other alphabets that have the shape of a Latin one, and that one.
const CAPITALS: &[(&str, &str)] = &[
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx"),
    ("АВЕКМНОРСТУХІЈЅԌԚԜ", "abekmhopctyxijsgqw"),
];

fn capital(c: char) -> Option<char> {
    if !matches!(c, '\u{386}'..='\u{3AB}' | '\u{400}'..='\u{42F}' | '\u{500}'..='\u{52F}') {
        return None;
    }
    CAPITALS.iter().find_map(|(shapes, letters)| {
        let at = shapes.chars().position(|shape| shape == c)?;
        letters.chars().nth(at)
    })
}

/// One character as a reader takes it: lower case, Latin, without accents. Nothing for what takes no room.
pub fn plain_char(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c.to_ascii_lowercase());
    }
    if is_invisible(c) || ('\u{300}'..='\u{36F}').contains(&c) {
        return None;
    }
    let c = styled(c).or_else(|| capital(c)).unwrap_or(c);
    let c = c.to_lowercase().next().unwrap_or(c);
    Some(latin(unmarked(c)))
}

/// A text as a reader takes it: words in lower case and plain Latin letters, one blank between them, and one at each end, so
/// that words can be looked for with their borders.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars().filter_map(plain_char) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if matches!(c, '$' | '€' | '£' | '%') {
            if !out.ends_with(' ') {
                out.push(' ');
            }
            out.push(c);
            out.push(' ');
        } else if !matches!(c, '\'' | '’' | '‘' | '`') && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

/// Whether a letter is styled so that it stands out: full width is how East Asia writes Latin, and flags are two letters.
pub fn is_styled(c: char) -> bool {
    styled(c).is_some() && !matches!(c, '\u{FF00}'..='\u{FFEF}' | '\u{1F1E6}'..='\u{1F1FF}')
}

/// Whether a word has Latin letters and others that look like Latin ones, and no more than those. Units and formulas
/// (`5 µm`, `Δt`) are no words.
pub fn is_mixed(word: &str) -> bool {
    let foreign = |c: char| matches!(c, '\u{370}'..='\u{52F}' | '\u{531}'..='\u{587}');
    let looks = |c: char| foreign(c) && plain_char(c).is_some_and(|plain| plain.is_ascii_alphabetic());
    let latin = word.chars().filter(char::is_ascii_alphabetic).count();
    let alike = word.chars().filter(|c| looks(*c)).count();
    let others = word.chars().filter(|c| foreign(*c) && !looks(*c)).count();
    latin + alike >= 4 && latin >= 1 && alike >= 1 && others == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_reduced_to_what_a_reader_takes_them_for() {
        for (text, expected) in [
            ("Μetаmаsk.io", " metamask io "),
            ("𝐃𝐨𝐜𝐮𝐒𝐢𝐠𝐧", " docusign "),
            ("Pay\u{200b}Pal", " paypal "),
            (
                "Vérifiez  votre compte, s'il vous plaît!",
                " verifiez votre compte sil vous plait ",
            ),
            ("Konto geschlossen – Müller", " konto geschlossen muller "),
            ("$500", " $ 500 "),
            ("", " "),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    #[test]
    fn words_of_one_alphabet_are_not_mixed() {
        assert!(is_mixed("Yоur") && is_mixed("Μetamаsk"));
        assert!(!is_mixed("Привет") && !is_mixed("Your") && !is_mixed("µm") && !is_mixed("Δtmax"));
    }
}
