"""What operators do: each deed stands in the audit log with who did it, and its steps with what was before and after. Whoever runs the
engine carries it out: a running daemon, else the command itself."""
import getpass
import json
import shutil

from lib import app_event, case, main, wait_until
from org import login, okta
from plans import NOW, agents, apply, begin, leave

DELETE = {"Connect": {"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s"}}


def run(world, *words, code=0):
    done = world.command(*words)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def log(world):
    return [json.loads(line) for line in run(world, "audit", "export").stdout.splitlines()]


def deeds(world):
    """The operations of all that operators did; each says who."""
    rows = [row for row in log(world) if row["kind"] != "step"]
    for row in rows:
        assert row["actor"] == "operator " + getpass.getuser() and row["at_ms"] and row["outcome"] == "done", row
    return [row["operation"] for row in rows]


def steps(world, operation):
    return [row for row in log(world) if row["kind"] == "step" and row["operation"] == operation and row["outcome"] == "done"]


@case("apply, provision, undo, retry and redact, and the steps that they led to", **NOW)
def by_commands(world):
    begin(world, "ann", "ben")
    apply(world)
    okta(world, "profile", user=login("ann"), profile={"lastName": "New"})
    run(world, "provision", login("ann"))
    run(world, "undo", login("ann"))
    run(world, "retry", "--no-wait", login("ann"))
    leave(world, "ben")
    apply(world)
    assert deeds(world) == ["apply", "provision", "undo", "retry", "apply"]
    made, (first, back, *_), gone = steps(world, "CreateUser"), steps(world, "UpdateUserIdentityInfo"), steps(world, "DeleteUser")
    assert len(made) == 2 and all(row["before"] is None and row["after"] and row["request_id"] for row in made)
    assert first["before"]["last_name"] == "Test" and first["after"]["last_name"] == "New" and first["request_id"], first
    assert back["before"]["last_name"] == "New" and back["after"]["last_name"] == "Test" and "undo" in back["cause"], back
    assert gone[0]["before"]["user_name"] == login("ben") and gone[0]["after"] is None and gone[0]["request_id"], gone
    run(world, "audit", "redact", login("ben"))
    assert deeds(world)[-1] == "redact" and run(world, "audit", "verify")


@case("release, reject and adopt", **DELETE)
def decided(world):
    world.set(Connect={"MAX_REMOVALS": "1"})
    world.start_sandbox(agents=[{"name": login("ann"), "first": "By", "last": "Hand"}])
    world.start()
    names = [f"p{number}" for number in range(6)]
    world.accept(app_event("ann"), *(app_event(name) for name in names))
    wait_until(lambda: world.people("held") == 1 and world.people("in_step") == 6, "all but ann are made")
    run(world, "adopt", login("ann"))
    wait_until(lambda: world.people("in_step") == 7, "ann is adopted")
    world.accept(*(app_event(name, "remove") for name in names))
    wait_until(lambda: world.people("held") == 6, "the removals are held")
    run(world, "release", "--no-wait", login("p0"))
    run(world, "reject", login("p1"))
    run(world, "release", "--no-wait", "--all")
    assert deeds(world) == ["adopt", "release", "reject", "release"]
    tagged = steps(world, "TagResource")
    assert tagged and tagged[0]["cause"] == "operator adopt" and tagged[0]["request_id"], tagged


@case("rebuild, and the event hook in Okta")
def set_up(world):
    begin(world, "ann")
    apply(world)
    shutil.rmtree(world.state)
    assert "no store" in run(world, "hook", "register", "http://127.0.0.1:9/okta/events", code=1).stderr  # nobody answers there
    run(world, "rebuild")
    run(world, "hook", "verify", code=1)
    run(world, "hook", "remove")
    assert deeds(world) == ["rebuild", "hook", "hook"]
    assert [row["detail"] for row in log(world) if row["operation"] == "hook"] == ["verify", "remove"]


@case("a retry that is waited for is carried out by the command alone, and tells what came of it")
def retried_alone(world):
    begin(world, "ann", "ben")
    world.sandbox.post("faults", operation="CreateUser", rate=1.0, count=2, kinds=["invalid_request"])
    apply(world, code=1)
    assert agents(world) == set()
    world.sandbox.post("faults", operation="CreateUser", rate=1.0, count=1, kinds=["invalid_request"])
    done = run(world, "retry", login("ann"), code=1)
    assert "InvalidRequest" in done.stdout and agents(world) == set(), done.stdout
    done = run(world, "retry", "--all")
    assert "2 done" in done.stdout and "failed:" not in done.stdout and agents(world) == {"ann", "ben"}, done.stdout
    assert "nobody has failed" in run(world, "retry", "--all").stdout


@case("a release that is waited for: beside a daemon it is the daemon's, else the command's", **DELETE)
def released(world):
    world.set(Connect={"MAX_REMOVALS": "1"})
    world.start()
    names = [f"p{number}" for number in range(6)]
    world.accept(*(app_event(name) for name in names))
    wait_until(lambda: world.people("in_step") == 6, "all are made")
    world.accept(*(app_event(name, "remove") for name in names))
    wait_until(lambda: world.people("held") == 6, "the removals are held")
    done = run(world, "release", login("p0"))
    assert "1 done" in done.stdout and len(world.sandbox.agents()) == 5, done.stdout
    world.daemon.stop()
    done = run(world, "release", "--all")
    assert "5 done" in done.stdout and not world.sandbox.agents(), done.stdout
    assert "nobody is held" in run(world, "release", "--all").stdout


main()
