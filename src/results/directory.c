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

/*
 * One directory of a path, which *at goes down into. What was made is opened as what it is, by the descriptor
 * of its parent: were a link in the path changed meanwhile, another directory would be given away.
 * 1 = made, 0 = was there, -errno.
 */
static int directory_make_one(int *at, const char *name)
{
	int made = !mkdirat(*at, name, 0755), fd;

	if (!made && errno != EEXIST)
		return -errno;
	fd = openat(*at, name, (made ? O_RDONLY | O_NOFOLLOW : O_PATH) | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (made)
		give_to_sudo_user(fd);
	if (*at >= 0)
		close(*at);
	*at = fd;
	return made;
}

int directory_make(const char *path, bool *made)
{
	int at = path[0] == '/' ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : AT_FDCWD, fd;
	char *parts = strdup(path), *rest = NULL;
	int rc = !parts ? -ENOMEM : at >= 0 || at == AT_FDCWD ? 0 : -errno;

	*made = false;
	if (!rc)
		for (char *part = strtok_r(parts, "/", &rest); part && rc >= 0; part = strtok_r(NULL, "/", &rest)) {
			rc = directory_make_one(&at, part);
			*made = rc == 1;
		}
	fd = rc < 0 ? rc : openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (rc >= 0 && fd < 0)
		fd = -errno;
	if (at >= 0)
		close(at);
	free(parts);
	return fd;
}

int directory_open(const char *path, struct error *err)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return error_errno(err, errno, "name the directory of a record that lanebench run has written",
				   "cannot open the record %s", path);
	return dir;
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

int record_write_failed(struct error *err, int code, const char *directory, const char *file)
{
	const char *remedy = "";

	if (code == ENOSPC || code == EDQUOT)
		remedy = "free some space there and go on with run --resume, or name a record on another "
			 "file system with -o DIR";
	else if (code == EACCES || code == EPERM || code == EROFS)
		remedy = "name a directory that you may write to with -o DIR";
	return error_errno(err, code, remedy, "cannot write %s%s%s", directory, *file ? "/" : "", file);
}
