/* SPDX-License-Identifier: Apache-2.0 */
/* Where and how a record was made, in Markdown. */
#include <stdlib.h>
#include <string.h>

#include "report/export/markdown_parts.h"
#include "report/figures.h"
#include "util/text.h"

/* To be typed again. */
static void page_command(struct markdown_page *page, const json_t *command)
{
	const json_t *argument;
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	page->failed |= !out;
	json_array_foreach(command, i, argument) {
		const char *word = json_is_string(argument) ? json_string_value(argument) : "?";
		const char *slash = strrchr(word, '/');
		char *quoted;

		if (!i && slash)
			word = slash + 1; /* not where the program lay */
		quoted = text_shell_quote(word);
		if (out && quoted)
			fprintf(out, "%s%s", i ? " " : "", quoted);
		page->failed |= !quoted;
		free(quoted);
	}
	if (out)
		page->failed |= fclose(out) != 0;
	if (text && *text)
		page_item(page, "Command:", "%s", text);
	free(text);
}

/* "governor performance, turbo off, ...": of the settings, those that bear on figures and are known. */
static void page_settings(struct markdown_page *page, const json_t *run)
{
	static const struct { const char *name, *path; } settings[] = {
		{ "governor", "environment.governor" }, { "turbo", "environment.turbo" },
		{ "hyper-threads", "environment.smt" }, { "isolated processors", "environment.isolated" },
		{ "tickless processors", "environment.nohz_full" },
		{ "idle driver", "environment.idle_driver" }, { "clock", "environment.clocksource" },
	};
	char text[512] = "";

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		const json_t *value = trial_value(run, settings[i].path);
		const char *words = json_string_value(value);

		if (json_is_boolean(value))
			words = json_is_true(value) ? "on" : "off";
		if (words)
			text_append(text, sizeof(text), "%s%s %.100s", *text ? ", " : "", settings[i].name,
				    *words ? words : "none");
	}
	if (*text)
		page_item(page, "Settings:", "%s", text);
}

static void page_versions(struct markdown_page *page, json_t *run)
{
	json_t *versions = json_object_get(run, "catalogue"), *value;
	const char *version = trial_text(run, "lanebench"), *name;
	char text[1024] = "";

	json_object_foreach(versions, name, value)
		if (json_is_string(value))
			text_append(text, sizeof(text), "; %.60s %.100s", name, json_string_value(value));
	page_item(page, "Versions:", "lanebench %s%s", *version ? version : "(unknown)", text);
}

void markdown_environment(struct markdown_page *page, const struct subject *subject)
{
	page_paragraph(page, "**How it was made:**", "%s", "");
	page_item(page, "When:", "%s", subject->heading.when);
	page_item(page, "Machine:", "%s", subject->heading.machine);
	page_settings(page, subject->view->run);
	page_versions(page, subject->view->run);
	page_command(page, json_object_get(subject->view->run, "command"));
}
