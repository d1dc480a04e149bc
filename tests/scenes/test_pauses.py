"""What no single user causes pauses the operation for all, loudly, and fails nobody."""
import json

from lib import app_event, case, main, stays, wait_until

PEOPLE = ["ann@acme.com", "bob@acme.com", "cid@acme.com"]


def paused(world, n=3):
    """Everybody waits; what is paused, as status --json tells it."""
    pauses = wait_until(lambda: world.status()["paused"], "a pause")
    assert len(pauses) == 1 and pauses[0]["operation"] == "CreateUser", pauses
    assert world.people("due") == n and world.people("failed") == 0 and world.people("held") == 0
    return pauses[0]


def deliver_all(world):
    for name in PEOPLE:
        world.accept(app_event(name))


def add(kind, needle):
    @case(f"{kind}: paused for everybody, few calls, nobody failed")
    def run(world):
        note = world.folder / "alerts"
        world.set(Alert={"COMMAND": f"cat >> {note}"})
        world.start()
        world.sandbox.fail([kind], "*")
        deliver_all(world)
        pause = paused(world)
        assert needle.lower() in json.dumps(pause).lower(), pause
        calls = world.sandbox.calls()
        assert calls <= len(PEOPLE) + 1, calls
        stays(lambda: world.sandbox.calls() <= calls + 1, "no call is thrown at a closed door", 1.5)
        assert world.get("/readyz").status == 200
        assert world.get("/readyz").json()["connect"]["ok"] is False
        assert world.command("status", "--check").returncode == 1
        assert any(line["level"] in ("warn", "error") for line in world.daemon.said("paused")), "it is said loudly"
        wait_until(lambda: note.exists() and note.read_text(), "the alert")
        alert = json.loads(note.read_text().splitlines()[0])
        assert alert["operation"] == "CreateUser" and alert["text"], alert
        world.accept(app_event("dan"))
        assert world.people("due") == 4


for fault, word in (("access_denied", "AccessDenied"), ("expired_token", "Expired"), ("invalid_signature", "Signature"),
                    ("unrecognized_client", "UnrecognizedClient"), ("instance_not_found", "NotFound"), ("limit", "LimitExceeded")):
    add(fault, word)


@case("an instance that is full creates nobody more, and fails nobody")
def full(world):
    world.start_sandbox(quota=2)
    world.start()
    for name in PEOPLE + ["dan@acme.com"]:
        world.accept(app_event(name))
    wait_until(lambda: world.people("in_step") == 2, "two in step")
    pause = paused(world, 2)
    assert "LimitExceeded" in pause["code"], pause
    assert len(world.sandbox.agents()) == 2


@case("when it is allowed again a probe finds out, within a minute or so")
def probe(world):
    world.start()
    world.sandbox.fail(["access_denied"], "CreateUser")
    deliver_all(world)
    paused(world)
    world.sandbox.fail([], "CreateUser")
    before = world.sandbox.calls()
    world.wait_agents(*PEOPLE, seconds=90)
    assert world.status()["paused"] == []
    assert world.sandbox.calls() - before == 3


if __name__ == "__main__":
    main()
