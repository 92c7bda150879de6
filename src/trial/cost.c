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

/* What the kernel's ticks may be off by is no contradiction; endpoints are known to the ns. */
#define TICKS_OFF 0.1

json_t *cost_json(const struct cost_rates *r, const char **why)
{
	double pps = r->forwarded_pps, own = r->endpoints + r->vswitch;
	double machine = r->machine < (1 - TICKS_OFF) * own ? NAN : r->machine;
	/* fmax() would turn what is not known into 0. */
	double rest = machine - own, processors = machine > 0 ? machine : NAN;

	*why = !(pps > 0) ? "no packet arrived" : isnan(machine) && !isnan(r->machine) ?
	       "others were busy before the test and gave way to it: what it took beyond endpoints and switch "
	       "cannot be told" : NULL;
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "packet_ns", real_or_null(per_packet(machine * 1e9, pps)),
			 "endpoints_ns", real_or_null(per_packet(r->endpoints * 1e9, pps)),
			 "switch_ns", real_or_null(per_packet(r->vswitch * 1e9, pps)),
			 "rest_ns", real_or_null(per_packet((rest < 0 ? 0 : rest) * 1e9, pps)),
			 "pps_per_processor", real_or_null(pps > 0 ? pps / processors : NAN),
			 "packet_cycles", real_or_null(per_packet(r->cycles, pps)),
			 "packet_instructions", real_or_null(per_packet(r->instructions, pps)),
			 "packet_nj", real_or_null(per_packet(r->watts * 1e9, pps)));
}
