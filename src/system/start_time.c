/* SPDX-License-Identifier: Apache-2.0 */
#include "system/start_time.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

unsigned long long process_start_time(pid_t pid)
{
	unsigned long long start = 0;
	char path[32], text[1024];
	const char *field;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (size <= 0)
		return 0;
	text[size] = 0;
	/*
	 * Field 2 is the name in parentheses, which may hold anything, also parentheses: count from the
	 * last one.
	 */
	field = strrchr(text, ')');
	/* A zombie has ended, whether or not its parent ever looks. */
	if (field && (!strncmp(field, ") Z", 3) || !strncmp(field, ") X", 3)))
		return 0;
	for (int number = 2; field && number < 22; number++)
		field = strchr(field + 1, ' ');
	if (!field || sscanf(field, " %llu", &start) != 1)
		return 0;
	return start;
}
