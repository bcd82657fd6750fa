// The library is compiled in: its headers come with the build, nothing more is needed to run.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0

#include <new>
#include <string_view>
#include <toml++/toml.h>

#include "CTOML.h"

namespace {

titian_toml_text text_of(std::string_view text) {
    return {text.data() ? text.data() : "", text.size()};
}

void tell(const toml::node &node, const titian_toml_events &events) {
    if (const auto *table = node.as_table()) {
        events.table_begins(events.context);
        for (const auto &[key, value] : *table) {
            events.key(events.context, text_of(key.str()));
            tell(value, events);
        }
        events.ends(events.context);
    } else if (const auto *array = node.as_array()) {
        events.array_begins(events.context);
        for (const auto &value : *array) tell(value, events);
        events.ends(events.context);
    } else if (const auto *string = node.as_string()) {
        events.string(events.context, text_of(string->get()));
    } else if (const auto *integer = node.as_integer()) {
        events.integer(events.context, integer->get());
    } else if (const auto *number = node.as_floating_point()) {
        events.number(events.context, number->get());
    } else if (const auto *flag = node.as_boolean()) {
        events.flag(events.context, flag->get());
    } else {
        events.date(events.context);
    }
}

}  // namespace

void titian_read_toml(titian_toml_text text, titian_toml_events events) {
    const auto result = toml::parse(std::string_view(text.start, text.count));
    if (result) {
        tell(result.table(), events);
        return;
    }
    const auto &error = result.error();
    const auto place = error.source().begin;
    events.error(events.context, place.line, place.column, text_of(error.description()));
}
