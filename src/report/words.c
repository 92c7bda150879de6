/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include <stdlib.h>
#include <string.h>

#include "search/rate.h"
#include "util/text.h"

#define LISTED_MAX 8 /* values named one by one */

/* How people say a parameter. One that is missing here (a new one) is called by its name. */
static const struct phrase {
	const char *plural, *before, *after, *unit;
	bool minor; /* not worth a word at its default */
	const char *one; /* in place of `after`, where the value is 1 */
	bool of_switch; /* how the switch is set up: where it follows from which switch it is, it is no variation */
} phrases[PARAMETER_COUNT] = {
	[PARAMETER_RUNTIME] = { "runtimes", "runtime ", "", "", false },
	[PARAMETER_HOSTS] = { "placements", "hosts ", "", "", true },
	[PARAMETER_SWITCH] = { "switches", "switch ", "", "", false },
	[PARAMETER_CONTAINERS] = { "sets of containers", "", "", "", false },
	[PARAMETER_TOPOLOGY] = { "topologies", "topology ", "", "", true },
	[PARAMETER_HOPS] = { "lengths of chains", "", " forwarders", "forwarders", true, " forwarder" },
	[PARAMETER_DIRECTION] = { "directions", "direction ", "", "", true },
	[PARAMETER_FLOWS] = { "numbers of flows", "", " flows", "", true, " flow" },
	[PARAMETER_FLOW_ORDER] = { "orders of flows", "flows in order ", "", "", true },
	[PARAMETER_IO] = { "I/O techniques", "io ", "", "", false },
	[PARAMETER_DIMENSION] = { "dimensions", "", "", "", true },
	[PARAMETER_SIZE] = { "packet sizes", "", "-byte frames", "bytes", false },
	[PARAMETER_RATE] = { "rates", "rate ", "", "pps", false },
	[PARAMETER_BURST] = { "bursts", "burst ", "", "packets", false },
	[PARAMETER_PAYLOAD] = { "payloads", "payload ", "", "", true },
	[PARAMETER_DURATION] = { "durations", "", " a trial", "", false },
	[PARAMETER_WARMUP] = { "warm-ups", "", " of warm-up", "", true },
	[PARAMETER_DRAIN] = { "drain times", "", " of drain", "", true },
	[PARAMETER_REPEATS] = { "numbers of repeats", "", " trials a test", "", true, " trial a test" },
	[PARAMETER_PROCESSORS] = { "sets of processors", "processors ", "", "", true },
	[PARAMETER_PORT] = { "kinds of port", "port ", "", "", true },
	[PARAMETER_RING] = { "ring sizes", "rings of ", "", "descriptors", true },
	[PARAMETER_THREADS] = { "numbers of switch threads", "", "-thread switch", "", true, NULL, true },
	[PARAMETER_HUGEPAGES] = { "kinds of pages", "hugepages ", "", "", true },
	[PARAMETER_SEARCH] = { "ways to search", "search ", "", "", true },
	[PARAMETER_LOSS] = { "loss ratios of the PDR", "", " loss at the PDR", "", true },
	[PARAMETER_LIMIT] = { "limits of a search", "at most ", " a search", "", true },
	[PARAMETER_TRIALS] = { "numbers of MRR trials", "", " trials for an MRR", "", true, " trial for an MRR" },
	[PARAMETER_SWITCH_QUOTA] = { "quotas of the switch", "switch quota ", "", "", true },
	[PARAMETER_ENDPOINT_QUOTA] = { "quotas of the endpoints", "endpoint quota ", "", "", true },
	[PARAMETER_SWITCH_PLACE] = { "places of the switch", "switch's place ", "", "", true },
	[PARAMETER_SWITCH_IN] = { "values of switch-in", "switch-in ", "", "", true },
	[PARAMETER_NEIGHBOUR] = { "noisy neighbours", "neighbour ", "", "", true },
	[PARAMETER_NEIGHBOUR_PLACE] = { "places of the neighbour", "neighbour's place ", "", "", true },
	[PARAMETER_FORWARDING] = { "ways of forwarding", "forwarding ", "", "", true, NULL, true },
	[PARAMETER_BACKGROUND] = { "background loads", "background ", " pps", "pps", true },
	[PARAMETER_COOLDOWN] = { "cool-downs", "", " of cool-down", "", true },
	[PARAMETER_RX_RATE] = { "rates of receivers", "receivers take ", " pps", "pps", true },
	[PARAMETER_CACHE_WAYS] = { "numbers of cache ways", "", " cache ways", "", true, " cache way" },
	[PARAMETER_STAMP] = { "stamps", "stamp ", "", "", true },
	[PARAMETER_RXQS] = { "numbers of queues", "", " queues a port", "queues", true, " queue a port", true },
	[PARAMETER_RXQ_AFFINITY] = { "places of the queues", "queues' place ", "", "", true, NULL, true },
};

void words_value(const struct digest_row *row, enum parameter_id id, char *text, size_t size)
{
	*text = 0;
	if (!row->unused[id])
		parameter_brief(&parameter_table[id], &row->value[id], text, size);
}

const char *words_unit(enum parameter_id id)
{
	return phrases[id].unit ? phrases[id].unit : "";
}

bool words_is_number(enum parameter_id id)
{
	return parameter_table[id].kind == PARAMETER_KIND_NUMBER || parameter_table[id].kind == PARAMETER_KIND_SIZE ||
	       parameter_table[id].kind == PARAMETER_KIND_RATE;
}

/* What the test's duration is the duration of; NULL: of nothing, since the preset of its search says how long
 * a trial is. */
static const char *duration_of(const struct digest_row *row)
{
	struct rate rate;

	if (rate_parse(row->value[PARAMETER_RATE].text, &rate, NULL) != 0)
		return " a trial";
	if (rate.kind == RATE_MRR)
		return " for an MRR";
	if ((rate.kind == RATE_NDR || rate.kind == RATE_PDR) &&
	    strcmp(row->value[PARAMETER_SEARCH].text, "binary") != 0)
		return NULL;
	return " a trial";
}

/* Is there anything to be said of the parameter of that row? */
static bool has_phrase(const struct digest_row *row, enum parameter_id id)
{
	return !row->unused[id] && (id != PARAMETER_DURATION || duration_of(row));
}

/* What stands behind a value: "-byte frames", " forwarders", " forwarder" of one. */
static const char *phrase_after(const struct digest_row *row, enum parameter_id id, const char *value)
{
	if (id == PARAMETER_DURATION)
		return duration_of(row);
	if (id == PARAMETER_SIZE && value_is_mix(&row->value[id]))
		return " frames";
	return phrases[id].one && !strcmp(value, "1") ? phrases[id].one : phrases[id].after;
}

/* One parameter of a row: "64-byte frames", "burst 32". */
static void append_phrase(char *text, size_t size, const struct digest_row *row, enum parameter_id id)
{
	char value[64];

	if (!has_phrase(row, id))
		return;
	words_value(row, id, value, sizeof(value));
	text_append(text, size, "%s", *text ? ", " : "");
	if (phrases[id].plural)
		text_append(text, size, "%s%s%s", phrases[id].before, value, phrase_after(row, id, value));
	else
		text_append(text, size, "%s %s", parameter_table[id].name, value);
}

/* The first row to which the parameter matters; NULL: there is none. */
static const struct digest_row *first_using(const struct digest_row *const *rows, size_t count,
					    enum parameter_id id)
{
	for (size_t i = 0; i < count; i++)
		if (!rows[i]->unused[id])
			return rows[i];
	return NULL;
}

/* The first one of which there is something to be said. */
static const struct digest_row *first_with_phrase(const struct digest_row *const *rows, size_t count,
						  enum parameter_id id)
{
	for (size_t i = 0; i < count; i++)
		if (has_phrase(rows[i], id))
			return rows[i];
	return NULL;
}

/* Have the rows several values of a parameter? */
static bool differs(const struct digest_row *const *rows, size_t count, enum parameter_id id)
{
	const struct digest_row *first = first_using(rows, count, id);

	for (size_t i = 0; i < count && first; i++)
		if (!rows[i]->unused[id] && strcmp(rows[i]->value[id].text, first->value[id].text) != 0)
			return true;
	return false;
}

static bool same_value(const struct digest_row *a, const struct digest_row *b, enum parameter_id id)
{
	return !strcmp(a->value[id].text, b->value[id].text);
}

/* The first row with the same switch as that one; there are few switches, so it is soon found. */
static size_t first_of_switch(const struct digest_row *const *rows, size_t row)
{
	size_t first = 0;

	while (first < row && !same_value(rows[first], rows[row], PARAMETER_SWITCH))
		first++;
	return first;
}

/* Has each switch one value of it? */
static bool follows_switch(const struct digest_row *const *rows, size_t count, enum parameter_id id)
{
	for (size_t i = 0; i < count; i++)
		if (!same_value(rows[i], rows[first_of_switch(rows, i)], id))
			return false;
	return true;
}

void words_varying(const struct digest_row *const *rows, size_t count, bool varies[PARAMETER_COUNT])
{
	for (int p = 0; p < PARAMETER_COUNT; p++)
		varies[p] = differs(rows, count, (enum parameter_id)p);
	for (int p = 0; p < PARAMETER_COUNT; p++)
		varies[p] = varies[p] && !(phrases[p].of_switch && varies[PARAMETER_SWITCH] &&
					   follows_switch(rows, count, (enum parameter_id)p));
}

static int by_text(const void *a, const void *b, void *id)
{
	const struct digest_row *const *x = a, *const *y = b;
	const int p = *(const int *)id;

	return strcmp((*x)->value[p].text, (*y)->value[p].text);
}

/* How many different values the rows have; they get sorted by it. */
static size_t count_values(const struct digest_row **rows, size_t count, int id)
{
	size_t different = 0;

	if (count)
		qsort_r(rows, count, sizeof(*rows), by_text, &id);
	for (size_t i = 0; i < count; i++)
		different += !i || strcmp(rows[i - 1]->value[id].text, rows[i]->value[id].text) != 0;
	return different;
}

/* Is the value among those of these rows? */
static bool is_listed(const struct digest_row *const *listed, size_t count, const struct digest_row *row,
		      int id)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(listed[i]->value[id].text, row->value[id].text))
			return true;
	return false;
}

/* "3 switches (veth, linux-bridge, macvlan)". Returns how many different values there are. */
static size_t append_values(const struct digest_row *const *rows, size_t count, enum parameter_id id,
			    char *text, size_t size)
{
	const struct digest_row **using = calloc(count + 1, sizeof(*using)), *listed[LISTED_MAX];
	const char *plural = phrases[id].plural;
	char list[LISTED_MAX * 72] = "", value[64];
	size_t used = 0, different, names = 0;

	if (!using)
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (rows[i]->unused[id])
			continue;
		using[used++] = rows[i];
		if (names == LISTED_MAX || is_listed(listed, names, rows[i], id))
			continue;
		listed[names++] = rows[i];
		words_value(rows[i], id, value, sizeof(value));
		text_append(list, sizeof(list), "%s%s", *list ? ", " : "", value);
	}
	different = count_values(using, used, id);
	text_append(text, size, "%zu %s (%s%s)", different, plural ? plural : parameter_table[id].name, list,
	       different > LISTED_MAX ? ", ..." : "");
	free(using);
	return different;
}

void words_compared(const struct digest_row *const *rows, size_t count, const bool varies[PARAMETER_COUNT],
		    char *text, size_t size)
{
	size_t product = 1;

	*text = 0;
	for (int p = 0; p < PARAMETER_COUNT; p++) {
		if (!varies[p] || p == PARAMETER_DIMENSION)
			continue;
		text_append(text, size, "%s", *text ? " x " : "");
		product *= append_values(rows, count, (enum parameter_id)p, text, size);
	}
	if (product > count)
		text_append(text, size, ": %zu of these %zu combinations", count, product);
}

static bool is_usual(const struct digest_row *row, enum parameter_id id)
{
	return phrases[id].minor && !strcmp(row->value[id].text, parameter_table[id].fallback);
}

/* "; for ovs: 3-thread switch, forwarding ports": how each switch is set up, where that follows from which it is. */
static void append_of_switches(const struct digest_row *const *rows, size_t count, const bool varies[PARAMETER_COUNT],
			       char *text, size_t size)
{
	for (size_t i = 0; i < count; i++) {
		char set_up[256] = "";
		const bool first = first_of_switch(rows, i) == i;

		for (int p = 0; p < PARAMETER_COUNT && first; p++)
			if (phrases[p].of_switch && !varies[p] && !is_usual(rows[i], (enum parameter_id)p) &&
			    differs(rows, count, (enum parameter_id)p))
				append_phrase(set_up, sizeof(set_up), rows[i], (enum parameter_id)p);
		if (*set_up)
			text_append(text, size, "%sfor %s: %s", *text ? "; " : "", rows[i]->value[PARAMETER_SWITCH].text,
				    set_up);
	}
}

void words_shared(const struct digest_row *const *rows, size_t count, const bool varies[PARAMETER_COUNT],
		  char *text, size_t size)
{
	*text = 0;
	for (int p = 0; p < PARAMETER_COUNT; p++) {
		const struct digest_row *row = first_with_phrase(rows, count, (enum parameter_id)p);

		if (varies[p] || p == PARAMETER_DIMENSION || !row || is_usual(row, (enum parameter_id)p) ||
		    differs(rows, count, (enum parameter_id)p))
			continue;
		append_phrase(text, size, row, (enum parameter_id)p);
	}
	append_of_switches(rows, count, varies, text, size);
}

void words_test(const struct digest_row *row, const bool by[PARAMETER_COUNT], char *text, size_t size)
{
	char value[64];

	*text = 0;
	if (by[PARAMETER_IO]) {
		words_value(row, PARAMETER_IO, value, sizeof(value));
		text_append(text, size, "%s", value);
	}
	if (by[PARAMETER_SWITCH]) {
		words_value(row, PARAMETER_SWITCH, value, sizeof(value));
		text_append(text, size, "%s%s", *text ? " on " : "", value);
	}
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (by[p] && p != PARAMETER_DIMENSION && p != PARAMETER_IO && p != PARAMETER_SWITCH)
			append_phrase(text, size, row, (enum parameter_id)p);
}
