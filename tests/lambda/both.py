"""What the tests of the comparing function share: both sides, staged, and the function between them."""
import datetime
import json
import sys
import tempfile

from stub import Function, Stub, run_tests
from work import event_of
from world import QUEUE, World, is_equal, programs

from aws_lib import Sandbox

TOKEN = "00sandbox-api-token"
APP, GROUP = "Amazon Connect", "Connect Agents"
APP_ID, GROUP_ID = "0oaapp00000000000001", "00ggroup000000000001"
SECURITY, MANAGER, ADMIN = (f"{head}345678-1234-{four}-abd8-0aa7f5b46852" for head, four in
                            (("12", "2345"), ("65", "2345"), ("0a", "4345")))
ROUTING, IDLE = (f"{head}654321-69fb-43b6-a5e6-f8666ac189cb" for head in ("87", "67"))
SWEEPS = "roster-sweep.fifo"
DAY = 24 * 3600
ANN, BOB = (f"aaaaaaaa-1111-4222-8333-00000000000{number}" for number in (1, 2))


def user_id(name):
    return ("00u" + name).ljust(20, "x")


def user(name, **more):
    return {"login": f"{name}@acme.com", "id": user_id(name), "first": name.title(), "last": "Test"} | more


def gone(seconds_ago):
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return then.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def agent(name, gone_s=None, owner="roster", tags=None, **more):
    """An agent as Roster makes it for the user of that name."""
    whole = {"roster:managed-by": owner, "roster:okta-id": user_id(name)} | (tags or {})
    if gone_s is not None:
        whole["roster:gone"] = gone(gone_s) if not isinstance(gone_s, str) else gone_s
    return {"name": f"{name}@acme.com", "first": name.title(), "last": "Test", "security_profiles": [SECURITY],
            "routing_profile": ROUTING, "tags": whole} | more


class Both(World):
    """Both sides: everybody in `members` is in the group; agents are as given."""

    def __init__(self, program, sandbox_program):
        super().__init__(program, sandbox_program)
        self.sandbox_program = sandbox_program
        self.started = None

    def stage(self, members=(), others=(), agents=(), in_app=(), connect=None, **okta):
        self.sandbox.process.kill()
        self.sandbox.process.wait()
        users = [one if isinstance(one, dict) else user(one) for one in (*members, *in_app, *others)]
        names = [one["login"] if isinstance(one, dict) else f"{one}@acme.com" for one in members]
        seed = {"okta": {"users": users, "apps": [{"label": APP, "id": APP_ID, "users": [f"{one}@acme.com" for one in in_app]}],
                         "groups": [{"name": GROUP, "id": GROUP_ID, "users": names}]} | okta,
                "connect": {"throttle": [{"operation": "*", "rate": 0}], "agents": list(agents), "quota": 100000} | (connect or {})}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(seed, file)
            file.flush()
            self.sandbox = Sandbox(self.sandbox_program, "--seed", file.name)
        self.sandbox.control("POST", "sqs/queue", name=SWEEPS, visibility_s=60)

    def environment(self, **more):
        url = f"http://{self.sandbox.address}"
        return super().environment(**{
            "ROSTER_OKTA_HOOK_SECRET": None, "ROSTER_OKTA_ORG_URL": url, "ROSTER_OKTA_API_TOKEN": TOKEN,
            "ROSTER_QUEUE_SWEEP_URL": f"{url}/123456789012/{SWEEPS}", "ROSTER_CONNECT_RATE": "500", "ROSTER_CONNECT_BURST": "500",
            "ROSTER_CONNECT_REGION": "us-east-1", **more})

    def sweep(self, event=None, deadline_s=60.0, **more):
        if self.started is None:
            self.started = self.start("sweep", **more)
        result = self.stub.invoke(event or {"kind": "sweep"}, deadline_s)
        assert result.call == "response", result
        return result.json()

    def converge(self, **more):
        """Works the queue off; how many messages that were."""
        stub, n = Stub(), 0
        function = Function(self.program, stub, "converge", self.environment(**more))
        self.functions.append(function)
        url = f"http://{self.sandbox.address}/123456789012/{QUEUE}"
        while messages := self.sandbox.good("sqs", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60,
                                            AttributeNames=["All"]).get("Messages"):
            result = stub.invoke(event_of(messages), 60)
            is_equal((result.call, result.json()), ("response", {"batchItemFailures": []}))
            for one in messages:
                self.sandbox.good("sqs", "DeleteMessage", QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
            n += len(messages)
        stub.close()
        return n

    def told(self):
        """Whom `converge` is told of."""
        bodies = [json.loads(message["body"]) for message in self.messages()]
        for body, message in zip(bodies, self.messages()):
            is_equal(message["group"], body["subject"]["user"])
            is_equal((body["type"], body["subject"]["kind"], body["source"]), ("sweep", "user", "okta"))
        return sorted(body["subject"]["user"] for body in bodies)

    def agents(self):
        return {one["Username"]: one for one in self.sandbox.control("GET", "agents")["agents"]}

    def names(self):
        return sorted(name.split("@")[0] for name in self.agents())

    def errors(self, words):
        return [line for line in self.logs().splitlines() if words in line and "level=error" in line]


def removing(**more):
    return {"ROSTER_CONNECT_ON_REMOVE": "delete", **more}


def people(n, start=0):
    return [f"p{number:04d}" for number in range(start, start + n)]


def main(names):
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    tests = [(name, value) for name, value in list(names.items()) if name.startswith("test_") and only in name]
    sys.exit(run_tests(tests, lambda: Both(*programs())) != 0)
