/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plots that follow from what varied in the suite: chosen from the digest, written as data and gnuplot
 * script, drawn by gnuplot. choose*.c know tests and figures and no gnuplot; gnuplot.c, draw.c and svg.c the
 * other way round.
 *
 * No text of a record reaches gnuplot but in single quotes, without its escapes (noenhanced); no file name
 * either.
 *
 * Colours: a script has those of Okabe and Ito, which the colour-blind tell apart, and never colour alone:
 * points and dashes differ, too, and bars stand in the order of the key. In the page (plot_inline_svg) each
 * is a variable of CSS with the script's own as its default: var(--s1) to var(--s8) the series, var(--guide)
 * what to compare with, var(--grid) the lines behind; text and axes are currentColor, the background is
 * transparent.
 */
#ifndef LB_REPORT_PLOT_PLOT_H
#define LB_REPORT_PLOT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "report/digest.h"
#include "results/record.h"
#include "util/error.h"

#define PLOTS_MAX 48 /* drawn of one record; the rest is told of (plots->left_out) */

enum plot_form {
	PLOT_LINES,      /* points joined by lines, with error bars where low < high */
	PLOT_BARS,       /* x is a category, bars of all series side by side; on a log axis points, for no
			  * bar could begin at zero */
	PLOT_SCATTER,    /* points, each series a shape; `joined`: by a line, in their order */
	PLOT_STEPS,      /* distributions: lines with a point here and there, to tell them apart */
};

enum series_kind {
	SERIES_MEASURED,
	SERIES_PUBLISHED, /* of a paper, drawn apart, in the colour of the series before it */
	SERIES_GUIDE,     /* a line to compare with, such as "nothing lost" */
};

struct plot_point {
	double x, y;       /* x: number of the category in PLOT_BARS, from 0 */
	double low, high;  /* confidence interval of y, or range; NAN: none */
};

struct plot_series {
	char label[160];
	enum series_kind kind;
	struct plot_point *points;
	size_t count;
};

struct plot_axis {
	char label[160];  /* with the unit */
	bool log;
	bool complement;  /* values are percentiles 0..1, drawn as 1 - p on a log axis (HdrHistogram's way) */
	bool from_zero;
	bool ticks;       /* where points are, if there is room: values that were chosen, not measured */
};

/* What a plot is about: the page groups them by it. */
enum plot_topic {
	TOPIC_RATE,         /* forwarded against intended */
	TOPIC_SIZE, TOPIC_SCALE, TOPIC_BURST,
	TOPIC_COMPARE,      /* bars of tests that differ in nothing numeric */
	TOPIC_ROUND_TRIP, TOPIC_DISTRIBUTION, TOPIC_COST, TOPIC_INTERFERENCE, TOPIC_TIME,
	TOPIC_COUNT
};

struct plot {
	char name[64];      /* of its files: lower case letters, digits, '-'; unique in its record */
	char title[256];
	char caption[768]; /* how to read it, what all share, what error bars are, what was left out */
	char summary[512]; /* for who does not see it: its figures as sentences */
	enum plot_topic topic;
	enum plot_form form;
	bool joined;
	struct plot_axis x, y;
	char (*category)[96]; /* PLOT_BARS: names on the x axis */
	size_t categories;
	struct plot_series *series;
	size_t count;
};

struct plots {
	struct plot *plot;
	size_t count;
	char left_out[512]; /* what was not drawn, and why; "" = nothing */
	int64_t made; /* when the run began, seconds since 1970: the date that PDFs bear; 0 = not known */
};

/* "Forwarded against intended rate" */
const char *topic_title(enum plot_topic topic);

/*
 * Choose; reads histograms and samples of the trials that it needs with record_scan_some. plots_free also
 * after a failure.
 */
int plots_choose(struct plots *plots, const struct digest *digest, const struct record_view *view,
		 struct error *err);
void plots_free(struct plots *plots);

/* NAME.dat and NAME.gp for each plot, into an existing folder: `gnuplot NAME.gp` there makes NAME.svg, and
 * `gnuplot -e "pdf=1" NAME.gp` NAME.pdf. The same plots give the same bytes. */
int plots_write(const struct plots *plots, const char *folder, struct error *err);

/* The path of gnuplot; NULL: it is not installed. */
const char *plots_program(void);

/*
 * Run gnuplot over the scripts in `folder`: NAME.svg, and with `pdf` NAME.pdf (two processes side by side).
 * -ENOENT: gnuplot is not installed (remedy names the package); -EIO: it failed, with what it said.
 */
int plots_draw(const struct plots *plots, const char *folder, bool pdf, struct error *err);

/*
 * NAME.svg made fit to stand in a page: no prolog, ids of its own, role="img" and aria-label from `summary`,
 * colours as above, class "plot", no width: as the page has it. -EPROTO: it holds what gnuplot does not
 * write.
 */
int plot_inline_svg(FILE *out, const struct plot *plot, const char *folder, struct error *err);

#endif
