//! `watchfire_testkit::fuzz::parquet` under libFuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| watchfire_testkit::fuzz::parquet(data));
