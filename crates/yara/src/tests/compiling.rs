//! What is wrong with rules costs no more than itself, and is said with file and line.

use super::{compile, names, rules, said, scan};
use crate::Names;
use watchfire_model::DiagnosticSeverity;

#[test]
fn a_bad_rule_is_named_with_its_line_and_the_others_are_used() {
    let (rules, problems) = compile(&[
        (
            "rules/a.yar",
            "import \"pe\"\n\nrule Good { condition: true }\nrule Bad {\n  condition: nothing\n}\nrule Also { condition: Good and not pe.is_pe }\n",
        ),
        (
            "rules/b.yar",
            "rule Broken {\n strings: $a = \"x\n condition: $a }\nrule Good { condition: true }",
        ),
    ]);
    let rules = rules.unwrap();
    assert_eq!((rules.count(), rules.files()), (3, 2));
    assert_eq!(names(&scan(&rules, b"x")), ["Good", "Also", "Good"]);
    let said = said(&problems);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].starts_with("rules/a.yar:5: ") && said[0].contains("nothing"),
        "{said:?}"
    );
    assert!(said[1].starts_with("rules/b.yar:2: "), "{said:?}");
}

#[test]
fn a_rule_that_needs_a_bad_one_is_told_by_itself() {
    let (rules, problems) = compile(&[(
        "a.yar",
        "rule A { condition: $x }\nrule B { condition: A }\nrule C { condition: true }",
    )]);
    assert_eq!(rules.unwrap().count(), 1);
    let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [Some(1), Some(2)]);
}

#[test]
fn no_rule_at_all_is_no_rules() {
    for text in ["", "// nothing", "import \"pe\"", "rule A {", "MZ\u{90}"] {
        assert!(compile(&[("a.yar", text)]).0.is_none(), "{text}");
    }
    let (rules, problems) = compile(&[("a.yar", "import \"unheard-of\"\nrule A { condition: true }")]);
    assert_eq!(rules.unwrap().count(), 1);
    assert!(said(&problems)[0].starts_with("a.yar:1: "), "{problems:?}");
}

#[test]
fn what_another_file_includes_is_compiled_once_and_there() {
    let (rules, problems) = compile(&[
        (
            "set/index.yar",
            "include \"./parts/base.yar\"\nrule Top { condition: Base }",
        ),
        (
            "set/parts/base.yar",
            "include \"../private.yar\"\nrule Base { condition: Hidden }",
        ),
        ("set/private.yar", "private rule Hidden { condition: true }"),
    ]);
    assert!(problems.is_empty(), "{problems:?}");
    let rules = rules.unwrap();
    assert_eq!(rules.count(), 3);
    assert_eq!(names(&scan(&rules, b"")), ["Base", "Top"]);
}

#[test]
fn includes_of_what_was_not_given_and_circles_are_said() {
    let (rules, problems) = compile(&[
        ("a.yar", "rule A { condition: true }\ninclude \"/etc/passwd\""),
        ("b.yar", "include \"c.yar\"\nrule B { condition: true }"),
        ("c.yar", "include \"b.yar\"\nrule C { condition: true }"),
    ]);
    assert_eq!(names(&scan(&rules.unwrap(), b"")), ["A", "C", "B"]);
    assert_eq!(
        said(&problems),
        [
            "a.yar:2: cannot include '/etc/passwd': it is not among the files given",
            "c.yar:1: 'b.yar' is not included: it includes this file",
        ]
    );
}

#[test]
fn the_same_name_in_two_files_is_two_rules_and_in_one_file_a_problem() {
    let one = "rule A { condition: true }";
    let (rules, problems) = compile(&[("a.yar", one), ("b.yar", one)]);
    assert!(problems.is_empty());
    assert_eq!(names(&scan(&rules.unwrap(), b"")), ["A", "A"]);
    let (rules, problems) = compile(&[("a.yar", "rule A { condition: true }\nrule A { condition: true }")]);
    assert_eq!((rules.unwrap().count(), problems.len()), (1, 1));
    assert_eq!(problems[0].line, Some(2));
}

#[test]
fn a_file_of_garbage_is_told_a_few_times_at_most() {
    let text = "rule A { nonsense }\n".repeat(10_000);
    let (rules, problems) = compile(&[("a.yar", &text), ("b.yar", "rule B { condition: true }")]);
    assert_eq!(rules.unwrap().count(), 1);
    assert_eq!(problems.len(), 21);
    assert_eq!(problems[20].severity, DiagnosticSeverity::Note);
}

#[test]
fn rules_may_ask_for_names_and_the_md5() {
    let rules = rules(
        "rule N { condition: filename == \"a.exe\" and filepath contains \"temp\" and extension == \".exe\" and filetype == \"EXE\" and owner == \"\" }
         rule M { condition: md5 == \"900150983cd24fb0d6963f7d28e17f72\" }",
    );
    let names_of = Names::of(
        "C:\\temp\\a.exe",
        watchfire_model::MediaType("application/vnd.microsoft.portable-executable"),
    );
    let outcome = rules.scan(b"abc", &names_of, &crate::Limits::default());
    assert_eq!(names(&outcome), ["N", "M"]);
    assert_eq!(names(&scan(&rules, b"abd")), [""; 0]);
}
