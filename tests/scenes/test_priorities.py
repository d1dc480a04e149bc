"""When the throttle makes a queue: access that is taken away comes first, then new agents, then changes."""
from lib import GROUP, case, group_event, main, wait_until

PEOPLE = [f"p{n:02}" for n in range(24)]
SLOW = "UpdateUserSecurityProfiles"
RULES = {
    "OKTA": {"APP_NAME": None, "GROUP_NAME": None},
    "Connect": {"SECURITY_PROFILE_IDS": None, "ROUTING_PROFILE_ID": None, "RATE": f"500, {SLOW}:2, AssociateUserProficiencies:2",
                "BURST": f"100, {SLOW}:1, AssociateUserProficiencies:1", "ON_REMOVE": "disable", "REMOVAL_GRACE": "0s",
                "PARKED_SECURITY_PROFILE": "QualityAnalyst", "PARKED_ROUTING_PROFILE": "Idle Routing Profile", "MAX_CHANGES": "1000"},
    "Mapping Supervisors": {"GROUP": "Supervisors", "SECURITY_PROFILES": "CallCenterManager", "PROFICIENCIES": "Language:German=3"},
    "Mapping Agents": {"GROUP": GROUP, "SECURITY_PROFILES": "Agent", "ROUTING_PROFILE": "Basic Routing Profile"},
}


def order(world, operation):
    """Whom that operation was called for, in its order."""
    names = {agent["Id"]: name for name, agent in world.sandbox.agents().items()}
    return [names.get(call["user"], call["user"]).split("@")[0] for call in world.sandbox.log_of(operation)]


@case("in the queue for one operation a leaver overtakes those who change, and so does somebody new", **RULES)
def overtake(world):
    world.start()
    world.accept(*(group_event(name) for name in (*PEOPLE, "leaver")))
    wait_until(lambda: world.people("in_step") == len(PEOPLE) + 1, "all are there")
    world.sandbox.post("calls/reset")
    world.accept(*(group_event(name, group="Supervisors") for name in PEOPLE))
    wait_until(lambda: world.sandbox.calls(SLOW) > 1 and world.sandbox.calls("AssociateUserProficiencies") > 1, "the queues move")
    world.accept(group_event("leaver", "remove"), group_event("new"), group_event("new", group="Supervisors"))
    wait_until(lambda: world.people("due") == 0, "all is done")
    for operation, who in ((SLOW, "leaver"), ("AssociateUserProficiencies", "new")):
        queue = order(world, operation)
        assert len(queue) == len(PEOPLE) + 1, queue
        assert len(queue) - queue.index(who) > 3, f"{who} had to wait for their turn: {queue}"
    assert order(world, "CreateUser") == ["new"]


if __name__ == "__main__":
    main()
