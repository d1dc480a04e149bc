"""Credentials that end and secrets that change while the daemon runs."""
import signal
import time

import lib
import org
from lib import app_event
from stories import NOW

NEW_HOOK_SECRET = "Bearer rotated-s3cret-00112233445566"
NEW_KEY_ID, NEW_KEY_SECRET = "AKIASANDBOX000000002", "sandbox-second-secret"
NEW_TOKEN = "00rotated-api-token"
for secret in (NEW_HOOK_SECRET.split()[1], NEW_KEY_SECRET, NEW_TOKEN):
    lib.SECRETS.append(secret)


def pause(rig):
    time.sleep(rig.chance.uniform(0, 0.3))


def write(rig, name, text):
    return org.write_secret(rig, "hook-secret-" + name, text)


def write_hook_secret(rig):
    org.write_secret(rig, "hook-secret", lib.HOOK_SECRET)


def hook_secret(rig):
    """Both secrets open while both are set; the old one does not afterwards. A kill in between changes nothing."""
    rig.set(OKTA={"HOOK_SECRET_FILE": write(rig, "now", lib.HOOK_SECRET), "HOOK_SECRET_PREVIOUS_FILE": write(rig, "former", lib.HOOK_SECRET)})
    rig.start_story()
    rig.tell(app_event("ann"))
    write(rig, "now", NEW_HOOK_SECRET)
    if rig.chance.random() < 0.5:
        rig.daemon.process.send_signal(signal.SIGHUP)
    else:
        rig.daemon.stop()
        rig.begin()
    rig.n_struck += 1

    def opens(secret):
        return rig.deliver(lib.envelope(), secret=secret).status in (200, 204)
    rig.until(lambda: opens(NEW_HOOK_SECRET), "the new secret opens")
    assert opens(lib.HOOK_SECRET), "the former one does, too"
    write(rig, "former", NEW_HOOK_SECRET)
    rig.daemon.process.send_signal(signal.SIGHUP)
    rig.until(lambda: not opens(lib.HOOK_SECRET), "the former one no longer opens")
    assert opens(NEW_HOOK_SECRET)
    event = app_event("bob")
    assert rig.deliver(lib.envelope(event), secret=NEW_HOOK_SECRET).status in (200, 204)
    rig.acknowledged.add(event["uuid"])
    rig.until_agents("ann", "bob")
    rig.finish()
    rig.expect_done(CreateUser=2)


def unreadable_secret(rig):
    """A secret file that is gone, or that everybody may read, changes nothing while the daemon runs."""
    file = rig.folder / "hook-secret"
    rig.start_story()
    rig.tell(app_event("ann"))
    if rig.chance.random() < 0.5:
        file.unlink()
    else:
        file.chmod(0o644)
    rig.daemon.process.send_signal(signal.SIGHUP)
    rig.n_struck += 1
    pause(rig)
    rig.tell(app_event("bob"))
    rig.until_agents("ann", "bob")
    write_hook_secret(rig)
    rig.finish()
    rig.expect_done(CreateUser=2)


def keys_file(rig):
    """The key of the shared credentials file ends; the file has another one by then, or a little later."""
    def keep(key, secret, token=None):
        path.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n" +
                        (f"aws_session_token = {token}\n" if token else ""), encoding="utf-8")
        path.chmod(0o600)
    path = rig.folder / "hook-secret-credentials"
    rig.start_sandbox(keys=[{"id": "ASIATEMPORARY0000001", "secret": NEW_KEY_SECRET, "token": "tok-1", "expires_in_s": 3600}])
    keep("ASIATEMPORARY0000001", NEW_KEY_SECRET, "tok-1")
    rig.extra_environment |= {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_SHARED_CREDENTIALS_FILE": str(path)}
    rig.start_story()
    rig.tell(app_event("ann"))
    rig.until_agents("ann")
    is_late = rig.chance.random() < 0.5
    if not is_late:
        keep(lib.KEY_ID, lib.KEY_SECRET)
    rig.sandbox.post("keys", expire=True)
    rig.n_struck += 1
    rig.tell(app_event("bob"))
    if is_late:
        pause(rig)
        keep(lib.KEY_ID, lib.KEY_SECRET)
        rig.is_nudged = True
    rig.until_agents("ann", "bob")
    rig.finish()
    rig.expect_done(CreateUser=2)


def api_token(rig):
    """The token of Okta's API is revoked; the file has another one a little later."""
    org.open_org(rig, org.seed(people=["ann", "bob"]), SETTLE="0s")
    rig.start_story()
    rig.sandbox.post("okta/assign", app=lib.APP, user=org.login("ann"))
    rig.until_agents("ann")
    rig.sandbox.post("okta/tokens", expire="all")
    rig.sandbox.post("okta/tokens", token=NEW_TOKEN, role="admin")
    rig.n_struck += 1
    rig.sandbox.post("okta/assign", app=lib.APP, user=org.login("bob"))
    pause(rig)
    write(rig, "token", NEW_TOKEN)
    rig.daemon.process.send_signal(signal.SIGHUP)
    rig.patience_s = 100
    rig.until_agents("ann", "bob")
    rig.finish()
    rig.expect_done(CreateUser=2)


def access_token(rig):
    """The access tokens of a service app end again and again, and DPoP's nonce with them."""
    org.open_org(rig, org.seed(people=["ann", "bob", "cid"]), {"dpop": rig.chance.random() < 0.5}, SETTLE="0s")
    rig.start_story()
    for name in ("ann", "bob", "cid"):
        rig.sandbox.post("okta/assign", app=lib.APP, user=org.login(name))
        rig.sandbox.post("okta/tokens", expire="access")
        if rig.chance.random() < 0.5:
            rig.sandbox.post("okta/tokens", new_nonce=True)
        rig.n_struck += 1
        pause(rig)
    rig.until_agents("ann", "bob", "cid")
    rig.finish()
    rig.expect_done(CreateUser=3)


def container(rig):
    """Credentials of a container that live for moments are fetched anew before they end."""
    rig.start_sandbox()
    rig.sandbox.post("keys", lifetime_s=rig.chance.choice([1, 2, 3]))
    rig.extra_environment |= {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                              "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{rig.sandbox.address}/container-credentials"}
    rig.start_story()
    for name in ("ann", "bob", "cid"):
        rig.tell(app_event(name))
        time.sleep(rig.chance.uniform(0, 1.5))
        rig.sandbox.post("keys", expire=True)
        rig.n_struck += 1
    rig.is_nudged = True
    rig.until_agents("ann", "bob", "cid")
    rig.finish()
    rig.expect_done(CreateUser=3)


KINDS = {"rotated secrets": {"hook secret": hook_secret, "secret file unreadable": unreadable_secret, "Okta's API token": api_token},
         "expired credentials": {"shared credentials": keys_file, "Okta's access tokens": access_token,
                                 "container credentials": container}}


def cases():
    """(name, run, settings, prepare, kind)"""
    for kind, secrets in KINDS.items():
        for name, run in secrets.items():
            for number in range(14):
                yield f"{name} {number}", run, NOW, lambda rig: None, kind
