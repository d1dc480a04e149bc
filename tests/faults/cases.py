"""The cases of the campaign, by kind. Each is a story, and a function that puts faults into its rig beforehand."""
import dataclasses
import errno
import random
import resource
import typing

import commands
import loads
import power
import rig as rigs
import secret_cases
from rig import AFTER, ALL_FAIL, BEFORE, NEVER, POWER, SYNCS, TORN, WRITES
from stories import STORIES

DAY_MS = 24 * 3600 * 1000


@dataclasses.dataclass
class Case:
    kind: str
    name: str
    story: str
    prepare: typing.Callable  # of the rig
    run: typing.Callable = None
    settings: dict = None
    seed: str = ""

    @property
    def title(self):
        return f"{self.kind}: {self.name}"

    def play(self):
        """(struck, complaint): whether the fault really happened, and what was not as it must be."""
        run, settings = (self.run, self.settings) if self.run else STORIES.get(self.story) or commands.COMMANDS[self.story]
        rig = rigs.Rig(f"{self.seed} {self.title}", **settings)
        try:
            self.prepare(rig)
            return rigs.play(rig, run)
        finally:
            rig.close()


class Measure:
    """What a story does when nothing goes wrong."""

    def __init__(self, story):
        self.story = story
        run, settings = STORIES.get(story) or commands.COMMANDS[story]
        rig = rigs.Rig("measure", **settings)
        try:
            rig.power_loss = power.LOSES_NONE
            rig.preloads = ["preload"] if rigs.is_sanitized() else ["preload", "no_memory"]
            _, complaint = rigs.play(rig, run)
            if complaint:
                raise rigs.Lost(f"{story}, without a fault: {complaint}")
            self.operations = [operation[0] for operation in power.read_trace(rig.folder / "trace")]
            # They differ a little from time to time; the cases should not, so that each can be repeated.
            self.n_disk, self.n_net = round_up(len(self.operations)), round_up(rig.control.net_n)
            self.has_memory = rig.control.memory_n > 0
            self.calls = {side: {call["operation"] for call in calls} for side, calls in rig.calls_log.items()}
        finally:
            rig.close()


def round_up(n):
    return -(-(n + 1) // 4) * 4 if n else 0


# ---- death ----

def dies_at(number, death, loss=None, more=()):
    def prepare(rig):
        rig.control.disk_dies_at, rig.control.disk_death = number, death
        rig.power_loss = loss
        rig.more_kills = list(more)
    return prepare


def kills(measure, _, kind="kill -9 at a write to disk"):
    for number in range(1, measure.n_disk + 1):
        is_write = measure.operations[number - 1:number] == ["w"]
        for name, death in (("before", BEFORE), ("after", AFTER), ("in the midst of", TORN)):
            if death != TORN or is_write:
                yield Case(kind, f"{measure.story}, {name} {number}", measure.story, dies_at(number, death))


def power_losses(measure, _, kind="power loss at a write to disk"):
    for number in range(1, measure.n_disk + 1):
        for loss in power.LOSSES:
            yield Case(kind, f"{measure.story}, at {number}, loses {loss}", measure.story, dies_at(number, POWER, loss))


def second_kills(measure, chance):
    """Once more while what the first left is put in order."""
    for number in range(1, measure.n_disk + 1, 2):
        more = [chance.randrange(1, 20) for _ in range(chance.randrange(1, 4))]
        loss = chance.choice([None, *power.LOSSES])
        yield Case("death again while starting", f"{measure.story}, at {number}, then {more}, power {loss}", measure.story,
                   dies_at(number, POWER if loss else BEFORE, loss, more))


def net_kills(measure, _, kind="kill -9 at a send or receive"):
    def dies_at_net(number, death):
        def prepare(rig):
            rig.control.net_dies_at, rig.control.net_death = number, death
        return prepare
    for number in range(1, measure.n_net + 1):
        for name, death in (("before", BEFORE), ("after", AFTER)):
            yield Case(kind, f"{measure.story}, {name} {number}", measure.story, dies_at_net(number, death))


# ---- the disk ----

def failing_disk(number, error, what, lasts):
    def prepare(rig):
        rig.control.disk_errno, rig.control.disk_fails = error, what
        rig.control.disk_fails_from = number
        rig.control.disk_fails_until = number + lasts if isinstance(lasts, int) else NEVER
        rig.disk_lasts_s = lasts if isinstance(lasts, float) else None
        rig.deaths_allowed = {1}
        rig.power_loss = power.LOSES_NONE if what == SYNCS else None
    return prepare


DISKS = [("full disk", errno.ENOSPC, WRITES), ("full disk", errno.EDQUOT, WRITES), ("full disk", errno.EFBIG, WRITES),
         ("read-only disk", errno.EROFS, ALL_FAIL), ("failing disk", errno.EIO, WRITES), ("failing disk", errno.EIO, SYNCS)]


def disks(measure, chance):
    for kind, error, what in DISKS:
        for number in range(0, measure.n_disk, 4):
            number += chance.randrange(4)
            lasts = chance.choice([1, 2, 7, 0.2, 0.8, 1.5])
            text = f"{errno.errorcode[error]}{' of syncs' if what == SYNCS else ''}"
            yield Case(kind, f"{measure.story}, {text} from {number}, lasts {lasts}", measure.story,
                       failing_disk(number, error, what, lasts))


# ---- the machine ----

def clock_jumps(measure, chance):
    """Ahead as far as may be, and back. Far behind only with Okta's API: without it an event whose time lies more than five minutes
    ahead of ours counts as published when it came, so that a clock that is far behind loses the order of events."""
    behind = [-DAY_MS, -3600 * 1000] if measure.story == "api" else []
    for number in range(40):
        offsets = [chance.choice([*behind, -200 * 1000, -5000, 5000, 3600 * 1000, DAY_MS, 29 * DAY_MS])
                   for _ in range(chance.randrange(1, 4))]
        yield Case("clock jumps", f"{measure.story}, {number}: {offsets}", measure.story, clock_jumping(offsets))


def clock_jumping(offsets):
    def prepare(rig):
        rig.patience_s = 100  # a pause is probed after a minute

        def jump(offset_ms):
            def begin():
                rig.control.clock_ms = offset_ms
            return begin
        at_s = rig.chance.uniform(0, 0.5)
        for offset in offsets:
            rig.spells.append((at_s, NEVER, jump(offset), None))
            at_s += rig.chance.uniform(1.1, 1.6)  # the clock is looked at each second
        rig.spells.append((at_s, NEVER, jump(0), None))
    return prepare


# A story makes somewhat more.
ALLOCATIONS = 36000


def memory(measure, chance):
    def refuses(number, n):
        def prepare(rig):
            rig.preloads = ["preload", "no_memory"]
            rig.control.memory_fails_from, rig.control.memory_fails_until = number, number + n
            # libcrypto 3.0 follows a null pointer when its first allocations are refused.
            rig.deaths_allowed = {-6, -11, 1, 78}
        return prepare
    for _ in range(120 if measure.has_memory else 0):
        number, n = chance.randrange(1, ALLOCATIONS), chance.choice([1, 1, 1, 2, 5, 20])
        yield Case("no memory", f"{measure.story}, {n} from allocation {number}", measure.story, refuses(number, n))


def limited(measure, chance):
    def squeeze(number):
        def prepare(rig):
            def begin():
                pid = rig.daemon.process.pid
                n_open = len(list((rigs.pathlib.Path("/proc") / str(pid) / "fd").iterdir()))
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (n_open + number, 4096))

            def end():
                resource.prlimit(rig.daemon.process.pid, resource.RLIMIT_NOFILE, (4096, 4096))
            begins_s = rig.chance.uniform(0, 1.2)
            rig.spells.append((begins_s, begins_s + rig.chance.uniform(0.1, 1), begin, end))
            rig.limits = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        return prepare

    def few(number):
        def prepare(rig):
            rig.limits = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (number, 4096))
            rig.deaths_allowed = {1, 78, 127, -6}
            begins_s = rig.chance.uniform(0.2, 1)
            rig.spells.append((begins_s, NEVER, lambda: resource.prlimit(rig.daemon.process.pid, resource.RLIMIT_NOFILE,
                                                                         (4096, 4096)), None))
        return prepare
    for number in range(24):
        yield Case("no file descriptors", f"{measure.story}, {number % 8} left, {number}", measure.story, squeeze(number % 8))
    for number in range(3, 40):
        yield Case("no file descriptors", f"{measure.story}, {number} from the start", measure.story, few(number))


# ---- connections ----

SIDES = {"from Okta's hook": ["hook"], "to Amazon Connect": ["connect"], "to Okta": ["okta"], "on all sides": ["hook", "connect", "okta"]}


def cuts(measure, chance):
    def cut(number):
        def prepare(rig):
            rig.control.net_cut_at = number
        return prepare

    def through(sides, **network):
        def prepare(rig):
            rig.network = {side: network for side in sides}
        return prepare
    for number in range(1, measure.n_net + 1):
        yield Case("connection cut", f"{measure.story}, at {number}", measure.story, cut(number))
    for side, sides in SIDES.items():
        if sides == ["okta"] and not measure.calls["okta/"]:
            continue
        for number in range(14):
            after, step = int(10 ** chance.uniform(0, 4)), chance.choice([50, 500, 65536])
            yield Case("connection cut", f"{measure.story}, {side} after {after} bytes, {step} at once, {number}", measure.story,
                       through(sides, cut_after=after, step=step))
        for step in (7, 20, 64, 300):
            for pause_s in (0, 0.001):
                yield Case("slow connections", f"{measure.story}, {side}, {step} bytes at once, a pause of {pause_s} s",
                           measure.story, through(sides, step=step, pause_s=pause_s))


# ---- the services ----

CONNECT_KINDS = ["throttle", "too_many", "internal", "unavailable_html", "bad_gateway_html", "gateway_timeout_html", "cut_before",
                 "access_denied", "expired_token", "invalid_signature", "unrecognized_client", "instance_not_found", "limit",
                 "not_found", "invalid_request", "cut_after", "half_answer", "empty_ok", "garbage_ok", "slow", "hang"]
OKTA_KINDS = ["rate_limit", "concurrency", "internal", "read_only", "unavailable_html", "bad_gateway_html", "gateway_timeout_html",
              "cut_before", "hang", "forbidden", "no_role", "invalid_token", "authentication_failed", "not_found", "bare_not_found",
              "bad_cursor", "nonce", "cut_after", "half_answer", "empty_ok", "garbage_ok", "slow", "empty_page", "short_page",
              "foreign_next"]
OF_LISTS = {"empty_page", "short_page", "foreign_next"}
# What is there and is not shown is found by the next comparison, and nobody is taken away meanwhile.
LIES = {"empty_page", "short_page", "not_found", "bare_not_found"}


def failing_service(side, operation, kind, count):
    def prepare(rig):
        def begin():
            rig.sandbox.post(f"{side}faults", operation=operation, rate=1, count=count, kinds=[kind], delay_ms=1500)
        if side and kind in LIES:
            rig.set(Connect={"RECONCILE_EVERY": "3s"})
        rig.before_start = begin
        rig.is_nudged = True
        rig.patience_s = 200
    return prepare


def services(measure, _):
    for side, kinds in (("", CONNECT_KINDS), ("okta/", OKTA_KINDS)):
        for operation in sorted(measure.calls.get(side, ())):
            for kind in kinds:
                if kind in OF_LISTS and not operation.startswith("list"):
                    continue
                name = "Okta" if side else "Amazon Connect"
                yield Case(f"{name} fails", f"{measure.story}, {operation}: {kind}", measure.story,
                           failing_service(side, operation, kind, 1))


# ---- all ----

def make_all(measures, seed):
    """measures: {story: Measure}. The order is that of the kinds. No case depends on how many others there are."""
    for kind, stories in KINDS.items():
        for story in filter(measures.get, stories):
            yield from kind(measures[story], random.Random(f"{seed} {kind.__name__} {story}"))
    for command in filter(measures.get, commands.COMMANDS):
        yield from kills(measures[command], None, "command killed at a write")
        yield from power_losses(measures[command], None, "power loss during a command")
        yield from net_kills(measures[command], None, "command killed at a send or receive")
    for name, run, settings, prepare, kind in (*secret_cases.cases(), *loads.cases()):
        yield Case(kind, name, "", prepare, run, settings)


KINDS = {
    kills: ["hook", "changes", "api", "reconcile"],
    power_losses: ["hook", "changes", "api", "reconcile"],
    second_kills: ["hook", "api"],
    net_kills: ["hook", "api"],
    disks: ["hook", "api"],
    clock_jumps: ["hook", "api"],
    memory: ["hook", "api"],
    limited: ["hook"],
    cuts: ["hook", "api"],
    services: ["changes", "client", "reconcile"],
}
