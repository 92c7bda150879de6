/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a test must leave as it was: mounts, cgroups, links, hugepages, the processors' settings, and no process
 * begotten by the test.
 */
#ifndef LB_TESTS_HOST_SNAPSHOT_H
#define LB_TESTS_HOST_SNAPSHOT_H

struct host_snapshot {
	char *mounts, *links, *cgroups, *processes, *lxc, *settings;
};

/*
 * The runs whose directories are in the state directory now are the test's: their cgroups count. Those of
 * other runs, which somebody may have on this machine at the same time, do not.
 */
void host_snapshot_own_runs(void);
/* Makes the caller a subreaper; reaps children that have ended. */
void host_snapshot_take(struct host_snapshot *snapshot);
/*
 * Fails the test where they differ, half a second long: what was killed takes a moment to be gone.
 * Frees `after`; `before` stays for the next comparison.
 */
void assert_host_equal(const struct host_snapshot *before, struct host_snapshot *after);
void host_snapshot_free(struct host_snapshot *snapshot);

#endif
