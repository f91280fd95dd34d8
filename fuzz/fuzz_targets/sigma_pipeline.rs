//! `watchfire_testkit::fuzz::sigma_pipeline` under libFuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| watchfire_testkit::fuzz::sigma_pipeline(data));
