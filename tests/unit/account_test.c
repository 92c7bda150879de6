/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "wire/account.h"

#define W ACCOUNT_WINDOW
#define SEQUENCES (8 * W)

static _Alignas(64) uint8_t room[ACCOUNT_SIZE(W)];
#define a (*(struct account *)(void *)room)

/* The same rules said with one byte a sequence number instead of a ring of bits. */
static struct {
	uint64_t received, duplicated, reordered, corrupted, late, bytes, next;
	uint8_t *arrived;
} reference;

static bool reference_packet(uint64_t sequence, uint32_t size, bool intact)
{
	bool below = sequence < reference.next;

	if (below && reference.next - sequence > W) {
		reference.late++;
		return false;
	}
	if (reference.arrived[sequence]) {
		reference.duplicated++;
		return false;
	}
	reference.arrived[sequence] = 1;
	if (!below)
		reference.next = sequence + 1;
	if (!intact) {
		reference.corrupted++;
		return false;
	}
	reference.received++;
	reference.reordered += below;
	reference.bytes += size;
	return true;
}

static void both(uint64_t sequence, bool intact)
{
	uint32_t size = 60 + (uint32_t)sequence % 1440;
	bool wanted = reference_packet(sequence, size, intact);

	if (!intact)
		account_corrupted_body(&a, W, sequence);
	else if (account_packet(&a, sequence, size) != wanted)
		fail_msg("sequence %llu: not %d", (unsigned long long)sequence, wanted);
}

static void assert_same(void)
{
	assert_int_equal(a.received, reference.received);
	assert_int_equal(a.duplicated, reference.duplicated);
	assert_int_equal(a.reordered, reference.reordered);
	assert_int_equal(a.corrupted, reference.corrupted);
	assert_int_equal(a.late, reference.late);
	assert_int_equal(a.bytes, reference.bytes);
	assert_int_equal(a.next, reference.next);
	assert_int_equal(a.foreign, 0);
}

static int setup(void **state)
{
	account_reset(&a, W);
	memset(&reference, 0, sizeof(reference));
	reference.arrived = calloc(SEQUENCES, 1);
	return reference.arrived ? 0 : -1;
}

static int teardown(void **state)
{
	free(reference.arrived);
	return 0;
}

static uint32_t random32(void)
{
	static uint64_t seed = 1;

	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 32);
}

static void in_order_all_are_received(void **state)
{
	for (uint64_t s = 0; s < 3 * W + 17; s++)
		assert_true(account_packet(&a, s, 64));
	assert_int_equal(a.received, 3 * W + 17);
	assert_int_equal(a.bytes, 64 * (3 * W + 17));
	assert_int_equal(a.duplicated + a.reordered + a.corrupted + a.late, 0);
}

/* Blocks of the sequence shuffled, each packet lost, doubled or damaged with some probability. */
static void agrees_with_the_reference_on_shuffled_blocks(void **state)
{
	static uint64_t block[4096];
	uint64_t sent = 0, arrived_once = 0;

	for (unsigned round = 0; round < 400; round++) {
		unsigned n = 1 + random32() % 2000, have = 0;

		for (unsigned i = 0; i < n; i++, sent++) {
			unsigned copies = random32() % 10 == 0 ? 0 : 1 + (random32() % 20 == 0);

			arrived_once += copies > 0;
			while (copies--)
				block[have++] = sent;
		}
		for (unsigned i = have; i > 1; i--) {
			unsigned j = random32() % i;
			uint64_t other = block[j];

			block[j] = block[i - 1];
			block[i - 1] = other;
		}
		for (unsigned i = 0; i < have; i++)
			both(block[i], random32() % 50 != 0);
	}
	assert_same();
	assert_true(a.duplicated > 1000 && a.reordered > 1000 && a.corrupted > 1000);
	assert_int_equal(a.received + a.corrupted, arrived_once);
}

/* Steps of every size: back within the window and beyond it, ahead by less and by more than all of it. */
static void agrees_with_the_reference_on_wild_jumps(void **state)
{
	for (unsigned round = 0; round < 20; round++) {
		uint64_t at = 0;

		for (unsigned i = 0; i < 20000 && at < SEQUENCES; i++) {
			unsigned kind = random32() % 1000;
			uint64_t back = kind < 500 ? random32() % 200 : random32() % (W + W / 8);

			if (kind < 2)
				at += W - 70 + random32() % 140; /* about the window's length */
			else if (kind < 100)
				at += random32() % 300;
			else
				at += 1;
			if (at >= SEQUENCES)
				break;
			both(at, true);
			if (kind % 3 == 0 && back <= at)
				both(at - back, kind % 2);
		}
		assert_same();
		account_reset(&a, W);
		memset(reference.arrived, 0, SEQUENCES);
		reference.received = reference.duplicated = reference.reordered = 0;
		reference.corrupted = reference.late = reference.bytes = reference.next = 0;
	}
}

static void the_window_has_exact_edges(void **state)
{
	assert_true(account_packet(&a, 0, 60));
	assert_true(account_packet(&a, W - 1, 60));
	assert_false(account_packet(&a, 0, 60));       /* still in it: a duplicate */
	assert_int_equal(a.duplicated, 1);
	assert_true(account_packet(&a, W, 60));
	assert_false(account_packet(&a, 0, 60));       /* just out of it: too late to tell */
	assert_int_equal(a.late, 1);
	assert_true(account_packet(&a, 1, 60));        /* the last one in it, never seen: reordered */
	assert_int_equal(a.reordered, 1);
	assert_false(account_packet(&a, W, 60));       /* 0's bit in the ring is W's now */
	assert_int_equal(a.duplicated, 2);
}

static void a_long_gap_leaves_no_ghosts(void **state)
{
	for (uint64_t s = 0; s < 200; s++)
		account_packet(&a, s, 60);
	for (uint64_t gap = W - 2; gap <= W + 2; gap++) {
		uint64_t base = a.next + gap, received;

		assert_true(account_packet(&a, base, 60));
		received = a.received;
		for (uint64_t s = base - 150; s < base; s++)
			assert_true(account_packet(&a, s, 60)); /* none of the gap has been seen */
		assert_int_equal(a.received, received + 150);
	}
}

/* With every place of the ring taken by a packet of a window ago: gaps of each length at each place in a
 * word. */
static void a_short_gap_leaves_no_ghosts(void **state)
{
	for (uint64_t s = 0; s < 2 * W; s++)
		account_packet(&a, s, 60);
	for (uint64_t gap = 0; gap <= 130; gap++) {
		for (unsigned place = 0; place < 65; place++) {
			uint64_t first = a.next;

			assert_true(account_packet(&a, first + gap, 60));
			for (uint64_t s = first; s < first + gap; s++)
				assert_true(account_packet(&a, s, 60));
			assert_false(account_packet(&a, first, 60));
		}
	}
	assert_int_equal(a.received, a.next);
	assert_false(account_packet(&a, a.next - W, 60)); /* nor was anything beyond a gap forgotten */
	assert_int_equal(a.late, 0);
}

static void the_highest_sequence_fits(void **state)
{
	assert_true(account_packet(&a, WIRE_SEQUENCE_MAX, 60));
	assert_false(account_packet(&a, WIRE_SEQUENCE_MAX, 60));
	assert_true(account_packet(&a, WIRE_SEQUENCE_MAX - W + 1, 60));
	assert_false(account_packet(&a, WIRE_SEQUENCE_MAX - W, 60));
	assert_int_equal(a.late, 1);
}

static void damaged_copies_count_once(void **state)
{
	account_corrupted_body(&a, W, 5);
	assert_int_equal(a.corrupted, 1);
	account_corrupted_body(&a, W, 5);
	assert_int_equal(a.duplicated, 1);
	assert_false(account_packet(&a, 5, 60));       /* the intact copy of a damaged one */
	assert_int_equal(a.duplicated, 2);
	assert_true(account_packet(&a, 6, 60));
	account_corrupted_body(&a, W, 6);
	assert_int_equal(a.duplicated, 3);
	assert_int_equal(a.corrupted, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_order_all_are_received),
		TEST(agrees_with_the_reference_on_shuffled_blocks),
		TEST(agrees_with_the_reference_on_wild_jumps),
		TEST(the_window_has_exact_edges),
		TEST(a_long_gap_leaves_no_ghosts),
		TEST(a_short_gap_leaves_no_ghosts),
		TEST(the_highest_sequence_fits),
		TEST(damaged_copies_count_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
