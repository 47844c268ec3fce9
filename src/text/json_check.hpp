#pragma once

#include <cstddef>
#include <string_view>

namespace kusto::text
{

/// Deepest nesting of arrays and objects that is accepted.
constexpr std::size_t max_json_depth = 512;

enum class json_form
{
    any_value,      ///< one JSON value
    object_on_line, ///< one JSON object, no line breaks anywhere
};

/// Result of `check_json`.
struct json_mistake
{
    char const* what = nullptr; ///< null: no mistake
    std::size_t offset = 0;
    bool utf8 = false; ///< the mistake is text that is not UTF-8
};

/// Strict RFC 8259: one value with white space around it; escaped surrogates in pairs. Does not
/// check for duplicate keys. Does not allocate.
[[nodiscard]] json_mistake check_json(std::string_view text, json_form form) noexcept;

} // namespace kusto::text
