"""Roster on AWS Lambda compares Okta with Amazon Connect: the real binary behind the Runtime API, against both played sides.
sweep_test.py PATH/roster PATH/roster-sandbox [NAME]; prints TAP."""
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
    for event in ({"kind": "sweep"}, schedule | {"source": "aws.events", "detail": {}},
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


if __name__ == "__main__":
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    sys.exit(run_tests([(name, value) for name, value in list(globals().items()) if name.startswith("test_") and only in name],
                       lambda: Both(*programs())) != 0)
