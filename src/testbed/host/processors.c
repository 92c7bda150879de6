/* SPDX-License-Identifier: Apache-2.0 */
/* The machine as hwloc sees it, and the reservation of processors among runs. The choice: placement.c. */
#include "testbed/host/processors.h"

#include <dirent.h>
#include <errno.h>
#include <hwloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testbed/host/claims.h"
#include "testbed/host/placement.h"
#include "util/list.h"

#define ISOLATED "/sys/devices/system/cpu/isolated"

struct processors {
	struct processor *list; /* those that may be used, in the order of their numbers */
	unsigned count;
	struct claims *claims;  /* those that this run uses */
};

/*
 * ---- the machine ----------------------------------------------------------------------------------------
 */

static int topology_open(hwloc_topology_t *topology, struct error *err)
{
	if (hwloc_topology_init(topology) < 0)
		return error_errno(err, ENOMEM, NULL, "cannot read the machine's topology");
	/*
	 * That component runs on each processor in turn: slow, and a disturbance of whoever measures there.
	 */
	hwloc_topology_set_components(*topology, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
	if (hwloc_topology_load(*topology) < 0) {
		int code = errno;

		hwloc_topology_destroy(*topology);
		return error_errno(err, code, NULL, "cannot read the machine's topology");
	}
	return 0;
}

static void isolated_read(hwloc_bitmap_t isolated)
{
	FILE *file = fopen(ISOLATED, "re");
	char text[4096] = "";

	hwloc_bitmap_zero(isolated);
	if (!file)
		return;
	if (fgets(text, sizeof(text), file) && text[0] >= '0' && text[0] <= '9')
		hwloc_bitmap_list_sscanf(isolated, text);
	fclose(file);
}

/*
 * What this process may use. The kernel starts everything with an affinity that leaves out the isolated
 * processors, yet lets a thread be put there: so an affinity of all but these is no restriction by anybody.
 * One that taskset or a service manager has set is.
 */
static int usable_read(hwloc_topology_t topology, hwloc_const_bitmap_t isolated, hwloc_bitmap_t usable)
{
	hwloc_bitmap_t usual = hwloc_bitmap_alloc();
	cpu_set_t affinity;

	if (!usual)
		return -ENOMEM;
	hwloc_bitmap_zero(usable);
	if (sched_getaffinity(0, sizeof(affinity), &affinity) < 0) {
		hwloc_bitmap_free(usual);
		return -errno;
	}
	for (unsigned i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &affinity))
			hwloc_bitmap_set(usable, i);
	hwloc_bitmap_andnot(usual, hwloc_topology_get_allowed_cpuset(topology), isolated);
	if (hwloc_bitmap_isequal(usual, usable))
		hwloc_bitmap_copy(usable, hwloc_topology_get_allowed_cpuset(topology));
	hwloc_bitmap_and(usable, usable, hwloc_topology_get_topology_cpuset(topology));
	hwloc_bitmap_free(usual);
	return hwloc_bitmap_iszero(usable) ? -ENODEV : 0;
}

/* Take the user's list out of the usable processors. */
static int usable_restrict(hwloc_bitmap_t usable, const char *allowed, struct error *err)
{
	int list[PROCESSORS_MAX], count;
	char text[256], remedy[320];

	if (strcmp(allowed, "auto") == 0)
		return 0;
	count = list_parse(allowed, list, PROCESSORS_MAX, err);
	if (count < 0)
		return error_prefix(err, "processors");
	hwloc_bitmap_list_snprintf(text, sizeof(text), usable);
	snprintf(remedy, sizeof(remedy), "usable are: %s", text);
	for (int i = 0; i < count; i++)
		if (!hwloc_bitmap_isset(usable, (unsigned)list[i]))
			return error_set(err, EINVAL, remedy,
					 "processors: this process cannot use processor %d", list[i]);
	hwloc_bitmap_zero(usable);
	for (int i = 0; i < count; i++)
		hwloc_bitmap_set(usable, (unsigned)list[i]);
	return 0;
}

static struct processor describe_one(hwloc_topology_t topology, unsigned os, bool isolated)
{
	hwloc_obj_t unit = hwloc_get_pu_obj_by_os_index(topology, os);
	hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, unit);
	int first = hwloc_bitmap_first(hwloc_topology_get_complete_cpuset(topology));
	int node = hwloc_bitmap_first(unit->nodeset);
	bool with_first = hwloc_bitmap_isset((core ? core : unit)->complete_cpuset, (unsigned)first);

	return (struct processor){
		.os = (int)os,
		/* Some virtual machines tell of no cores: then each processor is one. */
		.core = core ? (int)core->logical_index : (int)unit->logical_index,
		.node = node < 0 ? 0 : node,
		.isolated = isolated,
		.first_core = with_first,
	};
}

static int processors_fill(struct processors *processors, hwloc_topology_t topology,
			   hwloc_const_bitmap_t usable, hwloc_const_bitmap_t isolated)
{
	unsigned count = (unsigned)hwloc_bitmap_weight(usable), os;

	processors->list = calloc(count, sizeof(*processors->list));
	processors->claims = claims_open();
	if (!processors->list || !processors->claims)
		return -ENOMEM;
	hwloc_bitmap_foreach_begin(os, usable)
		processors->list[processors->count++] =
			describe_one(topology, os, hwloc_bitmap_isset(isolated, os));
	hwloc_bitmap_foreach_end();
	return 0;
}

int processors_open(struct processors **processors, const char *allowed, struct error *err)
{
	struct processors *opened = calloc(1, sizeof(*opened));
	hwloc_bitmap_t usable = hwloc_bitmap_alloc(), isolated = hwloc_bitmap_alloc();
	hwloc_topology_t topology = NULL;
	int rc;

	if (!opened || !usable || !isolated) {
		rc = error_errno(err, ENOMEM, NULL, "cannot read the machine's topology");
		goto out;
	}
	rc = topology_open(&topology, err);
	if (rc < 0) {
		topology = NULL;
		goto out;
	}
	isolated_read(isolated);
	rc = usable_read(topology, isolated, usable);
	if (rc < 0) {
		error_errno(err, -rc, NULL, "cannot tell which processors this process may use");
		goto out;
	}
	rc = usable_restrict(usable, allowed, err);
	if (rc < 0)
		goto out;
	rc = processors_fill(opened, topology, usable, isolated);
	if (rc < 0)
		error_errno(err, -rc, NULL, "cannot read the machine's topology");
out:
	if (topology)
		hwloc_topology_destroy(topology);
	hwloc_bitmap_free(isolated);
	hwloc_bitmap_free(usable);
	if (rc < 0)
		processors_close(opened);
	else
		*processors = opened;
	return rc;
}

/*
 * ---- reservation ----------------------------------------------------------------------------------------
 */

static bool is_used(const struct placement *placement, int os)
{
	for (unsigned i = 0; i < placement->endpoints; i++)
		if (placement->endpoint[i] == os)
			return true;
	for (unsigned i = 0; i < placement->switch_threads; i++)
		if (placement->switch_thread[i] == os)
			return true;
	return false;
}

/* Claim what is used, and nothing else. */
static int claim_used(struct processors *processors, const struct placement *placement, struct ledger *ledger,
		      struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < processors->count && !rc; i++) {
		int os = processors->list[i].os;

		if (is_used(placement, os))
			rc = claims_take(processors->claims, os, ledger, err);
		else
			claims_drop(processors->claims, os);
	}
	return rc;
}

int processors_place(struct processors *processors, unsigned endpoints, unsigned switch_threads,
		     struct placement *placement, struct ledger *ledger, struct error *err)
{
	int lock = claims_lock(), rc;

	memset(placement, 0, sizeof(*placement));
	for (unsigned i = 0; i < processors->count; i++)
		processors->list[i].held = claims_of_others(processors->claims, processors->list[i].os);
	rc = placement_choose(processors->list, processors->count, endpoints, switch_threads, placement);
	if (rc < 0)
		error_errno(err, -rc, NULL, "cannot place %u endpoints and %u switch threads", endpoints,
			    switch_threads);
	else if (ledger)
		rc = claim_used(processors, placement, ledger, err);
	if (lock >= 0)
		close(lock);
	return rc;
}

bool processors_contended(struct processors *processors)
{
	bool news;

	return processors && claims_contended(processors->claims, &news);
}

bool processors_contended_since(struct processors *processors)
{
	bool news = false, now = processors && claims_contended(processors->claims, &news);

	return news || now;
}

int processors_usable(const struct processors *processors, int **list)
{
	*list = calloc(processors->count, sizeof(**list));
	if (!*list)
		return -ENOMEM;
	for (unsigned i = 0; i < processors->count; i++)
		(*list)[i] = processors->list[i].os;
	return (int)processors->count;
}

void processors_list(const struct processors *processors, char *text, size_t size)
{
	int *list, count = processors_usable(processors, &list);

	if (count < 0) {
		snprintf(text, size, "%s", "");
		return;
	}
	list_format(list, (unsigned)count, text, size);
	free(list);
}

void processors_close(struct processors *processors)
{
	if (!processors)
		return;
	claims_close(processors->claims);
	free(processors->list);
	free(processors);
}

/*
 * ---- for the record -------------------------------------------------------------------------------------
 */

static json_t *bitmap_json(hwloc_const_bitmap_t bitmap)
{
	char text[4096];

	hwloc_bitmap_list_snprintf(text, sizeof(text), bitmap);
	return json_string(text);
}

static json_t *describe(hwloc_topology_t topology, hwloc_const_bitmap_t isolated, hwloc_const_bitmap_t usable)
{
	hwloc_obj_t package = hwloc_get_obj_by_type(topology, HWLOC_OBJ_PACKAGE, 0);
	const char *model = package ? hwloc_obj_get_info_by_name(package, "CPUModel") : NULL;

	return json_pack("{s:s?, s:i, s:i, s:i, s:i, s:o, s:o}", "model", model,
			 "packages", hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE),
			 "nodes", hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE),
			 "cores", hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE),
			 "threads", hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU),
			 "isolated", bitmap_json(isolated), "usable", bitmap_json(usable));
}

json_t *processors_describe(void)
{
	hwloc_bitmap_t isolated = hwloc_bitmap_alloc(), usable = hwloc_bitmap_alloc();
	json_t *description = NULL;
	hwloc_topology_t topology;

	if (isolated && usable && topology_open(&topology, NULL) == 0) {
		isolated_read(isolated);
		usable_read(topology, isolated, usable);
		description = describe(topology, isolated, usable);
		hwloc_topology_destroy(topology);
	}
	hwloc_bitmap_free(usable);
	hwloc_bitmap_free(isolated);
	return description;
}

int processor_node(int processor)
{
	char path[64];
	DIR *directory;
	struct dirent *entry;
	int node = -1;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d", processor);
	directory = opendir(path);
	while (directory && (entry = readdir(directory)))
		if (sscanf(entry->d_name, "node%d", &node) == 1)
			break;
	if (directory)
		closedir(directory);
	return node;
}
