"""Who leaves: kept, parked or deleted, after a grace, not while on a contact; renames; undo."""
import sqlite3
import time

from lib import ROUTING_PROFILE, SECURITY_PROFILE, app_event, case, event, group_event, main, now_text, stays, user_target, wait_until

ANN, BOB = "ann@acme.com", "bob@acme.com"
READS = ("Describe", "List", "Search", "Get")
PARKED = {"PARKED_SECURITY_PROFILE": "QualityAnalyst", "PARKED_ROUTING_PROFILE": "Idle Routing Profile"}
NOW = {"REMOVAL_GRACE": "0s"}
DELETE = {"Connect": {"ON_REMOVE": "delete"} | NOW}
DISABLE = {"Connect": {"ON_REMOVE": "disable"} | NOW | PARKED}


def writes(world):
    """{operation: calls that changed something}"""
    return {op: call["ok"] for op, call in world.sandbox.get("calls").items() if call.get("ok") and not op.startswith(READS)}


def settled(world):
    wait_until(lambda: world.people("due") == 0, "nobody due")


def begin(world):
    settled(world)
    world.sandbox.post("calls/reset")


def provision(world, *names):
    world.accept(*(app_event(name) for name in names))
    world.wait_agents(*(f"{name}@acme.com" for name in names))
    begin(world)


def account_event(name, kind):
    return event(f"user.lifecycle.{kind}", [user_target(name)])


def row_of(world, name):
    """Whatever user name they have now."""
    return next(row for row in world.users().values() if row["okta_id"] == "00u" + name.split("@")[0])


def reason_of(world, name):
    return row_of(world, name)["reason"] or ""


def state_of(world, name):
    return row_of(world, name)["state"]


@case("kept by default, and said loudly at the start")
def kept(world):
    world.start()
    assert world.daemon.said("ON_REMOVE is keep")
    provision(world, "ann")
    world.accept(app_event("ann", "remove"))
    settled(world)
    row = row_of(world, ANN)
    assert row["state"] == "in_step" and "ON_REMOVE" in row["reason"], row
    assert ANN in world.sandbox.agents() and not writes(world)


@case("deleted: contacts are looked at first, and what the agent had is kept", **DELETE)
def deleted(world):
    world.start()
    provision(world, "ann", "bob")
    world.accept(app_event("ann", "remove"))
    world.wait_agents(BOB)
    settled(world)
    assert state_of(world, ANN) == "removed"
    assert writes(world) == {"DeleteUser": 1}, writes(world)
    assert world.sandbox.calls("GetCurrentUserData") == 1 and world.sandbox.calls("DescribeUser") == 0
    log = [c["operation"] for c in world.sandbox.get("calls?log=1")["calls"]]
    assert log.index("GetCurrentUserData") < log.index("DeleteUser"), log
    world.accept(app_event("ann", published=now_text(1)))
    world.wait_agents(ANN, BOB)
    settled(world)
    assert state_of(world, ANN) == "in_step"


@case("parked: two calls; back in scope: two calls", **DISABLE)
def parked(world):
    world.start()
    provision(world, "ann")
    world.accept(app_event("ann", "remove"))
    wait_until(lambda: state_of(world, ANN) == "parked", "ann parked")
    assert writes(world) == {"UpdateUserSecurityProfiles": 1, "UpdateUserRoutingProfile": 1}, writes(world)
    agent = world.sandbox.agents()[ANN]
    assert agent["SecurityProfileNames"] == ["QualityAnalyst"] and agent["RoutingProfileName"] == "Idle Routing Profile", agent
    begin(world)
    world.accept(app_event("ann", published=now_text(1)))
    wait_until(lambda: state_of(world, ANN) == "in_step", "ann back")
    assert writes(world) == {"UpdateUserSecurityProfiles": 1, "UpdateUserRoutingProfile": 1}, writes(world)
    agent = world.sandbox.agents()[ANN]
    assert agent["SecurityProfileIds"] == [SECURITY_PROFILE] and agent["RoutingProfileId"] == ROUTING_PROFILE, agent


@case("suspended is parked and never deleted; unsuspended is back", Connect={"ON_REMOVE": "delete"} | NOW | PARKED)
def suspended(world):
    world.start()
    provision(world, "ann")
    world.accept(account_event("ann", "suspend"))
    wait_until(lambda: state_of(world, ANN) == "parked", "ann parked")
    assert world.sandbox.agents()[ANN]["SecurityProfileNames"] == ["QualityAnalyst"]
    world.accept(account_event("ann", "unsuspend"))
    wait_until(lambda: state_of(world, ANN) == "in_step", "ann back")
    assert world.sandbox.agents()[ANN]["SecurityProfileIds"] == [SECURITY_PROFILE]
    assert world.sandbox.calls("DeleteUser") == 0


@case("suspended without a place to park: kept", **DELETE)
def suspended_kept(world):
    world.start()
    provision(world, "ann")
    world.accept(account_event("ann", "suspend"))
    wait_until(lambda: "suspended" in reason_of(world, ANN), "ann kept")
    assert state_of(world, ANN) == "in_step" and not writes(world)


@case("deactivated and deleted accounts leave", **DELETE)
def accounts(world):
    world.start()
    provision(world, "ann", "bob")
    world.accept(account_event("ann", "deactivate"), account_event("bob", "delete.initiated"))
    world.wait_agents()
    settled(world)
    assert state_of(world, ANN) == state_of(world, BOB) == "removed"


@case("back within the grace: nothing has happened", Connect={"ON_REMOVE": "delete", "REMOVAL_GRACE": "1h"})
def grace(world):
    world.start()
    provision(world, "ann")
    world.accept(app_event("ann", "remove"))
    wait_until(lambda: "GRACE" in reason_of(world, ANN), "the grace runs")
    stays(lambda: ANN in world.sandbox.agents(), "ann is there", 2)
    world.accept(app_event("ann", published=now_text(1)))
    settled(world)
    assert state_of(world, ANN) == "in_step" and not writes(world)


@case("after the grace it is carried out, also when the daemon was down meanwhile", Connect={"ON_REMOVE": "delete", "REMOVAL_GRACE": "2s"})
def after_grace(world):
    world.start()
    provision(world, "ann", "bob")
    began = time.monotonic()
    world.accept(app_event("ann", "remove"))
    world.wait_agents(BOB)
    assert time.monotonic() - began >= 2
    world.accept(app_event("bob", "remove"))
    wait_until(lambda: "GRACE" in reason_of(world, BOB), "the grace runs")
    world.daemon.stop()
    time.sleep(2)
    world.start()
    world.wait_agents()


@case("on a contact: waited for; free again: deleted", **DELETE)
def contact(world):
    world.start()
    provision(world, "ann")
    world.sandbox.post("contacts", agent=ANN, contacts=1)
    world.accept(app_event("ann", "remove"))
    wait_until(lambda: "contact" in reason_of(world, ANN), "ann is waited for")
    assert ANN in world.sandbox.agents()
    world.sandbox.post("contacts", agent=ANN, contacts=0)
    assert world.command("retry", "--no-wait", ANN).returncode == 0
    world.wait_agents()


@case("on a contact for longer than MAX_WAIT: parked, with an alert",
      Connect={"ON_REMOVE": "delete", "MAX_WAIT": "1s"} | NOW | PARKED)
def contact_for_long(world):
    world.start()
    provision(world, "ann")
    world.sandbox.post("contacts", agent=ANN, contacts=1)
    world.accept(app_event("ann", "remove"))
    wait_until(lambda: "contact" in reason_of(world, ANN), "ann is waited for")
    time.sleep(1)
    world.command("retry", "--no-wait", ANN)
    wait_until(lambda: state_of(world, ANN) == "parked", "ann parked")
    assert world.sandbox.agents()[ANN]["SecurityProfileNames"] == ["QualityAnalyst"]
    assert world.daemon.said("person parked")


@case("on a contact for longer than MAX_WAIT, and no place to park: waited on, and told", Connect={"ON_REMOVE": "delete", "MAX_WAIT": "1s"} | NOW)
def contact_for_long_and_no_place(world):
    world.start()
    provision(world, "ann")
    world.sandbox.post("contacts", agent=ANN, contacts=1)
    world.accept(app_event("ann", "remove"))
    wait_until(lambda: "contact" in reason_of(world, ANN), "ann is waited for")
    time.sleep(1)
    world.command("retry", "--no-wait", ANN)
    wait_until(lambda: "PARKED_SECURITY_PROFILE" in reason_of(world, ANN), "it says what to set")
    wait_until(lambda: world.daemon.said("person held"), "an alert")
    assert ANN in world.sandbox.agents()
    world.sandbox.post("contacts", agent=ANN, contacts=0)
    world.command("retry", "--no-wait", ANN)
    world.wait_agents()


@case("of whom Amazon Connect has no current data is on no contact", **DELETE)
def no_current_data(world):
    world.start()
    provision(world, "ann")
    world.daemon.stop()
    store = sqlite3.connect(world.state / "roster.db")
    with store:  # made an hour ago: nothing that is not found can be a reading that lags
        store.execute("UPDATE person SET agent_since_ms = agent_since_ms - 3600000, applied_ms = applied_ms - 3600000")
    store.close()
    world.sandbox.fail(["not_found"], "GetCurrentUserData")
    world.start()
    world.accept(app_event("ann", "remove"))
    world.wait_agents()
    wait_until(lambda: state_of(world, ANN) == "removed", "ann removed")


@case("the quick connects of a deleted agent go too, and no others", **DELETE)
def quick_connects(world):
    world.start()
    provision(world, "ann", "bob")
    for number in range(3):
        world.sandbox.post("profile", kind="quick_connects", name=f"Ann {number}", type="USER", user=ANN)
        world.sandbox.post("profile", kind="quick_connects", name=f"Bob {number}", type="USER", user=BOB)
    world.accept(app_event("ann", "remove"))
    world.wait_agents(BOB)
    wait_until(lambda: state_of(world, ANN) == "removed", "ann removed")
    left = sorted(q["Name"] for q in world.sandbox.get("profiles")["quick_connects"])
    assert left == ["Bob 0", "Bob 1", "Bob 2", "Front desk"], left


@case("an agent that somebody else deleted meanwhile counts as removed", **DELETE)
def gone_already(world):
    world.start()
    provision(world, "ann")
    world.sandbox.call("DELETE", f"agent/{ANN}")
    world.accept(app_event("ann", "remove"))
    stays(lambda: state_of(world, ANN) != "failed", "nobody failed", 3)


@case("everything fails in passing, and ends right", **DELETE)
def trouble(world):
    world.start()
    provision(world, "ann", "bob")
    world.sandbox.fail(["internal", "cut_before", "cut_after", "throttle", "half_answer"], rate=0.5, count=12)
    world.accept(app_event("ann", "remove"))

    def is_removed():  # hurried: after many failures the next try is minutes away
        time.sleep(2)
        world.command("retry", "--no-wait", "00uann")
        return state_of(world, ANN) == "removed"
    wait_until(is_removed, "ann removed", 120)
    assert set(world.sandbox.agents()) == {BOB}


# ---- another user name ----

@case("held: both names are shown", Connect={"ON_RENAME": "hold"})
def rename_hold(world):
    world.start()
    provision(world, "ann")
    world.accept(app_event("ann", app_user="ann.lee@acme.com", published=now_text(1)))
    wait_until(lambda: world.people("held") == 1, "ann held")
    reason = reason_of(world, ANN)
    assert ANN in reason and "ann.lee@acme.com" in reason
    assert not writes(world)


@case("kept: told", Connect={"ON_RENAME": "keep"})
def rename_keep(world):
    world.start()
    provision(world, "ann")
    world.accept(app_event("ann", app_user="ann.lee@acme.com", published=now_text(1)))
    wait_until(lambda: "ann.lee@acme.com" in reason_of(world, ANN), "told")
    assert state_of(world, ANN) == "in_step" and not writes(world)


@case("replaced: the new agent is made before the old one goes", Connect={"ON_RENAME": "replace"})
def rename_replace(world):
    world.start()
    provision(world, "ann")
    old = world.sandbox.agents()[ANN]["Id"]
    world.accept(app_event("ann", app_user="ann.lee@acme.com", published=now_text(1)))
    world.wait_agents("ann.lee@acme.com")
    settled(world)
    assert writes(world) == {"CreateUser": 1, "DeleteUser": 1}, writes(world)
    log = [c["operation"] for c in world.sandbox.get("calls?log=1")["calls"]]
    assert log.index("CreateUser") < log.index("GetCurrentUserData") < log.index("DeleteUser"), log
    assert world.sandbox.agents()["ann.lee@acme.com"]["Id"] != old
    assert state_of(world, ANN) == "in_step"


@case("replaced, and on a contact for longer than MAX_WAIT: the former agent is parked, with an alert, and deleted at its end",
      Connect={"ON_RENAME": "replace", "MAX_WAIT": "1s"} | PARKED)
def rename_on_contact(world):
    world.start()
    provision(world, "ann")
    world.sandbox.post("contacts", agent=ANN, contacts=1)
    world.accept(app_event("ann", app_user="ann.lee@acme.com", published=now_text(1)))
    wait_until(lambda: "contact" in reason_of(world, ANN), "the former agent is waited for")
    time.sleep(1)
    world.command("retry", "--no-wait", "00uann")
    wait_until(lambda: "parked" in reason_of(world, ANN), "the former agent is parked")
    agents = world.sandbox.agents()
    assert agents[ANN]["SecurityProfileNames"] == ["QualityAnalyst"] and agents[ANN]["RoutingProfileName"] == "Idle Routing Profile", agents
    assert agents["ann.lee@acme.com"]["SecurityProfileIds"] == [SECURITY_PROFILE], agents
    looks = world.sandbox.calls("GetCurrentUserData")
    world.command("retry", "--no-wait", "00uann")
    wait_until(lambda: world.sandbox.calls("GetCurrentUserData") > looks, "looked again")
    assert writes(world) == {"CreateUser": 1, "UpdateUserSecurityProfiles": 1, "UpdateUserRoutingProfile": 1}, writes(world)
    assert len(world.daemon.said("person parked")) == 1, world.daemon.text()
    world.sandbox.post("contacts", agent=ANN, contacts=0)
    world.command("retry", "--no-wait", "00uann")
    world.wait_agents("ann.lee@acme.com")
    wait_until(lambda: state_of(world, ANN) == "in_step", "ann is in step")


@case("replaced, with lost answers: never a third agent", Connect={"ON_RENAME": "replace"})
def rename_unclear(world):
    world.start()
    provision(world, "ann")
    world.sandbox.fail(["cut_after"], "CreateUser", count=1)
    world.sandbox.fail(["cut_after"], "DeleteUser", count=1)
    world.accept(app_event("ann", app_user="ann.lee@acme.com", published=now_text(1)))
    world.wait_agents("ann.lee@acme.com")
    settled(world)
    assert world.sandbox.calls("CreateUser", "done") == 1


# ---- what is not said for sure ----

@case("a changed configuration removes nobody by itself", **DELETE)
def changed_configuration(world):
    world.start()
    provision(world, "ann", "bob")
    world.daemon.stop()
    world.set(OKTA={"APP_NAME": "Another Application"})
    world.start()
    wait_until(lambda: world.people("held") == 2, "both held")
    stays(lambda: len(world.sandbox.agents()) == 2, "both agents are there", 2)
    assert "Okta did not say so" in reason_of(world, ANN)
    assert world.command("reject", ANN).returncode == 0
    assert world.command("release", "--no-wait", BOB).returncode == 0
    world.wait_agents(ANN)
    assert state_of(world, ANN) == "in_step" and state_of(world, BOB) == "removed"


@case("retry --all hurries no removal that is held", **DELETE)
def retry_hurries_nothing(world):
    world.start()
    provision(world, "ann")
    world.daemon.stop()
    world.set(OKTA={"APP_NAME": "Another Application"})
    world.start()
    wait_until(lambda: world.people("held") == 1, "ann held")
    world.command("retry", "--no-wait", "--all")
    world.command("retry", "--no-wait", ANN)
    stays(lambda: ANN in world.sandbox.agents() and world.people("held") == 1, "still held", 3)


@case("who comes back while held is released by that", **DELETE)
def back_while_held(world):
    world.start()
    provision(world, "ann")
    world.daemon.stop()
    world.set(OKTA={"APP_NAME": "Another Application"})
    world.start()
    wait_until(lambda: world.people("held") == 1, "ann held")
    world.accept(group_event("ann", published=now_text(1)))
    wait_until(lambda: state_of(world, ANN) == "in_step", "ann is in step")
    assert not writes(world)


if __name__ == "__main__":
    main()
