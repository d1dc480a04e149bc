"""Holds the pages to the program: links lead somewhere, MAP.md knows every module, docs/operations.md explains what an operator
meets, the subcommands, options and settings that are mentioned exist, and the examples of config.ini are good ones. Prints TAP. docs_test.py [ROSTER]: the binary to ask."""
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^ *```.*?^ *```", re.M | re.S)
INDENTED = re.compile(r"(?:^(?: {4}|\t).*\n?)+", re.M)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
WORD = re.compile(r"(?<![-\w])(?:\S*/)?roster[ \t]+([a-z][a-z-]*)((?:[ \t]+(?:\[?--[a-z-]+[^\s|`]*|[^\s-][^\s|`]*))*)")
SETTING = re.compile(r"\[([A-Z][A-Za-z]*)\] ([A-Z][A-Z_]+)")


def pages():
    found = [TOP / name for name in ("README.md", "MAP.md", "CONTRIBUTING.md", "SECURITY.md", "sandbox/README.md")]
    return found + sorted((TOP / "docs").rglob("*.md"))


def name_of(page):
    return str(page.relative_to(TOP))


# ---- links ----

def slug(heading):
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {slug(line.lstrip("#")) for line in text.splitlines() if re.match(r"#+ ", line)}


def check_links():
    n = 0
    for page in pages():
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        for target in LINK.findall(text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            n += 1
            if not file.exists():
                yield f"{name_of(page)}: there is no {target}"
            elif anchor and anchor not in anchors(file):
                yield f"{name_of(page)}: {path or 'the page itself'} has no heading #{anchor}"
    if n < 10:
        yield f"only {n} links were found: does this check still read the pages?"


# ---- the map ----

def check_map():
    text = (TOP / "MAP.md").read_text(encoding="utf-8")
    spans = SPAN.findall(FENCE.sub("", text))
    words = {word for span in spans for word in re.findall(r"[\w]+", span)}
    for file in sorted((TOP / "src").rglob("*.h")):
        if file.stem not in words and not file.stem.endswith("_private"):
            yield f"MAP.md does not know {file.relative_to(TOP)}: give it a word under its floor"
    for span in spans:
        if re.fullmatch(r"(src|tests|docs|script|sandbox)/[\w./-]+", span) and not re.search(r"FLOOR|NAME", span):
            if not (TOP / span).exists():
                yield f"MAP.md: there is no {span}"


# ---- the operator's words ----

# What must be explained to an operator: (page, what it is, source, how it stands there)
OPERATIONS = "docs/operations.md"
EXPLAINED = [
    (OPERATIONS, "state", "src/model/person.c", r'\[PERSON_\w+\] = "(\w+)"'),
    (OPERATIONS, "reason", "src/model/person.h", r'#define REASON_\w+ "(\w+)"'),
    (OPERATIONS, "skip reason", "src/okta/delivery.h", r'#define SKIP_\w+[\s\\]*"(\w+)"'),
    (OPERATIONS, "metric", "src/serve/metrics.c", r'head\(out, "(\w+)"'),
    ("docs/okta-setup.md", "event type", "src/okta/event_hooks.c", r'^    "((?:application|app|group|user)\.[\w.]+)",$'),
]


def check_words():
    for page, what, source, pattern in EXPLAINED:
        words = set(re.findall(r"[\w.]+", (TOP / page).read_text(encoding="utf-8")))
        found = set(re.findall(pattern, (TOP / source).read_text(encoding="utf-8"), re.M))
        if len(found) < 5:
            yield f"only {len(found)} of '{what}' were found in {source}: does this check still read it?"
        for word in sorted(found):
            if word not in words and "roster_" + word not in words:
                yield f"{page} does not explain the {what} '{word}' of {source}"


def check_logs():
    page = (TOP / "docs/operations.md").read_text(encoding="utf-8")
    table = page.partition("\n## Logs\n")[2].partition("\n## ")[0]
    lines = [line for row in re.findall(r"^\| (`.*?) \|", table, re.M) for line in SPAN.findall(row)]
    source = "".join(file.read_text(encoding="utf-8") for folder in ("engine", "serve", "cmd")
                     for file in (TOP / "src" / folder).glob("*.c"))
    source = re.sub(r'"\s*\n\s*"', "", source)
    if len(lines) < 10:
        yield f"only {len(lines)} log lines were found: does this check still read docs/operations.md?"
    for line in lines:
        if f'"{line}"' not in source:
            yield f"docs/operations.md: nothing logs '{line}'"


# ---- the program ----

def code(page):
    """Spans and blocks of code."""
    text = page.read_text(encoding="utf-8")
    for block in FENCE.findall(text):
        yield block
    text = FENCE.sub("", text)
    for block in INDENTED.findall(text):
        yield block
    for span in SPAN.findall(text):
        yield span


def run(roster, *words):
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([roster, *words], capture_output=True, text=True, timeout=60, check=False, cwd=folder,
                              env={"PATH": "/usr/bin:/bin", "HOME": folder})


def mentioned(pattern):
    for page in pages():
        for piece in code(page):
            for found in pattern.finditer(re.sub(r"\s# .*", "", piece)):
                yield name_of(page), found


def check_commands(roster):
    helps = {}
    n = 0
    for page, found in mentioned(WORD):
        command, rest = found.groups()
        n += 1
        if command not in helps:
            done = run(roster, command, "--help")
            helps[command] = done.stdout if done.returncode == 0 else None
        if helps[command] is None:
            yield f"{page}: roster has no subcommand '{command}'"
            continue
        for option in re.findall(r"--[a-z-]+", rest):
            if option not in helps[command]:
                yield f"{page}: 'roster {command} --help' does not know {option}"
    if n < 10:
        yield f"only {n} commands were found: does this check still read the pages?"


def settings():
    """{(section, key): page} of all that is mentioned as '[Section] KEY', or set in an example."""
    found = {}
    for page in pages():
        for piece in code(page):
            for section, key in SETTING.findall(re.sub(r".*\.ini:\d+:.*", "", piece)):  # a mistake that is shown
                found.setdefault((section, key), name_of(page))
            section = None
            for line in piece.splitlines():
                if head := re.fullmatch(r"\s*\[(OKTA|Connect|Roster|Server|Store|Alert|Queue)\]\s*", line):
                    section = head.group(1)
                elif re.match(r"\s*\[", line):
                    section = None
                elif section and (pair := re.match(r"\s*([A-Z][A-Z_]+)\s*=", line)):
                    found.setdefault((section, pair.group(1)), name_of(page))
    return found


def check_settings(roster):
    found = settings()
    if len(found) < 10:
        yield f"only {len(found)} settings were found: does this check still read the pages?"
    for (section, key), page in sorted(found.items()):
        if not is_known(roster, section, key):
            yield f"{page}: roster has no setting [{section}] {key}"


def is_known(roster, section, key):
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as config:
        config.write(f"[{section}]\n{key} = \n")
        config.flush()
        done = run(roster, "check", "--config", config.name)
    return not re.search(rf"{re.escape(config.name)}:[12]: .*there is no such", done.stdout + done.stderr)


# ---- examples ----

HEAD = re.compile(r"\[(OKTA|Connect|Roster|Server|Store|Alert|Queue|Mapping [^\]…]+)\] *(?:;.*)?")
RULE_LINE = re.compile(r"(GROUP|APP|USER\.\w+|SECURITY_PROFILES|ROUTING_PROFILE|HIERARCHY_GROUP|PHONE_TYPE|DESK_PHONE|AUTO_ACCEPT|"
                       r"AFTER_CONTACT_WORK|TAGS|PROFICIENCIES) = ")
# What an example leaves out.
LEAST = {"OKTA": {"HOOK_SECRET_FILE": "/etc/roster/hook-secret", "ORG_URL": "https://acme.okta.com",
                  "API_TOKEN_FILE": "/etc/roster/okta-token"},
         "Connect": {"INSTANCE_ID": "arn:aws:connect:eu-central-1:123456789012:instance/8e4dc5a1-0122-4131-adc2-a0ebe5a2b2a7"}}
PLAIN = {"SECURITY_PROFILE_IDS": "12345678-1234-2345-abd8-0aa7f5b46852", "ROUTING_PROFILE_ID": "87654321-69fb-43b6-a5e6-f8666ac189cb"}
REST = ["[Mapping Everybody else]", "APP = Amazon Connect", "SECURITY_PROFILES = Agent", "ROUTING_PROFILE = General"]


def sections(lines):
    """{section: its lines}, of an example; lines of a rule without a section are a rule each."""
    found, section = {}, None
    for number, line in enumerate(lines):
        if head := HEAD.fullmatch(line):
            section = head.group(1)
        elif section is None and RULE_LINE.match(line):
            when = [] if re.match(r"GROUP|APP|USER", line) else ["APP = Amazon Connect"]
            what = [] if when else ["SECURITY_PROFILES = Agent"]
            found[f"Mapping {number}"] = [*when, line, *what]
            continue
        found.setdefault(section, []).append("" if HEAD.fullmatch(line) else line)
    return found


def completed(example):
    """The example as a whole config.ini."""
    for section, keys in LEAST.items():
        lines = example.setdefault(section, [])
        given = {line.partition("=")[0].strip() for line in lines}
        more = keys | (PLAIN if section == "Connect" and any("_NAME =" in line for line in example.get("OKTA", [])) else {})
        lines += [f"{key} = {value}" for key, value in more.items()
                  if key not in given and not (key == "API_TOKEN_FILE" and "CLIENT_ID" in given)]
    return "\n".join([line for section, lines in example.items() for line in (f"[{section}]", *lines)] + REST) + "\n"


def examples():
    for page in pages():
        for piece in code(page):
            lines = [line.strip() for line in piece.splitlines()]
            lines = [line for line in lines if line and not re.match(r"[;#]|```", line)]
            if "\n" in piece and lines and (HEAD.fullmatch(lines[0]) or RULE_LINE.match(lines[0])):
                yield name_of(page), lines


KEY_ROW = re.compile(r"^\| `(?P<key>[A-Z_]+)` \|.*\| `(?P<example>[^`]+)` \|$", re.M)


def check_okta_keys(roster):
    """docs/okta-setup.md has a row with a good example of each key of [OKTA]."""
    page = (TOP / "docs/okta-setup.md").read_text(encoding="utf-8")
    reference = (TOP / "docs/configuration.md").read_text(encoding="utf-8")
    rows = {row["key"]: row["example"] for row in KEY_ROW.finditer(page)}
    for row in KEY_ROW.finditer(reference.partition("\n## [OKTA]\n")[2].partition("\n## ")[0]):
        if row["key"] not in rows and row["key"] + "_FILE" not in rows:
            yield f"docs/okta-setup.md has no row of {row['key']}"
    for way in ("API_TOKEN_FILE", "CLIENT_ID"):
        lines = [f"{key} = {value}" for key, value in rows.items()
                 if (key == "API_TOKEN_FILE") == (way == "API_TOKEN_FILE") or key not in ("API_TOKEN_FILE", "CLIENT_ID",
                                                                                        "PRIVATE_KEY_FILE", "KEY_ID")]
        yield from check_example(roster, "docs/okta-setup.md", ["[OKTA]", *lines])


def fill_folder(folder):
    for name, text in (("hook-secret", "Bearer 0123456789abcdef"), ("hook-secret-before", "Bearer fedcba9876543210"),
                       ("okta-token", "00abcdef"), ("aws-credentials", "[default]")):
        (folder / name).write_text(text + "\n", encoding="utf-8")
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", folder / "okta-key.pem"],
                   capture_output=True, check=True)
    for file in folder.iterdir():
        file.chmod(0o600)


def check_example(roster, page, lines):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        fill_folder(folder)
        text = completed(sections(lines)).replace("/etc/roster/", f"{folder}/")
        (folder / "config.ini").write_text(re.sub(r"(_FILE = )(?!/)", rf"\g<1>{folder}/", text), encoding="utf-8")
        done = run(roster, "check", "--config", str(folder / "config.ini"))
        if done.returncode != 0:
            yield f"{page}: the example with '{lines[0]}' is refused: {done.stdout}{done.stderr}"


def check_examples(roster):
    n = 0
    for page, lines in examples():
        n += 1
        yield from check_example(roster, page, lines)
    if n < 20:
        yield f"only {n} examples were found: does this check still read the pages?"


def main():
    cases = [("links lead somewhere", check_links()), ("MAP.md knows every module", check_map()),
             ("the pages explain every state, reason, event type and metric", check_words()),
             ("the log lines that docs/operations.md explains are logged", check_logs())]
    if len(sys.argv) > 1:
        roster = str(pathlib.Path(sys.argv[1]).resolve())
        cases += [("subcommands and options exist", check_commands(roster)), ("settings exist", check_settings(roster)),
                  ("the examples are good", check_examples(roster)),
                  ("docs/okta-setup.md has each key with an example", check_okta_keys(roster))]
    print(f"1..{len(cases)}")
    failed = False
    for number, (name, problems) in enumerate(cases, 1):
        problems = list(problems)
        failed |= bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} - {name}")
        for problem in problems:
            print(f"# {problem}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
