"""Does the played Okta org call hooks as it says? okta_hook_test.py PATH/roster-sandbox; prints TAP."""
import http.server
import json
import threading
import time

from okta_lib import is_equal, main, quote


class Hook:
    """What a hook calls. answers: a status, or seconds to wait, for each request in turn; then 204."""

    def __init__(self):
        self.posts, self.gets, self.answers, self.echoes = [], [], [], True
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def reply(self, status, body=b""):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def next(self):
                answer = hook.answers.pop(0) if hook.answers else 204
                if isinstance(answer, float):
                    time.sleep(answer)
                    return 204
                return answer

            def do_GET(self):
                hook.gets.append(dict(self.headers))
                value = self.headers["X-Okta-Verification-Challenge"] if hook.echoes else "no"
                status = self.next()
                self.reply(200 if status == 204 else status, json.dumps({"verification": value}).encode())

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.posts.append((dict(self.headers), body))
                try:
                    self.reply(self.next())
                except OSError:
                    pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.uri = f"http://127.0.0.1:{self.server.server_port}/okta/events"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, n, seconds=10):
        until = time.monotonic() + seconds
        while len(self.posts) < n and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.posts) >= n, f"{len(self.posts)} of {n} deliveries"
        return [json.loads(body) for _, body in self.posts]

    def types(self, n_deliveries):
        return [e["eventType"] for d in self.wait(n_deliveries) for e in d["data"]["events"]]


# ---- hooks ----

def hook_body(uri, secret="s3cret", **more):
    return {"name": "roster", "events": {"type": "EVENT_TYPE", "items": ["group.user_membership.add", "user.lifecycle.create"]},
            "channel": {"type": "HTTP", "version": "1.0.0",
                        "config": {"uri": uri, "headers": [{"key": "X-Tenant", "value": "acme"}],
                                   "authScheme": {"type": "HEADER", "key": "Authorization", "value": secret}}}} | more


def test_hooks(s):
    hook = Hook()
    answer = s.call("POST", "/api/v1/eventHooks", hook_body(hook.uri))
    is_equal(answer.status, 200)
    made = answer.json()
    path = "/api/v1/eventHooks/" + made["id"]
    is_equal((made["id"][:3], made["status"], made["verificationStatus"]), ("who", "ACTIVE", "UNVERIFIED"))
    is_equal(made["channel"]["config"]["authScheme"], {"type": "HEADER", "key": "Authorization"})
    assert "s3cret" not in answer.body.decode() and "verify" in made["_links"]
    no_body = {"Content-Length": "0"}
    verified = s.call("POST", path + "/lifecycle/verify", headers=no_body)
    is_equal((verified.status, verified.json()["verificationStatus"]), (200, "VERIFIED"))
    is_equal((hook.gets[0]["Authorization"], hook.gets[0]["X-Tenant"], hook.gets[0]["User-Agent"]),
             ("s3cret", "acme", "Okta-Integrations"))
    same = s.call("PUT", path, hook_body(hook.uri)).json()
    is_equal(same["verificationStatus"], "VERIFIED")
    is_equal(s.call("PUT", path, hook_body(hook.uri, "other")).json()["verificationStatus"], "UNVERIFIED")
    hook.echoes = False
    refused = s.call("POST", path + "/lifecycle/verify", headers=no_body)
    is_equal((refused.status, refused.code(), refused.json()["errorCauses"][0]["errorSummary"]),
             (400, "E0000001", "Unable to verify event hook. Hook roster execution failed"))
    hook.echoes, hook.answers, hook.gets = True, [500], []
    is_equal((s.call("POST", path + "/lifecycle/verify", headers=no_body).status, len(hook.gets)), (200, 2))
    for body in (hook_body("http://example.com/x"), hook_body("https://a b/"), hook_body(hook.uri, name=""),
                 hook_body(hook.uri, name="x" * 256), hook_body(hook.uri),
                 hook_body(hook.uri, name="n", events={"type": "EVENT_TYPE", "items": []}),
                 hook_body(hook.uri, name="n", events={"type": "EVENT_TYPE", "items": ["user.lifecycle.delete.completed"]})):
        is_equal(s.call("POST", "/api/v1/eventHooks", body).code(), "E0000001")
    is_equal(s.call("POST", "/api/v1/eventHooks", "{", {"Content-Type": "application/json"}).code(), "E0000003")
    is_equal(len(s.get("eventHooks").json()), 1)
    is_equal(s.call("DELETE", path).status, 400)
    off = s.call("POST", path + "/lifecycle/deactivate", headers=no_body).json()
    is_equal((off["status"], "delete" in off["_links"]), ("INACTIVE", True))
    is_equal(s.call("POST", path + "/lifecycle/activate", headers=no_body).json()["status"], "ACTIVE")
    s.call("POST", path + "/lifecycle/deactivate", headers=no_body)
    is_equal(s.call("DELETE", path).status, 204)
    assert s.call("GET", path).json()["errorSummary"].endswith("(Webhook)")
    types = [e["eventType"] for e in s.get("logs?filter=" + quote('eventType sw "event_hook."')).json()]
    assert {"event_hook.created", "event_hook.verified", "event_hook.deleted"} <= set(types), types


def subscribe(s, hook, **more):
    for old in s.control("hooks")["hooks"]:
        s.control("hook/" + old["id"], method="DELETE")
    s.control("hook", {"uri": hook.uri, "secret": "Bearer s3cret", "headers": {"X-Tenant": "acme"}} | more)
    s.control("deliveries/reset", {})
    s.control("deliveries", {"delay_ms": 0, "jitter_ms": 0, "batch_ms": 50, "batch_max": 100, "loss": 0, "duplicate": 0,
                             "reorder": 0, "reorder_ms": 1000, "parallel": 8, "paused": False})


def test_deliveries(s):
    hook = Hook()
    subscribe(s, hook)
    group = s.control("group", {"name": "Delivered"})["id"]
    hook.wait(1)
    hook.posts.clear()
    people = [s.user(f"de{i}@acme.com") for i in range(4)]
    uuids = s.control("member", {"group": group, "users": people})["events"]
    hook.wait(1)
    time.sleep(0.2)
    headers = hook.posts[0][0]
    is_equal((headers["Authorization"], headers["X-Tenant"], headers["Content-Type"], headers["Accept"]),
             ("Bearer s3cret", "acme", "application/json", "application/json"))
    bodies = hook.wait(1)
    is_equal((bodies[0]["eventType"], bodies[0]["contentType"]), ("com.okta.event_hook", "application/json"))
    got = [e for d in bodies for e in d["data"]["events"] if e["eventType"] == "group.user_membership.add"]
    is_equal([e["uuid"] for e in got], uuids)
    logged = {e["uuid"]: e for e in s.get("logs?filter=" + quote('eventType eq "group.user_membership.add"')).json()}
    is_equal(got[0]["published"], logged[uuids[0]]["published"])
    assert "null" not in hook.posts[0][1].decode().replace('"null"', "") and got[0]["client"]["ipChain"]
    is_equal(logged[uuids[0]]["debugContext"]["debugData"]["targetEventHookIds"], s.control("hooks")["hooks"][0]["id"])
    states = {d["state"] for d in s.control("deliveries")["deliveries"]}
    is_equal(states, {"delivered"})
    hook.posts.clear()
    s.control("deliveries", {"batch_ms": 0})
    s.control("member/remove", {"group": group, "users": people})
    is_equal([len(d["data"]["events"]) for d in hook.wait(4)], [1] * 4)
    s.control("status", {"user": people[0], "do": "delete"})
    assert "user.lifecycle.delete.completed" not in hook.types(7)


def test_retry(s):
    hook = Hook()
    subscribe(s, hook)
    s.control("deliveries", {"batch_ms": 0})

    def deliver(*answers):
        hook.posts.clear()
        hook.answers = list(answers)
        row = s.control("deliver", {"payload": {"eventId": "e1", "data": {"events": [{"uuid": "u1"}]}}})
        return row["state"], [a["status"] for a in row["attempts"]], len(hook.posts)

    is_equal(deliver(), ("delivered", [204], 1))
    is_equal(deliver(200), ("delivered", [200], 1))
    for status in (400, 401, 404, 413, 301):
        is_equal(deliver(status), ("failed", [status], 1))
    is_equal(deliver(503), ("delivered", [503, 204], 2))
    is_equal(deliver(500, 502), ("failed", [500, 502], 2))
    before = time.monotonic()
    is_equal(deliver(3.4), ("delivered", [0, 204], 2))
    assert 2.9 < time.monotonic() - before < 5
    told = s.get("logs?limit=1000&filter=" + quote('eventType eq "event_hook.delivery"')).json()
    is_equal([e["outcome"]["result"] for e in told], ["FAILURE"] * 6)
    row = s.control("deliver", {"text": "no JSON at all"})
    is_equal((row["state"], hook.posts[-1][1]), ("delivered", b"no JSON at all"))
    hook.server.shutdown()
    hook.server.server_close()
    row = s.control("deliver", {"payload": {}})
    is_equal((row["state"], [a["status"] for a in row["attempts"]]), ("failed", [0, 0]))


def test_trouble(s):
    hook = Hook()
    subscribe(s, hook)

    def happen(n, **settings):
        s.control("deliveries/reset", {})
        hook.posts.clear()
        s.control("deliveries", {"batch_ms": 0, "loss": 0, "duplicate": 0, "reorder": 0, "seed": 7} | settings)
        for i in range(n):
            s.control("group", {"name": f"T{i}"})

        def states():
            return [d["state"] for d in s.control("deliveries")["deliveries"]]
        until = time.monotonic() + 10
        while {"waiting", "flying"} & set(states()) and time.monotonic() < until:
            time.sleep(0.02)
        return states(), [json.loads(b) for _, b in hook.posts]

    states, bodies = happen(40, loss=0.5)
    lost = states.count("lost")
    assert 8 < lost < 32 and len(bodies) == 40 - lost, (lost, len(bodies))
    is_equal(happen(40, loss=0.5)[0], states)
    states, bodies = happen(20, duplicate=1, reorder_ms=50)
    is_equal((len(bodies), len({b["eventId"] for b in bodies})), (40, 20))
    bodies = happen(20, reorder=1, reorder_ms=300)[1]
    names = [b["data"]["events"][0]["target"][0]["displayName"] for b in bodies]
    assert names != [f"T{i}" for i in range(20)] and len(names) == 20, names
    before = time.monotonic()
    happen(1, delay_ms=300)
    assert time.monotonic() - before > 0.3
    s.control("deliveries", {"delay_ms": 60000})
    hook.posts.clear()
    s.control("group", {"name": "Hurry"})
    time.sleep(0.1)
    is_equal((hook.posts, s.control("deliveries")["waiting"]), ([], 1))
    s.control("flush", {})
    hook.wait(1)
    s.control("deliveries", {"delay_ms": 0, "paused": True})
    hook.posts.clear()
    s.control("group", {"name": "Paused"})
    time.sleep(0.2)
    is_equal(hook.posts, [])
    s.control("deliveries", {"paused": False})
    hook.wait(1)


main(globals())
