"""Random histories, round by round: after each, Amazon Connect is as the rules say, and no more was called than the difference
needs. What is unchanged costs no call, somebody new one, one changed aspect one, each further aspect one. ROSTER_SEED repeats."""
import os
import random
import signal
from collections import Counter

from centre import ACTS, CONNECT, EVENT_RULES, GROUPS, Centre, actual, difference, managed, sections, wanted
from lib import PATIENCE_S, case, event, group_event, main, stays, user_target, wait_until
from org import TOKEN, add_hook, write_secret

READS_OF_REMOVALS = {"GetCurrentUserData", "ListQuickConnects", "DescribeQuickConnect"}
READS_AT_START = {"DescribeInstance", "ListSecurityProfiles", "ListRoutingProfiles", "SearchUserHierarchyGroups"}
NO_GATES = {"ON_REMOVE": "delete", "ON_RENAME": "replace", "REMOVAL_GRACE": "0s", "PARKED_SECURITY_PROFILE": "Parked",
            "PARKED_ROUTING_PROFILE": "Parked", "MAX_REMOVALS": "100000", "MAX_CHANGES": "100000"}
PLAIN = {"SECURITY_PROFILE_IDS": None, "ROUTING_PROFILE_ID": None}
API = {"OKTA": {"APP_NAME": None, "GROUP_NAME": None, "USERNAME": "${user.login}"}, "Connect": PLAIN | NO_GATES} | sections()
EVENTS = {"OKTA": {"APP_NAME": None, "GROUP_NAME": None}, "Connect": PLAIN | NO_GATES} | sections(EVENT_RULES)
ROUNDS, PEOPLE = (30, 60) if os.environ.get("ROSTER_LONG") == "1" else (8, 12)


def the_number():
    number = int(os.environ.get("ROSTER_SEED") or random.SystemRandom().randrange(10**6))
    print(f"# ROSTER_SEED={number}", flush=True)
    return number


# ---- the fewest calls ----

def proficiency_steps(has, want):
    return Counter({"DisassociateUserProficiencies": bool(has.keys() - want.keys()),
                    "UpdateUserProficiencies": any(has[name] != want[name] for name in has.keys() & want.keys()),
                    "AssociateUserProficiencies": bool(want.keys() - has.keys())})


def tag_steps(has, want):
    return Counter({"UntagResource": bool(has.keys() - want.keys()), "TagResource": bool(want.items() - has.items())})


def new_steps(want):
    return Counter({"CreateUser": 1}) + proficiency_steps({}, want["proficiencies"])


def parking_steps(agent):
    return Counter({"UpdateUserSecurityProfiles": agent["SecurityProfileNames"] != ["Parked"],
                    "UpdateUserRoutingProfile": agent["RoutingProfileName"] != "Parked"})


def steps(agent, want):
    """What makes of an agent (None = there is none) what is wanted (None = nothing)."""
    if want is None:
        return Counter({"DeleteUser": agent is not None})
    if want["suspended"]:
        return parking_steps(agent) if agent else Counter()
    if agent is None:
        return new_steps(want)
    has = actual(agent)
    if has["name"] != want["name"]:
        return new_steps(want) + Counter({"DeleteUser": 1})
    return Counter({"UpdateUserIdentityInfo": (has["first"], has["last"]) != (want["first"], want["last"]),
                    "UpdateUserSecurityProfiles": has["security"] != want["security"],
                    "UpdateUserRoutingProfile": has["routing"] != want["routing"],
                    "UpdateUserHierarchy": has["hierarchy"] != want["hierarchy"],
                    "UpdateUserPhoneConfig": any(has[key] != want[key] for key in ("phone", "auto", "after"))}) \
        + proficiency_steps(has["proficiencies"], want["proficiencies"]) + tag_steps(has["tags"], want["tags"])


def made_calls(world):
    calls = world.sandbox.get("calls").items()
    return Counter({operation: sum(call[kind] for kind in ("ok", "failed", "throttled")) for operation, call in calls
                    if operation not in READS_OF_REMOVALS | READS_AT_START})


def agents_of(world):
    """{Okta id: the agent}; two of one person are none, so that it is waited for."""
    return {id: mine[0] for id, mine in managed(world).items() if len(mine) == 1}


class Round:
    """From its beginning to its end as much is called as the difference needs."""

    def __init__(self, world, what):
        self.world, self.what = world, what
        self.before = agents_of(world) if world.daemons else {}
        world.sandbox.post("calls/reset")

    def end(self, wants):
        """wants: {Okta id: wanted}"""
        def is_done():
            found = agents_of(self.world)
            return self.world.people("due") == 0 and not [id for id in wants if difference(wants[id], found.get(id))]
        try:
            wait_until(is_done, f"{self.what}: all as the rules say", 60 + PATIENCE_S)
        except AssertionError as late:
            found = agents_of(self.world)
            wrong = {id: difference(wants[id], found.get(id)) for id in wants if difference(wants[id], found.get(id))}
            shown = "\n".join(self.world.command("show", id).stdout for id in wrong)
            raise AssertionError(f"{late}: {wrong}\n{shown}") from late
        needed = sum((steps(self.before.get(id), want) for id, want in wants.items()), Counter())
        stays(lambda: made_calls(self.world) == +needed, f"{self.what}: needed {+needed}, made {made_calls(self.world)}", 1)
        return needed.total()


# ---- with Okta's API ----

@case("with Okta's API: deliveries are lost, repeated and reordered, and each difference costs its calls", **API)
def with_api(world):
    number = the_number()
    centre = Centre(world, random.Random(number), PEOPLE)
    world.start_sandbox(okta=centre.seed(), **CONNECT)
    world.set(OKTA={"ORG_URL": "http://" + world.sandbox.address, "CATCH_UP_EVERY": "1s",
                    "API_TOKEN_FILE": write_secret(world, "hook-secret-token", TOKEN + "\n")})
    turn = Round(world, "at first")
    centre.remember(0)
    world.start()
    add_hook(world)
    world.sandbox.post("okta/deliveries", loss=0.3, duplicate=0.3, reorder=0.5, reorder_ms=400, seed=number)
    total = turn.end(centre.wants())
    for n in range(ROUNDS):
        turn = Round(world, f"round {n}")
        # It stands still meanwhile: whoever moves twice must not be seen in between, however slow the machine is.
        world.daemon.process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(PEOPLE // 2):
                centre.change(ACTS)
        finally:
            world.daemon.process.send_signal(signal.SIGCONT)
        total += turn.end(centre.wants())
    print(f"# {total} calls")


# ---- with events alone ----

class Told:
    """What Roster has been told: of each statement the newest. Who is activated is not suspended either, and the other way round."""

    def __init__(self):
        self.members, self.names, self.is_off, self.is_suspended = {}, {}, {}, {}

    def take(self, at, name, kind, what):
        if kind == "group":
            self.newest(self.members, (name, what[0]), at, what[1])
            self.newest(self.names, name, at, what[2])
        for of, statements in (("off", self.is_off), ("suspended", self.is_suspended)):
            if kind == of or (kind != "group" and not what[1]):
                self.newest(statements, name, at, what[1])

    @staticmethod
    def newest(statements, key, at, value):
        if at > statements.get(key, (0, None))[0]:
            statements[key] = (at, value)

    def user(self, name):
        groups = [group for (who, group), (_, is_member) in self.members.items() if who == name and is_member]
        status = "DEPROVISIONED" if self.is_off.get(name, (0, False))[1] else \
            "SUSPENDED" if self.is_suspended.get(name, (0, False))[1] else "ACTIVE"
        first, last = self.names.get(name, (0, "No Body"))[1].split(" ", 1)
        return {"status": status, "groups": groups, "profile": {"login": name + "@acme.com", "firstName": first, "lastName": last}}


def statement(chance, name):
    """(kind, what) of one random event."""
    kind = chance.choice(["group", "group", "group", "group", "off", "suspended"])
    if kind != "group":
        return kind, (None, chance.random() < 0.4)
    return kind, (chance.choice(GROUPS), chance.random() < 0.6, f"{name.title()} {chance.choice(['Lee', 'Müller', 'van der Berg'])}")


def as_event(at, name, kind, what):
    more = {"published": f"2026-01-01T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}.000Z"}
    if kind == "group":
        return group_event(name, "add" if what[1] else "remove", group=what[0], display=what[2], **more)
    verbs = {"off": ("activate", "deactivate"), "suspended": ("unsuspend", "suspend")}[kind]
    return event("user.lifecycle." + verbs[what[1]], [user_target(name)], **more)


@case("with events alone: late, repeated and reordered, and each difference costs its calls", **EVENTS)
def with_events(world):
    chance, told, at, withheld, total = random.Random(the_number()), Told(), 0, [], 0
    names = [f"p{n}" for n in range(PEOPLE)]
    world.start_sandbox(**CONNECT)
    world.start()
    for n in range(2 * ROUNDS):
        turn = Round(world, f"round {n}")
        said, withheld = withheld, []
        for _ in range(PEOPLE):
            at += 1
            name = chance.choice(names)
            one = (at, name, *statement(chance, name))
            (withheld if chance.random() < 0.2 else said).append(one)
        for one in said:
            told.take(*one)
        events = [as_event(*one) for one in said]
        events += chance.sample(events, len(events) // 3)
        chance.shuffle(events)
        world.accept(*events)
        total += turn.end({"00u" + name: wanted(told.user(name), EVENT_RULES) for name in names})
    print(f"# {total} calls")


if __name__ == "__main__":
    main()
