/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of records: made with parents, and whose they are. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/internal.h"

/*
 * A record made through sudo belongs to whoever called sudo, so that reading and removing it need no root.
 * A file system that knows no owners refuses: the record is as good.
 */
static void give_to_sudo_user(int fd)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	char *uid_end, *gid_end;
	unsigned long u, g;

	if (geteuid() != 0 || !uid || !*uid || !gid || !*gid)
		return;
	u = strtoul(uid, &uid_end, 10);
	g = strtoul(gid, &gid_end, 10);
	if (*uid_end || *gid_end || fchown(fd, (uid_t)u, (gid_t)g) != 0)
		return;
}

void directory_share_owner(int dir, int fd)
{
	struct stat st;

	if (geteuid() == 0 && fstat(dir, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
		return;
}

/* mkdir of one directory. 1 = made, 0 = was there, -errno. */
static int directory_make_one(const char *path)
{
	int fd;

	if (mkdir(path, 0755) != 0)
		return errno == EEXIST ? 0 : -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	give_to_sudo_user(fd);
	close(fd);
	return 1;
}

int directory_make(const char *path)
{
	char *part = strdup(path);
	int rc = 0;

	if (!part)
		return -ENOMEM;
	for (char *slash = strchr(part + 1, '/'); slash && rc >= 0; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		rc = directory_make_one(part);
		*slash = '/';
	}
	if (rc >= 0)
		rc = directory_make_one(part);
	free(part);
	return rc;
}

int directory_is_empty(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *stream;
	int empty = 1;

	if (fd < 0)
		return -errno;
	stream = fdopendir(fd);
	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
	while (empty && (entry = readdir(stream)))
		empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
	closedir(stream);
	return empty;
}
