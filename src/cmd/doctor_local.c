/* What can be seen from here: secrets, store and audit log, TLS, the daemon. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cmd/doctor.h"
#include "cmd/status.h"
#include "crypt/certificate.h"
#include "store/audit.h"
#include "text/time.h"

enum { PEM_LIMIT = 1024 * 1024, DAY_MS = 24 * 3600 * 1000, WARN_DAYS = 21, TEXT_LIMIT = 64 };

static void look_at_secrets(struct doctor *d)
{
    const struct settings *s = d->o.settings;

    if (!s->has_hook)
        doctor_tell(d, DOCTOR_GOOD, "hook secret",
                    "none is needed: [OKTA] HOOK is off, the System Log is read");
    else if (!secret_is_set(&s->hook_secret))
        doctor_tell(d, DOCTOR_WRONG, "hook secret",
                    "there is none, so 'roster serve' will not start: set [OKTA] HOOK_SECRET_FILE "
                    "to a file with what the event hook in Okta sends");
    else if (secret_is_set(&s->hook_secret_previous))
        doctor_tell(d, DOCTOR_NOTE, "hook secret",
                    "set, and the previous one is accepted, too: take HOOK_SECRET_PREVIOUS out "
                    "once Okta sends the new one");
    else
        doctor_tell(d, DOCTOR_GOOD, "hook secret", "set");
}

/* ---- store ---- */

static void look_at_audit(struct doctor *d)
{
    struct audit_verdict verdict;
    struct fail fail;

    if (store_audit_verify(d->o.store, NULL, NULL, NULL, &verdict, &fail) != ERR_NONE)
        doctor_tell(d, DOCTOR_WRONG, "audit log", "it cannot be read: %s", fail.text);
    else if (verdict.findings > 0)
        doctor_tell(d, DOCTOR_WRONG, "audit log",
                    "it is not as it was written: 'roster audit verify' tells where; compare with "
                    "a backup");
    else
        doctor_tell(d, DOCTOR_GOOD, "audit log", "intact, %" PRId64 " rows", verdict.rows);
}

static enum err open_and_check(struct doctor *d, const char *file, struct fail *fail)
{
    struct pin *pins = NULL;
    size_t n = 0;
    enum err err = store_open(file, STORE_READ, &d->o.store, fail);

    if (err == ERR_NONE)
        err = store_check(d->o.store, fail);
    if (err == ERR_NONE)
        err = store_managed_count(d->o.store, &d->managed, fail);
    if (err == ERR_NONE)
        err = store_pins(d->o.store, &d->o.arena, &pins, &n, fail);
    d->o.pinned = pinned_names(pins, n);
    return err;
}

static void look_at_store(struct doctor *d)
{
    char *file = mem_dup(d->o.settings->store_file);
    struct fail fail;

    if (file[0] == '\0')
        doctor_tell(d, DOCTOR_NOTE, "store", "none: with [Queue] URL the queue keeps what waits");
    else if (!fs_exists(file))
        doctor_tell(d, DOCTOR_NOTE, "store", "%s is not there yet; 'roster serve' makes it", file);
    else if (open_and_check(d, file, &fail) != ERR_NONE)
        doctor_tell(d, DOCTOR_WRONG, "store", "%s", fail.text);
    else {
        doctor_tell(d, DOCTOR_GOOD, "store", "%s, %" PRId64 " agents are looked after", file,
                    d->managed);
        look_at_audit(d);
    }
    free(file);
}

/* Whether it runs, and what it waits for a person for. */
static void look_at_daemon(struct doctor *d)
{
    double per_second = rate_limits_for(&d->o.settings->rate, SPAN(OP_CREATE_USER));
    struct status status;
    struct fail fail;

    if (d->o.store == NULL)
        return;
    if (status_read(&d->o, clock_wall_ms(), &status, &fail) != ERR_NONE) {
        doctor_tell(d, DOCTOR_WRONG, "daemon", "%s", fail.text);
        return;
    }
    if (status.engine_pid > 0)
        doctor_tell(d, DOCTOR_GOOD, "daemon", "it runs, as process %ld", status.engine_pid);
    else
        doctor_tell(d, DOCTOR_NOTE, "daemon",
                    "it does not run, as far as can be seen from here: nobody takes deliveries");
    status_judge(&status, per_second, &d->o.arena);
    for (size_t i = 0; i < status.n_needs; i++)
        doctor_tell(d, DOCTOR_NOTE, "work", "%s", status.needs[i]);
}

/* ---- TLS ---- */

static enum err read_certificate(const struct settings *s, struct certificate *out,
                                 struct fail *fail)
{
    char *cert_file = mem_dup(s->tls_cert), *key_file = mem_dup(s->tls_key);
    struct buf cert, key;
    enum err err;

    buf_init(&cert, PEM_LIMIT);
    buf_init(&key, PEM_LIMIT);
    err = fs_read(cert_file, &cert, fail);
    if (err == ERR_NONE)
        err = fs_read(key_file, &key, fail);
    if (err == ERR_NONE)
        err = certificate_read(buf_span(&cert), buf_span(&key), out, fail);
    explicit_bzero(key.p, key.n);
    buf_done(&cert);
    buf_done(&key);
    free(cert_file);
    free(key_file);
    return err;
}

static void look_at_certificate(struct doctor *d)
{
    struct certificate certificate = {0};
    int64_t now_ms = clock_wall_ms();
    struct fail fail;
    struct buf until;

    if (read_certificate(d->o.settings, &certificate, &fail) != ERR_NONE) {
        doctor_tell(d, DOCTOR_WRONG, "TLS", "[Server] TLS_CERT %.*s: %s",
                    SPAN_ARG(d->o.settings->tls_cert), fail.text);
        return;
    }
    buf_init(&until, TEXT_LIMIT);
    time_add_ms(&until, certificate.not_after_ms);
    if (now_ms < certificate.not_before_ms)
        doctor_tell(d, DOCTOR_WRONG, "TLS",
                    "the certificate is not good yet: set the machine's clock, or get another one");
    else if (now_ms >= certificate.not_after_ms)
        doctor_tell(d, DOCTOR_WRONG, "TLS",
                    "the certificate has ended at %s: Okta delivers nothing; renew it, and restart",
                    until.p);
    else if (certificate.not_after_ms - now_ms < (int64_t)WARN_DAYS * DAY_MS)
        doctor_tell(d, DOCTOR_WRONG, "TLS", "the certificate ends at %s: renew it, and restart",
                    until.p);
    else
        doctor_tell(d, DOCTOR_GOOD, "TLS", "certificate and key belong together; good until %s",
                    until.p);
    buf_done(&until);
}

static void look_at_tls(struct doctor *d)
{
    struct span listen = d->o.settings->listen;

    if (!d->o.settings->has_hook)
        return;
    if (d->o.settings->tls_cert.n > 0)
        look_at_certificate(d);
    else if (span_starts(listen, SPAN("127.")) || span_starts(listen, SPAN("[::1]")) ||
             span_starts(listen, SPAN("localhost")) || span_starts(listen, SPAN("unix:")))
        doctor_tell(d, DOCTOR_GOOD, "TLS",
                    "none here: it listens at %.*s, for a proxy in front that does it",
                    SPAN_ARG(listen));
    else
        doctor_tell(d, DOCTOR_WRONG, "TLS",
                    "it listens at %.*s without TLS, where the hook's secret can be read on the "
                    "way: set [Server] TLS_CERT and TLS_KEY, or LISTEN on loopback with a proxy "
                    "in front",
                    SPAN_ARG(listen));
}

void doctor_look_here(struct doctor *d)
{
    d->managed = -1;
    look_at_secrets(d);
    look_at_store(d);
    look_at_daemon(d);
    look_at_tls(d);
}
