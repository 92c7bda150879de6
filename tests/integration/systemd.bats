#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Cgroups that a systemd hands over: a real one, with its message bus, but in namespaces and a cgroup of its own, which
# starts nothing but the test (tests/unit/scope_test.c). On a machine that runs systemd with cgroup v2 that test sees the
# machine's own.
# May run beside others.
load common

UNIFIED=/sys/fs/cgroup/unified
[ -e "$UNIFIED/cgroup.procs" ] || UNIFIED=/sys/fs/cgroup
SCOPE_TEST=$(dirname "$LANEBENCH")/../../tests/unit/scope_test

unit() { # NAME: a unit's file, from standard input
	{
		printf '[Unit]\nDefaultDependencies=no\n'
		cat
	} >"$HERE/units/$1"
}

make_units() {
	mkdir units
	unit test.target <<<'Requires=test.service'
	unit dbus.socket <<-END
		[Socket]
		ListenStream=/run/dbus/system_bus_socket
	END
	unit dbus.service <<-END
		Requires=dbus.socket
		[Service]
		Type=notify
		ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation
	END
	unit test.service <<-END
		Requires=dbus.service
		After=dbus.service
		SuccessAction=exit-force
		FailureAction=exit-force
		[Service]
		Environment=CMOCKA_MESSAGE_OUTPUT=TAP
		ExecStart=$SCOPE_TEST
		StandardOutput=file:$HERE/out
		StandardError=append:$HERE/out
	END
}

# The first process of its own machine, as it were: systemd, until the test has ended.
boot() {
	echo $BASHPID >"$UNIFIED/$GROUP/cgroup.procs"
	exec timeout -s KILL 30 unshare --fork --kill-child --pid --mount --cgroup --ipc --uts --net --mount-proc \
		--propagation private bash -euc '
		umount -R /sys/fs/cgroup
		mount -t cgroup2 none /sys/fs/cgroup
		for directory in /run /var/log /var/lib/systemd; do mount -t tmpfs none $directory; done
		mkdir -p /run/lock /run/systemd/system
		cp units/* /run/systemd/system
		container=lanebench exec /lib/systemd/systemd --system --unit=test.target' </dev/null
}

@test "cgroups are made in a scope that systemd hands over, and vanish with it" {
	[ -x /lib/systemd/systemd ] && [ -x /usr/bin/dbus-daemon ] && [ -x "$SCOPE_TEST" ] || skip "needs systemd and dbus"
	GROUP=lb-test-$$
	mkdir "$UNIFIED/$GROUP" || skip "no cgroup v2"
	make_units
	(boot) >log 2>&1 3>&- || true
	wait_for 5 eval 'find "$UNIFIED/$GROUP" -depth -type d -exec rmdir {} + 2>/dev/null; [ ! -e "$UNIFIED/$GROUP" ]'
	[ -s out ] || fail "systemd did not run the test" "$(cat log)"
	! grep '^not ok' out | grep -v '# SKIP' || fail "$(cat out)"
	for name in is_made_and_goes goes_with_a_killed_run; do
		grep -q "^ok .*$name\$" out || fail "$(cat out)"
	done
}
