"""How hard the program is that users build: hardening_test.py PROGRAM looks at it with readelf, and at the systemd unit. Prints TAP."""
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(sys.argv[1])
UNIT = TOP / "deploy/systemd/roster.service"
EXPOSURE_MAX = 2.0
# What the compiler says of itself in the debugging information (gcc does, clang does not).
FLAGS = ["-fstack-protector-strong", "-fstack-clash-protection"]
FLAGS_OF_MACHINE = {"X86-64": ["-fcf-protection=full"], "AArch64": ["-mbranch-protection=standard"]}


class Skip(Exception):
    """There is nothing here to look with."""


def output(*command):
    if shutil.which(command[0]) is None:
        raise Skip(f"{command[0]} is not installed")
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def readelf(*options):
    return output("readelf", "--wide", *options, PROGRAM)


def position_independent():
    assert re.search(r"Type:\s+DYN", readelf("--file-header")), "it is no position-independent executable"
    assert "INTERP" in readelf("--program-headers"), "it is a library, not a program"
    assert re.search(r"FLAGS_1.*\bPIE\b", readelf("--dynamic"))


def relocations_read_only():
    assert "GNU_RELRO" in readelf("--program-headers")
    dynamic = readelf("--dynamic")
    assert "BIND_NOW" in dynamic or re.search(r"FLAGS_1.*\bNOW\b", dynamic), "functions are bound late, so their table stays writable"


def no_memory_to_write_and_run():
    headers = readelf("--program-headers")
    stack = re.search(r"GNU_STACK\s+(?:0x\w+\s+){5}(.*?)\s+0x", headers)
    assert stack and stack.group(1) == "RW", headers
    assert "RWE" not in headers, headers


def no_search_path():
    assert not re.search(r"\((RPATH|RUNPATH|TEXTREL)\)", readelf("--dynamic"))


def stack_protected():
    assert "__stack_chk_fail" in readelf("--dyn-syms")


def libc_checked():
    checked = set(re.findall(r"\b__(\w+)_chk\b", readelf("--dyn-syms")))
    assert {"fprintf", "snprintf", "vsnprintf"} <= checked, f"of _FORTIFY_SOURCE there is only: {checked}"


def compiled_as_told():
    text = readelf("--debug-dump=info", "--dwarf-depth=1")
    units = [line for line in re.findall(r"DW_AT_producer.*", text) if "GNU C17" in line]
    if not units:
        raise Skip("the compiler does not note how it was called")
    header = readelf("--file-header")
    wanted = FLAGS + [flag for machine, flags in FLAGS_OF_MACHINE.items() if machine in header for flag in flags]
    bad = [line for line in units if any(flag not in line for flag in wanted)]
    assert not bad, bad[0]


def systemd_analyze(*words):
    text = output("systemd-analyze", "--version")
    if int(re.search(r"systemd (\d+)", text).group(1)) < 250:
        raise Skip("systemd-analyze is too old to judge a file")
    return output("systemd-analyze", *words)


def unit_is_strict():
    text = systemd_analyze("security", "--offline=true", "--no-pager", UNIT)
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", text).group(1))
    assert exposure < EXPOSURE_MAX, text


def unit_needs_no_capability():
    text = UNIT.read_text(encoding="utf-8")
    for line in ("CapabilityBoundingSet=", "AmbientCapabilities=", "NoNewPrivileges=yes", "DynamicUser=yes", "UMask=0077",
                 "StateDirectoryMode=0700"):
        assert line in text.splitlines(), line


CASES = [position_independent, relocations_read_only, no_memory_to_write_and_run, no_search_path, stack_protected, libc_checked,
         compiled_as_told, unit_is_strict, unit_needs_no_capability]


def main():
    print(f"1..{len(CASES)}")
    failed = 0
    for number, case in enumerate(CASES, 1):
        name = case.__name__.replace("_", " ")
        try:
            case()
            print(f"ok {number} - {name}")
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}")
        except AssertionError as why:
            failed += 1
            print(f"not ok {number} - {name}")
            print("\n".join("# " + line for line in str(why).splitlines()))
    return failed > 0


sys.exit(main())
