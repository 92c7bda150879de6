/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/cpu_time.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "measure/clock.h"

/* In the order of the columns of /proc/stat (proc(5)), which is that of enum cpu_kind. */
static const char *const kind_field[CPU_KINDS] = {
	"user_s", "nice_s", "system_s", "idle_s", "iowait_s", "irq_s", "softirq_s", "steal_s",
};

static bool cpu_kind_is_busy(enum cpu_kind kind)
{
	return kind == CPU_USER || kind == CPU_NICE || kind == CPU_SYSTEM || kind == CPU_IRQ || kind == CPU_SOFTIRQ;
}

double cpu_time_resolution(void)
{
	return 1.0 / (double)sysconf(_SC_CLK_TCK);
}

static int cpu_line_parse(const char *text, double seconds[CPU_KINDS])
{
	unsigned long long ticks[CPU_KINDS];
	double unit = cpu_time_resolution();

	if (sscanf(text, "%llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1], &ticks[2], &ticks[3],
		   &ticks[4], &ticks[5], &ticks[6], &ticks[7]) != CPU_KINDS)
		return -EPROTO;
	for (int kind = 0; kind < CPU_KINDS; kind++)
		seconds[kind] = (double)ticks[kind] * unit;
	return 0;
}

int cpu_time_read(struct cpu_time *time, struct error *err)
{
	char line[512];
	FILE *file = fopen("/proc/stat", "re");
	int found = -EPROTO;

	if (!file)
		return error_errno(err, errno, "is /proc mounted?", "cannot read /proc/stat");
	memset(time, 0, sizeof(*time));
	time->taken_ns = clock_monotonic_ns();
	while (fgets(line, sizeof(line), file) && strncmp(line, "cpu", 3) == 0) {
		int processor, used = 0;

		if (line[3] == ' ')
			found = cpu_line_parse(line + 4, time->machine);
		else if (sscanf(line + 3, "%d%n", &processor, &used) == 1 && processor >= 0 &&
			 processor < CPU_PROCESSORS_MAX)
			time->listed[processor] = !cpu_line_parse(line + 3 + used, time->processor[processor]);
	}
	fclose(file);
	return found ? error_set(err, EPROTO, NULL, "/proc/stat has no line for the whole machine") : 0;
}

json_t *cpu_time_between(const struct cpu_time *begin, const struct cpu_time *end, int processor)
{
	const double *from = processor < 0 ? begin->machine : begin->processor[processor];
	const double *to = processor < 0 ? end->machine : end->processor[processor];
	double window = (double)(end->taken_ns - begin->taken_ns) / 1e9, busy = 0;
	json_t *json = json_object();

	for (int kind = 0; kind < CPU_KINDS; kind++) {
		/* idle and iowait may run backwards by a tick or so (proc(5)) */
		double spent = to[kind] > from[kind] ? to[kind] - from[kind] : 0;

		json_object_set_new(json, kind_field[kind], json_real(spent));
		if (cpu_kind_is_busy((enum cpu_kind)kind))
			busy += spent;
	}
	json_object_set_new(json, "busy", window > 0 ? json_real(busy / window) : json_null());
	return json;
}
