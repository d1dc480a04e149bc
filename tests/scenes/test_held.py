"""The bounds: a set of removals or changes that exceeds one is held whole, and a person decides."""
import json

from lib import app_event, case, main, stays, wait_until

NAMES = [f"p{n}" for n in range(8)]
OTHER_PROFILE = "22222222-69fb-43b6-a5e6-f8666ac189cb"
LEAVING = {"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s", "MAX_REMOVALS": "5"}


def everybody(world, names=tuple(NAMES)):
    """All are agents."""
    if world.daemon is None:
        world.start()
    world.accept(*[app_event(name) for name in names])
    wait_until(lambda: world.people("in_step") == len(names), "all in step")


def leave(world, *names):
    world.accept(*[app_event(name, "remove") for name in names])


def held(world):
    done = world.command("held", "--json")
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def bound(world, setting="MAX_REMOVALS"):
    return next(row for row in held(world)["bounds"] if row["setting"] == setting)


def agents(world):
    return {name.split("@")[0] for name in world.sandbox.agents()}


def all_left(world):
    everybody(world)
    leave(world, *NAMES)
    wait_until(lambda: world.people("held") == len(NAMES), "all held")
    assert agents(world) == set(NAMES), "none of the set is carried out"
    assert world.sandbox.calls("DeleteUser") == 0


@case("a set that exceeds the bound is held whole, and released", Connect=LEAVING)
def released(world):
    all_left(world)
    found = held(world)
    assert len(found["held"]) == len(NAMES) and found["unsure"] == 0, found
    for row in found["held"]:
        assert row["setting"] == "MAX_REMOVALS" and row["would"] == "delete the agent" and row["state"] == "held", row
        assert row["left_because"].startswith("event ") and row["since"] and row["reason"], row
    assert bound(world) == {"setting": "MAX_REMOVALS", "held": 8, "passed_in_an_hour": 0, "agents": 8,
                            "allowed_in_an_hour": 5, "is_shut": True, "why": bound(world)["why"]} and bound(world)["why"]
    text = world.command("held")
    assert text.returncode == 0 and "MAX_REMOVALS" in text.stdout and "p0@acme.com" in text.stdout and "roster release" in text.stdout, text
    status = world.status()
    assert status["bounds"]["removals"]["held"] == 8 and status["bounds"]["removals"]["is_shut"], status
    done = world.command("status", "--check")
    assert done.returncode == 1 and "MAX_REMOVALS" in done.stdout, done
    done = world.command("release", "--no-wait", "p0@acme.com")
    assert done.returncode == 0, done
    wait_until(lambda: agents(world) == set(NAMES[1:]), "p0 gone")
    assert len(held(world)["held"]) == 7
    done = world.command("release", "--no-wait", "--all")
    assert done.returncode == 0 and "7 people" in done.stdout, done
    wait_until(lambda: not agents(world), "all gone")
    wait_until(lambda: world.people("removed") == len(NAMES), "all removed")
    assert bound(world)["passed_in_an_hour"] == 8 and not bound(world)["is_shut"]
    assert "operator release" in world.command("show", "p3@acme.com").stdout


@case("while a set is held nothing more is removed, and all else goes on", Connect=LEAVING)
def shut(world):
    all_left(world)
    world.accept(app_event("new"), app_event("gone"))
    wait_until(lambda: {"new", "gone"} <= agents(world), "new ones are made")
    leave(world, "gone")
    wait_until(lambda: world.people("held") == 9, "the next one is held, too")
    stays(lambda: "gone" in agents(world), "the agent is there", 1.5)


@case("what is within the bound is not held", Connect=LEAVING)
def within(world):
    everybody(world)
    leave(world, *NAMES[:5])
    wait_until(lambda: world.people("removed") == 5, "five gone")
    assert agents(world) == set(NAMES[5:])
    leave(world, NAMES[5])
    wait_until(lambda: world.people("held") == 1, "the sixth of this hour is held")
    assert bound(world)["passed_in_an_hour"] == 5


@case("rejected: the agents stay, until Okta says something new", Connect=LEAVING)
def rejected(world):
    all_left(world)
    done = world.command("reject", "--all")
    assert done.returncode == 0 and "8 people" in done.stdout, done
    assert {row["state"] for row in world.users().values()} == {"in_step"}
    assert json.loads(world.command("show", "p1@acme.com", "--json").stdout)["reason_code"] == "rejected"
    stays(lambda: agents(world) == set(NAMES), "all are there", 1.5)
    assert world.command("status", "--check").returncode == 0
    assert world.command("reject", "p1@acme.com").returncode == 1, "there is nothing to decide any more"
    world.accept(app_event("p1"))
    wait_until(lambda: json.loads(world.command("show", "p1@acme.com", "--json").stdout)["reason_code"] is None, "p1 is back")
    leave(world, "p1")
    wait_until(lambda: "p1" not in agents(world), "p1 left once more: that is news, and one alone passes")


@case("who is back in scope is no longer held", Connect=LEAVING)
def back(world):
    all_left(world)
    calls = world.sandbox.get("calls")
    world.accept(*[app_event(name) for name in NAMES])
    wait_until(lambda: world.people("in_step") == len(NAMES), "all in step")
    assert world.sandbox.get("calls") == calls, "nothing happened"
    assert bound(world)["is_shut"] and bound(world)["held"] == 0
    done = world.command("release", "--no-wait", "--all")
    assert done.returncode == 0 and "nobody" in done.stdout, done
    assert not bound(world)["is_shut"]
    leave(world, "p0")
    wait_until(lambda: "p0" not in agents(world), "one alone passes")


@case("a retry releases nothing", Connect=LEAVING)
def retried(world):
    all_left(world)
    done = world.command("retry", "--no-wait", "p0@acme.com")
    assert done.returncode == 1 and "roster release" in done.stderr, done
    assert world.command("retry", "--no-wait", "--all").returncode == 0
    assert world.command("adopt", "p0@acme.com").returncode == 1
    stays(lambda: agents(world) == set(NAMES), "all are there", 1.5)
    assert world.people("held") == len(NAMES)


@case("without a daemon a release is carried out at the next start", Connect=LEAVING)
def at_rest(world):
    all_left(world)
    assert world.daemon.stop() == 0
    assert world.command("release", "--no-wait", "p0@acme.com").returncode == 0
    assert world.command("reject", "p1@acme.com").returncode == 0
    assert len(held(world)["held"]) == 6
    world.start()
    wait_until(lambda: agents(world) == set(NAMES[1:]), "p0 gone")
    stays(lambda: agents(world) == set(NAMES[1:]), "the others are there", 1.5)
    assert world.people("held") == 6, "a restart decides nothing"


@case("within the grace there is nothing to release, and a removal may be rejected",
      Connect=LEAVING | {"REMOVAL_GRACE": "1h"})
def grace(world):
    everybody(world)
    leave(world, "p0", "p1")
    wait_until(lambda: held(world)["in_grace"] == 2, "two in grace")
    assert held(world)["held"] == [] and held(world)["grace_ends"]
    assert world.status()["in_grace"] == 2 and world.status()["queue_age_s"] == 0
    assert world.command("status", "--check").returncode == 0
    done = world.command("retry", "--no-wait", "p0@acme.com")
    assert done.returncode == 1 and "REMOVAL_GRACE" in done.stderr, done
    assert world.command("release", "--no-wait", "p0@acme.com").returncode == 1
    shown = json.loads(world.command("show", "p0@acme.com", "--json").stdout)
    assert shown["removal"] == "waits" and shown["grace_ends"] and shown["left"], shown
    assert world.command("reject", "p0@acme.com").returncode == 0
    assert world.users()["p0@acme.com"]["state"] == "in_step"
    world.accept(app_event("p1"))
    wait_until(lambda: world.people("in_step") == len(NAMES), "p1 is back, and nothing happened")
    assert world.sandbox.calls("DeleteUser") == 0 and world.sandbox.calls() == len(NAMES)


@case("who falls out of scope by the configuration is held, one alone too", Connect=LEAVING)
def unsure(world):
    everybody(world, ("p0", "p1"))
    assert world.daemon.stop() == 0
    world.set(OKTA={"APP_NAME": "Another"})
    world.start()
    wait_until(lambda: world.people("held") == 2, "both held")
    found = held(world)
    assert found["unsure"] == 2 and {row["reason_code"] for row in found["held"]} == {"unsure"}, found
    assert not bound(world)["is_shut"]
    assert "configuration" in found["held"][0]["left_because"], found
    stays(lambda: agents(world) == {"p0", "p1"}, "both are there", 1.5)
    assert world.command("release", "--no-wait", "p0@acme.com").returncode == 0
    wait_until(lambda: agents(world) == {"p1"}, "p0 gone")
    assert world.command("reject", "p1@acme.com").returncode == 0
    assert world.daemon.stop() == 0
    world.start()
    stays(lambda: agents(world) == {"p1"}, "p1 is there", 1.5)


def moved(world):
    """A changed routing profile for 12 people at once."""
    names = [f"p{n}" for n in range(12)]
    everybody(world, names)
    world.sandbox.post("profile", kind="routing_profiles", name="Other", id=OTHER_PROFILE)
    assert world.daemon.stop() == 0
    world.set(Connect={"ROUTING_PROFILE_ID": OTHER_PROFILE, "MAX_CHANGES": "5"})
    world.start()
    wait_until(lambda: world.people("held") == 12, "all held")
    assert world.sandbox.calls("UpdateUserRoutingProfile") == 0
    return names


@case("changes of profiles have a bound of their own", Connect=LEAVING)
def changes(world):
    names = moved(world)
    assert bound(world, "MAX_CHANGES")["held"] == 12 and bound(world, "MAX_CHANGES")["allowed_in_an_hour"] == 10
    assert not bound(world)["is_shut"]
    leave(world, "p0")
    wait_until(lambda: "p0" not in agents(world), "removals go on")
    assert world.command("release", "--no-wait", "--all").returncode == 0
    wait_until(lambda: world.people("in_step") == 11, "all in step")
    assert world.sandbox.calls("UpdateUserRoutingProfile") == 11
    assert bound(world, "MAX_CHANGES")["passed_in_an_hour"] == 11
    assert agents(world) == set(names[1:])


@case("rejected changes rest, and are judged again with other rules", Connect=LEAVING)
def changes_rejected(world):
    before = world.settings["Connect"]["ROUTING_PROFILE_ID"]
    moved(world)
    assert world.command("reject", "--all").returncode == 0
    wait_until(lambda: world.people("in_step") == 12, "all in step")
    assert world.daemon.stop() == 0
    world.start()
    stays(lambda: world.sandbox.calls("UpdateUserRoutingProfile") == 0, "nothing is changed", 1.5)
    assert world.daemon.stop() == 0
    world.set(Connect={"ROUTING_PROFILE_ID": before})
    world.start()
    wait_until(lambda: world.people("in_step") == 12 and not any(row["reason"] for row in world.users().values()), "all as before")
    assert world.sandbox.calls("UpdateUserRoutingProfile") == 0


if __name__ == "__main__":
    main()
