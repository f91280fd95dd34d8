//! `watchfire_testkit::fuzz::similar` under libFuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| watchfire_testkit::fuzz::similar(data));
