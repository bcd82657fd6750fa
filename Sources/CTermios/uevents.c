#include "CTermios.h"
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

int titian_open_uevents(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    if (fd < 0) return -1;
    // Group 1 is the kernel's, before the node exists; group 2 is udev's, when all is ready.
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 3};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}
