/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/energy.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "measure/clock.h"
#include "system/sysfs.h"

#define WATCH_NS UINT64_C(1000000000)

/*
 * "intel-rapl:0", also on AMD. Not its parts ("intel-rapl:0:0": cores, memory), which are in it or beside it;
 * nor the same packages again by another way ("intel-rapl-mmio:0").
 */
static bool zone_is_whole(const char *name)
{
	static const char prefix[] = "intel-rapl:";

	if (strncmp(name, prefix, strlen(prefix)) != 0 || !name[strlen(prefix)])
		return false;
	for (name += strlen(prefix); *name; name++)
		if (!isdigit((unsigned char)*name))
			return false;
	return true;
}

/* 0, -ENOENT where the zone is no package ("psys": the whole board, packages included), or -errno. */
static int package_open(struct energy_package *package, const char *zone)
{
	char path[96];
	int result;

	memset(package, 0, sizeof(*package));
	snprintf(path, sizeof(path), ENERGY_ROOT "/%.24s/name", zone);
	result = sysfs_read(path, package->name, sizeof(package->name));
	if (result)
		return result;
	if (strncmp(package->name, "package", strlen("package")) != 0)
		return -ENOENT;
	snprintf(path, sizeof(path), ENERGY_ROOT "/%.24s/max_energy_range_uj", zone);
	result = sysfs_read_number(path, &package->range_uj);
	if (result)
		return result;
	snprintf(package->path, sizeof(package->path), ENERGY_ROOT "/%.24s/energy_uj", zone);
	return sysfs_read_number(package->path, &package->last_uj);
}

int energy_open(struct energy *energy, struct error *err)
{
	DIR *directory = opendir(ENERGY_ROOT);
	const struct dirent *entry;
	int result = 0;

	memset(energy, 0, sizeof(*energy));
	while (directory && !result && (entry = readdir(directory))) {
		if (!zone_is_whole(entry->d_name) || energy->count == ENERGY_PACKAGES_MAX)
			continue;
		result = package_open(&energy->package[energy->count], entry->d_name);
		energy->count += !result;
		result = result == -ENOENT ? 0 : result;
	}
	if (directory)
		closedir(directory);
	if (result == -EACCES || result == -EPERM)
		result = error_set(err, -result, "use root", "not permitted to read the energy of the processors");
	else if (result)
		result = error_errno(err, -result, NULL, "cannot read the energy of the processors");
	else if (!energy->count)
		result = error_set(err, ENOENT, "virtual machines have none; on metal: modprobe intel_rapl_msr",
				   "this machine has no counter of energy (" ENERGY_ROOT ")");
	if (result)
		energy->count = 0;
	return result;
}

static int energy_advance(struct energy *energy)
{
	energy->last_ns = clock_monotonic_ns();
	for (unsigned i = 0; i < energy->count; i++) {
		struct energy_package *package = &energy->package[i];
		uint64_t now;
		int result = sysfs_read_number(package->path, &now);

		if (result)
			return result;
		package->sum_uj += now >= package->last_uj ? (double)(now - package->last_uj) :
				   (double)(package->range_uj - package->last_uj) + (double)now + 1;
		package->last_uj = now;
	}
	return 0;
}

int energy_begin(struct energy *energy)
{
	int result = energy_advance(energy);

	energy->begin_ns = energy->last_ns;
	for (unsigned i = 0; i < energy->count; i++)
		energy->package[i].sum_uj = 0;
	return result;
}

int energy_watch(struct energy *energy)
{
	return energy->count && clock_monotonic_ns() - energy->last_ns >= WATCH_NS ? energy_advance(energy) : 0;
}

int energy_end(struct energy *energy)
{
	return energy_advance(energy);
}

double energy_joules(const struct energy *energy)
{
	double sum = 0;

	for (unsigned i = 0; i < energy->count; i++)
		sum += energy->package[i].sum_uj;
	return sum / 1e6;
}

double energy_watts(const struct energy *energy)
{
	double seconds = (double)(energy->last_ns - energy->begin_ns) / 1e9;

	return seconds > 0 ? energy_joules(energy) / seconds : NAN;
}

json_t *energy_json(const struct energy *energy)
{
	double watts = energy_watts(energy);
	json_t *packages = json_object();

	for (unsigned i = 0; i < energy->count; i++)
		json_object_set_new(packages, energy->package[i].name, json_real(energy->package[i].sum_uj / 1e6));
	return json_pack("{s:f, s:o, s:o}", "joules", energy_joules(energy), "watts",
			 isfinite(watts) ? json_real(watts) : json_null(), "packages", packages);
}
