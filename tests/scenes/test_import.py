"""roster import: rows become agents, through the same engine, and no agent that exists is ever touched."""
import json

from imports import audit, imports, row, run
from lib import GROUP, agent_tags, case, main, stays, wait_until
from org import login, okta, org, person, seed
from plans import agents, apply, begin, plan, summary, writes


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
