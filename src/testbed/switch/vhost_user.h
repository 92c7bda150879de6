/* SPDX-License-Identifier: Apache-2.0 */
/* What switches with vhost-user ports have in common. */
#ifndef LB_TESTBED_SWITCH_VHOST_USER_H
#define LB_TESTBED_SWITCH_VHOST_USER_H

#include <jansson.h>
#include <stdint.h>

/* The socket's name in a port's directory. */
#define VHOST_USER_SOCKET "vhost-user"

/*
 * The virtio features that the two sides of a port have agreed upon (virtio 1.1, section 6), as far as they
 * decide about speed: {"features": "0x950008000", "version_1": true, "ring": "split" or "packed", "in_order",
 * "mergeable", "indirect", "event_index"}. New reference, or NULL.
 */
json_t *vhost_user_features(uint64_t features);

#endif
