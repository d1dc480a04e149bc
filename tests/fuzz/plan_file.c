/* floor: cmd — any bytes as a saved plan: taken whole, with as many changes as it says, or refused.
 * When the first byte is '+', the digest of its end is set right first, so that what stands before
 * it is all that counts. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/plan_file.h"
#include "crypt/digest.h"

enum { TEXT_LIMIT = 1024 * 1024 };

/* As docs/operations.md tells it: each line into the digest of those before. */
static void set_end(struct span text, struct buf *out)
{
    char digest[SHA256_HEX];
    struct span line;
    struct buf joined;

    buf_init(&joined, TEXT_LIMIT);
    memset(digest, '0', sizeof(digest));
    while (span_split(&text, '\n', &line) && (line.n > 0 || text.p != NULL)) {
        buf_clear(&joined);
        buf_add(&joined, span_n(digest, sizeof(digest)));
        buf_add(&joined, line);
        sha256_hex(buf_span(&joined), digest);
        buf_add(out, line);
        buf_add(out, SPAN("\n"));
    }
    buf_printf(out, "{\"end\":\"%.*s\"}\n", (int)sizeof(digest), digest);
    buf_done(&joined);
}

static void read_plan(const char *path)
{
    struct plan_head head = {.changes = -1};
    struct scan *scan = NULL;
    struct arena a = {0};
    struct fail fail = {0};
    int64_t n = -1;

    assert(scan_open("/tmp/x", &scan, NULL) == ERR_NONE);
    if (plan_file_read(path, scan, &a, &head, &fail) == ERR_NONE)
        assert(scan_saved_rest(scan, &n, NULL) == ERR_NONE && n <= head.changes);
    else
        assert(fail.err == ERR_INPUT && fail.text[0] != '\0' && head.changes == -1);
    scan_close(scan);
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("plan", MFD_CLOEXEC);
    struct buf text;
    char path[64];

    buf_init(&text, TEXT_LIMIT);
    if (size > 0 && data[0] == '+')
        set_end(span_n(data + 1, size - 1), &text);
    else
        buf_add(&text, span_n(data, size));
    assert(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    read_plan(path);
    (void)close(fd);
    buf_done(&text);
    return 0;
}
