"""script/demo tells its story, and leaves nothing behind unless it is told to."""
import os
import pathlib
import signal
import subprocess
import sys

import demo
from lib import PATIENCE_S, SECRETS, TOP, case, http_call, main, wait_until

PROGRAM = TOP / "tests/scenes/demo.py"


def start(world, *words):
    """The demo with world.folder as the place for its own folder."""
    with open(world.folder / "demo.log", "ab") as out:
        return subprocess.Popen([sys.executable, PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                env={**os.environ, "TMPDIR": str(world.folder), "ROSTER_PATIENCE": str(PATIENCE_S)})


def output(world):
    return (world.folder / "demo.log").read_text(encoding="utf-8")


def folders(world):
    return list(world.folder.glob("roster-demo-*"))


def programs(world):
    """Command lines of what was started in world.folder, but for the demo itself."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(str(world.folder / "roster-demo-") in word for word in line):
            found.append(line)
    return found


def check_story(text):
    for word in ("VERIFIED", "sample-app-add.json", "sample-group-add.json", "no_target", "María José Carreño", "CallCenterManager",
                 "Basic Routing Profile", "[Mapping Supervisors]", "UpdateUserSecurityProfiles, UpdateUserRoutingProfile, UpdateUserHierarchy",
                 "DeleteUser", "System Log", "Queue", *demo.AGENTS, *demo.LAST_AGENTS):
        assert word in text, f"{word} is not in:\n{text}"
    assert "\033" not in text, "colour is for terminals"
    assert not [secret for secret in SECRETS if secret in text], "it shows a secret"


@case("it tells the whole story and ends with everything stopped")
def whole(world):
    code = start(world).wait(200)
    text = output(world)
    assert code == 0 and text.splitlines()[-1].startswith("Done: all agents are as Okta"), text
    check_story(text)
    assert not programs(world) and not folders(world)


def command_of(text, what):
    """The command that the demo suggests for that."""
    line = next(line for line in text.splitlines() if line.strip().startswith(what))
    return line[line.index("curl"):]


def agents(sandbox):
    return {agent["Username"]: agent for agent in http_call(sandbox, "GET", "/sandbox/agents").json()["agents"]}


@case("--keep leaves it running, with what a shell needs, and tells how to stop it")
def keep(world):
    code = start(world, "--keep").wait(200)
    text = output(world)
    try:
        assert code == 0 and "env" in text, text
        check_story(text)
        folder, = folders(world)
        assert len(programs(world)) == 2, programs(world)
        shell = subprocess.run(["sh", "-c", f". {folder}/env && roster users && roster check && echo $hook && echo $sandbox"],
                               capture_output=True, text=True, timeout=60, check=True, cwd=world.folder,
                               env={key: value for key, value in os.environ.items() if not key.startswith("ROSTER_")}).stdout
        assert "ada@acme.com" in shell, shell
        hook, sandbox = (line.removeprefix("http://") for line in shell.split()[-2:])
        assert http_call(hook, "GET", "/readyz").status == 200 and http_call(sandbox, "GET", "/sandbox/agents").status == 200
        subprocess.run(["sh", "-c", f". {folder}/env && {command_of(text, 'let Joan leave')} && {command_of(text, 'make Sam')}"],
                       capture_output=True, check=True, cwd=world.folder)
        wait_until(lambda: not {"joan@acme.com"} & agents(sandbox).keys() and
                   "Admin" in agents(sandbox)["sam@acme.com"]["SecurityProfileNames"], "what the demo suggests works")
    finally:
        for folder in folders(world):
            subprocess.run(["sh", folder / "stop"], check=False)
    wait_until(lambda: not programs(world), "both stopped")
    assert not folders(world)


@case("interrupted, it stops everything")
def interrupted(world):
    for number in (signal.SIGINT, signal.SIGTERM):
        running = start(world)
        wait_until(lambda: len(programs(world)) == 2, "sandbox and daemon")
        running.send_signal(number)
        assert running.wait(60) == 128 + number, output(world)
        assert not programs(world) and not folders(world)


@case("bad usage is 64")
def usage(world):
    assert start(world, "--dance").wait(60) == 64 and "usage" in output(world)
    assert not folders(world)


if __name__ == "__main__":
    main()
