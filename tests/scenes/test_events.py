"""roster events: what came in, and what became of it."""
import json

from lib import app_event, case, envelope, event, group_event, main, user_target, wait_until


def events(world, *words):
    done = world.command("events", "--json", *words)
    assert done.returncode == 0, done
    return [json.loads(line) for line in done.stdout.splitlines()]


def deliver(world):
    """ann and bob come, bob twice in one delivery; a stranger's group, a type of no interest, an event that did not happen."""
    world.start()
    taken = [app_event("ann"), app_event("bob")]
    skipped = [group_event("cid", group="Strangers"), event("user.session.start", [user_target("ann")]),
               app_event("dan", outcome="FAILURE")]
    world.accept(*taken)
    wait_until(lambda: world.people("in_step") == 2, "both in step")
    world.accept(*skipped, taken[1])
    return [e["uuid"] for e in taken], [e["uuid"] for e in skipped]


@case("each event once, newest first, with what it caused")
def listed(world):
    taken, skipped = deliver(world)
    rows = events(world)
    assert [row["uuid"] for row in rows] == (taken + skipped)[::-1], rows
    for row in rows:
        assert row["via"] == "hook" and row["received"] and row["published"] and row["type"], row
    by_uuid = {row["uuid"]: row for row in rows}
    for uuid, name in zip(taken, ("ann", "bob")):
        row = by_uuid[uuid]
        assert row["skipped"] is None and len(row["subjects"]) == 1, row
        subject = row["subjects"][0]
        assert subject["id"] == "00u" + name and subject["user"] == name + "@acme.com" and subject["state"] == "in_step", row
        assert [(call["operation"], call["outcome"]) for call in subject["calls"]] == [("CreateUser", "done")], row
    assert [by_uuid[uuid]["skipped"] for uuid in skipped] == ["foreign_group", "other_type", "not_success"], rows
    text = world.command("events").stdout
    assert "ann@acme.com: in_step, CreateUser done" in text and "skipped: foreign_group" in text, text


@case("only the skipped, only one person's, only so many")
def chosen(world):
    taken, skipped = deliver(world)
    assert [row["uuid"] for row in events(world, "--skipped")] == skipped[::-1]
    for word in ("ann@acme.com", "00uann", "ANN@acme.com"):
        assert [row["uuid"] for row in events(world, "--user", word)] == taken[:1], word
    assert events(world, "--user", "00unobody") == []
    done = world.command("events", "--user", "nobody@acme.com")
    assert done.returncode == 1 and "nobody@acme.com" in done.stderr, done
    assert [row["uuid"] for row in events(world, "--limit", "2")] == skipped[:0:-1]
    for wrong in ("0", "-1", "many", "10001", "1x", ""):
        assert world.command("events", f"--limit={wrong}").returncode == 64, wrong
    assert world.daemon.stop() == 0
    assert len(events(world)) == 5, "also without a daemon"


@case("an event about several people tells of each")
def several(world):
    world.start()
    world.accept(event("group.user_membership.add", [*[user_target(name) for name in ("ann", "bob", "cid", "dan", "eve")],
                                                     {"id": "00gconnectagents", "type": "UserGroup", "displayName": "Connect Agents"}]))
    wait_until(lambda: world.people("in_step") == 5, "all in step")
    row = events(world)[0]
    assert {subject["user"] for subject in row["subjects"]} == {f"{name}@acme.com" for name in ("ann", "bob", "cid", "dan", "eve")}
    assert "and 2 more" in world.command("events").stdout


@case("a store without events says so, and hostile texts stay on their line")
def hostile(world):
    world.start()
    assert world.command("events").stdout == "no events\n"
    answer = world.deliver(envelope(app_event("eve", display="Eve\n\x1b[2JX"), event("user.\x1b[31mred", [user_target("eve")])))
    assert answer.status in (200, 204)
    wait_until(lambda: len(events(world)) == 2, "both kept")
    text = world.command("events").stdout
    assert "\x1b" not in text and len(text.splitlines()) == 3, text


if __name__ == "__main__":
    main()
