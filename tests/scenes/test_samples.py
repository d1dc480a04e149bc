"""Every row of expected.tsv: the delivery, alone, to a fresh instance."""
import csv
import re
import unicodedata

from lib import GROUP, SAMPLES, World, case, main, wait_until


def expand(names):
    """'-', 'a b', or 'agent000@acme.com … agent099@acme.com'"""
    if span := re.fullmatch(r"(\D+)(\d+)(\S*) … \1(\d+)\3", names):
        head, first, tail, last = span.groups()
        return {f"{head}{n:0{len(first)}d}{tail}" for n in range(int(first), int(last) + 1)}
    return set() if names == "-" else set(names.split())


def skipped_total(world):
    page = world.get("/metrics").body.decode()
    return sum(float(n) for n in re.findall(r"^roster_events_skipped_total\{[^}]*\} (\S+)$", page, re.M))


def check_names(agents):
    """NFC, and neither control nor bidirectional characters."""
    for name, agent in agents.items():
        identity = agent["IdentityInfo"]
        for part in (identity["FirstName"], identity["LastName"]):
            assert part and unicodedata.is_normalized("NFC", part), f"{name}: {part!r}"
            assert not any(unicodedata.category(c) == "Cc" or unicodedata.bidirectional(c) in
                           ("RLE", "LRE", "PDF", "RLO", "LRO", "RLI", "LRI", "FSI", "PDI") for c in part), f"{name}: {part!r}"


def check(world, row):
    world.start()
    answer = world.deliver((SAMPLES / row["file"]).read_bytes())
    wanted = {"2xx": (200, 204), "400": (400,)}[row["status"]]
    assert answer.status in wanted, answer
    world.wait_settled()
    agents, failed = expand(row["agents"]), expand(row["failed"])
    assert set(world.sandbox.agents()) == agents, f"agents: {sorted(world.sandbox.agents())}"
    rows = world.users("--state", "failed")
    assert set(rows) == failed, f"failed: {rows}"
    assert all(row["reason"] for row in rows.values()), f"no reason: {rows}"
    assert world.sandbox.calls() == len(agents), "a call for each agent, and none else"
    check_names(world.sandbox.agents())
    if "skipped and counted" in row["why"]:
        assert skipped_total(world) == 1
        assert wait_until(lambda: world.daemon.said("event skipped"), "the skip in the log")[0]["reason"]
    if row["file"].endswith("duplicate-a.json"):
        for again in ("duplicate-a-again.json", "duplicate-b.json"):
            assert world.deliver((SAMPLES / "composed" / again).read_bytes()).status in (200, 204)
        world.wait_settled()
        assert world.sandbox.calls() == 1, "a repetition makes no call"
        assert len(world.users()) == 1


def add(row):
    group = "Agénts – Zürich 🎧" if "unicode-names" in row["file"] else GROUP

    @case(f"{row['file']}: {row['why'].replace('#', '')}", OKTA={"GROUP_NAME": group})
    def run(world: World):
        check(world, row)


with open(SAMPLES / "expected.tsv", encoding="utf-8", newline="") as table:
    for sample in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
        add(sample)

if __name__ == "__main__":
    main()
