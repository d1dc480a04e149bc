"""Many deliveries at once while the daemon is killed at random and Amazon Connect fails in every passing way."""
import concurrent.futures
import http.client
import resource
import time

import power
from lib import app_event, envelope
from stories import NOW

PEOPLE = 40
TRANSIENT = ["throttle", "too_many", "internal", "unavailable_html", "bad_gateway_html", "gateway_timeout_html", "cut_before",
             "cut_after", "half_answer", "empty_ok", "garbage_ok"]


def load(rig):
    names = [f"p{number:02d}" for number in range(PEOPLE)]
    rig.start_sandbox()
    rig.sandbox.post("faults", operation="*", rate=0.2, kinds=TRANSIENT, seed=rig.chance.randrange(1 << 30))
    rig.are_faults_lasting = rig.power_loss is not None
    rig.start_story()
    kill_at = [time.monotonic() + rig.chance.uniform(0, 0.15) for _ in range(rig.chance.randrange(1, 5))]
    waiting = list(names)
    rig.chance.shuffle(waiting)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        while waiting:
            batch, waiting = waiting[:4], waiting[4:]
            told = {name: pool.submit(try_to_tell, rig, name) for name in batch}
            is_killed = bool(kill_at) and time.monotonic() > kill_at[0]
            if is_killed:
                kill_at.pop(0)
                time.sleep(rig.chance.uniform(0, 0.005))
                rig.daemon.kill()
            waiting += [name for name, job in told.items() if not job.result()]
            if is_killed:
                killed(rig)
            rig.revive()
    for _ in range(rig.chance.randrange(3)):
        time.sleep(rig.chance.uniform(0, 0.3))
        rig.daemon.kill()
        killed(rig)
    rig.patience_s = 120
    rig.until_agents(*names)
    rig.finish()
    rig.expect_done(CreateUser=PEOPLE)


def try_to_tell(rig, name):
    event = app_event(name)
    try:
        answer = rig.deliver(envelope(event), timeout=5)
    except (OSError, http.client.HTTPException):
        return False
    if answer.status in (200, 204):
        rig.acknowledged.add(event["uuid"])
        return True
    return False


def killed(rig):
    rig.n_struck += 1
    rig.died(by_us=True)
    rig.begin()


def loses_power(rig):
    rig.power_loss = rig.chance.choice(power.LOSSES)


def squeezed(rig):
    """The same with a bound on memory that comes and goes: no memory ends the daemon, and loses nothing."""
    def begin():
        pid = rig.daemon.process.pid
        pages = int(open(f"/proc/{pid}/statm", encoding="ascii").read().split()[0])
        room = rig.chance.randrange(0, 4 * 1024 * 1024)
        resource.prlimit(pid, resource.RLIMIT_AS, (pages * 4096 + room, -1))
    rig.deaths_allowed = {-9, -6, -11}
    rig.spells.append((rig.chance.uniform(0, 0.2), 1 << 30, begin, None))
    load(rig)


def cases():
    """(name, run, settings, prepare, kind)"""
    for number in range(60):
        yield f"load {number}", load, NOW, lambda rig: None, "kill -9 at random under load"
    for number in range(40):
        yield f"load {number}", load, NOW, loses_power, "power loss at random under load"
    for number in range(30):
        yield f"load with little memory {number}", squeezed, NOW, lambda rig: None, "no memory"
