/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by spectra*.c alone: what is read of whole trials. */
#ifndef LB_REPORT_PLOT_SPECTRA_H
#define LB_REPORT_PLOT_SPECTRA_H

#include "measure/histogram.h"
#include "report/plot/choose.h"

/* The latency of a test, all its trials together. */
struct spectrum {
	char label[160];
	struct histogram *histogram;
};

/* Tests under one load. */
struct spectrum_panel {
	struct rows rows;
	struct grouping grouping;
	bool latency;            /* round trips; else one way */
	size_t others;           /* tests that there is no room for */
	struct spectrum spectrum[SERIES_MAX];
	size_t count;
};

/* What arrived in each full second of a trial. */
struct trace {
	char label[160];
	const json_t *trial;
	double *packets;
	size_t count;
};

#define TRACES_MAX 4 /* a plot: they cross each other */

struct trace_panel {
	const char *title, *slug, *how;
	struct trace trace[TRACES_MAX];
	size_t count;
	struct rows rows;
};

/* One trial, and what wants it: either of the two. */
struct wish {
	const json_t *trial;
	struct spectrum *spectrum;
	struct trace *trace;
};

#define SPECTRUM_PANELS_MAX 6
#define TRACE_PANELS_MAX 3

struct spectra {
	struct spectrum_panel *spectrum; /* SPECTRUM_PANELS_MAX */
	size_t spectra;
	struct trace_panel *trace;       /* TRACE_PANELS_MAX */
	size_t traces;
	struct wish *wishes;
	size_t wish_count;
	struct histogram *scratch;
};

/* spectra_curves.c: plots of what has been read. 0 or -ENOMEM. */
int spectrum_panel_draw(struct chooser *chooser, const struct spectrum_panel *panel);
int trace_panel_draw(struct chooser *chooser, const struct trace_panel *panel);

#endif
