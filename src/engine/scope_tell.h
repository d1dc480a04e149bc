/* What people are told of looks at groups, applications and the scope. On the loop only. */
#ifndef ROSTER_ENGINE_SCOPE_TELL_H
#define ROSTER_ENGINE_SCOPE_TELL_H

#include "engine/scope_job.h"

/* "the group 'Agents'"; without an id "the whole scope". The caller frees. */
char *scope_tell_what(const struct container *container);
/* The state of a container has changed. */
void scope_tell_state(const struct scope_job *job,
                      void (*told)(void *arg, const char *code, const char *text), void *arg);
/* A listing has ended, after so many looks that its pages asked for. */
void scope_tell_end(const struct scope_job *job, int64_t asked,
                    void (*told)(void *arg, const char *code, const char *text), void *arg);

#endif
