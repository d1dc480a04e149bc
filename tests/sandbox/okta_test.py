"""Is the played Okta org as strict as it says, and does it tell what happens? okta_test.py PATH/roster-sandbox; prints TAP."""
import http.client
import json
import re
import subprocess
import time
import urllib.parse

from okta_lib import FOLDER, TOKEN, Sandbox, is_equal, main, quote


# ---- reading ----

def test_users(s):
    ann = s.user("Ann.Smith@acme.com", profile={"department": "Claims"})
    for name in (ann, "Ann.Smith@acme.com", "ann.smith@ACME.com", quote("ann.smith@acme.com")):
        is_equal(s.get("users/" + name).json()["id"], ann)
    shown = s.get("users/" + ann).json()
    is_equal((shown["status"], shown["profile"]["email"], shown["profile"]["department"]),
             ("ACTIVE", "Ann.Smith@acme.com", "Claims"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", shown["lastUpdated"]), shown
    assert shown["_links"]["suspend"] and "credentials" in shown
    missing = s.get("users/00unobody")
    is_equal((missing.status, missing.code(), missing.json()["errorSummary"]),
             (404, "E0000007", "Not found: Resource not found: 00unobody (User)"))
    slim = s.get("users?limit=1", headers={"Content-Type": 'application/json; okta-response="omitCredentials"'})
    assert "credentials" not in slim.json()[0]
    is_equal(s.get("users", headers={"Accept": "text/html"}).code(), "E0000019")
    is_equal(s.call("PATCH", "/api/v1/users/" + ann).code(), "E0000022")
    is_equal(s.get("nothing").json(), {"status": 404, "message": "Resource not found"})
    for body in ({"login": "ann.smith@acme.com"}, {"login": "a"}, {"login": "x" * 101}, {"first": "no login"},
                 {"login": "fine@acme.com", "first": "x" * 51}, {"login": "fine@acme.com", "nonsense": 1},
                 {"login": "fine@acme.com", "status": "WELL"}):
        assert s.call("POST", "/sandbox/okta/user", body).status in (400, 409), body


def test_users_list(s):
    s.control("users", {"generate": {"users": 450, "login": "page{n:4}@acme.com", "first": "Page", "last": "P{n}"}})
    gone = s.user("page.gone@acme.com")
    s.control("status", {"user": gone, "do": "deactivate"})
    for path, pages in (("users?limit=200", 3), ("users", 3), ("users?limit=500", 3), ("users?limit=113", 4)):
        items, n = s.all(path)
        assert n >= pages, (path, n)
        is_equal(len({u["id"] for u in items}), len(items))
        is_equal(len([u for u in items if u["profile"]["login"].startswith("page")]), 450)
    first = s.get("users?limit=3")
    assert "%" in first.link("next").split("after=")[1], "a cursor that must not be taken apart"
    is_equal(urllib.parse.urlsplit(first.link("self")).query, "limit=3")
    assert s.get("users?limit=4&after=nonsense").code() == "E0000031"
    other = first.link("next").replace("/users?", "/groups?")
    is_equal(s.call("GET", other).status, 400)
    is_equal(s.get("users?limit=x").code(), "E0000001")
    is_equal(len(s.get("users?q=pAge").json()), 10)
    is_equal(len(s.get("users?q=P10&limit=200").json()), 11)
    deprovisioned = s.get("users?filter=" + quote('status eq "DEPROVISIONED"')).json()
    assert gone in [u["id"] for u in deprovisioned]
    found = s.get("users?search=" + quote('profile.login eq "PAGE0007@acme.com" and not (status eq "STAGED")')).json()
    is_equal([u["profile"]["lastName"] for u in found], ["P7"])
    is_equal(len(s.get("users?search=" + quote('profile.login sw "page00" or id eq "none"')).json()), 99)
    later = quote('lastUpdated gt "2099-01-01T00:00:00.000Z"')
    is_equal(s.get("users?filter=" + later).json(), [])
    is_equal(len(s.get("users?limit=200&filter=" + later.replace("gt", "lt")).json()), 200)
    for bad in ('profile.department eq "x"', 'status sw "A"', "status eq", '(status eq "ACTIVE"', 'status is "A"'):
        is_equal((bad, s.get("users?filter=" + quote(bad)).code()), (bad, "E0000031"))
    is_equal(s.get("users?search=" + quote('status ne "ACTIVE"')).code(), "E0000031")


def test_groups(s):
    sales = s.control("group", {"name": "Sales", "profile": {"site": "Ulm"}})["id"]
    s.control("group", {"name": "Sales North", "description": "up there"})
    people = [s.user(f"sales{i}@acme.com") for i in range(5)]
    before = s.get("groups/" + sales).json()["lastMembershipUpdated"]
    time.sleep(1.1)
    s.control("member", {"group": "Sales", "users": people})
    shown = s.get("groups/" + sales).json()
    is_equal((shown["profile"]["site"], shown["type"], shown["objectClass"]), ("Ulm", "OKTA_GROUP", ["okta:user_group"]))
    assert shown["lastMembershipUpdated"] > before and shown["lastUpdated"] <= before
    is_equal(len(s.get("groups?q=sALES").json()), 2)
    is_equal(s.get("groups?q=Sales").link("self"), None)
    is_equal([g["id"] for g in s.get("groups?search=" + quote('profile.name eq "Sales"')).json()], [sales])
    is_equal(len(s.get("groups?search=" + quote('profile.description co "there"')).json()), 1)
    is_equal(s.get("groups?search=" + quote('profile.site co "U"')).code(), "E0000031")
    is_equal([g["profile"]["name"] for g in s.get("groups?filter=" + quote('type eq "BUILT_IN"')).json()], ["Everyone"])
    is_equal(len(s.get("groups?filter=" + quote('lastMembershipUpdated gt "%s"' % before) + "&limit=1").json()), 1)
    counted = {g["profile"]["name"]: g["_embedded"]["stats"]["usersCount"] for g in s.get("groups?expand=stats").json()}
    is_equal((counted["Sales"], counted["Sales North"]), (5, 0))
    items, pages = s.all(f"groups/{sales}/users?limit=2")
    is_equal(([u["id"] for u in items], pages), (people, 3))
    is_equal(s.get(f"groups/{sales}/users").link("self"), f"{s.base}/api/v1/groups/{sales}/users?limit=1000")
    is_equal([g["profile"]["name"] for g in s.get(f"users/{people[0]}/groups").json()], ["Everyone", "Sales"])
    s.control("member/remove", {"group": "Sales", "user": people[0]})
    s.control("status", {"user": people[1], "do": "deactivate"})
    is_equal([u["id"] for u in s.get(f"groups/{sales}/users").json()], people[2:])
    is_equal(s.get("groups/00gnone").json()["errorSummary"], "Not found: Resource not found: 00gnone (UserGroup)")
    path = f"/api/v1/groups/{sales}/users/{people[0]}"
    assert s.raw(f"PUT {path} HTTP/1.1\r\nHost: {s.address}\r\nAuthorization: SSWS {TOKEN}\r\n\r\n").startswith("HTTP/1.1 411")
    is_equal(s.call("PUT", path, headers={"Content-Length": "0"}).status, 204)
    is_equal(s.call("DELETE", f"/api/v1/groups/{sales}/users/{people[0]}").status, 204)


def test_apps(s):
    app = s.control("app", {"label": "Amazon Connect", "groups": []})["id"]
    s.control("app", {"label": "Amazon Q"})
    group = s.control("group", {"name": "Agents of it"})["id"]
    people = [s.user(f"app{i}@acme.com") for i in range(7)]
    s.control("member", {"group": group, "users": people[:4]})
    s.control("assign", {"app": app, "group": group, "priority": 3, "profile": {"routing": "Basic"}})
    s.control("assign", {"app": app, "user": people[0]})
    s.control("assign", {"app": app, "user": people[5], "user_name": "five", "profile": {"site": "Ulm"}})
    is_equal([a["label"] for a in s.get("apps?q=amazon").json() if a["label"].endswith("Connect")], ["Amazon Connect"])
    is_equal(s.get("apps?limit=1&q=Amazon").link("next") is None, False)
    is_equal([a["id"] for a in s.get("apps?filter=" + quote(f'user.id eq "{people[5]}"')).json()], [app])
    is_equal([a["id"] for a in s.get("apps?filter=" + quote(f'group.id eq "{group}"')).json()], [app])
    is_equal(s.get("apps?filter=" + quote('label eq "x"')).code(), "E0000031")
    is_equal(s.get("apps?after=nonsense").json()["errorCauses"], [{"errorSummary": "Invalid cursor."}])
    is_equal(s.get("apps/" + app).json()["credentials"]["userNameTemplate"]["template"], "${source.login}")
    items, pages = s.all(f"apps/{app}/users?limit=2&expand=user")
    is_equal(([u["id"] for u in items], pages), (people[:4] + [people[5]], 3))
    is_equal([u["scope"] for u in items], ["USER", "GROUP", "GROUP", "GROUP", "USER"])
    is_equal((items[0]["credentials"]["userName"], items[4]["credentials"]["userName"]), ("app0@acme.com", "five"))
    is_equal((items[4]["_embedded"]["user"]["profile"]["login"], items[4]["profile"]), ("app5@acme.com", {"site": "Ulm"}))
    assert "group" in items[1]["_links"] and "group" not in items[0]["_links"]
    is_equal(s.get(f"apps/{app}/users").link("self"), f"{s.base}/api/v1/apps/{app}/users?limit=50")
    is_equal(s.get(f"apps/{app}/users?limit=501").code(), "E0000001")
    is_equal([u["id"] for u in s.get(f"apps/{app}/users?q=fiv").json()], [people[5]])
    is_equal(s.get(f"apps/{app}/users/{people[1]}").json()["scope"], "GROUP")
    missing = s.get(f"apps/{app}/users/{people[6]}")
    is_equal((missing.status, missing.code()), (404, "E0000007"))
    is_equal([(g["id"], g["priority"], g["profile"]) for g in s.get(f"apps/{app}/groups").json()],
             [(group, 3, {"routing": "Basic"})])
    is_equal(s.get(f"apps/{app}/groups/{group}").json()["priority"], 3)
    is_equal([a["id"] for a in s.get(f"groups/{group}/apps").json()], [app])
    is_equal([a["label"] for a in s.get(f"users/{people[5]}/appLinks").json()], ["Amazon Connect"])
    s.control("unassign", {"app": app, "user": people[0]})
    is_equal(s.get(f"apps/{app}/users/{people[0]}").json()["scope"], "GROUP")
    s.control("member/remove", {"group": group, "user": people[0]})
    is_equal(s.get(f"apps/{app}/users/{people[0]}").status, 404)
    short = s.control("app", {"label": "Short", "user_name_template": '${fn:substringBefore(source.login, "@")}'})["id"]
    s.control("assign", {"app": short, "user": people[2]})
    is_equal(s.get(f"apps/{short}/users/{people[2]}").json()["credentials"]["userName"], "app2")


# ---- what happens and what is told ----

def test_events(s):
    app = s.control("app", {"label": "Phone"})["id"]
    group = s.control("group", {"name": "Phone people"})["id"]
    s.control("assign", {"app": app, "group": group})
    ann = s.user("ev.ann@acme.com")
    both = {"group.user_membership.add", "application.user_membership.add"}
    orders = set()
    for i in range(6):
        events = s.events_of("member", {"group": group, "user": s.user(f"ev{i}@acme.com")})
        is_equal({e["eventType"] for e in events}, both)
        is_equal(len({e["transaction"]["id"] for e in events}), 1)
        orders.add(events[0]["eventType"])
    is_equal(orders, both)
    events = {e["eventType"]: e for e in s.events_of("member", {"group": group, "user": ann})}
    targets = events["application.user_membership.add"]["target"]
    is_equal([(t["type"], t["id"][:3], t["alternateId"], t["displayName"]) for t in targets],
             [("AppUser", "0ua", "ev.ann@acme.com", "Ann Smith"), ("AppInstance", "0oa", "Phone", "Phone"),
              ("User", "00u", "ev.ann@acme.com", "Ann Smith")])
    is_equal([(t["type"], t["alternateId"], t["displayName"]) for t in events["group.user_membership.add"]["target"]],
             [("User", "ev.ann@acme.com", "Ann Smith"), ("UserGroup", "unknown", "Phone people")])
    is_equal(s.types_of("member", {"group": group, "user": ann}), [])
    is_equal(s.types_of("assign", {"app": app, "user": ann}), [])
    is_equal(s.types_of("member/remove", {"group": group, "user": ann}), ["group.user_membership.remove"])
    is_equal(s.types_of("unassign", {"app": app, "user": ann}), ["application.user_membership.remove"])
    staged = s.user("ev.staged@acme.com", status="STAGED", groups=["Phone people"])
    is_equal(s.get(f"apps/{app}/users/{staged}").status, 404)
    told = s.events_of("status", {"user": staged, "do": "activate"})
    is_equal([e["eventType"] for e in told], ["user.lifecycle.activate", "application.user_membership.add"])
    assert told[1]["debugContext"]["debugData"]["requestUri"].endswith("/lifecycle/activate")
    is_equal(s.types_of("status", {"user": staged, "do": "suspend"}), ["user.lifecycle.suspend"])
    is_equal(s.get(f"users/{staged}").json()["status"], "SUSPENDED")
    s.control("status", {"user": staged, "do": "suspend"}, wanted=409)
    is_equal(s.types_of("status", {"user": staged, "do": "unsuspend"}), ["user.lifecycle.unsuspend"])
    locked = s.events_of("status", {"user": staged, "do": "lock"})[0]
    is_equal((locked["eventType"], locked["outcome"]), ("user.account.lock", {"result": "FAILURE", "reason": "LOCKED_OUT"}))
    s.control("status", {"user": staged, "do": "unlock"})
    is_equal(s.types_of("status", {"user": staged, "do": "deactivate"}),
             ["application.user_membership.remove", "user.lifecycle.deactivate", "user.session.clear"])
    s.control("status", {"user": staged, "do": "activate"})
    is_equal((s.get(f"users/{staged}").json()["status"], s.get(f"apps/{app}/users/{staged}").status), ("PROVISIONED", 200))
    told = s.events_of("status", {"user": staged, "do": "delete"})
    is_equal([e["eventType"] for e in told][-3:],
             ["user.lifecycle.delete.initiated", "user.account.update_profile", "user.lifecycle.delete.completed"])
    is_equal((told[-2]["target"][0]["alternateId"], told[-3]["target"][0]["alternateId"]),
             (staged + "@deleted.invalid", "ev.staged@acme.com"))
    is_equal(s.get(f"users/{staged}").status, 404)
    assert s.user("ev.staged@acme.com") != staged
    times = [e["published"] for e in told]
    is_equal(sorted(set(times)), times)


def test_changes(s):
    app = s.control("app", {"label": "Desk"})["id"]
    ann = s.user("ch.ann@acme.com", apps=["Desk"])
    told = s.events_of("profile", {"user": ann, "profile": {"lastName": "Jones", "department": "Sales"}})
    is_equal([e["debugContext"]["debugData"]["changedAttributes"] for e in told], ["lastName,department"])
    is_equal(told[0]["target"][0]["displayName"], "Ann Jones")
    is_equal(s.types_of("profile", {"user": ann, "profile": {"department": "Sales"}}), [])
    s.control("profile", {"user": ann, "profile": {"department": None}})
    assert "department" not in s.get(f"users/{ann}").json()["profile"]
    is_equal(s.types_of("profile", {"user": ann, "profile": {"email": "new@acme.com"}}),
             ["user.account.update_profile", "user.account.update_primary_email"])

    def rename(renaming, login):
        s.control("settings", {"renaming": renaming})
        told = s.events_of("profile", {"user": ann, "profile": {"login": login}})
        is_equal(len({e["transaction"]["id"] for e in told}), 1)
        name = s.get(f"apps/{app}/users/{ann}").json()["credentials"]["userName"]
        return [(e["eventType"].split(".")[-1], e["target"][0]["alternateId"]) for e in told], name

    change = ("update_profile", "two@acme.com"), ("change_username", "two@acme.com")
    is_equal(rename("change", "two@acme.com"), (list(change), "two@acme.com"))
    is_equal(rename("remove_add", "three@acme.com"),
             ([("update_profile", "three@acme.com"), ("change_username", "three@acme.com"), ("remove", "two@acme.com"),
               ("add", "three@acme.com")], "three@acme.com"))
    is_equal(rename("keep", "four@acme.com"), ([("update_profile", "four@acme.com")], "three@acme.com"))
    s.control("settings", {"renaming": "change"})
    is_equal(s.types_of("app-user", {"app": app, "user": ann, "user_name": "five"}),
             ["application.user_membership.change_username"])
    is_equal(s.types_of("app-user", {"app": app, "user": ann, "profile": {"a": 1}}), ["application.user_membership.update"])
    is_equal(s.get(f"apps/{app}/users/{ann}").json()["credentials"]["userName"], "five")
    s.control("profile", {"user": ann, "profile": {"login": s.control("users")["users"][0]["profile"]["login"]}}, wanted=409)


def test_things(s):
    app = s.control("app", {"label": "Wiki"})["id"]
    group = s.control("group", {"name": "Writers"})["id"]
    people = [s.user(f"th{i}@acme.com", groups=["Writers"]) for i in range(3)]
    told = s.events_of("assign", {"app": app, "group": group})
    is_equal([e["eventType"] for e in told],
             ["group.application_assignment.add"] + ["application.user_membership.add"] * 3)
    is_equal([(e["transaction"]["type"], e["client"]["userAgent"]) for e in told[1:]], [("JOB", None)] * 3)
    is_equal(s.types_of("unassign", {"app": app, "group": group}), ["group.application_assignment.remove"])
    is_equal(s.get(f"apps/{app}/users").json(), [])
    s.control("assign", {"app": app, "group": group})
    is_equal(len(s.types_of("unassign", {"app": app, "group": group, "each": True})), 4)
    renamed = s.events_of("group/change", {"group": group, "profile": {"name": "Authors"}})[0]
    is_equal((renamed["eventType"], renamed["target"][0]["displayName"]), ("group.profile.update", "Authors"))
    s.control("assign", {"app": app, "group": group})
    is_equal(s.types_of("group/delete", {"group": "Authors"}),
             ["group.application_assignment.remove", "group.lifecycle.delete"])
    is_equal((s.get(f"groups/{group}").status, s.get(f"apps/{app}/users").json()), (404, []))
    renamed = s.events_of("app/change", {"app": app, "label": "Book"})[0]
    is_equal(renamed["target"][0]["changeDetails"], {"from": {"label": "Wiki"}, "to": {"label": "Book"}})
    s.control("app/change", {"app": app, "do": "delete"}, wanted=409)
    is_equal(s.types_of("app/change", {"app": app, "do": "deactivate"}), ["application.lifecycle.deactivate"])
    is_equal(s.get(f"apps/{app}").json()["status"], "INACTIVE")
    s.control("assign", {"app": app, "user": people[0]})
    is_equal(s.types_of("app/change", {"app": app, "do": "delete"}), ["application.lifecycle.delete"])
    is_equal(s.get(f"apps/{app}").status, 404)
    is_equal([a["label"] for a in s.control(f"user/{people[0]}")["apps"]], [])


def test_log(s):
    s.control("log", {"forget": True})
    start = s.get("logs?limit=2")
    is_equal((start.json(), bool(start.link("next"))), ([], True))
    for i in range(5):
        s.control("group", {"name": f"Log {i}"})
    names, url = [], start.link("next")
    for _ in range(4):
        answer = s.call("GET", url)
        names += [e["target"][0]["displayName"] for e in answer.json()]
        assert len(answer.json()) <= 2 and "since" not in answer.link("next")
        url = answer.link("next")
    is_equal((names, answer.json()), ([f"Log {i}" for i in range(5)], []))
    s.user("log.ann@acme.com")
    is_equal([e["eventType"] for e in s.call("GET", url).json()], ["user.lifecycle.create", "user.lifecycle.activate"])
    for text, n in (('eventType eq "group.lifecycle.create"', 5), ('eventType sw "user.lifecycle."', 2),
                    ('eventType eq "user.lifecycle.create" and target.alternateId eq "log.ann@acme.com"', 1),
                    ('target.type eq "User" and not (eventType ew "create")', 1),
                    ('debugContext.debugData.requestId pr and outcome.result eq "success"', 7)):
        is_equal((text, len(s.get("logs?filter=" + quote(text)).json())), (text, n))
    is_equal(s.get("logs?filter=" + quote('published gt "2020-01-01T00:00:00Z"')).code(), "E0000053")
    is_equal(s.get("logs?filter=" + quote('debugContext.debugData.url co "x"')).code(), "E0000031")
    is_equal(s.get("logs?since=2026-01-01T00:00:00Z&after=x").code(), "E0000001")
    is_equal(s.get("logs?since=2019-01-01T00:00:00Z").code(), "E0000053")
    is_equal(s.get("logs?limit=1001").code(), "E0000001")
    is_equal(len(s.get("logs?q=Log+3").json()), 1)
    bounded = s.all("logs?limit=3&sortOrder=DESCENDING")[0]
    is_equal(sorted((e["published"] for e in bounded), reverse=True), [e["published"] for e in bounded])
    is_equal(len(bounded), 7)
    earlier = time.strftime("%Y-%m-%dT%H:%M:%S.678Z", time.gmtime(time.time() - 3600))
    s.control("log", {"event": {"eventType": "user.lifecycle.suspend", "published": earlier}})
    last = s.call("GET", s.call("GET", url).link("next")).json()[-1]
    is_equal((last["published"], last["target"], last["severity"]), (earlier, None, "INFO"))
    s.control("delays", {"log_ms": 200, "log_jitter_ms": 300})
    wanted = [s.control("group", {"name": f"Late {i}"})["events"][0] for i in range(12)]
    got = [e["uuid"] for e in s.get("logs?filter=" + quote('target.displayName sw "Late"')).json()]
    is_equal(got, [])
    time.sleep(0.6)
    got = [e["uuid"] for e in s.get("logs?filter=" + quote('target.displayName sw "Late"')).json()]
    is_equal(sorted(got), sorted(wanted))
    assert got != wanted, "written down in the order of happening"
    s.control("delays", {"log_ms": 0, "log_jitter_ms": 0})
    s.control("log", {"expire_cursors": True})
    is_equal(s.call("GET", url).status, 400)


def test_rates(s):
    s.control("rates", {"bucket": "/api/v1/apps", "limit": 3, "window_s": 1})
    got = [s.get("apps") for _ in range(5)]
    is_equal([a.status for a in got], [200, 200, 200, 429, 429])
    is_equal([a["x-rate-limit-remaining"] for a in got], ["2", "1", "0", "0", "0"])
    is_equal((got[3].code(), got[3]["x-rate-limit-limit"]), ("E0000047", "3"))
    assert 0 <= int(got[3]["x-rate-limit-reset"]) - time.time() <= 2
    s.control("tokens", {"token": "t-other"})
    is_equal((s.get("apps", token="SSWS t-other").status, s.get("groups").status), (200, 200))
    time.sleep(1.05)
    is_equal(s.get("apps").status, 200)
    is_equal({r["bucket"] for r in s.control("rates")["rates"]} >= {"/api/v1/users", "other"}, True)
    s.control("rates", {"bucket": "nothing", "limit": 3}, wanted=400)


def test_delays(s):
    group = s.control("group", {"name": "Slow readers"})["id"]
    app = s.control("app", {"label": "Slow app"})["id"]
    ann = s.user("late@acme.com")
    time.sleep(0.01)
    s.control("delays", {"read_ms": 400, "list_ms": 400, "search_ms": 400})
    time.sleep(0.5)
    bob = s.user("later@acme.com")
    s.control("profile", {"user": ann, "profile": {"lastName": "Jones", "login": "renamed@acme.com"}})
    s.control("member", {"group": group, "user": ann})
    s.control("assign", {"app": app, "user": ann})

    def seen():
        shown = s.get(f"users/{ann}").json()["profile"]
        return (s.get(f"users/{bob}").status, shown["lastName"], shown["login"],
                len(s.get(f"groups/{group}/users").json()), s.get(f"apps/{app}/users/{ann}").status,
                len(s.get("users?search=" + quote('profile.login eq "later@acme.com"')).json()))

    is_equal(seen(), (404, "Smith", "late@acme.com", 0, 404, 0))
    is_equal(s.control(f"user/{ann}")["groups"], ["Slow readers"])
    time.sleep(0.5)
    is_equal(seen(), (200, "Jones", "renamed@acme.com", 1, 200, 1))
    s.control("status", {"user": ann, "do": "delete"})
    s.control("group/delete", {"group": group})
    is_equal((s.get(f"users/{ann}").status, s.get(f"groups/{group}").status), (200, 200))
    time.sleep(0.5)
    is_equal((s.get(f"users/{ann}").status, s.get(f"groups/{group}").status), (404, 404))
    s.control("delays", {"read_ms": 0, "list_ms": 0, "search_ms": 0})


def test_faults(s):
    s.control("users", {"generate": {"users": 20, "login": "fault{n}@acme.com"}})

    def broken(kind, **more):
        s.control("faults", {"operation": "listUsers", "count": 1, "kinds": [kind]} | more)
        try:
            return s.get("users?limit=10")
        except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
            return type(error).__name__
        finally:
            s.control("faults", {"operation": "listUsers", "kinds": []})

    for kind, status, code in (("rate_limit", 429, "E0000047"), ("internal", 500, "E0000009"), ("read_only", 503, "E0000010"),
                               ("forbidden", 403, "E0000006"), ("invalid_token", 401, "E0000011"),
                               ("not_found", 404, "E0000007"), ("bad_cursor", 400, "E0000031"), ("bare_not_found", 404, None)):
        answer = broken(kind)
        is_equal((kind, answer.status, answer.code()), (kind, status, code))
    concurrency = broken("concurrency")
    is_equal((concurrency.status, concurrency["x-rate-limit-limit"]), (429, "0"))
    html = broken("bad_gateway_html")
    is_equal((html.status, html["content-type"], html.body[:6]), (502, "text/html", b"<html>"))
    is_equal(broken("nonce")["dpop-nonce"] != "", True)
    for kind in ("cut_before", "cut_after", "half_answer"):
        assert isinstance(broken(kind), str), kind
    is_equal(broken("empty_ok").body, b"")
    try:
        broken("garbage_ok").json()
        raise AssertionError("garbage is JSON")
    except ValueError:
        pass
    empty, short, foreign = broken("empty_page"), broken("short_page"), broken("foreign_next")
    is_equal((empty.json(), empty.link("next"), len(short.json()), short.link("next")), ([], None, 5, None))
    assert s.address not in foreign.link("next") and len(foreign.json()) == 10
    before = time.monotonic()
    is_equal(broken("slow", delay_ms=300).status, 200)
    assert time.monotonic() - before > 0.29
    calls = s.control("calls?log=1")["calls"]
    is_equal((calls[-1]["operation"], calls[-1]["fault"], calls[-1]["status"]), ("listUsers", "slow", 200))
    s.control("faults", {"operation": "noSuch", "kinds": []}, wanted=400)
    s.control("faults", {"operation": "*", "kinds": ["nonsense"]}, wanted=400)


def test_clock(s):
    s.control("clock", {"offset_s": -3600})
    answer = s.get("users?limit=1")
    date = time.mktime(time.strptime(answer["date"], "%a, %d %b %Y %H:%M:%S GMT"))
    now = time.mktime(time.gmtime())
    assert -3605 < date - now < -3595, answer["date"]
    s.control("clock", {"offset_s": 0})


def test_many(s):
    group = s.control("group", {"name": "Many"})["id"]
    app = s.control("app", {"label": "For many", "groups": ["Many"]})["id"]
    n = 20000
    done = s.control("users", {"generate": {"users": n, "from": 1, "login": "many{n:6}@acme.com", "groups": ["Many"],
                                            "profile": {"department": "D{n}"}}})
    is_equal(done["n_events"], 0)
    users, _ = s.all(f"groups/{group}/users?limit=1000")
    assigned, _ = s.all(f"apps/{app}/users?limit=500")
    is_equal((len({u["id"] for u in users}), len({u["id"] for u in assigned})), (n, n))
    is_equal((users[4]["profile"]["login"], users[4]["profile"]["department"], assigned[4]["credentials"]["userName"]),
             ("many000005@acme.com", "D5", "many000005@acme.com"))
    s.control("profile", {"user": "many000005@acme.com", "profile": {"title": "Boss"}})
    is_equal(s.get("users/many000005@acme.com").json()["profile"]["title"], "Boss")
    s.control("users", {"generate": {"users": 1, "from": 7, "login": "many{n:6}@acme.com"}}, wanted=409)


def test_seed(program):
    seed = {"okta": {
        "users": [{"id": "00ujane0000000000x7", "login": "jane.doe@acme.com", "first": "Jane", "last": "Doe",
                   "groups": ["Agents"], "apps": ["Amazon Connect"]}, {"login": "joe@acme.com", "status": "STAGED"}],
        "groups": [{"id": "00gagents000000000x7", "name": "Agents", "users": ["joe@acme.com"], "apps": ["Amazon Connect"]}],
        "apps": [{"id": "0oaconnect00000000x7", "label": "Amazon Connect",
                  "users": [{"user": "joe@acme.com", "user_name": "joe"}]}],
        "generate": {"users": 3, "groups": ["Agents"]}, "tokens": [{"token": "mine", "role": "read"}],
        "rates": [{"bucket": "*", "limit": 0}], "settings": {"renaming": "keep"}, "delays": {"read_ms": 0},
        "deliveries": {"batch_ms": 10}, "faults": [{"operation": "listLogEvents", "kinds": ["internal"], "count": 1}],
        "hooks": [{"uri": "http://127.0.0.1:9/okta/events", "secret": "x", "verified": True}]}}
    file = FOLDER / "seed.json"
    file.write_text(json.dumps(seed), encoding="utf-8")
    s = Sandbox(program, "--seed", str(file))
    try:
        names = [u["credentials"]["userName"] for u in s.get("apps/0oaconnect00000000x7/users", token="SSWS mine").json()]
        is_equal(sorted(names), ["agent000001@acme.com", "agent000002@acme.com", "agent000003@acme.com", "jane.doe@acme.com",
                                 "joe"])
        is_equal((s.get("logs").status, s.get("logs").json()[-1]["eventType"]), (500, "event_hook.created"))
        is_equal(s.get("users?limit=1").headers[0][0] != "x-rate-limit-limit", True)
        is_equal(s.control("state")["users"], 5)
        is_equal([h["verificationStatus"] for h in s.control("hooks")["hooks"]], ["VERIFIED"])
    finally:
        s.process.terminate()
        is_equal(s.process.wait(10), 0)
    file.write_text(json.dumps({"okta": {"users": [{"login": "a@acme.com", "frist": "x"}]}}), encoding="utf-8")
    bad = subprocess.run([program, "--seed", str(file)], capture_output=True, text=True, check=False)
    assert bad.returncode == 1 and "okta.users[0]" in bad.stderr and "frist" in bad.stderr, bad.stderr


main(globals())
