/* SPDX-License-Identifier: Apache-2.0 */
/* All runtimes of this build; the first is the default. A new one: its file in this folder, a declaration and a line here. */
#include <stddef.h>
#include <string.h>

#include "testbed/container/container.h"

extern const struct container_ops lxc_runtime, netns_runtime;

const struct container_ops *const container_table[] = {
	&lxc_runtime,
	&netns_runtime,
	NULL,
};

const struct container_ops *container_find(const char *name)
{
	for (const struct container_ops *const *ops = container_table; *ops; ops++)
		if (strcmp((*ops)->name, name) == 0)
			return *ops;
	return NULL;
}
