#pragma once
#include <sqlite3.h>

/// Whether closing leaves the write-ahead log as it is (Swift cannot call variadic functions).
static inline int titian_sqlite_keep_log(sqlite3 *database, int keeps) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keeps, (int *)0);
}
