#!/usr/bin/env python3
"""scikit-learn's IsolationForest on the labelled sets of a folder, and its speed.

    peer.py sets FOLDER [SEED…]   one line a set: name, rows, columns, AUC-ROC and AUC-PR, each times 100, mean over seeds
    peer.py compare THEIRS OURS   both side by side, and the means
    peer.py speed                 CPU seconds for growing a forest and scoring a million rows of ten columns
"""

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score


def sets(folder, seeds):
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".npz"):
            continue
        data = numpy.load(os.path.join(folder, name))
        table, labels = data["X"], data["y"].astype(int)
        roc, precision = [], []
        for seed in seeds:
            forest = IsolationForest(n_estimators=100, random_state=seed).fit(table)
            scores = -forest.score_samples(table)
            roc.append(100 * roc_auc_score(labels, scores))
            precision.append(100 * average_precision_score(labels, scores))
        rows, columns = table.shape
        mean = f"{numpy.mean(roc):.2f}\t{numpy.mean(precision):.2f}"
        print(f"{name[:-4]}\t{rows}\t{columns}\t{mean}", flush=True)


def speed():
    table = numpy.random.default_rng(1).normal(size=(1_000_000, 10))
    begin = time.process_time()
    forest = IsolationForest(n_estimators=100, random_state=0, n_jobs=1).fit(table)
    forest.score_samples(table)
    print(f"{time.process_time() - begin:.3f}")


def compare(theirs, ours):
    read = lambda path: {cells[0]: cells[1:] for cells in (line.split("\t") for line in open(path))}
    theirs, ours = read(theirs), read(ours)
    detectors = ["scikit-learn", "forest", "extended", "ECOD", "ensemble"]
    print("| set | rows | columns | " + " | ".join(detectors) + " |")
    print("|---|---|---|" + "---|" * len(detectors))
    table = []
    for name, (rows, columns, *figures) in theirs.items():
        figures = [float(figure) for figure in figures + ours[name]]
        table.append(figures)
        print(f"| {name} | {rows} | {columns} | " + cells(figures) + " |")
    print("| **mean** | | | " + cells(numpy.mean(table, axis=0)) + " |")


def cells(figures):
    return " | ".join(f"{roc:.1f} / {precision:.1f}" for roc, precision in zip(figures[::2], figures[1::2]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["sets"]:
        sets(sys.argv[2], [int(seed) for seed in sys.argv[3:]] or [0, 1, 2])
    elif sys.argv[1:2] == ["compare"]:
        compare(*sys.argv[2:4])
    elif sys.argv[1:2] == ["speed"]:
        speed()
    else:
        sys.exit(__doc__)
