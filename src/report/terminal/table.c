/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "report/digest.h"
#include "report/figures.h"
#include "report/internal.h"
#include "report/report.h"
#include "report/terminal/notes.h"
#include "report/terminal/section.h"
#include "report/terminal/sheet.h"
#include "util/list.h"

#define WIDTH 100
#define USABLE_MAX 4096

/* Does the environment's locale write UTF-8? Not by setlocale, which would change the whole program. */
static bool locale_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!locale)
		return false;
	utf8 = !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");
	freelocale(locale);
	return utf8;
}

/* How many processors the run could use; 0 = not known. A list (as text or array), or a number. */
static int usable_processors(const json_t *run)
{
	const json_t *usable = trial_value(run, "environment.processor.usable");
	int list[USABLE_MAX], count;

	if (json_is_integer(usable) && json_integer_value(usable) <= USABLE_MAX)
		return (int)json_integer_value(usable);
	if (json_is_array(usable))
		return (int)json_array_size(usable);
	count = json_is_string(usable) ? list_parse(json_string_value(usable), list, USABLE_MAX, NULL) : 0;
	return count > 0 ? count : 0;
}

/* "2026-11-21T20:35:19Z" as "2026-11-21 20:35 UTC"; anything else as it is. */
static void time_format(const char *text, char *out, size_t size)
{
	if (strlen(text) == strlen("2026-11-21T20:35:19Z") && text[10] == 'T' && text[19] == 'Z')
		snprintf(out, size, "%.10s %.5s UTC", text, text + 11);
	else
		snprintf(out, size, "%s", *text ? text : "at an unknown time");
}

static void title_print(const json_t *run, int processors, const struct sheet *sheet)
{
	const char *model = trial_text(run, "environment.processor.model");
	const char *kernel = trial_text(run, "environment.kernel.release");
	const char *distribution = trial_text(run, "environment.distribution");
	const char *hypervisor = trial_text(run, "environment.hypervisor");
	char when[64], usable[48] = "";

	time_format(trial_text(run, "started"), when, sizeof(when));
	if (processors > 0)
		snprintf(usable, sizeof(usable), ", %d usable processor%s", processors,
			 processors == 1 ? "" : "s");
	sheet_text(sheet, STYLE_HEADING, 0, 2, "%s, %s, lanebench %s",
		   *trial_text(run, "name") ? trial_text(run, "name") : "(run without a name)", when,
		   *trial_text(run, "lanebench") ? trial_text(run, "lanebench") : "of unknown version");
	if (*trial_text(run, "description"))
		sheet_text(sheet, STYLE_PLAIN, 0, 0, "%s", trial_text(run, "description"));
	sheet_text(sheet, STYLE_PLAIN, 0, 2, "Machine: %s%s, Linux %s%s%s%s%s%s",
		   *model ? model : "unknown processor", usable, *kernel ? kernel : "(unknown)",
		   *distribution ? ", " : "", distribution, *hypervisor ? ", virtual (" : "", hypervisor,
		   *hypervisor ? ")" : "");
	sheet_gap(sheet);
}

/* What the commands of the advice begin with, and the record that they are about. */
struct whereabouts {
	const char *command, *directory;
};

/* How far the run came, if it did not come to its end. */
static bool progress_print(const struct digest *digest, const struct record_view *view,
			   const struct whereabouts *where, const struct sheet *sheet)
{
	const char *state = trial_text(view->run, "state");

	if (*view->warning)
		sheet_text(sheet, STYLE_WARNING, 0, 2, "Warning: %s", view->warning);
	if (!strcmp(state, "done") || digest->recorded >= digest->planned)
		return *view->warning;
	sheet_text(sheet, STYLE_WARNING, 0, 2, "%s: %zu of %zu trials are recorded. Go on with:",
		   !strcmp(state, "running") ? "The run is still going, or was killed"
					     : "The run was interrupted",
		   digest->recorded, digest->planned);
	sheet_line(sheet, STYLE_PLAIN, "    sudo %s run --resume %s", where->command, where->directory);
	return true;
}

static void footer_print(const struct whereabouts *where, const struct sheet *sheet)
{
	sheet_line(sheet, STYLE_PLAIN, "Record: %s", where->directory);
	sheet_line(sheet, STYLE_PLAIN, "Next:   %s report %s --format csv", where->command, where->directory);
	sheet_line(sheet, STYLE_FAINT,
		   "            every figure of every trial, for a spreadsheet or a script");
	sheet_line(sheet, STYLE_PLAIN, "        %s/trials.jsonl", where->directory);
	sheet_line(sheet, STYLE_FAINT,
		   "            the same with histograms, samples and configurations (docs/results.md)");
	sheet_line(sheet, STYLE_PLAIN, "        sudo %s run suites/paper/table2.yaml", where->command);
	sheet_line(sheet, STYLE_FAINT,
		   "            the comparison of sockets that the papers begin with (their Table 2)");
}

static int body_print(const struct digest *digest, const struct record_view *view,
		      const struct whereabouts *where, const struct sheet *sheet)
{
	const int processors = usable_processors(view->run);
	int throughput, latency, without;

	title_print(view->run, processors, sheet);
	throughput = section_print(digest, false, processors, sheet);
	latency = throughput < 0 ? throughput : section_print(digest, true, processors, sheet);
	if (latency < 0)
		return latency;
	if (!digest->recorded)
		sheet_text(sheet, STYLE_WARNING, 0, 2, "No trial is recorded: there is nothing to compare.");
	else if (throughput + latency == 0)
		sheet_text(sheet, STYLE_BAD, 0, 2,
			   "No test has figures: every trial failed, was skipped or is void.");
	without = notes_causes(digest, sheet);
	if (without < 0)
		return without;
	if (without)
		sheet_gap(sheet);
	notes_noise(view, sheet);
	if (progress_print(digest, view, where, sheet))
		sheet_gap(sheet);
	footer_print(where, sheet);
	return 0;
}

int report_finish(FILE *out, struct error *err)
{
	if (fflush(out) != 0 || ferror(out))
		return error_errno(err, errno ? errno : EIO, NULL, "cannot write the report");
	return 0;
}

int report_table(FILE *out, const struct record_view *view, const char *directory,
		 const struct report_options *options, struct error *err)
{
	const struct sheet sheet = {
		.out = out, .width = options->width ? options->width : WIDTH,
		.colour = options->colour, .utf8 = !options->ascii && locale_is_utf8(),
	};
	const struct whereabouts where = { options->command ? options->command : "lanebench", directory };
	struct digest digest;
	int rc = digest_make(&digest, view, err);

	if (!rc && body_print(&digest, view, &where, &sheet) != 0)
		rc = error_set(err, ENOMEM, NULL, "out of memory");
	digest_free(&digest);
	return rc ? rc : report_finish(out, err);
}
