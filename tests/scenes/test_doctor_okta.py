"""roster doctor, of Okta: credentials and rights, names, the clock, the event hook; each fault with what is to be done."""
import json

from lib import APP, GROUP, case, main
from org import GROUP_ID, okta, open_org, seed, write_secret

SCOPES = ["okta.users.read", "okta.groups.read", "okta.apps.read", "okta.logs.read"]


def ask(world, *words):
    done = world.command("doctor", "--json", *words)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode == 1) == any(row["verdict"] == "wrong" for row in rows), done
    return rows


def texts(rows, verdict, check):
    return [row["text"] for row in rows if (row["verdict"], row["check"]) == (verdict, check)]


def begin(world, **more):
    open_org(world, seed(in_app=["ann"]), **more)
    world.extra_environment["AWS_ENDPOINT_URL_SERVICE_QUOTAS"] = "http://" + world.sandbox.address
    world.start()


@case("an org that is set up well: token, names, event hook")
def good(world):
    begin(world)
    hook = texts(ask(world), "wrong", "hook")
    assert len(hook) == 1 and "roster hook register" in hook[0], hook
    assert world.command("hook", "register", f"http://{world.daemon.address}").returncode == 0
    rows = ask(world)
    assert not [row for row in rows if row["verdict"] == "wrong"], rows
    assert "API token" in texts(rows, "ok", "Okta")[0], rows
    names = " ".join(texts(rows, "ok", "names"))
    assert f"the application '{APP}'" in names and f"the group '{GROUP}'" in names, rows
    assert "active and verified" in texts(rows, "ok", "hook")[0], rows


@case("names that Okta does not have, has twice, or has switched off")
def names(world):
    begin(world)
    okta(world, "group", name=GROUP)
    assert any(f"2 groups '{GROUP}'" in text for text in texts(ask(world), "note", "names"))
    okta(world, "app/change", app=APP, do="deactivate")
    assert any(f"'{APP}' is inactive" in text and "activate it" in text for text in texts(ask(world), "wrong", "names"))
    okta(world, "group/change", group=GROUP_ID, profile={"name": "Agents of today"})
    rows = ask(world, "--set", "OKTA.GROUP_NAME=Nobody's group")
    assert any("Okta has no group 'Nobody's group'" in text for text in texts(rows, "wrong", "names")), rows


@case("a scope that was not granted is named: Okta gives no token at all then")
def scopes(world):
    begin(world, client={"scopes": [scope for scope in SCOPES if scope != "okta.logs.read"]})
    rows = ask(world)
    told = texts(rows, "wrong", "Okta")
    assert len(told) == 1 and "okta.logs.read" in told[0] and "okta.users.read" not in told[0], rows
    assert "grant the service app" in told[0] and not texts(rows, "ok", "Okta"), rows


@case("a token whose maker may not read everything: what is lacking is named, and the rest is looked at")
def in_part(world):
    begin(world)
    okta(world, "faults", operation="listLogEvents", rate=1, kinds=["forbidden"])
    rows = ask(world)
    told = texts(rows, "wrong", "Okta")
    assert len(told) == 1 and "okta.logs.read" in told[0], rows
    assert "in part" in texts(rows, "ok", "Okta")[0] and texts(rows, "ok", "names"), rows


@case("a token that is no good: told once, and nothing else of Okta is asked")
def token(world):
    begin(world)
    write_secret(world, "hook-secret-token", "00no-token-of-this-org\n")
    rows = ask(world)
    told = texts(rows, "wrong", "Okta")
    assert len(told) == 1 and "API_TOKEN" in told[0] and "00no-token" not in told[0], rows
    assert not texts(rows, "wrong", "names") or "Okta" not in texts(rows, "wrong", "names")[0], rows


@case("a clock that is not that of Okta")
def clock(world):
    begin(world)
    okta(world, "clock", offset_s=-7200)
    told = texts(ask(world), "wrong", "clock")
    assert any("ahead of Okta's" in text and "timedatectl" in text for text in told), told
    okta(world, "clock", offset_s=0)
    assert not texts(ask(world), "wrong", "clock")


main()
