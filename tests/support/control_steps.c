#include "tests/support/control_steps.h"

#include "codec/attr.h"
#include "src/control/verb_internal.h"
#include "tests/support/runner.h"

static void parse_words(Request *request, const char *words)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_auto(GStrv) word = g_strsplit(words, " ", -1);
    size_t used_bytes;

    for (unsigned i = 0; word[i] != NULL; i += 2)
        attr_put_str(bytes, word[i], word[i + 1]);
    attr_put_end(bytes);
    ck_assert_int_eq(request_parse(bytes->data, bytes->len, request, &used_bytes), REQUEST_OK);
}

unsigned control_count_steps(const ControlSubject *subject, const char *words, unsigned object_max)
{
    const ControlSettings settings = {.host = "host.test"};
    const Now now = {.wall_s = 1};
    struct evbuffer *out = evbuffer_new();
    Answer answer;
    Query query = {.subject = subject,
                   .settings = &settings,
                   .level = CONTROL_LEVEL_CONTROL,
                   .now = &now,
                   .answer = &answer};
    const Verb *verb;
    unsigned count = 1;

    parse_words(&query.request, words);
    verb = verb_find(query.request.verb);
    answer_init(&answer, out);
    ck_assert_msg(verb->begin == NULL || verb->begin(&query), "%s", words);
    while (verb->step(&query, object_max))
        count++;
    if (verb->end != NULL)
        verb->end(&query);
    request_clear(&query.request);
    answer_clear(&answer);
    evbuffer_free(out);
    return count;
}
