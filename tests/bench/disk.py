"""The commit path beside the disk that it stands on: one delivery a commit against bare fdatasync, and how many share one under load."""
import os
import pathlib
import subprocess
import tempfile
import time

import lib

BLOCK = 4096
AT_ONCE = 64


def syncs_a_second(folder, seconds):
    """One block more and fdatasync, again and again: what no durable program on this disk can pass."""
    file = os.open(folder / "anchor", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        # As SQLite's log is after its first round: the blocks are there, only their content changes.
        os.pwrite(file, b"\0" * BLOCK * 1024, 0)
        os.fsync(file)
        block, n, began = os.urandom(BLOCK), 0, time.monotonic()
        while time.monotonic() - began < seconds:
            os.pwrite(file, block, BLOCK * (n % 1024))
            os.fdatasync(file)
            n += 1
        return n / (time.monotonic() - began)
    finally:
        os.close(file)


def store_rates(folder, seconds, size):
    """store-bench's own rows: (events a second on one thread, through the committer, events a transaction there)."""
    done = subprocess.run([lib.BUILD / "tests/store-bench", folder, str(seconds), "0", str(size)], capture_output=True, text=True,
                          check=True)
    lines = done.stdout.splitlines()
    rates = [float(line.split("rows/s")[0].split(":")[1]) for line in lines if "rows/s" in line]
    return rates[0], rates[1], float(next(line for line in lines if "a transaction" in line).split()[0])


def measure(table, note, seconds):
    note(f"disk: {seconds} s each")
    with tempfile.TemporaryDirectory(prefix="roster-bench-") as name:
        folder = pathlib.Path(name)
        before = syncs_a_second(folder, seconds)
        single = store_rates(folder, seconds, 1)[0]
        _, shared, group = store_rates(folder, seconds, AT_ONCE)
        syncs = (before + syncs_a_second(folder, seconds)) / 2
    table.add("fdatasync of 4 KiB, bare: a second (the anchor)", f"{syncs:,.0f}")
    table.add("commits of one event each, against that", f"{single / syncs:.3f}")
    table.add(f"events through the committer, {AT_ONCE} under way: a second, for each fdatasync that the disk does",
              f"{shared:,.0f}, {shared / syncs:.1f} ({group:.0f} a commit)", ">= 3.0", shared / syncs >= 3)
