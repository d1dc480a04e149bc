"""Who may deliver."""
from lib import HOOK_SECRET, KEY_SECRET, OLD_HOOK_SECRET, app_event, case, envelope, main, raw_call, wait_until


def refused(world, answer):
    assert answer.status == 401 and answer.error_code() == "unauthorized", answer
    assert "www-authenticate" in answer.headers
    assert world.status()["states"].get("due", 0) == 0 and world.users() == {}


@case("only the whole secret opens")
def whole(world):
    world.start()
    body = envelope(app_event("ann"))
    for secret in (None, "", "x", HOOK_SECRET[:-1], HOOK_SECRET + "x", HOOK_SECRET.upper(), HOOK_SECRET.split()[1]):
        refused(world, world.deliver(body, secret=secret))
    assert world.deliver(body).status in (200, 204)
    world.wait_agents("ann@acme.com")


@case("the secret given twice is refused")
def twice(world):
    world.start()
    got = raw_call(world.daemon.address, (f"POST /okta/events HTTP/1.1\r\nHost: x\r\nAuthorization: {HOOK_SECRET}\r\n"
                                          f"Authorization: {HOOK_SECRET}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}").encode())
    assert got.split()[1] in (b"400", b"401"), got


@case("the previous secret opens as well, until it is taken out")
def previous(world):
    file = world.folder / "hook-secret-previous"
    file.write_text(OLD_HOOK_SECRET, encoding="utf-8")
    file.chmod(0o600)
    world.set(OKTA={"HOOK_SECRET_PREVIOUS_FILE": str(file)})
    world.start()
    for secret in (HOOK_SECRET, OLD_HOOK_SECRET):
        assert world.deliver(envelope(app_event("ann")), secret=secret).status in (200, 204)
    assert world.daemon.stop() == 0
    world.set(OKTA={"HOOK_SECRET_PREVIOUS_FILE": None})
    world.start()
    assert world.deliver(envelope(), secret=OLD_HOOK_SECRET).status == 401


@case("the secret may come from the environment, and is not seen in the log at any level")
def environment(world):
    world.set(OKTA={"HOOK_SECRET_FILE": None})
    world.extra_environment["ROSTER_OKTA_HOOK_SECRET"] = HOOK_SECRET
    world.start("--log-level", "debug")
    assert world.deliver(envelope(), secret="Bearer a-mistaken-secret").status == 401
    assert world.deliver(envelope(app_event("ann"))).status in (200, 204)
    world.wait_agents("ann@acme.com")
    assert "a-mistaken-secret" not in world.daemon.text(), "somebody's secret for something else"
    for secret in (HOOK_SECRET, KEY_SECRET):
        assert secret.encode() not in world.daemon.cmdline()


@case("without a secret it does not start", OKTA={"HOOK_SECRET_FILE": None})
def none(world):
    world.start_sandbox()
    for listen in ("127.0.0.1:0", "0.0.0.0:0", f"unix:{world.folder}/s"):
        world.set(Server={"LISTEN": listen})
        code, text = world.start_refused()
        assert code == 78 and "HOOK_SECRET" in text, (listen, code, text)


@case("--allow-no-secret is for loopback", OKTA={"HOOK_SECRET_FILE": None})
def allowed(world):
    world.start_sandbox()
    world.set(Server={"LISTEN": "0.0.0.0:0"})
    code, text = world.start_refused("--allow-no-secret")
    assert code == 78 and "LISTEN" in text, (code, text)
    world.set(Server={"LISTEN": "127.0.0.1:0"})
    world.start("--allow-no-secret")
    body = envelope(app_event("ann"))
    for header in ("Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Anything", "VIA"):
        refused(world, world.deliver(body, secret=None, headers={header: "1.2.3.4"}))
    assert world.deliver(body, secret=None).status in (200, 204)
    world.wait_agents("ann@acme.com")


@case("a refusal is logged, with no body kept of it")
def logged(world):
    world.start()
    world.deliver(b"not json", secret="x")
    line = wait_until(lambda: world.daemon.said("refused"), "the refusal in the log")[0]
    assert line["status"] == 401 and line["level"] == "warn", line


if __name__ == "__main__":
    main()
