"""The store: 503 while it cannot be written, the schema's version, one daemon at a time, and what is kept."""
import resource
import signal
import sqlite3

from lib import app_event, case, envelope, main, wait_until


def database(world):
    return next(path for path in world.state.rglob("*") if path.is_file() and path.read_bytes()[:6] == b"SQLite")


def ignore_sigxfsz():
    """A write beyond the limit is an error then, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def limit_files(world, size):
    pid = world.daemon.process.pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]))


@case("a full disk gives 503 and a clear line; work goes on when there is room again")
def full(world):
    world.start(limits=ignore_sigxfsz)
    world.accept(app_event("ann"))
    world.wait_agents("ann@acme.com")
    world.wait_settled()
    log = world.daemon.log.stat().st_size
    biggest = max(path.stat().st_size for path in world.state.rglob("*") if path.is_file())
    limit_files(world, max(biggest, log + 16384))
    body = envelope(*[app_event(f"p{i:03d}") for i in range(300)])
    answers = [world.deliver(body) for _ in range(3)]
    assert all(answer.status == 503 for answer in answers), answers
    assert answers[0].error_code() == "not_stored"
    wait_until(lambda: world.get("/readyz").status == 503, "not ready")
    assert world.get("/healthz").status == 200
    assert any(line["level"] == "error" for line in world.daemon.lines()), "a clear log line"
    assert len(world.daemon.lines()) < 60, "and not one a delivery and second"
    assert list(world.sandbox.agents()) == ["ann@acme.com"]
    limit_files(world, resource.RLIM_INFINITY)
    wait_until(lambda: world.get("/readyz").status == 200, "ready again")
    assert world.deliver(body).status in (200, 204)
    world.wait_agents("ann@acme.com", *[f"p{i:03d}@acme.com" for i in range(300)])
    assert world.sandbox.calls() == 301


@case("a newer schema is refused, and nothing is touched")
def newer(world):
    world.start()
    world.accept(app_event("ann"))
    world.wait_agents("ann@acme.com")
    assert world.daemon.stop() == 0
    file = database(world)
    connection = sqlite3.connect(file)
    connection.execute("pragma user_version = 9999")
    connection.close()
    before = file.read_bytes()
    code, text = world.start_refused()
    assert code == 1 and "newer" in text, (code, text)
    done = world.command("status")
    assert done.returncode == 1 and "newer" in done.stderr, done
    assert file.read_bytes() == before


@case("what is not a store is refused, and not touched")
def foreign(world):
    world.start()
    assert world.daemon.stop() == 0
    file = database(world)
    for path in list(file.parent.iterdir()):
        path.unlink()
    file.write_text("my diary, " * 1000)
    code, text = world.start_refused()
    assert code == 1 and str(file) in text, (code, text)
    assert file.read_text() == "my diary, " * 1000


@case("the store and its folder are for their owner only")
def modes(world):
    world.start()
    world.accept(app_event("ann"))
    for path in [world.state, *world.state.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, f"{path}: {path.stat().st_mode:o}"


@case("a folder that cannot be made is named")
def unwritable(world):
    (world.folder / "file").write_text("")
    world.set(Store={"PATH": str(world.folder / "file" / "state")})
    world.start_sandbox()
    code, text = world.start_refused()
    assert code in (1, 78) and "file/state" in text, (code, text)


@case("bodies are not kept, events are, and a restart forgets nothing")
def kept(world):
    world.start()
    event = app_event("ann")
    world.accept(event | {"displayMessage": "a message that nobody needs"})
    world.wait_agents("ann@acme.com")
    assert not any(b"a message that nobody needs" in path.read_bytes() for path in world.state.rglob("*") if path.is_file())
    assert world.daemon.stop() == 0
    world.start()
    world.accept(event)
    assert world.metric('roster_events_received_total{kind="repeated"}') == 1
    world.wait_settled()
    assert world.sandbox.calls() == 1


@case("work that was acknowledged before a kill is done after it")
def killed(world):
    world.start()
    world.sandbox.fail(["internal"], "CreateUser")
    for number in range(20):
        world.accept(app_event(f"p{number}"))
    world.daemon.kill()
    world.sandbox.fail([], "CreateUser")
    world.start()
    world.wait_agents(*[f"p{number}@acme.com" for number in range(20)])


if __name__ == "__main__":
    main()
