/* floor: crypt — private keys, keys of a JWK and tokens as others may hand them over: what is read
 * signs (in vain, when its halves do not belong together), and nobody else's signature is taken.
 * The first byte chooses. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "crypt/jwt.h"

static void sign(const struct jwt_key *key)
{
    struct buf token, header, payload;

    buf_init(&token, JWT_TOKEN_MAX);
    buf_init(&header, JWT_TOKEN_MAX);
    buf_init(&payload, JWT_TOKEN_MAX);
    assert(jwt_sign(key, SPAN("{\"typ\":\"JWT\"}"), SPAN("{\"sub\":\"x\"}"), &token, NULL) ==
           ERR_NONE);
    (void)jwt_verify(key, buf_span(&token));
    assert(jwt_split(buf_span(&token), &header, &payload, NULL) == ERR_NONE);
    assert(span_eq(buf_span(&payload), SPAN("{\"sub\":\"x\"}")));
    buf_done(&payload);
    buf_done(&header);
    buf_done(&token);
}

static void describe(const struct jwt_key *key)
{
    char thumbprint[JWT_THUMBPRINT + 1];
    struct buf jwk;

    buf_init(&jwk, JWT_TOKEN_MAX);
    jwt_key_add_jwk(key, &jwk);
    jwt_key_thumbprint(key, thumbprint);
    assert(strlen(thumbprint) == JWT_THUMBPRINT && !jwk.full);
    assert(strcmp(jwt_key_alg(key), "RS256") == 0 || strcmp(jwt_key_alg(key), "ES256") == 0);
    buf_done(&jwk);
}

static void read_pem(struct span text)
{
    struct jwt_key *key = NULL;
    struct fail fail = {0};

    if (jwt_key_read(text, &key, &fail) == ERR_NONE) {
        describe(key);
        sign(key);
    } else {
        assert(key == NULL && fail.err == ERR_INPUT && fail.text[0] != '\0');
    }
    jwt_key_free(key);
}

/* Two members, parted by a line's end. */
static void read_jwk(struct span text, bool is_rsa)
{
    struct span second = text, first = {0};
    struct jwt_key *key = NULL;
    enum err err;

    (void)span_split(&second, '\n', &first);
    err = is_rsa ? jwt_key_from_rsa(first, second, &key, NULL)
                 : jwt_key_from_p256(first, second, &key, NULL);
    assert((err == ERR_NONE) == (key != NULL));
    if (key != NULL) {
        describe(key);
        assert(!jwt_verify(key, text));
    }
    jwt_key_free(key);
}

static void read_token(struct span text)
{
    static struct jwt_key *key;
    struct buf header, payload;

    if (key == NULL)
        key = jwt_key_new();
    buf_init(&header, JWT_TOKEN_MAX);
    buf_init(&payload, JWT_TOKEN_MAX);
    (void)!jwt_split(text, &header, &payload, NULL);
    assert(!jwt_verify(key, text));
    buf_done(&payload);
    buf_done(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text;

    if (size == 0)
        return 0;
    text = span_n(data + 1, size - 1);
    switch (data[0]) {
    case 'r':
    case 'p':
        read_jwk(text, data[0] == 'r');
        break;
    case 't':
        read_token(text);
        break;
    default:
        read_pem(text);
    }
    return 0;
}
