//! Programs are run as kernels run them, and held to what filters say.

use super::*;
use crate::filter::tests::{Twin, ethernet, frames, ip, ip6, matches, tcp, udp};

/// Runs a program as kernels do: what it returns for a frame.
fn run(program: &[Instruction], frame: &[u8]) -> u32 {
    let (mut a, mut x, mut memory) = (0_u32, 0_u32, [None; 16]);
    let load = |at: u64, size: u64| {
        let bytes = frame.get(usize::try_from(at).ok()?..usize::try_from(at + size).ok()?)?;
        Some(bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)))
    };
    let mut at = 0;
    loop {
        let Instruction { code, value, .. } = program[at];
        at += 1;
        let skip = |holds: bool| {
            let Instruction {
                jump_true, jump_false, ..
            } = program[at - 1];
            usize::from(if holds { jump_true } else { jump_false })
        };
        let place = u64::from(value);
        let behind = place + u64::from(x);
        // A load beyond the frame ends a program, and the frame is dropped.
        let loaded = |number: Option<u32>| number.expect("programs load nothing that is not there");
        match code {
            LOAD_WORD => a = loaded(load(place, 4)),
            LOAD_HALF => a = loaded(load(place, 2)),
            LOAD_BYTE => a = loaded(load(place, 1)),
            0x40 => a = loaded(load(behind, 4)),
            0x48 => a = loaded(load(behind, 2)),
            0x50 => a = loaded(load(behind, 1)),
            LOAD_LENGTH => a = u32::try_from(frame.len()).unwrap(),
            LOAD_NUMBER => a = value,
            LOAD_MEMORY => a = memory[value as usize].expect("memory is written before it is read"),
            STORE => memory[value as usize] = Some(a),
            X_NUMBER => x = value,
            X_HEADER => x = 4 * (loaded(load(place, 1)) & 15),
            A_TO_X => x = a,
            X_TO_A => a = x,
            ADD => a = a.wrapping_add(value),
            SUBTRACT_X => a = a.wrapping_sub(x),
            AND => a &= value,
            XOR => a ^= value,
            GO => at += value as usize,
            IF_EQUAL => at += skip(a == value),
            IF_GREATER => at += skip(a > value),
            IF_AT_LEAST => at += skip(a >= value),
            IF_AT_LEAST_X => at += skip(a >= x),
            IF_ANY_BIT => at += skip(a & value != 0),
            RETURN => return value,
            other => panic!("no instruction {other:#x}"),
        }
    }
}

fn program(filter: &str) -> Option<Vec<Instruction>> {
    Filter::parse(filter).unwrap().program()
}

/// Whether a program says exactly what the filter does.
#[track_caller]
fn check(filter: &str, bytes: &[u8], expected: bool) {
    let program = program(filter).unwrap_or_else(|| panic!("{filter} has no program"));
    assert_eq!(matches(filter, bytes), expected, "{filter}");
    assert_eq!(run(&program, bytes) > 0, expected, "{filter} as a program");
}

#[test]
fn programs_leave_out_what_filters_leave_out_of_plain_packets() {
    let web = ethernet(0x0800, &ip(6, 0, &tcp(50_000, 80, 2)));
    let name = ethernet(0x0800, &ip(17, 0, &udp(50_002, 53, b"what is there")));
    let six = ethernet(0x86dd, &ip6(6, &tcp(50_003, 8_080, 0x18)));
    let ping = ethernet(0x0800, &ip(1, 0, &[8; 40]));
    for (filter, [is_web, is_name, is_six, is_ping]) in [
        ("tcp", [true, false, true, false]),
        ("ip6", [false, false, true, false]),
        ("port 53 or 8080", [false, true, true, false]),
        ("tcp src portrange 50000-50002", [true, false, false, false]),
        ("host 198.51.100.7 and not udp", [true, false, false, true]),
        ("src net 2001:db8::/32", [false, false, true, false]),
        ("dst host 2001:db8::1", [false, false, false, false]),
        ("net 192.0.2.0/24 and port 80", [true, false, false, false]),
        ("tcp[tcpflags] & tcp-syn != 0", [true, false, false, false]),
        ("icmp[icmptype] == 8", [false, false, false, true]),
        ("icmp[icmptype] != 8", [false, false, false, false]),
        ("ether src 02:00:00:00:00:01 and udp", [false, true, false, false]),
        ("broadcast or multicast or ip multicast", [false, false, false, false]),
        ("arp or proto 89", [false, false, false, false]),
        ("", [true, true, true, true]),
    ] {
        check(filter, &web, is_web);
        check(filter, &name, is_name);
        check(filter, &six, is_six);
        check(filter, &ping, is_ping);
    }
}

#[test]
fn what_no_program_can_tell_has_none() {
    for filter in ["vlan", "tcp or vlan 5", "greater 100", "not len <= 60"] {
        assert_eq!(program(filter), None, "{filter}");
    }
    let long = vec!["port 80"; 600].join(" or ");
    assert_eq!(program(&long), None);
    assert!(program("tcp").is_some_and(|program| program.len() < 120));
}

/// Frames as they are, and with some of their bytes and of their length changed.
fn damaged(random: &mut u64) -> Vec<u8> {
    let mut next = |most: usize| {
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*random >> 33) as usize % most
    };
    let mut frames = frames();
    let mut frame = frames.swap_remove(next(frames.len()));
    if next(3) > 0 {
        frame.extend(vec![0x41; next(40)]);
    }
    for _ in 0..next(4) {
        // Mostly in the headers.
        let at = next(frame.len().min(60));
        frame[at] = [0, 1, 6, 17, 0x45, 0x46, 0x60, 0xff, 8, 40][next(10)];
    }
    if next(5) == 0 {
        frame.truncate(next(frame.len()).max(14));
    }
    frame
}

#[test]
fn nothing_is_dropped_that_a_filter_keeps() {
    let mut random = 7;
    let (mut dropped, mut programs) = (0, 0);
    for _ in 0..600 {
        let text = Twin::grow(&mut random, 0).text();
        let Some(program) = program(&text) else { continue };
        programs += 1;
        for _ in 0..60 {
            let frame = damaged(&mut random);
            let is_kept = run(&program, &frame) > 0;
            assert!(is_kept || !matches(&text, &frame), "{text}: {frame:02x?}");
            dropped += u32::from(!is_kept);
        }
    }
    assert!(
        programs > 100 && dropped > 1_000,
        "{programs} programs dropped {dropped}"
    );
}
