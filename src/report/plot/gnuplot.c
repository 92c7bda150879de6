/* SPDX-License-Identifier: Apache-2.0 */
/* Plots as data and script, for gnuplot to draw and for people to change. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/internal.h"
#include "report/plot/script.h"
#include "util/display.h"
#include "util/utf8.h"

#define WIDTH 600       /* of the SVG, pixels; the text of the page is as large as the plot's there */
#define FONT 16
#define PDF_WIDTH 8.8   /* cm: a column of a paper */
#define PDF_FONT 8
#define LABEL_COLUMNS 44 /* what of a label fits the width of the PDF */
#define KEY_ROOM 52      /* characters that a row of the key has room for in the SVG, ... */
#define KEY_PDF_ROOM 42  /* ... and in the PDF, where letters are larger */
#define KEY_SAMPLE 8     /* ... and what an entry takes besides its label */
#define AXIS_COLUMNS 44

const char *series_colour(size_t i)
{
	static const char *const colours[COLOURS] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7",
						      "#e69f00", "#56b4e9", "#7f3c8d", "#5c5c5c" };

	return colours[i % COLOURS];
}

/* Points of gnuplot's that differ in shape, dashes, and how bars are filled; for each series. */
static const int shapes[COLOURS] = { 7, 5, 9, 13, 11, 6, 4, 8 };
static const char *const dashes[COLOURS] = { "1", "(10,4)", "(3,3)", "(10,3,2,3)", "(18,4)", "(2,5)",
					     "(10,3,2,3,2,3)", "(18,4,3,4)" };
static const char *const fillings[COLOURS] = { "solid 1", "pattern 1", "pattern 4", "empty",
					       "pattern 5", "pattern 2", "pattern 6", "pattern 7" };

static void comment_write(FILE *out, const char *text, bool quoted)
{
	char *clean = strdup(text);

	if (!clean)
		return;
	text_clean(clean, true);
	for (char *c = clean; *c; c++) {
		if (quoted && *c == '\'')
			fputc(*c, out);
		fputc(strchr("`@\\$", *c) ? '?' : *c, out);
	}
	free(clean);
}

/* No character of it may end the line, go on with the next one, or be replaced. */
static void script_comment(FILE *out, const char *text)
{
	comment_write(out, text, false);
}

static void number_write(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, " %.6g", value);
	else
		fprintf(out, " NaN");
}

static const char *kind_name(enum series_kind kind)
{
	switch (kind) {
	case SERIES_PUBLISHED: return " (published)";
	case SERIES_GUIDE:     return " (to compare with)";
	default:               return "";
	}
}

static void data_write(FILE *out, const struct plot *plot)
{
	fprintf(out, "# ");
	script_comment(out, plot->title);
	fprintf(out, "\n#\n# Column 1: ");
	script_comment(out, plot->x.label);
	fprintf(out, "%s\n# Column 2: ", plot->form == PLOT_BARS ? ", by its number"
		: plot->x.complement ? ", as a share of 1" : "");
	script_comment(out, plot->y.label);
	fprintf(out, "\n# Columns 3, 4: lower and upper end of its error bar, NaN where it has none\n");
	if (plot->form == PLOT_BARS)
		fprintf(out, "# Column 5: how far it stands beside the middle of its category\n");
	fprintf(out, "# Two empty lines end a series: gnuplot calls the first one 'index 0'.\n");
	for (size_t i = 0; i < plot->categories; i++) {
		fprintf(out, "# %s = %zu: ", i ? "           " : "Column 1", i);
		script_comment(out, plot->category[i]);
		fprintf(out, "\n");
	}
	for (size_t s = 0; s < plot->count; s++) {
		const struct plot_series *series = &plot->series[s];

		fprintf(out, "%s# index %zu: ", s ? "\n\n" : "\n", s);
		script_comment(out, series->label);
		fprintf(out, "%s\n", kind_name(series->kind));
		for (size_t i = 0; i < series->count; i++) {
			fprintf(out, "%.9g", series->points[i].x);
			number_write(out, series->points[i].y);
			number_write(out, series->points[i].low);
			number_write(out, series->points[i].high);
			if (plot->form == PLOT_BARS)
				number_write(out, bar_aside(plot, s, series->points[i].x));
			fprintf(out, "\n");
		}
		/* gnuplot numbers blocks that have lines: one without would shift those behind it. */
		if (!series->count)
			fprintf(out, "NaN NaN NaN NaN%s\n", plot->form == PLOT_BARS ? " NaN" : "");
	}
}

/*
 * Columns of the key: as many entries side by side as gnuplot will set, which has no room for more than the
 * plot is wide. `room` and what an entry takes are in characters, as gnuplot takes their width.
 */
static size_t key_columns(const struct plot *plot, size_t room)
{
	size_t longest = 0, columns;

	for (size_t i = 0; i < plot->count; i++) {
		size_t length = text_columns(plot->series[i].label);

		longest = length > longest ? length : longest;
	}
	longest = longest < LABEL_COLUMNS ? longest : LABEL_COLUMNS;
	columns = room / (longest + KEY_SAMPLE);
	return columns ? columns : 1;
}

static size_t key_rows(const struct plot *plot, size_t columns)
{
	return (plot->count + columns - 1) / columns;
}

static void head_write(FILE *out, const struct plot *plot)
{
	size_t columns = key_columns(plot, KEY_ROOM), pdf_columns = key_columns(plot, KEY_PDF_ROOM);
	double slant = plot_slant(plot);

	fprintf(out, "# ");
	script_comment(out, plot->title);
	fprintf(out,
		"\n# SVG: gnuplot %s.gp\n# PDF: gnuplot -e 'pdf=1' %s.gp\n# The figures are in %s.dat.\n",
		plot->name, plot->name, plot->name);
	fprintf(out,
		"reset\nset encoding utf8\nif (!exists('pdf')) pdf = 0\nif (pdf) {\n"
		"\tset terminal pdfcairo noenhanced size %.1fcm,%.1fcm font 'sans-serif,%d' fontscale 0.75 "
		"linewidth 0.6 pointscale 0.6\n\tset output '%s.pdf'\n} else {\n"
		"\tset terminal svg noenhanced size %d,%d dynamic font 'sans-serif,%d'\n\tset output "
		"'%s.svg'\n}\n\n",
		PDF_WIDTH, 5.4 + 0.39 * (double)key_rows(plot, pdf_columns) + slant * 0.36, PDF_FONT,
		plot->name, WIDTH, (int)(345 + 24 * (double)key_rows(plot, columns) + slant * 22), FONT,
		plot->name);
	fprintf(out, "# set title '");
	comment_write(out, plot->title, true);
	fprintf(out,
		"'\nset border 3\nset tics nomirror out\nset grid ytics back lt 1 lc rgb '" COLOUR_GRID "'\n"
		"set key below center horizontal maxcols (pdf ? %zu : %zu) reverse Left "
		"samplen 3 height 0.6\n",
		pdf_columns, columns);
}

static void axes_write(FILE *out, const struct plot *plot)
{
	fprintf(out, "set xlabel ");
	script_text(out, plot->x.label, AXIS_COLUMNS);
	/* gnuplot leaves more room below slanted names than they take */
	fprintf(out, " offset 0,%s\nset ylabel ", plot_slant(plot) > 0 ? "1.4" : "0.6");
	script_text(out, plot->y.label, AXIS_COLUMNS);
	fprintf(out, "\n");
	script_axes(out, plot);
	if (plot_has_dodge(plot))
		script_dodge(out, plot);
}

static bool series_has_bars(const struct plot_series *series)
{
	for (size_t i = 0; i < series->count; i++)
		if (series->points[i].low < series->points[i].high)
			return true;
	return false;
}

/* Number of a series among the measured ones; a published one goes with the one before it. */
static size_t series_place(const struct plot *plot, size_t s)
{
	size_t place = 0;

	for (size_t i = 0; i <= s; i++)
		place += plot->series[i].kind == SERIES_MEASURED;
	return place ? place - 1 : 0;
}

static size_t plot_measured(const struct plot *plot)
{
	size_t measured = 0;

	for (size_t i = 0; i < plot->count; i++)
		measured += plot->series[i].kind == SERIES_MEASURED;
	return measured;
}

/* The x of a series, in the words of a script. */
static void x_write(FILE *out, const struct plot *plot, size_t s)
{
	size_t all = plot_measured(plot);
	double aside = (double)series_place(plot, s) - ((double)all - 1) / 2;

	if (plot->form == PLOT_BARS)
		fprintf(out, "($1+$5)");
	else if (plot->x.complement)
		fprintf(out, "(1/(1-$1))");
	else if (plot_has_dodge(plot) && plot->series[s].kind == SERIES_MEASURED)
		fprintf(out, "(dodge($1,%g))", aside);
	else
		fprintf(out, "1");
}

static void title_write(FILE *out, const struct plot *plot, size_t s)
{
	const char *label = plot->series[s].label;

	if (!*label && plot->count == 1) {
		fprintf(out, " notitle");
		return;
	}
	fprintf(out, " title ");
	script_text(out, *label ? label : "measured", LABEL_COLUMNS);
}

static void series_write(FILE *out, const struct plot *plot, size_t s)
{
	const struct plot_series *series = &plot->series[s];
	size_t place = series_place(plot, s) % COLOURS;

	fprintf(out, " index %zu using ", s);
	x_write(out, plot, s);
	fprintf(out, ":2");
	if (series->kind == SERIES_GUIDE)
		fprintf(out, " with lines lc rgb '" COLOUR_GUIDE "' lw 1.5 dt (4,4)");
	else if (series->kind == SERIES_PUBLISHED && plot->form == PLOT_BARS)
		fprintf(out, " with points lc rgb 'black' pt 12 ps 1.6 lw 2");
	else if (series->kind == SERIES_PUBLISHED)
		fprintf(out, " with linespoints lc rgb '%s' pt %d ps 0.9 lw 1.2 dt (2,3)",
			series_colour(place), place < 5 ? shapes[place] - 1 : shapes[place]);
	else if (plot_has_boxes(plot))
		fprintf(out, ":(%.4g) with boxes lc rgb '%s' lw 1.5 fs %s border rgb '%s'",
			0.72 / (double)plot_bars(plot), series_colour(place), fillings[place],
			series_colour(place));
	else if (plot->form == PLOT_BARS || (plot->form == PLOT_SCATTER && !plot->joined))
		fprintf(out, " with points ls %zu", place + 1);
	else if (plot->form == PLOT_STEPS)
		fprintf(out, " with linespoints ls %zu pi %zu ps 0.8", place + 1, series->count / 6 + 1);
	else
		fprintf(out, " with linespoints ls %zu", place + 1);
	title_write(out, plot, s);
}

/*
 * Drawn as lines with a stop at either end, beneath the points. (What gnuplot calls yerrorbars has a white
 * hole for the point, which shows wherever something else lies behind it.)
 */
static void error_bars_write(FILE *out, const struct plot *plot, size_t s)
{
	size_t place = series_place(plot, s) % COLOURS;

	fprintf(out, " index %zu using ", s);
	x_write(out, plot, s);
	fprintf(out,
		":($3 < $4 ? $3 : NaN):(0):($4-$3) with vectors heads size screen 0.008,90 fixed lw 1.5 dt 1 "
		"lc rgb '%s' notitle",
		plot_has_boxes(plot) ? "black" : series_colour(place));
}

static bool series_draws_bars(const struct plot *plot, size_t s)
{
	return plot->series[s].kind != SERIES_GUIDE && series_has_bars(&plot->series[s]);
}

static void styles_write(FILE *out, const struct plot *plot)
{
	size_t styles = plot_measured(plot) < COLOURS ? plot_measured(plot) : COLOURS;

	if (plot_has_boxes(plot))
		return;
	for (size_t i = 0; i < styles; i++)
		fprintf(out, "set style line %zu lc rgb '%s' lw 2 dt %s pt %d ps 1.1\n", i + 1,
			series_colour(i), dashes[i], shapes[i]);
}

/* What lies in front is drawn last: points before their error bars, these before bars. */
static void script_write(FILE *out, const struct plot *plot)
{
	size_t written = 0;

	head_write(out, plot);
	axes_write(out, plot);
	styles_write(out, plot);
	fprintf(out, "set datafile missing 'NaN'\n\n# Error bars reach from column 3 to column 4.\nplot ");
	for (size_t pass = 0; pass < 2; pass++)
		for (size_t s = 0; s < plot->count; s++) {
			bool bars = pass == plot_has_boxes(plot);

			if (bars && !series_draws_bars(plot, s))
				continue;
			if (written++)
				fprintf(out, ", \\\n\t''");
			else
				fprintf(out, "'%s.dat'", plot->name);
			if (bars)
				error_bars_write(out, plot, s);
			else
				series_write(out, plot, s);
		}
	fprintf(out, "\nunset output\n");
}

static int file_write(int dir, const char *folder, const struct plot *plot, const char *suffix,
		      void write(FILE *out, const struct plot *plot), struct error *err)
{
	char name[80];
	FILE *out;
	int fd, rc;

	snprintf(name, sizeof(name), "%s.%s", plot->name, suffix);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		rc = error_errno(err, errno, NULL, "cannot write %s/%s", folder, name);
		if (fd >= 0)
			close(fd);
		return rc;
	}
	write(out, plot);
	rc = report_finish(out, err);
	if (fclose(out) != 0 && !rc)
		rc = error_errno(err, errno, NULL, "cannot write %s/%s", folder, name);
	return rc;
}

int plots_write(const struct plots *plots, const char *folder, struct error *err)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (dir < 0)
		return error_errno(err, errno, NULL, "cannot open the folder %s", folder);
	for (size_t i = 0; i < plots->count && !rc; i++) {
		rc = file_write(dir, folder, &plots->plot[i], "dat", data_write, err);
		if (!rc)
			rc = file_write(dir, folder, &plots->plot[i], "gp", script_write, err);
	}
	close(dir);
	return rc;
}
