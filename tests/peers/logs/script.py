"""The script that the field starts from (`address user port` by a regular expression into scikit-learn's IsolationForest, a tenth
of the lines taken for anomalies) and `watchfire logs` on the same lines; see README.md."""

import random
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

LINES = 1_000_000
PLANTED = "198.51.100.77 administrator 31337"
LINE = re.compile(r"^(\d+)\.(\d+)\.(\d+)\.(\d+) (\S+) (\d+)$")


def make(path):
    rng = random.Random(7)
    users = [f"user{number:02}" for number in range(40)]
    with open(path, "w") as out:
        for number in range(LINES):
            if number == LINES // 2:
                out.write(PLANTED + "\n")
                continue
            out.write(f"10.0.{rng.randint(1, 8)}.{rng.randint(1, 254)} {rng.choice(users)} {rng.choice([22, 80, 443, 443, 3389, 8080])}\n")


def forest(path):
    """CPU seconds, lines that are called anomalies, and whether the planted one is among them."""
    from sklearn.ensemble import IsolationForest

    begin = time.process_time()
    lines = Path(path).read_text().splitlines()
    users = {}
    rows = []
    for line in lines:
        found = LINE.match(line)
        if found:
            a, b, c, d, user, port = found.groups()
            rows.append([int(a), int(b), int(c), int(d), users.setdefault(user, len(users)), int(port)])
    said = IsolationForest(contamination=0.1, random_state=0).fit_predict(rows)
    seconds = time.process_time() - begin
    return seconds, int((said == -1).sum()), said[LINES // 2] == -1


def watchfire(program, *arguments):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run([program, "--quiet", *arguments], capture_output=True, text=True, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, said


def main():
    folder, program = Path(sys.argv[1]), sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "lines.txt"
    make(path)
    size = path.stat().st_size / 1e6
    seconds, count, is_met = forest(path)
    print(f"the script              {size / seconds:6.2f} MB/s {seconds:7.2f} CPU s  {count} lines called anomalies, the planted one {'among' if is_met else 'not among'} them, no reasons")
    for arguments in [("logs",), ("logs", "anomalies")]:
        seconds, said = watchfire(program, *arguments, str(path))
        print(f"watchfire {' '.join(arguments):14}{size / seconds:6.2f} MB/s {seconds:7.2f} CPU s  the planted line {'is' if '31337' in said else 'is not'} told:")
        print("\n".join("    " + line for line in said.splitlines() if "31337" in line))


if __name__ == "__main__":
    main()
