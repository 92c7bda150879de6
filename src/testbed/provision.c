/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/provision.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/cgroup_limits.h"
#include "system/sysfs.h"
#include "system/tree.h"
#include "testbed/host/mount.h"

/* In a container that has a file system of its own: by a port's place among the container's. */
static const char *const port_targets[TOPOLOGY_NODE_PORTS] = { "/port", "/port-1" };
#define MEMORY_TARGET "/hugepages"
#define PAGE_2M_KB 2048u
#define SIZES_MAX 16
#define SOCKETS_MEGABYTES 64
#define SOCKETS_FILES 4096
#define FILE_NAME_ROOM 16          /* for a socket's own name in its directory */

static bool has_sockets(const struct provision_spec *spec)
{
	return port_traits[spec->port_kind].passes == PORT_PASSES_DIRECTORY;
}

/* DIRECTORY/NAME, or /NAME-NUMBER; a socket's path must stay short, and all of these may hold one. */
static int make_path(char path[PORT_ADDRESS_SIZE], const char *directory, const char *name, int number,
		     struct error *err)
{
	char text[4096];
	int length = number < 0 ? snprintf(text, sizeof(text), "%s/%s", directory, name) :
		     snprintf(text, sizeof(text), "%s/%s-%d", directory, name, number);

	if (length + FILE_NAME_ROOM >= PORT_ADDRESS_SIZE)
		return error_set(err, ENAMETOOLONG, "name a shorter state directory in LANEBENCH_STATE",
				 "sockets in %s would have a longer path than the %d bytes that a socket's address takes",
				 text, PORT_ADDRESS_SIZE - 1);
	memcpy(path, text, (size_t)length + 1);
	return 0;
}

static int make_directory(const char *path, mode_t mode, uid_t owner, gid_t group, struct error *err)
{
	/* chmod: whatever the umask says, a container's root, who is nobody here, must pass to what is its own. */
	if (mkdir(path, 0700) || lchown(path, owner, group) || chmod(path, mode))
		return error_errno(err, errno, NULL, "cannot make the directory %s", path);
	return 0;
}

/* Of a port, or of its link. */
static void socket_directory(const struct provision *provision, const struct provision_spec *spec, unsigned port,
			     char path[PORT_ADDRESS_SIZE])
{
	bool link = spec->ops->link_directory;

	make_path(path, provision->directory, link ? "link" : "port",
		  link ? spec->topology->ports[port].link : (int)port, NULL);
}

/* Containers that share a directory, and memory with it, have their group in common. */
static int make_places(struct provision *provision, const struct provision_spec *spec, struct error *err)
{
	const struct placement *placement = spec->placement;
	const bool users = spec->runtime->namespaces & CLONE_NEWUSER;
	const unsigned count = spec->topology->node_count;
	int rc = 0;

	provision->places = calloc(count + 1, sizeof(*provision->places));
	if (!provision->places)
		return error_errno(err, ENOMEM, NULL, "cannot bring up a testbed of %u containers", count);
	provision->place_count = count + 1;
	for (unsigned i = 0; i <= count; i++) {
		const int *processor = i == count && placement->switch_threads ? placement->switch_thread :
				       &placement->endpoint[i % count];

		provision->places[i] = (struct provision_place){ .identity = IDENTITY_NONE, .user = geteuid(),
								 .group = getegid(), .node = processor_node(*processor) };
	}
	for (unsigned i = 0; users && i < count + spec->switch_contained && !rc; i++) {
		struct provision_place *place = &provision->places[i];

		rc = identity_take(&place->identity, err);
		place->user = place->group = place->identity.id;
		if (spec->ops->link_directory && i < count)
			place->group = provision->places[0].user;
	}
	return rc;
}

static int make_directories(struct provision *provision, const struct provision_spec *spec,
			    struct ledger *ledger, struct error *err)
{
	const struct provision_place *places = provision->places, *sw = &places[spec->topology->node_count];
	char path[PORT_ADDRESS_SIZE];
	int rc = make_path(provision->directory, ledger_directory(ledger), "t", (int)spec->generation, err);

	/* The longest that there will be. */
	rc = rc ? rc : make_path(path, provision->directory, "memory", (int)spec->topology->node_count, err);
	rc = rc ? rc : make_path(provision->switch_directory, provision->directory, "switch", -1, err);
	if (rc) {
		provision->directory[0] = 0;
		return rc;
	}
	rc = make_directory(provision->directory, 0711, geteuid(), getegid(), err);
	if (!rc && has_sockets(spec))
		rc = mount_memory(provision->directory, SOCKETS_MEGABYTES, SOCKETS_FILES, ledger, err);
	provision->entry = rc > 0 ? rc : 0;
	rc = rc < 0 ? rc : make_directory(provision->switch_directory, 0700, sw->user, sw->group, err);
	for (unsigned i = 0; !rc && has_sockets(spec) && i < spec->topology->port_count; i++) {
		if (spec->ops->link_directory && spec->topology->ports[i].end)
			continue;
		socket_directory(provision, spec, i, path);
		/* Its container's alone: sockets of switches are moved into it, those of containers taken out of it. */
		rc = make_directory(path, spec->ops->link_directory ? 0770 : 0700,
				    places[spec->topology->ports[i].node].user,
				    places[spec->topology->ports[i].node].group, err);
	}
	return rc;
}

/* The size of page that the parameter names: 0 = none, or -EINVAL. */
static int choose_page(const char *hugepages, uint32_t *page_kb, struct error *err)
{
	uint32_t sizes[SIZES_MAX];
	unsigned count = hugepages_sizes(sizes, SIZES_MAX);
	char *end;
	unsigned long wanted = strtoul(hugepages, &end, 10);

	*page_kb = 0;
	if (!strcmp(hugepages, "none"))
		return 0;
	if (!count)
		return error_set(err, ENOENT, "use hugepages: none", "this kernel has no hugepages");
	if (!strcmp(hugepages, "auto"))
		wanted = PAGE_2M_KB;
	else
		wanted *= *end == 'G' ? 1u << 20 : 1u << 10;
	for (unsigned i = 0; i < count; i++)
		if (sizes[i] == wanted)
			*page_kb = sizes[i];
	if (!*page_kb && !strcmp(hugepages, "auto"))
		*page_kb = sizes[0];
	if (!*page_kb)
		return error_set(err, ENOENT, "use hugepages: auto", "this kernel has no hugepages of %s",
				 hugepages);
	return 0;
}

static void unmount_all(struct provision *provision, struct ledger *ledger, struct error *first)
{
	struct error one = { 0 };

	for (unsigned i = provision->mount_count; i-- > 0;)
		if (hugepages_unmount(&provision->mounts[i], ledger, &one) && !first->code)
			*first = one;
	free(provision->mounts);
	provision->mounts = NULL;
	provision->mount_count = 0;
	provision->page_kb = 0;
}

static uint32_t endpoint_megabytes(const struct provision *provision, const struct provision_spec *spec, unsigned node)
{
	return provision->megabytes * spec->topology->nodes[node].port_count;
}

/*
 * Pages are charged to the cgroup of whoever first touches them, who is killed where that has no more: so it is looked
 * at before. `file` of the limit tells whose it is.
 */
static int check_page_limit(const struct provision *provision, const struct provision_spec *spec, struct error *err)
{
	uint64_t wanted = (uint64_t)spec->topology->port_count * provision->megabytes + provision->switch_megabytes;
	struct cgroup_limit limit;
	char remedy[320];

	cgroup_hugepages_read("", provision->page_kb, &limit);
	if (limit.left >> 20 >= wanted)
		return 0;
	snprintf(remedy, sizeof(remedy), "raise that limit (Kubernetes: resources.limits.hugepages-%s), or do without: "
		 "hugepages none", provision->page_kb >= 1048576 ? "1Gi" : "2Mi");
	return error_set(err, ENOMEM, remedy, "%" PRIu64 " MB of hugepages are wanted, and the limit in %s leaves %" PRIu64
			 " MB", wanted, limit.file, limit.left >> 20);
}

static int mount_all(struct provision *provision, const struct provision_spec *spec, struct ledger *ledger,
		     struct error *err)
{
	const unsigned nodes = spec->topology->node_count;
	struct error ignored = { 0 };
	char path[PORT_ADDRESS_SIZE];
	int rc = choose_page(spec->hugepages, &provision->page_kb, err);

	if (rc || !provision->page_kb)
		return rc;
	rc = check_page_limit(provision, spec, err);
	if (rc) {
		provision->page_kb = 0;
		return rc;
	}
	provision->mounts = calloc(nodes + 1, sizeof(*provision->mounts));
	if (!provision->mounts)
		return error_errno(err, ENOMEM, NULL, "cannot make memory for packets");
	provision->mount_count = nodes + 1;
	for (unsigned i = 0; !rc && i <= nodes; i++) {
		bool is_switch = i == nodes;
		uint32_t megabytes = is_switch ? provision->switch_megabytes : endpoint_megabytes(provision, spec, i);

		if (!megabytes)
			continue;
		rc = make_path(path, provision->directory, is_switch ? "memory-switch" : "memory",
			       is_switch ? -1 : (int)i, err);
		rc = rc ? rc : hugepages_mount(&provision->mounts[i], path, provision->page_kb, megabytes,
					       provision->places[i].node, provision->places[i].user, ledger,
					       err);
	}
	if (rc)
		unmount_all(provision, ledger, &ignored);
	return rc;
}

/* All of it is touched at once, and what is not there the kernel takes by killing. */
static int check_ordinary_memory(const struct provision *provision, const struct provision_spec *spec,
				 struct error *err)
{
	uint64_t wanted = (uint64_t)spec->topology->port_count * provision->megabytes + provision->switch_megabytes;
	uint64_t available = sysfs_memory_available() / 1024;
	struct cgroup_limits limits;

	cgroup_limits_read("", &limits);
	if (wanted > limits.memory.left >> 20)
		return error_set(err, ENOMEM, "raise that limit, or choose fewer containers, or a smaller ring, burst or "
				 "packet size", "%u containers and their switch want %" PRIu64 " MB for packets, and the "
				 "limit in %s leaves %" PRIu64 " MB", spec->topology->node_count, wanted,
				 limits.memory.file, limits.memory.left >> 20);
	if (wanted <= available)
		return 0;
	return error_set(err, ENOMEM, "choose fewer containers, or a smaller ring, burst or packet size",
			 "%u containers and their switch want %" PRIu64 " MB for packets, and this machine has %"
			 PRIu64 " MB to spare", spec->topology->node_count, wanted, available);
}

/* Hugepages if they can be had; unless they were asked for by size, memory without them will do. */
static int make_memory(struct provision *provision, const struct provision_spec *spec, struct ledger *ledger,
		       struct error *err)
{
	struct error why = { 0 };
	int rc;

	if (port_traits[spec->port_kind].memory)
		provision->megabytes = port_megabytes(spec->ring * spec->queues, spec->max_burst, spec->max_frame);
	if (spec->ops->megabytes)
		provision->switch_megabytes = spec->ops->megabytes(spec->topology->port_count, spec->queues,
								spec->ring, spec->max_frame);
	if (!provision->megabytes && !provision->switch_megabytes)
		return 0;
	rc = mount_all(provision, spec, ledger, &why);
	if (rc && strcmp(spec->hugepages, "auto"))
		return error_set(err, why.code, why.remedy, "%s", why.cause);
	if (rc)
		snprintf(provision->note, sizeof(provision->note), "%s", why.cause);
	return provision->page_kb ? 0 : check_ordinary_memory(provision, spec, err);
}

int provision_make(struct provision *provision, const struct provision_spec *spec, struct ledger *ledger,
		   struct error *err)
{
	int rc;

	memset(provision, 0, sizeof(*provision));
	rc = make_places(provision, spec, err);
	if (!rc)
		rc = make_directories(provision, spec, ledger, err);
	if (!rc)
		rc = make_memory(provision, spec, ledger, err);
	if (rc)
		provision_remove(provision, ledger, NULL);
	return rc;
}

int provision_remove(struct provision *provision, struct ledger *ledger, struct error *err)
{
	struct error first = { 0 }, one = { 0 };

	unmount_all(provision, ledger, &first);
	if (provision->entry > 0 && ledger_undo(ledger, provision->entry, &one) && !first.code)
		first = one;
	if (provision->directory[0] && tree_remove(provision->directory, NULL, &one) && !first.code)
		first = one;
	for (unsigned i = 0; i < provision->place_count; i++)
		identity_release(&provision->places[i].identity);
	free(provision->places);
	memset(provision, 0, sizeof(*provision));
	return first.code ? error_set(err, first.code, first.remedy, "%s", first.cause) : 0;
}

unsigned provision_endpoint(const struct provision *provision, const struct provision_spec *spec, unsigned index,
			    struct switch_port *ports, struct packet_memory *memory,
			    struct container_share shares[PROVISION_SHARES_MAX])
{
	const struct topology_node *node = &spec->topology->nodes[index];
	bool own_files = spec->runtime->own_files;
	unsigned count = 0;

	for (unsigned place = 0; place < node->port_count; place++) {
		struct switch_port *port = &ports[node->ports[place]];

		port->owner = provision->places[index].user;
		if (!has_sockets(spec))
			continue;
		socket_directory(provision, spec, port->index, port->host_directory);
		snprintf(port->directory, sizeof(port->directory), "%s",
			 own_files ? port_targets[place] : port->host_directory);
		shares[count++] = (struct container_share){ port->host_directory, port_targets[place], false };
	}
	memory->megabytes = endpoint_megabytes(provision, spec, index);
	if (provision->page_kb && provision->megabytes) {
		const struct hugepages_mount *mount = &provision->mounts[index];

		snprintf(memory->directory, sizeof(memory->directory), "%s",
			 own_files ? MEMORY_TARGET : mount->path);
		memory->megabytes = mount->megabytes;
		shares[count++] = (struct container_share){ mount->path, MEMORY_TARGET, false };
	}
	return count;
}

void provision_switch(const struct provision *provision, struct packet_memory *memory)
{
	*memory = (struct packet_memory){ .megabytes = provision->switch_megabytes };
	if (provision->page_kb && provision->switch_megabytes) {
		const struct hugepages_mount *mount = &provision->mounts[provision->mount_count - 1];

		snprintf(memory->directory, sizeof(memory->directory), "%s", mount->path);
		memory->megabytes = mount->megabytes;
	}
}

unsigned provision_switch_shares(const struct provision *provision, const struct switch_ops *ops,
				 struct container_share shares[PROVISION_SHARES_MAX])
{
	unsigned count = 0;

	shares[count++] = (struct container_share){ provision->switch_directory, provision->switch_directory, false };
	if (provision->page_kb && provision->switch_megabytes) {
		const char *path = provision->mounts[provision->mount_count - 1].path;

		shares[count++] = (struct container_share){ path, path, false };
	}
	for (unsigned i = 0; ops->devices && ops->devices[i] && count < PROVISION_SHARES_MAX; i++)
		shares[count++] = (struct container_share){ ops->devices[i], ops->devices[i], true };
	return count;
}

static void page_text(uint32_t page_kb, char *text, size_t size)
{
	if (!page_kb)
		snprintf(text, size, "none");
	else if (page_kb >= 1u << 20)
		snprintf(text, size, "%uG", page_kb >> 20);
	else if (page_kb >= 1u << 10)
		snprintf(text, size, "%uM", page_kb >> 10);
	else
		snprintf(text, size, "%uK", page_kb);
}

json_t *provision_effective(const struct provision *provision)
{
	struct packet_memory endpoint = { .megabytes = provision->megabytes }, sw;
	char pages[16];

	if (!provision->megabytes && !provision->switch_megabytes)
		return json_null();
	if (provision->page_kb && provision->megabytes)
		endpoint.megabytes = provision->mounts[0].megabytes;
	provision_switch(provision, &sw);
	page_text(provision->page_kb, pages, sizeof(pages));
	return json_pack("{s:s, s:s, s:i, s:i}", "hugepages", pages, "note", provision->note,
			 "endpoint_megabytes", (int)endpoint.megabytes, "switch_megabytes", (int)sw.megabytes);
}
