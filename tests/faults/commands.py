"""Commands that write, killed at each write, or with the power lost; then given once more, as a person would."""
import json
import shutil
import sqlite3
import subprocess
import time

import lib
import org
from lib import GROUP, app_event
from rig import Lost
from stories import NOW, merged, name_of, profiles_of, seed_org

DELETE = merged(NOW, Connect={"ON_REMOVE": "delete"})
ANN, BOB = "ann@acme.com", "bob@acme.com"


def run_with_faults(rig, words):
    """True when it was killed; else it must end well."""
    rig.arm()
    line = [str(lib.BUILD / "roster"), *words, "--config", str(rig.config)]
    done = subprocess.run(line, env=rig.environment(), cwd=rig.folder, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == -9:
        rig.lose_power()
    rig.calm()
    if done.returncode not in (-9, 0):
        raise Lost(f"roster {words}: {done}")
    return done.returncode == -9


def again(rig, words, *codes):
    done = rig.command(*words)
    if done.returncode not in (codes or (0,)):
        raise Lost(f"roster {words}, after it was killed: {done}")


def begin(rig, *names):
    rig.start_sandbox()
    rig.begin()
    if names:
        rig.tell(*(app_event(name) for name in names))
        rig.until_agents(*names)
        rig.until_nobody_due()


def stop(rig):
    if rig.daemon.stop() != 0:
        raise Lost("an orderly end")


def retry(rig):
    rig.start_sandbox()
    rig.sandbox.fail(["invalid_request"], "CreateUser", count=2)
    rig.begin()
    rig.tell(app_event("ann"), app_event("bob"))
    rig.until(lambda: rig.people("failed") == 2, "both failed")
    stop(rig)
    if run_with_faults(rig, ["retry", "--no-wait", "--all"]):
        again(rig, ["retry", "--no-wait", "--all"])
    rig.begin()
    rig.until_agents("ann", "bob")
    rig.finish()
    rig.expect_done(CreateUser=2)


def held(rig):
    """Ann and Bob left, and a person has to say so."""
    begin(rig, "ann", "bob")
    stop(rig)
    rig.set(OKTA={"APP_NAME": "Another"})
    rig.begin()
    rig.until(lambda: rig.people("held") == 2, "both held")
    stop(rig)


def release(rig):
    held(rig)
    if run_with_faults(rig, ["release", "--no-wait", "--all"]):
        again(rig, ["release", "--no-wait", "--all"], 0, 1)
    rig.begin()
    rig.until_agents()
    rig.finish()
    rig.expect_done(CreateUser=2, DeleteUser=2)


def reject(rig):
    held(rig)
    if run_with_faults(rig, ["reject", "--all"]):
        again(rig, ["reject", "--all"], 0, 1)
    rig.begin()
    rig.until(lambda: rig.people("held") == 0, "nobody held")
    rig.finish()
    rig.expect_done(CreateUser=2, DeleteUser=0)


def adopt(rig):
    rig.start_sandbox()
    rig.sandbox.post("agent", name=ANN)
    rig.begin()
    rig.tell(app_event("ann"))
    rig.until(lambda: rig.people("held") == 1, "ann held")
    stop(rig)
    if run_with_faults(rig, ["adopt", ANN]):
        again(rig, ["adopt", ANN], 0, 1)
    rig.begin()
    rig.until(lambda: rig.people("in_step") == 1, "ann in step")
    rig.finish()
    rig.expect_done(CreateUser=0)


def redact(rig):
    begin(rig, "ann", "bob")
    stop(rig)
    if run_with_faults(rig, ["audit", "redact", ANN]):
        rig.verify()
        again(rig, ["audit", "redact", ANN], 0, 1)
    export = rig.command("audit", "export").stdout
    if ANN in export or BOB not in export:
        raise Lost(f"redacted: {export}")
    rig.begin()
    rig.finish()


def backup(rig):
    begin(rig, "ann", "bob")
    stop(rig)
    copy, other = rig.state / "copy.db", rig.state / "other.db"
    if run_with_faults(rig, ["backup", str(copy)]):
        again(rig, ["backup", str(other)])
    else:
        other = copy
    for file in {copy, other}:
        if not file.exists() and file == copy:
            continue  # killed before it was there; a part of one never has the name
        store = sqlite3.connect(file)
        n, = store.execute("SELECT count(*) FROM person").fetchone()
        if store.execute("PRAGMA integrity_check").fetchone()[0] != "ok" or n != 2:
            raise Lost(f"the copy {file.name} is not whole")
        store.close()
    rig.begin()
    rig.finish()


def rebuild(rig):
    begin(rig, "ann", "bob")
    stop(rig)
    shutil.rmtree(rig.state)
    rig.acknowledged.clear()  # with the store
    if run_with_faults(rig, ["rebuild"]):
        again(rig, ["rebuild", *(["--into"] if (rig.state / "roster.db").exists() else [])])
    rig.begin()
    rig.tell(app_event("ann"), app_event("bob"))
    rig.until(lambda: rig.people("in_step") == 2, "both in step")
    rig.finish()
    rig.expect_done(CreateUser=2)


def begin_org(rig, *names):
    """An org that is read by its API; those are in the group and have agents, and nothing runs."""
    org.open_org(rig, seed_org(in_group=names), SETTLE="0s")
    again(rig, ["apply", "--yes"])


def converge(rig, *words):
    """Says it until a plan has nothing more to do."""
    until = time.monotonic() + rig.patience_s
    while True:
        done = rig.command(*words)
        left = json.loads(rig.command("plan", "--json").stdout)["summary"]
        if not any(left[action] for action in ("create", "update", "park", "delete", "adopt")):
            break
        if time.monotonic() > until:
            raise Lost(f"roster {words} never does all; it last said: {done}; left: {left}; people: {rig.shown()}")
        time.sleep(0.5)
    rig.check_agents()
    rig.verify()


def apply(rig):
    """Ann is mended, Bob leaves, Cid comes, Zoe is a stranger's."""
    begin_org(rig, "ann", "bob")
    rig.sandbox.post("agent/change", name=ANN, security_profiles=["QualityAnalyst"])
    rig.sandbox.post("okta/member/remove", group=GROUP, user=BOB)
    rig.sandbox.post("okta/user", **org.person("zoe"))
    for name in ("cid", "zoe"):
        rig.sandbox.post("okta/member", group=GROUP, user=org.login(name))
    run_with_faults(rig, ["apply", "--yes"])
    converge(rig, "apply", "--yes")
    expect_agents(rig, "ann", "cid")
    if profiles_of(rig, "ann") != ["Agent"]:
        raise Lost(f"ann is not mended: {rig.agents()[ANN]}")
    rig.expect_done(CreateUser=3, DeleteUser=1)


def saved_plan(rig):
    """Carried out until it was killed, and then to its end."""
    begin_org(rig, "ann")
    for name in ("bob", "cid"):
        rig.sandbox.post("okta/member", group=GROUP, user=org.login(name))
    file = str(rig.folder / "the.plan")
    again(rig, ["plan", "--out", file])
    run_with_faults(rig, ["apply", "--yes", file])
    converge(rig, "apply", "--yes", file)
    expect_agents(rig, "ann", "bob", "cid")
    rig.expect_done(CreateUser=3)


def provision(rig):
    begin_org(rig, "ann")
    rig.sandbox.post("okta/member", group=GROUP, user=BOB)
    run_with_faults(rig, ["provision", BOB])
    converge(rig, "provision", BOB)
    expect_agents(rig, "ann", "bob")
    rig.expect_done(CreateUser=2)


def undo(rig):
    """A change of a name, which stays undone although the rules would have it otherwise."""
    begin_org(rig, "ann")
    rig.sandbox.post("okta/profile", user=ANN, profile={"firstName": "Wrong"})
    again(rig, ["apply", "--yes"])
    rows = [json.loads(line) for line in rig.command("audit", "export").stdout.splitlines()]
    step = str(next(row["step"] for row in rows if row.get("operation") == "UpdateUserIdentityInfo"))
    if run_with_faults(rig, ["undo", step]):
        again(rig, ["undo", step])
    converge(rig, "apply", "--yes")
    if name_of(rig, "ann") != "Ann":
        raise Lost(f"not undone: {rig.agents()[ANN]}")
    rig.expect_done(CreateUser=1)


def expect_agents(rig, *names):
    if set(rig.agents()) != set(map(org.login, names)):
        raise Lost(f"agents: {sorted(rig.agents())}, people: {rig.shown()}")


COMMANDS = {"retry --all": (retry, NOW), "release --all": (release, DELETE), "reject --all": (reject, DELETE), "adopt": (adopt, NOW),
            "audit redact": (redact, NOW), "backup": (backup, NOW), "rebuild": (rebuild, NOW), "apply": (apply, DELETE),
            "apply a plan": (saved_plan, NOW), "provision": (provision, NOW), "undo": (undo, NOW)}
