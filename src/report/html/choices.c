/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What serves whom best: who is bound to one value of a parameter (the I/O technique of an application, the switch of a
 * platform, a packet size) finds in its row which of the other choices is in front.
 */
#include <stdlib.h>
#include <string.h>

#include "report/html/page.h"
#include "report/markup.h"
#include "report/words.h"

#define VALUES_MAX 12 /* of more, a table says less than the plots */

/* Rows of a part that have one value, and what it is to be called. */
struct choice {
	const struct results *part;
	enum parameter_id bound;
	const char *value;
};

/* Who is in front most often among the loads of a choice. */
struct favourite {
	const struct contest *contest; /* the first that it won; NULL = nothing has that figure */
	char name[256];
	size_t wins, contests, certain, shared;
};

/* Wins of whoever contest i was won by, among all; the first contest of each winner counts for it. */
static void favourite_tally(struct favourite *favourite, const struct contests *contests, size_t i,
			    const bool by[PARAMETER_COUNT])
{
	char name[256], other[256];
	size_t wins = 0, certain = 0;

	words_test(contests->contest[i].best, by, name, sizeof(name));
	for (size_t k = i; k < contests->count; k++) {
		if (contests->contest[k].carried > 1)
			continue;
		words_test(contests->contest[k].best, by, other, sizeof(other));
		wins += !strcmp(name, other);
		certain += !strcmp(name, other) && contests->contest[k].certain;
	}
	if (wins <= favourite->wins)
		return;
	favourite->wins = wins;
	favourite->certain = certain;
	favourite->contest = &contests->contest[i];
	snprintf(favourite->name, sizeof(favourite->name), "%s", name);
}

static void favourite_find(struct favourite *favourite, const struct contests *contests,
			   const struct results *part, enum parameter_id bound, enum merit merit)
{
	const size_t looked_at = contests->count < 256 ? contests->count : 256;
	bool by[PARAMETER_COUNT];

	for (int p = 0; p < PARAMETER_COUNT; p++)
		by[p] = part->varies[p] && (enum parameter_id)p != bound && !merit_is_load(merit, (enum parameter_id)p);
	favourite->contests = contests->count;
	for (size_t i = 0; i < contests->count; i++)
		favourite->shared += contests->contest[i].carried > 1;
	for (size_t i = 0; i < looked_at; i++)
		if (contests->contest[i].carried < 2)
			favourite_tally(favourite, contests, i, by);
}

/* ---- a cell --------------------------------------------------------------------------------------------- */

static void favourite_write(const struct page *page, const struct favourite *favourite, enum merit merit)
{
	const struct contest *contest = favourite->contest;
	char value[FORMAT_MAX];

	if (!contest) {
		fprintf(page->out, "%s", favourite->shared ? "several carry it" : "\u2013");
		return;
	}
	if (contest->next) {
		winner_mark(page, favourite->certain == favourite->wins);
		fputs(" ", page->out);
	}
	fputs("<b>", page->out);
	markup_text(page->out, *favourite->name ? favourite->name : "as measured");
	fputs("</b> ", page->out);
	if (favourite->contests > 1) {
		fprintf(page->out, "<small>at %zu of %zu loads</small>", favourite->wins, favourite->contests);
		return;
	}
	merit_text(merit, contest->best->figure[merit_figure(merit)].median, value);
	fputs("<span class=\"nowrap\">", page->out);
	markup_text(page->out, value);
	fputs("</span> ", page->out);
	if (contest->next)
		fprintf(page->out, "<small class=\"nowrap\">%.2f \u00d7 the next</small>", contest_lead(contest));
	else
		fputs("<small>the only one</small>", page->out);
	remark_chips(page, contest->best);
}

/* The rows of a choice; malloc'd, NULL without memory. */
static const struct digest_row **choice_rows(const struct choice *choice, size_t *count)
{
	const struct digest_row **rows = calloc(choice->part->count + 1, sizeof(*rows));

	*count = 0;
	for (size_t i = 0; rows && i < choice->part->count; i++) {
		const struct digest_row *row = choice->part->rows[i];

		if (!row->unused[choice->bound] && !strcmp(row->value[choice->bound].text, choice->value))
			rows[(*count)++] = row;
	}
	return rows;
}

static void choice_write(const struct page *page, const struct choice *choice, enum merit merit)
{
	struct favourite favourite = { 0 };
	struct contests contests = { 0 };
	size_t count;
	const struct digest_row **rows = choice_rows(choice, &count);

	fputs("<td>", page->out);
	if (rows && contests_hold(&contests, rows, count, merit, false) == 0) {
		favourite_find(&favourite, &contests, choice->part, choice->bound, merit);
		favourite_write(page, &favourite, merit);
	}
	fputs("</td>", page->out);
	contests_free(&contests);
	free(rows);
}

/* ---- the table ------------------------------------------------------------------------------------------ */

/* The different values of a parameter among all rows with figures: how many, at most VALUES_MAX + 1. */
static size_t values_collect(const struct page *page, enum parameter_id id,
			     const struct digest_row *values[VALUES_MAX + 1])
{
	size_t count = 0, v;

	for (int part = 0; part < 2; part++)
		for (size_t i = 0; i < page->part[part].count && count <= VALUES_MAX; i++) {
			const struct digest_row *row = page->part[part].rows[i];

			if (row->unused[id])
				continue;
			for (v = 0; v < count && strcmp(values[v]->value[id].text, row->value[id].text) != 0;)
				v++;
			if (v == count)
				values[count++] = row;
		}
	return count;
}

/* Is there a choice left for who is bound to this parameter? */
static bool leaves_choice(const struct page *page, enum parameter_id bound)
{
	for (int part = 0; part < 2; part++) {
		const bool *varies = page->part[part].varies;

		for (int p = 0; p < PARAMETER_COUNT; p++)
			if (varies[p] && varies[bound] && (enum parameter_id)p != bound &&
			    !merit_is_load(part ? MERIT_LATENCY : MERIT_THROUGHPUT, (enum parameter_id)p))
				return true;
	}
	return false;
}

/*
 * The one part of the load that varies: its values are the loads of the answer, which names the first at each. (More
 * than one: who is bound to a packet size wants to know who is in front at all rates.)
 */
static bool is_only_load(const struct page *page, enum parameter_id id)
{
	for (int part = 0; part < 2; part++)
		for (int p = 0; p < PARAMETER_COUNT; p++)
			if (page->part[part].varies[p] && (enum parameter_id)p != id && p != PARAMETER_DIMENSION &&
			    merit_is_load(part ? MERIT_LATENCY : MERIT_THROUGHPUT, (enum parameter_id)p))
				return false;
	return merit_is_load(MERIT_THROUGHPUT, id);
}

static bool merit_shown(const struct page *page, enum merit merit)
{
	return merit_contests(page, merit)->count > 0;
}

static void head_write(const struct page *page)
{
	static const char *const names[MERITS] = { "fastest", "least latency", "least processor time" };

	fputs("<h3>What serves whom best</h3>\n", page->out);
	scroller_open(page, "What serves whom best");
	fputs("<table class=\"choices\">\n<caption>Who is bound to the choice on the left is served best by what its "
	      "row names.</caption>\n<thead><tr><th scope=\"col\">bound to</th>", page->out);
	for (int merit = 0; merit < MERITS; merit++)
		if (merit_shown(page, (enum merit)merit))
			fprintf(page->out, "<th scope=\"col\">%s</th>", names[merit]);
	fputs("</tr></thead>\n", page->out);
}

static void row_write(const struct page *page, enum parameter_id id, const struct digest_row *row)
{
	char text[64];

	words_value(row, id, text, sizeof(text));
	fputs("<tr><th scope=\"row\"><span class=\"of\">", page->out);
	markup_format(page->out, "%s ", parameter_table[id].name);
	fputs("</span>", page->out);
	markup_text(page->out, text);
	fputs("</th>", page->out);
	for (int m = 0; m < MERITS; m++) {
		const enum merit merit = (enum merit)m;
		const struct choice choice = { merit_part(page, merit), id, row->value[id].text };

		if (merit_shown(page, merit))
			choice_write(page, &choice, merit);
	}
	fputs("</tr>\n", page->out);
}

/* The values of one parameter; false where they leave no choice, or there are too many. */
static bool group_write(const struct page *page, enum parameter_id id, bool first)
{
	const struct digest_row *values[VALUES_MAX + 1];
	const size_t count = values_collect(page, id, values);

	if (id == PARAMETER_DIMENSION || id == PARAMETER_RATE || count < 2 || count > VALUES_MAX ||
	    !leaves_choice(page, id) || is_only_load(page, id))
		return false;
	if (first)
		head_write(page);
	fputs("<tbody>\n", page->out);
	for (size_t v = 0; v < count; v++)
		row_write(page, id, values[v]);
	fputs("</tbody>\n", page->out);
	return true;
}

void page_choices(const struct page *page)
{
	/* What people are bound to first. */
	bool any = group_write(page, PARAMETER_IO, true);

	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (p != PARAMETER_IO && group_write(page, (enum parameter_id)p, !any))
			any = true;
	if (!any)
		return;
	fputs("</table>\n", page->out);
	scroller_close(page);
}
