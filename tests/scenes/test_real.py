"""System Log events that were really recorded: each is taken, or skipped with a reason, and none is refused.

They are not part of this project; a folder samples/real beside the checkout, or ROSTER_REAL_SAMPLES, says where they are."""
import json
import os
import pathlib

from lib import TOP, Skip, case, envelope, main, wait_until

TAKEN = {"user.lifecycle.activate", "user.lifecycle.reactivate", "user.lifecycle.unsuspend", "user.lifecycle.deactivate",
         "user.lifecycle.suspend", "user.lifecycle.delete.initiated"}


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


@case("each recorded event is taken or skipped with a reason")
def recorded(world):
    samples = list(read_samples())
    world.start()
    n_events = n_skipped = 0
    seen = set()
    for name, events in samples:
        before = world.metric('roster_events_received_total{kind="new"}')
        answer = world.deliver(envelope(*events))
        assert answer.status in (200, 204), f"{name}: {answer}"
        new = world.metric('roster_events_received_total{kind="new"}') - before
        fresh = {key_of(e): e for e in events if key_of(e) not in seen}
        seen.update(fresh)
        assert new <= len(fresh), f"{name}: {new} new events of {len(fresh)}"
        n_events += new
        n_skipped += sum(e.get("eventType") not in TAKEN for e in fresh.values())
    lines = wait_until(lambda: len(world.daemon.said("event skipped")) >= n_skipped and world.daemon.said("event skipped"),
                       f"{n_skipped} skipped events in the log")
    assert all(line["reason"] for line in lines)
    assert n_events > 100
    assert world.sandbox.agents() == {} and world.people("due") == 0


if __name__ == "__main__":
    main()
