"""Of two events about one membership the newer one wins, whatever arrives first. The group's people wait SETTLE, so that a
removal comes before anything is provisioned."""
from lib import app_event, case, event, group_event, main, now_text, user_target

EARLY, MIDDLE, LATE = "2026-05-04T08:00:00.000Z", "2026-05-04T08:30:00.000Z", "2026-05-04T09:00:00.000Z"
SETTLE = {"SETTLE": "2s"}


def deliver(world, *events, **more):
    """Each in a delivery of its own, in this order."""
    world.start()
    for one in events:
        world.accept(one, **more)
    world.wait_settled()


def is_there(world):
    names = set(world.sandbox.agents())
    assert names <= {"ann@acme.com"}, names
    assert world.sandbox.calls() == len(names)
    return names != set()


def add(published=None, **more):
    return group_event("ann", "add", published=published, **more)


def remove(published=None, **more):
    return group_event("ann", "remove", published=published, **more)


ROWS = [
    ("add, then a newer removal", [add(EARLY), remove(LATE)], False),
    ("a newer removal arrives first", [remove(LATE), add(EARLY)], False),
    ("removal, then a newer add", [remove(EARLY), add(LATE)], True),
    ("a newer add arrives first", [add(LATE), remove(EARLY)], True),
    ("three, the newest first", [remove(LATE), add(MIDDLE), remove(EARLY)], False),
    ("three, the newest in the middle", [remove(EARLY), add(LATE), remove(MIDDLE)], True),
    ("a tie: the add wins when it comes first", [add(EARLY), remove(EARLY)], True),
    ("a tie: the add wins when it comes last", [remove(EARLY), add(EARLY)], True),
    ("instants, not texts: another zone", [add("2026-05-04T10:00:00+02:00"), remove("2026-05-04T08:30:00Z")], False),
    ("instants, not texts: fractions", [add("2026-05-04T08:00:00.5Z"), remove("2026-05-04T08:00:00.123456789Z")], True),
    ("a removal from another group is not ours", [add(EARLY), group_event("ann", "remove", group="Others", published=LATE)], True),
    ("a removal that failed did not happen", [add(EARLY), remove(LATE, outcome="FAILURE")], True),
]


def put(name, events, wanted):
    @case(name, OKTA=SETTLE)
    def run(world):
        deliver(world, *events)
        assert is_there(world) == wanted, f"there: {not wanted}"


for row in ROWS:
    put(*row)


@case("both in one delivery, the newer one first", OKTA=SETTLE)
def together(world):
    world.start()
    world.accept(remove(LATE), add(EARLY))
    world.wait_settled()
    assert not is_there(world)


@case("a stamp far ahead counts as the receipt", OKTA=SETTLE)
def future(world):
    world.start()
    world.accept(add(now_text(3600)))
    world.accept(remove(now_text(5)))
    world.wait_settled()
    assert not is_there(world)


@case("a missing or unreadable stamp is replaced by the envelope's", OKTA=SETTLE)
def envelope_time(world):
    world.start()
    world.accept(add(MIDDLE))
    for spoiled in ({"published": "yesterday"}, {"published": None}, {"published": 17}):
        world.accept(remove(EARLY) | spoiled, event_time=EARLY)
    without = remove(EARLY)
    del without["published"]
    world.accept(without, event_time=EARLY)
    world.wait_settled()
    assert is_there(world)


@case("no stamp anywhere: the receipt counts", OKTA=SETTLE)
def receipt(world):
    world.start()
    world.accept(add(MIDDLE))
    world.accept(remove(EARLY) | {"published": None}, event_time="?")
    world.wait_settled()
    assert not is_there(world)


@case("who leaves the group but has the application stays", OKTA=SETTLE)
def either(world):
    deliver(world, app_event("ann", published=EARLY), add(EARLY), remove(LATE))
    assert is_there(world)


@case("a removal of somebody provisioned is recorded, and removes nobody yet")
def provisioned(world):
    world.start()
    world.accept(app_event("ann", published=EARLY))
    world.wait_agents("ann@acme.com")
    world.accept(app_event("ann", "remove", published=LATE))
    world.wait_settled()
    assert is_there(world)
    row = world.users()["ann@acme.com"]
    assert row["state"] == "in_step" and "scope" in row["reason"], row


@case("a deactivated person is not provisioned", OKTA=SETTLE)
def account(world):
    deliver(world, event("user.lifecycle.deactivate", [user_target("ann")], published=LATE), add(EARLY))
    assert not is_there(world)


if __name__ == "__main__":
    main()
