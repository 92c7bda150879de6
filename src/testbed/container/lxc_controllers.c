/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/container/lxc_controllers.h"

#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

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

/* The names in base/name, each between spaces: " cpu memory ". "" if there is no such file. */
static void read_names(const char *base, const char *name, char names[1024])
{
	char path[4096], line[1000] = "";
	FILE *file;

	snprintf(path, sizeof(path), ROOT "%s/%s", base, name);
	file = fopen(path, "re");
	if (file && !fgets(line, sizeof(line), file))
		line[0] = 0;
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = 0;
	snprintf(names, 1024, " %s ", line);
}

int lxc_controllers_note(struct ledger *ledger, struct error *err)
{
	char base[2048], path[4096], there[1024], on[1024], name[128], off[129];
	int rc = 0;

	if (!is_unified())
		return 0;
	find_base(base);
	read_names(base, "cgroup.controllers", there);
	read_names(base, "cgroup.subtree_control", on);
	snprintf(path, sizeof(path), ROOT "%s/cgroup.subtree_control", base);
	for (char *word = strtok(there, " "); word && rc >= 0; word = strtok(NULL, " ")) {
		snprintf(name, sizeof(name), " %s ", word);
		snprintf(off, sizeof(off), "-%s", word);
		/*
		 * One entry each: one that others have come to use keeps no other from being switched off.
		 * One that a run beside this one has switched on is switched off by whichever of them ends
		 * last.
		 */
		if (!ledger_has(ledger, LEDGER_SETTING, path, off) &&
		    (!strstr(on, name) || ledger_others_have(ledger, LEDGER_SETTING, path, off)))
			rc = ledger_add(ledger, LEDGER_SETTING, path, off, err);
	}
	return rc < 0 ? rc : 0;
}
