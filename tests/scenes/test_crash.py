"""600 deliveries while the daemon is killed with -9 fifteen times and Amazon Connect fails a fifth of its calls in every
transient way: every acknowledged person is there once, and nobody else."""
import concurrent.futures
import http.client
import random
import threading
import time

from lib import agent_tags, app_event, case, envelope, main, wait_until

DELIVERIES, KILLS = 600, 15
TRANSIENT = ["throttle", "too_many", "internal", "unavailable_html", "bad_gateway_html", "gateway_timeout_html", "cut_before",
             "cut_after", "half_answer", "empty_ok", "garbage_ok", "slow", "hang"]


class Sender:
    """Okta's side of it: a delivery that is not answered is sent once more."""

    def __init__(self, world):
        self.world = world
        self.lock = threading.Lock()
        self.acknowledged, self.sent = set(), set()

    def send(self, number):
        name = f"p{number:03d}"
        body = envelope(app_event(name))
        with self.lock:
            self.sent.add(name + "@acme.com")
        for _ in range(2):
            try:
                if self.world.deliver(body, timeout=3).status in (200, 204):
                    with self.lock:
                        self.acknowledged.add(name + "@acme.com")
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.3)

    def run(self, stop):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for number in range(DELIVERIES):
                pool.submit(self.send, number)
        stop.set()


def kill_often(world, stop, chance):
    """Kills at unforeseeable moments, as long as deliveries come and then while the rest is worked off."""
    kills = 0
    while kills < KILLS:
        time.sleep(chance.uniform(0.05, 0.6) if not stop.is_set() else chance.uniform(0.1, 1.0))
        world.daemon.kill()
        kills += 1
        world.start()
    return kills


@case("kill -9 and failing calls: every acknowledged person once, nobody else", Connect={"RATE": "200", "BURST": "50"})
def crash(world):
    seed = random.randrange(1 << 30)
    print(f"# seed {seed}")
    chance = random.Random(seed)
    world.start_sandbox(quota=1000)
    world.sandbox.post("faults", operation="*", rate=0.2, kinds=TRANSIENT, delay_ms=500, seed=seed)
    world.start()
    sender, stop = Sender(world), threading.Event()
    thread = threading.Thread(target=sender.run, args=(stop,))
    thread.start()
    kill_often(world, stop, chance)
    thread.join()
    # The faults stay: what is left must come to its end nevertheless.
    try:
        wait_until(lambda: sender.acknowledged <= set(world.sandbox.agents()), "all the acknowledged people", 240)
        world.wait_settled(240)
    except AssertionError as late:
        missing = sorted(sender.acknowledged - set(world.sandbox.agents()))
        raise AssertionError(f"{late}; missing: {missing[:10]}; states: {world.status()['states']}, "
                             f"paused: {world.status()['paused']}") from late
    agents = world.sandbox.agents()
    assert len(sender.acknowledged) > DELIVERIES // 5, len(sender.acknowledged)
    assert set(agents) <= sender.sent, sorted(set(agents) - sender.sent)
    owners = [agent_tags(agent)["roster:okta-id"] for agent in agents.values()]
    assert len(set(owners)) == len(owners)
    assert world.sandbox.calls(what="done") == len(agents), "no agent was made twice"
    assert world.people("failed") == world.people("held") == 0
    assert world.people("in_step") == len(agents)


if __name__ == "__main__":
    main()
