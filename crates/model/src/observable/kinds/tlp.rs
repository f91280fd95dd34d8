//! Labels of the Traffic Light Protocol (FIRST, 2.0; `WHITE` is of 1.0 and kept as the author wrote it). Writers join the words
//! with a colon, hyphen, blank or nothing.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "tlp",
    describes: "Traffic Light Protocol label, TLP:AMBER",
    family: Family::Text,
    max_length: 16,
    by_default: true,
    parse,
};

const COLOURS: [&str; 6] = ["RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR", "WHITE"];

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > 32 {
        return Err(Invalid("too long"));
    }
    let upper = text.to_ascii_uppercase();
    let rest = upper.strip_prefix("TLP").ok_or(Invalid("does not begin with TLP"))?;
    let joints = rest.bytes().take_while(|b| matches!(b, b':' | b'-' | b'_' | b' ')).count();
    let colour: String = rest.chars().skip(joints).filter(|c| *c != ' ').collect();
    let colour = colour.replace("AMBER-STRICT", "AMBER+STRICT");
    if joints > 3 || !COLOURS.contains(&&*colour) {
        return Err(Invalid("not RED, AMBER, AMBER+STRICT, GREEN, CLEAR or WHITE"));
    }
    Ok(format!("TLP:{colour}"))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn joins_label_and_colour_with_a_colon() {
        check(
            ObservableType::Tlp,
            &[
                ("TLP:RED", "TLP:RED"),
                ("tlp-Amber", "TLP:AMBER"),
                ("TLPRED", "TLP:RED"),
                ("TlpGreen", "TLP:GREEN"),
                ("TLP: CLEAR", "TLP:CLEAR"),
                ("TLP AMBER+STRICT", "TLP:AMBER+STRICT"),
                ("tlp:amber + strict", "TLP:AMBER+STRICT"),
                ("TLP:WHITE", "TLP:WHITE"),
            ],
            &["", "TLP", "TLP:", "RED", "TLP:BLUE", "TLP:REDD", "TLP::::RED", "TLP:GREEN+STRICT"],
        );
    }
}
