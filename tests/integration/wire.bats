#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is on the wire, as tshark sees it at the receiver's interface: another implementation's view of frames,
# checksums, addresses, lengths, and of what else is there.
load common

setup() {
	require_root
	command -v tshark >/dev/null && command -v dumpcap >/dev/null || skip "needs tshark"
	make_here
}

SIZES='60 64 65 1500'
FIELDS='frame.len eth.src eth.dst eth.type ip.src ip.dst ip.proto ip.hdr_len ip.len ip.flags.mf ip.frag_offset
	ip.checksum.status udp.srcport udp.dstport udp.length udp.checksum udp.checksum.status _ws.malformed udp.payload'

capture_at() { # PID FILE
	touch "$2"
	nsenter -t "$1" -n dumpcap -q -i lb0 -w "$2" 2>"$2.err" 3>&- &
	DUMPCAPS+=($!)
}

# Runs all sizes and both payload modes on one testbed, and captures at both ends: what arrives at the receiver is in
# "seen", what arrives at the sender in "seen.back". (What a packet socket sends past the queueing discipline is not
# shown at its own end.)
capture() { # RUNTIME SWITCH IO OPTIONS...
	local runtime=$1 switch=$2 io=$3 DUMPCAPS=() pid
	shift 3
	start_run record --runtime "$runtime" -V "$switch" -I "$io" -R 1000 -B 2 -P "${SIZES// /,}" --payload full,headers \
		-t 200ms -w 200ms --drain 20ms "$@"
	wait_for 10 eval '[ "$(endpoints | wc -l)" = 2 ]' || return 1
	capture_at "$(endpoints | tail -1)" seen
	capture_at "$(endpoints | head -1)" seen.back
	status=0
	wait "$RUN" || status=$?
	[ $status = 0 ] || [ $status = 3 ] || fail "$(cat record.err)" || return 1
	# dumpcap ends when its interface is gone; else it is told to.
	for pid in "${DUMPCAPS[@]}"; do
		kill -INT "$pid" 2>/dev/null || true
		wait "$pid" || true
	done
	all_trials record '.rx.packets == .tx.packets'
}

# A table with a line a frame and a column a field, in their order.
look() { # FILE
	tshark -r "$1" -n -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -T fields $(printf -- '-e %s ' $FIELDS) 2>/dev/null
}

# Prints the frames of the table for which this does not hold, in terms of the fields' names with _ for a dot.
wrong() { # TABLE CONDITION
	local names=() name
	for name in ${FIELDS//./_}; do names+=("$name"); done
	awk -F'\t' -v names="${names[*]}" "BEGIN { split(names, name, \" \") }
		{ $(for i in "${!names[@]}"; do printf '%s = $%d; ' "${names[i]}" $((i + 1)); done)
		  announcement = substr(udp_payload, 1, 4) == \"0000\"
		  there = eth_src == \"02:4c:42:00:00:00\" && eth_dst == \"02:4c:42:00:00:01\" && ip_src == \"198.18.0.1\" && ip_dst == \"198.18.0.2\"
		  back = eth_src == \"02:4c:42:00:00:01\" && eth_dst == \"02:4c:42:00:00:00\" && ip_src == \"198.18.0.2\" && ip_dst == \"198.18.0.1\"
		  if (!($2)) print }" "$1"
}

all_frames() { # TABLE CONDITION
	wrong "$1" "$2" >odd
	[ ! -s odd ] || fail "not true of $(wc -l <odd) of $(wc -l <"$1") frames: $2" "$(head -5 odd)"
}

# No frame that is not ours: no ARP, no ICMP, no IPv6; and ours are what they should be.
right() { # TABLE
	local size sizes
	all_frames "$1" '_ws_malformed == "" && eth_type == "0x0800" && ip_proto == 17 && ip_hdr_len == 20'
	all_frames "$1" 'ip_flags_mf ~ /^(0|False)$/ && ip_frag_offset == 0 && ip_checksum_status == 1'
	all_frames "$1" 'udp_dstport == 48620 && (there || back)'
	all_frames "$1" 'ip_len == frame_len - 14 && udp_length == frame_len - 34'
	# The announcements are the smallest frames, and few: one of each end in each trial.
	all_frames "$1" "(announcement && frame_len == 60) || \"$SIZES\" ~ (\"(^| )\" frame_len \"( |\$)\")"
	[ "$(wrong "$1" '!announcement' | wc -l)" -le $((2 * $(count_trials record))) ]
}

# At the receiver. The first packets may have passed before the capture began.
right_at_receiver() {
	local size
	look seen >table
	right table
	all_frames table 'there || announcement'
	for size in $SIZES; do
		[ "$(wrong table "frame_len != $size" | wc -l)" -ge 400 ] || fail "too few frames of $size bytes" || return 1
	done
	# Each trial, and the warm-up of each, has an id of its own.
	[ "$(awk -F'\t' '{ print substr($NF, 1, 4) }' table | grep -v 0000 | sort -u | wc -l)" -ge $((2 * $(count_trials record) - 1)) ]
}

hand_built() { # RUNTIME SWITCH IO
	capture "$@"
	right_at_receiver
	all_frames table 'udp_checksum_status == 1 && udp_checksum != "0x0000" && udp_srcport == 48620'
}

@test "raw over veth: every checksum is there and right" {
	hand_built netns veth raw
}

@test "raw-mmsg over the bridge, lxc: every checksum is there and right" {
	hand_built lxc linux-bridge raw-mmsg
}

@test "raw over macvlan: every checksum is there and right" {
	hand_built netns macvlan raw
}

# The kernel leaves the UDP checksum of a socket's packet to the hardware, which is not there between two namespaces:
# what a capture shows is the sum of the pseudo header alone, the same for all packets of a length. A kernel that
# completes it must do so rightly.
sockets_checksums() {
	[ "$(wrong table announcement | cut -f 1,16 | sort -u | wc -l)" = "$(wc -w <<<"$SIZES")" ] ||
		all_frames table 'udp_checksum_status == 1'
}

@test "udp over veth" {
	capture netns veth udp
	right_at_receiver
	sockets_checksums
}

@test "udp-mmsg over macvlan" {
	capture netns macvlan udp-mmsg
	right_at_receiver
	sockets_checksums
}

@test "latency: requests and answers; checksums are right after a frame was turned round" {
	SIZES='60 1500'
	capture netns veth raw-mmsg -D latency
	look seen >requests
	look seen.back >answers
	for table in requests answers; do
		right $table
		all_frames $table 'udp_checksum_status == 1 && udp_checksum != "0x0000"'
		[ "$(wrong $table announcement | wc -l)" -ge 400 ]
	done
	all_frames requests there
	all_frames answers back
	# An answer is its request, byte by byte behind the addresses. One of the captures began before the other.
	for table in requests answers; do
		wrong $table announcement | awk -F'\t' '{ print $1, $NF }' | sort >$table.payloads
	done
	[ "$(comm -12 requests.payloads answers.payloads | wc -l)" -ge 400 ]
	[ -z "$(comm -13 requests.payloads answers.payloads)" ] || [ -z "$(comm -23 requests.payloads answers.payloads)" ] ||
		[ "$(comm -3 requests.payloads answers.payloads | wc -l)" -le 100 ]
}

@test "jumbo frames" {
	SIZES='9014'
	capture netns linux-bridge raw
	right_at_receiver
	all_frames table 'udp_checksum_status == 1'
}

@test "the benchmark's own sender speaks today's control messages" {
	run -0 unshare -n python3 -B - "$ROOT/bench" "$(dirname "$LANEBENCH")/../endpoint/lanebench-endpoint" <<-'PYTHON'
		import subprocess, sys
		sys.path.insert(0, sys.argv[1])
		import endpoint
		subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
		port = {"kind": "netdev", "address": "lo", "listens": False, "ring": 0, "queues": 0}
		with endpoint.Sender(sys.argv[2], -1, port, 8, io="raw") as sender:
		    sender.start("headers", 0.1)
		    sender.hear("result")
	PYTHON
}
