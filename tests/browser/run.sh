#!/usr/bin/env bash
# Opens pages that Watchfire writes in Debian's Chromium: that of the demo and that of hostile files. A console message, a
# request, a violation that axe-core finds, or a control that does not work fails it. Pictures at 1280 and 390 pixels, in the
# light, in the dark and on paper stay in FOLDER (default: a temporary one) to be looked at.
#
# Needs chromium, node and npm (for playwright-core and axe-core, into FOLDER); without them it says that it is skipped.
# usage: tests/browser/run.sh [FOLDER]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"

skip() {
    printf 'SKIPPED (%s): pages were not opened in a browser\n' "$1"
    exit 0
}

for program in chromium node npm; do
    command -v "$program" >/dev/null || skip "no $program"
done
if [[ $# -gt 0 ]]; then
    mkdir -p "$1"
    folder="$(cd "$1" && pwd)"
else
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
fi
if [[ ! -d "$folder/node_modules/axe-core" || ! -d "$folder/node_modules/playwright-core" ]]; then
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" \
        playwright-core@1.65.1 axe-core@4.14.1 >/dev/null 2>&1 || skip "npm could not install playwright-core and axe-core"
fi

cd "$root"
cargo build --locked --quiet -p watchfire-cli --bin watchfire
watchfire="${CARGO_TARGET_DIR:-target}/debug/watchfire"
[[ "$watchfire" == /* ]] || watchfire="$root/$watchfire"

# Everything that was ever taken for markup, in a name, in a header and in a body.
work="$folder/work"
rm -rf "$work"
mkdir -p "$work/hostile"
evil='</script><script>alert(1)</script><img src=x onerror=alert(1)>'
printf '%s\r\n' \
    "From: \"$evil DocuSign\" <no-reply@docusign-secure.example>" 'To: a@corp.example' \
    "Subject: $evil"$'\u202e'"gpj.exe" 'Date: Mon, 2 Nov 2026 08:02:11 +0000' 'Message-ID: <1@docusign-secure.example>' \
    'MIME-Version: 1.0' 'Content-Type: text/html; charset=utf-8' '' \
    "<p>$evil</p><a href=\"http://203.0.113.66/update.exe\">https://www.docusign.com/\" onload=alert(1)</a>" \
    '<a href="javascript:alert(1)">http://1.1.1.1/x http://8.8.8.8/y http://77.88.8.8/z</a>' >"$work/hostile/<img src=x onerror=alert(1)>.eml"
(
    cd "$work"
    "$watchfire" demo -q demo --tlp AMBER --report demo.html >demo.txt
    "$watchfire" triage -q --tlp RED --report hostile.html hostile >/dev/null
    "$watchfire" check -q --config demo/watchfire.toml --report check.html cdn-update.example 8.8.8.8 evil.example >/dev/null
)
node "$here/look.mjs" "$folder" "$work/demo.html" "$work/hostile.html" "$work/check.html"
