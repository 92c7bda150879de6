/* SPDX-License-Identifier: Apache-2.0 */
#include "system/identity.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TRIES 256
#define NAMES_SIZE 65536 /* room for the members of a group */

/* Does a line of the file, "NAME:FIRST:COUNT", give the id away? Then *past is the first id behind its range. */
static bool is_granted(const char *path, uid_t id, uint64_t *past)
{
	FILE *file = fopen(path, "re");
	bool granted = false;
	char *line = NULL;
	size_t size = 0;

	while (file && !granted && getline(&line, &size, file) > 0) {
		uint64_t first, count;

		if (sscanf(line, "%*[^:]:%" SCNu64 ":%" SCNu64, &first, &count) != 2 || count > UINT32_MAX)
			continue;
		granted = id >= first && id < first + count;
		*past = granted ? first + count : *past;
	}
	free(line);
	if (file)
		fclose(file);
	return granted;
}

/* What cannot be asked for is taken to have a name. */
static bool has_name(uid_t id)
{
	char *text = malloc(NAMES_SIZE);
	struct passwd user, *known = NULL;
	struct group group, *known_group = NULL;
	bool named = true;
	int rc;

	if (!text)
		return true;
	rc = getpwuid_r(id, &user, text, NAMES_SIZE, &known);
	if (!known && (!rc || rc == ENOENT)) {
		rc = getgrgid_r(id, &group, text, NAMES_SIZE, &known_group);
		named = known_group || (rc && rc != ENOENT);
	}
	free(text);
	return named;
}

/* The containers of others have ids without a name, too. */
static bool has_process(uid_t id)
{
	DIR *directory = opendir("/proc");
	const struct dirent *entry;
	bool found = false;
	struct stat process;

	while (directory && !found && (entry = readdir(directory)))
		found = isdigit((unsigned char)entry->d_name[0]) &&
			!fstatat(dirfd(directory), entry->d_name, &process, AT_SYMLINK_NOFOLLOW) &&
			(process.st_uid == id || process.st_gid == id);
	if (directory)
		closedir(directory);
	return found;
}

/*
 * A name in the kernel that one socket of the machine can have, and none when its process has died: no file
 * is left behind. Returns the socket, or -errno: -EADDRINUSE where another lanebench has the id.
 */
static int reserve(uid_t id)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "lanebench-id-%u", (unsigned)id);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		return -errno;
	if (!bind(fd, (const struct sockaddr *)&address,
		  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* All ids of the range mean something where lanebench is: not so in most user namespaces. */
static bool has_range(void)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	uint64_t inside, outside, count;
	bool has = false;

	while (file && !has && fscanf(file, "%" SCNu64 " %" SCNu64 " %" SCNu64, &inside, &outside, &count) == 3)
		has = inside <= IDENTITY_FIRST && inside + count > IDENTITY_LAST;
	if (file)
		fclose(file);
	return has;
}

static uint64_t random_id(void)
{
	uint32_t number = (uint32_t)getpid();

	(void)!getrandom(&number, sizeof(number), 0); /* any number will do: what is taken is seen */
	return IDENTITY_FIRST + number % (IDENTITY_LAST - IDENTITY_FIRST);
}

int identity_take(struct identity *identity, struct error *err)
{
	uint64_t id = random_id();

	*identity = (struct identity)IDENTITY_NONE;
	if (!has_range())
		return error_set(err, ENOTSUP, "run lanebench as root, in no user namespace",
				 "this user namespace has no users but the caller's");
	for (unsigned tries = 0; tries < TRIES; tries++) {
		uint64_t next = id + 1;
		int fd = -EADDRINUSE;

		if (!is_granted("/etc/subuid", (uid_t)id, &next) && !is_granted("/etc/subgid", (uid_t)id, &next) &&
		    !has_name((uid_t)id) && !has_process((uid_t)id))
			fd = reserve((uid_t)id);
		if (fd >= 0) {
			*identity = (struct identity){ .id = (uid_t)id, .reservation = fd };
			return 0;
		}
		if (fd != -EADDRINUSE)
			return error_errno(err, -fd, NULL, "cannot take a user's id");
		id = next > IDENTITY_LAST ? IDENTITY_FIRST : next;
	}
	return error_set(err, EUSERS, "see /etc/subuid, /etc/subgid and the range of ids of SSSD",
			 "no user's id between %u and %u is free", IDENTITY_FIRST, IDENTITY_LAST);
}

void identity_release(struct identity *identity)
{
	if (identity->reservation >= 0)
		close(identity->reservation);
	*identity = (struct identity)IDENTITY_NONE;
}
