/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

const struct counter_event counters_hardware[2] = {
	{ "cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
};

/* As the kernel fills it in for a leader, by the read_format below. */
struct group_state {
	uint64_t count, enabled, running, value[COUNTERS_EVENTS_MAX];
};

struct counters {
	unsigned processors, events;
	int *fd; /* processors * events; the first of each processor leads its group */
	struct group_state *before; /* of each processor, when it was last switched on */
};

static int *counters_group(const struct counters *counters, unsigned processor)
{
	return &counters->fd[processor * counters->events];
}

/* All that runs on the processor: pid -1. glibc has no wrapper. */
static int event_open(const struct counter_event *event, int processor, int leader)
{
	struct perf_event_attr attr = {
		.type = event->type,
		.size = sizeof(attr),
		.config = event->config,
		.disabled = leader < 0, /* the others follow their leader */
		.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, processor, leader, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int counters_explain(int code, const struct counter_event *event, int processor, struct error *err)
{
	switch (code) {
	case EACCES:
	case EPERM:
		return error_set(err, code, "use root, or CAP_PERFMON, or set kernel.perf_event_paranoid to 0 or less",
				 "not permitted to count %s on processor %d", event->name, processor);
	case ENOENT:
	case EOPNOTSUPP:
	case ENXIO:
	case ENODEV:
		return error_set(err, code, "virtual machines often have none: ask for a virtual PMU, or use a "
				 "machine of metal", "processor %d has no counter of %s", processor, event->name);
	case ENOSYS:
		return error_set(err, code, "use a kernel with CONFIG_PERF_EVENTS", "the kernel has no event counters");
	default:
		return error_errno(err, code, NULL, "cannot count %s on processor %d", event->name, processor);
	}
}

int counters_open(struct counters **counters, const struct counter_event *events, unsigned event_count,
		  const int *processors, unsigned count, struct error *err)
{
	struct counters *c = calloc(1, sizeof(*c));

	*counters = NULL;
	if (!c)
		return error_errno(err, ENOMEM, NULL, "cannot count");
	c->fd = calloc((size_t)count * event_count + 1, sizeof(*c->fd));
	c->before = calloc(count + 1, sizeof(*c->before));
	if (!c->fd || !c->before) {
		counters_close(c);
		return error_errno(err, ENOMEM, NULL, "cannot count");
	}
	c->processors = count;
	c->events = event_count;
	for (unsigned i = 0; i < count * event_count; i++)
		c->fd[i] = -1;
	for (unsigned p = 0; p < count; p++) {
		int *group = counters_group(c, p);

		for (unsigned e = 0; e < event_count; e++) {
			int fd = event_open(&events[e], processors[p], e ? group[0] : -1);

			if (fd < 0) {
				counters_close(c);
				return counters_explain(-fd, &events[e], processors[p], err);
			}
			group[e] = fd;
		}
	}
	*counters = c;
	return 0;
}

void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	for (unsigned i = 0; i < counters->processors * counters->events; i++)
		if (counters->fd[i] >= 0)
			close(counters->fd[i]);
	free(counters->fd);
	free(counters->before);
	free(counters);
}

static int counters_tell(const struct counters *counters, unsigned long request)
{
	for (unsigned p = 0; p < counters->processors; p++)
		if (ioctl(counters_group(counters, p)[0], request, PERF_IOC_FLAG_GROUP) < 0)
			return -errno;
	return 0;
}

static int group_read(const struct counters *counters, unsigned processor, struct group_state *state)
{
	ssize_t got = read(counters_group(counters, processor)[0], state, sizeof(*state));

	if (got < 0)
		return -errno;
	return state->count == counters->events ? 0 : -EIO;
}

/* Never set back, since the times of a counter cannot be: what they were before is subtracted. */
int counters_begin(struct counters *counters)
{
	for (unsigned p = 0; p < counters->processors; p++) {
		int result = group_read(counters, p, &counters->before[p]);

		if (result)
			return result;
	}
	return counters_tell(counters, PERF_EVENT_IOC_ENABLE);
}

int counters_end(struct counters *counters)
{
	return counters_tell(counters, PERF_EVENT_IOC_DISABLE);
}

int counters_read(const struct counters *counters, unsigned index, struct counter_reading *reading)
{
	const struct group_state *before = &counters->before[index];
	struct group_state now;
	int result = group_read(counters, index, &now);
	double enabled = (double)(now.enabled - before->enabled), running = (double)(now.running - before->running);

	memset(reading, 0, sizeof(*reading));
	if (result)
		return result;
	reading->seconds = enabled / 1e9;
	reading->running = enabled > 0 ? running / enabled : 0;
	for (unsigned e = 0; e < counters->events && reading->running > 0; e++) {
		uint64_t counted = now.value[e] - before->value[e];

		reading->value[e] = running < enabled ? (uint64_t)((double)counted / reading->running) : counted;
	}
	return 0;
}
