#pragma once

#include <cstdint>
#include <emulator/engine.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Inside of the engine: values, storage, commands and queries. Nothing here is for other folders.
namespace kusto::emulator::kql
{

enum class kind : std::uint8_t
{
    boolean,
    int32,
    int64,
    real,
    decimal,
    datetime,
    timespan,
    guid,
    string,
    dynamic
};

/// `long`, `int64`, `System.Int64`, ...: every spelling the service takes, any case.
[[nodiscard]] std::optional<kind> parse_kind(std::string_view name);
/// Canonical name: `bool`, `int`, ...
[[nodiscard]] std::string_view kind_name(kind value) noexcept;
/// `Int64`, `SqlDecimal`, ...
[[nodiscard]] std::string_view dotnet_name(kind value) noexcept;

[[nodiscard]] constexpr bool is_integer(kind value) noexcept
{
    return value == kind::int32 || value == kind::int64;
}
[[nodiscard]] constexpr bool is_number(kind value) noexcept
{
    return is_integer(value) || value == kind::real;
}

struct column
{
    std::string name;
    kind type = kind::string;
};
using schema = std::vector<column>;
using row = std::vector<cell>;

[[nodiscard]] inline bool is_null(cell const& value) noexcept
{
    return std::holds_alternative<std::monostate>(value);
}

/// Case-insensitive equality of ASCII text.
[[nodiscard]] bool same_text(std::string_view left, std::string_view right) noexcept;
[[nodiscard]] std::string lower(std::string_view text);

/// Refusals in the service's words.
[[nodiscard]] engine_error syntax_error(std::string const& text);
[[nodiscard]] engine_error semantic_error(std::string const& text);
[[nodiscard]] engine_error semantic_error(std::string const& code, std::string const& text);
[[nodiscard]] engine_error not_supported(std::string const& text);
[[nodiscard]] engine_error entity_not_found(std::string const& text);
[[nodiscard]] engine_error bad_request(std::string const& text);

} // namespace kusto::emulator::kql
