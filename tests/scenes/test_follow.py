"""roster retry and roster release follow what they have decided: they tell who waits, for what and until when, and never hang."""
import contextlib
import re
import signal
import sqlite3

from lib import app_event, case, main, wait_until
from org import login
from plans import NOW, agents, apply, begin, in_background

DELETE = {"Connect": {"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s"}}
FAILED = 3  # enum person_state
UNTIL = re.compile(r"not before 20\d\d-\d\d-\d\dT[0-9:.]+Z \(in ")


def run(world, *words, code=0):
    done = world.command(*words)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def begin_failed(world, *names):
    """They have failed, and no daemon runs."""
    begin(world, *names)
    world.sandbox.post("faults", operation="CreateUser", rate=1.0, count=len(names), kinds=["invalid_request"])
    apply(world, code=1)
    assert agents(world) == set()


def provide(world, *names):
    world.start()
    world.accept(*(app_event(name) for name in names))
    wait_until(lambda: world.people("in_step") == len(names), "all are made")


@case("an operation that is refused to everybody: who needs it is told, and until when", **NOW)
def refused(world):
    begin_failed(world, "ann")
    world.sandbox.fail(["access_denied"], "CreateUser")
    done = run(world, "retry", login("ann"))
    assert "0 done, 0 failed or held, 1 wait" in done.stdout, done
    assert "AccessDenied" in done.stdout and UNTIL.search(done.stdout), done
    world.start()
    done = run(world, "retry", login("ann"))  # beside a daemon, and the pause is there already or comes at once
    assert "1 wait" in done.stdout and "ann@acme.com  waits" in done.stdout and UNTIL.search(done.stdout), done


@case("a contact: whose removal is released, and who is on one, is told and not waited for", **DELETE)
def contact(world):
    world.set(Connect={"MAX_REMOVALS": "1"})
    names = [f"p{number}" for number in range(6)]
    provide(world, *names)
    world.accept(*(app_event(name, "remove") for name in names))
    wait_until(lambda: world.people("held") == 6, "the removals are held")
    world.sandbox.post("contacts", agent=login("p2"), contacts=1)
    done = run(world, "release", "--all")
    assert "5 done, 0 failed or held, 1 wait" in done.stdout, done
    assert "p2@acme.com  waits: to be removed, and on a contact" in done.stdout and UNTIL.search(done.stdout), done
    assert agents(world) == {"p2"}


@case("interrupted beside a daemon it ends, and the daemon goes on", **NOW)
def interrupted(world):
    begin_failed(world, "ann")
    world.start()
    world.sandbox.fail(["throttle"], "CreateUser")
    following = in_background(world, "retry", login("ann"))
    wait_until(lambda: world.users()["ann@acme.com"]["state"] == "due", "ann is due")
    wait_until(lambda: catches(following, signal.SIGINT), "it follows")
    following.send_signal(signal.SIGINT)
    assert following.wait(30) == 1
    told = (world.folder / "retry.log").read_text()
    assert "interrupted: the daemon goes on with it" in told, told
    world.sandbox.fail([], "CreateUser")
    world.wait_agents(login("ann"))


def status_of(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return file.read()


def catches(process, number):
    mask = int(re.search(r"SigCgt:\s*([0-9a-f]+)", status_of(process)).group(1), 16)
    blocked = int(re.search(r"SigBlk:\s*([0-9a-f]+)", status_of(process)).group(1), 16)
    return bool((mask | blocked) >> (number - 1) & 1)


@case("nobody is followed but those concerned, and with --no-wait nobody at all", **NOW)
def concerned(world):
    begin_failed(world, "ann", "ben")
    done = run(world, "retry", "--no-wait", login("ben"))
    assert "is due" in done.stdout and agents(world) == set(), done
    done = run(world, "retry", "--all")
    assert "1 done, 0 failed or held, 0 wait" in done.stdout and "ann" in agents(world), done


@case("whom a bound holds then is told, and the exit code is 3", Connect={"MAX_CHANGES": "10"})
def bound(world):
    names = [f"p{number}" for number in range(11)]
    provide(world, *names)
    world.daemon.stop()
    with contextlib.closing(sqlite3.connect(world.state / "roster.db")) as store:
        store.execute("UPDATE person SET state = ?", (FAILED,))  # as if a change had been refused
        store.commit()
    assert {row["state"] for row in world.users().values()} == {"failed"}
    world.set(Connect={"ROUTING_PROFILE_ID": next(row["Id"] for row in world.sandbox.get("profiles")["routing_profiles"]
                                                  if row["Id"] != world.settings["Connect"]["ROUTING_PROFILE_ID"])})
    done = run(world, "retry", "--all", code=3)
    assert "0 done, 11 failed or held, 0 wait" in done.stdout and "p4@acme.com  held" in done.stdout, done


main()
