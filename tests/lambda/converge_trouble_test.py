"""Roster on AWS Lambda works its queue off while something goes wrong: throttles, outages, kills. converge_trouble_test.py
PATH/roster PATH/roster-sandbox; prints TAP."""
import sys
import time

from stub import run_tests
from work import Work, burst, event_of, is_equal, login, message, person, seed, tags_of, wait_until
from world import programs

GONE = "roster:gone"


def test_throttling_is_waited_out(w):
    w.start("converge", ROSTER_CONNECT_RATE="50", ROSTER_CONNECT_BURST="10")
    w.sandbox.control("POST", "faults", operation="CreateUser", rate=1, count=3, kinds=["throttle"])
    is_equal(w.work_off(message("ann"), message("bob")), [(0, 2)])
    is_equal((len(w.agents()), w.calls("CreateUser")), (2, 5))


def test_what_is_throttled_to_the_end_is_hidden_for_a_while_and_comes_again(w):
    w.start("converge")
    w.sandbox.control("POST", "faults", operation="CreateUser", rate=1, kinds=["throttle"])
    w.send(message("ann"), message("ann", is_member=True))
    is_equal(w.take(deadline_s=6), (2, 2))
    is_equal((len(w.messages()), w.sandbox.control("GET", "sqs/calls")["ChangeMessageVisibilityBatch"]["ok"]), (2, 1))
    assert "message comes again" in w.logs()
    w.sandbox.control("POST", "faults", operation="CreateUser")
    w.sandbox.control("POST", "sqs/forward", seconds=12)
    is_equal(w.take(), (0, 2))
    is_equal(len(w.agents()), 1)


def test_what_stands_behind_somebody_who_comes_again_waits_too(w):
    w.start("converge")
    w.sandbox.control("POST", "faults", operation="CreateUser", rate=1, kinds=["throttle"])
    w.send(message("ann"), "no JSON", message("ann"), group="00uann")
    w.send(message("carl"))
    is_equal(w.take(deadline_s=6), (3, 4))
    is_equal((len(w.messages()), w.dead()), (3, []))
    w.sandbox.control("POST", "faults", operation="CreateUser")
    w.sandbox.control("POST", "sqs/forward", seconds=31)
    is_equal(w.take(), (0, 3))
    is_equal(([one["body"] for one in w.dead()], sorted(w.agents())), (["no JSON"], [login("ann")]))


def test_each_worker_takes_its_part_of_the_rate_only(w):
    names = [f"p{i}" for i in range(8)]
    for name in names:
        w.okta("user", **person(name))
        w.okta("member", group="Connect Agents", user=login(name))
    w.start("converge", ROSTER_CONNECT_RATE="20", ROSTER_CONNECT_BURST="8", ROSTER_QUEUE_CONCURRENCY="4")
    is_equal(w.work_off(*map(message, names)), [(0, 8)])
    for operation in ("SearchUsers", "CreateUser"):
        calls = w.sandbox.control("GET", "calls")[operation]
        is_equal(calls["ok"], 8)
        took_ms = calls["last_ms"] - calls["first_ms"]
        assert took_ms >= 1300, (operation, took_ms)  # 5 a second, and one at once


def test_an_operation_that_is_refused_to_all_makes_the_batch_come_again_soon_and_in_order(w):
    w.start("converge")
    w.sandbox.control("POST", "faults", operation="CreateUser", rate=1, kinds=["access_denied"])
    w.send(message("ann"), message("bob"))
    began = time.monotonic()
    is_equal(w.take(deadline_s=60), (2, 2))
    assert time.monotonic() - began < 30, "it waited for the deadline"
    assert w.calls("CreateUser") <= 2
    w.sandbox.control("POST", "faults", operation="CreateUser")
    wait_until(lambda: w.sandbox.control("POST", "sqs/forward", seconds=900) is not None, "time")
    time.sleep(11)  # the probe
    is_equal(w.take(deadline_s=60), (0, 2))
    is_equal((len(w.agents()), w.dead()), (2, []))


def test_without_an_answer_to_the_creation_there_is_still_one_agent(w):
    for kind in ("cut_after", "half_answer", "internal"):
        w.sandbox.control("POST", "faults", operation="CreateUser", rate=1, count=1, kinds=[kind])
        function = w.start("converge")
        w.work_off(message("ann"))
        w.kill(function)
        w.sandbox.control("POST", "faults", operation="CreateUser")
    w.start("converge")
    w.sandbox.control("POST", "sqs/forward", seconds=900)
    is_equal(w.take(), None)
    is_equal((sorted(w.agents()), w.dead()), ([login("ann")], []))


def test_okta_that_lags_behind_its_events_is_read_again(w):
    w.start("converge")
    w.send(message("carl", age_s=0))
    is_equal(w.take(), (1, 1))
    w.okta("member", group="Connect Agents", user=login("carl"))
    w.sandbox.control("POST", "sqs/forward", seconds=6)
    is_equal((w.take(), sorted(w.agents())), ((0, 1), [login("carl")]))


def test_what_contradicts_for_long_is_believed(w):
    w.start("converge")
    w.send(message("carl", age_s=0))
    for _ in range(2):
        is_equal(w.take(), (1, 1))
        w.sandbox.control("POST", "sqs/forward", seconds=31)
    is_equal((w.take(), w.agents(), w.dead()), ((0, 1), {}, []))


def test_okta_that_does_not_answer_is_no_reason_to_do_anything(w):
    w.start("converge")
    w.work_off(message("ann"))
    w.okta("faults", operation="getUser", rate=1, kinds=["forbidden"])
    w.send(message("ann", is_member=False), message("bob"))
    is_equal(w.take(), (2, 2))
    is_equal([GONE in tags_of(one) for one in w.agents().values()], [False])
    w.okta("faults", operation="getUser")
    w.sandbox.control("POST", "sqs/forward", seconds=900)
    is_equal(w.take(), (0, 2))
    is_equal(len(w.agents()), 2)


def test_the_deadline_is_kept_and_the_rest_comes_again(w):
    w.start("converge")
    w.sandbox.control("POST", "faults", operation="CreateUser", rate=1, count=1, kinds=["hang"])
    w.send(message("ann"))
    began = time.monotonic()
    is_equal(w.take(deadline_s=4), (1, 1))
    assert time.monotonic() - began < 20
    w.sandbox.control("POST", "faults", operation="CreateUser")
    w.sandbox.control("POST", "sqs/forward", seconds=60)
    is_equal((w.take(), len(w.agents())), ((0, 1), 1))


def test_freezing_between_batches_does_no_harm(w):
    function = w.start("converge")
    w.work_off(message("ann"))
    function.freeze()
    time.sleep(1.5)
    w.send(message("bob"))
    messages = w.receive()
    w.stub.put(event_of(messages))
    function.thaw()
    is_equal(w.stub.result().json(), {"batchItemFailures": []})
    is_equal(len(w.agents()), 2)


def test_a_worker_killed_in_the_middle_leaves_nobody_out_and_nobody_twice(w):
    names = [f"p{i:02d}" for i in range(8)]
    for name in names:
        w.okta("user", **person(name))
        w.okta("member", group="Connect Agents", user=login(name))
    w.sandbox.control("POST", "throttle", operation="CreateUser", rate=10, burst=1)
    function = w.start("converge", ROSTER_CONNECT_RATE="20", ROSTER_CONNECT_BURST="2")
    w.send(*map(message, names))
    w.stub.put(event_of(w.receive(visibility_s=60)), 30.0)
    wait_until(lambda: len(w.agents()) >= 3, "three agents")
    w.kill(function)
    is_equal(w.receive(), [])
    w.start("converge")
    w.sandbox.control("POST", "sqs/forward", seconds=61)
    while w.take() is not None:
        pass
    is_equal((sorted(w.agents()), w.messages(), w.dead()), (sorted(map(login, names)), [], []))
    is_equal(w.sandbox.control("GET", "calls")["CreateUser"]["done"], 8)


def test_a_burst_with_workers_killed_at_random_loses_nobody_and_makes_nobody_twice(w):
    burst(w, n=60, rate=10, seconds=200, visibility_s=12, deadline_s=10)


TESTS = [(name, function) for name, function in list(globals().items())
         if name.startswith("test_") and all(word in name for word in sys.argv[3:])]


def make():
    roster, sandbox = programs()
    return Work(roster, sandbox, okta=seed(in_group=["ann", "bob"], people=["carl"], rates={"bucket": "*", "limit": 0}))


if __name__ == "__main__":
    sys.exit(1 if run_tests(TESTS, make) else 0)
