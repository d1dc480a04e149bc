"""Roster on AWS Lambda takes deliveries: the real binary behind the Runtime API. receive_test.py PATH/roster PATH/roster-sandbox;
prints TAP."""
import hashlib
import json
import sys
import time

from stub import run_tests
from world import (AUTHENTIC, DOORS, HOOK_SECRET, World, ask, deliver, delivery_of, door_event, event_of, is_equal, one_event, programs, sample)

CHALLENGE = "X-Okta-Verification-Challenge"


def strip(messages):
    """What is in the queue, without what differs from run to run."""
    found = []
    for message in messages:
        body = json.loads(message["body"])
        body.pop("received_ms")
        found.append((message["group"], message["deduplication"], body))
    return found


def test_each_front_door_gives_the_same_result(w):
    w.start()
    seen = set()
    for door in DOORS:
        for encoded in (False, True):
            w.sandbox.control("POST", "sqs/purge")
            w.sandbox.control("POST", "sqs/forward", seconds=301)  # past the window of deduplication
            answer = deliver(w, one_event(), door, encoded=encoded)
            is_equal((answer.status, answer.body), (200, ""))
            seen.add(json.dumps(strip(w.messages()), sort_keys=True))
    assert len(seen) == 1 and "00u" in next(iter(seen)), seen


def test_verification_works_behind_each_front_door(w):
    w.start()
    for door in DOORS:
        for path in ("/okta/events", "/create_user", "/prod/okta/events"):
            for name in (CHALLENGE, CHALLENGE.lower()):
                answer = ask(w, door, "GET", path, [*AUTHENTIC, (name, 'abc"123')])
                is_equal((answer.status, answer.json()), (200, {"verification": 'abc"123'}))
                is_equal(answer.headers["content-type"], "application/json")


def test_refusals_are_the_daemons(w):
    w.start()
    for door in DOORS:
        for method, path, headers, body, status, code in [
                ("POST", "/okta/events", [], one_event(), 401, "unauthorized"),
                ("POST", "/okta/events", [("Authorization", "wrong")], one_event(), 401, "unauthorized"),
                ("POST", "/okta/events", [*AUTHENTIC, *AUTHENTIC], one_event(), 401, "unauthorized"),
                ("GET", "/okta/events", [(CHALLENGE, "x")], None, 401, "unauthorized"),
                ("GET", "/okta/events", AUTHENTIC, None, 400, "no_challenge"),
                ("PUT", "/okta/events", AUTHENTIC, one_event(), 405, "method_not_allowed"),
                ("POST", "/", AUTHENTIC, one_event(), 404, "not_found"), ("POST", "/okta/eventss", AUTHENTIC, one_event(), 404, "not_found"),
                ("POST", "/okta/events", AUTHENTIC, "no JSON", 400, "bad_delivery"),
                ("POST", "/okta/events", AUTHENTIC, None, 400, "bad_delivery"),
                ("POST", "/okta/events", AUTHENTIC, '{"data": {}}', 400, "bad_delivery")]:
            answer = ask(w, door, method, path, headers, body)
            if headers == [*AUTHENTIC, *AUTHENTIC] and door == "alb":
                is_equal(answer.status, 200)  # a load balancer with single values shows the last one alone
                continue
            is_equal((door, answer.status, answer.json()["error"]["code"]), (door, status, code))
            is_equal(answer.headers.get("allow"), "GET, POST" if status == 405 else None)
            is_equal("www-authenticate" in answer.headers, status == 401)
    is_equal(ask(w, "alb", "GET", "/healthz").json(), {"status": "alive"})


def test_a_body_that_is_no_base64_is_refused(w):
    w.start()
    event = door_event("http", "POST", "/okta/events", AUTHENTIC, "x", encoded=True)
    event["body"] = "@@@"
    is_equal(w.stub.invoke(event).json()["statusCode"], 400)
    event["body"], event["isBase64Encoded"] = {"no": "text"}, False
    is_equal(w.stub.invoke(event).json()["statusCode"], 400)


def test_a_message_is_one_event_and_one_subject(w):
    w.start()
    two = event_of(1, "00u1")
    two["target"].insert(1, {"id": "00u2", "type": "User", "alternateId": "b@acme.com", "displayName": "Bob"})
    is_equal(deliver(w, delivery_of(two, event_of(2, "00u1"), None, {"eventType": "x"})).status, 200)
    messages = w.messages()
    is_equal([m["group"] for m in messages], ["00u1", "00u2", "00u1"])
    is_equal(len({m["deduplication"] for m in messages}), 3)
    is_equal(messages[0]["deduplication"], hashlib.sha256(f"{two['uuid']}\n00u1\ng".encode()).hexdigest())
    body = json.loads(messages[1]["body"])
    is_equal(body | {"received_ms": 0}, {
        "v": 1, "source": "okta", "uuid": two["uuid"], "type": "group.user_membership.add", "via": "hook",
        "published_ns": 1777881600000000000, "received_ms": 0,
        "subject": {"kind": "user", "user": "00u2", "login": "b@acme.com", "name": "Bob", "published_ns": 1777881600000000000,
                    "membership": {"kind": "group", "container": "00g1", "name": "Connect Agents", "is_member": True}}})


def test_what_nobody_needs_is_answered_and_not_sent(w):
    w.start()
    is_equal(deliver(w, delivery_of(event_of(1, "00u1", eventType="user.session.start"))).status, 200)
    is_equal(deliver(w, delivery_of()).status, 200)
    is_equal(w.messages(), [])
    is_equal(w.sandbox.control("GET", "sqs/calls"), {})


def test_a_repeated_delivery_is_in_the_queue_once(w):
    w.start()
    for _ in range(3):
        is_equal(deliver(w, one_event()).status, 200)
    is_equal(len(w.messages()), 1)


def test_what_no_queue_can_hold_is_escaped(w):
    w.start()
    event = event_of(1, "00u1")
    event["target"][0]["displayName"] = "Ann\u0001\ufffe\uffff\U0001f600\u2028"
    is_equal(deliver(w, delivery_of(event)).status, 200)
    [message] = w.messages()
    name = json.loads(message["body"])["subject"]["name"]
    assert name.startswith("Ann") and "\U0001f600\u2028" in name, name
    assert "\ufffe" not in message["body"] and "\uffff" not in message["body"], message


def test_partial_failures_are_seen_and_repeated(w):
    w.start()
    events = [event_of(i, f"00u{i}") for i in range(25)]
    w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", kinds=["partial"], count=4)
    is_equal(deliver(w, delivery_of(*events)).status, 200)
    is_equal(sorted(m["group"] for m in w.messages()), sorted(e["target"][0]["id"] for e in events))


def test_nothing_is_acknowledged_that_is_not_in_the_queue(w):
    function = w.start()
    for kinds, more in [(["partial_sender"], {}), (["access_denied"], {}), (["internal"], {}), (["hang"], {}), (["throttle"], {}),
                        (["partial"], {}), (["cut_before"], {}), (["garbage_ok"], {})]:
        w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", kinds=kinds, **more)
        began = time.monotonic()
        answer = deliver(w, delivery_of(event_of(7, "00u7"), event_of(8, "00u8")))
        took = time.monotonic() - began
        assert answer.status == 503 and answer.json()["error"]["code"] == "not_stored", (kinds, answer)
        assert took < 3.5, (kinds, took)
        w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", kinds=[])
    is_equal(deliver(w, delivery_of(event_of(7, "00u7"), event_of(8, "00u8"))).status, 200)
    is_equal({m["group"] for m in w.messages()}, {"00u7", "00u8"})
    assert "Okta gets 503" in function.log()


def test_passing_failures_are_gone_over(w):
    w.start()
    for number, kind in enumerate(["throttle", "internal", "unavailable_html", "cut_before", "cut_after", "half_answer", "garbage_ok"]):
        w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", kinds=[kind], count=2)
        is_equal((kind, deliver(w, delivery_of(event_of(number, f"00u{number}"))).status), (kind, 200))
    is_equal(len(w.messages()), 7)


def test_the_deadline_is_kept(w):
    w.start()
    w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", kinds=["hang"])
    began = time.monotonic()
    answer = deliver(w, one_event(), deadline_s=1.5)
    assert answer.status == 503 and time.monotonic() - began < 1.5, (answer, time.monotonic() - began)
    is_equal(deliver(w, one_event(), deadline_s=0.1).status, 503)  # hardly any time at all
    w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", kinds=[])
    is_equal(deliver(w, one_event()).status, 200)


def test_a_large_delivery_keeps_the_order_of_each_group(w):
    w.start()
    events = [event_of(i, f"00u{i % 17}") for i in range(400)]
    w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", kinds=["slow"], delay_ms=5, rate=0.3, seed=3)
    is_equal(deliver(w, delivery_of(*events)).status, 200)
    order = {}
    for message in w.messages():
        order.setdefault(message["group"], []).append(json.loads(message["body"])["uuid"])
    is_equal(sum(map(len, order.values())), 400)
    for group, uuids in order.items():
        is_equal((group, uuids), (group, sorted(uuids)))


def test_a_burst_of_200_in_a_row(w):
    w.start()
    for i in range(200):
        is_equal(deliver(w, delivery_of(event_of(i, f"00u{i}"))).status, 200)
    is_equal(len({m["group"] for m in w.messages()}), 200)


def test_the_samples_are_taken_as_by_the_daemon(w):
    w.start()
    for name, n in [("sample-app-add", 0), ("sample-group-add", 0), ("composed/batch-100-adds", 100), ("composed/duplicate-a", 1)]:
        w.sandbox.control("POST", "sqs/purge")
        is_equal((name, deliver(w, sample(name)).status), (name, 200))
        is_equal((name, len(w.messages())), (name, n))


# ---- secrets ----

def secret_arn(w):
    [found] = w.sandbox.control("GET", "secrets")["secrets"]
    return found["arn"]


def status_with(w, secret):
    return deliver(w, one_event(), headers=[("Authorization", secret)]).status


def test_a_secret_is_rotated_without_a_gap(w):
    w.sandbox.control("POST", "secrets/secret", name="roster/hook", value="first")
    w.start(ROSTER_OKTA_HOOK_SECRET=secret_arn(w))
    is_equal(status_with(w, "first"), 200)
    is_equal(status_with(w, secret_arn(w)), 401)
    w.sandbox.control("POST", "secrets/secret", name="roster/hook", value="second")
    is_equal(status_with(w, "first"), 200)


def test_who_is_refused_may_know_a_newer_secret(w):
    w.sandbox.control("POST", "secrets/secret", name="roster/hook", value="first")
    w.start(ROSTER_OKTA_HOOK_SECRET=secret_arn(w))
    is_equal(status_with(w, "first"), 200)
    w.sandbox.control("POST", "secrets/secret", name="roster/hook", value="second")
    is_equal(status_with(w, "second"), 200)  # read again, because it was refused
    is_equal(status_with(w, "first"), 200)  # the one before counts as well
    before = w.sandbox.control("GET", "secrets/calls")["GetSecretValue"]["ok"]
    for _ in range(5):
        is_equal(status_with(w, "guess"), 401)  # and nobody can make it read all the time
    is_equal(w.sandbox.control("GET", "secrets/calls")["GetSecretValue"]["ok"], before)


def test_a_secret_that_cannot_be_read_again_stays(w):
    w.sandbox.control("POST", "secrets/secret", name="roster/hook", value="first")
    function = w.start(ROSTER_OKTA_HOOK_SECRET=secret_arn(w))
    is_equal(status_with(w, "first"), 200)
    w.sandbox.control("POST", "secrets/faults", operation="GetSecretValue", kinds=["internal"])
    is_equal(status_with(w, "guess"), 401)
    is_equal(status_with(w, "first"), 200)
    assert "those from before count" in function.log()
    assert "first" not in function.log()


def test_any_value_may_be_a_reference(w):
    for name, value in [("agents", "Connect Agents"), ("routing", "87654321-69fb-43b6-a5e6-f8666ac189cb")]:
        w.sandbox.control("POST", "secrets/parameter", name=f"/roster/{name}", value=value, type="String")
    w.sandbox.control("POST", "secrets/secret", name="both", value=json.dumps({"hook": HOOK_SECRET, "x": 1}))
    arn = "arn:aws:ssm:us-east-1:123456789012:parameter/roster/"
    w.start(ROSTER_OKTA_HOOK_SECRET=secret_arn(w) + ":hook", ROSTER_OKTA_GROUP_NAME=arn + "agents",
            CONNECT_ROUTING_PROFILE_ID=arn + "routing")
    is_equal(deliver(w, one_event()).status, 200)
    is_equal(len(w.messages()), 1)


def test_the_configuration_may_be_a_reference_with_references(w):
    w.sandbox.control("POST", "secrets/parameter", name="/roster/hook", value=HOOK_SECRET)
    text = "[OKTA]\nGROUP_NAME = Connect Agents # note\n" \
           "HOOK_SECRET = \"arn:aws:ssm:us-east-1:123456789012:parameter/roster/hook\"\n"
    w.sandbox.control("POST", "secrets/secret", name="config", value=text)
    w.start(ROSTER_CONFIG=secret_arn(w), ROSTER_OKTA_HOOK_SECRET=None, ROSTER_OKTA_APP_NAME=None, ROSTER_OKTA_GROUP_NAME=None)
    is_equal(deliver(w, one_event()).status, 200)
    is_equal(len(w.messages()), 1)


def main():
    tests = [(name, function) for name, function in globals().items() if name.startswith("test_")]
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    sys.exit(run_tests([t for t in tests if only in t[0]], lambda: World(*programs())) != 0)


main()
