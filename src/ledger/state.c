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
#include "system/deadline.h"
#include "system/sysfs.h"
#include "util/display.h"
#include "util/utf8.h"

#define LOCK_TOLD_MS 1000  /* held for longer: its holder is named */
#define LOCK_WAIT_MS 60000 /* held for longer: given up; who holds it for an honest reason needs milliseconds */
#define LOCK_PAUSE_US 5000

static struct ledger_waiting waiting;

void ledger_set_waiting(const struct ledger_waiting *told)
{
	waiting = *told;
}

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

/* Of the lock on this directory, from the kernel's list: "4711 (lanebench)", or as much as can be known. */
static void lock_holder(const struct stat *directory, char *text, size_t size)
{
	FILE *locks = fopen("/proc/locks", "re");
	unsigned long inode;
	char line[256], path[64], comm[32];
	int holder = 0, pid;

	while (locks && !holder && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*d: FLOCK %*s WRITE %d %*x:%*x:%lu", &pid, &inode) == 2 &&
		    inode == directory->st_ino)
			holder = pid;
	if (locks)
		fclose(locks);
	snprintf(path, sizeof(path), "/proc/%d/comm", holder);
	if (sysfs_read(path, comm, sizeof(comm)))
		*comm = 0;
	text_clean(comm, true);
	if (holder > 0)
		snprintf(text, size, "process %d%s%s%s", holder, *comm ? " (" : "", comm, *comm ? ")" : "");
	else
		snprintf(text, size, "a process that cannot be seen from here");
}

/* Bounded: its holder may be stopped. A signal that comes meanwhile ends it. */
static int lock_wait(int fd, const struct stat *directory, struct error *err)
{
	const struct deadline deadline = deadline_after_ms(LOCK_WAIT_MS), told = deadline_after_ms(LOCK_TOLD_MS);
	const int signals = waiting.signals ? *waiting.signals : 0;
	char holder[128];
	bool said = false;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, errno, NULL, "cannot lock the state directory %s",
					   ledger_state_directory());
		if (waiting.signals && *waiting.signals != signals)
			return error_set(err, EINTR, NULL, "interrupted while waiting for the state directory %s",
					 ledger_state_directory());
		if (!said && !deadline_left_ms(&told)) {
			said = true;
			lock_holder(directory, holder, sizeof(holder));
			if (waiting.say)
				waiting.say(ledger_state_directory(), holder);
		}
		if (deadline_pause(&deadline, LOCK_PAUSE_US))
			continue;
		lock_holder(directory, holder, sizeof(holder));
		return error_set(err, ETIMEDOUT, "let it go on (kill -CONT) or end it (kill); then: lanebench clean",
				 "the state directory %s has been locked for %d s by %s", ledger_state_directory(),
				 LOCK_WAIT_MS / 1000, holder);
	}
	return 0;
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
		rc = lock_wait(fd, &opened, err);
		if (rc) {
			close(fd);
			return rc;
		}
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
