"""What Roster promises about AWS Lambda: from the start of the process to the first answer, memory, and the size of the package.
The package's own program, behind a Runtime API on loopback, with the sandbox for SQS and the secret."""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/lambda"))
PACKAGE = TOP / "build-lambda/roster-lambda.zip"


def work_off(table, program, sandbox_program, is_quick):
    """The burst: 200 people at once, at Amazon Connect's own rate, while workers are killed."""
    import work  # of tests/lambda
    n, rate = (60, 10) if is_quick else (200, 2)
    w = work.Work(program, sandbox_program, okta=work.seed(in_group=["ann"], rates={"bucket": "*", "limit": 0}))
    try:
        w.send(work.message("ann"))
        messages = w.receive()
        w.stub.put(work.event_of(messages))
        began = time.perf_counter()
        function = w.start("converge")
        assert w.stub.result().json() == {"batchItemFailures": []}
        first_ms = (time.perf_counter() - began) * 1000
        w.sandbox.good("sqs", "DeleteMessage", QueueUrl=w.queue_url(), ReceiptHandle=messages[0]["ReceiptHandle"])
        for _ in range(20):
            w.work_off(*(work.message("ann") for _ in range(10)))
        peak_mib = int(function.status("VmHWM").split()[0]) / 1024
        w.kill(function)
        w.sandbox.control("DELETE", f"agent/{work.login('ann')}")
        w.okta("member/remove", group="Connect Agents", user=work.login("ann"))
        w.sandbox.control("POST", "calls/reset")
        took_s = work.burst(w, n, rate, seconds=n / rate * 3 + 60, visibility_s=60 if not is_quick else 8,
                            deadline_s=30 if not is_quick else 6)
    finally:
        w.end()
    least_s = (n - 2.5 * rate) / rate
    table.add("Lambda: exec to the first agent, with Okta read", f"{first_ms:.1f} ms")
    table.add("Lambda: peak memory of the working function", f"{peak_mib:.1f} MiB", "< 24 MiB", peak_mib < 24)
    table.add(f"Lambda: {n} people at once, 2 workers, 4 times killed", f"{took_s:.0f} s at {rate} a second, {least_s:.0f} s at least",
              "< twice the least", took_s < 2 * least_s + 30)


def first_answer(world, event):
    """Milliseconds from exec to the answer to the first delivery, with the secret read and the message in the queue."""
    world.sandbox.control("POST", "secrets/secret", name="hook", value=world.secret)
    arn = world.sandbox.control("GET", "secrets")["secrets"][0]["arn"]
    world.stub.put(event)
    began = time.perf_counter()
    function = world.start(ROSTER_OKTA_HOOK_SECRET=arn)
    result = world.stub.result()
    took_ms = (time.perf_counter() - began) * 1000
    assert result.json()["statusCode"] == 200, result
    return took_ms, function


def measure(table, note, times, sandbox_program):
    note("lambda: the package's program behind a Runtime API")
    import world as w  # of tests/lambda
    subprocess.run([TOP / "script/package-lambda"], check=True, stdout=subprocess.DEVNULL)
    took, warm = [], []
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "bootstrap"
        with zipfile.ZipFile(PACKAGE) as archive:
            program.write_bytes(archive.read("bootstrap"))
        program.chmod(0o755)
        for turn in range(times):
            world = w.World(str(program), str(sandbox_program))
            world.secret = w.HOOK_SECRET
            try:
                ms, function = first_answer(world, w.door_event("http", "POST", "/okta/events", w.AUTHENTIC, w.one_event()))
                took.append(ms)
                if turn < times - 1:
                    continue
                for number in range(200):
                    began = time.perf_counter()
                    w.deliver(world, w.delivery_of(w.event_of(number, f"00u{number}")))
                    warm.append((time.perf_counter() - began) * 1000)
                w.deliver(world, w.delivery_of(w.event_of(1, "00u1", x="y" * 5900000)))  # the largest that AWS hands over
                peak_mib = int(function.status("VmHWM").split()[0]) / 1024
            finally:
                world.end()
        work_off(table, str(program), str(sandbox_program), times < 10)
    ms, size_mib = statistics.median(took), PACKAGE.stat().st_size / 1024 / 1024
    table.add("Lambda: exec to the first answer, secret read and message queued", f"{ms:.1f} ms", "< 15 ms", ms < 15)
    table.add("Lambda: a delivery into the queue after that, median", f"{statistics.median(warm):.2f} ms")
    table.add("Lambda: peak memory, with an event of 6 MB", f"{peak_mib:.1f} MiB", "< 24 MiB", peak_mib < 24)
    table.add("Lambda: the package", f"{size_mib:.1f} MiB", "< 5 MiB", size_mib < 5)
