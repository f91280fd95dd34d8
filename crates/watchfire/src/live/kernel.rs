//! Which part of a filter the kernel can do. It must leave out nothing that the filter keeps, so where that is not sure it hands
//! over everything.

use super::LiveRequest;
use crate::Problem;
use crate::capture::filter;
use watchfire_sources::live::{BpfInstruction, LiveOptions, interfaces};

/// The link of Ethernet, for which programs are.
const ETHERNET: u16 = 1;
/// Bytes of a frame in which all headers are that filters ask about.
const HEADERS: u32 = 256;

/// The program for the kernel; an empty one, where it is to hand over everything. Says which it is, and why.
///
/// # Errors
/// When the filter makes no sense.
pub(super) fn program(request: &LiveRequest, text: &str, say: &dyn Fn(&str)) -> Result<Vec<BpfInstruction>, Problem> {
    let program = filter(text)?.program();
    let is_ethernet = request.interface != LiveOptions::ANY
        && interfaces()
            .unwrap_or_default()
            .iter()
            .any(|interface| interface.name.raw() == request.interface && interface.link == ETHERNET);
    let is_whole = request.snap_length.is_none_or(|length| length >= HEADERS);
    let why_not = match &program {
        _ if request.interface == LiveOptions::ANY => Some("several interfaces are captured"),
        _ if !is_ethernet => Some("the interface is not Ethernet"),
        _ if !is_whole => Some("of frames that are cut short it could not tell the same"),
        None => Some("it asks for VLANs or lengths, or is too long"),
        Some(_) => None,
    };
    if let Some(why) = why_not {
        say(&format!(
            "note: the filter is not one for the kernel, since {why}; files that are kept have everything"
        ));
        return Ok(Vec::new());
    }
    say("note: the kernel leaves out what the filter does not mean; files that are kept do not have it");
    let instructions = program.unwrap_or_default().into_iter();
    Ok(instructions
        .map(|instruction| BpfInstruction {
            code: instruction.code,
            jump_true: instruction.jump_true,
            jump_false: instruction.jump_false,
            value: instruction.value,
        })
        .collect())
}
