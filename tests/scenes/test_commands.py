"""The commands beside a running daemon and without one: what they print, and how they end."""
import json
import re
import sqlite3

from lib import app_event, case, main, wait_until

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
STATES = {"due", "in_step", "held", "failed", "parked", "removed", "out_of_scope"}


def people(world):
    """ann is in step, bob failed, cid is held."""
    world.start_sandbox(agents=[{"name": "cid@acme.com", "first": "C", "last": "D"}])
    world.start()
    world.accept(app_event("ann"), app_event("bob", app_user="bob+x@acme.com"), app_event("cid"))
    wait_until(lambda: world.people("in_step") == world.people("failed") == world.people("held") == 1, "the three")


def check_status(world):
    status = world.status()
    assert set(status) >= {"states", "queue_age_s", "calls", "paused", "last_errors"}, status
    assert set(status["states"]) <= STATES
    assert {state: n for state, n in status["states"].items() if n} == {"in_step": 1, "failed": 1, "held": 1}, status
    assert status["queue_age_s"] == 0 and status["paused"] == []
    assert status["calls"]["CreateUser"]["sent"] == 2 and set(status["calls"]["CreateUser"]) >= {"sent", "throttled", "failed"}
    text = world.command("status")
    assert text.returncode == 0 and all(word in text.stdout for word in ("in_step", "CreateUser")), text
    assert world.command("status", "--check").returncode == 1


def check_users(world):
    rows = world.users()
    assert len(rows) == 3
    for row in rows.values():
        assert set(row) == {"okta_id", "user", "agent_id", "state", "reason", "since"}, row
        assert row["state"] in STATES and TIME.fullmatch(row["since"]), row
    assert {row["okta_id"]: row["state"] for row in rows.values()} == {"00uann": "in_step", "00ubob": "failed", "00ucid": "held"}
    assert [row["okta_id"] for row in world.users("--state", "held").values()] == ["00ucid"]
    assert world.users("--state", "parked") == {}
    text = world.command("users").stdout
    assert len([line for line in text.splitlines() if "00u" in line or "@acme.com" in line]) == 3, text
    assert world.command("users", "--state", "sleeping").returncode == 64


def check_show(world):
    for word in ("ann@acme.com", "00uann", "ANN@acme.com"):
        done = world.command("show", word)
        assert done.returncode == 0 and "00uann" in done.stdout and "CreateUser" in done.stdout, done
        assert "event" in done.stdout, "each step with its cause"
    done = world.command("show", "ann@acme.com", "--json")
    assert done.returncode == 0 and json.loads(done.stdout), done
    done = world.command("show", "nobody@acme.com")
    assert done.returncode == 1 and "nobody@acme.com" in done.stdout + done.stderr, done


@case("beside a running daemon")
def beside(world):
    people(world)
    check_status(world)
    check_users(world)
    check_show(world)


@case("without a daemon")
def without(world):
    people(world)
    assert world.daemon.stop() == 0
    check_status(world)
    check_users(world)
    check_show(world)


@case("retry --all makes the failed due again")
def retry_all(world):
    world.start()
    world.sandbox.fail(["invalid_request"], "CreateUser")
    world.accept(app_event("ann"), app_event("bob"))
    wait_until(lambda: world.people("failed") == 2, "both failed")
    world.sandbox.fail([], "CreateUser")
    done = world.command("retry", "--no-wait", "--all")
    assert done.returncode == 0 and "2" in done.stdout, done
    world.wait_agents("ann@acme.com", "bob@acme.com")


@case("retry without a daemon is carried out at the next start")
def retry_offline(world):
    world.start()
    world.sandbox.fail(["invalid_request"], "CreateUser")
    world.accept(app_event("ann"))
    wait_until(lambda: world.people("failed") == 1, "ann failed")
    world.sandbox.fail([], "CreateUser")
    assert world.daemon.stop() == 0
    assert world.command("retry", "--no-wait", "ann@acme.com").returncode == 0
    world.start()
    world.wait_agents("ann@acme.com")


@case("retry and adopt of nobody fail; adopt of somebody who is not held says so")
def nobody(world):
    people(world)
    for words in (["retry", "x@acme.com"], ["adopt", "x@acme.com"]):
        done = world.command(*words)
        assert done.returncode == 1 and "x@acme.com" in done.stdout + done.stderr, done
    assert world.command("adopt", "ann@acme.com").returncode == 1


@case("bad usage is 64, and help is not")
def usage(world):
    for words in ([], ["dance"], ["show"], ["retry"], ["adopt"], ["backup"], ["status", "--dance"], ["users", "too", "many"]):
        done = world.command(*words, config=bool(words) and words[0] != "dance")
        assert done.returncode == 64 and done.stderr and not done.stdout, (words, done)
    done = world.command("--help", config=False)
    assert done.returncode == 0 and "serve" in done.stdout and not done.stderr, done
    for name in ("serve", "status", "users", "show", "retry", "adopt", "backup", "check"):
        done = world.command(name, "--help", config=False)
        assert done.returncode == 0 and name in done.stdout, (name, done)
    done = world.command("--version", config=False)
    assert done.returncode == 0 and re.search(r"\d+\.\d+\.\d+", done.stdout), done


@case("without a store the commands say so, and make none")
def no_store(world):
    for words in (["status"], ["users"], ["show", "ann"], ["retry", "--all"], ["adopt", "ann"], ["backup", str(world.folder / "b")]):
        done = world.command(*words)
        assert done.returncode == 1 and str(world.state) in done.stderr, (words, done)
    assert not list(world.state.rglob("*")) and not (world.folder / "b").exists()


@case("backup copies a live store")
def backup(world):
    people(world)
    file = world.folder / "copy.db"
    done = world.command("backup", str(file))
    assert done.returncode == 0, done
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as copy:
        assert copy.execute("pragma integrity_check").fetchone() == ("ok",)
    assert file.stat().st_mode & 0o077 == 0, "for its owner only"
    before = world.users()
    assert world.daemon.stop() == 0
    original = next(path for path in world.state.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))
                    and path.read_bytes()[:6] == b"SQLite")
    for path in list(original.parent.iterdir()):
        if path.is_file() and path.name.startswith(original.name):
            path.unlink()
    original.write_bytes(file.read_bytes())
    original.chmod(0o600)  # a store that others may read is refused
    assert world.users() == before
    world.start()
    world.accept(app_event("dan"))
    world.wait_agents("ann@acme.com", "cid@acme.com", "dan@acme.com")


@case("backup over a file that is there is refused")
def backup_over(world):
    people(world)
    file = world.folder / "precious"
    file.write_text("mine")
    done = world.command("backup", str(file))
    assert done.returncode == 1 and str(file) in done.stderr and file.read_text() == "mine", done


if __name__ == "__main__":
    main()
