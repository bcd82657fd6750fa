#pragma once
#include <sqlite3.h>

/// Whether closing leaves the write-ahead log as it is (Swift cannot call variadic functions).
static inline int titian_sqlite_keep_log(sqlite3 *database, int keeps) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keeps, (int *)0);
}

/// Writes the write-ahead log once more as it stands, and syncs it. Only for who holds the file alone.
static inline int titian_sqlite_rewrite_log(sqlite3 *database) {
    sqlite3_file *log = 0;
    int result = sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (result || !log || !log->pMethods) return result;
    sqlite3_int64 size = 0;
    result = log->pMethods->xFileSize(log, &size);
    char bytes[16384];
    for (sqlite3_int64 offset = 0; offset < size && !result; offset += sizeof bytes) {
        int length = size - offset < (sqlite3_int64)sizeof bytes ? (int)(size - offset) : (int)sizeof bytes;
        result = log->pMethods->xRead(log, bytes, length, offset);
        if (!result) result = log->pMethods->xWrite(log, bytes, length, offset);
    }
    return result || !size ? result : log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
}

/// Moves a log that has grown into the file, as SQLite does, but does not keep to itself what went wrong.
static inline int titian_sqlite_log_has_grown(void *failure, sqlite3 *database, const char *name, int pages) {
    if (pages < 1000) return SQLITE_OK;
    int result = sqlite3_wal_checkpoint_v2(database, name, SQLITE_CHECKPOINT_PASSIVE, 0, 0);
    if (result && result != SQLITE_BUSY) *(int *)failure = sqlite3_extended_errcode(database);
    return SQLITE_OK;
}

static inline void titian_sqlite_watch_log(sqlite3 *database, int *failure) {
    sqlite3_wal_hook(database, titian_sqlite_log_has_grown, failure);
}
