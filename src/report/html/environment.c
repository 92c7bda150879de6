/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine, what was set on it, what ran: run.json as definition lists. Whatever the record has is shown, also what
 * this version has no words for; objects within objects become lists within lists, to a depth.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures.h"
#include "report/html/page.h"
#include "report/markup.h"
#include "util/text.h"

#define DEPTH_MAX 4
#define LONG_LIST 8 /* entries of an object that fold away */

/* What fields are called here; one that is missing is called by its own name. */
static const char *const labels[][2] = {
	{ "kernel", "Kernel" }, { "release", "release" }, { "command_line", "command line" },
	{ "distribution", "Distribution" }, { "processor", "Processor" }, { "memory_bytes", "Memory" },
	{ "mitigations", "Mitigations" }, { "governor", "Frequency governor" }, { "turbo", "Turbo" },
	{ "smt", "Hyper-threads (SMT)" }, { "isolated", "Isolated processors" }, { "nohz_full", "Tickless processors" },
	{ "tick_hz", "Timer tick, Hz" }, { "nmi_watchdog", "NMI watchdog" },
	{ "irq_affinity", "Interrupts go to (mask)" }, { "idle_driver", "Idle driver" },
	{ "clocksource", "Clock source" }, { "hypervisor", "Hypervisor" }, { "cgroup", "Control groups" },
	{ "lsm", "Security modules" }, { "hugepages", "Hugepages, by size in kB" },
	{ "load_average", "Load before the run" },
	{ "rmem_max", "Receive buffer, most" }, { "wmem_max", "Send buffer, most" },
	{ "netdev_max_backlog", "Backlog of a device, packets" }, { "versions", "Libraries" },
	{ "clock_tick_s", "Step of /proc/stat, s" }, { "nodes", "NUMA nodes" }, { "usable", "usable processors" },
{ "kind", "kind" }, { "hz", "ticks a second" }, { "reason", "why" },
	{ "before", "before" }, { "now", "during the run" },
};

static const char *label_of(const char *key)
{
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (!strcmp(labels[i][0], key))
			return labels[i][1];
	return key;
}

static bool is_bytes(const char *key)
{
	const size_t length = strlen(key);

	return (length > 6 && !strcmp(key + length - 6, "_bytes")) || !strcmp(key, "rmem_max") ||
	       !strcmp(key, "wmem_max");
}

static void bytes_write(const struct page *page, double bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	for (; unit < 4 && bytes >= 1024; unit++)
		bytes /= 1024;
	markup_format(page->out, bytes == floor(bytes) ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

static void value_write(const struct page *page, const char *key, json_t *value, unsigned depth);

static void object_write(const struct page *page, json_t *object, unsigned depth)
{
	const bool folded = json_object_size(object) > LONG_LIST;
	const char *key;
	json_t *value;

	if (folded)
		fprintf(page->out, "<details><summary>%zu entries</summary>", json_object_size(object));
	fputs("<dl>\n", page->out);
	json_object_foreach(object, key, value) {
		fputs("<div><dt>", page->out);
		markup_text(page->out, depth ? label_of(key) : key);
		fputs("</dt><dd>", page->out);
		value_write(page, key, value, depth + 1);
		fputs("</dd></div>\n", page->out);
	}
	fputs(folded ? "</dl></details>" : "</dl>", page->out);
}

static void array_write(const struct page *page, const char *key, const json_t *array, unsigned depth)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		fputs(i ? ", " : "", page->out);
		value_write(page, key, json_array_get(array, i), depth + 1);
	}
	if (!json_array_size(array))
		fputs("none", page->out);
}

static void value_write(const struct page *page, const char *key, json_t *value, unsigned depth)
{
	const char *text = json_string_value(value);

	if (depth > DEPTH_MAX)
		fputs("\u2026", page->out);
	else if (json_is_object(value))
		object_write(page, value, depth);
	else if (json_is_array(value))
		array_write(page, key, value, depth);
	else if (text)
		markup_text(page->out, *text ? text : "none");
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "on" : "off", page->out);
	else if (json_is_number(value) && is_bytes(key))
		bytes_write(page, json_number_value(value));
	else if (json_is_number(value))
		markup_format(page->out, "%.10g", json_number_value(value));
	else
		fputs("<span class=\"unknown\">not known</span>", page->out);
}

/* ---- groups --------------------------------------------------------------------------------------------- */

static void group_open(const struct page *page, const char *title)
{
	fprintf(page->out, "<div class=\"group\">\n<h3>%s</h3>\n", title);
}

static void group_close(const struct page *page)
{
	fputs("\n</div>\n", page->out);
}

/* An object of run.json as a group of its own; nothing where it is missing or empty. */
static void object_group(const struct page *page, const char *key, const char *title)
{
	json_t *object = json_object_get(page->view->run, key);
	const char *name;
	json_t *value;

	if (!json_object_size(object))
		return;
	group_open(page, title);
	fputs("<dl>\n", page->out);
	json_object_foreach(object, name, value) {
		if (!strcmp(name, "reason") && json_string_length(value) == 0)
			continue;
		fputs("<div><dt>", page->out);
		markup_text(page->out, label_of(name));
		fputs("</dt><dd>", page->out);
		value_write(page, name, value, 1);
		fputs("</dd></div>\n", page->out);
	}
	fputs("</dl>", page->out);
	group_close(page);
}

static void field_write(const struct page *page, const char *label, const char *text)
{
	fprintf(page->out, "<div><dt>%s</dt><dd>", label);
	markup_text(page->out, *text ? text : "not known");
	fputs("</dd></div>\n", page->out);
}

/* As a shell would take it. */
static void argument_write(const struct page *page, const char *argument)
{
	char *quoted = text_shell_quote(argument);

	markup_text(page->out, quoted ? quoted : argument);
	free(quoted);
}

static void run_group(const struct page *page)
{
	const json_t *run = page->view->run, *command = json_object_get(run, "command");
	const char *suite = trial_text(run, "suite");

	group_open(page, "Run");
	fputs("<dl>\n", page->out);
	field_write(page, "lanebench", trial_text(run, "lanebench"));
	field_write(page, "Started", trial_text(run, "started"));
	field_write(page, "Ended", trial_text(run, "ended"));
	field_write(page, "State", trial_text(run, "state"));
	fputs("<div><dt>Command</dt><dd><code>", page->out);
	for (size_t i = 0; i < json_array_size(command); i++) {
		const char *argument = json_string_value(json_array_get(command, i));

		fputs(i ? " " : "", page->out);
		argument_write(page, argument ? argument : "?");
	}
	fputs("</code></dd></div>\n</dl>\n", page->out);
	if (*suite) {
		fputs("<details><summary>The suite</summary><pre tabindex=\"0\">", page->out);
		markup_text(page->out, suite);
		fputs("</pre></details>", page->out);
	}
	group_close(page);
}

/* ---- noise ---------------------------------------------------------------------------------------------- */

static void noise_row(const struct page *page, const char *processor, const json_t *noise)
{
	const double microseconds[] = { trial_number(noise, "p50_ns"), trial_number(noise, "p99_ns"),
					trial_number(noise, "max_ns") };
	char text[FORMAT_MAX];

	fputs("<tr><th scope=\"row\" class=\"num\">", page->out);
	markup_text(page->out, processor);
	fputs("</th><td class=\"num\">", page->out);
	format_percent(text, trial_number(noise, "lost_ratio"));
	markup_text(page->out, text);
	fputs("</td><td class=\"num\">", page->out);
	format_number(text, trial_number(noise, "gaps_per_s"), 0);
	markup_text(page->out, text);
	fputs("</td>", page->out);
	for (size_t i = 0; i < sizeof(microseconds) / sizeof(*microseconds); i++) {
		format_microseconds(text, microseconds[i]);
		fputs("<td class=\"num\">", page->out);
		markup_text(page->out, text);
		fputs("</td>", page->out);
	}
	fputs("</tr>\n", page->out);
}

static void noise_group(const struct page *page)
{
	const json_t *surveys = json_object_get(page->view->run, "noise");
	json_t *processors, *noise;
	const char *processor;

	for (size_t i = 0; i < json_array_size(surveys) && i < 4; i++) {
		processors = json_object_get(json_array_get(surveys, i), "processors");
		if (!json_object_size(processors))
			continue;
		group_open(page, "Noise of the machine before the tests");
		scroller_open(page, "Noise of the machine");
		fputs("<table class=\"noise\">\n<caption>Interruptions of each processor while nothing ran."
		      "</caption>\n<thead><tr><th scope=\"col\" class=\"num\">processor</th>"
		      "<th scope=\"col\" class=\"num\">lost<small>%</small></th>"
		      "<th scope=\"col\" class=\"num\">gaps<small>a second</small></th>"
		      "<th scope=\"col\" class=\"num\">p50<small>\u00b5s</small></th>"
		      "<th scope=\"col\" class=\"num\">p99<small>\u00b5s</small></th>"
		      "<th scope=\"col\" class=\"num\">longest<small>\u00b5s</small></th>"
		      "</tr></thead>\n<tbody>\n", page->out);
		json_object_foreach(processors, processor, noise)
			noise_row(page, processor, noise);
		fputs("</tbody>\n</table>\n", page->out);
		scroller_close(page);
		group_close(page);
	}
}

void page_environment(const struct page *page)
{
	section_open(page, "environment", "Environment");
	fputs("<div class=\"groups\">\n", page->out);
	object_group(page, "environment", "Machine");
	object_group(page, "catalogue", "Under test");
	object_group(page, "tuning", "Set for the run, and set back");
	object_group(page, "clock", "Clock of the endpoints");
	noise_group(page);
	run_group(page);
	fputs("</div>\n", page->out);
	section_close(page);
}
