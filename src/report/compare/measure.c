/* SPDX-License-Identifier: Apache-2.0 */
/* Which figures can be compared: those of which more, or less, is better. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare/internal.h"
#include "util/suggest.h"

static const struct measure measures[FIGURE_COUNT] = {
	[FIGURE_FORWARDED] = { "forwarded", "forwarded", 1, false, false },
	/* not FIGURE_BITS: the same as forwarded, and counted twice */
	[FIGURE_LOSS] = { "loss", "loss", -1, true, false },
	[FIGURE_P50] = { "p50", "p50", -1, false, true },
	[FIGURE_P90] = { "p90", "p90", -1, false, true },
	[FIGURE_P99] = { "p99", "p99", -1, false, true },
	[FIGURE_P99_9] = { "p99.9", "p99.9", -1, false, true },
	[FIGURE_P99_99] = { "p99.99", "p99.99", -1, false, true },
	[FIGURE_MAX] = { "max", "max", -1, false, true },
	[FIGURE_BUSY] = { "busy", "processors busy", -1, false, false },
	[FIGURE_SWITCH] = { "switch", "switch busy", -1, false, false },
	[FIGURE_COST] = { "cost", "cost a packet", -1, false, false },
	[FIGURE_LOWER] = { "lower", "lower bound", 1, false, false },
	[FIGURE_UPPER] = { "upper", "upper bound", 1, false, false },
};

const struct measure *measure_of(enum figure figure)
{
	return &measures[figure];
}

/* Was the load given, and so the same in base and new? At the highest load latency tells how long queues are.
 */
static bool load_is_given(const struct digest_row *row)
{
	return row->point || row->value[PARAMETER_RATE].number > 0 ||
	       strchr(row->value[PARAMETER_RATE].text, ':');
}

/*
 * At a share of what each can, what is forwarded is that share of it: the same difference once more at each
 * point. From 100 % on it is what each can.
 */
static bool forwards_its_share(const struct digest_row *row)
{
	const char *rate = row->value[PARAMETER_RATE].text, *colon = strchr(rate, ':');
	const size_t length = strlen(rate);

	return length && rate[length - 1] == '%' && strtod(colon ? colon + 1 : rate, NULL) < 100;
}

bool measure_by_default(enum figure figure, const struct digest_row *row)
{
	switch (figure) {
	case FIGURE_FORWARDED: return !row->latency && !forwards_its_share(row);
	case FIGURE_P50:
	case FIGURE_P99:       return row->latency || load_is_given(row);
	default:               return false;
	}
}

void measure_title(enum figure figure, bool latency_test, char *text, size_t size)
{
	const char *kind = !measures[figure].latency ? "" : latency_test ? "round trip " : "one way ";

	snprintf(text, size, "%s%s", kind,
		 measures[figure].title ? measures[figure].title : figure_name(figure));
}

void measure_format(enum figure figure, double value, char text[FORMAT_MAX])
{
	char number[FORMAT_MAX];

	if (!isfinite(value)) {
		snprintf(text, FORMAT_MAX, "-");
	} else if (measures[figure].latency || figure == FIGURE_COST) {
		format_microseconds(number, figure == FIGURE_COST ? value * 1e3 : value);
		snprintf(text, FORMAT_MAX, "%.40s %s", number, figure == FIGURE_COST ? "ns" : "us");
	} else if (figure == FIGURE_LOSS) {
		format_percent(number, value);
		snprintf(text, FORMAT_MAX, "%.40s %%", number);
	} else if (figure == FIGURE_BUSY || figure == FIGURE_SWITCH) {
		format_number(text, value, 2);
	} else {
		format_packet_rate(text, value);
	}
}

void measure_format_change(enum figure figure, double change, char text[FORMAT_MAX])
{
	const double percent = change * 100, size = fabs(percent);

	if (isinf(change))
		snprintf(text, FORMAT_MAX, "from 0");
	else if (isnan(change))
		snprintf(text, FORMAT_MAX, "-");
	else if (size >= 1e6)
		snprintf(text, FORMAT_MAX, "x %.3g", change + 1);
	else
		snprintf(text, FORMAT_MAX, "%+.*f %s",
			 measures[figure].by_difference && size < 10 ? 2 :
			 size < 1000				     ? 1 :
								       0,
			 percent, measures[figure].by_difference ? "pts" : "%");
}

/* The figure of a name; FIGURE_COUNT = there is none that can be compared. */
static enum figure figure_find(const char *name)
{
	for (int f = 0; f < FIGURE_COUNT; f++)
		if (measures[f].name &&
		    (!strcmp(name, measures[f].name) || !strcmp(name, figure_name((enum figure)f))))
			return (enum figure)f;
	return FIGURE_COUNT;
}

static int figure_unknown(const char *name, struct error *err)
{
	const char *names[FIGURE_COUNT + 2], *near;
	char known[256] = "known: all";
	size_t count = 0, used;

	for (int f = 0; f < FIGURE_COUNT; f++) {
		if (!measures[f].name)
			continue;
		names[count++] = measures[f].name;
		used = strlen(known);
		snprintf(known + used, sizeof(known) - used, ", %s", measures[f].name);
	}
	names[count++] = "all";
	names[count] = NULL;
	near = suggest(name, names);
	return error_set(err, EINVAL, known,
			 near ? "there is no figure '%.40s' to compare (did you mean '%s'?)" :
				"there is no figure '%.40s' to compare",
			 name, near);
}

int compare_figures_parse(const char *text, bool *wanted, struct error *err)
{
	char *copy = strdup(text), *rest = copy, *name;
	int result = 0;

	if (!copy)
		return error_set(err, ENOMEM, NULL, "out of memory");
	memset(wanted, 0, FIGURE_COUNT * sizeof(*wanted));
	while (!result && (name = strsep(&rest, ","))) {
		enum figure figure = figure_find(name);

		if (figure != FIGURE_COUNT)
			wanted[figure] = true;
		else if (strcmp(name, "all") != 0)
			result = figure_unknown(name, err);
		for (int f = 0; f < FIGURE_COUNT && !strcmp(name, "all"); f++)
			wanted[f] = measures[f].name;
	}
	free(copy);
	return result;
}
