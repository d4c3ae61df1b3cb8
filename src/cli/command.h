/*
 * command: a command and its options as data.
 *
 * Every command is one const struct; parsing, --help, completion and the check of the man pages
 * read the same tables, without running anything. cli/ knows no command: the array comes from
 * cmd/commands.c.
 */
#ifndef TLSPOL_CLI_COMMAND_H
#define TLSPOL_CLI_COMMAND_H

#include <glib.h>
#include <stddef.h>

enum option_kind {
	OPTION_FLAG,	 /* gboolean */
	OPTION_STRING,	 /* char *; the last one wins */
	OPTION_STRINGS,	 /* GPtrArray * of char *, made on first use; repeatable */
	OPTION_NUMBER,	 /* guint; 0 to 2^31-1 */
	OPTION_PERCENT,	 /* guint; "30%" or "30" */
	OPTION_CHOICE,	 /* int: index into choices */
	OPTION_OPTIONAL, /* char *; "--prune" gives "", "--prune=all" gives "all" */
};

/* What shells complete for a value or an operand. */
enum completes {
	COMPLETES_NOTHING,
	COMPLETES_FILE,
	COMPLETES_DIRECTORY,
	COMPLETES_KEY, /* domains in the table, asked from `tlspol __complete key PREFIX` */
	COMPLETES_LEVEL,
	COMPLETES_ATTRIBUTE, /* match= ciphers= … */
	COMPLETES_COMMAND,
	COMPLETES_SHELL,
};

struct option {
	const char *name; /* "output", without dashes */
	char letter;	  /* 'o' or 0 */
	enum option_kind kind;
	size_t offset;		    /* into the settings struct the group is parsed into */
	const char *metavar;	    /* "FILE"; NULL for flags */
	const char *help;	    /* one line, lower-case start, no full stop */
	const char *const *choices; /* NULL-terminated; for OPTION_CHOICE, and to check
				       OPTION_OPTIONAL when set */
	enum completes completes;
	int preset; /* first value for NUMBER, PERCENT, CHOICE */
	guint max;  /* the most a NUMBER may be; 0 = G_MAXINT32 */
};

/* Where a group's offsets point. */
enum option_base { BASE_COMMAND, BASE_SHARED };
struct option_group {
	const char *title; /* "Connection"; NULL for the command's own */
	enum option_base base;
	const struct option *options; /* ended by name NULL */
	gboolean common;	      /* explained in tlspol(1), not on the page of each command */
};

struct operand {
	const char *metavar; /* "KEY", "ATTR=VALUE" */
	gboolean optional, many;
	enum completes completes;
	const char *const *choices; /* words to complete; the command itself checks them */
};

struct example {
	const char *line; /* "tlspol add github.com secure match=mx.google.com" */
	const char *why;
};

struct command {
	const char *name, *alias;
	const char *group;	 /* heading in the list of commands: "Policies", "Files", … */
	const char *summary;	 /* one line */
	const char *description; /* paragraphs for --help, which folds them anew */
	const struct operand *operands; /* ended by metavar NULL; NULL = none */
	const struct option_group *const
		*groups;		/* ended by NULL: own first, then the shared ones */
	const struct example *examples; /* ended by line NULL */
	const int *statuses;		/* exit statuses it can end with, ended by -1 */
	size_t settings_size;
	gboolean hidden;  /* __describe, __complete */
	gboolean program; /* tlspol itself: its options end at the first operand, the command */
	/*
	 * `shared` is the program's (cmd/app.h); `settings` is zeroed and filled from the command
	 * line. Returns an exit status; with `error` set, that error's code is the status.
	 */
	int (*run)(gpointer shared, gpointer settings, char **operands, int count, GError **error);
};

/* Ended by NULL. */
typedef const struct command *const *command_list;

const struct command *command_find(command_list commands, const char *name);
/* The command, or USAGE with "did you mean". */
const struct command *command_named(command_list commands, const char *word, GError **error);

/*
 * An option of a command by its name without dashes, or by its letter; NULL when it has none.
 * *group gets the group it is in, and may be NULL.
 */
const struct option *command_option(
	const struct command *command, const char *name, const struct option_group **group);
const struct option *command_option_letter(
	const struct command *command, char letter, const struct option_group **group);

#endif
