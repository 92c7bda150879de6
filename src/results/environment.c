/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the machine bears on a figure. Read from the system at the start of a run; a value that cannot be
 * read is null, never left out and never guessed. The host's name is left out on purpose: records are made to
 * be given away.
 */
#include "results/environment.h"
#include "results/internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <hwloc.h>
#include <lxc/lxccontainer.h>
#include <netlink/version.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#define CGROUP_ROOT "/sys/fs/cgroup"
#define CPU_ROOT "/sys/devices/system/cpu"
#define CGROUP2_MAGIC 0x63677270

/* The file's text without white space at its ends. False if it cannot be read. */
static bool file_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t n, skip;

	if (!file)
		return false;
	n = fread(text, 1, size - 1, file);
	if (ferror(file)) {
		fclose(file);
		return false;
	}
	fclose(file);
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	text[n] = 0;
	skip = strspn(text, " \t\n");
	memmove(text, text + skip, strlen(text + skip) + 1);
	return true;
}

/* As JSON; null also for text that is not UTF-8. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);

	return json ? json : json_null();
}

static json_t *file_json(const char *path)
{
	char text[4096];

	return file_text(path, text, sizeof(text)) ? text_json(text) : json_null();
}

static bool file_number(const char *path, long long *number)
{
	char text[64], *end;

	if (!file_text(path, text, sizeof(text)) || !*text)
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return !*end && !errno;
}

static json_t *file_number_json(const char *path)
{
	long long number;

	return file_number(path, &number) ? json_integer(number) : json_null();
}

/*
 * Of the kernel's command line only what bears on figures: the rest (root=, ip=, addresses, keys, the
 * arguments of init) may tell whose machine it is. Names, without "=value"; those that end in '.' or '_' are
 * beginnings.
 */
static bool kernel_parameter_matters(const char *parameter)
{
	static const char *const names[] = {
		"isolcpus", "nohz", "nohz_full", "rcu_nocbs", "rcu_nocb_poll", "irqaffinity", "kthread_cpus",
		"skew_tick", "maxcpus", "nr_cpus", "nosmt", "mem", "numa", "numa_balancing", "preempt",
		"threadirqs", "highres", "clocksource", "tsc", "nowatchdog", "nmi_watchdog", "nosoftlockup",
		"audit", "selinux", "apparmor", "lsm", "idle", "intel_idle.", "processor.", "cpuidle.",
		"cpufreq.", "intel_pstate", "amd_pstate", "pcie_aspm", "hugepages", "hugepagesz",
		"default_hugepagesz", "transparent_hugepage", "iommu", "iommu.", "intel_iommu", "amd_iommu",
		"mitigations", "pti", "nopti", "nospectre_v1", "nospectre_v2", "spectre_", "spec_", "l1tf",
		"mds", "tsx", "tsx_async_abort", "retbleed", "srbds", "mmio_stale_data",
		"gather_data_sampling", "reg_file_", "psi", "cgroup_no_v1", "cgroup_disable",
		"systemd.unified_cgroup_hierarchy", "init_on_alloc", "init_on_free",
	};
	size_t length = strcspn(parameter, "=");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t n = strlen(names[i]);
		bool beginning = names[i][n - 1] == '.' || names[i][n - 1] == '_';

		if (length >= n && !strncmp(parameter, names[i], n) && (beginning || length == n))
			return true;
	}
	return false;
}

static json_t *command_line_json(void)
{
	char line[8192], kept[8192] = "", *save = NULL; /* a command line has 2 to 4 KB at most */
	size_t used = 0;

	if (!file_text("/proc/cmdline", line, sizeof(line)))
		return json_null();
	for (char *word = strtok_r(line, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		if (!strcmp(word, "--")) /* what follows is init's */
			break;
		if (kernel_parameter_matters(word))
			used += (size_t)snprintf(kept + used, sizeof(kept) - used, "%s%s", used ? " " : "",
						 word);
	}
	return text_json(kept);
}

static json_t *kernel_json(void)
{
	struct utsname name;

	if (uname(&name) != 0)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "release", text_json(name.release), "version",
			 text_json(name.version), "architecture", text_json(name.machine), "command_line",
			 command_line_json());
}

/* PRETTY_NAME of os-release(5): a shell assignment, quoted or not; no escapes in practice. */
static json_t *distribution_json(void)
{
	FILE *file = fopen("/etc/os-release", "re");
	char line[512];
	json_t *json = NULL;

	if (!file)
		file = fopen("/usr/lib/os-release", "re");
	if (!file)
		return json_null();
	while (!json && fgets(line, sizeof(line), file)) {
		char *value = line + strlen("PRETTY_NAME=");

		if (strncmp(line, "PRETTY_NAME=", strlen("PRETTY_NAME=")) != 0)
			continue;
		value[strcspn(value, "\n")] = 0;
		if ((*value == '"' || *value == '\'') && strlen(value) > 1) {
			value[strlen(value) - 1] = 0;
			value++;
		}
		json = text_json(value);
	}
	fclose(file);
	return json ? json : json_null();
}

/* Every file of a directory: {name: text}. */
static json_t *directory_json(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	char file[512];
	json_t *json;

	if (!directory)
		return json_null();
	json = json_object();
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		json_object_set_new(json, entry->d_name, file_json(file));
	}
	closedir(directory);
	return json;
}

/* The frequency governor; where processors differ, each one that occurs: "performance, powersave". */
static json_t *governor_json(void)
{
	char path[128], governor[64], all[256] = "";
	long processors = sysconf(_SC_NPROCESSORS_CONF);

	for (long i = 0; i < processors; i++) {
		size_t used = strlen(all);

		snprintf(path, sizeof(path), CPU_ROOT "/cpu%ld/cpufreq/scaling_governor", i);
		if (!file_text(path, governor, sizeof(governor)) || !*governor || strstr(all, governor))
			continue;
		snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", governor);
	}
	return *all ? text_json(all) : json_null();
}

static json_t *turbo_json(void)
{
	long long value;

	if (file_number(CPU_ROOT "/intel_pstate/no_turbo", &value))
		return json_boolean(!value);
	if (file_number(CPU_ROOT "/cpufreq/boost", &value))
		return json_boolean(value);
	return json_null();
}

static json_t *smt_json(void)
{
	long long value;

	return file_number(CPU_ROOT "/smt/active", &value) ? json_boolean(value) : json_null();
}

/* A list of processors, "" for none; some kernels write "(null)" for that. */
static json_t *list_json(const char *path)
{
	char text[4096];

	if (!file_text(path, text, sizeof(text)))
		return json_null();
	return text_json(!strcmp(text, "(null)") ? "" : text);
}

/*
 * CONFIG_HZ, which the kernel tells nowhere but in its configuration; its coarse clocks move once a tick.
 */
static json_t *tick_json(void)
{
	struct timespec step;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &step) != 0 || step.tv_sec || !step.tv_nsec)
		return json_null();
	return json_integer((1000000000 + step.tv_nsec / 2) / step.tv_nsec);
}

/* Who virtualises this machine, as the processor says: "KVMKVMKVM", "Microsoft Hv", ...; "" = nobody. */
static json_t *hypervisor_json(void)
{
#if defined(__x86_64__) || defined(__i386__)
	unsigned a, b, c, d;
	char signature[13] = "";

	if (!__get_cpuid(1, &a, &b, &c, &d))
		return json_null();
	if (!(c & (1u << 31)))
		return json_string("");
	__cpuid(0x40000000, a, b, c, d);
	memcpy(signature, &b, 4);
	memcpy(signature + 4, &c, 4);
	memcpy(signature + 8, &d, 4);
	return *signature ? text_json(signature) : json_string("unknown");
#else
	return file_json("/sys/hypervisor/type");
#endif
}

static json_t *cgroup_json(void)
{
	struct statfs root, unified;

	if (statfs(CGROUP_ROOT, &root) != 0)
		return json_null();
	if (root.f_type == CGROUP2_MAGIC)
		return json_string("v2");
	if (statfs(CGROUP_ROOT "/unified", &unified) == 0 && unified.f_type == CGROUP2_MAGIC)
		return json_string("hybrid");
	return access(CGROUP_ROOT "/cpuset", F_OK) == 0 || access(CGROUP_ROOT "/cpu", F_OK) == 0 ?
	       json_string("v1") : json_null();
}

static json_t *hugepages_json(void)
{
	static const char root[] = "/sys/kernel/mm/hugepages";
	DIR *directory = opendir(root);
	const struct dirent *entry;
	char path[384], key[32];
	unsigned long kilobytes;
	json_t *json;

	if (!directory)
		return json_null();
	json = json_object();
	while ((entry = readdir(directory))) {
		json_t *total, *available;

		if (sscanf(entry->d_name, "hugepages-%lukB", &kilobytes) != 1)
			continue;
		snprintf(path, sizeof(path), "%s/%s/nr_hugepages", root, entry->d_name);
		total = file_number_json(path);
		snprintf(path, sizeof(path), "%s/%s/free_hugepages", root, entry->d_name);
		available = file_number_json(path);
		snprintf(key, sizeof(key), "%lu", kilobytes);
		json_object_set_new(json, key, json_pack("{s:o, s:o}", "total", total, "free", available));
	}
	closedir(directory);
	return json;
}

static json_t *memory_json(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? json_integer((json_int_t)pages * size) : json_null();
}

/* What else ran here: a figure from a busy machine is another figure. */
static json_t *load_json(void)
{
	double load[3];

	return getloadavg(load, 3) == 3 ? json_pack("[f, f, f]", load[0], load[1], load[2]) : json_null();
}

/* Of the libraries that are loaded now, which need not be those that this was built with. */
static json_t *versions_json(void)
{
	unsigned api = hwloc_get_api_version();
	char libnl[32], hwloc[32];

	snprintf(libnl, sizeof(libnl), "%d.%d.%d", nl_ver_maj, nl_ver_min, nl_ver_mic);
	snprintf(hwloc, sizeof(hwloc), "%u.%u.%u", api >> 16, api >> 8 & 0xff, api & 0xff);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "compiler", text_json(__VERSION__),
			 "libc", text_json(gnu_get_libc_version()),
			 "liblxc", text_json(lxc_get_version()),
			 "libnl", text_json(libnl),
			 "libyaml", text_json(yaml_get_version_string()),
			 "jansson", text_json(jansson_version_str()),
			 "hwloc", text_json(hwloc));
}

json_t *environment_read(void)
{
	const struct { const char *name; json_t *value;
	} field[] = {
		{ "kernel", kernel_json() },
		{ "distribution", distribution_json() },
		{ "processor", json_null() }, /* the caller's to fill in: testbed/host/processors.h */
		{ "memory_bytes", memory_json() },
		{ "mitigations", directory_json(CPU_ROOT "/vulnerabilities") },
		{ "governor", governor_json() },
		{ "turbo", turbo_json() },
		{ "smt", smt_json() },
		{ "isolated", list_json(CPU_ROOT "/isolated") },
		{ "nohz_full", list_json(CPU_ROOT "/nohz_full") },
		{ "tick_hz", tick_json() },
		{ "nmi_watchdog", file_number_json("/proc/sys/kernel/nmi_watchdog") },
		{ "irq_affinity", file_json("/proc/irq/default_smp_affinity") },
		{ "idle_driver", file_json(CPU_ROOT "/cpuidle/current_driver") },
		{ "clocksource", file_json("/sys/devices/system/clocksource/clocksource0/"
					   "current_clocksource") },
		{ "hypervisor", hypervisor_json() },
		{ "cgroup", cgroup_json() },
		{ "limits", limits_json() },
		{ "lsm", file_json("/sys/kernel/security/lsm") },
		{ "hugepages", hugepages_json() },
		{ "load_average", load_json() },
		{ "rmem_max", file_number_json("/proc/sys/net/core/rmem_max") },
		{ "wmem_max", file_number_json("/proc/sys/net/core/wmem_max") },
		{ "netdev_max_backlog", file_number_json("/proc/sys/net/core/netdev_max_backlog") },
		{ "versions", versions_json() },
	};
	json_t *environment = json_object();

	for (size_t i = 0; i < sizeof(field) / sizeof(*field); i++)
		json_object_set_new(environment, field[i].name, field[i].value);
	return environment;
}
