"""Roster speaks the Runtime API as AWS's own server wants it, and stands what a worse one does. runtime_test.py PATH/roster
PATH/roster-sandbox; prints TAP."""
import json
import socket
import subprocess
import sys
import time

from stub import run_tests
from world import AUTHENTIC, World, ask, deliver, delivery_of, door_event, event_of, is_equal, one_event, programs

FAILED, BAD_CONFIG = 1, 78


def refusal(w, code, handler="receive", **more):
    """The function ends by itself; returns the type of error and the message that AWS was told."""
    function = w.start(handler, **more)
    result = w.stub.result()
    is_equal(result.call, "init/error")
    is_equal(function.wait(), code)
    is_equal(w.stub.calls, ["init/error"])
    return result.error_type(), result.json()["errorMessage"], function.log()


def test_both_framings_and_header_names_in_any_case(w):
    w.start()
    for w.stub.chunked in (False, True):
        for w.stub.lower_case in (False, True):
            for n in (0, 3000, 200000):
                body = delivery_of(event_of(1, "00u1", debugContext={"x": "y" * n}))
                is_equal(deliver(w, body).status, 200)


def test_a_large_event_is_taken_and_a_larger_one_ends_nothing(w):
    w.start()
    event = door_event("http", "POST", "/okta/events", AUTHENTIC, delivery_of(event_of(1, "00u1", x="y" * 5900000)), encoded=False)
    is_equal(w.stub.invoke(event).json()["statusCode"], 200)
    is_equal(deliver(w, "{" + " " * 5900000).status, 400)
    is_equal(deliver(w, one_event()).status, 200)


def test_what_is_no_http_request_is_an_error(w):
    function = w.start()
    for event in [{"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": "{}"}]}, {"kind": "sweep"}, {}, [], None, 7, "text",
                  b"", b"no JSON", b'{"version": "2.0"', {"httpMethod": "GET"}, {"httpMethod": 1, "path": "/okta/events"},
                  {"version": "2.0", "requestContext": {"http": {"method": "GET"}}, "rawPath": None}]:
        result = w.stub.invoke(event)
        is_equal((result.call, result.error_type()), ("error", "Function.UnknownEvent"))
    is_equal(deliver(w, one_event()).status, 200)
    assert "invocation failed" in function.log()


def test_an_event_that_breaks_off_is_asked_for_again(w):
    w.start()
    w.stub.refuse("next", "half", "cut")
    is_equal(deliver(w, one_event()).status, 200)
    is_equal(len(w.messages()), 1)
    w.stub.chunked = True
    w.stub.refuse("next", "half")
    is_equal(deliver(w, delivery_of(event_of(2, "00u2"))).status, 200)
    is_equal(len(w.messages()), 2)


def test_who_cannot_get_events_ends(w):
    for how in (["cut"] * 3, [500], [403], [404]):
        function = w.start()
        w.stub.refuse("next", *how)
        is_equal(deliver(w, one_event()).status, 200) if function.process.poll() is None and not w.stub.trouble["next"] else None
        is_equal((how, function.wait()), (how, FAILED))
        assert "cannot be used" in function.log(), function.log()


def test_an_answer_that_was_not_heard_is_given_again(w):
    w.start()
    w.stub.refuse("response", "cut")
    is_equal(deliver(w, one_event()).status, 200)
    w.stub.refuse("response", "cut_after")  # the second one is out of order, and that is no harm
    is_equal(deliver(w, one_event()).status, 200)
    is_equal(deliver(w, one_event()).status, 200)
    is_equal([w.stub.calls.count(call) for call in ("response", "error")], [5, 0])


def test_a_refused_answer_concerns_one_invocation(w):
    function = w.start()
    for status in (400, 403, 413):
        w.stub.refuse("response", status)
        w.stub.put(door_event("http", "POST", "/okta/events", AUTHENTIC, one_event()))
        with w.stub.lock:
            w.stub.current = None
        is_equal(deliver(w, one_event()).status, 200)
    assert "the answer was refused" in function.log()
    w.stub.refuse("error", 400)
    w.stub.put({})
    is_equal(deliver(w, one_event()).status, 200)


def test_a_broken_container_is_left(w):
    function = w.start()
    w.stub.refuse("response", 500)
    w.stub.put(door_event("http", "POST", "/okta/events", AUTHENTIC, one_event()))
    is_equal(function.wait(), FAILED)


def test_without_a_runtime_it_ends(w):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
    w.stub.address = address
    function = w.start()
    is_equal(function.wait(), FAILED)


# ---- before the first event ----

def test_a_handler_that_there_is_not(w):
    kind, message, _ = refusal(w, BAD_CONFIG, handler="recieve")
    is_equal(kind, "Runtime.NoSuchHandler")
    assert "'recieve'" in message and "receive" in message, message


def test_mistakes_in_the_settings(w):
    kind, message, log = refusal(w, BAD_CONFIG, ROSTER_CONNECT_RATE="fast", ROSTER_CONNECT_RAET="2")
    is_equal(kind, "Runtime.ConfigInvalid")
    assert "ROSTER_CONNECT_RA" in message and log.count("mistake in the settings") == 2, (message, log)


def test_no_queue_and_no_secret_and_no_hook(w):
    for more, words in [({"ROSTER_QUEUE_URL": None, "ROSTER_STORE_PATH": "/x"}, "ROSTER_QUEUE_URL"),
                        ({"ROSTER_OKTA_HOOK_SECRET": None}, "ROSTER_OKTA_HOOK_SECRET"),
                        ({"ROSTER_OKTA_HOOK": "off", "ROSTER_OKTA_ORG_URL": "https://acme.okta.com",
                          "ROSTER_OKTA_API_TOKEN": "00token"}, "HOOK")]:
        w.stub.state, w.stub.calls = "init", []
        kind, message, _ = refusal(w, BAD_CONFIG, **more)
        is_equal(kind, "Runtime.ConfigInvalid")
        assert words in message, message


def test_a_secret_that_is_not_there(w):
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-AbCdEf"
    kind, message, _ = refusal(w, FAILED, ROSTER_OKTA_HOOK_SECRET=arn)
    is_equal(kind, "Runtime.SecretUnavailable")
    assert "ROSTER_OKTA_HOOK_SECRET" in message and arn in message, message


def test_a_secret_that_may_not_be_read(w):
    w.sandbox.control("POST", "secrets/secret", name="a", value="value")
    arn = w.sandbox.control("GET", "secrets")["secrets"][0]["arn"]
    w.sandbox.control("POST", "secrets/faults", kinds=["access_denied"])
    kind, message, log = refusal(w, FAILED, ROSTER_OKTA_HOOK_SECRET=arn)
    is_equal(kind, "Runtime.SecretUnavailable")
    assert "AccessDenied" in message and "IAM" in message, message


def test_secrets_manager_may_stumble(w):
    w.sandbox.control("POST", "secrets/secret", name="a", value="value")
    arn = w.sandbox.control("GET", "secrets")["secrets"][0]["arn"]
    w.sandbox.control("POST", "secrets/faults", kinds=["internal"], count=2)
    w.start(ROSTER_OKTA_HOOK_SECRET=arn)
    is_equal(deliver(w, one_event(), headers=[("Authorization", "value")]).status, 200)


def test_a_refusal_that_is_not_heard_ends_it_too(w):
    w.stub.refuse("init/error", "cut", "cut", "cut")
    function = w.start("none")
    is_equal(function.wait(), BAD_CONFIG)


# ---- frozen ----

def test_a_frozen_function_is_thawed_with_an_event(w):
    function = w.start()
    for i in range(3):
        is_equal(deliver(w, delivery_of(event_of(i, f"00u{i}"))).status, 200)
        function.freeze()
        w.stub.put(door_event("http", "POST", "/okta/events", AUTHENTIC, delivery_of(event_of(10 + i, f"00u{i}"))))
        time.sleep(0.1)
        function.thaw()
        is_equal(w.stub.result().json()["statusCode"], 200)
    is_equal(len(w.messages()), 6)


def test_dead_connections_are_dialled_again(w):
    """The other side has gone while the function was frozen, and another one is there."""
    function = w.start()
    is_equal(deliver(w, one_event()).status, 200)
    port = w.sandbox.address.split(":")[1]
    for wait_s in (0.05, 2.5):  # a short and a long standstill
        time.sleep(0.1)
        function.freeze()
        w.sandbox.process.kill()
        w.sandbox.process.wait()
        w.sandbox = type(w.sandbox)(w.sandbox_program, "--listen", f"127.0.0.1:{port}")
        w.stub.put(door_event("http", "POST", "/okta/events", AUTHENTIC, one_event()))
        time.sleep(wait_s)
        function.thaw()
        is_equal(w.stub.result().json()["statusCode"], 200)
        is_equal(len(w.messages()), 1)


def test_a_dead_connection_is_redialled_within_an_invocation(w):
    w.start()
    is_equal(deliver(w, one_event()).status, 200)
    w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", kinds=["cut_before"], count=1)
    began = time.monotonic()
    is_equal(deliver(w, delivery_of(event_of(2, "00u2"))).status, 200)
    assert time.monotonic() - began < 1


def test_nothing_runs_between_invocations(w):
    w.sandbox.control("POST", "secrets/secret", name="a", value="value")
    arn = w.sandbox.control("GET", "secrets")["secrets"][0]["arn"]
    function = w.start(ROSTER_OKTA_HOOK_SECRET=arn)
    is_equal(deliver(w, one_event(), headers=[("Authorization", "value")]).status, 200)
    time.sleep(1.2)  # libcurl looks once more for the connection that it has asked for the next event
    before = function.status("voluntary_ctxt_switches"), function.status("nonvoluntary_ctxt_switches")
    time.sleep(1.5)
    is_equal((function.status("voluntary_ctxt_switches"), function.status("nonvoluntary_ctxt_switches")), before)


# ---- the log, and what else AWS sets ----

def test_the_log_is_as_the_function_is_set(w):
    function = w.start(AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="INFO")
    is_equal(deliver(w, one_event()).status, 200)
    lines = [json.loads(line) for line in function.log().splitlines() if line.startswith("{")]
    is_equal([line["msg"] for line in lines], ["ready", "delivery taken"])
    function.process.kill()
    function.wait()
    time.sleep(0.1)  # the server must see that it is gone
    quiet = w.start(AWS_LAMBDA_LOG_LEVEL="ERROR")
    is_equal(deliver(w, one_event()).status, 200)
    is_equal([line for line in quiet.log().splitlines() if "level=" in line], [])


def test_no_body_and_no_name_is_logged(w):
    function = w.start(AWS_LAMBDA_LOG_LEVEL="TRACE")
    event = event_of(1, "00u1")
    event["target"][0]["displayName"] = event["target"][0]["alternateId"] = "Florentina"
    is_equal(deliver(w, delivery_of(event)).status, 200)
    is_equal(deliver(w, "Florentina").status, 400)
    assert "Florentina" not in function.log(), function.log()


def test_session_tokens_are_sent(w):
    w.sandbox.control("POST", "keys", id="ASIATEMPORARY0000001", secret="temporary", token="tok/en+==")
    w.start(AWS_ACCESS_KEY_ID="ASIATEMPORARY0000001", AWS_SECRET_ACCESS_KEY="temporary", AWS_SESSION_TOKEN="tok/en+==")
    is_equal(deliver(w, one_event()).status, 200)


def test_the_commands_are_there_in_lambda_too(w):
    program = programs()[0]
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False,
                          env={"AWS_LAMBDA_RUNTIME_API": w.stub.address})
    if "bootstrap" in program:
        return  # that one has none
    assert done.returncode == 0 and done.stdout.startswith("roster "), done
    is_equal(w.stub.calls, [])


def test_health_is_told(w):
    w.start()
    is_equal(ask(w, "alb", "GET", "/healthz").json(), {"status": "alive"})
    is_equal(w.sandbox.control("GET", "sqs/calls"), {})


def main():
    tests = [(name, function) for name, function in globals().items() if name.startswith("test_")]
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    sys.exit(run_tests([t for t in tests if only in t[0]], lambda: World(*programs())) != 0)


main()
