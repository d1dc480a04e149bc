"""What the tests of the played Okta org share: a sandbox, its API and its control interface."""
import http.client
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

TOKEN = "00sandbox-api-token"
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="okta-test-"))


def is_equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def quote(text):
    return urllib.parse.quote(text, safe="")


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


def main(names):
    """Runs the functions among names that begin with test_, each with the same sandbox; prints TAP."""
    s = Sandbox(sys.argv[1])
    tests = [(n, f) for n, f in names.items() if n.startswith("test_")]
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
