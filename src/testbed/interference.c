/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/interference.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "testbed/testbed.h"

static bool has_neighbour(const struct interference_spec *spec)
{
	return spec->neighbour && strcmp(spec->neighbour, NEIGHBOUR_NONE);
}

int interference_probe(const struct interference_spec *spec, struct error *err)
{
	const struct neighbour_spec neighbour = {
		.name = spec->neighbour, .command = spec->neighbour_command,
	};
	int rc = 0;

	if (spec->switch_quota > 0 || spec->endpoint_quota > 0) {
		rc = cpu_group_probe(err);
		if (rc)
			error_prefix(err, "quota");
	}
	if (!rc && spec->cache_ways)
		rc = cache_group_probe(CACHE_GROUP_ROOT, spec->cache_ways, err);
	if (!rc && has_neighbour(spec)) {
		rc = cpu_group_probe(err);
		if (rc)
			error_prefix(err, "neighbour");
		rc = rc ? rc : neighbour_probe(&neighbour, err);
	}
	return rc;
}

/* What the steps of making it share. */
struct maker {
	struct testbed *testbed;
	struct interference *interference;
	struct ledger *ledger;
	int log_directory;
};

/* "lb-RUNID-GENERATION-...": the testbed's own. */
static void make_name(const struct maker *maker, const char *what, int number, char name[64])
{
	int used = snprintf(name, 64, "lb-%s-%u-%s", ledger_run_id(maker->ledger), maker->testbed->generation,
			    what);

	if (number >= 0)
		snprintf(name + used, 64 - (size_t)used, "-%d", number);
}

static struct process *switch_processes(const struct testbed *testbed, unsigned *count)
{
	struct vswitch *sw = testbed->sw;

	*count = 0;
	return sw->ops->processes ? sw->ops->processes(sw, count) : NULL;
}

static int make_switch_group(const struct maker *maker, struct error *err)
{
	struct interference *interference = maker->interference;
	struct process *processes;
	char name[64];
	unsigned count;
	int rc;

	processes = switch_processes(maker->testbed, &count);
	if (!interference->threads || !count)
		return error_set(err, EINVAL, "use switch-quota: none",
				 "switch %s has no threads that a quota could limit",
				 maker->testbed->sw->ops->name);
	make_name(maker, "switch-quota", -1, name);
	rc = cpu_group_make(&interference->switch_group, name, interference->threads, maker->ledger, err);
	for (unsigned i = 0; i < count && !rc; i++)
		if (!process_ended(&processes[i]))
			rc = cpu_group_enter(&interference->switch_group, processes[i].pid, err);
	return rc;
}

static int make_endpoint_groups(const struct maker *maker, struct error *err)
{
	struct interference *interference = maker->interference;
	const struct testbed *testbed = maker->testbed;
	char name[64];
	int rc = 0;

	interference->endpoint_groups = calloc(testbed->count, sizeof(struct cpu_group));
	if (!interference->endpoint_groups)
		return error_errno(err, ENOMEM, NULL, "cannot limit the endpoints");
	for (unsigned i = 0; i < testbed->count && !rc; i++) {
		struct cpu_group *group = &interference->endpoint_groups[i];

		make_name(maker, "quota", (int)i, name);
		rc = cpu_group_make(group, name, 1, maker->ledger, err);
		if (!rc && group->unified)
			rc = container_group_follow(&testbed->endpoints[i].container->programs, group->path, err);
		rc = rc ? rc : cpu_group_enter(group, testbed->endpoints[i].process.pid, err);
	}
	return rc;
}

/* Of the switch's processes; one without threads works in those of the endpoints. */
static int divide_cache(const struct maker *maker, struct error *err)
{
	struct interference *interference = maker->interference;
	const struct testbed *testbed = maker->testbed;
	struct cache_group *cache = &interference->cache;
	struct process *processes;
	unsigned count;
	char name[64];
	int rc;

	processes = switch_processes(testbed, &count);
	make_name(maker, "cache", -1, name);
	rc = cache_group_make(cache, CACHE_GROUP_ROOT, name, maker->ledger, err);
	rc = rc ? rc : cache_group_divide(cache, interference->spec.cache_ways, maker->ledger, err);
	for (unsigned i = 0; interference->threads && i < count && !rc; i++)
		if (!process_ended(&processes[i]))
			rc = cache_group_enter(cache, processes[i].pid, err);
	for (unsigned i = 0; !interference->threads && i < testbed->count && !rc; i++)
		rc = cache_group_enter(cache, testbed->endpoints[i].process.pid, err);
	return rc;
}

static int compare_numbers(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/*
 * The processors that the switch works on, each once, in `list`: those of its threads; one without threads
 * works in the context of those who use it, the endpoints.
 */
static unsigned switch_processors(const struct placement *placement, int *list)
{
	bool threads = placement->switch_threads > 0;
	unsigned count = threads ? placement->switch_threads : placement->endpoints, unique = 0;

	memcpy(list, threads ? placement->switch_thread : placement->endpoint, count * sizeof(int));
	qsort(list, count, sizeof(int), compare_numbers);
	for (unsigned i = 0; i < count; i++)
		if (!unique || list[unique - 1] != list[i])
			list[unique++] = list[i];
	return unique;
}

/* As much work wherever it runs: one worker for each of the switch's processors. */
static int start_neighbour(const struct maker *maker, struct error *err)
{
	struct interference *interference = maker->interference;
	const struct interference_spec *spec = &interference->spec;
	const struct testbed *testbed = maker->testbed;
	char directory[PORT_ADDRESS_SIZE + 16], name[64];
	struct neighbour_spec neighbour = {
		.name = spec->neighbour, .command = spec->neighbour_command,
		.directory = directory, .group = name,
	};
	int *list = calloc(testbed->count + interference->threads, sizeof(int)), rc;

	interference->neighbour = calloc(1, sizeof(*interference->neighbour));
	if (!list || !interference->neighbour) {
		free(list);
		return error_errno(err, ENOMEM, NULL, "cannot start the neighbour");
	}
	neighbour.workers = neighbour.processor_count = switch_processors(&testbed->placement, list);
	neighbour.processors = list;
	if (spec->neighbour_free) {
		neighbour.processors = interference->usable;
		neighbour.processor_count = interference->usable_count;
	}
	make_name(maker, "neighbour", -1, name);
	snprintf(directory, sizeof(directory), "%s/neighbour", testbed->provision.directory);
	rc = log_file_open(&interference->log, maker->log_directory, "neighbour.log", err);
	neighbour.log_fd = interference->log.fd;
	if (!rc && mkdir(directory, 0700))
		rc = error_errno(err, errno, NULL, "cannot make the directory %s", directory);
	if (!rc)
		rc = neighbour_start(interference->neighbour, &neighbour, maker->ledger, err);
	free(list);
	return rc;
}

int interference_make(struct testbed *testbed, const struct interference_spec *spec, struct ledger *ledger,
		      const struct processors *processors, int log_directory, struct error *err)
{
	struct interference *interference = &testbed->interference;
	const struct maker maker = { testbed, interference, ledger, log_directory };
	int count = processors_usable(processors, &interference->usable), rc = 0;

	if (count < 0)
		return error_errno(err, -count, NULL, "cannot bring up the testbed");
	interference->spec = *spec;
	interference->usable_count = (unsigned)count;
	interference->endpoints = testbed->count;
	interference->threads = testbed->placement.switch_threads;
	if (spec->switch_quota > 0)
		rc = make_switch_group(&maker, err);
	if (!rc && spec->endpoint_quota > 0)
		rc = make_endpoint_groups(&maker, err);
	if (!rc && spec->cache_ways)
		rc = divide_cache(&maker, err);
	if (!rc && has_neighbour(spec))
		rc = start_neighbour(&maker, err);
	return rc;
}

bool interference_is_wanted(const struct interference *interference)
{
	return interference->switch_group.entry || interference->endpoint_groups || interference->neighbour ||
	       interference->spec.switch_free;
}

int interference_remove(struct interference *interference, struct ledger *ledger, struct error *err)
{
	struct error one = { 0 }, first = { 0 };

	if (neighbour_stop(interference->neighbour, ledger, &one))
		first = one;
	for (unsigned i = 0; interference->endpoint_groups && i < interference->endpoints; i++)
		if (cpu_group_remove(&interference->endpoint_groups[i], ledger, &one) && !first.code)
			first = one;
	if (cpu_group_remove(&interference->switch_group, ledger, &one) && !first.code)
		first = one;
	if (cache_group_remove(&interference->cache, ledger, &one) && !first.code)
		first = one;
	if (log_file_close(&interference->log, &one) && !first.code)
		first = one;
	free(interference->neighbour);
	free(interference->endpoint_groups);
	free(interference->usable);
	memset(interference, 0, sizeof(*interference));
	return first.code ? error_set(err, first.code, first.remedy, "%s", first.cause) : 0;
}

/* The thread may run on all processors of the set. One that has ended meanwhile does not matter. */
static int free_thread(pid_t thread, void *set)
{
	return sched_setaffinity(thread, sizeof(cpu_set_t), set) && errno != ESRCH ? -errno : 0;
}

static int free_switch(const struct testbed *testbed, struct error *err)
{
	const struct interference *interference = &testbed->interference;
	struct process *processes;
	unsigned count;
	cpu_set_t set;
	int rc = 0;

	CPU_ZERO(&set);
	for (unsigned i = 0; i < interference->usable_count; i++)
		CPU_SET((unsigned)interference->usable[i], &set);
	processes = switch_processes(testbed, &count);
	for (unsigned i = 0; i < count && !rc; i++)
		if (!process_ended(&processes[i]))
			rc = process_each_thread(processes[i].pid, free_thread, &set);
	return rc ? error_errno(err, -rc, NULL, "cannot let the switch's threads run everywhere") : 0;
}

int interference_limit(struct testbed *testbed, bool limit, struct error *err)
{
	const struct interference *interference = &testbed->interference;
	const struct interference_spec *spec = &interference->spec;
	int rc = 0;

	if (interference->switch_group.entry)
		rc = cpu_group_limit(&interference->switch_group,
				     limit ? spec->switch_quota * interference->threads : 0, err);
	for (unsigned i = 0; interference->endpoint_groups && i < interference->endpoints && !rc; i++)
		rc = cpu_group_limit(&interference->endpoint_groups[i],
				     limit ? spec->endpoint_quota : 0, err);
	if (!rc && limit && spec->switch_free)
		rc = free_switch(testbed, err);
	return rc;
}

/* ---- what it came to ------------------------------------------------------------------------------ */

int interference_read(const struct interference *interference, struct cpu_throttling *list)
{
	int rc = 0;

	memset(list, 0, (1 + interference->endpoints) * sizeof(*list));
	if (interference->switch_group.entry)
		rc = cpu_group_read_throttling(&interference->switch_group, &list[0]);
	for (unsigned i = 0; interference->endpoint_groups && i < interference->endpoints && !rc; i++)
		rc = cpu_group_read_throttling(&interference->endpoint_groups[i], &list[1 + i]);
	return rc;
}

/* {"switch", "endpoints"} of what `describe` says of each group: its index in the reading, and the group. */
static json_t *describe_groups(const struct interference *interference,
			       json_t *(*describe)(const struct cpu_group *group, unsigned index,
						   const void *context),
			       const void *context)
{
	json_t *sw = json_null(), *endpoints = json_null();

	if (interference->switch_group.entry)
		sw = describe(&interference->switch_group, 0, context);
	if (interference->endpoint_groups) {
		endpoints = json_array();
		for (unsigned i = 0; i < interference->endpoints; i++)
			json_array_append_new(endpoints, describe(&interference->endpoint_groups[i], 1 + i,
								  context));
	}
	return json_pack("{s:o, s:o}", "switch", sw, "endpoints", endpoints);
}

struct readings {
	const struct cpu_throttling *begin, *end;
};

static json_t *describe_throttled(const struct cpu_group *group, unsigned index, const void *context)
{
	const struct readings *readings = context;
	const struct cpu_throttling *begin = &readings->begin[index], *end = &readings->end[index];

	return json_pack("{s:I, s:I, s:f}", "periods", (json_int_t)(end->periods - begin->periods),
			 "throttled", (json_int_t)(end->throttled - begin->throttled),
			 "throttled_s", (double)(end->throttled_ns - begin->throttled_ns) / 1e9);
}

json_t *interference_between(const struct interference *interference, const struct cpu_throttling *begin,
			     const struct cpu_throttling *end)
{
	const struct readings readings = { begin, end };

	return describe_groups(interference, describe_throttled, &readings);
}

static json_t *describe_quota(const struct cpu_group *group, unsigned index, const void *context)
{
	uint64_t quota_us, period_us;

	if (cpu_group_read_limit(group, &quota_us, &period_us) || !quota_us || !period_us)
		return json_null();
	return json_pack("{s:f, s:I, s:I}", "processors", (double)quota_us / (double)period_us,
			 "quota_us", (json_int_t)quota_us, "period_us", (json_int_t)period_us);
}

json_t *interference_quota(const struct interference *interference)
{
	return describe_groups(interference, describe_quota, NULL);
}

json_t *interference_cache(const struct interference *interference)
{
	const struct cache_group *cache = &interference->cache;

	return !cache->ways ? json_null() :
	       json_pack("{s:s, s:i, s:i}", "of", interference->threads ? "switch" : "endpoints", "ways", (int)cache->ways,
			 "total", (int)cache->total);
}

json_t *interference_cache_between(const struct cache_reading *begin, const struct cache_reading *end)
{
	if (!end->occupancy_known && !end->traffic_known)
		return json_null();
	return json_pack("{s:o, s:o}", "occupancy_bytes", end->occupancy_known ?
			 json_integer((json_int_t)end->occupancy_bytes) : json_null(),
			 "traffic_bytes", begin->traffic_known && end->traffic_known && end->traffic_bytes >=
			 begin->traffic_bytes ? json_integer((json_int_t)(end->traffic_bytes - begin->traffic_bytes)) :
			 json_null());
}
