#include "faults.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/random.h"

bool fault_is_late(const struct fault *fault)
{
    switch (fault->way) {
    case FAULT_ANSWER:
    case FAULT_HTML:
    case FAULT_CUT:
    case FAULT_HANG:
        return false;
    case FAULT_DONE_CUT:
    case FAULT_HALF:
    case FAULT_EMPTY:
    case FAULT_GARBAGE:
    case FAULT_SLOW:
    case FAULT_EMPTY_PAGE:
    case FAULT_SHORT_PAGE:
    case FAULT_FOREIGN:
    case FAULT_PARTIAL:
    case FAULT_PARTIAL_SENDER:
        break;
    }
    return true;
}

static void rule_free(struct fault_rule *rule)
{
    if (rule != NULL)
        free(rule->operation);
    free(rule);
}

void faults_done(struct faults *faults)
{
    while (faults->rules != NULL) {
        struct fault_rule *rule = faults->rules;

        faults->rules = rule->next;
        rule_free(rule);
    }
}

static const struct fault *find(const struct faults *faults, const char *name)
{
    for (size_t i = 0; name != NULL && i < faults->n_kinds; i++)
        if (strcmp(faults->kinds[i].name, name) == 0)
            return &faults->kinds[i];
    return NULL;
}

static enum err unknown_kind(const struct faults *faults, struct fail *fail)
{
    struct buf names;
    enum err err;

    buf_init(&names, FAIL_TEXT);
    for (size_t i = 0; i < faults->n_kinds; i++)
        buf_printf(&names, "%s%s", i == 0 ? "" : ", ", faults->kinds[i].name);
    err = fail_set(fail, ERR_INPUT, "kinds are: %s", names.p);
    buf_done(&names);
    return err;
}

static void take_out(struct faults *faults, const char *operation)
{
    struct fault_rule **p = &faults->rules;

    while (*p != NULL) {
        struct fault_rule *rule = *p;

        if (strcmp(rule->operation, operation) != 0) {
            p = &rule->next;
            continue;
        }
        *p = rule->next;
        rule_free(rule);
    }
}

enum err faults_set(struct faults *faults, const json_t *from, struct fail *fail)
{
    const char *operation = json_string_value(json_object_get(from, "operation"));
    const json_t *rate = json_object_get(from, "rate"), *count = json_object_get(from, "count");
    const json_t *delay = json_object_get(from, "delay_ms"), *seed = json_object_get(from, "seed");
    const json_t *names = json_object_get(from, "kinds");
    struct fault_rule *rule;
    size_t i;
    json_t *name;

    if ((rate != NULL && !(json_number_value(rate) > 0 && json_number_value(rate) <= 1)) ||
        (count != NULL && !json_is_integer(count)) || json_array_size(names) > FAULT_KINDS)
        return fail_set(fail, ERR_INPUT,
                        "rate is more than 0 and at most 1, count an integer, kinds a list");
    rule = mem_new(1, sizeof *rule);
    *rule = (struct fault_rule){
        .operation = mem_dup_str(operation == NULL ? "*" : operation),
        .rate = rate == NULL ? 1 : json_number_value(rate),
        .count = count == NULL ? -1 : json_integer_value(count),
        .delay_ms = delay == NULL ? 3000 : json_integer_value(delay),
        .random = seed == NULL ? random_below(UINT64_MAX) : (uint64_t)json_integer_value(seed),
    };
    json_array_foreach(names, i, name)
    {
        rule->kinds[rule->n_kinds] = find(faults, json_string_value(name));
        if (rule->kinds[rule->n_kinds++] == NULL) {
            rule_free(rule);
            return unknown_kind(faults, fail);
        }
    }
    take_out(faults, rule->operation);
    if (rule->n_kinds == 0) {
        rule_free(rule);
        return ERR_NONE;
    }
    rule->next = faults->rules;
    faults->rules = rule;
    return ERR_NONE;
}

/* SplitMix64: the same seed gives the same faults. */
static uint64_t draw(struct fault_rule *rule)
{
    uint64_t z = rule->random += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

const struct fault *faults_draw(struct faults *faults, const char *operation, int64_t *delay_ms)
{
    for (struct fault_rule *rule = faults->rules; rule != NULL; rule = rule->next) {
        if (rule->count == 0 ||
            (strcmp(rule->operation, "*") != 0 && strcmp(rule->operation, operation) != 0))
            continue;
        if ((double)(draw(rule) >> 11) / 9007199254740992.0 >= rule->rate)
            continue;
        if (rule->count > 0)
            rule->count--;
        *delay_ms = rule->delay_ms;
        return rule->kinds[draw(rule) % rule->n_kinds];
    }
    return NULL;
}

json_t *faults_show(const struct faults *faults)
{
    json_t *all = json_array();

    for (const struct fault_rule *rule = faults->rules; rule != NULL; rule = rule->next) {
        json_t *names = json_array();

        for (size_t i = 0; i < rule->n_kinds; i++)
            json_array_append_new(names, json_string(rule->kinds[i]->name));
        json_array_append_new(all,
                              json_pack("{s:s, s:f, s:I, s:I, s:o}", "operation", rule->operation,
                                        "rate", rule->rate, "count", (json_int_t)rule->count,
                                        "delay_ms", (json_int_t)rule->delay_ms, "kinds", names));
    }
    return all;
}
