/* SPDX-License-Identifier: Apache-2.0 */
/* All switches of this build. A new one: its file in this folder, a declaration and a line here. */
#include <stddef.h>
#include <string.h>

#include "testbed/switch/switch.h"

extern const struct switch_ops veth_switch, linux_bridge_switch, macvlan_switch;

const struct switch_ops *const switch_table[] = {
	&veth_switch,
	&linux_bridge_switch,
	&macvlan_switch,
	NULL,
};

const struct switch_ops *switch_find(const char *name)
{
	for (const struct switch_ops *const *ops = switch_table; *ops; ops++)
		if (strcmp((*ops)->name, name) == 0)
			return *ops;
	return NULL;
}
