# The handful of things one types. Everything works without `just`: each recipe is one plain command.

# What CI runs, all of it.
ci:
    .ci/run

# The quick loop.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo test

# How extraction does against the test suites of other tools; every miss with VERBOSE=1.
conformance VERBOSE="0":
    WATCHFIRE_CONFORMANCE_VERBOSE={{VERBOSE}} cargo test -p watchfire-extract --test conformance -- --nocapture

# Mixed log text of BYTES bytes on stdout.
logs BYTES="100000000":
    @cargo run --release -q -p watchfire-testkit --example logs -- {{BYTES}}

# A long run of one fuzz target; needs nightly Rust and cargo-fuzz.
fuzz TARGET SECONDS="300":
    cd fuzz && cargo +nightly fuzz run {{TARGET}} -- -max_total_time={{SECONDS}}

# Licences, bans, advisories; needs cargo-deny.
deny:
    cargo deny check
