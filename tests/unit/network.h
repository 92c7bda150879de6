/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests that make real links share: network namespaces, and frames that are really sent. */
#ifndef LB_TESTS_NETWORK_H
#define LB_TESTS_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/frame.h"

/*
 * Make sure that this process may make namespaces and links: as root, else in a user namespace. false = it
 * may not, and the reason has been printed: skip.
 */
bool network_allowed(void);

/*
 * A socket that sees and sends whole frames on a link: non-blocking, with what it has seen so far thrown
 * away.
 */
int network_tap(int netns, const char *interface);
/* A test frame from one address to another, with `mark` as its payload's first byte. */
bool network_send(int tap, const struct wire_address *from, const struct wire_address *to, uint8_t mark);
/*
 * Does such a frame come within timeout_ms? Other frames are thrown away; frames that went out do not
 * count.
 */
bool network_receive(int tap, uint8_t mark, int timeout_ms);
/* Number of frames, of whatever kind, that come within the time. */
unsigned network_count(int tap, int timeout_ms);

/* Names of all links of a namespace, each followed by a blank. */
void network_links(int netns, char *text, size_t size);
/* Open descriptors of this process. */
unsigned network_descriptors(void);

#endif
