/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/container/lxc_controllers.h"

#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "testbed/host/cgroup.h"
#include "system/sysfs.h"

#define ROOT "/sys/fs/cgroup" /* liblxc looks nowhere else, either */
#define INIT_SCOPE "/init.scope"

static bool is_unified(void)
{
	struct statfs root;

	return !statfs(ROOT, &root) && root.f_type == CGROUP2_SUPER_MAGIC;
}

/* liblxc puts root's containers beside init, not below the cgroup of whoever starts them. */
static void find_base(char base[2048])
{
	FILE *file = fopen("/proc/1/cgroup", "re");
	char line[2048];

	base[0] = 0;
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "0::/", 4) && line[4])
			snprintf(base, 2048, "%s", line + 3);
	}
	if (file)
		fclose(file);
	if (strlen(base) >= strlen(INIT_SCOPE) && !strcmp(base + strlen(base) - strlen(INIT_SCOPE), INIT_SCOPE))
		base[strlen(base) - strlen(INIT_SCOPE)] = 0;
}

int lxc_controllers_note(struct ledger *ledger, struct error *err)
{
	char base[2048], path[4096], there[1024], *next = NULL;
	int rc;

	if (!is_unified())
		return 0;
	find_base(base);
	snprintf(path, sizeof(path), ROOT "%s/cgroup.controllers", base);
	rc = sysfs_read(path, there, sizeof(there));
	snprintf(path, sizeof(path), ROOT "%s", base);
	for (char *word = rc ? NULL : strtok_r(there, " ", &next); word; word = strtok_r(NULL, " ", &next)) {
		rc = cgroup_note_controller(path, word, ledger, err);
		if (rc)
			return rc;
	}
	return 0;
}
