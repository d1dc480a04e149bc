/* The Link header (RFC 8288), as listings use it to name their next page. Pure and thread-safe. */
#ifndef ROSTER_TEXT_LINK_H
#define ROSTER_TEXT_LINK_H

#include "base/span.h"

enum link_found {
    LINK_NONE, /* no link of that relation */
    LINK_FOUND,
    LINK_BROKEN /* the header is not well-formed: whether there is such a link is not known */
};

enum { LINK_TARGET_MAX = 8192 };

/* Finds the first link of the relation (any case) in one header's value; *out is its target as it
 * is written, a part of header. Links with an anchor are about another page and passed over
 * (RFC 8288 3.2); of several rel parameters of a link the first counts (3.3). An empty target and
 * one longer than LINK_TARGET_MAX are LINK_BROKEN. *out is written with LINK_FOUND only. */
enum link_found link_find(struct span header, struct span relation, struct span *out);

#endif
