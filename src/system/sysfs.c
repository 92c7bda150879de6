/* SPDX-License-Identifier: Apache-2.0 */
#include "system/sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int sysfs_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), code;
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, text, size - 1);
	code = errno;
	close(fd);
	if (got < 0)
		return -code;
	while (got && isspace((unsigned char)text[got - 1]))
		got--;
	text[got] = 0;
	return 0;
}

int sysfs_read_number(const char *path, uint64_t *number)
{
	char text[32], *end;
	int rc = sysfs_read(path, text, sizeof(text));

	if (rc)
		return rc;
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	*number = strtoull(text, &end, 10);
	return *end ? -EINVAL : 0;
}

int sysfs_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

uint64_t sysfs_memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	uint64_t kb = UINT64_MAX, value;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &value) == 1)
			kb = value;
	if (file)
		fclose(file);
	return kb;
}
