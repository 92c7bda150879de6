/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* Is something mounted upon it? Also where it cannot be unmounted from here. */
static bool is_mounted(const char *path)
{
	struct statx status;

	return !statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &status) &&
	       status.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static int detach(const char *path, struct error *err)
{
	int code;

	/* More than one may lie upon another. */
	while (!umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
		;
	code = errno;
	/*
	 * EINVAL: not a mount point (any more); but also one that is locked, in a user namespace that has
	 * it by copy.
	 */
	if ((code == EINVAL || code == ENOENT) && !is_mounted(path))
		return 0;
	return error_errno(err, code, "do it as root, where it was mounted: outside of containers and namespaces",
			   "cannot unmount %s", path);
}

static int undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	return detach(entry->subject, err);
}

int mount_memory(const char *path, unsigned megabytes, unsigned files, struct ledger *ledger, struct error *err)
{
	int entry = ledger_add(ledger, &mount_kind, path, NULL, err), code;
	char options[64];

	if (entry < 0)
		return entry;
	snprintf(options, sizeof(options), "mode=0711,size=%um,nr_inodes=%u", megabytes, files);
	if (!mount("lanebench", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options))
		return entry;
	code = errno;
	ledger_strike(ledger, entry, NULL);
	return error_errno(err, code, NULL, "cannot mount a file system in memory on %s", path);
}

/*
 * Somebody may have removed the ledger (rm -r goes past mount points); then the kernel still knows. Of file systems
 * in memory alone, which have nothing that is worth keeping.
 */
static void undo_lost(const char *directory)
{
	const struct mntent *found;
	char real[PATH_MAX];
	size_t length;
	FILE *mounts;

	if (!realpath(directory, real))
		return;
	length = strlen(real);
	mounts = setmntent("/proc/self/mounts", "re");
	while (mounts && (found = getmntent(mounts)))
		if ((!strcmp(found->mnt_type, "hugetlbfs") || !strcmp(found->mnt_type, "tmpfs")) &&
		    !strncmp(found->mnt_dir, real, length) && found->mnt_dir[length] == '/')
			detach(found->mnt_dir, NULL);
	if (mounts)
		endmntent(mounts);
}

const struct ledger_kind mount_kind = {
	.name = "mount", .noun = "mount", .undo = undo, .undo_lost = undo_lost,
};
