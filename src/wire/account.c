/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/account.h"

#include <string.h>

/*
 * seen[] is a ring of bits, that of a sequence number at its value modulo the window. Valid are those of the
 * numbers up to the highest seen, as many as the window has; a bit is cleared when the highest moves past its
 * number.
 */
enum place { PLACE_NEW, PLACE_GAP, PLACE_SEEN, PLACE_LATE };

uint64_t account_window(uint32_t streams)
{
	uint64_t window = ACCOUNT_WINDOW;

	while (window > ACCOUNT_WINDOW_LEAST && window * streams > ACCOUNT_WINDOW)
		window /= 2;
	return window;
}

void account_reset(struct account *account, uint64_t window)
{
	memset(account, 0, ACCOUNT_SIZE(window));
}

static void clear_range(struct account *account, uint64_t window, uint64_t from, uint64_t to)
{
	if (to - from >= window) {
		memset(account->seen, 0, window / 8);
		return;
	}
	while (from < to) {
		uint64_t bit = from % 64;
		uint64_t n = to - from < 64 - bit ? to - from : 64 - bit;
		uint64_t mask = (UINT64_MAX >> (64 - n)) << bit;

		account->seen[(from & (window - 1)) / 64] &= ~mask;
		from += n;
	}
}

/* Where the sequence number lies; marks it as seen. Inlined for the window of a stream that is alone. */
static inline __attribute__((always_inline)) enum place account_mark(struct account *account, uint64_t window,
								     uint64_t sequence)
{
	uint64_t *word = &account->seen[(sequence & (window - 1)) / 64];
	uint64_t bit = UINT64_C(1) << sequence % 64;

	if (sequence >= account->next) {
		if (sequence > account->next)
			clear_range(account, window, account->next, sequence);
		*word |= bit;
		account->next = sequence + 1;
		return PLACE_NEW;
	}
	if (account->next - sequence > window)
		return PLACE_LATE;
	if (*word & bit)
		return PLACE_SEEN;
	*word |= bit;
	return PLACE_GAP;
}

static inline __attribute__((always_inline)) bool account_add(struct account *account, uint64_t window,
							      uint64_t sequence, uint32_t frame_size)
{
	switch (account_mark(account, window, sequence)) {
	case PLACE_LATE:
		account->late++;
		return false;
	case PLACE_SEEN:
		account->duplicated++;
		return false;
	case PLACE_GAP:
		account->reordered++;
		break;
	case PLACE_NEW:
		break;
	}
	account->received++;
	account->bytes += frame_size;
	return true;
}

bool account_packet(struct account *account, uint64_t sequence, uint32_t frame_size)
{
	return account_add(account, ACCOUNT_WINDOW, sequence, frame_size);
}

bool account_packet_of_many(struct account *account, uint64_t window, uint64_t sequence, uint32_t frame_size)
{
	return account_add(account, window, sequence, frame_size);
}

void account_corrupted_body(struct account *account, uint64_t window, uint64_t sequence)
{
	switch (account_mark(account, window, sequence)) {
	case PLACE_LATE:
		account->late++;
		break;
	case PLACE_SEEN:
		account->duplicated++;
		break;
	case PLACE_GAP:
	case PLACE_NEW:
		account->corrupted++;
		break;
	}
}
