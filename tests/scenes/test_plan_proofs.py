"""What plans and applies must prove: a source that lies removes nobody, wherever in a listing it lies, while who is new comes all the
same; JSON has exactly the form that is promised; what was not read is marked."""
import json
import re

from lib import GROUP, case, main, stays, wait_until
from org import login, note, okta, open_org, person, seed, user_id
from plans import NOW, agents, apply, background, begin, change, grow, guards, leave, plan, save, summary, writes

PAGE = 200  # of a group's members
PEOPLE = 450  # three pages
GOLDEN, WORD = 0x9e3779b97f4a7c15, 1 << 64
# Removes at once, and many.
REMOVES = {"Connect": NOW["Connect"] | {"MAX_REMOVALS": "90%", "MAX_CHANGES": "90%"}}
QUICK = {"rates": [{"bucket": "*", "limit": 0}]}  # an org that is read again and again within a minute


def seed_for(call):
    """The sandbox draws by SplitMix64, whether a fault with rate 0.5 strikes: a seed by which it first strikes that call."""
    def strikes(start, number):
        z = (start + GOLDEN * number) % WORD
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9 % WORD
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb % WORD
        return ((z ^ (z >> 31)) >> 11) / (1 << 53) < 0.5
    return next(s for s in range(1000) if [strikes(s, n) for n in range(1, call + 1)] == [False] * (call - 1) + [True])


def lie(world, kind, page, **more):
    world.sandbox.post("okta/faults", operation="listGroupUsers", kinds=[kind], rate=0.5, seed=seed_for(page), **more)


def tell_truth(world):
    world.sandbox.post("okta/faults", operation="listGroupUsers", kinds=[])


def company(world):
    """People in three pages, all in step."""
    begin(world, *grow(world, PEOPLE), **QUICK)
    apply(world)
    assert len(world.sandbox.agents()) == PEOPLE


@case("a source that has lost 30 % of its people removes nobody, and who is new is created", **REMOVES)
def shrunken(world):
    company(world)
    okta(world, "member/remove", group=GROUP, users=[login(name) for name in grow(world, PEOPLE)[:PEOPLE * 3 // 10]])
    okta(world, "user", **person("new", groups=[GROUP]))
    found = plan(world)
    assert summary(found) == {"create": 1, "unchanged": PEOPLE} and guards(found) == {"source_health"}, (summary(found), found["guards"])
    apply(world, code=3)
    assert len(world.sandbox.agents()) == PEOPLE + 1 and "new" in agents(world)
    assert writes(world) == {"CreateUser": PEOPLE + 1}, writes(world)


@case("half a page, no page and a 503 remove nobody, be it the first page, one in the middle or the last", **REMOVES)
def liars(world):
    company(world)
    gone = grow(world, PEOPLE)[7]
    leave(world, gone)  # somebody has left indeed: by a reading that is not whole they stay as well
    for number, (kind, page) in enumerate([("short_page", 1), ("short_page", 2), ("short_page", 3), ("empty_page", 2),
                                           ("unavailable_html", 1), ("unavailable_html", 2), ("half_answer", 3)]):
        okta(world, "user", **person(f"new{number}", groups=[GROUP]))
        lie(world, kind, page, count=1)
        found = plan(world)
        removed = {row["user"] for row in found["changes"] if row["action"] in ("delete", "park")}
        # The last page short by a few is plausible; each of the few is asked for alone, and that tells the truth.
        assert removed <= ({login(gone)} if (kind, page) == ("short_page", 3) else set()), (kind, page, removed)
        if not kind.endswith("_page"):  # the second attempt brought the whole page
            assert found["summary"]["create"] == number + 1, (kind, page, found["summary"])
        tell_truth(world)
    lie(world, "unavailable_html", 2, count=1)
    apply(world, code=3)
    assert agents(world) == {*grow(world, PEOPLE), *(f"new{n}" for n in range(7))}, "all are there, and the new ones"
    tell_truth(world)
    apply(world)
    assert gone not in agents(world) and len(agents(world)) == PEOPLE + 6


@case("a daemon that reconciles through such a source removes nobody and creates who is new",
      **{"Connect": REMOVES["Connect"] | {"RECONCILE_EVERY": "2s"}})
def reconciling(world):
    names = grow(world, PEOPLE)
    open_org(world, seed(in_group=names, **QUICK), CATCH_UP_EVERY="1h")
    world.start()
    wait_until(lambda: len(world.sandbox.agents()) == PEOPLE, "all agents")
    world.wait_settled()

    def rounds(more):
        until = (note(world, "reconcile") or {"n": 0})["n"] + more + 1
        wait_until(lambda: (note(world, "reconcile") or {"n": 0})["n"] >= until, "another round")

    rounds(1)
    for number, kind in enumerate(["unavailable_html", "short_page"]):
        lie(world, kind, 2)  # and again and again
        okta(world, "user", **person(f"new{number}", groups=[GROUP]))
        rounds(2)
        assert set(names) <= agents(world), kind
        tell_truth(world)
        wait_until(lambda n=number: f"new{n}" in agents(world), "the new one")
    okta(world, "member/remove", group=GROUP, users=[login(name) for name in names[:PEOPLE * 3 // 10]])
    okta(world, "user", **person("last", groups=[GROUP]))
    wait_until(lambda: "last" in agents(world), "the new one")
    rounds(1)
    stays(lambda: set(names) <= agents(world), "nobody is removed", 0.5)
    assert "DeleteUser" not in writes(world), writes(world)


# ---- the form of the JSON ----

ACTIONS = {"create", "update", "park", "delete", "adopt", "held", "unchanged", "unmanaged"}


def check_form(found):
    assert list(found["cpu_ms"]) == ["read", "compare"] and all(isinstance(n, int) and n >= 0 for n in found["cpu_ms"].values()), found
    assert isinstance(found["calls"], int) and isinstance(found["seconds"], (int, float)), found
    for guard in found["guards"]:
        assert set(guard) == {"name", "message"} and all(isinstance(text, str) and text for text in guard.values()), guard
    for row in found["changes"]:
        assert set(row) - {"not_before"} == {"user", "okta_id", "agent_id", "action", "because", "fields", "steps"}, row
        assert row["action"] in ACTIONS and isinstance(row["user"], str) and row["user"] and row["because"], row
        assert all(row[key] is None or row[key] for key in ("okta_id", "agent_id")), row
        assert all(re.fullmatch(r"[A-Z][A-Za-z]+", step) for step in row["steps"]), row
        for field in row["fields"]:
            assert set(field) - {"not_read"} == {"name", "from", "to"} and field["from"] != field["to"], field
    told = {action: sum(row["action"] == action for row in found["changes"]) for action in ACTIONS - {"unchanged"}}
    assert told == {action: found["summary"][action] for action in told}, (told, found["summary"])


@case("the object for programs has exactly the promised members, whatever is in it", **REMOVES)
def form(world):
    begin(world, *grow(world, 30))
    check_form(plan(world))
    apply(world)
    world.sandbox.post("agent", name="stranger")
    world.sandbox.post("agent", name=login("held"))
    okta(world, "user", **person("held", groups=[GROUP]))
    okta(world, "user", **person("new", groups=[GROUP]))
    okta(world, "profile", user=login("p000"), profile={"lastName": "Changed"})
    leave(world, "p001")
    world.sandbox.call("DELETE", "agent/" + login("p002"))
    found = plan(world)
    check_form(found)
    assert summary(found) == {"create": 2, "update": 1, "delete": 1, "held": 1, "unmanaged": 1, "unchanged": 27}, summary(found)
    assert change(found, login("p001"))["okta_id"] == user_id("p001")
    # What is counted is what is then called.
    world.sandbox.post("calls/reset")
    apply(world)
    assert sum(writes(world).values()) == 4, writes(world)


@case("exit codes: 0 without changes and without being asked, 2 when asked, 1 for a source that cannot be read, 64 for misuse")
def codes(world):
    begin(world, "ann")
    file = world.folder / "the.plan"
    assert world.command("plan").returncode == 0
    assert world.command("plan", "--detailed-exitcode", "--out", str(file)).returncode == 2 and file.exists()
    assert world.command("plan", "--valid", "soon").returncode == 64 and world.command("plan", "too", "much").returncode == 64
    apply(world, str(file))
    assert world.command("plan", "--detailed-exitcode").returncode == 0
    assert world.command("plan", "--user", login("ann"), "--detailed-exitcode").returncode == 0
    world.sandbox.fail(["access_denied"], "SearchUsers")
    assert world.command("plan", "--detailed-exitcode").returncode == 1


@case("what a listing hides is marked as not read; --deep reads it, and it is not",
      **{"Mapping Agents": {"GROUP": GROUP, "AFTER_CONTACT_WORK": "10s"}})
def hidden(world):
    begin(world, "ann", "ben")
    apply(world)
    world.set(**{"Mapping Agents": {"AFTER_CONTACT_WORK": "20s"}, "Connect": {"MAX_CHANGES": "90%"}})
    world.sandbox.post("calls/reset")
    found = plan(world)
    field = next(field for field in change(found, login("ann"))["fields"] if field["name"] == "after_contact_work")
    assert (field["from"], field["to"], field["not_read"]) == ("10s", "20s", True), field
    assert "(not read: as it was last applied)" in world.command("plan").stdout and world.sandbox.calls("DescribeUser") == 0
    # Somebody has changed it by hand, which no listing shows.
    world.sandbox.post("agent/change", name=login("ann"), phone={"PhoneType": "SOFT_PHONE", "AfterContactWorkTimeLimit": 77})
    deep = plan(world, "--deep")
    field = next(field for field in change(deep, login("ann"))["fields"] if field["name"] == "after_contact_work")
    assert field == {"name": "after_contact_work", "from": "77s", "to": "20s"}, field
    assert world.sandbox.calls("DescribeUser") == 2 and "not read" not in world.command("plan", "--deep").stdout
    check_form(deep)


# ---- broken off, and again ----

@case("broken off by SIGINT and by kill -9 in turn, an apply of many kinds of steps does none of them twice",
      **{"Connect": REMOVES["Connect"] | {"RATE": "15", "BURST": "1"}})
def broken_off(world):
    names = grow(world, 40)
    begin(world, *names, **QUICK)
    world.set(Connect={"RATE": "500", "BURST": "100"})
    apply(world)
    for name in names[:15]:
        okta(world, "profile", user=login(name), profile={"lastName": "Changed"})
    for number in range(15):
        okta(world, "user", **person(f"new{number}", groups=[GROUP]))
    leave(world, *names[37:])
    world.set(Connect={"RATE": "15", "BURST": "1"})
    world.sandbox.post("calls/reset")
    file = save(world)

    def done():
        return sum(writes(world).values())

    for turn in range(4):
        before, running = done(), background(world, file)
        wait_until(lambda b=before, r=running: done() >= b + 5 or r.poll() is not None, "five more steps")
        if turn % 2 == 0:
            running.kill()
        else:
            running.terminate()
        running.wait(60)
    apply(world, file)
    assert writes(world) == {"CreateUser": 15, "UpdateUserIdentityInfo": 15, "DeleteUser": 3}, writes(world)
    found = plan(world)
    assert summary(found) == {"unchanged": 52}, json.dumps(found)[:2000]


main()
