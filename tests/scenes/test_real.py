"""System Log events that were really recorded: each is taken, or skipped with a reason, and none is refused.

They are not part of this project; a folder samples/real beside the checkout, or ROSTER_REAL_SAMPLES, says where they are."""
import json
import os
import pathlib

from lib import TOP, Skip, case, envelope, main

def read_samples():
    folder = os.environ.get("ROSTER_REAL_SAMPLES") or next(TOP.parent.glob("*/samples/real"), None)
    files = sorted(pathlib.Path(folder).glob("log-*.json")) if folder else []
    if not files:
        raise Skip("no samples/real")
    for file in files:
        found = json.loads(file.read_text(encoding="utf-8"))
        yield file.name, found if isinstance(found, list) else [found]


def key_of(event):
    """Several of them share a made-up uuid; the first of those counts."""
    return event.get("uuid") or json.dumps(event)


def command_lines(world, *words):
    done = world.command(*words)
    assert done.returncode == 0, done
    return [json.loads(line) for line in done.stdout.splitlines()]


@case("each recorded event is taken or skipped with a reason")
def recorded(world):
    samples = list(read_samples())
    world.start()
    seen = set()
    for name, events in samples:
        before = world.metric('roster_events_received_total{kind="new"}')
        answer = world.deliver(envelope(*events))
        assert answer.status in (200, 204), f"{name}: {answer}"
        new = world.metric('roster_events_received_total{kind="new"}') - before
        fresh = {key_of(e) for e in events} - seen
        seen |= fresh
        assert new <= len(fresh), f"{name}: {new} new events of {len(fresh)}"
    listed = command_lines(world, "events", "--json", "--limit", "10000")
    assert len(listed) > 100 and len(listed) == world.metric('roster_events_received_total{kind="new"}')
    assert all(row["skipped"] or row["subjects"] for row in listed), listed
    skipped = [row for row in listed if row["skipped"]]
    assert len(skipped) > 50, len(skipped)
    logged = {(line["uuid"], line["reason"]) for line in world.daemon.said("event skipped")}
    assert {(row["uuid"], row["skipped"]) for row in skipped} <= logged
    assert world.sandbox.agents() == {} and world.people("due") == 0


if __name__ == "__main__":
    main()
