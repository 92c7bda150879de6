/* SPDX-License-Identifier: Apache-2.0 */
#include "run/test_interference.h"

#include <string.h>

static bool is_free(const struct test *test, enum parameter_id id)
{
	return !strcmp(test_text(test, id), "free");
}

struct interference_spec test_interference(const struct test *test, char *const *neighbour_command)
{
	return (struct interference_spec){
		.switch_quota = test_number(test, PARAMETER_SWITCH_QUOTA),
		.endpoint_quota = test_number(test, PARAMETER_ENDPOINT_QUOTA),
		.switch_free = is_free(test, PARAMETER_SWITCH_PLACE),
		.neighbour = test_text(test, PARAMETER_NEIGHBOUR),
		.neighbour_free = is_free(test, PARAMETER_NEIGHBOUR_PLACE),
		.neighbour_command = neighbour_command,
	};
}
