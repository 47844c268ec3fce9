#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// \file
/// Points in time as protocols write them. All in UTC, independent of locale and time zone. Points
/// outside of what the system clock can hold are clamped to its limits.

namespace kusto::base
{

using utc_time_point = std::chrono::system_clock::time_point;

/// `Sun, 22 Nov 2026 10:59:46 GMT`: `x-ms-date`, `Date`.
[[nodiscard]] std::string rfc1123_text(utc_time_point when);

/// `2026-11-22T10:59:46.1234567Z`: seven digits, 100 ns.
[[nodiscard]] std::string iso_text(utc_time_point when);

/// `20261122T105946123Z`: sortable, fit for file names. Milliseconds.
[[nodiscard]] std::string compact_text(utc_time_point when);

/// The forms of a signature's `se` and of JSON: `2026-11-22`, `2026-11-22T10:59Z`,
/// `2026-11-22T10:59:46Z`, with up to nine digits of a fraction, with `Z`, an offset (`+05:30`), or
/// nothing, which means UTC. A blank may stand for the `T`.
[[nodiscard]] std::optional<utc_time_point> parse_iso(std::string_view text) noexcept;

/// `Sun, 22 Nov 2026 10:59:46 GMT`. The name of the day is not checked.
[[nodiscard]] std::optional<utc_time_point> parse_rfc1123(std::string_view text) noexcept;

/// `1/5/2030 9:08:07 PM +00:00` or `01/05/2030 21:08:07 +00:00`: month, day, year, as App Service
/// writes them. Without an offset: UTC. Years 1970 to 2200.
[[nodiscard]] std::optional<utc_time_point> parse_slashed(std::string_view text) noexcept;

/// `Retry-After`: seconds or a date; never negative. At most one day.
[[nodiscard]] std::optional<std::chrono::milliseconds>
parse_retry_after(std::string_view text, utc_time_point now) noexcept;

} // namespace kusto::base
