#include "cmd/config.h"

#include <stddef.h>
#include <stdlib.h>

#include "core/error.h"
#include "core/nearest.h"
#include "files/settings_in.h"

#define CONFIG_DEFAULT "/etc/tlspol/tlspol.yaml"

static const struct {
	const char *path;
	size_t offset;
} known[] = {
#define CONFIG_ROW(setting, field, what) {setting, offsetof(struct config, field)},
	CONFIG_LIST(CONFIG_ROW)
#undef CONFIG_ROW
};

const char *config_environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static char **field_of(struct config *config, const char *path)
{
	for (guint i = 0; i < G_N_ELEMENTS(known); i++) {
		if (g_str_equal(known[i].path, path))
			return (char **)((char *)config + known[i].offset);
	}
	return NULL;
}

static gboolean take(struct config *config, const struct setting *setting, GError **error)
{
	char **field = field_of(config, setting->path);
	struct nearest nearest;

	if (field && !*field) {
		*field = g_strdup(setting->value);
		return TRUE;
	}
	nearest_init(&nearest, text_of(setting->path));
	for (guint i = 0; i < G_N_ELEMENTS(known); i++)
		nearest_offer(&nearest, known[i].path);
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG, "%s:%u:%u: %s '%s'%s%s%s", config->path,
		setting->line, setting->column,
		field ? "only one value can be given for" : "unknown setting", setting->path,
		!field && nearest.best ? ", did you mean '" : "",
		!field && nearest.best ? nearest.best : "", !field && nearest.best ? "'?" : "");
	return FALSE;
}

struct config *config_load(const char *path, GError **error)
{
	g_autoptr(config_t) config = g_new0(struct config, 1);
	g_autoptr(GPtrArray) settings =
		g_ptr_array_new_with_free_func((GDestroyNotify)setting_free);

	if (!path)
		path = config_environment("TLSPOL_CONFIG");
	if (!path && g_file_test(CONFIG_DEFAULT, G_FILE_TEST_EXISTS))
		path = CONFIG_DEFAULT;
	if (!path)
		return g_steal_pointer(&config);
	config->path = g_strdup(path);
	if (!settings_read(path, settings, error))
		return NULL;
	for (guint i = 0; i < settings->len; i++) {
		if (!take(config, settings->pdata[i], error))
			return NULL;
	}
	return g_steal_pointer(&config);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (guint i = 0; i < G_N_ELEMENTS(known); i++)
		g_free(*(char **)((char *)config + known[i].offset));
	g_free(config->path);
	g_free(config);
}
