"""script/demo: the whole story on this machine, against the sandbox. Okta verifies the hook, the AWS sample's two payloads come in,
people are assigned, and Amazon Connect gets agents; then, with rules and Okta's API, somebody joins, moves and leaves, and what the
hook missed arrives all the same. Ends by itself with everything stopped; --keep leaves it running."""
import contextlib
import json
import os
import shlex
import shutil
import signal
import sys

import lib
import org

APP, GROUP, STRANGERS = "AWS Account Federation", "amazon_connect", "Facilities"  # the first two as in the AWS sample's config.ini
SUPERVISORS = "Connect Supervisors"
HOOK_EVENTS = ["application.user_membership.add", "application.user_membership.remove", "group.user_membership.add",
               "group.user_membership.remove", "user.lifecycle.deactivate", "user.account.update_profile"]
# What is added to the sample's config.ini for the second half.
RULES = f"""
[OKTA]
ORG_URL = http://SANDBOX
API_TOKEN_FILE = FOLDER/hook-secret-token
CATCH_UP_EVERY = 2s          ; so that nobody has to wait: the default is 60s
SETTLE = 1s                  ; 3s

[Connect]
ON_REMOVE = delete           ; keep
REMOVAL_GRACE = 0s           ; 24h

[Mapping Supervisors]
GROUP = {SUPERVISORS}
SECURITY_PROFILES = Admin
ROUTING_PROFILE = Support Routing Profile
HIERARCHY_GROUP = Europe/Support

[Mapping Sales]
APP = {APP}
USER.department = Sales*
HIERARCHY_GROUP = Europe/Sales
TAGS = Team=${{user.department}}
"""
PEOPLE = {"ada": ("ada@acme.com", "Ada", "Lovelace"), "grace": ("grace.hopper@acme.com", "Grace", "Hopper"),
          "alan": ("alan@acme.com", "Alan", "Turing"), "nick": ("nick.o'connor@acme.com", "Nick", "O'Connor"),
          "maria": ("maria@acme.com", "María", "José Carreño"), "sam": ("sam@acme.com", "Sam", "Porter"),
          "eve": ("eve@acme.com", "Eve", "Moneypenny"), "joan": ("joan@acme.com", "Joan", "Clarke")}
OKTA_IDS = {who: f"00udemo{who}" for who in PEOPLE}
AGENTS = {"ada@acme.com", "grace", "alan@acme.com", "maria@acme.com"}
STATES = {"in_step": 4, "failed": 1, "out_of_scope": 1}
LAST_AGENTS = {"ada@acme.com", "joan@acme.com", "maria@acme.com", "sam@acme.com"}
LAST_STATES = {"in_step": 4, "failed": 1, "out_of_scope": 1, "removed": 2}
READS = ("Describe", "Get", "List", "Search")
# From the first program's start to the last one's end. Where everything is slow, the caller says how patient to be.
LIMIT_S = 27 if "ROSTER_PATIENCE" not in os.environ else int(3 * lib.PATIENCE_S)


# ---- how it looks ----

COLOURS = {"bold": "1", "faint": "2", "bad": "31", "good": "32"}


def paint(text, colour):
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{COLOURS[colour]}m{text}\033[0m"


def say(text=""):
    print(text, flush=True)


def title(text):
    say("\n" + paint(text, "bold"))


def told(what, outcome, mark="✓", colour="good"):
    say(f"  {paint(mark, colour)} {what:<46} {outcome}")


def show_command(text, output):
    say("  " + paint("$ " + text, "faint"))
    for line in output.strip("\n").splitlines():
        say(("  " + line).rstrip())


def show_table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for number, row in enumerate(rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
        say("  " + (paint(line, "faint") if number == 0 else line))


# ---- the stage ----

class Stage(lib.World):
    """The AWS sample's config.ini, unchanged: the rest comes from the environment. The throttle is the real service's."""

    PREFIX = "roster-demo-"

    def __init__(self):
        super().__init__()
        shutil.copy(lib.TOP / "tests/data/aws-sample-config.ini", self.config)
        self.extra_environment = {"AWS_REGION": "us-east-1", "ROSTER_OKTA_HOOK_SECRET_FILE": str(self.folder / "hook-secret"),
                                  "ROSTER_SERVER_LISTEN": "127.0.0.1:0", "ROSTER_STORE_PATH": str(self.state)}

    def build(self):
        users = [{"id": OKTA_IDS[who], "login": login, "first": first, "last": last} for who, (login, first, last) in PEOPLE.items()
                 if who != "joan"]
        groups = [{"name": name} for name in (GROUP, STRANGERS, SUPERVISORS)]
        self.start_sandbox(throttle=[], okta={"users": users, "groups": groups, "apps": [{"label": APP}]})
        self.start()
        self.extra_environment["ROSTER_SERVER_LISTEN"] = self.daemon.address  # it starts again, and Okta must find it

    def start_with_rules(self):
        """Stops the daemon, adds the rules to config.ini and starts it again."""
        org.write_secret(self, "hook-secret-token", org.TOKEN + "\n")
        rules = RULES.replace("SANDBOX", self.sandbox.address).replace("FOLDER", str(self.folder))
        assert self.daemon.stop() == 0, self.daemon.text()
        with self.config.open("a", encoding="utf-8") as config:
            config.write(rules)
        self.start()

    def okta(self, what, who, **more):
        """An administrator does something in Okta."""
        return self.sandbox.post("okta/" + what, user=PEOPLE[who][0], **more)

    def skipped(self, **pairs):
        """The log's line about a skipped event of that kind."""
        return next((line for line in self.daemon.said("event skipped") if pairs.items() <= line.items()), None)

    def person(self, who, state, reason=""):
        """Waits until the person is in that state, with a reason that holds that text: as `roster users --json` shows them."""
        def look():
            return next((row for row in self.users().values() if row["okta_id"] == OKTA_IDS[who] and row["state"] == state
                         and reason in (row["reason"] or "")), None)
        return lib.wait_until(look, f"{who} {state}", LIMIT_S)

    def made(self):
        """The writes since the calls were reset, in their order."""
        return [call["operation"] for call in self.sandbox.get("calls?log=1")["calls"] if not call["operation"].startswith(READS)]

    @contextlib.contextmanager
    def calls(self):
        """Gives a function that tells, afterwards, by which calls something was done."""
        self.sandbox.post("calls/reset")
        done = []
        yield lambda: ", ".join(done)
        done += self.made()

    def roster(self, *words):
        done = self.command(*words)
        assert done.returncode == 0, f"roster {' '.join(words)} ended with {done.returncode}: {done.stderr}"
        return done.stdout

    def shell_environment(self):
        """What a shell needs to play on."""
        kept = {key: value for key, value in self.environment().items() if key.startswith(("AWS_", "ROSTER_"))}
        return kept | {"ROSTER_CONFIG": str(self.config)}


# ---- the story ----

def verify(stage):
    title("Okta verifies its event hook")
    hook = stage.sandbox.post("okta/hook", name="Roster", uri=f"http://{stage.daemon.address}/okta/events", secret=lib.HOOK_SECRET,
                              events=HOOK_EVENTS)
    assert hook["verificationStatus"] == "VERIFIED", hook
    told("GET /okta/events with Okta's challenge", "answered: the hook is VERIFIED")
    answer = stage.deliver((lib.SAMPLES / "sample-app-add.json").read_bytes(), secret="Bearer guessed")
    assert answer.status == 401, answer
    told("POST /okta/events with a guessed secret", "401")


def samples(stage):
    title("The two payloads that the AWS sample publishes are delivered")
    for name in ("sample-app-add.json", "sample-group-add.json"):
        text = (lib.SAMPLES / name).read_text(encoding="utf-8")
        delivery = stage.sandbox.post("okta/deliver", text=text)
        assert delivery["state"] == "delivered", delivery
        uuid = json.loads(text)["data"]["events"][0]["uuid"]
        line = lib.wait_until(lambda uuid=uuid: stage.skipped(uuid=uuid), f"{name} in the log")
        told(name, f"{delivery['attempts'][-1]['status']}, skipped: {line['reason']}, Okta's preview names nobody")


def assignments(stage):
    title("People are assigned in Okta")
    stage.okta("member", "eve", group=GROUP)
    stage.okta("member/remove", "eve", group=GROUP)
    for who, more in (("ada", {}), ("grace", {"user_name": "grace"}), ("alan", {}), ("nick", {})):
        stage.okta("assign", who, app=APP, **more)
    stage.okta("member", "maria", group=GROUP)
    stage.okta("member", "sam", group=STRANGERS)
    told(f"Ada Lovelace gets '{APP}'", f"agent {stage.person('ada', 'in_step')['user']}")
    told("Grace Hopper gets it as 'grace'", f"agent {stage.person('grace', 'in_step')['user']}, the name that SAML will send")
    reason = stage.person("nick", "failed", "user name")["reason"]
    told("Nick O'Connor gets it", "failed, and Roster says why:", "!", "bad")
    say(paint(f"      {reason.partition('; ')[0]}", "faint"))
    lib.wait_until(lambda: stage.skipped(detail=STRANGERS), "the strangers' group")
    told(f"Sam Porter joins '{STRANGERS}'", "skipped: another group than ours")
    stage.person("maria", "in_step")
    told(f"María José Carreño joins '{GROUP}'", "agent maria@acme.com, once the application had time to speak")
    stage.person("eve", "out_of_scope")
    told("Eve Moneypenny joins it and leaves at once", "no agent was made, no call spent")
    stage.person("alan", "in_step")
    stage.okta("unassign", "alan", app=APP)
    stage.person("alan", "in_step", "no longer in scope")
    told("Alan Turing gets the application and loses it", "the agent is kept, and shown as no longer in scope")


def rules(stage):
    title("Now with rules, and with Okta's API: these lines are added to config.ini")
    for line in RULES.replace("SANDBOX", stage.sandbox.address).replace("FOLDER", "…").strip().splitlines():
        say(paint("  " + line, "faint") if line else "")
    say()
    stage.start_with_rules()
    stage.person("alan", "removed")
    told("ON_REMOVE is delete now, and Alan had left", "his agent is deleted, as Okta had said that he left")


def joiner(stage):
    with stage.calls() as made:
        login, first, last = PEOPLE["joan"]
        stage.sandbox.post("okta/user", id=OKTA_IDS["joan"], login=login, first=first, last=last, profile={"department": "Sales North"})
        stage.okta("assign", "joan", app=APP)
        stage.person("joan", "in_step")
    told("Joan Clarke is hired, for Sales North", f"agent joan@acme.com, by {made()}")


def mover(stage):
    with stage.calls() as made:
        stage.okta("member", "ada", group=SUPERVISORS)
        lib.wait_until(lambda: len(stage.made()) == 3, "Ada's calls")
        stage.person("ada", "in_step")
    told(f"Ada Lovelace joins '{SUPERVISORS}'", "three aspects differ, so three calls:")
    say(paint(f"      {made()}", "faint"))
    with stage.calls() as made:
        stage.okta("profile", "maria", profile={"lastName": "Carreño"})
        lib.wait_until(stage.made, "María's call")
    told("María José Carreño shortens her name", f"one call: {made()}")


def leaver(stage):
    with stage.calls() as made:
        stage.okta("status", "grace", do="deactivate")
        stage.person("grace", "removed")
    told("Grace Hopper is deactivated", f"she is on no contact, so her agent goes: {made()}")


def missed(stage):
    stage.sandbox.post("okta/deliveries", loss=1)
    stage.okta("assign", "sam", app=APP)
    stage.person("sam", "in_step")
    events = [json.loads(line) for line in stage.roster("events", "--user", PEOPLE["sam"][0], "--json").splitlines()]
    assert any(event["via"] == "log" for event in events), events
    stage.sandbox.post("okta/deliveries", loss=0)
    told("Sam Porter gets it, and the delivery is lost", "agent sam@acme.com all the same: Okta's System Log told it")


def agents(stage):
    title("Amazon Connect now has these agents")
    found = stage.sandbox.agents()
    rows = [("USER NAME", "NAME", "SECURITY PROFILES", "ROUTING PROFILE", "PHONE")]
    for name, agent in sorted(found.items()):
        identity = agent["IdentityInfo"]
        rows.append((name, f"{identity['FirstName']} {identity['LastName']}", ", ".join(agent["SecurityProfileNames"]),
                     agent["RoutingProfileName"], agent["PhoneConfig"]["PhoneType"]))
    show_table(rows)
    return found


def first_agents(stage):
    found = agents(stage)
    assert set(found) == AGENTS, f"there should be the agents {sorted(AGENTS)}"
    assert all(len(agent["SecurityProfileIds"]) == 3 for agent in found.values()), found
    check_states(stage, STATES)
    assert stage.sandbox.calls("CreateUser", "done") == len(AGENTS), stage.sandbox.get("calls")


def last_agents(stage):
    found = agents(stage)
    assert set(found) == LAST_AGENTS, f"there should be the agents {sorted(LAST_AGENTS)}"
    assert "Admin" in found["ada@acme.com"]["SecurityProfileNames"] and found["ada@acme.com"]["HierarchyGroupName"] == "Support", found
    assert found["joan@acme.com"]["Tags"]["Team"] == "Sales North", found


def check_states(stage, wanted):
    states = {state: n for state, n in stage.status()["states"].items() if n}
    assert states == wanted, f"people by state: {states}, not {wanted}"


def roster(stage):
    title("Roster says")
    show_command("roster status", stage.roster("status"))
    check_states(stage, LAST_STATES)


def play(stage):
    title("The stage")
    stage.build()
    told("roster-sandbox plays Okta and Amazon Connect", f"http://{stage.sandbox.address}")
    told("roster serve, with the AWS sample's config.ini", f"http://{stage.daemon.address}")
    for act in (verify, samples, assignments, first_agents, rules, joiner, mover, leaver, missed, last_agents, roster):
        act(stage)


# ---- the end ----

def leave_running(stage):
    """Writes what a shell needs, and tells what to try."""
    lines = [f"export {key}={shlex.quote(value)}" for key, value in sorted(stage.shell_environment().items())]
    lines += [f"export PATH={shlex.quote(str(lib.BUILD))}:$PATH", f"sandbox=http://{stage.sandbox.address}",
              f"hook=http://{stage.daemon.address}"]
    (stage.folder / "env").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pids = f"{stage.daemon.process.pid} {stage.sandbox.process.pid}"
    (stage.folder / "stop").write_text(f"kill {pids}\nrm -rf {shlex.quote(str(stage.folder))}\n", encoding="utf-8")
    title("It goes on running. Try")
    for what, command in (
            ("first", f". {stage.folder}/env"),
            ("how things stand", "roster status"),
            ("everybody, and one of them", "roster users; roster show grace"),
            ("make Sam a supervisor", f"curl -sd '{{\"group\": \"{SUPERVISORS}\", \"user\": \"sam@acme.com\"}}' $sandbox/sandbox/okta/member"),
            ("hire somebody", "curl -sd '{\"login\": \"mary@acme.com\", \"first\": \"Mary\", \"last\": \"Jackson\", "
             f"\"groups\": [\"{GROUP}\"]}}' $sandbox/sandbox/okta/user"),
            ("let Joan leave", "curl -sd '{\"user\": \"joan@acme.com\", \"do\": \"deactivate\"}' $sandbox/sandbox/okta/status"),
            ("lose what the hook delivers", "curl -sd '{\"loss\": 1}' $sandbox/sandbox/okta/deliveries"),
            ("the agents there are", "curl -s $sandbox/sandbox/agents"),
            ("let half the calls fail", "curl -sd '{\"operation\": \"*\", \"rate\": 0.5, \"kinds\": [\"throttle\", \"cut_after\"]}' "
             "$sandbox/sandbox/faults"),
            ("metrics, health", "curl -s $hook/metrics $hook/readyz"),
            ("the daemon's log", f"tail -f {stage.daemon.log}"),
            ("stop it all", f"sh {stage.folder}/stop")):
        say(f"  {what:<28} {command}")


def interrupted(number, _frame):
    if number == signal.SIGALRM:
        raise TimeoutError(f"it was not done after {LIMIT_S} s")
    raise KeyboardInterrupt(number)


def main():
    keeps = sys.argv[1:] == ["--keep"]
    if sys.argv[1:] and not keeps:
        print("usage: script/demo [--keep]", file=sys.stderr)
        return 64
    sys.stdout.reconfigure(errors="replace")  # a terminal that knows no such sign shows another
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, interrupted)
    signal.alarm(LIMIT_S)
    stage, code, problems = None, 0, []
    try:
        stage = Stage()
        play(stage)
        signal.alarm(0)
        if keeps:
            leave_running(stage)
            return 0
        problems = stage.complaints()
    except KeyboardInterrupt as why:
        code, problems = 128 + (why.args[0] if why.args else signal.SIGINT), ["interrupted"]
    except (AssertionError, OSError) as why:
        problems = [str(why)] + (stage.daemon.text().splitlines()[-10:] if stage and stage.daemon else [])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    if stage:
        stage.close()
    say()
    for problem in problems:
        say(f"  {paint('✗', 'bad')} {problem}")
    if problems:
        say(f"{paint('The demo did not come to its end.', 'bad')} Everything is stopped.")
        return code or 1
    say(f"{paint('Done:', 'good')} all agents are as Okta and the rules say. Everything is stopped; script/demo --keep leaves it running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
