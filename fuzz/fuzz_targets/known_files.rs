//! `watchfire_testkit::fuzz::known_files` under libFuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| watchfire_testkit::fuzz::known_files(data));
