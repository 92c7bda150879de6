/* SPDX-License-Identifier: Apache-2.0 */
/* All runtimes of this build, from runtimes.def (which the build file reads, too). */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "testbed/container/container.h"

#define RUNTIME(name) extern const struct container_ops name##_runtime;
#include "testbed/container/runtimes.def"
#undef RUNTIME

const struct container_ops *const container_table[] = {
#define RUNTIME(name) &name##_runtime,
#include "testbed/container/runtimes.def"
#undef RUNTIME
	NULL,
};

const struct container_ops *container_find(const char *name)
{
	for (const struct container_ops *const *ops = container_table; *ops; ops++)
		if (strcmp((*ops)->name, name) == 0)
			return *ops;
	return NULL;
}

static int undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	const struct container_ops *ops = entry->detail ? container_find(entry->detail) : NULL;

	if (!ops)
		return error_set(err, EINVAL, "use the lanebench that made it",
				 "container %s has an unknown runtime '%s'", entry->subject,
				 entry->detail ? entry->detail : "");
	return ops->reap(entry->subject, ledger_directory(ledger), err);
}

const struct ledger_kind container_kind = { .name = "container", .noun = "container", .undo = undo };
