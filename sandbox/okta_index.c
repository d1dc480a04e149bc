#include "okta_index.h"

#include <stdlib.h>

#include "base/mem.h"

enum { FIRST_ROOM = 64 };

static uint32_t hash_of(struct span key)
{
    uint64_t h = 14695981039346656037U; /* FNV-1a, over lower case */

    for (size_t i = 0; i < key.n; i++) {
        unsigned char c = (unsigned char)key.p[i];

        h = (h ^ (c >= 'A' && c <= 'Z' ? c | 0x20U : c)) * 1099511628211U;
    }
    return (uint32_t)(h ^ (h >> 32));
}

void okta_index_done(struct okta_index *index)
{
    free(index->slots);
    *index = (struct okta_index){0};
}

static void put(struct okta_index *index, struct okta_slot slot)
{
    size_t i = slot.hash & (index->room - 1);

    while (index->slots[i].item != NULL)
        i = (i + 1) & (index->room - 1);
    index->slots[i] = slot;
}

static void make_room(struct okta_index *index)
{
    struct okta_slot *old = index->slots;
    size_t n = index->room;

    if (index->n * 4 < index->room * 3)
        return;
    index->room = n == 0 ? FIRST_ROOM : n * 2;
    index->slots = mem_new(index->room, sizeof *index->slots);
    for (size_t i = 0; i < n; i++)
        if (old[i].item != NULL)
            put(index, old[i]);
    free(old);
}

void okta_index_add(struct okta_index *index, struct span key, void *item)
{
    make_room(index);
    put(index, (struct okta_slot){item, hash_of(key)});
    index->n++;
}

void okta_index_remove(struct okta_index *index, struct span key, const void *item)
{
    size_t mask = index->room - 1, i = hash_of(key) & mask, j;

    if (index->room == 0)
        return;
    while (index->slots[i].item != NULL && index->slots[i].item != item)
        i = (i + 1) & mask;
    if (index->slots[i].item == NULL)
        return;
    /* Later ones of the run move up, so that no search ends at the hole. */
    for (j = (i + 1) & mask; index->slots[j].item != NULL; j = (j + 1) & mask)
        if (((j - index->slots[j].hash) & mask) >= ((j - i) & mask)) {
            index->slots[i] = index->slots[j];
            i = j;
        }
    index->slots[i] = (struct okta_slot){0};
    index->n--;
}

void *okta_index_find(const struct okta_index *index, struct span key,
                      bool (*is)(const void *item, struct span key))
{
    uint32_t hash = hash_of(key);

    if (index->room == 0)
        return NULL;
    for (size_t i = hash & (index->room - 1); index->slots[i].item != NULL;
         i = (i + 1) & (index->room - 1))
        if (index->slots[i].hash == hash && is(index->slots[i].item, key))
            return index->slots[i].item;
    return NULL;
}
