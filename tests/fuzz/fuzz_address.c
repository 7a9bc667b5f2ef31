#include <string.h>

#include "codec/delivery.h"
#include "codec/logline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Quoting loses nothing; unquoting takes anything. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *address = g_strndup((const char *)data, size);
    g_autofree char *quoted = address_quote(address);
    g_autofree char *again = address_unquote(quoted);
    g_autofree char *unquoted = address_unquote(address);
    g_autofree Recipient *recipient = recipient_new(address, quoted, "", 0, 0);
    g_autofree char *verp = delivery_verp_sender(address, "+=", recipient);

    g_assert_cmpstr(again, ==, address);
    g_assert(strlen(unquoted) <= strlen(address));
    g_assert(strlen(verp) <= strlen(address) + strlen(quoted) + 2);
    return 0;
}
