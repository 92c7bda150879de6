/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files that write a plot for gnuplot, and draw.c and svg.c, alone. */
#ifndef LB_REPORT_PLOT_SCRIPT_H
#define LB_REPORT_PLOT_SCRIPT_H

#include <stdio.h>

#include "report/plot/plot.h"

#define COLOURS 8
#define COLOUR_GUIDE "#808080"
#define COLOUR_GRID "#d8d8d8"

/*
 * "#rrggbb" of series i. Okabe and Ito's but for their yellow, too pale for lines on white, and black, the
 * text's.
 */
const char *series_colour(size_t i);

/* script.c. Text of a record, made safe and in single quotes, at most `columns` characters. */
void script_text(FILE *out, const char *text, size_t columns);
/* The same as the label of a tick, which gnuplot takes for a format. */
void script_tick(FILE *out, const char *text, size_t columns);

/*
 * bars.c. On a log axis no bar could begin at zero: there they are points, which do not pretend to.
 */
bool plot_has_boxes(const struct plot *plot);
/* Bars of the fullest category: all are as broad as there is room for there. */
size_t plot_bars(const struct plot *plot);
/* How far a bar of series s stands from the middle of its category; a published value, on the bar before it. */
double bar_aside(const struct plot *plot, size_t s, double category);

/* ticks.c: range and ticks of both axes. */
/* Rows of text that the names of the categories take because they stand aslant; 0 = they do not. */
double plot_slant(const struct plot *plot);
void script_axes(FILE *out, const struct plot *plot);
/*
 * How far series i is moved to the side, so that error bars do not hide one another: in the words of a
 * script.
 */
bool plot_has_dodge(const struct plot *plot);
void script_dodge(FILE *out, const struct plot *plot);

#endif
