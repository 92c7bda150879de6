/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/columns.h"

/* Each makes a paragraph, or "" where there is nothing to be said. */
typedef void paragraph(const struct results *results, int processors, char text[LEGEND_TEXT]);

static void what_was_measured(const struct results *results, int processors, char text[LEGEND_TEXT])
{
	snprintf(text, LEGEND_TEXT, "%s", results->latency ?
		 "round trip: from the client's scheduled departure to the server and back to the client; "
		 "answered: packets that came back, per second; loss: those that did not." :
		 "forwarded: packets that reached the receivers, per second; frames: the same in bits, "
		 "without FCS; loss: packets sent and not received; one-way latency: from the sender to the "
		 "receiver; at the maximum rate it says how long the queues are, not how fast the path is.");
}

static bool any_is(const struct results *results, enum parameter_id id, const char *value)
{
	for (size_t r = 0; r < results->count; r++)
		if (!strcmp(results->rows[r]->value[id].text, value))
			return true;
	return false;
}

/* Arrangements whose figures are not those of pairs. */
static void what_was_arranged(const struct results *results, int processors, char text[LEGEND_TEXT])
{
	const bool loops = any_is(results, PARAMETER_TOPOLOGY, "loop"), both = any_is(results, PARAMETER_DIRECTION, "both");

	snprintf(text, LEGEND_TEXT, "%s%s%s%s", loops ? "topology loop: one thread sends and receives, which two do in "
		 "pairs: loops compare with loops" : "", loops && both ? "; " : "",
		 both ? "direction both: figures of both ways together" : "", loops || both ? "." : "");
}

static void what_was_busy(const struct results *results, int processors, char text[LEGEND_TEXT])
{
	char of[64] = "";

	if (processors > 0)
		snprintf(of, sizeof(of), ", of %d usable", processors);
	snprintf(text, LEGEND_TEXT, "cpu busy: processors busy on the whole machine (user, system, "
		 "interrupts)%s%s.", of, !results->any[FIGURE_SWITCH] ? "" :
		 "; switch: those of them that its own threads took, which poll whether there are packets or "
		 "not (-: it has none, and works in its users' time)");
}

static void what_a_packet_cost(const struct results *results, int processors, char text[LEGEND_TEXT])
{
	if (results->any[FIGURE_COST] && !results->latency)
		snprintf(text, LEGEND_TEXT,
			 "cpu ns/pkt: processor time of the whole machine, beyond what it spends idle, for "
			 "each packet forwarded; what pollers wait is in it, so it says most at the maximum "
			 "rate.");
}

static void what_a_hop_cost(const struct results *results, int processors, char text[LEGEND_TEXT])
{
	if (results->any[FIGURE_HOP_COST] && !results->latency)
		snprintf(text, LEGEND_TEXT, "cpu ns/hop: processor time of a forwarder for each packet that it took in, "
			 "the mean of its chain; a forwarder polls, too.");
}

/* What the tool itself adds to each latency: measured in every trial, without a switch. */
static void what_is_the_tool(const struct results *results, int processors, char text[LEGEND_TEXT])
{
	double least = INFINITY;
	char low[FORMAT_MAX], high[FORMAT_MAX];

	if (!results->any[FIGURE_BIAS])
		return;
	for (size_t r = 0; r < results->count; r++)
		least = fmin(least, results->rows[r]->figure[FIGURE_BIAS].median);
	format_microseconds(low, least);
	format_microseconds(high, results->largest[FIGURE_BIAS]);
	snprintf(text, LEGEND_TEXT,
		 "Of each latency the tool itself is %s%s%s us: a burst is made and handed over after its "
		 "departure is due; measured in each trial, with nothing sent (tx.bias_ns).", low,
		 strcmp(low, high) ? " to " : "", strcmp(low, high) ? high : "");
}

static void what_was_searched(const struct results *results, int processors, char text[LEGEND_TEXT])
{
	if (results->searches)
		snprintf(text, LEGEND_TEXT,
			 "ndr, pdr: forwarded is the conditional throughput (RFC 9971) at the lower bound; "
			 "lower..upper: the loads that passed and did not pass, all senders together; "
			 "answer: found, if they are no further apart than the search was asked for.");
}

static void what_was_offered(const struct results *results, int processors, char text[LEGEND_TEXT])
{
	if (results->any[FIGURE_OFFERED])
		snprintf(text, LEGEND_TEXT,
			 "offered: what the senders really handed to their ports, where the load is a share "
			 "or a point of a sweep%s.",
			 results->any[FIGURE_REFERENCE] ? "; reference: what it is a share of" : "");
}

static void what_is_the_median(const struct results *results, int processors, char text[LEGEND_TEXT])
{
	if (results->repeated)
		snprintf(text, LEGEND_TEXT, "Each figure is the median of the test's n trials, each on a "
			 "testbed that was brought up anew.");
}

static void what_is_the_interval(const struct results *results, int processors, char text[LEGEND_TEXT])
{
	if (results->repeated && results->intervals)
		snprintf(text, LEGEND_TEXT,
			 "%s: confidence interval of the median by order statistics, for trials of any "
			 "distribution; it covers the median of many more such trials with a probability of "
			 "%.1f %% or more%s.", range_name(results), results->coverage * 100, results->ranges ?
			 "; of fewer than 6 trials there is none, and min..max stands for it" : "");
}

bool results_legend(const struct results *results, int processors, unsigned i, char text[LEGEND_TEXT])
{
	static paragraph *const paragraphs[] = {
		what_was_measured, what_was_arranged, what_was_busy, what_a_packet_cost, what_a_hop_cost, what_is_the_tool,
		what_was_searched, what_was_offered, what_is_the_median, what_is_the_interval,
	};

	for (size_t p = 0; p < sizeof(paragraphs) / sizeof(*paragraphs); p++) {
		*text = 0;
		paragraphs[p](results, processors, text);
		if (*text && i-- == 0)
			return true;
	}
	return false;
}
