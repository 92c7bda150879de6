/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/switch/socket_port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int socket_port_fill(struct switch_port *port, const char *name, bool listens, struct error *err)
{
	char path[2 * PORT_ADDRESS_SIZE];
	int length = snprintf(path, sizeof(path), "%s/%s", port->directory, name);

	if (length >= PORT_ADDRESS_SIZE)
		return error_set(err, ENAMETOOLONG, "name a shorter state directory in LANEBENCH_STATE",
				 "%s is a longer path than the %d bytes that a socket's address takes", path,
				 PORT_ADDRESS_SIZE - 1);
	memcpy(port->port.address, path, (size_t)length + 1);
	port->port.listens = listens;
	return 0;
}

/* Through a descriptor that opens the inode itself, whatever it is: so what is checked is what is changed. */
static int socket_give(int directory, const char *made, uid_t owner, struct error *err)
{
	char self[32];
	struct stat st;
	int fd = openat(directory, made, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return error_errno(err, errno, NULL, "cannot find the switch's socket %s", made);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd); /* fchmod refuses O_PATH */
	if (fstat(fd, &st))
		rc = error_errno(err, errno, NULL, "cannot look at the switch's socket %s", made);
	else if (!S_ISSOCK(st.st_mode))
		rc = error_set(err, ENOTSOCK, NULL, "what the switch made as %s is no socket", made);
	else if (chmod(self, 0600) || fchownat(fd, "", owner, owner, AT_EMPTY_PATH))
		rc = error_errno(err, errno, NULL, "cannot give the switch's socket %s to its container",
				 made);
	close(fd);
	return rc;
}

int socket_port_hand_over(const struct switch_port *port, int directory, const char *made, struct error *err)
{
	const char *name = strrchr(port->port.address, '/') + 1;
	int home, rc = socket_give(directory, made, port->owner, err);

	if (rc)
		return rc;
	home = open(port->host_directory, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (home < 0)
		return error_errno(err, errno, NULL, "cannot open %s", port->host_directory);
	if (renameat2(directory, made, home, name, RENAME_NOREPLACE))
		rc = error_errno(err, errno, NULL, "cannot put a socket into %s", port->host_directory);
	close(home);
	return rc;
}

static const char *socket_name(const struct switch_port *port)
{
	return strrchr(port->port.address, '/') + 1;
}

bool socket_port_exists(const struct switch_port *port)
{
	char path[2 * PORT_ADDRESS_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", port->host_directory, socket_name(port));
	return !lstat(path, &st);
}

/* It is moved first: what the container does to its directory no longer matters when it is looked at. */
int socket_port_take(const struct switch_port *port, int directory, const char *name, uid_t owner,
		     struct error *err)
{
	struct stat st;
	int home, rc = 0;

	home = open(port->host_directory, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (home < 0)
		return error_errno(err, errno, NULL, "cannot open %s", port->host_directory);
	if (renameat(home, socket_name(port), directory, name))
		rc = error_errno(err, errno, NULL, "cannot take the socket %s of port %u",
				 socket_name(port), port->index);
	else if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW))
		rc = error_errno(err, errno, NULL, "cannot look at the socket of port %u", port->index);
	else if (!S_ISSOCK(st.st_mode) || st.st_uid != port->owner)
		rc = error_set(err, EPERM, NULL,
			       "what the container at port %u offers as its socket is no socket of its own", port->index);
	else
		rc = socket_give(directory, name, owner, err);
	close(home);
	return rc;
}
