"""The played Secrets Manager and parameters of Systems Manager. secrets_test.py PATH/roster-sandbox; prints TAP."""
import base64
import sys

from aws_lib import is_equal, run_tests


def get(s, name, **more):
    return s.call("secretsmanager", "GetSecretValue", SecretId=name, **more)


def parameter(s, name, **more):
    return s.call("ssm", "GetParameter", Name=name, WithDecryption=True, **more)


def test_a_secret_has_a_current_and_a_previous_version(s):
    is_equal(get(s, "roster/hook").code(), "ResourceNotFoundException")
    s.control("POST", "secrets/secret", name="roster/hook", value="one")
    first = get(s, "roster/hook").json()
    is_equal((first["SecretString"], first["VersionStages"]), ("one", ["AWSCURRENT"]))
    assert first["ARN"].startswith("arn:aws:secretsmanager:us-east-1:123456789012:secret:roster/hook-"), first
    is_equal(get(s, "roster/hook", VersionStage="AWSPREVIOUS").code(), "ResourceNotFoundException")
    s.control("POST", "secrets/secret", name="roster/hook", value="two")
    is_equal(get(s, first["ARN"]).json()["SecretString"], "two")
    is_equal(get(s, first["ARN"], VersionStage="AWSPREVIOUS").json()["SecretString"], "one")
    is_equal(get(s, first["ARN"], VersionStage="AWSPREVIOUS").json()["VersionId"], first["VersionId"])
    is_equal(get(s, first["ARN"], VersionStage="AWSPENDING").code(), "ResourceNotFoundException")


def test_bytes_come_in_base64(s):
    s.control("POST", "secrets/secret", name="b", value="bytes", binary=True)
    is_equal(base64.b64decode(get(s, "b").json()["SecretBinary"]), b"bytes")


def test_a_parameter_has_versions(s):
    is_equal(parameter(s, "/roster/hook").code(), "ParameterNotFound")
    s.control("POST", "secrets/parameter", name="/roster/hook", value="one")
    s.control("POST", "secrets/parameter", name="/roster/hook", value="two")
    got = parameter(s, "/roster/hook").json()["Parameter"]
    is_equal((got["Value"], got["Version"], got["Type"]), ("two", 2, "SecureString"))
    is_equal(got["ARN"], "arn:aws:ssm:us-east-1:123456789012:parameter/roster/hook")
    is_equal(parameter(s, got["ARN"]).json()["Parameter"]["Value"], "two")
    is_equal(parameter(s, "/roster/hook:1").json()["Parameter"]["Value"], "one")
    is_equal(parameter(s, got["ARN"] + ":1").json()["Parameter"]["Value"], "one")
    is_equal(parameter(s, "/roster/hook:3").code(), "ParameterVersionNotFound")
    hidden = s.good("ssm", "GetParameter", Name="/roster/hook")["Parameter"]["Value"]
    assert hidden != "two", hidden


def test_several_parameters_at_once(s):
    s.control("POST", "secrets/parameter", name="a", value="1", type="String")
    got = s.good("ssm", "GetParameters", Names=["a", "b"], WithDecryption=True)
    is_equal([p["Value"] for p in got["Parameters"]], ["1"])
    is_equal(got["InvalidParameters"], ["b"])
    is_equal(s.call("ssm", "GetParameters", Names=[]).code(), "ValidationException")
    is_equal(s.call("ssm", "GetParameters", Names=["a"] * 11).code(), "ValidationException")


def test_each_service_wants_its_own_signature(s):
    s.control("POST", "secrets/secret", name="a", value="1")
    is_equal(get(s, "a", change={"signing": "ssm"}).code(), "InvalidSignatureException")
    is_equal(parameter(s, "a", change={"signing": "secretsmanager"}).code(), "InvalidSignatureException")
    is_equal(get(s, "a", change={"type": "application/json"}).code(), "UnsupportedMediaType")


def test_faults(s):
    s.control("POST", "secrets/secret", name="a", value="1")
    s.control("POST", "secrets/faults", operation="GetSecretValue", kinds=["access_denied"], count=1)
    is_equal(get(s, "a").code(), "AccessDeniedException")
    is_equal(get(s, "a").json()["SecretString"], "1")
    is_equal(s.control("GET", "secrets/calls")["GetSecretValue"]["ok"], 1)
    s.control("POST", "parameters/faults", operation="*", kinds=["internal"], count=1)
    is_equal(parameter(s, "a").status, 500)


def main():
    tests = [(name, function) for name, function in globals().items() if name.startswith("test_")]
    sys.exit(run_tests(sys.argv[1], tests) != 0)


main()
