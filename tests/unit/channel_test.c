/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "endpoint/channel.h"

/* A channel whose input we write and whose output we read. */
struct line {
	int to[2], from[2];
	struct channel channel;
};

static int setup(void **state)
{
	struct line *line = calloc(1, sizeof(*line));

	*state = line;
	return !line || pipe(line->to) || pipe(line->from) ||
	       channel_open(&line->channel, line->to[0], line->from[1], NULL);
}

static int teardown(void **state)
{
	struct line *line = *state;

	channel_close(&line->channel);
	close(line->to[0]);
	if (line->to[1] >= 0)
		close(line->to[1]);
	close(line->from[0]);
	close(line->from[1]);
	free(line);
	return 0;
}

static void put(struct line *line, const char *text)
{
	assert_int_equal(write(line->to[1], text, strlen(text)), (ssize_t)strlen(text));
}

static void the_sample_is_what_the_codec_makes(void **state)
{
	const struct control_sample samples[] = { { 1, 0, 0 }, { 4294967295u, CONTROL_COUNT_MAX, 12345678901234 } };
	struct line *line = *state;

	for (size_t i = 0; i < 2; i++) {
		struct control_message expected = { .type = CONTROL_SAMPLE, .sample = samples[i] }, message;
		struct error err = { 0 };
		char text[512];
		ssize_t n;

		assert_int_equal(channel_say_sample(&line->channel, &samples[i], &err), 0);
		n = read(line->from[0], text, sizeof(text));
		assert_true(n > 0 && text[n - 1] == '\n');
		if (control_decode(text, (size_t)n, &message, &err))
			fail_msg("%s", err.cause);
		assert_int_equal(message.type, CONTROL_SAMPLE);
		assert_int_equal(message.sample.second, expected.sample.second);
		assert_int_equal(message.sample.tx_packets, expected.sample.tx_packets);
		assert_int_equal(message.sample.rx_packets, expected.sample.rx_packets);
	}
}

static void hears_messages_however_they_are_cut(void **state)
{
	struct control_message message;
	struct line *line = *state;
	struct error err = { 0 };

	assert_int_equal(channel_hear(&line->channel, 0, &message, &err), 0);
	put(line, "{\"type\":\"st");
	assert_int_equal(channel_hear(&line->channel, 0, &message, &err), 0);
	put(line, "op\",\"sent\":17}\n{\"type\":\"quit\"}\n{\"ty");
	assert_int_equal(channel_hear(&line->channel, 0, &message, &err), 1);
	assert_int_equal(message.type, CONTROL_STOP);
	assert_int_equal(message.stop.sent, 17);
	assert_int_equal(channel_hear(&line->channel, 0, &message, &err), 1);
	assert_int_equal(message.type, CONTROL_QUIT);
	assert_int_equal(channel_hear(&line->channel, 0, &message, &err), 0);
	assert_false(line->channel.ended);
}

static void knows_the_end_of_file(void **state)
{
	struct control_message message;
	struct line *line = *state;
	struct error err = { 0 };

	put(line, "{\"type\":\"quit\"}\n");
	close(line->to[1]);
	line->to[1] = -1;
	assert_int_equal(channel_hear(&line->channel, -1, &message, &err), 1);
	assert_int_equal(channel_hear(&line->channel, -1, &message, &err), 0);
	assert_true(line->channel.ended);
}

static void refuses_what_it_cannot_read(void **state)
{
	struct control_message message;
	struct line *line = *state;
	struct error err = { 0 };

	put(line, "packets, please\n");
	assert_int_equal(channel_hear(&line->channel, 0, &message, &err), -EPROTO);
	assert_string_not_equal(err.cause, "");
}

static void refuses_a_line_without_end(void **state)
{
	struct control_message message;
	struct line *line = *state;
	struct error err = { 0 };
	char text[4097];
	int ret = 0;

	memset(text, ' ', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	for (unsigned i = 0; i <= CONTROL_LINE_MAX / 4096 && !ret; i++) {
		put(line, text);
		ret = channel_hear(&line->channel, 0, &message, &err);
	}
	assert_int_equal(ret, -EPROTO);
}

static void tells_that_nobody_reads(void **state)
{
	const struct control_sample sample = { 1, 2, 3 };
	struct line *line = *state;
	struct error err = { 0 };

	close(line->channel.out);
	assert_int_equal(channel_say_sample(&line->channel, &sample, &err), -EBADF);
	assert_string_not_equal(err.cause, "");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_sample_is_what_the_codec_makes),
		CASE(hears_messages_however_they_are_cut),
		CASE(knows_the_end_of_file),
		CASE(refuses_what_it_cannot_read),
		CASE(refuses_a_line_without_end),
		CASE(tells_that_nobody_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
