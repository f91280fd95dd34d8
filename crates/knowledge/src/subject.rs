//! What programs write in front of the subject of an answer, and of a mail that is handed on, in the languages of programs.

const ANSWERS: &[&str] = &[
    "re:", "re :", "ré:", "aw:", "antw:", "sv:", "vs:", "rif:", "r:", "odp:", "res:",
];
const FORWARDS: &[&str] = &[
    "fw:", "fwd:", "wg:", "tr:", "tr :", "rv:", "enc:", "i:", "doorst:", "vb:", "vl:", "pd:",
];

/// Whether a subject says that the mail is an answer.
pub fn answers(subject: &str) -> bool {
    begins(subject, ANSWERS)
}

/// Whether a subject says that the mail hands another one on.
pub fn forwards(subject: &str) -> bool {
    begins(subject, FORWARDS)
}

fn begins(subject: &str, with: &[&str]) -> bool {
    let subject = subject.trim_start();
    with.iter().any(|prefix| {
        let mut letters = subject.chars().flat_map(char::to_lowercase);
        prefix.chars().all(|letter| letters.next() == Some(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_say_what_they_do_in_many_languages() {
        let check = |subject: &str, expected: (bool, bool)| assert_eq!((answers(subject), forwards(subject)), expected);
        check(" RE: x", (true, false));
        check("Ré: x", (true, false));
        check("AW: FW: x", (true, false));
        check("Fwd: x", (false, true));
        check("TR : x", (false, true));
        check("Regarding x", (false, false));
        check("x re: y", (false, false));
        check("", (false, false));
    }
}
