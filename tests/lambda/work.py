"""What the tests of the working function share: an org, a queue, and what AWS does between the queue and its functions."""
import datetime
import json
import random
import sys
import tempfile
import threading
import time
import uuid

from stub import TOP, Function, Stub
from world import QUEUE, World

from aws_lib import Sandbox, is_equal

sys.path.insert(0, str(TOP / "tests/scenes"))
from org import APP_ID, GROUP_ID, TOKEN, login, person, seed, user_id  # noqa: E402  tests/scenes

DEAD = "roster-dead.fifo"
PATIENCE_S = 60
ARN = f"arn:aws:sqs:us-east-1:123456789012:{QUEUE}"


def wait_until(look, what, seconds=PATIENCE_S):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")


def message(name, is_member=True, number=None, kind="group", container=None, age_s=3600, **more):
    """As `receive` writes it; an hour old, so that nobody doubts what Okta says meanwhile."""
    published = time.time_ns() - int(age_s * 1e9)
    event = {"v": 1, "source": "okta", "uuid": number or str(uuid.uuid4()), "type": f"{kind}.user_membership.add", "via": "hook",
             "published_ns": published, "received_ms": published // 10**6,
             "subject": {"kind": "user", "user": user_id(name), "login": login(name), "name": name.title() + " Test",
                         "published_ns": published,
                         "membership": {"kind": kind, "container": container or {"group": GROUP_ID, "app": APP_ID}[kind],
                                        "name": {"group": "Connect Agents", "app": "Amazon Connect"}[kind], "is_member": is_member}}}
    return event | more


def update(name, **more):
    found = message(name, type="user.account.update_profile", **more)
    del found["subject"]["membership"]
    return found


class Work(World):
    """The sandbox with an org of those people; without okta the function knows events alone."""

    def __init__(self, program, sandbox_program, okta=None, **connect):
        self.program, self.sandbox_program = program, sandbox_program
        self.seed = tempfile.NamedTemporaryFile("w", prefix="converge-", suffix=".json")
        json.dump({"okta": okta if okta is not None else seed(),
                   "connect": {"throttle": [{"operation": "*", "rate": 0}]} | connect}, self.seed)
        self.seed.flush()
        self.sandbox = Sandbox(sandbox_program, "--seed", self.seed.name)
        self.stub, self.functions, self.more = Stub(), [], {}
        self.has_okta = okta is not None
        self.n_sent = 0

    def environment(self, **more):
        okta = {"ROSTER_OKTA_ORG_URL": f"http://{self.sandbox.address}", "ROSTER_OKTA_API_TOKEN": TOKEN} if self.has_okta else {}
        # The ids of the sandbox's own instance.
        return super().environment(**{"ROSTER_OKTA_HOOK_SECRET": None, "ROSTER_CONNECT_RATE": "500", "ROSTER_CONNECT_BURST": "100",
                                      "AWS_REGION": "us-east-1", **okta, **self.more, **more})

    def okta(self, what, **body):
        return self.sandbox.control("POST", "okta/" + what, **body)

    def send(self, *bodies, group=None):
        """Into the queue, in order."""
        for body in bodies:
            self.n_sent += 1
            text = body if isinstance(body, str) else json.dumps(body)
            own = "00u-odd" if isinstance(body, str) else body["subject"].get("user") or "scope:x"
            self.sandbox.good("sqs", "SendMessage", QueueUrl=self.queue_url(), MessageBody=text, MessageGroupId=group or own,
                              MessageDeduplicationId=f"{self.n_sent}-{uuid.uuid4()}")

    def queue_url(self, name=QUEUE):
        return f"http://{self.sandbox.address}/123456789012/{name}"

    def receive(self, visibility_s=30, most=10):
        answer = self.sandbox.good("sqs", "ReceiveMessage", QueueUrl=self.queue_url(), MaxNumberOfMessages=most,
                                   VisibilityTimeout=visibility_s, AttributeNames=["All"])
        return answer.get("Messages", [])

    def take(self, stub=None, deadline_s=30.0, **how):
        """One batch through the function; the ids that failed, of how many. None: the queue has nothing."""
        messages = self.receive(**how)
        if not messages:
            return None
        result = (stub or self.stub).invoke(event_of(messages), deadline_s)
        assert result.call == "response", result
        failed = {item["itemIdentifier"] for item in result.json()["batchItemFailures"]}
        for one in messages:
            if one["MessageId"] not in failed:
                self.sandbox.good("sqs", "DeleteMessage", QueueUrl=self.queue_url(), ReceiptHandle=one["ReceiptHandle"])
        return len(failed), len(messages)

    def work_off(self, *bodies, rounds=20):
        """Sends them, and works until nothing comes any more."""
        self.send(*bodies)
        counts = []
        while len(counts) < rounds and (count := self.take()) is not None:
            counts.append(count)
        return counts

    def kill(self, function):
        """What comes next gets another process, and a Runtime API of its own."""
        function.process.kill()
        function.process.wait()
        self.stub.close()
        self.stub = Stub()

    def agents(self):
        return {one["Username"]: one for one in self.sandbox.control("GET", "agents")["agents"]}

    def calls(self, operation):
        counts = self.sandbox.control("GET", "calls").get(operation, {})
        return sum(counts.get(kind, 0) for kind in ("ok", "throttled", "failed"))

    def dead(self):
        return [json.loads(one["body"]) for one in self.messages(DEAD)]

    def invisible_s(self):
        """The messages that are hidden."""
        return [one for one in self.messages() if one["in_flight"]]

    def end(self):
        super().end()
        self.seed.close()


def event_of(messages):
    """As AWS hands messages of a queue over."""
    return {"Records": [{
        "messageId": one["MessageId"], "receiptHandle": one["ReceiptHandle"], "body": one["Body"],
        "attributes": one["Attributes"], "messageAttributes": {}, "md5OfBody": one["MD5OfBody"], "eventSource": "aws:sqs",
        "eventSourceARN": ARN, "awsRegion": "us-east-1"} for one in messages]}


class Worker(threading.Thread):
    """One instance of the function, that works until it is told to end; kill() is AWS's, and a new one takes its place."""

    def __init__(self, work, visibility_s, deadline_s):
        super().__init__(daemon=True)
        self.work, self.visibility_s, self.deadline_s = work, visibility_s, deadline_s
        self.is_over, self.error, self.n_killed = False, None, 0
        self.make()

    def make(self):
        self.stub = Stub()
        self.function = Function(self.work.program, self.stub, "converge", self.work.environment())
        self.work.functions.append(self.function)

    def kill(self):
        self.function.process.kill()
        self.n_killed += 1

    def run(self):
        try:
            while not self.is_over:
                self.round()
        except Exception as error:  # the test tells it
            self.error = error

    def round(self):
        if self.function.process.poll() is not None:
            self.stub.close()
            self.make()
        messages = self.work.receive(self.visibility_s)
        if not messages:
            time.sleep(0.1)
            return
        self.stub.put(event_of(messages), self.deadline_s)
        while self.function.process.poll() is None:
            try:
                result = self.stub.results.get(timeout=0.1)
            except Exception:  # nothing yet
                continue
            assert result.call == "response", result
            failed = {item["itemIdentifier"] for item in result.json()["batchItemFailures"]}
            for one in messages:
                if one["MessageId"] not in failed:
                    self.work.sandbox.call("sqs", "DeleteMessage", QueueUrl=self.work.queue_url(),
                                           ReceiptHandle=one["ReceiptHandle"])
            return


def burst(w, n, rate, seconds, visibility_s, deadline_s, kills=4):
    """So many people join at once; two workers share the rate that Amazon Connect allows, and are killed at random moments. Returns
    the seconds between the first creation and the last. w: an org without rate limits."""
    dice = random.Random(n)
    names = [f"p{i:03d}" for i in range(n)]
    w.okta("users", users=[person(name) for name in names], quiet=True)
    for name in names:
        w.okta("member", group="Connect Agents", user=login(name))
    w.sandbox.control("POST", "throttle", operation="*", rate=rate, burst=rate * 2.5)
    w.sandbox.control("POST", "sqs/queue", name=QUEUE, dead_letter=DEAD, max_received=100, visibility_s=30)  # as the template
    w.more = {"ROSTER_CONNECT_RATE": str(rate), "ROSTER_CONNECT_BURST": str(rate * 2.5), "ROSTER_QUEUE_CONCURRENCY": "2"}
    workers = [Worker(w, visibility_s, deadline_s) for _ in range(2)]
    for worker in workers:
        worker.start()
    w.send(*map(message, names))
    for at in sorted(dice.sample(range(2, n - n // 5), kills)):
        wait_until(lambda at=at: len(w.agents()) >= at or not w.messages(), f"{at} agents", seconds)
        dice.choice(workers).kill()
    wait_until(lambda: not w.messages() or any(worker.error for worker in workers), "an empty queue", seconds)
    for worker in workers:
        worker.is_over = True
    for worker in workers:
        worker.join(30)
        worker.stub.close()
        assert worker.error is None, worker.error
    is_equal((sorted(w.agents()), w.dead()), (sorted(map(login, names)), []))
    calls = w.sandbox.control("GET", "calls")["CreateUser"]
    is_equal((calls["done"], sum(worker.n_killed for worker in workers)), (n, kills))
    return (calls["last_ms"] - calls["first_ms"]) / 1000


def tags_of(agent):
    return agent.get("Tags", {})


def is_time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


__all__ = ["APP_ID", "GROUP_ID", "Work", "burst", "event_of", "is_equal", "is_time", "login", "message", "person", "seed",
           "tags_of", "update", "user_id", "wait_until"]
