"""Does the played Okta org let in whom it should? okta_auth_test.py PATH/roster-sandbox; prints TAP."""
import base64
import hashlib
import json
import subprocess
import time
import urllib.parse
import uuid

from okta_lib import FOLDER, TOKEN, is_equal, main

CLIENT = "0oaserviceapp000000x7"
SCOPES = "okta.users.read okta.groups.read"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# ---- keys ----

def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout


class Key:
    """A key pair made by openssl, its public half as a JWK, and what it signs."""

    def __init__(self, alg):
        self.alg, self.file = alg, FOLDER / f"{alg}-{uuid.uuid4()}.pem"
        kind = ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if alg == "RS256" else ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        openssl("genpkey", "-algorithm", *kind, "-out", str(self.file))
        if alg == "RS256":
            n = openssl("rsa", "-in", str(self.file), "-noout", "-modulus").decode().split("=")[1].strip()
            self.jwk = {"kty": "RSA", "n": b64(bytes.fromhex(n)), "e": "AQAB"}
        else:
            point = openssl("pkey", "-in", str(self.file), "-pubout", "-outform", "DER")[-64:]
            self.jwk = {"kty": "EC", "crv": "P-256", "x": b64(point[:32]), "y": b64(point[32:])}

    def sign(self, header, claims):
        text = b64(json.dumps({"alg": self.alg} | header).encode()) + "." + b64(json.dumps(claims).encode())
        signature = openssl("dgst", "-sha256", "-sign", str(self.file), data=text.encode())
        if self.alg == "ES256":  # DER to r and s (RFC 7518 3.4)
            n = 4 + signature[3]
            numbers = signature[4:n], signature[n + 2:]
            signature = b"".join(x[-32:].rjust(32, b"\0") for x in numbers)
        return text + "." + b64(signature)

    def assertion(self, s, header=None, **change):
        now = int(time.time())
        claims = {"iss": CLIENT, "sub": CLIENT, "aud": s.base + "/oauth2/v1/token", "exp": now + 300, "iat": now - 2,
                  "jti": str(uuid.uuid4())}
        return self.sign({"kid": "k1"} if header is None else header, claims | change)

    def proof(self, method, url, header=None, **change):
        claims = {"htm": method, "htu": url, "iat": int(time.time()), "jti": str(uuid.uuid4())}
        return self.sign({"typ": "dpop+jwt", "jwk": self.jwk} | (header or {}),
                         {k: v for k, v in (claims | change).items() if v is not None})


def ask_token(s, assertion, scope=SCOPES, proof=None, **change):
    form = {"grant_type": "client_credentials", "scope": scope, "client_assertion": assertion,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"} | change
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"DPoP": proof} if proof else {})
    return s.call("POST", "/oauth2/v1/token", urllib.parse.urlencode(form), headers, token=None)


# ---- who may ----

def test_tokens(s):
    for token in (None, "SSWS wrong", "Bearer " + TOKEN, "Basic x", "SSWS"):
        answer = s.get("users", token=token)
        is_equal((token, answer.status, answer.code()), (token, 401, "E0000011"))
    for role, users, hooks in (("admin", 200, 200), ("read", 200, 403), ("none", 403, 403), ("empty", 200, 200)):
        s.control("tokens", {"token": "t-" + role, "role": role})
        is_equal((role, s.get("users", token="SSWS t-" + role).status, s.get("eventHooks", token="SSWS t-" + role).status),
                 (role, users, hooks))
    is_equal(s.get("users", token="SSWS t-empty").json(), [])
    is_equal(s.get("users", token="SSWS t-none").code(), "E0000006")
    s.control("tokens", {"token": "t-short", "expires_in_s": 0.2})
    time.sleep(0.3)
    is_equal(s.get("users", token="SSWS t-short").status, 401)


def test_oauth(s):
    for alg in ("RS256", "ES256"):
        key = Key(alg)
        s.control("clients", {"client_id": CLIENT, "keys": [key.jwk | {"kid": "k1"}], "scopes": SCOPES.split()})
        answer = ask_token(s, key.assertion(s))
        is_equal((answer.status, answer.json().get("token_type"), answer.json().get("expires_in")), (200, "Bearer", 3600))
        bearer = "Bearer " + answer.json()["access_token"]
        is_equal((s.get("users?limit=1", token=bearer).status, s.get("groups", token=bearer).status), (200, 200))
        refused = s.get("apps", token=bearer)
        is_equal((refused.status, refused.code(), 'scope="okta.apps.read"' in refused["www-authenticate"]),
                 (403, "E0000006", True))
        now = int(time.time())
        for change, word in (({"aud": s.base + "/oauth2/default/v1/token"}, "audience"), ({"exp": now - 5}, "expired"),
                             ({"exp": now + 4000}, "too far"), ({"iat": now + 60}, "before the current time"),
                             ({"iss": "other"}, "issuer"), ({"iss": "x", "sub": "x"}, "client_id"),
                             ({"header": {"kid": "k2"}}, "kid is invalid")):
            bad = ask_token(s, key.assertion(s, **change))
            is_equal((bad.status, bad.json()["error"]), (401, "invalid_client"))
            assert word in bad.json()["error_description"], (word, bad.json())
        once = key.assertion(s)
        is_equal([ask_token(s, once).status for _ in range(2)], [200, 401])
        is_equal(ask_token(s, key.assertion(s, header={})).status, 200)
        is_equal(ask_token(s, key.assertion(s)[:-8] + "AAAAAAAA").status, 401)
        is_equal(ask_token(s, Key(alg).assertion(s)).json()["error"], "invalid_client")
    is_equal(ask_token(s, key.assertion(s), scope="okta.apps.read").json()["error"], "invalid_scope")
    is_equal(ask_token(s, key.assertion(s), grant_type="password").json()["error"], "unsupported_grant_type")
    is_equal(ask_token(s, key.assertion(s), client_assertion_type="x").json()["error"], "invalid_client")
    s.control("tokens", {"expire": "access"})
    expired = s.get("users", token=bearer)
    is_equal((expired.status, "invalid_token" in expired["www-authenticate"]), (401, True))
    s.control("clients", {"client_id": CLIENT, "pem": key.file.read_text(encoding="utf-8"), "role": "none"})
    answer = ask_token(s, key.assertion(s, header={}))
    is_equal(s.get("users", token="Bearer " + answer.json()["access_token"]).code(), "E0000006")


def test_dpop(s):
    key, proof_key = Key("RS256"), Key("ES256")
    url = s.base + "/oauth2/v1/token"
    s.control("clients", {"client_id": CLIENT, "keys": [key.jwk], "dpop": True})
    is_equal(ask_token(s, key.assertion(s)).json(),
             {"error": "invalid_dpop_proof", "error_description": "The DPoP proof JWT header is missing."})
    first = ask_token(s, key.assertion(s), proof=proof_key.proof("POST", url, jti=None))
    is_equal((first.status, first.json()["error"]), (400, "use_dpop_nonce"))
    nonce = first["dpop-nonce"]
    second = ask_token(s, key.assertion(s), proof=proof_key.proof("POST", url, nonce=nonce))
    is_equal((second.status, second.json().get("token_type"), second["dpop-nonce"]), (200, "DPoP", nonce))
    token = second.json()["access_token"]
    users = s.base + "/api/v1/users"
    ath = b64(hashlib.sha256(token.encode()).digest())

    def call(proof, scheme="DPoP"):
        return s.get("users?limit=1", token=f"{scheme} {token}", headers={"DPoP": proof} if proof else {})

    is_equal(call(proof_key.proof("GET", users, ath=ath)).status, 200)
    proof = proof_key.proof("GET", users, ath=ath)
    is_equal([call(proof).status for _ in range(2)], [200, 401])
    now = int(time.time())
    for bad in (None, proof_key.proof("POST", users, ath=ath), proof_key.proof("GET", users + "?limit=1", ath=ath),
                proof_key.proof("GET", users, ath="x"), proof_key.proof("GET", users, ath=ath, iat=now - 301),
                proof_key.proof("GET", users, ath=ath, iat=now + 60), proof_key.proof("GET", users, ath=ath, jti=None),
                key.proof("GET", users, ath=ath), proof_key.proof("GET", users, {"typ": "JWT"}, ath=ath),
                proof_key.proof("GET", users, {"jwk": key.jwk}, ath=ath),
                proof_key.proof("GET", users, {"jwk": proof_key.jwk | {"d": "x"}}, ath=ath), "a.b.c"):
        answer = call(bad)
        is_equal((answer.status, "invalid_dpop_proof" in answer["www-authenticate"]), (401, True))
    assert "must use the DPoP" in call(None, "Bearer")["www-authenticate"]
    s.control("settings", {"resource_nonce": True})
    asked = call(proof_key.proof("GET", users, ath=ath))
    is_equal((asked.status, asked["dpop-nonce"], "use_dpop_nonce" in asked["www-authenticate"]), (401, nonce, True))
    is_equal(call(proof_key.proof("GET", users, ath=ath, nonce=nonce)).status, 200)
    s.control("tokens", {"new_nonce": True})
    is_equal(call(proof_key.proof("GET", users, ath=ath, nonce=nonce)).status, 401)
    s.control("settings", {"resource_nonce": False})


main(globals())
