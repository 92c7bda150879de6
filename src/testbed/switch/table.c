/* SPDX-License-Identifier: Apache-2.0 */
/* All switches of this build, from switches.def (which the build file reads, too). */
#include <stddef.h>
#include <string.h>

#include "testbed/switch/switch.h"

#define SWITCH_PROGRAM(name, summary) SWITCH(name)
#define SWITCH(name) extern const struct switch_ops name##_switch;
#include "testbed/switch/switches.def"
#undef SWITCH

const struct switch_ops *const switch_table[] = {
#define SWITCH(name) &name##_switch,
#include "testbed/switch/switches.def"
#undef SWITCH
	NULL,
};

const struct switch_ops *switch_find(const char *name)
{
	for (const struct switch_ops *const *ops = switch_table; *ops; ops++)
		if (strcmp((*ops)->name, name) == 0)
			return *ops;
	return NULL;
}
