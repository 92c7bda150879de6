/* SPDX-License-Identifier: Apache-2.0 */
/* The lines that a session adds to its record. */
#include "run/session_internal.h"

#include <string.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)

static void format_time(char *text, size_t size, struct timespec t)
{
	struct tm utc;
	size_t used;

	gmtime_r(&t.tv_sec, &utc);
	used = strftime(text, size, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + used, size - used, ".%03ldZ", t.tv_nsec / 1000000);
}

static struct timespec time_before(struct timespec t, uint64_t ns)
{
	t.tv_sec -= (time_t)(ns / NS_PER_S);
	t.tv_nsec -= (long)(ns % NS_PER_S);
	if (t.tv_nsec < 0) {
		t.tv_sec--;
		t.tv_nsec += (long)NS_PER_S;
	}
	return t;
}

/* Trials that could not be written are kept and tried again: a disk that was full may have room later. */
static void session_write(struct session *session, json_t *trial, struct progress *progress)
{
	struct error err = { 0 };

	if (!session->unwritten)
		session->unwritten = json_array();
	json_array_append(session->unwritten, trial);
	while (json_array_size(session->unwritten)) {
		if (record_append(session->record, json_array_get(session->unwritten, 0), &err))
			break;
		json_array_remove(session->unwritten, 0);
	}
	if (err.code)
		progress_say(progress,
			     "lanebench: warning: %s\n  remedy: %s\n  (the trial is kept and tried again)",
			     err.cause, err.remedy);
}

static void session_count(struct session *session, const char *status)
{
	if (strcmp(status, "ok") == 0)
		session->ok++;
	else if (strcmp(status, "void") == 0)
		session->void_++;
	else if (strcmp(status, "skipped") == 0)
		session->skipped++;
	else
		session->failed++;
}

/* Put number, test, repeat and time in front of the figures, so that a person reads them first. */
static json_t *trial_headed(const struct runner *r, const struct test *test, json_t *figures,
			    uint64_t since_ns, double setup_s)
{
	const struct schedule_step *step = &r->session->schedule->steps[r->step];
	struct timespec now;
	char started[40];
	json_t *trial;

	clock_gettime(CLOCK_REALTIME, &now);
	now = time_before(now, clock_monotonic_ns() - since_ns);
	format_time(started, sizeof(started), now);
	trial = json_pack("{s:i, s:o, s:i, s:O, s:O, s:O, s:O, s:s, s:f}", "trial",
			  (int)(r->session->numbers + r->step) + 1,
			  "test", test_to_json(test), "repeat", (int)step->repeat,
			  "status", json_object_get(figures, "status"),
			  "reason", json_object_get(figures, "reason"),
			  "remedy", json_object_get(figures, "remedy"),
			  "flags", json_object_get(figures, "flags"),
			  "started", started, "setup_s", setup_s);
	json_object_set_new(trial, "kind", json_string("trial"));
	json_object_update(trial, figures);
	return trial;
}

/* A line for the record, and for standard output where that is asked for. */
static void runner_write(struct runner *r, json_t *line)
{
	struct session *session = r->session;

	session_write(session, line, &r->progress);
	if (!session->json)
		return;
	json_dumpf(line, session->json, JSON_COMPACT | RECORD_NUMBERS);
	fputc('\n', session->json);
	fflush(session->json);
}

/* Since a time, what was beside the traffic of a trial (a conclusion: beside its search). */
static double setup_seconds(uint64_t since_ns, const struct test *test, const json_t *figures)
{
	double setup = (double)(clock_monotonic_ns() - since_ns) / 1e9;
	double measured = json_number_value(json_object_get(figures, "duration_s"));
	const json_t *search = json_object_get(figures, "search");

	if (search)
		setup -= json_number_value(json_object_get(search, "spent_s"));
	else if (measured > 0)
		setup -= measured + test_number(test, PARAMETER_WARMUP) + test_number(test, PARAMETER_COOLDOWN);
	return setup > 0 ? setup : 0;
}

void runner_conclude(struct runner *r, json_t *figures)
{
	const struct test *test = session_test(r->session, &r->session->schedule->steps[r->step]);
	double setup = setup_seconds(r->step_ns, test, figures);
	json_t *trial = trial_headed(r, test, figures, r->step_ns, setup);

	runner_write(r, trial);
	session_count(r->session, json_string_value(json_object_get(trial, "status")));
	progress_trial_done(&r->progress, trial, setup);
	json_decref(trial);
}

/* One trial of a search, or what a share refers to. */
void runner_line(void *context, const struct test *test, json_t *figures)
{
	struct runner *r = context;
	uint64_t since = json_object_get(figures, "search") ? r->step_ns : r->line_ns;
	json_t *line = trial_headed(r, test, figures, since, setup_seconds(since, test, figures));

	runner_write(r, line);
	json_decref(line);
}

void runner_search_step(void *context, const struct load_step *step, const struct load_result *known)
{
	struct runner *r = context;

	r->line_ns = clock_monotonic_ns();
	progress_search(&r->progress, step, known);
}

void runner_conclude_without(struct runner *r, const char *status, const struct error *why)
{
	json_t *figures = json_pack("{s:s, s:s, s:s, s:[]}", "status", status, "reason", why->cause, "remedy",
				    why->remedy, "flags");

	if (!figures) { /* a reason that is not UTF-8 */
		figures = json_pack("{s:s, s:s, s:s, s:[]}", "status", status, "reason", "see logs/",
				    "remedy", "", "flags");
	}
	runner_conclude(r, figures);
	json_decref(figures);
}
