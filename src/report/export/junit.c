/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/digest.h"
#include "report/export/summary.h"
#include "report/figures.h"
#include "report/heading.h"
#include "report/internal.h"
#include "report/markup.h"
#include "report/remarks.h"
#include "report/report.h"
#include "report/words.h"
#include "util/text.h"

/*
 * JUnit's XML has no standard; this is what Jenkins' schema (jenkins-junit.xsd) allows, GitLab reads and
 * pytest writes. A test suite is a dimension, a test case a test (a point of a sweep is one, too); it has
 * failed where a trial of it has failed or is void, and is skipped where none of its trials ran.
 */

#define SECONDS_MAX 1e9 /* no trial takes 30 years: a record may say what it will */

enum outcome { PASSED, FAILED, SKIPPED };

struct testcase {
	const struct digest_row *row;
	enum outcome outcome;
	size_t bad, skipped;         /* trials that failed or are void; that were skipped */
	const json_t *worst;         /* the first of the bad, else of the skipped ones; NULL = none */
	double seconds;
};

struct testsuite {
	const char *name;
	struct testcase *cases;
	size_t count, outcomes[SKIPPED + 1];
	double seconds;
	bool by[PARAMETER_COUNT];    /* what names a case */
};

/* ---- what became of a test ----------------------------------------------------------------------------- */

/* With what is around it; of a search all that it took. */
static double trial_seconds(const json_t *trial)
{
	static const char *const parts[] = { "duration_s", "setup_s", "search.spent_s" };
	double seconds = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		double part = trial_number(trial, parts[i]);

		seconds += part > 0 && part < SECONDS_MAX ? part : 0;
	}
	return seconds;
}

static struct testcase testcase_make(const struct digest_row *row)
{
	struct testcase one = { .row = row };
	const json_t *skipped = NULL;

	for (size_t i = 0; i < row->count; i++) {
		one.seconds += trial_seconds(row->trials[i]);
		if (!strcmp(trial_text(row->trials[i], "status"), "skipped")) {
			one.skipped++;
			skipped = skipped ? skipped : row->trials[i];
		} else if (!trial_is_ok(row->trials[i])) {
			one.bad++;
			one.worst = one.worst ? one.worst : row->trials[i];
		}
	}
	one.worst = one.worst ? one.worst : skipped;
	one.outcome = one.bad ? FAILED : row->ok ? PASSED : SKIPPED;
	return one;
}

/* A sweep stands for itself only where it has no points that do. */
static bool is_case(const struct digest_row *row, bool latency)
{
	return row->latency == latency && !(row->sweep && row->ok);
}

/* Tests of one dimension. 0 or -ENOMEM; free(suite->cases). */
static int testsuite_make(struct testsuite *suite, const struct digest *digest, bool latency)
{
	const struct digest_row **rows = calloc(digest->count + 1, sizeof(*rows));

	*suite = (struct testsuite){ .name = latency ? "latency" : "throughput",
				     .cases = calloc(digest->count + 1, sizeof(*suite->cases)) };
	if (!rows || !suite->cases) {
		free(rows);
		return -ENOMEM;
	}
	for (size_t i = 0; i < digest->count; i++) {
		if (!is_case(&digest->rows[i], latency))
			continue;
		rows[suite->count] = &digest->rows[i];
		suite->cases[suite->count] = testcase_make(&digest->rows[i]);
		suite->outcomes[suite->cases[suite->count].outcome]++;
		suite->seconds += suite->cases[suite->count++].seconds;
	}
	words_varying(rows, suite->count, suite->by);
	/* A test needs a name, also where nothing varies. */
	suite->by[PARAMETER_IO] = suite->by[PARAMETER_SWITCH] = true;
	free(rows);
	return 0;
}

/* ---- XML ----------------------------------------------------------------------------------------------- */

static void attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	markup_text(out, value);
	fputc('"', out);
}

static void property(FILE *out, const char *indent, const char *name, const char *value)
{
	fprintf(out, "%s<property", indent);
	attribute(out, "name", name);
	attribute(out, "value", value);
	fputs("/>\n", out);
}

static void property_number(FILE *out, const char *name, const char *part, double value)
{
	char text[64], whole[64];

	if (!isfinite(value))
		return;
	snprintf(text, sizeof(text), "%.15g", value);
	snprintf(whole, sizeof(whole), "%s%s", name, part);
	property(out, "        ", whole, text);
}

/* A figure is called as in the summary, with its unit; its interval, where there are several trials, beside
 * it. */
static void figure_properties(FILE *out, const struct digest_row *row)
{
	for (int f = 0; f < FIGURE_COUNT; f++) {
		const struct spread *s = &row->figure[f];
		const char *name = figure_name((enum figure)f);
		char whole[64];

		if (!s->n)
			continue;
		property_number(out, name, "", s->median);
		if (s->n < 2)
			continue;
		property_number(out, name, ".low", s->low);
		property_number(out, name, ".high", s->high);
		snprintf(whole, sizeof(whole), "%s.interval", name);
		property(out, "        ", whole, summary_interval(s));
	}
}

static void testcase_properties(FILE *out, const struct testsuite *suite, const struct testcase *one)
{
	char text[128];

	fputs("      <properties>\n", out);
	for (int p = 0; p < PARAMETER_COUNT; p++) {
		if (!suite->by[p] || one->row->unused[p])
			continue;
		words_value(one->row, (enum parameter_id)p, text, sizeof(text));
		property(out, "        ", parameter_table[p].name, text);
	}
	property_number(out, "trials", "", (double)one->row->ok);
	property_number(out, "trials.planned", "", one->row->planned);
	figure_properties(out, one->row);
	fputs("      </properties>\n", out);
}

/* <failure message="reason" type="void">reason, remedy</failure> */
static void failure_print(FILE *out, const struct testcase *one)
{
	const char *reason = trial_text(one->worst, "reason"), *remedy = trial_text(one->worst, "remedy");

	reason = reason_words(reason);
	fputs("      <failure", out);
	attribute(out, "message", reason);
	attribute(out, "type", trial_text(one->worst, "status"));
	fputc('>', out);
	markup_format(out, "%s: %s%s%s\n%zu of %u trials have figures.", trial_text(one->worst, "status"),
		      reason, *remedy ? "\nRemedy: " : "", remedy, one->row->ok, one->row->planned);
	fputs("</failure>\n", out);
}

static void skipped_print(FILE *out, const struct testcase *one)
{
	const char *remedy = one->worst ? trial_text(one->worst, "remedy") : "";
	const char *reason = one->worst ? trial_text(one->worst, "reason") : "the run did not come to it";
	char *text;

	if (asprintf(&text, "%s%s%s", reason_words(reason), *remedy ? "; remedy: " : "", remedy) < 0)
		return;
	fputs("      <skipped", out);
	attribute(out, "message", text);
	fputs("/>\n", out);
	free(text);
}

/* What qualifies its figures. */
static void system_out_print(FILE *out, const struct digest_row *row)
{
	struct remarks remarks = { 0 };
	char letters[REMARKS_MAX + 1];

	remarks_of_row(&remarks, row, letters);
	if (!*letters)
		return;
	fputs("      <system-out>", out);
	for (unsigned i = 0; i < remarks_count(); i++) {
		const char *subject = remark_subject(&remarks, i);

		if (remarks.rows[i])
			markup_format(out, "%s: %s%s%s\n", remark_name(i), remark_text(i),
				      *subject ? ": " : "", subject);
	}
	fputs("</system-out>\n", out);
}

/* A name for each test, also where two points of different sweeps are called alike: `names` counts them. */
static void testcase_name(const struct testsuite *suite, const struct testcase *one, json_t *names,
			  char *text, size_t size)
{
	json_int_t before;

	words_test(one->row, suite->by, text, size);
	before = json_integer_value(json_object_get(names, text));
	json_object_set_new(names, text, json_integer(before + 1));
	if (before)
		text_append(text, size, " (%lld)", (long long)before + 1);
}

static void testcase_print(FILE *out, const struct testsuite *suite, const struct testcase *one,
			   const char *class, json_t *names)
{
	char name[640];

	testcase_name(suite, one, names, name, sizeof(name));
	fputs("    <testcase", out);
	attribute(out, "classname", class);
	attribute(out, "name", name);
	fprintf(out, " time=\"%.3f\">\n", one->seconds);
	testcase_properties(out, suite, one);
	if (one->outcome == FAILED)
		failure_print(out, one);
	else if (one->outcome == SKIPPED)
		skipped_print(out, one);
	system_out_print(out, one->row);
	fputs("    </testcase>\n", out);
}

static void counts_print(FILE *out, size_t tests, size_t failures, size_t skipped, double seconds)
{
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\"", tests,
		failures, skipped, seconds);
}

/* Jenkins makes packages and classes of a name's dots: dots of our own stay out. */
static void class_format(const char *run, const char *suite, char *text, size_t size)
{
	snprintf(text, size, "lanebench.%.200s", run);
	for (char *c = text + strlen("lanebench."); *c; c++)
		*c = *c == '.' ? '-' : *c;
	text_append(text, size, ".%s", suite);
}

static int testsuite_print(FILE *out, const struct testsuite *suite, const struct record_view *view,
			   const struct heading *heading)
{
	const char *started = trial_text(view->run, "started");
	json_t *names = json_object();
	char class[256];

	if (!names)
		return -ENOMEM;
	class_format(heading->name, suite->name, class, sizeof(class));
	fputs("  <testsuite", out);
	attribute(out, "name", class);
	counts_print(out, suite->count, suite->outcomes[FAILED], suite->outcomes[SKIPPED], suite->seconds);
	if (strlen(started) == strlen("2026-11-21T20:35:19Z")) { /* the schema knows no time zone */
		fputs(" timestamp=\"", out);
		markup_format(out, "%.19s", started);
		fputc('"', out);
	}
	fputs(">\n    <properties>\n", out);
	property(out, "      ", "lanebench", heading->version);
	property(out, "      ", "machine", heading->machine);
	property(out, "      ", "description", heading->description);
	fputs("    </properties>\n", out);
	for (size_t i = 0; i < suite->count; i++)
		testcase_print(out, suite, &suite->cases[i], class, names);
	fputs("  </testsuite>\n", out);
	json_decref(names);
	return 0;
}

static int testsuites_print(FILE *out, const struct testsuite suite[2], const struct record_view *view,
			    const struct heading *heading)
{
	int rc = 0;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
	attribute(out, "name", heading->name);
	counts_print(out, suite[0].count + suite[1].count,
		     suite[0].outcomes[FAILED] + suite[1].outcomes[FAILED],
		     suite[0].outcomes[SKIPPED] + suite[1].outcomes[SKIPPED],
		     suite[0].seconds + suite[1].seconds);
	fputs(">\n", out);
	for (int i = 0; i < 2 && !rc; i++)
		if (suite[i].count)
			rc = testsuite_print(out, &suite[i], view, heading);
	fputs("</testsuites>\n", out);
	return rc;
}

int report_junit(FILE *out, const struct record_view *view, struct error *err)
{
	struct testsuite suite[2] = { 0 };
	struct heading heading;
	struct digest digest;
	int rc = digest_make(&digest, view, err);

	if (!rc) {
		heading_make(&heading, view, &digest);
		for (int i = 0; i < 2 && !rc; i++)
			rc = testsuite_make(&suite[i], &digest, i == 1);
		rc = rc ? rc : testsuites_print(out, suite, view, &heading);
		rc = rc ? error_set(err, -rc, NULL, "out of memory") : 0;
	}
	for (int i = 0; i < 2; i++)
		free(suite[i].cases);
	digest_free(&digest);
	return rc ? rc : report_finish(out, err);
}
