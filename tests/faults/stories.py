"""What happens in a case while the faults do: short lives of a few people, each of which ends in the same way whatever breaks
meanwhile. A story is a function of a Rig that is not started yet."""
import org
from lib import APP, GROUP, app_event, event, group_event, now_text, user_target
from rig import STRANGERS

NOW = {"OKTA": {"SETTLE": "0s"}, "Connect": {"REMOVAL_GRACE": "0s", "MAX_REMOVALS": "none", "MAX_CHANGES": "none"}}
DELETE = {"ON_REMOVE": "delete"}
PARKED = {"PARKED_SECURITY_PROFILE": "QualityAnalyst", "PARKED_ROUTING_PROFILE": "Idle Routing Profile"}


def merged(settings, **more):
    return {section: settings.get(section, {}) | more.get(section, {}) for section in {*settings, *more}}


def name_of(rig, name):
    agent = rig.sandbox.agents().get(name + "@acme.com")
    return agent and agent["IdentityInfo"]["FirstName"]


def profiles_of(rig, name):
    agent = rig.sandbox.agents().get(name + "@acme.com")
    return agent and agent["SecurityProfileNames"]


def hook(rig):
    """Three come, one goes, one changes, the one is back."""
    rig.start_story()
    rig.tell(app_event("ann"))
    rig.tell(group_event("bob"), app_event("cid"))
    rig.until_agents("ann", "bob", "cid")
    rig.tell(app_event("cid", "remove", published=now_text(0.01)), group_event("bob", display="Robert Test",
                                                                              published=now_text(0.01)))
    rig.until_agents("ann", "bob")
    rig.until(lambda: name_of(rig, "bob") == "Robert", "bob's new name")
    rig.tell(app_event("cid", published=now_text(0.02)))
    rig.until_agents("ann", "bob", "cid")
    rig.finish()
    rig.expect_done(CreateUser=4, DeleteUser=1)


def account_event(name, kind):
    return event(f"user.lifecycle.{kind}", [user_target(name)], published=now_text(0.01))


def changes(rig):
    """One is parked and comes back; one gets another user name, so a new agent and the end of the old one; two have the names
    of strangers' agents, and are held."""
    rig.start_story()
    rig.tell(app_event("ann"), app_event("bob"), *map(app_event, STRANGERS))
    rig.until_agents("ann", "bob")
    rig.tell(account_event("ann", "suspend"))
    rig.until(lambda: profiles_of(rig, "ann") == ["QualityAnalyst"], "ann parked")
    rig.tell(app_event("bob", app_user="rob@acme.com", published=now_text(0.01)), account_event("ann", "unsuspend"))
    rig.until_agents("ann", "rob")
    rig.until(lambda: profiles_of(rig, "ann") == ["Agent"], "ann back")
    rig.until(lambda: rig.people("held") == len(STRANGERS), "those with strangers' names held")
    rig.finish()
    rig.expect_done(CreateUser=3, DeleteUser=1)


def seed_org(**more):
    return org.seed(people=["ann", "bob", "cid"], **more)


def api(rig, client=None):
    """Okta is read: by its hook, and by the System Log when that does not come through."""
    org.open_org(rig, seed_org(in_app=["dan"]), client, SETTLE="0s")
    rig.after_start = lambda: rig.unless_it_dies(org.add_hook, rig)
    rig.start_story()
    rig.sandbox.post("okta/assign", app=APP, user=org.login("ann"))
    rig.sandbox.post("okta/member", group=GROUP, user=org.login("bob"))
    rig.sandbox.post("okta/assign", app=APP, user=org.login("cid"))
    rig.until_agents("ann", "bob", "cid", "dan")
    rig.sandbox.post("okta/unassign", app=APP, user=org.login("cid"))
    rig.sandbox.post("okta/profile", user=org.login("bob"), profile={"firstName": "Robert"})
    rig.until_agents("ann", "bob", "dan")
    rig.until(lambda: name_of(rig, "bob") == "Robert", "bob's new name")
    rig.finish()
    rig.expect_done(CreateUser=4, DeleteUser=1)


def reconcile(rig):
    """Nothing tells the daemon what changed, neither in Okta nor in Amazon Connect; it finds out by comparing all."""
    org.open_org(rig, seed_org(in_app=["ann", "bob", "cid", "zoe"]), SETTLE="0s", CATCH_UP_EVERY="1h")
    rig.start_story()
    rig.until_agents("ann", "bob", "cid")
    rig.sandbox.call("DELETE", "agent/" + org.login("ann"))
    rig.sandbox.post("agent/change", name=org.login("bob"), security_profiles=["QualityAnalyst"])
    rig.sandbox.post("okta/unassign", app=APP, user=org.login("cid"))
    rig.until_agents("ann", "bob")
    rig.until(lambda: profiles_of(rig, "bob") == ["Agent"], "bob's profile mended")
    rig.until(lambda: rig.people("held") == 1, "who has a stranger's name is held")
    rig.finish()
    rig.expect_done(CreateUser=4, DeleteUser=1)


def api_by_client(rig):
    api(rig, client={})


STORIES = {
    "hook": (hook, merged(NOW, Connect=DELETE)),
    "changes": (changes, merged(NOW, Connect=DELETE | PARKED | {"ON_RENAME": "replace"})),
    "api": (api, merged(NOW, Connect=DELETE)),
    "client": (api_by_client, merged(NOW, Connect=DELETE)),
    "reconcile": (reconcile, merged(NOW, Connect=DELETE | {"RECONCILE_EVERY": "1s"})),
}
