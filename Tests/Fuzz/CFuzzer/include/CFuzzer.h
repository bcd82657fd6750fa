// What Swift cannot say: libFuzzer's driver, and how much memory is in use.
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(
    int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

/// Begins to count: bytes in use now are zero, and so is the most there were.
void memory_begin(void);
/// The most bytes in use at once since `memory_begin`.
int64_t memory_most(void);
