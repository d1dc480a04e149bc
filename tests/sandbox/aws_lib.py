"""Calls of AWS's JSON services, signed by hand, against roster-sandbox: for the tests of the played services and of Lambda."""
import datetime
import hashlib
import hmac
import http.client
import json
import subprocess

KEY = {"id": "AKIASANDBOX000000001", "secret": "sandbox-secret-key"}
TARGETS = {"sqs": ("AmazonSQS", "1.0"), "secretsmanager": ("secretsmanager", "1.1"), "ssm": ("AmazonSSM", "1.1")}


def is_equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


class Answer:
    def __init__(self, status, headers, data):
        self.status, self.headers, self.data = status, headers, data

    def json(self):
        return json.loads(self.data)

    def code(self):
        """The error's name, without its prefix; None for 200."""
        return None if self.status == 200 else self.json()["__type"].split("#")[-1]

    def __repr__(self):
        return f"{self.status} {self.data[:300]!r}"


def signed_headers(address, body, service, target, key=None, **change):
    """The headers of POST /; change replaces region, signing or type, or says late_s."""
    key = key or KEY
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=change.get("late_s", 0))
    date = now.strftime("%Y%m%dT%H%M%SZ")
    region, signing = change.get("region", "us-east-1"), change.get("signing", service)
    headers = {"content-type": change.get("type", f"application/x-amz-json-{TARGETS[service][1]}"), "host": address,
               "x-amz-date": date, "x-amz-target": target}
    if "token" in key:
        headers["x-amz-security-token"] = key["token"]
    names = sorted(headers)
    canonical = "\n".join(["POST", "/", "", "".join(f"{n}:{headers[n]}\n" for n in names), ";".join(names),
                           hashlib.sha256(body).hexdigest()])
    scope = f"{date[:8]}/{region}/{signing}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret = ("AWS4" + key["secret"]).encode()
    for part in (date[:8], region, signing, "aws4_request", text):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={key['id']}/{scope}, SignedHeaders={';'.join(names)}, "
                                f"Signature={secret.hex()}")
    return headers


def raw(address, method, path, body=None, headers=None, timeout=30):
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def call(address, service, operation, key=None, timeout=30, body=None, **members):
    """members are the input's; body replaces it, headers of the signature go in change={…}."""
    change = members.pop("change", {})
    data = body if body is not None else json.dumps(members, ensure_ascii=False).encode()
    headers = signed_headers(address, data, service, f"{TARGETS[service][0]}.{operation}", key, **change)
    answer = raw(address, "POST", "/", data, headers, timeout)
    assert answer.headers.get("x-amzn-requestid"), answer.headers
    return answer


class Sandbox:
    def __init__(self, program, *words):
        self.process = subprocess.Popen([program, "--quiet", *words], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        self.address = line.split("//")[1].strip()

    def call(self, service, operation, **members):
        return call(self.address, service, operation, **members)

    def good(self, service, operation, **members):
        answer = self.call(service, operation, **members)
        assert answer.status == 200, answer
        return answer.json()

    def control(self, method, path, **body):
        answer = raw(self.address, method, "/sandbox/" + path, json.dumps(body) if body else None)
        assert answer.status == 200, (path, answer)
        return answer.json()

    def stop(self):
        self.process.terminate()
        return self.process.wait(10)


def run_tests(program, tests):
    """Each function test_… gets a sandbox of its own; prints TAP. Returns the number that failed."""
    failed = 0
    print(f"1..{len(tests)}")
    for i, (name, function) in enumerate(tests, 1):
        s = Sandbox(program)
        try:
            function(s)
            assert s.stop() == 0, "SIGTERM did not end it with 0"
            print(f"ok {i} - {name[5:]}")
        except NotImplementedError as why:
            s.stop()
            print(f"ok {i} - {name[5:]} # SKIP {why}")
        except Exception as error:  # each test stands for itself
            failed += 1
            s.process.kill()
            s.process.wait()
            print(f"not ok {i} - {name[5:]}\n# {type(error).__name__}: {str(error)[:600]}")
    return failed
