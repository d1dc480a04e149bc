"""Everything at once, for the thread sanitizer: deliveries, repetitions, pages, commands, a stop in the middle."""
import concurrent.futures

from lib import app_event, case, envelope, main


@case("deliveries from many sides while pages and commands are read")
def sides(world):
    world.start()
    events = [app_event(f"p{number:03d}") for number in range(150)]

    def deliver(event):
        for body in (envelope(event), envelope(event, event), b"no json"):
            assert world.deliver(body).status in (200, 204, 400)

    def look(number):
        for path in ("/readyz", "/metrics", "/healthz"):
            assert world.get(path).status == 200
        if number % 5 == 0:
            world.status()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(deliver, event) for event in events] + [pool.submit(look, number) for number in range(20)]
        for job in jobs:
            job.result()
    world.wait_agents(*[f"p{number:03d}@acme.com" for number in range(150)])
    assert world.sandbox.calls() == 150


@case("a stop in the middle of it")
def stop(world):
    world.start()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        accepted = list(pool.map(lambda number: world.deliver(envelope(app_event(f"p{number:03d}"))).status, range(60)))
    assert set(accepted) <= {200, 204}
    assert world.daemon.stop() == 0
    world.start()
    world.wait_agents(*[f"p{number:03d}@acme.com" for number in range(60)])
    assert world.sandbox.calls(what="done") == 60


if __name__ == "__main__":
    main()
