/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/placement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct candidate {
	const struct processor *processor;
	unsigned rank; /* threads of its core that are better or in use: 0 = it can have the core alone */
};

/* A set of candidates, best first, and what speaks against it, worst first. */
struct selection {
	struct candidate *candidate;
	unsigned count;
	unsigned against[6];
};

static bool core_mate_first(const struct processor *a, const struct processor *b)
{
	if (a->held != b->held)
		return a->held; /* the core is half taken, whatever we choose */
	if (a->isolated != b->isolated)
		return a->isolated;
	return a->os < b->os;
}

static unsigned rank_of(const struct processor *list, unsigned count, const struct processor *one)
{
	unsigned rank = 0;

	for (unsigned i = 0; i < count; i++)
		if (&list[i] != one && list[i].core == one->core && core_mate_first(&list[i], one))
			rank++;
	return rank;
}

static int compare(long a, long b)
{
	return (a > b) - (a < b);
}

static int by_place(const void *left, const void *right)
{
	const struct processor *a = ((const struct candidate *)left)->processor;
	const struct processor *b = ((const struct candidate *)right)->processor;
	int order = compare(a->node, b->node);

	if (!order)
		order = compare(a->core, b->core);
	return order ? order : compare(a->os, b->os);
}

/*
 * Siblings are taken from the last core backwards: so the cores that were taken first, which switch threads
 * get, are the last to be shared.
 */
static int by_preference(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = compare(a->processor->held, b->processor->held);

	if (!order)
		order = compare(b->processor->isolated, a->processor->isolated);
	if (!order)
		order = compare(a->rank, b->rank);
	if (!order)
		order = compare(a->processor->first_core, b->processor->first_core);
	if (!order)
		order = a->rank ? by_place(b, a) : by_place(a, b);
	return order;
}

/* The best `wanted` processors of one node, or of all (node < 0). */
static void select_from(struct selection *selection, const struct candidate *all, unsigned count, int node,
			unsigned wanted)
{
	selection->count = 0;
	for (unsigned i = 0; i < count && selection->count < wanted; i++)
		if (node < 0 || all[i].processor->node == node)
			selection->candidate[selection->count++] = all[i];
	memset(selection->against, 0, sizeof(selection->against));
	selection->against[0] = wanted - selection->count;
	for (unsigned i = 0; i < selection->count; i++) {
		const struct candidate *one = &selection->candidate[i];

		selection->against[1] += one->processor->held;
		selection->against[2] += !one->processor->isolated;
		selection->against[3] += one->rank > 0;
		selection->against[4] |= one->processor->node != selection->candidate[0].processor->node;
		selection->against[5] += one->processor->first_core;
	}
}

static bool better(const struct selection *a, const struct selection *b)
{
	for (size_t i = 0; i < sizeof(a->against) / sizeof(*a->against); i++)
		if (a->against[i] != b->against[i])
			return a->against[i] < b->against[i];
	return false;
}

/*
 * Put processors in the order in which endpoints take them: neighbours next to each other; where a node has
 * an odd number, its last one goes to the end, so that no other pair is torn apart.
 */
static void order_for_pairs(struct candidate *list, unsigned count)
{
	unsigned end = count;

	qsort(list, count, sizeof(*list), by_place);
	for (unsigned first = 0; first < end;) {
		unsigned next = first;

		while (next < end && list[next].processor->node == list[first].processor->node)
			next++;
		if ((next - first) % 2 && next < end) {
			struct candidate odd = list[next - 1];

			memmove(&list[next - 1], &list[next], (count - next) * sizeof(*list));
			list[count - 1] = odd;
			next--;
			end--;
		}
		first = next;
	}
}

/*
 * Endpoints go round the processors. With an even number of them each round starts one further on: else the
 * senders of all pairs would meet on one half of the processors, and the receivers on the other.
 */
static unsigned endpoint_slot(unsigned endpoint, unsigned slots)
{
	return slots % 2 ? endpoint % slots : (endpoint + endpoint / slots) % slots;
}

static void assign(const struct selection *selection, struct placement *placement)
{
	unsigned threads = placement->switch_threads, kept, slots, base;

	/* Switch threads keep processors of their own, but never the last one that endpoints could have. */
	kept = threads < selection->count ? threads : selection->count - 1;
	for (unsigned i = 0; i < threads; i++)
		placement->switch_thread[i] = selection->candidate[kept ? i % kept : 0].processor->os;
	base = kept;
	slots = selection->count - kept;
	order_for_pairs(selection->candidate + base, slots);
	for (unsigned i = 0; i < placement->endpoints; i++)
		placement->endpoint[i] = selection->candidate[base + endpoint_slot(i, slots)].processor->os;
}

static bool is_shared(const struct placement *placement, unsigned endpoint)
{
	unsigned users = 0;

	for (unsigned i = 0; i < placement->endpoints; i++)
		users += placement->endpoint[i] == placement->endpoint[endpoint];
	for (unsigned i = 0; i < placement->switch_threads; i++)
		users += placement->switch_thread[i] == placement->endpoint[endpoint];
	return users > 1;
}

static int placement_alloc(struct placement *placement, unsigned endpoints, unsigned switch_threads)
{
	memset(placement, 0, sizeof(*placement));
	placement->endpoint = calloc(endpoints, sizeof(*placement->endpoint));
	placement->endpoint_shared = calloc(endpoints, sizeof(*placement->endpoint_shared));
	placement->switch_thread = calloc(switch_threads + 1, sizeof(*placement->switch_thread));
	if (!placement->endpoint || !placement->endpoint_shared || !placement->switch_thread) {
		placement_free(placement);
		return -ENOMEM;
	}
	placement->endpoints = endpoints;
	placement->switch_threads = switch_threads;
	return 0;
}

/*
 * Try every node by itself and all together. `all` is sorted by preference; `best` and `other` have room
 * for all.
 */
static void select_best(struct selection *best, struct selection *other, const struct candidate *all,
			unsigned count, unsigned wanted)
{
	select_from(best, all, count, -1, wanted);
	for (unsigned i = 0; i < count; i++) {
		int node = all[i].processor->node;
		bool seen = false;

		for (unsigned j = 0; j < i && !seen; j++)
			seen = all[j].processor->node == node;
		if (seen)
			continue;
		select_from(other, all, count, node, wanted);
		if (better(other, best)) {
			struct selection swap = *best;

			*best = *other;
			*other = swap;
		}
	}
}

int placement_choose(const struct processor *processors, unsigned count, unsigned endpoints,
		     unsigned switch_threads, struct placement *placement)
{
	struct selection best = { 0 }, other = { 0 };
	unsigned wanted = endpoints + switch_threads;
	struct candidate *room;
	int rc;

	memset(placement, 0, sizeof(*placement));
	if (!count || !endpoints)
		return -EINVAL;
	room = calloc(3 * (size_t)count, sizeof(*room));
	if (!room)
		return -ENOMEM;
	rc = placement_alloc(placement, endpoints, switch_threads);
	if (rc < 0)
		goto out;
	best.candidate = room + count;
	other.candidate = room + 2 * count;
	for (unsigned i = 0; i < count; i++)
		room[i] = (struct candidate){ &processors[i], rank_of(processors, count, &processors[i]) };
	qsort(room, count, sizeof(*room), by_preference);
	select_best(&best, &other, room, count, wanted);
	placement->oversubscribed = best.against[0] > 0;
	placement->contended = best.against[1] > 0;
	placement->siblings = best.against[3] > 0;
	placement->nodes = best.against[4] > 0;
	assign(&best, placement);
	for (unsigned i = 0; i < endpoints; i++)
		placement->endpoint_shared[i] = is_shared(placement, i);
out:
	free(room);
	return rc;
}

void placement_free(struct placement *placement)
{
	free(placement->endpoint);
	free(placement->endpoint_shared);
	free(placement->switch_thread);
	memset(placement, 0, sizeof(*placement));
}
