#pragma once

#include "json_reader.hpp"
#include "types.hpp"

namespace kusto::emulator::kql
{

/// Turns the text of a field into a value of a column's type, by the rules of ingestion: what does
/// not convert is null, and a string is never null.
class value_parser
{
public:
    [[nodiscard]] cell parse(kind type, std::string_view text);
    /// The same for a value inside a JSON document.
    [[nodiscard]] cell parse(kind type, json_reader const& document, std::size_t index);

private:
    [[nodiscard]] cell parse_dynamic(std::string_view text);

    json_reader json_;
};

[[nodiscard]] std::optional<bool> parse_bool(std::string_view text) noexcept;
/// Decimal digits with an optional sign, within 64 bits.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;
/// Decimal notation or `NaN`, `Infinity`, `+inf`, ..., never dependent on the locale.
[[nodiscard]] std::optional<double> parse_real(std::string_view text) noexcept;
/// \returns lower case with dashes
[[nodiscard]] std::optional<std::string> parse_guid(std::string_view text);

/// Shortest digits that round-trip; `NaN`, `Infinity`, `-Infinity`.
[[nodiscard]] std::string format_real(double value);
/// Plain text of a value; of a dynamic string, without its quotes; empty for null.
[[nodiscard]] std::string format_value(kind type, cell const& value);

/// Longest string and dynamic value, in bytes.
constexpr std::size_t max_value_bytes = std::size_t(1) << 20;

} // namespace kusto::emulator::kql
