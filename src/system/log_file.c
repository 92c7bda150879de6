/* SPDX-License-Identifier: Apache-2.0 */
#include "system/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "system/below.h"
#include "system/memory.h"

static int open_kept(int directory, const char *name, struct error *err)
{
	return below_open_file(directory, "the record's logs", name, O_WRONLY | O_CREAT | O_APPEND, 0644, err);
}

/* Under valgrind there is no such file system: the log has no limit then but the writer's memory. */
static int make_memory(const char *name, struct error *err)
{
	int memory = memory_directory(LOG_FILE_MAX >> 20, geteuid(), err);
	int fd = memory == -ENOSYS ? memfd_create(name, MFD_CLOEXEC) : memory;

	if (memory >= 0) {
		fd = openat(memory, name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
		if (fd < 0)
			fd = error_errno(err, errno, NULL, "cannot make memory for it");
		close(memory);
	} else if (fd >= 0) {
		error_clear(err);
		fcntl(fd, F_SETFL, O_APPEND);
	}
	return fd;
}

int log_file_open(struct log_file *log, int directory, const char *name, struct error *err)
{
	int fd = open_kept(directory, name, err);

	*log = (struct log_file)LOG_FILE_NONE;
	if (fd < 0)
		return fd;
	close(fd);
	fd = make_memory(name, err);
	if (fd < 0) {
		error_prefix(err, "%s", name);
		return fd;
	}
	*log = (struct log_file){ .fd = fd, .directory = directory };
	snprintf(log->name, sizeof(log->name), "%s", name);
	return 0;
}

/* What was said since, as far as it counts: who writes can also make the file as long as it likes, of holes. */
static ssize_t read_more(const struct log_file *log, char *text, size_t room)
{
	size_t left = log->kept < LOG_FILE_MAX ? LOG_FILE_MAX - (size_t)log->kept : 0;

	return pread(log->fd, text, left < room ? left : room, log->kept);
}

int log_file_keep(struct log_file *log, struct error *err)
{
	char text[65536];
	ssize_t size;
	int fd, rc = 0;

	if (!log->name[0] || (size = read_more(log, text, sizeof(text))) <= 0)
		return 0;
	fd = open_kept(log->directory, log->name, err);
	if (fd < 0)
		return fd;
	while (!rc && size > 0) {
		size = write(fd, text, (size_t)size);
		if (size < 0) {
			rc = error_errno(err, errno, NULL, "cannot write the record's logs/%s", log->name);
		} else {
			log->kept += size;
			size = read_more(log, text, sizeof(text));
		}
	}
	close(fd);
	return rc;
}

int log_file_close(struct log_file *log, struct error *err)
{
	int rc = log_file_keep(log, err);

	if (log->name[0])
		close(log->fd);
	*log = (struct log_file)LOG_FILE_NONE;
	return rc;
}
