"""The daemon compares the whole of Okta with the whole of Amazon Connect by itself, and mends what differs, under the same bounds."""
from lib import GROUP, ROUTING_PROFILE, app_event, case, main, stays, wait_until
from org import add_hook, alerts_to, login, note, okta, open_org, person, seed
from plans import NOW, agents, grow, writes

OFTEN = {"RECONCILE_EVERY": "2s"}


def begin(world, *names, **connect):
    """A daemon without a hook that hardly looks at the log: what it learns, it learns by reconciling."""
    open_org(world, seed(in_group=names), CATCH_UP_EVERY="1h")
    world.set(Connect=OFTEN | connect)
    world.start()
    world.wait_agents(*(login(name) for name in names))
    world.wait_settled()
    rounds(world, 1)
    world.sandbox.post("calls/reset")


def number(world):
    return (note(world, "reconcile") or {"n": 0})["n"]


def rounds(world, more):
    """Until so many more rounds have begun and ended."""
    until = number(world) + more + 1
    wait_until(lambda: number(world) >= until, f"round {until}")


def other_routing(world):
    return next(row for row in world.sandbox.get("profiles")["routing_profiles"] if row["Id"] != ROUTING_PROFILE)


@case("without drift no call changes anything; the round is noted")
def nothing(world):
    begin(world, "ann", "ben")
    rounds(world, 2)
    assert writes(world) == {}
    assert note(world, "reconcile")["agents"] == 2 and note(world, "reconcile")["handed_over"] == 0
    assert world.sandbox.calls("DescribeUser") == 0


@case("what somebody changed in Amazon Connect is mended, with the round as its cause")
def drift(world):
    begin(world, "ann", "ben")
    world.sandbox.post("agent/change", name=login("ann"), routing_profile=other_routing(world)["Name"])
    wait_until(lambda: world.sandbox.agents()[login("ann")]["RoutingProfileId"] == ROUTING_PROFILE, "mended")
    world.wait_settled()
    assert writes(world) == {"UpdateUserRoutingProfile": 1}
    assert "reconcile " in world.command("show", login("ann")).stdout


@case("an agent that was deleted by hand is made again")
def deleted(world):
    begin(world, "ann", "ben")
    world.sandbox.call("DELETE", "agent/" + login("ann"))
    world.wait_agents(login("ann"), login("ben"))


@case("who came, changed and left in Okta without an event is found", **NOW)
def missed(world):
    begin(world, *grow(world, 12), **NOW["Connect"])
    okta(world, "user", **person("new", groups=[GROUP]))
    okta(world, "profile", user=login("p000"), profile={"lastName": "Changed"})
    okta(world, "member/remove", group=GROUP, user=login("p001"))
    wait_until(lambda: "new" in agents(world) and "p001" not in agents(world), "came and left")
    wait_until(lambda: world.sandbox.agents()[login("p000")]["IdentityInfo"]["LastName"] == "Changed", "changed")
    world.wait_settled()
    assert writes(world) == {"CreateUser": 1, "UpdateUserIdentityInfo": 1, "DeleteUser": 1}, writes(world)


@case("more removals than the bound lets pass are held, as everywhere", **NOW)
def bound(world):
    begin(world, *grow(world, 60), **NOW["Connect"], MAX_REMOVALS="4")
    for name in grow(world, 60)[:5]:
        okta(world, "member/remove", group=GROUP, user=login(name))
    wait_until(lambda: world.people("held") == 5, "held")
    stays(lambda: len(world.sandbox.agents()) == 60, "nobody is removed", 2)


@case("a source that has lost many of its people removes nobody, and alerts", **NOW)
def shrunken(world):
    alerts = alerts_to(world)
    begin(world, *grow(world, 40), **NOW["Connect"], MAX_REMOVALS="50%")
    for name in grow(world, 40)[:12]:
        okta(world, "member/remove", group=GROUP, user=login(name))
    wait_until(lambda: [one for one in alerts() if one["code"] == "source_health"], "an alert")
    rounds(world, 2)
    assert len(world.sandbox.agents()) == 40


@case("a listing that fails in the middle removes nobody; what is new comes all the same", **NOW)
def failing(world):
    begin(world, *grow(world, 6), **NOW["Connect"])
    world.sandbox.post("okta/faults", operation="listGroupUsers", rate=1.0, kinds=["unavailable_html"])
    rounds(world, 1)
    assert len(world.sandbox.agents()) == 6
    world.sandbox.post("okta/faults", operation="listGroupUsers", rate=1.0, kinds=[])
    okta(world, "user", **person("new", groups=[GROUP]))
    wait_until(lambda: "new" in agents(world), "the new one")


@case("an agent of a stranger's that is in the way is held, and told")
def stranger(world):
    begin(world, "ann")
    world.sandbox.post("agent", name=login("ben"))
    okta(world, "user", **person("ben", groups=[GROUP]))
    wait_until(lambda: world.people("held") == 1, "held")
    assert writes(world).get("TagResource", 0) == 0


@case("without Okta's API, what was changed in Amazon Connect is mended as well", Connect=OFTEN)
def by_events(world):
    world.start()
    world.accept(app_event("ann"))
    world.wait_agents(login("ann"))
    world.wait_settled()
    world.sandbox.post("agent/change", name=login("ann"), routing_profile=other_routing(world)["Name"])
    wait_until(lambda: world.sandbox.agents()[login("ann")]["RoutingProfileId"] == ROUTING_PROFILE, "mended")


@case("live events come before what a round has found", Connect={"RATE": "4", "BURST": "1", "RECONCILE_EVERY": "2s"})
def live_first(world):
    open_org(world, seed(in_group=[]), CATCH_UP_EVERY="1h")
    world.start()
    add_hook(world)
    rounds(world, 1)
    okta(world, "users", users=[person(name, groups=[GROUP]) for name in grow(world, 40)], quiet=True)
    wait_until(lambda: len(world.sandbox.agents()) >= 3, "the first ones")
    okta(world, "user", **person("live", groups=[GROUP]))
    wait_until(lambda: "live" in agents(world), "the live one")
    assert len(world.sandbox.agents()) <= 32, len(world.sandbox.agents())


@case("a daemon that is stopped in the middle of a round ends well, and the next one goes on")
def stopped(world):
    begin(world, *grow(world, 30))
    for _ in range(4):
        world.sandbox.post("agent/change", name=login("p003"), routing_profile=other_routing(world)["Name"])
        wait_until(lambda: world.daemon.said("reconciling"), "a round")
        assert world.daemon.stop() == 0
        world.start()
    wait_until(lambda: world.sandbox.agents()[login("p003")]["RoutingProfileId"] == ROUTING_PROFILE, "mended")


main()
