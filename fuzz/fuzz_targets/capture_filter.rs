//! `watchfire_testkit::fuzz::capture_filter` under libFuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| watchfire_testkit::fuzz::capture_filter(data));
