#pragma once

// <asm/termbits.h> (termios2, BOTHER) clashes with <termios.h>, so it has a file of its own.

/// Sets any line speed, also one without a B constant. Returns 0, or -1 with errno set.
int titian_set_speed(int fd, unsigned int baud);

/// Reads the output speed back in bits a second. Returns 0, or -1 with errno set.
int titian_get_speed(int fd, unsigned int *baud);

/// A descriptor that becomes readable when 8 bytes are written to it (eventfd, which Swift's
/// Glibc module lacks). Returns -1 with errno set if there are no descriptors left.
int titian_make_bell(void);

/// A non-blocking socket that hears of every device that comes or goes, from the kernel and from
/// udev. Returns -1 with errno set where that is not allowed.
int titian_open_uevents(void);
