# What Postfix processes say to each other and leave in the queue, written once for all tests. Included by the Makefile.
# It is made without src/codec, which is what it tests.

POSTFIX := $(BUILD)/libpostfix.a

$(POSTFIX): $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/postfix/*.c))
