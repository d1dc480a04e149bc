"""Is the played Amazon Connect as strict as it says? connect_test.py PATH/roster-sandbox; prints TAP."""
import datetime
import hashlib
import hmac
import http.client
import json
import pathlib
import subprocess
import sys
import time
import urllib.parse

INSTANCE = "abcdefgh-0122-4131-adc2-a0ebe5a2b2a7"
AGENT = "12345678-1234-2345-abd8-0aa7f5b46852"
ROUTING = "87654321-69fb-43b6-a5e6-f8666ac189cb"
KEY = {"id": "AKIASANDBOX000000001", "secret": "sandbox-secret-key"}


MODEL = json.loads((pathlib.Path(__file__).parents[2] / "sandbox" / "connect-model.json").read_text(encoding="utf-8"))
TYPES = {"string": str, "integer": int, "long": int, "float": (int, float), "timestamp": (int, float),
         "boolean": bool, "list": list, "map": dict, "structure": dict}


def check_shape(name, value, where):
    """Answers have no member that the model lacks, none of another type, and all that it requires."""
    shape = MODEL["shapes"][name]
    assert isinstance(value, TYPES[shape["type"]]), f"{where} is no {shape['type']}"
    assert value in shape.get("enum", [value]), f"{where}: {value}"
    if shape["type"] == "structure":
        for member in shape.get("required", []):
            assert member in value, f"{where} lacks {member}"
        for member, part in value.items():
            assert member in shape["members"], f"{where} has the unknown {member}"
            check_shape(shape["members"][member]["shape"], part, f"{where}.{member}")
    elif shape["type"] in ("list", "map"):
        part = shape["member" if shape["type"] == "list" else "value"]["shape"]
        for item in value if shape["type"] == "list" else value.values():
            check_shape(part, item, where + "[]")


def operation_of(method, path):
    for operation in MODEL["operations"].values():
        wanted = operation["http"]["requestUri"].split("/")
        got = path.split("/")
        if operation["http"]["method"] == method and len(got) == len(wanted) and all(
                w[:1] == "{" or w == g for w, g in zip(wanted, got)):
            return operation
    return None


def encode(text):
    return urllib.parse.quote(text, safe="-_.~")


class Sandbox:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "--quiet"], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        self.address = line.split("//")[1].strip()

    def raw(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
        finally:
            connection.close()

    def signed(self, method, path, query=(), body=None, **change):
        """The request's wire path and headers; change spoils or replaces parts of the signature."""
        key = change.get("key", KEY)
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=change.get("late_s", 0))
        date = now.strftime("%Y%m%dT%H%M%SZ")
        region, service = change.get("region", "us-east-1"), change.get("service", "connect")
        headers = {"host": self.address, "x-amz-date": date}
        if body is not None:
            headers["content-type"] = change.get("type", "application/json")
        if "token" in key:
            headers["x-amz-security-token"] = key["token"]
        pairs = sorted((encode(k), encode(v)) for k, v in query)
        query_text = "&".join(f"{k}={v}" for k, v in pairs)
        names = [n for n in sorted(headers) if n not in change.get("unsigned", ())]
        canonical = "\n".join([method, urllib.parse.quote(path, safe="-_.~/"), query_text,
                               "".join(f"{n}:{headers[n]}\n" for n in names), ";".join(names),
                               hashlib.sha256((body or "").encode()).hexdigest()])
        scope = f"{date[:8]}/{region}/{service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        secret = ("AWS4" + key["secret"]).encode()
        for part in (date[:8], region, service, "aws4_request", text):
            secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={key['id']}/{scope}, "
                                    f"SignedHeaders={';'.join(names)}, Signature={secret.hex()}")
        return path + ("?" + query_text if query_text else ""), headers

    def call(self, method, path, body=None, query=(), **change):
        """(status, code or None, answer)"""
        body = json.dumps(body) if isinstance(body, (dict, list)) else body
        wire, headers = self.signed(method, path, query, body, **change)
        status, got, data = self.raw(method, wire, body, headers)
        assert got.get("x-amzn-requestid") and got.get("date"), got
        answer = json.loads(data) if data and data[:1] in b"{[" and status != 200 or data[:1] == b"{" else data
        code = None
        if status == 200 and isinstance(answer, dict):
            operation = operation_of(method, path)
            check_shape(operation["output"]["shape"], answer, operation["name"])
        if status != 200:
            code = got.get("x-amzn-errortype") or (answer.get("__type") if isinstance(answer, dict) else "") or ""
            code = code.split(":")[0].split("#")[-1]
        return status, code, answer

    def control(self, method, path, body=None):
        status, _, data = self.raw(method, "/sandbox/" + path, None if body is None else json.dumps(body))
        assert status == 200, (path, status, data)
        return json.loads(data)

    def create(self, name, **more):
        body = {"Username": name, "IdentityInfo": {"FirstName": "Ann", "LastName": "Smith"},
                "SecurityProfileIds": [AGENT], "RoutingProfileId": ROUTING, "PhoneConfig": {"PhoneType": "SOFT_PHONE"}}
        body.update(more)
        return self.call("PUT", f"/users/{INSTANCE}", {k: v for k, v in body.items() if v is not None})

    def search(self, name, **more):
        condition = {"FieldName": "Username", "Value": name, "ComparisonType": "EXACT"}
        return self.call("POST", "/search-users",
                         {"InstanceId": INSTANCE, "SearchCriteria": {"StringCondition": condition}, **more})


def is_equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def open_throttle(s):
    s.control("POST", "throttle", {"operation": "*", "rate": 0})


def test_signature(s):
    path = f"/users-summary/{INSTANCE}"
    for change, wanted in [
            ({}, None),
            ({"key": {"id": "AKIANOBODY", "secret": "x"}}, "UnrecognizedClientException"),
            ({"key": {"id": KEY["id"], "secret": "wrong"}}, "InvalidSignatureException"),
            ({"key": dict(KEY, token="none")}, "UnrecognizedClientException"),
            ({"late_s": -400}, "InvalidSignatureException"), ({"late_s": 400}, "InvalidSignatureException"),
            ({"late_s": -200}, None),
            ({"region": "eu-west-2"}, "InvalidSignatureException"), ({"service": "sts"}, "InvalidSignatureException"),
            ({"unsigned": ["host"]}, "InvalidSignatureException")]:
        is_equal((change, s.call("GET", path, **change)[1]), (change, wanted))
    status, headers, body = s.raw("GET", path)
    is_equal(status, 403)
    status, headers, _ = s.raw("GET", path, headers={"authorization": "AWS4-HMAC-SHA256 nonsense"})
    is_equal(status, 403)
    is_equal(s.call("GET", "/no/such/route")[1], "MissingAuthenticationTokenException")
    is_equal(s.call("POST", f"/users/{INSTANCE}", "{}", unsigned=["content-type"])[0], 403)


def test_clock(s):
    s.control("POST", "clock", {"offset_s": 1000})
    status, headers, _ = s.raw("GET", *[f"/users-summary/{INSTANCE}"])
    wire, signed = s.signed("GET", f"/users-summary/{INSTANCE}")
    status, headers, _ = s.raw("GET", wire, None, signed)
    is_equal(status, 403)
    date = datetime.datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S GMT")
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    assert 990 < (date - now).total_seconds() < 1010, headers["date"]
    is_equal(s.call("GET", f"/users-summary/{INSTANCE}", late_s=1000)[0], 200)
    s.control("POST", "clock", {"offset_s": 0})


def test_validation(s):
    for more, wanted in [
            ({"Username": None}, "InvalidRequestException"), ({"Username": "a"}, "InvalidParameterException"),
            ({"Username": "a b"}, "InvalidParameterException"), ({"Username": "x" * 65}, "InvalidParameterException"),
            ({"Username": 5}, "InvalidRequestException"), ({"Nonsense": 1}, "InvalidRequestException"),
            ({"InstanceId": INSTANCE}, "InvalidRequestException"),
            ({"SecurityProfileIds": []}, "InvalidParameterException"),
            ({"SecurityProfileIds": [AGENT] * 2}, "InvalidParameterException"),
            ({"SecurityProfileIds": [str(i) for i in range(11)]}, "InvalidParameterException"),
            ({"SecurityProfileIds": ["none"]}, "ResourceNotFoundException"),
            ({"RoutingProfileId": "none"}, "ResourceNotFoundException"),
            ({"HierarchyGroupId": "none"}, "ResourceNotFoundException"),
            ({"Password": "Aa345678"}, "InvalidParameterException"), ({"DirectoryUserId": "d"}, "InvalidParameterException"),
            ({"IdentityInfo": None}, "InvalidParameterException"),
            ({"IdentityInfo": {"FirstName": "A", "LastName": ""}}, "InvalidParameterException"),
            ({"IdentityInfo": {"FirstName": "A", "LastName": "x" * 301}}, "InvalidParameterException"),
            ({"IdentityInfo": {"FirstName": "Zoe\u0308", "LastName": "B"}}, "InvalidParameterException"),
            ({"IdentityInfo": {"FirstName": "A", "LastName": "B", "Email": "a@b.cc"}}, "InvalidParameterException"),
            ({"IdentityInfo": {"FirstName": "A", "LastName": "B", "Mobile": "123"}}, "InvalidParameterException"),
            ({"IdentityInfo": {"FirstName": "A", "LastName": "B", "Nick": "123"}}, "InvalidRequestException"),
            ({"PhoneConfig": {"PhoneType": "CELL"}}, "InvalidParameterException"),
            ({"PhoneConfig": {"PhoneType": "SOFT_PHONE", "AfterContactWorkTimeLimit": -1}}, "InvalidParameterException"),
            ({"PhoneConfig": {"PhoneType": "SOFT_PHONE", "AutoAccept": True},
              "AutoAcceptConfigs": [{"Channel": "VOICE", "AutoAccept": True}]}, "InvalidParameterException"),
            ({"AutoAcceptConfigs": [{"Channel": "VOICE"}]}, "InvalidRequestException"),
            ({"Tags": {}}, "InvalidParameterException"), ({"Tags": {"aws:x": "y"}}, "InvalidParameterException"),
            ({"Tags": {"k": "v" * 257}}, "InvalidParameterException"), ({"Tags": {"a?": "y"}}, "InvalidParameterException"),
            ({"Tags": {str(i): "" for i in range(51)}}, "InvalidParameterException")]:
        is_equal((more, s.create("fine", **{k: v for k, v in more.items()})[1] if "Username" not in more
                  else s.create(more["Username"])[1]), (more, wanted))
    is_equal(s.call("PUT", f"/users/{INSTANCE}", "{", )[1], "InvalidRequestException")
    is_equal(s.call("PUT", "/users/other", {"Username": "ab", "SecurityProfileIds": [AGENT],
                                            "RoutingProfileId": ROUTING})[1], "ResourceNotFoundException")
    for query in [[("maxResults", "0")], [("maxResults", "1001")], [("maxResults", "x")], [("MaxResults", "5")],
                  [("nextToken", "x")]]:
        is_equal((query, s.call("GET", f"/users-summary/{INSTANCE}", query=query)[0]), (query, 400))
    is_equal(s.control("GET", "agents"), {"agents": []})


def test_users(s):
    status, _, made = s.create("ann@example.com", Tags={"roster:managed-by": "roster", "roster:okta-id": "00u1"})
    is_equal(status, 200)
    is_equal(made["UserArn"].split("/")[-1], made["UserId"])
    is_equal(s.create("ann@example.com")[:2], (409, "DuplicateResourceException"))
    is_equal(s.create("Ann@example.com")[0], 200)  # names are case sensitive
    status, _, got = s.call("GET", f"/users/{INSTANCE}/{made['UserId']}")
    is_equal(got["User"]["Tags"]["roster:okta-id"], "00u1")
    is_equal(got["User"]["IdentityInfo"], {"FirstName": "Ann", "LastName": "Smith"})
    found = s.search("ANN@example.com")[2]["Users"]
    is_equal(sorted(u["Username"] for u in found), ["Ann@example.com", "ann@example.com"])
    path = f"/users/{INSTANCE}/{made['UserId']}"
    for what, body in [
            ("phone-config", {"PhoneConfig": {"PhoneType": "SOFT_PHONE", "AfterContactWorkTimeLimit": 30}}),
            ("identity-info", {"IdentityInfo": {"FirstName": "Anna", "LastName": "Smith", "SecondaryEmail": "a@b.cc"}}),
            ("hierarchy", {"HierarchyGroupId": "11111111-aaaa-4bbb-8ccc-000000000002"}),
            ("security-profiles", {"SecurityProfileIds": ["0a345678-1234-4345-abd8-0aa7f5b46852"]}),
            ("config", {"AutoAcceptConfigs": [{"Channel": "CHAT", "AutoAccept": True}]}),
            ("associate-proficiencies", {"UserProficiencies": [
                {"AttributeName": "Language", "AttributeValue": "German", "Level": 4.0}]})]:
        is_equal((what, s.call("POST", f"{path}/{what}", body)), (what, (200, None, b"")))
    user = [u for u in s.search("ann@example.com")[2]["Users"] if u["Id"] == made["UserId"]][0]
    is_equal(user["PhoneConfig"]["AfterContactWorkTimeLimit"], 30000)
    is_equal(user["IdentityInfo"], {"FirstName": "Anna", "LastName": "Smith"})
    is_equal(s.call("GET", f"{path}/proficiencies")[2]["UserProficiencyList"][0]["Level"], 4.0)
    arn = "/tags/" + urllib.parse.quote(made["UserArn"], safe="")
    is_equal(s.call("POST", arn, {"tags": {"team": "a/b", "x y": "z"}})[0], 200)
    is_equal(s.call("DELETE", arn, query=[("tagKeys", "x y"), ("tagKeys", "roster:okta-id")])[0], 200)
    is_equal(s.call("GET", arn)[2]["tags"], {"roster:managed-by": "roster", "team": "a/b"})
    for criteria, n in [
            ({"HierarchyGroupCondition": {"Value": "11111111-aaaa-4bbb-8ccc-000000000001",
                                          "HierarchyGroupMatchType": "WITH_CHILD_GROUPS"}}, 1),
            ({"HierarchyGroupCondition": {"Value": "11111111-aaaa-4bbb-8ccc-000000000001",
                                          "HierarchyGroupMatchType": "EXACT"}}, 0),
            ({"OrConditions": [{"StringCondition": {"FieldName": "FirstName", "Value": "an", "ComparisonType": "STARTS_WITH"}}]}, 2),
            ({"ListCondition": {"TargetListType": "PROFICIENCIES", "Conditions": [
                {"StringCondition": {"FieldName": "Language", "Value": "German", "ComparisonType": "EXACT"}},
                {"NumberCondition": {"FieldName": "Language", "MinValue": 3, "ComparisonType": "GREATER"}}]}}, 1)]:
        answer = s.call("POST", "/search-users", {"InstanceId": INSTANCE, "SearchCriteria": criteria})
        is_equal((criteria, len(answer[2]["Users"])), (criteria, n))
    tag = {"TagCondition": {"TagKey": "team", "TagValue": "a/b"}}
    answer = s.call("POST", "/search-users", {"InstanceId": INSTANCE, "SearchFilter": {"TagFilter": tag}})
    is_equal(len(answer[2]["Users"]), 1)
    both = {"TagFilter": tag, "UserAttributeFilter": tag}
    is_equal(s.call("POST", "/search-users", {"InstanceId": INSTANCE, "SearchFilter": both})[1], "AccessDeniedException")
    is_equal(s.call("DELETE", path), (200, None, b""))
    is_equal(s.call("DELETE", path)[:2], (404, "ResourceNotFoundException"))
    is_equal([a["Username"] for a in s.control("GET", "agents")["agents"]], ["Ann@example.com"])


def test_things(s):
    for path, key, n in [("security-profiles-summary", "SecurityProfileSummaryList", 4),
                         ("routing-profiles-summary", "RoutingProfileSummaryList", 3),
                         ("user-hierarchy-groups-summary", "UserHierarchyGroupSummaryList", 4),
                         ("predefined-attributes", "PredefinedAttributeSummaryList", 2),
                         ("agent-status", "AgentStatusSummaryList", 3), ("quick-connects", "QuickConnectSummaryList", 1)]:
        is_equal((path, len(s.call("GET", f"/{path}/{INSTANCE}")[2][key])), (path, n))
    is_equal(s.call("GET", f"/instance/{INSTANCE}")[2]["Instance"]["IdentityManagementType"], "SAML")
    is_equal(len(s.call("GET", "/instance")[2]["InstanceSummaryList"]), 1)
    group = s.call("POST", "/search-user-hierarchy-groups", {"InstanceId": INSTANCE, "SearchCriteria": {
        "StringCondition": {"FieldName": "name", "Value": "sales", "ComparisonType": "EXACT"}}})[2]
    is_equal(group["UserHierarchyGroups"][0]["HierarchyPath"]["LevelOne"]["Name"], "Europe")
    for path in [f"/security-profiles/{INSTANCE}/{AGENT}", f"/routing-profiles/{INSTANCE}/{ROUTING}",
                 f"/user-hierarchy-groups/{INSTANCE}/11111111-aaaa-4bbb-8ccc-000000000002",
                 f"/user-hierarchy-structure/{INSTANCE}", f"/predefined-attributes/{INSTANCE}/Language",
                 f"/quick-connects/{INSTANCE}/33333333-aaaa-4bbb-8ccc-000000000001",
                 f"/instance/{INSTANCE}/attributes", f"/instance/{INSTANCE}/attribute/CONTACT_LENS"]:
        is_equal((path, s.call("GET", path)[0]), (path, 200))
    for what in ("security-profiles", "routing-profiles", "predefined-attributes", "resource-tags"):
        is_equal((what, s.call("POST", f"/search-{what}", {"InstanceId": INSTANCE})[0]), (what, 200))
    is_equal(s.call("DELETE", f"/quick-connects/{INSTANCE}/33333333-aaaa-4bbb-8ccc-000000000001"), (200, None, b""))
    s.control("POST", "agent", {"name": "busy", "status": "Available", "contacts": 1})
    agent = s.control("GET", "agents")["agents"][-1]
    data = s.call("POST", f"/metrics/userdata/{INSTANCE}", {"Filters": {"Agents": [agent["Id"]]}})[2]
    is_equal((data["UserDataList"][0]["Status"]["StatusName"], len(data["UserDataList"][0]["Contacts"])), ("Available", 1))
    status = {"AgentStatusId": "22222222-aaaa-4bbb-8ccc-000000000003"}
    is_equal(s.call("PUT", f"/users/{INSTANCE}/{agent['Id']}/status", status), (200, None, {}))
    s.control("DELETE", "agent/busy")
    s.control("POST", "instance", {"exists": False})
    is_equal(s.call("GET", f"/instance/{INSTANCE}")[1], "ResourceNotFoundException")
    s.control("POST", "instance", {"exists": True})


def test_paging(s):
    for i in range(25):
        is_equal(s.create(f"page{i:02}", Tags={"page": "1"})[0], 200)
    tag = {"TagFilter": {"TagCondition": {"TagKey": "page", "TagValue": "1"}}}
    for limit in (1, 5, 7):
        names, tokens, token, body = [], [], None, {"InstanceId": INSTANCE, "MaxResults": limit, "SearchFilter": tag}
        while True:
            answer = s.call("POST", "/search-users", dict(body, NextToken=token) if token else body)[2]
            names += [u["Username"] for u in answer["Users"]]
            token = answer.get("NextToken")
            if token is None:
                break
            tokens.append(token)
        is_equal(sorted(names), [f"page{i:02}" for i in range(25)])
        assert all(c in tokens[0] for c in "+/="), tokens[0]
    names, query = [], [("maxResults", "4")]
    while True:
        answer = s.call("GET", f"/users-summary/{INSTANCE}", query=query)[2]
        names += [u["Username"] for u in answer["UserSummaryList"]]
        if "NextToken" not in answer:
            break
        query = [("maxResults", "4"), ("nextToken", answer["NextToken"])]
    is_equal(len([n for n in names if n.startswith("page")]), 25)
    is_equal(len(set(names)), len(names))
    wrong = s.call("POST", "/search-users", {"InstanceId": INSTANCE, "NextToken": tokens[0]})
    is_equal(wrong[1], "InvalidParameterException")


def test_generate(s):
    s.control("POST", "agents", {"generate": {"agents": 60, "from": 5, "name": "gen{n:5}", "last": "No {n}", "id": "made{n:6}",
                                              "tags": {"of": "{n:id}"}}})
    everyone = {u["Username"]: u for u in s.control("GET", "agents")["agents"] if u["Username"].startswith("gen")}
    is_equal((len(everyone), everyone["gen00017"]["Id"], everyone["gen00017"]["IdentityInfo"]["LastName"]), (60, "made000017", "No 17"))
    ids = [u["Tags"]["of"] for u in everyone.values()]
    is_equal((len(set(ids)), {len(one) for one in ids}), (60, {11}))
    assert ids != sorted(ids), "ids in order are no good likeness of Okta's"
    for body, status in (({"agents": 1, "from": 5, "name": "gen{n:5}"}, 409), ({"agents": 1, "name": "same"}, 400)):
        is_equal(s.raw("POST", "/sandbox/agents", json.dumps({"generate": body}))[0], status)


def test_delay(s):
    s.control("POST", "delays", {"search_ms": 400, "list_ms": 400})
    is_equal(s.create("late")[0], 200)
    is_equal(s.search("late")[2]["Users"], [])
    is_equal(len([a for a in s.control("GET", "agents")["agents"] if a["Username"] == "late"]), 1)
    time.sleep(0.5)
    found = s.search("late")[2]["Users"]
    is_equal(len(found), 1)
    s.call("DELETE", f"/users/{INSTANCE}/{found[0]['Id']}")
    is_equal(len(s.search("late")[2]["Users"]), 1)
    time.sleep(0.5)
    is_equal(s.search("late")[2]["Users"], [])
    s.control("POST", "delays", {"search_ms": 0, "list_ms": 0, "read_ms": 400})
    path = f"/users/{INSTANCE}/" + s.create("early")[2]["UserId"]
    is_equal(s.call("GET", path)[0], 404)
    codes = {s.call("POST", path + "/hierarchy", {})[1] for _ in range(4)}
    is_equal(codes, {"ResourceNotFoundException", "InvalidRequestException"})
    time.sleep(0.5)
    is_equal(s.call("GET", path)[0], 200)
    s.control("POST", "delays", {"search_ms": 0, "list_ms": 0, "read_ms": 0})


def test_throttle(s):
    s.control("POST", "throttle", {"operation": "CreateUser", "rate": 2, "burst": 5})
    s.control("POST", "calls/reset")
    got = [s.create(f"burst{i}") for i in range(9)]
    is_equal([g[0] for g in got], [200] * 5 + [429] * 4)
    is_equal({g[1] for g in got[5:]}, {"ThrottlingException", "TooManyRequestsException"})
    calls = s.control("GET", "calls")["CreateUser"]
    is_equal((calls["ok"], calls["throttled"], calls["failed"]), (5, 4, 0))
    time.sleep(0.6)
    is_equal(s.create("later")[0], 200)
    open_throttle(s)


def test_quota(s):
    s.control("POST", "quota", {"users": s.control("GET", "instance")["users"]})
    is_equal(s.create("toomany")[:2], (429, "LimitExceededException"))
    s.control("POST", "quota", {"users": 500})


def test_faults(s):
    def broken(kind, name, is_made):
        s.control("POST", "faults", {"operation": "CreateUser", "count": 1, "kinds": [kind]})
        try:
            got = s.create(name)
        except (http.client.HTTPException, ConnectionError, TimeoutError, ValueError) as error:
            got = (0, type(error).__name__, None)
        s.control("POST", "faults", {"operation": "CreateUser", "kinds": []})
        names = [a["Username"] for a in s.control("GET", "agents")["agents"]]
        is_equal((kind, name in names), (kind, is_made))
        return got

    is_equal(broken("throttle", "f-throttle", False)[:2], (429, "ThrottlingException"))
    is_equal(broken("limit", "f-limit", False)[:2], (429, "LimitExceededException"))
    is_equal(broken("internal", "f-internal", False)[:2], (500, "InternalServiceException"))
    is_equal(broken("unavailable_html", "f-html", False)[0], 503)
    is_equal(broken("expired_token", "f-expired", False)[:2], (403, "ExpiredTokenException"))
    is_equal(broken("cut_before", "f-before", False)[0], 0)
    is_equal(broken("cut_after", "f-after", True)[0], 0)
    is_equal(broken("half_answer", "f-half", True)[0], 0)
    is_equal(broken("empty_ok", "f-empty", True), (200, None, b""))
    is_equal(broken("garbage_ok", "f-garbage", True)[0], 0)
    s.control("POST", "faults", {"operation": "CreateUser", "count": 1, "kinds": ["slow"], "delay_ms": 300})
    start = time.monotonic()
    is_equal(s.create("f-slow")[0], 200)
    assert time.monotonic() - start > 0.29
    log = s.control("GET", "calls?log=1")["calls"]
    is_equal((log[-1]["user"], log[-1]["fault"], log[-1]["done"]), ("f-slow", "slow", True))


def test_credentials(s):
    status, _, token = s.raw("PUT", "/latest/api/token", headers={"x-aws-ec2-metadata-token-ttl-seconds": "60"})
    metadata = {"x-aws-ec2-metadata-token": token.decode()}
    role = s.raw("GET", "/latest/meta-data/iam/security-credentials/", headers=metadata)[2].decode()
    given = [json.loads(s.raw("GET", f"/latest/meta-data/iam/security-credentials/{role}", headers=metadata)[2]),
             json.loads(s.raw("GET", "/container-credentials")[2])]
    form = urllib.parse.urlencode({"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": "arn:x",
                                   "RoleSessionName": "roster", "WebIdentityToken": "eyJ"})
    status, _, answer = s.raw("POST", "/", form, {"content-type": "application/x-www-form-urlencoded"})
    is_equal(status, 200)
    part = {n: answer.decode().split(f"<{n}>")[1].split("<")[0] for n in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
    given.append(dict(part, Token=part["SessionToken"]))
    for c in given:
        key = {"id": c["AccessKeyId"], "secret": c["SecretAccessKey"], "token": c["Token"]}
        is_equal(s.call("GET", "/instance", key=key)[0], 200)
    s.control("POST", "keys", {"expire": True})
    is_equal(s.call("GET", "/instance", key=key)[1], "ExpiredTokenException")
    is_equal(s.raw("GET", "/latest/meta-data/iam/security-credentials/")[0], 401)


def main():
    refused = subprocess.run([sys.argv[1], "--listen", "0.0.0.0:0"], capture_output=True, check=False)
    s = Sandbox(sys.argv[1])
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    failed = 0
    print(f"1..{len(tests) + 2}")
    print(("ok" if refused.returncode == 64 else "not ok") + " 1 - other than loopback is refused")
    failed += refused.returncode != 64
    for i, (name, function) in enumerate(tests, 2):
        try:
            open_throttle(s)
            function(s)
            print(f"ok {i} - {name[5:]}")
        except Exception as error:  # each test stands for itself
            failed += 1
            print(f"not ok {i} - {name[5:]}\n# {type(error).__name__}: {str(error)[:600]}")
    s.process.terminate()
    code = s.process.wait(10)
    failed += code != 0
    print(("ok" if code == 0 else "not ok") + f" {len(tests) + 2} - SIGTERM ends it with 0")
    sys.exit(failed != 0)


main()
