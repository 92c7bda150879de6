/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by choose*.c and build.c alone: from rows of a digest to plots. */
#ifndef LB_REPORT_PLOT_CHOOSE_H
#define LB_REPORT_PLOT_CHOOSE_H

#include "report/format.h"
#include "report/plot/plot.h"
#include "report/words.h"

#define SERIES_MAX 8 /* a plot; as many as one can tell apart */

/* Tests that may share a plot, in the order of the digest; borrowed. */
struct rows {
	const struct digest_row **row;
	size_t count;
};

/* What is drawn of a test. */
struct measure {
	enum figure figure;
	enum figure whisker; /* what its error bar reaches up to; FIGURE_COUNT: its interval */
	const char *slug;    /* in names of files */
	const char *title;   /* "Forwarded rate" */
	struct unit (*unit)(double largest);
	bool log;              /* values lie orders of magnitude apart: queues */
	const char *better;    /* "higher is better" */
};

extern const struct measure measure_forwarded, measure_bits, measure_loss, measure_round_trip, measure_mean,
	measure_one_way, measure_p50, measure_p90, measure_p99, measure_cost, measure_hop_cost, measure_busy,
	measure_processes, measure_switch;

struct chooser {
	const struct digest *digest;
	const struct record_view *view;
	struct plots *plots;
	const char *run;          /* its name, as published.h takes it */
	size_t left[TOPIC_COUNT]; /* plots that were not made, for there would be too many */
	struct rows fixed;        /* throughput, any load but points of sweeps */
	struct rows loads;        /* throughput, at a load that is a number, points of sweeps among them */
	struct rows latency;
};

/* build.c: plots, part by part. NULL, -ENOMEM: no memory. */
struct plot *plots_add(struct plots *plots, enum plot_topic topic, enum plot_form form);
void plot_clear(struct plot *plot);
struct plot_series *plot_add_series(struct plot *plot, enum series_kind kind);
int series_add(struct plot_series *series, double x, double y, double low, double high);
/*
 * Of the texts that are printed into it, the lower case letters and digits, the rest as '-'; unique among the
 * plots.
 */
void plots_name(struct plots *plots, struct plot *plot, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* group.c: which rows make a series, which a plot. */
struct grouping {
	bool panel[PARAMETER_COUNT];  /* differ from plot to plot */
	bool series[PARAMETER_COUNT]; /* ... from series to series */
};
bool parameter_is_numeric(const struct rows *rows, enum parameter_id id);
size_t rows_values(const struct rows *rows, enum parameter_id id); /* how many different ones */
/*
 * Parts with equal values of the parameters in `by`, in order of first occurrence. parts_free also after
 * -ENOMEM.
 */
struct parts {
	struct rows *part;
	size_t count;
};
int rows_divide(const struct rows *rows, const bool by[PARAMETER_COUNT], struct parts *parts);
void parts_free(struct parts *parts);
int rows_add(struct rows *rows, const struct digest_row *row);
void rows_free(struct rows *rows);
/*
 * Numbers that vary make plots, names make series, `without` (the x axis) neither; where that makes more than
 * SERIES_MAX series in a plot, io makes plots, too, then what else there is besides the switch.
 */
int rows_group(const struct rows *rows, const bool without[PARAMETER_COUNT], struct grouping *grouping);
/*
 * Those `most` panels that tell the most of all: first, last, and evenly between. Returns how many are left
 * out.
 */
size_t parts_thin(struct parts *panels, size_t most);

/* measure.c */
double row_value(const struct digest_row *row, const struct measure *measure);
double rows_largest(const struct rows *rows, const struct measure *measure);
int series_add_row(struct plot_series *series, double x, const struct digest_row *row,
		   const struct measure *measure, const struct unit *unit);
/* What papers have for a row, at `x`: a series each source, among those of the plot from `first` on. */
int plot_add_published(struct plot *plot, size_t first, const char *run, const char *label, double x,
		       const struct digest_row *row, const struct measure *measure, const struct unit *unit);
/* "forwarded rate (Mpps)": for an axis. */
void measure_label(const struct measure *measure, const struct unit *unit, char *text, size_t size);
/* Have papers this figure of any of them? */
bool rows_published(const struct rows *rows, const char *run, const struct measure *measure);
/* What the error bars of a plot are, as a sentence; "" where there are none. */
void measure_error_bars(const struct plot *plot, const struct rows *rows, const struct measure *measure,
			char *text, size_t size);

/* caption.c: texts of a plot whose series are there. `panel`: what its rows share and other plots do not. */
void plot_title(struct plot *plot, const char *title, const struct rows *rows,
		const bool panel[PARAMETER_COUNT]);
void plot_caption(struct plot *plot, const struct rows *rows, const struct measure *measure, const char *how);
/* "medians over the trials", as far as there are several. */
const char *rows_medians(const struct rows *rows);
/* Three digits, as people write them. */
void figure_text(char text[FORMAT_MAX], double value);
void plot_summarise(struct plot *plot, const char *x_unit, const char *y_unit);

/* Few loads, and something that competes under them: these tests are compared by bars. */
bool rows_are_bars(const struct rows *rows);

/* The topics, a file each. 0 or -ENOMEM. */
int choose_lines(struct chooser *chooser);
int choose_bars(struct chooser *chooser);
int choose_cost(struct chooser *chooser);
/* What needs the trials whole: distributions and time series. They read the record again, once. */
struct spectra;
int spectra_choose(struct spectra **spectra, struct chooser *chooser);
size_t spectra_plots(const struct spectra *spectra); /* at most so many */
int spectra_draw(struct spectra *spectra, struct chooser *chooser, struct error *err);
void spectra_free(struct spectra *spectra);

#endif
