/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/cgroup_limits.h"
#include "system/deadline.h"
#include "system/kill.h"
#include "system/sysfs.h"

#define PAUSE_US 1000
#define UNDO_WAIT_MS 5000

struct removal {
	const char *name;
	int timeout_ms;
	int removed;
	struct error *err;
};

static FILE *open_members(int dir)
{
	int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file && fd >= 0)
		close(fd);
	return file;
}

static bool is_member(pid_t pid, void *context)
{
	FILE *file = open_members(*(const int *)context);
	bool found = false;
	int one;

	while (file && !found && fscanf(file, "%d", &one) == 1)
		found = one == pid;
	if (file)
		fclose(file);
	return found;
}

/* Of cgroup v2, since Linux 5.14: all that are in it and below it, with what they fork meanwhile. */
static bool kill_at_once(int dir)
{
	int fd = is_member(getpid(), &dir) ? -1 : openat(dir, "cgroup.kill", O_WRONLY | O_CLOEXEC);
	bool killed = fd >= 0 && write(fd, "1", 1) == 1;

	if (fd >= 0)
		close(fd);
	return killed;
}

/* Send SIGKILL to every member of the cgroup `dir`; 0 in the list is one of another pid namespace. */
static void kill_members(int dir)
{
	FILE *file = kill_at_once(dir) ? NULL : open_members(dir);
	int pid;

	while (file && fscanf(file, "%d", &pid) == 1)
		if (pid > 1 && pid != getpid())
			process_kill_if(pid, is_member, &dir);
	if (file)
		fclose(file);
}

/* Next subdirectory of a cgroup directory; its plain files are the kernel's and vanish with it. */
static struct dirent *next_cgroup(DIR *dir)
{
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			return entry;
	return NULL;
}

/* Remove cgroup `name` of `parent`, its children first. 0 or -errno. */
static int remove_tree(int parent, const char *name, const struct deadline *deadline)
{
	struct dirent *child;
	DIR *dir;
	int fd, rc = 0;

	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (!rc && (child = next_cgroup(dir)))
		rc = remove_tree(fd, child->d_name, deadline);
	/*
	 * A member may fork between our reading the list and its end: kill until rmdir says that nobody is
	 * left.
	 */
	while (!rc && unlinkat(parent, name, AT_REMOVEDIR) && errno != ENOENT) {
		rc = -errno;
		if (rc == -EBUSY && deadline_left_ms(deadline)) {
			kill_members(fd);
			deadline_pause(deadline, PAUSE_US);
			rc = 0;
		}
	}
	closedir(dir);
	return rc;
}

/* Remove cgroup `name` of parent. Is it there (or was it)? */
static bool remove_here(struct removal *removal, int parent)
{
	const struct deadline deadline = deadline_after_ms(removal->timeout_ms);
	struct stat found;
	int rc;

	if (fstatat(parent, removal->name, &found, AT_SYMLINK_NOFOLLOW))
		return false;
	rc = remove_tree(parent, removal->name, &deadline);
	if (rc) {
		error_errno(removal->err, -rc, NULL, "cannot remove cgroup %s", removal->name);
		removal->timeout_ms = 0; /* the other hierarchies may be tried, but not waited for */
	} else {
		removal->removed++;
	}
	return true;
}

/*
 * Look for the name below dir_fd, which is closed; at each level before the next, since runtimes make their
 * cgroups near the top. A hierarchy has one at most. Directories that cannot be read are passed over.
 */
static bool search(struct removal *removal, int dir_fd)
{
	bool found = remove_here(removal, dir_fd);
	DIR *dir = fdopendir(dir_fd);
	struct dirent *child;
	int fd;

	if (!dir) {
		close(dir_fd);
		return found;
	}
	while (!found && (child = next_cgroup(dir))) {
		fd = openat(dir_fd, child->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			found = search(removal, fd);
	}
	closedir(dir);
	return found;
}

/* mountinfo writes space, tab, newline and backslash as \ooo. */
static void unescape(char *text)
{
	char *out = text;

	for (; *text; text++) {
		unsigned value;

		if (text[0] == '\\' && sscanf(text + 1, "%3o", &value) == 1) {
			*out++ = (char)value;
			text += 3;
		} else {
			*out++ = *text;
		}
	}
	*out = 0;
}

/*
 * Call visit(mount point, options, context) for every cgroup file system of this mount namespace; options are
 * those of the file system: of v1, the controllers are among them; NULL for v2.
 */
static int each_hierarchy(void (*visit)(const char *path, const char *options, void *context), void *context,
			  struct error *err)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, path[4096];
	size_t size = 0;

	if (!file)
		return error_errno(err, errno, "mount /proc", "cannot read /proc/self/mountinfo");
	while (getline(&line, &size, file) > 0) {
		/* ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS [TAGS...] - TYPE SOURCE SUPEROPTIONS */
		char *type = strstr(line, " - ");
		char *options = strrchr(line, ' ');

		if (!type || (strncmp(type + 3, "cgroup ", 7) && strncmp(type + 3, "cgroup2 ", 8)) ||
		    sscanf(line, "%*s %*s %*s %*s %4095s", path) != 1)
			continue;
		unescape(path);
		options[strcspn(options, "\n")] = 0;
		visit(path, type[3 + strlen("cgroup")] == ' ' ? options + 1 : NULL, context);
	}
	free(line);
	fclose(file);
	return 0;
}

static void search_hierarchy(const char *path, const char *options, void *context)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		search(context, fd);
}

int cgroup_remove(const char *name, int timeout_ms, struct error *err)
{
	struct error failed = { 0 };
	struct removal removal = { .name = name, .timeout_ms = timeout_ms, .err = &failed };
	int rc = each_hierarchy(search_hierarchy, &removal, err);

	if (rc)
		return rc;
	if (failed.code) {
		if (err)
			*err = failed;
		return -failed.code;
	}
	return removal.removed;
}

static int undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	int rc = cgroup_remove(entry->subject, UNDO_WAIT_MS, err);

	return rc < 0 ? rc : 0;
}

const struct ledger_kind cgroup_kind = { .name = "cgroup", .noun = "cgroup", .undo = undo };

static void probe_hierarchy(const char *path, const char *options, void *context)
{
	bool *writable = context;

	if (!access(path, W_OK))
		*writable = true;
}

int cgroup_probe(struct error *err)
{
	bool writable = false;
	int rc = each_hierarchy(probe_hierarchy, &writable, err);

	if (rc)
		return rc;
	if (!writable)
		return error_set(err, ENOENT,
				 "mount -t cgroup2 none /sys/fs/cgroup (in a container: it must be writable)",
				 "no cgroup file system is mounted in which cgroups can be made");
	return 0;
}

/* Is the word one of the list, between separators? */
static bool has_word(const char *list, const char *word, const char *separators)
{
	size_t length = strlen(word);

	for (list += strspn(list, separators); *list; list += strspn(list, separators)) {
		size_t one = strcspn(list, separators);

		if (one == length && !strncmp(list, word, length))
			return true;
		list += one;
	}
	return false;
}

bool cgroup_file_has_word(const char *path, const char *name, const char *word)
{
	char file[4200], text[1024];

	snprintf(file, sizeof(file), "%s/%s", path, name);
	return !sysfs_read(file, text, sizeof(text)) && has_word(text, word, " ");
}

struct finding {
	const char *controller;
	struct cgroup_hierarchy *found;
};

static void find_hierarchy(const char *path, const char *options, void *context)
{
	const struct finding *finding = context;
	struct cgroup_hierarchy *found = finding->found;
	bool has = options ? has_word(options, finding->controller, ",") :
		   cgroup_file_has_word(path, "cgroup.controllers", finding->controller);

	if (!has || found->path[0] || strlen(path) >= sizeof(found->path))
		return;
	strcpy(found->path, path);
	found->unified = !options;
}

int cgroup_find(const char *controller, struct cgroup_hierarchy *found, struct error *err)
{
	struct finding finding = { controller, found };
	int rc;

	memset(found, 0, sizeof(*found));
	rc = each_hierarchy(find_hierarchy, &finding, err);
	if (rc)
		return rc;
	return found->path[0] ? 0 : error_set(err, ENOENT, "mount -t cgroup2 none /sys/fs/cgroup",
					      "no cgroup file system with the controller %s is mounted", controller);
}

int cgroup_find_base(const char *controller, struct cgroup_hierarchy *found, char base[256], struct error *err)
{
	char own[CGROUP_PATH_SIZE];
	int rc = cgroup_find(controller, found, err);

	if (rc)
		return rc;
	snprintf(base, 256, "%s", found->path);
	if (!found->unified && cgroup_own_directory(controller, own) && strlen(own) < 256)
		strcpy(base, own);
	return 0;
}
