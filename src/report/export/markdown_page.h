/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Markdown in pieces (a paragraph, an item, a row of a table), as many as there is room for: GitHub takes no
 * issue of more than 65,536 characters. Texts of a record go through markdown_text, and are cut where they
 * are endless.
 */
#ifndef LB_REPORT_EXPORT_MARKDOWN_PAGE_H
#define LB_REPORT_EXPORT_MARKDOWN_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PAGE_MAX 65536 /* characters; we count bytes */

struct markdown_page {
	FILE *out, *piece;   /* piece: in memory, NULL between two of them */
	char *text;          /* of the piece */
	size_t size, used;   /* bytes: of the piece, of all that was written */
	bool full;           /* a piece was left out: whatever comes is left out, too */
	bool failed;         /* out of memory */
	bool details;        /* begun, and to be ended */
	enum { PIECE_NONE, PIECE_PARAGRAPH, PIECE_ITEM, PIECE_ROW } last; /* that was written */
	size_t rows, paragraphs; /* left out */
};

void page_open(struct markdown_page *page, FILE *out);
/* Says what was left out. 0 or -ENOMEM. */
int page_close(struct markdown_page *page);

/* `words` are our own, in Markdown, and stand as they are; the formatted text is made safe. Either may be
 * "". */
void page_title(struct markdown_page *page, const char *words, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void page_paragraph(struct markdown_page *page, const char *words, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void page_item(struct markdown_page *page, const char *words, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A table: its head (texts are made safe, too), then its rows, cell by cell. */
struct page_column {
	char title[128];
	const char *unit; /* "" = none */
	bool right;       /* numbers */
};

void page_head(struct markdown_page *page, const struct page_column *columns, size_t count);
enum page_mark { MARK_NONE, MARK_BEST, MARK_DOUBTFUL }; /* bold; bold (?) */
void page_cell(struct markdown_page *page, enum page_mark mark, const char *text);
void page_row_end(struct markdown_page *page);

/* What is shown when one asks for it. */
void page_details_begin(struct markdown_page *page, const char *words);
void page_details_end(struct markdown_page *page);

#endif
