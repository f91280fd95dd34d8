//! Calls whose arguments are literals: what they give is known without running anything.

use super::{Folder, character};
use crate::script::Language;
use crate::script::decode::{SHORTEST, base64_bytes, percent, text_of};
use crate::script::token::Token;
use watchfire_model::Layer;

/// Folds what ends with a closing bracket: a group, or a call.
pub(super) fn close(folder: &mut Folder) -> bool {
    let Some(open) = opening(folder, 0) else { return false };
    let given = values(folder, open, 0);
    let count = open + 1;
    let name = match folder.at(open + 1) {
        Some(Token::Word(word)) => word.trim_end_matches('$').to_ascii_lowercase(),
        Some(Token::Sign("]")) if is_array_cast(folder, open + 1) => {
            let text: Option<String> = given.iter().map(|value| value.number().and_then(character)).collect();
            return match text.filter(|text| !text.is_empty()) {
                Some(text) => folder.made(count + 5, text, Layer::CharacterCodes),
                None => false,
            };
        }
        Some(Token::Sign(")" | "]") | Token::Literal(_) | Token::Number(_)) => return false,
        _ => String::new(),
    };
    let is_statement = matches!(
        name.as_str(),
        "" | "if" | "return" | "in" | "and" | "or" | "while" | "for" | "echo" | "call" | "-and" | "-or" | "-f"
    );
    let is_list_operator = matches!(name.as_str(), "-join" | "-split" | "-replace");
    if name.is_empty() && given.len() > 1 && folder.sign(open + 1, ",") {
        // A list as an argument among others.
        folder.stack.pop();
        let at = folder.stack.len().saturating_sub(open);
        folder.stack.remove(at.min(folder.stack.len().saturating_sub(1)));
        return true;
    }
    if is_statement || is_list_operator {
        if name == "-join" && !is_operand(folder, open + 2) {
            return match text_of_all(&given, "") {
                Some(text) => folder.made(count + 1, text, Layer::Joined),
                None => false,
            };
        }
        return match given.as_slice() {
            [Token::Literal(text)] => folder.replace(count, Token::Literal(text.clone())),
            [Token::Number(number)] if is_statement => folder.replace(count, Token::Number(*number)),
            _ => false,
        };
    }
    if folder.sign(open + 2, ".") {
        return method(folder, &name, &given, open);
    }
    if folder.sign(open + 2, "::") {
        return static_method(folder, &name, &given, open);
    }
    function(folder, &name, &given, count + 1)
}

/// Where the bracket opens that closes at `back`, if nothing but literals, numbers and commas stand between. Lists in lists
/// are gone through again and again, which is paid for.
fn opening(folder: &mut Folder, back: usize) -> Option<usize> {
    let mut at = back + 1;
    let mut cost = 0_usize;
    let opens = loop {
        match folder.at(at) {
            Some(Token::Sign("(")) => break Some(at),
            Some(Token::Literal(text)) => cost = cost.saturating_add(text.len()),
            Some(Token::Number(_) | Token::Sign(",") | Token::End('\n')) => {}
            _ => break None,
        }
        at += 1;
        if at - back > folder.steps {
            break None;
        }
    };
    folder.steps = folder.steps.saturating_sub(cost.saturating_add(at - back));
    opens
}

fn values(folder: &Folder, open: usize, close: usize) -> Vec<Token> {
    let between = (close + 1..open).rev().filter_map(|at| folder.at(at));
    between
        .filter(|token| matches!(token, Token::Literal(_) | Token::Number(_)))
        .cloned()
        .collect()
}

fn text_of_all(values: &[Token], between: &str) -> Option<String> {
    if values.is_empty() {
        return None;
    }
    let texts: Vec<String> = values
        .iter()
        .filter_map(|value| match value {
            Token::Literal(text) => Some(text.clone()),
            Token::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .collect();
    let total: usize = texts.iter().map(|text| text.len() + between.len()).sum();
    (total <= super::LONGEST).then(|| texts.join(between))
}

/// `[char[]]` that ends at `back`.
fn is_array_cast(folder: &Folder, back: usize) -> bool {
    folder.sign(back, "]")
        && folder.sign(back + 1, "]")
        && folder.sign(back + 2, "[")
        && folder.word(back + 3, "char")
        && folder.sign(back + 4, "[")
}

/// Whether a value stands at `back`, so that an operator behind it takes that.
fn is_operand(folder: &Folder, back: usize) -> bool {
    match folder.at(back) {
        Some(Token::Literal(_) | Token::Number(_) | Token::Sign(")" | "]")) => true,
        Some(Token::Word(word)) => word.starts_with('$'),
        _ => false,
    }
}

/// `'a','b' -join ''`, whose last value stands at `left`.
pub(super) fn joined_list(folder: &mut Folder, left: usize, between: &str) -> bool {
    let mut count = 1;
    while folder.sign(left + count * 2 - 1, ",") && folder.is_value(left + count * 2) {
        count += 1;
    }
    let listed: Vec<Token> = (0..count)
        .rev()
        .filter_map(|at| folder.at(left + at * 2))
        .cloned()
        .collect();
    match text_of_all(&listed, between) {
        Some(text) => folder.made(left + count * 2 - 1, text, Layer::Joined),
        None => false,
    }
}

/// `('a','b') -join ''`, whose bracket closes at `left`.
pub(super) fn joined_parentheses(folder: &mut Folder, left: usize, between: &str) -> bool {
    let Some(open) = opening(folder, left) else {
        return false;
    };
    match text_of_all(&values(folder, open, left), between) {
        Some(text) => folder.made(open + 1, text, Layer::Joined),
        None => false,
    }
}

/// A method of a literal, or of a list of them.
fn method(folder: &mut Folder, name: &str, given: &[Token], open: usize) -> bool {
    let receiver = open + 3;
    let count = receiver + 1;
    if name == "fromcharcode" {
        let text: Option<String> = given.iter().map(|value| value.number().and_then(character)).collect();
        return match text.filter(|text| !text.is_empty()) {
            Some(text) => folder.made(count, text, Layer::CharacterCodes),
            None => false,
        };
    }
    if let ("getstring", [Token::Literal(text)]) = (name, given) {
        // `[Text.Encoding]::UTF8.GetString(…)` of what was text already.
        let class = open + 6;
        let is_encoding = matches!(folder.at(receiver), Some(Token::Word(_)))
            && folder.sign(receiver + 1, "::")
            && folder.sign(receiver + 2, "]");
        let far = (class..class + 8)
            .find(|at| folder.sign(*at, "["))
            .filter(|_| is_encoding);
        let text = text.clone();
        return far.is_some_and(|far| folder.replace(far + 1, Token::Literal(text)));
    }
    if name == "join" {
        return reversed_chain(folder, given, receiver) || joined_array(folder, given, receiver);
    }
    let Some(text) = folder.literal(receiver).map(str::to_owned) else {
        return false;
    };
    match (name, given) {
        ("replace" | "replaceall", [Token::Literal(from), Token::Literal(to)]) => {
            let from = super::plain_pattern(from).unwrap_or_else(|| from.clone());
            match folder.replaced(&text, &from, to) {
                Some(text) => folder.made(count, text, Layer::Replaced),
                None => false,
            }
        }
        ("tolower" | "tolowercase", []) => folder.replace(count, Token::Literal(text.to_lowercase())),
        ("toupper" | "touppercase", []) => folder.replace(count, Token::Literal(text.to_uppercase())),
        ("trim" | "tostring" | "tochararray", []) => folder.replace(count, Token::Literal(text)),
        ("concat", [Token::Literal(more)]) => folder.made(count, text + more, Layer::Joined),
        ("substring" | "substr", [Token::Number(from)]) => part(folder, count, &text, *from, i64::MAX),
        ("substring", [Token::Number(from), Token::Number(second)]) => {
            // The second is a length in one language and an end in the other.
            let is_end = folder.language == Language::JavaScript;
            let length = if is_end { second.saturating_sub(*from) } else { *second };
            part(folder, count, &text, *from, length)
        }
        ("substr", [Token::Number(from), Token::Number(length)]) => part(folder, count, &text, *from, *length),
        ("charat", [Token::Number(at)]) => part(folder, count, &text, *at, 1),
        _ => false,
    }
}

fn part(folder: &mut Folder, count: usize, text: &str, from: i64, length: i64) -> bool {
    let from = usize::try_from(from).unwrap_or_default();
    let length = usize::try_from(length).unwrap_or_default();
    let text = text.chars().skip(from).take(length).collect();
    folder.made(count, text, Layer::Substrings)
}

/// `'…'.split('').reverse().join('')`, whose last dot has `back` behind it.
fn reversed_chain(folder: &mut Folder, given: &[Token], back: usize) -> bool {
    // … literal . split ( '' ) . reverse ( )
    let is_chain = folder.sign(back, ")")
        && folder.sign(back + 1, "(")
        && folder.word(back + 2, "reverse")
        && folder.sign(back + 3, ".")
        && folder.sign(back + 4, ")")
        && folder.literal(back + 5) == Some("")
        && folder.sign(back + 6, "(")
        && folder.word(back + 7, "split")
        && folder.sign(back + 8, ".");
    let text = folder
        .literal(back + 9)
        .filter(|_| is_chain && text_of_all(given, "").is_some_and(|text| text.is_empty()));
    match text.map(|text| text.chars().rev().collect()) {
        Some(text) => folder.made(back + 10, text, Layer::Reversed),
        None => false,
    }
}

/// `['a','b'].join('')`, whose bracket closes at `back`.
fn joined_array(folder: &mut Folder, given: &[Token], back: usize) -> bool {
    if !folder.sign(back, "]") {
        return false;
    }
    let mut at = back + 1;
    let mut listed = Vec::new();
    loop {
        match folder.at(at) {
            Some(token @ (Token::Literal(_) | Token::Number(_))) => listed.push(token.clone()),
            Some(Token::Sign(",") | Token::End('\n')) => {}
            Some(Token::Sign("[")) => break,
            _ => return false,
        }
        at += 1;
    }
    listed.reverse();
    let between = text_of_all(given, "").unwrap_or_else(|| ",".to_owned());
    match text_of_all(&listed, &between) {
        Some(text) => folder.made(at + 1, text, Layer::Joined),
        None => false,
    }
}

/// A method of a class of .NET, whose name stands in brackets.
fn static_method(folder: &mut Folder, name: &str, given: &[Token], open: usize) -> bool {
    if !folder.sign(open + 3, "]") {
        return false;
    }
    // `[System.Text.Encoding]::UTF8.GetString(…)` is no method of a class; what is, has its class right before it.
    let mut at = open + 4;
    while matches!(folder.at(at), Some(Token::Word(_) | Token::Sign("."))) && at < open + 12 {
        at += 1;
    }
    if !folder.sign(at, "[") {
        return false;
    }
    match (name, given) {
        ("join", [Token::Literal(between), rest @ ..]) => match text_of_all(rest, between) {
            Some(text) => folder.made(at + 1, text, Layer::Joined),
            None => false,
        },
        ("concat", all) => match text_of_all(all, "") {
            Some(text) => folder.made(at + 1, text, Layer::Joined),
            None => false,
        },
        ("unescape" | "unescapedatastring", [Token::Literal(text)]) => {
            let text = percent(text);
            folder.made(at + 1, text, Layer::Escapes)
        }
        // Longer ones are handed out as they are.
        ("frombase64string", [Token::Literal(digits)]) if digits.len() < SHORTEST => {
            let bytes = base64_bytes(digits).unwrap_or_default();
            let short = || String::from_utf8(bytes.clone()).ok().filter(|text| is_word(text));
            match text_of(&bytes).or_else(short) {
                Some(text) => folder.made(at + 1, text, Layer::Base64),
                None => false,
            }
        }
        ("toint32" | "toint16" | "tobyte", [Token::Literal(digits), Token::Number(radix)]) => {
            let radix = u32::try_from(*radix)
                .ok()
                .filter(|radix| matches!(radix, 2 | 8 | 10 | 16));
            let number = radix.and_then(|radix| i64::from_str_radix(digits, radix).ok());
            number.is_some_and(|number| folder.replace(at + 1, Token::Number(number)))
        }
        _ => false,
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A function.
fn function(folder: &mut Folder, name: &str, given: &[Token], count: usize) -> bool {
    let is_basic = folder.language == Language::VisualBasic;
    match (name, given) {
        ("chr" | "chrw" | "chrb", [Token::Number(number)]) if is_basic => {
            // Characters from 128 on are those of the code page; they are the same in Western Europe from 160 on.
            match character(*number) {
                Some(c) => folder.made(count, c.to_string(), Layer::CharacterCodes),
                None => false,
            }
        }
        ("strreverse", [Token::Literal(text)]) if is_basic => {
            let text = text.chars().rev().collect();
            folder.made(count, text, Layer::Reversed)
        }
        ("replace", [Token::Literal(text), Token::Literal(from), Token::Literal(to), ..]) if is_basic => {
            match folder.replaced(text, from, to) {
                Some(text) => folder.made(count, text, Layer::Replaced),
                None => false,
            }
        }
        ("lcase", [Token::Literal(text)]) if is_basic => folder.replace(count, Token::Literal(text.to_lowercase())),
        ("ucase", [Token::Literal(text)]) if is_basic => folder.replace(count, Token::Literal(text.to_uppercase())),
        ("trim" | "ltrim" | "rtrim" | "cstr", [Token::Literal(text)]) if is_basic => {
            folder.replace(count, Token::Literal(text.clone()))
        }
        ("clng" | "cint" | "cbyte" | "val", [Token::Literal(digits)]) if is_basic => {
            let hexadecimal = digits.strip_prefix("&H").or_else(|| digits.strip_prefix("&h"));
            let number = match hexadecimal {
                Some(digits) => i64::from_str_radix(digits.trim_end_matches('&'), 16),
                None => digits.trim().parse(),
            };
            number.is_ok_and(|number| folder.replace(count, Token::Number(number)))
        }
        ("asc" | "ascw", [Token::Literal(text)]) if is_basic => match text.chars().next() {
            Some(c) => folder.replace(count, Token::Number(i64::from(u32::from(c)))),
            None => false,
        },
        ("mid", [Token::Literal(text), Token::Number(from)]) if is_basic => {
            part(folder, count, text, from - 1, i64::MAX)
        }
        ("mid", [Token::Literal(text), Token::Number(from), Token::Number(length)]) if is_basic => {
            part(folder, count, text, from - 1, *length)
        }
        ("left", [Token::Literal(text), Token::Number(length)]) if is_basic => part(folder, count, text, 0, *length),
        ("unescape" | "decodeuricomponent" | "decodeuri", [Token::Literal(text)]) => {
            let text = percent(text);
            folder.made(count, text, Layer::Escapes)
        }
        ("atob", [Token::Literal(text)]) => {
            let text = base64_bytes(text).and_then(|bytes| text_of(&bytes));
            match text {
                Some(text) => folder.made(count, text, Layer::Base64),
                None => false,
            }
        }
        _ => false,
    }
}

/// `104,105 | % {[char]$_}` and the same with an exclusive or: numbers that are characters.
pub(super) fn piped(folder: &mut Folder) -> bool {
    if folder.language != Language::PowerShell {
        return false;
    }
    // `}` `$_` `]` `char` `[` `{`, or `}` `)` key `-bxor` `$_` `(` `]` `char` `[` `{`.
    let is_cast = |at: usize| folder.sign(at, "]") && folder.word(at + 1, "char") && folder.sign(at + 2, "[");
    let (key, brace) = if folder.word(1, "$_") && is_cast(2) {
        (0, 5)
    } else {
        let key = folder.at(2).and_then(Token::number).filter(|_| {
            folder.sign(1, ")") && folder.word(3, "-bxor") && folder.word(4, "$_") && folder.sign(5, "(") && is_cast(6)
        });
        match key {
            Some(key) => (key, 9),
            None => return false,
        }
    };
    let is_each =
        folder.sign(brace + 1, "%") || folder.word(brace + 1, "foreach-object") || folder.word(brace + 1, "foreach");
    if !folder.sign(brace, "{") || !is_each || !folder.sign(brace + 2, "|") {
        return false;
    }
    let in_brackets = folder.sign(brace + 3, ")");
    let mut at = brace + 3 + usize::from(in_brackets);
    let mut numbers = Vec::new();
    while let Some(number) = folder.at(at).and_then(Token::number) {
        numbers.push(number);
        at += 1;
        if !folder.sign(at, ",") {
            break;
        }
        at += 1;
    }
    at += usize::from(in_brackets && folder.sign(at, "("));
    let text: Option<String> = numbers.iter().rev().map(|number| character(number ^ key)).collect();
    match text.filter(|text| !text.is_empty()) {
        Some(text) => folder.made(at, text, Layer::CharacterCodes),
        None => false,
    }
}
