/* Shared by src/transport/remote*.c and ssh*.c: nobody else includes this. */
#ifndef TRANSPORT_REMOTE_PRIVATE_H
#define TRANSPORT_REMOTE_PRIVATE_H

#include "transport/remote.h"

/* Appends up to REMOTE_MAX_OUTPUT; the rest is dropped. */
void remote_add_output(struct buf *b, const char *data, size_t len);

#endif
