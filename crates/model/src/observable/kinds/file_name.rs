//! Names of files with an extension and without a path. Whether the extension is one, rather than a top-level domain, is
//! decided by whoever knows both tables.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "file-name",
    describes: "file name with an extension, invoice.pdf.exe",
    family: Family::Host,
    max_length: 255,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 255 bytes"));
    }
    if text.chars().any(|c| c.is_control() || "\\/:*?\"<>|".contains(c)) {
        return Err(Invalid("has a character that no file name has"));
    }
    let (stem, extension) = text.rsplit_once('.').ok_or(Invalid("no extension"))?;
    if stem.trim_matches(['.', ' ']).is_empty() || text.starts_with(char::is_whitespace) {
        return Err(Invalid("nothing before the extension"));
    }
    let word = |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    // "settingcontent-ms", "library-ms": Windows has long ones of its own.
    let windows = extension.strip_suffix("-ms").is_some_and(|rest| word(rest, 15));
    if !(windows || word(extension, 10)) || !extension.bytes().any(|b| b.is_ascii_alphabetic()) {
        return Err(Invalid("the extension is not 1 to 10 letters and digits, one of them a letter"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_a_stem_and_an_extension() {
        check(
            ObservableType::FileName,
            &[
                ("invoice.pdf.exe", "invoice.pdf.exe"),
                ("Rechnung März 2024.7z", "Rechnung März 2024.7z"),
                ("libc.so", "libc.so"),
                ("a.settingcontent-ms", "a.settingcontent-ms"),
                (".bashrc.sh", ".bashrc.sh"),
            ],
            &["", "readme", ".exe", "a.", "a.b c", "dir/a.exe", r"dir\a.exe", "a.1", "1.2.3.4", "a.exé", " a.exe", "a\n.exe", "a.extensionlong", "a.-ms", "a.x-y"],
        );
    }
}
