#include "cmd/network.h"

#include <dlfcn.h>
#include <string.h>

#include "core/error.h"

#define MODULE	  "tlspol-net.so"
#define REINSTALL "; install tlspol again, program and module together"

/* A fresh path, or NULL with an error. */
static char *find_module(GError **error)
{
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *here = g_path_get_dirname(program ? program : "");
	g_autofree char *built = g_build_filename(here, MODULE, NULL);
	g_autofree char *above = g_path_get_dirname(here);
	g_autofree char *installed = g_build_filename(above, "lib", "tlspol", MODULE, NULL);

	if (!program)
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_OS,
			"cannot tell where tlspol is installed, to find " MODULE
			": /proc/self/exe cannot be read; mount /proc");
	else if (g_file_test(built, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&built);
	else if (g_file_test(installed, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&installed);
	else
		g_set_error(error, TLSPOL_ERROR, STATUS_OS,
			"the part of tlspol that uses the network is not there: neither %s nor %s "
			"exists" REINSTALL,
			built, installed);
	return NULL;
}

static const struct network *load(const char *path, GError **error)
{
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct network *network;

	if (!module) {
		/* The loader's words name the library that is missing. */
		g_set_error(error, TLSPOL_ERROR, STATUS_OS, "cannot load %s: %s" REINSTALL, path,
			dlerror());
		return NULL;
	}
	network = dlsym(module, NETWORK_SYMBOL);
	if (network && strcmp(network->version, TLSPOL_VERSION) == 0)
		return network;
	g_set_error(error, TLSPOL_ERROR, STATUS_OS,
		"%s is of tlspol %s, the program is %s" REINSTALL, path,
		network ? network->version : "(unknown)", TLSPOL_VERSION);
	dlclose(module);
	return NULL;
}

const struct network *network_load(GError **error)
{
	static const struct network *network;
	g_autofree char *path = NULL;

	if (network)
		return network;
	path = find_module(error);
	if (path)
		network = load(path, error);
	return network;
}
