#include "model/plausible.h"

#include <inttypes.h>
#include <string.h>

enum { DIGITS_MAX = 15 };

static bool read_size(struct span text, int64_t *out)
{
    int64_t size = 0;

    if (text.n == 0 || text.n > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        size = size * 10 + (text.p[i] - '0');
    }
    *out = size;
    return true;
}

void plausible_parse(struct span text, struct plausible *out)
{
    struct span part;

    *out = (struct plausible){.n = 0};
    while (out->n < PLAUSIBLE_SIZES && span_split(&text, ',', &part))
        if (read_size(part, &out->sizes[out->n]))
            out->n++;
}

void plausible_add(struct buf *out, const struct plausible *p)
{
    for (size_t i = 0; i < p->n; i++)
        buf_printf(out, "%s%" PRId64, i > 0 ? "," : "", p->sizes[i]);
}

void plausible_push(struct plausible *p, int64_t size)
{
    p->n += p->n < PLAUSIBLE_SIZES;
    memmove(&p->sizes[1], &p->sizes[0], (p->n - 1) * sizeof(p->sizes[0]));
    p->sizes[0] = size;
}

/* The greatest share that it has lost from one reading to the next, in percent. */
static double greatest_loss(const struct plausible *p)
{
    double most = 0;

    for (size_t i = 0; i + 1 < p->n; i++) {
        double lost = (double)(p->sizes[i + 1] - p->sizes[i]), of = (double)p->sizes[i + 1];

        if (of > 0 && lost * 100 / of > most)
            most = lost * 100 / of;
    }
    return most;
}

static int64_t may_lose(const struct plausible *p, int64_t known)
{
    double percent = 2 * greatest_loss(p);
    int64_t most;

    percent = percent < PLAUSIBLE_PERCENT        ? PLAUSIBLE_PERCENT
              : percent > PLAUSIBLE_PERCENT_MOST ? PLAUSIBLE_PERCENT_MOST
                                                 : percent;
    most = (int64_t)((double)known * percent / 100);
    return most < PLAUSIBLE_FEW ? PLAUSIBLE_FEW : most;
}

char *plausible_fault(const struct plausible *p, int64_t known, int64_t shown, struct arena *a)
{
    int64_t lost = known - shown, most = may_lose(p, known);

    if (known > 0 && shown == 0)
        return arena_printf(
            a, "it shows nobody, and %" PRId64 " were in it; they keep what they have", known);
    if (lost <= most)
        return NULL;
    return arena_printf(a,
                        "it shows %" PRId64 " people, and %" PRId64 " were in it: %" PRId64
                        " fewer, where at most %" PRId64
                        " are likely by what it was before; who is missing keeps what they have",
                        shown, known, lost, most);
}
