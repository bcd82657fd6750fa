#pragma once

// toml++ tells C what a TOML document holds, in the document's own nesting.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A text in UTF-8, without a zero at its end; gone when the call returns.
typedef struct {
    const char *_Nonnull start;
    size_t count;
} titian_toml_text;

/// What is called for each thing of a document. Every value of a table comes after its key.
typedef struct {
    void *_Nullable context;
    void (*_Nonnull key)(void *_Nullable context, titian_toml_text name);
    void (*_Nonnull table_begins)(void *_Nullable context);
    void (*_Nonnull array_begins)(void *_Nullable context);
    /// The table or array that began last is complete.
    void (*_Nonnull ends)(void *_Nullable context);
    void (*_Nonnull string)(void *_Nullable context, titian_toml_text value);
    void (*_Nonnull integer)(void *_Nullable context, int64_t value);
    void (*_Nonnull number)(void *_Nullable context, double value);
    void (*_Nonnull flag)(void *_Nullable context, bool value);
    /// A date, a time or both.
    void (*_Nonnull date)(void *_Nullable context);
    /// The text is no TOML: where, from 1, and why, in English. Nothing else is called then.
    void (*_Nonnull error)(void *_Nullable context, size_t line, size_t column, titian_toml_text reason);
} titian_toml_events;

/// Reads `text` whole, then tells what it holds. Never throws.
void titian_read_toml(titian_toml_text text, titian_toml_events events);

#ifdef __cplusplus
}
#endif
