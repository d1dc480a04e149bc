/* What Okta shows of a person, over what the store knows of them. */
#include "engine/drift_private.h"

static const int64_t NS_PER_MS = 1000000;

static const struct drift_container *container_of(const struct drift_options *o,
                                                  const struct membership *m, size_t *number)
{
    for (size_t i = 0; i < o->n_containers; i++)
        if (o->containers[i].kind == m->kind && span_eq(o->containers[i].id, m->container)) {
            *number = i;
            return &o->containers[i];
        }
    return NULL;
}

static bool is_shown_in(const struct scan_user *user, size_t number)
{
    for (size_t i = 0; user != NULL && i < user->n_containers; i++)
        if (user->containers[i] == number)
            return true;
    return false;
}

/* Is what the store says of it overtaken by what was read? */
static bool is_overtaken(const struct inquiry *l, const struct membership *m, bool *is_member)
{
    const struct scan_user *user = l->facts->user;
    const struct drift_container *container;
    size_t number;

    if (m->published_ns > l->options->read_ms * NS_PER_MS)
        return false;
    if (m->kind == MEMBERSHIP_ACCOUNT || m->kind == MEMBERSHIP_SUSPENSION) {
        *is_member = m->is_member;
        return user != NULL; /* the status tells */
    }
    container = container_of(l->options, m, &number);
    if (container == NULL)
        return false;
    *is_member = is_shown_in(user, number);
    return *is_member || container->is_read || (user != NULL && user->is_read);
}

/* What was shown; not where the store knows something newer, which stands in the list already. */
static size_t add_shown(struct inquiry *l, struct membership *list, size_t n)
{
    const struct drift_options *o = l->options;
    const struct scan_user *user = l->facts->user;

    for (size_t i = 0; user != NULL && i < user->n_containers; i++) {
        const struct drift_container *c = &o->containers[user->containers[i]];
        bool is_there = false, was_member = false;

        for (size_t k = 0; k < n && !is_there; k++)
            is_there = list[k].kind == c->kind && span_eq(list[k].container, c->id);
        if (is_there)
            continue;
        for (size_t k = 0; k < l->facts->n_memberships && !was_member; k++) {
            const struct membership *m = &l->facts->memberships[k];

            was_member = m->is_member && m->kind == c->kind && span_eq(m->container, c->id);
        }
        l->out->is_news = l->out->is_news || !was_member;
        list[n++] = (struct membership){c->kind, c->id, c->name, true, o->read_ms * NS_PER_MS};
    }
    return n;
}

void drift_take_memberships(struct inquiry *l)
{
    size_t had = l->facts->n_memberships, n = 0;
    size_t shown = l->facts->user == NULL ? 0 : l->facts->user->n_containers;
    struct membership *list = arena_new(l->a, had + shown, sizeof(*list));

    for (size_t i = 0; i < had; i++) {
        const struct membership *m = &l->facts->memberships[i];
        bool is_member = false;

        if (!is_overtaken(l, m, &is_member)) {
            list[n++] = *m;
            continue;
        }
        if (!m->is_member || is_member)
            continue;
        l->out->is_news = true;
        if (l->lost.n == 0)
            l->lost = m->name.n > 0 ? m->name : m->container;
    }
    l->out->memberships = list;
    l->out->n_memberships = add_shown(l, list, n);
}

static void take(struct span *held, int64_t *held_ns, struct span said, int64_t read_ns)
{
    if (said.n == 0 || *held_ns > read_ns)
        return;
    *held = said;
    *held_ns = read_ns;
}

static bool differs(struct span said, struct span held)
{
    return said.n > 0 && !span_eq(said, held);
}

void drift_take_user(struct inquiry *l)
{
    const struct scan_user *user = l->facts->user;
    struct person *p = &l->out->person;
    int64_t read_ns = l->options->read_ms * NS_PER_MS;

    if (user == NULL)
        return;
    l->out->is_news = l->out->is_news || !l->facts->is_known || differs(user->status, p->status) ||
                      differs(user->profile, p->profile) ||
                      differs(user->app_user_name, p->app_user_name);
    p->read_ms = l->options->read_ms;
    p->status = user->status;
    if (user->profile.n > 0)
        p->profile = user->profile;
    take(&p->login, &p->facts_ns, user->login, read_ns);
    take(&p->display_name, &p->display_name_ns, user->display_name, read_ns);
    take(&p->app_user_name, &p->app_user_name_ns, user->app_user_name, read_ns);
}
