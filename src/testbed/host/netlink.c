/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "testbed/host/links.h"

#define OWN_NAMESPACE "/proc/thread-self/ns/net"

static int refuse(struct error *err, int code, const char *what)
{
	const char *remedy = code == EPERM ? "run it as root, or in a user namespace of your own" : NULL;

	return error_errno(err, code, remedy, "%s", what);
}

int netlink_enter(int netns, int *home, struct error *err)
{
	*home = -1;
	if (netns == LINKS_HERE)
		return 0;
	*home = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
	if (*home < 0)
		return error_errno(err, errno, NULL, "cannot open %s", OWN_NAMESPACE);
	if (setns(netns, CLONE_NEWNET) < 0) {
		int code = errno;

		close(*home);
		*home = -1;
		return refuse(err, code, "cannot enter a network namespace");
	}
	return 0;
}

int netlink_leave(int home, struct error *err)
{
	int rc = 0;

	if (home < 0)
		return 0;
	if (setns(home, CLONE_NEWNET) < 0)
		rc = error_errno(err, errno, NULL, "cannot go back to the own network namespace");
	close(home);
	return rc;
}

int netlink_scratch_namespace(struct error *err)
{
	int home, fd, rc;

	home = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
	if (home < 0)
		return error_errno(err, errno, NULL, "cannot open %s", OWN_NAMESPACE);
	if (unshare(CLONE_NEWNET) < 0) {
		int code = errno;

		close(home);
		return refuse(err, code, "cannot make a network namespace");
	}
	fd = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = error_errno(err, errno, NULL, "cannot open %s", OWN_NAMESPACE);
	rc = netlink_leave(home, err);
	if (rc < 0 && fd >= 0)
		close(fd);
	return rc < 0 ? rc : fd;
}

/*
 * libnl hands us every negative acknowledgement. It carries the errno, then the request (its header alone
 * where NLM_F_CAPPED says so), then attributes, one of which is the kernel's own explanation.
 */
static int refused(struct sockaddr_nl *from, struct nlmsgerr *answer, void *context)
{
	struct netlink *nl = context;
	struct nlmsghdr *header = (struct nlmsghdr *)((char *)answer - NLMSG_HDRLEN);
	struct nlattr *attributes[NLMSGERR_ATTR_MAX + 1] = { NULL };
	int skip = sizeof(*answer);

	nl->code = -answer->error;
	if (header->nlmsg_flags & NLM_F_ACK_TLVS) {
		if (!(header->nlmsg_flags & NLM_F_CAPPED))
			skip += NLMSG_ALIGN(answer->msg.nlmsg_len - NLMSG_HDRLEN);
		if (nlmsg_parse(header, skip, attributes, NLMSGERR_ATTR_MAX, NULL) == 0 &&
		    attributes[NLMSGERR_ATTR_MSG])
			nla_strlcpy(nl->message, attributes[NLMSGERR_ATTR_MSG], sizeof(nl->message));
	}
	return -NLE_FAILURE;
}

int netlink_open(struct netlink *nl, int netns, struct error *err)
{
	int home, left, rc, on = 1;

	memset(nl, 0, sizeof(*nl));
	nl->socket = nl_socket_alloc();
	if (!nl->socket)
		return error_errno(err, ENOMEM, NULL, "cannot open a netlink socket");
	rc = netlink_enter(netns, &home, err);
	if (rc < 0)
		goto out;
	rc = nl_connect(nl->socket, NETLINK_ROUTE);
	if (rc < 0)
		rc = error_set(err, EIO, NULL, "cannot open a netlink socket: %s", nl_geterror(rc));
	left = netlink_leave(home, err);
	if (left < 0)
		rc = left;
	if (rc < 0)
		goto out;
	/* Only makes messages better and shorter: an old kernel that does not know it may refuse. */
	setsockopt(nl_socket_get_fd(nl->socket), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(nl->socket), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	nl_socket_disable_auto_ack(nl->socket);
	nl_socket_modify_err_cb(nl->socket, NL_CB_CUSTOM, refused, nl);
out:
	if (rc < 0)
		netlink_close(nl);
	return rc;
}

void netlink_close(struct netlink *nl)
{
	nl_socket_free(nl->socket);
	nl->socket = NULL;
}

static int finish(struct netlink *nl, int rc)
{
	if (rc < 0 && !nl->code) {
		nl->code = rc == -NLE_NOMEM ? ENOMEM : EIO;
		snprintf(nl->message, sizeof(nl->message), "%s", nl_geterror(rc));
	}
	return -nl->code;
}

static int send_message(struct netlink *nl, struct nl_msg *msg, int flags)
{
	int rc;

	nl->code = 0;
	nl->message[0] = 0;
	if (!msg)
		return -NLE_NOMEM;
	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_REQUEST | flags;
	rc = nl_send_auto(nl->socket, msg);
	nlmsg_free(msg);
	return rc;
}

int netlink_request(struct netlink *nl, struct nl_msg *msg)
{
	int rc = send_message(nl, msg, NLM_F_ACK);

	if (rc >= 0)
		rc = nl_wait_for_ack(nl->socket);
	return finish(nl, rc);
}

struct reader {
	int (*parse)(struct nlmsghdr *answer, void *context);
	void *context;
	int rc;
};

static int answered(struct nl_msg *msg, void *context)
{
	struct reader *reader = context;

	reader->rc = reader->parse(nlmsg_hdr(msg), reader->context);
	return NL_STOP;
}

int netlink_query(struct netlink *nl, struct nl_msg *msg,
		  int (*parse)(struct nlmsghdr *answer, void *context), void *context)
{
	struct reader reader = { .parse = parse, .context = context, .rc = -ENODATA };
	int rc;

	nl_socket_modify_cb(nl->socket, NL_CB_VALID, NL_CB_CUSTOM, answered, &reader);
	rc = send_message(nl, msg, 0);
	if (rc >= 0)
		rc = nl_recvmsgs_default(nl->socket);
	rc = finish(nl, rc);
	if (!rc && reader.rc < 0) {
		nl->code = -reader.rc;
		rc = reader.rc;
	}
	return rc;
}
