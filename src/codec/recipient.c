#include <string.h>

#include "codec/envelope.h"

/*
 * The three texts of a recipient share bytes. The DSN original usually ends with the original
 * recipient ("rfc822;a@b"), and both with the address: so each text, in this order, is looked for
 * at the end of those before it, and stored only if it is not there.
 */
enum { DSN_ORIGINAL, ORIGINAL, ADDRESS, TEXT_COUNT };

typedef struct Layout {
    const char *text[TEXT_COUNT];
    size_t length[TEXT_COUNT];
    uint32_t at[TEXT_COUNT];
    bool shared[TEXT_COUNT];
    size_t size_bytes;
} Layout;

static bool is_tail(const Layout *layout, int tail, int whole)
{
    size_t length = layout->length[tail], whole_length = layout->length[whole];

    return length <= whole_length &&
           memcmp(layout->text[tail], layout->text[whole] + whole_length - length, length) == 0;
}

static void place(Layout *layout, int which)
{
    for (int other = 0; other < which; other++) {
        if (is_tail(layout, which, other)) {
            layout->at[which] =
                layout->at[other] + (uint32_t)(layout->length[other] - layout->length[which]);
            layout->shared[which] = true;
            return;
        }
    }
    layout->at[which] = (uint32_t)layout->size_bytes;
    layout->size_bytes += layout->length[which] + 1;
    g_assert(layout->size_bytes <= UINT32_MAX);
}

static Recipient *recipient_build(const Layout *layout)
{
    Recipient *recipient = g_malloc(sizeof *recipient + layout->size_bytes);

    for (int which = 0; which < TEXT_COUNT; which++)
        if (!layout->shared[which])
            memcpy(recipient->text + layout->at[which], layout->text[which],
                   layout->length[which] + 1);
    recipient->link.next = NULL;
    recipient->address_at = layout->at[ADDRESS];
    recipient->original_at = layout->at[ORIGINAL];
    recipient->dsn_original_at = layout->at[DSN_ORIGINAL];
    return recipient;
}

Recipient *recipient_new(const char *address, const char *original, const char *dsn_original,
                         uint8_t notify_flags, int64_t offset)
{
    Layout layout = {
        .text = {dsn_original, original, address}
    };
    Recipient *recipient;

    for (int which = 0; which < TEXT_COUNT; which++) {
        layout.length[which] = strlen(layout.text[which]);
        place(&layout, which);
    }
    recipient = recipient_build(&layout);
    recipient->notify_flags = notify_flags;
    recipient->plan = 0;
    recipient->asked_in = 0;
    recipient->offset = offset;
    return recipient;
}

/* `address` may be part of the recipient itself, so the old one goes last. */
Recipient *recipient_readdress(Recipient *recipient, const char *address)
{
    Recipient *changed;

    if (strcmp(recipient_address(recipient), address) == 0)
        return recipient;
    changed =
        recipient_new(address, recipient_original(recipient), recipient_dsn_original(recipient),
                      recipient->notify_flags, recipient->offset);
    changed->plan = recipient->plan;
    changed->asked_in = recipient->asked_in;
    g_free(recipient);
    return changed;
}

const char *recipient_address(const Recipient *recipient)
{
    return recipient->text + recipient->address_at;
}

const char *recipient_original(const Recipient *recipient)
{
    return recipient->text + recipient->original_at;
}

const char *recipient_dsn_original(const Recipient *recipient)
{
    return recipient->text + recipient->dsn_original_at;
}

void recipients_free(Chain *recipients)
{
    Link *link;

    while ((link = chain_pop_first(recipients)) != NULL)
        g_free(link);
}
