"""The one-time verification of an event hook."""
from lib import HOOK_SECRET, case, main, raw_call

CHALLENGE = "X-Okta-Verification-Challenge"


def verify(world, challenge="abc-123_XYZ", path="/okta/events", **more):
    return world.get(path, **({CHALLENGE: challenge, "Authorization": HOOK_SECRET} | more))


@case("a challenge is answered, under both paths")
def answered(world):
    world.start()
    for path in ("/okta/events", "/create_user"):
        answer = verify(world, path=path)
        assert answer.status == 200 and answer.json() == {"verification": "abc-123_XYZ"}, answer
        assert answer.headers["content-type"].startswith("application/json")


@case("header names count in any case")
def any_case(world):
    world.start()
    for name in ("x-okta-verification-challenge", "X-OKTA-VERIFICATION-CHALLENGE", "x-Okta-vErification-challenge"):
        got = raw_call(world.daemon.address, (f"GET /okta/events HTTP/1.1\r\nhOST: x\r\n{name}: c1\r\n"
                                              f"aUTHORIZATION: {HOOK_SECRET}\r\nconnection: close\r\n\r\n").encode())
        assert got.startswith(b"HTTP/1.1 200") and b'"c1"' in got, got


@case("what JSON must escape is escaped")
def escaped(world):
    world.start()
    answer = verify(world, 'a"b\\c</d>')
    assert answer.status == 200 and answer.json() == {"verification": 'a"b\\c</d>'}, answer


@case("without the secret there is no answer")
def secret(world):
    world.start()
    assert verify(world, Authorization="wrong").status == 401
    answer = world.get("/okta/events", **{CHALLENGE: "abc"})
    assert answer.status == 401 and answer.error_code() == "unauthorized", answer


@case("a GET without a challenge, and one that is too long, are refused")
def bad(world):
    world.start()
    assert world.get("/okta/events", Authorization=HOOK_SECRET).status == 400
    assert verify(world, "x" * 1025).status == 400
    assert verify(world, "x" * 1024).status == 200
    assert verify(world, "").status == 400


@case("the secret may come in another header", OKTA={"HOOK_HEADER": "X-Hook-Secret"})
def other_header(world):
    world.start()
    assert verify(world).status == 401
    assert world.get("/okta/events", **{CHALLENGE: "abc", "x-hook-secret": HOOK_SECRET}).status == 200


if __name__ == "__main__":
    main()
