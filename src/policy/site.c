#include "policy/site.h"

#include <string.h>

/* Words for what a section can say. */

static const char *const condition_names[SITE_CONDITION_COUNT] = {
    [SITE_TRANSPORT] = "transport",
    [SITE_DOMAIN] = "domain",
    [SITE_DESTINATION] = "destination",
};

static const char *const setting_names[SITE_SETTING_COUNT] = {
    [SITE_CONCURRENCY] = "concurrency",
    [SITE_RATE] = "rate",
    [SITE_RECIPIENT_RATE] = "recipient_rate",
    [SITE_SHARED] = "shared",
    [SITE_RAMP] = "ramp",
    [SITE_RETRY] = "retry",
    [SITE_JITTER] = "jitter",
    [SITE_LIFETIME] = "lifetime",
    [SITE_BOUNCE_LIFETIME] = "bounce_lifetime",
    [SITE_ACTIVE_SHARE] = "active_share",
    [SITE_READ_BOUNCES] = "read_bounces",
};

static const char *const shared_names[SITE_SHARED_COUNT] = {
    [SITE_SHARED_NO] = "no",
    [SITE_SHARED_YES] = "yes",
    [SITE_SHARED_OVER_TRANSPORTS] = "over-transports",
};

const char *site_condition_str(SiteCondition condition)
{
    return condition_names[condition];
}

const char *site_setting_str(SiteSetting setting)
{
    return setting_names[setting];
}

const char *site_shared_str(SiteShared shared)
{
    return shared_names[shared];
}

bool site_shared_parse(const char *text, SiteShared *ret_shared)
{
    for (SiteShared shared = 0; shared < SITE_SHARED_COUNT; shared++) {
        if (g_ascii_strcasecmp(text, shared_names[shared]) == 0) {
            *ret_shared = shared;
            return true;
        }
    }
    return false;
}

bool site_excludes(const char *transport)
{
    return strcmp(transport, "retry") == 0 || strcmp(transport, "error") == 0;
}

const char *site_name_fault(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > SITE_NAME_MAX_BYTES)
        return "the name of a section must have 1 to " G_STRINGIFY(SITE_NAME_MAX_BYTES) " bytes";
    for (; *name != '\0'; name++)
        if (!g_ascii_isalnum(*name) && strchr("-_.", *name) == NULL)
            return "the name of a section has letters, digits, '-', '_' and '.' only";
    return NULL;
}

bool site_rate(const Site *site, int64_t day, MeterLimit *ret_limit)
{
    if (site->setting_lines[SITE_RATE] != 0)
        *ret_limit = site->rate;
    else if (site->setting_lines[SITE_RAMP] != 0)
        *ret_limit = ramp_limit(&site->ramp, day);
    else
        return false;
    return true;
}
