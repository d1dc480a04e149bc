"""Setting up and looking around: init, policy, doctor, completion, import and export."""
import json
import os
import shutil
import subprocess

from lib import HOOK_SECRET, INSTANCE, ROUTING_PROFILE, SECURITY_PROFILE, app_event, case, main, wait_until

ARN = f"arn:aws:connect:us-east-1:123456789012:instance/{INSTANCE}"
TEMPLATE = ("first name,last name,user login,agent hierarchy,routing profile name,security_profile_name_1|"
            "security_profile_name_2,user_hierarchy_1|user_hierarchy_2,phone type (soft/desk),phone number,tags,persistent "
            "connection,audio enhancement (none/isolate voice/suppress noise)")


@case("init writes what serve takes, and never over a file")
def init(world):
    world.start_sandbox()
    answers = ["--instance", ARN, "--app", "Amazon Connect", "--group", "Connect Agents", "--security-profile", SECURITY_PROFILE,
               "--routing-profile", ROUTING_PROFILE]
    done = world.command("init", *answers, "--out", "made.ini", config=False)
    assert done.returncode == 0, done.stderr
    made = (world.folder / "made.ini").read_text()
    assert "# " in made and ARN in made and "ON_REMOVE" in made
    secret = next(line.split(" = ")[1] for line in made.splitlines() if line.startswith("HOOK_SECRET_FILE"))
    assert oct(os.stat(secret).st_mode & 0o777) == "0o600"
    assert world.command("check", "--config", "made.ini", config=False).returncode == 0
    again = world.command("init", *answers, "--out", "made.ini", config=False)
    assert again.returncode == 1 and (world.folder / "made.ini").read_text() == made
    lacking = world.command("init", "--out", "other.ini", config=False)
    assert lacking.returncode == 64 and not (world.folder / "other.ini").exists()
    wrong = world.command("init", *answers, "--on-remove", "disable", "--out", "other.ini", config=False)
    assert wrong.returncode == 78 and not (world.folder / "other.ini").exists(), wrong.stderr


@case("the policy allows what is called, and no deletion unless something is deleted")
def policy(world):
    world.set(Connect={"INSTANCE_ID": ARN})
    world.start()
    world.accept(app_event("ann"))
    wait_until(lambda: world.people("in_step") == 1, "ann")
    called = set(world.sandbox.get("calls"))

    def actions(*words):
        done = world.command("policy", *words)
        assert done.returncode == 0, done.stderr
        statements = json.loads(done.stdout)["Statement"]
        assert all(resource.startswith(ARN) for s in statements for resource in s["Resource"] if s["Sid"] != "Directory")
        return {action for s in statements if s["Effect"] == "Allow" for action in s["Action"]}

    assert {f"connect:{operation}" for operation in called} <= actions()
    assert "connect:DeleteUser" not in actions()
    assert "connect:DeleteUser" in actions("--set", "Connect.ON_REMOVE=delete")


def doctor(world, *words):
    done = world.command("doctor", "--json", *words)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode == 1) == any(row["verdict"] == "wrong" for row in found), done
    return found


def wrong(rows):
    return {row["check"] for row in rows if row["verdict"] == "wrong"}


@case("the doctor finds what is wrong, and changes nothing")
def doctors(world):
    world.start_sandbox()
    world.extra_environment = {"AWS_ENDPOINT_URL_SERVICE_QUOTAS": "http://" + world.sandbox.address}
    rows = doctor(world)
    assert wrong(rows) == set(), rows
    assert {"configuration", "hook secret", "TLS", "credentials", "instance", "clock", "permissions", "names",
            "quota"} <= {row["check"] for row in rows}, rows
    before = dict(world.sandbox.get("calls"))
    assert world.sandbox.agents() == {}
    assert all(count["done"] == 0 for operation, count in before.items()
               if not operation.startswith(("Describe", "List", "Search", "Get"))), before
    world.sandbox.fail(["access_denied"], "CreateUser")
    rows = doctor(world)
    assert wrong(rows) == {"permission"}, rows
    assert any("connect:CreateUser" in row["text"] and "roster policy" in row["text"] for row in rows)
    world.sandbox.fail([], "CreateUser")
    world.sandbox.post("clock", offset_s=-7200)
    assert wrong(doctor(world)) == {"clock"}
    world.sandbox.post("clock", offset_s=0)
    assert wrong(doctor(world, "--set", "Server.LISTEN=0.0.0.0:8080")) == {"TLS"}
    assert wrong(doctor(world, "--set", "Connect.INSTANCE_ID=no-such-instance")) == {"instance"}
    world.extra_environment["AWS_SECRET_ACCESS_KEY"] = "another"
    assert wrong(doctor(world)) == {"credentials"}
    world.set(Connect={"RATE": "none"})
    assert world.command("doctor").returncode == 78


@case("completion is made from the table of commands")
def completion(world):
    names = [line.split()[0] for line in
             world.command("--help", config=False).stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()]
    assert len(names) > 15
    for shell in ("bash", "zsh", "fish"):
        done = world.command("completion", shell, config=False)
        assert done.returncode == 0 and all(name in done.stdout for name in names), shell
        if shutil.which(shell):
            (world.folder / "script").write_text(done.stdout)
            subprocess.run([shell, "-n", str(world.folder / "script")], check=True, timeout=30)
    script = world.command("completion", "bash", config=False).stdout + """
COMP_WORDS=(roster audit export --f) COMP_CWORD=3; _roster; echo "${COMPREPLY[*]}"
COMP_WORDS=(roster --config x au) COMP_CWORD=3; _roster; echo "${COMPREPLY[*]}"
COMP_WORDS=(roster audit v) COMP_CWORD=2; _roster; echo "${COMPREPLY[*]}"
"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split("\n")[:3] == ["--format", "audit", "verify"], done
    assert world.command("completion", "csh", config=False).returncode == 64


@case("an import tells all mistakes at once, and is carried out only when there are none")
def imports(world):
    world.start_sandbox()
    file = world.folder / "users.csv"
    file.write_bytes((TEMPLATE + "\r\nJane,,jane,Europe|Salse,Basic Routing Profile,Agnet,,tablet,,team,,\r\n"
                      "Joe,Doe,jane,,Nope,Agent,,,,,,\r\n").encode("utf-8-sig"))
    done = world.command("import", str(file), "--yes")
    assert done.returncode == 1, done
    for part in ("users.csv:2: 'last name'", "'Agent'?", "'Europe/Sales'", "users.csv:2: 'phone type", "users.csv:2: 'tags'",
                 "users.csv:3: 'user login'", "users.csv:3: 'routing profile name'"):
        assert part in done.stderr, (part, done.stderr)
    file.write_bytes((TEMPLATE.replace(",", ";") + "\r\nJane;Doe;jane;Europe|Sales;Basic Routing Profile;Agent|QualityAnalyst;;"
                      "soft;;team=A;yes;none\r\n").encode("utf-8-sig"))
    dry = world.command("import", str(file))
    assert dry.returncode == 0 and "1 to create" in dry.stdout and not world.state.exists(), dry
    done = world.command("import", str(file), "--yes")
    assert done.returncode == 0 and "1 done" in done.stdout and "jane" in world.sandbox.agents(), done
    rows = [json.loads(line) for line in world.command("audit", "export").stdout.splitlines()]
    deed = next(row for row in rows if row["operation"] == "import")
    assert deed["after"]["user_name"] == "jane" and "roster:managed-by" in deed["after"]["tags"], rows


@case("what is exported can be read again")
def exports(world):
    world.start()
    world.accept(app_event("ann"), app_event("bob"))
    wait_until(lambda: world.people("in_step") == 2, "ann and bob")
    for form in ("console-2026", "console-2023", "roster"):
        done = world.command("export", "--format", form)
        assert done.returncode == 0 and "Basic Routing Profile" in done.stdout and "ann@acme.com" in done.stdout, done
    (world.folder / "out.csv").write_text(world.command("export", "--format", "roster").stdout)
    again = world.command("import", str(world.folder / "out.csv"))
    assert again.returncode == 0 and "0 to create, 2 left alone" in again.stdout, again
    assert ROUTING_PROFILE in world.command("export", "--offline").stdout
    assert world.command("export", "--format", "xls").returncode == 64
    assert HOOK_SECRET not in done.stdout


if __name__ == "__main__":
    main()
