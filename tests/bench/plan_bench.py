"""What Roster promises about plans: the processor time of the comparison, memory that does not grow with the company, and no call
beyond the pages that the services' page sizes force. And about applies: the time that the plan told."""
import json
import os
import pathlib
import subprocess
import sys
import time

import crowd
import lib
import org

SIZES = (1000, 10000, 100000)
MILLION = 1000000
OKTA_PAGE, CONNECT_PAGE = 200, 500
COMPARE_MS, MEMORY_MIB = 3000, 64  # at 100,000
# Its own small process: what fork leaves in the counters of a child of ours would be our size.
WAITER = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, use = os.wait4(child, 0)
print(use.ru_maxrss, use.ru_utime + use.ru_stime, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Run:
    """One `roster plan --json`: what it printed, its peak memory, processor time and pages."""

    def __init__(self, world):
        world.sandbox.post("calls/reset")
        world.sandbox.post("okta/calls/reset")
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-S", "-c", WAITER, lib.BUILD / "roster", "plan", "--json", "--config", world.config],
                              env=world.environment(), capture_output=True, text=True, check=False)
        self.wall_s = time.monotonic() - began
        assert done.returncode == 0, done.stderr
        self.found = json.loads(done.stdout)
        peak_kib, cpu_s = done.stderr.split()[-2:]
        self.peak_mib, self.cpu_s = int(peak_kib) / 1024, float(cpu_s)
        self.okta, self.connect = calls_of(world, "okta/calls"), calls_of(world, "calls")

    @property
    def compare_ms(self):
        return self.found["cpu_ms"]["compare"]

    @property
    def read_ms(self):
        return self.found["cpu_ms"]["read"]


def calls_of(world, path):
    counts = {name: sum(c.get(kind, 0) for kind in ("ok", "throttled", "failed")) for name, c in world.sandbox.get(path).items()}
    return {name: n for name, n in counts.items() if n > 0}


def forced_pages(people):
    """Names are looked up once; a page of Amazon Connect that is full has a token, though nothing may come after it."""
    okta = {"listApplications": 1, "listGroups": 1, "listApplicationUsers": 1, "listGroupUsers": -(-people // OKTA_PAGE)}
    connect = {"ListSecurityProfiles": 1, "ListRoutingProfiles": 1, "SearchUserHierarchyGroups": 1,
               "SearchUsers": people // CONNECT_PAGE + 1}
    return okta, connect


def check(run, people, drifted):
    summary = run.found["summary"]
    assert (summary["update"], summary["unchanged"]) == (drifted, people - drifted), summary
    assert run.found["calls"] == drifted and run.found["guards"] == [], run.found["guards"]


def show(table, run, people, drifted):
    title = f"plan, {people:,} people, {'1 % drift' if drifted else 'no drift'}"
    is_bound = people == 100000
    table.add(f"{title}: processor time of the comparison", f"{run.compare_ms / 1000:.2f} s",
              f"<= {COMPARE_MS // 1000} s" if is_bound else "", run.compare_ms <= COMPARE_MS if is_bound else None)
    table.add("  of reading (network, parsing, the scratch)", f"{run.read_ms / 1000:.2f} s")
    table.add("  peak memory", f"{run.peak_mib:.1f} MiB", f"< {MEMORY_MIB} MiB", run.peak_mib < MEMORY_MIB)
    okta, connect = forced_pages(people)
    table.add("  calls to Okta and to Amazon Connect", f"{sum(run.okta.values())} + {sum(run.connect.values())}",
              f"{sum(okta.values())} + {sum(connect.values())}", run.okta == okta and run.connect == connect)


def measure_size(table, people):
    """Both kinds of plan; returns the one without drift."""
    world = lib.World()
    try:
        crowd.in_step(world, people)
        still = Run(world)
        check(still, people, 0)
        show(table, still, people, 0)
        crowd.drift(world, people // 100)
        drifted = Run(world)
        check(drifted, people, people // 100)
        show(table, drifted, people, people // 100)
        return still
    finally:
        world.close()


def sizes(is_quick, has_million):
    return (SIZES[:2] if is_quick else SIZES) + ((MILLION,) if has_million else ())


def measure_plans(table, note, all_sizes):
    runs = {}
    for people in all_sizes:
        note(f"plan: {people:,} people in Okta, as many agents")
        runs[people] = measure_size(table, people)
    if not {100000, MILLION} <= set(runs):
        return
    small, large = runs[100000], runs[MILLION]
    # More than ten: of a larger store less is in the cache.
    for what, of, most in (("the comparison", lambda run: run.compare_ms, 13), ("everything", lambda run: run.cpu_s, 13)):
        ratio = of(large) / of(small)
        table.add(f"plan, 1,000,000 against 100,000: processor time of {what}", f"{ratio:.1f}", f"<= {most}", ratio <= most)
    grown = large.peak_mib / small.peak_mib
    table.add("plan, 1,000,000 against 100,000: peak memory", f"{grown:.2f}", "<= 1.25", grown <= 1.25)


def measure_apply(table, note, people):
    """New agents at the default throttle, against the estimate that the plan printed."""
    note(f"apply: {people} new agents at the default throttle")
    world = lib.World(Connect={"RATE": None, "BURST": None})
    try:
        names = [f"p{number:04d}" for number in range(people)]
        crowd.open_sandbox(world, org.seed(in_group=names), throttle=[], quota=2 * people)
        done = world.command("plan", "--json")
        assert done.returncode == 0, done
        estimate_s = json.loads(done.stdout)["seconds"]
        note(f"apply: the plan says {estimate_s:.0f} s")
        began = time.monotonic()
        with open(os.devnull, "wb") as nowhere:
            code = subprocess.call([lib.BUILD / "roster", "apply", "--yes", "--config", world.config], env=world.environment(),
                                   stdin=subprocess.DEVNULL, stdout=nowhere)
        took_s = time.monotonic() - began
        assert code == 0, f"apply ended with {code}"
        create = world.sandbox.get("calls")["CreateUser"]
    finally:
        world.close()
    calls_s = (create["last_ms"] - create["first_ms"]) / 1000
    ratio = calls_s / estimate_s
    table.add(f"apply, {people:,} new agents: first call to last, against the plan's estimate", f"{ratio:.3f}", "0.970 … 1.030",
              abs(ratio - 1) <= 0.03)
    table.add("  the whole command, its own reading included, against the estimate", f"{took_s / estimate_s:.3f}")
    table.add("  agents made (calls throttled)", f"{create['ok']} ({create['throttled']})", f"{people} (0)",
              (create["ok"], create["throttled"]) == (people, 0))
