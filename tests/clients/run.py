#!/usr/bin/env python3
"""Holds the stand-in to what the providers' own Python clients expect of their servers.

    python3 -m venv venv
    venv/bin/pip install vt-py shodan greynoise OTXv2 pymisp taxii2-client urlscan-python
    cargo build -p watchfire-standin
    venv/bin/python tests/clients/run.py target/debug/watchfire-standin

Each client asks for one value that is known, one that is not, and asks once too often. A client that is not installed is
SKIPPED. The exit code is 1 where any has FAILED. result.txt is what this printed last, and when.
"""

import datetime
import importlib.metadata
import logging
import os
import subprocess
import sys

KEY = "0123456789abcdef0123456789abcdef01234567"
HASH = "c3" * 32
ADDRESS = "8.8.8.8"


def raises(call, *words):
    """Whether a call fails with an error that has one of the words in its name or text."""
    try:
        call()
    except Exception as error:  # noqa: BLE001: each client has errors of its own
        told = f"{type(error).__name__} {error}"
        assert any(word in told for word in words), told
        return
    raise AssertionError(f"no error with {words}")


def virustotal(base):
    import vt

    with vt.Client(KEY, host=base) as client:
        file = client.get_object(f"/files/{HASH}")
        assert file.last_analysis_stats["malicious"] == 12
        assert client.get_object(f"/ip_addresses/{ADDRESS}").asn == 64500
        assert client.get_object("/urls/{}", vt.url_id("http://evil.com/")).id
    with vt.Client(KEY, host=f"{base}/~unknown") as client:
        raises(lambda: client.get_object(f"/files/{HASH}"), "NotFoundError")
    with vt.Client(KEY, host=f"{base}/~quota") as client:
        raises(lambda: client.get_object(f"/files/{HASH}"), "QuotaExceededError")
    with vt.Client(KEY, host=f"{base}/~auth") as client:
        raises(lambda: client.get_object(f"/files/{HASH}"), "WrongCredentialsError")


def shodan(base):
    import shodan

    def client(place):
        api = shodan.Shodan(KEY)
        api.base_url = place
        return api

    assert 443 in client(base).host(ADDRESS)["ports"]
    raises(lambda: client(f"{base}/~unknown").host(ADDRESS), "No information available")
    raises(lambda: client(f"{base}/~auth").host(ADDRESS), "key", "401", "Access", "parse")


def greynoise(base):
    from greynoise.api import APIConfig, GreyNoise

    def client(place):
        return GreyNoise(APIConfig(api_key=KEY, api_server=place, timeout=10, use_cache=False))

    known = client(base).ip(ADDRESS)
    assert known["internet_scanner_intelligence"]["classification"] == "malicious", known
    unknown = client(f"{base}/~unknown").ip(ADDRESS)
    assert not unknown.get("internet_scanner_intelligence", {}).get("found"), unknown
    raises(lambda: client(f"{base}/~quota").ip(ADDRESS), "RateLimit", "429")


def otx(base):
    from OTXv2 import IndicatorTypes, OTXv2

    def ask(place):
        client = OTXv2(KEY, server=place)
        return client.get_indicator_details_by_section(IndicatorTypes.IPv4, ADDRESS, "general")

    assert ask(base)["pulse_info"]["count"] == 3
    assert ask(f"{base}/~unknown")["pulse_info"]["count"] == 0
    raises(lambda: ask(f"{base}/~auth"), "InvalidAPIKey")


def misp(base):
    import pymisp

    logging.getLogger("pymisp").setLevel(logging.CRITICAL)
    client = pymisp.PyMISP(f"{base}/", KEY, False)
    found = client.search(controller="attributes", value=ADDRESS, pythonify=True)
    assert ADDRESS in [attribute.value for attribute in found], found
    raises(lambda: pymisp.PyMISP(f"{base}/~auth/", KEY, False), "PyMISPError", "connect", "MISP")


def urlscan(base):
    import urlscan

    def client(place):
        return urlscan.Client(KEY, base_url=place)

    with client(base) as own:
        hits = list(own.search('page.domain:"evil.com"', limit=1, size=1))
        result = own.get_result(hits[0]["_id"])
        assert result["verdicts"]["overall"]["malicious"], result
    with client(f"{base}/~unknown") as own:
        assert not list(own.search("page.domain:x", limit=1))
    with client(f"{base}/~quota") as own:
        raises(lambda: list(own.search("page.domain:x", limit=1)), "RateLimit", "429")


def taxii(base):
    from taxii2client.v21 import Server, as_pages

    server = Server(f"{base}/taxii2/")
    collection = server.api_roots[0].collections[0]
    pages = list(as_pages(collection.get_objects, per_request=1))
    assert sum(len(page["objects"]) for page in pages) == 2, pages


CLIENTS = [
    ("virustotal", "vt-py", virustotal),
    ("shodan", "shodan", shodan),
    ("greynoise", "greynoise", greynoise),
    ("otx", "OTXv2", otx),
    ("misp", "pymisp", misp),
    ("urlscan", "urlscan-python", urlscan),
    ("taxii", "taxii2-client", taxii),
]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: run.py path/to/watchfire-standin")
    # The stand-in is on this machine: no proxy between.
    os.environ["NO_PROXY"] = "127.0.0.1"
    server = subprocess.Popen([sys.argv[1]], stdout=subprocess.PIPE, text=True)
    failed = False
    try:
        names = {name for name, _, _ in CLIENTS}
        places = {}
        while not names <= places.keys():
            line = server.stdout.readline()
            if not line:
                sys.exit("error: the stand-in ended before it said where it is")
            name, _, place = line.strip().partition("\t")
            places[name] = place
        print(datetime.date.today().isoformat(), "Python", sys.version.split()[0])
        for name, package, check in CLIENTS:
            try:
                version = importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                print(f"{name}: SKIPPED, {package} is not installed")
                continue
            try:
                check(places[name])
                print(f"{name}: ok, {package} {version}")
            except Exception as error:  # noqa: BLE001: the next client is tried all the same
                failed = True
                print(f"{name}: FAILED, {package} {version}: {type(error).__name__}: {error}")
    finally:
        server.terminate()
    sys.exit(failed)


if __name__ == "__main__":
    main()
