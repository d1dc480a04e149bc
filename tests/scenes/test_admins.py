"""The last administrator: whatever Okta says, one agent with the security profile Admin stays."""
from lib import GROUP, app_event, case, main, wait_until
from org import okta, open_org, person, seed
from plans import NOW, agents, apply, leave

DELETE = {"Connect": {"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s"}}
ANN, BEN, CYD = (f"{name}@acme.com" for name in ("ann", "ben", "cyd"))


def begin(world, *names):
    world.start()
    world.accept(*(app_event(name) for name in names))
    world.wait_agents(*(f"{name}@acme.com" for name in names))
    wait_until(lambda: world.people("due") == 0, "nobody due")


def promote(world, *names):
    """By hand, in Amazon Connect: Roster's ledger does not know."""
    for name in names:
        world.sandbox.post("agent/change", name=name, security_profiles=["Agent", "Admin"])


def states(world):
    return {row["user"]: row["state"] for row in world.users().values()}


@case("of two who leave one stays, is told, and goes when somebody else is one", **DELETE)
def by_events(world):
    begin(world, "ann", "ben", "cyd")
    promote(world, ANN, BEN)
    world.accept(app_event("ann", "remove"), app_event("ben", "remove"))
    wait_until(lambda: world.people("removed") == 1 and world.people("held") == 1, "one goes, one is held")
    kept = next(user for user, state in states(world).items() if state == "held")
    assert set(world.sandbox.agents()) == {kept, CYD} and "Admin" in world.sandbox.agents()[kept]["SecurityProfileNames"]
    assert "last_administrator" in world.command("show", "--json", kept).stdout
    assert world.command("release", "--no-wait", kept).returncode == 1  # no bound holds them
    world.command("retry", "--no-wait", kept)
    wait_until(lambda: world.people("due") == 0, "they were looked at again")
    assert set(world.sandbox.agents()) == {kept, CYD}
    promote(world, CYD)

    def is_gone():  # one retry after the other: each begins anew
        world.command("retry", "--no-wait", kept)
        wait_until(lambda: world.people("due") == 0, "they were looked at again")
        return set(world.sandbox.agents()) == {CYD}
    wait_until(is_gone, "they go", 90)


@case("without the right to read the profiles' names nobody is held, and the log says so", **DELETE)
def blind(world):
    begin(world, "ann")
    promote(world, ANN)
    world.sandbox.fail(["access_denied"], "ListSecurityProfiles")
    world.accept(app_event("ann", "remove"))
    wait_until(lambda: not world.sandbox.agents(), "ann goes")
    assert world.daemon.said("last administrator") and not world.status()["paused"]


@case("who is an administrator is asked once for many who leave", **DELETE)
def cost(world):
    names = [f"p{number}" for number in range(12)]
    begin(world, *names, "ann")
    world.sandbox.post("calls/reset")
    world.accept(*(app_event(name, "remove") for name in names[:3]))
    world.wait_agents(*(f"{name}@acme.com" for name in names[3:]), ANN)
    counts = world.sandbox.get("calls")
    assert counts["DeleteUser"]["ok"] == 3 and counts["SearchUsers"]["ok"] == 1, counts
    assert counts["ListSecurityProfiles"]["ok"] == 1 and counts["GetCurrentUserData"]["ok"] == 3, counts


@case("a change of profiles does not take the last one's, nor does 'provision'", **NOW)
def by_rules(world):
    people = [person(name, profile={"title": "admin"}) for name in ("ann", "ben")]
    open_org(world, seed(people, in_group=["ann", "ben", "cyd"]))
    world.set(**{"Mapping Admins": {"GROUP": GROUP, "USER.title": "admin", "SECURITY_PROFILES": "Admin"}})
    apply(world)
    assert world.sandbox.agents()[ANN]["SecurityProfileNames"] == ["Admin", "Agent"]
    okta(world, "profile", user=ANN, profile={"title": "agent"})
    done = world.command("provision", ANN)
    assert done.returncode == 0 and world.sandbox.agents()[ANN]["SecurityProfileNames"] == ["Agent"], done
    okta(world, "profile", user=BEN, profile={"title": "agent"})
    done = world.command("provision", BEN)
    assert done.returncode == 1 and "nobody else has the security profile Admin" in done.stdout, done
    leave(world, "ben")
    world.command("provision", BEN)
    assert world.sandbox.agents()[BEN]["SecurityProfileNames"] == ["Admin", "Agent"]
    leave(world, "ann")  # no administrator any more
    assert world.command("provision", ANN).returncode == 0 and agents(world) == {"ben", "cyd"}


main()
