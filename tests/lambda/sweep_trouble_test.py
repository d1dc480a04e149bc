"""The comparison on AWS Lambda when something goes wrong: sources that cannot be believed, and time that does not suffice.
sweep_trouble_test.py PATH/roster PATH/roster-sandbox [NAME]; prints TAP."""
import json

from stub import Stub
from both import DAY, GROUP, SWEEPS, agent, main, people, removing, user_id
from world import is_equal

# ---- sources that cannot be believed ----

def test_a_listing_that_fails_removes_nobody(w):
    w.stage(members=["ann"], agents=[agent("ann"), agent("bob", gone_s=2 * DAY), agent("cid")])
    w.sandbox.control("POST", "okta/faults", operation="listGroupUsers", rate=1, kinds=["forbidden"])
    summary = w.sweep(**removing())
    is_equal((summary["source_well"], summary["deleted"], w.told(), len(w.names())), (False, 0, [], 3))
    assert w.errors("Okta was not read as a whole"), w.logs()


def test_a_listing_that_has_shrunk_removes_nobody(w):
    w.stage(members=people(40), agents=[agent(name) for name in people(40)] + [agent("bob", gone_s=2 * DAY)])
    w.sandbox.control("POST", "okta/faults", operation="listGroupUsers", rate=1, kinds=["short_page"])
    summary = w.sweep(**removing())
    is_equal((summary["source_well"], summary["left"], summary["deleted"], w.told()), (False, 20, 0, []))
    assert w.errors("what Okta shows is not plausible"), w.logs()


def test_a_name_that_okta_does_not_have_removes_nobody(w):
    w.stage(members=["ann"], agents=[agent("ann"), agent("bob", gone_s=2 * DAY)])
    is_equal(w.sweep(**removing(ROSTER_OKTA_APP_NAME="No Such App"))["deleted"], 0)
    is_equal(w.names(), ["ann", "bob"])


def test_a_5xx_in_passing_removes_nobody(w):
    w.stage(members=["ann"], agents=[agent("ann"), agent("bob", gone_s=2 * DAY)])
    w.sandbox.control("POST", "okta/faults", operation="listGroupUsers", rate=1, count=1, kinds=["internal"])
    summary = w.sweep(**removing())
    is_equal((summary["source_well"], summary["deleted"]), (False, 0))
    is_equal(w.sweep()["deleted"], 1)  # with the next one


def test_amazon_connect_that_cannot_be_read_fails_the_sweep(w):
    w.stage(members=["ann"])
    w.sandbox.control("POST", "faults", operation="SearchUsers", rate=1, kinds=["access_denied"])
    w.start("sweep")
    is_equal(w.stub.invoke({"kind": "sweep"}, 60).error_type(), "Function.SweepFailed")


# ---- time ----

def test_what_does_not_end_in_time_goes_on(w):
    """Throttled to five agents a second, twelve cannot be taken away in one round of four seconds."""
    names = people(24, 50)
    w.stage(members=people(5), agents=[agent(name) for name in people(5)] + [agent(name, gone_s=2 * DAY) for name in names])
    more = removing(ROSTER_CONNECT_MAX_REMOVALS="500", ROSTER_CONNECT_RATE="500, DeleteUser:6",
                    ROSTER_CONNECT_BURST="500, DeleteUser:2")
    answer, rounds = w.sweep({"kind": "sweep", "release_removals": 24}, deadline_s=6.0, **more), 0
    while not answer.get("done"):
        [message] = w.messages(SWEEPS)
        order = json.loads(message["body"])
        rounds += 1
        is_equal((message["group"], order["kind"], order["round"], order["release_removals"]), ("sweep", "sweep", rounds, 24))
        w.sandbox.control("POST", "sqs/purge")
        answer = w.sweep(order, deadline_s=6.0)
    assert rounds >= 1, "it ended in one round, so this shows nothing"
    is_equal((w.names(), answer["deleted"] <= 24), (people(5), True))
    is_equal(w.sweep(order)["compared"], False)  # a late message has nothing begin anew that is over
    is_equal(w.sandbox.control("GET", "calls")["DeleteUser"]["done"], 24)


def test_a_change_meanwhile_has_another_one_begin(w):
    """The sweep that was put off has read Okta before that."""
    names = people(24, 50)
    w.stage(members=people(5), agents=[agent(name) for name in people(5)] + [agent(name, gone_s=2 * DAY) for name in names])
    more = removing(ROSTER_CONNECT_MAX_REMOVALS="500", ROSTER_CONNECT_RATE="500, DeleteUser:6",
                    ROSTER_CONNECT_BURST="500, DeleteUser:2")
    assert "done" not in w.sweep({"kind": "sweep", "release_removals": 24}, deadline_s=6.0, **more)
    [message] = w.messages(SWEEPS)
    w.sandbox.control("POST", "sqs/purge")
    w.sandbox.control("POST", "okta/member/remove", group=GROUP, user="p0000@acme.com")
    answer = w.sweep({"kind": "sweep", "changed": True})
    is_equal((answer["done"], answer["left"], w.told(), w.names()), (True, 1, [user_id("p0000")], people(5)))
    is_equal(w.logs().count("sweep ended"), 2)
    is_equal(w.sweep(json.loads(message["body"]))["compared"], False)
    # together with a change its late message stands for that alone
    is_equal(w.sweep(json.loads(message["body"]) | {"changed": True})["done"], True)
    is_equal(w.logs().count("sweep ended"), 3)


def test_what_was_put_off_is_done_by_another_process_too(w):
    names = people(24, 50)
    w.stage(members=people(5), agents=[agent(name) for name in people(5)] + [agent(name, gone_s=2 * DAY) for name in names])
    more = removing(ROSTER_CONNECT_MAX_REMOVALS="500", ROSTER_CONNECT_RATE="500, DeleteUser:6",
                    ROSTER_CONNECT_BURST="500, DeleteUser:2")
    answer = w.sweep(deadline_s=6.0, **more)
    assert "done" not in answer, answer
    w.functions.pop().end()
    w.stub.close()
    w.stub, w.started = Stub(), None  # the dead one must not be handed the next event
    while not answer.get("done"):
        answer = w.sweep(answer, deadline_s=30.0, **more)
    is_equal(w.names(), people(5))


def test_without_a_queue_of_its_own_it_fails_loudly(w):
    w.stage(members=people(5), agents=[agent(name) for name in people(5)])
    w.sandbox.control("POST", "okta/delays", list_ms=0)
    w.sandbox.control("POST", "faults", operation="SearchUsers", rate=1, kinds=["hang"])
    w.start("sweep", ROSTER_QUEUE_SWEEP_URL=None)
    is_equal(w.stub.invoke({"kind": "sweep"}, 3.0).error_type(), "Function.SweepUnfinished")
    w.sandbox.control("POST", "faults", operation="SearchUsers", rate=1, kinds=[])
    result = w.stub.invoke({"kind": "sweep"}, 60)  # as AWS's retry would
    is_equal(result.json()["done"], True)


def test_frozen_and_thawed_it_works_on(w):
    w.stage(members=["ann"], agents=[agent("ann")])
    w.sweep()
    w.started.freeze()
    w.stub.put({"kind": "sweep"}, 60)
    w.started.thaw()
    is_equal(w.stub.result().json()["in_step"], 1)


def test_many_are_told_and_each_once(w):
    w.stage(generate={"users": 2500, "groups": [GROUP]})
    summary = w.sweep()
    is_equal((summary["told"], len(w.told()), len(set(w.told()))), (2500, 2500, 2500))


def test_what_sqs_refuses_in_passing_is_sent_again(w):
    w.stage(members=people(35))
    w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", rate=1, count=2, kinds=["partial"])
    is_equal((w.sweep()["told"], w.told()), (35, [user_id(name) for name in people(35)]))


main(globals())
