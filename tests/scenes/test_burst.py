"""200 people assigned at once: 200 agents and exactly 200 calls."""
import concurrent.futures

from lib import app_event, case, group_event, main

NAMES = [f"p{number:03d}@acme.com" for number in range(200)]


@case("200 people, 200 calls")
def burst(world):
    world.start()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: world.accept(app_event(name)), NAMES))
    world.wait_agents(*NAMES)
    world.wait_settled()
    assert world.sandbox.calls() == 200
    assert {op: call["ok"] for op, call in world.sandbox.get("calls").items() if any(call.values())} == {
        "CreateUser": 200, "DescribeInstance": 1}, "and no others but the one that learns how people sign in"


@case("from the group and the application at once: still one call each")
def both(world):
    world.start()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: world.accept(group_event(name)), NAMES))
        list(pool.map(lambda name: world.accept(app_event(name)), NAMES))
    world.wait_agents(*NAMES)
    world.wait_settled()
    assert world.sandbox.calls() == 200


@case("a tight throttle is kept to and nobody is lost", Connect={"RATE": "40", "BURST": "10"})
def throttled(world):
    world.start()
    world.sandbox.post("throttle", operation="*", rate=25, burst=5)
    for number in range(0, 200, 20):
        world.accept(*[app_event(name) for name in NAMES[number:number + 20]])
    world.wait_agents(*NAMES, seconds=90)
    world.wait_settled()
    assert world.sandbox.calls(what="done") == 200 and world.people("failed") == 0
    assert world.sandbox.calls(what="throttled") < 60, "it gives way"


if __name__ == "__main__":
    main()
