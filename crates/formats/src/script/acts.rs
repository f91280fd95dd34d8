//! Words by which scripts do things. Neutral: administrators use all of them.
//!
//! Names of commands, classes and functions as their makers document them; LOLBAS lists which programs of Windows load or
//! start others.

use super::Language;
use watchfire_model::{ActKind, Untrusted};

/// Words of each kind, lower case. A word that begins or ends with a letter or digit stands alone there.
const WORDS: &[(ActKind, &[&str])] = &[
    (
        ActKind::Download,
        &[
            "downloadstring",
            "downloadfile",
            "downloaddata",
            "invoke-webrequest",
            "iwr",
            "invoke-restmethod",
            "irm",
            "start-bitstransfer",
            "net.webclient",
            "httpwebrequest",
            "curl",
            "curl.exe",
            "wget",
            "bitsadmin",
            "urlcache",
            "verifyctl",
            "urldownloadtofile",
            "urldownloadtofilea",
            "urldownloadtofilew",
            "microsoft.xmlhttp",
            "msxml2.xmlhttp",
            "msxml2.xmlhttp.3.0",
            "msxml2.xmlhttp.6.0",
            "msxml2.serverxmlhttp",
            "msxml2.serverxmlhttp.6.0",
            "winhttp.winhttprequest.5.1",
            "winhttp.winhttprequest",
            "xmlhttp",
            "internetopenurl",
            "internetreadfile",
            "internetexplorer.application",
            "mshta http",
            "/i:http",
            "/i http",
            "/i https",
            "davwwwroot",
            "xmlhttprequest",
            "openread",
            "system.net.http.httpclient",
            "net.sockets.tcpclient",
            "ftp -s",
            "scriptlet:http",
            "script:http",
            "getobject(\"script:",
        ],
    ),
    (
        ActKind::Run,
        &[
            "start-process",
            "saps",
            "wscript.shell",
            "shell.application",
            "shellexecute",
            "shellexecutea",
            "shellexecutew",
            "winexec",
            "createprocess",
            "createprocessa",
            "createprocessw",
            "win32_process",
            "win32_processstartup",
            "process.start",
            "diagnostics.process",
            "cmd /c",
            "cmd /k",
            "cmd.exe /c",
            "cmd.exe /k",
            "powershell",
            "powershell.exe",
            "pwsh",
            "mshta",
            "mshta.exe",
            "rundll32",
            "rundll32.exe",
            "regsvr32",
            "regsvr32.exe",
            "wscript",
            "wscript.exe",
            "cscript",
            "cscript.exe",
            "installutil",
            "msbuild",
            "msbuild.exe",
            "forfiles",
            "pcalua",
            "conhost",
            "conhost.exe",
            "msiexec",
            "msiexec.exe",
            "shell(",
            "shell (",
            "shell \"",
            "= shell",
            "invoke-item",
            "invoke-wmimethod",
            "invoke-cimmethod",
            "wmic",
            "wmic.exe",
            "hh.exe",
            "ftp.exe",
            "cmstp",
            "odbcconf",
            "=exec",
            "register-xll",
            "winword.application",
            "mmc20.application",
            "schedule.service",
            "activexobject(\"wscript",
        ],
    ),
    (
        ActKind::Evaluate,
        &[
            "invoke-expression",
            "iex",
            "eval(",
            "executeglobal",
            "execute(",
            "executestatement",
            "add-type",
            "reflection.assembly",
            "assembly]::load",
            "virtualalloc",
            "virtualallocex",
            "createthread",
            "createremotethread",
            "writeprocessmemory",
            "rtlmovememory",
            "ntallocatevirtualmemory",
            "callwindowproc",
            "enumsystemlocalesa",
            "getdelegateforfunctionpointer",
            "scriptblock]::create",
            "executeexcel4macro",
            "new function",
            "runspacefactory",
        ],
    ),
    (
        ActKind::Decode,
        &[
            "frombase64string",
            "-encodedcommand",
            "-enc",
            "-ec",
            "-decode",
            "-decodehex",
            "atob",
            "unescape",
            "fromcharcode",
            "strreverse",
            "gzipstream",
            "deflatestream",
            "-bxor",
            "bin.base64",
            "bin.hex",
            "ptrtostringauto",
            "ptrtostringbstr",
            "securestringtobstr",
            "decodeuricomponent",
            "chrw",
            "[char]",
        ],
    ),
    (
        ActKind::Write,
        &[
            "savetofile",
            "adodb.stream",
            "createtextfile",
            "opentextfile",
            "writeallbytes",
            "writealltext",
            "out-file",
            "set-content",
            "add-content",
            "copyhere",
            "for binary",
            "for output",
            "expand-archive",
            "extractall",
            "createobjecturl",
            "mssaveblob",
            "mssaveoropenblob",
            "writebyte",
            "fwrite",
            "copyfile",
        ],
    ),
    (
        ActKind::Hide,
        &[
            "-windowstyle hidden",
            "-w hidden",
            "-win hidden",
            "-wi hidden",
            "-window hidden",
            "-w 1",
            "-windowstyle h",
            "-w h",
            "-wind hidden",
            "vbhide",
            "createnowindow",
            "windowstyle = 0",
            "sw_hide",
            "attrib +h",
            "start /min",
            "start /b",
            "moveto(-",
            "resizeto(0",
            "showintaskbar=\"no\"",
            "windowstate=\"minimize\"",
            ", 0, false",
            ",0,false",
            ", 0, true",
            ",0,true",
            ", vbhide",
        ],
    ),
    (
        ActKind::Weaken,
        &[
            "amsiutils",
            "amsiinitfailed",
            "amsiscanbuffer",
            "amsi.dll",
            "amsicontext",
            "set-mppreference",
            "add-mppreference",
            "disablerealtimemonitoring",
            "exclusionpath",
            "etweventwrite",
            "vbawarnings",
            "accessvbom",
            "disableantispyware",
            "setenforce 0",
            "netsh advfirewall set",
            "netsh firewall set",
            "unblock-file",
            "zone.identifier",
            "protectedview",
            "disableattachmentsinpv",
        ],
    ),
    (
        ActKind::Persist,
        &[
            "currentversion\\run",
            "currentversion\\runonce",
            "schtasks /create",
            "schtasks.exe /create",
            "register-scheduledtask",
            "new-scheduledtask",
            "new-service",
            "sc create",
            "sc.exe create",
            "__eventfilter",
            "start menu\\programs\\startup",
            "programs\\startup",
            "registertaskdefinition",
            "xlstart",
            "normaltemplate",
        ],
    ),
    (
        ActKind::Destroy,
        &[
            "delete shadows",
            "shadowcopy delete",
            "delete catalog",
            "recoveryenabled no",
            "win32_shadowcopy",
            "cipher /w",
            "delete systemstatebackup",
            "clear-eventlog",
            "wevtutil cl",
            "wevtutil.exe cl",
        ],
    ),
];

/// The first word of each kind that stands in `text`.
pub(super) fn find(text: &str) -> Vec<(ActKind, &'static str)> {
    let text = even(text);
    let first = |words: &&'static [&'static str]| {
        let places = words
            .iter()
            .filter_map(|word| Some((standing(text.as_bytes(), even(word).as_bytes())?, *word)));
        places.min()
    };
    WORDS
        .iter()
        .filter_map(|(kind, words)| first(words).map(|(_, word)| (*kind, word)))
        .collect()
}

/// By what JavaScript leaves its page: objects of Windows, and processes of Node.js.
const WAYS_OUT: [&str; 5] = ["activexobject", "wscript.", "getobject(", "child_process", "deno.run"];

/// Whether a script of JavaScript has a way out of its page.
pub(super) fn reaches_out(text: &str) -> bool {
    let text = even(text);
    WAYS_OUT
        .iter()
        .any(|way| memchr::memmem::find(text.as_bytes(), way.as_bytes()).is_some())
}

/// Functions of Excel 4 macros that act.
const EXCEL_4: &[(ActKind, &str)] = &[
    (ActKind::Run, "exec("),
    (ActKind::Evaluate, "call("),
    (ActKind::Evaluate, "register("),
    (ActKind::Write, "fwriteln("),
    (ActKind::Write, "fwrite("),
    (ActKind::Write, "formula("),
];

/// Those of them that stand in `text`.
pub(super) fn find_excel_4(text: &str) -> Vec<(ActKind, &'static str)> {
    let text = even(text);
    let stands = |word: &str| standing(text.as_bytes(), word.as_bytes()).is_some();
    EXCEL_4.iter().filter(|(_, word)| stands(word)).copied().collect()
}

/// In lower case, and with blanks only where they stand between letters: blanks are written in every way.
fn even(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_due = false;
    for c in text.chars() {
        if matches!(c, ' ' | '\t') {
            is_due = true;
            continue;
        }
        let stands_between = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
        if is_due && stands_between(c) && out.chars().next_back().is_some_and(stands_between) {
            out.push(' ');
        }
        is_due = false;
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Where `word` stands alone.
fn standing(text: &[u8], word: &[u8]) -> Option<usize> {
    let is_letter = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let (begins, ends) = (is_letter(word.first()), is_letter(word.last()));
    memchr::memmem::find_iter(text, word).find(|at| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        let after = text.get(at.saturating_add(word.len()));
        // `WScript.Shell` is a name of its own.
        let is_part = matches!(before, Some(b'-' | b'$')) || (before == Some(&b'.') && word.starts_with(b"shell"));
        !(begins && (is_letter(before) || is_part)) && !(ends && is_letter(after))
    })
}

/// Procedures that programs of the office run unasked (Microsoft, "Auto macros" and lists of events).
const AUTOMATIC: &[&str] = &[
    "autoexec",
    "autoopen",
    "auto_open",
    "autoclose",
    "auto_close",
    "autonew",
    "autoexit",
    "auto_activate",
    "auto_deactivate",
    "document_open",
    "documentopen",
    "document_close",
    "document_new",
    "document_beforeclose",
    "document_contentcontrolonenter",
    "workbook_open",
    "workbook_activate",
    "workbook_beforeclose",
    "workbook_beforesave",
    "workbook_deactivate",
    "workbook_sheetactivate",
    "worksheet_activate",
    "worksheet_calculate",
    "worksheet_change",
    "worksheet_selectionchange",
    "app_documentopen",
    "app_workbookopen",
    "inkpicture1_painted",
    "inkpicture1_resize",
    "image1_mousemove",
    "frame1_layout",
    "multipage1_layout",
    "webbrowser1_navigatecomplete2",
    "webbrowser1_documentcomplete",
    "onslideshowpagechange",
    "slideshowbegin",
    "userform_initialize",
    "userform_activate",
];

/// Procedures of a macro that run without being asked for, as they are written.
pub(super) fn automatic(text: &str, language: Language) -> Vec<Untrusted> {
    if language != Language::VisualBasic {
        return Vec::new();
    }
    let mut out: Vec<Untrusted> = Vec::new();
    for line in text.lines() {
        let mut words = line.split([' ', '\t', '(', ')', '\r']).filter(|word| !word.is_empty());
        let mut word = words.next().unwrap_or_default();
        while ["private", "public", "static", "friend"]
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known))
        {
            word = words.next().unwrap_or_default();
        }
        if !word.eq_ignore_ascii_case("sub") && !word.eq_ignore_ascii_case("function") {
            continue;
        }
        let name = words.next().unwrap_or_default();
        let is_known = AUTOMATIC.iter().any(|known| name.eq_ignore_ascii_case(known));
        if is_known && out.len() < AUTOMATIC.len() && !out.iter().any(|own| own.raw().eq_ignore_ascii_case(name)) {
            out.push(name.into());
        }
    }
    out
}
