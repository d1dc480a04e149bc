/* The played instance's things that are not users. Each is an object:
 *   security profile   Id, Name, Description, Tags, AllowedAccessControlTags
 *   routing profile    Id, Name, Description, Tags
 *   hierarchy group    Id, Name, ParentId (absent at the top), Tags
 *   agent status       Id, Name, Type
 *   predefined attribute  Name, Values, Purposes
 *   quick connect      Id, Name, Description, Type, Config, Tags
 * and ModifiedMs. */
#ifndef SANDBOX_CONNECT_THINGS_H
#define SANDBOX_CONNECT_THINGS_H

#include "connect_side.h"

/* A new member for answers: the thing's Id, Arn, Name and LastModified… */
json_t *thing_summary(const struct connect_side *side, const json_t *thing, const char *kind);
/* New, in the forms of DescribeX. */
json_t *thing_security_profile(const struct connect_side *side, const json_t *thing);
json_t *thing_routing_profile(const struct connect_side *side, const json_t *thing);
json_t *thing_group(const struct connect_side *side, const json_t *thing);
json_t *thing_attribute(const struct connect_side *side, const json_t *thing);
/* 1 for a group at the top, up to 5. */
unsigned thing_level(const struct connect_side *side, const json_t *group);

#endif
