/* SPDX-License-Identifier: Apache-2.0 */
#include "report/export/markdown_page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/export/markdown_text.h"
#include "util/text.h"

#define RESERVE 512    /* for what ends the page, whatever is in it */
#define TEXT_MAX 1200  /* bytes of a paragraph, before it is made safe, */
#define CELL_MAX 300   /* ... and of a cell */

void page_open(struct markdown_page *page, FILE *out)
{
	*page = (struct markdown_page){ .out = out };
}

/* ---- pieces -------------------------------------------------------------------------------------------- */

/* The stream that the piece goes to; NULL: no memory. */
static FILE *piece_begin(struct markdown_page *page)
{
	page->piece = open_memstream(&page->text, &page->size);
	page->failed |= !page->piece;
	return page->piece;
}

/* Write the piece if there is room for it. */
static bool piece_end(struct markdown_page *page, int kind)
{
	if (!page->piece)
		return false;
	page->failed |= fclose(page->piece) != 0;
	page->piece = NULL;
	page->full |= page->used + page->size + RESERVE > PAGE_MAX;
	if (!page->full && !page->failed) {
		fwrite(page->text, 1, page->size, page->out);
		page->used += page->size;
		page->last = kind;
	}
	page->rows += page->full && kind == PIECE_ROW;
	page->paragraphs += page->full && kind != PIECE_ROW;
	free(page->text);
	return !page->full;
}

/* A blank line ends whatever was before; items follow each other without. */
static void piece_separate(const struct markdown_page *page, int kind)
{
	if (page->last != PIECE_NONE && (page->last != PIECE_ITEM || kind != PIECE_ITEM))
		fputc('\n', page->piece);
}

/* A text of a record, cut between two characters. */
static void text_print(FILE *out, const char *text, size_t most)
{
	char cut[TEXT_MAX + 4];
	size_t length = most;

	if (strlen(text) <= most) {
		markdown_text(out, text);
		return;
	}
	while (length && ((unsigned char)text[length] & 0xc0) == 0x80) /* the rest of a character */
		length--;
	snprintf(cut, sizeof(cut), "%.*s...", (int)length, text);
	markdown_text(out, cut);
}

static void paragraph(struct markdown_page *page, int kind, const char *prefix, const char *words,
		      const char *format, va_list args) __attribute__((format(printf, 5, 0)));

static void paragraph(struct markdown_page *page, int kind, const char *prefix, const char *words,
		      const char *format, va_list args)
{
	FILE *out = piece_begin(page);
	char *text;

	if (!out)
		return;
	if (vasprintf(&text, format, args) < 0) {
		page->failed = true;
		text = NULL;
	}
	piece_separate(page, kind);
	fprintf(out, "%s%s%s", prefix, words, *words && text && *text ? " " : "");
	if (text)
		text_print(out, text, TEXT_MAX);
	fputc('\n', out);
	piece_end(page, kind);
	free(text);
}

void page_title(struct markdown_page *page, const char *words, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	paragraph(page, PIECE_PARAGRAPH, "## ", words, format, args);
	va_end(args);
}

void page_paragraph(struct markdown_page *page, const char *words, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	paragraph(page, PIECE_PARAGRAPH, "", words, format, args);
	va_end(args);
}

void page_item(struct markdown_page *page, const char *words, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	paragraph(page, PIECE_ITEM, "- ", words, format, args);
	va_end(args);
}

/* ---- tables -------------------------------------------------------------------------------------------- */

void page_head(struct markdown_page *page, const struct page_column *columns, size_t count)
{
	FILE *out = piece_begin(page);

	if (!out)
		return;
	piece_separate(page, PIECE_PARAGRAPH);
	for (size_t c = 0; c < count; c++) {
		fputs("| ", out);
		text_print(out, columns[c].title, CELL_MAX);
		fprintf(out, "%s%s ", *columns[c].unit ? ", " : "", columns[c].unit);
	}
	fputs("|\n", out);
	for (size_t c = 0; c < count; c++)
		fputs(columns[c].right ? "| ---: " : "| --- ", out);
	fputs("|\n", out);
	if (piece_end(page, PIECE_PARAGRAPH))
		page->last = PIECE_ROW;
}

/* A figure as it is: "-", "1.040", "<0.01". (Seven digits might be a commit: markdown_text knows.) */
static bool figure_print(FILE *out, const char *text)
{
	bool less = *text == '<';

	if (strcmp(text, "-") != 0 && (!text[less] || text[less + strspn(text + less, "0123456789.")] ||
					 strlen(text) > 6))
		return false;
	fprintf(out, "%s%s", less ? "&lt;" : "", text + less);
	return true;
}

void page_cell(struct markdown_page *page, enum page_mark mark, const char *text)
{
	const char *bold = mark && *text ? "**" : "";

	if (!page->piece && !piece_begin(page))
		return;
	fprintf(page->piece, "| %s", bold);
	if (!figure_print(page->piece, text))
		text_print(page->piece, text, CELL_MAX);
	fprintf(page->piece, "%s%s ", bold, mark == MARK_DOUBTFUL ? " (?)" : "");
}

void page_row_end(struct markdown_page *page)
{
	if (page->piece)
		fputs("|\n", page->piece);
	piece_end(page, PIECE_ROW);
}

/* ---- details ------------------------------------------------------------------------------------------- */

void page_details_begin(struct markdown_page *page, const char *words)
{
	if (!piece_begin(page))
		return;
	piece_separate(page, PIECE_PARAGRAPH);
	fprintf(page->piece, "<details><summary>%s</summary>\n", words);
	page->details = piece_end(page, PIECE_PARAGRAPH);
}

/* Never left out: there is room in reserve. */
void page_details_end(struct markdown_page *page)
{
	if (page->details)
		fputs("\n</details>\n", page->out);
	page->details = false;
}

int page_close(struct markdown_page *page)
{
	page_details_end(page);
	if (page->rows + page->paragraphs)
		fprintf(page->out, "\nLeft out, since an issue may have %d characters: %zu row%s of tables "
			"and %zu paragraph%s. The other formats have everything.\n", PAGE_MAX, page->rows,
			plural(page->rows), page->paragraphs, plural(page->paragraphs));
	return page->failed ? -ENOMEM : 0;
}
