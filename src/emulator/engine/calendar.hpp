#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kusto::emulator::kql
{

constexpr std::int64_t ticks_per_second = 10'000'000;
constexpr std::int64_t ticks_per_minute = 60 * ticks_per_second;
constexpr std::int64_t ticks_per_hour = 60 * ticks_per_minute;
constexpr std::int64_t ticks_per_day = 24 * ticks_per_hour;
/// 9999-12-31T23:59:59.9999999.
constexpr std::int64_t last_tick = 3'652'059 * ticks_per_day - 1;
/// 1970-01-01.
constexpr std::int64_t unix_epoch = 719'162 * ticks_per_day;

/// ISO 8601 (date, or date and time with `T` or a blank, seconds and up to 9 fraction digits
/// optional, of which 7 count, zone `Z`, `+hh:mm`, or none for UTC) and RFC 822.
/// \returns ticks since 0001-01-01, or nothing when the text is not such a time in 0001..9999
[[nodiscard]] std::optional<std::int64_t> parse_datetime(std::string_view text) noexcept;
/// `2026-01-01T10:00:01.1234567Z`
[[nodiscard]] std::string format_datetime(std::int64_t ticks);

/// `[-][d.]hh:mm:ss[.fffffff]`
[[nodiscard]] std::optional<std::int64_t> parse_timespan(std::string_view text) noexcept;
/// `[-][d.]hh:mm:ss[.fffffff]`
[[nodiscard]] std::string format_timespan(std::int64_t ticks);
/// Ticks of a literal's unit: `d h m s ms microsecond tick` and their long forms; 0 when unknown.
[[nodiscard]] std::int64_t unit_ticks(std::string_view unit) noexcept;

[[nodiscard]] std::int64_t now_ticks();

} // namespace kusto::emulator::kql
