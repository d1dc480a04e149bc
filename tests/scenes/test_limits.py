"""What is too large, too deep or no delivery at all; and that one bad event does not spoil its neighbours."""
import json

from lib import HOOK_SECRET, app_event, case, envelope, main, raw_call, wait_until

MIB = 1024 * 1024
HEAD = f"POST /okta/events HTTP/1.1\r\nHost: x\r\nAuthorization: {HOOK_SECRET}\r\n"


def status_of(got):
    assert got.startswith(b"HTTP/1.1 "), got[:200]
    return int(got.split()[1])


@case("a body over 10 MiB is refused before it is read")
def declared(world):
    world.start()
    got = raw_call(world.daemon.address, (HEAD + f"Content-Length: {10 * MIB + 1}\r\n\r\n").encode())
    assert status_of(got) == 413, got[:300]
    assert got.count(b"HTTP/1.1") == 1 and json.loads(got.split(b"\r\n\r\n", 1)[1])["error"]["code"], got
    world.accept(app_event("ann"))


@case("a body over 10 MiB in chunks is refused as well")
def chunked(world):
    world.start()
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    got = raw_call(world.daemon.address, (HEAD + "Transfer-Encoding: chunked\r\n\r\n").encode() + chunk * 170 + b"0\r\n\r\n")
    assert got == b"" or status_of(got) == 413, got[:300]
    world.accept(app_event("ann"))


@case("a delivery of nearly 10 MiB is taken")
def large(world):
    world.start()
    body = json.dumps(envelope(app_event("ann")) | {"padding": "x" * (10 * MIB - 4096)})
    assert world.deliver(body).status in (200, 204)
    world.wait_agents("ann@acme.com")


@case("a chunked delivery is taken")
def chunks(world):
    world.start()
    body = json.dumps(envelope(app_event("ann"))).encode()
    parts = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 100]), body[i:i + 100]) for i in range(0, len(body), 100))
    got = raw_call(world.daemon.address, (HEAD + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n").encode() + parts +
                   b"0\r\n\r\n")
    assert status_of(got) in (200, 204), got
    world.wait_agents("ann@acme.com")


@case("headers that are too large are refused")
def header(world):
    world.start()
    got = raw_call(world.daemon.address, (HEAD + f"X-Long: {'x' * 40000}\r\nContent-Length: 2\r\n\r\n{{}}").encode())
    assert status_of(got) == 431 and got.count(b"HTTP/1.1") == 1, got[:300]
    world.accept(app_event("ann"))


NO_DELIVERIES = {
    "empty": b"", "no JSON": b"hello", "cut": b'{"data": {"events": [', "an array": b"[]", "a number": b"17",
    "no data": b"{}", "data null": b'{"data": null}', "events null": b'{"data": {"events": null}}',
    "events an object": b'{"data": {"events": {}}}', "trailing": b'{"data": {"events": []}} x',
    "raw control": b'{"data": {"events": []}, "x": "\x01"}',
    "too deep": b'{"data": {"events": []}, "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "too many": json.dumps({"data": {"events": [1] * 20001}}).encode(),
}


@case("what is no delivery is answered 400, with a reason in the log")
def no_delivery(world):
    world.start()
    for number, (name, body) in enumerate(NO_DELIVERIES.items(), 1):
        answer = world.deliver(body)
        assert answer.status == 400 and answer.error_code() == "bad_delivery", (name, answer)
        wait_until(lambda n=number: len(world.daemon.said("refused")) == n, f"the reason for {name}")
    assert all(line["error"] for line in world.daemon.said("refused"))
    world.accept(app_event("ann"))
    world.wait_agents("ann@acme.com")


@case("an authenticated body that is no JSON is kept aside and shown")
def kept(world):
    world.start()
    assert world.deliver(b"no json, yet ours: 4711").status == 400
    assert world.deliver(b"a stranger's: 0815", secret="x").status == 401
    text = world.command("status").stdout
    assert "kept" in text, text
    bodies = [file.read_bytes() for file in world.state.rglob("*") if file.is_file()]
    assert any(b"yet ours: 4711" in body for body in bodies) and not any(b"0815" in body for body in bodies)


def spoil(**members):
    return app_event("bad") | members


REPEATED = json.dumps(app_event("bad"))[:-1] + ', "uuid": "x"}'
NEIGHBOURS = {
    "null": "null", "a number": "17", "a text": '"x"', "an array": "[]", "an empty object": "{}",
    "target null": json.dumps(spoil(target=None)), "target a text": json.dumps(spoil(target="x")),
    "null targets": json.dumps(spoil(target=[None, None])), "eventType a number": json.dumps(spoil(eventType=5)),
    "outcome a text": json.dumps(spoil(outcome={"result": []})), "a repeated key": REPEATED,
    "foreign application": json.dumps(app_event("bad", app="Another")),
    "U+0000 in the login": json.dumps(app_event("bad")).replace("bad@acme.com", "b\\u0000ad@acme.com"),
    "a lone surrogate in the login": json.dumps(app_event("bad")).replace("bad@acme.com", "b\\ud800ad@acme.com"),
    "a login that is not UTF-8": json.dumps(app_event("bad")).replace("bad@acme.com", "b\udcffad@acme.com"),
    "failed": json.dumps(app_event("bad", outcome="FAILURE")), "other type": json.dumps(spoil(eventType="x.y")),
}
HARMLESS = {
    "an integer beyond 64 bits": json.dumps(app_event("NAME")).replace('"version": "0"', '"version": 123456789012345678901234567890'),
    "a number beyond a double": json.dumps(app_event("NAME")).replace('"version": "0"', '"version": 1e999'),
    "U+0000 where it does not matter": json.dumps(app_event("NAME") | {"displayMessage": "a\0b"}),
    "unknown fields": json.dumps(app_event("NAME") | {"new": {"deep": [1, {"uuid": "u", "uuid2": None}]}}),
    "null among the targets": json.dumps(app_event("NAME", id="00uNAME")).replace('"target": [', '"target": [null, '),
}


@case("each event stands for itself")
def neighbours(world):
    world.start()
    names, events = [], []
    for number, text in enumerate(NEIGHBOURS.values()):
        name = f"good{number}"
        names.append(name + "@acme.com")
        events += [text, json.dumps(app_event(name))]
    for number, text in enumerate(HARMLESS.values()):
        name = f"fine{number}"
        names.append(name + "@acme.com")
        events.append(text.replace("NAME", name).replace("00uname", "00u" + name))
    good = '{"data": {"events": [' + ", ".join(events) + "]}}"
    answer = world.deliver(good.encode("utf-8", "surrogateescape"))
    assert answer.status in (200, 204), answer
    world.wait_settled()
    there = set(world.sandbox.agents())
    assert there == set(names), f"missing {sorted(set(names) - there)}, too many {sorted(there - set(names))}"
    assert len(world.daemon.said("event skipped")) == len(NEIGHBOURS)
    assert all(line["reason"] for line in world.daemon.said("event skipped"))


@case("several users in one event are each taken")
def several(world):
    world.start()
    one, two = app_event("ann"), app_event("bob")
    del one["target"][0]
    one["target"].append(two["target"][2])
    world.accept(one)
    world.wait_agents("ann@acme.com", "bob@acme.com")


@case("an event without uuid counts once")
def no_uuid(world):
    world.start()
    event = app_event("ann")
    del event["uuid"]
    world.accept(event)
    world.wait_agents("ann@acme.com")
    world.accept(event)
    world.accept(event | {"uuid": None})
    world.wait_settled()
    assert world.metric('roster_events_received_total{kind="repeated"}') >= 1
    assert world.sandbox.calls() == 1


if __name__ == "__main__":
    main()
