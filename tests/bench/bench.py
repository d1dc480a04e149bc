"""What Roster promises about speed, measured in one run and told as ratios: script/bench starts it.

Deliveries: nginx (`return 200`, one worker) and roster serve in turn under the same wrk load; every answer of Roster's stands for an
event that is on disk. A fresh store for each round. Disk: the store's commits beside the disk's own fdatasync (disk.py). Start: from
exec to the first 200 of /readyz. People: 200 assigned within ten seconds at Amazon Connect's default throttle; the time between the
first call and the last against what the throttle alone takes. Plan and apply: plan_bench.py. Lambda: function.py."""
import argparse
import json
import pathlib
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scenes"))
import disk  # noqa: E402  pylint: disable=wrong-import-position
import function  # noqa: E402  pylint: disable=wrong-import-position
import lib  # noqa: E402  pylint: disable=wrong-import-position
import plan_bench  # noqa: E402  pylint: disable=wrong-import-position

CONNECTIONS = (64, 256)
AGAINST_NGINX = 0.3
PARTS = ("deliveries", "disk", "start", "people", "plan", "apply", "lambda")
RATE, BURST = 2.0, 5  # of the real service, by default


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, value, bound="", ok=None):
        self.rows.append((what, value, bound, "" if ok is None else "kept" if ok else "NOT KEPT", ok))

    def show(self):
        rows = [("measure", "value", "promise", "", None), *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        for row in rows:
            print(f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]}".rstrip())
        return all(row[4] is not False for row in rows)


def note(text):
    print(text, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def load(address, connections, seconds):
    """One wrk run: its RESULT."""
    env = {"PATH": "/usr/bin:/bin", "ROSTER_BENCH_RUN": f"{random.randrange(1 << 32):08x}", "ROSTER_BENCH_SECRET": lib.HOOK_SECRET}
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", HERE / "delivery.lua", f"http://{address}/okta/events"],
                          env=env, capture_output=True, text=True, check=True)
    result = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))[7:])
    assert result["bytes"] == 2048, result
    result["rate"] = result["requests"] / result["seconds"]
    return result


class Nginx:
    def __init__(self, folder):
        self.port = free_port()
        folder.chmod(0o755)
        text = (HERE / "nginx.conf").read_text().replace("@FOLDER@", str(folder)).replace("@PORT@", str(self.port))
        (folder / "nginx.conf").write_text(text)
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        self.process = subprocess.Popen([program, "-e", folder / "nginx-error.log", "-c", folder / "nginx.conf"])
        lib.wait_until(lambda: is_open(self.port), "nginx")


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def roster_round(connections, seconds, defaults):
    """A fresh store and daemon; returns wrk's result, with the daemon's peak memory in MiB."""
    world = lib.World(**defaults)
    try:
        world.start_sandbox(throttle=[])
        world.start()
        result = load(world.daemon.address, connections, seconds)
        stored = world.metric("roster_events_stored")
        assert result["bad"] == 0, f"{result['bad']} deliveries were not acknowledged"
        assert stored >= result["requests"], f"{result['requests']} acknowledged, {stored} stored"
        result["peak_mib"] = memory_mib(world.daemon.process.pid, "VmHWM")
        assert world.daemon.stop() == 0
        return result
    finally:
        world.close()


DEFAULTS = {"Connect": {"RATE": None, "BURST": None}, "OKTA": {"SETTLE": None}}


def measure_deliveries(table, rounds, seconds):
    results = {}
    folder = lib.World().folder
    nginx = Nginx(folder)
    try:
        load(f"127.0.0.1:{nginx.port}", 64, 1)
        for number in range(rounds):
            for connections in CONNECTIONS:
                note(f"deliveries: round {number + 1} of {rounds}, {connections} connections")
                results.setdefault(("nginx", connections), []).append(load(f"127.0.0.1:{nginx.port}", connections, seconds))
                results.setdefault(("roster", connections), []).append(roster_round(connections, seconds, DEFAULTS))
    finally:
        nginx.process.terminate()
        nginx.process.wait()
        shutil.rmtree(folder)
    for connections in CONNECTIONS:
        pairs = list(zip(results["roster", connections], results["nginx", connections]))
        ratio = statistics.median(ours["rate"] / theirs["rate"] for ours, theirs in pairs)
        table.add(f"durable deliveries a second against nginx, {connections} connections", f"{ratio:.3f}", f">= {AGAINST_NGINX:.3f}",
                  ratio >= AGAINST_NGINX)
        p99 = statistics.median(ours["p99_ms"] for ours, _ in pairs)
        if connections == 256:
            table.add("p99 of a delivery, 256 connections", f"{p99:.1f} ms", "< 25 ms", p99 < 25)
        else:
            table.add(f"p99 of a delivery, {connections} connections", f"{p99:.1f} ms")
        peak = max(ours["peak_mib"] for ours, _ in pairs)
        table.add(f"peak memory of the daemon in it, {connections} connections", f"{peak:.1f} MiB", "< 64 MiB", peak < 64)
        for who in ("roster", "nginx"):
            rates = sorted(result["rate"] for result in results[who, connections])
            table.add(f"  {who}, {connections} connections: median (least … most) a second",
                      f"{statistics.median(rates):,.0f} ({rates[0]:,.0f} … {rates[-1]:,.0f})")


def time_start(world):
    """Milliseconds from exec to the first 200 of /readyz."""
    port = free_port()
    world.set(Server={"LISTEN": f"127.0.0.1:{port}"})
    request = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    began = time.perf_counter()
    daemon = lib.Daemon(world)
    while time.perf_counter() - began < 10:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as s:
                s.sendall(request)
                if s.recv(100).startswith(b"HTTP/1.1 200"):
                    took = (time.perf_counter() - began) * 1000
                    daemon.address = f"127.0.0.1:{port}"
                    return took, daemon
        except OSError:
            pass
        assert daemon.is_running(), daemon.text()
        time.sleep(0.0005)
    raise AssertionError("not ready within 10 s")


def memory_mib(pid, which):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(which + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure_start(table, times):
    note(f"start: {times} times with a new store, {times} times with one that is there")
    world = lib.World(**DEFAULTS)
    took = {"new": [], "there": []}
    try:
        world.start_sandbox(throttle=[])
        for _ in range(times):
            shutil.rmtree(world.state, ignore_errors=True)
            for store in ("new", "there"):
                ms, daemon = time_start(world)
                took[store].append(ms)
                if store == "there" and len(took["there"]) == times:
                    time.sleep(2)
                    idle = memory_mib(daemon.process.pid, "VmRSS")
                assert daemon.stop() == 0
    finally:
        world.close()
    for store, what in (("new", "a new store"), ("there", "a store that is there")):
        ms = statistics.median(took[store])
        table.add(f"start to the first 200 of /readyz, {what}", f"{ms:.1f} ms", "< 60 ms", ms < 60)
    table.add("resident memory of the idle daemon", f"{idle:.1f} MiB", "< 20 MiB", idle < 20)


def measure_people(table, people):
    least_s = (people - BURST) / RATE
    note(f"people: {people} assigned within ten seconds at the default throttle; takes {least_s:.0f} s")
    world = lib.World(**DEFAULTS)
    try:
        world.start_sandbox(throttle=[])
        world.start()
        began = time.monotonic()
        for number in range(people):
            world.accept(lib.app_event(f"p{number:03d}"))
            time.sleep(max(0.0, began + 10 * number / people - time.monotonic()))
        lib.wait_until(lambda: len(world.sandbox.agents()) == people, f"{people} agents", least_s * 1.5 + 30)
        world.wait_settled()
        counts = world.sandbox.get("calls")
    finally:
        world.complaints()
        world.close()
    took_s = (counts["CreateUser"]["last_ms"] - counts["CreateUser"]["first_ms"]) / 1000
    sent = sum(sum(count.get(kind, 0) for kind in ("ok", "throttled", "failed")) for count in counts.values())
    ratio = took_s / least_s
    table.add(f"{people} people at the default throttle: time against the throttle's own", f"{ratio:.3f}", "<= 1.030", ratio <= 1.03)
    table.add(f"{people} people: agents", str(counts["CreateUser"]["ok"]), str(people), counts["CreateUser"]["ok"] == people)
    table.add(f"{people} people: calls of all kinds (throttled ones among them)", f"{sent} ({counts['CreateUser']['throttled']})",
              f"<= {people + 3}", sent <= people + 3)


def main():
    parser = argparse.ArgumentParser(prog="script/bench", description="Measures Roster against what it promises.")
    parser.add_argument("--quick", action="store_true", help="shorter and rougher: some three minutes")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part alone; may be given several times")
    parser.add_argument("--million", action="store_true", help="plans for a million people, too: some minutes and 3 GB more")
    options = parser.parse_args()
    is_quick, table = options.quick, Table()
    measures = {
        "deliveries": lambda: measure_deliveries(table, 2 if is_quick else 5, 2 if is_quick else 6),
        "disk": lambda: disk.measure(table, note, 1 if is_quick else 4),
        "start": lambda: measure_start(table, 5 if is_quick else 15),
        "people": lambda: measure_people(table, 45 if is_quick else 200),
        "plan": lambda: plan_bench.measure_plans(table, note, plan_bench.sizes(is_quick, options.million)),
        "apply": lambda: plan_bench.measure_apply(table, note, 60 if is_quick else 1000),
        "lambda": lambda: function.measure(table, note, 5 if is_quick else 15, lib.BUILD / "roster-sandbox"),
    }
    for part in PARTS:
        if options.only is None or part in options.only:
            measures[part]()
    return 0 if table.show() else 1


if __name__ == "__main__":
    sys.exit(main())
