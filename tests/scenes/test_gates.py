"""Removals, and changes of profiles, are judged as a set: over its bound it is held whole, until a person decides."""
import json

from lib import app_event, case, group_event, main, now_text, stays, wait_until

NAMES = [f"p{number:02d}" for number in range(12)]
ALL = [f"{name}@acme.com" for name in NAMES]
DELETE = {"Connect": {"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s", "MAX_REMOVALS": "5"}}


def provision(world, *names):
    world.accept(*(app_event(name) for name in names))
    world.wait_agents(*(f"{name}@acme.com" for name in names))
    wait_until(lambda: world.people("due") == 0, "nobody due")
    world.sandbox.post("calls/reset")


def leave(world, *names):
    world.accept(*(app_event(name, "remove", published=now_text(0.1)) for name in names))


def states(world):
    found = {}
    for row in world.users().values():
        found.setdefault(row["state"], set()).add(row["user"].split("@")[0])
    return found


def held(world):
    return {row["user"] for row in json.loads(world.command("held", "--json").stdout)["held"]}


@case("a set within the bound passes", **DELETE)
def within(world):
    world.start()
    provision(world, *NAMES)
    leave(world, *NAMES[:5])
    world.wait_agents(*ALL[5:])


@case("a set beyond the bound is held whole, an alert is sent once, and everything else goes on",
      **DELETE)
def beyond(world):
    world.set(Alert={"COMMAND": f"cat >> {world.folder}/alerts.json"})
    world.start()
    provision(world, *NAMES)
    leave(world, *NAMES[:6])
    wait_until(lambda: world.people("held") == 6, "six held")
    world.accept(app_event("new"))
    world.wait_agents(*ALL, "new@acme.com")
    assert world.sandbox.calls("DeleteUser") == 0
    assert held(world) == set(ALL[:6])
    assert "MAX_REMOVALS" in world.users()[ALL[0]]["reason"]
    wait_until((world.folder / "alerts.json").exists, "an alert")
    leave(world, NAMES[6])
    wait_until(lambda: world.people("held") == 7, "a seventh is held too: nothing passes until a person decides")
    alerts = [json.loads(line) for line in (world.folder / "alerts.json").read_text().splitlines()]
    assert [a["code"] for a in alerts] == ["removals"], alerts


@case("released: carried out; the rest rejected: kept; then the bound judges anew", **DELETE)
def decided(world):
    world.start()
    provision(world, *NAMES)
    leave(world, *NAMES[:7])
    wait_until(lambda: world.people("held") == 7, "seven held")
    assert world.command("release", "--no-wait", ALL[0]).returncode == 0
    world.wait_agents(*ALL[1:])
    assert world.people("held") == 6
    leave(world, NAMES[7])
    wait_until(lambda: world.people("held") == 7, "one more is held: not everything is decided")
    assert world.command("reject", "--all").returncode == 0
    wait_until(lambda: world.people("held") == 0, "nobody held")
    stays(lambda: set(world.sandbox.agents()) == set(ALL[1:]), "kept", 2)
    leave(world, *NAMES[8:10])
    world.wait_agents(*ALL[1:8], *ALL[10:])


@case("released --all without a daemon: carried out at the next start", **DELETE)
def released_without(world):
    world.start()
    provision(world, *NAMES)
    leave(world, *NAMES[:8])
    wait_until(lambda: world.people("held") == 8, "eight held")
    world.daemon.stop()
    assert world.command("release", "--no-wait", "--all").returncode == 0
    world.start()
    world.wait_agents(*ALL[8:])


@case("what passed within the hour counts", **DELETE)
def hour(world):
    world.start()
    provision(world, *NAMES)
    leave(world, *NAMES[:4])
    world.wait_agents(*ALL[4:])
    leave(world, *NAMES[4:6])
    wait_until(lambda: world.people("held") == 2, "two more are one too many")
    assert len(world.sandbox.agents()) == 8


@case("a percentage counts when it is smaller, and three always pass", Connect={
    "ON_REMOVE": "delete", "REMOVAL_GRACE": "0s", "MAX_REMOVALS": "20, 10%"})
def percentage(world):
    world.start()
    provision(world, *NAMES)
    leave(world, *NAMES[:3])
    world.wait_agents(*ALL[3:])
    leave(world, NAMES[3])
    wait_until(lambda: world.people("held") == 1, "the fourth is held")


@case("killed while a set waits: the bound holds after the restart as well", **DELETE)
def killed(world):
    world.start()
    provision(world, *NAMES)
    leave(world, *NAMES[:6])
    world.daemon.kill()
    world.start()
    wait_until(lambda: world.people("held") == 6, "six held")
    assert world.sandbox.calls("DeleteUser") == 0


@case("the old halves of renames count", Connect={"ON_RENAME": "replace", "MAX_REMOVALS": "3"})
def renames(world):
    world.start()
    provision(world, *NAMES)
    world.accept(*(app_event(name, app_user=f"{name}.new@acme.com", published=now_text(0.1)) for name in NAMES[:4]))
    world.wait_agents(*ALL, *(f"{name}.new@acme.com" for name in NAMES[:4]))
    wait_until(lambda: world.people("held") == 4, "the former agents are held")
    assert world.sandbox.calls("DeleteUser") == 0
    assert world.command("release", "--no-wait", "--all").returncode == 0
    world.wait_agents(*ALL[4:], *(f"{name}.new@acme.com" for name in NAMES[:4]))


@case("changes of profiles have a bound of their own, new people and other aspects do not wait", **{
    "OKTA": {"APP_NAME": None}, "Connect": {"MAX_CHANGES": "10"},
    "Mapping Moved": {"GROUP": "Moved", "ROUTING_PROFILE": "Support Routing Profile"}})
def changes(world):
    world.start()
    world.accept(*(group_event(name) for name in NAMES))
    world.wait_agents(*ALL)
    wait_until(lambda: world.people("due") == 0, "nobody due")
    world.accept(*(group_event(name, group="Moved") for name in NAMES[:11]))
    wait_until(lambda: world.people("held") == 11, "eleven held")
    world.accept(group_event("new"), group_event("p11", display="Another Name", published=now_text(0.1)))
    world.wait_agents(*ALL, "new@acme.com")
    wait_until(lambda: world.sandbox.agents()[ALL[11]]["IdentityInfo"]["LastName"] == "Name", "the name changed")
    assert world.sandbox.calls("UpdateUserRoutingProfile") == 0
    assert world.command("release", "--no-wait", "--all").returncode == 0
    wait_until(lambda: world.sandbox.calls("UpdateUserRoutingProfile", "ok") == 11, "carried out")
    assert states(world) == {"in_step": set(NAMES) | {"new"}}, states(world)


if __name__ == "__main__":
    main()
