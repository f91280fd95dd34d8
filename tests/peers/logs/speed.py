"""Logs of sshd and of a web server, read by Watchfire and by Python's regular expressions; see README.md."""

import os
import random
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

SIZE = 150_000_000


def addresses(rng):
    return [".".join(str(rng.randint(1, 254)) for _ in range(4)) for _ in range(4096)]


def sshd(rng):
    known = addresses(rng)
    users = "root admin test oracle web-admin backup postgres ubuntu".split()
    clock = 0
    while True:
        clock += rng.randint(0, 1)
        user, ip, port = rng.choice(users), rng.choice(known), rng.randint(1025, 65535)
        said = rng.choice(
            [
                f"Failed password for {user} from {ip} port {port} ssh2",
                f"Failed password for invalid user {user} from {ip} port {port} ssh2",
                f"Invalid user {user} from {ip} port {port}",
                f"Connection closed by authenticating user {user} {ip} port {port} [preauth]",
                f"Received disconnect from {ip} port {port}:11: Bye Bye [preauth]",
            ]
        )
        day, rest = divmod(clock, 86400)
        stamp = f"Nov {day % 28 + 1:>2} {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
        yield f"{stamp} web-01 sshd[{rng.randint(1000, 60000)}]: {said}\n"


def access(rng):
    known = addresses(rng)
    agents = [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
        "curl/8.5.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
        "python-requests/2.31.0",
    ]
    clock = 0
    while True:
        clock += rng.randint(0, 1)
        day, rest = divmod(clock, 86400)
        stamp = f"{day % 28 + 1:02}/Nov/2026:{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02} +0000"
        path = rng.choice(["index.html", "wp-login.php", f"api/v1/items/{rng.randint(1, 99999)}", "static/js/app.js"])
        yield (
            f'{rng.choice(known)} - - [{stamp}] "GET /{path} HTTP/1.1" {rng.choice([200, 200, 304, 404, 500])} '
            f'{rng.randint(100, 90000)} "{rng.choice(["-", "https://www.example.com/"])}" "{rng.choice(agents)}"\n'
        )


def make(path, lines):
    written = 0
    with open(path, "w") as out:
        for line in lines:
            out.write(line)
            written += len(line)
            if written >= SIZE:
                return


SSHD = re.compile(
    r"^(\w{3}\s+\d+ \d\d:\d\d:\d\d) (\S+) sshd\[(\d+)\]: "
    r"(Failed password for (?:invalid user )?|Invalid user |Connection closed by authenticating user |Received disconnect from )"
    r"(?:(\S+) )??(?:from )?(\d+\.\d+\.\d+\.\d+) port (\d+)"
)
ACCESS = re.compile(r'^(\S+) (\S+) (\S+) \[([^\]]+)\] "(\S+) (\S+) ([^"]+)" (\d+) (\S+) "([^"]*)" "([^"]*)"')


def python(path, pattern):
    rows = 0
    with open(path) as lines:
        for line in lines:
            found = pattern.match(line)
            if found:
                found.groups()
                rows += 1
    return rows


def polars(path, pattern):
    import polars

    frame = polars.read_csv(path, has_header=False, separator="\x01", quote_char=None, new_columns=["line"])
    return frame.select(polars.col("line").str.extract_groups(pattern.pattern.replace("??", "?"))).height


def timed(run):
    """CPU seconds of `run` in a process of its own, and what it says."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        begin = time.process_time()
        rows = run()
        os.write(writer, f"{time.process_time() - begin} {rows}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    seconds, rows = os.read(reader, 100).split()
    return float(seconds), int(rows)


def watchfire(program, path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run([program, path], capture_output=True, text=True, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, int(re.search(r"(\d+) records", said)[1])


def main():
    folder, program = Path(sys.argv[1]), sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["POLARS_MAX_THREADS"] = "1"
    for name, lines, pattern in [("sshd.log", sshd, SSHD), ("access.log", access, ACCESS)]:
        path = folder / name
        if not path.exists():
            make(path, lines(random.Random(7)))
        size = path.stat().st_size / 1e6
        rows = [("watchfire", *watchfire(program, path)) for _ in range(3)]
        rows.append(("python re", *timed(lambda: python(path, pattern))))
        try:
            import polars as _

            rows.append(("polars, one thread", *timed(lambda: polars(path, pattern))))
        except ImportError:
            pass
        for who, seconds, count in rows:
            print(f"{name:12} {who:20} {size / seconds:8.1f} MB/s {count / seconds:12,.0f} lines/s {seconds:6.2f} s {count:9} lines")


if __name__ == "__main__":
    main()
