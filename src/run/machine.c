/* SPDX-License-Identifier: Apache-2.0 */
#include "run/machine.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#include "measure/clock.h"
#include "testbed/host/hugepages.h"
#include "testbed/host/namespace.h"
#include "testbed/host/processors.h"
#include "system/cgroup_limits.h"
#include "system/sysfs.h"
#include "testbed/interference.h"
#include "report/plot/plot.h"
#include "util/list.h"

/* Less than this in unbroken pieces is little for the packets of a test. */
#define UNBROKEN_LITTLE_MB 256

#define TRANSPARENT_HUGEPAGES "/sys/kernel/mm/transparent_hugepage/enabled"

static const char *text_of(const json_t *object, const char *field)
{
	const char *text = json_string_value(json_object_get(object, field));

	return text ? text : "not known";
}

static const char *on_or_off(const json_t *value)
{
	return json_is_true(value) ? "on" : json_is_false(value) ? "off" : "not known";
}

/* A new finding, with its state; the caller adds the remedy, if there is one. */
__attribute__((format(printf, 3, 4)))
static struct finding *finding_add(struct findings *findings, const char *what, const char *state, ...)
{
	/* There are 13, and one for each of at most 16 sizes of hugepages: were there more, the last would go. */
	struct finding *finding = &findings->list[findings->count < FINDINGS_MAX ? findings->count++ :
						  FINDINGS_MAX - 1];
	va_list arguments;

	memset(finding, 0, sizeof(*finding));
	snprintf(finding->what, sizeof(finding->what), "%s", what);
	va_start(arguments, state);
	vsnprintf(finding->state, sizeof(finding->state), state, arguments);
	va_end(arguments);
	return finding;
}

__attribute__((format(printf, 3, 4)))
static void remedy_if(struct finding *finding, bool needed, const char *remedy, ...)
{
	va_list arguments;

	if (!needed)
		return;
	va_start(arguments, remedy);
	vsnprintf(finding->remedy, sizeof(finding->remedy), remedy, arguments);
	va_end(arguments);
}

/* ---- processors ---------------------------------------------------------------------------------------- */

static void find_processors(struct findings *findings, const json_t *environment)
{
	const json_t *processor = json_object_get(environment, "processor");
	const json_t *smt = json_object_get(environment, "smt");
	const char *isolated = text_of(environment, "isolated");
	json_int_t nodes = json_integer_value(json_object_get(processor, "nodes"));
	int list[PROCESSORS_MAX];
	int usable = list_parse(text_of(processor, "usable"), list, PROCESSORS_MAX, NULL);

	remedy_if(finding_add(findings, "processors", "%d usable", usable > 0 ? usable : 0), usable < 3, "%s", usable < 2 ?
		  "two ends on one processor take turns: the figures say more about the scheduler than about the "
		  "switch" : "sender, receiver and a switch that polls want three: --topology auto measures such a switch "
		  "in a loop, which wants two");
	finding_add(findings, "NUMA nodes", "%" JSON_INTEGER_FORMAT "%s", nodes > 0 ? nodes : 1,
		    nodes > 1 ? "; a test stays within one where that has processors enough" : "");
	remedy_if(finding_add(findings, "hyper-threads", "%s", on_or_off(smt)), json_is_true(smt),
		  "lanebench leaves siblings idle where there are cores enough; boot with nosmt for figures that "
		  "repeat best");
	remedy_if(finding_add(findings, "isolated processors", "%s", isolated[0] ? isolated : "none"), !isolated[0],
		  "for latency tails: boot with isolcpus= and nohz_full= for the processors that measure");
}

/* Of the cgroups that this was started in. */
static void find_limits(struct findings *findings)
{
	struct cgroup_limits limits;
	struct cgroup_limit hugepages;

	cgroup_limits_read("", &limits);
	cgroup_hugepages_read("", 2048, &hugepages);
	if (limits.processors > 0)
		remedy_if(finding_add(findings, "processor quota", "%g processors, by %s", limits.processors, limits.quota_file),
			  true, "who polls uses it up, and then stands still (flag throttled): raise it, or run outside of "
			  "that cgroup");
	if (limits.memory.bytes != UINT64_MAX)
		finding_add(findings, "memory limit", "%" PRIu64 " MB, %" PRIu64 " MB left, by %s", limits.memory.bytes >> 20,
			    limits.memory.left >> 20, limits.memory.file);
	if (hugepages.bytes != UINT64_MAX)
		remedy_if(finding_add(findings, "hugepages limit", "%" PRIu64 " MB, %" PRIu64 " MB left, by %s",
				      hugepages.bytes >> 20, hugepages.left >> 20, hugepages.file),
			  hugepages.left < 64 << 20, "raise it (Kubernetes: resources.limits.hugepages-2Mi); until "
			  "then tests with hugepages auto do without");
}

static void find_frequency(struct findings *findings, const json_t *environment)
{
	const char *governor = text_of(environment, "governor");
	const json_t *turbo = json_object_get(environment, "turbo");
	bool known = strcmp(governor, "not known") != 0, root = namespace_is_root();

	remedy_if(finding_add(findings, "frequency governor", "%s", governor),
		  known && strcmp(governor, "performance") != 0, "%s",
		  root ? "lanebench run sets it to performance for the run's time (unless --no-tuning)" :
		  "lanebench run sets it to performance where it is root; else: cpupower frequency-set "
		  "-g performance (package linux-cpupower)");
	remedy_if(finding_add(findings, "turbo", "%s", on_or_off(turbo)), json_is_true(turbo), "%s",
		  root ? "lanebench run turns it off for the run's time (unless --no-tuning): the first seconds would "
		  "run faster than the rest" :
		  "the first seconds run faster than the rest; lanebench run turns it off where it is root; else: "
		  "/sys/devices/system/cpu/cpufreq/boost or intel_pstate/no_turbo");
}

static void find_clock(struct findings *findings)
{
	const char *why;
	bool usable = clock_tsc_usable(NULL, &why);

	remedy_if(finding_add(findings, "clock", "%s", usable ? "invariant time stamp counter" : why), !usable,
		  "latencies are read from the kernel's clock instead: right, but coarser; boot with "
		  "clocksource=tsc where the processor allows it");
}

/* "spectre_v2, spec_store_bypass": the names whose text begins with `beginning`. Returns how many. */
static unsigned names_beginning(json_t *mitigations, const char *beginning, char *names, size_t size)
{
	const char *name;
	json_t *value;
	unsigned count = 0;
	size_t used = 0;

	names[0] = 0;
	json_object_foreach(mitigations, name, value) {
		if (!json_is_string(value) ||
		    strncmp(json_string_value(value), beginning, strlen(beginning)) != 0)
			continue;
		if (used < size)
			used += (size_t)snprintf(names + used, size - used, "%s%s", count ? ", " : "", name);
		count++;
	}
	return count;
}

static void find_mitigations(struct findings *findings, const json_t *environment)
{
	json_t *mitigations = json_object_get(environment, "mitigations");
	char active[128], missing[96];
	unsigned mitigated = names_beginning(mitigations, "Mitigation", active, sizeof(active));
	unsigned vulnerable = names_beginning(mitigations, "Vulnerable", missing, sizeof(missing));

	if (!json_is_object(mitigations)) {
		finding_add(findings, "mitigations", "not known");
		return;
	}
	remedy_if(finding_add(findings, "mitigations", "%u active%s%s%s; %u missing%s%s%s",
			      mitigated, mitigated ? " (" : "", active, mitigated ? ")" : "",
			      vulnerable, vulnerable ? " (" : "", missing, vulnerable ? ")" : ""), mitigated > 0,
		  "they cost time at each system call, so mostly on the paths through the kernel; mitigations=off "
		  "at boot removes them and the protection that they give: a decision about the machine's "
		  "security, not about measuring. Compare only what has the same ones");
}

/* ---- memory -------------------------------------------------------------------------------------------- */

static void find_hugepages_of(struct findings *findings, const json_t *pool)
{
	json_int_t page_kb = json_integer_value(json_object_get(pool, "page_kb"));
	const json_t *unbroken = json_object_get(pool, "unbroken");
	json_int_t unbroken_mb = json_integer_value(unbroken) * page_kb / 1024;
	struct error err = { 0 };
	bool can = hugepages_probe((uint32_t)page_kb, &err) == 0;
	json_int_t unit = page_kb >= 1048576 ? 1048576 : page_kb >= 1024 ? 1024 : 1;
	struct finding *finding;
	char what[32], room[64] = "";

	snprintf(what, sizeof(what), "hugepages of %" JSON_INTEGER_FORMAT " %s", page_kb / unit,
		 unit == 1048576 ? "GB" : unit == 1024 ? "MB" : "KB");
	if (json_is_integer(unbroken))
		snprintf(room, sizeof(room), " (room for %" JSON_INTEGER_FORMAT ")", json_integer_value(unbroken));
	finding = finding_add(findings, what,
			      "%" JSON_INTEGER_FORMAT ", of which %" JSON_INTEGER_FORMAT " free; %s%s",
			      json_integer_value(json_object_get(pool, "total")),
			      json_integer_value(json_object_get(pool, "free")),
			      can ? "a run adds what it needs, and takes it away again" : err.cause, can ? room : "");
	remedy_if(finding, !can, "%s", err.remedy);
	remedy_if(finding, can && json_is_integer(unbroken) && unbroken_mb < UNBROKEN_LITTLE_MB,
		  "the memory is in small pieces: echo 1 > /proc/sys/vm/compact_memory, or reserve pages at boot "
		  "(hugepagesz=%" JSON_INTEGER_FORMAT "K hugepages=N)", page_kb);
}

static void find_hugepages(struct findings *findings)
{
	json_t *pools = hugepages_describe(), *pool;
	size_t i;

	json_array_foreach(pools, i, pool)
		find_hugepages_of(findings, pool);
	if (!json_array_size(pools))
		remedy_if(finding_add(findings, "hugepages", "none"), true,
			  "run a kernel with CONFIG_HUGETLBFS; until then tests do without, and say so");
	json_decref(pools);
}

/* Root is not bound by it; a user needs it to pin the memory that a device, or the kernel, shares with it. */
static void find_memlock(struct findings *findings)
{
	struct rlimit limit = { 0 };
	bool root = namespace_is_root();

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	if (limit.rlim_cur == RLIM_INFINITY)
		finding_add(findings, "locked memory", "no limit");
	else
		remedy_if(finding_add(findings, "locked memory", "limit %llu KB%s",
				      (unsigned long long)limit.rlim_cur / 1024, root ? "; root has none" : ""), !root,
			  "for techniques that bypass the kernel: raise it (ulimit -l unlimited; memlock in "
			  "/etc/security/limits.conf), or use sudo");
}

/* "always [madvise] never" */
static void find_transparent_hugepages(struct findings *findings)
{
	char text[128], *begin, *end;

	if (sysfs_read(TRANSPARENT_HUGEPAGES, text, sizeof(text)) || !(begin = strchr(text, '[')) ||
	    !(end = strchr(begin, ']')))
		return;
	*end = 0;
	remedy_if(finding_add(findings, "transparent hugepages", "%s", begin + 1), strcmp(begin + 1, "always") == 0,
		  "for latency tails: the kernel moves memory about to make them; echo madvise > "
		  TRANSPARENT_HUGEPAGES);
}

static void find_swap(struct findings *findings)
{
	struct sysinfo memory;
	uint64_t mb;

	if (sysinfo(&memory))
		return;
	mb = (uint64_t)memory.totalswap * memory.mem_unit >> 20;
	if (mb)
		remedy_if(finding_add(findings, "swap", "%" PRIu64 " MB", mb), true,
			  "a page that must be read back costs milliseconds: swapoff -a while you measure, if the "
			  "memory suffices");
	else
		finding_add(findings, "swap", "none");
}

/* -------------------------------------------------------------------------------------------------------- */

/* What quotas and neighbours need. */
static void find_interference(struct findings *findings)
{
	const struct interference_spec quota = { .switch_quota = 1 }, neighbour = { .neighbour = "cpu" };
	struct error err = { 0 };
	bool can = interference_probe(&quota, &err) == 0;

	remedy_if(finding_add(findings, "processor quotas", "%s", can ? "can be set" : err.cause), !can, "%s",
		  err.remedy);
	error_clear(&err);
	can = interference_probe(&neighbour, &err) == 0;
	remedy_if(finding_add(findings, "noisy neighbours", "%s", can ? "stress-ng, or a command" : err.cause), !can,
		  "%s", err.remedy);
}

static void find_plots(struct findings *findings)
{
	const char *gnuplot = plots_program();

	remedy_if(finding_add(findings, "plots in reports", "%s", gnuplot ? gnuplot : "gnuplot is not installed"),
		  !gnuplot, "sudo apt-get install --no-install-recommends gnuplot-nox");
}

void machine_examine(struct findings *findings, const json_t *environment)
{
	bool root = namespace_is_root();

	findings->count = 0;
	remedy_if(finding_add(findings, "privileges", "%s", root ? "root" : "none"), !root,
		  "sudo lanebench doctor tells what root can run; without root: --runtime netns");
	find_processors(findings, environment);
	find_limits(findings);
	find_clock(findings);
	find_frequency(findings, environment);
	find_mitigations(findings, environment);
	find_hugepages(findings);
	find_memlock(findings);
	find_transparent_hugepages(findings);
	find_swap(findings);
	find_interference(findings);
	find_plots(findings);
	finding_add(findings, "hypervisor", "%s", text_of(environment, "hypervisor"));
}
