/* SPDX-License-Identifier: Apache-2.0 */
#include "system/memory.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#define FILES_MAX 4096

static int set(int context, const char *key, unsigned value, const char *unit)
{
	char text[24];

	snprintf(text, sizeof(text), "%u%s", value, unit);
	return fsconfig(context, FSCONFIG_SET_STRING, key, text, 0);
}

int memory_directory(unsigned megabytes, uid_t owner, struct error *err)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC), directory = -1, code;

	if (context >= 0 && !set(context, "size", megabytes, "m") && !set(context, "nr_inodes", FILES_MAX, "") &&
	    !set(context, "uid", owner, "") && !set(context, "gid", owner, "") &&
	    !fsconfig(context, FSCONFIG_SET_STRING, "mode", "0700", 0) &&
	    !fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		directory = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	code = errno;
	if (context >= 0)
		close(context);
	return directory >= 0 ? directory :
	       error_errno(err, code, code == EMFILE ? "raise the limit of open files (ulimit -n)" : NULL,
			   "cannot make a directory in memory");
}
