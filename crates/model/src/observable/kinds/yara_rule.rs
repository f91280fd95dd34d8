//! One YARA rule, with the imports, includes and comments before it. The shape only: name, tags, braces that match and a
//! condition; the compiler says the rest.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "yara-rule",
    describes: "YARA rule",
    family: Family::Text,
    max_length: 65536,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 65536 bytes"));
    }
    let body = after_header(text).ok_or(Invalid("no rule with a name and an opening brace"))?;
    match matching_brace(body) {
        Some(Body { end, condition }) if end == body.len() && condition => Ok(text.to_owned()),
        Some(Body { condition: false, .. }) => Err(Invalid("no condition")),
        Some(_) => Err(Invalid("something follows the rule")),
        None => Err(Invalid("the brace of the rule is not closed")),
    }
}

/// What follows the brace of `global private rule name : tag tag {`, behind imports, includes and comments.
fn after_header(text: &str) -> Option<&str> {
    let mut rest = skip_blanks(text);
    loop {
        let (word, after) = identifier(rest)?;
        rest = skip_blanks(after);
        match word {
            "import" | "include" => {
                let (_, after) = rest.strip_prefix('"')?.split_once(['"', '\n'])?;
                rest = skip_blanks(after);
            }
            "global" | "private" => {}
            "rule" => break,
            _ => return None,
        }
    }
    let (_, after) = identifier(rest)?;
    rest = skip_blanks(after);
    if let Some(tags) = rest.strip_prefix(':') {
        rest = skip_blanks(tags);
        while let Some((_, after)) = identifier(rest) {
            rest = skip_blanks(after);
        }
    }
    rest.strip_prefix('{')
}

/// A name of up to 128 characters and what follows it.
fn identifier(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let fits = (1..=128).contains(&end) && !name.starts_with(|c: char| c.is_ascii_digit());
    fits.then_some((name, rest))
}

/// Text without the blanks and comments at its start.
fn skip_blanks(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let after = if let Some(comment) = rest.strip_prefix("//") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest;
        };
        rest = after.trim_start();
    }
}

struct Body {
    end: usize,
    condition: bool,
}

/// Where the brace closes that was open before `text`, and whether a condition came before. Quoted strings end with their
/// line, as YARA has it, so that a quote inside a regular expression hides one line at most.
fn matching_brace(text: &str) -> Option<Body> {
    let mut depth = 1_usize;
    let mut quoted = false;
    let mut condition = false;
    let mut comment_end = 0;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        if at < comment_end {
            continue;
        }
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'\n' => quoted = false,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'/' => comment_end = text.get(at..).map_or(0, |rest| at + comment_length(rest)),
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(Body { end: at + 1, condition });
                }
            }
            b'c' if depth == 1 => condition |= text.get(at..).is_some_and(is_condition),
            _ => {}
        }
    }
    None
}

/// Bytes of the comment that `text` begins with, or none.
fn comment_length(text: &str) -> usize {
    if text.starts_with("//") {
        text.find('\n').unwrap_or(text.len())
    } else if text.starts_with("/*") {
        text.find("*/").map_or(text.len(), |end| end + 2)
    } else {
        0
    }
}

fn is_condition(text: &str) -> bool {
    text.strip_prefix("condition").is_some_and(|rest| rest.trim_start().starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_one_rule_and_what_it_needs() {
        let valid = [
            "rule testRule { condition: true }",
            "private global rule silent_banker : banker trojan\n{\n strings:\n $a = {6A 40 [2-4] 14}\n $b = /x{2}\\}y\"/ // }\n condition:\n $a or $b\n}",
            "import \"pe\"\r\ninclude \"a.yar\"\n/* } */ // x\nrule testRule\n{ condition : \"}\" == \"\\\"}\" }",
        ];
        check(
            ObservableType::YaraRule,
            &valid.map(|rule| (rule, rule)),
            &[
                "", "rule", "rule a", "rule a {", "rule a { condition: true", "rule a { strings: $a = \"x\" }", "rule 1a { condition: true }",
                "rule a { condition: true } x", "the rule a { condition: true }", "rule a { condition: true } rule b { condition: true }",
                "import pe rule a { condition: true }", "rule of thumb { condition: }",
            ],
        );
    }

    #[test]
    fn blanks_around_do_not_count() {
        check(ObservableType::YaraRule, &[("\n rule a { condition: true }\n", "rule a { condition: true }")], &[]);
    }

    #[test]
    fn comments_in_a_row_take_linear_time() {
        let comments = "/**/ ".repeat(10_000);
        check(ObservableType::YaraRule, &[], &[&comments, &format!("rule a {{ {comments}"), &format!("rule a {{ {}", "/* ".repeat(20_000))]);
    }
}
