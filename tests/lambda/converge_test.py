"""Roster on AWS Lambda works its queue off: the real binary behind the Runtime API, the sandbox as SQS, Okta and Amazon Connect.
converge_test.py PATH/roster PATH/roster-sandbox; prints TAP."""
import json
import sys
import time

from stub import run_tests
from work import Work, is_equal, is_time, login, message, seed, tags_of, update, user_id
from world import HOOK_SECRET, deliver, delivery_of, event_of, programs

MANAGED, OKTA_ID, GONE = "roster:managed-by", "roster:okta-id", "roster:gone"


def test_a_joiner_becomes_an_agent_by_one_search_and_one_creation(w):
    w.start("converge")
    is_equal(w.work_off(message("ann"), message("bob"), message("ann")), [(0, 3)])
    agents = w.agents()
    is_equal(sorted(agents), [login("ann"), login("bob")])
    is_equal(tags_of(agents[login("ann")]), {MANAGED: "roster", OKTA_ID: user_id("ann")})
    is_equal((w.calls("CreateUser"), w.calls("SearchUsers"), w.calls("DescribeUser")), (2, 2, 0))
    is_equal(w.messages(), [])


def test_what_is_as_it_should_be_is_left_alone(w):
    w.start("converge")
    w.work_off(message("ann"))
    w.sandbox.control("POST", "calls/reset")
    w.work_off(message("ann"))
    calls = w.sandbox.control("GET", "calls")
    is_equal(sorted(calls), ["DescribeUser", "SearchUsers"])


RULES = f"""[OKTA]
ORG_URL = %s
[Roster]
NAME = roster
[Connect]
ON_REMOVE = delete
[Mapping agents]
GROUP = Connect Agents
SECURITY_PROFILES = Agent
ROUTING_PROFILE = Basic Routing Profile
[Mapping leads]
GROUP = Connect Leads
SECURITY_PROFILES = CallCenterManager
ROUTING_PROFILE = Basic Routing Profile
"""


def with_rules(w, text=RULES, **more):
    w.start("converge", ROSTER_CONFIG=text % f"http://{w.sandbox.address}", ROSTER_OKTA_APP_NAME=None, ROSTER_OKTA_GROUP_NAME=None,
            CONNECT_SECURITY_PROFILE_IDS=None, CONNECT_ROUTING_PROFILE_ID=None, ROSTER_OKTA_ORG_URL=None, **more)


def test_a_delivery_becomes_an_agent(w):
    function = w.start("receive", ROSTER_OKTA_HOOK_SECRET=HOOK_SECRET)
    is_equal(deliver(w, delivery_of(event_of(1, user_id("ann")), event_of(2, user_id("bob")))).status, 200)
    w.kill(function)
    w.start("converge")
    is_equal((w.take(), w.take()), ((0, 2), None))
    is_equal(sorted(w.agents()), [login("ann"), login("bob")])


def test_a_mover_gets_what_the_new_rule_gives(w):
    with_rules(w)
    w.work_off(message("ann"))
    is_equal(w.agents()[login("ann")]["SecurityProfileNames"], ["Agent"])
    w.okta("member", group="Connect Leads", user=login("ann"))
    is_equal(w.work_off(message("ann", container="00gleads000000000001")), [(0, 1)])
    is_equal(sorted(w.agents()[login("ann")]["SecurityProfileNames"]), ["Agent", "CallCenterManager"])
    w.okta("profile", user=login("ann"), profile={"lastName": "Smith"})
    w.work_off(update("ann"))
    is_equal(w.agents()[login("ann")]["IdentityInfo"]["LastName"], "Smith")
    is_equal(w.calls("CreateUser"), 1)


def test_a_leaver_is_tagged_and_kept_and_who_is_back_is_not(w):
    w.start("converge")
    w.work_off(message("ann"))
    w.okta("member/remove", group="Connect Agents", user=login("ann"))
    is_equal(w.work_off(message("ann", is_member=False)), [(0, 1)])
    agent = w.agents()[login("ann")]
    is_time(tags_of(agent)[GONE])
    is_equal((w.calls("TagResource"), w.calls("DeleteUser"), w.calls("UpdateUserSecurityProfiles")), (1, 0, 0))
    before = tags_of(agent)[GONE]
    w.work_off(message("ann", is_member=False))  # said again: the time stays
    is_equal((tags_of(w.agents()[login("ann")])[GONE], w.calls("TagResource")), (before, 1))
    w.okta("member", group="Connect Agents", user=login("ann"))
    is_equal(w.work_off(message("ann")), [(0, 1)])
    is_equal(tags_of(w.agents()[login("ann")]), {MANAGED: "roster", OKTA_ID: user_id("ann")})
    is_equal((w.calls("CreateUser"), w.messages()), (1, []))


def test_who_is_deactivated_or_deleted_in_okta_is_tagged(w):
    w.start("converge")
    w.work_off(message("ann"), message("bob"))
    w.okta("status", user=login("ann"), do="deactivate")
    w.okta("status", user=login("bob"), do="deactivate")
    w.okta("status", user=login("bob"), do="delete")
    is_equal(w.work_off(update("ann"), update("bob")), [(0, 2)])
    is_equal([GONE in tags_of(agent) for agent in w.agents().values()], [True, True])


def test_who_is_suspended_is_left_to_the_sweep(w):
    w.start("converge")
    w.work_off(message("ann"))
    w.okta("status", user=login("ann"), do="suspend")
    w.okta("status", user=login("bob"), do="suspend")
    w.work_off(update("ann"), message("bob"))
    is_equal({name: GONE in tags_of(agent) for name, agent in w.agents().items()}, {login("ann"): False})


def test_a_group_that_is_gone_takes_nobody_away(w):
    w.start("converge")
    w.work_off(message("ann"))
    w.okta("group/delete", group="Connect Agents")
    is_equal(w.work_off(message("ann", is_member=False)), [(0, 1)])
    assert GONE not in tags_of(w.agents()[login("ann")])
    [letter] = w.dead()
    is_equal(letter["dead"]["code"], "unsure")


def test_strangers_cost_nothing_in_amazon_connect_but_a_search(w):
    w.start("converge")
    is_equal(w.work_off(update("carl")), [(0, 1)])
    calls = w.sandbox.control("GET", "calls")
    is_equal((sorted(calls), w.agents()), (["DescribeInstance", "SearchUsers"], {}))


def test_a_strangers_agent_is_held_and_told_by_a_dead_letter(w):
    w.sandbox.control("POST", "agent", name=login("ann"))
    w.start("converge")
    sent = message("ann")
    is_equal(w.work_off(sent), [(0, 1)])
    [letter] = w.dead()
    death = letter.pop("dead")
    is_equal((letter, death["code"]), (sent, "exists"))
    assert "ON_EXISTING" in death["reason"] and death["at_ms"] > 10**12, death
    is_equal((tags_of(w.agents()[login("ann")]), w.messages()), ({}, []))
    log = w.logs()
    assert "this never will be" in log and "code=exists" in log, log


def test_a_strangers_agent_is_taken_over_where_that_is_allowed(w):
    w.sandbox.control("POST", "agent", name=login("ann"))
    w.start("converge", ROSTER_CONNECT_ON_EXISTING="adopt")
    is_equal(w.work_off(message("ann")), [(0, 1)])
    is_equal(tags_of(w.agents()[login("ann")]), {MANAGED: "roster", OKTA_ID: user_id("ann")})


def test_another_user_name_is_held_and_never_a_second_agent(w):
    w.start("converge", ROSTER_CONNECT_ON_RENAME="replace")
    w.work_off(message("ann"))
    w.okta("profile", user=login("ann"), profile={"login": "anna@acme.com"})
    is_equal(w.work_off(update("ann")), [(0, 1)])
    is_equal((sorted(w.agents()), [one["dead"]["code"] for one in w.dead()]), ([login("ann")], ["user_name_differs"]))
    assert "ON_RENAME = replace needs" in w.logs()


def test_what_amazon_connect_refuses_for_good_is_a_dead_letter(w):
    w.start("converge", CONNECT_ROUTING_PROFILE_ID="00000000-1111-4222-8333-444444444444")
    is_equal(w.work_off(message("ann")), [(0, 1)])
    [letter] = w.dead()
    is_equal(letter["dead"]["code"], "refused")
    assert "CreateUser" in letter["dead"]["reason"], letter


def test_a_name_that_the_instance_does_not_have_is_a_dead_letter(w):
    with_rules(w, RULES.replace("SECURITY_PROFILES = Agent", "SECURITY_PROFILES = Agents"))
    is_equal(w.work_off(message("ann")), [(0, 1)])
    [letter] = w.dead()
    is_equal(letter["dead"]["code"], "unknown_name")
    assert "'Agent'" in letter["dead"]["reason"], letter


def test_a_message_of_somebody_else_is_a_dead_letter_and_the_others_are_worked_on(w):
    w.start("converge")
    newer = message("bob", number="x") | {"v": 99}
    is_equal(w.work_off("no JSON", newer, message("ann")), [(0, 3)])
    letters = w.dead()
    is_equal(([one["dead"]["code"] for one in letters], letters[0]["body"]), (["bad_message"] * 2, "no JSON"))
    is_equal(letters[1] | {"dead": 0}, newer | {"dead": 0})
    is_equal(sorted(w.agents()), [login("ann")])


# ---- what concerns no single person ----

SWEEPS, WINDOW_S = "roster-sweep.fifo", 45


def about(kind, type):
    changed = message("x", kind=kind, type=type)
    changed["subject"] |= {"kind": kind}
    del changed["subject"]["user"]
    return changed


GROUP_DELETED, APP_SWITCHED_OFF = about("group", "group.lifecycle.delete"), about("app", "application.lifecycle.deactivate")


def with_sweeps(w, **more):
    w.sandbox.control("POST", "sqs/queue", name=SWEEPS, visibility_s=60)
    w.start("converge", ROSTER_QUEUE_SWEEP_URL=w.queue_url(SWEEPS), **more)


def test_a_sweep_is_asked_for_once_for_a_burst_and_again_later(w):
    with_sweeps(w)
    for _ in range(3):  # once more where the window ends meanwhile
        w.sandbox.control("POST", "sqs/purge", queue=SWEEPS)
        w.sandbox.control("POST", "sqs/forward", seconds=301)
        window = time.time() // WINDOW_S
        w.send(GROUP_DELETED, group="scope:00g")
        w.send(APP_SWITCHED_OFF, group="scope:0oa")
        is_equal(w.work_off(message("ann")), [(0, 3)])
        [order] = w.messages(SWEEPS)
        is_equal(w.work_off(GROUP_DELETED), [(0, 1)])
        if window == time.time() // WINDOW_S:
            break
    is_equal((len(w.messages(SWEEPS)), order["group"], json.loads(order["body"])), (1, "sweep", {"kind": "sweep", "changed": True}))
    assert int(order["deduplication"].removeprefix("changed-")) == window, (order, window)
    is_equal(w.logs().count("a sweep is asked for") % 3, 0)
    w.sandbox.control("POST", "sqs/forward", seconds=301)
    is_equal((w.work_off(APP_SWITCHED_OFF), len(w.messages(SWEEPS))), ([(0, 1)], 2))
    is_equal((w.dead(), sorted(w.agents())), ([], [login("ann")]))


def test_a_sweep_that_could_not_be_asked_for_is_asked_for_again(w):
    with_sweeps(w)
    w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", rate=1, kinds=["access_denied"])
    w.send(GROUP_DELETED, "no JSON", group="scope:00g")
    w.send(message("ann"))
    is_equal(w.take(), (2, 3))  # what stands behind it waits as well
    is_equal((w.messages(SWEEPS), w.dead(), sorted(w.agents())), ([], [], [login("ann")]))
    assert "a sweep could not be asked for" in w.logs()
    w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch")
    w.sandbox.control("POST", "sqs/forward", seconds=16)
    is_equal(w.take(), (0, 2))
    is_equal((len(w.messages(SWEEPS)), len(w.dead()), w.messages()), (1, 1, []))


def test_no_sweep_is_asked_for_without_time_to_see_that_sqs_has_it(w):
    with_sweeps(w)
    w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", rate=1, kinds=["hang"])
    w.send(GROUP_DELETED, "no JSON", group="scope:00g")
    is_equal(w.take(deadline_s=4), (2, 2))
    is_equal((w.messages(SWEEPS), w.dead()), ([], []))


def test_without_a_queue_for_it_the_schedules_sweep_has_to_do(w):
    w.start("converge")
    is_equal(w.work_off(GROUP_DELETED), [(0, 1)])
    assert "the schedule's next sweep finds" in w.logs()
    is_equal(w.dead(), [])


def test_without_oktas_api_no_sweep_is_asked_for(w):
    w.has_okta = False
    with_sweeps(w)
    is_equal((w.work_off(GROUP_DELETED), w.messages(SWEEPS)), ([(0, 1)], []))
    assert "nothing can be compared" in w.logs()


def test_an_event_that_is_no_batch_fails(w):
    w.start("converge")
    is_equal(w.stub.invoke({"kind": "sweep"}).error_type(), "Function.UnknownEvent")
    is_equal(w.stub.invoke(b"{").error_type(), "Function.UnknownEvent")
    is_equal(w.work_off(message("ann")), [(0, 1)])


def test_without_oktas_api_agents_are_only_made(w):
    w.has_okta = False
    w.start("converge")
    is_equal(w.work_off(message("ann"), message("ben", kind="app")), [(0, 2)])
    is_equal(sorted(w.agents()), [login("ann"), login("ben")])
    w.work_off(message("ann", is_member=False), update("ben"), message("cid", is_member=False))
    agents = w.agents()
    is_equal((sorted(agents), [GONE in tags_of(one) for one in agents.values()]), ([login("ann"), login("ben")], [False] * 2))
    assert "agents are only made" in w.logs() and "only agents are made" in w.logs(), w.logs()


TESTS = [(name, function) for name, function in list(globals().items())
         if name.startswith("test_") and all(word in name for word in sys.argv[3:])]


def make():
    roster, sandbox = programs()
    return Work(roster, sandbox, okta=seed(in_group=["ann", "bob"], people=["carl"], rates={"bucket": "*", "limit": 0}))


if __name__ == "__main__":
    sys.exit(1 if run_tests(TESTS, make) else 0)
