"""The SAM template: cfn-lint where it is installed, and what no linter knows. template_test.py PATH/roster …; prints TAP."""
import re
import shutil
import subprocess
import sys

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
    assert "connect:*" not in TEXT and "sqs:*" not in TEXT
    assert re.findall(r'Resource: "\*"', TEXT) == ['Resource: "*"'] * TEXT.count("ds:DescribeDirectories")


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
    checks = [check_lint, check_time_outs, check_parameters, check_package, check_rights, check_variables]
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
