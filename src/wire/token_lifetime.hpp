#pragma once

#include <base/time_text.hpp>
#include <chrono>
#include <optional>
#include <string_view>
#include <wire/json.hpp>

/// \file
/// For the sources of this folder only, as wire/json.hpp.

namespace kusto::wire
{

/// What "never expires" comes to: clocks that count nanoseconds cannot hold the year 9999.
inline constexpr std::chrono::seconds longest_lifetime = std::chrono::hours(24 * 365);

/// `expires_in`, else `expires_on`: numbers or digits in text, points in time also as ISO 8601, RFC
/// 1123 or dates that begin with the month. Nothing if neither can be read; not positive if the
/// token has expired. What is relative counts first, since it does not depend on this machine's
/// wall clock. `longest_lifetime` at most.
[[nodiscard]] std::optional<std::chrono::seconds> lifetime_of(json::value const& document,
                                                              base::utc_time_point now);

/// From now to `end`, which counts from 1970; `longest_lifetime` at most, not positive if it is
/// over.
[[nodiscard]] std::chrono::seconds lifetime_until(std::chrono::seconds end,
                                                  base::utc_time_point now);

/// `refresh_in`, else `refresh_on`, if it lies between now and the end of `lifetime`.
[[nodiscard]] std::optional<std::chrono::seconds>
refresh_of(json::value const& document, base::utc_time_point now, std::chrono::seconds lifetime);

/// Seconds since 1970, as a number or as digits; nothing after the year 9999.
[[nodiscard]] std::optional<std::chrono::seconds> epoch_seconds(json::value const& from);

} // namespace kusto::wire
