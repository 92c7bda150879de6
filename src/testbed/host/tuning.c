/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine has one of three knobs for turbo: intel_pstate's own (1 = off), one for all processors, or one
 * for each frequency domain (newer drivers). The governor is set for each processor; those that share a
 * domain share it.
 *
 * Of runs beside each other the second finds the settings changed by the first. It writes the first's old
 * value into its own ledger: the ledger sets back only what no other run has written down.
 */
#include "testbed/host/tuning.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testbed/host/namespace.h"
#include "system/sysfs.h"

#define CPU_ROOT "/sys/devices/system/cpu"
#define VALUE_SIZE 64

/* A setting of which the machine may have several, and what it shall be. */
struct tunable {
	const char *pattern; /* of its files */
	const char *wanted;
};

static const struct tunable governor = { CPU_ROOT "/cpu[0-9]*/cpufreq/scaling_governor", "performance" };

/* In this order: a machine may have a later one beside an earlier one, to the same effect. */
static const struct tunable turbo[] = {
	{ CPU_ROOT "/intel_pstate/no_turbo", "1" },
	{ CPU_ROOT "/cpufreq/boost", "0" },
	{ CPU_ROOT "/cpufreq/policy[0-9]*/boost", "0" },
};

static int undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	const char *path = entry->subject, *value = entry->detail;
	int fd, rc = 0;

	if (!value)
		return error_set(err, EINVAL, NULL, "the ledger has no value for %s", path);
	/* That run needs it as it is, and sets it back when it ends. */
	if (ledger_others_have(ledger, &setting_kind, path, value))
		return 0;
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		/* Its device or module is gone, and the setting with it. */
		return errno == ENOENT ? 0 : error_errno(err, errno, NULL, "cannot set %s back to %s", path,
							 value);
	/*
	 * EBUSY: a cgroup controller, as version 0.1 wrote them down, that others have come to use
	 * meanwhile.
	 */
	if (write(fd, value, strlen(value)) < 0 && errno != EBUSY)
		rc = error_errno(err, errno, NULL, "cannot set %s back to %s", path, value);
	close(fd);
	return rc;
}

const struct ledger_kind setting_kind = {
	.name = "setting", .noun = "setting", .shared = true, .undo = undo,
};

/*
 * Write down what the file is to be set back to, if it is to be changed or is another run's change. Returns
 * the entry's number, 0 = none is needed, or -errno.
 */
static int note(const char *path, const char *found, const char *wanted, struct ledger *ledger, struct error *err)
{
	char *theirs = ledger_others_detail(ledger, &setting_kind, path);
	const char *before = theirs ? theirs : found;
	int rc = 0;

	if (!ledger_has(ledger, &setting_kind, path, before) && (theirs || strcmp(found, wanted) != 0))
		rc = ledger_add(ledger, &setting_kind, path, before, err);
	free(theirs);
	return rc;
}

/* The values of all files of a setting, each once: "performance, powersave". False if there are none. */
static bool setting_read(const struct tunable *setting, char *values, size_t size)
{
	char value[VALUE_SIZE];
	size_t used = 0;
	glob_t files;

	values[0] = 0;
	if (glob(setting->pattern, 0, NULL, &files))
		return false;
	for (size_t i = 0; i < files.gl_pathc && used < size; i++)
		if (!sysfs_read(files.gl_pathv[i], value, sizeof(value)) && value[0] && !strstr(values, value))
			used += (size_t)snprintf(values + used, size - used, "%s%s", used ? ", " : "", value);
	globfree(&files);
	return values[0];
}

/* What the machine refuses stays as it is, and needs no undo; what is read afterwards tells. */
static int file_change(const char *path, const char *wanted, struct ledger *ledger, struct error *err)
{
	char found[VALUE_SIZE];
	int entry;

	if (sysfs_read(path, found, sizeof(found)) || !found[0])
		return 0;
	entry = note(path, found, wanted, ledger, err);
	if (entry < 0)
		return entry;
	if (strcmp(found, wanted) != 0 && sysfs_write(path, wanted) && entry)
		return ledger_strike(ledger, entry, err);
	return 0;
}

static int setting_change(const struct tunable *setting, struct ledger *ledger, struct error *err)
{
	glob_t files;
	int rc = 0;

	if (!namespace_is_root() || glob(setting->pattern, 0, NULL, &files))
		return 0;
	for (size_t i = 0; i < files.gl_pathc && !rc; i++)
		rc = file_change(files.gl_pathv[i], setting->wanted, ledger, err);
	globfree(&files);
	return rc;
}

static int tune_governor(struct ledger *ledger, json_t **done, struct error *err)
{
	char before[256], now[256];
	int rc;

	*done = NULL;
	if (!setting_read(&governor, before, sizeof(before)))
		return 0;
	rc = setting_change(&governor, ledger, err);
	setting_read(&governor, now, sizeof(now));
	*done = json_pack("{s:s, s:s}", "before", before, "now", now);
	return rc;
}

/* On, unless every file says what it says when it is off. */
static bool is_on(const struct tunable *setting, const char *values)
{
	return strcmp(values, setting->wanted) != 0;
}

static int tune_turbo(struct ledger *ledger, json_t **done, struct error *err)
{
	const struct tunable *setting = NULL;
	char before[256], now[256];
	int rc;

	*done = NULL;
	for (size_t i = 0; i < sizeof(turbo) / sizeof(turbo[0]) && !setting; i++)
		if (setting_read(&turbo[i], before, sizeof(before)))
			setting = &turbo[i];
	if (!setting)
		return 0;
	rc = setting_change(setting, ledger, err);
	setting_read(setting, now, sizeof(now));
	*done = json_pack("{s:b, s:b}", "before", is_on(setting, before), "now", is_on(setting, now));
	return rc;
}

int tuning_apply(struct ledger *ledger, json_t **done, struct error *err)
{
	json_t *governors = NULL, *turbos = NULL;
	int state = ledger_lock_state(false, err), rc;

	*done = NULL;
	if (state < 0)
		return state;
	rc = tune_governor(ledger, &governors, err);
	rc = rc ? rc : tune_turbo(ledger, &turbos, err);
	close(state);
	if (rc) {
		json_decref(governors);
		json_decref(turbos);
		return rc;
	}
	*done = json_pack("{s:o?, s:o?}", "governor", governors, "turbo", turbos);
	return *done ? 0 : error_set(err, ENOMEM, NULL, "out of memory");
}
