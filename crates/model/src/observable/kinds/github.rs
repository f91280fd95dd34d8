//! Accounts of GitHub, bare or in the address of a profile, repository, gist or raw file.

use super::handle;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "github",
    describes: "GitHub account",
    family: Family::Account,
    max_length: 39,
    by_default: true,
    parse,
};

const RESERVED: [&str; 40] = ["features", "topics", "login", "join", "about", "pricing", "search", "explore", "marketplace", "sponsors", "settings", "notifications", "orgs", "apps", "enterprise", "security", "readme", "collections", "trending", "events", "customer-stories", "contact", "site", "team", "new", "pulls", "issues", "codespaces", "stars", "dashboard", "watching", "account", "organizations", "users", "nonprofit", "logout", "signup", "github-copilot", "solutions", "resources"];

fn parse(text: &str) -> Result<String, Invalid> {
    let name = handle::name(text, &["github.com", "gist.github.com", "raw.githubusercontent.com", "gist.githubusercontent.com"]);
    // Managed accounts end in an underscore and the company's short code.
    let (account, company) = name.split_once('_').unwrap_or((name, "x"));
    let hyphens = account.starts_with('-') || account.ends_with('-') || account.contains("--");
    if !handle::is_word(account, 1, 39, b"-") || hyphens || !handle::is_word(company, 1, 8, b"") || name.len() > 39 {
        return Err(Invalid("not 1 to 39 letters, digits and single hyphens inside"));
    }
    if handle::is_reserved(name, &RESERVED) {
        return Err(Invalid("a path of the site itself"));
    }
    Ok(name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_accounts_and_what_they_own() {
        check(
            ObservableType::Github,
            &[
                ("https://github.com/Some-One/repo/blob/main/x", "some-one"),
                ("raw.githubusercontent.com/a/b/main/c.ps1", "a"),
                ("gist.github.com/someone/1234", "someone"),
                ("jdoe_corp", "jdoe_corp"),
            ],
            &["", "github.com", "github.com/features/actions", "-a", "a-", "a--b", "a.b", "docs.github.com/en", "https://evil.com/a", "a_b_c"],
        );
    }
}
