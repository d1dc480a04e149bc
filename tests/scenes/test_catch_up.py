"""What the event hook loses, the System Log brings: missed deliveries, times when Roster was down, places in the log that are
lost, and a Roster without any hook."""
import json
import sqlite3
import time

from lib import APP, GROUP, case, main, wait_until
from org import add_hook, alerts_to, login, looks, note, okta, okta_calls, open_org, org, seed, user_id, wait_quiet

NOW = {"Connect": {"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s"}}
NO_HOOK = {"OKTA": {"HOOK": "off", "HOOK_SECRET_FILE": None}}


def creations(world):
    return world.sandbox.calls("CreateUser", "done")


@case("deliveries that never come are caught up from the log", **NOW)
def lost_deliveries(world):
    org(world, seed(in_app=["ann"], people=["ben"]))
    world.wait_agents("ann@acme.com")
    okta(world, "deliveries", loss=1)
    okta(world, "assign", app=APP, user=login("ben"))
    world.wait_agents("ann@acme.com", "ben@acme.com")
    okta(world, "unassign", app=APP, user=login("ann"))
    world.wait_agents("ben@acme.com")
    rows = world.command("events", "--json").stdout
    assert '"via":"log"' in rows and "application.user_membership.remove" in rows, rows


@case("by hook and by log an event counts once")
def both_ways(world):
    org(world, seed(people=["ann", "ben"]))
    wait_until(lambda: note(world, "catch_up"), "the log was read")
    okta(world, "assign", app=APP, user=login("ann"))
    okta(world, "member", group=GROUP, user=login("ann"))
    world.wait_agents("ann@acme.com")
    before = okta_calls(world, "listLogEvents")
    wait_until(lambda: okta_calls(world, "listLogEvents") >= before + 2, "the log was read again")
    wait_quiet(world)
    assert creations(world) == 1
    rows = world.command("events", "--json", "--user", login("ann")).stdout.splitlines()
    assert len(rows) == 2, rows


@case("a weekend without Roster: joiners, movers and leavers of that time", **NOW)
def downtime(world):
    org(world, seed(in_app=["ann", "ben", "cyd"], people=["dan"], in_group=["eve"]))
    world.wait_agents(*(login(name) for name in ("ann", "ben", "cyd", "eve")))
    wait_quiet(world)
    assert world.daemon.stop() == 0
    okta(world, "assign", app=APP, user=login("dan"))
    okta(world, "unassign", app=APP, user=login("ann"))
    okta(world, "status", user=login("ben"), do="deactivate")
    okta(world, "profile", user=login("cyd"), profile={"lastName": "Renamed"})
    okta(world, "member/remove", group=GROUP, user=login("eve"))
    okta(world, "member", group=GROUP, user=login("eve"))
    world.start()
    world.wait_agents(*(login(name) for name in ("cyd", "dan", "eve")))
    wait_until(lambda: world.sandbox.agents()["cyd@acme.com"]["IdentityInfo"]["LastName"] == "Renamed", "cyd's name")
    wait_quiet(world)
    assert world.sandbox.calls("DeleteUser", "done") == 2 and creations(world) == 5


@case("without a hook Roster runs on the log alone, and asks for no secret", **{**NO_HOOK, **NOW})
def log_alone(world):
    open_org(world, seed(in_app=["ann"], people=["ben"]))
    world.start()
    world.wait_agents("ann@acme.com")
    assert world.deliver({"data": {"events": []}}).status == 404
    okta(world, "assign", app=APP, user=login("ben"))
    okta(world, "unassign", app=APP, user=login("ann"))
    world.wait_agents("ben@acme.com")
    wait_quiet(world)
    health = wait_until(lambda: note(world, "hook_health"), "a note")
    assert health["is_on"] is False and health["missed"] == 0, health


@case("what only the log has counts, too: another user name at the application", **NO_HOOK)
def log_only_types(world):
    open_org(world, seed(in_app=["ann"], settings={"renaming": "change"}))
    world.start()
    world.wait_agents("ann@acme.com")
    wait_quiet(world)
    okta(world, "profile", user=login("ann"), profile={"login": "annie@acme.com"})
    wait_until(lambda: world.users("--state", "held"), "the name differs")
    assert "application.user_membership.change_username" in world.command("events", "--json").stdout


@case("a place in the log that Okta does not know any more: told, and everybody is compared", **NOW)
def lost_cursor(world):
    open_org(world, seed(in_app=["ann"], people=["ben", "cyd"]))
    alerts = alerts_to(world)
    world.start()
    add_hook(world)
    world.wait_agents("ann@acme.com")
    wait_until(lambda: note(world, "catch_up"), "the log was read")
    wait_quiet(world)
    world.daemon.stop()
    okta(world, "assign", app=APP, user=login("ben"))
    okta(world, "unassign", app=APP, user=login("ann"))
    okta(world, "log", forget=True)
    okta(world, "log", expire_cursors=True)
    world.start()
    wait_until(lambda: [one for one in alerts() if one["code"] == "log_cursor_lost"], "an alert")
    world.wait_agents("ben@acme.com")
    okta(world, "deliveries", loss=1)
    okta(world, "assign", app=APP, user=login("cyd"))
    world.wait_agents("ben@acme.com", "cyd@acme.com")


@case("the log was read last before the time that Okta keeps: told, and everybody is compared", **NOW)
def gap(world):
    open_org(world, seed(in_app=["ann"], people=["ben"]))
    alerts = alerts_to(world)
    world.start()
    world.wait_agents("ann@acme.com")
    wait_until(lambda: note(world, "catch_up"), "the log was read")
    wait_quiet(world)
    world.daemon.stop()
    okta(world, "assign", app=APP, user=login("ben"))
    okta(world, "log", forget=True)
    store = sqlite3.connect(world.state / "roster.db")
    place = note(world, "catch_up") | {"read_ms": int((time.time() - 100 * 86400) * 1000)}
    store.execute("UPDATE note SET value = ? WHERE name = 'catch_up'", (json.dumps(place).encode(),))
    store.commit()
    store.close()
    world.start()
    world.wait_agents("ann@acme.com", "ben@acme.com")
    wait_until(lambda: [one for one in alerts() if one["code"] == "log_gap"], "an alert")


@case("a hook that does not deliver is seen: events of long ago that only the log has, and what Okta says of it")
def unhealthy_hook(world):
    open_org(world, seed(people=["ann"]))
    alerts = alerts_to(world)
    world.start()
    wait_until(lambda: note(world, "catch_up"), "the log was read")
    okta(world, "hook", uri=f"http://{world.daemon.address}/okta/events", secret="Bearer wr0ng", verified=True)
    okta(world, "clock", offset_s=-400)
    okta(world, "assign", app=APP, user=login("ann"))
    world.wait_agents("ann@acme.com")
    health = wait_until(lambda: (note(world, "hook_health") or {}).get("failed", 0) > 0 and note(world, "hook_health"), "health")
    assert health["missed"] > 0 and health["missed_type"].startswith("application.") and health["failed_reason"].startswith("roster: "), health
    codes = wait_until(lambda: {one["code"] for one in alerts()} >= {"hook_missed", "hook_failed"} and alerts(), "alerts")
    assert len([one for one in codes if one["code"] == "hook_missed"]) == 1, codes
    told, text = world.status()["hook"], world.command("status").stdout
    assert told["is_on"] and told["is_failing"] and told["failed"] > 0 and told["missed"] >= health["missed"], told
    assert "has not delivered anything yet" in text and "deliveries failed" in text and "came by the log alone" in text, text


@case("the log fails now and then: nothing is lost, and nothing comes twice", **NO_HOOK)
def failing_log(world):
    open_org(world, seed(people=[f"p{i}" for i in range(30)]))
    world.start()
    wait_until(lambda: note(world, "catch_up"), "the log was read")
    okta(world, "faults", operation="listLogEvents", rate=0.5, kinds=["internal", "garbage_ok", "half_answer", "cut_after", "rate_limit"])
    for i in range(30):
        okta(world, "assign", app=APP, user=login(f"p{i}"))
    world.wait_agents(*(login(f"p{i}") for i in range(30)), seconds=90)
    assert creations(world) == 30


@case("killed at random while it catches up: the place and the events stay together", **{**NO_HOOK, **NOW})
def killed(world):
    names = [f"p{i}" for i in range(40)]
    open_org(world, seed(people=names))
    world.start()
    wait_until(lambda: note(world, "catch_up"), "the log was read")
    for i, name in enumerate(names):
        okta(world, "assign", app=APP, user=login(name))
        if i % 10 == 9:
            time.sleep(0.3 + 0.2 * (i // 10))
            world.daemon.kill()
            world.start()
    world.wait_agents(*(login(name) for name in names), seconds=90)
    wait_quiet(world)
    assert not [one for one in looks(world) if one[0] == "u"]
    assert len(world.users()) == 40 and user_id("p0") in world.command("users", "--json").stdout


main()
