/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lanebench/catalogue_fill.h"
#include "lanebench/command.h"
#include "measure/clock.h"
#include "results/environment.h"
#include "testbed/host/namespace.h"
#include "testbed/host/processors.h"
#include "util/list.h"

static char *doctor_help(void)
{
	return strdup("Tells what this machine can run; for each thing that it cannot, why, and\n"
		      "the remedy. Then how well it is set up for figures that others can repeat.\n"
		      "Changes nothing.\n\n"
		      "      --json    as JSON\n"
		      "  -h, --help    this text\n\n"
		      "Exit status: 0 something can be measured here; 1 nothing can.\n");
}

/* One line of advice about the machine. */
struct finding {
	const char *what;
	char state[256];
	const char *remedy; /* NULL = fine as it is */
};

#define FINDINGS_MAX 16

static const char *text_of(const json_t *object, const char *field)
{
	const char *text = json_string_value(json_object_get(object, field));

	return text ? text : "not known";
}

static void doctor_add(struct finding *findings, unsigned *count, const char *what, const char *state,
		       const char *remedy)
{
	struct finding *finding = &findings[(*count)++];

	finding->what = what;
	snprintf(finding->state, sizeof(finding->state), "%s", state);
	finding->remedy = remedy;
}

static void doctor_clock(struct finding *findings, unsigned *count)
{
	const char *why;
	bool usable = clock_tsc_usable(NULL, &why);

	doctor_add(findings, count, "clock", usable ? "invariant time stamp counter" : why,
		   usable ? NULL : "latencies are read from the kernel's clock instead: right, but coarser; boot with "
		   "clocksource=tsc where the processor allows it");
}

static unsigned doctor_findings(struct finding *findings, const json_t *environment, const json_t *processor)
{
	int list[PROCESSORS_MAX];
	int usable = list_parse(text_of(processor, "usable"), list, PROCESSORS_MAX, NULL);
	const char *governor = text_of(environment, "governor"), *isolated = text_of(environment, "isolated");
	const json_t *turbo = json_object_get(environment, "turbo"), *smt = json_object_get(environment, "smt");
	unsigned count = 0;
	char text[64];

	doctor_add(findings, &count, "privileges", namespace_is_root() ? "root" : "none",
		   namespace_is_root() ? NULL : "sudo lanebench doctor tells what root can run; without root: --runtime netns");
	snprintf(text, sizeof(text), "%d usable", usable > 0 ? usable : 0);
	doctor_add(findings, &count, "processors", text, usable >= 2 ? NULL :
		   "two ends on one processor take turns: the figures say more about the scheduler than about the switch");
	doctor_clock(findings, &count);
	doctor_add(findings, &count, "frequency governor", governor, strcmp(governor, "performance") == 0 ||
		   strcmp(governor, "not known") == 0 ? NULL : "cpupower frequency-set -g performance (package "
		   "linux-cpupower)");
	doctor_add(findings, &count, "turbo",
		   json_is_true(turbo) ? "on" : json_is_false(turbo) ? "off" : "not known",
		   json_is_true(turbo) ? "the first seconds run faster than the rest: turn it off for figures to be "
		   "compared (/sys/devices/system/cpu/cpufreq/boost or intel_pstate/no_turbo)" : NULL);
	doctor_add(findings, &count, "hyper-threads", json_is_true(smt) ? "on" : json_is_false(smt) ? "off" :
		   "not known", NULL);
	doctor_add(findings, &count, "isolated processors", isolated[0] ? isolated : "none", isolated[0] ? NULL :
		   "for latency tails: boot with isolcpus= and nohz_full= for the processors that measure");
	doctor_add(findings, &count, "hypervisor", text_of(environment, "hypervisor"), NULL);
	return count;
}

static void doctor_print_list(const char *title, const struct catalogue_list *list)
{
	printf("%s\n", title);
	for (unsigned i = 0; i < list->count; i++) {
		const struct catalogue_entry *entry = &list->entry[i];

		printf("  %-14s %s\n", entry->name, entry->available ? "yes" : "no");
		if (!entry->available)
			printf("      why:    %s\n      remedy: %s\n", entry->reason,
			       entry->remedy[0] ? entry->remedy : "none known");
	}
	printf("\n");
}

static void doctor_print(const struct catalogue *catalogue, const struct finding *findings, unsigned count,
			 const json_t *environment)
{
	printf("lanebench %s on %s, kernel %s\n\n", LANEBENCH_VERSION, text_of(environment, "distribution"),
	       text_of(json_object_get(environment, "kernel"), "release"));
	doctor_print_list("Runtimes (what makes containers)", &catalogue->runtimes);
	doctor_print_list("Switches (what connects them)", &catalogue->switches);
	doctor_print_list("I/O techniques (how an endpoint reaches its port)", &catalogue->ios);
	printf("This machine\n");
	for (unsigned i = 0; i < count; i++) {
		printf("  %-20s %s\n", findings[i].what, findings[i].state);
		if (findings[i].remedy)
			printf("      remedy: %s\n", findings[i].remedy);
	}
}

static json_t *doctor_list_json(const struct catalogue_list *list)
{
	json_t *json = json_array();

	for (unsigned i = 0; i < list->count; i++) {
		const struct catalogue_entry *entry = &list->entry[i];

		json_array_append_new(json, json_pack("{s:s, s:b, s:s, s:s}", "name", entry->name, "available",
						      entry->available, "reason", entry->reason, "remedy",
						      entry->remedy));
	}
	return json;
}

static void doctor_print_json(const struct catalogue *catalogue, const struct finding *findings,
			      unsigned count, json_t *environment)
{
	json_t *machine = json_array(), *json;

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(machine, json_pack("{s:s, s:s, s:o}", "what", findings[i].what, "state",
							 findings[i].state, "remedy", findings[i].remedy ?
							 json_string(findings[i].remedy) : json_null()));
	json = json_pack("{s:s, s:o, s:o, s:o, s:o, s:O}", "lanebench", LANEBENCH_VERSION,
			 "runtimes", doctor_list_json(&catalogue->runtimes),
			 "switches", doctor_list_json(&catalogue->switches),
			 "io", doctor_list_json(&catalogue->ios), "machine", machine, "environment", environment);
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(json);
}

static bool doctor_any(const struct catalogue_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		if (list->entry[i].available)
			return true;
	return false;
}

static int doctor_examine(bool json)
{
	static struct catalogue catalogue;
	struct finding findings[FINDINGS_MAX];
	struct error err = { 0 };
	json_t *environment = environment_read(), *processor = processors_describe();
	unsigned count = doctor_findings(findings, environment, processor);

	json_object_set_new(environment, "processor", processor);
	/* What a user without privileges can run, it runs in a user namespace: so look from there. */
	if (!namespace_is_root())
		namespace_enter_user(NULL);
	if (catalogue_read(&catalogue, &err)) {
		print_error(&err);
		json_decref(environment);
		return EXIT_FAILED;
	}
	catalogue_probe_all(&catalogue);
	if (json)
		doctor_print_json(&catalogue, findings, count, environment);
	else
		doctor_print(&catalogue, findings, count, environment);
	json_decref(environment);
	return doctor_any(&catalogue.runtimes) && doctor_any(&catalogue.switches) && doctor_any(&catalogue.ios) ?
	       EXIT_OK : EXIT_FAILED;
}

static int doctor_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c == 'h') {
			print_help(&command_doctor);
			return EXIT_OK;
		}
		if (c != 'j')
			return usage_option_error(&command_doctor, argv, options, c);
		json = true;
	}
	if (argv[optind])
		return usage_error(&command_doctor, "it takes no arguments ('%s')", argv[optind]);
	return doctor_examine(json);
}

const struct command command_doctor = {
	"doctor", "Tell what this machine can run, and the remedy for what it cannot", "[--json]", doctor_main,
	doctor_help,
};
