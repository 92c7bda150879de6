/* SPDX-License-Identifier: Apache-2.0 */
/* The answer first: a card for each merit, with who is in front, at which loads, by how much, and how surely. */
#include <stdlib.h>
#include <string.h>

#include "report/html/page.h"
#include "report/html/standings.h"
#include "report/markup.h"
#include "report/words.h"

#define LEADERS_SHOWN 4
#define DOUBT_LOADS 2 /* named; more are counted */
#define WINS_SHOWN (LEADERS_SHOWN * LOADS_SHOWN)

/* The wins of a card: what is to be said of several is said once. */
struct wins {
	const struct contest *won[WINS_SHOWN];
	size_t count;
	bool all;        /* none that is not shown */
	bool same_chips; /* all have the same remarks */
};

static const struct {
	const char *title, *what;
} cards[MERITS] = {
	[MERIT_THROUGHPUT] = { "Fastest", "packets that arrived, per second (rx)" },
	[MERIT_LATENCY] = { "Least latency", "median round trip, at the client (rx)" },
	[MERIT_COST] = { "Least processor time", "for each packet that arrived, whole machine beyond its idle state" },
};

static void next_write(const struct page *page, const struct results *part, const struct contest *contest)
{
	static const char *const times[MERITS] = { "times as fast as", "times as long for", "times as much for" };
	struct contest told = *contest;
	bool by[PARAMETER_COUNT];
	char name[256], value[FORMAT_MAX];

	parameters_no_load(part, contest->merit, by);
	words_test(contest->next, by, name, sizeof(name));
	merit_text(contest->merit, contest->next->figure[merit_figure(contest->merit)].median, value);
	contest_tell_ratio(&told);
	fputs("<p class=\"next\">", page->out);
	fprintf(page->out, "%.2f ", contest_lead(contest));
	if (told.has_ratio)
		fprintf(page->out, "(95 %% CI %.2f to %.2f) ", told.ratio.low, told.ratio.high);
	markup_format(page->out, "%s the next, %s, ", times[contest->merit], *name ? name : "another test");
	fputs("<span class=\"nowrap\">", page->out);
	markup_text(page->out, value);
	fputs("</span>", page->out);
	fputs("</p>\n", page->out);
}

/* "64-byte frames: 11.2 Mpps (11.1 to 11.4)", what is to be said of it, and what comes next. */
static void win_write(const struct page *page, const struct results *part, const struct contest *contest, bool chips)
{
	const struct spread *spread = &contest->best->figure[merit_figure(contest->merit)];
	char load[256], value[FORMAT_MAX], interval[2 * FORMAT_MAX];

	contest_load(contest, part->varies, load, sizeof(load));
	merit_text(contest->merit, spread->median, value);
	interval_text(contest->merit, spread, interval);
	fputs("<li>", page->out);
	if (*load) {
		fputs("<p class=\"load\">", page->out);
		markup_text(page->out, load);
		fputs("</p>\n", page->out);
	}
	fputs("<p class=\"figure\"><b>", page->out);
	markup_text(page->out, value);
	fputs("</b>", page->out);
	if (*interval)
		fprintf(page->out, " <small class=\"nowrap\">%s%s, n = %zu</small>", interval,
			spread->coverage > 0 ? ", 95 % CI" : "", spread->n);
	if (chips)
		remark_chips(page, contest->best);
	fputs("</p>\n", page->out);
	if (contest->next)
		next_write(page, part, contest);
	fputs("</li>\n", page->out);
}

/* Loads that several carry: there is no first among them. */
static void shared_write(const struct page *page, const struct results *part, const struct standings *standings,
			 const struct leader *leader)
{
	char load[256];

	fputs("<p class=\"tally shared\">", page->out);
	fprintf(page->out, "At %zu of %zu loads several keep up, and nobody is in front:", leader->wins,
		standings->contests);
	for (size_t i = 0; i < leader->wins && i < LOADS_SHOWN; i++) {
		const struct contest *contest = leader->won[i];

		contest_load(contest, part->varies, load, sizeof(load));
		markup_format(page->out, "%s %s%s%zu of %zu%s", i ? ";" : "", load, *load ? " (" : "", contest->carried,
			      contest->rows, *load ? ")" : "");
	}
	fputs(leader->wins > LOADS_SHOWN ? "; \u2026</p>\n" : ".</p>\n", page->out);
}

static bool leader_is_certain(const struct leader *leader)
{
	for (size_t i = 0; i < leader->wins && i < LOADS_SHOWN; i++)
		if (!leader->won[i]->certain)
			return false;
	return true;
}

/* Where nothing but the load varies: what the one path is. */
static void path_name(const struct digest_row *row, char *name, size_t size)
{
	static const bool by[PARAMETER_COUNT] = { [PARAMETER_SWITCH] = true, [PARAMETER_IO] = true };

	words_test(row, by, name, size);
}

static void leader_write(const struct page *page, const struct results *part, const struct standings *standings,
			 const struct leader *leader, bool chips)
{
	const size_t shown = leader->wins < LOADS_SHOWN ? leader->wins : LOADS_SHOWN;
	const bool competes = leader->won[0]->next;
	char name[256];

	if (leader->shared) {
		shared_write(page, part, standings, leader);
		return;
	}
	fputs("<div class=\"leader\">\n<p class=\"who\">", page->out);
	if (competes) {
		winner_mark(page, leader_is_certain(leader));
		fputs(" ", page->out);
	}
	if (!*leader->name)
		path_name(leader->won[0]->best, name, sizeof(name));
	markup_text(page->out, *leader->name ? leader->name : name);
	fputs("</p>\n", page->out);
	if (standings->contests > 1 && competes)
		fprintf(page->out, "<p class=\"tally\">in front at %zu of %zu loads</p>\n", leader->wins,
			standings->contests);
	fputs("<ul class=\"wins\">\n", page->out);
	for (size_t i = 0; i < shown; i++)
		win_write(page, part, leader->won[i], chips);
	if (leader->wins > shown)
		fprintf(page->out, "<li class=\"more\">and at %zu more load%s</li>\n", leader->wins - shown,
			plural(leader->wins - shown));
	fputs("</ul>\n", page->out);
	fputs("</div>\n", page->out);
}

static void wins_collect(struct wins *wins, const struct page *page, const struct standings *standings)
{
	*wins = (struct wins){ .all = standings->count <= LEADERS_SHOWN && !standings->others, .same_chips = true };
	for (size_t i = 0; i < standings->count && i < LEADERS_SHOWN; i++) {
		const struct leader *leader = &standings->leader[i];

		if (leader->shared)
			continue;
		wins->all &= leader->wins <= LOADS_SHOWN;
		for (size_t k = 0; k < leader->wins && k < LOADS_SHOWN; k++)
			wins->won[wins->count++] = leader->won[k];
	}
	for (size_t i = 1; i < wins->count; i++)
		wins->same_chips &= !strcmp(page->letters[wins->won[i]->best - page->digest.rows],
					    page->letters[wins->won[0]->best - page->digest.rows]);
}

static bool has_doubt(const struct contest *contest, const char *doubt)
{
	return contest->doubt && !strcmp(contest->doubt, doubt);
}

/* " at either load", " at 64-byte frames; 256-byte frames": where a doubt holds; "" where there is one load alone. */
static void doubt_place(const struct results *part, const struct wins *wins, const char *doubt, char *place,
			size_t size)
{
	size_t holds = 0, used = 0;

	*place = 0;
	for (size_t i = 0; i < wins->count; i++)
		holds += has_doubt(wins->won[i], doubt);
	if (holds == wins->count) {
		if (holds > 1)
			snprintf(place, size, !wins->all ? " at any of these" : holds == 2 ? " at either load" :
				 " at any load");
		return;
	}
	if (holds > DOUBT_LOADS) {
		snprintf(place, size, " at %zu of these %zu loads", holds, wins->count);
		return;
	}
	for (size_t i = 0; i < wins->count && used < size; i++) {
		char load[256];

		if (!has_doubt(wins->won[i], doubt))
			continue;
		contest_load(wins->won[i], part->varies, load, sizeof(load));
		used += (size_t)snprintf(place + used, size - used, "%s%s", used ? "; " : " at ", load);
	}
}

/* Each doubt once, with the loads at which it holds. */
static void doubts_write(const struct page *page, const struct results *part, const struct wins *wins)
{
	char place[1024];

	for (size_t i = 0, k; i < wins->count; i++) {
		const char *doubt = wins->won[i]->doubt;

		for (k = 0; doubt && k < i && !has_doubt(wins->won[k], doubt);)
			k++;
		if (!doubt || k < i)
			continue;
		doubt_place(part, wins, doubt, place, sizeof(place));
		fputs("<p class=\"doubt\"><strong>", page->out);
		markup_format(page->out, "Not certain%s:", place);
		fputs("</strong> ", page->out);
		markup_text(page->out, doubt);
		fputs("</p>\n", page->out);
	}
}

/* One path alone, at several rates: what it carries has been told; this is the most that came out of it. */
static void most_write(const struct page *page, const struct contests *contests)
{
	const struct digest_row *most = contests->contest[0].best;
	char value[FORMAT_MAX], rate[64];

	for (size_t i = 1; i < contests->count; i++)
		if (contests->contest[i].best->figure[FIGURE_FORWARDED].median >
		    most->figure[FIGURE_FORWARDED].median)
			most = contests->contest[i].best;
	merit_text(MERIT_THROUGHPUT, most->figure[FIGURE_FORWARDED].median, value);
	words_value(most, PARAMETER_RATE, rate, sizeof(rate));
	paragraph(page, "load", "Most that arrived:");
	fputs("<p class=\"figure\"><b>", page->out);
	markup_text(page->out, value);
	fputs("</b> ", page->out);
	markup_format(page->out, "at rate %s", rate);
	remark_chips(page, most);
	fputs("</p>\n", page->out);
}

static void leaders_write(const struct page *page, const struct results *part, const struct standings *standings)
{
	size_t others = standings->others;
	struct wins wins;
	bool chips;

	wins_collect(&wins, page, standings);
	chips = wins.count == 1 || !wins.same_chips;
	for (size_t i = 0; i < standings->count && i < LEADERS_SHOWN; i++)
		leader_write(page, part, standings, &standings->leader[i], chips);
	if (!chips && wins.count && *page->letters[wins.won[0]->best - page->digest.rows]) {
		fputs("<p class=\"tally\">All of these:", page->out);
		remark_chips(page, wins.won[0]->best);
		fputs("</p>\n", page->out);
	}
	doubts_write(page, part, &wins);
	for (size_t i = LEADERS_SHOWN; i < standings->count; i++)
		others += standings->leader[i].wins;
	if (others)
		paragraph(page, "more", "Others are in front at %zu more load%s.", others, plural(others));
}

/* Does nothing but the rate vary? */
static bool paths_are_one(const struct results *part)
{
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (part->varies[p] && p != PARAMETER_RATE)
			return false;
	return true;
}

static bool card_write(const struct page *page, enum merit merit)
{
	const struct results *part = merit_part(page, merit);
	struct standings standings;
	bool carried = false;

	if (!standings_make(&standings, page, merit)) {
		free(standings.leader);
		return false;
	}
	fprintf(page->out, "<article class=\"card\">\n<h3>%s</h3>\n<p class=\"what\">%s</p>\n", cards[merit].title,
		cards[merit].what);
	if (merit == MERIT_THROUGHPUT)
		carried = carried_write(page, part);
	if (carried && !standings.competes && paths_are_one(part))
		most_write(page, merit_contests(page, merit));
	else
		leaders_write(page, part, &standings);
	fputs("</article>\n", page->out);
	free(standings.leader);
	return true;
}

void page_answer(const struct page *page)
{
	bool latency, cost;

	if (!page->part[0].count && !page->part[1].count)
		return;
	section_open(page, "answer", "The answer");
	fputs("<div class=\"cards\">\n", page->out);
	card_write(page, MERIT_THROUGHPUT);
	latency = card_write(page, MERIT_LATENCY);
	cost = card_write(page, MERIT_COST);
	fputs("</div>\n", page->out);
	if (!latency && page->part[0].count)
		paragraph(page, "hint", "Round trips were not measured: tests of the dimension latency tell which "
			  "path has the least.");
	if (!cost && page->part[0].count)
		paragraph(page, "hint", "What a packet costs is not known: for that the idle machine is measured "
			  "before the tests, which --no-survey leaves out.");
	page_choices(page);
	section_close(page);
}
