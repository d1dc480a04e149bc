"""AWS Lambda's Runtime API, played for one process of a function, and the process itself. The server writes its answers by hand,
so that it can frame, cut and refuse them in every way that the real one and worse ones have."""
import json
import os
import pathlib
import queue
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/sandbox"))
PATIENCE_S = 30
PATH = "/2018-06-01/runtime/"
REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 413: "Too Large", 500: "Error"}
ANSWER_MAX = 6291556  # 6 MiB and 100 bytes
SANITIZER_WORDS = ["Sanitizer", "runtime error:"]


class Refused(Exception):
    """How the stub answers a call that is out of order."""

    def __init__(self, status, kind, message):
        super().__init__(message)
        self.status, self.kind = status, kind


class Result:
    """What a function made of one event."""

    def __init__(self, call, headers, body):
        self.call, self.headers, self.body = call, headers, body

    def json(self):
        return json.loads(self.body)

    def error_type(self):
        """Of an error; the header and the body must agree."""
        kind = self.headers["lambda-runtime-function-error-type"]
        body = self.json()
        assert body["errorType"] == kind and body["errorMessage"] and body["stackTrace"] == [], (kind, body)
        return kind

    def __repr__(self):
        return f"{self.call} {self.body[:300]!r}"


class Stub:
    """refuse(call, how, …) makes the next such call go wrong: a status, "cut" (before the answer), "cut_after" (taken, not
    answered), "half" (of "next": a part of the event, then the connection is cut)."""

    def __init__(self):
        self.events, self.results, self.lock = queue.Queue(), queue.Queue(), threading.Lock()
        self.current, self.trouble, self.calls = None, {}, []
        self.state = "init"
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.server.getsockname()[1]
        self.chunked, self.lower_case = False, False
        self.closing = False
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.closing = True
        self.events.put(None)
        self.server.close()

    def refuse(self, call, *how):
        self.trouble.setdefault(call, []).extend(how)

    def invoke(self, event, deadline_s=10.0):
        """Hands the event (a value, or bytes) over, and waits for what comes of it."""
        self.put(event, deadline_s)
        return self.result()

    def put(self, event, deadline_s=10.0):
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        self.events.put((str(uuid.uuid4()), body, deadline_s))

    def result(self, seconds=PATIENCE_S):
        try:
            return self.results.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"the function did not answer; its calls: {self.calls}") from None

    # ---- the server ----

    def accept(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            try:
                while self.exchange(connection, stream):
                    pass
            except (ConnectionError, ValueError, OSError):
                pass

    def exchange(self, connection, stream):
        words = stream.readline().decode().split()
        if len(words) != 3:
            return False
        headers = {}
        while (line := stream.readline().strip()):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        assert "expect" not in headers and headers["host"] == self.address, headers
        body = stream.read(int(headers.get("content-length", 0)))
        method, path = words[0], words[1]
        assert path.startswith(PATH), path
        return self.answer(connection, method, path[len(PATH):], headers, body)

    def answer(self, connection, method, path, headers, body):
        call = path.rsplit("/", 1)[1] if path != "init/error" else path
        self.calls.append(call)
        how = self.trouble[call].pop(0) if self.trouble.get(call) else None
        if how == "cut":
            return False
        if isinstance(how, int):
            return self.reply(connection, how, {"errorMessage": "it is refused", "errorType": "Refused"})
        if (method, path) == ("GET", "invocation/next"):
            return self.next(connection, how)
        assert method == "POST", method
        try:
            self.take(call, path, headers, body)
        except Refused as why:
            return self.reply(connection, why.status, {"errorMessage": str(why), "errorType": why.kind})
        return how != "cut_after" and self.reply(connection, 202, {"status": "OK"})

    def take(self, call, path, headers, body):
        assert headers.get("content-type") == "application/json", headers
        with self.lock:
            if call == "init/error":
                if self.state != "init":
                    raise Refused(403, "InvalidStateTransition", "Transition from Running to InitError is not allowed")
                self.state = "ended"
            else:
                if self.current is None:
                    raise Refused(403, "InvalidStateTransition", "there is no invocation")
                if path.split("/")[1] != self.current:
                    raise Refused(400, "InvalidRequestID", "Invalid request ID")
                if call == "response" and len(body) > ANSWER_MAX:
                    raise Refused(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (6291556 bytes).")
                self.current = None
        self.results.put(Result(call, headers, body))

    def next(self, connection, how):
        with self.lock:
            assert self.state != "ended"
            self.state = "running"
        event = self.wait_for_event(connection)
        if event is None:
            return False
        with self.lock:
            self.current = event[0]
        deadline_ms = int((time.time() + event[2]) * 1000)
        headers = {"Lambda-Runtime-Aws-Request-Id": event[0], "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
                   "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:roster",
                   "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"}
        if how == "half":  # AWS gives the same event again
            with self.events.mutex:
                self.events.queue.appendleft(event)
                self.events.not_empty.notify()
        return self.reply(connection, 200, event[1], headers, cut_at=len(event[1]) // 2 if how == "half" else None)

    def wait_for_event(self, connection):
        """None when the process is gone, or the test over."""
        while not self.closing:
            try:
                return self.events.get(timeout=0.02)
            except queue.Empty:
                if select.select([connection], [], [], 0)[0] and not connection.recv(1, socket.MSG_PEEK):
                    return None
        return None

    def reply(self, connection, status, body, headers=None, cut_at=None):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
        headers |= {"Transfer-Encoding": "chunked"} if self.chunked else {"Content-Length": str(len(data))}
        lines = [f"{name.lower() if self.lower_case else name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([f"HTTP/1.1 {status} {REASONS.get(status, 'x')}", *lines, "", ""]).encode()
        if self.chunked:
            size = 2048
            parts = [data[i:i + size] for i in range(0, len(data), size)]
            data = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        connection.sendall(head + (data if cut_at is None else data[:cut_at]))
        return cut_at is None


class Function:
    """The process: the real binary under the name that AWS gives it."""

    def __init__(self, program, stub, handler, environment=None):
        self.log_file = tempfile.NamedTemporaryFile(prefix="function-", suffix=".log")
        kept = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "PATH") if name in os.environ}
        self.folder = tempfile.TemporaryDirectory(prefix="function-")
        self.process = subprocess.Popen(
            [program], stdin=subprocess.DEVNULL, stdout=self.log_file, stderr=self.log_file, cwd=self.folder.name,
            env={**kept, "AWS_LAMBDA_RUNTIME_API": stub.address, "_HANDLER": handler, "AWS_REGION": "us-east-1", "TZ": "UTC",
                 "LAMBDA_TASK_ROOT": self.folder.name, "AWS_LAMBDA_FUNCTION_NAME": "roster", **(environment or {})})

    def log(self):
        return pathlib.Path(self.log_file.name).read_text(encoding="utf-8", errors="replace")

    def wait(self, seconds=PATIENCE_S):
        return self.process.wait(seconds)

    def freeze(self):
        """Returns when it stands still."""
        self.process.send_signal(signal.SIGSTOP)
        while self.status("State").split()[0] != "T":
            time.sleep(0.002)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def status(self, name):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(name + ":"):
                return line.split(":", 1)[1].strip()
        raise KeyError(name)

    def end(self):
        """As AWS ends it: without a word. No sanitizer may have complained."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        log = self.log()
        self.log_file.close()
        self.folder.cleanup()
        assert not any(word in log for word in SANITIZER_WORDS), log[-3000:]
        return log


def run_tests(tests, make):
    """Each function test_… gets what make() makes, which has end(); prints TAP. Returns the number that failed."""
    failed = 0
    print(f"1..{len(tests)}")
    for i, (name, function) in enumerate(tests, 1):
        world = make()
        try:
            function(world)
            world.end()
            print(f"ok {i} - {name[5:]}", flush=True)
        except Exception as error:  # each test stands for itself
            failed += 1
            log = world.logs()
            try:
                world.end()
            except Exception as again:
                error = again if isinstance(again, AssertionError) else error
            print(f"not ok {i} - {name[5:]}\n# {type(error).__name__}: {str(error)[:1500]}")
            print("".join(f"# {line}\n" for line in log.splitlines()[-12:]), flush=True)
    return failed
