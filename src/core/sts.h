/*
 * sts: MTA-STS (RFC 8461): the TXT record, the policy text, its MX patterns. Strict: what the RFC's
 * grammar does not allow is refused, with the reason.
 */
#ifndef TLSPOL_CORE_STS_H
#define TLSPOL_CORE_STS_H

#include "core/text.h"

#define STS_POLICY_MAX 65536 /* bytes of a policy text (RFC 8461 3.3 suggests 64 KB) */
#define STS_MX_MAX     200

enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE };
const char *sts_mode_name(enum sts_mode mode);

struct sts_policy {
	enum sts_mode mode;
	guint max_age; /* seconds */
	char **mx;     /* patterns, folded to lower case; "*.example.com" stands for one label */
};
void sts_policy_free(struct sts_policy *policy);

/* Section 3.1. `id` gets a fresh string. FALSE with DATA saying what is wrong. */
gboolean sts_record_parse(struct text record, char **id, GError **error);
/*
 * Of all TXT records at _mta-sts.DOMAIN (each already joined from its strings): those that do not
 * begin with "v=STSv1;" are passed over; none or more than one left means no policy. *found tells
 * whether there was any at all. FALSE with DATA when the one there is broken, or there are several.
 */
gboolean sts_records_choose(
	const struct text *records, guint count, gboolean *found, char **id, GError **error);

/* Section 3.2. NULL with DATA naming the line. */
struct sts_policy *sts_policy_parse(struct text body, GError **error);
/* text/plain, any parameters (section 3.2). */
gboolean sts_content_type_fine(const char *content_type);
/* Section 4.1: exact, or "*." for exactly one label; ASCII case-insensitive. */
gboolean sts_mx_matches(const char *pattern, const char *host);
/* Does any pattern of the policy match? */
gboolean sts_allows(const struct sts_policy *policy, const char *host);

enum sts_state {
	STS_NOT_ASKED,
	STS_ABSENT,  /* no record */
	STS_BROKEN,  /* a record, and no usable policy: `why` */
	STS_UNKNOWN, /* DNS or HTTPS did not answer: `why` */
	STS_FOUND,
};
struct sts_observation {
	enum sts_state state;
	char *id;
	struct sts_policy *policy; /* FOUND */
	char *why;
};
void sts_observation_release(struct sts_observation *sts);

#endif
