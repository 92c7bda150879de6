/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which run uses which processors of this machine, whoever started it and wherever its state directory is. A
 * claim is a Unix socket with a name that tells the processor, in the first of /run/lock, /dev/shm and /tmp
 * that is a directory for everybody; as long as the run lives the socket answers. Runs may claim the same
 * processor: the later one tells the earlier one by a datagram. The socket is in the ledger before it is
 * made.
 *
 * Anybody can make such sockets: the worst that comes of it is that a run takes itself for contended.
 */
#ifndef LB_TESTBED_HOST_CLAIMS_H
#define LB_TESTBED_HOST_CLAIMS_H

#include <stdbool.h>

#include "ledger/ledger.h"
#include "util/error.h"

struct claims; /* of one run */

/* Subject: path of a claim's socket. Undo: remove it. */
extern const struct ledger_kind claim_kind;

/* NULL = out of memory. */
struct claims *claims_open(void);
/* Drops all. NULL allowed. */
void claims_close(struct claims *claims);

/*
 * Excludes other runs while this one looks for processors that nobody claims and claims them. Returns a
 * descriptor to be closed, or -1: somebody holds the lock for long, or there is no place for claims; then two
 * runs that start at once may choose the same.
 */
int claims_lock(void);

/* Does another run that lives claim it? */
bool claims_of_others(const struct claims *claims, int processor);

/*
 * Claim it, unless this run does already; other runs that claim it are told. The ledger outlives the claims.
 * 0, also where this machine has no place for claims, or -errno.
 */
int claims_take(struct claims *claims, int processor, struct ledger *ledger, struct error *err);
void claims_drop(struct claims *claims, int processor);

/* Has another run claimed one of ours since the last call, or does one now? *news: since the last call. */
bool claims_contended(struct claims *claims, bool *news);

#endif
