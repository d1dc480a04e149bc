"""roster apply: what was shown is done, by whoever runs the engine, and nothing else."""
import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import threading
import time

import lib
from lib import GROUP, case, main, stays, wait_until
from org import add_hook, login, okta, org, person, seed, user_id
from plans import NOW, agents, apply, background, begin, change, grow, guards, leave, plan, save, summary, writes


@case("a saved plan is carried out, and a line tells of each step")
def saved(world):
    begin(world, "ann", "ben")
    (world.folder / "the.plan").touch(0o644)
    file = save(world)
    assert oct((world.folder / "the.plan").stat().st_mode & 0o777) == "0o600"
    done = apply(world, file)
    assert done.stdout.count("CreateUser done") == 2 and "2 done, 0 failed or held, 0 wait" in done.stdout, done.stdout
    assert agents(world) == {"ann", "ben"} and writes(world) == {"CreateUser": 2}
    done = apply(world, file)  # once more: nothing is done twice
    assert writes(world) == {"CreateUser": 2} and "2 were as planned already" in done.stdout, done.stdout


@case("without --yes and without a terminal nothing is done")
def asks(world):
    begin(world, "ann")
    done = world.command("apply")
    assert done.returncode == 0 and "nothing was done; with --yes it would be" in done.stdout, done
    assert agents(world) == set()


def on_terminal(world, answer, *words):
    """What the command shows on a terminal where somebody answers its question so."""
    shown = b""
    mine, theirs = pty.openpty()
    line = [str(lib.BUILD / "roster"), *words, "--config", str(world.config)]
    with subprocess.Popen(line, env=world.environment(), cwd=world.folder, stdin=theirs, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        with contextlib.suppress(OSError):  # the terminal has gone, as its last program has
            while part := os.read(mine, 4096):
                shown += part
                if b"Do it? " in shown and answer:
                    os.write(mine, answer)
                    answer = b""
    os.close(mine)
    return child.returncode, shown.decode()


@case("on a terminal it asks, and only 'yes' is a yes")
def asks_on_terminal(world):
    begin(world, "ann")
    for answer in (b"no\n", b"y\n", b"\n", b"yes please\n", b"\x04"):
        code, shown = on_terminal(world, answer, "apply")
        assert code == 0 and shown.count("Do it? ") == 1 and agents(world) == set(), (answer, shown)
    code, shown = on_terminal(world, b"yes\n", "apply")
    assert code == 0 and "1 done" in shown and agents(world) == {"ann"}, shown


@case("a plan is refused whole when the configuration has changed, when it has expired, and when the file has been changed")
def refused(world):
    begin(world, "ann", "ben")
    file = save(world)
    other = next(row["Id"] for row in world.sandbox.get("profiles")["routing_profiles"] if row["Id"] != lib.ROUTING_PROFILE)
    world.set(Connect={"ROUTING_PROFILE_ID": other})
    done = apply(world, file, code=3)
    assert "the configuration has changed" in done.stderr, done.stderr
    world.set(Connect={"ROUTING_PROFILE_ID": lib.ROUTING_PROFILE, "MAX_REMOVALS": "1"})
    apply(world, file, code=3)
    world.set(Connect={"MAX_REMOVALS": None})
    short = save(world, "--valid", "1s")
    time.sleep(1.1)
    done = apply(world, short, code=3)
    assert "expired" in done.stderr, done.stderr
    file = save(world)
    time.sleep(1.1)
    apply(world, file, "--valid", "1s", code=3)
    text = open(file, encoding="utf-8").read()
    for bad in (text.replace("create", "delete", 1), "\n".join(text.splitlines()[:-1]) + "\n", "\n".join(text.splitlines()[:1] + text.splitlines()[2:]) + "\n",
                "{}", "", text + "{}\n"):
        open(file, "w", encoding="utf-8").write(bad)
        done = apply(world, file, code=1)
        assert "is no plan" in done.stderr, done.stderr
    assert agents(world) == set()


@case("who has moved since is refused alone, and told: in Okta, in Amazon Connect, by leaving", **NOW)
def moved(world):
    begin(world, "ann", "ben", "cyd", "dan")
    apply(world)
    for name in ("ann", "ben", "cyd", "dan"):
        okta(world, "profile", user=login(name), profile={"lastName": "New"})
    file = save(world)
    okta(world, "profile", user=login("ann"), profile={"lastName": "Newer"})
    leave(world, "ben")
    world.sandbox.post("agent/change", name=login("cyd"), first="By", last="Hand")
    world.sandbox.post("calls/reset")
    done = apply(world, file, code=3)
    assert writes(world) == {"UpdateUserIdentityInfo": 1}, (writes(world), done.stdout)
    for name in ("ann", "ben", "cyd"):
        assert login(name) in done.stderr, done.stderr
    assert login("dan") not in done.stderr and "3 left as they are" in done.stdout, done.stdout
    assert world.sandbox.agents()[login("dan")]["IdentityInfo"]["LastName"] == "New"


@case("who came since the plan is no part of it")
def exactly(world):
    begin(world, "ann")
    file = save(world)
    okta(world, "user", **person("ben", groups=[GROUP]))
    apply(world, file)
    assert agents(world) == {"ann"}
    assert summary(plan(world)) == {"create": 1, "unchanged": 1}


@case("an apply that is broken off finishes its calls; said again, it goes on and does no step twice", Connect={"RATE": "20", "BURST": "1"})
def resumed(world):
    names = grow(world, 60)
    begin(world, *names)
    file = save(world)
    running = background(world, file)
    wait_until(lambda: len(world.sandbox.agents()) >= 10, "ten agents")
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 1
    told = (world.folder / "apply.log").read_text()
    assert "interrupted" in told, told
    some = len(world.sandbox.agents())
    assert 10 <= some < 60, some
    stays(lambda: len(world.sandbox.agents()) == some, "nothing goes on", 0.5)
    apply(world, file)
    assert len(world.sandbox.agents()) == 60 and world.sandbox.calls("CreateUser") == 60
    assert summary(plan(world)) == {"unchanged": 60}


@case("killed in the middle, it goes on, and does no step twice", Connect={"RATE": "20", "BURST": "1"})
def killed(world):
    names = grow(world, 40)
    begin(world, *names)
    file = save(world)
    for _ in range(3):
        before = len(world.sandbox.agents())
        running = background(world, file)
        wait_until(lambda b=before: len(world.sandbox.agents()) >= b + 5, "five more agents")
        running.kill()
        running.wait()
    apply(world, file)
    assert len(world.sandbox.agents()) == 40
    done = [call for call in world.sandbox.log_of("CreateUser") if call["done"]]
    assert len(done) == 40, len(done)


@case("killed while it removes, another plan goes on with whom it had begun on", **NOW)
def killed_removing(world):
    begin(world, "ann", "ben", "cyd", "dan", "eve")
    world.set(Connect={"RATE": "200", "BURST": "20", "MAX_REMOVALS": "none"})
    apply(world)
    leave(world, "ben", "cyd", "dan", "eve")
    world.set(Connect={"RATE": "2", "BURST": "1"})
    running = background(world, "--trust-listings")
    wait_until(lambda: len(world.sandbox.agents()) < 5, "one agent less")
    running.kill()
    running.wait()
    world.set(Connect={"RATE": "200", "BURST": "20"})
    done = apply(world, "--trust-listings")
    assert agents(world) == {"ann"} and "0 wait" in done.stdout, done.stdout
    assert writes(world) == {"CreateUser": 5, "DeleteUser": 4}


@case("some who fail do not stop the rest; they are told with the reason, and the exit code is 1")
def failing(world):
    begin(world, "ann", "ben", "cyd")
    world.sandbox.post("faults", operation="CreateUser", rate=1.0, count=1, kinds=["invalid_request"])
    done = apply(world, code=1)
    assert len(agents(world)) == 2 and "2 done, 1 failed or held" in done.stdout, done.stdout
    assert "Not done, or not yet:" in done.stdout and "InvalidRequest" in done.stdout, done.stdout
    apply(world)
    assert len(agents(world)) == 3


@case("beside a daemon the work is the daemon's; its progress is followed", Connect={"RATE": "50", "BURST": "5"})
def by_daemon(world):
    org(world, seed(in_group=["ann"]), hook=False, CATCH_UP_EVERY="1h")
    world.wait_agents(login("ann"))
    world.wait_settled()
    for name in grow(world, 30):
        okta(world, "user", **person(name, groups=[GROUP]))
    done = apply(world)
    assert "30 done" in done.stdout and len(world.sandbox.agents()) == 31, done.stdout
    assert world.sandbox.calls("CreateUser") == 31
    assert len(world.daemon.said("person converged")) >= 30


@case("a daemon with another configuration does not get the work")
def other_daemon(world):
    org(world, seed(in_group=["ann"]), hook=False)
    world.wait_agents(login("ann"))
    other = next(row["Id"] for row in world.sandbox.get("profiles")["routing_profiles"] if row["Id"] != lib.ROUTING_PROFILE)
    world.set(Connect={"ROUTING_PROFILE_ID": other})
    done = apply(world, code=3)
    assert "restart" in done.stderr, done.stderr
    assert writes(world) == {"CreateUser": 1}


@case("a plan stands in the audit log, before its steps, and so do they with it as their cause")
def audited(world):
    begin(world, "ann")
    apply(world)
    rows = [json.loads(line) for line in world.command("audit", "export", "--format", "json").stdout.splitlines()]
    text = json.dumps(rows)
    assert '"apply"' in text and "CreateUser" in text, text
    plan_id = re.search(r"plan ([0-9a-f]{8})", text).group(1)
    assert text.count(f"plan {plan_id}") >= 2, text


@contextlib.contextmanager
def lateness():
    """How late this machine is meanwhile, as somebody sees it who only wants to wake up: a list of seconds."""
    over, late = threading.Event(), []

    def tick():
        while not over.is_set():
            began = time.monotonic()
            time.sleep(0.05)
            late.append(time.monotonic() - began - 0.05)

    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        yield late
    finally:
        over.set()
        ticker.join()


# So few a second that a loaded machine keeps up, and a burst that makes good two seconds of standing still. The sandbox's is
# larger: what the machine holds up arrives together.
@case("the estimate holds at the throttle", Connect={"RATE": "5", "BURST": "10"})
def estimate(world):
    names = grow(world, 55)
    begin(world, *names)
    world.sandbox.post("throttle", operation="CreateUser", rate=5, burst=25)
    seconds = plan(world)["seconds"]
    with lateness() as late:
        apply(world)
    counts = world.sandbox.get("calls")["CreateUser"]
    took = (counts["last_ms"] - counts["first_ms"]) / 1000
    assert counts["throttled"] == 0 and 8.5 <= seconds <= 9.5, (counts, seconds)
    assert 0.97 * seconds - sum(late) <= took <= 1.25 * seconds + sum(late), (took, seconds, sum(late))


main()
