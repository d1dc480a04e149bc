"""roster import: rows become agents, through the same engine, and no agent that exists is ever touched."""
import json
import signal
import subprocess

import lib
from lib import GROUP, agent_tags, case, main, stays, wait_until
from org import login, okta, org, person, seed
from plans import agents, apply, begin, plan, summary, writes

TITLES = "user login,first name,last name,routing profile name,security profiles,tags,proficiencies\n"


def row(name, last="Doe", routing="Basic Routing Profile", security="Agent", tags="", proficiencies=""):
    return f"{name},Jane,{last},{routing},{security},{tags},{proficiencies}\n"


def write(world, *rows):
    (world.folder / "users.csv").write_text(TITLES + "".join(rows), encoding="utf-8")
    return "users.csv"


def run(world, *words, code=0):
    done = world.command(*words)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def imports(world, *rows, code=0, words=("--yes",)):
    return run(world, "import", write(world, *rows), *words, code=code)


def background(world, *rows):
    log = open(world.folder / "import.log", "w", encoding="utf-8")
    return subprocess.Popen([str(lib.BUILD / "roster"), "import", write(world, *rows), "--yes", "--config", str(world.config)],
                            env=world.environment(), cwd=world.folder, stdout=log, stderr=log)


def audit(world, *words):
    return [json.loads(line) for line in run(world, "audit", "export", *words).stdout.splitlines()]


@case("rows become agents with all that they say, one call each, proficiencies by a second, tagged as imported")
def makes(world):
    world.start_sandbox()
    done = imports(world, row("jane", tags="team=A", security="Agent|QualityAnalyst", proficiencies="Language:German=3"), row("joe"))
    assert writes(world) == {"CreateUser": 2, "AssociateUserProficiencies": 1}, writes(world)
    jane = world.sandbox.agents()["jane"]
    assert agent_tags(jane) == {"team": "A", "roster:managed-by": "import"}, jane
    assert jane["UserProficiencies"] and len(jane["SecurityProfileIds"]) == 2, jane
    assert done.stdout.count("CreateUser done") == 2 and "2 done, 0 failed or held, 0 wait" in done.stdout, done.stdout
    states = world.status()["states"]
    assert not any(states.values()), states  # nobody looks after them
    rows = audit(world)
    deeds = [r for r in rows if r["kind"] == "action"]
    assert [r["operation"] for r in deeds] == ["import", "import"] and all(r["actor"].startswith("operator ") for r in deeds), rows
    step = next(r for r in rows if r["operation"] == "CreateUser")
    assert step["after"]["user_name"] in ("jane", "joe") and step["request_id"] and step["cause"] == deeds[0]["cause"], step
    given = next(r for r in rows if r["operation"] == "AssociateUserProficiencies")
    assert not given["before"]["proficiencies"] and given["after"]["proficiencies"], given
    assert run(world, "audit", "verify")
    again = imports(world, row("jane"), row("joe"))
    assert "0 to create, 2 left alone" in again.stdout and "users.csv:2: an agent of this user name exists" in again.stderr, again
    assert len(world.sandbox.log_of("CreateUser")) == 2


@case("an agent that exists is told by its row, whatever the case of its name, and never changed")
def exists(world):
    world.start_sandbox(agents=[{"name": "jane", "first": "By", "last": "Hand"}])
    before = world.sandbox.agents()["jane"]
    done = imports(world, row("jane"), row("joe"), words=("--dry-run",))
    assert "1 to create, 1 left alone" in done.stdout and "users.csv:2: an agent" in done.stderr, done
    assert agents(world) == {"jane"} and not world.state.exists()
    imports(world, row("JANE"), row("joe"))
    assert agents(world) == {"jane", "joe"} and world.sandbox.agents()["jane"] == before


@case("one that comes to exist meanwhile is held and told, can be given up, and does not stop the rest",
      Connect={"RATE": "5", "BURST": "1"})
def meanwhile(world):
    world.start_sandbox()
    running = background(world, *[row(f"p{number}") for number in range(12)])
    wait_until(lambda: world.sandbox.agents(), "the first agent")
    world.sandbox.post("agent", name="p11", first="By", last="Hand")
    before = world.sandbox.agents()["p11"]
    assert running.wait(40) == 1
    told = (world.folder / "import.log").read_text()
    assert "11 done, 1 failed or held" in told and "p11  held: an agent 'p11'" in told, told
    assert world.sandbox.agents()["p11"] == before and len(world.sandbox.agents()) == 12
    assert world.status()["states"]["held"] == 1
    done = run(world, "adopt", "p11", code=1)
    assert "takes over no agent" in done.stderr, done.stderr
    done = run(world, "reject", "p11")
    assert "given up" in done.stdout and not any(world.status()["states"].values()), done.stdout
    assert [r["operation"] for r in audit(world) if r["kind"] == "action"].count("reject") == 1
    run(world, "reject", "p11", code=1)


@case("what is refused is told with the reason, shown with what the file wants, and can be given up between two tries")
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
    wait_until(lambda: world.command("reject", "jane").returncode == 0, "jane is given up")
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


@case("broken off, said again, it goes on, and does nothing twice", Connect={"RATE": "20", "BURST": "1"})
def resumed(world):
    world.start_sandbox()
    rows = [row(f"p{number}", proficiencies="Language:German=3" if number % 5 == 0 else "") for number in range(40)]
    running = background(world, *rows)
    wait_until(lambda: len(world.sandbox.agents()) >= 8, "eight agents")
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 1
    assert "interrupted" in (world.folder / "import.log").read_text()
    some = len(world.sandbox.agents())
    stays(lambda: len(world.sandbox.agents()) == some < 40, "nothing goes on", 0.5)
    for _ in range(3):
        before = len(world.sandbox.agents())
        running = background(world, *rows)
        wait_until(lambda b=before: len(world.sandbox.agents()) >= b + 4, "four more")
        running.kill()
        running.wait()
    imports(world, *rows)
    found = world.sandbox.agents()
    assert len(found) == 40 and sum(1 for call in world.sandbox.log_of("CreateUser") if call["done"]) == 40
    assert sum(1 for agent in found.values() if agent.get("UserProficiencies")) == 8
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


@case("beside a daemon the work is the daemon's; an instance that would be too full is told before", Connect={"RATE": "50"})
def by_daemon(world):
    world.start()
    done = imports(world, *[row(f"p{number}") for number in range(20)])
    assert "20 done" in done.stdout and len(world.sandbox.agents()) == 20, done.stdout
    assert len(world.daemon.said("person converged")) == 20
    world.set(Connect={"MAX_AGENTS": "22"})
    world.daemon.stop()
    world.start()
    done = imports(world, row("ann"), row("ben"), row("cyd"), code=3)
    assert "MAX_AGENTS" in done.stderr and "1 are too many" in done.stderr and len(world.sandbox.agents()) == 20, done.stderr
    imports(world, row("ann"), row("ben"))
    assert len(world.sandbox.agents()) == 22


@case("what an import made is left alone until Okta claims its user name: then it is adopted")
def adopted(world):
    begin(world, "eve")
    imports(world, row(login("ann"), last="Imported", tags="team=A"), row("bob"))
    found = plan(world)
    assert summary(found) == {"create": 1, "unmanaged": 2}, found
    apply(world)
    assert writes(world) == {"CreateUser": 3}, writes(world)
    okta(world, "user", **person("ann", groups=[GROUP]))
    assert summary(plan(world)) == {"adopt": 1, "unchanged": 1, "unmanaged": 1}
    apply(world)
    ann, bob = world.sandbox.agents()[login("ann")], world.sandbox.agents()["bob"]
    assert agent_tags(ann)["roster:managed-by"] == "roster" and agent_tags(ann)["team"] == "A", ann
    assert ann["IdentityInfo"]["LastName"] != "Imported" and agent_tags(bob) == {"roster:managed-by": "import"}
    assert writes(world)["CreateUser"] == 3
    assert summary(plan(world)) == {"unchanged": 2, "unmanaged": 1}


@case("a live event adopts what an import made, also while the daemon reconciles all the time")
def adopted_live(world):
    world.set(Connect={"RECONCILE_EVERY": "1s"})
    org(world, seed(in_group=["eve"]))
    world.wait_agents(login("eve"))
    imports(world, row(login("ann"), last="Imported"), row("bob"))
    before = world.sandbox.agents()["bob"]
    okta(world, "user", **person("ann", groups=[GROUP]))
    wait_until(lambda: agent_tags(world.sandbox.agents()[login("ann")]).get("roster:managed-by") == "roster", "ann is adopted")
    stays(lambda: world.sandbox.agents()["bob"] == before, "bob is left alone", 2.5)


@case("what the log says of an import can be found and erased")
def erased(world):
    world.start_sandbox()
    imports(world, row("jane"))
    assert "CreateUser" in run(world, "audit", "--user", "import:jane").stdout
    run(world, "audit", "redact", "jane")
    assert "Jane" not in json.dumps(audit(world)) and run(world, "audit", "verify")


main()
