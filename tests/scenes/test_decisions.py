"""What an operator decides: a retry looks before it makes an agent, above all after a changed user name (Amazon Connect cannot
rename); adopting needs no room in the instance; who is ambiguous is asked for."""
import sqlite3

from lib import agent_tags, app_event, case, main, wait_until

OLD, NEW = "ann@acme.com", "ann.lee@acme.com"


def renamed(world):
    """Ann has an agent, and then another user name in Okta."""
    world.start()
    world.accept(app_event("ann"))
    world.wait_agents(OLD)
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    world.accept(app_event("ann", app_user=NEW))
    wait_until(lambda: world.people("held") == 1, "ann held")


def age(world, minutes):
    """Lets the agent be older, as far as Roster knows."""
    assert world.daemon.stop() == 0
    store = next(world.state.rglob("*.db"))
    with sqlite3.connect(store) as database:
        database.execute("update person set agent_since_ms = agent_since_ms - ?", (minutes * 60000,))
    world.start()


@case("both names are shown, and no second agent is made")
def held(world):
    renamed(world)
    shown = world.command("show", "00uann", "--json").stdout
    assert OLD in shown and NEW in shown and "user_name_differs" in shown, shown
    assert list(world.sandbox.agents()) == [OLD] and world.sandbox.calls() == 1


@case("retry while the old agent is there makes no second one")
def still_there(world):
    renamed(world)
    age(world, 11)
    before = world.sandbox.agents()
    assert world.command("retry", "--no-wait", "00uann").returncode == 0
    wait_until(lambda: world.sandbox.calls("SearchUsers") == 1 and world.people("held") == 1, "held again")
    assert world.sandbox.agents() == before and world.sandbox.calls() == 1
    row = next(iter(world.users().values()))
    assert row["agent_id"] == before[OLD]["Id"], row


@case("retry after the old agent was deleted makes the new one")
def deleted(world):
    renamed(world)
    age(world, 11)
    world.sandbox.call("DELETE", f"agent/{OLD}")
    assert world.command("retry", "--no-wait", "00uann").returncode == 0
    world.wait_agents(NEW)
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    assert agent_tags(world.sandbox.agents()[NEW])["roster:okta-id"] == "00uann"
    assert world.sandbox.calls() == 2


@case("an agent so young that searches may not know it is not given up")
def young(world):
    renamed(world)
    world.sandbox.post("delays", search_ms=60000)
    assert world.command("retry", "--no-wait", "00uann").returncode == 0
    wait_until(lambda: world.sandbox.calls("SearchUsers") >= 3, "it is looked for")
    assert world.people("due") == 1 and world.sandbox.calls() == 1
    world.sandbox.post("delays", search_ms=0)
    wait_until(lambda: world.people("held") == 1, "held again")
    assert list(world.sandbox.agents()) == [OLD] and world.sandbox.calls() == 1


@case("the old name put back in Okta ends it")
def put_back(world):
    renamed(world)
    world.accept(app_event("ann"))
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    assert world.sandbox.calls() == 1


@case("adopting goes on while an instance that is full takes nobody more")
def adopt_when_full(world):
    world.start_sandbox(agents=[{"name": OLD, "first": "A", "last": "B"}])
    world.start()
    world.accept(app_event("ann"))
    wait_until(lambda: world.people("held") == 1, "ann held")
    world.sandbox.fail(["limit"], "CreateUser")
    world.accept(app_event("bob"))
    wait_until(lambda: world.status()["paused"], "CreateUser paused")
    calls = world.sandbox.calls()
    assert world.command("adopt", OLD).returncode == 0
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    assert agent_tags(world.sandbox.agents()[OLD])["roster:okta-id"] == "00uann"
    assert world.sandbox.calls() == calls, "no agent was made"


@case("a name that several people bear asks for the Okta id, and changes nobody")
def ambiguous(world):
    world.start()
    world.accept(app_event("ann", id="00ufirst"), app_event("ann", id="00usecond", app_user="ann2@acme.com"))
    wait_until(lambda: world.people("in_step") == 2, "both in step")
    for words in (["show", OLD], ["retry", OLD], ["adopt", OLD]):
        done = world.command(*words)
        assert done.returncode == 1 and "00ufirst" in done.stderr and "00usecond" in done.stderr, done
    assert world.command("show", "00usecond").returncode == 0


if __name__ == "__main__":
    main()
