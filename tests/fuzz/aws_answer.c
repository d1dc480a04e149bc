/* floor: aws. What AWS may answer: the first byte chooses the reader and, for error bodies, the
 * status. */
#include <stdint.h>
#include <stdlib.h>

#include "aws/credentials.h"
#include "aws/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int statuses[] = {200, 204, 302, 400, 401, 403, 404, 409, 429, 500, 503};

enum { N_STATUSES = sizeof(statuses) / sizeof(statuses[0]), N_KINDS = 4 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool is_one_line(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

/* Headers and body in one: the line before the first break is the header with the error's name. */
static void judge(struct span text, int status, bool is_read)
{
    struct span body = text, header = {NULL, 0};
    struct verdict verdict;

    if (span_find(text, '\n') < text.n)
        (void)span_split(&body, '\n', &header);
    verdict_read(&(struct verdict_ask){.status = status,
                                       .body = body,
                                       .error_type = header,
                                       .request_id = header,
                                       .retry_after = header,
                                       .is_read = is_read,
                                       .is_xml = is_read,
                                       .what = "it",
                                       .origin = "here"},
                 &verdict);
    must(verdict.fail.err != ERR_NONE || status < 300);
    must(verdict.fail.err != ERR_UNCLEAR || !is_read);
    must(status < 500 || verdict.fail.err == ERR_BUSY || verdict.fail.err == ERR_UNCLEAR ||
         verdict.fail.err == ERR_IO);
    must(verdict.fail.retry_ms >= 0 && verdict.fail.retry_ms <= 300000);
    must(is_one_line(verdict.fail.text) && is_one_line(verdict.fail.request_id) &&
         is_one_line(verdict.fail.code));
}

static void read_credentials(struct span text, unsigned kind)
{
    struct credentials c = {0};
    struct fail fail = {0};
    enum err err;

    if (kind == 0)
        err = credentials_from_json(text, CREDENTIALS_OF_PROCESS, &c, &fail);
    else if (kind == 1)
        err = credentials_from_json(text, CREDENTIALS_OF_HOST, &c, &fail);
    else
        err = credentials_from_xml(text, &c, &fail);
    if (err == ERR_NONE) {
        must(secret_is_set(&c.access_key) && secret_is_set(&c.secret_key));
        must(is_one_line(c.access_key.p) && is_one_line(c.secret_key.p));
        must(!secret_is_set(&c.token) || is_one_line(c.token.p));
        must(c.expires_ms >= 0);
    } else {
        must(fail.err == err && is_one_line(fail.text) && c.access_key.p == NULL);
    }
    credentials_done(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text;

    if (size == 0)
        return 0;
    text = span_n(data + 1, size - 1);
    if (data[0] % N_KINDS < 3)
        read_credentials(text, data[0] % N_KINDS);
    else
        judge(text, statuses[data[0] / N_KINDS % N_STATUSES],
              data[0] / N_KINDS / N_STATUSES % 2 == 1);
    return 0;
}
