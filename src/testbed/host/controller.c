/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/controller.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/sysfs.h"
#include "testbed/host/cgroup.h"

#define SWITCHES "cgroup.subtree_control"

static bool is_on(const char *path, const char *controller)
{
	return cgroup_file_has_word(path, SWITCHES, controller);
}

static int write_switch(const char *path, char sign, const char *controller)
{
	char file[4200], text[64];

	snprintf(file, sizeof(file), "%s/" SWITCHES, path);
	snprintf(text, sizeof(text), "%c%s", sign, controller);
	return sysfs_write(file, text);
}

/* The state directory is locked, so that no run switches it off between our look and our note. */
static int switch_on(const char *path, const char *controller, struct ledger *ledger, struct error *err)
{
	bool on = is_on(path, controller);
	int entry = 0, rc;

	/* One that a run beside this one has switched on is switched off by whichever of them ends last. */
	if (!ledger_has(ledger, &controller_kind, path, controller) &&
	    (!on || ledger_others_have(ledger, &controller_kind, path, controller)))
		entry = ledger_add(ledger, &controller_kind, path, controller, err);
	if (entry < 0 || on)
		return entry < 0 ? entry : 0;
	rc = write_switch(path, '+', controller);
	if (!rc)
		return 0;
	ledger_strike(ledger, entry, NULL);
	return error_errno(err, -rc, rc == -EBUSY ?
			   "processes in the topmost cgroup keep it off, as in some containers: run "
			   "lanebench on the host" : NULL,
			   "cannot switch on the controller %s in %s", controller, path);
}

int controller_switch_on(const char *path, const char *controller, struct ledger *ledger, struct error *err)
{
	int state = ledger_lock_state(false, err);
	int rc = state < 0 ? state : switch_on(path, controller, ledger, err);

	if (state >= 0)
		close(state);
	return rc;
}

/* ---- undo ---------------------------------------------------------------------------------------------- */

static bool has_suffix(const char *text, const char *suffix)
{
	size_t length = strlen(text), end = strlen(suffix);

	return length >= end && !strcmp(text + length - end, suffix);
}

/* A file of the controller's that can be set, not one that only tells. */
static bool is_knob(int group, const char *name, const char *controller)
{
	size_t length = strlen(controller);
	struct stat status;

	/* A pressure is told with or without the controller; a peak is set only to be told anew. */
	return !strncmp(name, controller, length) && name[length] == '.' && !has_suffix(name, ".pressure") &&
	       !has_suffix(name, ".peak") && !fstatat(group, name, &status, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(status.st_mode) && (status.st_mode & S_IRUSR) && (status.st_mode & S_IWUSR);
}

static void read_knob(int group, const char *name, char text[1024])
{
	int fd = openat(group, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t size = fd < 0 ? 0 : read(fd, text, 1023);

	text[size > 0 ? size : 0] = 0;
	if (fd >= 0)
		close(fd);
}

/* Is any of the group's knobs set otherwise than in a group that was just made? */
static bool has_setting(int group, int fresh, const char *controller)
{
	int fd = openat(group, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool found = false;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && (entry = readdir(dir))) {
		char here[1024], there[1024];

		if (!is_knob(group, entry->d_name, controller))
			continue;
		read_knob(group, entry->d_name, here);
		read_knob(fresh, entry->d_name, there);
		found = strcmp(here, there);
	}
	closedir(dir);
	return found;
}

/* Of the groups in `dir`, which is closed, does one use the controller? */
static bool is_used_below(int parent, int fresh, const char *controller)
{
	DIR *dir = fdopendir(parent);
	struct dirent *entry;
	bool used = false;

	if (!dir) {
		close(parent);
		return true;
	}
	while (!used && (entry = readdir(dir))) {
		int group;

		if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		group = openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (group < 0)
			continue;
		used = has_setting(group, fresh, controller);
		close(group);
	}
	closedir(dir);
	return used;
}

/*
 * The kernel refuses to switch off what a group below hands on to those below itself, and nothing else: from
 * all others it takes their limits without a word. What a limit is, a group that was just made tells, by
 * comparison. (Killed in between, it is made and removed by whoever undoes the same entry again.)
 */
static bool is_used(const char *path, const char *controller, const char *run_id)
{
	int parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fresh = -1;
	char name[32];
	bool used = true;

	if (parent < 0)
		return false;
	snprintf(name, sizeof(name), "lb-%s-fresh", run_id);
	if (!mkdirat(parent, name, 0755) || errno == EEXIST)
		fresh = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fresh >= 0) {
		used = is_used_below(dup(parent), fresh, controller);
		close(fresh);
	}
	unlinkat(parent, name, AT_REMOVEDIR);
	close(parent);
	return used;
}

static int undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	const char *path = entry->subject, *controller = entry->detail;
	int rc;

	if (!controller)
		return error_set(err, EINVAL, NULL, "the ledger names no controller for %s", path);
	if (!is_on(path, controller) || ledger_others_have(ledger, &controller_kind, path, controller) ||
	    is_used(path, controller, ledger_run_id(ledger)))
		return 0;
	rc = write_switch(path, '-', controller);
	/* EBUSY: it is handed on; ENOENT: the cgroup is gone. */
	return !rc || rc == -EBUSY || rc == -ENOENT ? 0 :
	       error_errno(err, -rc, NULL, "cannot switch off the controller %s in %s", controller, path);
}

const struct ledger_kind controller_kind = {
	.name = "controller", .noun = "cgroup controller of", .shared = true, .undo = undo,
};
