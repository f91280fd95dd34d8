//! Profiles and organisations of LinkedIn: `in/…`, `company/…`, `school/…`, `showcase/…`.

use super::{handle, is_letter};
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "linkedin",
    describes: "LinkedIn profile or company, in/someone",
    family: Family::Account,
    max_length: 320,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let path = handle::on_site(text, &["linkedin.com"]).unwrap_or(text);
    let (first, rest) = handle::segment(path);
    let section = first.to_ascii_lowercase();
    if !matches!(&*section, "in" | "company" | "school" | "showcase") {
        return Err(Invalid("does not begin with in, company, school or showcase"));
    }
    let name = handle::segment(rest).0.to_lowercase();
    // Letters of any script, as they are or percent-encoded.
    let fits = name.chars().all(|c| is_letter(c) || matches!(c, '-' | '_' | '%' | '.' | '&'));
    if name.len() < 2 || name.len() > 300 || !fits {
        return Err(Invalid("the name has not 2 to 300 letters, digits and hyphens"));
    }
    Ok(format!("{section}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_profiles_and_organisations() {
        check(
            ObservableType::Linkedin,
            &[
                ("https://www.linkedin.com/in/Some-One-12ab/", "in/some-one-12ab"),
                ("de.linkedin.com/company/example?trk=x", "company/example"),
                ("in/j%C3%B6rg", "in/j%c3%b6rg"),
            ],
            &["", "linkedin.com", "linkedin.com/feed/", "linkedin.com/in/", "in/a", "someone", "in/a b", "https://evil.com/in/someone"],
        );
    }
}
