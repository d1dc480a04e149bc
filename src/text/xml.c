#include "text/xml.h"

#include <expat.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"

enum { DEPTH_MAX = 64 };

struct reader {
    XML_Parser parser;
    struct span wanted;
    struct buf path; /* "/A/B" of the element that is open */
    struct buf text;
    size_t ends[DEPTH_MAX]; /* length of path above each open element */
    unsigned depth;
    unsigned taken_at; /* depth of the element whose text is taken; 0 = none */
    bool is_found;
    const char *refusal; /* why reading was stopped by us */
};

static void stop(struct reader *r, const char *why)
{
    r->refusal = why;
    (void)XML_StopParser(r->parser, XML_FALSE); /* it can only fail when stopped already */
}

/* Names come as written: a prefix is cut off, a default name space does not show. */
static struct span local_name(const char *name)
{
    const char *colon = strrchr(name, ':');

    return span_of(colon == NULL ? name : colon + 1);
}

static bool path_ends_with(struct span path, struct span wanted)
{
    return path.n > wanted.n && span_ends(path, wanted) && path.p[path.n - wanted.n - 1] == '/';
}

static void XMLCALL on_begin(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = user;

    (void)attributes;
    if (r->depth == DEPTH_MAX) {
        stop(r, "it is nested too deep");
        return;
    }
    r->ends[r->depth++] = r->path.n;
    buf_add_char(&r->path, '/');
    buf_add(&r->path, local_name(name));
    if (!r->is_found && path_ends_with(buf_span(&r->path), r->wanted)) {
        r->is_found = true;
        r->taken_at = r->depth;
    }
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    struct reader *r = user;

    (void)name;
    if (r->depth == r->taken_at)
        r->taken_at = 0;
    r->path.n = r->ends[--r->depth];
}

static void XMLCALL on_text(void *user, const XML_Char *text, int n)
{
    struct reader *r = user;

    if (r->taken_at != 0)
        buf_add(&r->text, (struct span){text, (size_t)n});
}

/* Without a DTD there are no entities but XML's own five, hence nothing that expands or fetches. */
static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    stop(user, "it has a document type declaration");
}

static enum err read_all(struct reader *r, struct span text, struct fail *fail)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_begin, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    if (XML_Parse(r->parser, text.p == NULL ? "" : text.p, (int)text.n, XML_TRUE) == XML_STATUS_OK)
        return ERR_NONE;
    return fail_set(fail, ERR_INPUT, "the XML cannot be used: line %lu: %s",
                    (unsigned long)XML_GetCurrentLineNumber(r->parser),
                    r->refusal != NULL ? r->refusal : XML_ErrorString(XML_GetErrorCode(r->parser)));
}

enum err xml_text(struct arena *a, struct span text, const char *path, struct span *out,
                  struct fail *fail)
{
    struct reader r = {.wanted = span_of(path)};
    enum err err;

    if (text.n > INT_MAX)
        return fail_set(fail, ERR_INPUT, "the XML cannot be used: it is larger than 2 GiB");
    r.parser = XML_ParserCreate(NULL);
    if (r.parser == NULL)
        abort(); /* no memory: see base/mem.h */
    /* Neither can outgrow the document; but for UTF-16, whose text may need half as much again in
     * UTF-8. */
    buf_init(&r.path, text.n * 2 + 1);
    buf_init(&r.text, text.n * 2);
    err = read_all(&r, text, fail);
    if (err == ERR_NONE && !r.is_found)
        err = fail_set(fail, ERR_NOT_FOUND, "the XML has no element %s", path);
    if (err == ERR_NONE)
        *out = arena_span(a, buf_span(&r.text));
    buf_done(&r.text);
    buf_done(&r.path);
    XML_ParserFree(r.parser);
    return err;
}
