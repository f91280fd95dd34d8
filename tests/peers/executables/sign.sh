#!/usr/bin/env bash
# Signs a PE file in the ways that osslsigncode knows, and breaks copies of it. Usage: sign.sh FILE.exe FOLDER
# FOLDER gets the files, and `root.der`, the root that all but one lead to.
set -euo pipefail
file=$(realpath "$1")
mkdir -p "$2"
cd "$2"

cat > extensions.cnf <<'CNF'
[ca]
basicConstraints=critical,CA:true
subjectKeyIdentifier=hash
[code]
extendedKeyUsage=codeSigning
[time]
extendedKeyUsage=critical,timeStamping
CNF

certificate() { # name, subject, extensions, key, issuer
    # shellcheck disable=SC2086
    openssl req -newkey $4 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA "$5.pem" -CAkey "$5.key" -CAcreateserial -days 3000 -sha256 \
        -extfile extensions.cnf -extensions "$3" -out "$1.pem" 2>/dev/null
}

openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 7000 -subj "/O=Example/CN=Example Root" \
    2>/dev/null
openssl x509 -in root.pem -outform der -out root.der
certificate issuer "/O=Example/CN=Example Issuer, Inc" ca rsa:3072 root
certificate rsa "/C=DE/O=Example GmbH/CN=Example Signer" code rsa:2048 issuer
certificate p384 "/O=Example/CN=Example Signer 384" code "ec -pkeyopt ec_paramgen_curve:P-384" issuer
certificate p256 "/O=Example/CN=Example Signer 256" code "ec -pkeyopt ec_paramgen_curve:prime256v1" issuer
certificate time "/O=Example/CN=Example Time" time rsa:2048 issuer
openssl req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.pem -days 300 -subj "/CN=Example Self" \
    -addext extendedKeyUsage=codeSigning 2>/dev/null
for name in rsa p384 p256 time; do cat "$name.pem" issuer.pem > "$name.chain"; done
cat rsa.pem issuer.pem root.pem > whole.chain

sign() { # output, chain, key, more
    local out=$1 chain=$2 key=$3
    shift 3
    rm -f "$out"
    osslsigncode sign -certs "$chain" -key "$key" "$@" -out "$out" > /dev/null
}
sign sha256.exe rsa.chain rsa.key -h sha256 -in "$file" -n "Example Program" -i https://example.com/
sign sha1.exe rsa.chain rsa.key -h sha1 -in "$file"
sign sha384.exe rsa.chain rsa.key -h sha384 -in "$file"
sign sha512.exe rsa.chain rsa.key -h sha512 -in "$file"
sign md5.exe rsa.chain rsa.key -h md5 -in "$file"
sign p384.exe p384.chain p384.key -h sha384 -in "$file"
sign p256.exe p256.chain p256.key -h sha256 -in "$file"
sign pages.exe rsa.chain rsa.key -h sha256 -ph -in "$file"
sign whole.exe whole.chain rsa.key -h sha256 -in "$file"
sign alone.exe rsa.pem rsa.key -h sha256 -in "$file"
sign self.exe self.pem self.key -h sha256 -in "$file"
sign stamped.exe rsa.chain rsa.key -h sha256 -TSA-certs time.chain -TSA-key time.key -TSA-time "$(date +%s)" -in "$file"
sign nested.exe p256.chain p256.key -h sha256 -nest -in sha1.exe
sign not-code.exe time.chain time.key -h sha256 -in "$file"

# A bit of the code, of the digest that was signed, and of the signer's signature; and bytes where nothing belongs.
python3 - <<'PY'
import struct
data = bytearray(open("sha256.exe", "rb").read())
header = struct.unpack_from("<I", data, 60)[0]
wide = struct.unpack_from("<H", data, header + 24)[0] == 0x20B
entry = header + 24 + (144 if wide else 128)
start, size = struct.unpack_from("<II", data, entry)

def write(name, change):
    copy = bytearray(data)
    copy = change(copy) or copy
    open(name, "wb").write(copy)

def flip(at):
    def change(copy):
        copy[at] ^= 1
    return change

write("code-changed.exe", flip(0x400 + 16))
# The last bytes before the filling are the signer's signature.
end = start + struct.unpack_from("<I", data, start)[0]
while data[end - 1] == 0:
    end -= 1
write("signature-changed.exe", flip(end - 20))
digest = data.find(b"\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", start)
write("digest-changed.exe", flip(digest + 20))

def append(copy):
    table = b"appended" * 4
    length = struct.unpack_from("<I", copy, start)[0]
    struct.pack_into("<I", copy, start, length + len(table))
    struct.pack_into("<I", copy, entry + 4, size + len(table))
    return copy + table
write("appended.exe", append)
PY
