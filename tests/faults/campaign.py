"""The fault campaign; script/faults starts it. Each case is a short life of a few people, with the real programs, in which one
thing breaks; it is named, and the same again with the same --seed."""
import argparse
import collections
import os
import pathlib
import random
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenes"))
import cases as all_cases  # noqa: E402 pylint: disable=wrong-import-position
import commands  # noqa: E402 pylint: disable=wrong-import-position
from stories import STORIES  # noqa: E402 pylint: disable=wrong-import-position

# Most of a case is waiting.
WORKERS = 4 * (os.cpu_count() or 2)
CASES = []


def play(number, seed, stop_at):
    """(number, struck, complaint, seconds); struck is None when it was too late to begin."""
    if time.monotonic() > stop_at:
        return number, None, None, 0
    began = time.monotonic()
    struck, complaint = CASES[number].play(seed)
    return number, struck, complaint, time.monotonic() - began


class Report:
    def __init__(self, is_tap):
        self.is_tap = is_tap
        self.kinds = collections.defaultdict(lambda: collections.Counter())
        self.slowest = []

    def add(self, case, struck, complaint, seconds):
        count = self.kinds[case.kind]
        if struck is None:
            return
        count["cases"] += 1
        count["struck"] += struck
        count["failed"] += complaint is not None
        self.slowest.append((seconds, case.name))
        if complaint:
            text = f"{case.kind}: {case.name}\n{complaint}"
            print("\n".join("# " + line for line in text.splitlines()) if self.is_tap else f"---- {text}\n----", flush=True)

    def print_tap(self):
        for number, (kind, count) in enumerate(self.kinds.items(), 1):
            print(f"{'not ' if count['failed'] else ''}ok {number} - {kind}: {count['cases']} cases")
        print(f"1..{len(self.kinds)}")

    def print_table(self, seconds, seed):
        row = "{:<34}{:>8}{:>9}{:>9}"
        print(row.format("what breaks", "cases", "struck", "failed"))
        total = collections.Counter()
        for kind, count in self.kinds.items():
            print(row.format(kind, *(count[key] for key in ("cases", "struck", "failed"))))
            total.update(count)
        print(row.format("all", *(total[key] for key in ("cases", "struck", "failed"))))
        print(f"seed {seed}, {seconds:.0f} s: " +
              ("nothing acknowledged was lost, nothing was done twice, each store opens, each audit log holds"
               if not total["failed"] else f"{total['failed']} cases FAILED"))

    def has_failed(self):
        return any(count["failed"] for count in self.kinds.values())


def choose(chosen, seed):
    """In an order in which each kind comes soon, so that a short run has some of all."""
    by_kind = collections.defaultdict(list)
    for number in chosen:
        by_kind[CASES[number].kind].append(number)
    chance = random.Random(f"{seed} order")
    for numbers in by_kind.values():
        chance.shuffle(numbers)
    places = [((at + 0.5) / len(numbers), number) for numbers in by_kind.values() for at, number in enumerate(numbers)]
    firsts = [numbers[0] for numbers in by_kind.values()]
    return firsts + [number for _, number in sorted(places) if number not in firsts]


def main():
    parser = argparse.ArgumentParser(prog="script/faults", description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="regular expression: only cases of such a kind or name")
    parser.add_argument("--seed", default=str(random.randrange(1 << 30)), help="that of an earlier run repeats it")
    parser.add_argument("--seconds", type=float, default=0, help="begin no case after so long (default: all)")
    parser.add_argument("--tap", action="store_true", help="report for script/test")
    parser.add_argument("--list", action="store_true", help="only name the cases")
    parser.add_argument("--workers", type=int, default=WORKERS, help=f"cases at once (default {WORKERS})")
    options = parser.parse_args()
    began = time.monotonic()
    with ProcessPoolExecutor(WORKERS) as pool:
        stories = [*STORIES, *commands.COMMANDS]
        measures = dict(zip(stories, pool.map(all_cases.Measure, stories)))
    CASES.extend(all_cases.make_all(measures, options.seed))
    chosen = [number for number, case in enumerate(CASES) if re.search(options.only, f"{case.kind}: {case.name}")]
    if options.list:
        print("\n".join(f"{CASES[number].kind}: {CASES[number].name}" for number in chosen))
        return 0
    report = Report(options.tap)
    for number in chosen:
        report.kinds[CASES[number].kind]  # in this order
    stop_at = began + options.seconds if options.seconds else float("inf")
    with ProcessPoolExecutor(options.workers) as pool:
        jobs = [pool.submit(play, number, options.seed, stop_at) for number in choose(chosen, options.seed)]
        for job in as_completed(jobs):
            number, struck, complaint, seconds = job.result()
            report.add(CASES[number], struck, complaint, seconds)
    if options.tap:
        report.print_tap()
    else:
        report.print_table(time.monotonic() - began, options.seed)
    return report.has_failed()


if __name__ == "__main__":
    sys.exit(main())
