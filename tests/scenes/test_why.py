#!/usr/bin/env python3
"""roster why: the whole story of one person, from the store alone."""
import json

import lib
from lib import case, main, wait_until
from org import login, okta, open_org, org, seed
from plans import NOW, apply, begin, leave, writes


def why(world, name):
    done = world.command("why", "--json", login(name))
    assert done.returncode == 0, done
    found = json.loads(done.stdout)
    assert set(found) == {"person", "story", "is_cut", "next"}, found
    return found


def told(world, name):
    done = world.command("why", login(name))
    assert done.returncode == 0, done
    return done.stdout


def steps(found):
    return [entry for entry in found["story"] if entry["kind"] == "step"]


@case("each step stands there with cause, time, answer, request id and what it changed; the rule of each value too", **NOW)
def story(world):
    begin(world, "ann", "ben")
    apply(world)
    okta(world, "profile", user=login("ann"), profile={"lastName": "New"})
    apply(world)
    found = why(world, "ann")
    create, update = steps(found)
    assert create["operation"] == "CreateUser" and create["outcome"] == "done" and create["status"] == 200, create
    assert {"name": "routing_profile", "from": None, "to": lib.ROUTING_PROFILE} in create["fields"], create
    assert update["fields"] == [{"name": "last_name", "from": "Test", "to": "New"}], update
    assert update["request_id"] and update["cause"].startswith("plan "), update
    assert found["person"]["given"] and found["next"]["operations"] == [], found["next"]
    text = told(world, "ann")
    for part in (f"step {update['step']}, UpdateUserIdentityInfo: done, 200", update["request_id"], "last_name", "Test → New",
                 "ROUTING_PROFILE", "nothing, until Okta says something new"):
        assert part in text, (part, text)
    assert login("ben") not in text


@case("what is still to happen: a removal within its grace, and what it will do",
      Connect={"ON_REMOVE": "delete", "REMOVAL_GRACE": "1h"})
def future(world):
    org(world, seed(in_group=["ann", "ben"]))
    world.wait_agents(login("ann"), login("ben"))
    world.wait_settled()
    leave(world, "ann")
    wait_until(lambda: "DeleteUser" in why(world, "ann")["next"]["operations"], "the removal is foreseen")
    found = why(world, "ann")
    assert found["next"]["due"] and found["person"]["grace_ends"], found["next"]
    events = [entry for entry in found["story"] if entry["kind"] == "event"]
    assert events and events[-1]["type"] == "group.user_membership.remove", found["story"]
    text = told(world, "ann")
    assert "REMOVAL_GRACE ends" in text and "Okta: group.user_membership.remove" in text, text
    assert writes(world) == {"CreateUser": 2}


@case("why nothing happens stands there too; somebody unknown is refused")
def held(world):
    open_org(world, seed(in_group=["ann"]))
    world.sandbox.post("agent", name=login("ann"))
    world.start()
    wait_until(lambda: world.people("held") == 1, "a stranger's agent is in the way")
    found = why(world, "ann")
    assert found["next"]["held"] and found["person"]["state"] == "held", found["next"]
    assert "nothing by itself: " in told(world, "ann")
    done = world.command("why", "nobody")
    assert done.returncode == 1 and "nobody" in done.stderr, done


main()
