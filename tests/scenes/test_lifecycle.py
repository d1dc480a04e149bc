"""A whole contact centre, moved at random while the daemon is killed and both services fail: what comes out is what the rules say
of Okta's final state, nobody is deleted who is in scope, no stranger's agent is touched, and no bound is passed.

The short form runs with script/test; ROSTER_LONG=1 (script/test --long) plays with 500 people. ROSTER_SEED repeats a history, as
far as it depends on the test."""
import datetime
import os
import random
import socket
import time
from collections import Counter

from centre import ACTS, CONNECT, EVENT_ACTS, EVENT_RULES, ROUTING, SECURITY, Centre, sections
from lib import HOOK_SECRET, agent_tags, case, main, stays, wait_until
from org import TOKEN, write_secret

IS_LONG = os.environ.get("ROSTER_LONG") == "1"
PEOPLE, MOVES, KILLS = (500, 4000, 40) if IS_LONG else (60, 200, 5)
MAX_REMOVALS, MAX_CHANGES = (20, 100) if IS_LONG else (5, 12)
SETTLE_S = 900 if IS_LONG else 240

# All that the sandbox can do to a call to Amazon Connect: what passes, and what makes an operation pause for all or a person wait
# for an operator.
PASSING = ["throttle", "too_many", "internal", "unavailable_html", "bad_gateway_html", "gateway_timeout_html", "cut_before", "hang",
           "expired_token", "invalid_signature", "unrecognized_client", "cut_after", "half_answer", "empty_ok", "garbage_ok", "slow"]
LASTING = ["access_denied", "instance_not_found", "limit", "not_found", "invalid_request"]
WRITES = ["CreateUser", "DeleteUser", "UpdateUserSecurityProfiles", "UpdateUserRoutingProfile", "UpdateUserIdentityInfo",
          "UpdateUserHierarchy", "UpdateUserPhoneConfig", "TagResource", "UntagResource", "AssociateUserProficiencies"]
# And to one to Okta.
OKTA_FAULTS = ["rate_limit", "concurrency", "internal", "read_only", "unavailable_html", "bad_gateway_html", "gateway_timeout_html",
               "cut_before", "hang", "forbidden", "no_role", "invalid_token", "authentication_failed", "bad_cursor", "nonce",
               "cut_after", "half_answer", "empty_ok", "garbage_ok", "slow"]
# Answers that are well formed and untrue. Of one person they can be told from the truth by nobody when they come twice.
LISTS = ["listGroupUsers", "listUsers", "listLogEvents", "listGroups"]
UNTRUE = ["empty_page", "short_page", "foreign_next", "not_found", "bare_not_found"]

SPIN_MAX = 120 if IS_LONG else 40  # calls of one operation about one agent
READ_DELAY_MS = 1500  # of Okta's readings, with the time that one takes
PARKED = [CONNECT["security_profiles"][SECURITY.index("Parked")]["id"]], CONNECT["routing_profiles"][ROUTING.index("Parked")]["id"]
STRANGERS = [{"name": "by.hand@acme.com", "security_profiles": ["Agent"]},
             {"name": "other.team@acme.com", "tags": {"roster:managed-by": "other", "roster:okta-id": "00uother"}},
             {"name": "tagged@acme.com", "tags": {"cost": "42"}, "routing_profile": "Training"}]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Play:
    def __init__(self, world, name):
        self.world = world
        self.number = int(os.environ.get("ROSTER_SEED") or random.SystemRandom().randrange(10**6))
        print(f"# {name}: ROSTER_SEED={self.number}", flush=True)
        self.random = random.Random(self.number)
        self.centre = Centre(world, self.random, PEOPLE)
        self.n_kills = 0

    # ---- the stage ----

    def start(self, reads_okta=True):
        world = self.world
        world.start_sandbox(okta=self.centre.seed(), agents=STRANGERS, **CONNECT)
        world.sandbox.post("calls/reset", inputs=True)
        world.set(Server={"LISTEN": f"127.0.0.1:{free_port()}"})
        if reads_okta:
            world.set(OKTA={"ORG_URL": "http://" + world.sandbox.address, "CATCH_UP_EVERY": "1s",
                            "API_TOKEN_FILE": write_secret(world, "hook-secret-token", TOKEN + "\n")})
        self.strangers = self.strange_agents()
        world.start()
        world.sandbox.post("okta/hook", uri=f"http://{world.daemon.address}/okta/events", secret=HOOK_SECRET)
        self.centre.remember(0)

    def strange_agents(self):
        return {agent["Username"]: agent for agent in self.world.sandbox.get("agents")["agents"]
                if agent_tags(agent).get("roster:managed-by") != "roster"}

    def kill(self):
        self.world.daemon.kill()
        self.n_kills += 1
        self.world.start()

    def introduce(self):
        """Without the API nothing is known of whoever is there already: each membership is told once."""
        for user in self.centre.users().values():
            for group in user["groups"]:
                self.world.sandbox.post("okta/member/remove", group=group, user=user["id"])
                self.world.sandbox.post("okta/member", group=group, user=user["id"])

    # ---- trouble ----

    def trouble(self):
        """Both services fail now and then from here on, and the hook loses, repeats and reorders."""
        sandbox = self.world.sandbox
        sandbox.post("faults", operation="*", rate=0.25, kinds=PASSING, delay_ms=1500, seed=self.number)
        sandbox.post("okta/faults", operation="*", rate=0.12, kinds=OKTA_FAULTS, delay_ms=1500, seed=self.number)
        for operation in LISTS:
            sandbox.post("okta/faults", operation=operation, rate=0.2, kinds=OKTA_FAULTS + UNTRUE, delay_ms=1500, seed=self.number)
        sandbox.post("delays", search_ms=500, list_ms=500, read_ms=200)
        sandbox.post("okta/delays", read_ms=300, list_ms=500, search_ms=500, log_ms=300, log_jitter_ms=300)
        sandbox.post("okta/deliveries", loss=0.2, duplicate=0.2, reorder=0.3, reorder_ms=1500, delay_ms=100, jitter_ms=400,
                     seed=self.number)

    def lasting_trouble(self):
        self.world.sandbox.post("faults", operation=self.random.choice(WRITES), kinds=[self.random.choice(LASTING)], count=1)

    def peace(self):
        sandbox = self.world.sandbox
        for operation in ["*", *WRITES]:
            sandbox.post("faults", operation=operation, kinds=[])
        for operation in ["*", *LISTS]:
            sandbox.post("okta/faults", operation=operation, kinds=[])
        sandbox.post("delays", search_ms=0, list_ms=0, read_ms=0)
        sandbox.post("okta/delays", read_ms=0, list_ms=0, search_ms=0, log_ms=0, log_jitter_ms=0)
        sandbox.post("okta/deliveries", loss=0, duplicate=0, reorder=0, delay_ms=0, jitter_ms=0)

    def moves(self, n=MOVES, n_kills=0, acts=ACTS):
        kills = set(self.random.sample(range(n), n_kills))
        for number in range(n):
            self.centre.change(acts)
            time.sleep(self.random.random() * 0.16)
            if number in kills:
                self.kill()
                self.lasting_trouble()

    def deliver_late(self):
        """Without Okta's API nothing but a delivery tells: what was lost comes after all, long after, with much that came before."""
        world = self.world
        wait_until(lambda: not sum(world.sandbox.get("okta/deliveries")[key] for key in ("waiting", "flying")), "no delivery under way")
        known = {uuid for one in world.sandbox.get("okta/deliveries")["deliveries"] if one["state"] == "delivered"
                 for uuid in one["events"]}
        events = [one for one in world.sandbox.get("okta/log")["events"] if one["eventType"].startswith(("group.", "user.", "application."))]
        late = [one for one in events if one["uuid"] not in known]
        print(f"# {len(late)} of {len(events)} events come late", flush=True)
        late += self.random.sample(events, len(events) // 3)
        self.random.shuffle(late)
        for at in range(0, len(late), 10):
            world.accept(*late[at:at + 10])

    # ---- the end ----

    def settle(self):
        """Until all is as it should be, and stays so. Whoever is held or failed after the trouble is decided by an operator."""
        world, decided, n, n_still = self.world, set(), 0, 0
        until = time.monotonic() + SETTLE_S
        while wrong := self.centre.differences():
            assert time.monotonic() < until, f"{len(wrong)} differ:\n" + "\n".join(wrong[:20]) + "\n" + self.explain(wrong[0])
            rows = world.rows()  # not by login: two may have one
            n_still = 0 if any(row["state"] == "due" for row in rows) else n_still + 1
            if n_still >= 3:  # what ends by itself needs no operator
                decided |= {(row["state"], row["reason"]) for row in rows if row["state"] in ("held", "failed")}
                world.command("release", "--no-wait", "--all")
                world.command("retry", "--no-wait", "--all")
            elif n % 10 == 9:  # after many failures the next try is minutes away
                late = {one.split()[0] for one in wrong} & {row["okta_id"] for row in rows if row["state"] == "due" and row["reason"]}
                for id in sorted(late)[:10]:
                    world.command("retry", "--no-wait", id)
            n += 1
            time.sleep(1)
        stays(lambda: not self.centre.differences(), "all is as it should be", 3)
        return decided

    def explain(self, wrong):
        return self.world.command("show", wrong.split()[0]).stdout

    # ---- what must hold ----

    def check_strangers(self):
        assert self.strange_agents() == self.strangers, "an agent was touched that Roster does not manage"

    def deletions(self):
        return self.world.sandbox.get("agents?gone=1")["agents"]

    def check_deletions_by_events(self):
        """Without Okta's API nobody goes of whom no event says that they left. Whether they are somewhere else still may be among what
        was lost."""
        said = {}
        for one in self.world.sandbox.get("okta/log")["events"]:
            if one["eventType"] in ("group.user_membership.remove", "user.lifecycle.deactivate", "user.lifecycle.delete.initiated"):
                at_ms = datetime.datetime.fromisoformat(one["published"].replace("Z", "+00:00")).timestamp() * 1000
                for target in one["target"] or []:
                    said.setdefault(target["id"], []).append(at_ms)
        for agent in self.deletions():
            id, at_ms = agent["Tags"]["roster:okta-id"], agent["gone_ms"]
            assert any(ms <= at_ms for ms in said.get(id, [])), f"{id} was deleted at {at_ms}, and no event said that they left: {said.get(id)}"

    def check_deletions(self):
        """Whoever was deleted was, at some time since they were read last, not to have that agent."""
        reads = {}
        for call in self.world.sandbox.get("okta/calls?log=1")["calls"]:
            if call["operation"] == "getUser" and call["status"] in (200, 404):
                reads.setdefault(call["user"].rsplit("/", 1)[1], []).append(call["time_ms"])
        for agent in self.deletions():
            id, at_ms = agent["Tags"]["roster:okta-id"], agent["gone_ms"]
            read_ms = max(ms for ms in reads[id] if ms < at_ms) - READ_DELAY_MS
            past = self.centre.past[id]
            meanwhile = [want for i, (ms, want) in enumerate(past) if ms <= at_ms and (i + 1 == len(past) or past[i + 1][0] >= read_ms)]
            assert any(want is None or want["name"] != agent["Username"] for want in meanwhile), \
                f"{id} {agent['Username']} was deleted at {at_ms}, and in scope all the time since {read_ms}: {past}"

    def check_once(self):
        """No agent was made twice."""
        made, gone = Counter(call["user"] for call in self.done("CreateUser")), Counter(one["Username"] for one in self.deletions())
        there = self.world.sandbox.agents()
        for name, n in made.items():
            assert n == gone[name] + (name in there), f"{name} was made {n} times, deleted {gone[name]} times"
        calls = Counter((call["operation"], call["user"]) for call in self.world.sandbox.get("calls?log=1")["calls"] if call["user"])
        what, n = calls.most_common(1)[0]
        assert n <= SPIN_MAX, f"{what} was called {n} times: {self.world.users()}"

    def done(self, *operations):
        """The calls that took effect, in their order."""
        return [call for call in self.world.sandbox.get("calls?log=1")["calls"] if call["operation"] in operations and call["done"]]

    def taken(self):
        """(removals, changed): how often somebody was deleted or parked, and whose profiles were changed otherwise; to leave the
        parking place is no change."""
        values, changed, removals = {}, set(), 0
        for call in self.done("DeleteUser", "UpdateUserRoutingProfile", "UpdateUserSecurityProfiles"):
            agent, asked = call["user"], call["input"]
            if call["operation"] == "DeleteUser":
                removals += 1
                continue
            has, aspect = values.setdefault(agent, {}), "RoutingProfileId" if "RoutingProfileId" in asked else "SecurityProfileIds"
            if asked[aspect] in PARKED:
                removals += not any(value in PARKED for value in has.values())
            elif has.get(aspect) not in (*PARKED, asked[aspect]):
                changed.add(agent)
            has[aspect] = asked[aspect]
        return removals, len(changed)

    def tell(self):
        """What was played, for whoever reads the log."""
        def count(path):
            calls = self.world.sandbox.get(path)["calls"]
            faults = [call["fault"] for call in calls if call["fault"]]
            return f"{len(calls)} calls, {len(faults)} of them failed in {len(set(faults))} ways"
        busiest = Counter(call["operation"] for call in self.world.sandbox.get("calls?log=1")["calls"]).most_common(2)
        print(f"# the most calls: {busiest}", flush=True)
        print(f"# Amazon Connect: {count('calls?log=1')}; Okta: {count('okta/calls?log=1')}; {len(self.deletions())} agents deleted, "
              f"{self.n_kills} kills", flush=True)

    def check_all(self, reads_okta=True):
        self.tell()
        self.check_strangers()
        if reads_okta:
            self.check_deletions()
        else:
            self.check_deletions_by_events()
        self.check_once()


CENTRE = {"OKTA": {"APP_NAME": None, "GROUP_NAME": None, "USERNAME": "${user.login}"},
          "Connect": {"SECURITY_PROFILE_IDS": None, "ROUTING_PROFILE_ID": None, "ON_REMOVE": "delete", "ON_RENAME": "replace",
                      "REMOVAL_GRACE": "2s", "PARKED_SECURITY_PROFILE": "Parked", "PARKED_ROUTING_PROFILE": "Parked",
                      "MAX_REMOVALS": "100000", "MAX_CHANGES": "100000"}} | sections()
BOUNDED = CENTRE | {"Connect": CENTRE["Connect"] | {"MAX_REMOVALS": f"{MAX_REMOVALS}", "MAX_CHANGES": f"{MAX_CHANGES}"}}
# An event tells neither attributes nor, by itself, a new name.
EVENTS = CENTRE | {"OKTA": {"APP_NAME": None, "GROUP_NAME": None}} | sections(EVENT_RULES)


@case("nothing fails: in the end all is as the rules say", **CENTRE)
def calm(world):
    play = Play(world, "calm")
    play.start()
    play.settle()
    play.moves()
    decided = play.settle()
    assert not decided, decided
    play.check_all()


@case("killed at random while both services fail in all ways, and deliveries are lost, repeated and reordered", **CENTRE)
def storm(world):
    play = Play(world, "storm")
    play.start()
    play.settle()  # the first comparison has nothing by which it could tell that a list is cut short
    play.trouble()
    play.moves(n_kills=KILLS)
    play.peace()
    play.kill()
    decided = play.settle()
    assert all(state == "failed" for state, _ in decided), decided
    play.check_all()


@case("the same under bounds: neither is ever passed, and everything else goes on", **BOUNDED)
def bounded(world):
    play = Play(world, "bounded")
    play.start()
    play.settle()
    play.centre.change(["deactivate"])
    play.centre.change(["deactivate"])
    play.settle()
    play.trouble()
    play.moves(n_kills=KILLS)
    play.peace()
    play.kill()
    wait_until(lambda: world.people("due") == 0, "nobody due", SETTLE_S)
    removals, changed = play.taken()
    print(f"# {removals} removals and {changed} changes of profiles passed", flush=True)
    assert removals <= MAX_REMOVALS and changed <= MAX_CHANGES, (removals, changed)
    held = [row for row in world.rows() if row["state"] == "held"]
    assert held, "nothing came to a bound: the case shows nothing"
    play.settle()
    play.check_all()


@case("without Okta's API: killed, lost, repeated and reordered; what was lost comes late", **EVENTS)
def events_only(world):
    play = Play(world, "events")
    play.centre.use(EVENT_RULES)
    play.start(reads_okta=False)
    play.introduce()
    play.settle()
    play.trouble()
    play.moves(n_kills=KILLS, acts=EVENT_ACTS)
    play.peace()
    play.kill()
    play.deliver_late()
    decided = play.settle()
    assert all(state == "failed" for state, _ in decided), decided
    play.check_all(reads_okta=False)


if __name__ == "__main__":
    main()
