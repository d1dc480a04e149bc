"""What scenes of plans have in common: an org with Okta's API, and roster plan and roster apply in it."""
import json
import subprocess

import lib
from lib import GROUP
from org import login, open_org, seed

NOW = {"Connect": {"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s"}}
ZERO = {action: 0 for action in ("create", "update", "park", "delete", "adopt", "held", "unchanged", "unmanaged")}


def begin(world, *names, **more):
    """An org whose group has those members; nothing runs."""
    open_org(world, seed(in_group=names, **more))


def plan(world, *words, code=0):
    done = world.command("plan", "--json", *words)
    assert done.returncode == code, done
    found = json.loads(done.stdout)
    assert set(found) == {"summary", "calls", "seconds", "guards", "changes", "cpu_ms"}, found
    assert set(found["summary"]) == set(ZERO), found["summary"]
    return found


def summary(found):
    return {action: n for action, n in found["summary"].items() if n}


def change(found, user):
    rows = [row for row in found["changes"] if row["user"] == user]
    assert len(rows) == 1, found["changes"]
    return rows[0]


def fields(row):
    return {field["name"]: (field["from"], field["to"]) for field in row["fields"]}


def guards(found):
    return {guard["name"] for guard in found["guards"]}


def apply(world, *words, code=0):
    done = world.command("apply", "--yes", *words)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def in_background(world, command, *words):
    """Its output goes to COMMAND.log."""
    with open(world.folder / f"{command}.log", "w", encoding="utf-8") as log:
        return subprocess.Popen([str(lib.BUILD / "roster"), command, *words, "--config", str(world.config)], env=world.environment(),
                                cwd=world.folder, stdout=log, stderr=log)


def agents(world):
    return {name.split("@")[0] for name in world.sandbox.agents()}


def grow(world, count):
    """People p000, p001, … in the group; returns their names."""
    return [f"p{number:03d}" for number in range(count)]


def leave(world, *names):
    for name in names:
        world.sandbox.post("okta/member/remove", group=GROUP, user=login(name))


def writes(world):
    """Calls that change something, by operation."""
    counts = world.sandbox.get("calls")
    return {op: c["done"] for op, c in counts.items()
            if c["done"] and op.startswith(("Create", "Update", "Delete", "Tag", "Untag", "Associate", "Disassociate"))}


def save(world, *words):
    """A plan in a file: its name."""
    file = world.folder / "the.plan"
    done = world.command("plan", "--out", str(file), *words)
    assert done.returncode == 0, done
    return str(file)


def background(world, *words):
    """An apply that is not waited for."""
    return in_background(world, "apply", "--yes", *words)
