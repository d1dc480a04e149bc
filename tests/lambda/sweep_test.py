"""Roster on AWS Lambda compares Okta with Amazon Connect: the real binary behind the Runtime API, against both played sides.
sweep_test.py PATH/roster PATH/roster-sandbox [NAME]; prints TAP."""
import json

from both import ADMIN, ANN, BOB, DAY, IDLE, ROUTING, SECURITY, agent, main, people, removing, user, user_id
from world import is_equal

# ---- what is compared ----

def test_nothing_differs_and_nothing_is_told(w):
    w.stage(members=["ann", "bob"], agents=[agent("ann"), agent("bob")])
    summary = w.sweep()
    is_equal((summary["done"], summary["source_well"], summary["in_step"], summary["told"]), (True, True, 2, 0))
    is_equal(w.messages(), [])


def test_who_differs_is_told(w):
    w.stage(members=["ann", "bob", "cid", "eve"], in_app=["fay"], others=["dan", "gil"],
            agents=[agent("bob", routing_profile=IDLE), agent("cid", gone_s=60), agent("dan"), agent("eve"),
                    agent("gil", gone_s=60), agent("hal", owner="another")])
    summary = w.sweep()
    # ann and fay have none, bob differs, cid is back, dan has left and does not say so yet; gil's agent says so
    is_equal(w.told(), sorted(user_id(name) for name in ("ann", "fay", "bob", "cid", "dan")))
    is_equal((summary["differ"], summary["change_profiles"], summary["left"], summary["agents"], summary["managed"]), (3, 1, 1, 6, 5))


def test_every_form_of_the_event_is_taken(w):
    w.stage(members=["ann"])
    schedule = {"version": "0", "detail-type": "Scheduled Event", "region": "us-east-1", "resources": ["arn"]}
    for event in ({"kind": "sweep"}, {"kind": "sweep", "changed": True}, schedule | {"source": "aws.events", "detail": {}},
                  schedule | {"source": "aws.scheduler", "detail": "{}"}):
        is_equal(w.sweep(event)["done"], True)
    for body in ('{"kind": "sweep"}', json.dumps({"v": 1, "source": "okta", "uuid": "u", "type": "group.lifecycle.create", "via": "hook",
                                                  "published_ns": 1, "received_ms": 1, "subject": {
                                                      "kind": "group", "membership": {"kind": "group", "container": "00g1"}}})):
        is_equal(w.sweep({"Records": [{"eventSource": "aws:sqs", "messageId": "m1", "receiptHandle": "r1", "body": body,
                                       "attributes": {"MessageGroupId": "sweep"}}]}), {"batchItemFailures": []})
    for event in ({"kind": "else"}, {"Records": [{"eventSource": "aws:sqs", "messageId": "m1", "body": "x"}]}, [], "x"):
        is_equal(w.stub.invoke(event).error_type(), "Function.UnknownEvent")


def test_without_oktas_api_there_is_nothing_to_compare(w):
    w.stage(members=["ann"])
    is_equal(w.sweep(ROSTER_OKTA_ORG_URL=None, ROSTER_OKTA_API_TOKEN=None)["compared"], False)
    is_equal(w.messages(), [])


def test_agents_of_nobodys_are_left_alone(w):
    w.stage(members=["ann"], agents=[agent("zoe") | {"tags": {}}, agent("ann") | {"tags": {}}])
    summary = w.sweep(**removing())
    # ann's name is taken by an agent that is nobody's: a person has to look
    is_equal((summary["held"], w.told(), w.names()), (1, [], ["ann", "zoe"]))


# ---- who is taken away ----

def test_who_has_left_is_deleted_after_the_grace(w):
    w.stage(others=["ann", "bob"], members=people(40), agents=[agent("ann", gone_s=25 * 3600, id=ANN),
            agent("bob", gone_s=23.5 * 3600, id=BOB), agent("cid", gone_s=25 * 3600)] + [agent(name) for name in people(40)],
            connect={"quick_connects": [{"name": "to ann", "type": "USER", "user": ANN},
                                        {"name": "to bob", "type": "USER", "user": BOB},
                                        {"name": "desk", "type": "PHONE_NUMBER", "phone_number": "+4930123456"}]})
    summary = w.sweep(**removing())
    is_equal((summary["deleted"], summary["remove_soon"], summary["failed"]), (2, 1, 0))
    is_equal([name for name in w.names() if not name.startswith("p")], ["bob"])
    left = w.sandbox.control("GET", "profiles")["quick_connects"]
    is_equal(sorted((one.get("name") or one.get("Name")) for one in left), ["desk", "to bob"])


def test_who_has_left_is_parked(w):
    w.stage(others=["ann"], members=["bob"], agents=[agent("ann", gone_s=2 * DAY), agent("bob")])
    more = {"ROSTER_CONNECT_ON_REMOVE": "disable", "ROSTER_CONNECT_PARKED_SECURITY_PROFILE": "QualityAnalyst",
            "ROSTER_CONNECT_PARKED_ROUTING_PROFILE": IDLE}
    is_equal(w.sweep(**more)["parked"], 1)
    ann = w.agents()["ann@acme.com"]
    is_equal(ann["RoutingProfileId"], IDLE)
    again = w.sweep()
    is_equal((again["parked"], again["remove"], again["in_step"]), (0, 0, 2))


def test_who_is_suspended_is_parked_without_grace(w):
    w.stage(members=[user("ann", status="SUSPENDED"), "bob"], agents=[agent("ann"), agent("bob")])
    more = {"ROSTER_CONNECT_PARKED_SECURITY_PROFILE": "QualityAnalyst", "ROSTER_CONNECT_PARKED_ROUTING_PROFILE": IDLE}
    is_equal(w.sweep(**more)["parked"], 1)
    is_equal(w.agents()["ann@acme.com"]["RoutingProfileId"], IDLE)


def test_agents_are_kept_when_that_is_set(w):
    w.stage(others=["ann"], members=["bob"], agents=[agent("ann", gone_s=9 * DAY), agent("bob")])
    summary = w.sweep()
    is_equal((summary["remove"], summary["in_step"], w.names()), (0, 2, ["ann", "bob"]))


def test_who_is_on_a_contact_is_kept_until_the_next_sweep(w):
    w.stage(others=["ann"], members=["bob"], agents=[agent("ann", gone_s=DAY + 60), agent("bob")])
    w.sandbox.control("POST", "contacts", agent="ann@acme.com", contacts=1)
    is_equal(w.sweep(**removing())["on_contact"], 1)
    is_equal(w.names(), ["ann", "bob"])
    w.sandbox.control("POST", "contacts", agent="ann@acme.com", contacts=0)
    is_equal(w.sweep()["deleted"], 1)


def test_who_is_on_a_contact_for_too_long_is_parked(w):
    w.stage(others=["ann"], members=["bob"], agents=[agent("ann", gone_s=2 * DAY), agent("bob")])
    w.sandbox.control("POST", "contacts", agent="ann@acme.com", contacts=1)
    more = removing(ROSTER_CONNECT_MAX_WAIT="1h", ROSTER_CONNECT_PARKED_SECURITY_PROFILE="QualityAnalyst",
                    ROSTER_CONNECT_PARKED_ROUTING_PROFILE=IDLE)
    is_equal((w.sweep(**more)["parked"], w.agents()["ann@acme.com"]["RoutingProfileId"]), (1, IDLE))


def test_a_tag_that_is_no_time_concludes_nothing(w):
    w.stage(others=["ann"], members=["bob"], agents=[agent("ann", gone_s="last year"), agent("bob")])
    is_equal((w.sweep(**removing())["deleted"], w.told(), w.names()), (0, [user_id("ann")], ["ann", "bob"]))


def test_the_last_administrator_stays(w):
    w.stage(members=people(3), agents=[agent("ann", gone_s=2 * DAY, security_profiles=[SECURITY, ADMIN]),
                                       agent("bob", gone_s=2 * DAY, security_profiles=[ADMIN])] + [agent(name) for name in people(3)])
    summary = w.sweep(**removing())
    is_equal((summary["deleted"], summary["last_administrators"]), (1, 1))
    assert w.errors("the last administrator is kept"), w.logs()


def test_somebody_who_is_back_is_not_taken(w):
    """A listing that misses somebody is no proof: each is read by themselves before."""
    w.stage(members=people(30), agents=[agent(name) for name in people(29)] + [agent(people(30)[29], gone_s=2 * DAY)])
    w.sandbox.control("POST", "okta/faults", operation="listGroupUsers", rate=1, kinds=["short_page"])
    summary = w.sweep({"kind": "sweep", "trust_listings": True}, **removing())
    is_equal((summary["remove"], summary["deleted"], summary["not_any_more"]), (1, 0, 1))
    is_equal(len(w.names()), 30)


# ---- bounds ----

def test_a_set_beyond_the_bound_is_held_as_a_whole_until_released(w):
    w.stage(members=people(20), agents=[agent(name) for name in people(20)] + [agent(name, gone_s=2 * DAY) for name in people(6, 50)])
    more = removing(ROSTER_CONNECT_MAX_REMOVALS="5")
    held = w.sweep(**more)
    is_equal((held["removals_held"], held["deleted"], len(w.names())), (True, 0, 26))
    [line] = w.errors("a set is held at its bound")
    assert "release_removals" in line and "people=6" in line, line
    # less than there are is not enough
    is_equal(w.sweep({"kind": "sweep", "release_removals": 5})["deleted"], 0)
    released = w.sweep({"kind": "sweep", "release_removals": 6})
    is_equal((released["removals_held"], released["deleted"], len(w.names())), (False, 6, 20))


def test_who_comes_due_within_the_hour_counts_in_the_set(w):
    w.stage(members=people(20), agents=[agent(name) for name in people(20)] + [agent(name, gone_s=DAY + 5) for name in people(3, 50)]
            + [agent(name, gone_s=DAY - 600) for name in people(3, 60)])
    is_equal(w.sweep(**removing(ROSTER_CONNECT_MAX_REMOVALS="5"))["removals_held"], True)
    is_equal(len(w.names()), 26)


def test_removals_of_one_hour_count_together(w):
    w.stage(members=people(20), agents=[agent(name) for name in people(20)] + [agent(name, gone_s=2 * DAY) for name in people(4, 50)])
    is_equal(w.sweep(**removing(ROSTER_CONNECT_MAX_REMOVALS="5"))["deleted"], 4)
    w.sandbox.control("POST", "agents", agents=[agent(name, gone_s=2 * DAY) for name in people(4, 60)])
    is_equal(w.sweep()["removals_held"], True)


def test_changes_beyond_the_bound_are_not_told(w):
    w.stage(members=people(30), agents=[agent(name, routing_profile=IDLE) for name in people(12)] + [agent(name) for name in people(18, 12)])
    more = {"ROSTER_CONNECT_MAX_CHANGES": "11"}
    held = w.sweep(**more)
    is_equal((held["changes_held"], held["change_profiles"], w.told()), (True, 12, []))
    w.sweep({"kind": "sweep", "release_changes": 12})
    is_equal(len(w.told()), 12)


# ---- both functions together ----

def test_joiners_and_leavers_go_the_whole_way(w):
    """What `sweep` tells, `converge` understands; what `converge` tags, `sweep` takes away."""
    w.stage(members=["ann", "bob", "eve"], others=["dan"], agents=[agent("bob", routing_profile=IDLE), agent("dan"),
                                                                    agent("eve", gone_s=60)])
    more = removing(ROSTER_CONNECT_REMOVAL_GRACE="0s")
    is_equal(w.sweep(**more)["told"], 4)
    is_equal(w.converge(**more), 4)
    agents = w.agents()
    is_equal(w.names(), ["ann", "bob", "dan", "eve"])
    is_equal(agents["bob@acme.com"]["RoutingProfileId"], ROUTING)
    is_equal([name for name, one in sorted(agents.items()) if "roster:gone" in one["Tags"]], ["dan@acme.com"])
    summary = w.sweep()
    is_equal((summary["deleted"], summary["told"], summary["in_step"], w.names()), (1, 0, 3, ["ann", "bob", "eve"]))


main(globals())
