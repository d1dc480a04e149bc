"""A company of any size that is in step: so many people in Okta's group, their agents in Amazon Connect, and a store that knows all
of it. The program itself brings one person in step; the others are copies of the rows that this left in the store."""
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenes"))
import lib  # noqa: E402  pylint: disable=wrong-import-position
import org  # noqa: E402  pylint: disable=wrong-import-position

AT_ONCE = 50000  # of one call to the sandbox
DAY_MS = 86400 * 1000
WORD = 1 << 64
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LOGIN, LAST, OKTA_ID, AGENT_ID = "agent{n:7}@acme.com", "Number {n:7}", "00ucro{n:id}wd7", "0c0c0c0c-0000-4000-8000-{n:12}"
NUMBER = "0000001"  # of the one, in its login and name


def scrambled(number):
    """The sandbox's {n:id}: ids come in no order, as Okta's do."""
    z = (number + 0x9e3779b97f4a7c15) % WORD
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9 % WORD
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb % WORD
    z ^= z >> 31
    text = ""
    for _ in range(11):
        text += DIGITS[z % 62]
        z //= 62
    return text


def okta_id(number):
    return OKTA_ID.replace("{n:id}", scrambled(number))


def login(number):
    return LOGIN.replace("{n:7}", f"{number:07d}")


def in_parts(first, last):
    for begin in range(first, last + 1, AT_ONCE):
        yield begin, min(AT_ONCE, last + 1 - begin)


def people_in_okta(number):
    return {"users": number, "id": OKTA_ID, "login": LOGIN, "first": "Agent", "last": LAST, "groups": [lib.GROUP]}


def agents_in_connect(world, people):
    tags = {"roster:managed-by": "roster", "roster:okta-id": OKTA_ID}
    for begin, number in in_parts(1, people):
        world.sandbox.post("agents", generate={
            "agents": number, "from": begin, "name": LOGIN, "first": "Agent", "last": LAST, "id": AGENT_ID, "tags": tags,
            "security_profiles": [lib.SECURITY_PROFILE], "routing_profile": lib.ROUTING_PROFILE})


def copy_rows(world, people, agent_id):
    """The one's rows, for each of the others with their texts; and a day older, as nothing was written minutes ago."""
    store = sqlite3.connect(world.state / "roster.db")
    columns = [(row[1], row[2]) for row in store.execute("PRAGMA table_info(person)")]

    def of_another(name, kind):
        if name == "number":
            return "many.n"
        if name.endswith("_ms"):
            return f"iif({name} > {DAY_MS}, {name} - {DAY_MS}, {name})"
        if kind != "TEXT":
            return name
        return f"replace(replace(replace({name}, '{NUMBER}', many.digits), '{agent_id}', many.agent), '{okta_id(1)}', many.okta)"

    store.execute("CREATE TEMP TABLE many (n INTEGER PRIMARY KEY, digits TEXT, agent TEXT, okta TEXT)")
    store.executemany("INSERT INTO many VALUES (?, ?, ?, ?)", (
        (n, f"{n:07d}", AGENT_ID.replace("{n:12}", f"{n:012d}"), okta_id(n)) for n in range(1, people + 1)))
    for table in ("person", "membership"):
        store.execute(f"CREATE TEMP TABLE one_{table} AS SELECT * FROM {table}")
        store.execute(f"DELETE FROM {table}")
    store.execute(f"INSERT INTO person ({', '.join(name for name, _ in columns)}) SELECT"
                  f" {', '.join(of_another(name, kind) for name, kind in columns)} FROM one_person, many ORDER BY many.okta")
    store.execute("INSERT INTO membership SELECT n, kind, container, name, is_member, published_ns FROM many, one_membership")
    store.commit()
    store.close()


def open_sandbox(world, okta, **connect):
    world.start_sandbox(okta=okta, **connect)
    world.set(OKTA={"ORG_URL": "http://" + world.sandbox.address,
                    "API_TOKEN_FILE": org.write_secret(world, "hook-secret-token", org.TOKEN + "\n")})


def in_step(world, people):
    """Fills the world: its sandbox runs then, unthrottled, and nothing else does."""
    open_sandbox(world, {"apps": [{"label": lib.APP, "id": org.APP_ID}], "groups": [{"name": lib.GROUP, "id": org.GROUP_ID}],
                         "rates": [{"bucket": "*", "limit": 0}], "generate": people_in_okta(1)}, quota=2 * people, empty_each=0)
    done = world.command("apply", "--yes")
    assert done.returncode == 0, done
    agent = world.sandbox.agents()[login(1)]
    world.sandbox.call("DELETE", "agent/" + login(1))
    for begin, number in in_parts(2, people):
        world.sandbox.post("okta/users", generate=people_in_okta(number) | {"from": begin})
    agents_in_connect(world, people)
    copy_rows(world, people, agent["Id"])


def drift(world, people):
    """Somebody changes the names of so many agents by hand."""
    for number in range(1, people + 1):
        world.sandbox.post("agent/change", name=login(number), first="Agent", last="By Hand")
