/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/catalogue_fill.h"
#include "lanebench/command.h"
#include "suite/help.h"
#include "util/suggest.h"

static char *list_help(void)
{
	return strdup("Without a topic, all of them.\n\n"
		      "  switches      what can connect containers (-V)\n"
		      "  io            how an endpoint can reach its port (-I)\n"
		      "  runtimes      what can make containers (--runtime)\n"
		      "  parameters    what a test can vary: options of run, keys of a suite\n\n"
		      "      --json    as JSON\n"
		      "  -h, --help    this text\n\n"
		      "lanebench doctor tells which of them this machine can run.\n");
}

/* The values of the parameter forwarding that a switch can obey; of others than switches NULL. */
static json_t *list_forwarding(const struct catalogue_entry *entry)
{
	json_t *ways = entry->learns || entry->joins ? json_array() : NULL;

	if (entry->learns)
		json_array_append_new(ways, json_string("learning"));
	if (entry->joins)
		json_array_append_new(ways, json_string("ports"));
	return ways;
}

static void list_print_entry(const struct catalogue_entry *entry)
{
	const char *way = entry->learns && entry->joins ? " [forwarding learning or ports" :
			  entry->learns ? " [forwarding learning" : entry->joins ? " [forwarding ports" : "";

	printf("  %-14s %s%s%s%s\n", entry->name, entry->summary, way, entry->queues ? "; rxqs, rxq-affinity" : "",
	       *way ? "]" : "");
}

static void list_print_entries(const char *title, const struct catalogue_list *list)
{
	printf("%s\n", title);
	for (unsigned i = 0; i < list->count; i++)
		list_print_entry(&list->entry[i]);
	printf("\n");
}

static json_t *list_entries_json(const struct catalogue_list *list)
{
	json_t *json = json_array();

	for (unsigned i = 0; i < list->count; i++)
		json_array_append_new(json, json_pack("{s:s, s:s, s:o*, s:o*}", "name", list->entry[i].name, "summary",
						      list->entry[i].summary, "forwarding",
						      list_forwarding(&list->entry[i]), "rxqs",
						      list->entry[i].queues ? json_true() : NULL));
	return json;
}

static void list_print_parameters(void)
{
	char *text = help_parameters_text();

	printf("Parameters\n%s\n", text ? text : "");
	free(text);
}

/* Topics in the order in which they are printed. */
static const char *const list_topics[] = { "switches", "io", "runtimes", "parameters", NULL };

static const struct catalogue_list *list_of(const struct catalogue *catalogue, size_t topic)
{
	const struct catalogue_list *lists[] = { &catalogue->switches, &catalogue->ios, &catalogue->runtimes };

	return lists[topic];
}

static void list_print(const struct catalogue *catalogue, const char *wanted, bool json)
{
	static const char *const titles[] = { "Switches (-V)", "I/O techniques (-I)", "Runtimes (--runtime)" };
	json_t *object = json_object();

	for (size_t t = 0; list_topics[t]; t++) {
		bool parameters = t == 3;

		if (wanted && strcmp(wanted, list_topics[t]) != 0)
			continue;
		if (json)
			json_object_set_new(object, list_topics[t], parameters ? help_parameters_json() :
					    list_entries_json(list_of(catalogue, t)));
		else if (parameters)
			list_print_parameters();
		else
			list_print_entries(titles[t], list_of(catalogue, t));
	}
	if (json) {
		json_dumpf(object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	}
	json_decref(object);
}

static int list_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	static struct catalogue catalogue;
	struct error err = { 0 };
	const char *topic, *near;
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c == 'h') {
			print_help(&command_list);
			return EXIT_OK;
		}
		if (c != 'j')
			return usage_option_error(&command_list, argv, options, c);
		json = true;
	}
	topic = argv[optind];
	if (topic && argv[optind + 1])
		return usage_error(&command_list, "one topic at a time");
	near = topic ? suggest(topic, list_topics) : NULL;
	if (topic && (!near || strcmp(near, topic) != 0))
		return near ? usage_error(&command_list, "there is no topic '%s' (did you mean '%s'?)", topic, near) :
		       usage_error(&command_list, "there is no topic '%s'", topic);
	if (catalogue_read(&catalogue, &err)) {
		print_error(&err);
		return EXIT_FAILED;
	}
	list_print(&catalogue, topic, json);
	return EXIT_OK;
}

const struct command command_list = {
	"list", "List switches, I/O techniques, runtimes, parameters", "[switches|io|runtimes|parameters] [--json]",
	list_main, list_help,
};
