/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talking to the two daemons of an Open vSwitch: both answer JSON-RPC 1.0 on a Unix socket, ovsdb-server
 * "transact" (RFC 7047), ovs-vswitchd the commands of ovs-appctl. Asking them directly takes some 0.1 ms, where
 * one of their tools takes 5 to 10: what is read back beside each trial must not cost more than the trial.
 */
#ifndef LB_TESTBED_SWITCH_OVS_RPC_H
#define LB_TESTBED_SWITCH_OVS_RPC_H

#include <jansson.h>

#include "util/error.h"

/*
 * Call `method` of the daemon that listens at the socket `name` in the directory behind `directory`, and wait for
 * the answer up to 5 s. Takes over `params` (NULL = out of memory). *result: a new reference. -ENOENT or
 * -ECONNREFUSED where nobody listens; -EIO with the daemon's own words where it refuses.
 */
int ovs_call(int directory, const char *name, const char *method, json_t *params, json_t **result,
	     struct error *err);

/* A command of ovs-vswitchd. Takes over its arguments, an array of texts. *text: its answer, to be freed. */
int ovs_command(int directory, const char *name, const char *command, json_t *arguments, char **text,
		struct error *err);

/*
 * A transaction on ovsdb-server's database Open_vSwitch. Takes over `operations`, an array. *results: one
 * object an operation, a new reference; may be NULL. An operation that fails fails the call.
 */
int ovs_transact(int directory, const char *name, json_t *operations, json_t **results, struct error *err);

#endif
