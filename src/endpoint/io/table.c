/* SPDX-License-Identifier: Apache-2.0 */
/* The techniques of this build. A new one is a file here that defines io_<name>, and a line below. */
#include "endpoint/io/io.h"

#include <string.h>

#define TECHNIQUES(X) \
	X(udp) \
	X(udp_mmsg) \
	X(raw) \
	X(raw_mmsg)

#define DECLARE(name) extern const struct io_ops io_##name;
#define ENTRY(name) &io_##name,

TECHNIQUES(DECLARE)

const struct io_ops *const io_table[] = { TECHNIQUES(ENTRY) NULL };

const struct io_ops *io_find(const char *name)
{
	for (const struct io_ops *const *ops = io_table; *ops; ops++)
		if (!strcmp((*ops)->name, name))
			return *ops;
	return NULL;
}
