/* SPDX-License-Identifier: Apache-2.0 */
/* The techniques of this build, from techniques.def (which the build file reads, too). */
#include "endpoint/io/io.h"

#include <string.h>

#define TECHNIQUE(name) extern const struct io_ops io_##name;
#include "endpoint/io/techniques.def"
#undef TECHNIQUE

const struct io_ops *const io_table[] = {
#define TECHNIQUE(name) &io_##name,
#include "endpoint/io/techniques.def"
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
