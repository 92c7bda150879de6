/* SPDX-License-Identifier: Apache-2.0 */
#include "run/progress.h"

#include <stdarg.h>
#include <string.h>

#include "system/terminal.h"
#include "report/format.h"
#include "util/display.h"

static void progress_clear(struct progress *progress)
{
	if (progress->line_open)
		fputs("\r\033[K", progress->out);
	progress->line_open = false;
}

static void format_left(char *text, size_t size, double seconds)
{
	if (seconds < 90)
		snprintf(text, size, "%.0f s left", seconds);
	else if (seconds < 5400)
		snprintf(text, size, "%.0f min left", seconds / 60);
	else
		snprintf(text, size, "%.1f h left", seconds / 3600);
}

/* Seconds until the run is over, if the testbeds to come cost what those so far did. */
static double progress_left(const struct progress *progress, double elapsed_s)
{
	double each = progress->done ? progress->overhead_s / (double)progress->done : 0.2;
	double left = progress->planned_s + progress->doing_s - elapsed_s +
		      each * (double)(progress->total - progress->done);

	return left > 0 ? left : 0;
}

void progress_begin(struct progress *progress, FILE *out, bool quiet, size_t total, double planned_s)
{
	memset(progress, 0, sizeof(*progress));
	progress->out = out;
	progress->terminal = terminal_is(out);
	progress->quiet = quiet;
	progress->total = total;
	progress->planned_s = planned_s;
}

/* Exactly one line of the terminal, or it could not be rewritten: the test's name gives way. */
static void progress_line(struct progress *progress, double elapsed_s, const char *figure)
{
	int width = (int)terminal_width(progress->out, 100) - 1, room;
	char left[32], head[48], tail[256];

	if (progress->quiet || !progress->terminal)
		return;
	format_left(left, sizeof(left), progress_left(progress, elapsed_s));
	snprintf(head, sizeof(head), "[%zu/%zu] ", progress->done + 1, progress->total);
	snprintf(tail, sizeof(tail), "%s%s  (%s)", progress->search, figure, left);
	room = width - (int)strlen(head) - (int)strlen(tail);
	progress_clear(progress);
	if ((int)strlen(progress->doing) > room)
		fprintf(progress->out, "%s%.*s...%s", head, room > 3 ? room - 3 : 0, progress->doing, tail);
	else
		fprintf(progress->out, "%s%s%s", head, progress->doing, tail);
	fflush(progress->out);
	progress->line_open = true;
}

void progress_trial(struct progress *progress, const char *what, double planned_s)
{
	snprintf(progress->doing, sizeof(progress->doing), "%s", what);
	progress->doing_s = planned_s;
	progress->search[0] = 0;
	progress->searched_s = 0;
	progress->planned_s -= planned_s;
	progress_line(progress, 0, "");
}

void progress_search(struct progress *progress, const struct load_step *step, const struct load_result *known)
{
	char load[FORMAT_MAX] = "max", lower[FORMAT_MAX], upper[FORMAT_MAX], bounds[2 * FORMAT_MAX + 8] = "";

	if (step->load > 0)
		format_packet_rate(load, step->load);
	if (known->goals) {
		format_packet_rate(lower, known->goal[0].lower);
		format_packet_rate(upper, known->goal[0].upper);
		snprintf(bounds, sizeof(bounds), " [%s..%s]", lower, upper);
	}
	snprintf(progress->search, sizeof(progress->search), ": trial %u at %s%s, %.0f s", step->number, load, bounds,
		 known->spent_s);
	progress->searched_s = known->spent_s;
	progress_line(progress, known->spent_s, "");
}

void progress_second(void *context, double elapsed_s, double total_s, double tx_pps, double rx_pps)
{
	struct progress *progress = context;
	char pps[FORMAT_MAX], figure[64];

	(void)total_s;
	(void)tx_pps;
	format_packet_rate(pps, rx_pps);
	snprintf(figure, sizeof(figure), ": %s", pps);
	progress_line(progress, progress->searched_s + elapsed_s, figure);
}

/* Of a search: its figure, if it has one, or what it says instead; and what it cost. */
static void progress_found(char *text, size_t size, const json_t *search)
{
	const json_t *goal = json_object_get(search, "goal");
	const json_t *forwarded = json_object_get(search, "forwarded_pps");
	const char *answer = json_string_value(json_object_get(goal, "text"));
	char pps[FORMAT_MAX] = "";

	if (json_is_number(forwarded))
		format_packet_rate(pps, json_number_value(forwarded));
	snprintf(text, size, "%s%s%s%s%d trials, %.0f s", pps, *pps ? ", " : "", answer ? answer : "", answer ? "; " : "",
		 (int)json_integer_value(json_object_get(search, "trials")),
		 json_number_value(json_object_get(search, "spent_s")));
}

static void progress_result(char *text, size_t size, const json_t *trial)
{
	const json_t *rx = json_object_get(trial, "rx"), *latency = json_object_get(trial, "latency");
	const json_t *round_trip = json_object_get(latency, "round_trip_ns");
	const json_t *search = json_object_get(trial, "search");
	const char *status = json_string_value(json_object_get(trial, "status"));
	char pps[FORMAT_MAX];

	if (status && strcmp(status, "ok") != 0) {
		snprintf(text, size, "%s: %s", status, json_string_value(json_object_get(trial, "reason")));
		return;
	}
	if (search) {
		progress_found(text, size, search);
		return;
	}
	if (json_is_object(round_trip)) {
		snprintf(text, size, "round trip median %.1f us, loss %.3g %%",
			 json_number_value(json_object_get(round_trip, "p50")) / 1e3,
			 json_number_value(json_object_get(rx, "loss_ratio")) * 100);
		return;
	}
	format_packet_rate(pps, json_number_value(json_object_get(rx, "forwarded_pps")));
	snprintf(text, size, "forwarded %s, loss %.3g %%", pps,
		 json_number_value(json_object_get(rx, "loss_ratio")) * 100);
}

void progress_trial_done(struct progress *progress, const json_t *trial, double overhead_s)
{
	char result[768];

	progress->done++;
	progress->overhead_s += overhead_s;
	progress->doing_s = 0;
	if (progress->quiet)
		return;
	progress_clear(progress);
	progress_result(result, sizeof(result), trial);
	text_clean(result, true); /* an endpoint's words may be in it */
	fprintf(progress->out, "[%zu/%zu] %s: %s\n", progress->done, progress->total, progress->doing, result);
	fflush(progress->out);
}

void progress_say(struct progress *progress, const char *format, ...)
{
	va_list args;

	progress_clear(progress);
	va_start(args, format);
	vfprintf(progress->out, format, args);
	va_end(args);
	fputc('\n', progress->out);
	fflush(progress->out);
}

void progress_end(struct progress *progress)
{
	progress_clear(progress);
	fflush(progress->out);
}
