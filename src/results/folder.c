/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything goes by descriptors: root may report a record whose directory belongs to somebody else, who
 * could put a link in the place of any name at any moment.
 */
#include "results/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/internal.h"

#define KEPT_MAX 1000 /* old folders that users have changed */
#define DEPTH_MAX 8   /* of folders in folders; ours have two */

/* For each entry of a directory, those of its directories first; nonzero ends it. `st` does not follow
 * links. */
typedef int visit_entry(int dir, const char *name, const struct stat *st, void *context);

static int folder_walk(int dir, unsigned depth, visit_entry *visit, void *context)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!stream) {
		rc = -errno;
		if (fd >= 0)
			close(fd);
		return rc;
	}
	while (!rc && (entry = readdir(stream))) {
		struct stat st;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			int below = openat(dir, entry->d_name,
					   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			rc = below < 0 ? -errno : -ELOOP;
			if (below >= 0 && depth)
				rc = folder_walk(below, depth - 1, visit, context);
			if (below >= 0)
				close(below);
		}
		if (!rc)
			rc = visit(dir, entry->d_name, &st, context);
	}
	closedir(stream);
	return rc;
}

static int entry_remove(int dir, const char *name, const struct stat *st, void *context)
{
	(void)context;
	return unlinkat(dir, name, S_ISDIR(st->st_mode) ? AT_REMOVEDIR : 0) ? -errno : 0;
}

static int entry_give(int dir, const char *name, const struct stat *st, void *context)
{
	const struct stat *owner = context;

	int ignored = fchownat(dir, name, owner->st_uid, owner->st_gid, AT_SYMLINK_NOFOLLOW);

	(void)st;
	(void)ignored; /* a file system that knows no owners refuses; the report is as good */
	return 0;
}

/* Ends with 1 at the first entry that is newer than the seal. */
static int entry_is_newer(int dir, const char *name, const struct stat *st, void *context)
{
	const struct timespec *seal = context;

	(void)dir;
	(void)name;
	if (S_ISDIR(st->st_mode))
		return 0;
	return st->st_mtim.tv_sec > seal->tv_sec ||
	       (st->st_mtim.tv_sec == seal->tv_sec && st->st_mtim.tv_nsec > seal->tv_nsec);
}

struct lock_name {
	char text[NAME_MAX + 1];
};

static struct lock_name folder_lock_name(const struct folder *folder)
{
	struct lock_name name;

	snprintf(name.text, sizeof(name.text), ".%.*s.lock", NAME_MAX - 8, folder->name);
	return name;
}

static int folder_remove(int parent, const char *name)
{
	int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc;

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	rc = folder_walk(dir, DEPTH_MAX, entry_remove, NULL);
	close(dir);
	return rc ? rc : unlinkat(parent, name, AT_REMOVEDIR) ? -errno : 0;
}

/* What stands in the folder's place. */
enum old { OLD_NONE, OLD_EMPTY, OLD_OURS, OLD_CHANGED, OLD_OTHER };

static enum old folder_old(const struct folder *folder, const char *seal)
{
	int dir = openat(folder->parent, folder->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	enum old old;

	if (dir < 0)
		return errno == ENOENT ? OLD_NONE : OLD_OTHER;
	if (directory_is_empty(dir) == 1)
		old = OLD_EMPTY;
	else if (fstatat(dir, seal, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		old = OLD_OTHER;
	else
		old = folder_walk(dir, DEPTH_MAX, entry_is_newer, &st.st_mtim) == 0 ? OLD_OURS : OLD_CHANGED;
	close(dir);
	return old;
}

/* "a/b/report/" into the directory "a/b" and the name "report". */
static int folder_split(struct folder *folder, char *parent, size_t size, const char *path, struct error *err)
{
	size_t length = strlen(path), name;

	while (length > 1 && path[length - 1] == '/')
		length--;
	for (name = length; name && path[name - 1] != '/';)
		name--;
	if (length - name > NAME_MAX - 16 || length >= size)
		return error_set(err, ENAMETOOLONG, NULL, "%.100s...: the name is too long", path);
	snprintf(folder->name, sizeof(folder->name), "%.*s", (int)(length - name), path + name);
	snprintf(folder->hidden, sizeof(folder->hidden), ".%.*s.new", (int)(length - name), path + name);
	snprintf(folder->where, sizeof(folder->where), "%.*s", (int)length, path);
	snprintf(parent, size, "%.*s", name ? (int)name : 1, name ? path : ".");
	if (!*folder->name || !strcmp(folder->name, ".") || !strcmp(folder->name, "..") ||
	    !strcmp(folder->name, "/"))
		return error_set(err, EINVAL, "name a folder that may be made, such as results/NAME/report",
				 "'%s' cannot be replaced by a folder", path);
	return 0;
}

/* With the parent open: the folder itself, out of sight. */
static int folder_make(struct folder *folder, const char *seal, struct error *err)
{
	int rc;

	folder->lock = lock_take(folder->parent, folder->where, folder_lock_name(folder).text, err);
	if (folder->lock < 0)
		return folder->lock;
	if (folder_old(folder, seal) == OLD_OTHER)
		return error_set(err, EEXIST, "choose another folder with -o, or move it away",
				 "%s is there already, and is no report of lanebench", folder->where);
	rc = folder_remove(folder->parent, folder->hidden); /* of a lanebench that was killed */
	if (!rc && mkdirat(folder->parent, folder->hidden, 0755))
		rc = -errno;
	if (!rc)
		folder->at = openat(folder->parent, folder->hidden,
				    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (rc || folder->at < 0)
		return error_errno(err, rc ? -rc : errno, "-o puts it into another folder", "cannot write %s",
				   folder->where);
	snprintf(folder->path, sizeof(folder->path), "/proc/self/fd/%d", folder->at);
	return 0;
}

int folder_begin(struct folder *folder, const char *path, const char *seal, struct error *err)
{
	char parent[PATH_MAX];
	bool made;
	int rc;

	*folder = (struct folder){ .parent = -1, .at = -1, .lock = -1 };
	rc = folder_split(folder, parent, sizeof(parent), path, err);
	if (rc)
		return rc;
	folder->parent = directory_make(parent, &made);
	if (folder->parent < 0)
		return error_errno(err, -folder->parent, "-o puts it into another folder", "cannot write %s",
				   folder->where);
	return folder_make(folder, seal, err);
}

int folder_begin_in(struct folder *folder, int directory, const char *where, const char *name, const char *seal,
		    struct error *err)
{
	*folder = (struct folder){ .parent = -1, .at = -1, .lock = -1 };
	snprintf(folder->name, sizeof(folder->name), "%s", name);
	snprintf(folder->hidden, sizeof(folder->hidden), ".%s.new", name);
	snprintf(folder->where, sizeof(folder->where), "%s/%s", where, name);
	folder->parent = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->parent < 0)
		return error_errno(err, errno, "-o puts it into another folder", "cannot write %s", folder->where);
	return folder_make(folder, seal, err);
}

/* Never over something else; a file system that cannot tell (EINVAL) is looked at before. */
static int rename_free(int parent, const char *from, const char *to)
{
	if (!renameat2(parent, from, parent, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL)
		return -1;
	if (!faccessat(parent, to, F_OK, AT_SYMLINK_NOFOLLOW)) {
		errno = EEXIST;
		return -1;
	}
	return renameat(parent, from, parent, to);
}

/* An old folder with changes of a user's: "report-1", or the first number that is free. */
static int folder_keep(struct folder *folder, struct error *err)
{
	for (int i = 1; i < KEPT_MAX; i++) {
		snprintf(folder->kept, sizeof(folder->kept), "%.*s-%d", NAME_MAX - 8, folder->name, i);
		if (!rename_free(folder->parent, folder->name, folder->kept))
			return 0;
		if (errno != EEXIST)
			break;
	}
	folder->kept[0] = 0;
	return error_errno(err, errno, "move it away", "cannot keep what was changed in %s", folder->where);
}

static void folder_give(const struct folder *folder)
{
	struct stat owner;

	if (geteuid() != 0 || fstat(folder->parent, &owner))
		return;
	folder_walk(folder->at, DEPTH_MAX, entry_give, &owner);
	directory_share_owner(folder->parent, folder->at);
}

/* The new one and the old one change places at once; folder_end removes what is hidden then. */
static int folder_exchange(struct folder *folder, struct error *err)
{
	int rc = 0;

	if (!renameat2(folder->parent, folder->hidden, folder->parent, folder->name, RENAME_EXCHANGE))
		return 0;
	if (errno == EINVAL) /* a file system that cannot do that */
		rc = folder_remove(folder->parent, folder->name);
	if (!rc && renameat(folder->parent, folder->hidden, folder->parent, folder->name))
		rc = -errno;
	if (rc)
		return error_errno(err, -rc, "remove it", "cannot replace %s", folder->where);
	folder->hidden[0] = 0;
	return 0;
}

int folder_commit(struct folder *folder, const char *seal, struct error *err)
{
	enum old old = folder_old(folder, seal);

	if (old == OLD_OTHER)
		return error_set(err, EEXIST, "choose another folder with -o, or move it away",
				 "%s came to be there meanwhile", folder->where);
	folder_give(folder);
	if (old == OLD_CHANGED && folder_keep(folder, err))
		return -err->code;
	if (old == OLD_OURS || old == OLD_EMPTY)
		return folder_exchange(folder, err);
	if (rename_free(folder->parent, folder->hidden, folder->name))
		return error_errno(err, errno, NULL, "cannot put %s in its place", folder->where);
	folder->hidden[0] = 0;
	return 0;
}

void folder_end(struct folder *folder)
{
	if (folder->at >= 0) {
		close(folder->at);
		if (folder->hidden[0])
			folder_remove(folder->parent, folder->hidden);
	}
	if (folder->lock >= 0)
		lock_release(folder->parent, folder_lock_name(folder).text, folder->lock);
	if (folder->parent >= 0)
		close(folder->parent);
	folder->parent = folder->at = folder->lock = -1;
}
