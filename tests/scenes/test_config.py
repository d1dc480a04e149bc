"""The configuration: the AWS sample's file as it is, precedence, and mistakes that name file, key and the accepted form."""
import shutil

from lib import HOOK_SECRET, INSTANCE, ROUTING_PROFILE, TOP, app_event, case, main

ARN = f"arn:aws:connect:us-east-1:123456789012:instance/{INSTANCE}"


def check(world, *words):
    return world.command("check", *words)


def refused(world, *needles):
    """78 with each needle, from `check` and from `serve`."""
    done = check(world)
    text = done.stdout + done.stderr
    assert done.returncode == 78, done
    for needle in needles:
        assert needle in text, f"{needle!r} is not in: {text}"
    code, text = world.start_refused()
    assert code == 78 and all(needle in text for needle in needles), (code, text)
    return text


@case("the AWS sample's file works unchanged")
def sample(world):
    shutil.copy(TOP / "tests/data/aws-sample-config.ini", world.config)
    world.start_sandbox()
    world.extra_environment |= {"AWS_REGION": "us-east-1", "ROSTER_OKTA_HOOK_SECRET": HOOK_SECRET, "ROSTER_SERVER_LISTEN": "127.0.0.1:0",
                                "ROSTER_STORE_PATH": str(world.state), "ROSTER_CONNECT_RATE": "500"}
    done = check(world)
    assert done.returncode == 0, done
    for word in ("AWS Account Federation", "amazon_connect", ROUTING_PROFILE, INSTANCE, "98345678-1234-2345-abd8-0aa7f5b46852"):
        assert word in done.stdout, f"{word} is not in: {done.stdout}"
    assert "Your Amazon Connect" not in done.stdout
    world.start()
    world.accept(app_event("ann", app="AWS Account Federation"))
    world.wait_agents("ann@acme.com")
    assert len(world.sandbox.agents()["ann@acme.com"]["SecurityProfileIds"]) == 3


MISTAKES = [  # name, section, key, value, what the message must hold
    ("a rate of nothing", "Connect", "RATE", "0", "RATE"), ("a rate that is no number", "Connect", "RATE", "fast", "RATE"),
    ("a burst below nothing", "Connect", "BURST", "-1", "BURST"), ("a duration without a unit", "OKTA", "SETTLE", "3", "SETTLE"),
    ("a duration in words", "Store", "KEEP_EVENTS", "a month", "KEEP_EVENTS"),
    ("another add event", "OKTA", "APP_MEMBERSHIP_ADD_EVENT", "user.lifecycle.create", "application.user_membership.add"),
    ("another group event", "OKTA", "GROUP_MEMBERSHIP_ADD_EVENT", "x", "group.user_membership.add"),
    ("an unknown key", "Connect", "ROUTING_PROFIL_ID", "x", "ROUTING_PROFIL_ID"), ("an unknown section", "Conect", "RATE", "2", "Conect"),
    ("ON_EXISTING", "Connect", "ON_EXISTING", "steal", "adopt"), ("PHONE_TYPE", "Connect", "PHONE_TYPE", "PIGEON", "SOFT_PHONE"),
    ("LISTEN without a port", "Server", "LISTEN", "localhost", "LISTEN"), ("LISTEN with a bad port", "Server", "LISTEN", "127.0.0.1:99999", "LISTEN"),
    ("a certificate without a key", "Server", "TLS_CERT", "/x.pem", "TLS_KEY"),
    ("no instance", "Connect", "INSTANCE_ID", None, "INSTANCE_ID"), ("no routing profile", "Connect", "ROUTING_PROFILE_ID", None, "ROUTING_PROFILE_ID"),
    ("no security profile", "Connect", "SECURITY_PROFILE_IDS", None, "SECURITY_PROFILE_IDS"),
    ("an empty security profile", "Connect", "SECURITY_PROFILE_IDS", "a, , b", "SECURITY_PROFILE_IDS"),
    ("eleven security profiles", "Connect", "SECURITY_PROFILE_IDS", ", ".join(f"p{i}" for i in range(11)), "SECURITY_PROFILE_IDS"),
    ("an id that is too long", "Connect", "ROUTING_PROFILE_ID", "x" * 101, "ROUTING_PROFILE_ID"),
    ("an ARN of something else", "Connect", "INSTANCE_ID", "arn:aws:s3:::bucket", "INSTANCE_ID"),
    ("a region that contradicts the ARN", "Connect", "INSTANCE_ID", ARN.replace("us-east-1", "eu-west-2"), "REGION"),
    ("a secret file that is not there", "OKTA", "HOOK_SECRET_FILE", "/nowhere/secret", "HOOK_SECRET"),
    ("a queue that is no FIFO queue", "Queue", "URL", "https://sqs.eu-central-1.amazonaws.com/1/x", "FIFO"),
    ("an org without a way to sign in", "OKTA", "ORG_URL", "https://acme.okta.com", "API_TOKEN_FILE"),
    ("a way to sign in without an org", "OKTA", "API_TOKEN", "00abc", "ORG_URL"),
    ("no hook and no org", "OKTA", "HOOK", "off", "ORG_URL"), ("a user name that is everybody's", "OKTA", "USERNAME", "agent", "USERNAME"),
    ("a user name by an attribute that nobody tells", "OKTA", "USERNAME", "${user.login}", "ORG_URL"),
    ("parking nowhere", "Connect", "ON_REMOVE", "disable", "PARKED_SECURITY_PROFILE"),
    ("half a place to park", "Connect", "PARKED_ROUTING_PROFILE", "Parked", "PARKED_SECURITY_PROFILE"),
    ("another policy", "Connect", "ON_REMOVE", "archive", "disable"), ("another rename", "Connect", "ON_RENAME", "swap", "replace"),
    ("a bound in words", "Connect", "MAX_REMOVALS", "a few", "MAX_REMOVALS"), ("two bounds alike", "Connect", "MAX_CHANGES", "10%, 20%", "MAX_CHANGES"),
    ("no agents at all", "Connect", "MAX_AGENTS", "0", "MAX_AGENTS"), ("a grace without a unit", "Connect", "REMOVAL_GRACE", "24", "REMOVAL_GRACE"),
    ("a mistyped key of a rule", "Mapping Sales", "GROUPS", "Sales", "did you mean GROUP?"),
    ("a rule for nobody", "Mapping Sales", "ROUTING_PROFILE", "Sales", "for whom"), ("a rule that gives nothing", "Mapping Sales", "GROUP", "Sales", "gives nothing"),
    ("rights from an attribute", "Mapping Sales", "SECURITY_PROFILES", "${user.title}", "must never grant rights"),
    ("an attribute that nobody tells", "Mapping Sales", "USER.department", "Sales*", "ORG_URL"),
    ("a rule without a name", "Mapping", "GROUP", "Sales", "name"), ("a section like a rule's", "Maping Sales", "GROUP", "Sales", "[Mapping Sales]"),
    ("secret and secret file", "OKTA", "HOOK_SECRET", "x", "HOOK_SECRET_FILE"),
]


def put(name, section, key, value, needle):
    @case(f"refused: {name}", **{section: {key: value}})
    def run(world):
        refused(world, needle)


for mistake in MISTAKES:
    put(*mistake)


@case("neither an application nor a group is refused", OKTA={"APP_NAME": None, "GROUP_NAME": None})
def nobody(world):
    refused(world, "APP_NAME", "GROUP_NAME")


@case("all mistakes at once, each with file and line", Connect={"RATE": "0", "NONSENSE": "x", "ROUTING_PROFILE_ID": None})
def all_at_once(world):
    lines = world.config.read_text().splitlines()
    text = refused(world, "RATE", "NONSENSE", "ROUTING_PROFILE_ID")
    for key in ("RATE", "NONSENSE"):
        number = next(n for n, line in enumerate(lines, 1) if line.startswith(key + " "))
        assert f"config.ini:{number}:" in text, text


@case("a repeated key, a line without '=' and a value before any section are refused")
def form(world):
    good = world.config.read_text()
    for text, needle in ((good.replace("RATE = 500", "RATE = 500\nRATE = 2"), "RATE"), (good.replace("RATE = 500", "RATE"), "RATE"),
                         ("RATE = 2\n" + good, "RATE"), (good.replace("[Connect]", "[Connect"), "Connect"),
                         (good.replace("[Store]", "[connect]\nrate = 2\n[Store]"), "rate")):
        world.config.write_text(text)
        done = check(world)
        assert done.returncode == 78 and needle in done.stdout + done.stderr, (needle, done)


@case("sections and keys ignore case; quotes keep '#', ';' and blanks")
def quoting(world):
    text = world.config.read_text().replace("[OKTA]", "[okta]").replace("APP_NAME = Amazon Connect", 'app_name = "Sales # 1; EMEA " ; note')
    world.config.write_text(text)
    done = check(world)
    assert done.returncode == 0 and "Sales # 1; EMEA " in done.stdout, done


SALES = {"GROUP": 'Sales, "Sales, Berlin"', "SECURITY_PROFILES": "Agent, Call Center Manager", "ROUTING_PROFILE": "Sales", "AUTO_ACCEPT": "VOICE:yes, CHAT:no",
         "TAGS": "Team=Sales"}


@case("rules are understood, and shown in their order", **{"Mapping Sales": SALES, "Mapping All": {"APP": "Amazon Connect", "HIERARCHY_GROUP": "EMEA/All"}})
def rules(world):
    done = check(world)
    assert done.returncode == 0, done
    shown = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert shown.index("[Mapping Sales]") < shown.index("[Mapping All]"), done.stdout
    for key, value in SALES.items():
        assert f"{key} {value}" in shown, f"{key} is not in: {done.stdout}"
    assert "HIERARCHY_GROUP EMEA/All" in shown, done.stdout


@case("rules make the plain keys unnecessary, and half of them a mistake",
      **{"Mapping Sales": SALES, "OKTA": {"APP_NAME": None, "GROUP_NAME": None},
         "Connect": {"SECURITY_PROFILE_IDS": None, "ROUTING_PROFILE_ID": None}})
def rules_alone(world):
    done = check(world)
    assert done.returncode == 0 and "[Mapping Sales]" in done.stdout, done
    done = check(world, "--set", "OKTA.APP_NAME=Amazon Connect")
    text = done.stdout + done.stderr
    assert done.returncode == 78 and "SECURITY_PROFILE_IDS is missing" in text and "ROUTING_PROFILE_ID is missing" in text, done
    done = check(world, "--set", "Connect.ROUTING_PROFILE_ID=x")
    assert done.returncode == 78 and "nobody gets it" in done.stdout + done.stderr, done


@case("Okta's API is set up by a token, or by a key", OKTA={"ORG_URL": "https://acme.okta.com/"})
def org(world):
    token, key = world.folder / "token", world.folder / "key.pem"
    token.write_text("00secret\n")
    token.chmod(0o600)
    done = check(world, "--set", f"OKTA.API_TOKEN_FILE={token}", "--set", "OKTA.HOOK=off", "--set", "OKTA.USERNAME=${user.login}")
    assert done.returncode == 0 and "00secret" not in done.stdout + done.stderr and "https://acme.okta.com" in done.stdout, done
    token.chmod(0o644)
    done = check(world, "--set", f"OKTA.API_TOKEN_FILE={token}")
    assert done.returncode == 78 and "chmod 600" in done.stdout + done.stderr, done
    key.write_text("no key")
    key.chmod(0o600)
    done = check(world, "--set", "OKTA.CLIENT_ID=0oa1", "--set", f"OKTA.PRIVATE_KEY_FILE={key}")
    assert done.returncode == 78 and "PRIVATE_KEY_FILE: the private key cannot be used" in done.stdout + done.stderr, done


@case("the environment goes before the file; --set before both")
def precedence(world):
    world.extra_environment["ROSTER_OKTA_APP_NAME"] = "From environment"
    assert "From environment" in check(world).stdout
    done = check(world, "--set", "OKTA.APP_NAME=From option")
    assert done.returncode == 0 and "From option" in done.stdout, done


@case("the sample's variables stand in for what is not set", Connect={"INSTANCE_ID": None, "ROUTING_PROFILE_ID": None,
                                                                   "SECURITY_PROFILE_IDS": None})
def sample_variables(world):
    world.extra_environment |= {"CONNECT_INSTANCE_ID": "from-env-instance", "CONNECT_ROUTING_PROFILE_ID": "from-env-routing",
                                "CONNECT_SECURITY_PROFILE_IDS": "from-env-a, from-env-b"}
    done = check(world)
    assert done.returncode == 0, done
    assert all(word in done.stdout for word in ("from-env-instance", "from-env-routing", "from-env-b")), done


@case("an unknown ROSTER_ variable is refused")
def variable(world):
    world.extra_environment["ROSTER_CONNECT_RAET"] = "2"
    refused(world, "ROSTER_CONNECT_RAET")


@case("a value that looks like a secret's is not shown", OKTA={"HOOK_SECRET_FILE": None, "HOOK_SECRET": HOOK_SECRET})
def hidden(world):
    done = check(world)
    assert done.returncode == 0 and HOOK_SECRET not in done.stdout + done.stderr, done
    assert "HOOK_SECRET" in done.stdout or "secret" in done.stdout.lower(), done.stdout


@case("a config.ini with a secret that everybody can read is refused", OKTA={"HOOK_SECRET_FILE": None, "HOOK_SECRET": HOOK_SECRET})
def open_to_all(world):
    world.config.chmod(0o644)
    text = refused(world, "config.ini:", "HOOK_SECRET", "everybody can read", "chmod 600")
    assert HOOK_SECRET not in text, text


@case("files that everybody can change or read are refused: config.ini, the hook's secret, the store")
def modes(world):
    world.start()
    assert world.daemon.stop() == 0
    modes = {file: oct(file.stat().st_mode & 0o777) for file in world.state.rglob("*")}
    assert set(modes.values()) == {"0o600"} and world.state.stat().st_mode & 0o777 == 0o700, modes
    for file, mode, code, needle in ((world.config, 0o606, 78, "everybody can change"),
                                     (world.folder / "hook-secret", 0o604, 78, "everybody can read"),
                                     (world.state / "roster.db", 0o604, 1, "everybody can read the store"),
                                     (world.state, 0o703, 1, "everybody can write to")):
        before = file.stat().st_mode & 0o777
        file.chmod(mode)
        got, text = world.start_refused()
        assert got == code and needle in text and "chmod" in text, (file.name, got, text)
        file.chmod(before)
    world.start()


@case("ROSTER_CONFIG holds the path or the whole text")
def variable_config(world):
    for value in (str(world.config), world.config.read_text()):
        world.extra_environment["ROSTER_CONFIG"] = value
        done = world.command("check", config=False)
        assert done.returncode == 0 and "Amazon Connect" in done.stdout, done


@case("an instance's ARN brings the region", Connect={"INSTANCE_ID": ARN, "REGION": None})
def arn(world):
    world.start()
    world.accept(app_event("ann"))
    world.wait_agents("ann@acme.com")


@case("without a region anywhere it says where to set one", Connect={"REGION": None})
def region(world):
    code, text = world.start_refused()
    assert code == 78 and "REGION" in text, (code, text)


@case("a file that is not there is named")
def missing(world):
    world.config.unlink()
    done = check(world)
    assert done.returncode == 78 and "config.ini" in done.stdout + done.stderr, done


if __name__ == "__main__":
    main()
