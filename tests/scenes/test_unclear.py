"""Calls that fail: passing trouble is waited out, unclear outcomes are looked up, refusals fail that person alone."""
from lib import app_event, case, main, wait_until

ANN = "ann@acme.com"


def add(kind, operation="CreateUser", count=1, **more):
    @case(f"{kind} on {operation}: one agent, and nobody failed")
    def run(world):
        world.start()
        if operation != "CreateUser":
            world.sandbox.fail(["cut_after"], "CreateUser", count=1)
        world.sandbox.fail([kind], operation, count=count, **more)
        world.accept(app_event("ann"))
        wait_until(lambda: world.people("in_step") == 1, "ann in step")
        assert list(world.sandbox.agents()) == [ANN]
        assert world.sandbox.calls(what="done") == 1
        assert world.users()[ANN]["agent_id"] == world.sandbox.agents()[ANN]["Id"]


for fault in ("throttle", "too_many", "internal", "unavailable_html", "bad_gateway_html", "gateway_timeout_html",
              "cut_before", "cut_after", "half_answer", "empty_ok", "garbage_ok"):
    add(fault, count=2)
add("slow", delay_ms=1500)
for fault in ("throttle", "internal", "half_answer", "garbage_ok"):
    add(fault, "SearchUsers")


@case("a cut answer and a lagging search make no second agent")
def lagging(world):
    world.start()
    world.sandbox.post("delays", search_ms=3000)
    world.sandbox.fail(["cut_after"], "CreateUser", count=1)
    world.accept(app_event("ann"))
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    assert world.sandbox.calls(what="done") == 1


@case("what is refused for good fails that person alone, until retried")
def refused(world):
    world.start()
    world.sandbox.fail(["invalid_request"], "CreateUser", count=1)
    world.accept(app_event("ann"))
    wait_until(lambda: world.people("failed") == 1, "ann failed")
    world.accept(app_event("bob"))
    world.wait_agents("bob@acme.com")
    row = world.users("--state", "failed")[ANN]
    assert "CreateUser" in row["reason"] and row["agent_id"] in (None, ""), row
    assert world.command("status", "--check").returncode == 1
    assert world.command("retry", "--no-wait", ANN).returncode == 0
    world.wait_agents(ANN, "bob@acme.com")
    assert world.command("status", "--check").returncode == 0


@case("an unknown profile fails with its id; a corrected configuration makes them due again",
      Connect={"ROUTING_PROFILE_ID": "00000000-69fb-43b6-a5e6-f8666ac189cb"})
def profile(world):
    world.start()
    world.accept(app_event("ann"), app_event("bob"))
    wait_until(lambda: world.people("failed") == 2, "both failed")
    calls = world.sandbox.calls()
    assert world.daemon.stop() == 0
    world.start()
    world.wait_settled()
    assert world.sandbox.calls() == calls, "the same configuration calls nothing again"
    assert world.daemon.stop() == 0
    world.set(Connect={"ROUTING_PROFILE_ID": "87654321-69fb-43b6-a5e6-f8666ac189cb"})
    world.start()
    world.wait_agents(ANN, "bob@acme.com")


@case("killed between sending and the answer: the next start looks")
def killed(world):
    world.start()
    world.sandbox.fail(["slow"], "CreateUser", count=1, delay_ms=20000)
    world.accept(app_event("ann"))
    wait_until(lambda: world.sandbox.agents(), "the agent made")
    world.daemon.kill()
    world.start()
    wait_until(lambda: world.people("in_step") == 1, "ann in step")
    assert world.sandbox.calls(what="done") == 1 and list(world.sandbox.agents()) == [ANN]


@case("SIGTERM waits for the call under way")
def term(world):
    world.start()
    world.sandbox.fail(["slow"], "CreateUser", count=1, delay_ms=2000)
    world.accept(app_event("ann"))
    wait_until(lambda: world.sandbox.agents(), "the agent made")
    assert world.daemon.stop() == 0
    assert world.users()[ANN]["state"] == "in_step"


if __name__ == "__main__":
    main()
