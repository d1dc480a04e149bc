"""Imports that do not go smoothly: refused, broken off, killed, unanswered, too many, given up."""
import signal

from imports import audit, background, imports, row, run
from lib import case, main, stays, wait_until
from plans import agents


@case("one that comes to exist meanwhile is held and told, can be given up, and does not stop the rest",
      Connect={"RATE": "5", "BURST": "1"})
def meanwhile(world):
    world.start_sandbox()
    running = background(world, *[row(f"p{number:02d}") for number in range(25)])
    wait_until(lambda: world.sandbox.agents(), "the first agent")
    world.sandbox.post("agent", name="p24", first="By", last="Hand")
    before = world.sandbox.agents()["p24"]
    assert running.wait(40) == 1
    told = (world.folder / "import.log").read_text()
    assert "24 done, 1 failed or held" in told and "p24  held: an agent 'p24'" in told, told
    assert world.sandbox.agents()["p24"] == before and len(world.sandbox.agents()) == 25
    assert world.status()["states"]["held"] == 1
    done = run(world, "adopt", "p24", code=1)
    assert "takes over no agent" in done.stderr, done.stderr
    done = run(world, "reject", "p24")
    assert "given up" in done.stdout and not any(world.status()["states"].values()), done.stdout
    assert [r["operation"] for r in audit(world) if r["kind"] == "action"].count("reject") == 1
    run(world, "reject", "p24", code=1)


@case("what is refused is told with the reason, shown with what the file wants, and can be given up")
def refused(world):
    world.start_sandbox()
    running = background(world, row("jane", proficiencies="Language:Klingon=3"), row("joe"))
    wait_until(lambda: world.sandbox.calls("AssociateUserProficiencies") >= 3, "it is tried again")
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 1 and agents(world) == {"jane", "joe"}
    shown = run(world, "show", "jane").stdout
    assert "Klingon" in shown and "because of: import" in shown and "Jane" in shown.split("Wanted")[1].split("There is")[0], shown
    failed = [r for r in audit(world) if r["operation"] == "AssociateUserProficiencies"]
    assert failed and not any(r["before"] or r["after"] for r in failed), failed
    run(world, "reject", "jane")
    assert not any(world.status()["states"].values()) and agents(world) == {"jane", "joe"}


@case("while the instance is full it waits; broken off, and said again when there is room, it goes on")
def paused(world):
    world.start_sandbox(quota=1)
    running = background(world, row("ann"), row("ben"))
    wait_until(lambda: world.sandbox.calls(what="failed"), "the instance is full")
    wait_until(lambda: world.status()["paused"], "CreateUser is paused")
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 1 and len(world.sandbox.agents()) == 1
    world.sandbox.post("quota", users=5)
    imports(world, row("ann"), row("ben"))
    assert agents(world) == {"ann", "ben"}


@case("broken off, said again, it goes on, and does nothing twice", Connect={"RATE": "12", "BURST": "1"})
def resumed(world):
    world.start_sandbox()
    rows = [row(f"p{number}", proficiencies="Language:German=3" if number % 5 == 0 else "") for number in range(60)]
    running = background(world, *rows)
    wait_until(lambda: len(world.sandbox.agents()) >= 8, "eight agents")
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 1
    assert "interrupted" in (world.folder / "import.log").read_text()
    some = len(world.sandbox.agents())
    stays(lambda: len(world.sandbox.agents()) == some < 60, "nothing goes on", 0.5)
    for _ in range(3):
        before = len(world.sandbox.agents())
        running = background(world, *rows)
        wait_until(lambda b=before: len(world.sandbox.agents()) >= min(b + 4, 60), "four more")
        running.kill()
        running.wait()
    imports(world, *rows)
    found = world.sandbox.agents()
    assert len(found) == 60 and sum(1 for call in world.sandbox.log_of("CreateUser") if call["done"]) == 60
    assert sum(1 for agent in found.values() if agent.get("UserProficiencies")) == 12
    assert not any(world.status()["states"].values())


@case("a CreateUser that got no answer is looked for, and never made twice; what only bears the same name is no one's")
def unclear(world):
    world.start_sandbox()
    world.sandbox.fail(["cut_after"], "CreateUser", count=2)
    world.sandbox.fail(["cut_before"], "AssociateUserProficiencies", count=1)
    done = imports(world, row("ann", proficiencies="Language:German=3"), row("ben"), row("cyd"))
    assert "3 done" in done.stdout and sum(1 for call in world.sandbox.log_of("CreateUser") if call["done"]) == 3, done.stdout
    assert world.sandbox.agents()["ann"]["UserProficiencies"]
    # Killed when it had been sent and before it was carried out; then another import makes one of that name.
    world.sandbox.fail(["hang"], "CreateUser", count=1)
    running = background(world, row("dan"))
    wait_until(lambda: len(world.sandbox.log_of("CreateUser")) == 4, "dan was asked for")
    running.kill()
    running.wait()
    world.sandbox.post("agent", name="dan", first="Other", last="Dan", tags={"roster:managed-by": "import"})
    before = world.sandbox.agents()["dan"]
    done = imports(world, row("dan"), code=1)
    assert "dan  held: an agent 'dan'" in done.stdout and world.sandbox.agents()["dan"] == before, done.stdout


@case("what is given up while it is under way ends there; the rest goes on", Connect={"RATE": "1", "BURST": "1"})
def given_up(world):
    world.start()
    running = background(world, *[row(f"p{number:02d}") for number in range(10)])
    wait_until(lambda: world.sandbox.agents(), "the first agent")
    for number in (5, 8, 9):
        run(world, "reject", f"p{number:02d}")
    running.wait(40)
    world.wait_settled()
    assert agents(world) == {f"p{number:02d}" for number in (0, 1, 2, 3, 4, 6, 7)}
    assert not any(world.status()["states"].values()) and not world.daemon.said("did not take")


main()
