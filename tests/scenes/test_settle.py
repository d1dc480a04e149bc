"""A group that is assigned to the application sends two events in any order; the application's user name is the agent's."""
import time

from lib import app_event, case, group_event, main, wait_until


def one_agent(world, name):
    world.wait_settled()
    assert list(world.sandbox.agents()) == [name], list(world.sandbox.agents())
    assert world.sandbox.calls() == 1


@case("the group's event first", OKTA={"SETTLE": "3s"})
def group_first(world):
    world.start()
    world.accept(group_event("ann"))
    time.sleep(0.5)
    assert world.sandbox.calls() == 0, "it waits for the application's"
    world.accept(app_event("ann", app_user="ann"))
    one_agent(world, "ann")


@case("the application's event first")
def app_first(world):
    world.start()
    world.accept(app_event("ann", app_user="ann"))
    world.accept(group_event("ann"))
    one_agent(world, "ann")


@case("both in one delivery")
def together(world):
    world.start()
    world.accept(group_event("ann"), app_event("ann", app_user="ann"))
    one_agent(world, "ann")


@case("the group alone: after SETTLE the login serves", OKTA={"SETTLE": "2s"})
def alone(world):
    world.start()
    began = time.monotonic()
    world.accept(group_event("ann"))
    one_agent(world, "ann@acme.com")
    assert time.monotonic() - began >= 1.9


@case("with GROUP_NAME alone nobody waits", OKTA={"APP_NAME": None, "SETTLE": "60s"})
def group_only(world):
    world.start()
    world.accept(group_event("ann"))
    one_agent(world, "ann@acme.com")


@case("with APP_NAME alone the group is a stranger's", OKTA={"GROUP_NAME": None})
def app_only(world):
    world.start()
    world.accept(group_event("bob"), app_event("ann"))
    one_agent(world, "ann@acme.com")


@case("an application user name that comes too late holds that person, both names shown")
def late(world):
    world.start()
    world.accept(group_event("ann"))
    one_agent(world, "ann@acme.com")
    world.accept(app_event("ann", app_user="ann.new"))
    wait_until(lambda: world.people("held") == 1, "ann held")
    reason = next(iter(world.users().values()))["reason"]
    assert "ann@acme.com" in reason and "ann.new" in reason, reason
    one_agent(world, "ann@acme.com")


@case("APP_NAME and GROUP_NAME are compared after NFC", OKTA={"GROUP_NAME": "Agénts – Zürich 🎧"})
def nfc(world):
    world.start()
    world.accept(app_event("ann", app_user="ann"))
    world.accept(group_event("bob", group="Age\u0301nts – Zu\u0308rich 🎧"), group_event("cid", group="Agents – Zürich 🎧"))
    world.wait_settled()
    assert set(world.sandbox.agents()) == {"ann", "bob@acme.com"}


if __name__ == "__main__":
    main()
