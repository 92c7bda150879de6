/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures that papers have published, to stand beside measured ones: published.csv, a row a value with its source, in
 * units of the record. It is data: nothing here knows a paper. docs/published.md says what may be compared.
 */
#ifndef LB_REPORT_PUBLISHED_H
#define LB_REPORT_PUBLISHED_H

#include <stddef.h>

#include "report/digest.h"
#include "util/error.h"

enum published_match {
	PUBLISHED_NONE,  /* no test of ours is that experiment: for readers of the file alone */
	PUBLISHED_TEST,  /* stands beside every test with its parameters */
	PUBLISHED_SUITE, /* the same, in runs of `suite` alone: elsewhere it would be of another experiment (note) */
};

struct published {
	const char *source;   /* "Ara et al. 2021, Table 2" */
	const char *title;    /* of the paper */
	const char *suite;    /* name of the suite that repeats it ("paper-table2"); "" = none */
	const char *machine;  /* "2 x Intel Xeon E5-2640 v4, 2.4 GHz"; "" = not told */
	const char *note;     /* what it differs in, and what low and high are; may be "" */
	enum published_match match;
	enum figure figure;      /* FIGURE_COUNT: none of ours, ... */
	const char *figure_name; /* ... but this; else figure_name(figure) */
	double value, low, high; /* unit of the figure; low, high NAN where there are none */
	struct value test[PARAMETER_COUNT]; /* of the experiment; text "" = the paper leaves it out */
};

/*
 * Values that stand beside a row of a run called `run` (struct record_view: published_run; NULL = any name). Each
 * parameter that the paper names has the row's value; one that it leaves out may have any, but arrangement, flows,
 * quotas, neighbours and the switch's place are then at their defaults. Returns how many, at most `max`, into `found`
 * (static data).
 */
size_t published_for(const struct digest_row *row, const char *run, const struct published **found, size_t max);
/* The name of a run, as published_for takes it: "" where it has none. */
const char *published_run(const struct record_view *view);

/* A value of it with its unit, as people say it: "338 kpps", "20.8 us"; FORMAT_MAX bytes. */
void published_format(const struct published *published, double value, char *text);

/* All of them. */
struct published_list {
	struct published *row;
	size_t count;
	char *text; /* what the rows' texts lie in */
};

const struct published_list *published_all(void);
/* The same from a text of that form. -EINVAL names the line; published_free in every case. */
int published_parse(struct published_list *list, const char *csv, struct error *err);
void published_free(struct published_list *list);

#endif
