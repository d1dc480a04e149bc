"""Scenes: the whole program against the sandbox. A scene is a file test_NAME.py whose functions are marked with @case; it
prints TAP. Each case gets a World: a folder, a sandbox and a daemon on free ports, all gone afterwards.

After every case the daemon must end on SIGTERM with 0, no sanitizer may have complained, and no secret may stand in a log,
in the store or in a command line."""
import datetime
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import uuid as uuids

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SAMPLES = TOP / "tests" / "data" / "samples"
BUILD = pathlib.Path(os.environ.get("ROSTER_BUILD", TOP / "build"))
# Sanitizers slow things down; waiting ends as soon as what is waited for is there.
PATIENCE_S = float(os.environ.get("ROSTER_PATIENCE", "40"))

HOOK_SECRET = "Bearer hook-s3cret-0123456789abcdef"
OLD_HOOK_SECRET = "Bearer former-s3cret-fedcba9876543210"
KEY_ID, KEY_SECRET = "AKIASANDBOX000000001", "sandbox-secret-key"
SECRETS = [HOOK_SECRET, HOOK_SECRET.split()[1], OLD_HOOK_SECRET.split()[1], KEY_SECRET]
INSTANCE = "abcdefgh-0122-4131-adc2-a0ebe5a2b2a7"
SECURITY_PROFILE = "12345678-1234-2345-abd8-0aa7f5b46852"
ROUTING_PROFILE = "87654321-69fb-43b6-a5e6-f8666ac189cb"
APP, GROUP = "Amazon Connect", "Connect Agents"

ENVIRONMENT_KEPT = ["PATH", "LANG", "LC_ALL", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"]
SANITIZER_WORDS = ["Sanitizer", "runtime error:"]


class Skip(Exception):
    """The case cannot be shown here; its text says why."""


# ---- waiting ----

def wait_until(look, what, seconds=None):
    """Calls look until it gives something true, and returns that."""
    until = time.monotonic() + (seconds or PATIENCE_S)
    pause = 0.005
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"waited in vain for: {what}; last seen: {found!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def stays(look, what, seconds):
    """look must be true all that time: for what must not happen."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert look(), f"no longer true: {what}"
        time.sleep(0.05)


# ---- HTTP ----

class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def error_code(self):
        """The code of the contract's error form."""
        error = self.json()["error"]
        assert isinstance(error["message"], str) and error["message"], self.body
        return error["code"]

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def http_call(address, method, path, body=None, headers=None, timeout=30):
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def raw_call(address, data, timeout=20):
    """Sends bytes as they are and returns all that comes back until the other side closes."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout) as s:
        try:
            s.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        got = b""
        while True:
            try:
                part = s.recv(65536)
            except ConnectionResetError:
                break
            if not part:
                break
            got += part
        return got


# ---- programs ----

class Program:
    def __init__(self, command, log, env=None, limits=None):
        self.log = pathlib.Path(log)
        self.command = [str(word) for word in command]
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            env=env, preexec_fn=limits)

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def is_running(self):
        return self.process.poll() is None

    def wait(self, seconds=None):
        return self.process.wait(seconds or PATIENCE_S)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; returns the exit code."""
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.command[0]} did not end within 30 s of SIGTERM") from None


class Sandbox(Program):
    def __init__(self, folder, seed, listen="127.0.0.1:0"):
        port_file, seed_file = folder / "sandbox.port", folder / "seed.json"
        port_file.unlink(missing_ok=True)
        seed_file.write_text(json.dumps(seed), encoding="utf-8")
        super().__init__([BUILD / "roster-sandbox", "--quiet", "--listen", listen, "--port-file", port_file,
                          "--seed", seed_file], folder / "sandbox.log")
        wait_until(lambda: port_file.exists() or not self.is_running(), "the sandbox's port")
        assert self.is_running(), self.text()
        self.address = "127.0.0.1:" + port_file.read_text(encoding="utf-8").strip()

    def call(self, method, path, body=None):
        answer = http_call(self.address, method, "/sandbox/" + path,
                           None if body is None else json.dumps(body), {"Content-Type": "application/json"})
        assert answer.status in (200, 201, 204), f"{method} /sandbox/{path}: {answer}"
        return answer.json() if answer.body else None

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, **body):
        return self.call("POST", path, body)

    def agents(self):
        """{user name: as DescribeUser shows it}; two of one name would be a miracle."""
        return {agent_name(agent): agent for agent in self.get("agents")["agents"]}

    def calls(self, operation="CreateUser", what="sent"):
        counts = self.get("calls").get(operation, {})
        if what == "sent":
            return sum(counts.get(kind, 0) for kind in ("ok", "throttled", "failed"))
        return counts.get(what, 0)

    def log_of(self, operation):
        return [call for call in self.get("calls?log=1")["calls"] if call["operation"] == operation]

    def fail(self, kinds, operation="*", rate=1.0, **more):
        self.post("faults", operation=operation, rate=rate, kinds=kinds, **more)


def agent_name(agent):
    return agent.get("Username") or agent.get("name")


def agent_tags(agent):
    return agent.get("Tags") or agent.get("tags") or {}


class Daemon(Program):
    """roster serve."""

    def __init__(self, world, options=(), limits=None):
        self.world = world
        world.n_starts += 1
        log = world.folder / f"roster-{world.n_starts}.log"
        self.address = None
        super().__init__([BUILD / "roster", "serve", "--config", world.config, "--log-format", "json", *options], log,
                         world.environment(), limits)

    def lines(self):
        found = []
        for line in self.text().splitlines():
            if line.startswith("{"):
                try:
                    found.append(json.loads(line))
                except ValueError:  # the last one, half written
                    pass
        return found

    def said(self, msg):
        return [line for line in self.lines() if msg in line.get("msg", "")]

    def wait_listening(self):
        def look():
            assert self.is_running(), f"roster serve ended with {self.process.returncode}:\n{self.text()}"
            return self.said("listening")
        self.address = wait_until(look, "roster listening")[0]["address"]
        return self

    def cmdline(self):
        return pathlib.Path(f"/proc/{self.process.pid}/cmdline").read_bytes()


class World:
    """One case's folder and programs."""

    PREFIX = "roster-scene-"

    def __init__(self, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=self.PREFIX))
        self.config = self.folder / "config.ini"
        self.state = self.folder / "state"
        self.n_starts = 0
        self.sandboxes, self.daemons = [], []
        self.sandbox = self.daemon = None
        self.extra_environment = {}
        self.settings = {
            "OKTA": {"APP_NAME": APP, "GROUP_NAME": GROUP, "HOOK_SECRET_FILE": str(self.folder / "hook-secret"),
                     "SETTLE": "1s"},
            "Connect": {"INSTANCE_ID": INSTANCE, "SECURITY_PROFILE_IDS": SECURITY_PROFILE,
                        "ROUTING_PROFILE_ID": ROUTING_PROFILE, "REGION": "us-east-1", "RATE": "500", "BURST": "100"},
            "Server": {"LISTEN": "127.0.0.1:0"},
            "Store": {"PATH": str(self.state)},
        }
        (self.folder / "hook-secret").write_text(HOOK_SECRET + "\n", encoding="utf-8")
        (self.folder / "hook-secret").chmod(0o600)
        self.set(**settings)

    def set(self, **settings):
        """set(OKTA={"SETTLE": "3s", "GROUP_NAME": None}): None takes a key out."""
        for section, keys in settings.items():
            for key, value in keys.items():
                if value is None:
                    self.settings.setdefault(section, {}).pop(key, None)
                else:
                    self.settings.setdefault(section, {})[key] = value
        self.config.write_text("\n".join(
            f"[{section}]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items()) + "\n"
            for section, keys in self.settings.items()), encoding="utf-8")
        self.config.chmod(0o600)

    def environment(self):
        env = {key: os.environ[key] for key in ENVIRONMENT_KEPT if key in os.environ}
        env |= {"HOME": str(self.folder), "AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": KEY_SECRET}
        if self.sandbox:
            env["AWS_ENDPOINT_URL_CONNECT"] = "http://" + self.sandbox.address
        return {key: value for key, value in (env | self.extra_environment).items() if value is not None}

    def start_sandbox(self, okta=None, **connect):
        """Unthrottled unless told otherwise; connect and okta go into the seed."""
        seed = {"connect": {"throttle": [{"operation": "*", "rate": 0}]} | connect} | ({"okta": okta} if okta else {})
        self.sandbox = Sandbox(self.folder, seed)
        self.sandboxes.append(self.sandbox)
        return self.sandbox

    def start(self, *options, limits=None):
        if self.sandbox is None:
            self.start_sandbox()
        self.daemon = Daemon(self, options, limits)
        self.daemons.append(self.daemon)
        return self.daemon.wait_listening()

    def start_refused(self, *options):
        """Starts serve and waits for its end: (exit code, output)."""
        daemon = Daemon(self, options)
        self.daemons.append(daemon)
        return daemon.wait(), daemon.text()

    def command(self, *words, config=True, stdin=None):
        """Another subcommand: its CompletedProcess."""
        line = [str(BUILD / "roster"), *words, *(["--config", str(self.config)] if config else [])]
        done = subprocess.run(line, env=self.environment(), cwd=self.folder, input=stdin, capture_output=True, text=True,
                              timeout=60, check=False)
        for secret in SECRETS:
            assert secret not in done.stdout + done.stderr, f"{words} shows a secret"
        for word in SANITIZER_WORDS:
            assert word not in done.stderr, done.stderr
        return done

    def deliver(self, body, path="/okta/events", secret=HOOK_SECRET, headers=None, timeout=30):
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        head = {"Content-Type": "application/json"} | ({} if secret is None else {"Authorization": secret}) | (headers or {})
        return http_call(self.daemon.address, "POST", path, body, head, timeout)

    def accept(self, *events, **more):
        """Delivers events and expects that they are acknowledged."""
        answer = self.deliver(envelope(*events, **more))
        assert answer.status in (200, 204), answer
        return answer

    def get(self, path, **headers):
        return http_call(self.daemon.address, "GET", path, None, headers)

    def status(self):
        done = self.command("status", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def rows(self, *words):
        """What roster users --json shows, also of several who have one login."""
        done = self.command("users", "--json", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def users(self, *words):
        """{login or name as shown: row}"""
        return {row["user"]: row for row in self.rows(*words)}

    def metric(self, name):
        for line in self.get("/metrics").body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        return None

    def people(self, state):
        return self.metric(f'roster_people{{state="{state}"}}')

    def wait_settled(self, seconds=None):
        """Until nobody is due."""
        wait_until(lambda: self.people("due") == 0, "nobody due", seconds)

    def wait_agents(self, *names, seconds=None):
        wait_until(lambda: set(self.sandbox.agents()) == set(names) or None, f"the agents {sorted(names)[:10]}", seconds)

    def secrets_found(self):
        found = []
        for file in self.folder.rglob("*"):
            if not file.is_file() or file.name.startswith("hook-secret") or file.name in ("seed.json", "config.ini"):
                continue
            data = file.read_bytes()
            found += [f"a secret stands in {file.name}" for secret in SECRETS if secret.encode() in data]
        return found

    def complaints(self):
        """Ends everything and says what was not as it must be."""
        found = []
        for daemon in self.daemons:
            if not daemon.is_running():
                continue
            command = daemon.cmdline()
            found += ["a secret stands in the command line" for secret in SECRETS if secret.encode() in command]
            try:
                code = daemon.stop()
                found += [f"roster serve ended with {code} after SIGTERM"] if code != 0 else []
            except AssertionError as late:
                found.append(str(late))
        for sandbox in self.sandboxes:
            try:
                sandbox.stop()
            except AssertionError as late:
                found.append(str(late))
        found += self.secrets_found()
        for program in [*self.daemons, *self.sandboxes]:
            found += [f"{program.log.name}: {word}" for word in SANITIZER_WORDS if word in program.text()]
        return found

    def close(self):
        for program in [*self.daemons, *self.sandboxes]:
            if program.is_running():
                program.kill()
        if os.environ.get("ROSTER_KEEP"):
            print(f"# kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


# ---- events, in Okta's form ----

def now_text(offset_s=0.0):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset_s)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def user_target(name, id=None, display=None):
    login = name if "@" in name else name + "@acme.com"
    return {"id": id or "00u" + login.split("@")[0].replace(".", ""), "type": "User", "alternateId": login,
            "displayName": display or "Test " + login.split("@")[0].replace(".", " ").title()}


def event(kind, targets, published=None, uuid=None, outcome="SUCCESS", **more):
    return {"uuid": uuid or str(uuids.uuid4()), "published": published or now_text(), "eventType": kind, "version": "0",
            "displayMessage": "", "severity": "INFO", "outcome": {"result": outcome, "reason": None}, "target": targets} | more


def app_event(name, action="add", app=APP, app_user=None, id=None, display=None, **more):
    user = user_target(name, id, display)
    targets = [{"id": "0ua" + user["id"][3:], "type": "AppUser", "alternateId": app_user or user["alternateId"],
                "displayName": user["displayName"]},
               {"id": "0oa" + app.replace(" ", "").lower(), "type": "AppInstance", "alternateId": app, "displayName": app}, user]
    return event(f"application.user_membership.{action}", targets, **more)


def group_event(name, action="add", group=GROUP, id=None, display=None, **more):
    targets = [user_target(name, id, display),
               {"id": "00g" + group.replace(" ", "").lower(), "type": "UserGroup", "alternateId": "unknown", "displayName": group}]
    return event(f"group.user_membership.{action}", targets, **more)


def envelope(*events, event_time=None):
    return {"eventType": "com.okta.event_hook", "eventTypeVersion": "1.0", "cloudEventsVersion": "0.1",
            "source": "https://acme.okta.com/api/v1/eventHooks/who0test", "eventId": str(uuids.uuid4()),
            "data": {"events": list(events)}, "eventTime": event_time or now_text(), "contentType": "application/json"}


# ---- cases ----

CASES = []


def case(name, **settings):
    """Marks a function of one World; settings are the configuration's, as for World.set."""
    def mark(function):
        CASES.append((name, function, settings))
        return function
    return mark


def run_case(function, settings):
    """(problem or None, reason to skip or None)"""
    world = World(**settings)
    problem = skipped = None
    try:
        try:
            function(world)
        except Skip as why:
            skipped = str(why)
        except Exception:  # pylint: disable=broad-except
            problem = traceback.format_exc()
        complaints = world.complaints()
        if complaints:
            problem = (problem or "") + "\n".join(complaints)
        if problem:
            for program in [*world.sandboxes, *world.daemons[-3:]]:
                tail = program.text().splitlines()[-40:]
                problem += f"\n-- the end of {program.log.name} --\n" + "\n".join(line[:600] for line in tail)
    finally:
        world.close()
    return problem, skipped


def main():
    chosen = [row for row in CASES if not sys.argv[1:] or any(word in row[0] for word in sys.argv[1:])]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, (name, function, settings) in enumerate(chosen, 1):
        problem, skipped = run_case(function, settings)
        if problem:
            failed += 1
            print(f"not ok {number} - {name}")
            print("\n".join("# " + line for line in problem.splitlines()), flush=True)
        else:
            print(f"ok {number} - {name}" + (f" # SKIP {skipped}" if skipped else ""), flush=True)
    sys.exit(failed > 0)
