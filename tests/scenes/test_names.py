"""How Okta's names become an agent's."""
from lib import app_event, case, main

ROWS = [  # displayName, first, last
    ("Jane Doe", "Jane", "Doe"), ("Madonna", "Madonna", "Madonna"), ("Jane van der Doe", "Jane", "van der Doe"),
    ("  Jane \t  Doe  ", "Jane", "Doe"), ("Jane\u00a0Doe", "Jane", "Doe"), ("Jane\u2003\u3000Doe", "Jane", "Doe"),
    ("Jane\r\nDoe", "Jane", "Doe"), ("Zoe\u0308 A\u030angstro\u0308m", "Zo\u00eb", "\u00c5ngstr\u00f6m"),
    ("\u202eJane\u202c \u2066Doe\u2069", "Jane", "Doe"), ("Ja\u200bne D\ufeffoe", "Jane", "Doe"),
    ("Ja\u0007ne D\u0085oe", None, None), ("\u0646\u0627\u0645\u200c\u0647 \u0641\u0627\u0631\u0633\u06cc",
                                           "\u0646\u0627\u0645\u200c\u0647", "\u0641\u0627\u0631\u0633\u06cc"),
    ("\u5c71\u7530\u3000\u592a\u90ce", "\u5c71\u7530", "\u592a\u90ce"), ("\U0001f469\u200d\U0001f4bb Dev", "\U0001f469\u200d\U0001f4bb", "Dev"),
    ("O'Neil \"The\" <b>Doe</b>", "O'Neil", "\"The\" <b>Doe</b>"), ("Long " + "x" * 400, "Long", "x" * 300),
]
REFUSED = ["a", "x" * 65, "with space", "k\u00e4the@acme.com", "plus+sign@acme.com", "quote'd@acme.com", "semi;colon", "a/b@acme.com"]
ACCEPTED = ["ab", "x" * 64, "A_b.c-d@acme.com", "0123"]


@case("display names become first and last names")
def names(world):
    world.start()
    world.accept(*[app_event(f"n{i:02d}", display=row[0]) for i, row in enumerate(ROWS)])
    world.wait_settled()
    agents = world.sandbox.agents()
    wrong = []
    for i, (display, first, last) in enumerate(ROWS):
        identity = agents[f"n{i:02d}@acme.com"]["IdentityInfo"]
        got = (identity["FirstName"], identity["LastName"])
        if first is not None and got != (first, last):
            wrong.append(f"{display!r}: {got!r}, not {(first, last)!r}")
        assert got[0] and got[1] and not any(ord(c) < 32 or 0x7f <= ord(c) < 0xa0 for c in "".join(got)), got
    assert not wrong, "\n".join(wrong)
    assert world.sandbox.calls() == len(ROWS)


@case("user names that Amazon Connect would refuse cost no call")
def user_names(world):
    world.start()
    world.accept(*[app_event(f"r{i}", app_user=name) for i, name in enumerate(REFUSED)],
                 *[app_event(f"a{i}", app_user=name) for i, name in enumerate(ACCEPTED)])
    world.wait_settled()
    assert set(world.sandbox.agents()) == set(ACCEPTED)
    assert world.sandbox.calls() == len(ACCEPTED)
    assert world.people("failed") == len(REFUSED)
    rows = world.users("--state", "failed")
    assert all("user name" in row["reason"] for row in rows.values()), rows


@case("somebody whose name is corrected in Okta is taken then")
def corrected(world):
    world.start()
    world.accept(app_event("ann", app_user="ann+1@acme.com"))
    world.wait_settled()
    assert world.people("failed") == 1
    world.accept(app_event("ann", app_user="ann1@acme.com"))
    world.wait_agents("ann1@acme.com")


if __name__ == "__main__":
    main()
