#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# scripts/install-packages, with a machine that has none of the packages, and an apt-get that does what packages do:
# start their services. Below an overlay of the folders of programs, so that the machine is not touched.
# May run beside others.
load common

# The script, in a mount namespace where no policy for services is there; its apt-get is $HERE/bin/apt-get.
install_packages() {
	exec unshare --mount --propagation private bash -c '
		mount -t tmpfs none layers && mkdir layers/upper layers/work &&
			mount -t overlay -o lowerdir=/usr/sbin,upperdir=layers/upper,workdir=layers/work none /usr/sbin || exit 77
		rm -f /usr/sbin/policy-rc.d
		printf "#!/bin/sh\necho started \"\$@\" >>$HERE/services\n" >/usr/sbin/invoke-rc.d
		PATH=$HERE/bin:$PATH "$ROOT/scripts/install-packages" run 3>&- &
		echo $! >script
		wait $!
		echo $? >status
		[ ! -e /usr/sbin/policy-rc.d ] || echo policy-rc.d >>left
		/usr/sbin/invoke-rc.d later start'
}

setup() {
	require_root
	make_here
	export ROOT
	mkdir bin layers
	printf '#!/bin/sh\nexit 1\n' >bin/dpkg-query
	cat >bin/apt-get <<-'END'
		#!/bin/sh
		/usr/sbin/invoke-rc.d service start
		ls /usr/sbin/policy-rc.d >>seen 2>/dev/null
		echo "$@" >>asked
		[ ! -e hang ] || { echo $$ >apt; exec sleep 20; }
	END
	printf '#!/bin/sh\nexit 0\n' >bin/systemctl
	chmod 755 bin/*
}

@test "services of packages are not started while they are installed, and nothing stays of what prevents it" {
	(install_packages) >out 2>&1 || [ $? != 77 ] || skip "no overlay can be mounted here"
	[ "$(cat status)" = 0 ] || fail "$(cat out)"
	grep -q -- '^install .*openvswitch' asked || fail "$(cat asked out)"
	[ "$(cat services)" = "started later start" ] || fail "$(cat services)"
	[ ! -e left ] || fail "$(cat left)"
}

@test "an installation that is killed leaves no policy behind" {
	touch hang
	(install_packages) >out 2>&1 &
	outer=$!
	wait_for 10 eval '[ -s apt ] || ! kill -0 $outer 2>/dev/null'
	[ -s apt ] || skip "no overlay can be mounted here"
	kill -9 "$(cat script)"
	wait "$outer" || true
	kill "$(cat apt)" || true
	[ ! -e left ] || fail "$(cat left)"
	[ "$(cat services)" = "started later start" ] || fail "$(cat services)"
}
