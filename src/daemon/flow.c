#include <sys/ioctl.h>
#include <unistd.h>

#include "daemon/service.h"

/*
 * Flow-control tokens: cleanup(8) takes one from a pipe for each message, and the queue manager
 * puts them back. A token is a byte, and the pipe is all the state there is.
 */

enum { FLOW_PIECE_TOKENS = 1024 };

typedef ssize_t TransferFn(int fd, char *tokens, size_t token_count);

static ssize_t put_piece(int fd, char *tokens, size_t token_count)
{
    return write(fd, tokens, token_count);
}

static ssize_t take_piece(int fd, char *tokens, size_t token_count)
{
    return read(fd, tokens, token_count);
}

/* Stops at the first piece that is not transferred completely: the pipe is full, or empty. */
static void transfer(TransferFn *transfer_piece, int fd, int token_count)
{
    char tokens[FLOW_PIECE_TOKENS] = {0}; /* their value means nothing */

    while (token_count > 0) {
        int piece_tokens = MIN(token_count, FLOW_PIECE_TOKENS);

        if (transfer_piece(fd, tokens, (size_t)piece_tokens) != piece_tokens)
            return;
        token_count -= piece_tokens;
    }
}

int flow_count(int read_fd)
{
    int token_count;

    return ioctl(read_fd, FIONREAD, &token_count) < 0 ? -1 : token_count;
}

void flow_put(int write_fd, int token_count)
{
    transfer(put_piece, write_fd, token_count);
}

void flow_take(int read_fd, int token_count)
{
    transfer(take_piece, read_fd, token_count);
}
