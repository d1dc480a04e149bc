"""The commands for a deployment on AWS Lambda: `roster lambda invoke` and `roster dlq`. commands_test.py PATH/roster
PATH/roster-sandbox; prints TAP."""
import json
import os
import subprocess
import sys
import tempfile

from stub import SANITIZER_WORDS, run_tests
from world import AUTHENTIC, DOORS, HOOK_SECRET, QUEUE, World, door_event, is_equal, one_event, programs

from aws_lib import call

DEAD = "roster-dead.fifo"
SECRETS = [HOOK_SECRET, "sandbox-secret-key"]


class Commands(World):
    """The program on the command line, beside no function."""

    def __init__(self, *more):
        super().__init__(*more)
        self.sandbox.control("POST", "sqs/queue", name=DEAD)
        self.sandbox.control("POST", "sqs/queue", name=QUEUE, dead_letter=DEAD, max_received=2)

    def run(self, *words, stdin=None, **more):
        kept = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "PATH") if name in os.environ}
        with tempfile.TemporaryDirectory(prefix="commands-") as folder:
            done = subprocess.run([self.program, *words], input=stdin, capture_output=True, text=True, timeout=60, check=False,
                                  cwd=folder, env={**kept, "AWS_REGION": "us-east-1", **self.environment(**more)})
        for word in SANITIZER_WORDS + SECRETS:
            assert word not in done.stdout + done.stderr, done
        return done

    def invoke(self, event, *words, **more):
        return self.run("lambda", "invoke", "/dev/stdin", *words, stdin=event if isinstance(event, str) else json.dumps(event),
                        **more)

    def send_dead(self, number, group, body):
        url = f"http://{self.sandbox.address}/123456789012/{DEAD}"
        answer = call(self.sandbox.address, "sqs", "SendMessage", QueueUrl=url, MessageBody=body, MessageGroupId=group,
                      MessageDeduplicationId=f"d{number}")
        is_equal(answer.status, 200)

    def letters(self):
        done = self.run("dlq", "list", "--json")
        is_equal(done.returncode, 0)
        return [json.loads(line) for line in done.stdout.splitlines()]


def message(user, **more):
    return json.dumps({"v": 1, "source": "okta", "uuid": "u-1", "type": "group.user_membership.add", "via": "hook",
                       "published_ns": 1, "received_ms": 1, "subject": {"kind": "user", "user": user}, **more})


def dead_message(user, reason):
    return message(user, dead={"code": "exists", "reason": reason, "at_ms": 1})


# ---- roster lambda invoke ----

def test_invoke_does_what_the_function_does(w):
    for door in DOORS:
        w.sandbox.control("POST", "sqs/purge")
        w.sandbox.control("POST", "sqs/forward", seconds=301)  # past the window of deduplication
        done = w.invoke(door_event(door, "POST", "/okta/events", AUTHENTIC, one_event()))
        is_equal((done.returncode, json.loads(done.stdout)["statusCode"]), (0, 200))
        is_equal([m["group"] for m in w.messages()], ["00u1"])


def test_a_refusal_is_an_answer(w):
    done = w.invoke(door_event("http", "POST", "/okta/events", [], one_event()), "--handler", "receive")
    is_equal((done.returncode, json.loads(done.stdout)["statusCode"]), (0, 401))
    is_equal(w.messages(), [])


def test_a_failed_invocation_ends_with_1(w):
    done = w.invoke({"unknown": 1})
    is_equal((done.returncode, json.loads(done.stdout)["errorType"]), (1, "Function.UnknownEvent"))
    is_equal(w.run("lambda", "invoke", "no-such-file.json").returncode, 1)


def test_wrong_settings_end_with_78(w):
    done = w.invoke({}, ROSTER_QUEUE_URL=None)
    is_equal((done.returncode, json.loads(done.stdout)["errorType"]), (78, "Runtime.ConfigInvalid"))
    done = w.invoke({}, "--handler", "nothing")
    is_equal((done.returncode, json.loads(done.stdout)["errorType"]), (78, "Runtime.NoSuchHandler"))


def test_misuse_of_lambda_is_told(w):
    for words in (["lambda"], ["lambda", "package"], ["lambda", "invoke"], ["lambda", "invoke", "x", "--timeout", "0"],
                  ["lambda", "invoke", "x", "--timeout", "901"], ["lambda", "invoke", "x", "--set", "Roster.NAME=x"]):
        is_equal((words, w.run(*words).returncode), (words, 64))


def test_invoke_takes_a_configuration_file(w):
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write("[OKTA]\nAPP_NAME = Another\n[Connect]\nSECURITY_PROFILE_IDS = a\nROUTING_PROFILE_ID = b\nINSTANCE_ID = i\n")
        file.flush()
        done = w.invoke(door_event("http", "POST", "/okta/events", AUTHENTIC, one_event()), "--config", file.name,
                        ROSTER_OKTA_APP_NAME=None, ROSTER_OKTA_GROUP_NAME=None, ROSTER_CONFIG="/no/such/file.ini")
    is_equal((done.returncode, json.loads(done.stdout)["statusCode"]), (0, 200))
    is_equal(w.messages(), [])  # the group is none of that file's


# ---- roster dlq ----

def test_an_empty_queue_has_no_letters(w):
    done = w.run("dlq", "list")
    is_equal((done.returncode, done.stdout), (0, "there are no dead letters\n"))


def test_letters_are_listed_and_shown(w):
    w.send_dead(1, "00u1", dead_message("00u1", "the agent 'ann' exists"))
    w.send_dead(2, "00u2", message("00u2"))
    w.send_dead(3, "x", "no JSON\x1b at all".replace("\x1b", ""))
    ann, bob, other = w.letters()
    is_equal((ann["group"], ann["okta_id"], ann["code"], ann["reason"]), ("00u1", "00u1", "exists", "the agent 'ann' exists"))
    is_equal((bob["okta_id"], bob["reason"], other["okta_id"]), ("00u2", None, None))
    text = w.run("dlq", "list").stdout
    assert "the agent 'ann' exists" in text and "it came back too often" in text and "no message of Roster's" in text, text
    shown = w.run("dlq", "show", ann["id"])
    assert shown.returncode == 0 and "exists" in shown.stdout and '"subject"' in shown.stdout, shown
    shown = json.loads(w.run("dlq", "show", ann["id"], "--json").stdout)
    is_equal(json.loads(shown["body"])["subject"]["user"], "00u1")
    is_equal(len(w.messages(DEAD)), 3)
    assert not any(m["in_flight"] for m in w.messages(DEAD)), "a look must not hide letters from the next one"
    is_equal(w.run("dlq", "show", "no-such-id").returncode, 1)


def test_redrive_sends_one_back(w):
    w.send_dead(1, "00u1", dead_message("00u1", "why"))
    w.send_dead(2, "00u2", dead_message("00u2", "why"))
    letter = w.letters()[1]
    done = w.run("dlq", "redrive", letter["id"])
    is_equal((done.returncode, done.stdout), (0, "1 dead letter sent back\n"))
    is_equal([m["group"] for m in w.messages()], ["00u2"])
    is_equal([m["group"] for m in w.messages(DEAD)], ["00u1"])


def test_redrive_of_all_takes_those_behind_others_too(w):
    for number in range(25):
        w.send_dead(number, f"00u{number % 2}", message(f"00u{number % 2}", uuid=f"u-{number}"))
    done = w.run("dlq", "redrive", "--all")
    is_equal((done.returncode, done.stdout), (0, "25 dead letters sent back\n"))
    is_equal((len(w.messages(DEAD)), len(w.messages())), (0, 25))
    of_one = [json.loads(m["body"])["uuid"] for m in w.messages() if m["group"] == "00u1"]
    is_equal(of_one, [f"u-{number}" for number in range(25) if number % 2])


def test_a_letter_that_cannot_be_sent_back_stays(w):
    w.send_dead(1, "00u1", message("00u1"))
    w.sandbox.control("POST", "sqs/faults", operation="SendMessageBatch", rate=1, kinds=["partial_sender"])
    done = w.run("dlq", "redrive", "--all")
    is_equal((done.returncode, len(w.messages(DEAD)), w.messages()), (1, 1, []))


def test_drop_asks_unless_told(w):
    w.send_dead(1, "00u1", message("00u1"))
    w.send_dead(2, "00u2", message("00u2"))
    [first, _] = w.letters()
    done = w.run("dlq", "drop", "--all")
    assert done.returncode == 0 and "nothing was done" in done.stdout, done
    is_equal(len(w.messages(DEAD)), 2)
    done = w.run("dlq", "drop", first["id"], "--yes")
    is_equal((done.returncode, done.stdout, len(w.messages(DEAD))), (0, "1 dead letter dropped\n", 1))
    done = w.run("dlq", "drop", "--all", "--yes")
    is_equal((done.returncode, done.stdout, len(w.messages(DEAD)), w.messages()), (0, "1 dead letter dropped\n", 0, []))
    assert "dead letter taken out of the queue" in done.stderr, done.stderr


def test_what_redrive_brings_back_falls_again(w):
    """The way round: received too often, dead, sent back, received again."""
    url = f"http://{w.sandbox.address}/123456789012/{QUEUE}"
    is_equal(w.invoke(door_event("http", "POST", "/okta/events", AUTHENTIC, one_event())).returncode, 0)
    for _ in range(3):
        call(w.sandbox.address, "sqs", "ReceiveMessage", QueueUrl=url, VisibilityTimeout=0)
    [letter] = w.letters()
    is_equal(letter["reason"], None)
    is_equal(w.run("dlq", "redrive", "--all").returncode, 0)
    is_equal([json.loads(m["body"])["subject"]["user"] for m in w.messages()], ["00u1"])


def test_the_queue_can_be_given_without_settings(w):
    url = f"http://{w.sandbox.address}/123456789012/{QUEUE}"
    nothing = {name: None for name in w.environment() if name.startswith(("ROSTER_", "CONNECT_"))}
    is_equal(w.run("dlq", "list", **nothing).returncode, 78)
    done = w.run("dlq", "list", "--queue", url, **nothing)
    is_equal((done.returncode, done.stdout), (0, "there are no dead letters\n"))
    w.sandbox.control("POST", "sqs/queue", name="lonely.fifo")
    done = w.run("dlq", "list", "--queue", url.replace(QUEUE, "lonely.fifo"), **nothing)
    assert done.returncode == 78 and "no dead-letter queue" in done.stderr, done


def test_misuse_of_dlq_is_told(w):
    for words in (["dlq"], ["dlq", "purge"], ["dlq", "list", "x"], ["dlq", "list", "--all"], ["dlq", "show"],
                  ["dlq", "show", "--all"], ["dlq", "redrive"], ["dlq", "redrive", "x", "--all"], ["dlq", "drop"]):
        is_equal((words, w.run(*words).returncode), (words, 64))


if __name__ == "__main__":
    sys.exit(run_tests([(name, value) for name, value in list(globals().items()) if name.startswith("test_")],
                       lambda: Commands(*programs())) != 0)
