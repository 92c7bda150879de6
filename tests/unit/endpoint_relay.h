/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wire that plays tricks: hands frames on from middle0 to middle1, and does to the measured packets what
 * their sequence number says, so that what must come of it is known exactly.
 */
#ifndef LB_TEST_ENDPOINT_RELAY_H
#define LB_TEST_ENDPOINT_RELAY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* One packet in a hundred each; the number is the remainder of the sequence number. */
enum trick {
	TRICK_DROP = 7,
	TRICK_DUPLICATE = 13,
	TRICK_DAMAGE_HEADER = 17, /* the payload header's checksum */
	TRICK_DAMAGE_BODY = 23,
	TRICK_CUT = 29,           /* 8 bytes, lengths put right */
	TRICK_DELAY = 31,         /* behind the two packets that follow */
	TRICK_OTHER_STREAM = 37,  /* a packet of another pair beside it */
	TRICK_OTHER_TEST = 41,    /* a straggler of another trial beside it */
	TRICK_DAMAGE_IP = 43,     /* a bit of the IP header, its checksum not put right */
	TRICK_BYSTANDER = 47,     /* a frame beside it that has nothing to do with us */
};

struct relay {
	pthread_t thread;
	int netns;
	bool fix_checksums; /* UDP sockets leave checksums to a device that is not there */
	volatile bool stop;
	uint64_t measured;  /* packets of the measured phase that came by */
};

void relay_start(struct relay *relay, int netns, bool fix_checksums);
void relay_stop(struct relay *relay);

#endif
