/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/kinds.h"

#include <stddef.h>

#define KIND(name, file) extern const struct ledger_kind name##_kind;
#include "testbed/kinds.def"
#undef KIND

const struct ledger_kind *const testbed_kinds[] = {
#define KIND(name, file) &name##_kind,
#include "testbed/kinds.def"
#undef KIND
	NULL,
};
