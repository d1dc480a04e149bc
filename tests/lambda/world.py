"""What the tests of Lambda share: a sandbox for SQS and secrets, the Runtime API, the function, and events of all front doors."""
import base64
import json
import pathlib
import sys

from stub import TOP, Function, Stub

from aws_lib import Sandbox, is_equal  # tests/sandbox, which stub.py puts into the path

SAMPLES = TOP / "tests/data/samples"
FRONT_DOORS = TOP / "tests/data/front_doors"
HOOK_SECRET = "Bearer hook-s3cret-0123456789abcdef"
QUEUE = "roster.fifo"
DOORS = ["rest", "rest-null", "http", "function-url", "alb", "alb-multi"]


class World:
    def __init__(self, program, sandbox_program):
        self.program, self.sandbox_program = program, sandbox_program
        self.sandbox, self.stub, self.functions = Sandbox(sandbox_program), Stub(), []

    def environment(self, **more):
        """Settings as the template gives them; None takes one out."""
        url = f"http://{self.sandbox.address}"
        all_of_them = {
            "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "AKIASANDBOX000000001", "AWS_SECRET_ACCESS_KEY": "sandbox-secret-key",
            "ROSTER_QUEUE_URL": f"{url}/123456789012/{QUEUE}", "ROSTER_OKTA_HOOK_SECRET": HOOK_SECRET,
            "ROSTER_OKTA_APP_NAME": "Amazon Connect", "ROSTER_OKTA_GROUP_NAME": "Connect Agents",
            "CONNECT_INSTANCE_ID": "abcdefgh-0122-4131-adc2-a0ebe5a2b2a7",
            "CONNECT_SECURITY_PROFILE_IDS": "12345678-1234-2345-abd8-0aa7f5b46852",
            "CONNECT_ROUTING_PROFILE_ID": "87654321-69fb-43b6-a5e6-f8666ac189cb", **more}
        return {name: value for name, value in all_of_them.items() if value is not None}

    def start(self, handler="receive", **more):
        function = Function(self.program, self.stub, handler, self.environment(**more))
        self.functions.append(function)
        return function

    def messages(self, queue=QUEUE):
        [found] = [q for q in self.sandbox.control("GET", "sqs")["queues"] if q["name"] == queue]
        return found["messages"]

    def bodies(self):
        return [json.loads(message["body"]) for message in self.messages()]

    def logs(self):
        return "\n".join(function.log() for function in self.functions)

    def end(self):
        self.stub.close()
        logs = [function.end() for function in self.functions]
        self.functions = []
        self.sandbox.process.kill()
        self.sandbox.process.wait()
        for secret in (HOOK_SECRET, "sandbox-secret-key"):
            assert not any(secret in log for log in logs), f"a secret stands in the log: {secret}"


def put(node, path, value):
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value


def door_event(door, method, path, headers, body=None, encoded=False):
    """A request as that door hands it over. Headers are pairs; the fixture's own stay."""
    event = json.loads((FRONT_DOORS / f"{door}.json").read_text(encoding="utf-8"))
    is_http = door in ("http", "function-url")
    if is_http:
        event["rawPath"] = path
        event["requestContext"]["http"] |= {"method": method, "path": path}
    else:
        event["httpMethod"], event["path"] = method, path
    for name, value in headers:
        name = name.lower() if door not in ("rest", "rest-null") else name
        if "headers" in event and event["headers"] is not None:
            joined = f"{event['headers'][name]},{value}" if is_http and name in event["headers"] else value
            event["headers"][name] = joined
        if "multiValueHeaders" in event:
            if event["multiValueHeaders"] is None:
                event["multiValueHeaders"] = {}
            event["multiValueHeaders"].setdefault(name, []).append(value)
    if body is None:
        if is_http:
            event.pop("body", None)
        else:
            event["body"] = "" if door.startswith("alb") else None
        event["isBase64Encoded"] = False
    else:
        data = body if isinstance(body, bytes) else body.encode()
        event["body"] = base64.b64encode(data).decode() if encoded else data.decode()
        event["isBase64Encoded"] = encoded
    return event


class DoorAnswer:
    """An answer as the door's client sees it; it must have the form that the door wants."""

    def __init__(self, door, result):
        assert result.call == "response", result
        answer = result.json()
        self.status, self.body = answer["statusCode"], answer["body"]
        assert isinstance(self.status, int) and isinstance(self.body, str) and answer["isBase64Encoded"] is False, answer
        if door.startswith("alb"):
            assert answer["statusDescription"].startswith(f"{self.status} "), answer
        headers = answer["multiValueHeaders" if door == "alb-multi" else "headers"]
        if door == "alb-multi":
            assert "headers" not in answer and all(isinstance(v, list) for v in headers.values()), answer
            headers = {name: ", ".join(values) for name, values in headers.items()}
        self.headers = {name.lower(): value for name, value in headers.items()}
        assert all(isinstance(value, str) for value in self.headers.values()), answer

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def ask(world, door, method, path, headers=(), body=None, encoded=False, deadline_s=10.0):
    return DoorAnswer(door, world.stub.invoke(door_event(door, method, path, headers, body, encoded), deadline_s))


AUTHENTIC = [("Authorization", HOOK_SECRET)]


def deliver(world, body, door="http", headers=tuple(AUTHENTIC), **more):
    return ask(world, door, "POST", "/okta/events", headers, body, **more)


def sample(name):
    return (SAMPLES / f"{name}.json").read_text(encoding="utf-8")


def event_of(number, user, **more):
    """One event: a user joins the group."""
    return {"uuid": f"00000000-0000-4000-8000-{number:012d}", "published": "2026-05-04T08:00:00.000Z",
            "eventType": "group.user_membership.add", "outcome": {"result": "SUCCESS"},
            "target": [{"id": user, "type": "User", "alternateId": f"{user}@acme.com", "displayName": f"Ann {user}"},
                       {"id": "00g1", "type": "UserGroup", "displayName": "Connect Agents"}], **more}


def delivery_of(*events):
    return json.dumps({"eventType": "com.okta.event_hook", "eventTime": "2026-05-04T08:00:01.000Z",
                       "data": {"events": list(events)}})


def one_event():
    return delivery_of(event_of(1, "00u1"))


def programs():
    """NAME_test.py PATH/roster PATH/roster-sandbox"""
    return [str(pathlib.Path(word).resolve()) for word in sys.argv[1:3]]


__all__ = ["AUTHENTIC", "DOORS", "HOOK_SECRET", "QUEUE", "World", "ask", "deliver", "delivery_of", "door_event", "event_of",
           "is_equal", "one_event",
           "programs", "sample"]
