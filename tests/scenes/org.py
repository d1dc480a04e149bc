"""An Okta org for scenes that read it by its API."""
import json
import pathlib
import sqlite3
import subprocess

from lib import APP, GROUP, HOOK_SECRET, SECRETS, wait_until

TOKEN = "00sandbox-api-token"
CLIENT = "0oaclient0000000001"
APP_ID, GROUP_ID, LEADS_ID = "0oaapp00000000000001", "00ggroup000000000001", "00gleads000000000001"
LEADS = "Connect Leads"
SECRETS.append(TOKEN)


def login(name):
    return name + "@acme.com"


def user_id(name):
    return ("00u" + name).ljust(20, "x")


def person(name, **more):
    return {"login": login(name), "id": user_id(name), "first": name.title(), "last": "Test"} | more


def seed(people=(), in_app=(), in_group=(), in_leads=(), **more):
    """Everybody who is named somewhere exists; people may bring whole ones."""
    whole = {one["login"]: one for one in (p if isinstance(p, dict) else person(p) for p in people)}
    for name in (*in_app, *in_group, *in_leads):
        whole.setdefault(login(name), person(name))
    return {"users": list(whole.values()),
            "apps": [{"label": APP, "id": APP_ID, "users": [login(name) for name in in_app]}],
            "groups": [{"name": GROUP, "id": GROUP_ID, "users": [login(name) for name in in_group]},
                       {"name": LEADS, "id": LEADS_ID, "users": [login(name) for name in in_leads]}]} | more


def write_secret(world, name, text):
    path = world.folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def private_key(world):
    """A key for a service app, and its file."""
    key = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], capture_output=True,
                         check=True, text=True).stdout
    SECRETS.append(key.splitlines()[1])
    return key, write_secret(world, "hook-secret-key.pem", key)


def open_org(world, okta, client=None, **settings):
    """Starts the sandbox with that org and points the configuration at it; client: a service app instead of an API token."""
    auth = {"API_TOKEN_FILE": write_secret(world, "hook-secret-token", TOKEN + "\n")}
    if client is not None:
        key, file = private_key(world)
        okta = okta | {"clients": [{"client_id": CLIENT, "pem": key, "kid": "k1"} | client]}
        auth = {"CLIENT_ID": CLIENT, "PRIVATE_KEY_FILE": file, "KEY_ID": "k1"}
    world.start_sandbox(okta=okta)
    world.set(OKTA={"ORG_URL": "http://" + world.sandbox.address, "CATCH_UP_EVERY": "1s", "SETTLE": "1s"} | auth | settings)


def add_hook(world, **more):
    """Okta delivers to the daemon from now on."""
    world.sandbox.post("okta/hook", uri=f"http://{world.daemon.address}/okta/events", secret=HOOK_SECRET, **more)


def org(world, okta, client=None, hook=True, **settings):
    open_org(world, okta, client, **settings)
    world.start()
    if hook:
        add_hook(world)


def okta(world, what, **body):
    return world.sandbox.post("okta/" + what, **body)


def okta_calls(world, operation):
    counts = world.sandbox.get("okta/calls").get(operation, {})
    return sum(counts.get(kind, 0) for kind in ("ok", "throttled", "failed"))


def note(world, name):
    """A note of the store's, as JSON; None when there is none."""
    store = sqlite3.connect(f"file:{world.state / 'roster.db'}?mode=ro", uri=True)
    try:
        row = store.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
    finally:
        store.close()
    return None if row is None else json.loads(row[0])


def looks(world):
    """The looks that are outstanding: [(kind, id, tries)]."""
    store = sqlite3.connect(f"file:{world.state / 'roster.db'}?mode=ro", uri=True)
    try:
        return [(chr(kind), id, tries) for kind, id, tries in store.execute("SELECT kind, id, tries FROM look ORDER BY kind, id")]
    finally:
        store.close()


def wait_quiet(world, seconds=None):
    """Until nobody is due and nothing is to be looked at."""
    wait_until(lambda: world.people("due") == 0 and not [one for one in looks(world) if one[2] == 0], "quiet", seconds)


def alerts_to(world):
    """From here on alerts are kept; returns what reads them."""
    file = pathlib.Path(world.folder / "alerts")
    world.set(Alert={"COMMAND": f'"cat >> {file}; echo >> {file}"'})
    return lambda: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line] if file.exists() else []
