/* SPDX-License-Identifier: Apache-2.0 */
/* The techniques of a program, from the list that the build file names and reads, too. */
#include "endpoint/io/io.h"

#include <string.h>

#define SOURCE(name)
#define TECHNIQUE(name) extern const struct io_ops io_##name;
#include TECHNIQUES
#undef TECHNIQUE

const struct io_ops *const io_table[] = {
#define TECHNIQUE(name) &io_##name,
#include TECHNIQUES
#undef TECHNIQUE
	NULL,
};

const struct io_ops *io_find(const char *name)
{
	for (const struct io_ops *const *ops = io_table; *ops; ops++)
		if (!strcmp((*ops)->name, name))
			return *ops;
	return NULL;
}
