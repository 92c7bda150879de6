/* SPDX-License-Identifier: Apache-2.0 */
#include "report/remarks.h"

#include <string.h>

#include "report/figures.h"

/* Flags of a trial (results/record.h), and counters that should be nought (`path`). */
static const struct remark {
	char letter;
	const char *name; /* of the flag, too, where there is no path */
	const char *path;
	const char *text;
} remark_table[] = {
	{ 'o', "oversubscribed", NULL,
	  "fewer processors than endpoints and switch threads, which took "
	  "turns; with a processor each they are faster, and their latency is lower" },
	{ 's', "siblings", NULL, "two threads shared the hyper-threads of one core" },
	{ 'n', "nodes", NULL, "the endpoints ran on different NUMA nodes" },
	{ 'c', "contended", NULL, "another run used some of the same processors at the time" },
	{ 'r', "offered_warn", NULL, "the offered load was more than 0.1 % off the intended rate" },
	{ 'R', "offered_off", NULL,
	  "the offered load was more than 1 % off the intended rate: the sender could not keep "
	  "it, or was held up" },
	{ 't', "clock", NULL, "packets seemed to arrive before they were sent; do not trust the latency" },
	{ 'l', "late_start", NULL, "an endpoint began too late after the common start" },
	{ 'p', "disturbed", NULL,
	  "something else took the processor of an endpoint or of the switch for more than "
	  "1 % of the time; latency and loss tell of that as well" },
	{ 'T', "throttled", NULL,
	  "the cgroup that lanebench was started in (a container, a pod, a slice) had used up its quota of processor "
	  "time; lanebench doctor tells it" },
	{ 'D', "distance_changed", NULL,
	  "a cache line's round trip between the processors was not that of the run's first trial: a hypervisor has moved "
	  "them; such trials compare only with their like (cpu.line)" },
	{ 'u', "unstable", NULL,
	  "what arrived each second was no steady rate: it drifted by more than 10 % within half of the "
	  "trial, or scattered by more than 10 %" },
	{ 'h', "no_hugepages", NULL,
	  "packets lay in memory without hugepages, which costs TLB misses; "
	  "lanebench doctor tells how to have some" },
	{ 'd', "duplicated", "rx.duplicated", "some packets arrived more than once (not counted twice)" },
	{ 'q', "reordered", "rx.reordered", "some packets arrived out of sequence" },
	{ 'x', "corrupted", "rx.corrupted", "some packets arrived damaged (neither forwarded nor lost)" },
	{ 'f', "foreign", "rx.foreign",
	  "packets that are not of the test reached the port: other traffic, or a switch that floods" },
	{ '?', "unknown", NULL, "a flag that this lanebench does not know" },
};

#define REMARKS (sizeof(remark_table) / sizeof(*remark_table))
#define REMARK_UNKNOWN (REMARKS - 1)
_Static_assert(REMARKS <= REMARKS_MAX, "struct remarks has room for all");

static size_t flag_remark(const char *flag)
{
	for (size_t i = 0; i < REMARK_UNKNOWN; i++)
		if (!remark_table[i].path && !strcmp(remark_table[i].name, flag))
			return i;
	return REMARK_UNKNOWN;
}

static void trial_remarks(const json_t *trial, bool has[REMARKS_MAX], char *unknown, size_t size)
{
	const json_t *flags = trial_value(trial, "flags");

	for (size_t i = 0; i < json_array_size(flags); i++) {
		const char *flag = json_string_value(json_array_get(flags, i));
		size_t remark = flag ? flag_remark(flag) : REMARK_UNKNOWN;

		has[remark] = true;
		if (remark == REMARK_UNKNOWN)
			snprintf(unknown, size, "%s", flag && *flag ? flag : "?");
	}
	for (size_t i = 0; i < REMARKS; i++)
		if (remark_table[i].path && trial_number(trial, remark_table[i].path) > 0)
			has[i] = true;
	/* The stronger of the two is enough. */
	if (has[flag_remark("offered_off")])
		has[flag_remark("offered_warn")] = false;
}

void remarks_of_row(struct remarks *remarks, const struct digest_row *row, char letters[REMARKS_MAX + 1])
{
	bool has[REMARKS_MAX] = { false };

	for (size_t i = 0; i < row->count; i++)
		if (trial_is_ok(row->trials[i]))
			trial_remarks(row->trials[i], has, remarks->unknown, sizeof(remarks->unknown));
	for (size_t i = 0; i < REMARKS; i++) {
		remarks->rows[i] += has[i];
		if (has[i])
			*letters++ = remark_table[i].letter;
	}
	*letters = 0;
}

const char *remark_subject(const struct remarks *remarks, unsigned i)
{
	return i == REMARK_UNKNOWN ? remarks->unknown : "";
}

unsigned remarks_count(void)
{
	return REMARKS;
}

char remark_letter(unsigned i)
{
	return remark_table[i].letter;
}

const char *remark_name(unsigned i)
{
	return remark_table[i].name;
}

const char *remark_text(unsigned i)
{
	return remark_table[i].text;
}
