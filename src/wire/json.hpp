#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// \file
/// For the sources of this folder only: Boost.JSON is expensive to include.

namespace kusto::wire
{

namespace json = boost::json;

/// Parses one JSON document, with or without a byte order mark; nothing if it is not JSON.
[[nodiscard]] std::optional<json::value> parse_json(std::string_view text);

/// The same without a byte order mark, and with every name at most once in each object: what two
/// readers could understand differently is not read at all.
[[nodiscard]] std::optional<json::value> parse_strict_json(std::string_view text);

/// Member of an object; null if `from` is no object or has no such member.
[[nodiscard]] json::value const* member(json::value const& from, std::string_view name) noexcept;

/// Text of a member that is a string; empty otherwise.
[[nodiscard]] std::string_view text_member(json::value const& from, std::string_view name) noexcept;

/// A member that is true, or the text `true` in any case.
[[nodiscard]] bool flag_member(json::value const& from, std::string_view name) noexcept;

/// A whole number, as a number or as digits. Fractions are cut off.
[[nodiscard]] std::optional<std::int64_t> whole_number(json::value const& from) noexcept;

/// `text` as a JSON string, in quotes.
[[nodiscard]] std::string json_quoted(std::string_view text);

} // namespace kusto::wire
