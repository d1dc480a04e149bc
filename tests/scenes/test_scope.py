"""Groups and applications themselves: deleted, switched off, renamed, assigned to each other; and listings that lie. Nobody
is removed because of any of it."""
from lib import APP, GROUP, case, main, stays, wait_until
from org import GROUP_ID, LEADS, add_hook, alerts_to, login, note, okta, okta_calls, open_org, seed, user_id, wait_quiet

NOW = {"Connect": {"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s"}}


def begin(world, okta_seed, *names):
    open_org(world, okta_seed)
    alerts = alerts_to(world)
    world.start()
    add_hook(world)
    world.wait_agents(*(login(name) for name in names))
    wait_quiet(world)
    world.sandbox.post("calls/reset")
    return alerts


def with_code(alerts, code):
    return [one for one in alerts() if one["code"] == code]


def state_of(world, name):
    return next(row for row in world.users().values() if row["okta_id"] == user_id(name))["state"]


@case("a group that is deleted removes nobody: told once, and who was in scope by it alone is held", **NOW)
def group_deleted(world):
    alerts = begin(world, seed(in_app=["ann"], in_group=["ann", "ben", "cyd"]), "ann", "ben", "cyd")
    okta(world, "group/delete", group=GROUP)
    wait_until(lambda: with_code(alerts, "container_deleted"), "an alert")
    wait_until(lambda: state_of(world, "ben") == state_of(world, "cyd") == "held", "ben and cyd are held")
    stays(lambda: len(world.sandbox.agents()) == 3, "all agents are there", 1)
    assert state_of(world, "ann") == "in_step"
    assert len(with_code(alerts, "container_deleted")) == 1
    assert note(world, "okta_containers")[0]["state"] == "deleted"
    okta(world, "profile", user=login("ben"), profile={"title": "Dr"})
    stays(lambda: len(world.sandbox.agents()) == 3, "all agents are there", 3)
    done = world.command("release", "--no-wait", login("ben"))
    assert done.returncode == 0, done
    world.wait_agents("ann@acme.com", "cyd@acme.com")


@case("a group that is deleted with an event for each member removes them by the bound", **{
    "Connect": NOW["Connect"] | {"MAX_REMOVALS": "1"}})
def group_deleted_each(world):
    begin(world, seed(in_group=["ann", "ben", "cyd", "dan", "eve"]), "ann", "ben", "cyd", "dan", "eve")
    okta(world, "group/delete", group=GROUP, each=True)
    wait_until(lambda: all(state_of(world, name) == "held" for name in ("ann", "ben", "cyd", "dan", "eve")), "all held")
    stays(lambda: len(world.sandbox.agents()) == 5, "all agents are there", 1)


@case("an application that is switched off removes nobody: told once; and again when it is on", **NOW)
def app_off(world):
    alerts = begin(world, seed(in_app=["ann", "ben"]), "ann", "ben")
    okta(world, "app/change", app=APP, do="deactivate")
    wait_until(lambda: with_code(alerts, "container_inactive"), "an alert")
    stays(lambda: len(world.sandbox.agents()) == 2, "all agents are there", 1)
    assert state_of(world, "ann") == "in_step" and note(world, "okta_containers")[0]["state"] == "inactive"
    okta(world, "app/change", app=APP, do="activate")
    wait_until(lambda: with_code(alerts, "container_well"), "an alert")
    assert len(with_code(alerts, "container_inactive")) == 1 and note(world, "okta_containers") == []
    assert not {"DeleteUser", "UpdateUserSecurityProfiles"} & set(world.sandbox.get("calls")), world.sandbox.get("calls")


@case("an application that is deleted removes nobody", **NOW)
def app_deleted(world):
    alerts = begin(world, seed(in_app=["ann", "ben"]), "ann", "ben")
    okta(world, "app/change", app=APP, do="deactivate")
    okta(world, "app/change", app=APP, do="delete")
    wait_until(lambda: with_code(alerts, "container_deleted"), "an alert")
    wait_until(lambda: state_of(world, "ann") == state_of(world, "ben") == "held", "held")
    stays(lambda: len(world.sandbox.agents()) == 2, "all agents are there", 1)


@case("a renamed group is the same group: told, and its people come and go as before", **NOW)
def group_renamed(world):
    alerts = begin(world, seed(in_group=["ann"], people=["ben"]), "ann")
    okta(world, "group/change", group=GROUP, profile={"name": "Agents of today"})
    wait_until(lambda: with_code(alerts, "renamed_name"), "an alert")
    okta(world, "member", group=GROUP_ID, user=login("ben"))
    world.wait_agents("ann@acme.com", "ben@acme.com")
    okta(world, "member/remove", group=GROUP_ID, user=login("ann"))
    world.wait_agents("ben@acme.com")


@case("another group that takes the name of a renamed one is told, not obeyed", **NOW)
def name_taken(world):
    alerts = begin(world, seed(in_group=["ann"], people=["ben"]), "ann")
    okta(world, "group/change", group=GROUP, profile={"name": "Agents of today"})
    wait_until(lambda: with_code(alerts, "renamed_name"), "an alert")
    okta(world, "group", name=GROUP, users=[login("ben")])
    stays(lambda: set(world.sandbox.agents()) == {"ann@acme.com"}, "ben is no agent", 3)


@case("another group that takes the name on purpose: 'names forget', and its people come", **NOW)
def name_forgotten(world):
    alerts = begin(world, seed(in_group=["ann"], people=["ben"]), "ann")
    okta(world, "group/delete", group=GROUP)
    wait_until(lambda: with_code(alerts, "container_deleted"), "an alert")
    okta(world, "group", name=GROUP, users=[login("ben"), login("ann")])
    stays(lambda: set(world.sandbox.agents()) == {"ann@acme.com"}, "ben is no agent", 2)
    done = world.command("names", "forget", GROUP)
    assert done.returncode == 0, done
    world.wait_agents("ann@acme.com", "ben@acme.com")
    wait_until(lambda: state_of(world, "ann") == "in_step", "ann is in scope again")
    assert world.sandbox.calls("DeleteUser") == 0


@case("a group that is assigned to the application brings its people, and taking it away looks at them", **NOW)
def group_assigned(world):
    begin(world, seed(in_app=["zoe"], in_leads=["ann", "ben"]), "zoe")
    okta(world, "assign", app=APP, group=LEADS)
    world.wait_agents("ann@acme.com", "ben@acme.com", "zoe@acme.com")
    wait_quiet(world)
    okta(world, "unassign", app=APP, group=LEADS)
    world.wait_agents("zoe@acme.com")


@case("a name that Okta does not have is told; when it comes, so do its people", **{"OKTA": {"GROUP_NAME": "Later"}})
def unknown_name(world):
    alerts = begin(world, seed(in_app=["ann"], people=["ben"]), "ann")
    wait_until(lambda: with_code(alerts, "unknown_name"), "an alert")
    assert "Later" in with_code(alerts, "unknown_name")[0]["text"]
    okta(world, "group", name="Later", users=[login("ben")])
    world.wait_agents("ann@acme.com", "ben@acme.com")


@case("two groups of one name are told", **{"OKTA": {"APP_NAME": None}})
def ambiguous_name(world):
    okta_seed = seed(in_group=["ann"])
    okta_seed["groups"].append({"name": GROUP, "id": "00gother000000000001", "users": []})
    alerts = begin(world, okta_seed, "ann")
    wait_until(lambda: with_code(alerts, "ambiguous_name"), "an alert")


def look_again(world):
    """Something about the group that says nothing of anybody makes Roster list it."""
    before = okta_calls(world, "listGroupUsers")
    okta(world, "group/change", group=GROUP_ID, profile={"description": f"number {before}"})
    wait_until(lambda: okta_calls(world, "listGroupUsers") > before, "the group is listed")


@case("listings that are empty, short, or cut change nothing", **NOW)
def lying_listings(world):
    names = [f"p{i}" for i in range(30)]
    alerts = begin(world, seed(in_group=names), *names)
    for kind, code in (("empty_page", "listing_empty"), ("short_page", "listing_short"), ("garbage_ok", "listing_failed"),
                       ("half_answer", None), ("not_found", None)):
        okta(world, "faults", operation="listGroupUsers", rate=1, kinds=[kind])
        look_again(world)
        if code is not None:
            wait_until(lambda: with_code(alerts, code), code)
        okta(world, "faults", operation="listGroupUsers", rate=1, kinds=[])
        stays(lambda: len(world.sandbox.agents()) == 30, "all agents are there", 1.5)
    wait_quiet(world, 120)
    assert len(world.users("--state", "in_step")) == 30
    assert world.sandbox.get("calls") == {}, world.sandbox.get("calls")


@case("a listing that is refused pauses Okta's API and changes nothing", **NOW)
def refused_listings(world):
    alerts = begin(world, seed(in_group=["ann", "ben"]), "ann", "ben")
    okta(world, "faults", operation="listGroupUsers", rate=1, kinds=["forbidden"])
    look_again(world)
    wait_until(lambda: [one for one in alerts() if one["event"] == "paused"], "an alert")
    assert world.status()["paused"][0]["operation"] == "Okta API"
    stays(lambda: len(world.sandbox.agents()) == 2, "all agents are there", 1)


@case("a thousand people: all are found, and once they are known a comparison reads nobody")
def large(world):
    okta_seed = seed(in_app=["ann"])
    okta_seed["generate"] = {"users": 1000, "groups": [GROUP]}
    okta_seed["rates"] = {"bucket": "*", "limit": 0}
    world.set(Connect={"RATE": "2000", "BURST": "2000"})
    open_org(world, okta_seed)
    world.start_sandbox(okta=okta_seed, quota=2000, throttle=[{"operation": "*", "rate": 0}])
    world.set(OKTA={"ORG_URL": "http://" + world.sandbox.address})
    world.start()
    add_hook(world)
    wait_until(lambda: world.people("in_step") == 1001, "everybody", 120)
    reads, listed = okta_calls(world, "getUser"), okta_calls(world, "getApplicationUser")
    assert listed < 50, f"{listed} reads of the application's users one by one"
    look_again(world)
    wait_quiet(world)
    assert okta_calls(world, "getUser") == reads


main()
