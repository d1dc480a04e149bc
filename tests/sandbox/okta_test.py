"""Is the played Okta org as strict as it says? okta_test.py PATH/roster-sandbox; prints TAP."""
import base64
import hashlib
import http.client
import http.server
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid

TOKEN = "00sandbox-api-token"
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="okta-test-"))
CLIENT = "0oaserviceapp000000x7"
SCOPES = "okta.users.read okta.groups.read"


def is_equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def quote(text):
    return urllib.parse.quote(text, safe="")


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __getitem__(self, name):
        return dict((k.lower(), v) for k, v in self.headers)[name]

    def json(self):
        return json.loads(self.body)

    def code(self):
        return self.json().get("errorCode")

    def link(self, relation):
        """The URL of a relation, of one header line for each or of one for all."""
        for name, value in self.headers:
            if name.lower() == "link":
                for url, rel in re.findall(r'<([^>]*)>; rel="(\w+)"', value):
                    if rel == relation:
                        return url
        return None


class Sandbox:
    def __init__(self, program, *words):
        self.process = subprocess.Popen([program, "--quiet", *words], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        self.address = line.split("//")[1].strip()
        self.base = "http://" + self.address

    def call(self, method, path, body=None, headers=None, token="SSWS " + TOKEN):
        """path may be a whole URL of a link."""
        head = {"Accept": "application/json", "User-Agent": "test"} | ({"Authorization": token} if token else {})
        if isinstance(body, (dict, list)):
            body, head["Content-Type"] = json.dumps(body), "application/json"
        path = path.removeprefix(self.base)
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request(method, path, body=body, headers=head | (headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def raw(self, text):
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port)), 10) as connection:
            connection.sendall(text.encode())
            return connection.recv(65536).decode()

    def get(self, path, **more):
        return self.call("GET", "/api/v1/" + path, **more)

    def all(self, path):
        """Every item of every page, and the number of pages."""
        items, pages, url = [], 0, "/api/v1/" + path
        while url:
            answer = self.call("GET", url)
            is_equal(answer.status, 200)
            items += answer.json()
            pages, url = pages + 1, answer.link("next")
        return items, pages

    def control(self, path, body=None, method=None, wanted=200):
        answer = self.call(method or ("GET" if body is None else "POST"), "/sandbox/okta/" + path, body)
        assert answer.status == wanted, (path, answer.status, answer.body)
        return answer.json()

    def user(self, login, **more):
        return self.control("user", {"login": login, "first": "Ann", "last": "Smith"} | more)["id"]

    def events_of(self, path, body):
        """What the control call tells, as the log has it."""
        uuids = self.control(path, body)["events"]
        rows = {e["uuid"]: e for e in self.control("log")["events"]}
        return [rows[u] for u in uuids]

    def types_of(self, path, body):
        return [e["eventType"] for e in self.events_of(path, body)]


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


# ---- keys ----

def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout


class Key:
    """A key pair made by openssl, its public half as a JWK, and what it signs."""

    def __init__(self, alg):
        self.alg, self.file = alg, FOLDER / f"{alg}-{uuid.uuid4()}.pem"
        kind = ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if alg == "RS256" else ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        openssl("genpkey", "-algorithm", *kind, "-out", str(self.file))
        if alg == "RS256":
            n = openssl("rsa", "-in", str(self.file), "-noout", "-modulus").decode().split("=")[1].strip()
            self.jwk = {"kty": "RSA", "n": b64(bytes.fromhex(n)), "e": "AQAB"}
        else:
            point = openssl("pkey", "-in", str(self.file), "-pubout", "-outform", "DER")[-64:]
            self.jwk = {"kty": "EC", "crv": "P-256", "x": b64(point[:32]), "y": b64(point[32:])}

    def sign(self, header, claims):
        text = b64(json.dumps({"alg": self.alg} | header).encode()) + "." + b64(json.dumps(claims).encode())
        signature = openssl("dgst", "-sha256", "-sign", str(self.file), data=text.encode())
        if self.alg == "ES256":  # DER to r and s (RFC 7518 3.4)
            n = 4 + signature[3]
            numbers = signature[4:n], signature[n + 2:]
            signature = b"".join(x[-32:].rjust(32, b"\0") for x in numbers)
        return text + "." + b64(signature)

    def assertion(self, s, header=None, **change):
        now = int(time.time())
        claims = {"iss": CLIENT, "sub": CLIENT, "aud": s.base + "/oauth2/v1/token", "exp": now + 300, "iat": now - 2,
                  "jti": str(uuid.uuid4())}
        return self.sign({"kid": "k1"} if header is None else header, claims | change)

    def proof(self, method, url, header=None, **change):
        claims = {"htm": method, "htu": url, "iat": int(time.time()), "jti": str(uuid.uuid4())}
        return self.sign({"typ": "dpop+jwt", "jwk": self.jwk} | (header or {}),
                         {k: v for k, v in (claims | change).items() if v is not None})


def ask_token(s, assertion, scope=SCOPES, proof=None, **change):
    form = {"grant_type": "client_credentials", "scope": scope, "client_assertion": assertion,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"} | change
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"DPoP": proof} if proof else {})
    return s.call("POST", "/oauth2/v1/token", urllib.parse.urlencode(form), headers, token=None)


# ---- reading ----

def test_users(s):
    ann = s.user("Ann.Smith@acme.com", profile={"department": "Claims"})
    for name in (ann, "Ann.Smith@acme.com", "ann.smith@ACME.com", quote("ann.smith@acme.com")):
        is_equal(s.get("users/" + name).json()["id"], ann)
    shown = s.get("users/" + ann).json()
    is_equal((shown["status"], shown["profile"]["email"], shown["profile"]["department"]),
             ("ACTIVE", "Ann.Smith@acme.com", "Claims"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", shown["lastUpdated"]), shown
    assert shown["_links"]["suspend"] and "credentials" in shown
    missing = s.get("users/00unobody")
    is_equal((missing.status, missing.code(), missing.json()["errorSummary"]),
             (404, "E0000007", "Not found: Resource not found: 00unobody (User)"))
    slim = s.get("users?limit=1", headers={"Content-Type": 'application/json; okta-response="omitCredentials"'})
    assert "credentials" not in slim.json()[0]
    is_equal(s.get("users", headers={"Accept": "text/html"}).code(), "E0000019")
    is_equal(s.call("PATCH", "/api/v1/users/" + ann).code(), "E0000022")
    is_equal(s.get("nothing").json(), {"status": 404, "message": "Resource not found"})
    for body in ({"login": "ann.smith@acme.com"}, {"login": "a"}, {"login": "x" * 101}, {"first": "no login"},
                 {"login": "fine@acme.com", "first": "x" * 51}, {"login": "fine@acme.com", "nonsense": 1},
                 {"login": "fine@acme.com", "status": "WELL"}):
        assert s.call("POST", "/sandbox/okta/user", body).status in (400, 409), body


def test_users_list(s):
    s.control("users", {"generate": {"users": 450, "login": "page{n:4}@acme.com", "first": "Page", "last": "P{n}"}})
    gone = s.user("page.gone@acme.com")
    s.control("status", {"user": gone, "do": "deactivate"})
    for path, pages in (("users?limit=200", 3), ("users", 3), ("users?limit=500", 3), ("users?limit=113", 4)):
        items, n = s.all(path)
        assert n >= pages, (path, n)
        is_equal(len({u["id"] for u in items}), len(items))
        is_equal(len([u for u in items if u["profile"]["login"].startswith("page")]), 450)
    first = s.get("users?limit=3")
    assert "%" in first.link("next").split("after=")[1], "a cursor that must not be taken apart"
    is_equal(urllib.parse.urlsplit(first.link("self")).query, "limit=3")
    assert s.get("users?limit=4&after=nonsense").code() == "E0000031"
    other = first.link("next").replace("/users?", "/groups?")
    is_equal(s.call("GET", other).status, 400)
    is_equal(s.get("users?limit=x").code(), "E0000001")
    is_equal(len(s.get("users?q=pAge").json()), 10)
    is_equal(len(s.get("users?q=P10&limit=200").json()), 11)
    deprovisioned = s.get("users?filter=" + quote('status eq "DEPROVISIONED"')).json()
    assert gone in [u["id"] for u in deprovisioned]
    found = s.get("users?search=" + quote('profile.login eq "PAGE0007@acme.com" and not (status eq "STAGED")')).json()
    is_equal([u["profile"]["lastName"] for u in found], ["P7"])
    is_equal(len(s.get("users?search=" + quote('profile.login sw "page00" or id eq "none"')).json()), 99)
    later = quote('lastUpdated gt "2099-01-01T00:00:00.000Z"')
    is_equal(s.get("users?filter=" + later).json(), [])
    is_equal(len(s.get("users?limit=200&filter=" + later.replace("gt", "lt")).json()), 200)
    for bad in ('profile.department eq "x"', 'status sw "A"', "status eq", '(status eq "ACTIVE"', 'status is "A"'):
        is_equal((bad, s.get("users?filter=" + quote(bad)).code()), (bad, "E0000031"))
    is_equal(s.get("users?search=" + quote('status ne "ACTIVE"')).code(), "E0000031")


def test_groups(s):
    sales = s.control("group", {"name": "Sales", "profile": {"site": "Ulm"}})["id"]
    s.control("group", {"name": "Sales North", "description": "up there"})
    people = [s.user(f"sales{i}@acme.com") for i in range(5)]
    before = s.get("groups/" + sales).json()["lastMembershipUpdated"]
    time.sleep(1.1)
    s.control("member", {"group": "Sales", "users": people})
    shown = s.get("groups/" + sales).json()
    is_equal((shown["profile"]["site"], shown["type"], shown["objectClass"]), ("Ulm", "OKTA_GROUP", ["okta:user_group"]))
    assert shown["lastMembershipUpdated"] > before and shown["lastUpdated"] <= before
    is_equal(len(s.get("groups?q=sALES").json()), 2)
    is_equal(s.get("groups?q=Sales").link("self"), None)
    is_equal([g["id"] for g in s.get("groups?search=" + quote('profile.name eq "Sales"')).json()], [sales])
    is_equal(len(s.get("groups?search=" + quote('profile.description co "there"')).json()), 1)
    is_equal(s.get("groups?search=" + quote('profile.site co "U"')).code(), "E0000031")
    is_equal([g["profile"]["name"] for g in s.get("groups?filter=" + quote('type eq "BUILT_IN"')).json()], ["Everyone"])
    is_equal(len(s.get("groups?filter=" + quote('lastMembershipUpdated gt "%s"' % before) + "&limit=1").json()), 1)
    counted = {g["profile"]["name"]: g["_embedded"]["stats"]["usersCount"] for g in s.get("groups?expand=stats").json()}
    is_equal((counted["Sales"], counted["Sales North"]), (5, 0))
    items, pages = s.all(f"groups/{sales}/users?limit=2")
    is_equal(([u["id"] for u in items], pages), (people, 3))
    is_equal(s.get(f"groups/{sales}/users").link("self"), f"{s.base}/api/v1/groups/{sales}/users?limit=1000")
    is_equal([g["profile"]["name"] for g in s.get(f"users/{people[0]}/groups").json()], ["Everyone", "Sales"])
    s.control("member/remove", {"group": "Sales", "user": people[0]})
    s.control("status", {"user": people[1], "do": "deactivate"})
    is_equal([u["id"] for u in s.get(f"groups/{sales}/users").json()], people[2:])
    is_equal(s.get("groups/00gnone").json()["errorSummary"], "Not found: Resource not found: 00gnone (UserGroup)")
    path = f"/api/v1/groups/{sales}/users/{people[0]}"
    assert s.raw(f"PUT {path} HTTP/1.1\r\nHost: {s.address}\r\nAuthorization: SSWS {TOKEN}\r\n\r\n").startswith("HTTP/1.1 411")
    is_equal(s.call("PUT", path, headers={"Content-Length": "0"}).status, 204)
    is_equal(s.call("DELETE", f"/api/v1/groups/{sales}/users/{people[0]}").status, 204)


def test_apps(s):
    app = s.control("app", {"label": "Amazon Connect", "groups": []})["id"]
    s.control("app", {"label": "Amazon Q"})
    group = s.control("group", {"name": "Agents of it"})["id"]
    people = [s.user(f"app{i}@acme.com") for i in range(7)]
    s.control("member", {"group": group, "users": people[:4]})
    s.control("assign", {"app": app, "group": group, "priority": 3, "profile": {"routing": "Basic"}})
    s.control("assign", {"app": app, "user": people[0]})
    s.control("assign", {"app": app, "user": people[5], "user_name": "five", "profile": {"site": "Ulm"}})
    is_equal([a["label"] for a in s.get("apps?q=amazon").json() if a["label"].endswith("Connect")], ["Amazon Connect"])
    is_equal(s.get("apps?limit=1&q=Amazon").link("next") is None, False)
    is_equal([a["id"] for a in s.get("apps?filter=" + quote(f'user.id eq "{people[5]}"')).json()], [app])
    is_equal([a["id"] for a in s.get("apps?filter=" + quote(f'group.id eq "{group}"')).json()], [app])
    is_equal(s.get("apps?filter=" + quote('label eq "x"')).code(), "E0000031")
    is_equal(s.get("apps?after=nonsense").json()["errorCauses"], [{"errorSummary": "Invalid cursor."}])
    is_equal(s.get("apps/" + app).json()["credentials"]["userNameTemplate"]["template"], "${source.login}")
    items, pages = s.all(f"apps/{app}/users?limit=2&expand=user")
    is_equal(([u["id"] for u in items], pages), (people[:4] + [people[5]], 3))
    is_equal([u["scope"] for u in items], ["USER", "GROUP", "GROUP", "GROUP", "USER"])
    is_equal((items[0]["credentials"]["userName"], items[4]["credentials"]["userName"]), ("app0@acme.com", "five"))
    is_equal((items[4]["_embedded"]["user"]["profile"]["login"], items[4]["profile"]), ("app5@acme.com", {"site": "Ulm"}))
    assert "group" in items[1]["_links"] and "group" not in items[0]["_links"]
    is_equal(s.get(f"apps/{app}/users").link("self"), f"{s.base}/api/v1/apps/{app}/users?limit=50")
    is_equal(s.get(f"apps/{app}/users?limit=501").code(), "E0000001")
    is_equal([u["id"] for u in s.get(f"apps/{app}/users?q=fiv").json()], [people[5]])
    is_equal(s.get(f"apps/{app}/users/{people[1]}").json()["scope"], "GROUP")
    missing = s.get(f"apps/{app}/users/{people[6]}")
    is_equal((missing.status, missing.code()), (404, "E0000007"))
    is_equal([(g["id"], g["priority"], g["profile"]) for g in s.get(f"apps/{app}/groups").json()],
             [(group, 3, {"routing": "Basic"})])
    is_equal(s.get(f"apps/{app}/groups/{group}").json()["priority"], 3)
    is_equal([a["id"] for a in s.get(f"groups/{group}/apps").json()], [app])
    is_equal([a["label"] for a in s.get(f"users/{people[5]}/appLinks").json()], ["Amazon Connect"])
    s.control("unassign", {"app": app, "user": people[0]})
    is_equal(s.get(f"apps/{app}/users/{people[0]}").json()["scope"], "GROUP")
    s.control("member/remove", {"group": group, "user": people[0]})
    is_equal(s.get(f"apps/{app}/users/{people[0]}").status, 404)
    short = s.control("app", {"label": "Short", "user_name_template": '${fn:substringBefore(source.login, "@")}'})["id"]
    s.control("assign", {"app": short, "user": people[2]})
    is_equal(s.get(f"apps/{short}/users/{people[2]}").json()["credentials"]["userName"], "app2")


# ---- what happens and what is told ----

def test_events(s):
    app = s.control("app", {"label": "Phone"})["id"]
    group = s.control("group", {"name": "Phone people"})["id"]
    s.control("assign", {"app": app, "group": group})
    ann = s.user("ev.ann@acme.com")
    both = {"group.user_membership.add", "application.user_membership.add"}
    orders = set()
    for i in range(6):
        events = s.events_of("member", {"group": group, "user": s.user(f"ev{i}@acme.com")})
        is_equal({e["eventType"] for e in events}, both)
        is_equal(len({e["transaction"]["id"] for e in events}), 1)
        orders.add(events[0]["eventType"])
    is_equal(orders, both)
    events = {e["eventType"]: e for e in s.events_of("member", {"group": group, "user": ann})}
    targets = events["application.user_membership.add"]["target"]
    is_equal([(t["type"], t["id"][:3], t["alternateId"], t["displayName"]) for t in targets],
             [("AppUser", "0ua", "ev.ann@acme.com", "Ann Smith"), ("AppInstance", "0oa", "Phone", "Phone"),
              ("User", "00u", "ev.ann@acme.com", "Ann Smith")])
    is_equal([(t["type"], t["alternateId"], t["displayName"]) for t in events["group.user_membership.add"]["target"]],
             [("User", "ev.ann@acme.com", "Ann Smith"), ("UserGroup", "unknown", "Phone people")])
    is_equal(s.types_of("member", {"group": group, "user": ann}), [])
    is_equal(s.types_of("assign", {"app": app, "user": ann}), [])
    is_equal(s.types_of("member/remove", {"group": group, "user": ann}), ["group.user_membership.remove"])
    is_equal(s.types_of("unassign", {"app": app, "user": ann}), ["application.user_membership.remove"])
    staged = s.user("ev.staged@acme.com", status="STAGED", groups=["Phone people"])
    is_equal(s.get(f"apps/{app}/users/{staged}").status, 404)
    told = s.events_of("status", {"user": staged, "do": "activate"})
    is_equal([e["eventType"] for e in told], ["user.lifecycle.activate", "application.user_membership.add"])
    assert told[1]["debugContext"]["debugData"]["requestUri"].endswith("/lifecycle/activate")
    is_equal(s.types_of("status", {"user": staged, "do": "suspend"}), ["user.lifecycle.suspend"])
    is_equal(s.get(f"users/{staged}").json()["status"], "SUSPENDED")
    s.control("status", {"user": staged, "do": "suspend"}, wanted=409)
    is_equal(s.types_of("status", {"user": staged, "do": "unsuspend"}), ["user.lifecycle.unsuspend"])
    locked = s.events_of("status", {"user": staged, "do": "lock"})[0]
    is_equal((locked["eventType"], locked["outcome"]), ("user.account.lock", {"result": "FAILURE", "reason": "LOCKED_OUT"}))
    s.control("status", {"user": staged, "do": "unlock"})
    is_equal(s.types_of("status", {"user": staged, "do": "deactivate"}),
             ["application.user_membership.remove", "user.lifecycle.deactivate", "user.session.clear"])
    s.control("status", {"user": staged, "do": "activate"})
    is_equal((s.get(f"users/{staged}").json()["status"], s.get(f"apps/{app}/users/{staged}").status), ("PROVISIONED", 200))
    told = s.events_of("status", {"user": staged, "do": "delete"})
    is_equal([e["eventType"] for e in told][-3:],
             ["user.lifecycle.delete.initiated", "user.account.update_profile", "user.lifecycle.delete.completed"])
    is_equal((told[-2]["target"][0]["alternateId"], told[-3]["target"][0]["alternateId"]),
             (staged + "@deleted.invalid", "ev.staged@acme.com"))
    is_equal(s.get(f"users/{staged}").status, 404)
    assert s.user("ev.staged@acme.com") != staged
    times = [e["published"] for e in told]
    is_equal(sorted(set(times)), times)


def test_changes(s):
    app = s.control("app", {"label": "Desk"})["id"]
    ann = s.user("ch.ann@acme.com", apps=["Desk"])
    told = s.events_of("profile", {"user": ann, "profile": {"lastName": "Jones", "department": "Sales"}})
    is_equal([e["debugContext"]["debugData"]["changedAttributes"] for e in told], ["lastName,department"])
    is_equal(told[0]["target"][0]["displayName"], "Ann Jones")
    is_equal(s.types_of("profile", {"user": ann, "profile": {"department": "Sales"}}), [])
    s.control("profile", {"user": ann, "profile": {"department": None}})
    assert "department" not in s.get(f"users/{ann}").json()["profile"]
    is_equal(s.types_of("profile", {"user": ann, "profile": {"email": "new@acme.com"}}),
             ["user.account.update_profile", "user.account.update_primary_email"])

    def rename(renaming, login):
        s.control("settings", {"renaming": renaming})
        told = s.events_of("profile", {"user": ann, "profile": {"login": login}})
        is_equal(len({e["transaction"]["id"] for e in told}), 1)
        name = s.get(f"apps/{app}/users/{ann}").json()["credentials"]["userName"]
        return [(e["eventType"].split(".")[-1], e["target"][0]["alternateId"]) for e in told], name

    change = ("update_profile", "two@acme.com"), ("change_username", "two@acme.com")
    is_equal(rename("change", "two@acme.com"), (list(change), "two@acme.com"))
    is_equal(rename("remove_add", "three@acme.com"),
             ([("update_profile", "three@acme.com"), ("change_username", "three@acme.com"), ("remove", "two@acme.com"),
               ("add", "three@acme.com")], "three@acme.com"))
    is_equal(rename("keep", "four@acme.com"), ([("update_profile", "four@acme.com")], "three@acme.com"))
    s.control("settings", {"renaming": "change"})
    is_equal(s.types_of("app-user", {"app": app, "user": ann, "user_name": "five"}),
             ["application.user_membership.change_username"])
    is_equal(s.types_of("app-user", {"app": app, "user": ann, "profile": {"a": 1}}), ["application.user_membership.update"])
    is_equal(s.get(f"apps/{app}/users/{ann}").json()["credentials"]["userName"], "five")
    s.control("profile", {"user": ann, "profile": {"login": s.control("users")["users"][0]["profile"]["login"]}}, wanted=409)


def test_things(s):
    app = s.control("app", {"label": "Wiki"})["id"]
    group = s.control("group", {"name": "Writers"})["id"]
    people = [s.user(f"th{i}@acme.com", groups=["Writers"]) for i in range(3)]
    told = s.events_of("assign", {"app": app, "group": group})
    is_equal([e["eventType"] for e in told],
             ["group.application_assignment.add"] + ["application.user_membership.add"] * 3)
    is_equal([(e["transaction"]["type"], e["client"]["userAgent"]) for e in told[1:]], [("JOB", None)] * 3)
    is_equal(s.types_of("unassign", {"app": app, "group": group}), ["group.application_assignment.remove"])
    is_equal(s.get(f"apps/{app}/users").json(), [])
    s.control("assign", {"app": app, "group": group})
    is_equal(len(s.types_of("unassign", {"app": app, "group": group, "each": True})), 4)
    renamed = s.events_of("group/change", {"group": group, "profile": {"name": "Authors"}})[0]
    is_equal((renamed["eventType"], renamed["target"][0]["displayName"]), ("group.profile.update", "Authors"))
    s.control("assign", {"app": app, "group": group})
    is_equal(s.types_of("group/delete", {"group": "Authors"}),
             ["group.application_assignment.remove", "group.lifecycle.delete"])
    is_equal((s.get(f"groups/{group}").status, s.get(f"apps/{app}/users").json()), (404, []))
    renamed = s.events_of("app/change", {"app": app, "label": "Book"})[0]
    is_equal(renamed["target"][0]["changeDetails"], {"from": {"label": "Wiki"}, "to": {"label": "Book"}})
    s.control("app/change", {"app": app, "do": "delete"}, wanted=409)
    is_equal(s.types_of("app/change", {"app": app, "do": "deactivate"}), ["application.lifecycle.deactivate"])
    is_equal(s.get(f"apps/{app}").json()["status"], "INACTIVE")
    s.control("assign", {"app": app, "user": people[0]})
    is_equal(s.types_of("app/change", {"app": app, "do": "delete"}), ["application.lifecycle.delete"])
    is_equal(s.get(f"apps/{app}").status, 404)
    is_equal([a["label"] for a in s.control(f"user/{people[0]}")["apps"]], [])


def test_log(s):
    s.control("log", {"forget": True})
    start = s.get("logs?limit=2")
    is_equal((start.json(), bool(start.link("next"))), ([], True))
    for i in range(5):
        s.control("group", {"name": f"Log {i}"})
    names, url = [], start.link("next")
    for _ in range(4):
        answer = s.call("GET", url)
        names += [e["target"][0]["displayName"] for e in answer.json()]
        assert len(answer.json()) <= 2 and "since" not in answer.link("next")
        url = answer.link("next")
    is_equal((names, answer.json()), ([f"Log {i}" for i in range(5)], []))
    s.user("log.ann@acme.com")
    is_equal([e["eventType"] for e in s.call("GET", url).json()], ["user.lifecycle.create", "user.lifecycle.activate"])
    for text, n in (('eventType eq "group.lifecycle.create"', 5), ('eventType sw "user.lifecycle."', 2),
                    ('eventType eq "user.lifecycle.create" and target.alternateId eq "log.ann@acme.com"', 1),
                    ('target.type eq "User" and not (eventType ew "create")', 1),
                    ('debugContext.debugData.requestId pr and outcome.result eq "success"', 7)):
        is_equal((text, len(s.get("logs?filter=" + quote(text)).json())), (text, n))
    is_equal(s.get("logs?filter=" + quote('published gt "2020-01-01T00:00:00Z"')).code(), "E0000053")
    is_equal(s.get("logs?filter=" + quote('debugContext.debugData.url co "x"')).code(), "E0000031")
    is_equal(s.get("logs?since=2026-01-01T00:00:00Z&after=x").code(), "E0000001")
    is_equal(s.get("logs?since=2019-01-01T00:00:00Z").code(), "E0000053")
    is_equal(s.get("logs?limit=1001").code(), "E0000001")
    is_equal(len(s.get("logs?q=Log+3").json()), 1)
    bounded = s.all("logs?limit=3&sortOrder=DESCENDING")[0]
    is_equal(sorted((e["published"] for e in bounded), reverse=True), [e["published"] for e in bounded])
    is_equal(len(bounded), 7)
    earlier = time.strftime("%Y-%m-%dT%H:%M:%S.678Z", time.gmtime(time.time() - 3600))
    s.control("log", {"event": {"eventType": "user.lifecycle.suspend", "published": earlier}})
    last = s.call("GET", s.call("GET", url).link("next")).json()[-1]
    is_equal((last["published"], last["target"], last["severity"]), (earlier, None, "INFO"))
    s.control("delays", {"log_ms": 200, "log_jitter_ms": 300})
    wanted = [s.control("group", {"name": f"Late {i}"})["events"][0] for i in range(12)]
    got = [e["uuid"] for e in s.get("logs?filter=" + quote('target.displayName sw "Late"')).json()]
    is_equal(got, [])
    time.sleep(0.6)
    got = [e["uuid"] for e in s.get("logs?filter=" + quote('target.displayName sw "Late"')).json()]
    is_equal(sorted(got), sorted(wanted))
    assert got != wanted, "written down in the order of happening"
    s.control("delays", {"log_ms": 0, "log_jitter_ms": 0})
    s.control("log", {"expire_cursors": True})
    is_equal(s.call("GET", url).status, 400)


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


# ---- who may ----

def test_tokens(s):
    for token in (None, "SSWS wrong", "Bearer " + TOKEN, "Basic x", "SSWS"):
        answer = s.get("users", token=token)
        is_equal((token, answer.status, answer.code()), (token, 401, "E0000011"))
    for role, users, hooks in (("admin", 200, 200), ("read", 200, 403), ("none", 403, 403), ("empty", 200, 200)):
        s.control("tokens", {"token": "t-" + role, "role": role})
        is_equal((role, s.get("users", token="SSWS t-" + role).status, s.get("eventHooks", token="SSWS t-" + role).status),
                 (role, users, hooks))
    is_equal(s.get("users", token="SSWS t-empty").json(), [])
    is_equal(s.get("users", token="SSWS t-none").code(), "E0000006")
    s.control("tokens", {"token": "t-short", "expires_in_s": 0.2})
    time.sleep(0.3)
    is_equal(s.get("users", token="SSWS t-short").status, 401)


def test_oauth(s):
    for alg in ("RS256", "ES256"):
        key = Key(alg)
        s.control("clients", {"client_id": CLIENT, "keys": [key.jwk | {"kid": "k1"}], "scopes": SCOPES.split()})
        answer = ask_token(s, key.assertion(s))
        is_equal((answer.status, answer.json().get("token_type"), answer.json().get("expires_in")), (200, "Bearer", 3600))
        bearer = "Bearer " + answer.json()["access_token"]
        is_equal((s.get("users?limit=1", token=bearer).status, s.get("groups", token=bearer).status), (200, 200))
        refused = s.get("apps", token=bearer)
        is_equal((refused.status, refused.code(), 'scope="okta.apps.read"' in refused["www-authenticate"]),
                 (403, "E0000006", True))
        now = int(time.time())
        for change, word in (({"aud": s.base + "/oauth2/default/v1/token"}, "audience"), ({"exp": now - 5}, "expired"),
                             ({"exp": now + 4000}, "too far"), ({"iat": now + 60}, "before the current time"),
                             ({"iss": "other"}, "issuer"), ({"iss": "x", "sub": "x"}, "client_id"),
                             ({"header": {"kid": "k2"}}, "kid is invalid")):
            bad = ask_token(s, key.assertion(s, **change))
            is_equal((bad.status, bad.json()["error"]), (401, "invalid_client"))
            assert word in bad.json()["error_description"], (word, bad.json())
        once = key.assertion(s)
        is_equal([ask_token(s, once).status for _ in range(2)], [200, 401])
        is_equal(ask_token(s, key.assertion(s, header={})).status, 200)
        is_equal(ask_token(s, key.assertion(s)[:-8] + "AAAAAAAA").status, 401)
        is_equal(ask_token(s, Key(alg).assertion(s)).json()["error"], "invalid_client")
    is_equal(ask_token(s, key.assertion(s), scope="okta.apps.read").json()["error"], "invalid_scope")
    is_equal(ask_token(s, key.assertion(s), grant_type="password").json()["error"], "unsupported_grant_type")
    is_equal(ask_token(s, key.assertion(s), client_assertion_type="x").json()["error"], "invalid_client")
    s.control("tokens", {"expire": "access"})
    expired = s.get("users", token=bearer)
    is_equal((expired.status, "invalid_token" in expired["www-authenticate"]), (401, True))
    s.control("clients", {"client_id": CLIENT, "pem": key.file.read_text(encoding="utf-8"), "role": "none"})
    answer = ask_token(s, key.assertion(s, header={}))
    is_equal(s.get("users", token="Bearer " + answer.json()["access_token"]).code(), "E0000006")


def test_dpop(s):
    key, proof_key = Key("RS256"), Key("ES256")
    url = s.base + "/oauth2/v1/token"
    s.control("clients", {"client_id": CLIENT, "keys": [key.jwk], "dpop": True})
    is_equal(ask_token(s, key.assertion(s)).json(),
             {"error": "invalid_dpop_proof", "error_description": "The DPoP proof JWT header is missing."})
    first = ask_token(s, key.assertion(s), proof=proof_key.proof("POST", url, jti=None))
    is_equal((first.status, first.json()["error"]), (400, "use_dpop_nonce"))
    nonce = first["dpop-nonce"]
    second = ask_token(s, key.assertion(s), proof=proof_key.proof("POST", url, nonce=nonce))
    is_equal((second.status, second.json().get("token_type"), second["dpop-nonce"]), (200, "DPoP", nonce))
    token = second.json()["access_token"]
    users = s.base + "/api/v1/users"
    ath = b64(hashlib.sha256(token.encode()).digest())

    def call(proof, scheme="DPoP"):
        return s.get("users?limit=1", token=f"{scheme} {token}", headers={"DPoP": proof} if proof else {})

    is_equal(call(proof_key.proof("GET", users, ath=ath)).status, 200)
    proof = proof_key.proof("GET", users, ath=ath)
    is_equal([call(proof).status for _ in range(2)], [200, 401])
    now = int(time.time())
    for bad in (None, proof_key.proof("POST", users, ath=ath), proof_key.proof("GET", users + "?limit=1", ath=ath),
                proof_key.proof("GET", users, ath="x"), proof_key.proof("GET", users, ath=ath, iat=now - 301),
                proof_key.proof("GET", users, ath=ath, iat=now + 60), proof_key.proof("GET", users, ath=ath, jti=None),
                key.proof("GET", users, ath=ath), proof_key.proof("GET", users, {"typ": "JWT"}, ath=ath),
                proof_key.proof("GET", users, {"jwk": key.jwk}, ath=ath),
                proof_key.proof("GET", users, {"jwk": proof_key.jwk | {"d": "x"}}, ath=ath), "a.b.c"):
        answer = call(bad)
        is_equal((answer.status, "invalid_dpop_proof" in answer["www-authenticate"]), (401, True))
    assert "must use the DPoP" in call(None, "Bearer")["www-authenticate"]
    s.control("settings", {"resource_nonce": True})
    asked = call(proof_key.proof("GET", users, ath=ath))
    is_equal((asked.status, asked["dpop-nonce"], "use_dpop_nonce" in asked["www-authenticate"]), (401, nonce, True))
    is_equal(call(proof_key.proof("GET", users, ath=ath, nonce=nonce)).status, 200)
    s.control("tokens", {"new_nonce": True})
    is_equal(call(proof_key.proof("GET", users, ath=ath, nonce=nonce)).status, 401)
    s.control("settings", {"resource_nonce": False})


def test_rates(s):
    s.control("rates", {"bucket": "/api/v1/apps", "limit": 3, "window_s": 1})
    got = [s.get("apps") for _ in range(5)]
    is_equal([a.status for a in got], [200, 200, 200, 429, 429])
    is_equal([a["x-rate-limit-remaining"] for a in got], ["2", "1", "0", "0", "0"])
    is_equal((got[3].code(), got[3]["x-rate-limit-limit"]), ("E0000047", "3"))
    assert 0 <= int(got[3]["x-rate-limit-reset"]) - time.time() <= 2
    s.control("tokens", {"token": "t-other"})
    is_equal((s.get("apps", token="SSWS t-other").status, s.get("groups").status), (200, 200))
    time.sleep(1.05)
    is_equal(s.get("apps").status, 200)
    is_equal({r["bucket"] for r in s.control("rates")["rates"]} >= {"/api/v1/users", "other"}, True)
    s.control("rates", {"bucket": "nothing", "limit": 3}, wanted=400)


def test_delays(s):
    group = s.control("group", {"name": "Slow readers"})["id"]
    app = s.control("app", {"label": "Slow app"})["id"]
    ann = s.user("late@acme.com")
    time.sleep(0.01)
    s.control("delays", {"read_ms": 400, "list_ms": 400, "search_ms": 400})
    time.sleep(0.5)
    bob = s.user("later@acme.com")
    s.control("profile", {"user": ann, "profile": {"lastName": "Jones", "login": "renamed@acme.com"}})
    s.control("member", {"group": group, "user": ann})
    s.control("assign", {"app": app, "user": ann})

    def seen():
        shown = s.get(f"users/{ann}").json()["profile"]
        return (s.get(f"users/{bob}").status, shown["lastName"], shown["login"],
                len(s.get(f"groups/{group}/users").json()), s.get(f"apps/{app}/users/{ann}").status,
                len(s.get("users?search=" + quote('profile.login eq "later@acme.com"')).json()))

    is_equal(seen(), (404, "Smith", "late@acme.com", 0, 404, 0))
    is_equal(s.control(f"user/{ann}")["groups"], ["Slow readers"])
    time.sleep(0.5)
    is_equal(seen(), (200, "Jones", "renamed@acme.com", 1, 200, 1))
    s.control("status", {"user": ann, "do": "delete"})
    s.control("group/delete", {"group": group})
    is_equal((s.get(f"users/{ann}").status, s.get(f"groups/{group}").status), (200, 200))
    time.sleep(0.5)
    is_equal((s.get(f"users/{ann}").status, s.get(f"groups/{group}").status), (404, 404))
    s.control("delays", {"read_ms": 0, "list_ms": 0, "search_ms": 0})


def test_faults(s):
    s.control("users", {"generate": {"users": 20, "login": "fault{n}@acme.com"}})

    def broken(kind, **more):
        s.control("faults", {"operation": "listUsers", "count": 1, "kinds": [kind]} | more)
        try:
            return s.get("users?limit=10")
        except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
            return type(error).__name__
        finally:
            s.control("faults", {"operation": "listUsers", "kinds": []})

    for kind, status, code in (("rate_limit", 429, "E0000047"), ("internal", 500, "E0000009"), ("read_only", 503, "E0000010"),
                               ("forbidden", 403, "E0000006"), ("invalid_token", 401, "E0000011"),
                               ("not_found", 404, "E0000007"), ("bad_cursor", 400, "E0000031"), ("bare_not_found", 404, None)):
        answer = broken(kind)
        is_equal((kind, answer.status, answer.code()), (kind, status, code))
    concurrency = broken("concurrency")
    is_equal((concurrency.status, concurrency["x-rate-limit-limit"]), (429, "0"))
    html = broken("bad_gateway_html")
    is_equal((html.status, html["content-type"], html.body[:6]), (502, "text/html", b"<html>"))
    is_equal(broken("nonce")["dpop-nonce"] != "", True)
    for kind in ("cut_before", "cut_after", "half_answer"):
        assert isinstance(broken(kind), str), kind
    is_equal(broken("empty_ok").body, b"")
    try:
        broken("garbage_ok").json()
        raise AssertionError("garbage is JSON")
    except ValueError:
        pass
    empty, short, foreign = broken("empty_page"), broken("short_page"), broken("foreign_next")
    is_equal((empty.json(), empty.link("next"), len(short.json()), short.link("next")), ([], None, 5, None))
    assert s.address not in foreign.link("next") and len(foreign.json()) == 10
    before = time.monotonic()
    is_equal(broken("slow", delay_ms=300).status, 200)
    assert time.monotonic() - before > 0.29
    calls = s.control("calls?log=1")["calls"]
    is_equal((calls[-1]["operation"], calls[-1]["fault"], calls[-1]["status"]), ("listUsers", "slow", 200))
    s.control("faults", {"operation": "noSuch", "kinds": []}, wanted=400)
    s.control("faults", {"operation": "*", "kinds": ["nonsense"]}, wanted=400)


def test_clock(s):
    s.control("clock", {"offset_s": -3600})
    answer = s.get("users?limit=1")
    date = time.mktime(time.strptime(answer["date"], "%a, %d %b %Y %H:%M:%S GMT"))
    now = time.mktime(time.gmtime())
    assert -3605 < date - now < -3595, answer["date"]
    s.control("clock", {"offset_s": 0})


def test_many(s):
    group = s.control("group", {"name": "Many"})["id"]
    app = s.control("app", {"label": "For many", "groups": ["Many"]})["id"]
    n = 20000
    done = s.control("users", {"generate": {"users": n, "from": 1, "login": "many{n:6}@acme.com", "groups": ["Many"],
                                            "profile": {"department": "D{n}"}}})
    is_equal(done["n_events"], 0)
    users, _ = s.all(f"groups/{group}/users?limit=1000")
    assigned, _ = s.all(f"apps/{app}/users?limit=500")
    is_equal((len({u["id"] for u in users}), len({u["id"] for u in assigned})), (n, n))
    is_equal((users[4]["profile"]["login"], users[4]["profile"]["department"], assigned[4]["credentials"]["userName"]),
             ("many000005@acme.com", "D5", "many000005@acme.com"))
    s.control("profile", {"user": "many000005@acme.com", "profile": {"title": "Boss"}})
    is_equal(s.get("users/many000005@acme.com").json()["profile"]["title"], "Boss")
    s.control("users", {"generate": {"users": 1, "from": 7, "login": "many{n:6}@acme.com"}}, wanted=409)


def test_seed(program):
    seed = {"okta": {
        "users": [{"id": "00ujane0000000000x7", "login": "jane.doe@acme.com", "first": "Jane", "last": "Doe",
                   "groups": ["Agents"], "apps": ["Amazon Connect"]}, {"login": "joe@acme.com", "status": "STAGED"}],
        "groups": [{"id": "00gagents000000000x7", "name": "Agents", "users": ["joe@acme.com"], "apps": ["Amazon Connect"]}],
        "apps": [{"id": "0oaconnect00000000x7", "label": "Amazon Connect",
                  "users": [{"user": "joe@acme.com", "user_name": "joe"}]}],
        "generate": {"users": 3, "groups": ["Agents"]}, "tokens": [{"token": "mine", "role": "read"}],
        "rates": [{"bucket": "*", "limit": 0}], "settings": {"renaming": "keep"}, "delays": {"read_ms": 0},
        "deliveries": {"batch_ms": 10}, "faults": [{"operation": "listLogEvents", "kinds": ["internal"], "count": 1}],
        "hooks": [{"uri": "http://127.0.0.1:9/okta/events", "secret": "x", "verified": True}]}}
    file = FOLDER / "seed.json"
    file.write_text(json.dumps(seed), encoding="utf-8")
    s = Sandbox(program, "--seed", str(file))
    try:
        names = [u["credentials"]["userName"] for u in s.get("apps/0oaconnect00000000x7/users", token="SSWS mine").json()]
        is_equal(sorted(names), ["agent000001@acme.com", "agent000002@acme.com", "agent000003@acme.com", "jane.doe@acme.com",
                                 "joe"])
        is_equal((s.get("logs").status, s.get("logs").json()[-1]["eventType"]), (500, "event_hook.created"))
        is_equal(s.get("users?limit=1").headers[0][0] != "x-rate-limit-limit", True)
        is_equal(s.control("state")["users"], 5)
        is_equal([h["verificationStatus"] for h in s.control("hooks")["hooks"]], ["VERIFIED"])
    finally:
        s.process.terminate()
        is_equal(s.process.wait(10), 0)
    file.write_text(json.dumps({"okta": {"users": [{"login": "a@acme.com", "frist": "x"}]}}), encoding="utf-8")
    bad = subprocess.run([program, "--seed", str(file)], capture_output=True, text=True, check=False)
    assert bad.returncode == 1 and "okta.users[0]" in bad.stderr and "frist" in bad.stderr, bad.stderr


def main():
    s = Sandbox(sys.argv[1])
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    tests = [(n, f) for n, f in tests if not sys.argv[2:] or n[5:] in sys.argv[2:]]
    failed = 0
    print(f"1..{len(tests) + 1}")
    for i, (name, function) in enumerate(tests, 1):
        try:
            s.control("rates", {"bucket": "*", "limit": 0})
            function(sys.argv[1] if name == "test_seed" else s)
            print(f"ok {i} - {name[5:]}", flush=True)
        except Exception as error:  # each test stands for itself
            failed += 1
            line = error.__traceback__
            while line.tb_next:
                line = line.tb_next
            print(f"not ok {i} - {name[5:]}\n# {type(error).__name__}: {str(error)[:800]}")
            trace, here = error.__traceback__, []
            while trace:
                here.append(str(trace.tb_lineno))
                trace = trace.tb_next
            print("# lines " + " ".join(here), flush=True)
    s.process.terminate()
    code = s.process.wait(10)
    failed += code != 0
    print(("ok" if code == 0 else "not ok") + f" {len(tests) + 1} - SIGTERM ends it with 0")
    sys.exit(failed != 0)


main()
