/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/container/lxc_controllers.h"

#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "system/sysfs.h"
#include "testbed/host/controller.h"

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

void lxc_controllers_switch_on(struct ledger *ledger)
{
	char base[2048], path[4096], there[1024], *next = NULL;
	int rc;

	if (!is_unified())
		return;
	find_base(base);
	snprintf(path, sizeof(path), ROOT "%s/cgroup.controllers", base);
	rc = sysfs_read(path, there, sizeof(there));
	snprintf(path, sizeof(path), ROOT "%s", base);
	/* One that cannot be switched on here, liblxc does without. */
	for (char *word = rc ? NULL : strtok_r(there, " ", &next); word; word = strtok_r(NULL, " ", &next))
		controller_switch_on(path, word, ledger, NULL);
}
