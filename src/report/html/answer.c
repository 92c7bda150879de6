/* SPDX-License-Identifier: Apache-2.0 */
/* The answer first: a card for each merit, with who is in front, at which loads, by how much, and how surely. */
#include <stdlib.h>
#include <string.h>

#include "report/html/page.h"
#include "report/markup.h"
#include "report/words.h"

#define LEADERS_MAX 64  /* told apart; whoever comes later counts as "others" */
#define LEADERS_SHOWN 3
#define LOADS_SHOWN 4

/* A test (by all that is no load) and the contests in which it is in front. */
struct leader {
	char name[256];              /* "" = several carry the load, and none is ahead */
	const struct contest *won[LOADS_SHOWN];
	size_t wins;
	bool shared;
};

struct standings {
	struct leader *leader;
	size_t count, contests, others;
};

static const struct {
	const char *title, *what;
} cards[MERITS] = {
	[MERIT_THROUGHPUT] = { "Fastest", "packets that arrived, per second (rx)" },
	[MERIT_LATENCY] = { "Least latency", "median round trip, at the client (rx)" },
	[MERIT_COST] = { "Least processor time", "for each packet that arrived, whole machine beyond its idle state" },
};

static void parameters_no_load(const struct results *part, enum merit merit, bool by[PARAMETER_COUNT])
{
	for (int p = 0; p < PARAMETER_COUNT; p++)
		by[p] = part->varies[p] && !merit_is_load(merit, (enum parameter_id)p);
}

static struct leader *leader_of(struct standings *standings, const char *name, bool shared)
{
	struct leader *leader;

	for (size_t i = 0; i < standings->count; i++)
		if (standings->leader[i].shared == shared && !strcmp(standings->leader[i].name, name))
			return &standings->leader[i];
	if (standings->count == LEADERS_MAX)
		return NULL;
	leader = &standings->leader[standings->count++];
	leader->shared = shared;
	snprintf(leader->name, sizeof(leader->name), "%s", name);
	return leader;
}

static void standings_add(struct standings *standings, const struct contest *contest, const bool by[PARAMETER_COUNT])
{
	struct leader *leader;
	char name[256] = "";
	bool shared = contest->carried > 1;

	if (!shared)
		words_test(contest->best, by, name, sizeof(name));
	standings->contests++;
	leader = leader_of(standings, name, shared);
	if (!leader) {
		standings->others++;
		return;
	}
	if (leader->wins < LOADS_SHOWN)
		leader->won[leader->wins] = contest;
	leader->wins++;
}

/* Most wins first, loads without a winner last, else as they came. */
static bool leader_is_behind(const struct leader *a, const struct leader *b)
{
	return a->shared != b->shared ? b->shared : a->wins > b->wins;
}

static void standings_sort(struct standings *standings)
{
	for (size_t i = 1; i < standings->count; i++)
		for (size_t k = i; k > 0 && leader_is_behind(&standings->leader[k], &standings->leader[k - 1]); k--) {
			struct leader leader = standings->leader[k];

			standings->leader[k] = standings->leader[k - 1];
			standings->leader[k - 1] = leader;
		}
}

/* Where something competes, only that counts; else each test is in front of nobody, and is told of as it is. */
static bool standings_make(struct standings *standings, const struct page *page, enum merit merit)
{
	const struct contests *contests = merit_contests(page, merit);
	bool by[PARAMETER_COUNT], competes = false;

	*standings = (struct standings){ .leader = calloc(LEADERS_MAX, sizeof(*standings->leader)) };
	if (!standings->leader)
		return false;
	parameters_no_load(merit_part(page, merit), merit, by);
	for (size_t i = 0; i < contests->count; i++)
		competes |= contests->contest[i].next != NULL;
	for (size_t i = 0; i < contests->count; i++)
		if (!competes || contests->contest[i].next)
			standings_add(standings, &contests->contest[i], by);
	standings_sort(standings);
	return standings->count > 0;
}

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
	markup_format(page->out, "%s the next, %s, %s", times[contest->merit], *name ? name : "another test", value);
	fputs("</p>\n", page->out);
}

static void doubt_write(const struct page *page, const char *where, const char *doubt)
{
	fprintf(page->out, "<p class=\"doubt\"><strong>Not certain%s:</strong> ", where);
	markup_text(page->out, doubt);
	fputs("</p>\n", page->out);
}

/* "64-byte frames: 11.2 Mpps (11.1 to 11.4)", what comes next, and unless it is told once for all, the doubt. */
static void win_write(const struct page *page, const struct results *part, const struct contest *contest,
		      bool with_doubt)
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
		fprintf(page->out, " <small>%s%s, n = %zu</small>", interval, spread->coverage > 0 ? ", 95 % CI" : "",
			spread->n);
	remark_chips(page, contest->best);
	fputs("</p>\n", page->out);
	if (contest->next)
		next_write(page, part, contest);
	if (with_doubt && contest->doubt)
		doubt_write(page, "", contest->doubt);
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

/* The doubt that all of its shown wins share; NULL where they differ, or there is one alone. */
static const char *leader_doubt(const struct leader *leader)
{
	const char *doubt = leader->won[0]->doubt;

	for (size_t i = 1; doubt && i < leader->wins && i < LOADS_SHOWN; i++)
		if (!leader->won[i]->doubt || strcmp(leader->won[i]->doubt, doubt) != 0)
			return NULL;
	return leader->wins > 1 ? doubt : NULL;
}

static void leader_write(const struct page *page, const struct results *part, const struct standings *standings,
			 const struct leader *leader)
{
	const size_t shown = leader->wins < LOADS_SHOWN ? leader->wins : LOADS_SHOWN;
	const bool competes = leader->won[0]->next;

	if (leader->shared) {
		shared_write(page, part, standings, leader);
		return;
	}
	fputs("<div class=\"leader\">\n<p class=\"who\">", page->out);
	if (competes) {
		winner_mark(page, leader_is_certain(leader));
		fputs(" ", page->out);
	}
	markup_text(page->out, *leader->name ? leader->name : "The one path that was measured");
	fputs("</p>\n", page->out);
	if (standings->contests > 1 && competes)
		fprintf(page->out, "<p class=\"tally\">in front at %zu of %zu loads</p>\n", leader->wins,
			standings->contests);
	fputs("<ul class=\"wins\">\n", page->out);
	for (size_t i = 0; i < shown; i++)
		win_write(page, part, leader->won[i], !leader_doubt(leader));
	if (leader->wins > shown)
		fprintf(page->out, "<li class=\"more\">and at %zu more load%s</li>\n", leader->wins - shown,
			plural(leader->wins - shown));
	fputs("</ul>\n", page->out);
	if (leader_doubt(leader))
		doubt_write(page, shown < leader->wins ? " at any of these" : leader->wins == 2 ? " at either load" :
			    " at any load", leader_doubt(leader));
	fputs("</div>\n", page->out);
}

static bool card_write(const struct page *page, enum merit merit)
{
	const struct results *part = merit_part(page, merit);
	struct standings standings;
	size_t others;

	if (!standings_make(&standings, page, merit)) {
		free(standings.leader);
		return false;
	}
	fprintf(page->out, "<article class=\"card\">\n<h3>%s</h3>\n<p class=\"what\">%s</p>\n", cards[merit].title,
		cards[merit].what);
	if (merit == MERIT_THROUGHPUT)
		carried_write(page, part);
	for (size_t i = 0; i < standings.count && i < LEADERS_SHOWN; i++)
		leader_write(page, part, &standings, &standings.leader[i]);
	others = standings.others;
	for (size_t i = LEADERS_SHOWN; i < standings.count; i++)
		others += standings.leader[i].wins;
	if (others)
		paragraph(page, "more", "Others are in front at %zu more load%s.", others, plural(others));
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
