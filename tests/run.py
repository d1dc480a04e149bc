"""Builds and runs all tests; script/test starts it. What passes is only counted; what fails is printed with its output.

Each test is a program that prints TAP; its cases are counted one by one. Builds: asan (gcc, address + undefined sanitizers: all
unit tests and scenes), tsan (gcc, thread sanitizer: what has threads), clang (the other compiler, and the fuzz targets),
release (as users build it: how hard the program is, and what memory it takes under attack); for script/coverage only, coverage
(gcc, no sanitizers: what asan runs)."""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import fuzzing

TOP = pathlib.Path(__file__).resolve().parent.parent
BUILDS = TOP / "build-test"
JOBS = os.cpu_count() or 2
AT_ONCE = 2 * JOBS  # scenes wait most of their time
# Loads the store's committer, the net loop and the queue between them.
THREADED_SUITES = {"net", "store", "engine"}
THREADED_SCENES = {"auth", "order", "threads"}
# Sanitizers take memory of their own.
RELEASE_SCENES = {"hostile"}
LONG = ("crash", "samples", "lifecycle", "okta_api", "reconcile", "leavers", "pauses", "scope", "histories", "power_loss")
UNIT_SECONDS, SCENE_SECONDS, LONG_SECONDS, ANALYSIS_SECONDS = 180, 420, 7200, 1800
TESTED = ["-Doptimization=1", "-Ddebug=true", "-Db_lundef=false"]
OPTIONS = {
    "asan": ["-Db_sanitize=address,undefined", "-Dc_args=-fno-sanitize-recover=all"],
    "tsan": ["-Db_sanitize=thread"],
    "clang": ["-Dtests=false", "-Db_sanitize=address,undefined", "-Dc_args=-fno-sanitize-recover=all -fsanitize=fuzzer-no-link",
              "-Dc_link_args=-fsanitize=fuzzer-no-link"],
    "release": ["-Dtests=false"],
    "coverage": ["-Db_coverage=true", "-Doptimization=0"],
}
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
    "CMOCKA_MESSAGE_OUTPUT": "tap",
}


def fixed_addresses():
    """The sanitizers of Debian 12 cannot live with all the address randomization of newer kernels."""
    prefix = ["setarch", os.uname().machine, "-R"]
    try:
        done = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return []
    return prefix if done.returncode == 0 else []


PREFIX = fixed_addresses()


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.took = []

    def add(self, name, passed, failed, skipped, log=""):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        if failed:
            print(f"---- {name}: {failed} failed\n{log.rstrip()}\n----", flush=True)

    def check(self, name, ok, log=""):
        self.add(name, int(ok), int(not ok), 0, log)


def run(command, seconds, env=None):
    """(exit code, output); a program that takes too long is ended, with code None."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([str(word) for word in command], cwd=TOP, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                 env={**os.environ, **SANITIZERS, **(env or {})}, start_new_session=True)
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, 9)
            child.wait()
            code = None
        out.seek(0)
        return code, out.read().decode(errors="replace")


def read_tap(text):
    """(passed, failed, skipped, planned or None); a program may print several plans, one a group."""
    passed = failed = skipped = 0
    planned = None
    for line in text.splitlines():
        if plan := re.match(r"1\.\.(\d+)( *# *skip.*)?$", line, re.I):
            planned = (planned or 0) + int(plan.group(1))
            if plan.group(2) and plan.group(1) == "0":
                skipped += 1
                planned += 1
        elif re.match(r"not ok\b", line):
            failed += 1
        elif re.match(r"ok\b", line):
            if re.search(r"# *skip", line, re.I):
                skipped += 1
            else:
                passed += 1
    return passed, failed, skipped, planned


def run_tap(tally, name, command, seconds, env=None):
    began = time.monotonic()
    code, log = run([*PREFIX, *command], seconds, env)
    passed, failed, skipped, planned = read_tap(log)
    tally.took.append((time.monotonic() - began, name))
    if failed == 0 and (code != 0 or planned is None or planned != passed + skipped):
        failed = 1
        log += f"\n{name}: " + ("took more than %d s" % seconds if code is None else
                                f"ended with {code}, {planned} cases planned, {passed + skipped} told")
    tally.add(name, passed, failed, skipped, log)


def behind(level, command):
    """The command, where it gets what others leave of the cores, to that level; sessions are groups of their own to the scheduler."""
    return ["sh", "-c", f'echo {level} 2>/dev/null >/proc/self/autogroup; exec nice -n {level} "$@"', "sh", *command]


def build(tally, name):
    """True when build-test/NAME is up to date; that counts as one check. Tests of other builds may run meanwhile, and come first."""
    folder = BUILDS / name
    compiler = "clang" if name == "clang" else "gcc"
    setup = ["meson", "setup", folder, "--werror", *(TESTED if name != "release" else []), *OPTIONS[name]]
    if not (folder / "build.ninja").exists():
        shutil.rmtree(folder, ignore_errors=True)
    else:
        setup = ["true"]
    for step in (lambda: setup, lambda: ["ninja", "-C", folder, *targets(name)]):
        code, log = run(behind(5, step()), 1200, {"CC": os.environ.get("CC_" + compiler.upper(), compiler)})
        if code != 0:
            tally.check(f"build with {compiler} ({name})", False, "\n".join(log.splitlines()[-150:]))
            return False
    tally.check(f"build with {compiler} ({name})", True)
    return True


def targets(name):
    """What of that build is needed; nothing = all."""
    if name != "tsan":
        return []
    return ["roster", "roster-sandbox", *(os.path.relpath(command[0], BUILDS / name) for _, command, _ in unit_tests(name, THREADED_SUITES))]


def unit_tests(name, suites=None):
    done = subprocess.run(["meson", "introspect", "--tests", BUILDS / name], capture_output=True, text=True, check=True)
    for test in json.loads(done.stdout):
        suite = {part.split(":")[-1] for part in test["suite"]}
        if suites is None or suite & suites:
            yield f"{test['name']} ({name})", test["cmd"], test["env"]


def scene_seconds():
    return LONG_SECONDS if os.environ.get("ROSTER_LONG") == "1" else SCENE_SECONDS


def programs(name, wanted):
    """Everything that runs in that build, as (name, command, seconds, environment)."""
    folder = BUILDS / name
    env = {"ROSTER_BUILD": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    tests = [(title, command, UNIT_SECONDS, test_env)
             for title, command, test_env in unit_tests(name, THREADED_SUITES if name == "tsan" else None)]
    if name in ("asan", "coverage"):
        tests += [(f"sandbox {file.stem}", [sys.executable, file, folder / "roster-sandbox"], SCENE_SECONDS, env)
                  for file in sorted((TOP / "tests/sandbox").glob("*_test.py"))]
        tests += [(f"lambda {file.stem}", [sys.executable, file, folder / "roster", folder / "roster-sandbox"], SCENE_SECONDS, env)
                  for file in sorted((TOP / "tests/lambda").glob("*_test.py"))]
        tests.append(("faults", [sys.executable, TOP / "tests/faults/campaign.py", "--tap", "--quick", "--seed", "1", "--seconds", "15",
                                 "--workers", "4"], SCENE_SECONDS, env))
        tests.append(("docs", [sys.executable, TOP / "tests/docs_test.py", folder / "roster"], UNIT_SECONDS, env))
    if name == "release":
        tests.append(("hardening", [sys.executable, TOP / "tests/hardening_test.py", folder / "roster"], UNIT_SECONDS, env))
    only = {"tsan": THREADED_SCENES, "release": RELEASE_SCENES}.get(name)
    for file in sorted((TOP / "tests/scenes").glob("test_*.py")):
        if only is None or file.stem[5:] in only:
            tests.append((f"scene {file.stem[5:]} ({name})", [sys.executable, file], scene_seconds(), env))
    # The long ones first, so that no core waits for them at the end.
    tests.sort(key=lambda test: not any(word in test[0] for word in LONG))
    return [test for test in tests if wanted(test[0])]


def fuzz(tally, source, seconds):
    name = f"fuzz {source.stem}"
    program, log = fuzzing.build(source, run)
    code = 1 if program is None else 0
    if program is not None:
        code, log = fuzzing.fuzz(program, seconds, run, PREFIX)
    tally.check(name, code == 0, "\n".join(log.splitlines()[-150:]))


def checks(tally, wanted):
    commands = {"floors": ["script/floors"], "floors can fail": ["script/floors", "--self-test"], "lint": ["script/lint"]}
    for name, command in commands.items():
        if wanted(name):
            code, log = run(command, 120)
            tally.check(name, code == 0, log)
    if not wanted("format"):
        return
    if shutil.which("clang-format") is None:
        tally.add("format", 0, 0, 1)
    else:
        code, log = run(["script/format", "--check"], 120)
        tally.check("format", code == 0, log)


def analysis(tally):
    """Beside all else, on what that leaves of the cores: most scenes wait most of the time."""
    if not all(shutil.which(tool) for tool in ("clang-tidy", "cppcheck", "gcc")):
        tally.add("analysis", 0, 0, 1)
        return
    began = time.monotonic()
    code, log = run(behind(19, ["script/analyze"]), ANALYSIS_SECONDS)
    tally.took.append((time.monotonic() - began, "analysis"))
    tally.check("analysis", code == 0, log)


def main():
    parser = argparse.ArgumentParser(prog="script/test", description=__doc__.split("\n", maxsplit=1)[0],
                                     epilog="The builds stay in build-test/; remove it to begin anew.")
    parser.add_argument("only", nargs="?", default="", help="regular expression: run only what has such a name, as in "
                        "'scene', 'scene auth', 'json', 'fuzz', 'floors'")
    parser.add_argument("--builds", default="asan,tsan,clang,release", help="which of asan,tsan,clang,release,coverage "
                        "(default: all but the last)")
    parser.add_argument("--fuzz-seconds", type=int, default=2, help="for each fuzz target (default 2)")
    parser.add_argument("--long", action="store_true", help="play random lifecycles with hundreds of people; an hour or so")
    parser.add_argument("--slowest", action="store_true", help="tell what took longest")
    options = parser.parse_args()
    if options.long:
        os.environ["ROSTER_LONG"] = "1"
    tally = Tally()

    def wanted(name):
        return re.search(options.only, name) is not None

    began = time.monotonic()
    with ThreadPoolExecutor(1) as beside, ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [beside.submit(analysis, tally)] if wanted("analysis") and "asan" in options.builds else []
        jobs.append(pool.submit(checks, tally, wanted))
        for name in options.builds.split(","):
            if not build(tally, name):
                continue
            if name == "asan" and wanted("unused"):
                code, log = run(["script/unused", BUILDS / name], 120)
                tally.check("unused", code == 0, log)
            if name == "clang":
                jobs += [pool.submit(fuzz, tally, target, options.fuzz_seconds)
                         for target in fuzzing.targets() if wanted(f"fuzz {target.stem}")]
            else:
                jobs += [pool.submit(run_tap, tally, *test) for test in programs(name, wanted)]
        for job in jobs:
            job.result()
    if options.slowest:
        print(f"{time.monotonic() - began:7.1f} s  all")
        for seconds, name in sorted(tally.took, reverse=True)[:15]:
            print(f"{seconds:7.1f} s  {name}")
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    return tally.failed > 0


if __name__ == "__main__":
    sys.exit(main())
