#include "engine/container_state.h"

#include "base/buf.h"
#include "text/json.h"

enum { NOTE_LIMIT = 1024 * 1024 };

static const char *const words[] = {
    [CONTAINER_WELL] = "", [CONTAINER_INACTIVE] = "inactive", [CONTAINER_DELETED] = "deleted"};

static enum container_state state_of(struct span word)
{
    return span_eq(word, span_of(words[CONTAINER_INACTIVE]))  ? CONTAINER_INACTIVE
           : span_eq(word, span_of(words[CONTAINER_DELETED])) ? CONTAINER_DELETED
                                                              : CONTAINER_WELL;
}

static void add(struct json_out *o, struct span kind, struct span id, struct span name,
                struct span state, int64_t since_ms)
{
    json_out_begin(o, '{');
    json_put_str(o, "kind", kind);
    json_put_str(o, "id", id);
    json_put_str(o, "name", name);
    json_put_str(o, "state", state);
    json_put_int(o, "since_ms", since_ms);
    json_out_end(o, '}');
}

/* All others as they are; returns the state of the one that is about to change. */
static enum container_state copy_others(struct json_out *o, const struct json *note,
                                        const struct container *of)
{
    struct span kind = span_of(name_kind_word(of->kind));
    enum container_state before = CONTAINER_WELL;
    size_t n = json_count(note, "");

    for (size_t i = 0; i < n; i++) {
        const struct json *item = json_item(note, "", i);

        if (span_eq(json_str(item, "kind"), kind) && span_eq(json_str(item, "id"), of->id))
            before = state_of(json_str(item, "state"));
        else
            add(o, json_str(item, "kind"), json_str(item, "id"), json_str(item, "name"),
                json_str(item, "state"), json_int(item, "since_ms", 0));
    }
    return before;
}

enum err container_state_set(struct store *store, struct arena *a, const struct container *of,
                             enum container_state state, int64_t now_ms,
                             enum container_state *out_before, struct fail *fail)
{
    enum container_state before = CONTAINER_WELL;
    struct json *note = NULL;
    struct json_out o;
    struct span text;
    struct buf out;
    enum err err = store_note_get(store, a, CONTAINERS_NOTE, &text, fail);

    if (err != ERR_NONE)
        return err;
    if (text.p == NULL && state == CONTAINER_WELL) {
        *out_before = before;
        return ERR_NONE;
    }
    buf_init(&out, NOTE_LIMIT);
    o = json_out(&out);
    json_out_begin(&o, '[');
    /* What is not readable any more is told again. */
    if (text.p != NULL && json_parse(text, &note, NULL) == ERR_NONE)
        before = copy_others(&o, note, of);
    json_free(note);
    if (state != CONTAINER_WELL)
        add(&o, span_of(name_kind_word(of->kind)), of->id, of->name, span_of(words[state]), now_ms);
    json_out_end(&o, ']');
    if (state != before && !out.full)
        err = store_note_put(store, CONTAINERS_NOTE, buf_span(&out), fail);
    buf_done(&out);
    if (err == ERR_NONE)
        *out_before = before;
    return err;
}
