//! `watchfire_testkit::fuzz::log_user` under libFuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| watchfire_testkit::fuzz::log_user(data));
