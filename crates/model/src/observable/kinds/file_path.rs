//! Absolute paths of files and folders: Windows drives, UNC shares, paths that begin with a variable, and Unix.
//!
//! Separators are single, and backslashes on Windows, where drives are capitals; the rest stays as written, with the placeholders (`<user>`) and wildcards
//! that reports use. A single Unix name counts only if it is a well-known folder: `/or` is English.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "file-path",
    describes: "absolute file path, C:\\Windows\\System32\\cmd.exe or /etc/passwd",
    family: Family::Host,
    max_length: 4096,
    by_default: true,
    parse,
};

const ROOTS: [&str; 27] = [
    "Applications", "Library", "System", "Users", "Volumes", "bin", "boot", "data", "dev", "etc", "home", "lib", "lib64", "media",
    "mnt", "opt", "private", "proc", "root", "run", "sbin", "sdcard", "srv", "sys", "tmp", "usr", "var",
];

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 4096 bytes"));
    }
    if text.chars().any(|c| c.is_control() || matches!(c, '"' | '|')) || text.trim() != text {
        return Err(Invalid("has a control character, quote, bar, or a blank at an end"));
    }
    match text.as_bytes() {
        [b'/', ..] => unix("", text),
        [b'~', ..] => {
            let end = text.find('/').ok_or(Invalid("no name after the home directory"))?;
            let (home, rest) = text.split_at_checked(end).unwrap_or((text, ""));
            if !home.bytes().skip(1).all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')) {
                return Err(Invalid("no user name after the tilde"));
            }
            unix(home, rest)
        }
        _ => windows(text),
    }
}

fn unix(root: &str, path: &str) -> Result<String, Invalid> {
    if path.starts_with("//") {
        return Err(Invalid("begins with two slashes"));
    }
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    if root.is_empty() && names.len() < 2 && !names.iter().any(|name| ROOTS.contains(name)) {
        return Err(Invalid("a single name that is no well-known folder"));
    }
    join(root, &names, '/')
}

fn windows(text: &str) -> Result<String, Invalid> {
    let (root, rest) = windows_root(text).ok_or(Invalid("begins with neither a drive, a share, a variable nor a slash"))?;
    let names: Vec<&str> = rest.split(['\\', '/']).filter(|name| !name.is_empty()).collect();
    let (last, folders) = names.split_last().ok_or(Invalid("no name after the root"))?;
    // A colon separates an alternate data stream from the name of its file, and nothing else.
    if folders.iter().any(|name| name.contains(':')) || last.matches(':').count() > 2 {
        return Err(Invalid("a folder has a colon"));
    }
    join(&root, &names, '\\')
}

/// The root in its normal spelling, without a separator behind it, and what follows.
fn windows_root(text: &str) -> Option<(String, &str)> {
    let is_separator = |b: &u8| matches!(b, b'\\' | b'/');
    match text.as_bytes() {
        [drive, b':', separator, ..] if drive.is_ascii_alphabetic() && is_separator(separator) => {
            Some((format!("{}:", char::from(drive.to_ascii_uppercase())), text.get(2..)?))
        }
        // The name spaces of files and devices, with a drive, share or volume behind them.
        [b'\\', b'\\', b'?' | b'.', b'\\', ..] | [b'\\', b'?', b'?', b'\\', ..] => {
            let (space, rest) = text.split_at_checked(4)?;
            let end = rest.find('\\')?;
            let (volume, rest) = rest.split_at_checked(end)?;
            (!volume.is_empty()).then(|| (format!("{space}{volume}"), rest))
        }
        [b'\\', b'\\', ..] => {
            let (server, rest) = text.trim_start_matches('\\').split_once('\\')?;
            let plain = server.chars().all(|c| c.is_alphanumeric() || "-._$@<>".contains(c));
            (plain && !server.is_empty()).then(|| (format!("\\\\{server}"), rest))
        }
        [b'%', ..] => {
            let (name, rest) = text.get(1..)?.split_once('%')?;
            let fits = is_variable(name) && rest.as_bytes().first().is_some_and(is_separator);
            fits.then(|| (format!("%{name}%"), rest))
        }
        [b'$', b'e' | b'E', b'n' | b'N', b'v' | b'V', b':', ..] => {
            let end = text.find(['\\', '/'])?;
            let (root, rest) = text.split_at_checked(end)?;
            is_variable(root.get(5..)?).then(|| (root.to_owned(), rest))
        }
        _ => None,
    }
}

/// `ProgramFiles(x86)` is one.
fn is_variable(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'(' | b')'))
}

fn join(root: &str, names: &[&str], separator: char) -> Result<String, Invalid> {
    let last = names.last().ok_or(Invalid("no name after the root"))?;
    if last.ends_with(char::is_whitespace) {
        return Err(Invalid("the last name ends in a blank"));
    }
    let mut out = root.to_owned();
    for name in names {
        if name.len() > 255 {
            return Err(Invalid("a name is longer than 255 bytes"));
        }
        out.push(separator);
        out.push_str(name);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_the_roots_of_windows() {
        check(
            ObservableType::FilePath,
            &[
                (r"C:\Windows\SysWOW64\f9jwqSbS.exe", r"C:\Windows\SysWOW64\f9jwqSbS.exe"),
                (r"C:\\Users\\<username>\\AppData\\a.exe", r"C:\Users\<username>\AppData\a.exe"),
                ("c:/temp/x.dll", r"C:\temp\x.dll"),
                (r"\\fileserver\share$\run.bat", r"\\fileserver\share$\run.bat"),
                (r"\\?\C:\very\long", r"\\?\C:\very\long"),
                (r"\??\C:\Windows\x.sys", r"\??\C:\Windows\x.sys"),
                (r"%APPDATA%\Microsoft\*.exe", r"%APPDATA%\Microsoft\*.exe"),
                (r"%ProgramFiles(x86)%\a", r"%ProgramFiles(x86)%\a"),
                (r"$env:TEMP\payload.ps1", r"$env:TEMP\payload.ps1"),
                (r"C:\a.txt:Zone.Identifier", r"C:\a.txt:Zone.Identifier"),
            ],
            &[
                "", r"C:", r"C:\", "C:temp", r"CC:\temp", r"\\", r"\\server", r"%APPDATA%", r"%a b%\c", "C:\\a\nb", r#"C:\"a""#, r"C:\a:b\c",
                r"temp\x.dll", r"C:\a ", r"\temp\x",
            ],
        );
    }

    #[test]
    fn takes_the_roots_of_unix() {
        check(
            ObservableType::FilePath,
            &[
                ("/etc/passwd", "/etc/passwd"),
                ("/Library/Storage/File System/HFS/a.appex", "/Library/Storage/File System/HFS/a.appex"),
                ("/var//log/x/", "/var/log/x"),
                ("~/Desktop/test.py", "~/Desktop/test.py"),
                ("~root/.ssh", "~root/.ssh"),
                ("/tmp", "/tmp"),
            ],
            &["/", "/or", "//a/b", "~", "~/", "~a b/c", "a/b", "/etc/\0", "/a|b/c"],
        );
    }
}
