"""With Okta's API an event is a ping: what is true is read in Okta. Profiles in rules, readings that lag, people who are gone,
and the ways to authenticate."""
import json
import signal
import time

from lib import APP, case, main, stays, wait_until
from org import (TOKEN, add_hook, alerts_to, login, looks, okta, okta_calls, open_org, org, person, seed, user_id, wait_quiet,
                 write_secret)

READS = ("Describe", "List", "Search", "Get")
NOW = {"Connect": {"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s"}}
BY_PROFILE = {
    "OKTA": {"APP_NAME": None, "GROUP_NAME": None},
    "Connect": {"SECURITY_PROFILE_IDS": None, "ROUTING_PROFILE_ID": None} | NOW["Connect"],
    "Mapping Leads": {"APP": APP, "USER.department": "Claims*", "SECURITY_PROFILES": "CallCenterManager",
                      "ROUTING_PROFILE": "Support Routing Profile", "TAGS": "team=${user.department}"},
    "Mapping Agents": {"APP": APP, "SECURITY_PROFILES": "Agent", "ROUTING_PROFILE": "Basic Routing Profile"},
}


def writes(world):
    return {op: call["ok"] for op, call in world.sandbox.get("calls").items() if call.get("ok") and not op.startswith(READS)}


def begin(world):
    wait_quiet(world)
    world.sandbox.post("calls/reset")


def state_of(world, name):
    return next(row for row in world.users().values() if row["okta_id"] == user_id(name))["state"]


@case("who is there before the first start is found, by application and group")
def first_start(world):
    org(world, seed(in_app=["ann", "ben"], in_group=["dan"], people=["zoe"]), hook=False)
    world.wait_agents("ann@acme.com", "ben@acme.com", "dan@acme.com")
    wait_quiet(world)
    assert set(world.users()) == {"ann@acme.com", "ben@acme.com", "dan@acme.com"}, world.users()
    world.sandbox.post("okta/calls/reset")
    world.daemon.stop()
    world.start()
    wait_quiet(world)
    assert okta_calls(world, "listApplicationUsers") == okta_calls(world, "listGroupUsers") == 0, "compared again by the same rules"


@case("attributes choose profiles and fill in tags; one that changes moves exactly what differs", **BY_PROFILE)
def profiles(world):
    org(world, seed(people=[person("ann", profile={"department": "Claims EMEA"}), person("ben")], in_app=["ann", "ben"]))
    world.wait_agents("ann@acme.com", "ben@acme.com")
    begin(world)
    ann, ben = world.sandbox.agents()["ann@acme.com"], world.sandbox.agents()["ben@acme.com"]
    assert sorted(ann["SecurityProfileNames"]) == ["Agent", "CallCenterManager"] and ann["Tags"]["team"] == "Claims EMEA", ann
    assert ben["SecurityProfileNames"] == ["Agent"] and "team" not in ben["Tags"], ben
    okta(world, "profile", user=login("ann"), profile={"title": "Dr"})
    time.sleep(2)
    wait_quiet(world)
    assert writes(world) == {}, "an attribute that no rule uses"
    okta(world, "profile", user=login("ben"), profile={"department": "Claims", "lastName": "Renamed"})
    wait_until(lambda: len(writes(world)) == 4, "ben moves")
    wait_quiet(world)
    assert writes(world) == {"UpdateUserSecurityProfiles": 1, "UpdateUserRoutingProfile": 1, "TagResource": 1,
                             "UpdateUserIdentityInfo": 1}, writes(world)
    assert world.sandbox.agents()["ben@acme.com"]["IdentityInfo"]["LastName"] == "Renamed"


@case("people come into scope by attributes alone, and leave it so", **{
    "OKTA": {"APP_NAME": None, "GROUP_NAME": None}, "Connect": NOW["Connect"] | {"SECURITY_PROFILE_IDS": None, "ROUTING_PROFILE_ID": None},
    "Mapping Claims": {"USER.department": "Claims*", "SECURITY_PROFILES": "Agent", "ROUTING_PROFILE": "Basic Routing Profile"}})
def by_attribute(world):
    org(world, seed(people=[person("ann", profile={"department": "Claims"}), person("ben", profile={"department": "claims"}), "cyd"]))
    world.wait_agents("ann@acme.com")
    wait_quiet(world)
    okta(world, "profile", user=login("cyd"), profile={"department": "Claims North"})
    world.wait_agents("ann@acme.com", "cyd@acme.com")
    okta(world, "profile", user=login("ann"), profile={"department": "Sales"})
    world.wait_agents("cyd@acme.com")


@case("readings that lag behind are read again before they count", **NOW)
def lagging(world):
    org(world, seed(people=["ann"], in_app=["ben"]))
    world.wait_agents("ben@acme.com")
    wait_quiet(world)
    time.sleep(3)  # before that, the org was not there
    okta(world, "delays", read_ms=3000, list_ms=3000)
    okta(world, "assign", app=APP, user=login("ann"))
    okta(world, "unassign", app=APP, user=login("ben"))
    wait_until(lambda: len([one for one in looks(world) if one[2] == 1]) == 2, "both put off", 8)
    assert set(world.sandbox.agents()) == {"ben@acme.com"}
    world.wait_agents("ann@acme.com")
    wait_until(lambda: not looks(world), "all looked at")


@case("a profile that is read too early is read again", **BY_PROFILE)
def stale_profile(world):
    org(world, seed(in_app=["ann"]))
    world.wait_agents("ann@acme.com")
    begin(world)
    time.sleep(3)
    okta(world, "delays", read_ms=3000)
    okta(world, "profile", user=login("ann"), profile={"department": "Claims"})
    wait_until(lambda: writes(world).get("UpdateUserRoutingProfile") == 1, "ann moves")


@case("an absence that no event speaks of is read again before it counts", **NOW)
def unexplained(world):
    org(world, seed(in_app=["ann"]))
    world.wait_agents("ann@acme.com")
    wait_quiet(world)
    okta(world, "faults", operation="getApplicationUser", rate=1, count=1, kinds=["not_found"])
    okta(world, "profile", user=login("ann"), profile={"title": "Dr"})
    wait_until(lambda: [one for one in looks(world) if one[2] == 1], "put off")
    wait_until(lambda: not looks(world), "read again", 20)
    wait_quiet(world)
    assert "ann@acme.com" in world.sandbox.agents() and world.sandbox.calls("DeleteUser") == 0


@case("who is deleted in Okta goes, when the org answers otherwise", **NOW)
def deleted_user(world):
    org(world, seed(in_app=["ann", "ben"]))
    world.wait_agents("ann@acme.com", "ben@acme.com")
    okta(world, "status", user=login("ann"), do="deactivate")
    world.wait_agents("ben@acme.com")
    okta(world, "status", user=login("ann"), do="delete")
    wait_quiet(world)
    assert state_of(world, "ann") == "removed"


@case("a 404 is no absence while the org shows nobody", **NOW)
def false_absence(world):
    org(world, seed(in_app=["ann"]))
    world.wait_agents("ann@acme.com")
    wait_quiet(world)
    okta(world, "faults", operation="getUser", rate=1, kinds=["not_found"])
    okta(world, "faults", operation="listUsers", rate=1, kinds=["empty_page"])
    okta(world, "profile", user=login("ann"), profile={"title": "Dr"})
    wait_until(lambda: world.status()["paused"], "Okta is paused")
    assert world.status()["paused"][0]["operation"] == "Okta API", world.status()["paused"]
    stays(lambda: "ann@acme.com" in world.sandbox.agents(), "ann's agent", 1)
    assert state_of(world, "ann") == "in_step"


@case("locked, expired, recovering and not yet activated people keep their agents, suspended ones as well", **NOW)
def sign_in_states(world):
    org(world, seed(people=[person("dan") | {"status": "PROVISIONED"}], in_app=["ann", "ben", "cyd", "dan", "eve"]))
    world.wait_agents(*(login(name) for name in ("ann", "ben", "cyd", "dan", "eve")))
    begin(world)
    okta(world, "status", user=login("ann"), do="lock")
    okta(world, "status", user=login("ben"), do="expire_password")
    okta(world, "status", user=login("cyd"), do="suspend")
    wait_until(lambda: "suspended" in str(world.users()["cyd@acme.com"]), "cyd is suspended")
    okta(world, "profile", user=login("ann"), profile={"title": "Dr"})
    okta(world, "status", user=login("eve"), do="reset_password")
    for name in ("ben", "dan", "eve"):
        okta(world, "profile", user=login(name), profile={"title": "Dr"})
    time.sleep(2.5)
    wait_quiet(world)
    assert writes(world) == {} and len(world.sandbox.agents()) == 5, writes(world)
    shown = [json.loads(world.command("show", "--json", login(name)).stdout)["status"] for name in ("ann", "ben", "dan", "eve")]
    assert shown == ["LOCKED_OUT", "PASSWORD_EXPIRED", "PROVISIONED", "RECOVERY"], shown
    okta(world, "status", user=login("cyd"), do="unsuspend")
    wait_until(lambda: "suspended" not in str(world.users()["cyd@acme.com"]), "cyd is back")
    wait_quiet(world)
    assert writes(world) == {}, writes(world)


@case("a user name that changes as remove and add in one transaction removes nobody", **NOW)
def renamed_at_the_application(world):
    org(world, seed(in_app=["ann"], settings={"renaming": "remove_add"}))
    world.wait_agents("ann@acme.com")
    begin(world)
    okta(world, "profile", user=login("ann"), profile={"login": "annie@acme.com", "email": "annie@acme.com"})
    wait_until(lambda: state_of(world, "ann") == "held", "held: the name differs")
    assert writes(world) == {} and set(world.sandbox.agents()) == {"ann@acme.com"}, writes(world)


@case("an event that says nothing new costs no call to Amazon Connect")
def nothing_new(world):
    org(world, seed(in_app=["ann"], in_group=["ann"]))
    world.wait_agents("ann@acme.com")
    begin(world)
    okta(world, "member/remove", group="Connect Agents", user=login("ann"))
    time.sleep(2)
    wait_quiet(world)
    assert world.sandbox.get("calls") == {}, world.sandbox.get("calls")


@case("a service app with a key")
def oauth(world):
    org(world, seed(in_app=["ann"]), client={"scopes": ["okta.users.read", "okta.groups.read", "okta.apps.read", "okta.logs.read"]})
    world.wait_agents("ann@acme.com")


@case("a service app that has to prove possession of its key, and whose tokens end")
def dpop(world):
    org(world, seed(in_app=["ann"], people=["ben"], settings={"resource_nonce": True}),
        client={"scopes": ["okta.users.read", "okta.groups.read", "okta.apps.read", "okta.logs.read"], "dpop": True})
    world.wait_agents("ann@acme.com")
    okta(world, "tokens", expire="access", new_nonce=True)
    okta(world, "assign", app=APP, user=login("ben"))
    world.wait_agents("ann@acme.com", "ben@acme.com")


@case("a refused token pauses, is told, and a new one in the file is taken without a restart", **NOW)
def renewed_token(world):
    open_org(world, seed(in_app=["ann"], people=["ben"]))
    alerts = alerts_to(world)
    world.start()
    add_hook(world)
    world.wait_agents("ann@acme.com")
    wait_quiet(world)
    okta(world, "tokens", expire="all")
    okta(world, "assign", app=APP, user=login("ben"))
    wait_until(lambda: [one for one in alerts() if one["event"] == "paused" and one.get("operation") == "Okta API"], "an alert")
    paused = world.status()["paused"][0]
    assert paused["operation"] == "Okta API" and "E0000011" in str(paused), paused
    stays(lambda: set(world.sandbox.agents()) == {"ann@acme.com"}, "ben waits, ann stays", 1)
    okta(world, "tokens", token="00another-token-of-the-org", role="read")
    write_secret(world, "hook-secret-token", "00another-token-of-the-org\n")
    world.daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: world.daemon.said("a secret was renewed"), "renewed")
    world.wait_agents("ann@acme.com", "ben@acme.com")
    wait_until(lambda: not world.status()["paused"], "no longer paused")
    assert TOKEN not in world.daemon.text()


@case("another hook secret in its file is taken without a restart")
def renewed_hook_secret(world):
    world.start()
    write_secret(world, "hook-secret", "Bearer another-s3cret-of-the-hook-0123456789\n")
    world.daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: world.daemon.said("a secret was renewed"), "renewed")
    assert world.deliver({"data": {"events": []}}).status == 401
    assert world.deliver({"data": {"events": []}}, secret="Bearer another-s3cret-of-the-hook-0123456789").status in (200, 204)


@case("Okta that fails now and then changes nothing but the time it takes", **NOW)
def failing(world):
    okta_seed = seed(in_app=["ann", "ben", "cyd"], in_group=["dan", "eve"],
                     faults=[{"operation": "*", "rate": 0.3, "kinds": ["internal", "cut_before", "half_answer", "rate_limit", "garbage_ok"]}])
    org(world, okta_seed, hook=False)
    world.wait_agents(*(login(name) for name in ("ann", "ben", "cyd", "dan", "eve")), seconds=120)


main()
