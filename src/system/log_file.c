/* SPDX-License-Identifier: Apache-2.0 */
#include "system/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

int log_file_open(const char *path, struct error *err)
{
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = open(path, flags, 0644);
	struct stat log;

	if (fd < 0 && errno != ELOOP && errno != ENXIO)
		return error_errno(err, errno, NULL, "cannot open %s", path);
	if (fd >= 0 && !fstat(fd, &log) && S_ISREG(log.st_mode) && log.st_nlink == 1)
		return fd;
	if (fd >= 0)
		close(fd);
	return error_set(err, EPERM, "remove it, or name another record with -o DIR",
			 "%s is a link or no plain file: it would lead elsewhere what is written to it", path);
}
