/* SPDX-License-Identifier: Apache-2.0 */
/* The state directory: where it is, made, locked, removed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/file.h"
#include "util/utf8.h"

const char *ledger_state_directory(void)
{
	static char path[3072];
	char here[2048];
	const char *override = getenv("LANEBENCH_STATE"), *runtime = getenv("XDG_RUNTIME_DIR");

	/* Absolute: others start elsewhere, switches, containers, and who cleans up after us. */
	if (override && override[0] && override[0] != '/' && getcwd(here, sizeof(here)))
		snprintf(path, sizeof(path), "%s/%s", here, override);
	else if (override && override[0])
		snprintf(path, sizeof(path), "%s", override);
	else if (geteuid() == 0)
		snprintf(path, sizeof(path), "/run/lanebench");
	else if (runtime && runtime[0])
		snprintf(path, sizeof(path), "%s/lanebench", runtime);
	else
		snprintf(path, sizeof(path), "/tmp/lanebench-%u", (unsigned)geteuid());
	return path;
}

int ledger_check_state(struct error *err)
{
	const char *path = ledger_state_directory();
	size_t length;
	uint32_t c;

	for (const char *at = path; *at; at += length) {
		length = utf8_decode(at, &c);
		if (length && utf8_is_safe(c) && (length > 1 || !strchr(" ,=[]\"'\\", (int)c)))
			continue;
		return error_set(err, EINVAL, "set LANEBENCH_STATE to a path of letters, digits and /._-",
				 "the state directory %s has a character that DPDK's options, or paths of sockets, "
				 "cannot have", path);
	}
	return 0;
}

/* Containers pass through it: whatever the umask says, and atomically, since a kill may come at any time. */
static int make_state(const char *path)
{
	mode_t before = umask(066);
	int rc = mkdir(path, 0711) && errno != EEXIST ? -errno : 0;

	umask(before);
	return rc;
}

int ledger_lock_state(bool make, struct error *err)
{
	const char *path = ledger_state_directory();
	struct stat opened, named;
	int fd, rc;

	for (;;) {
		rc = make ? make_state(path) : 0;
		if (rc)
			return error_errno(err, -rc, "set LANEBENCH_STATE to a directory that can be made",
					   "cannot make the state directory %s", path);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT && make)
			continue; /* another run has just removed it */
		if (fd < 0)
			return error_errno(err, errno, NULL, "cannot open the state directory %s", path);
		/* In a /tmp that all share, somebody else may have been there first. */
		if (fstat(fd, &opened) || opened.st_uid != geteuid() ||
		    (opened.st_mode & (S_IWGRP | S_IWOTH))) {
			close(fd);
			return error_set(err, EPERM, "remove it, or set LANEBENCH_STATE to another directory",
					 "the state directory %s is another user's, or open to others", path);
		}
		while (flock(fd, LOCK_EX) && errno == EINTR)
			;
		if (!stat(path, &named) && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev)
			return fd;
		close(fd);
	}
}

void ledger_remove_state(void)
{
	int fd = ledger_lock_state(false, NULL);

	if (fd < 0)
		return;
	rmdir(ledger_state_directory());
	close(fd);
}

int ledger_is_run(const struct dirent *entry)
{
	return strlen(entry->d_name) == 8 && strspn(entry->d_name, "0123456789abcdef") == 8;
}
