//! Shortcuts, scripts, macros, rich text, notebooks.

use crate::disc::File;
use crate::encode::{base64, utf16le};
use crate::shortcut::{Link, internet_shortcut};
use crate::{disc, office, rich_text};

/// Links with every part, and shortcuts of other kinds.
pub(in crate::fuzz) fn shortcuts() -> Vec<Vec<u8>> {
    vec![
        Link::new()
            .to("C:\\Windows\\System32\\cmd.exe")
            .arguments("/c echo 203.0.113.7")
            .icon("%ProgramFiles%\\a.pdf")
            .comment("note")
            .relative("..\\cmd.exe")
            .working_folder("C:\\")
            .environment("%COMSPEC%")
            .machine("desktop-a1", [0, 0xc, 0x29, 1, 2, 3])
            .minimized()
            .build(),
        Link::new()
            .to_share("\\\\203.0.113.7\\share", "a\\b.exe")
            .behind(&[7; 40])
            .build(),
        internet_shortcut("https://example.org/", "\\\\203.0.113.7\\a.ico"),
        b"<?xml version=\"1.0\"?><libraryDescription><url>\\\\203.0.113.7\\a</url></libraryDescription>".to_vec(),
        b"<PCSettings><DeepLink>%windir%\\a.exe /c b</DeepLink></PCSettings>".to_vec(),
    ]
}

/// Scripts with every way of hiding that is undone.
pub(in crate::fuzz) fn scripts() -> Vec<Vec<u8>> {
    let encoded = base64(&utf16le("Write-Output 'hello from inside'"));
    let texts = [
        format!("powershell -w hidden -enc {encoded}"),
        "$a='ne'+'t';(\"{1}{0}\" -f 'b','a');[char]105+[char]0x65;-join('a','b');'xay'.Replace('x','');'abc'[-1..-3] -join ''".into(),
        "(104,101|%{[char]($_ -bxor 3)}) -join '' ; I`Ex $(\"$a\"); @'\nx\n'@; 'a' -replace 'a','b'".into(),
        "x = Chr(87) & ChrW(&H53) & StrReverse(\"ba\") & Replace(\"a-b\",\"-\",\"\") & _\r\n Mid(\"abc\",2,1) ' note".into(),
        "Private Sub Document_Open()\r\nShell \"cmd /c \" & a, vbHide\r\nEnd Sub".into(),
        "var a='\\x41\\u0042'+String.fromCharCode(67)+['d','e'].join('')+'gf'.split('').reverse().join('')+unescape('%41')+atob('QUJD')".into(),
        "@set a=erpowshell&set \"b=x\"\r\n%a:~2,3%%a:~0,2%^s^h%a:~5%!b!%COMSPEC%%a:x=y%".into(),
        "<job><script language=VBScript>MsgBox 1</script><script>alert(1)</script></job>".into(),
        "#@~^DgAAAA==\\ko$K6,JC\u{7f}V^GJqAQAAA==^#~@".into(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

/// Macro projects, old workbooks, packages.
pub(in crate::fuzz) fn old_offices() -> Vec<Vec<u8>> {
    let modules = [
        ("ThisDocument", "Sub AutoOpen()\nMsgBox \"203.0.113.7\"\nEnd Sub\n"),
        ("Module1", "' none\n"),
    ];
    vec![
        office::vba_project(&modules),
        office::doc("\u{13} DDEAUTO c:\\\\a.exe \"b\" \u{14}x\u{15}", &modules),
        office::xls_macros("Macro1", &[(110, &["cmd /c ", "echo"]), (54, &[])]),
        office::package("a.vbs", b"MsgBox 1"),
    ]
}

/// Rich text with objects, a template and fields.
pub(in crate::fuzz) fn rich_documents() -> Vec<Vec<u8>> {
    let equation = [&[0; 33][..], &[10, 1, 8, 0x5a, 0x5a], &[b'a'; 60]].concat();
    vec![
        rich_text::document("203.0.113.7", &[rich_text::package("a.vbs", b"MsgBox 1")], true),
        rich_text::document("x", &[rich_text::ole1("Equation.3", &equation)], false),
        b"{\\rtf1{\\*\\template http://203.0.113.7/\\u97?}{\\field{\\*\\fldinst DDEAUTO c:\\\\a}{\\fldrslt x}}{\\object{\\*\\objdata 01\\bin3 abc{\\*\\x 02}03}}}".to_vec(),
    ]
}

/// Disc images, one with files that share their place.
pub(in crate::fuzz) fn discs() -> Vec<Vec<u8>> {
    let file = |name, bytes, hidden| File { name, bytes, hidden };
    vec![
        disc::iso(&[
            file("Invoice 2026.pdf.lnk", b"L".as_slice(), false),
            file("run.js", b"WScript.Echo(1)", true),
        ]),
        disc::iso(&[]),
        disc::circular(),
        disc::overlapping(5_000),
    ]
}

/// Notebooks.
pub(in crate::fuzz) fn notebooks() -> Vec<Vec<u8>> {
    vec![disc::notebook(
        "see https://example.org/",
        &[("a.hta", b"<hta:application>"), ("b.txt", b"203.0.113.7")],
    )]
}
