"""Who changes is changed, in exactly the aspects that differ."""
import json

from lib import GROUP, INSTANCE, app_event, case, group_event, main, now_text, stays, wait_until

ANN = "ann@acme.com"
READS = ("Describe", "List", "Search", "Get")
RULES = {
    "OKTA": {"APP_NAME": None, "GROUP_NAME": None},
    "Connect": {"SECURITY_PROFILE_IDS": None, "ROUTING_PROFILE_ID": None},
    "Mapping Supervisors": {"GROUP": "Supervisors", "SECURITY_PROFILES": "CallCenterManager", "ROUTING_PROFILE": "Support Routing Profile",
                            "HIERARCHY_GROUP": "Europe/Support", "TAGS": "team=support", "PROFICIENCIES": "Language:German=3"},
    "Mapping Agents": {"GROUP": GROUP, "SECURITY_PROFILES": "Agent", "ROUTING_PROFILE": "Basic Routing Profile"},
}


def writes(world):
    """{operation: calls that changed something}"""
    return {op: call["ok"] for op, call in world.sandbox.get("calls").items() if call.get("ok") and not op.startswith(READS)}


def begin(world):
    """From here on the calls are counted."""
    wait_until(lambda: world.people("due") == 0, "nobody due")
    world.sandbox.post("calls/reset")


def names_of(agent):
    return sorted(agent["SecurityProfileNames"]), agent["RoutingProfileName"]


@case("a new person is one call, with all that the rules give", **RULES)
def joiner(world):
    world.start()
    world.accept(group_event("ann"))
    world.wait_agents(ANN)
    begin(world)
    agent = world.sandbox.agents()[ANN]
    assert names_of(agent) == (["Agent"], "Basic Routing Profile"), agent
    world.accept(group_event("bob", group="Supervisors"), group_event("bob"))
    world.wait_agents(ANN, "bob@acme.com")
    wait_until(lambda: world.people("due") == 0, "nobody due")
    assert writes(world) == {"CreateUser": 1, "AssociateUserProficiencies": 1}, writes(world)
    agent = world.sandbox.agents()["bob@acme.com"]
    assert names_of(agent) == (["Agent", "CallCenterManager"], "Support Routing Profile"), agent
    assert agent["Tags"] == {"roster:managed-by": "roster", "roster:okta-id": "00ubob", "team": "support"}, agent


@case("somebody who moves gets exactly the updates whose aspect differs; the way back as well", **RULES)
def mover(world):
    world.start()
    world.accept(group_event("ann"))
    world.wait_agents(ANN)
    begin(world)
    world.accept(group_event("ann", group="Supervisors"))
    wait_until(lambda: len(writes(world)) == 5 and world.people("due") == 0, "ann moved")
    assert writes(world) == {"UpdateUserSecurityProfiles": 1, "UpdateUserRoutingProfile": 1, "UpdateUserHierarchy": 1,
                             "TagResource": 1, "AssociateUserProficiencies": 1}, writes(world)
    agent = world.sandbox.agents()[ANN]
    assert names_of(agent) == (["Agent", "CallCenterManager"], "Support Routing Profile"), agent
    assert agent["HierarchyGroupId"] == "11111111-aaaa-4bbb-8ccc-000000000002", agent
    begin(world)
    world.accept(group_event("ann", group="Supervisors", action="remove"))
    wait_until(lambda: len(writes(world)) == 5 and world.people("due") == 0, "ann moved back")
    assert writes(world) == {"UpdateUserSecurityProfiles": 1, "UpdateUserRoutingProfile": 1, "UpdateUserHierarchy": 1,
                             "UntagResource": 1, "DisassociateUserProficiencies": 1}, writes(world)
    agent = world.sandbox.agents()[ANN]
    assert names_of(agent) == (["Agent"], "Basic Routing Profile"), agent
    assert not agent.get("HierarchyGroupId") and "team" not in agent["Tags"], agent
    steps = world.command("show", ANN, "--json").stdout
    assert "UpdateUserHierarchy" in steps and "event " in steps


@case("an event that changes nothing costs no call", **RULES)
def unchanged(world):
    world.start()
    world.accept(group_event("ann"))
    world.wait_agents(ANN)
    begin(world)
    world.accept(group_event("ann"), app_event("ann"))
    stays(lambda: world.sandbox.calls("DescribeUser") == 0 and not writes(world), "no call", 2)


@case("a name that changes in Okta changes the agent's name, in one call", **RULES)
def renamed_person(world):
    world.start()
    world.accept(group_event("ann", display="Ann Before"))
    world.wait_agents(ANN)
    begin(world)
    world.accept(group_event("ann", display="Ann After"))
    wait_until(lambda: world.sandbox.agents()[ANN]["IdentityInfo"]["LastName"] == "After", "the new name")
    wait_until(lambda: world.people("due") == 0, "nobody due")
    assert writes(world) == {"UpdateUserIdentityInfo": 1}, writes(world)


@case("moved twice before it was seen to: one set of calls", **RULES)
def twice(world):
    world.start()
    world.accept(group_event("ann"))
    world.wait_agents(ANN)
    begin(world)
    world.accept(group_event("ann", group="Supervisors", display="Ann One", published=now_text()),
                 group_event("ann", group="Supervisors", action="remove", display="Ann Two", published=now_text(0.1)))
    wait_until(lambda: world.sandbox.agents()[ANN]["IdentityInfo"]["LastName"] == "Two", "the newest name")
    wait_until(lambda: world.people("due") == 0, "nobody due")
    assert writes(world) == {"UpdateUserIdentityInfo": 1}, writes(world)


@case("a changed rule changes those whom it concerns, at the next start", **RULES)
def changed_rule(world):
    world.start()
    world.accept(group_event("ann"), group_event("bob", group="Supervisors"))
    world.wait_agents(ANN, "bob@acme.com")
    begin(world)
    world.daemon.stop()
    world.set(**{"Mapping Agents": {"ROUTING_PROFILE": "Idle Routing Profile"}})
    world.start()
    wait_until(lambda: names_of(world.sandbox.agents()[ANN])[1] == "Idle Routing Profile", "ann's new profile")
    wait_until(lambda: world.people("due") == 0, "nobody due")
    assert writes(world) == {"UpdateUserRoutingProfile": 1}, writes(world)


@case("an update that fails in passing is repeated, and another operation's pause does not hold it up", **RULES)
def repeated(world):
    world.start()
    world.accept(group_event("ann"))
    world.wait_agents(ANN)
    begin(world)
    world.sandbox.fail(["internal", "cut_after", "throttle"], "UpdateUserRoutingProfile", count=3)
    world.sandbox.fail(["access_denied"], "UpdateUserHierarchy")
    world.accept(group_event("ann", group="Supervisors", display="Ann Mover"))
    wait_until(lambda: names_of(world.sandbox.agents()[ANN]) == (["Agent", "CallCenterManager"], "Support Routing Profile"),
               "the profiles")
    wait_until(lambda: world.sandbox.agents()[ANN]["Tags"].get("team") == "support" and
               world.sandbox.agents()[ANN]["IdentityInfo"]["LastName"] == "Mover", "all that is not paused")
    assert [p["operation"] for p in world.status()["paused"]] == ["UpdateUserHierarchy"]
    assert world.people("failed") == 0


@case("a name that the instance does not have fails those who need it, with the closest one, until it is there",
      **(RULES | {"Mapping Supervisors": {"GROUP": "Supervisors", "SECURITY_PROFILES": "Agnt"}}))
def unknown_name(world):
    world.start()
    world.accept(group_event("ann"), group_event("bob", group="Supervisors"), group_event("bob"))
    world.wait_agents(ANN)
    wait_until(lambda: world.people("failed") == 1, "bob failed")
    row = world.users()["bob@acme.com"]
    assert "Agnt" in row["reason"] and "did you mean 'Agent'" in row["reason"], row
    assert any("did you mean 'Agent'" in line["problem"] for line in world.daemon.said("a name in the configuration"))
    world.sandbox.post("profile", kind="security_profiles", name="Agnt")
    world.daemon.stop()
    world.start()
    world.wait_agents(ANN, "bob@acme.com")


@case("a renamed profile is told, not obeyed; its name given to another one as well", **RULES)
def pinned(world):
    world.start()
    world.accept(group_event("ann"))
    world.wait_agents(ANN)
    begin(world)
    world.daemon.stop()
    world.sandbox.post("profile", kind="security_profiles", id="12345678-1234-2345-abd8-0aa7f5b46852", name="Agent (old)")
    world.sandbox.post("profile", kind="security_profiles", name="Agent")
    world.start()
    wait_until(lambda: [line for line in world.daemon.said("a name in the configuration") if line["code"] == "renamed_name"], "told")
    world.accept(group_event("bob"))
    world.wait_agents(ANN, "bob@acme.com")
    assert names_of(world.sandbox.agents()["bob@acme.com"])[0] == ["Agent (old)"]
    assert "UpdateUserSecurityProfiles" not in writes(world)


def names(world):
    done = world.command("names", "--json")
    assert done.returncode == 0, done
    return {(row["kind"], row["name"]): row for row in map(json.loads, done.stdout.splitlines())}


@case("a name that was given to another profile on purpose: 'names forget', and the new one counts", **RULES)
def forgotten(world):
    world.start()
    world.accept(group_event("ann"))
    world.wait_agents(ANN)
    begin(world)
    old = names(world)["security profile", "Agent"]["id"]
    world.sandbox.post("profile", kind="security_profiles", id=old, name="Agent (old)")
    world.sandbox.post("profile", kind="security_profiles", name="Agent")
    new = next(one["Id"] for one in world.sandbox.get("profiles")["security_profiles"] if one["Name"] == "Agent")
    done = world.command("names", "forget", "Agent")
    assert done.returncode == 0 and old in done.stdout, done
    wait_until(lambda: world.sandbox.agents()[ANN]["SecurityProfileIds"] == [new], "ann has the new one, without a restart")
    assert writes(world) == {"UpdateUserSecurityProfiles": 1}, writes(world)
    wait_until(lambda: names(world).get(("security profile", "Agent"), {}).get("id") == new, "the new one is pinned")
    assert "forget the security profile 'Agent'" in world.command("audit", "export").stdout
    assert "Basic Routing Profile" in world.command("names").stdout


@case("without a daemon a name is forgotten, too; mistakes are said", **RULES)
def forgotten_without_daemon(world):
    world.start()
    world.accept(group_event("ann"), group_event("bob", group="Supervisors"), group_event("bob"))
    world.wait_agents(ANN, "bob@acme.com")
    begin(world)
    world.daemon.stop()
    old = names(world)["routing profile", "Basic Routing Profile"]["id"]
    world.sandbox.post("profile", kind="routing_profiles", id=old, name="Former")
    world.sandbox.post("profile", kind="routing_profiles", name="Basic Routing Profile")
    assert world.command("names", "forget", "Basic Routing Profile", "--kind", "routing-profile").returncode == 0
    for words, code in (("forget",), 64), (("forget", "Nobody's"), 1), (("forget", "Agent", "--kind", "team"), 64), (("drop", "Agent"), 64), \
            (("forget", "Agent", "--kind", "group"), 1):
        done = world.command("names", *words)
        assert done.returncode == code and done.stderr, (words, done)
    world.start()
    wait_until(lambda: world.sandbox.agents()[ANN]["RoutingProfileId"] != old, "ann has the new one")
    assert world.sandbox.agents()[ANN]["RoutingProfileName"] == "Basic Routing Profile"


@case("an adopted agent is changed in what the rules speak of; what they say nothing of stays",
      **(RULES | {"Connect": RULES["Connect"] | {"ON_EXISTING": "adopt"}}))
def adopted(world):
    world.start_sandbox(agents=[{"name": ANN, "first": "Test", "last": "Ann", "security_profiles": ["CallCenterManager"],
                                 "routing_profile": "Basic Routing Profile", "hierarchy_group": "America", "tags": {"cost": "42"}}])
    world.start()
    world.accept(group_event("ann"))
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    assert writes(world) == {"TagResource": 1, "UpdateUserSecurityProfiles": 1}, writes(world)
    agent = world.sandbox.agents()[ANN]
    assert names_of(agent) == (["Agent"], "Basic Routing Profile"), agent
    assert agent["HierarchyGroupId"] == "11111111-aaaa-4bbb-8ccc-000000000004" and agent["Tags"]["cost"] == "42", agent


@case("an instance that keeps passwords gets one, which nobody sees; SAML gets none", **RULES)
def passwords(world):
    world.start_sandbox(instance={"id": INSTANCE, "identity": "CONNECT_MANAGED"})
    world.start()
    world.accept(group_event("ann", display="Ann Lee"))
    world.wait_agents(ANN)
    assert not world.sandbox.calls("CreateUser", "failed"), "the sandbox refuses one without a password"
    world.daemon.stop()
    world.sandbox.post("calls/reset")
    world.start()
    world.accept(group_event("bob", display="Bob Lee"))
    world.wait_agents(ANN, "bob@acme.com")
    assert world.sandbox.calls("DescribeInstance") == 0, "the identity type is read once"


@case("per channel: one call in the new form", **(RULES | {"Mapping Supervisors": {
    "GROUP": "Supervisors", "AUTO_ACCEPT": "VOICE:yes, CHAT:no", "AFTER_CONTACT_WORK": "VOICE:30s, CHAT:10s"}}))
def per_channel(world):
    world.start()
    world.accept(group_event("ann"))
    world.wait_agents(ANN)
    begin(world)
    world.accept(group_event("ann", group="Supervisors"))
    wait_until(lambda: writes(world) and world.people("due") == 0, "ann changed")
    assert writes(world) == {"UpdateUserConfig": 1}, writes(world)


if __name__ == "__main__":
    main()
