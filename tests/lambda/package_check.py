"""Unpacks a deployment package as AWS does and runs it against the Runtime API, with nothing of AWS behind it: package_check.py
PACKAGE.zip; ends with 0 when it is good. script/package-lambda runs it."""
import json
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import http.server
import zipfile

from stub import Function, Stub
from world import AUTHENTIC, HOOK_SECRET, DoorAnswer, door_event, one_event

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret", "ROSTER_OKTA_HOOK_SECRET": HOOK_SECRET,
    "ROSTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/roster.fifo", "ROSTER_OKTA_GROUP_NAME": "Connect Agents",
    "CONNECT_INSTANCE_ID": "i", "CONNECT_SECURITY_PROFILE_IDS": "s", "CONNECT_ROUTING_PROFILE_ID": "r"}


def unpack(package, folder):
    with zipfile.ZipFile(package) as archive:
        [entry] = [e for e in archive.infolist() if e.filename == "bootstrap"]
        assert entry.external_attr >> 16 == 0o100755, "bootstrap must be executable in the archive"
        archive.extractall(folder)
    (folder / "bootstrap").chmod(0o755)
    return folder / "bootstrap"


class Queue(http.server.BaseHTTPRequestHandler):
    """An SQS that takes everything."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps({"Successful": [{"Id": entry["Id"]} for entry in body["Entries"]]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format, *args):
        pass


def start_tls_queue(folder):
    """HTTPS on loopback with a certificate of its own; None where there is no openssl to make one."""
    if shutil.which("openssl") is None:
        return None, {}
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out",
                    folder / "cert.pem"], check=True, capture_output=True)
    server = http.server.HTTPServer(("127.0.0.1", 0), Queue)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, {"AWS_ENDPOINT_URL_SQS": f"https://localhost:{server.server_port}", "SSL_CERT_FILE": str(folder / "cert.pem")}


def ask(stub, method, headers, body=None):
    return DoorAnswer("http", stub.invoke(door_event("http", method, "/okta/events", headers, body)))


def check(package, folder):
    program, stub = unpack(package, folder), Stub()
    server, more = start_tls_queue(folder)
    began = time.monotonic()
    function = Function(str(program), stub, "receive", {**SETTINGS, **more})
    try:
        answer = ask(stub, "GET", [*AUTHENTIC, ("x-okta-verification-challenge", "abc")])
        took_ms = (time.monotonic() - began) * 1000
        assert answer.status == 200 and answer.json() == {"verification": "abc"}, answer
        assert ask(stub, "POST", [], one_event()).status == 401
        if server is not None:
            answer = ask(stub, "POST", AUTHENTIC, one_event())
            assert answer.status == 200, (answer, function.log())
        peak_kib = int(function.status("VmHWM").split()[0])
        assert peak_kib < 24 * 1024, f"{peak_kib} KiB of memory"
    finally:
        log = function.end()
        stub.close()
    assert HOOK_SECRET not in log, log
    print(f"first answer after {took_ms:.0f} ms, {peak_kib / 1024:.1f} MiB of memory"
          + ("" if server else "; TLS was not tried: there is no openssl here"))


with tempfile.TemporaryDirectory() as place:
    check(sys.argv[1], pathlib.Path(place))
