"""The deployment package's archive: the same files give the same bytes, whatever their times. package_test.py …; prints TAP."""
import importlib.machinery
import importlib.util
import os
import pathlib
import sys
import tempfile
import zipfile

from stub import TOP


def load():
    loader = importlib.machinery.SourceFileLoader("package_lambda", str(TOP / "script/package-lambda"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("package_lambda", loader))
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


def pack(module, folder, time_s, mode, reverse):
    """The archive's bytes, of files of that time and mode."""
    folder.mkdir()
    files = []
    for name, text, wanted in (("bootstrap", "\x7fELF" * 5000, 0o755), ("config.ini", "[OKTA]\n", 0o644)):
        path = folder / f"{name}.built"
        path.write_text(text, encoding="latin-1")
        path.chmod(mode)
        os.utime(path, (time_s, time_s))
        files.append((name, path, wanted))
    target = folder / "roster-lambda.zip"
    size = module.zip_up(target, files[::-1] if reverse else files)
    assert size == target.stat().st_size
    return target.read_bytes()


def check_same_bytes(module, folder):
    first = pack(module, folder / "first", 1777881600, 0o600, False)
    assert first == pack(module, folder / "second", 1577881600, 0o755, True)
    with zipfile.ZipFile(folder / "first/roster-lambda.zip") as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert modes == {"bootstrap": 0o100755, "config.ini": 0o100644}, modes


def check_size_limit(module, folder):
    path = folder / "large"
    path.write_bytes(os.urandom(module.LIMIT + 1))
    try:
        module.zip_up(folder / "large.zip", [("bootstrap", path, 0o755)])
    except module.Bad as why:
        assert "limit" in str(why), why
    else:
        raise AssertionError("a package that is too large was taken")


def check_flags(module, folder):
    """What would make two builds differ: where they were made, and when."""
    text = (TOP / "script/package-lambda").read_text(encoding="utf-8")
    for words in ("-ffile-prefix-map=", "--build-id=none", "--remove-section=.comment"):
        assert words in text, words
    sources = "".join(file.read_text(encoding="utf-8") for file in (TOP / "src").rglob("*.[ch]"))
    assert "__DATE__" not in sources and "__TIME__" not in sources


def main():
    checks, failed, module = [check_same_bytes, check_size_limit, check_flags], False, load()
    print(f"1..{len(checks)}")
    with tempfile.TemporaryDirectory() as folder:
        for i, check in enumerate(checks, 1):
            try:
                check(module, pathlib.Path(folder))
                print(f"ok {i} - {check.__name__[6:]}")
            except Exception as error:  # each stands for itself
                failed = True
                print(f"not ok {i} - {check.__name__[6:]}\n# {error}")
    sys.exit(failed)


main()
