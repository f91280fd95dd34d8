//! `watchfire_testkit::fuzz::capture_flows` under libFuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| watchfire_testkit::fuzz::capture_flows(data));
