/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/container/lxc_configure.h"

#include <errno.h>
#include <lxc/version.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "testbed/container/rootfs.h"

struct lxc_item {
	const char *key, *value;
};

/* What all containers have in common. */
static const struct lxc_item settings[] = {
	{ "lxc.net.0.type", "empty" },
	{ "lxc.mount.auto", "proc:mixed sys:ro" },
	{ "lxc.autodev", "1" },
	{ "lxc.console.path", "none" },
	{ "lxc.tty.max", "0" },
	{ "lxc.pty.max", "0" },
	{ "lxc.no_new_privs", "1" },
	{ "lxc.seccomp.profile", LXC_SECCOMP_PROFILE },
};

static int set(struct lxc_container *lxc, const char *key, const char *value, struct error *err)
{
	if (lxc->set_config_item(lxc, key, value))
		return 0;
	return error_set(err, EINVAL, NULL, "liblxc %s refuses %s = %s", lxc_get_version(), key, value);
}

struct mount_target {
	struct lxc_container *lxc;
	struct error *err;
};

static int add_mount(void *context, const char *line)
{
	const struct mount_target *target = context;

	return set(target->lxc, "lxc.mount.entry", line, target->err);
}

/* Its root, and nobody else: what else would run there? */
static int configure_user(struct lxc_container *lxc, const struct container_spec *spec, struct error *err)
{
	char map[64];
	int rc;

	snprintf(map, sizeof(map), "u 0 %u 1", (unsigned)spec->user);
	rc = set(lxc, "lxc.idmap", map, err);
	snprintf(map, sizeof(map), "g 0 %u 1", (unsigned)spec->group);
	return rc ? rc : set(lxc, "lxc.idmap", map, err);
}

/*
 * All of a container's cgroups below one that is called as the container, also the one into which liblxc
 * moves the monitor at its end.
 */
static int configure_cgroups(struct lxc_container *lxc, const char *name, struct error *err)
{
	char path[128];
	int rc;

	snprintf(path, sizeof(path), "%s/payload", name);
	rc = set(lxc, "lxc.cgroup.dir.container", path, err);
	snprintf(path, sizeof(path), "%s/monitor", name);
	rc = rc ? rc : set(lxc, "lxc.cgroup.dir.monitor", path, err);
	return rc ? rc : set(lxc, "lxc.cgroup.dir.monitor.pivot", name, err);
}

static int configure_capabilities(struct lxc_container *lxc, const char *const *names, struct error *err)
{
	int rc = 0;

	if (!names || !*names)
		return set(lxc, "lxc.cap.keep", "none", err);
	for (; !rc && *names; names++)
		rc = set(lxc, "lxc.cap.keep", *names, err);
	return rc;
}

/*
 * liblxc refuses to start where AppArmor is on and its profile not loaded, as in an installation without
 * systemd.
 */
static bool apparmor_lacks_profile(void)
{
	FILE *file = fopen("/sys/kernel/security/apparmor/profiles", "re");
	char line[512];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, "lxc-container-default-cgns") != NULL;
	fclose(file);
	return !found;
}

int lxc_configure(struct lxc_container *lxc, const struct container_spec *spec, const char *root,
		  struct error *err)
{
	struct mount_target target = { lxc, err };
	char path[4200];
	int rc = 0;

	for (unsigned i = 0; !rc && i < sizeof(settings) / sizeof(settings[0]); i++)
		rc = set(lxc, settings[i].key, settings[i].value, err);
	if (!rc && apparmor_lacks_profile())
		rc = set(lxc, "lxc.apparmor.profile", "unconfined", err);
	snprintf(path, sizeof(path), "dir:%s", root);
	rc = rc ? rc : set(lxc, "lxc.rootfs.path", path, err);
	snprintf(path, sizeof(path), "%s init", rootfs_busybox());
	rc = rc ? rc : set(lxc, "lxc.init.cmd", path, err);
	rc = rc ? rc : set(lxc, "lxc.uts.name", spec->name, err);
	rc = rc ? rc : configure_user(lxc, spec, err);
	rc = rc ? rc : configure_capabilities(lxc, spec->capabilities, err);
	rc = rc ? rc : configure_cgroups(lxc, spec->name, err);
	if (rc)
		return rc;
	rc = rootfs_mounts(spec->shares, spec->share_count, add_mount, &target);
	return rc == -ENAMETOOLONG ? error_errno(err, ENAMETOOLONG, NULL, "cannot show a directory") : rc;
}

int lxc_configure_log(struct lxc_container *lxc, const char *path, struct error *err)
{
	int rc = set(lxc, "lxc.log.level", "ERROR", err);

	return rc ? rc : set(lxc, "lxc.log.file", path, err);
}
