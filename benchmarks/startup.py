#!/usr/bin/env python3
"""Times whole runs of the command line: cold start to exit, and one unload and load of the IPMMU bundle on a warm runtime.

Usage: benchmarks/startup.py [RUNS]
Each figure is the median of RUNS (default 7) processes after one that is not counted (it makes the class-data archive).
A cycle is (time of a run with 220 cycles - time of a run with 20 cycles) / 200: unload, consumers released, load, last client bound.
"""
import os
import statistics
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LATEBIND = os.path.join(ROOT, "latebind")
BOARD = os.path.join(ROOT, "boards", "salvator-xs-h3.dts")


def run(*arguments):
    """Runs once; returns wall seconds, processor seconds and peak resident MiB."""
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv(LATEBIND, [LATEBIND, *arguments])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit("latebind " + " ".join(arguments) + ": status " + str(status))
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def median(runs, *arguments):
    run(*arguments)
    rows = [run(*arguments) for _ in range(runs)]
    return [statistics.median(column) for column in zip(*rows)]


def cycles(count):
    lines = ["load dma-client", "load ipmmu-vmsa", "late-init at 1"]
    lines += ["unload ipmmu-vmsa", "load ipmmu-vmsa"] * count
    file = tempfile.NamedTemporaryFile("w", suffix=".schedule", delete=False)
    file.write("\n".join(lines) + "\n")
    file.close()
    return file.name


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    wall, cpu, peak = median(runs, "run", BOARD, "--exit")
    print(f"cold start, run --exit on the H3 board: {wall:.2f} s wall, {cpu:.2f} s processor, {peak:.0f} MiB resident")
    few, many = cycles(20), cycles(220)
    short = median(max(3, runs // 2), "run", BOARD, "--script", few, "--json", "--exit")[0]
    long = median(max(3, runs // 2), "run", BOARD, "--script", many, "--json", "--exit")[0]
    print(f"unload and load of the IPMMU bundle, last client bound: {(long - short) / 200 * 1000:.1f} ms a cycle")
    os.unlink(few)
    os.unlink(many)


if __name__ == "__main__":
    main()
