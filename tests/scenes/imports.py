"""What scenes of imports have in common: rows of a file, and roster import of them."""
import json
import subprocess

import lib

TITLES = "user login,first name,last name,routing profile name,security profiles,tags,proficiencies\n"


def row(name, last="Doe", routing="Basic Routing Profile", security="Agent", tags="", proficiencies=""):
    return f"{name},Jane,{last},{routing},{security},{tags},{proficiencies}\n"


def write(world, *rows):
    (world.folder / "users.csv").write_text(TITLES + "".join(rows), encoding="utf-8")
    return "users.csv"


def run(world, *words, code=0):
    done = world.command(*words)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def imports(world, *rows, code=0, words=("--yes",)):
    return run(world, "import", write(world, *rows), *words, code=code)


def background(world, *rows):
    log = open(world.folder / "import.log", "w", encoding="utf-8")
    return subprocess.Popen([str(lib.BUILD / "roster"), "import", write(world, *rows), "--yes", "--config", str(world.config)],
                            env=world.environment(), cwd=world.folder, stdout=log, stderr=log)


def audit(world, *words):
    return [json.loads(line) for line in run(world, "audit", "export", *words).stdout.splitlines()]
