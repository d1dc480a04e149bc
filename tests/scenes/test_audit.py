"""The audit log of a running program: who did what and why, what was before and after; tampering; redaction."""
import csv
import io
import json
import sqlite3

from lib import app_event, case, main, wait_until


def export(world, *words):
    done = world.command("audit", "export", *words)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def lived(world):
    """ann is made, bob is refused, and an operator tries bob again."""
    world.start()
    event = app_event("ann")
    world.accept(event, app_event("bob", app_user="bob+x@acme.com"))
    wait_until(lambda: world.people("in_step") == world.people("failed") == 1, "ann and bob")
    assert world.command("retry", "--no-wait", "bob@acme.com").returncode == 0
    wait_until(lambda: any(row["operation"] == "retry" for row in export(world)), "the retry's row")
    world.wait_settled()
    return event


@case("each step and each decision has its row")
def rows(world):
    event = lived(world)
    found = export(world)
    assert [row["id"] for row in found] == list(range(1, len(found) + 1))
    made = next(row for row in found if row["operation"] == "CreateUser" and row["outcome"] == "done")
    assert made["kind"] == "step" and made["actor"] == "roster" and made["request_id"], made
    assert made["cause"] == f"event {event['uuid']}" and made["okta_id"] == "00uann", made
    assert made["before"] is None and made["after"]["user_name"] == "ann@acme.com", made
    retry = next(row for row in found if row["operation"] == "retry")
    assert retry["kind"] == "action" and retry["actor"].startswith("operator ") and retry["okta_id"] == "00ubob", retry
    assert retry["cause"] == "operator retry", retry
    assert [row["okta_id"] for row in export(world, "--user", "ann@acme.com")] == ["00uann"] * len(
        export(world, "--user", "00uann"))
    assert export(world, "--since", "2200-01-01") == [] and len(export(world, "--since", "1d")) == len(found)
    done = world.command("audit", "export", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [int(row["id"]) for row in table] == [row["id"] for row in found]
    assert [row["chain"] for row in table] == [row["chain"] for row in found]
    done = world.command("audit", "verify")
    assert done.returncode == 0 and f"head {found[-1]['id']}:{found[-1]['chain']}" in done.stdout, done.stdout


@case("tampering with a byte, taking a row out and cutting the end off are found")
def tampering(world):
    lived(world)
    head = world.command("audit", "verify").stdout.split("head ")[1].strip()
    world.daemon.stop()
    file = world.state / "roster.db"
    kept = file.read_bytes()

    def found(sql, *values):
        with sqlite3.connect(file) as db:
            db.execute(sql, values)
        db.close()
        done = world.command("audit", "verify")
        for old in world.state.glob("roster.db*"):
            old.unlink()
        file.write_bytes(kept)
        file.chmod(0o600)
        return done.returncode == 1

    with sqlite3.connect(file) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        last = db.execute("SELECT max(id) FROM audit").fetchone()[0]
    db.close()
    kept = file.read_bytes()
    assert world.command("audit", "verify", "--head", head).returncode == 0
    for column in ("cause", "actor", "request_id", "operation", "user", "text", "outcome"):
        assert found(f"UPDATE audit SET {column} = {column} || ' ' WHERE id = 1"), column
    assert found("UPDATE audit SET at_ms = at_ms + 1 WHERE id = 2")
    assert found("UPDATE audit SET state_after = replace(state_after, 'ann', 'anm')")
    assert found("UPDATE audit SET chain = zeroblob(32) WHERE id = ?", last)
    for id in (1, 2, last):
        assert found("DELETE FROM audit WHERE id = ?", id), id
    assert found("DELETE FROM audit")
    assert found("UPDATE audit SET salt = x'', user_id = '', user = '', text = '', state_before = '', state_after = ''")
    assert world.command("audit", "verify", "--head", head).returncode == 0
    assert world.command("audit", "verify", "--head", head.replace(":", ":0", 1)[:-1]).returncode == 1


@case("one person's words are erased, and the log still verifies")
def redaction(world):
    lived(world)
    n = len(export(world, "--user", "ann@acme.com"))
    assert n > 0
    done = world.command("audit", "redact", "ann@acme.com")
    assert done.returncode == 0, done.stderr
    assert world.command("audit", "verify").returncode == 0
    found = export(world)
    assert sum(row["redacted"] for row in found) >= n
    assert not any("ann@acme.com" in json.dumps(row) or "00uann" in json.dumps(row) for row in found)
    assert found[-1]["operation"] == "redact" and found[-1]["actor"].startswith("operator "), found[-1]
    assert world.command("audit", "redact", "ann@acme.com").returncode == 1, "there is nothing more"
    world.accept(app_event("cid"))
    wait_until(lambda: world.people("in_step") == 2, "the daemon goes on writing")
    assert world.command("audit", "verify").returncode == 0


if __name__ == "__main__":
    main()
