"""How many assertions of the corpus's tier A each peer meets: `conformance.py CASES.jsonl [NODE_ANSWERS.jsonl]`.

The questions are those of crates/extract/tests/conformance: a value is found, a type has no further values, a value is
not found, a text refangs to another. Values are compared without case and without the final slash of a URL, so that no
peer loses over its choice of a normal form. A type that a peer does not know is a miss where it is asked for; the last
column leaves these out. A peer without a function to refang a whole text misses those questions.

`conformance.py --texts CASES.jsonl` prints the texts of tier A, one JSON string per line, for peers.mjs.
"""

import json
import signal
import sys

from peers import PEERS, IOC_FINDER, WARM

# Where one type of the cases is several of a peer's, or the other way round.
SAME = {
    "url_complete": ["url"],
    "email_complete": ["email"],
    "domain": ["domain", "onion"],
    "onion": ["onion", "domain"],
    "ip": ["ipv4", "ipv6"],
    "macaddress": ["mac"],
    "gatrackid": ["ga_track"],
}

NODE = {
    "asns": "asn",
    "btcs": "btc",
    "cves": "cve",
    "domains": "domain",
    "emails": "email",
    "eths": "eth",
    "gaPubIDs": "ga_pub",
    "gaTrackIDs": "ga_track",
    "ipv4s": "ipv4",
    "ipv6s": "ipv6",
    "macAddresses": "mac",
    "md5s": "md5",
    "sha1s": "sha1",
    "sha256s": "sha256",
    "sha512s": "sha512",
    "ssdeeps": "ssdeep",
    "urls": "url",
    "xmrs": "xmr",
}

SUITE_OF = {
    "ioc-finder": "ioc-finder",
    "ioc-finder-all": "ioc-finder",
    "iocextract": "iocextract",
    "iocsearcher": "iocsearcher",
    "ioc_fanger": "ioc_fanger",
    "ioc-extractor": "ninoseki/ioc-extractor",
    "msticpy": "msticpy",
}


def types(name):
    return SAME.get(name, [name])


def key(kind, value):
    value = value.strip().casefold()
    if kind == "asn":
        value = value.replace("asn", "as")
    return value.rstrip("/") if kind == "url" else value


def keys(name, values):
    return {key(types(name)[0], value) for value in values}


def of_types(found, names):
    return {key(name, value) for name in names for value in found.get(name, ())}


def wanted_types(case):
    """Only these, where the case was written for a choice of types."""
    wanted = case["opts"].get("included_ioc_types")
    return None if wanted is None else {IOC_FINDER.get(name) for name in wanted}


def assertions(case, found, refanged):
    """Pairs: the type that is asked about, or None; what kind of question; whether it is met."""
    if case["form"] == "refang_pair":
        yield None, "refang", refanged == case["refang"]
        return
    wanted = wanted_types(case)
    if wanted is not None:
        found = {kind: values for kind, values in found.items() if kind in wanted}
    for name, values in case["expect"].items():
        have = of_types(found, types(name))
        for value in sorted(set(values)):
            yield name, "expect", key(types(name)[0], value) in have
    asked = set()
    for name in case["exact"]:
        mine = tuple(types(name))
        if mine in asked:
            continue
        asked.add(mine)
        given = set()
        for other, values in case["expect"].items():
            if set(types(other)) & set(mine):
                given |= keys(other, values)
        yield name, "forbid", not of_types(found, mine) - given
    for name, values in case["reject"].items():
        have = of_types(found, types(name))
        for value in sorted(set(values)):
            if value == "*" and name in case["exact"]:
                continue
            yield name, "forbid", not have if value == "*" else not keys(name, [value]) & have


def score(name, known, cases, answer):
    counts = {"all": [0, 0], "asking": [0, 0], "known": [0, 0], "others": [0, 0]}

    def add(column, met):
        counts[column][0] += met
        counts[column][1] += 1

    for case in cases:
        found, refanged = answer(case)
        for kind, question, met in assertions(case, found, refanged):
            add("all", met)
            if question == "forbid":
                continue
            add("asking", met)
            if case["source"] != SUITE_OF.get(name):
                add("others", met)
            if (kind is None and refanged is not None) or (kind and set(types(kind)) & known):
                add("known", met)
    cells = (f"{met:>5} of {of:<5}{100 * met / max(of, 1):>5.1f} %" for met, of in counts.values())
    print(f"{name:<16}" + "   ".join(cells))


class TooSlow(Exception):
    pass


def too_slow(*_):
    raise TooSlow


def asked(peer):
    def answer(case):
        signal.setitimer(signal.ITIMER_VIRTUAL, 20)
        try:
            if case["form"] == "refang_pair":
                return {}, peer.refang(case["text"]) if peer.refang else None
            return peer.find(case["text"]), None
        except TooSlow:
            print(f"  {peer.name}: case {case['id']} broken off", file=sys.stderr)
        except Exception as problem:
            print(f"  {peer.name}: case {case['id']}: {type(problem).__name__}", file=sys.stderr)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return {}, None

    return answer


def recorded(path, cases):
    with open(path, encoding="utf-8") as lines:
        answers = {case["id"]: json.loads(line) for case, line in zip(cases, lines)}

    def answer(case):
        one = answers[case["id"]]
        found = {NODE[name]: values for name, values in one["found"].items() if name in NODE}
        return found, one["refanged"]

    return answer


def main(arguments):
    texts_only = arguments[:1] == ["--texts"]
    with open(arguments[-1] if texts_only else arguments[0], encoding="utf-8") as lines:
        cases = [case for case in map(json.loads, lines) if case["tier"] == "A"]
    if texts_only:
        for case in cases:
            print(json.dumps(case["text"]))
        return
    signal.signal(signal.SIGVTALRM, too_slow)
    columns = ("every assertion", "asking for something", "the same, types it knows", "asking, others' suites")
    print(f"{'':<16}" + "   ".join(f"{column:>21}" for column in columns))
    score("silence", set(), cases, lambda _: ({}, None))
    for name, make in PEERS.items():
        peer = make()
        if name == "ioc_fanger":
            cases_here = [case for case in cases if case["form"] == "refang_pair"]
        elif name == "ioc-finder":
            continue
        else:
            peer.find(WARM)
            cases_here = cases
        score(name, peer.types, cases_here, asked(peer))
    if len(arguments) > 1:
        score("ioc-extractor", set(NODE.values()), cases, recorded(arguments[1], cases))


main(sys.argv[1:])
