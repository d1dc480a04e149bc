#!/usr/bin/env python3
"""roster undo and roster provision: one person, back to what was, or in line now."""
import json

from lib import GROUP, case, main, stays, wait_until
from org import login, okta, org, person, seed, user_id
from plans import NOW, agents, apply, begin, in_background, leave, plan, summary, writes


def run(world, *words, code=0):
    done = world.command(*words)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def last_name(world, name):
    return world.sandbox.agents()[login(name)]["IdentityInfo"]["LastName"]


def steps(world, operation):
    rows = [json.loads(line) for line in run(world, "audit", "export", "--format", "json").stdout.splitlines()]
    return [row["step"] for row in rows if row.get("operation") == operation and row.get("outcome") == "done"]


def renamed(world, name="ann"):
    begin(world, name, "ben")
    apply(world)
    okta(world, "profile", user=login(name), profile={"lastName": "Wrong"})
    apply(world)
    assert last_name(world, name) == "Wrong"


@case("what was last done for somebody is undone, and the rules leave it so until 'retry'")
def of_user(world):
    renamed(world)
    done = run(world, "undo", "--dry-run", login("ann"))
    assert "Wrong → Test" in done.stdout and last_name(world, "ann") == "Wrong", done.stdout
    done = run(world, "undo", login("ann"))
    assert last_name(world, "ann") == "Test" and ": undone" in done.stdout, done.stdout
    found = plan(world)
    assert summary(found) == {"held": 1, "unchanged": 1}, found
    apply(world)
    assert last_name(world, "ann") == "Test"
    run(world, "retry", "--no-wait", login("ann"))
    apply(world)
    assert last_name(world, "ann") == "Wrong"


@case("one step is undone by its number; an undo is a step that can be undone")
def of_step(world):
    renamed(world)
    step = steps(world, "UpdateUserIdentityInfo")[-1]
    run(world, "undo", str(step))
    assert last_name(world, "ann") == "Test" and last_name(world, "ben") == "Test"
    run(world, "undo", login("ann"))
    assert last_name(world, "ann") == "Wrong"


@case("news of Okta ends what was undone")
def news(world):
    renamed(world)
    run(world, "undo", login("ann"))
    okta(world, "profile", user=login("ann"), profile={"lastName": "Right"})
    apply(world)
    assert last_name(world, "ann") == "Right"


@case("a deleted agent is made again as another one, and stays, though its person is not in scope", **NOW)
def of_deletion(world):
    begin(world, "ann", "ben")
    apply(world)
    was = world.sandbox.agents()[login("ann")]
    leave(world, "ann")
    apply(world)
    assert agents(world) == {"ben"}
    done = run(world, "undo", login("ann"))
    assert "another id" in done.stdout and "not in scope" in done.stdout, done.stdout
    now = world.sandbox.agents()[login("ann")]
    assert now["Id"] != was["Id"]
    for member in ("IdentityInfo", "PhoneConfig", "RoutingProfileId", "SecurityProfileIds", "Tags"):
        assert now.get(member) == was.get(member), (member, now, was)
    assert summary(plan(world)) == {"held": 1, "unchanged": 1}
    apply(world)
    assert agents(world) == {"ann", "ben"}
    run(world, "retry", "--no-wait", login("ann"))
    apply(world)
    assert agents(world) == {"ben"}


@case("a parked agent gets back all that it had",
      Connect={"ON_REMOVE": "disable", "REMOVAL_GRACE": "0s", "PARKED_SECURITY_PROFILE": "QualityAnalyst",
               "PARKED_ROUTING_PROFILE": "Idle Routing Profile"})
def of_park(world):
    begin(world, "ann", "ben")
    apply(world)
    was = world.sandbox.agents()[login("ann")]
    leave(world, "ann")
    apply(world)
    assert world.sandbox.agents()[login("ann")]["SecurityProfileIds"] != was["SecurityProfileIds"]
    run(world, "undo", login("ann"))
    now = world.sandbox.agents()[login("ann")]
    for member in ("Id", "IdentityInfo", "RoutingProfileId", "SecurityProfileIds", "Tags"):
        assert now.get(member) == was.get(member), (member, now, was)
    assert summary(plan(world)) == {"held": 1, "unchanged": 1}


@case("what cannot be undone is said: the step that made an agent, a step that is none, somebody without any")
def refused(world):
    begin(world, "ann")
    apply(world)
    step = steps(world, "CreateUser")[0]
    done = run(world, "undo", str(step), code=1)
    assert "made the agent" in done.stderr, done.stderr
    done = run(world, "undo", "99999", code=1)
    assert "no step 99999" in done.stderr, done.stderr
    done = run(world, "undo", login("ann"), code=1)
    assert "no change of theirs" in done.stderr, done.stderr
    run(world, "undo", "nobody", code=1)
    assert writes(world) == {"CreateUser": 1}


@case("what was erased from the audit log cannot be undone")
def erased(world):
    renamed(world)
    step = steps(world, "UpdateUserIdentityInfo")[-1]
    run(world, "audit", "redact", login("ann"))
    run(world, "undo", login("ann"), code=1)
    done = run(world, "undo", str(step), code=1)
    assert "erased" in done.stderr and last_name(world, "ann") == "Wrong", done.stderr


@case("beside a daemon the daemon undoes, and keeps to it")
def by_daemon(world):
    world.set(Connect={"RECONCILE_EVERY": "1s"})
    org(world, seed(in_group=["ann"]))
    world.wait_agents(login("ann"))
    okta(world, "profile", user=login("ann"), profile={"lastName": "Wrong"})
    wait_until(lambda: last_name(world, "ann") == "Wrong", "the new name")
    world.wait_settled()
    done = run(world, "undo", login("ann"))
    assert ": undone" in done.stdout and last_name(world, "ann") == "Test", done.stdout
    stays(lambda: last_name(world, "ann") == "Test", "the daemon keeps to it", 3)
    assert "undone" in run(world, "held").stdout or "undone" in run(world, "show", login("ann")).stdout
    run(world, "retry", "--no-wait", login("ann"))
    wait_until(lambda: last_name(world, "ann") == "Wrong", "the rules count again")


@case("one person is brought in line, and nobody else")
def provision(world):
    begin(world, "ann", "ben")
    done = run(world, "provision", "--dry-run", login("ann"))
    assert login("ann") in done.stdout and agents(world) == set(), done.stdout
    done = run(world, "provision", login("ann"))
    assert agents(world) == {"ann"} and "CreateUser done" in done.stdout, done.stdout
    done = run(world, "provision", login("ann"))
    assert writes(world) == {"CreateUser": 1}, done.stdout
    okta(world, "profile", user=login("ann"), profile={"lastName": "New"})
    run(world, "provision", user_id("ann"))
    assert last_name(world, "ann") == "New"


@case("somebody whom no rule takes in is not made; somebody unknown is refused; somebody who left goes", **NOW)
def provision_none(world):
    begin(world, "ann", "ben", people=["eve"])
    done = run(world, "provision", login("eve"))
    assert "No rule takes them in" in done.stdout and agents(world) == set(), done.stdout
    run(world, "provision", "nobody@acme.com", code=1)
    apply(world)
    leave(world, "ann")
    run(world, "provision", login("ann"))
    assert agents(world) == {"ben"}


@case("beside a daemon the daemon does it")
def provision_daemon(world):
    org(world, seed(in_group=["ann"]), hook=False, CATCH_UP_EVERY="1h")
    world.wait_agents(login("ann"))
    world.wait_settled()
    okta(world, "user", **person("ben", groups=[GROUP]))
    run(world, "provision", login("ben"))
    assert agents(world) == {"ann", "ben"} and len(world.daemon.said("person converged")) == 2


@case("an undo that was killed in the midst goes on when it is said again")
def killed(world):
    renamed(world)
    world.sandbox.fail(["slow"], "UpdateUserIdentityInfo", count=2, delay_ms=3000)
    running = in_background(world, "undo", login("ann"))
    wait_until(lambda: last_name(world, "ann") == "Test", "the old name")
    running.kill()
    running.wait()
    done = run(world, "undo", str(steps(world, "UpdateUserIdentityInfo")[-1]))
    assert ": undone" in done.stdout and last_name(world, "ann") == "Test", done.stdout
    assert summary(plan(world)) == {"held": 1, "unchanged": 1}


@case("who was made by one that was killed before it knew is bound by the next", Connect={"RATE": "200"})
def provision_killed(world):
    begin(world, "ann")
    world.sandbox.fail(["slow"], "CreateUser", count=1, delay_ms=20000)
    running = in_background(world, "provision", login("ann"))
    wait_until(lambda: agents(world) == {"ann"}, "ann's agent")
    running.kill()
    running.wait()
    done = run(world, "provision", login("ann"))
    assert "the answer to that was never read" in done.stdout, done.stdout
    row = world.users()[login("ann")]
    assert row["state"] == "in_step" and row["agent_id"] == world.sandbox.agents()[login("ann")]["Id"], row
    assert writes(world) == {"CreateUser": 1}


main()
