/* SPDX-License-Identifier: Apache-2.0 */
/* The measured window of a trial that runs: when it is, and what is read at its begin and at its end. */
#include <stdlib.h>

#include "trial/running.h"

uint64_t running_begin(const struct running *r)
{
	return r->start.start_ns - (uint64_t)r->clock_error_ns;
}

static uint64_t running_window_begin(const struct running *r)
{
	return running_begin(r) + r->start.warmup_ns;
}

static uint64_t running_window_end(const struct running *r)
{
	return running_window_begin(r) + r->start.duration_ns;
}

/* False where the switch has no processes of its own. */
static bool read_switch(const struct testbed *testbed, struct process_time *time)
{
	struct vswitch *sw = testbed->sw;
	const struct process *processes;
	unsigned count = 0;

	if (!sw->ops->processes)
		return false;
	processes = sw->ops->processes(sw, &count);
	process_time_free(time);
	return count && process_time_read(time, processes, count, NULL) == 0;
}

/* Of the switch and each endpoint; NULL where it cannot be read. */
static struct cpu_throttling *read_throttling(const struct interference *interference)
{
	struct cpu_throttling *list = calloc(1 + interference->endpoints, sizeof(*list));

	if (list && !interference_read(interference, list))
		return list;
	free(list);
	return NULL;
}

static void window_reading_take(struct window_reading *reading, struct cpu_time *machine, const struct testbed *testbed)
{
	reading->machine_known = cpu_time_read(machine, NULL) == 0;
	reading->processes_known = read_switch(testbed, &reading->processes);
	free(reading->throttling);
	reading->throttling = read_throttling(&testbed->interference);
	cgroup_throttling_read("", &reading->own);
	cache_group_read(&testbed->interference.cache, &reading->cache);
}

void window_reading_free(struct window_reading *reading)
{
	process_time_free(&reading->processes);
	free(reading->throttling);
}

uint64_t running_watch_cpu(struct running *r)
{
	const struct testbed *testbed = r->driver->conversation.testbed;
	uint64_t now = clock_monotonic_ns();

	if (!r->begin.machine_known && now >= running_window_begin(r)) {
		window_reading_take(&r->begin, &r->driver->begin, testbed);
		meter_begin(&r->driver->meter);
	}
	if (r->begin.machine_known && !r->end.machine_known)
		meter_watch(&r->driver->meter);
	if (!r->end.machine_known && now >= running_window_end(r)) {
		window_reading_take(&r->end, &r->driver->end, testbed);
		meter_end(&r->driver->meter);
	}
	if (now < running_window_begin(r))
		return running_window_begin(r);
	if (now < running_window_end(r))
		return running_window_end(r);
	return running_window_end(r) + r->start.cooldown_ns + ANSWER_TIMEOUT_NS + 2 * r->start.drain_ns;
}
