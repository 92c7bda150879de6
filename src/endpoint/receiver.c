/* SPDX-License-Identifier: Apache-2.0 */
/* Receiver: accounts every packet that arrives, until stop and until nothing more is to come. */
#include "endpoint/inspector.h"
#include "endpoint/trial.h"

/* One burst. Returns the time after it. */
static inline uint64_t receiver_burst(struct trial *trial, struct inspector *inspector)
{
	struct io_packet *packets = trial->endpoint->rx_packets;
	const struct io_ops *ops = trial->io->ops;
	uint32_t n = ops->rx_burst(trial->io, packets, trial->start.burst);
	uint64_t now_ns;

	if (n) {
		inspector_account(inspector, packets, n);
		now_ns = clock_ticks_to_ns(trial->clock, packets[n - 1].ticks);
		ops->rx_release(trial->io, packets, n);
		return now_ns;
	}
	now_ns = trial_now(trial);
	trial_idle(trial, now_ns, UINT64_MAX);
	return now_ns;
}

/* Packets of the trial that have arrived in any form. */
static uint64_t receiver_arrived(const struct account *account)
{
	return account->received + account->corrupted + account->late;
}

static void receiver_drain(struct trial *trial, struct inspector *inspector, uint64_t now_ns)
{
	uint64_t arrived = receiver_arrived(inspector->account), heard_ns = now_ns;

	while (arrived < trial->stop_sent && now_ns - heard_ns < trial->start.drain_ns &&
	       trial_attend(trial, now_ns) <= TRIAL_STOPPED) {
		now_ns = receiver_burst(trial, inspector);
		if (receiver_arrived(inspector->account) != arrived) {
			arrived = receiver_arrived(inspector->account);
			heard_ns = now_ns;
		}
	}
}

void receiver_run(struct trial *trial)
{
	struct inspector inspector;
	uint64_t now_ns;

	trial_inspector(trial, &inspector);
	do
		now_ns = receiver_burst(trial, &inspector);
	while (trial_attend(trial, now_ns) == TRIAL_RUNNING);
	receiver_drain(trial, &inspector, now_ns);
	trial_inspector_report(trial, &inspector);
}
