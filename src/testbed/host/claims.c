/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/claims.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "system/deadline.h"

#define PREFIX "lanebench-processor-"
#define LOCK_WAIT_MS 1000
#define LOCK_PAUSE_US 1000

struct claim {
	int processor;
	int fd;      /* the socket */
	int entry;   /* ledger number */
	struct ledger *ledger;
};

struct claims {
	char suffix[9]; /* of the names of this run's sockets */
	struct claim *list;
	unsigned count;
};

/* Where everybody may make files, and nobody remove another's. NULL = there is no such place. */
static const char *place(void)
{
	static const char *const places[] = { "/run/lock", "/dev/shm", "/tmp" };
	struct stat found;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!lstat(places[i], &found) && S_ISDIR(found.st_mode) && (found.st_mode & 01777) == 01777)
			return places[i];
	return NULL;
}

static int undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	struct stat found;

	if (lstat(entry->subject, &found) || !S_ISSOCK(found.st_mode) || !unlink(entry->subject) ||
	    errno == ENOENT)
		return 0;
	return error_errno(err, errno, NULL, "cannot remove %s", entry->subject);
}

const struct ledger_kind claim_kind = { .name = "claim", .noun = "claim", .undo = undo };

struct claims *claims_open(void)
{
	struct claims *claims = calloc(1, sizeof(*claims));
	uint32_t random;

	if (!claims)
		return NULL;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (uint32_t)getpid();
	snprintf(claims->suffix, sizeof(claims->suffix), "%08" PRIx32, random);
	return claims;
}

void claims_close(struct claims *claims)
{
	if (!claims)
		return;
	while (claims->count)
		claims_drop(claims, claims->list[0].processor);
	free(claims->list);
	free(claims);
}

int claims_lock(void)
{
	const struct deadline deadline = deadline_after_ms(LOCK_WAIT_MS);
	const char *directory = place();
	int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB))
		if (!deadline_pause(&deadline, LOCK_PAUSE_US)) {
			close(fd);
			fd = -1;
		}
	return fd;
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Does somebody answer at this socket? `tell`: that we claim the same. */
static bool is_alive(int directory, const char *name, bool tell)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	/* By descriptor: a link would lead to somebody else's socket. */
	int node = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), fd = new_socket();
	struct stat found;
	bool alive = false;

	if (node >= 0 && fd >= 0 && !fstat(node, &found) && S_ISSOCK(found.st_mode)) {
		snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", node);
		alive = !connect(fd, (struct sockaddr *)&address, sizeof(address));
		/* One whose queue is full has been told often enough. */
		if (alive && tell && send(fd, "", 1, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
			alive = false;
	}
	if (node >= 0)
		close(node);
	if (fd >= 0)
		close(fd);
	return alive;
}

static bool search_others(const struct claims *claims, int processor, bool tell)
{
	const char *directory = place();
	DIR *dir = directory ? opendir(directory) : NULL;
	const struct dirent *entry;
	char prefix[48];
	bool found = false;

	snprintf(prefix, sizeof(prefix), PREFIX "%d.", processor);
	while (dir && (tell || !found) && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, prefix, strlen(prefix)) &&
		    strcmp(entry->d_name + strlen(prefix), claims->suffix))
			found |= is_alive(dirfd(dir), entry->d_name, tell);
	if (dir)
		closedir(dir);
	return found;
}

bool claims_of_others(const struct claims *claims, int processor)
{
	return search_others(claims, processor, false);
}

/* For everybody to write to, whatever the umask says. */
static int bind_for_all(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t before = umask(0);
	int rc;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	rc = bind(fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	umask(before);
	return rc;
}

int claims_take(struct claims *claims, int processor, struct ledger *ledger, struct error *err)
{
	struct claim claim = { .processor = processor, .ledger = ledger };
	const char *directory = place();
	struct claim *list;
	char path[108];
	int rc;

	for (unsigned i = 0; i < claims->count; i++)
		if (claims->list[i].processor == processor)
			return 0;
	if (!directory)
		return 0;
	snprintf(path, sizeof(path), "%s/" PREFIX "%d.%s", directory, processor, claims->suffix);
	list = reallocarray(claims->list, claims->count + 1, sizeof(*list));
	if (!list)
		return error_set(err, ENOMEM, NULL, "out of memory");
	claims->list = list;
	claim.entry = ledger_add(ledger, &claim_kind, path, NULL, err);
	if (claim.entry < 0)
		return claim.entry;
	claim.fd = new_socket();
	rc = claim.fd < 0 ? -errno : bind_for_all(claim.fd, path);
	if (rc) {
		if (claim.fd >= 0)
			close(claim.fd);
		ledger_strike(ledger, claim.entry, NULL);
		return error_errno(err, -rc, NULL, "cannot claim processor %d by %s", processor, path);
	}
	list[claims->count++] = claim;
	/* After our own is there: of two at once, one at least sees the other, and tells it. */
	search_others(claims, processor, true);
	return 0;
}

void claims_drop(struct claims *claims, int processor)
{
	for (unsigned i = 0; i < claims->count; i++) {
		struct claim *claim = &claims->list[i];

		if (claim->processor != processor)
			continue;
		ledger_undo(claim->ledger, claim->entry, NULL);
		close(claim->fd);
		*claim = claims->list[--claims->count];
		return;
	}
}

bool claims_contended(struct claims *claims, bool *news)
{
	bool now = false;
	char byte;

	*news = false;
	for (unsigned i = 0; i < claims->count; i++) {
		while (recv(claims->list[i].fd, &byte, 1, 0) >= 0)
			*news = true;
		now = now || claims_of_others(claims, claims->list[i].processor);
	}
	return now;
}
