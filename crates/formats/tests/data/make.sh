#!/bin/sh
# Makes the fixtures in this folder with other people's tools, so that readers and writers are not one and the same.
# Needs bash, python3, 7-Zip 26 (`7z`), Info-ZIP `zip`, GNU tar, gzip, bzip2, xz, zstd, lz4. Not part of any build.
set -eu
out=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cd "$work"

# The content of every fixture; `common/mod.rs` makes the same.
python3 - <<'PY'
text = "".join(f"{n}: {n * n % 9973:x} watchfire 198.51.100.{n % 256}\n" for n in range(600))
open("note.txt", "w").write(text)
open("long.txt", "w").write(text * 10)
open("short.txt", "w").write("http://malware.example/short\n")
# Looks enough like x86 code for the branch filters: calls with relative targets.
code = bytearray()
for n in range(400):
    code += b"\x55\x89\xe5\xe8" + ((n * 64) & 0xFFFF).to_bytes(4, "little") + b"\xc9\xc3\x90\x90"
open("code.bin", "wb").write(code)
PY
touch -d 2026-01-02T03:04:06Z note.txt short.txt code.bin
rm -f "$out"/*.7z "$out"/*.zip
mkdir -p folder && cp -p short.txt "folder/ünï.txt"

# Single streams.
gzip -9c note.txt > "$out/note.gz"
bzip2 -9c note.txt > "$out/note.bz2"
xz -9c note.txt > "$out/note.xz"
xz --check=sha256 --x86 --lzma2=dict=64KiB -c code.bin > "$out/code.xz"
xz --format=lzma -c note.txt > "$out/note.lzma"
zstd -q -19 --check -c note.txt > "$out/note.zst"
lz4 -q -9 -c note.txt > "$out/note.lz4"
lz4 -q -9 -BD -B4 --no-frame-crc -c long.txt > "$out/linked.lz4"
lz4 -q -l -c note.txt > "$out/legacy.lz4"

# zip.
zip -qX "$out/plain.zip" note.txt short.txt folder/*
zip -qXz "$out/comment.zip" short.txt <<'C'
a comment
C
zip -qX -P secret "$out/zipcrypto.zip" note.txt short.txt
zip -qX -P infected "$out/infected.zip" short.txt
zip -qXfz- "$out/stream.zip" - < note.txt
cat note.txt | zip -qX "$out/zip64.zip" -fz -
for method in BZip2 LZMA Deflate64 XZ; do
    7z a -bso0 -bsp0 -tzip -mm=$method "$out/$(echo $method | tr A-Z a-z).zip" note.txt short.txt
done
for bits in 128 192 256; do
    7z a -bso0 -bsp0 -tzip -mem=AES$bits -psecret "$out/aes$bits.zip" note.txt short.txt
done
{ printf 'MZ this stands for the stub of a self-extractor\n'; cat "$out/plain.zip"; } > "$out/prefixed.zip"

# tar.
tar --format=ustar --owner=0 --group=0 -cf - note.txt folder | gzip -9n > "$out/ustar.tar.gz"
long=$(python3 -c 'print("d" * 80 + "/" + "e" * 90)')
mkdir -p "$(dirname "$long")" && cp -p short.txt "$long"
tar --format=gnu --owner=0 --group=0 -cf - "$long" short.txt | xz -9 > "$out/gnu.tar.xz"
tar --format=pax --owner=0 --group=0 --pax-option=delete=atime,delete=ctime -cf - "$long" "folder/ünï.txt" | bzip2 -9 > "$out/pax.tar.bz2"
tar --format=v7 -cf - short.txt | gzip -9n > "$out/v7.tar.gz"

# 7z.
seven() { name=$1; shift; 7z a -bso0 -bsp0 -t7z "$out/$name.7z" "$@"; }
seven plain note.txt short.txt folder
seven copy -m0=Copy short.txt code.bin
seven lzma -m0=LZMA -mhc=off note.txt short.txt
seven bzip2 -m0=BZip2 note.txt
seven deflate -m0=Deflate note.txt
seven ppmd -m0=PPMd:mem=1m:o=6 note.txt
seven bcj -m0=BCJ -m1=LZMA2 code.bin
seven bcj2 -m0=BCJ2 -m1=LZMA:d16 -m2=LZMA:d16 -m3=LZMA:d16 -mb0:1 -mb0s1:2 -mb0s2:3 code.bin
seven arm64 -m0=ARM64 -m1=LZMA2 code.bin
seven delta -m0=Delta:4 -m1=LZMA2 code.bin
seven nonsolid -ms=off note.txt short.txt
seven aes -psecret note.txt short.txt
seven aes-header -psecret -mhe=on note.txt short.txt
seven infected -pinfected -mhe=on short.txt
touch empty.txt && seven empty-file empty.txt
rm -rf "$work"
ls -l "$out"
