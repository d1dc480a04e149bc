"""roster rebuild: a lost store is made anew from the agents' tags, and nobody notices."""
import shutil

from lib import APP, agent_tags, app_event, case, main, stays, wait_until

NAMES = ("ann", "bob", "cid")


def provisioned(world, **connect):
    if connect:
        world.start_sandbox(**connect)
    world.start()
    world.accept(*[app_event(name) for name in NAMES])
    wait_until(lambda: world.people("in_step") == len(NAMES), "all in step")


def lose_store(world):
    assert world.daemon.stop() == 0
    shutil.rmtree(world.state)


def tags(okta_id, by="roster"):
    return {"roster:managed-by": by} | ({"roster:okta-id": okta_id} if okta_id else {})


def rows(world):
    return {row["okta_id"]: row for row in world.users().values()}


@case("what was lost is bound again, and events change nothing")
def bound_again(world):
    provisioned(world)
    before = world.sandbox.agents()
    ids = {row["okta_id"]: row["agent_id"] for row in world.users().values()}
    lose_store(world)
    done = world.command("rebuild")
    assert done.returncode == 0 and "3 agents" in done.stdout and "3 bound" in done.stdout, done
    assert {row["okta_id"]: row["agent_id"] for row in world.users().values()} == ids
    assert {row["state"] for row in world.users().values()} == {"in_step"}
    world.sandbox.post("calls/reset")
    world.start()
    stays(lambda: world.people("in_step") == 3, "nothing to do", 1.0)
    world.accept(*[app_event(name) for name in NAMES])
    wait_until(lambda: world.sandbox.calls("DescribeUser") == 3 and world.people("in_step") == 3, "looked at before anything else")
    assert world.sandbox.agents() == before
    assert world.sandbox.calls() == 0, "nobody is made a second time"
    assert set(world.sandbox.get("calls")) <= {"DescribeUser", "DescribeInstance"}, world.sandbox.get("calls")


@case("one that was cut off is gone on with")
def cut_off(world):
    provisioned(world)
    lose_store(world)
    world.state.mkdir(mode=0o700)
    (world.state / "roster.db").touch(0o600)
    done = world.command("rebuild")
    assert done.returncode == 1 and "--into" in done.stderr, done
    done = world.command("rebuild", "--into")
    assert done.returncode == 0 and "3 bound" in done.stdout, done


@case("after it a leaver leaves, and a mover moves", Connect={"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s"})
def goes_on(world):
    provisioned(world)
    lose_store(world)
    assert world.command("rebuild").returncode == 0
    world.start()
    world.accept(app_event("ann", "remove"))
    wait_until(lambda: "ann@acme.com" not in world.sandbox.agents(), "ann gone")
    assert set(world.sandbox.agents()) == {"bob@acme.com", "cid@acme.com"}


@case("with Okta's API they are read again: who left meanwhile goes", Connect={"ON_REMOVE": "delete", "REMOVAL_GRACE": "0s"})
def by_api(world):
    users = [{"id": f"00u{name}00000000000000", "login": name + "@acme.com", "first": name.title(), "last": "Lee"} for name in NAMES]
    world.start_sandbox(okta={"users": users, "apps": [{"label": APP}]})
    token = world.folder / "okta-token"
    token.write_text("00sandbox-api-token\n", encoding="utf-8")
    token.chmod(0o600)
    world.set(OKTA={"ORG_URL": "http://" + world.sandbox.address, "API_TOKEN_FILE": str(token), "HOOK": "off", "HOOK_SECRET_FILE": None,
                    "GROUP_NAME": None})
    for user in users:
        world.sandbox.post("okta/assign", user=user["login"], app=APP)
    world.start()
    wait_until(lambda: world.people("in_step") == 3, "all in step")
    before = world.sandbox.agents()
    lose_store(world)
    world.sandbox.post("okta/unassign", user="bob@acme.com", app=APP)
    done = world.command("rebuild")
    assert done.returncode == 0 and "in Okta" in done.stdout, done
    world.sandbox.post("calls/reset")
    world.start()
    wait_until(lambda: world.people("removed") == 1 and world.people("in_step") == 2, "bob removed")
    assert set(world.sandbox.agents()) == {"ann@acme.com", "cid@acme.com"}
    assert all(before[name] == agent for name, agent in world.sandbox.agents().items())
    assert world.sandbox.calls() == 0


@case("refused while a daemon runs, and over a store that is there")
def refused(world):
    provisioned(world)
    for words in (("rebuild",), ("rebuild", "--into")):
        done = world.command(*words)
        assert done.returncode == 1 and "stop it first" in done.stderr, done
    assert world.daemon.stop() == 0
    done = world.command("rebuild")
    assert done.returncode == 1 and "--into" in done.stderr, done
    assert world.command("rebuild", "--into").returncode == 0
    assert len(world.users()) == 3
    shutil.rmtree(world.state)
    done = world.command("rebuild", "--into")
    assert done.returncode == 1 and not (world.state / "roster.db").exists(), done


@case("a dry run writes nothing")
def dry(world):
    provisioned(world)
    lose_store(world)
    done = world.command("rebuild", "--dry-run")
    assert done.returncode == 0 and "3 would be bound" in done.stdout, done
    assert not world.state.exists()
    assert world.command("users").returncode == 1


@case("two agents with one Okta id, and agents without any, are told and not bound")
def twice(world):
    world.start_sandbox(agents=[
        {"name": "one@acme.com", "tags": tags("00udup")}, {"name": "two@acme.com", "tags": tags("00udup")},
        {"name": "none@acme.com", "tags": tags(None)}, {"name": "good@acme.com", "tags": tags("00ugood")},
        {"name": "theirs@acme.com", "tags": tags("00utheirs", "emea")}, {"name": "hand@acme.com"}])
    before = world.sandbox.agents()
    done = world.command("rebuild")
    assert done.returncode == 1, done
    for word in ("one@acme.com", "two@acme.com", "none@acme.com", "00udup"):
        assert word in done.stdout, (word, done)
    assert "theirs" not in done.stdout and "hand@" not in done.stdout, done
    assert set(rows(world)) == {"00ugood"}
    assert world.sandbox.agents() == before
    world.sandbox.call("DELETE", "agent/two@acme.com")
    done = world.command("rebuild", "--into")
    assert done.returncode == 1 and "1 bound" in done.stdout and "1 known already" in done.stdout, done
    assert set(rows(world)) == {"00ugood", "00udup"}


@case("--into adds whom the store does not know, and changes nobody it knows")
def into(world):
    provisioned(world)
    known = world.command("show", "ann@acme.com", "--json").stdout
    world.sandbox.post("agent", name="eve@acme.com", tags=tags("00ueve"))
    world.sandbox.post("agent", name="ann2@acme.com", tags=tags("00uann"))
    assert world.daemon.stop() == 0
    done = world.command("rebuild", "--into")
    assert done.returncode == 1 and "1 bound" in done.stdout and "ann2@acme.com" in done.stdout, done
    assert set(rows(world)) == {"00uann", "00ubob", "00ucid", "00ueve"}
    assert world.command("show", "00uann", "--json").stdout == known


@case("a listing that fails makes no store")
def failing(world):
    provisioned(world)
    lose_store(world)
    world.sandbox.fail(["access_denied"], "SearchUsers")
    done = world.command("rebuild")
    assert done.returncode == 1 and "SearchUsers" in done.stderr and "nothing was written" in done.stderr, done
    assert not (world.state / "roster.db").exists()
    assert world.command("users").returncode == 1


@case("throttled and broken pages are asked for again")
def troubled(world):
    world.start_sandbox(agents=[{"name": f"p{n}@acme.com", "tags": tags(f"00up{n}")} for n in range(230)])
    world.sandbox.fail(["throttle", "internal", "garbage_ok", "cut_after"], "SearchUsers", count=4)
    done = world.command("rebuild")
    assert done.returncode == 0 and "230 bound" in done.stdout, done
    assert len(world.users()) == 230
    assert all(agent_tags(agent) for agent in world.sandbox.agents().values())


@case("a store of another instance is not mixed")
def other_instance(world):
    provisioned(world)
    assert world.daemon.stop() == 0
    world.set(Connect={"INSTANCE_ID": "11111111-0122-4131-adc2-a0ebe5a2b2a7"})
    done = world.command("rebuild", "--into")
    assert done.returncode == 1 and "instance" in done.stderr, done
    assert len(world.users()) == 3


if __name__ == "__main__":
    main()
