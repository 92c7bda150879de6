/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a line of the control channel. Beside crashes: what is refused has a cause, and what is
 * accepted can be said again, and then means the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/message.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool histogram_same(const struct histogram *a, const struct histogram *b)
{
	return a->count == b->count && a->min == b->min && a->max == b->max &&
	       !memcmp(a->bucket, b->bucket, sizeof(a->bucket));
}

/* A mean is rounded on its way, so not the sums. */
static bool result_same(const struct control_result *a, const struct control_result *b)
{
	if (memcmp(a, b, offsetof(struct control_result, rx)))
		return false;
	for (uint32_t i = 0; i < a->rx_count; i++)
		if (memcmp(&a->rx[i], &b->rx[i], offsetof(struct control_rx, latency)) ||
		    !histogram_same(&a->rx[i].latency, &b->rx[i].latency))
			return false;
	return true;
}

static void require_same(const struct control_message *a, const struct control_message *b)
{
	require(a->type == b->type);
	if (a->type == CONTROL_READY)
		require(a->effective ? json_equal(a->effective, b->effective) : !b->effective);
	else if (a->type == CONTROL_RESULT)
		require(result_same(a->result, b->result));
	else
		require(!memcmp(a, b, sizeof(*a)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_message message, again;
	struct error err = { 0 };
	char *line;

	if (control_decode((const char *)data, size, &message, &err)) {
		require(err.code && err.cause[0]);
		return 0;
	}
	line = control_encode(&message);
	require(line);
	require(!control_decode(line, strlen(line), &again, NULL));
	require_same(&message, &again);
	control_free(&message);
	control_free(&again);
	free(line);
	return 0;
}
