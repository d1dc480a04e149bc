"""One case of the campaign: a sandbox, a daemon with the faults preloaded, and an Okta that delivers again what was not
acknowledged. Whatever kills the daemon, it is started anew, without that fault; at the end everything is as if nothing had been."""
import collections
import copy
import http.client
import json
import mmap
import os
import pathlib
import random
import sqlite3
import struct
import subprocess
import time
import traceback

import lib
import power
import relay

PATIENCE_S = 1.5 * lib.PATIENCE_S
# The order of struct control in control.h.
FIELDS = ["disk_n", "disk_dies_at", "disk_death", "disk_fails_from", "disk_fails_until", "disk_errno", "disk_fails", "clock_ms",
          "net_n", "net_dies_at", "net_death", "net_cut_at", "memory_n", "memory_fails_from", "memory_fails_until", "struck_n"]
BEFORE, AFTER, TORN, POWER = range(4)
WRITES, SYNCS, OPENS, NAMES = 1, 2, 4, 8
ALL_FAIL = WRITES | SYNCS | OPENS | NAMES
NEVER = 1 << 62
# Agents who are not this deployment's, though people of Okta's may bear their names: {name: tags}.
STRANGERS = {"zoe": {}, "yan": {"roster:managed-by": "another", "roster:okta-id": "00uyan"}}
LIBRARIES = lib.BUILD / "tests" / "faults"


class Control:
    """The page that the preloaded libraries have mapped, too."""

    def __init__(self, path):
        path.write_bytes(bytes(8 * len(FIELDS)))
        with open(path, "r+b") as file:
            self.__dict__["page"] = mmap.mmap(file.fileno(), 8 * len(FIELDS))

    def __getattr__(self, name):
        return struct.unpack_from("<q", self.page, 8 * FIELDS.index(name))[0]

    def __setattr__(self, name, value):
        struct.pack_into("<q", self.page, 8 * FIELDS.index(name), value)

    def calm(self):
        """No fault any more; the counts stay."""
        for name in FIELDS:
            if not name.endswith("_n"):
                setattr(self, name, 0)


class Lost(AssertionError):
    """What must never happen."""


def plain_uuid(stored):
    """The digits of an event's uuid; the store has the time's high bytes in front."""
    if isinstance(stored, str):
        return stored.replace("-", "")
    return (stored[4:8] + stored[2:4] + stored[:2] + stored[8:]).hex()


def is_sanitized():
    return "libasan" in subprocess.run(["ldd", lib.BUILD / "roster"], capture_output=True, text=True, check=True).stdout


class Rig(lib.World):
    PREFIX = "roster-faults-"

    def __init__(self, seed, **settings):
        super().__init__(**settings)
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        self.state = self.disk / "state"
        self.set(Store={"PATH": str(self.state)})
        self.chance = random.Random(seed)
        self.control = Control(self.folder / "control")
        self.preloads = ["preload"]
        self.is_armed = False
        self.limits = None
        self.network = {}          # {"hook", "connect" or "okta": arguments of a Relay that stands on that side}
        self.relays = []
        self.connect_address = None
        self.power_loss = None     # how what was not synced is lost when the daemon dies
        self.more_kills = []       # after a death the next one comes so many operations later
        self.are_faults_lasting = False  # or a death ends them
        self.deaths_allowed = {-9}
        self.before_start = self.after_start = None
        self.spells = []           # (begins_s, ends_s, begin, end): faults by time
        self.disk_lasts_s = None   # so long after its first failure the disk is well again
        self.disk_well_at = None
        self.is_nudged = False     # does what an operator would: retries who failed, restarts what waits
        self.nudged_at = 0
        self.has_restarted = False
        self.began_at = time.monotonic()
        self.patience_s = PATIENCE_S
        self.n_struck = 0
        self.acknowledged = set()
        (self.folder / "trace").touch()

    # ---- the daemon ----

    def faults_environment(self):
        env = {"FAULTS_FOLDER": str(self.disk), "FAULTS_CONTROL": str(self.folder / "control"),
               "LD_PRELOAD": " ".join(str(LIBRARIES / f"faults_{name}.so") for name in self.preloads)}
        if "ASAN_OPTIONS" in os.environ:
            env["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"] + ":verify_asan_link_order=0"
        if self.power_loss is not None:
            env["FAULTS_TRACE"] = str(self.folder / "trace")
        return env

    def environment(self):
        env = super().environment() | (self.faults_environment() if self.is_armed else {})
        return env | ({"AWS_ENDPOINT_URL_CONNECT": "http://" + self.connect_address} if self.sandbox else {})

    def command(self, *words, **more):
        """Without faults."""
        was_armed, self.is_armed = self.is_armed, False
        try:
            return super().command(*words, **more)
        finally:
            self.is_armed = was_armed

    def through_relay(self, side, address):
        if side not in self.network:
            return address
        self.relays.append(relay.Relay(address, **self.network[side]))
        return self.relays[-1].address

    def start_sandbox(self, *arguments, **more):
        super().start_sandbox(*arguments, **more)
        self.sandbox.call = copy.copy(self.sandbox).call  # by the campaign itself, past the relay
        for name, tags in STRANGERS.items():
            self.sandbox.post("agent", name=lib.user_target(name)["alternateId"], tags=tags)
        self.strangers = self.strange_agents()
        self.connect_address = self.through_relay("connect", self.sandbox.address)
        self.sandbox.address = self.through_relay("okta", self.sandbox.address)
        return self.sandbox

    def start_story(self):
        """What a story begins with: everything runs, and the faults are about to happen."""
        if self.sandbox is None:
            self.start_sandbox()
        if self.before_start:
            self.before_start()
        self.arm()
        self.began_at = time.monotonic()
        self.begin()

    def unless_it_dies(self, do, *arguments):
        """What needs the daemon, which may be killed meanwhile."""
        try:
            do(*arguments)
        except (AssertionError, OSError, http.client.HTTPException):
            if self.daemon.is_running() and not self.is_armed:
                raise

    def arm(self):
        """From the next start on the faults are preloaded."""
        self.is_armed = True
        if self.power_loss is not None:
            power.keep_base(self.disk, self.folder / "base")

    def begin(self):
        """Starts the daemon; when a fault ends it meanwhile, once more."""
        while True:
            self.daemon = lib.Daemon(self, limits=self.limits)
            self.daemons.append(self.daemon)
            until = time.monotonic() + self.patience_s
            while self.daemon.is_running() and not self.daemon.said("listening"):
                if time.monotonic() > until:
                    raise Lost(f"roster serve does not listen after {self.patience_s} s\n{self.daemon.text()[-3000:]}")
                time.sleep(0.003)
            if self.daemon.is_running():
                break
            self.died()
        self.daemon.address = self.through_relay("hook", self.daemon.said("listening")[0]["address"])
        if self.after_start:
            self.after_start()

    def died(self, by_us=False):
        """What is left of the machine is put in order, and the fault is over or the next one set."""
        code = self.daemon.wait()
        if not by_us and (code not in self.deaths_allowed or not self.is_armed):
            raise Lost(f"roster serve ended with {code}\n{self.daemon.text()[-3000:]}")
        self.lose_power()
        if self.more_kills:
            self.control.disk_dies_at = self.control.disk_n + self.more_kills.pop(0)
        elif not self.are_faults_lasting:
            self.calm()

    def lose_power(self):
        if self.power_loss is not None:
            base = self.folder / "base"
            power.restore(self.disk, base, self.folder / "trace", self.power_loss, self.chance)
            power.keep_base(self.disk, base)

    def calm(self):
        """No fault any more."""
        self.is_armed = False
        self.limits = None
        self.spells = []
        self.control.calm()

    def revive(self):
        self.tend()
        if not self.daemon.is_running():
            self.died()
            self.begin()

    # ---- what time brings ----

    def tend(self):
        now = time.monotonic()
        for spell in list(self.spells):
            begins_s, ends_s, begin, end = spell
            if begin and now - self.began_at >= begins_s:
                self.spells[self.spells.index(spell)] = spell = (begins_s, ends_s, None, end)
                begin()
                self.n_struck += 1
            if spell[2] is None and now - self.began_at >= ends_s:
                self.spells.remove(spell)
                end()
        if self.disk_lasts_s is not None and self.disk_well_at is None and self.control.disk_n >= self.control.disk_fails_from:
            self.disk_well_at = now + self.disk_lasts_s
        if self.disk_well_at is not None and now >= self.disk_well_at:
            self.disk_lasts_s = self.disk_well_at = None
            self.control.disk_fails_until = 0
        if self.is_nudged and now >= self.nudged_at + 0.5:
            self.nudged_at = now
            self.nudge()

    def nudge(self):
        try:
            if self.people("failed"):
                self.command("retry", "--no-wait", "--all")
            if self.status()["paused"] and not self.has_restarted:
                self.has_restarted = True
                self.daemon.stop()
                self.begin()
        except (AssertionError, OSError, http.client.HTTPException):
            pass

    # ---- Okta's side ----

    def tell(self, *events):
        """Delivers until it is acknowledged."""
        body = lib.envelope(*events)
        until = time.monotonic() + self.patience_s
        while True:
            try:
                answer = self.deliver(body, timeout=5)
                if answer.status in (200, 204):
                    self.acknowledged |= {event["uuid"] for event in events}
                    return
                last = repr(answer)
            except (OSError, http.client.HTTPException) as why:
                last = repr(why)
            if time.monotonic() > until:
                raise Lost(f"not acknowledged for {self.patience_s} s: {last}")
            time.sleep(0.01)
            self.revive()

    def until(self, look, what, seconds=None):
        """Waits although the daemon may die meanwhile."""
        until = time.monotonic() + (seconds or self.patience_s)
        pause = 0.003
        while True:
            self.revive()
            try:
                found = look()
            except (OSError, http.client.HTTPException) as why:
                found, what_last = None, repr(why)
            else:
                what_last = repr(found)
            if found:
                return found
            if time.monotonic() > until:
                raise Lost(f"waited in vain for: {what}; last seen: {what_last}; people: {self.shown()}")
            time.sleep(pause)
            pause = min(pause * 1.4, 0.05)

    def shown(self):
        try:
            return [(row["user"], row["state"], row["reason"]) for row in self.users().values()]
        except Exception as why:  # pylint: disable=broad-except
            return repr(why)

    def until_agents(self, *names):
        wanted = {lib.user_target(name)["alternateId"] for name in names}
        self.until(lambda: set(self.agents()) == wanted, f"the agents {sorted(wanted)}")

    def until_nobody_due(self):
        self.until(lambda: self.people("due") == 0, "nobody due")

    # ---- what must hold ----

    def strange_agents(self):
        return {name: agent for name, agent in self.sandbox.agents().items() if name.split("@")[0] in STRANGERS}

    def agents(self):
        """Those that are not strangers'."""
        return {name: agent for name, agent in self.sandbox.agents().items() if name not in self.strangers}

    def check_agents(self):
        """No person has two agents, and strangers' agents are as they were."""
        if self.strange_agents() != self.strangers:
            raise Lost(f"strangers' agents were {self.strangers}, and are {self.strange_agents()}")
        owners = collections.Counter(lib.agent_tags(agent).get("roster:okta-id") for agent in self.agents().values())
        twice = [okta_id for okta_id, n in owners.items() if n > 1 and okta_id is not None]
        if twice:
            raise Lost(f"two agents each of: {twice}")

    def done(self, operation):
        return self.sandbox.calls(operation, "done")

    def expect_done(self, **counts):
        for operation, n in counts.items():
            if self.done(operation) != n:
                log = [call for call in self.sandbox.get("calls?log=1")["calls"] if call["operation"] == operation]
                raise Lost(f"{operation} took effect {self.done(operation)} times, not {n}: {json.dumps(log)}")

    def verify(self):
        """After the end: the store is sound, the chain of the audit log holds, and nothing acknowledged is lost."""
        done = self.command("audit", "verify")
        if done.returncode != 0:
            raise Lost(f"roster audit verify: {done.returncode}\n{done.stdout}{done.stderr}")
        store = sqlite3.connect(f"file:{self.state / 'roster.db'}?mode=ro", uri=True)
        try:
            finding = store.execute("PRAGMA integrity_check").fetchone()[0]
            kept = {plain_uuid(uuid) for uuid, in store.execute("SELECT uuid FROM event")}
        finally:
            store.close()
        if finding != "ok":
            raise Lost(f"the store is damaged: {finding}")
        lost = {uuid.replace("-", "") for uuid in self.acknowledged} - kept
        if lost:
            raise Lost(f"acknowledged and lost: {sorted(lost)}")

    def finish(self):
        """An orderly end, and a look at everything."""
        self.revive()
        self.until_nobody_due()
        code = self.daemon.stop()
        if code in self.deaths_allowed and self.is_armed:  # by a fault, while it ended
            self.died()
            self.begin()
            self.until_nobody_due()
            code = self.daemon.stop()
        if code != 0:
            raise Lost(f"roster serve ended with {code} after SIGTERM\n{self.daemon.text()[-3000:]}")
        self.is_armed = False
        self.check_agents()
        self.verify()

    def close(self):
        for one in self.relays:
            one.close()
        self.control.page.close()
        super().close()


def play(rig, run):
    """(whether a fault struck, what was not as it must be or None)"""
    complaint = None
    try:
        run(rig)
        rig.calls_log = {side: rig.sandbox.get(f"{side}calls?log=1")["calls"] for side in ("", "okta/")}
        rig.n_struck += sum(call["fault"] is not None for calls in rig.calls_log.values() for call in calls)
    except Exception:  # pylint: disable=broad-except
        complaint = traceback.format_exc()
    try:
        complaints = rig.complaints()
    except Exception:  # pylint: disable=broad-except
        complaints = [traceback.format_exc()]
    if complaints:
        complaint = (complaint or "") + "\n".join(complaints)
    if complaint:
        for program in [*rig.sandboxes, *rig.daemons[-3:]]:
            complaint += f"\n-- the end of {program.log.name} --\n" + "\n".join(program.text().splitlines()[-30:])
    return rig.n_struck + rig.control.struck_n + sum(one.n_struck for one in rig.relays) > 0, complaint
