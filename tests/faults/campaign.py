"""The fault campaign; script/faults starts it. Each case is a short life of a few people, with the real programs, in which one
thing breaks. What a case does is decided by its name and the seed."""
import argparse
import collections
import itertools
import os
import pathlib
import random
import re
import shlex
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenes"))
import cases as all_cases  # noqa: E402 pylint: disable=wrong-import-position
import commands  # noqa: E402 pylint: disable=wrong-import-position
from stories import STORIES  # noqa: E402 pylint: disable=wrong-import-position

N_CASES = 2500
# Enough for some cases of every kind.
QUICK = ["hook", "client", "adopt", "provision"]
# Most of a case is waiting.
WORKERS = 4 * (os.cpu_count() or 2)
CASES = []


def play(number, stop_at):
    """(number, struck, complaint, seconds); struck is None when it was too late to begin."""
    if time.monotonic() > stop_at:
        return number, None, None, 0
    began = time.monotonic()
    struck, complaint = CASES[number].play()
    return number, struck, complaint, time.monotonic() - began


class Report:
    """Of each kind: how many cases, in how many of them the fault really came before the end, how many failed."""

    def __init__(self, is_tap, kinds):
        self.is_tap = is_tap
        self.kinds = {kind: collections.Counter() for kind in kinds}
        self.took = []

    def add(self, case, struck, complaint, seconds):
        if struck is None:
            return
        count = self.kinds[case.kind]
        count["cases"] += 1
        count["struck"] += struck
        count["failed"] += complaint is not None
        self.took.append((seconds, case.title))
        if complaint:
            self.show(f"{case.title}\n{complaint}\nagain: script/faults --seed {case.seed} --only {shlex.quote(case.title)}")

    def show(self, text):
        print("\n".join("# " + line for line in text.splitlines()) if self.is_tap else f"---- {text}\n----", flush=True)

    def print_tap(self):
        shown = {kind: count for kind, count in self.kinds.items() if count["cases"]}
        for number, (kind, count) in enumerate(shown.items(), 1):
            print(f"{'not ' if count['failed'] else ''}ok {number} - {kind}: {count['cases']} cases")
        print(f"1..{len(shown)}")

    def print_table(self, seconds, seed):
        row = "{:<34}{:>8}{:>9}{:>9}"
        total = collections.Counter()
        print(row.format("what breaks", "cases", "struck", "failed"))
        for kind, count in self.kinds.items():
            print(row.format(kind, *(count[key] for key in ("cases", "struck", "failed"))))
            total.update(count)
        print(row.format("all", *(total[key] for key in ("cases", "struck", "failed"))))
        print(f"seed {seed}, {seconds:.0f} s: " +
              ("nothing acknowledged was lost, nothing was done twice, each store opens, each audit log holds"
               if not total["failed"] else f"{total['failed']} cases FAILED"))

    def has_failed(self):
        return any(count["failed"] for count in self.kinds.values())


def make(stories, seed, only, limit, workers):
    """The cases that are chosen, up to that many. When one seed does not give enough, further ones are made from it; not of cases
    that are named, since a name means one."""
    with ProcessPoolExecutor(workers) as pool:
        measures = dict(zip(stories, pool.map(all_cases.Measure, stories)))
    chosen = []
    for part in itertools.count(1):
        part_seed = seed if part == 1 else f"{seed}.{part}"
        found = [case for case in all_cases.make_all(measures, part_seed) if only == case.title or re.search(only, case.title)]
        for case in found:
            case.seed = part_seed
        chosen += in_turn(found)
        if only or len(chosen) >= limit:
            return chosen[:limit]


def in_turn(found):
    """In an order in which each kind comes soon, so that any beginning of it has some of all, and those of which there are few
    have a greater part of it."""
    by_kind = collections.defaultdict(list)
    for case in found:
        by_kind[case.kind].append(case)
    for cases in by_kind.values():
        cases.sort(key=lambda case: random.Random(f"{case.seed} {case.title}").random())
    firsts = [cases[0] for cases in by_kind.values()]
    rest = [(at / len(cases)**0.5, order, case) for order, cases in enumerate(by_kind.values()) for at, case in enumerate(cases) if at]
    return firsts + [case for _, _, case in sorted(rest, key=lambda row: row[:2])]


def run(report, seconds, workers):
    stop_at = time.monotonic() + seconds if seconds else float("inf")
    with ProcessPoolExecutor(workers, initializer=signal.signal, initargs=(signal.SIGTERM, lambda *_: sys.exit(1))) as pool:
        jobs = [pool.submit(play, number, stop_at) for number in range(len(CASES))]
        try:
            for n_done, job in enumerate(as_completed(jobs), 1):
                number, *result = job.result()
                report.add(CASES[number], *result)
                if sys.stderr.isatty():
                    print(f"\r{n_done} of {len(CASES)} ", end="\r", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)


def main():
    parser = argparse.ArgumentParser(prog="script/faults", description=__doc__)
    parser.add_argument("--cases", type=int, default=N_CASES, metavar="N",
                        help=f"how many (default {N_CASES}, some of each kind; there are some 9,000 different ones, "
                        "beyond which they come again with other chances)")
    parser.add_argument("--only", default="", metavar="KIND", help="only cases whose kind or name has that: text or regular expression")
    parser.add_argument("--seed", default=str(random.randrange(1 << 30)), help="that of an earlier run repeats it")
    parser.add_argument("--list", action="store_true", help="only name the cases")
    parser.add_argument("--quick", action="store_true", help="with a few of the stories only")
    parser.add_argument("--seconds", type=float, default=0, metavar="N", help="begin no case after so long")
    parser.add_argument("--workers", type=int, default=WORKERS, metavar="N", help=f"cases at once (default {WORKERS})")
    parser.add_argument("--slowest", action="store_true", help="tell which took longest")
    parser.add_argument("--tap", action="store_true", help="report for script/test")
    options = parser.parse_args()
    began = time.monotonic()
    stories = QUICK if options.quick else [*STORIES, *commands.COMMANDS]
    CASES.extend(make(stories, options.seed, options.only, options.cases, options.workers))
    if not CASES:
        sys.exit(f"script/faults: no case is named '{options.only}'; --list names them")
    if options.list:
        print("\n".join(case.title for case in CASES))
        return 0
    report = Report(options.tap, sorted({case.kind for case in CASES}))
    run(report, options.seconds, options.workers)
    if options.slowest:
        print("".join(f"{seconds:7.1f} s  {title}\n" for seconds, title in sorted(report.took, reverse=True)[:15]), end="")
    if options.tap:
        report.print_tap()
    else:
        report.print_table(time.monotonic() - began, options.seed)
    return report.has_failed()


if __name__ == "__main__":
    sys.exit(main())
