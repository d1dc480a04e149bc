/* The little XML that AWS STS speaks, read with expat; entities and DTDs are refused, depth is
 * bounded. Thread-safe. */
#ifndef ROSTER_TEXT_XML_H
#define ROSTER_TEXT_XML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

/* The text of the first element whose path of local names ends with `path`, for example
 * "Credentials/AccessKeyId". ERR_INPUT when text is no well-formed XML, ERR_NOT_FOUND when there is
 * no such element. The text is a copy in a. */
enum err xml_text(struct arena *a, struct span text, const char *path, struct span *out,
                  struct fail *fail) WARN_UNUSED;

#endif
