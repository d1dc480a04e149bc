"""The fuzz targets: how each is built and run. script/test runs all of them for a moment, script/fuzz for as long as it is told."""
import os
import pathlib
import re
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
SOURCES = TOP / "tests" / "fuzz"
# The static libraries of this build are linked: clang, with sanitizers and libFuzzer's counters.
BUILD = TOP / "build-test" / "clang"
PLACE = TOP / "build-test" / "fuzz"
FINDINGS = PLACE / "findings"
LIBRARIES = ["libutf8proc", "jansson", "expat", "libcrypto", "libmicrohttpd", "libcurl", "sqlite3"]
# A second is long for any of these inputs; loaded machines get ten.
LIMITS = ["-timeout=10", "-rss_limit_mb=2048", "-max_len=65536"]
# What libFuzzer calls an input that is a finding; a slow unit is none.
FOUND = re.compile(r"(crash|leak|timeout|oom)-[0-9a-f]+$")


def targets():
    return sorted(SOURCES.glob("*.c"))


def floors():
    """src/FLOORS without what stands in brackets: lines of folders, lowest first."""
    lines = [[word.split("[")[0] for word in line.split("#")[0].split()]
             for line in (TOP / "src/FLOORS").read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line]


def build_command(source, out):
    """With the libraries of the floor that its first comment names, and of those below."""
    first = source.read_text(encoding="utf-8").splitlines()[0]
    found = re.search(r"floor: (\w+)", first)
    if not found:
        raise ValueError(f"{source.name}: its first line must say '/* floor: NAME … */'")
    lines = floors()
    top = next((n for n, line in enumerate(lines) if found.group(1) in line), None)
    if top is None:
        raise ValueError(f"{source.name}: there is no floor {found.group(1)}")
    folders = [folder for line in reversed(lines[:top + 1]) for folder in line]
    libraries = [lib for folder in folders for lib in sorted((BUILD / "src" / folder).glob("*.a"))]
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", *LIBRARIES], capture_output=True, text=True, check=True)
    return ["clang", "-std=c17", "-D_GNU_SOURCE", '-DROSTER_VERSION="fuzz"', "-g", "-O1", "-Wall", "-Wextra", "-Werror",
            "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", "-Isrc", source, "-o", out,
            "-Wl,--start-group", *libraries, "-Wl,--end-group", "-lpthread", "-Wl,--as-needed", *flags.stdout.split()]


def build(source, run):
    """(program or None, what the compiler said); run is run.run."""
    program = PLACE / source.stem
    PLACE.mkdir(parents=True, exist_ok=True)
    try:
        code, log = run(build_command(source, program), 300)
    except ValueError as why:
        return None, str(why)
    return (program if code == 0 else None), log


def fuzz(program, seconds, run, prefix, corpus=None):
    """(exit code, log). New inputs go into corpus; without one they are forgotten."""
    seeds = SOURCES / "corpus" / program.name
    FINDINGS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as forgotten:
        return run([*prefix, program, corpus or forgotten, *([seeds] if seeds.is_dir() else []), f"-max_total_time={seconds}",
                    "-print_final_stats=1", *LIMITS, f"-artifact_prefix={FINDINGS}/{program.name}-"], seconds + 120)


def findings(name):
    return sorted(path for path in FINDINGS.glob(f"{name}-*")
                  if FOUND.fullmatch(path.name[len(name) + 1:])) if FINDINGS.is_dir() else []


def numbers(log):
    """(executions, coverage) as libFuzzer's log tells them."""
    done = re.findall(r"stat::number_of_executed_units: (\d+)", log) or re.findall(r"^#(\d+)", log, re.M)
    coverage = re.findall(r" cov: (\d+)", log)
    return int(done[-1]) if done else 0, int(coverage[-1]) if coverage else 0
