"""The SAM template: cfn-lint where it is installed, and what no linter knows. template_test.py PATH/roster …; prints TAP."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from stub import TOP
from world import World, deliver, one_event, programs

TEMPLATE = TOP / "deploy/lambda/template.yaml"
TEXT = TEMPLATE.read_text(encoding="utf-8")


def blocks():
    """{name: text} of what stands below Resources and Parameters, each with two blanks before its name."""
    return {found.group(1): found.group(2) for found in re.finditer(r"^  (\w+):\n((?:(?:    .*)?\n)+)", TEXT, re.M)}


def number(block, name):
    return int(re.search(rf"^ +{name}: (\d+)$", blocks()[block], re.M).group(1))


def check_lint():
    if shutil.which("cfn-lint") is None:
        return "SKIP cfn-lint is not installed"
    done = subprocess.run(["cfn-lint", TEMPLATE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return None


def check_time_outs():
    """A message must not come again while the first worker may still be at it: six times, says AWS."""
    assert number("Work", "VisibilityTimeout") >= 6 * number("Converge", "Timeout")
    assert number("Receive", "Timeout") <= 30  # an HTTP API gives up then
    assert number("Sweep", "Timeout") <= 900
    assert number("Sweeps", "VisibilityTimeout") >= 6 * number("Sweep", "Timeout")


def check_orders():
    """`converge` is told of the queue by which it asks for a sweep, and the queue waits for as long as the code says."""
    assert "ROSTER_QUEUE_SWEEP_URL: !Ref Sweeps" in TEXT[TEXT.index("\nGlobals:"):TEXT.index("\nResources:")]
    header = (TOP / "src/lambda/sweep_request.h").read_text(encoding="utf-8")
    delay, window = (int(re.search(rf"\b{name} = (\d+)", header).group(1)) for name in ("SWEEP_QUEUE_DELAY_S", "SWEEP_REQUEST_WINDOW_MS"))
    assert number("Sweeps", "DelaySeconds") == delay
    assert f"within {window} seconds is one" in TEXT


def check_parameters():
    section = TEXT[TEXT.index("\nParameters:"):TEXT.index("\nConditions:")]
    names = re.findall(r"^  (\w+):$", section, re.M)
    assert len(names) > 10, names
    for name in names:
        assert re.search(rf"^  {name}:\n(?:    .*\n)*?    Description:", section, re.M), f"{name} has no description"
        assert f"!Ref {name}" in TEXT or f"${{{name}}}" in TEXT or name == "FunctionUrl", f"{name} is not used"


def check_package():
    assert "CodeUri: ../../build-lambda/roster-lambda.zip" in TEXT
    assert 'BUILD / "roster-lambda.zip"' in (TOP / "script/package-lambda").read_text(encoding="utf-8")


def check_rights():
    """Only the function that judges removals may remove; the public one may do nothing in Amazon Connect."""
    functions = blocks()
    for name in ("Receive", "Converge"):
        assert "connect:Delete" not in functions[name], name
    assert "connect:" not in functions["Receive"]
    assert "connect:DeleteUser" in functions["Sweep"]
    assert re.findall(r"Action: sqs:SendMessage\n +Resource: !GetAtt (\w+)\.Arn", functions["Converge"]) == ["Dead", "Sweeps"]
    assert "connect:*" not in TEXT and "sqs:*" not in TEXT
    assert re.findall(r'Resource: "\*"', TEXT) == ['Resource: "*"'] * TEXT.count("ds:DescribeDirectories")


def check_references():
    """What is referred to is there, and a thing's attribute is asked of a resource."""
    things, text = set(blocks()), re.sub(r"^ *#.*$", "", TEXT, flags=re.M)
    conditions = set(re.findall(r"^  (\w+):", text[text.index("\nConditions:"):text.index("\nGlobals:")], re.M))
    resources = set(re.findall(r"^  (\w+):$", text[text.index("\nResources:"):text.index("\nOutputs:")], re.M))
    found = [(kind, name) for kind, pattern in (("thing", r'!Ref "?([\w:]+)"?'), ("resource", r"!GetAtt (\w+)\.\w+"),
                                                ("condition", r"(?:Condition:|!Condition|!If \[|!If\n +-) ?(\w+)"),
                                                ("thing", r"\$\{([\w:]+)(?:\.\w+)?\}"))
             for name in re.findall(pattern, text)]
    assert len(found) > 80, len(found)
    for kind, name in found:
        known = {"thing": things, "resource": resources, "condition": conditions}[kind]
        assert name in known or name.startswith("AWS::"), f"there is no {kind} {name}"
    groups = text[text.index("ParameterGroups:"):text.index("\nParameters:")]
    named = [name for words in re.findall(r"Parameters: \[(.*)\]", groups) for name in words.split(", ")]
    section = text[text.index("\nParameters:"):text.index("\nConditions:")]
    assert sorted(named) == sorted(re.findall(r"^  (\w+):$", section, re.M)), "each parameter stands in one group"


def check_handlers():
    """Each function plays a part that there is, and each part is played."""
    parts = {name for file in (TOP / "src/lambda").glob("*.c")
             for name in re.findall(r'^const struct part part_\w+ = \{"(\w+)"', file.read_text(encoding="utf-8"), re.M)}
    handlers = re.findall(r"^      Handler: (\w+)$", TEXT, re.M)
    assert sorted(handlers) == sorted(parts) and len(parts) == 3, (handlers, parts)


EVERYTHING = """
[Connect]
INSTANCE_ID = arn:aws:connect:eu-central-1:123456789012:instance/8e4dc5a1-0122-4131-adc2-a0ebe5a2b2a7
ON_REMOVE = delete
PARKED_SECURITY_PROFILE = Parked
PARKED_ROUTING_PROFILE = Parked
[Mapping Everything]
GROUP = Agents
SECURITY_PROFILES = Agent
ROUTING_PROFILE = Basic
HIERARCHY_GROUP = Europe/Support
TAGS = Team=Claims
PROFICIENCIES = Skill:Billing=3
AUTO_ACCEPT = VOICE:yes
"""


def actions(name, service):
    """What the policy of that function allows."""
    return set(re.findall(rf"\b{service}:(\w+)", "\n".join(re.findall(r"Action:((?: \S.*)|(?:\n +- \S+)+)", blocks()[name]))))


def check_actions():
    """What the functions may do together is what `roster policy` says that Roster needs, and each does what its code calls."""
    kept = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "config.ini"
        config.write_text(EVERYTHING, encoding="utf-8")
        done = subprocess.run([programs()[0], "policy", "--config", config, "--set", f"Store.PATH={folder}"], capture_output=True,
                              text=True, check=False, env=kept | {"ROSTER_OKTA_HOOK_SECRET": "x"})
    assert done.returncode == 0, done.stderr
    needed = set()
    for statement in json.loads(done.stdout)["Statement"]:
        words = statement["Action"]
        needed |= {word.split(":")[1] for word in ([words] if isinstance(words, str) else words) if word.startswith("connect:")}
    given = actions("Converge", "connect") | actions("Sweep", "connect")
    assert len(needed) > 15 and given == needed, (given - needed, needed - given)
    assert actions("Receive", "sqs") == {"SendMessage"}
    assert actions("Converge", "sqs") == {"ChangeMessageVisibility", "GetQueueAttributes", "SendMessage"}
    assert actions("Sweep", "sqs") == {"SendMessage"}
    for name in ("Receive", "Converge", "Sweep"):
        assert actions(name, "secretsmanager") == {"GetSecretValue"} and actions(name, "ssm") == {"GetParameter"}, name
    # what `sweep` calls, by its sources
    source = "".join((TOP / "src/lambda" / name).read_text(encoding="utf-8") for name in ("sweep_take.c", "sweep_reading.c"))
    for operation, function in (("DeleteUser", "connect_delete_user"), ("GetCurrentUserData", "connect_current_user_data"),
                                ("UpdateUserSecurityProfiles", "connect_update_user"), ("DescribeUser", "connect_describe_user"),
                                ("UpdateUserRoutingProfile", "connect_update_user"), ("SearchUsers", "connect_list_agents"),
                                ("DeleteQuickConnect", "connect_delete_quick_connect"),
                                ("ListQuickConnects", "connect_list_quick_connects"), ("ListSecurityProfiles", "connect_list_names"),
                                ("DescribeQuickConnect", "connect_describe_quick_connect")):
        assert function in source and operation in actions("Sweep", "connect"), operation
    called = set(re.findall(r"\bconnect_(?:delete|current|update|describe|list|tag|untag|create|change|find|search)_\w+", source))
    assert len(called) == 9, called


def check_alarms():
    """Everybody whom an alarm names is there, and each function that can fail has one."""
    text = TEXT[TEXT.index("# ---- alarms ----"):]
    for name in ("Receive", "Converge", "Sweep"):
        assert f"Name: FunctionName, Value: !Ref {name}}}" in text, name
    for word in ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "Throttles", "SweepStops"):
        assert f"MetricName: {word}" in text, word
    # the filter reads what the log writes
    assert "'{ $.level = \"error\" }'" in TEXT and 'add_text(&line, "level"' in (TOP / "src/base/log.c").read_text(encoding="utf-8")


def check_variables():
    """Every setting that the template sets is one, and without values they are as good as not set."""
    names = sorted(set(re.findall(r"^ +(ROSTER_\w+|CONNECT_\w+):", TEXT, re.M)))
    assert len(names) > 8, names
    world = World(*programs())
    try:
        world.start(**{name: "" for name in names if name not in world.environment()})
        answer = deliver(world, one_event())
        assert answer.status == 200, answer
    except Exception as error:
        raise AssertionError(f"{error}\n{world.logs()}") from error
    finally:
        world.end()


def main():
    checks = [check_lint, check_time_outs, check_orders, check_parameters, check_package, check_rights, check_references,
              check_handlers, check_actions, check_alarms, check_variables]
    failed = False
    print(f"1..{len(checks)}")
    for i, check in enumerate(checks, 1):
        try:
            why = check()
            print(f"ok {i} - {check.__name__[6:]}" + (f" # {why}" if why else ""))
        except Exception as error:  # each stands for itself
            failed = True
            print(f"not ok {i} - {check.__name__[6:]}\n# " + str(error).replace("\n", "\n# "))
    sys.exit(failed)


main()
