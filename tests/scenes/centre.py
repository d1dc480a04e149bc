"""A contact centre in random motion, for scenes: people who join, move, leave, are renamed, suspended and hired again in Okta,
and what the rules of this file say of each of them, reckoned here from docs/rules.md and Okta's state alone."""
import time

from lib import agent_tags

GROUPS = ["Agents North", "Agents South", "Night", "Claims", "Sales", "Supervisors", "Quality", "German", "English", "Desks",
          "Team Leads", "Trainees"]
SECURITY = ["Agent", "CallCenterManager", "QualityAnalyst", "Lead", "Parked"]
ROUTING = ["Basic Routing Profile", "Support Routing Profile", "Idle Routing Profile", "Claims", "Training", "Parked"]
HIERARCHY = {"11111111-aaaa-4bbb-8ccc-000000000001": "Europe", "11111111-aaaa-4bbb-8ccc-000000000002": "Europe/Support",
             "11111111-aaaa-4bbb-8ccc-000000000003": "Europe/Sales", "11111111-aaaa-4bbb-8ccc-000000000004": "America"}
DEPARTMENTS = ["Claims Berlin", "Claims", "Sales", "General", None]
CITIES = ["Berlin", "Köln", "Remote", None]
PHONES = ["+49 30 123-45", "+1 (212) 555 0100", None]
OFF = {"DEPROVISIONED", "DELETED"}

# In the order of the configuration. A value in braces is filled in: (attribute, default).
RULES = {
    "Quality": {"GROUP": ["Quality"], "SECURITY_PROFILES": ["QualityAnalyst"], "ROUTING_PROFILE": "Idle Routing Profile"},
    "Supervisors": {"GROUP": ["Supervisors", "Team Leads"], "SECURITY_PROFILES": ["CallCenterManager"],
                    "ROUTING_PROFILE": "Support Routing Profile", "AFTER_CONTACT_WORK": "0"},
    "Leads": {"GROUP": ["Team Leads"], "SECURITY_PROFILES": ["Lead"], "TAGS": {"Role": "Lead"}},
    "Trainees": {"GROUP": ["Trainees"], "ROUTING_PROFILE": "Training", "AFTER_CONTACT_WORK": "300"},
    "Claims": {"GROUP": ["Claims"], "USER.department": "Claims*", "ROUTING_PROFILE": "Claims", "HIERARCHY_GROUP": "Europe/Support",
               "TAGS": {"Team": "Claims"}},
    "Sales": {"GROUP": ["Sales"], "HIERARCHY_GROUP": "Europe/Sales", "TAGS": {"Team": "Sales"}},
    "Night": {"GROUP": ["Night"], "AUTO_ACCEPT": "yes", "AFTER_CONTACT_WORK": "30"},
    "German": {"GROUP": ["German"], "PROFICIENCIES": {"German": 5, "English": 2}},
    "English": {"GROUP": ["English"], "PROFICIENCIES": {"English": 5}},
    "Desks": {"GROUP": ["Desks"], "DESK_PHONE": ("primaryPhone", "+493099999")},
    "Everybody": {"GROUP": GROUPS, "SECURITY_PROFILES": ["Agent"], "ROUTING_PROFILE": "Basic Routing Profile",
                  "AUTO_ACCEPT": "no", "AFTER_CONTACT_WORK": "10", "TAGS": {"Site": ("city", "Remote")}},
}


# Without Okta's API there are no attributes, and the names are those of the day on which a membership was told.
EVENT_RULES = {name: {key: value[1] if isinstance(value, tuple) else value for key, value in rule.items()
                      if not key.startswith("USER.")} | ({"TAGS": {"Site": "Remote"}} if name == "Everybody" else {})
               for name, rule in RULES.items()}
ACTS = ["join", "join", "leave", "move", "move", "profile", "profile", "name", "login", "suspend", "resume", "resume", "deactivate",
        "activate", "activate", "delete", "hire", "return", "odd", "many"]
EVENT_ACTS = [act for act in ACTS if act not in ("profile", "name", "login")]


def things(kind, names):
    return [{"id": f"{kind:08d}-0000-4000-8000-{number:012d}", "name": name} for number, name in enumerate(names)]


CONNECT = {"security_profiles": things(51, SECURITY), "routing_profiles": things(52, ROUTING), "quota": 5000}


# ---- the rules, written and reckoned ----

def template(value):
    return f"${{user.{value[0]}:-{value[1]}}}" if isinstance(value, tuple) else value


def written(key, value):
    if key == "TAGS":
        return ", ".join(f"{name}={template(text)}" for name, text in value.items())
    if key == "PROFICIENCIES":
        return ", ".join(f"Language:{name}={level}" for name, level in value.items())
    return ", ".join(value) if isinstance(value, list) else template(value)


def sections(rules=None):
    """The configuration's [Mapping …] sections."""
    return {f"Mapping {name}": {key: written(key, value) for key, value in rule.items()} for name, rule in (rules or RULES).items()}


def filled(value, profile):
    return (profile.get(value[0]) or value[1]) if isinstance(value, tuple) else value


def matches(rule, user):
    department = rule.get("USER.department", "*").rstrip("*")
    return bool(set(rule["GROUP"]) & set(user["groups"])) and \
        ("USER.department" not in rule or (user["profile"].get("department") or "").startswith(department))


def digits(number):
    return "+" + "".join(c for c in number if c.isdigit())


def wanted(user, rules):
    """What the agent of a user, as the sandbox shows them, should be; None = there should be none."""
    mine = [rule for rule in rules.values() if matches(rule, user)]
    if user["status"] in OFF or not mine:
        return None
    profile = user["profile"]

    def first(key, default=None):
        return next((filled(rule[key], profile) for rule in mine if key in rule), default)

    tags, proficiencies = {}, {}
    for rule in reversed(mine):
        tags |= {name: filled(value, profile) for name, value in rule.get("TAGS", {}).items()}
        proficiencies |= rule.get("PROFICIENCIES", {})
    desk = first("DESK_PHONE")
    return {"name": profile["login"], "first": profile["firstName"], "last": profile["lastName"],
            "security": sorted({name for rule in mine for name in rule.get("SECURITY_PROFILES", [])}),
            "routing": first("ROUTING_PROFILE"), "hierarchy": first("HIERARCHY_GROUP"),
            "phone": digits(desk) if desk else "soft", "auto": first("AUTO_ACCEPT") == "yes", "after": int(first("AFTER_CONTACT_WORK")),
            "tags": tags, "proficiencies": proficiencies, "suspended": user["status"] == "SUSPENDED"}


def actual(agent):
    """An agent, as the sandbox shows it, in the same form."""
    phone = agent["PhoneConfig"]
    return {"name": agent["Username"], "first": agent["IdentityInfo"]["FirstName"], "last": agent["IdentityInfo"]["LastName"],
            "security": sorted(agent["SecurityProfileNames"]), "routing": agent["RoutingProfileName"],
            "hierarchy": HIERARCHY.get(agent.get("HierarchyGroupId")),
            "phone": phone["DeskPhoneNumber"] if phone["PhoneType"] == "DESK_PHONE" else "soft",
            "auto": phone.get("AutoAccept", False), "after": phone.get("AfterContactWorkTimeLimit", 0),
            "tags": {key: value for key, value in agent_tags(agent).items() if not key.startswith("roster:")},
            "proficiencies": {one["AttributeValue"]: one["Level"] for one in agent.get("UserProficiencies", [])}}


def is_parked(agent):
    return agent["SecurityProfileNames"] == ["Parked"] and agent["RoutingProfileName"] == "Parked"


def difference(want, agent):
    """None when the agent is as it should be; else what is not."""
    if want is None:
        return None if agent is None else f"is in Amazon Connect as {agent['Username']}, and should not be"
    if want["suspended"]:
        return None if agent is None or is_parked(agent) else f"is suspended, and not parked: {actual(agent)}"
    if agent is None:
        return f"has no agent, and should be {want}"
    has = actual(agent)
    wrong = {key: (has[key], want[key]) for key in has if has[key] != want[key]}
    return f"{want['name']}: (has, should have) {wrong}" if wrong else None


def managed(world):
    """{Okta id: its agents}, of those that Roster manages."""
    found = {}
    for agent in world.sandbox.get("agents")["agents"]:
        if agent_tags(agent).get("roster:managed-by") == "roster":
            found.setdefault(agent_tags(agent)["roster:okta-id"], []).append(agent)
    return found


# ---- the people ----

class Centre:
    """Changes Okta at random and remembers what each person should have been, and when."""

    def __init__(self, world, random, n_people):
        self.world, self.random, self.rules = world, random, RULES
        self.n_made = 0
        self.past = {}  # id: [(ms, wanted)]
        self.free_logins = []
        self.seeded = [self.new_person() for _ in range(n_people)]

    def new_person(self, login=None):
        number = self.n_made = self.n_made + 1
        random = self.random
        profile = {"department": random.choice(DEPARTMENTS), "city": random.choice(CITIES), "primaryPhone": random.choice(PHONES)}
        groups = random.sample(GROUPS, random.choice([0, 1, 1, 1, 2, 2, 3]))
        return {"login": login or f"p{number}@acme.com", "id": f"00up{number:06d}".ljust(20, "x"), "first": f"Ann-{number}",
                "last": "Müller", "groups": groups, "profile": {key: value for key, value in profile.items() if value}}

    def use(self, rules):
        self.rules = rules

    def seed(self):
        return {"users": self.seeded, "groups": [{"name": name, "id": f"00gg{number:06d}".ljust(20, "x")}
                                                 for number, name in enumerate(GROUPS)], "rates": {"bucket": "*", "limit": 0}}

    def okta(self, what, **body):
        return self.world.sandbox.post("okta/" + what, **body)

    def users(self):
        """{id: user}; whoever was deleted is there no longer."""
        return {user["id"]: user for user in self.world.sandbox.get("okta/users")["users"]}

    def remember(self, began_ms):
        """Whoever should be something else than before, should so since began_ms."""
        for id, want in self.wants().items():
            past = self.past.setdefault(id, [])
            if not past or past[-1][1] != want:
                past.append((began_ms, want))

    def change(self, acts):
        """One thing happens in Okta."""
        began_ms = time.time() * 1000
        users = self.users()
        alive = [user for user in users.values() if user["status"] not in OFF]
        getattr(self, "do_" + self.random.choice(acts))(alive, users)
        self.remember(began_ms)

    def one(self, people):
        return self.random.choice(people) if people else None

    def do_join(self, alive, _users):
        if user := self.one(alive):
            if others := [name for name in GROUPS if name not in user["groups"]]:
                self.okta("member", group=self.random.choice(others), user=user["id"])

    def do_leave(self, alive, _users):
        if user := self.one([user for user in alive if user["groups"]]):
            self.okta("member/remove", group=self.random.choice(user["groups"]), user=user["id"])

    def do_move(self, alive, users):
        if user := self.one([user for user in alive if user["groups"]]):
            self.do_join([user], users)
            self.do_leave([user], users)

    def do_profile(self, alive, _users):
        if user := self.one(alive):
            key, values = self.random.choice([("department", DEPARTMENTS), ("city", CITIES), ("primaryPhone", PHONES)])
            self.okta("profile", user=user["id"], profile={key: self.random.choice(values)})

    def do_name(self, alive, _users):
        if user := self.one(alive):
            self.okta("profile", user=user["id"], profile={"lastName": f"Meier {self.random.randrange(1000)}"})

    def do_login(self, alive, _users):
        """Only of somebody who has their agent: of a CreateUser whose answer was lost, and whose name has changed since, Roster
        waits for ten minutes whether its agent shows."""
        agents = self.world.sandbox.agents()
        if user := self.one([user for user in alive if user["profile"]["login"] in agents]):
            self.n_made += 1
            self.okta("profile", user=user["id"], profile={"login": f"n{self.n_made}@acme.com"})

    def status(self, people, what, *statuses):
        if user := self.one([user for user in people if user["status"] in statuses]):
            self.okta("status", user=user["id"], do=what)
            return user
        return None

    def do_suspend(self, alive, _users):
        self.status(alive, "suspend", "ACTIVE")

    def do_resume(self, alive, _users):
        self.status(alive, "unsuspend", "SUSPENDED")

    def do_deactivate(self, alive, _users):
        self.status(alive, "deactivate", "ACTIVE", "SUSPENDED", "PROVISIONED", "LOCKED_OUT")

    def do_activate(self, _alive, users):
        if user := self.status(users.values(), "activate", "DEPROVISIONED"):
            self.okta("status", user=user["id"], do="sign_in")

    def do_delete(self, _alive, users):
        if user := self.status(users.values(), "delete", "DEPROVISIONED"):
            self.free_logins.append(user["profile"]["login"])

    def do_hire(self, _alive, _users):
        self.okta("user", **self.new_person())

    def do_return(self, _alive, _users):
        """Somebody who was deleted is hired again: another user in Okta, with the login of before."""
        if self.free_logins:
            self.okta("user", **self.new_person(self.free_logins.pop(0)))

    def do_odd(self, alive, _users):
        """What must change nothing."""
        self.status(alive, *self.random.choice([("lock", "ACTIVE"), ("unlock", "LOCKED_OUT"), ("expire_password", "ACTIVE"),
                                                ("sign_in", "PASSWORD_EXPIRED")]))

    def do_many(self, alive, _users):
        """Okta moves some at once, as a job."""
        group = self.random.choice(GROUPS)
        if people := [user["id"] for user in self.random.sample(alive, min(len(alive), 4)) if group not in user["groups"]]:
            self.okta("member", group=group, job=True, users=people)

    # ---- what is not as it should be ----

    def wants(self):
        """{id: wanted}, of everybody who ever was."""
        users = self.users()
        return {id: wanted(users[id], self.rules) if id in users else None for id in users.keys() | self.past.keys()}

    def differences(self):
        wants, agents = self.wants(), managed(self.world)
        found = []
        for id in wants.keys() | agents.keys():
            mine = agents.get(id, [])
            wrong = f"has {len(mine)} agents: {[agent['Username'] for agent in mine]}" if len(mine) > 1 else \
                difference(wants.get(id), mine[0] if mine else None)
            if wrong:
                found.append(f"{id} {wrong}")
        return sorted(found)
