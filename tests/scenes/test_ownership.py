"""An agent of the wanted name exists already: ours goes on, a stranger's is held, another deployment's is never touched."""
from lib import ROUTING_PROFILE, SECURITY_PROFILE, agent_tags, app_event, case, main, wait_until

ANN = "ann@acme.com"
CHANGED = ("SecurityProfileIds", "SecurityProfileNames", "LastModifiedTime")


def seeded(world, tags, **agent):
    world.start_sandbox(agents=[{"name": ANN, "first": "Old", "last": "Name", "security_profiles": ["Admin"],
                                 "routing_profile": "Support Routing Profile", "tags": tags} | agent])
    return world.sandbox.agents()[ANN]


def writes(world):
    """{operation: calls that changed something}"""
    return {op: call["ok"] for op, call in world.sandbox.get("calls").items()
            if call.get("ok") and not op.startswith(("Describe", "List", "Search", "Get"))}


def held(world, before, code="exists"):
    wait_until(lambda: world.people("held") == 1, "ann held")
    row = world.users()[ANN]
    assert row["state"] == "held" and row["reason"], row
    shown = world.command("show", ANN, "--json")
    assert code in shown.stdout, shown
    assert world.sandbox.agents() == {ANN: before}, "it is unchanged"
    assert world.sandbox.calls(what="ok") == 0


@case("ours goes on: the answer to an earlier call was lost")
def ours(world):
    before = seeded(world, {"roster:managed-by": "roster", "roster:okta-id": "00uann"}, first="Test", last="Ann",
                    security_profiles=[SECURITY_PROFILE], routing_profile=ROUTING_PROFILE)
    world.start()
    world.accept(app_event("ann"))
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    assert world.sandbox.agents() == {ANN: before}
    assert world.users()[ANN]["agent_id"] == before["Id"]
    assert world.sandbox.calls() == 1 and world.sandbox.calls("TagResource") == 0
    assert writes(world) == {}, "there was nothing to change"


@case("ours, with other profiles than the rules give, is changed in those alone")
def ours_differs(world):
    before = seeded(world, {"roster:managed-by": "roster", "roster:okta-id": "00uann"}, first="Test", last="Ann",
                    routing_profile=ROUTING_PROFILE)
    world.start()
    world.accept(app_event("ann"))
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    assert world.sandbox.agents()[ANN]["SecurityProfileIds"] == [SECURITY_PROFILE]
    assert {key: value for key, value in world.sandbox.agents()[ANN].items() if key not in CHANGED} == {
        key: value for key, value in before.items() if key not in CHANGED}
    assert writes(world) == {"UpdateUserSecurityProfiles": 1}


@case("ours is found although searches lag behind")
def lag(world):
    seeded(world, {"roster:managed-by": "roster", "roster:okta-id": "00uann"})
    world.sandbox.call("DELETE", f"agent/{ANN}")
    world.sandbox.post("delays", search_ms=2500)
    world.sandbox.post("agent", name=ANN, first="A", last="B",
                       tags={"roster:managed-by": "roster", "roster:okta-id": "00uann"})
    world.start()
    world.accept(app_event("ann"))
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    assert len(world.sandbox.agents()) == 1


@case("a stranger's is held until somebody adopts it")
def stranger(world):
    before = seeded(world, {"team": "blue"})
    world.start()
    world.accept(app_event("ann"))
    held(world, before)
    assert world.command("status", "--check").returncode == 1
    done = world.command("adopt", ANN)
    assert done.returncode == 0, done
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    agent = world.sandbox.agents()[ANN]
    assert agent["Id"] == before["Id"]
    assert agent_tags(agent) == {"team": "blue", "roster:managed-by": "roster", "roster:okta-id": "00uann"}, agent
    assert world.command("status", "--check").returncode == 0


@case("a stranger's is adopted when that is set", Connect={"ON_EXISTING": "adopt"})
def adopt(world):
    before = seeded(world, {})
    world.start()
    world.accept(app_event("ann"))
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    agent = world.sandbox.agents()[ANN]
    assert agent["Id"] == before["Id"] and agent_tags(agent)["roster:okta-id"] == "00uann"


@case("another deployment's is never touched, not even when asked to", Connect={"ON_EXISTING": "adopt"})
def other_deployment(world):
    before = seeded(world, {"roster:managed-by": "elsewhere", "roster:okta-id": "00uann"})
    world.start()
    world.accept(app_event("ann"))
    held(world, before)
    world.command("adopt", ANN)
    world.wait_settled()
    held(world, before)
    assert world.sandbox.calls("TagResource") == 0


@case("one that belongs to another Okta user is held", Connect={"ON_EXISTING": "adopt"})
def other_person(world):
    before = seeded(world, {"roster:managed-by": "roster", "roster:okta-id": "00usomebodyelse"})
    world.start()
    world.accept(app_event("ann"))
    held(world, before)


@case("two people with one user name: the first has it, both are held, and both are named")
def two_people(world):
    world.start()
    world.accept(app_event("ann", id="00ufirst"))
    world.wait_agents(ANN)
    before = world.sandbox.agents()[ANN]
    world.accept(app_event("ann2", id="00usecond", app_user=ANN))
    wait_until(lambda: world.people("held") == 2, "both held")
    for row in world.users().values():
        assert row["state"] == "held" and "00ufirst" in row["reason"] and "00usecond" in row["reason"], row
    assert world.sandbox.agents() == {ANN: before}
    world.accept(app_event("ann2", id="00usecond", app_user="ann2@acme.com"))
    world.wait_agents(ANN, "ann2@acme.com")
    wait_until(lambda: world.people("in_step") == 2, "each has a name of their own")


@case("two people with one user name: whoever was held has it as soon as an operator's retry finds that the other's agent is gone")
def freed_by_retry(world):
    world.start()
    world.accept(app_event("ann"))
    world.wait_agents(ANN)
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    world.accept(app_event("ann", app_user="ann.lee@acme.com"))
    wait_until(lambda: world.people("held") == 1, "ann held for the name that she had")
    world.accept(app_event("ann.2", app_user=ANN))
    wait_until(lambda: world.people("held") == 2, "her successor held")
    assert "two_claim" in world.command("show", "00uann2", "--json").stdout
    world.sandbox.call("DELETE", f"agent/{ANN}")
    assert world.command("retry", "00uann").returncode == 0
    wait_until(lambda: agent_tags(world.sandbox.agents().get(ANN, {})).get("roster:okta-id") == "00uann2", "the successor's agent")


@case("a new agent bears both tags", Roster={"NAME": "emea"})
def tags(world):
    world.start()
    world.accept(app_event("ann"))
    world.wait_agents(ANN)
    assert agent_tags(world.sandbox.agents()[ANN]) == {"roster:managed-by": "emea", "roster:okta-id": "00uann"}


if __name__ == "__main__":
    main()
