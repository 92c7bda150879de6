/* SPDX-License-Identifier: Apache-2.0 */
/* A piece of what the user wrote, fit to be shown in a message. */
#ifndef LB_SUITE_EXCERPT_H
#define LB_SUITE_EXCERPT_H

struct excerpt {
	char text[64];
};

/*
 * At most 48 bytes of `text`, "..." behind them where it was cut, never in the middle of a UTF-8 character.
 * Control characters become '?': a suite from elsewhere cannot write to the reader's terminal.
 * By value, so that it can be used as excerpt(text).text among the arguments of a message.
 */
struct excerpt excerpt(const char *text);

#endif
