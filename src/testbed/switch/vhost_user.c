/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/switch/vhost_user.h"

#include <inttypes.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stdio.h>

static bool has(uint64_t features, unsigned bit)
{
	return features >> bit & 1;
}

json_t *vhost_user_features(uint64_t features)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, features);
	return json_pack("{s:s, s:b, s:s, s:b, s:b, s:b, s:b}", "features", text,
			 "version_1", has(features, VIRTIO_F_VERSION_1),
			 "ring", has(features, VIRTIO_F_RING_PACKED) ? "packed" : "split",
			 "in_order", has(features, VIRTIO_F_IN_ORDER),
			 "mergeable", has(features, VIRTIO_NET_F_MRG_RXBUF),
			 "indirect", has(features, VIRTIO_RING_F_INDIRECT_DESC),
			 "event_index", has(features, VIRTIO_RING_F_EVENT_IDX));
}
