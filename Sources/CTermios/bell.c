#include "CTermios.h"
#include <sys/eventfd.h>

int titian_make_bell(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
