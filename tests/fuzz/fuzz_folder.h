/* SPDX-License-Identifier: Apache-2.0 */
/* What fuzzers of records share: files to read, in memory; what must hold. */
#ifndef LB_TESTS_FUZZ_FOLDER_H
#define LB_TESTS_FUZZ_FOLDER_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FUZZ_RUN "{\"schema\":1,\"name\":\"x\",\"tests\":[],\"state\":\"done\",\"environment\":{}}"

static inline void require(bool holds)
{
	if (!holds)
		abort();
}

static inline const char *fuzz_folder(void)
{
	static char directory[] = "/dev/shm/lanebench_fuzz.XXXXXX";
	static bool made;

	if (!made)
		require(mkdtemp(directory) && !access(directory, W_OK));
	made = true;
	return directory;
}

/* The file `name` of a record in this folder. */
static inline void fuzz_write(const char *folder, const char *name, const void *data, size_t size)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	require(file && fwrite(data, 1, size, file) == size && !fclose(file));
}

/* No control character but the ends of lines, and tabs where they may be. */
static inline void require_clean(const char *text, bool tabs)
{
	for (; *text; text++)
		require(*text == '\n' || (tabs && *text == '\t') || ((unsigned char)*text >= 0x20 && *text != 0x7f));
}

#endif
