"""roster plan: what would be done is shown, all of it, and nothing is done."""
import json

from lib import APP, GROUP, ROUTING_PROFILE, case, main
from org import APP_ID, GROUP_ID, login, okta, okta_calls, open_org, person, seed, user_id
from plans import NOW, agents, apply, begin, change, fields, grow, guards, leave, plan, summary, writes


@case("without a store everybody in scope is to be created, and nothing is written")
def no_store(world):
    begin(world, "ann", "ben")
    found = plan(world, "--detailed-exitcode", code=2)
    assert summary(found) == {"create": 2} and found["calls"] == 2 and found["guards"] == [], found
    row = change(found, login("ann"))
    assert row["okta_id"] == user_id("ann") and row["agent_id"] is None and row["action"] == "create", row
    assert row["because"] == f"group {GROUP}" and row["steps"] == ["CreateUser"], row
    assert fields(row)["user_name"] == (None, login("ann")) and fields(row)["security_profiles"] == (None, "Agent"), row
    assert not world.state.exists() and agents(world) == set() and writes(world) == {}
    text = world.command("plan")
    assert text.returncode == 0 and "2 to create" in text.stdout and "There is no store yet" in text.stdout, text


@case("what is in step is no drift; the exit code tells, when it is asked for")
def in_step(world):
    begin(world, "ann", "ben")
    apply(world)
    found = plan(world, "--detailed-exitcode")
    assert summary(found) == {"unchanged": 2} and found["changes"] == [] and found["calls"] == 0 and found["seconds"] == 0, found
    okta(world, "profile", user=login("ann"), profile={"lastName": "Changed"})
    assert plan(world)["summary"]["update"] == 1
    assert plan(world, "--detailed-exitcode", code=2)["summary"]["update"] == 1


@case("each field that differs is told, by its name, from what to what, and whose doing it is")
def drift(world):
    begin(world, "ann", "ben", "cyd")
    apply(world)
    ids = {name: agent["Id"] for name, agent in world.sandbox.agents().items()}
    okta(world, "profile", user=login("ann"), profile={"lastName": "Changed"})
    world.sandbox.post("agent/change", name=login("ben"), routing_profile=other_routing(world)["Name"])
    found = plan(world)
    assert summary(found) == {"update": 2, "unchanged": 1}, found
    assert fields(change(found, login("ann"))) == {"last_name": ("Test", "Changed")}
    assert change(found, login("ann"))["because"].startswith("Okta says")
    assert change(found, login("ann"))["steps"] == ["UpdateUserIdentityInfo"]
    row = change(found, login("ben"))
    assert "in Amazon Connect" in row["because"] and row["agent_id"] == ids[login("ben")], row
    assert fields(row)["routing_profile"][0] == other_routing(world)["Name"] and row["steps"] == ["UpdateUserRoutingProfile"], row
    apply(world)
    assert world.sandbox.agents()[login("ben")]["RoutingProfileId"] == ROUTING_PROFILE


def other_routing(world):
    return next(row for row in world.sandbox.get("profiles")["routing_profiles"] if row["Id"] != ROUTING_PROFILE)


@case("who left is to be deleted, and Okta is asked once more for them alone", **NOW)
def leavers(world):
    begin(world, "ann", "ben")
    apply(world)
    leave(world, "ben")
    found = plan(world)
    assert summary(found) == {"delete": 1, "unchanged": 1}, found
    row = change(found, login("ben"))
    assert row["steps"] == ["GetCurrentUserData", "DeleteUser", "DeleteQuickConnect"] and GROUP in row["because"], row
    assert okta_calls(world, "getUser") == 1
    okta(world, "status", user=login("ben"), do="deactivate")
    assert change(plan(world), login("ben"))["because"] == "deactivated in Okta"


@case("REMOVAL_GRACE is told: not now, and no call is counted", Connect={"ON_REMOVE": "delete", "REMOVAL_GRACE": "24h"})
def grace(world):
    begin(world, "ann", "ben")
    apply(world)
    leave(world, "ben")
    found = plan(world)
    row = change(found, login("ben"))
    assert row["action"] == "delete" and row["steps"] == [] and row["not_before"] > "2026", row
    assert found["calls"] == 0
    done = apply(world)
    assert "1 wait" in done.stdout and agents(world) == {"ann", "ben"}, done.stdout


@case("by ON_REMOVE keep who left is left as they are, and it is said", Connect={"ON_REMOVE": "keep"})
def keep(world):
    begin(world, "ann", "ben")
    apply(world)
    leave(world, "ben")
    assert summary(plan(world)) == {"unchanged": 2}
    assert "no longer in scope; the agent is kept" in world.command("plan").stdout


@case("agents of nobody's are listed as unmanaged, and never touched; one that is in the way is held", **NOW)
def unmanaged(world):
    begin(world, "ann", "ben")
    world.sandbox.post("agent", name="stranger", tags={"team": "x"})
    world.sandbox.post("agent", name="imported", tags={"roster:managed-by": "import"})
    world.sandbox.post("agent", name="theirs", tags={"roster:managed-by": "elsewhere", "roster:okta-id": "00u1"})
    world.sandbox.post("agent", name=login("ben"))
    found = plan(world)
    assert summary(found) == {"create": 1, "held": 1, "unmanaged": 3}, found
    assert "import" in change(found, "imported")["because"] and "elsewhere" in change(found, "theirs")["because"]
    row = change(found, login("ben"))
    assert row["action"] == "held" and row["steps"] == [] and "roster adopt" in row["because"], row
    apply(world)
    assert writes(world) == {"CreateUser": 1}
    world.set(Connect={"ON_EXISTING": "adopt"})
    found = plan(world)
    assert summary(found) == {"adopt": 1, "unchanged": 1, "unmanaged": 3}, found
    assert change(found, login("ben"))["steps"][:3] == ["SearchUsers", "TagResource", "DescribeUser"]
    apply(world)
    assert summary(plan(world)) == {"unchanged": 2, "unmanaged": 3}


@case("an imported agent is adopted when Okta claims its user name")
def imported(world):
    begin(world, "ann")
    world.sandbox.post("agent", name=login("ann"), tags={"roster:managed-by": "import"})
    assert summary(plan(world)) == {"adopt": 1}
    apply(world)
    assert summary(plan(world)) == {"unchanged": 1} and writes(world).get("CreateUser", 0) == 0


@case("an agent that somebody deleted is made again, at once when both say that it is gone")
def gone(world):
    begin(world, "ann", "ben")
    apply(world)
    world.sandbox.call("DELETE", "agent/" + login("ann"))
    found = plan(world)
    assert summary(found) == {"create": 1, "unchanged": 1}, found
    assert "deleted the agent" in change(found, login("ann"))["because"], found
    apply(world)
    assert agents(world) == {"ann", "ben"}


@case("two who claim one user name are both held")
def rivals(world):
    people = [person("ann"), person("ben")]
    open_org(world, seed(people, in_group=[]) | {"apps": [{"label": APP, "id": APP_ID, "users": [
        {"user": login("ann"), "user_name": "same"}, {"user": login("ben"), "user_name": "same"}]}]})
    found = plan(world)
    assert summary(found) == {"held": 2}, found
    assert all("two claim" in row["because"] for row in found["changes"])
    apply(world)
    assert agents(world) == set()


@case("what listings hide is compared with what was applied; --deep reads it", Connect={"RATE": "500", "BURST": "100"})
def hidden(world):
    begin(world, "ann")
    apply(world)
    world.sandbox.post("calls/reset")
    assert summary(plan(world)) == {"unchanged": 1} and world.sandbox.calls("DescribeUser") == 0
    assert summary(plan(world, "--deep")) == {"unchanged": 1} and world.sandbox.calls("DescribeUser") == 1


@case("one user alone: by login, Okta id or user name; who is not known is an error")
def one(world):
    begin(world, "ann", "ben")
    for word in (login("ann"), user_id("ann")):
        found = plan(world, "--user", word)
        assert summary(found) == {"create": 1} and change(found, login("ann")), found
    assert okta_calls(world, "listGroupUsers") == 0
    apply(world)
    okta(world, "profile", user=login("ben"), profile={"lastName": "Changed"})
    assert summary(plan(world, "--user", login("ben"))) == {"update": 1}
    done = world.command("plan", "--user", "nobody@acme.com")
    assert done.returncode == 1 and "nobody is known as 'nobody@acme.com'" in done.stderr, done


@case("more removals than the bound lets pass are held whole, and told", **{"Connect": NOW["Connect"] | {"MAX_REMOVALS": "4"}})
def removals(world):
    names = grow(world, 60)
    begin(world, *names)
    apply(world)
    leave(world, *names[:5])
    found = plan(world)
    assert summary(found) == {"held": 5, "unchanged": 55} and guards(found) == {"removals"}, found
    apply(world, code=3)
    assert len(agents(world)) == 60
    okta(world, "member", group=GROUP, user=login(names[0]))
    found = plan(world)
    assert summary(found) == {"delete": 4, "unchanged": 56} and guards(found) == set(), found
    apply(world)
    assert len(agents(world)) == 56


@case("more changes of profiles than the bound lets pass are held", Connect={"MAX_CHANGES": "10", "MAX_REMOVALS": "100"})
def changes(world):
    names = grow(world, 12)
    begin(world, *names)
    apply(world)
    other = next(row["Id"] for row in world.sandbox.get("profiles")["routing_profiles"] if row["Id"] != "87654321-69fb-43b6-a5e6-f8666ac189cb")
    world.set(Connect={"ROUTING_PROFILE_ID": other})
    found = plan(world)
    assert summary(found) == {"held": 12} and guards(found) == {"changes"}, found
    apply(world, code=3)
    assert writes(world) == {"CreateUser": 12}


@case("a group that has lost 30 % of its people removes nobody, and says so", **{"Connect": NOW["Connect"] | {"MAX_REMOVALS": "50%"}})
def shrunken(world):
    names = grow(world, 40)
    begin(world, *names)
    apply(world)
    leave(world, *names[:12])
    found = plan(world)
    assert summary(found) == {"unchanged": 40} and guards(found) == {"source_health"}, found
    assert "28" in found["guards"][0]["message"] and "40" in found["guards"][0]["message"], found["guards"]
    apply(world, code=3)
    assert len(agents(world)) == 40
    apply(world, "--trust-listings")
    assert len(agents(world)) == 28


@case("half a page, an empty page, and a listing that fails in the middle remove nobody; who is new is created", **NOW)
def liars(world):
    names = grow(world, 6)
    begin(world, *names)
    apply(world)
    for kind in ("short_page", "empty_page", "unavailable_html", "half_answer"):
        world.sandbox.post("okta/faults", operation="listGroupUsers", rate=1.0, kinds=[kind])
        found = plan(world)
        assert found["summary"]["delete"] == 0 and found["summary"]["unchanged"] == 6, (kind, found)
        # Of half a page the few who are missing are asked for one by one.
        assert guards(found) == (set() if kind == "short_page" else {"source_health"}), (kind, found)
        apply(world, code=0 if kind == "short_page" else 3)
        world.sandbox.post("okta/faults", operation="listGroupUsers", rate=1.0, kinds=[])
        assert len(agents(world)) == 6, kind


@case("a 503 anywhere while Okta is read stops removals, not creations, though it was repeated and came well", **NOW)
def shaken(world):
    begin(world, "ann", "ben")
    apply(world)
    leave(world, "ben")
    okta(world, "user", **person("cyd", groups=[GROUP]))
    world.sandbox.post("okta/faults", operation="listGroupUsers", rate=1.0, count=1, kinds=["unavailable_html"])
    found = plan(world)
    assert summary(found) == {"create": 1, "held": 1, "unchanged": 1} and guards(found) == {"source_health"}, found
    world.sandbox.post("okta/faults", operation="listGroupUsers", rate=1.0, count=1, kinds=["unavailable_html"])
    apply(world, code=3)
    assert agents(world) == {"ann", "ben", "cyd"}


@case("a group that Okta does not have any more removes nobody", **NOW)
def no_group(world):
    begin(world, "ann", "ben")
    apply(world)
    okta(world, "group/delete", group=GROUP_ID)
    found = plan(world)
    assert found["summary"]["delete"] == 0 and guards(found) == {"source_health"}, found
    apply(world, code=3)
    assert agents(world) == {"ann", "ben"}


@case("MAX_AGENTS: who would not fit is held, before Amazon Connect refuses them", Connect={"MAX_AGENTS": "3"})
def quota(world):
    begin(world, "ann", "ben", "cyd")
    world.sandbox.post("agent", name="stranger")
    found = plan(world)
    assert summary(found) == {"create": 2, "held": 1, "unmanaged": 1} and guards(found) == {"max_agents"}, found
    apply(world, code=3)
    assert len(world.sandbox.agents()) == 3 and writes(world) == {"CreateUser": 2}


@case("the last administrator is never removed", **NOW)
def administrator(world):
    people = [person(name, profile={"title": "admin"}) for name in ("ann", "ben")]
    open_org(world, seed(people, in_group=["ann", "ben", *grow(world, 30)]))
    world.set(**{"Mapping Admins": {"GROUP": GROUP, "USER.title": "admin", "SECURITY_PROFILES": "Admin"}})
    apply(world)
    assert world.sandbox.agents()[login("ann")]["SecurityProfileNames"] == ["Admin", "Agent"]
    leave(world, "ann", "ben")
    found = plan(world)
    assert summary(found) == {"delete": 1, "held": 1, "unchanged": 30} and guards(found) == {"last_administrator"}, found
    apply(world, code=3)
    assert len(agents(world) & {"ann", "ben"}) == 1


@case("calls and time follow from the throttle", Connect={"RATE": "2", "BURST": "5"})
def estimate(world):
    begin(world, *grow(world, 20))
    found = plan(world)
    assert found["calls"] == 20 and found["seconds"] == 8, found
    assert "20 calls, 8 s" in world.command("plan").stdout


@case("without Okta's API the memberships are those that events have told")
def by_events(world):
    from lib import app_event, wait_until
    world.start()
    world.accept(app_event("ann"))
    world.wait_agents(login("ann"))
    wait_until(lambda: world.people("due") == 0, "nobody due")
    assert summary(plan(world)) == {"unchanged": 1}
    world.sandbox.call("DELETE", "agent/" + login("ann"))
    world.sandbox.post("agent", name="by-hand")
    found = plan(world)
    assert summary(found) == {"create": 1, "unmanaged": 1}, found


@case("Amazon Connect that cannot be read is no plan")
def no_connect(world):
    begin(world, "ann")
    world.sandbox.fail(["access_denied"], "SearchUsers")
    done = world.command("plan", "--json")
    assert done.returncode == 1 and "SearchUsers" in done.stderr and done.stdout == "", done


@case("programs get one object, also of a plan with every kind of text")
def texts(world):
    people = [person("ann", first='A"n\\n', last="Ü\u202eß\u2028")]
    open_org(world, seed(people, in_group=["ann"]))
    found = plan(world)
    assert fields(change(found, login("ann")))["first_name"][1] == 'A"n\\n'
    assert "\u202e" not in world.command("plan").stdout
    json.dumps(found)


main()
