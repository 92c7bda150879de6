/* SPDX-License-Identifier: Apache-2.0 */
/* A small catalogue with the defaults, and with invented things that have every kind of limit. */
#ifndef LB_TESTS_SAMPLE_CATALOGUE_H
#define LB_TESTS_SAMPLE_CATALOGUE_H

#include "suite/catalogue.h"

static const struct catalogue sample_catalogue = {
	.switches = {
		.entry = {
			{ .name = "veth", .available = true, .ports = 1, .joins = true },
			{ .name = "garden", .available = true, .ports = 1, .remote = true, .joins = true },
			{ .name = "ovs", .available = false, .reason = "it is not installed", .ports = 3,
			  .learns = true },
			{ .name = "duo", .available = true, .ports = 1, .max_ports = 4, .joins = true },
			{ .name = "ring", .available = true, .ports = 6, .threads = true, .learns = true,
			  .joins = true, .queues = true },
		},
		.count = 5,
	},
	.ios = {
		.entry = {
			{ .name = "udp", .available = true, .ports = 1, .max_burst = 1024, .min_frame = 60,
			  .max_frame = 9014 },
			{ .name = "small", .available = true, .ports = 1, .max_burst = 16, .min_frame = 60,
			  .max_frame = 1514 },
			{ .name = "large", .available = true, .ports = 1, .max_burst = 1024, .min_frame = 128,
			  .max_frame = 9014 },
			{ .name = "lake", .available = true, .ports = 6, .max_burst = 256, .min_frame = 60,
			  .max_frame = 2048, .layer_frame = true },
			{ .name = "lost", .available = false, .reason = "its program cannot run" },
		},
		.count = 5,
	},
	.runtimes = {
		.entry = {
			{ .name = "lxc", .available = true },
			{ .name = "netns", .available = true },
		},
		.count = 2,
	},
	.processors = 2,
};

#endif
