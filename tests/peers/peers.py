"""The Python peers behind one face: text in, values by type out.

Each peer runs with what its documentation shows first; where a narrower and a wider choice of types exist, both are
here. Type names are those of the corpus's `peer_cases.jsonl`.
"""

import importlib.metadata
import logging
import socket
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")


def _offline(*_, **__):
    raise OSError("peers are measured offline")


# A peer that would fetch a list of suffixes falls back to the one it ships.
socket.getaddrinfo = _offline

HASHES = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}

IOC_FINDER = {
    "asns": "asn",
    "attack_mitigations": "attack_mitigation",
    "attack_tactics": "attack_tactic",
    "attack_techniques": "attack_technique",
    "authentihashes": "authentihash",
    "bitcoin_addresses": "btc",
    "cves": "cve",
    "domains": "domain",
    "email_addresses": "email",
    "email_addresses_complete": "email",
    "file_paths": "file_path",
    "google_adsense_publisher_ids": "ga_pub",
    "google_analytics_tracker_ids": "ga_track",
    "imphashes": "imphash",
    "ipv4_cidrs": "ipv4_cidr",
    "ipv4s": "ipv4",
    "ipv6s": "ipv6",
    "mac_addresses": "mac",
    "md5s": "md5",
    "monero_addresses": "xmr",
    "registry_key_paths": "registry",
    "sha1s": "sha1",
    "sha256s": "sha256",
    "sha512s": "sha512",
    "ssdeeps": "ssdeep",
    "tlp_labels": "tlp",
    "urls": "url",
    "urls_complete": "url",
    "user_agents": "user_agent",
    "xmpp_addresses": "xmpp",
}

IOCSEARCHER = {
    "arn": "arn",
    "bitcoin": "btc",
    "bitcoincash": "bitcoincash",
    "cardano": "cardano",
    "cve": "cve",
    "dashcoin": "dashcoin",
    "dogecoin": "dogecoin",
    "email": "email",
    "ethereum": "eth",
    "fqdn": "domain",
    "googleAdsense": "ga_pub",
    "googleAnalytics": "ga_track",
    "ip4": "ipv4",
    "ip4Net": "ipv4_cidr",
    "ip6": "ipv6",
    "litecoin": "litecoin",
    "md5": "md5",
    "monero": "xmr",
    "onionAddress": "onion",
    "phoneNumber": "phone",
    "registry": "registry",
    "ripple": "ripple",
    "sha1": "sha1",
    "sha256": "sha256",
    "solana": "solana",
    "tezos": "tezos",
    "tron": "tron",
    "ttp": "attack_technique",
    "url": "url",
    "zcash": "zcash",
}

TEXT2IOC = {
    "attack_tactic_id": "attack_tactic",
    "attack_technique_id": "attack_technique",
    "cve": "cve",
    "domain": "domain",
    "email": "email",
    "filepath": "file_path",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "md5": "md5",
    "registry_key": "registry",
    "sha1": "sha1",
    "sha256": "sha256",
    "url": "url",
}

MSTICPY = {
    "dns": "domain",
    "email": "email",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "md5_hash": "md5",
    "sha1_hash": "sha1",
    "sha256_hash": "sha256",
    "url": "url",
}


def renamed(found, names):
    """`found`, a mapping of the peer's types to values or to mappings of values, under the corpus's names."""
    values = {}
    for theirs, ours in names.items():
        some = found.get(theirs) or ()
        if isinstance(some, dict):
            some = [value for part in some.values() for value in part]
        values.setdefault(ours, set()).update(some)
    return values


class Peer:
    """One peer: what it is called, its package, the types it knows, and how to ask it."""

    def __init__(self, name, package, types, find, refang=None):
        self.name, self.package, self.types, self.find, self.refang = name, package, set(types), find, refang
        self.version = importlib.metadata.version(package)


def iocextract():
    import iocextract as library

    def find(text):
        values = {"url": set(library.extract_urls(text, refang=True)), "yara": set(library.extract_yara_rules(text))}
        for address in library.extract_ips(text, refang=True):
            values.setdefault("ipv6" if ":" in address else "ipv4", set()).add(address)
        values["email"] = set(library.extract_emails(text, refang=True))
        for value in library.extract_hashes(text):
            values.setdefault(HASHES.get(len(value), "hash"), set()).add(value)
        return values

    types = ["url", "yara", "ipv4", "ipv6", "email", *HASHES.values()]
    return Peer("iocextract", "iocextract", types, find)


def ioc_finder(every=False):
    import ioc_fanger
    from ioc_finder import find_iocs

    wanted = {"included_ioc_types": list(IOC_FINDER)} if every else {}

    def find(text):
        return renamed(find_iocs(text, **wanted), IOC_FINDER)

    name = "ioc-finder, every type" if every else "ioc-finder, its default types"
    return Peer(name, "ioc-finder", IOC_FINDER.values(), find, ioc_fanger.fang)


def iocsearcher():
    from iocsearcher.searcher import Searcher

    searcher = Searcher()

    def find(text):
        values = {}
        for found in searcher.search_data(text):
            values.setdefault(IOCSEARCHER.get(found.name, found.name), set()).add(found.value)
        return values

    return Peer("iocsearcher", "iocsearcher", IOCSEARCHER.values(), find)


def text2ioc():
    import text2ioc as library

    def find(text):
        return renamed(library.extract_iocs(text), TEXT2IOC)

    return Peer("text2ioc", "text2ioc", TEXT2IOC.values(), find)


def msticpy():
    from msticpy.transform.iocextract import IoCExtract

    extractor = IoCExtract()

    def find(text):
        return renamed(extractor.extract(text), MSTICPY)

    return Peer("msticpy IoCExtract", "msticpy", MSTICPY.values(), find)


def ioc_fanger():
    import ioc_fanger as library

    def find(text):
        return {"text": {library.fang(text)}}

    return Peer("ioc_fanger, refanging alone", "ioc-fanger", [], find, library.fang)


PEERS = {
    "iocextract": iocextract,
    "ioc-finder": ioc_finder,
    "ioc-finder-all": lambda: ioc_finder(every=True),
    "iocsearcher": iocsearcher,
    "text2ioc": text2ioc,
    "msticpy": msticpy,
    "ioc_fanger": ioc_fanger,
}

# One of each, so that what is built on first use is built before the clock runs.
WARM = "hxxp://example[.]com/a 192.0.2.1 2001:db8::1 a@example.com CVE-2020-1234 T1059 AS64496 " + "0a" * 16
