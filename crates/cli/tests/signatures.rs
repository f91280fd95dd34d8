//! The flags about signatures, as typed.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::Bed;
use watchfire_testkit::executable::{Pe, Signing, catalog, root_certificate, sign};

#[test]
fn what_is_believed_is_said_and_what_cannot_be_is_an_error() {
    let bed = Bed::new("signatures");
    bed.write("a.exe", sign(&Pe::default().build(), &Signing::default()));
    bed.write("m.eml", "From: a@corp.example\nSubject: x\n\nx");
    bed.write("root.der", root_certificate());
    bed.write("list.cat", catalog(&[vec![9; 32]], &Signing::default()));
    for line in [
        "triage a.exe --trust root.der --catalog list.cat",
        "mail m.eml --trust root.der --catalog list.cat",
    ] {
        let ran = bed.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, 0, "{ran:#?}");
        assert!(
            ran.stderr
                .contains("trusting 1 certificate, believing 1 catalog, listing 1 digest"),
            "{ran:#?}"
        );
    }
    let ran = bed.run(&["triage", "a.exe", "--trust", "list.cat"]);
    assert_eq!(ran.code, 2, "{ran:#?}");
    assert!(
        ran.stderr
            .starts_with("error: cannot read the certificates 'list.cat': there is no certificate in it\nhint: "),
        "{ran:#?}"
    );
}

#[test]
fn the_configuration_says_it_too() {
    let bed = Bed::new("signatures-config");
    bed.write("a.txt", "x");
    bed.write("root.der", root_certificate());
    bed.write("watchfire.toml", "[signatures]\ntrust = [\"root.der\"]\n");
    let ran = bed.run(&["triage", "a.txt", "--config", "watchfire.toml"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert!(ran.stderr.contains("trusting 1 certificate"), "{ran:#?}");
}
