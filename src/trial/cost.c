/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/cost.h"

#include <math.h>

static json_t *real_or_null(double number)
{
	return isfinite(number) ? json_real(number) : json_null();
}

/* NAN without packets. */
static double per_packet(double rate, double pps)
{
	return pps > 0 ? rate / pps : NAN;
}

json_t *cost_json(const struct cost_rates *r)
{
	double pps = r->forwarded_pps;
	/* Below 0 by what the kernel's ticks are off by. fmax() would turn what is not known into 0. */
	double rest = r->machine - r->endpoints - r->vswitch, processors = r->machine > 0 ? r->machine : NAN;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "packet_ns", real_or_null(per_packet(r->machine * 1e9, pps)),
			 "endpoints_ns", real_or_null(per_packet(r->endpoints * 1e9, pps)),
			 "switch_ns", real_or_null(per_packet(r->vswitch * 1e9, pps)),
			 "rest_ns", real_or_null(per_packet((rest < 0 ? 0 : rest) * 1e9, pps)),
			 "pps_per_processor", real_or_null(pps > 0 ? pps / processors : NAN),
			 "packet_cycles", real_or_null(per_packet(r->cycles, pps)),
			 "packet_instructions", real_or_null(per_packet(r->instructions, pps)),
			 "packet_nj", real_or_null(per_packet(r->watts * 1e9, pps)));
}
