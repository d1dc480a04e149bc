"""The daemon's doors besides the event hook."""
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import time

from lib import HOOK_SECRET, Skip, app_event, case, envelope, http_call, main, raw_call, wait_until


@case("healthz and readyz")
def pages(world):
    world.start()
    assert world.get("/healthz").status == 200
    answer = world.get("/readyz")
    assert answer.status == 200
    ready = answer.json()
    assert ready["ready"] is True and ready["store"]["ok"] is True and ready["connect"]["ok"] is True, ready
    assert {"credentials", "okta"} <= set(ready)


@case("unknown paths are 404, other methods 405 with Allow; all in the error form")
def errors(world):
    world.start()
    for path in ("/", "/okta", "/okta/events/", "/metrics/x", "/create_user2", "/OKTA/EVENTS"):
        answer = world.get(path, Authorization=HOOK_SECRET)
        assert answer.status == 404 and answer.error_code() == "not_found", (path, answer)
    for method, path, allowed in (("PUT", "/okta/events", "POST"), ("DELETE", "/create_user", "POST"), ("POST", "/metrics", "GET")):
        answer = http_call(world.daemon.address, method, path, b"{}", {"Authorization": HOOK_SECRET})
        assert answer.status == 405 and allowed in answer.headers["allow"] and answer.error_code(), (method, path, answer)


@case("metrics are Prometheus'")
def metrics(world):
    world.start()
    world.accept(app_event("ann"), app_event("bob", app="Another"))
    world.wait_agents("ann@acme.com")
    world.wait_settled()
    answer = world.get("/metrics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain")
    line = re.compile(r'(# (HELP|TYPE) roster_\w+ .+|roster_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[0-9.e+]+)$')
    for text in answer.body.decode().splitlines():
        assert line.match(text), text
    assert world.people("in_step") == 1 and world.metric("roster_queue_age_seconds") == 0
    assert world.metric('roster_calls_total{operation="CreateUser"}') == 1
    assert world.metric('roster_events_skipped_total{reason="foreign_application"}') == 1
    assert time.time() - world.metric("roster_last_event_timestamp_seconds") < 60


@case("a connection serves many deliveries, also pipelined ones")
def kept_alive(world):
    world.start()
    host, port = world.daemon.address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    for number in range(20):
        connection.request("POST", "/okta/events", json.dumps(envelope(app_event(f"p{number}"))), {"Authorization": HOOK_SECRET})
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 204)
    connection.close()
    body = json.dumps(envelope())
    one = f"POST /okta/events HTTP/1.1\r\nHost: x\r\nAuthorization: {HOOK_SECRET}\r\nContent-Length: {len(body)}\r\n"
    got = raw_call(world.daemon.address, (one + "\r\n" + body + one + "Connection: close\r\n\r\n" + body).encode())
    assert len(re.findall(rb"HTTP/1.1 20[04]", got)) == 2, got


@case("strange requests are refused and answered once")
def strict(world):
    world.start()
    auth = f"Authorization: {HOOK_SECRET}\r\n"
    rows = {
        "no Host": f"POST /okta/events HTTP/1.1\r\n{auth}Content-Length: 2\r\n\r\n{{}}",
        "two Hosts": f"POST /okta/events HTTP/1.1\r\nHost: a\r\nHost: b\r\n{auth}Content-Length: 2\r\n\r\n{{}}",
        "length and chunks": f"POST /okta/events HTTP/1.1\r\nHost: a\r\n{auth}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "two lengths": f"POST /okta/events HTTP/1.1\r\nHost: a\r\n{auth}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}x",
        "blank before the colon": f"POST /okta/events HTTP/1.1\r\nHost: a\r\n{auth}X-A : b\r\nContent-Length: 2\r\n\r\n{{}}",
    }
    for name, text in rows.items():
        got = raw_call(world.daemon.address, text.encode())
        assert got.startswith(b"HTTP/1.1 400"), (name, got[:200])
        assert got.count(b"HTTP/1.") == 1, (name, got[:400])
    assert world.get("/healthz").status == 200


@case("slow clients are cut, and bother nobody")
def slow(world):
    world.start()
    host, port = world.daemon.address.split(":")
    s = socket.create_connection((host, int(port)), 20)
    s.sendall(b"POST /okta/events HTTP/1.1\r\nHost: a\r\n")
    began = time.monotonic()
    s.settimeout(0.5)
    while time.monotonic() - began < 30:
        try:
            s.sendall(b"X")
            if s.recv(100) == b"":
                break
        except socket.timeout:
            world.accept()
        except OSError:
            break
    took = time.monotonic() - began
    s.close()
    assert 5 < took < 20, took


@case("a Unix socket serves as well")
def unix(world):
    path = world.folder / "door"
    world.set(Server={"LISTEN": f"unix:{path}"})
    world.start()
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(str(path))
    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert s.recv(1000).startswith(b"HTTP/1.1 200")
    s.close()
    world.daemon.kill()
    world.start()  # over the socket that the killed one left


@case("TLS")
def tls(world):
    if shutil.which("openssl") is None:
        raise Skip("no openssl command to make a certificate")
    cert, key = world.folder / "cert.pem", world.folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    world.set(Server={"TLS_CERT": str(cert), "TLS_KEY": str(key)})
    world.start()
    host, port = world.daemon.address.split(":")
    context = ssl.create_default_context(cafile=cert)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    with socket.create_connection((host, int(port)), 20) as plain, context.wrap_socket(plain, server_hostname="localhost") as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert s.recv(1000).startswith(b"HTTP/1.1 200")


@case("the address is taken: it says so and ends")
def taken(world):
    world.start()
    world.set(Server={"LISTEN": world.daemon.address}, Store={"PATH": str(world.folder / "other")})
    code, text = world.start_refused()
    assert code == 1 and world.daemons[0].address in text, (code, text)


@case("SIGTERM answers what is under way and ends soon")
def term(world):
    world.start()
    host, port = world.daemon.address.split(":")
    idle = socket.create_connection((host, int(port)), 20)
    began = time.monotonic()
    assert world.daemon.stop() == 0
    assert time.monotonic() - began < 10
    idle.close()
    assert wait_until(lambda: world.daemon.said("stopped"), "its last word")


if __name__ == "__main__":
    main()
