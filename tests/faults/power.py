"""What a power loss leaves of a disk: its files as they were synced last, and of what came since then all, nothing, some, or
torn sectors. From the trace that preload.c writes.

A name (made, linked, renamed, removed) is safe once its folder is synced. A sync that failed leaves what it was to save unsaved
for good: the kernel counts those pages as clean."""
import shutil
import struct

HEAD = struct.Struct("<5q")
SECTOR = 512
LOSES_ALL, LOSES_SOME, TEARS, LOSES_NONE = LOSSES = ["all", "some", "torn", "none"]


def keep_base(root, base):
    """The disk as it is before; all of it counts as synced."""
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(root, base)


def read_trace(path):
    data, at, operations = path.read_bytes(), 0, []
    while at < len(data):
        kind, offset, n_path, n_path2, n_bytes = HEAD.unpack_from(data, at)
        at += HEAD.size
        name, other = data[at:at + n_path].decode(), data[at + n_path:at + n_path + n_path2].decode()
        at += n_path + n_path2
        operations.append((chr(kind), offset, name, other, data[at:at + n_bytes]))
        at += n_bytes
    assert at == len(data), "the trace is cut"
    return operations


def apply(content, change):
    kind, at, data = change
    if kind == "t":
        del content[at:]
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    if kind == "w":
        content[at:at + len(data)] = data


class File:
    def __init__(self, content=b""):
        self.synced, self.changes = bytearray(content), []

    def sync(self):
        for change in self.changes:
            apply(self.synced, change)
        self.changes = []

    def lose(self, how, chance):
        """Its content after the loss."""
        content = bytearray(self.synced)
        for change in self.changes:
            kind, at, data = change
            if how == LOSES_NONE or (how == LOSES_SOME and chance.random() < 0.5) or (how == TEARS and kind == "t"):
                apply(content, change)
            elif how == TEARS:
                for start in range(0, len(data), SECTOR):
                    if chance.random() < 0.5:
                        apply(content, ("w", at + start, data[start:start + SECTOR]))
        return content


FOLDER = object()


class Disk:
    """Names and what they name, as they are, and as they would be after a loss. Names are paths below the disk's root, ""."""

    def __init__(self, base):
        self.now = {str(path.relative_to(base)): FOLDER if path.is_dir() else File(path.read_bytes()) for path in base.rglob("*")}
        self.safe = dict(self.now)
        self.moves = []

    def move(self, names, kind, name, other):
        if kind in "lr" and name in names:
            names[other] = names[name]
        if kind in "ur":
            names.pop(name, None)

    def sync_folder(self, folder):
        self.safe = {name: what for name, what in self.safe.items() if folder_of(name) != folder}
        self.safe |= {name: what for name, what in self.now.items() if folder_of(name) == folder}
        self.moves = [move for move in self.moves if folder_of(move[2] or move[1]) != folder]

    def play(self, kind, at, name, other, data):
        if kind == "d":
            self.sync_folder(name)
        elif kind == "m":
            self.now[name] = FOLDER
        elif kind in "ulr":
            self.move(self.now, kind, name, other)
            self.moves.append((kind, name, other))
        elif kind == "s":
            self.now.setdefault(name, File()).sync()
        elif kind == "f":
            self.now.setdefault(name, File()).changes = []
        else:
            self.now.setdefault(name, File()).changes.append((kind, at, data))

    def after_loss(self, how, chance):
        """{name: content, or None for a folder}; folders come before what is in them."""
        names = dict(self.safe)
        # Names are written in their order, or not yet.
        n_moves = {LOSES_ALL: 0, LOSES_NONE: len(self.moves)}.get(how, chance.randrange(len(self.moves) + 1))
        for move in self.moves[:n_moves]:
            self.move(names, *move)
        for name, what in self.now.items():
            is_new = name not in names and (what is FOLDER or what not in names.values())
            if is_new and how != LOSES_ALL and (how == LOSES_NONE or chance.random() < 0.5):
                names[name] = what
        left = {"": None}
        for name in sorted(names, key=lambda name: name.count("/")):
            if folder_of(name) in left:
                left[name] = None if names[name] is FOLDER else names[name].lose(how, chance)
        del left[""]
        return left


def folder_of(name):
    return name.rpartition("/")[0]


def restore(root, base, trace, how, chance):
    """Puts the disk into the state after a power loss at the end of the trace, and forgets the trace."""
    disk = Disk(base)
    prefix = str(root)
    for kind, at, name, other, data in read_trace(trace):
        disk.play(kind, at, name[len(prefix):].lstrip("/"), other[len(prefix):].lstrip("/"), data)
    shutil.rmtree(root)
    root.mkdir()
    for name, content in disk.after_loss(how, chance).items():
        if content is None:
            (root / name).mkdir(0o700)
        elif not name.endswith("-shm"):  # memory does not outlive the power
            (root / name).write_bytes(content)
            (root / name).chmod(0o600)
    trace.write_bytes(b"")
