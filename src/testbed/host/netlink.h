/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One rtnetlink conversation in one network namespace, on libnl's sockets and messages. Requests are built
 * attribute by attribute (nla_put) instead of through libnl-route's objects: these lack attributes that we
 * need (a bridge's options), and turn the kernel's errno and its explanation into a coarser code.
 */
#ifndef LB_TESTBED_HOST_NETLINK_H
#define LB_TESTBED_HOST_NETLINK_H

#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "util/error.h"

struct netlink {
	struct nl_sock *socket;
	int code;          /* errno of the last request, 0 = it succeeded */
	char message[160]; /* what the kernel said beyond errno (extended acknowledgement), or "" */
};

/*
 * The calling thread enters network namespace `netns` (LINKS_HERE: stays) and leaves it again. *home is
 * the way back. Between the two calls nothing may return.
 */
int netlink_enter(int netns, int *home, struct error *err);
int netlink_leave(int home, struct error *err);

/* A new, empty network namespace that lasts as long as the returned descriptor (and sockets in it) does. */
int netlink_scratch_namespace(struct error *err);

/* A socket stays in the namespace that it was made in: so the thread is there only for this call. */
int netlink_open(struct netlink *nl, int netns, struct error *err);
void netlink_close(struct netlink *nl);

/* Send a request and wait until the kernel has done it. Frees msg, which may be NULL (out of memory).
 * Returns 0 or -errno, with nl->code and nl->message filled. */
int netlink_request(struct netlink *nl, struct nl_msg *msg);
/* Send a request that is answered by one message: parse() gets it and returns 0 or -errno. Else as above. */
int netlink_query(struct netlink *nl, struct nl_msg *msg,
		  int (*parse)(struct nlmsghdr *answer, void *context), void *context);

#endif
