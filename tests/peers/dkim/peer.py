"""dkimpy beside Watchfire: verifies a folder of mails, signs mails into one, and tampers with copies.

usage: peer.py verify FOLDER | sign FROM TO | tamper FROM TO
"""

import base64
import json
import pathlib
import sys
import textwrap

import dkim

FORMS = [b"simple", b"relaxed"]
DOMAIN = b"corp.example"
# What is changed, and what it is changed to. Each is signed in every mail that has it.
CHANGES = {
    "from": (b"corp.example>\r\n", b"corp.test>\r\n"),
    "plain-from": (b"From: a@", b"From: b@"),
    "subject": (b"ubject: ", b"ubject: x"),
    "twice": (b"X-Twice: 2", b"X-Twice: 3"),
    "added": (b"Subject: ", b"From: x@evil.example\r\nSubject: "),
    "body": (b"there", b"their"),
    "longer": (b"no end", b"no end, ever"),
    "domain": (b"t=1;", b"t=2;"),
}


def answers(folder):
    held = json.loads((folder / "answers.json").read_text())["answers"]
    texts = {name.encode() + b".": kinds["TXT"][0].encode() for name, kinds in held.items()}
    return lambda name, timeout=5: texts.get(name)


def verify(folder):
    ask = answers(folder)
    for mail in sorted(folder.glob("*.eml")):
        try:
            if mail.name.startswith("sealed-"):
                outcome = dkim.arc_verify(mail.read_bytes(), dnsfunc=ask)[0].decode()
            else:
                outcome = "pass" if dkim.verify(mail.read_bytes(), dnsfunc=ask) else "fail"
        except dkim.DKIMException:
            outcome = "error"
        print(f"{mail.name}\t{outcome}")


def sign(source, target):
    target.mkdir(parents=True, exist_ok=True)
    pkcs8 = "\n".join(textwrap.wrap((source / "rsa.key").read_text(), 64))
    label = "PRIVATE KEY"
    keys = {
        "rsa": f"-----BEGIN {label}-----\n{pkcs8}\n-----END {label}-----\n".encode(),
        "ed25519": (source / "ed25519.key").read_bytes(),
    }
    (target / "answers.json").write_text((source / "answers.json").read_text())
    for mail in sorted(source.glob("*.txt")):
        text = mail.read_bytes()
        for name, key in keys.items():
            for header in FORMS:
                for body in FORMS:
                    field = dkim.sign(
                        text,
                        name.encode(),
                        DOMAIN,
                        key,
                        canonicalize=(header, body),
                        include_headers=[b"from", b"to", b"subject", b"x-twice", b"from"],
                        signature_algorithm=f"{name}-sha256".encode(),
                    )
                    form = (header + b"-" + body).decode()
                    (target / f"{mail.stem}-{name}-{form}.eml").write_bytes(field + text)


def tamper(source, target):
    target.mkdir(parents=True, exist_ok=True)
    (target / "answers.json").write_text((source / "answers.json").read_text())
    for mail in sorted(source.glob("*.eml")):
        text = mail.read_bytes()
        for name, (before, after) in CHANGES.items():
            changed = text.replace(before, after, 1)
            if changed != text:
                (target / f"{mail.stem}-{name}.eml").write_bytes(changed)


if __name__ == "__main__":
    verb, *folders = sys.argv[1:]
    {"verify": verify, "sign": sign, "tamper": tamper}[verb](*map(pathlib.Path, folders))
