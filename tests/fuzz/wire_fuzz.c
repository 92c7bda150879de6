/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a received frame. Beside crashes: what passes for an intact packet is, byte for byte, what
 * the sender would have written, and a frame that is turned round twice is the same frame.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/account.h"
#include "wire/frame.h"
#include "wire/payload.h"

static _Alignas(64) uint8_t room[ACCOUNT_SIZE(ACCOUNT_WINDOW)];
static struct account *const account = (struct account *)(void *)room;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_payload(const uint8_t *payload, uint32_t size, enum wire_payload_mode mode)
{
	struct wire_header header;
	uint8_t *written;

	switch (wire_payload_read(payload, size, &header, mode)) {
	case WIRE_TOO_SHORT:
		require(size < WIRE_PAYLOAD_HEADER_LEN);
		break;
	case WIRE_CORRUPTED_HEADER:
		require(size >= WIRE_PAYLOAD_HEADER_LEN);
		break;
	case WIRE_CORRUPTED_BODY:
		require(mode == WIRE_PAYLOAD_FULL && size > WIRE_PAYLOAD_HEADER_LEN);
		account_corrupted_body(account, ACCOUNT_WINDOW, header.sequence);
		break;
	case WIRE_OK:
		written = malloc(size);
		require(written);
		memcpy(written, payload, size);
		wire_payload_write(written, size, &header, mode);
		require(!memcmp(written, payload, size));
		free(written);
		account_packet(account, header.sequence, size);
		break;
	}
}

static void check_swap(const uint8_t *frame, uint32_t size)
{
	uint8_t *turned = malloc(size);
	uint32_t payload;

	require(turned);
	memcpy(turned, frame, size);
	wire_frame_swap(turned);
	require(wire_frame_parse(turned, size, &payload));
	wire_frame_swap(turned);
	require(!memcmp(turned, frame, size));
	free(turned);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Once as a frame, and, since few bytes pass for one, once as a payload. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t payload;

	account_reset(account, ACCOUNT_WINDOW);
	if (size > WIRE_FRAME_MAX)
		size = WIRE_FRAME_MAX;
	check_payload(data, (uint32_t)size, WIRE_PAYLOAD_FULL);
	check_payload(data, (uint32_t)size, WIRE_PAYLOAD_HEADERS);
	if (wire_frame_parse(data, (uint32_t)size, &payload)) {
		require(payload <= size - WIRE_HEADERS_LEN);
		check_payload(data + WIRE_HEADERS_LEN, payload, WIRE_PAYLOAD_FULL);
		check_swap(data, (uint32_t)size);
	}
	require(account->received + account->corrupted + account->duplicated + account->late <= 3);
	return 0;
}
