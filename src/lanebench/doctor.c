/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lanebench/command.h"
#include "results/environment.h"
#include "run/catalogue_fill.h"
#include "run/machine.h"
#include "run/survey.h"
#include "testbed/host/namespace.h"
#include "testbed/host/processors.h"

static char *doctor_help(void)
{
	return strdup("Tells what this machine can run; for each thing that it cannot, why, and\n"
		      "the remedy. Then how well it is set up for figures that others can repeat.\n"
		      "Changes nothing.\n\n"
		      "      --noise   also measure for a second how often and for how long each\n"
		      "                processor is taken from what runs on it\n"
		      "      --json    as JSON\n"
		      "  -h, --help    this text\n\n"
		      "Exit status: 0 something can be measured here; 1 nothing can.\n");
}

static const char *text_of(const json_t *object, const char *field)
{
	const char *text = json_string_value(json_object_get(object, field));

	return text ? text : "not known";
}

static void doctor_print_list(const char *title, const struct catalogue_list *list)
{
	printf("%s\n", title);
	for (unsigned i = 0; i < list->count; i++) {
		const struct catalogue_entry *entry = &list->entry[i];

		printf("  %-14s %s", entry->name, entry->available ? "yes" : "no");
		if (entry->version[0])
			printf("  (%s)", entry->version);
		printf("\n");
		if (!entry->available)
			printf("      why:    %s\n      remedy: %s\n", entry->reason,
			       entry->remedy[0] ? entry->remedy : "none known");
	}
	printf("\n");
}

static void doctor_print(const struct catalogue *catalogue, const struct findings *findings,
			 const json_t *environment)
{
	printf("lanebench %s on %s, kernel %s\n\n", LANEBENCH_VERSION, text_of(environment, "distribution"),
	       text_of(json_object_get(environment, "kernel"), "release"));
	doctor_print_list("Runtimes (what makes containers)", &catalogue->runtimes);
	doctor_print_list("Switches (what connects them)", &catalogue->switches);
	doctor_print_list("I/O techniques (how an endpoint reaches its port)", &catalogue->ios);
	printf("This machine\n");
	for (unsigned i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		printf("  %-21s %s\n", finding->what, finding->state);
		if (finding->remedy[0])
			printf("      remedy: %s\n", finding->remedy);
	}
}

static double number_of(const json_t *processor, const char *field)
{
	return json_number_value(json_object_get(processor, field));
}

static void doctor_print_noise(json_t *noise)
{
	const char *number;
	json_t *n;

	printf("\nNoise (interruptions of a thread that only looks at the clock; all processors at once)\n"
	       "  processor   lost %%     per s    p50 us    p99 us    max us\n");
	json_object_foreach(noise, number, n)
		printf("  %9s %8.3f %9.0f %9.1f %9.1f %9.1f\n", number, 100 * number_of(n, "lost_ratio"),
		       number_of(n, "gaps_per_s"), number_of(n, "p50_ns") / 1e3, number_of(n, "p99_ns") / 1e3,
		       number_of(n, "max_ns") / 1e3);
	printf("      Each tick of the kernel is one (CONFIG_HZ a second; nohz_full= lets them be). Longer and\n"
	       "      irregular ones are other threads, interrupts of devices (/proc/interrupts), firmware, or a\n"
	       "      hypervisor: isolcpus=, irqaffinity= and nohz_full= at boot keep the first three away.\n");
}

static json_t *doctor_list_json(const struct catalogue_list *list)
{
	json_t *json = json_array();

	for (unsigned i = 0; i < list->count; i++) {
		const struct catalogue_entry *entry = &list->entry[i];

		json_array_append_new(json, json_pack("{s:s, s:b, s:s, s:s, s:s}", "name", entry->name,
						      "available", entry->available, "version", entry->version,
						      "reason", entry->reason, "remedy", entry->remedy));
	}
	return json;
}

static void doctor_print_json(const struct catalogue *catalogue, const struct findings *findings,
			      json_t *environment, json_t *noise)
{
	json_t *machine = json_array(), *json;

	for (unsigned i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		json_array_append_new(machine, json_pack("{s:s, s:s, s:o}", "what", finding->what, "state",
							 finding->state, "remedy", finding->remedy[0] ?
							 json_string(finding->remedy) : json_null()));
	}
	json = json_pack("{s:s, s:o, s:o, s:o, s:o, s:O}", "lanebench", LANEBENCH_VERSION,
			 "runtimes", doctor_list_json(&catalogue->runtimes),
			 "switches", doctor_list_json(&catalogue->switches),
			 "io", doctor_list_json(&catalogue->ios), "machine", machine, "environment", environment);
	if (noise)
		json_object_set(json, "noise", noise);
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

static int doctor_examine(bool json, bool with_noise)
{
	static struct catalogue catalogue;
	struct findings findings;
	struct error err = { 0 };
	json_t *environment = environment_read(), *noise = NULL;

	json_object_set_new(environment, "processor", processors_describe());
	if (with_noise && survey_usable(environment, &noise, &err)) {
		print_error(&err);
		json_decref(environment);
		return EXIT_FAILED;
	}
	machine_examine(&findings, environment);
	/* What a user without privileges can run, it runs in a user namespace: so look from there. */
	if (!namespace_is_root())
		namespace_enter_user(NULL);
	if (catalogue_read(&catalogue, &err)) {
		print_error(&err);
		json_decref(noise);
		json_decref(environment);
		return EXIT_FAILED;
	}
	catalogue_probe_all(&catalogue);
	catalogue_ask_versions(&catalogue);
	if (json)
		doctor_print_json(&catalogue, &findings, environment, noise);
	else
		doctor_print(&catalogue, &findings, environment);
	if (noise && !json)
		doctor_print_noise(noise);
	json_decref(noise);
	json_decref(environment);
	return doctor_any(&catalogue.runtimes) && doctor_any(&catalogue.switches) && doctor_any(&catalogue.ios) ?
	       EXIT_OK : EXIT_FAILED;
}

static int doctor_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "noise", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	bool json = false, noise = false;
	int c;

	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c == 'h') {
			print_help(&command_doctor);
			return EXIT_OK;
		}
		if (c != 'j' && c != 'n')
			return usage_option_error(&command_doctor, argv, options, c);
		json |= c == 'j';
		noise |= c == 'n';
	}
	if (argv[optind])
		return usage_error(&command_doctor, "it takes no arguments ('%s')", argv[optind]);
	return doctor_examine(json, noise);
}

const struct command command_doctor = {
	"doctor", "Tell what this machine can run, and the remedy for what it cannot", "[--json] [--noise]", doctor_main,
	doctor_help,
};
