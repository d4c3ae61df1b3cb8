/* The option groups that commands share. */
#include "cmd/app.h"

#define AT(field) offsetof(struct app, field)

static const char *const colour_choices[] = {"auto", "always", "never", NULL};
static const char *const protocol_choices[] = {"tcp", "socket", NULL};

/* clang-format off */
static const struct option global_options[] = {
	{"help", 'h', OPTION_FLAG, AT(help), NULL, "show this help"},
	{"config", 0, OPTION_STRING, AT(config_path), "FILE",
		"settings instead of /etc/tlspol/tlspol.yaml", .completes = COMPLETES_FILE},
	{"quiet", 'q', OPTION_FLAG, AT(quiet), NULL, "no notes on standard error"},
	{"verbose", 'v', OPTION_FLAG, AT(verbose), NULL, "say more about what is done"},
	{"colour", 0, OPTION_CHOICE, AT(colour), "WHEN", "use colours", colour_choices},
	{"color", 0, OPTION_CHOICE, AT(colour), "WHEN", NULL, colour_choices},
	{NULL},
};

static const struct option db_options[] = {
	{"host", 0, OPTION_STRING, AT(db.host), "HOST", "server to connect to"},
	{"port", 'P', OPTION_NUMBER, AT(db.port), "PORT", "its TCP port", .max = 65535},
	{"socket", 'S', OPTION_STRING, AT(db.socket), "FILE", "unix socket of a local server",
		.completes = COMPLETES_FILE},
	{"protocol", 0, OPTION_STRING, AT(db.protocol), "HOW", "connect by TCP or by unix socket",
		protocol_choices},
	{"user", 'u', OPTION_STRING, AT(db.user), "NAME", "database account"},
	{"password-file", 0, OPTION_STRING, AT(db.password_file), "FILE",
		"the password is the first line of FILE", .completes = COMPLETES_FILE},
	{"ask-password", 'p', OPTION_FLAG, AT(db.ask_password), NULL,
		"ask for the password on the terminal"},
	{"database", 'D', OPTION_STRING, AT(db.database), "NAME", "database with the table"},
	{"table", 0, OPTION_STRING, AT(db.table), "NAME", "the policy table; default tlspolicies"},
	{"defaults-file", 0, OPTION_STRING, AT(db.defaults_file), "FILE",
		"read only this MariaDB option file", .completes = COMPLETES_FILE},
	{"defaults-extra-file", 0, OPTION_STRING, AT(db.defaults_extra_file), "FILE",
		"read this MariaDB option file too", .completes = COMPLETES_FILE},
	{"defaults-group-suffix", 0, OPTION_STRING, AT(db.defaults_group_suffix), "SUFFIX",
		"read groups with this suffix too, like [tlspolSUFFIX]"},
	{"no-defaults", 0, OPTION_FLAG, AT(db.no_defaults), NULL, "read no MariaDB option files"},
	{"connect-timeout", 0, OPTION_NUMBER, AT(db.connect_timeout), "SECONDS",
		"give up connecting after this time; default 10"},
	{"ssl", 0, OPTION_FLAG, AT(db.ssl), NULL, "refuse a connection without TLS"},
	{"ssl-ca", 0, OPTION_STRING, AT(db.ssl_ca), "FILE",
		"verify the server's certificate and name with these CAs", .completes = COMPLETES_FILE},
	{"ssl-capath", 0, OPTION_STRING, AT(db.ssl_capath), "DIRECTORY", "the same, a hashed directory",
		.completes = COMPLETES_DIRECTORY},
	{"ssl-cert", 0, OPTION_STRING, AT(db.ssl_cert), "FILE", "client certificate",
		.completes = COMPLETES_FILE},
	{"ssl-key", 0, OPTION_STRING, AT(db.ssl_key), "FILE", "its private key",
		.completes = COMPLETES_FILE},
	{"ssl-cipher", 0, OPTION_STRING, AT(db.ssl_cipher), "LIST", "ciphers to allow"},
	{"skip-ssl", 0, OPTION_FLAG, AT(db.skip_ssl), NULL, "connect without TLS"},
	{"skip-ssl-verify-server-cert", 0, OPTION_FLAG, AT(db.skip_ssl_verify), NULL,
		"do not verify the server's certificate"},
	{NULL},
};

#define INPUT_FORMAT                                                                   \
	{"input-format", 0, OPTION_CHOICE, AT(input_format), "FORMAT",                 \
		"how the file is written; auto tells by its name and its first bytes", \
		policies_formats},                                                     \
	{"accept-expired", 0, OPTION_FLAG, AT(accept_expired), NULL,                    \
		"take a policy list (format eff) although it has expired"}
static const struct option input_options[] = {INPUT_FORMAT, {NULL}};
static const struct option from_options[] = {
	{"from", 0, OPTION_STRING, AT(from), "FILE",
		"read policies from FILE instead of the table; - is standard input",
		.completes = COMPLETES_FILE},
	INPUT_FORMAT,
	{NULL},
};

static const struct option format_options[] = {
	{"format", 'F', OPTION_CHOICE, AT(format), "FORMAT", "how rows are printed", record_formats},
	{"output", 'o', OPTION_STRING, AT(output), "FILE",
		"write to FILE, replaced in one step when all went well", .completes = COMPLETES_FILE},
	{NULL},
};

static const struct option output_options[] = {
	{"output", 'o', OPTION_STRING, AT(output), "FILE",
		"write to FILE, replaced in one step when all went well", .completes = COMPLETES_FILE},
	{NULL},
};

static const struct option rules_options[] = {
	{"postfix-version", 0, OPTION_STRING, AT(postfix_version), "VERSION",
		"oldest Postfix the policies must work with; default: postfix.version of the "
		"configuration, else the Postfix installed here"},
	{"no-tafile", 0, OPTION_FLAG, AT(no_tafile), NULL,
		"do not look at the files that tafile= names"},
	{NULL},
};

static const struct option resolver_options[] = {
	{"resolver", 0, OPTION_STRING, AT(resolver), "ADDRESS",
		"DNS server to ask, ADDRESS[@PORT], or recursive: the authoritative servers "
		"themselves; default: resolver.address of the configuration, else "
		"/etc/resolv.conf"},
	{"trust-anchor", 0, OPTION_STRING, AT(trust_anchor), "FILE",
		"DS or DNSKEY of the DNS root; default: the system's", .completes = COMPLETES_FILE},
	{"root-hints", 0, OPTION_STRING, AT(root_hints), "FILE",
		"the root's servers, for --resolver recursive", .completes = COMPLETES_FILE},
	{NULL},
};
/* clang-format on */

/* clang-format off */
const struct option_group app_group_global = {"General", BASE_SHARED, global_options, .common = TRUE};
const struct option_group app_group_db = {"Connection", BASE_SHARED, db_options, .common = TRUE};
const struct option_group app_group_input = {"Input", BASE_SHARED, input_options};
const struct option_group app_group_from = {"Input", BASE_SHARED, from_options};
const struct option_group app_group_format = {"Output", BASE_SHARED, format_options};
const struct option_group app_group_output = {"Output", BASE_SHARED, output_options};
const struct option_group app_group_rules = {"Rule", BASE_SHARED, rules_options};
const struct option_group app_group_resolver = {"Resolver", BASE_SHARED, resolver_options};
