/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LB_TESTBED_KINDS_H
#define LB_TESTBED_KINDS_H

#include "ledger/ledger.h"

/* All kinds of ledger entries of this build, for ledger_clean; from kinds.def. NULL-terminated. */
extern const struct ledger_kind *const testbed_kinds[];

#endif
