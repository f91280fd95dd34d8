//! `watchfire_testkit::fuzz::cabinet` under libFuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| watchfire_testkit::fuzz::cabinet(data));
