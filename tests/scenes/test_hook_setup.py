"""roster hook: the event hook is set up in Okta from the command line, and from then on Okta delivers."""
import json

from lib import APP, HOOK_SECRET, case, main, wait_until

TOKEN = "00sandbox-api-token"
ANN = {"id": "00uann00000000000001", "login": "ann@acme.com", "first": "Ann", "last": "Arbor"}


def hooks(world):
    done = world.command("hook", "list", "--json")
    assert done.returncode == 0, done
    return [json.loads(line) for line in done.stdout.splitlines()]


def staged(world, **okta):
    world.start_sandbox(okta={"users": [ANN], "apps": [{"label": APP}]} | okta)
    world.start()


def with_api(world):
    """As `roster hook` needs it; the daemon was started without it and goes by its hook alone."""
    token = world.folder / "okta-token"
    token.write_text(TOKEN + "\n", encoding="utf-8")
    token.chmod(0o600)
    world.set(OKTA={"ORG_URL": "http://" + world.sandbox.address, "API_TOKEN_FILE": str(token)})


@case("register makes it, verifies it, and events arrive")
def registered(world):
    staged(world)
    with_api(world)
    assert hooks(world) == []
    done = world.command("hook", "register", f"http://{world.daemon.address}")
    assert done.returncode == 0 and "verified" in done.stdout, done
    found = hooks(world)
    assert len(found) == 1 and found[0]["is_ours"] and found[0]["is_active"] and found[0]["is_verified"], found
    assert found[0]["url"] == f"http://{world.daemon.address}/okta/events" and found[0]["types_lacking"] == 0, found
    assert world.daemon.said("verification answered")
    world.sandbox.post("okta/assign", user=ANN["login"], app=APP)
    wait_until(lambda: ANN["login"] in world.sandbox.agents(), "ann's agent")
    text = world.command("hook", "list")
    assert "Roster roster" in text.stdout and HOOK_SECRET not in text.stdout, text


@case("register once more sets the same hook anew, with another URL")
def again(world):
    staged(world)
    with_api(world)
    assert world.command("hook", "register", f"http://{world.daemon.address}").returncode == 0
    done = world.command("hook", "register", f"http://{world.daemon.address}/create_user")
    assert done.returncode == 0, done
    found = hooks(world)
    assert len(found) == 1 and found[0]["url"].endswith("/create_user") and found[0]["is_verified"], found


@case("without a daemon it is registered and not verified; verify does it later")
def later(world):
    staged(world)
    address = world.daemon.address
    assert world.daemon.stop() == 0
    with_api(world)
    done = world.command("hook", "register", f"http://{address}")
    assert done.returncode == 1 and "not verified" in done.stderr and "roster hook verify" in done.stderr, done
    assert hooks(world)[0]["is_verified"] is False
    assert world.command("hook", "verify").returncode == 1
    world.set(Server={"LISTEN": address}, OKTA={"ORG_URL": None, "API_TOKEN_FILE": None})
    world.start()
    with_api(world)
    assert world.command("hook", "verify").returncode == 0
    assert hooks(world)[0]["is_verified"]


@case("remove takes ours away, and nobody else's")
def removed(world):
    staged(world)
    with_api(world)
    world.sandbox.post("okta/hook", name="Somebody else's", uri=f"http://{world.daemon.address}/okta/events", secret=HOOK_SECRET,
                       events=["user.lifecycle.activate"])
    assert world.command("hook", "register", f"http://{world.daemon.address}/create_user").returncode == 0
    assert len(hooks(world)) == 2
    assert world.command("hook", "remove").returncode == 0
    assert [row["name"] for row in hooks(world)] == ["Somebody else's"]
    for action in ("remove", "verify"):
        done = world.command("hook", action)
        assert done.returncode == 1 and "roster hook register" in done.stderr, done


@case("what is missing or wrong is said, and nothing is done")
def wrong(world):
    staged(world)
    done = world.command("hook", "list")
    assert done.returncode == 78 and "ORG_URL" in done.stderr, done
    with_api(world)
    for words in ((), ("dance",), ("register",), ("verify", "x"), ("register", "http://example.com"), ("register", "roster.example.com"),
                  ("register", "https://a", "b")):
        assert world.command("hook", *words).returncode == 64, words
    world.set(OKTA={"HOOK_SECRET_FILE": None})
    done = world.command("hook", "register", f"http://{world.daemon.address}")
    assert done.returncode == 78 and "HOOK_SECRET" in done.stderr, done
    assert hooks(world) == []
    (world.folder / "okta-token").write_text("00wrong\n", encoding="utf-8")
    done = world.command("hook", "list")
    assert done.returncode == 1 and "E0000011" in done.stderr and "00wrong" not in done.stderr, done


if __name__ == "__main__":
    main()
