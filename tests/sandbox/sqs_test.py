"""Is the played SQS as strict as it says, and its order that of FIFO queues? sqs_test.py PATH/roster-sandbox; prints TAP."""
import hashlib
import sys
import time

from aws_lib import is_equal, run_tests

PATH = "/123456789012/roster.fifo"


def url(s, name="roster.fifo"):
    return f"http://{s.address}/123456789012/{name}"


def send(s, body, group="g", deduplication=None, queue="roster.fifo"):
    return s.good("sqs", "SendMessage", QueueUrl=url(s, queue), MessageBody=body, MessageGroupId=group,
                  MessageDeduplicationId=deduplication or body)


def receive(s, max=10, queue="roster.fifo", **more):
    got = s.good("sqs", "ReceiveMessage", QueueUrl=url(s, queue), MaxNumberOfMessages=max, AttributeNames=["All"], **more)
    return got.get("Messages", [])


def bodies(messages):
    return [m["Body"] for m in messages]


def delete(s, message):
    return s.call("sqs", "DeleteMessage", QueueUrl=url(s), ReceiptHandle=message["ReceiptHandle"])


def change(s, message, seconds):
    return s.call("sqs", "ChangeMessageVisibility", QueueUrl=url(s), ReceiptHandle=message["ReceiptHandle"],
                  VisibilityTimeout=seconds)


def attributes(s, queue="roster.fifo"):
    return s.good("sqs", "GetQueueAttributes", QueueUrl=url(s, queue), AttributeNames=["All"])["Attributes"]


def test_signature(s):
    for spoiled, wanted in [({}, None), ({"region": "eu-west-1"}, "InvalidSignatureException"),
                            ({"signing": "connect"}, "InvalidSignatureException"),
                            ({"late_s": -400}, "InvalidSignatureException")]:
        is_equal(s.call("sqs", "ListQueues", change=spoiled).code(), wanted)
    is_equal(s.call("sqs", "ListQueues", key={"id": "AKIAX", "secret": "x"}).code(), "UnrecognizedClientException")
    is_equal(s.call("sqs", "ListQueues", key={"id": "AKIASANDBOX000000001", "secret": "x"}).code(), "InvalidSignatureException")
    is_equal(s.call("sqs", "ListQueues", body=b"[]").code(), "SerializationException")
    is_equal(s.call("sqs", "DanceMessage").code(), "UnknownOperationException")


def test_a_message_comes_and_goes(s):
    sent = send(s, "hello é", "00u1", "d1")
    is_equal(sent["MD5OfMessageBody"], hashlib.md5("hello é".encode()).hexdigest())
    is_equal(len(sent["SequenceNumber"]), 20)
    [m] = receive(s)
    is_equal((m["MessageId"], m["Body"], m["MD5OfBody"]), (sent["MessageId"], "hello é", sent["MD5OfMessageBody"]))
    a = m["Attributes"]
    is_equal((a["MessageGroupId"], a["MessageDeduplicationId"], a["SequenceNumber"], a["ApproximateReceiveCount"]),
             ("00u1", "d1", sent["SequenceNumber"], "1"))
    is_equal(attributes(s)["ApproximateNumberOfMessagesNotVisible"], "1")
    is_equal(delete(s, m).status, 200)
    is_equal(delete(s, m).status, 200)  # what is gone is gone
    is_equal(attributes(s)["ApproximateNumberOfMessagesNotVisible"], "0")


def test_long_bodies_have_the_right_md5(s):
    for n in (1, 55, 56, 63, 64, 65, 119, 120, 100000):
        is_equal(send(s, "x" * n, "g", f"d{n}")["MD5OfMessageBody"], hashlib.md5(b"x" * n).hexdigest())


def test_a_group_keeps_its_order_and_waits_while_one_is_in_flight(s):
    for body in ("a1", "b1", "a2", "a3", "c1"):
        send(s, body, body[0])
    [a1, b1] = receive(s, 2)
    is_equal(bodies([a1, b1]), ["a1", "b1"])
    is_equal(bodies(receive(s)), ["c1"])  # a2 and a3 wait for a1
    is_equal(bodies(receive(s)), [])
    delete(s, a1)
    is_equal(bodies(receive(s)), ["a2", "a3"])  # several of one group may come together, in order
    is_equal(bodies(receive(s)), [])


def test_what_is_not_deleted_comes_again_in_order(s):
    for body in ("a1", "a2", "b1"):
        send(s, body, body[0])
    [a1] = receive(s, 1, VisibilityTimeout=10)
    s.control("POST", "sqs/forward", seconds=9)
    is_equal(bodies(receive(s)), ["b1"])
    s.control("POST", "sqs/forward", seconds=2)
    is_equal(delete(s, a1).code(), "InvalidParameterValue")  # its receipt has expired
    again = receive(s)
    is_equal(bodies(again), ["a1", "a2"])
    is_equal([m["Attributes"]["ApproximateReceiveCount"] for m in again], ["2", "1"])
    is_equal(delete(s, a1).code(), "InvalidParameterValue")  # and it was received anew
    is_equal(delete(s, again[0]).status, 200)


def test_visibility_is_changed(s):
    send(s, "a1", "a")
    [a1] = receive(s, VisibilityTimeout=30)
    is_equal(change(s, a1, 0).status, 200)
    [a1] = receive(s, VisibilityTimeout=30)
    is_equal(change(s, a1, 100).status, 200)
    s.control("POST", "sqs/forward", seconds=99)
    is_equal(receive(s), [])
    s.control("POST", "sqs/forward", seconds=2)
    is_equal(change(s, a1, 5).code(), "MessageNotInflight")
    is_equal(len(receive(s)), 1)
    for seconds in (-1, 43201):
        is_equal(change(s, a1, seconds).code(), "InvalidParameterValue")
    is_equal(s.call("sqs", "ChangeMessageVisibility", QueueUrl=url(s), ReceiptHandle="nonsense", VisibilityTimeout=1).code(),
             "ReceiptHandleIsInvalid")


def test_what_is_sent_again_within_five_minutes_is_there_once(s):
    first, second = send(s, "one", "a", "d"), send(s, "other", "b", "d")
    is_equal((second["MessageId"], second["SequenceNumber"]), (first["MessageId"], first["SequenceNumber"]))
    [m] = receive(s)
    is_equal(m["Body"], "one")
    delete(s, m)
    send(s, "again", "a", "d")
    is_equal(receive(s), [])  # remembered although it is deleted
    s.control("POST", "sqs/forward", seconds=299)
    send(s, "again", "a", "d")
    is_equal(receive(s), [])
    s.control("POST", "sqs/forward", seconds=2)
    send(s, "again", "a", "d")
    is_equal(bodies(receive(s)), ["again"])


def test_contents_can_name_themselves(s):
    s.control("POST", "sqs/queue", name="c.fifo", content_based=True)
    for body in ("x", "x", "y"):
        s.good("sqs", "SendMessage", QueueUrl=url(s, "c.fifo"), MessageBody=body, MessageGroupId="g")
    is_equal(bodies(receive(s, queue="c.fifo")), ["x", "y"])


def test_too_often_received_is_a_dead_letter(s):
    s.control("POST", "sqs/queue", name="w.fifo", dead_letter="roster-dead.fifo", max_received=2)
    for body in ("a1", "a2"):
        send(s, body, "a", queue="w.fifo")
    for _ in range(2):
        [m] = receive(s, 1, queue="w.fifo", VisibilityTimeout=1)
        is_equal(m["Body"], "a1")
        s.control("POST", "sqs/forward", seconds=2)
    is_equal(bodies(receive(s, 1, queue="w.fifo")), ["a2"])  # its group goes on
    [dead] = receive(s, queue="roster-dead.fifo")
    is_equal((dead["Body"], dead["Attributes"]["MessageGroupId"], dead["Attributes"]["DeadLetterQueueSourceArn"]),
             ("a1", "a", "arn:aws:sqs:us-east-1:123456789012:w.fifo"))


def test_dead_letters_are_moved_back(s):
    s.control("POST", "sqs/queue", name="w.fifo", dead_letter="roster-dead.fifo", max_received=1)
    for body in ("a1", "b1"):
        send(s, body, body[0], queue="w.fifo")
    receive(s, queue="w.fifo", VisibilityTimeout=0)
    is_equal(receive(s, queue="w.fifo"), [])
    source = "arn:aws:sqs:us-east-1:123456789012:roster-dead.fifo"
    is_equal(attributes(s, "roster-dead.fifo")["ApproximateNumberOfMessages"], "2")
    assert s.good("sqs", "StartMessageMoveTask", SourceArn=source)["TaskHandle"]
    [task] = s.good("sqs", "ListMessageMoveTasks", SourceArn=source)["Results"]
    is_equal((task["Status"], task["ApproximateNumberOfMessagesMoved"]), ("COMPLETED", 2))
    back = receive(s, queue="w.fifo")
    is_equal([(m["Body"], m["Attributes"]["ApproximateReceiveCount"]) for m in back], [("a1", "1"), ("b1", "1")])
    is_equal(s.call("sqs", "StartMessageMoveTask", SourceArn=source + "x").code(), "ResourceNotFoundException")
    is_equal(s.call("sqs", "StartMessageMoveTask", SourceArn="arn:aws:sqs:us-east-1:123456789012:w.fifo").code(),
             "InvalidParameterValue")


def entries(n, **more):
    return [{"Id": f"i{i}", "MessageBody": f"m{i}", "MessageGroupId": f"g{i}", "MessageDeduplicationId": f"d{i}", **more}
            for i in range(n)]


def test_batches(s):
    got = s.good("sqs", "SendMessageBatch", QueueUrl=url(s), Entries=entries(10))
    is_equal([e["Id"] for e in got["Successful"]], [f"i{i}" for i in range(10)])
    assert "Failed" not in got, got
    for batch, wanted in [(entries(11), "TooManyEntriesInBatchRequest"), ([], "EmptyBatchRequest"),
                          (entries(1) * 2, "BatchEntryIdsNotDistinct"), ([{**entries(1)[0], "Id": "a b"}], "InvalidBatchEntryId"),
                          (entries(2, MessageBody="x" * 600000), "BatchRequestTooLong")]:
        is_equal(s.call("sqs", "SendMessageBatch", QueueUrl=url(s), Entries=batch).code(), wanted)
    messages = receive(s)
    is_equal(len(messages), 10)
    got = s.good("sqs", "ChangeMessageVisibilityBatch", QueueUrl=url(s), Entries=[
        {"Id": str(i), "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 0} for i, m in enumerate(messages)])
    is_equal(len(got["Successful"]), 10)
    messages = receive(s)
    is_equal(len(messages), 10)
    got = s.good("sqs", "DeleteMessageBatch", QueueUrl=url(s), Entries=[
        {"Id": "good", "ReceiptHandle": messages[0]["ReceiptHandle"]}, {"Id": "bad", "ReceiptHandle": "x"}])
    is_equal([e["Id"] for e in got["Successful"]], ["good"])
    [bad] = got["Failed"]
    is_equal((bad["Id"], bad["SenderFault"], bad["Code"]), ("bad", True, "ReceiptHandleIsInvalid"))


def test_one_bad_entry_does_not_spoil_its_batch(s):
    got = s.good("sqs", "SendMessageBatch", QueueUrl=url(s),
                 Entries=[*entries(2), {"Id": "z", "MessageBody": "bell \a", "MessageGroupId": "g", "MessageDeduplicationId": "z"}])
    is_equal(len(got["Successful"]), 2)
    [bad] = got["Failed"]
    is_equal((bad["Id"], bad["SenderFault"], bad["Code"]), ("z", True, "InvalidMessageContents"))


def test_partial_failures_on_demand(s):
    s.control("POST", "sqs/faults", operation="SendMessageBatch", kinds=["partial"], count=1)
    got = s.good("sqs", "SendMessageBatch", QueueUrl=url(s), Entries=entries(5))
    is_equal([e["Id"] for e in got["Successful"]], ["i1", "i3"])
    is_equal({(e["Code"], e["SenderFault"]) for e in got["Failed"]}, {("InternalError", False)})
    got = s.good("sqs", "SendMessageBatch", QueueUrl=url(s), Entries=entries(5))
    is_equal(len(got["Successful"]), 5)
    is_equal(sorted(bodies(receive(s))), ["m0", "m1", "m2", "m3", "m4"])
    s.control("POST", "sqs/faults", operation="SendMessageBatch", kinds=["partial_sender"], count=1)
    [bad] = s.good("sqs", "SendMessageBatch", QueueUrl=url(s), Entries=entries(2))["Failed"]
    is_equal((bad["Id"], bad["SenderFault"]), ("i0", True))


def test_what_may_be_sent(s):
    def code(**more):
        members = {"QueueUrl": url(s), "MessageBody": "b", "MessageGroupId": "g", "MessageDeduplicationId": "d", **more}
        return s.call("sqs", "SendMessage", **{k: v for k, v in members.items() if v is not None}).code()

    for more, wanted in [
            ({}, None), ({"MessageGroupId": None}, "MissingParameter"), ({"MessageDeduplicationId": None}, "InvalidParameterValue"),
            ({"MessageBody": None}, "MissingParameter"), ({"MessageBody": ""}, "MissingParameter"),
            ({"MessageBody": "x" * 1048577}, "InvalidParameterValue"), ({"MessageBody": "x" * 1048576}, None),
            ({"MessageBody": "\0"}, "InvalidMessageContents"), ({"MessageBody": "\x1b"}, "InvalidMessageContents"),
            ({"MessageBody": "\ufffe"}, "InvalidMessageContents"), ({"MessageBody": "\uffff"}, "InvalidMessageContents"),
            ({"MessageBody": "\t\r\n\x7f\ufffd\U0001f600"}, None), ({"DelaySeconds": 1}, "InvalidParameterValue"),
            ({"MessageGroupId": "a b"}, "InvalidParameterValue"), ({"MessageGroupId": "é"}, "InvalidParameterValue"),
            ({"MessageGroupId": "x" * 129}, "InvalidParameterValue"), ({"MessageGroupId": "x" * 128}, None),
            ({"MessageDeduplicationId": ""}, "InvalidParameterValue"), ({"QueueUrl": None}, "MissingParameter"),
            ({"QueueUrl": "http://x/1/none.fifo"}, "QueueDoesNotExist")]:
        got = code(**more)
        assert got == wanted, f"{str(more)[:80]}: got {got}, wanted {wanted}"


def test_errors_are_told_twice(s):
    answer = s.call("sqs", "SendMessage", QueueUrl="http://x/1/none.fifo", MessageBody="b")
    is_equal(answer.headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender")
    is_equal(answer.json()["__type"], "com.amazonaws.sqs#QueueDoesNotExist")


def test_receiving_waits(s):
    began = time.monotonic()
    is_equal(receive(s, WaitTimeSeconds=1), [])
    assert 0.9 < time.monotonic() - began < 5
    send(s, "soon", "a")
    is_equal(bodies(receive(s, WaitTimeSeconds=20)), ["soon"])


def test_queues_are_found_and_made(s):
    is_equal(s.good("sqs", "GetQueueUrl", QueueName="roster.fifo")["QueueUrl"], url(s))
    is_equal(s.call("sqs", "GetQueueUrl", QueueName="none").code(), "QueueDoesNotExist")
    s.good("sqs", "CreateQueue", QueueName="n.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "360"})
    is_equal(attributes(s, "n.fifo")["VisibilityTimeout"], "360")
    is_equal(s.call("sqs", "CreateQueue", QueueName="m", Attributes={"VisibilityTimeout": "x"}).code(), "InvalidAttributeValue")
    is_equal(s.call("sqs", "CreateQueue", QueueName="a/b").code(), "InvalidParameterValue")
    assert url(s, "n.fifo") in s.good("sqs", "ListQueues")["QueueUrls"]
    assert '"maxReceiveCount":5' in attributes(s)["RedrivePolicy"]


def test_a_standard_queue_has_no_groups(s):
    s.good("sqs", "CreateQueue", QueueName="plain")
    for body in "abc":
        s.good("sqs", "SendMessage", QueueUrl=url(s, "plain"), MessageBody=body)
    is_equal(bodies(receive(s, 1, queue="plain")), ["a"])
    is_equal(bodies(receive(s, queue="plain")), ["b", "c"])


def test_old_messages_are_dropped(s):
    send(s, "old")
    s.control("POST", "sqs/forward", seconds=4 * 24 * 3600)
    is_equal(receive(s), [])


def test_faults_and_counts(s):
    s.control("POST", "sqs/faults", operation="SendMessage", kinds=["throttle"], count=1)
    members = {"QueueUrl": url(s), "MessageBody": "b", "MessageGroupId": "g", "MessageDeduplicationId": "d"}
    is_equal(s.call("sqs", "SendMessage", **members).code(), "RequestThrottled")
    s.control("POST", "sqs/faults", operation="SendMessage", kinds=["cut_after"], count=1)
    try:
        s.call("sqs", "SendMessage", **members)
        raise AssertionError("the connection was not cut")
    except (ConnectionError, OSError):
        pass
    is_equal(bodies(receive(s)), ["b"])
    counts = s.control("GET", "sqs/calls")
    is_equal((counts["SendMessage"]["throttled"], counts["SendMessage"]["done"]), (1, 1))
    is_equal([m["body"] for m in s.control("GET", "sqs")["queues"][0]["messages"]], ["b"])
    s.control("POST", "sqs/purge")
    is_equal(s.control("GET", "sqs")["queues"][0]["messages"], [])


def test_an_sdk_of_amazons_understands_it(s):
    try:
        import boto3
    except ImportError:
        raise NotImplementedError("boto3 is not installed") from None
    client = boto3.client("sqs", endpoint_url=f"http://{s.address}", region_name="us-east-1",
                          aws_access_key_id="AKIASANDBOX000000001", aws_secret_access_key="sandbox-secret-key")
    queue = client.get_queue_url(QueueName="roster.fifo")["QueueUrl"]
    client.send_message_batch(QueueUrl=queue, Entries=[
        {"Id": "a", "MessageBody": "b", "MessageGroupId": "g", "MessageDeduplicationId": "d"}])
    [m] = client.receive_message(QueueUrl=queue, MessageSystemAttributeNames=["All"])["Messages"]
    client.delete_message(QueueUrl=queue, ReceiptHandle=m["ReceiptHandle"])
    try:
        client.send_message(QueueUrl=queue + "x", MessageBody="b")
        raise AssertionError("an unknown queue was accepted")
    except client.exceptions.QueueDoesNotExist:
        pass


def main():
    tests = [(name, function) for name, function in globals().items() if name.startswith("test_")]
    sys.exit(run_tests(sys.argv[1], tests) != 0)


main()
