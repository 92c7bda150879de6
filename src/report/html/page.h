/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files that make the page. The markup is XML as well: whoever wants the figures can parse it. No style
 * attributes: the page's policy (Content-Security-Policy) lets nothing act but its own style sheet and script.
 *
 * Every text that comes from a record goes through markup.h.
 */
#ifndef LB_REPORT_HTML_PAGE_H
#define LB_REPORT_HTML_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report/contest.h"
#include "report/digest.h"
#include "report/format.h"
#include "report/heading.h"
#include "report/plot/plot.h"
#include "report/remarks.h"
#include "report/report.h"
#include "report/results.h"
#include "util/text.h"

#define MERITS 3 /* throughput, latency, cost */

struct page {
	FILE *out;
	const struct record_view *view;
	const struct html_options *options;
	struct digest digest;
	struct heading heading;
	struct results part[2];            /* throughput, latency; either may be empty */
	struct contests cost;              /* of the throughput part's rows */
	struct causes causes;
	char (*letters)[REMARKS_MAX + 1];  /* remarks of digest.rows[i], where it has figures */
};

/* The rows among which a merit is contested, and their contests. */
const struct results *merit_part(const struct page *page, enum merit merit);
const struct contests *merit_contests(const struct page *page, enum merit merit);

/* ---- element.c ------------------------------------------------------------------------------------------ */

/* <section id=ID> with its heading; section_close ends it. */
void section_open(const struct page *page, const char *id, const char *heading);
void section_close(const struct page *page);
/* A paragraph; `class` NULL: none. The text is of the format, and made safe. */
void paragraph(const struct page *page, const char *class, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A container in which something wide scrolls by itself, also by keyboard; named for who cannot see it. */
void scroller_open(const struct page *page, const char *name);
void scroller_close(const struct page *page);
/* A bar as long as share (of 1) says; nothing where that is not known. */
void bar(const struct page *page, double share);
/* `value` in full precision, in an attribute to sort by; nothing where it is not known. */
void value_attribute(const struct page *page, double value);
/* The remarks of a row, by name. */
void remark_chips(const struct page *page, const struct digest_row *row);
/* The winner's mark: a filled star; a hollow one where its lead is not certain. */
void winner_mark(const struct page *page, bool certain);
/* What the interval of a figure is: "95 % CI", "range", "MRR range" (of one MRR's trials), "" of a single trial. */
const char *spread_kind(const struct spread *spread);
/* "28.4 us" as "28.4 µs", in place. */
void micro_sign(char text[FORMAT_MAX]);
/* "1.42 Mpps", "28.4 µs"; and its interval, "1.38 to 1.50 Mpps", "" where there is none. */
void merit_text(enum merit merit, double value, char text[FORMAT_MAX]);
void interval_text(enum merit merit, const struct spread *spread, char text[2 * FORMAT_MAX]);

/* ---- the sections, in their order ----------------------------------------------------------------------- */

void page_answer(const struct page *page);      /* answer.c: who is in front */
bool carried_write(const struct page *page, const struct results *part); /* carried.c: ...; false: nothing to tell */
void page_choices(const struct page *page);     /* choices.c: what serves whom best */
void page_notices(const struct page *page);     /* notices.c: what to know before relying on it */
void page_overview(const struct page *page);    /* overview.c: tables of few columns, winners marked */
int page_plots(const struct page *page, struct error *err); /* figures.c */
int page_tables(const struct page *page);       /* tables.c: all tests with all figures; 0 or -ENOMEM */
int page_hops(const struct page *page, const struct results *part); /* hops.c: ... and chains hop by hop */
void page_published(const struct page *page);   /* papers.c: published figures beside measured ones */
void page_without(const struct page *page);     /* without.c: tests without figures, and why */
void page_environment(const struct page *page); /* environment.c */
void page_legend(const struct page *page);      /* legend.c: how to read it */
void page_record(const struct page *page);      /* legend.c: where the record is */

/* Does the section have something to say? The table of contents asks, too. */
bool page_has_overview(const struct page *page);
/* How many of the notices are warnings. */
size_t notices_count(const struct page *page);
bool page_has_published(const struct page *page);

#endif
